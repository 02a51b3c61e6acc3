"""Grids as camelot sees them in the vector lines of a page, a second opinion on the page's own rules."""

from __future__ import annotations

import logging
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from extraction.tables.page_grid import find_spans
from extraction.tables.page_table import Grid
from models.page import Page

if TYPE_CHECKING:
    from camelot.core import Table

MAX_BYTES = 32 << 20  # of a page
MAX_CHARACTERS = 20_000  # of a page; it lays out its text too, 0.02 ms a character
MAX_RULES = 5_000
# Of the processor for a page, after which it is not asked again. Pages take 0.02 to 0.06 and importing it 2 to 4: so
# far off that no record depends on what else the machine does or was read before, only on a hostile page.
MAX_SECONDS = 10.0
UPSIDE_DOWN = 180  # it turns pages a quarter, but not these
SAME_SIZE = 2.0  # points between its page and ours; else its page is cut otherwise
LAYOUT = {"boxes_flow": None}  # without the order of its text boxes, half of its time; nobody asks for it
LOGGERS = ("playa", "camelot")  # on damaged files they write thousands of lines
# What its parser raises on damaged documents, besides its own errors.
UNFORESEEN: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError),
    *(RuntimeError, StopIteration, TypeError, ValueError),
)


class CamelotGrids:
    """Asks camelot for the grids of single pages; a context manager, since camelot reads from a temporary file.

    `copy_page` gives a page, counted from 1, as a sound document of its own, empty bytes where it cannot: camelot takes
    seconds to find its way in damaged ones. Nothing is imported or written before the first page is asked for.
    `clock` gives seconds, those of this thread on the processor unless told otherwise.
    """

    def __init__(self, copy_page: Callable[[int], bytes], *, clock: Callable[[], float] = time.thread_time) -> None:
        self._copy_page = copy_page
        self._clock = clock
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._too_slow = False

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

        `None` where camelot cannot say: it fails on the page, took too long for one before, or has another one in view.
        """
        if len(page.rules) > MAX_RULES or len(page.characters) > MAX_CHARACTERS or page.turn == UPSIDE_DOWN:
            return None
        content = b"" if self._too_slow else self._copy_page(page.number)
        if not content or len(content) > MAX_BYTES:
            return None
        path = self._write_file(content)
        start = self._clock()
        tables = _read_tables(path)
        self._too_slow = self._clock() - start > MAX_SECONDS
        if tables is None or any(not _is_same_page(table, page) for table in tables):
            return None
        grids = [grid for table in tables if (grid := _make_grid(table, page.height)) is not None]
        return sorted(grids, key=lambda grid: (grid.rows[0], grid.columns[0]))

    def _write_file(self, content: bytes) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="gouji-")
        path = Path(self._folder.name, "page.pdf")
        path.write_bytes(content)
        return path


def _read_tables(path: Path) -> list[Table] | None:
    """The tables of a document of one page, `None` where it cannot be read."""
    from camelot.io import read_pdf
    from playa.exceptions import PDFException

    options: dict[str, Any] = {"flavor": "lattice", "engine": "vector", "layout_kwargs": LAYOUT}
    with warnings.catch_warnings(), _silence_loggers():
        warnings.simplefilter("ignore")  # it warns of pages without tables
        try:
            return list(read_pdf(path, pages="1", **options))
        except PDFException:
            return None
        except UNFORESEEN:
            return None


@contextmanager
def _silence_loggers() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


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
