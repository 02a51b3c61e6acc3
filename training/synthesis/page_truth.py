"""Where every cell stands on the pages of a PDF: read from a second print of it, each field on a colour of its own.

Shading changes no layout, so the boxes filled in the marked print are the cells of the plain one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.page import Box, join_boxes

Color = tuple[int, int, int]
NEAREST = 4  # a channel comes back through three decimals, or a colour profile
FORM_LEVELS = 8
MIN_HEIGHT = 2.0  # points: a lower strip is the edge of a row whose print was lost at a page break
JOIN = 1.5  # points between fills of one cell, as a renderer paints them strip by strip


@dataclass(frozen=True, slots=True)
class CellBox:
    """A whole cell on a page: pages count from 1, the box is in points from the top left."""

    page: int
    bbox: Box


class UnequalPrintsError(RuntimeError):
    """The marked print is not the plain one: other pages or other text."""


def find_cell_boxes(plain: bytes, marked: bytes, colors: Mapping[str, str]) -> dict[str, tuple[CellBox, ...]]:
    """The boxes of every field that is visible, in the order of the pages; a cell cut by a page break has several.

    `colors` are hex RGBs by field id. The box that holds the text of the field comes first.
    Raises `UnequalPrintsError` where the two PDFs differ in pages or text, and `ValueError` for what is no PDF.
    """
    first, second = _open(plain), _open(marked)
    try:
        _check_equal(first, second)
        wanted = {_parse_color(color): field for field, color in colors.items()}
        found: dict[str, list[CellBox]] = {}
        for number, page in enumerate(second, start=1):
            for field, box in _read_fills(page, wanted):
                if box[3] - box[1] >= MIN_HEIGHT:
                    _add_box(found.setdefault(field, []), CellBox(number, box))
        pages = [page.get_textpage() for page in first]
        heights = [page.get_height() for page in first]
        return {
            field: tuple(sorted(boxes, key=lambda box: not _text_in(box, pages[box.page - 1], heights[box.page - 1])))
            for field, boxes in found.items()
        }
    finally:
        first.close()
        second.close()


def read_box_texts(content: bytes, boxes: Mapping[str, tuple[CellBox, ...]]) -> dict[str, str]:
    """The text that stands in the boxes of each field, without blanks: a check of the boxes."""
    document = _open(content)
    try:
        pages = [(page.get_textpage(), page.get_height()) for page in document]
        return {
            field: "".join(_text_in(box, *pages[box.page - 1]) for box in sorted(places, key=lambda box: box.page))
            for field, places in boxes.items()
        }
    finally:
        document.close()


def count_pages(content: bytes) -> int:
    """The pages of a PDF."""
    document = _open(content)
    try:
        return len(document)
    finally:
        document.close()


def measure_widths(content: bytes) -> list[float]:
    """How wide each page is, in points."""
    document = _open(content)
    try:
        return [page.get_width() for page in document]
    finally:
        document.close()


def add_boxes(truth: Mapping[str, Any], boxes: Mapping[str, tuple[CellBox, ...]]) -> dict[str, Any]:
    """The truth with `evidence` for every cell that has a box, and `evidence_parts` where it has several."""
    cells: dict[str, Any] = {}
    for field, cell in truth["cells"].items():
        places = [{"page": box.page, "bbox": [round(side, 2) for side in box.bbox]} for box in boxes.get(field, ())]
        extra = {"evidence": places[0]} if places else {}
        cells[field] = cell | extra | ({"evidence_parts": places} if len(places) > 1 else {})
    return dict(truth) | {"cells": cells}


def _open(content: bytes) -> Any:
    import pypdfium2 as pdfium

    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise ValueError(f"this is no PDF: {error}") from error


def _check_equal(plain: Any, marked: Any) -> None:
    if len(plain) != len(marked):
        raise UnequalPrintsError(f"{len(plain)} pages, but {len(marked)} where cells are marked")
    for number, (one, two) in enumerate(zip(plain, marked, strict=True), start=1):
        if one.get_textpage().get_text_range() != two.get_textpage().get_text_range():
            raise UnequalPrintsError(f"page {number} reads otherwise where cells are marked")


def _read_fills(page: Any, wanted: Mapping[Color, str]) -> Iterator[tuple[str, Box]]:
    """Fields by the colours of the filled paths of a page, with their boxes from the top left."""
    from pypdfium2 import raw

    height = page.get_height()
    width = page.get_width()
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=FORM_LEVELS):
        color = _fill_of(item, raw)
        field = _nearest(color, wanted) if color else None
        if field is not None:
            left, bottom, right, top = item.get_bounds()
            if 0 < (left + right) / 2 < width and 0 < (bottom + top) / 2 < height:  # else it stands off the page
                yield field, (left, height - top, right, height - bottom)


def _fill_of(item: Any, raw: Any) -> Color | None:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, mode, stroke)
    if mode.value == raw.FPDF_FILLMODE_NONE:
        return None
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return red.value, green.value, blue.value


def _parse_color(color: str) -> Color:
    return int(color[:2], 16), int(color[2:4], 16), int(color[4:], 16)


def _nearest(color: Color, wanted: Mapping[Color, str]) -> str | None:
    if color in wanted:
        return wanted[color]
    near = (known for known in wanted if all(abs(a - b) <= NEAREST for a, b in zip(color, known, strict=True)))
    return next((wanted[known] for known in near), None)


def _add_box(boxes: list[CellBox], box: CellBox) -> None:
    """Put a fill to the boxes of its field; fills that touch are one cell."""
    for place, other in enumerate(boxes):
        if other.page == box.page and _touch(other.bbox, box.bbox):
            boxes[place] = CellBox(box.page, join_boxes((other.bbox, box.bbox)))
            return
    boxes.append(box)


def _touch(one: Box, two: Box) -> bool:
    across = one[0] - JOIN <= two[2] and two[0] - JOIN <= one[2]
    return across and one[1] - JOIN <= two[3] and two[1] - JOIN <= one[3]


def _text_in(box: CellBox, text: Any, height: float) -> str:
    left, top, right, bottom = box.bbox
    bounded = text.get_text_bounded(left=left, bottom=height - bottom, right=right, top=height - top)
    return "".join(str(bounded).split())
