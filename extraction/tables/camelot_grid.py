"""Grids as camelot sees them in the vector lines of a page, a second opinion on the page's own rules."""

from __future__ import annotations

import functools
import logging
import time
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extraction.tables.page_grid import find_spans
from extraction.tables.page_table import Grid, find_centre
from extraction.tables.page_text import is_blank
from models.page import Character, Page

if TYPE_CHECKING:
    from camelot.core import Table

MAX_BYTES = 32 << 20  # of a page
MAX_CHARACTERS = 20_000  # of a page; it has to read over its text
MAX_RULES = 5_000
# Of the processor for a page, after which it is not asked again. Pages take 0.01 to 0.03 and importing it 2 to 4: so
# far off that no record depends on what else the machine does or was read before, only on a hostile page.
MAX_SECONDS = 10.0
SAME_SIZE = 2.0  # points between its page and ours; else its page is cut otherwise
MIN_FILLED = 0.1  # of the places of a grid have print, the share below which camelot's own parser drops it
# All that is needed of a page: its paths, where they are painted, and forms with paths in them. Text takes most of the
# time of a page, and none of it is asked for.
OPERATORS = (b"B B* b b* f F f* S s n m l c v y h re q Q cm Do").split()
LOGGERS = ("playa", "camelot")  # on damaged files they write thousands of lines
# What its parser raises on damaged documents, besides its own errors.
UNFORESEEN: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError),
    *(RuntimeError, StopIteration, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The lines and boxes drawn on a page as playa has them, and the size of the page in points."""

    items: Sequence[Any]
    width: float
    height: float


class CamelotGrids:
    """Asks camelot for the grids of single pages.

    `copy_page` gives a page, counted from 1, as a sound document of its own, empty bytes where it cannot: to find its
    way in damaged ones takes seconds. Nothing is imported before the first page is asked for. `clock` gives seconds,
    those of this thread on the processor unless told otherwise.
    """

    def __init__(self, copy_page: Callable[[int], bytes], *, clock: Callable[[], float] = time.thread_time) -> None:
        self._copy_page = copy_page
        self._clock = clock
        self._too_slow = False

    def find_grids(self, page: Page) -> list[Grid] | None:
        """The grids of a page in its upright coordinates, from the top.

        `None` where camelot cannot say: it fails on the page, took too long for one before, or has another one in view.
        """
        if len(page.rules) > MAX_RULES or len(page.characters) > MAX_CHARACTERS:
            return None
        content = b"" if self._too_slow else self._copy_page(page.number)
        if not content or len(content) > MAX_BYTES:
            return None
        start = self._clock()
        grids = _read_grids(content, page)
        self._too_slow = self._clock() - start > MAX_SECONDS
        if grids is None:
            return None
        printed = [grid for grid in grids if _is_printed(grid, page.characters)]
        return sorted(printed, key=lambda grid: (grid.rows[0], grid.columns[0]))


def _read_grids(content: bytes, page: Page) -> list[Grid] | None:
    """The grids of a document of one page, `None` where it cannot be read or shows another page."""
    from playa.exceptions import PDFException

    with warnings.catch_warnings(), _silence_loggers():
        warnings.simplefilter("ignore")
        try:
            drawing = _read_drawing(content, page.turn)
            if abs(drawing.width - page.width) > SAME_SIZE or abs(drawing.height - page.height) > SAME_SIZE:
                return None
            return [grid for table in _find_tables(drawing) if (grid := _make_grid(table, page.height)) is not None]
        except PDFException:
            return None
        except UNFORESEEN:
            return None


def _read_drawing(content: bytes, turn: int) -> _Drawing:
    """What is drawn on the only page of a document besides text, turned clockwise by `turn` degrees."""
    import playa
    from playa.content import PathObject, XObjectObject
    from playa.miner import process_object

    with playa.parse(content, space="page") as document:
        page = document.pages[0]
        page.set_initial_ctm(page.space, page.rotate + turn)
        drawn = page.interp(filter_classes=(PathObject, XObjectObject), restrict_ops=_list_operators())
        items = [item for found in drawn for item in process_object(found)]
        return _Drawing(items, page.width, page.height)


@functools.cache
def _list_operators() -> frozenset[Any]:
    from playa.pdftypes import KWD

    return frozenset(KWD(operator) for operator in OPERATORS)


def _find_tables(drawing: _Drawing) -> list[Table]:
    """The tables that camelot's parser finds in lines alone, from the top, with their edges of cells and no text.

    These are the steps of its `extract_tables` for `engine="vector"`, but for those that place text.
    """
    from camelot.core import Table
    from camelot.parsers.lattice import Lattice

    make_table: Any = Table  # neither has types
    make_parser: Any = Lattice
    parser = make_parser(engine="vector")
    size = (drawing.width, drawing.height)
    parser.prepare_page_parse("page.pdf", drawing.items, size, 1, [], [], [], "", layout_kwargs={})
    parser._generate_table_bbox()
    tables: list[Table] = []
    for box in parser.table_bboxes():
        columns, rows, upright, across = parser._generate_columns_and_rows(box, None)
        table = make_table(columns, rows).set_edges(upright, across, joint_tol=parser.joint_tol)
        tables.append(table.set_border())
    return tables


def _is_printed(grid: Grid, characters: Sequence[Character]) -> bool:
    """Whether enough of its places have print, as camelot's parser asks for: else it is a frame or of other lines."""
    spans = {
        (row, column): number
        for number, span in enumerate(grid.spans)
        for row in range(span.row, span.row_end)
        for column in range(span.column, span.column_end)
    }
    filled: set[int] = set()
    for character in characters:
        x, y = find_centre(character.box)
        cell = spans.get((bisect_right(grid.rows, y) - 1, bisect_right(grid.columns, x) - 1))
        if cell is not None and not is_blank(character):
            filled.add(cell)
            if len(filled) > MIN_FILLED * len(spans):
                return True
    return False


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


def _make_grid(table: Table, height: float) -> Grid | None:
    """Its table with its own edges of cells; its y runs upwards."""
    if not table.cols or not table.rows:
        return None
    columns = [left for left, _ in table.cols] + [table.cols[-1][1]]
    rows = [height - top for top, _ in table.rows] + [height - table.rows[-1][1]]
    right = [[bool(cell.right) for cell in row] for row in table.cells]
    below = [[bool(cell.bottom) for cell in row] for row in table.cells]
    return Grid(tuple(columns), tuple(rows), find_spans(right, below))
