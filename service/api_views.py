"""What people see of a document: pictures of its pages and crops of cells in doubt, or its lines and tables."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from extraction.readers.kinds import find_kind
from models.document import Document, DocumentError, Problem, Source, TextLine
from models.page import Box

if TYPE_CHECKING:
    from PIL.Image import Image

SOURCE_VIEW = "source.json"
PAGES_VIEW = "pages.json"
PAGE_DPI = 180.0  # digits of 9 points are 16 pixels high: fit to be shown four times as large
MAX_PAGES_DRAWN = 120  # annual reports have 5 to 40
LARGE_PICTURE = 300_000  # bytes of a PNG from which a JPEG is kept in its place
JPEG_QUALITY = 82
CROP_MARGIN = (10.0, 5.0)  # points beside and above the print of a cell
MIN_CROP = (52.0, 22.0)  # points
MAX_CROP = (240.0, 60.0)
VEIL = 0.6  # of white over what stands beside the cell
CROP_SCALE = 2.0  # pixels of a crop for one of the page: small print is enlarged


def make_views(source: Source, record: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The views of a document as (name, bytes): pages and crops where it has pages, else its lines and tables.

    Names are `pages.json` (sizes in points), `page-N.png` or `.jpg`, `crop-FIELD.png` and `source.json`. Raises
    `DocumentError` where the document cannot be opened.
    """
    kind = find_kind(source.content)
    if kind not in ("pdf", "picture"):
        from extraction.readers import read_document

        yield SOURCE_VIEW, make_source_view(read_document(source))
        return
    boxes = _find_doubtful(record)
    sizes: list[dict[str, Any]] = []
    for number, image, (width, height) in _draw_pages(source, kind):
        name, content = encode_page(image, number)
        sizes.append({"page": number, "name": name, "width": width, "height": height})
        yield name, content
        for form_id, field_id, box in boxes.get(number, ()):
            scale = (image.width / width, image.height / height)
            yield name_crop(form_id, field_id), encode_png(cut_crop(image, box, scale))
    yield PAGES_VIEW, json.dumps(sizes).encode()


def name_crop(form_id: str, field_id: str) -> str:
    """The name of the crop of a cell, of letters that a stored name may have."""
    return f"crop-{form_id}-{field_id}.png"


def _find_doubtful(record: Mapping[str, Any]) -> dict[int, list[tuple[str, str, Box]]]:
    """By page the cells that a person will be asked about, with their boxes."""
    found: dict[int, list[tuple[str, str, Box]]] = {}
    for cell in record.get("cells", ()):
        evidence = cell["evidence"] or {}
        if cell["review"] and "bbox" in evidence:
            left, top, right, bottom = evidence["bbox"]
            found.setdefault(evidence["page"], []).append((cell["form"], cell["id"], (left, top, right, bottom)))
    return found


def _draw_pages(source: Source, kind: str) -> Iterator[tuple[int, Image, tuple[float, float]]]:
    """Number, picture and size in points of every page that can be drawn."""
    if kind == "pdf":
        yield from _draw_pdf_pages(source)
        return
    import PIL.Image

    from extraction.readers.picture_files import open_picture_file

    for picture in open_picture_file(source, range(1, MAX_PAGES_DRAWN + 1)):
        if not isinstance(picture, Problem):
            image = PIL.Image.fromarray(picture.pixels)
            factor = min(1.0, PAGE_DPI / picture.dpi)
            size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
            yield picture.number, image.resize(size, PIL.Image.Resampling.BOX), (picture.width, picture.height)


def _draw_pdf_pages(source: Source) -> Iterator[tuple[int, Image, tuple[float, float]]]:
    from extraction.readers.page_pictures import count_pages, render_page

    for number in range(1, min(count_pages(source), MAX_PAGES_DRAWN) + 1):
        try:
            page = render_page(source, number, dpi=PAGE_DPI)
        except DocumentError:  # a damaged page; the record says so
            continue
        yield number, page.image, (page.image.width / page.scale[0], page.image.height / page.scale[1])


