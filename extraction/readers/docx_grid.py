"""Tables of a Word document: rows of cells with their merges, placed in one grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extraction.readers.docx_xml import Element
from extraction.readers.html_style import MAX_COLUMNS
from extraction.readers.limits import MAX_TABLE_ROWS
from models.document import DocumentError

BEGIN, GO_ON = "begin", "go on"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A printed paragraph with its line ends; `heading` counts from 1, `contents` is a line of a table of contents."""

    text: str
    heading: int = 0
    contents: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A printed cell at its place; spans are half-open, from 0."""

    parts: tuple[Part, ...]
    row: int
    column: int
    row_end: int
    column_end: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its boxes by row and column, and its number of rows."""

    boxes: tuple[Box, ...]
    n_rows: int


Part = Paragraph | Grid


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as it is stored: its columns; whether it begins (`BEGIN`) or goes on (`GO_ON`) a merge, down or across."""

    column: int
    column_end: int
    down: str = ""
    across: str = ""
    parts: tuple[Part, ...] = ()


def read_row(row: Element, elements: Iterable[Element]) -> Iterator[tuple[GridCell, Element]]:
    """The cells of a row with their elements; none of a row that is hidden or was deleted."""
    properties = row.find("w:trPr")
    column = 0
    if properties is not None:
        if properties.read_toggle("w:hidden") or properties.find("w:del") is not None:
            return
        column = min(max(properties.read_number("w:gridBefore") or 0, 0), MAX_COLUMNS)
    for element in elements:
        own = element.find("w:tcPr")
        if own is not None and own.find("w:cellDel") is not None:
            continue
        span = max((own.read_number("w:gridSpan") if own else None) or 1, 1)
        end = min(column + span, MAX_COLUMNS)
        if end == column:
            raise DocumentError("table_too_large", f"a row of a table has more than {MAX_COLUMNS} columns")
        yield GridCell(column, end, _read_down(own), _read_merge(own, "w:hMerge")), element
        column = end


def _read_merge(properties: Element | None, name: str) -> str:
    value = properties.read_value(name) if properties else None
    return "" if value is None else BEGIN if value == "restart" else GO_ON


def _read_down(properties: Element | None) -> str:
    """The merge down; one that was tracked as a change counts as made."""
    tracked = properties.find("w:cellMerge") if properties else None
    if tracked is not None and tracked.attributes.get("vMerge"):
        return GO_ON if tracked.attributes["vMerge"] == "cont" else BEGIN
    return _read_merge(properties, "w:vMerge")


@dataclass(slots=True)
class _Open:
    """A box that may still grow."""

    cell: GridCell
    row: int
    row_end: int
    column_end: int


def check_rows(rows: Sequence[Element]) -> None:
    """Refuse a table of more rows than one can be; raises `DocumentError` with code `table_too_large`."""
    if len(rows) > MAX_TABLE_ROWS:
        raise DocumentError("table_too_large", f"a table has {len(rows)} rows, more than {MAX_TABLE_ROWS}")


def place_boxes(rows: Sequence[Sequence[GridCell]]) -> tuple[Grid, int]:
    """The grid of rows that print anything, and in how many covered cells text stands that is not printed.

    A cell that goes on a merge which nothing began is a cell of its own.
    """
    printed = [row for row in rows if row]
    boxes: list[_Open] = []
    above: dict[int, _Open] = {}  # by column, the merged boxes that reach down to the row
    covered = 0
    for index, row in enumerate(printed):
        reaching: dict[int, _Open] = {}
        across: _Open | None = None
        for cell in row:
            box = _find_box(cell, above, across)
            if box is None:
                box = _Open(cell, index, index + 1, cell.column_end)
                boxes.append(box)
            else:
                covered += box.cell is not cell and prints_text(cell.parts)
                box.row_end = index + 1
                box.column_end = max(box.column_end, cell.column_end) if cell.across == GO_ON else box.column_end
            across = box
            if cell.down or box.cell.down:
                reaching |= dict.fromkeys(range(cell.column, cell.column_end), box)
        above = reaching
    placed = (Box(box.cell.parts, box.row, box.cell.column, box.row_end, box.column_end) for box in boxes)
    return Grid(tuple(placed), len(printed)), covered


def _find_box(cell: GridCell, above: dict[int, _Open], left: _Open | None) -> _Open | None:
    """The box that a cell goes on: the one to the left, or one above that stands over any of its columns."""
    if cell.across == GO_ON and left is not None:
        return left
    if cell.down == GO_ON:
        return next((above[column] for column in range(cell.column, cell.column_end) if column in above), None)
    return None


def prints_text(parts: Iterable[Part]) -> bool:
    """Whether any text is printed by paragraphs and tables."""
    return any(
        bool(part.text.strip()) if isinstance(part, Paragraph) else any(prints_text(box.parts) for box in part.boxes)
        for part in parts
    )
