"""PDF documents: lines and tables of every page in reading order, from its text layer where that is its text."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.readers.limits import find_cut_lines
from extraction.readers.page_blocks import PageParts, make_blocks, read_parts
from extraction.readers.page_furniture import drop_furniture
from extraction.readers.page_routes import find_large_pictures, find_route
from extraction.readers.pdf_pages import PdfPages, open_pages
from extraction.readers.scan_store import ScanStore
from extraction.tables.camelot_grid import CamelotGrids
from models.document import Document, DocumentError, Problem, Source, TextLine
from models.page import Page


def read_pdf(source: Source) -> Document:
    """Read a PDF document. A page without a text layer that is its text is read by its pixels.

    A page that cannot be read is a problem of the document. Raises `DocumentError` with the codes of `open_pages`,
    `damaged` where no page can be read, or `too_many_lines`.
    """
    pages: list[PageParts] = []
    problems: list[Problem] = []
    scans = ScanStore()
    with open_pages(source) as opened:
        count, grids = opened.count, CamelotGrids(opened.copy_page)
        for page in drop_furniture(_see_pages(opened, source, scans)):
            if isinstance(page, Problem):
                problems.append(page)
                continue
            problems += _find_pictures(page)
            before = pages[-1] if pages else None
            pages.append(read_parts(page, grids if page.placement is None else None, before))
            scans.settle(pages[-1])
    if len(problems) == count and all(problem.code == "damaged_page" for problem in problems):
        raise DocumentError("damaged", "the PDF file is damaged: none of its pages can be read")
    blocks = make_blocks(pages)
    lines = [block for block in blocks if isinstance(block, TextLine)]
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type="application/pdf",
        blocks=blocks,
        pages=count,
        problems=(*problems, *find_cut_lines(lines)),
        scans=scans.pages,
    )


def _see_pages(opened: PdfPages, source: Source, scans: ScanStore) -> Iterator[Page | Problem]:
    """Every page as its text layer has it, or as its pixels show it where that is not its text."""
    for page in opened:
        if isinstance(page, Problem) or find_route(page).kind != "pixels":
            yield page
        else:
            yield _see_page(source, page.number, scans)


def _see_page(source: Source, number: int, scans: ScanStore) -> Page | Problem:
    from extraction.pictures.seen_pages import see_pages
    from extraction.readers.picture_pages import open_pdf_pictures

    (seen,) = see_pages(open_pdf_pictures(source, {number}), tables_only=source.tables_only)
    return scans.keep(seen)


def _find_pictures(page: Page) -> list[Problem]:
    """A problem where pictures of a page are large enough to hold text or a table."""
    pictures = find_large_pictures(page)
    message = f"{len(pictures)} large pictures beside the text were not read"
    return [Problem("read", "picture_not_read", message, page.number)] if pictures else []
