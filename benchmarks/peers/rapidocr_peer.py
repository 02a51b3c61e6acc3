"""RapidOCR as it comes, its lines of text put into a grid by their places."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBRARIES = ("rapidocr", "onnxruntime", "pypdfium2")
KINDS = ("pdf", "scan")
WARMING = False  # all is loaded before the first document
DPI = 200
LABELS = 6  # places before the columns of values
REACH = 1.8  # of a line's height, from a row of values to the lines of its label


class Peer:
    """Reads the lines of every page of a PDF or a picture as one grid a page."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        settings = {
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        self._engine = RapidOCR(params=settings)

    def read(self, path: Path) -> dict[str, Any]:
        """A grid a page."""
        return {"grids": [_make_grid(self._engine(pixels)) for pixels in _draw_pages(path)]}


def _draw_pages(path: Path) -> Iterator[Any]:
    """The pages as arrays of (height, width, 3)."""
    import numpy as np
    import PIL.Image
    import PIL.ImageSequence

    if path.suffix == ".pdf":
        import pypdfium2

        with pypdfium2.PdfDocument(path) as document:
            for page in document:
                yield np.asarray(page.render(scale=DPI / 72).to_pil().convert("RGB"))
        return
    with PIL.Image.open(io.BytesIO(path.read_bytes())) as image:
        for frame in PIL.ImageSequence.Iterator(image):
            yield np.asarray(frame.convert("RGB"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page and its box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def is_value(self) -> bool:
        return self.text.replace(".", "", 1).replace(",", "").isdigit() or self.text in ("/", "-", "—")


def _make_grid(found: Any) -> list[list[str]]:
    """A row for each run of values beside each other, with the lines nearest to it as its labels; the rest alone."""
    if found.boxes is None:
        return []
    lines = [
        Line(text, *map(float, (*box.min(axis=0), *box.max(axis=0))))
        for box, text in zip(found.boxes, found.txts, strict=True)
    ]
    height = statistics.median(line.bottom - line.top for line in lines)
    values = [line for line in lines if line.is_value]
    rows = _group([line.middle[1] for line in values], 0.6 * height)
    columns = _group([line.middle[0] for line in values], 1.5 * height)
    placed: dict[float, list[Line]] = {}
    for line in lines:
        place = line.middle[1]
        if (
            rows
            and (near := min(rows, key=lambda row: abs(row - place))) is not None
            and abs(near - place) < REACH * height
        ):
            place = near
        placed.setdefault(place, []).append(line)
    return [_fill_row(placed[place], columns, height) for place in sorted(placed)]


def _group(places: list[float], gap: float) -> list[float]:
    """The middles of runs of places without a gap."""
    groups: list[list[float]] = []
    for place in sorted(places):
        if not groups or place - groups[-1][-1] > gap:
            groups.append([])
        groups[-1].append(place)
    return [statistics.median(group) for group in groups]


def _fill_row(lines: list[Line], columns: list[float], height: float) -> list[str]:
    """`LABELS` labels, then a text a column; lines below each other that stand in no column are one label."""
    cells = [""] * len(columns)
    labels: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.left):
        near = min(range(len(columns)), key=lambda place: abs(columns[place] - line.middle[0]), default=None)
        if near is not None and abs(columns[near] - line.middle[0]) <= 1.5 * height:
            cells[near] += line.text
        elif labels and line.left < max(other.right for other in labels[-1]):
            labels[-1].append(line)
        else:
            labels.append([line])
    texts = ["".join(line.text for line in sorted(label, key=lambda line: line.top)) for label in labels]
    return [*[""] * (LABELS - len(texts)), *texts[:LABELS], *cells]