def cut_crop(image: Image, box: Box, scale: tuple[float, float]) -> Image:
    """The part of a page around a box in points, with room beside it, twice as large; `scale` is pixels a point."""
    import PIL.Image

    left, right = _widen(box[0], box[2], CROP_MARGIN[0], MIN_CROP[0], MAX_CROP[0])
    top, bottom = _widen(box[1], box[3], CROP_MARGIN[1], MIN_CROP[1], MAX_CROP[1])
    pixels = [round(value * scale[index % 2]) for index, value in enumerate((left, top, right, bottom))]
    part = image.crop((pixels[0], pixels[1], max(pixels[2], pixels[0] + 1), max(pixels[3], pixels[1] + 1)))
    cell = [round(value * scale[index % 2]) for index, value in enumerate(_add_margin(box))]
    own = [cell[index] - pixels[index % 2] for index in range(4)]
    veiled = PIL.Image.blend(part, PIL.Image.new(part.mode, part.size, "white"), VEIL)
    veiled.paste(part.crop(own), (own[0], own[1]))  # type: ignore[arg-type]
    part = veiled
    size = (round(part.width * CROP_SCALE), round(part.height * CROP_SCALE))
    return part.resize(size, PIL.Image.Resampling.BICUBIC)


def _add_margin(box: Box) -> Box:
    """Room for what the box of the print does not quite reach."""
    return box[0] - 2.0, box[1] - 2.0, box[2] + 2.0, box[3] + 2.0


def _widen(start: float, end: float, margin: float, least: float, most: float) -> tuple[float, float]:
    middle = (start + end) / 2
    half = min(max(end - start + 2 * margin, least), most) / 2
    return max(0.0, middle - half), middle + half


def encode_page(image: Image, number: int) -> tuple[str, bytes]:
    """A page as a file: PNG, or JPEG where that is much smaller, as it is for scans."""
    content = encode_png(image)
    if len(content) <= LARGE_PICTURE:
        return f"page-{number}.png", content
    with io.BytesIO() as file:
        image.save(file, format="JPEG", quality=JPEG_QUALITY, optimize=True)
        return f"page-{number}.jpg", file.getvalue()


def encode_png(image: Image) -> bytes:
    """A picture as PNG, with a palette where it has few colours: drawn pages are half as large then."""
    import PIL.Image

    small = image if image.mode == "L" else image.quantize(64, dither=PIL.Image.Dither.NONE)
    with io.BytesIO() as file:
        small.save(file, format="PNG", optimize=image.width * image.height < 200_000)
        return file.getvalue()


def make_source_view(document: Document) -> bytes:
    """The lines and tables of a document as JSON, each cell with the place that evidence names."""
    blocks: list[dict[str, Any]] = []
    for block in document.blocks:
        if isinstance(block, TextLine):
            blocks.append({"line": block.number, "text": block.text, "heading": block.heading})
            continue
        rows: list[list[dict[str, Any]]] = [[] for _ in range(block.n_rows)]
        for cell in sorted(block.cells, key=lambda cell: (cell.row, cell.column)):
            rows[cell.row].append(
                {
                    "text": cell.text,
                    "place": [cell.evidence.row, cell.evidence.column],
                    "rows": cell.row_end - cell.row,
                    "columns": cell.column_end - cell.column,
                }
            )
        blocks.append({"table": _find_table(block.cells), "rows": rows})
    return json.dumps({"blocks": blocks}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _find_table(cells: Iterable[Any]) -> int | None:
    return next((cell.evidence.table for cell in cells if cell.evidence.table is not None), None)


def cut_stored_crop(page: bytes, box: Box, size: tuple[float, float]) -> bytes:
    """The crop of a cell out of the stored picture of its page, whose size is given in points."""
    import PIL.Image

    with PIL.Image.open(io.BytesIO(page), formats=("PNG", "JPEG")) as image:
        scale = (image.width / size[0], image.height / size[1])
        return encode_png(cut_crop(image.convert("RGB"), box, scale))
