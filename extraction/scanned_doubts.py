"""What of a form on scans is in doubt for what stands around a cell, however sure its own picture is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from extraction.forms import Match
from extraction.mapping import MappedCell, MappedForm
from extraction.rows import PrintedRow
from models.numbers import State
from models.page import Box

LONE = 3  # cells of a form with the same mark, which dirt may be
ROOM = 0.6  # of the height of rows, between two that should follow one another
TALL, TALLEST = 2.2, 4.0  # times the usual height, of a row that may be several, and that is
MIN_WIDTH = 3  # columns of a form of which a row of values is told from others
MIN_ROWS = 4  # that tell how far rows are apart
LEAST = 1.0  # points, the height of rows

Place = tuple[int, int]  # block and row of a form
Run = Sequence[Place]


def mark_doubts(mapped: MappedForm, rows: Sequence[PrintedRow], *, claimed: Collection[int]) -> MappedForm:
    """A form on scans with those cells marked that go to a person for what stands around them.

    Rows without values, of which the place was not found; marks that hardly another cell has; what several cells are
    said to have in one box; rows that were not found where the page has room for them, or beside one whose neighbour in
    the print no row of a form claims (`claimed` are those claimed, by number), and that one: labels of two lines may
    have slipped into the next row.
    """
    marks = Counter(cell.raw for cell in mapped.cells if cell.value.state is State.MARK)
    boxes = Counter(_find_place(cell) for cell in mapped.cells)
    spacious = find_spacious(mapped) | find_slipped(mapped.match, rows, claimed)
    cells = []
    for cell in mapped.cells:
        lone = cell.value.state is State.MARK and marks[cell.raw] <= LONE
        merged = cell.box is not None and boxes[_find_place(cell)] > 1
        doubt = "lone_mark" if lone else "merged_value" if merged else "no_values" if cell.how == "gone" else ""
        crowded = cell.crowded or (cell.field.block, cell.field.row) in spacious
        cells.append(replace(cell, doubt=doubt, crowded=crowded) if doubt or crowded else cell)
    return replace(mapped, cells=tuple(cells))


def _find_place(cell: MappedCell) -> tuple[int, Box | None]:
    return (cell.evidence.page or 0 if cell.evidence is not None else 0), cell.box


def find_spacious(mapped: MappedForm) -> frozenset[Place]:
    """The (block, row) of rows that were not found between two on one page that leave room for another.

    Or next to one that is so high that it may be several; that one too where it must be. Rows that are printed in
    another order say nothing.
    """
    boxes = _list_boxes(mapped)
    order = [place for place in mapped.match.form.rows if place in boxes]
    steps = [(a, b) for a, b in pairwise(order) if _follows(boxes[a], boxes[b])]
    if len(steps) < MIN_ROWS:
        return frozenset()
    height = max(median(box[3] - box[1] for _, box in boxes.values()), LEAST)
    usual = median(_measure_gap(boxes, above, below) for above, below in steps)
    high = {place: (box[3] - box[1]) / height for place, (_, box) in boxes.items()}
    found: set[Place] = set()
    wide = {above for above, below in steps if _measure_gap(boxes, above, below) > usual + ROOM * height}
    for missing, above, below in _list_missing(mapped.match.form.rows, order):
        near = [*above, *below]
        if not wide.isdisjoint(above) or any(high[place] > TALL for place in near):
            found.update(missing)
            found.update(place for place in near if high[place] > TALLEST)
    return frozenset(found)


def find_slipped(match: Match, rows: Sequence[PrintedRow], claimed: Collection[int]) -> frozenset[Place]:
    """The (block, row) of rows right beside a printed one with values that no row claims, and of those missing there.

    None where all rows of the form were found.
    """
    printed = {(row.block, row.row): row.printed for row in match.rows}
    width = max(len(block.columns) for block in match.form.blocks)
    if len(printed) == len(match.form.rows) or width < MIN_WIDTH:
        return frozenset()
    inside = range(min(printed.values()), max(printed.values()) + 1)
    free = {i for i in inside if i not in claimed and 2 * len(rows[i].filled) >= width}
    beside = {place for place, i in printed.items() if free & {i - 1, i + 1}}
    found: set[Place] = set()
    order = [place for place in match.form.rows if place in printed]
    for missing, above, below in _list_missing(match.form.rows, order):
        if near := beside.intersection((*above, *below)):
            found.update(missing, near)
    return frozenset(found)


def _list_missing(rows: Run, found: Run) -> list[tuple[Run, Run, Run]]:
    """The runs of rows of a form that are not among those found, each with the one found right before and after."""
    numbers = [-1, *(rows.index(place) for place in found), len(rows)]
    return [(rows[a + 1 : b], rows[max(a, 0) : a + 1], rows[b : b + 1]) for a, b in pairwise(numbers) if b > a + 1]


def _measure_gap(boxes: dict[Place, tuple[int, Box]], above: Place, below: Place) -> float:
    return boxes[below][1][1] - boxes[above][1][3]


def _list_boxes(mapped: MappedForm) -> dict[Place, tuple[int, Box]]:
    """The page, and the usual box of the values, of every row that has places for them on one page."""
    cells: dict[Place, list[MappedCell]] = {}
    for cell in mapped.cells:
        if cell.box is not None and cell.evidence is not None and cell.evidence.page is not None:
            cells.setdefault((cell.field.block, cell.field.row), []).append(cell)
    boxes = {}
    for place, held in cells.items():
        pages = {cell.evidence.page for cell in held if cell.evidence is not None}
        sides = [cell.box for cell in held if cell.box is not None]
        if len(pages) == 1:
            left, top, right, bottom = (median(box[side] for box in sides) for side in range(4))
            boxes[place] = (pages.pop() or 0, (left, top, right, bottom))
    return boxes


def _follows(above: tuple[int, Box], below: tuple[int, Box]) -> bool:
    """Whether a row stands below another on one page."""
    return above[0] == below[0] and above[1][1] < below[1][1]
