"""PDF documents: lines and tables of every page whose text layer is text, in reading order."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from extraction.readers.limits import MAX_LINE_CHARACTERS, MAX_LINES, find_cut_lines
from extraction.readers.page_furniture import drop_furniture
from extraction.readers.page_lines import PageLine, bound_boxes, find_gutters, find_lines
from extraction.readers.page_paragraphs import join_paragraphs, join_texts
from extraction.readers.page_routes import find_large_pictures, find_route
from extraction.readers.pdf_pages import open_pages
from extraction.tables.camelot_grid import CamelotGrids
from extraction.tables.joining import join_tables
from extraction.tables.pages import GridFinder, PageTable, find_page_tables
from models.document import Block, Document, DocumentError, Problem, Source, TextLine
from models.page import Character, Page

WIDE_TABLE = 0.5  # of the page: the text above it is read before the text below, whatever the columns


@dataclass(frozen=True, slots=True)
class _PageParts:
    """The lines and tables of a page in reading order, its columns, and the page without what is printed on it."""

    page: Page
    parts: tuple[PageLine | PageTable, ...]
    gutters: tuple[float, ...]


def read_pdf(source: Source) -> Document:
    """Read a PDF document. A page that cannot be read, or not from its text layer, is a problem of the document.

    Raises `DocumentError` with the codes of `open_pages`, `damaged` where no page can be read, or `too_many_lines`.
    """
    pages: list[_PageParts] = []
    problems: list[Problem] = []
    with open_pages(source) as opened, CamelotGrids(opened.copy_page) as grids:
        count = opened.count
        for page in drop_furniture(opened):
            if isinstance(page, Problem):
                problems.append(page)
            elif (route := find_route(page)).kind == "pixels":
                problems.append(Problem("read", "needs_ocr", route.reason, page.number))
            else:
                problems += _find_pictures(page)
                pages.append(_read_parts(page, grids, pages[-1] if pages else None))
    if len(problems) == count and all(problem.code == "damaged_page" for problem in problems):
        raise DocumentError("damaged", "the PDF file is damaged: none of its pages can be read")
    blocks = _make_blocks(pages)
    lines = [block for block in blocks if isinstance(block, TextLine)]
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type="application/pdf",
        blocks=blocks,
        pages=count,
        problems=(*problems, *find_cut_lines(lines)),
    )


def _find_pictures(page: Page) -> list[Problem]:
    """A problem where pictures of a page are large enough to hold text or a table."""
    pictures = find_large_pictures(page)
    message = f"{len(pictures)} large pictures beside the text were not read"
    return [Problem("read", "picture_not_read", message, page.number)] if pictures else []


def _read_parts(page: Page, grids: GridFinder, before: _PageParts | None) -> _PageParts:
    """The tables of a page, and the lines of the characters that stand in none, in reading order.

    The text above a wide table is read before the text below it, in however many columns. The gutters of the page
    before hold where a page does not show its own, and its last table may go on.
    """
    last = before.parts[-1] if before is not None and before.parts else None
    tables = find_page_tables(page, grids, before=last if isinstance(last, PageTable) else None)
    free = [character for character in page.characters if not any(table.holds(character) for table in tables)]
    gutters = find_gutters(free) or (before.gutters if before is not None else ())
    parts: list[PageLine | PageTable] = []
    for table in (table for table in tables if _is_wide(table, page)):
        above = [character for character in free if _find_middle(character) < table.region[1]]
        free = [character for character in free if _find_middle(character) >= table.region[1]]
        parts += [*find_lines(above, page=page.number, gutters=gutters), table]
    parts += find_lines(free, page=page.number, gutters=gutters)
    for table in (table for table in tables if not _is_wide(table, page)):
        parts.insert(_find_place(table, parts), table)
    return _PageParts(replace(page, characters=(), rules=(), shades=(), pictures=()), tuple(parts), gutters)


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


def _make_blocks(pages: Sequence[_PageParts]) -> tuple[Block, ...]:
    """The paragraphs and tables of all pages."""
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
    box = bound_boxes(line.box for line in paragraph if (line.page, line.column) == (first.page, first.column))
    text = join_texts(line.text for line in paragraph)
    return TextLine(text[:MAX_LINE_CHARACTERS], number, page=page.number, bbox=page.place_box(box))
