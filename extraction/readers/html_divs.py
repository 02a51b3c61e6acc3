"""Tables made of other elements: displays, class names, definition lists, rows of leaf elements."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extraction.readers.html_style import CELL, GRID, INLINE, ROW, ROWS, TABLE
from extraction.readers.html_tables import is_numeric
from extraction.readers.html_text import read_cell_text
from extraction.readers.html_tree import Element

MIN_ROWS = 2  # with several cells
CELL_CHARACTERS = 150  # a label with an explanation
ROW_CELLS = 40  # the widest form has 15 columns; a page whose paragraphs are all short is no row
CELL_BLOCKS = 4  # a cell may hold a few paragraphs: broken labels
# Of the cells, empty ones with them, where only their shape says that they are cells; the tables have 0.4 to 0.8.
NUMERIC_SHARE = 0.25

_ROW_NAME = re.compile(r"(?:^|[\s_-])(?:row|tr|line|hang|tablerow|record)s?\d*(?=$|[\s_-])", re.I)
_CELL_NAME = re.compile(
    r"(?:^|[\s_-])(?:cell|gridcell|td|th|col|column|columnheader|rowheader|lie|grid|field|value|label)s?\d*(?=$|[\s_-])",
    re.I,
)
_ROW_TAGS_NAMES = "div li ul ol dl section article dd header tr span"
_ROW_TAGS = frozenset(_ROW_TAGS_NAMES.split())
_CELL_TAGS_NAMES = "div span li dd dt p a b strong em i label td th h4 h5 h6 section font"
_CELL_TAGS = frozenset(_CELL_TAGS_NAMES.split())


def find_div_rows(element: Element) -> list[list[Element]] | None:
    """The rows of cells that an element lays out as a table, `None` where it does not surely do so."""
    if element.length < MIN_ROWS or element.tables or element.display == INLINE:
        return None
    children = _list_parts(element)
    if children is None or len(children) < MIN_ROWS:
        return None
    if element.display == GRID and element.columns > 1:
        return _fill_columns(children, element.columns) if all(map(_is_leaf, children)) else None
    if element.tag == "dl":
        return _check_rows(_group_definitions(children), declared=False)
    rows: list[list[Element]] = []
    declared = element.display == TABLE
    for child in children:
        row = _read_row(child)
        if row is not None:
            declared = declared or _is_declared_row(child, row)
            rows.append(row)
            continue
        inner = _list_parts(child) or []  # a head or a body of rows
        found = [_read_row(part) for part in inner]
        if not found or any(row is None for row in found):
            return None
        declared = declared or child.display == ROWS
        rows += [row for row in found if row is not None]
    return _check_rows(rows, declared=declared)


def _list_parts(element: Element) -> list[Element] | None:
    """The visible child elements; `None` where there is text between them or a line break."""
    parts: list[Element] = []
    for child in element.children:
        if isinstance(child, str):
            if child and not child.isspace():
                return None
        elif child.tag == "br":
            return None
        elif not child.hidden and not child.furniture and child.tag != "hr":
            parts.append(child)
    return parts


def _read_row(element: Element) -> list[Element] | None:
    """The cells of a row; a row of one cell is a heading over all columns."""
    if (element.tag not in _ROW_TAGS and element.display != ROW) or element.heading:
        return None
    parts = _list_parts(element)
    while parts and len(parts) == 1 and parts[0].tag in _ROW_TAGS and parts[0].blocks:
        parts = _list_parts(parts[0])  # a list in the item of a list
    if parts and 1 < len(parts) <= ROW_CELLS and all(map(_is_leaf, parts)):
        return parts
    return [element] if _is_leaf(element) else None


def _is_leaf(element: Element) -> bool:
    return (
        (element.tag in _CELL_TAGS or element.display in (ROW, CELL))
        and element.length <= CELL_CHARACTERS
        and element.blocks <= CELL_BLOCKS
        and not element.tables
    )


def _is_declared_row(element: Element, row: Sequence[Element]) -> bool:
    """Whether display or class names say that an element is a row of cells."""
    if len(row) < 2:
        return False
    if element.display == ROW or all(cell.display == CELL for cell in row):
        return True
    return bool(_ROW_NAME.search(element.names)) and all(_CELL_NAME.search(cell.names) for cell in row)


def _group_definitions(children: Sequence[Element]) -> list[list[Element]]:
    """The rows of a definition list: a term and what follows it; or lists of one row each are the caller's."""
    rows: list[list[Element]] = []
    for child in children:
        if child.tag == "dt" and (not rows or rows[-1][-1].tag == "dd"):
            rows.append([])
        if not rows:
            rows.append([])
        rows[-1].append(child)
    return rows if all(_is_leaf(cell) for row in rows for cell in row) else []


def _fill_columns(children: Sequence[Element], columns: int) -> list[list[Element]] | None:
    rows = [list(children[start : start + columns]) for start in range(0, len(children), columns)]
    return _check_rows(rows, declared=True)


def _check_rows(rows: list[list[Element]], *, declared: bool) -> list[list[Element]] | None:
    several = [row for row in rows if len(row) > 1]
    if len(several) < MIN_ROWS or 2 * len(several) < len(rows):
        return None
    texts = [[read_cell_text(cell) for cell in row] for row in several]
    cells = [text for row in texts for text in row]
    numeric = sum(map(is_numeric, cells))
    if not declared:
        inline = all(cell.display == INLINE for row in several for cell in row)
        empty = sum(not text for text in cells)
        if numeric < MIN_ROWS or numeric + empty < NUMERIC_SHARE * len(cells) or (inline and not _are_records(texts)):
            return None
    width = max(map(len, rows))
    for row in rows:
        if len(row) == 1 and row[0].spans == ("", ""):
            row[0].spans = ("", str(width))
    return rows


def _are_records(texts: Sequence[Sequence[str]]) -> bool:
    """Whether rows of inline elements are records: labels, then numbers to the end; sentences in pieces are not."""
    records = [row for row in texts if any(map(is_numeric, row))]
    return all(not is_numeric(row[0]) and (is_numeric(row[-1]) or not row[-1]) for row in records) or all(
        len(row) > 2 and all(is_numeric(text) or not text for text in row) for row in records
    )
