"""Whether the print above a form says that its figures are of an earlier year than the report's."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from extraction.index_card import read_chinese_year
from extraction.row_labels import find_headings
from extraction.rows import PrintedRow
from extraction.titles import YEAR
from models.document import Cell, Table, TextLine
from models.width import fold_width

LONGEST_CAPTION = 30  # characters
MAX_CACHED = 10_000  # headings, which repeat from report to report; one takes about 0.3 KB
MAX_CACHED_CHARACTERS = 100

# `上年度数据如下`; no label of a form says so (`上年结转`, `上一年项目数量`).
_LAST_YEAR = re.compile(r"(?:上一?年度?|去年度?|往年)的?(?:同类|同期|统计|对比|有关|相关)?(?:数据|情况|统计|报表|表)")


def names_other_year(row: PrintedRow, year: int | None, *, caption: str = "") -> bool:
    """Whether the headings and captions above the first row of a form name earlier years and not the report's.

    Last year's table stands under this year's; where this year's is empty it may be taken for it. `caption` is the
    line above the table, where the table does not hold it.
    """
    cells = (*find_headings(row), *row.labels)
    texts = (caption, *(cell.text for cell in cells))
    named = [_find_cached(text) if len(text) <= MAX_CACHED_CHARACTERS else _find_years(text) for text in texts]
    if any(last for last, _ in named):
        return True
    years = [found for _, own in named for found in own]
    return bool(years) and year is not None and max(years) < year


def _find_years(text: str) -> tuple[bool, tuple[int, ...]]:
    """Whether a text says that it is of last year, and the years that it names."""
    text = fold_width(text)
    found = [match[1] for match in YEAR.finditer(text)]
    years = tuple(int(digits) if digits.isdecimal() else read_chinese_year(digits) for digits in found)
    return _LAST_YEAR.search(text) is not None, years


_find_cached = functools.lru_cache(maxsize=MAX_CACHED)(_find_years)


def find_caption(blocks: Sequence[TextLine | Table], row: PrintedRow) -> str:
    """The short line right above the table of markup or of a page that a row stands in, "" where there is none."""
    place = _find_table(blocks, (*row.fields, *row.labels))
    above = blocks[place - 1] if place > 0 and isinstance(blocks[place], Table) else None
    text = above.text.strip() if isinstance(above, TextLine) else ""
    return text if len(text) <= LONGEST_CAPTION and "。" not in text else ""


def _find_table(blocks: Sequence[TextLine | Table], cells: Sequence[Cell]) -> int:
    """Which block the first of the cells stands in: markup counts them, pages say where on them a cell is; or -1."""
    if not cells:
        return -1
    first = cells[0]
    if first.position >= 0 or first.evidence.bbox is None:
        return first.position
    holds = (
        isinstance(block, Table) and any(cell.evidence == first.evidence for cell in block.cells) for block in blocks
    )
    return next((place for place, found in enumerate(holds) if found), -1)
