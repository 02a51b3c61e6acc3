"""Grids as camelot sees them in the vector lines of a page, a second opinion on the page's own rules."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

from extraction.tables.page_grid import find_spans
from extraction.tables.page_table import Grid
from models.page import Page

if TYPE_CHECKING:
    from camelot.core import Table

MAX_BYTES = 64 << 20  # camelot opens the document again for each page
MAX_CHARACTERS = 20_000  # of a page; it lays out its text too, 0.05 ms a character
UPSIDE_DOWN = 180  # it turns pages a quarter, but not these
SAME_SIZE = 2.0  # points between its page and ours; else its page is cut otherwise
# What its parser raises on damaged documents, besides its own errors.
UNFORESEEN: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError),
    *(RuntimeError, StopIteration, TypeError, ValueError),
)


class CamelotGrids:
    """Asks camelot for the grids of single pages; a context manager, since camelot reads from a temporary file.

    Nothing is imported or written before the first page is asked for. `password` opens an encrypted document.
    """

    def __init__(self, content: bytes, *, password: str | None = None) -> None:
        self._content = content
        self._password = password
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> CamelotGrids:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def find_grids(self, page: Page) -> list[Grid] | None:
        """The grids of a page in its upright coordinates, from the top.

        `None` where camelot cannot say: it fails on the document, may not read it, or has another page in view.
        """
        if len(self._content) > MAX_BYTES or len(page.characters) > MAX_CHARACTERS or page.turn == UPSIDE_DOWN:
            return None
        tables = self._read_tables(page.number)
        if tables is None:
            return None
        if any(not _is_same_page(table, page) for table in tables):
            return None
        grids = [grid for table in tables if (grid := _make_grid(table, page.height)) is not None]
        return sorted(grids, key=lambda grid: (grid.rows[0], grid.columns[0]))

    def _read_tables(self, number: int) -> list[Table] | None:
        from camelot.io import read_pdf
        from playa.exceptions import PDFException

        path = self._write_file()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of pages without tables
            try:
                found = read_pdf(path, pages=str(number), password=self._password, flavor="lattice", engine="vector")
            except PDFException:
                return None
            except UNFORESEEN:
                return None
        return list(found)

    def _write_file(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="gouji-")
            Path(self._folder.name, "document.pdf").write_bytes(self._content)
        return Path(self._folder.name, "document.pdf")


def _is_same_page(table: Table, page: Page) -> bool:
    width, height = cast("tuple[float, float]", table.pdf_size)
    return abs(width - page.width) <= SAME_SIZE and abs(height - page.height) <= SAME_SIZE


def _make_grid(table: Table, height: float) -> Grid | None:
    """Its table with its own edges of cells; its y runs upwards."""
    if not table.cols or not table.rows:
        return None
    columns = [left for left, _ in table.cols] + [table.cols[-1][1]]
    rows = [height - top for top, _ in table.rows] + [height - table.rows[-1][1]]
    right = [[bool(cell.right) for cell in row] for row in table.cells]
    below = [[bool(cell.bottom) for cell in row] for row in table.cells]
    return Grid(tuple(columns), tuple(rows), find_spans(right, below))
