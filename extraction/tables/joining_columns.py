"""Which columns of the parts of a table on two pages are one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.page_table import Extent, PageTable
from models.numbers import prints_value

SAME_EDGE = 3.5  # points between edges of one column on two pages
MAX_SHIFT = 60.0  # by which the margins of left and right pages differ
_FAR = float("inf")  # where labels end, whatever page they are on
MIN_SHARED = 0.5  # of the columns of the part with fewer


@dataclass(frozen=True, slots=True)
class Match:
    """Edges of the columns of both parts in points on the first; which of them each column of either part takes.

    `first[i]` is where the i-th column of the first part begins and ends among all columns, half-open. `shift` is how
    far right (points) the columns of the second part stand of the first's.
    """

    columns: tuple[float, ...]
    first: tuple[tuple[int, int], ...]
    second: tuple[tuple[int, int], ...]
    shift: float


def match_columns(above: PageTable, below: PageTable) -> Match | None:
    """The columns of two parts put together, `None` where they are of different tables."""
    if above.layout != below.layout:
        return None
    if above.labels >= 0 and below.labels >= 0:
        return _match_prints(above, below)
    shift = find_shift(above, below)
    if shift is None:
        return None
    moved = [edge - shift for edge in below.columns]
    apart = [edge for edge in moved if not any(abs(edge - other) <= SAME_EDGE for other in above.columns)]
    columns = sorted([*above.columns, *apart])
    return Match(tuple(columns), _find_places(columns, above.columns), _find_places(columns, moved), shift)


def find_shift(above: PageTable, below: PageTable) -> float | None:
    """How far right (points) the columns of the second part stand of the first's; `None` where they are others'.

    They agree where both outer edges do and all the edges of one are edges of the other.
    """
    if above.layout != below.layout:
        return None
    shift = below.columns[0] - above.columns[0]
    moved = [edge - shift for edge in below.columns]
    if abs(shift) > MAX_SHIFT or abs(moved[-1] - above.columns[-1]) > SAME_EDGE:
        return None
    few, many = sorted((moved, list(above.columns)), key=len)
    return shift if all(any(abs(a - b) <= SAME_EDGE for b in many) for a in few) else None


def _find_edge(edges: Sequence[float], at: float) -> int:
    index = bisect_left(edges, at)
    near = [i for i in (index - 1, index) if 0 <= i < len(edges)]
    return index if index < len(edges) and edges[index] == at else min(near, key=lambda i: abs(edges[i] - at))


def _find_places(columns: Sequence[float], edges: Sequence[float]) -> tuple[tuple[int, int], ...]:
    places = [_find_edge(columns, edge) for edge in edges]
    return tuple((start, max(end, start + 1)) for start, end in pairwise(places))


def _match_prints(above: PageTable, below: PageTable) -> Match | None:
    """By what stands in the columns behind the labels, where no rules show their edges."""
    if (above.labels == 0) != (below.labels == 0):
        return None
    shifts = (0.0, below.columns[0] - above.columns[0], below.columns[-1] - above.columns[-1])
    choices = [(shift, _find_homes(above, below, shift)) for shift in shifts if abs(shift) <= MAX_SHIFT]
    shift, homes = max(choices, key=lambda choice: len(choice[1]) - choice[1].count(None))
    shared = len(homes) - homes.count(None)
    if shared < max(1, MIN_SHARED * min(len(homes), len(above.prints))):
        return None
    moved = [edge - shift for edge in below.columns]
    columns = list(above.columns[: above.labels] if above.labels >= below.labels else moved[: below.labels])
    first = list(_find_places([*columns, _FAR], [*above.columns[: above.labels], _FAR]))
    second = list(_find_places([*columns, _FAR], [*moved[: below.labels], _FAR]))
    for left, right in _merge_columns(homes, len(above.prints)):
        place = (len(columns), len(columns) + 1)
        if right is not None:
            second.append(place)
            columns.append(moved[below.labels + right])
        if left is not None:
            first.append(place)
            columns[place[0] :] = [above.columns[above.labels + left]]
    columns.append(max(above.columns[-1], moved[-1]))
    return Match(tuple(columns), tuple(first), tuple(second), shift)


def _merge_columns(homes: Sequence[int | None], count: int) -> list[tuple[int | None, int | None]]:
    """Columns of both parts from the left, each with its number in the first and in the second part."""
    merged: list[tuple[int | None, int | None]] = []
    start = 0
    for index, home in enumerate(homes):
        if home is not None:
            merged += [(column, None) for column in range(start, home)]
            start = home + 1
        merged.append((home, index))
    return merged + [(column, None) for column in range(start, count)]


def _find_homes(above: PageTable, below: PageTable, shift: float) -> list[int | None]:
    """For each column behind the labels of the second part the one of the first with print at its place."""
    homes: list[int | None] = []
    start = 0
    extents = [(extent[0] - shift, extent[1] - shift) for extent in below.prints]
    prints = [
        _narrow(above, index, print_) if sum(_measure_shared(e, print_) > 0 for e in extents) > 1 else print_
        for index, print_ in enumerate(above.prints)
    ]
    for moved in extents:
        shared = [_measure_shared(moved, other) for other in prints[start:]]
        best = max(range(len(shared)), key=shared.__getitem__, default=None)
        if best is None or shared[best] <= 0:
            homes.append(None)
        else:
            homes.append(start + best)
            start += best + 1
    return homes


def _narrow(table: PageTable, column: int, extent: Extent) -> Extent:
    """The extent of the values in a column behind the labels without that of its heading, which may be over two."""
    boxes = [
        cell.evidence.bbox
        for cell in table.cells
        if cell.span.column == table.labels + column and cell.evidence.bbox is not None and prints_value(cell.text)
    ]
    return (min(box[0] for box in boxes), max(box[2] for box in boxes)) if boxes else extent


def _measure_shared(extent: Extent, other: Extent) -> float:
    return min(extent[1], other[1]) - max(extent[0], other[0])
