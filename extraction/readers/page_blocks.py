"""The parts of a page in reading order, and the paragraphs and tables of all pages of a document."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from extraction.readers.limits import MAX_LINE_CHARACTERS, MAX_LINES
from extraction.readers.page_lines import PageLine, find_gutters, find_lines
from extraction.readers.page_paragraphs import join_paragraphs, join_texts
from extraction.tables.joining import join_tables
from extraction.tables.pages import GridFinder, PageTable, find_page_tables
from extraction.tables.torn_headings import find_foot
from models.document import Block, DocumentError, TextLine
from models.page import Character, Page, join_boxes

WIDE_TABLE = 0.5  # of the page: the text above it is read before the text below, whatever the columns


@dataclass(frozen=True, slots=True)
class PageParts:
    """The lines and tables of a page in reading order, its columns, and the page without what is printed on it.

    `foot`: the characters of headings below its last table, whose values may stand on the next page.
    """

    page: Page
    parts: tuple[PageLine | PageTable, ...]
    gutters: tuple[float, ...]
    foot: tuple[Character, ...] = ()


def read_parts(page: Page, grids: GridFinder | None, before: PageParts | None) -> PageParts:
    """The tables of a page, and the lines of the characters that stand in none, in reading order.

    The text above a wide table is read before the text below it, in however many columns. The gutters of the page
    before hold where a page does not show its own, and its last table may go on.
    """
    last = before.parts[-1] if before is not None and before.parts else None
    foot = before.foot if before is not None and before.page.number + 1 == page.number else ()
    tables = find_page_tables(page, grids, before=last if isinstance(last, PageTable) else None, foot=foot)
    free = [character for character in page.characters if not any(table.holds(character) for table in tables)]
    lowest = max((table.region[3] for table in tables), default=0.0)
    foot = find_foot([character for character in free if _find_middle(character) > lowest])
    gutters = find_gutters(free) or (before.gutters if before is not None else ())
    parts: list[PageLine | PageTable] = []
    for table in (table for table in tables if _is_wide(table, page)):
        above = [character for character in free if _find_middle(character) < table.region[1]]
        free = [character for character in free if _find_middle(character) >= table.region[1]]
        parts += [*find_lines(above, page=page.number, gutters=gutters), table]
    parts += find_lines(free, page=page.number, gutters=gutters)
    for table in (table for table in tables if not _is_wide(table, page)):
        parts.insert(_find_place(table, parts), table)
    return PageParts(replace(page, characters=(), rules=(), shades=(), pictures=()), tuple(parts), gutters, foot)


def _is_wide(table: PageTable, page: Page) -> bool:
    """Whether a table leaves no room for a column of text beside it."""
    return table.region[2] - table.region[0] >= WIDE_TABLE * page.width


def _find_middle(character: Character) -> float:
    return (character.box[1] + character.box[3]) / 2


def _find_place(table: PageTable, parts: Sequence[PageLine | PageTable]) -> int:
    """Where a table stands among the parts of its page: before the first that is below it and not beside it."""
    left, top, right, _ = table.region
    for index, part in enumerate(parts):
        box = part.box if isinstance(part, PageLine) else part.region
        if box[1] >= top and box[0] < right and box[2] > left:
            return index
    return len(parts)


def make_blocks(pages: Sequence[PageParts]) -> tuple[Block, ...]:
    """The paragraphs and tables of all pages; raises `DocumentError` with code `too_many_lines`."""
    sizes = {parts.page.number: parts.page for parts in pages}
    lines = [part for parts in pages for part in parts.parts if isinstance(part, PageLine)]
    if len(lines) > MAX_LINES:
        raise DocumentError("too_many_lines", f"the document has more than {MAX_LINES} lines")
    runs: list[list[PageLine]] = [[]]
    tables: list[PageTable] = []
    for part in itertools.chain.from_iterable(parts.parts for parts in pages):
        if isinstance(part, PageTable):
            tables.append(part)
            runs.append([])
        else:
            runs[-1].append(part)
    paragraphs = join_paragraphs(runs, {number: page.width for number, page in sizes.items()})
    numbers = itertools.count(1)
    blocks: list[TextLine | PageTable] = []
    for run, table in itertools.zip_longest(paragraphs, tables):
        blocks += [_make_line(paragraph, next(numbers), sizes) for paragraph in run]
        blocks += [table] if table is not None else []
    return tuple(join_tables(blocks))


def _make_line(paragraph: Sequence[PageLine], number: int, pages: Mapping[int, Page]) -> TextLine:
    """A paragraph as one line; its place is that of its part in its first column."""
    first = paragraph[0]
    page = pages[first.page]
    box = join_boxes(line.box for line in paragraph if (line.page, line.column) == (first.page, first.column))
    text = join_texts(line.text for line in paragraph)
    return TextLine(text[:MAX_LINE_CHARACTERS], number, page=page.number, bbox=page.place_box(box))
