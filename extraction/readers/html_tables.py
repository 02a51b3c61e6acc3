"""Tables of a page: which of their rows are rows of data, and which only lay out text or other tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.readers.html_grid import Box, cut_rows, place_cells
from extraction.readers.html_text import read_cell_text
from extraction.readers.html_tree import Element
from extraction.script import fold_script

PROSE_CHARACTERS = 200  # the longest label of the forms has 41 characters; explanations are added to labels
SENTENCE_CHARACTERS = 60  # with a full stop
HEADING_CHARACTERS = 40
NUMBER_CHARACTERS = 20

_NUMERIC = re.compile(r"[+\-－增减]?[\d０-９][\d０-９,，.．]*(?:[万亿]?元|[件条次项个人篇份期场])?|[/／—－-]+|无")
_HEADING = re.compile(
    r"[一二三四五六七八九]\s*[、.．，,]?\s*(?:总体情况|主动公开政府信息|收到和处理|政府信息公开(?:行政|工作存在)|(?:工作)?存在|其他需要|概述|概况).{0,25}"
    r"|.{0,40}(?:信息|政务)公开(?:工作)?(?:年度)?(?:工作)?(?:年度)?(?:报告|年报).{0,12}"
)


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive rows of data."""

    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A row that only lays out what its cells hold."""

    cells: tuple[Element, ...]


def split_table(table: Element) -> Iterator[Grid | Flow | Element]:
    """Cut a table into grids of data and rows of layout, in reading order; captions come as elements.

    Raises `DocumentError` with code `table_too_large`.
    """
    captions, rows = _collect_rows(table)
    yield from captions
    boxes = place_cells(rows)
    start = 0
    for index, row in enumerate(rows):
        if _is_flow(row):
            yield from _read_grid(boxes, start, index)
            yield Flow(tuple(row))
            start = index + 1
    yield from _read_grid(boxes, start, len(rows))


def _collect_rows(table: Element) -> tuple[list[Element], list[list[Element]]]:
    """Captions and rows of cells; the foot of a table stands last, wherever the source has it."""
    captions: list[Element] = []
    groups: list[Element] = [table]
    feet: list[Element] = []
    for child in table.children:
        if isinstance(child, Element) and not child.hidden:
            if child.tag in ("thead", "tbody"):
                groups.append(child)
            elif child.tag == "tfoot":
                feet.append(child)
            elif child.tag == "caption":
                captions.append(child)
    rows = [row for group in groups + feet for row in _list_elements(group) if row.tag == "tr"]
    return captions, [[cell for cell in _list_elements(row) if cell.tag in ("td", "th")] for row in rows]


def _list_elements(element: Element) -> list[Element]:
    return [child for child in element.children if isinstance(child, Element) and not child.hidden]


def _is_flow(row: Sequence[Element]) -> bool:
    """Whether a row holds text or tables rather than cells; one with numbers beside the text is a row of data."""
    filled = [cell for cell in row if cell.length]
    if not filled:
        return False
    longest = max(filled, key=lambda cell: cell.length)
    if longest.length <= SENTENCE_CHARACTERS and not any(cell.tables for cell in filled):
        return len(filled) == 1 and longest.length <= HEADING_CHARACTERS and _is_heading(longest)
    if any(cell.tables for cell in filled) or longest.length > PROSE_CHARACTERS or longest.blocks > 20:
        return sum(cell.length <= NUMBER_CHARACTERS and is_numeric(read_cell_text(cell)) for cell in filled) < 2
    return len(filled) == 1 and "。" in read_cell_text(longest)


def _is_heading(cell: Element) -> bool:
    return _HEADING.fullmatch(fold_script(read_cell_text(cell)).replace("\n", "")) is not None


def is_numeric(text: str) -> bool:
    """Whether a cell prints a number or a mark."""
    return _NUMERIC.fullmatch(text) is not None


def _read_grid(boxes: Sequence[Box], start: int, end: int) -> Iterator[Grid | Flow]:
    """Rows of data as a grid; a single column is no grid but lines."""
    found = cut_rows(boxes, start, end) if end > start else []
    if len({box.column for box in found}) > 1:
        yield Grid(tuple(found))
    else:
        for box in found:
            yield Flow((box.element,))
