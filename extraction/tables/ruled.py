"""Grids out of the rules of a page, without what any other reader of it says."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.page_grid import find_groups, find_spans
from extraction.tables.page_table import Grid, find_centre
from models.page import Character, Rule

NEAR = 2.0  # points between the axes of strokes of one rule
MIN_ROW = 5.0  # no line of print fits between closer edges: a doubled rule
REACH = 4.0  # by how much a rule may miss the one it ends at
SPACING = 6.5  # points between the boxes of cells that stand apart, at most
MIN_OPEN = 7.0  # a row or column whose outer rule is missing is at least so wide
MAX_OPEN_ROW = 32.0  # points high, with two lines of print
BESIDE = 20.0  # points from a rule to print that goes on from what stands over it
COVERED = 0.6  # of the side of a place, to be a wall
HALF = (0.1, 0.9)  # of a side: neither no wall nor a whole one
MIN_RULE = 3.0
MAX_RULES = 1500  # in one direction, after pieces were put together: no table has more, drawings have
MAX_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """A rule without its thickness: it runs at `at` (y if horizontal, x if vertical) from `start` to `end`."""

    at: float
    start: float
    end: float


def find_ruled_grids(rules: Sequence[Rule], characters: Sequence[Character]) -> list[Grid]:
    """The grids that rules draw, from the top; one of a single place is a frame, and is given too.

    An outer rule that is missing is put where the rules across end. Drawings of more rules than a table has give none.
    """
    across, down = find_lines(rules)
    if len(across) > MAX_RULES or len(down) > MAX_RULES:
        return []
    points = [find_centre(character.box) for character in characters if character.text.strip()]
    by_height = sorted((y, x) for x, y in points)
    across = close_gaps(across, by_height)
    down = close_gaps(down, sorted(points))
    grids = [_make_grid(rows, columns, by_height) for rows, columns in _find_groups(across, down, by_height)]
    return sorted((grid for grid in grids if grid is not None), key=lambda grid: (grid.rows[0], grid.columns[0]))


def find_lines(rules: Iterable[Rule]) -> tuple[list[Line], list[Line]]:
    """Horizontal and vertical lines: pieces in one line, doubled strokes and dashes are put together."""
    across, down = [], []
    for rule in rules:
        left, top, right, bottom = rule.box
        if max(right - left, bottom - top) < MIN_RULE:
            continue
        if rule.horizontal:
            across.append(Line((top + bottom) / 2, left, right))
        else:
            down.append(Line((left + right) / 2, top, bottom))
    return _join_pieces(across), _join_pieces(down)


def _join_pieces(lines: list[Line]) -> list[Line]:
    joined: list[Line] = []
    bundle: list[Line] = []
    for line in sorted(lines, key=lambda line: line.at):
        if bundle and line.at - bundle[0].at > NEAR:
            joined += _join_bundle(bundle)
            bundle = []
        bundle.append(line)
    return joined + _join_bundle(bundle)


def _join_bundle(bundle: list[Line]) -> list[Line]:
    """Pieces with nearly one axis, put together where they meet or nearly do."""
    runs: list[list[Line]] = []
    end = 0.0
    for line in sorted(bundle, key=lambda line: line.start):
        if runs and line.start <= end + REACH:
            runs[-1].append(line)
            end = max(end, line.end)
        else:
            runs.append([line])
            end = line.end
    return [_join_run(run) for run in runs]


def _join_run(run: list[Line]) -> Line:
    length = sum(line.end - line.start for line in run)
    at = sum(line.at * (line.end - line.start) for line in run) / length
    return Line(at, run[0].start, max(line.end for line in run))


def close_gaps(lines: list[Line], points: Sequence[tuple[float, float]]) -> list[Line]:
    """Lines side by side with nothing between are one: doubled rules, and boxes of cells that stand apart.

    `lines` are in order of `at`; `points` are the middles of the print as (across the lines, along them), sorted.
    """
    group = list(range(len(lines)))
    for index, line in enumerate(lines):
        for other in range(index + 1, len(lines)):
            if lines[other].at - line.at > SPACING:
                break
            if group[other] != group[index] and _are_doubled(line, lines[other], points):
                group = [group[index] if number == group[other] else number for number in group]
    bounds = {
        number: [line.at for line, own in zip(lines, group, strict=True) if own == number] for number in set(group)
    }
    middle = {number: (min(places) + max(places)) / 2 for number, places in bounds.items()}
    moved = [Line(middle[number], line.start, line.end) for line, number in zip(lines, group, strict=True)]
    return sorted(moved, key=lambda line: line.at)


def _are_doubled(line: Line, other: Line, points: Sequence[tuple[float, float]]) -> bool:
    start, end = max(line.start, other.start), min(line.end, other.end)
    if end - start < min(line.end - line.start, other.end - other.start) / 2:
        return False
    low, high = bisect_left(points, (line.at, start)), bisect_left(points, (other.at, end))
    return not any(start <= along <= end for _, along in points[low:high])


def _find_groups(
    across: list[Line], down: list[Line], points: Sequence[tuple[float, float]]
) -> list[tuple[list[Line], list[Line]]]:
    """Rules that cross one another, directly or over others: (horizontal, vertical) of each grid.

    `points` are the middles of the print as (y, x), sorted.
    """
    pairs = itertools.chain(_find_crossing(across, down), _find_open_rows(across, down, points))
    lines = across + down
    groups: dict[int, tuple[list[Line], list[Line]]] = {}
    for index, (group, line) in enumerate(zip(find_groups(len(lines), pairs), lines, strict=True)):
        groups.setdefault(group, ([], []))[index >= len(across)].append(line)
    return [group for group in groups.values() if group[0] and group[1]]


def _find_crossing(across: list[Line], down: list[Line]) -> Iterator[tuple[int, int]]:
    """Pairs of rules, by index, that cross; vertical ones are counted on from the horizontal ones."""
    heights = [line.at for line in across]  # in order, as they were put together
    for number, line in enumerate(down, len(across)):
        for index in range(bisect_left(heights, line.start - REACH), len(across)):
            if heights[index] > line.end + REACH:
                break
            if across[index].start - REACH <= line.at <= across[index].end + REACH:
                yield index, number


def _find_open_rows(
    across: list[Line], down: list[Line], points: Sequence[tuple[float, float]]
) -> list[tuple[int, int]]:
    """Pairs of rules, by index, with a row of a single cell between them in a table without outer rules.

    What stands between them and reaches beyond their ends is a line of text between two tables.
    """
    open_ended = [
        (index, line)
        for index, line in enumerate(across)
        if not any(
            min(abs(side.at - line.start), abs(side.at - line.end)) <= REACH
            and side.start - REACH <= line.at <= side.end + REACH
            for side in down
        )
    ]
    pairs = []
    for (first, line), (second, other) in pairwise(open_ended):
        same = abs(line.start - other.start) <= NEAR and abs(line.end - other.end) <= NEAR
        if same and other.at - line.at <= MAX_OPEN_ROW and not _is_crossed(line, other, points):
            pairs.append((first, second))
    return pairs


def _is_crossed(line: Line, other: Line, points: Sequence[tuple[float, float]]) -> bool:
    """Whether print between two rules stands right beside their ends."""
    low, high = bisect_left(points, (line.at, 0.0)), bisect_left(points, (other.at, 0.0))
    left, right = (line.start - BESIDE, line.start - NEAR), (line.end + NEAR, line.end + BESIDE)
    return any(left[0] <= x <= left[1] or right[0] <= x <= right[1] for _, x in points[low:high])


def _make_grid(across: list[Line], down: list[Line], points: Sequence[tuple[float, float]]) -> Grid | None:
    """The grid of rules that cross; `points` are the middles of the print as (y, x), sorted."""
    left, right = _find_ends(across, [line.at for line in down])
    top, bottom = _find_ends(down, [line.at for line in across])
    low, high = bisect_left(points, (top - NEAR, left)), bisect_left(points, (bottom + NEAR, right))
    inside = [(x, y) for y, x in points[low:high] if left - NEAR <= x <= right + NEAR]
    xs, ys = sorted(x for x, _ in inside), sorted(y for _, y in inside)
    columns = _find_edges([line.at for line in down], (left, right), xs)
    rows = _find_edges([line.at for line in across], (top, bottom), ys)
    if len(columns) < 2 or len(rows) < 2 or len(columns) * len(rows) > MAX_PLACES:
        return None
    below = [_find_walls(across, rows[i + 1], columns) for i in range(len(rows) - 1)]
    sides = [_find_walls(down, columns[i + 1], rows) for i in range(len(columns) - 1)]
    right_walls = [[sides[c][r] >= COVERED for c in range(len(columns) - 1)] for r in range(len(rows) - 1)]
    spans = find_spans(right_walls, [[share >= COVERED for share in row] for row in below])
    return Grid(
        tuple(_middle(edge) for edge in columns),
        tuple(_middle(edge) for edge in rows),
        spans,
        _measure_drawn(below, sides),
    )


Edge = tuple[float, float]  # where the strokes of one rule lie, from and to


def _middle(edge: Edge) -> float:
    return (edge[0] + edge[1]) / 2


def _find_ends(lines: list[Line], crossing: list[float]) -> Edge:
    """Where the grid ends: at the outermost rule across, or beyond it where most lines go on to one place."""
    low, high = min(crossing), max(crossing)
    return _find_end(lines, low, toward=-1), _find_end(lines, high, toward=1)


def _find_end(lines: list[Line], outermost: float, *, toward: int) -> float:
    ends = sorted((toward * (line.end if toward > 0 else line.start) for line in lines), reverse=True)
    beyond = [end for end in ends if end - toward * outermost > MIN_OPEN]
    if not beyond:
        return outermost
    common = beyond[len(beyond) // 2]
    agreeing = sum(abs(end - common) <= REACH for end in beyond)
    short = common - toward * outermost <= MAX_OPEN_ROW
    enough = (short or agreeing >= min(2, len(lines))) and 2 * agreeing >= len(beyond)
    return toward * common if enough else outermost


def _find_edges(axes: list[float], ends: Edge, places: list[float]) -> list[Edge]:
    """Edges in order. Strokes too close for a line of print are one, unless print (sorted `places`) stands between.

    An end without a rule is an edge only where print stands before it.
    """
    edges: list[Edge] = []
    for axis in sorted(axes):
        if edges and (
            axis - edges[-1][1] <= NEAR or (axis - edges[-1][1] < MIN_ROW and not _stands(places, edges[-1][1], axis))
        ):
            edges[-1] = (edges[-1][0], axis)
        else:
            edges.append((axis, axis))
    if ends[0] < edges[0][0] - MIN_OPEN and _stands(places, ends[0], edges[0][0]):
        edges.insert(0, (ends[0], ends[0]))
    if ends[1] > edges[-1][1] + MIN_OPEN and _stands(places, edges[-1][1], ends[1]):
        edges.append((ends[1], ends[1]))
    return edges


def _stands(places: list[float], start: float, end: float) -> bool:
    index = bisect_left(places, start)
    return index < len(places) and places[index] <= end


def _find_walls(lines: list[Line], edge: Edge, across: list[Edge]) -> list[float]:
    """For each place along an edge, the share of its side that rules cover."""
    near = [line for line in lines if edge[0] - 0.01 <= line.at <= edge[1] + 0.01]
    pieces = sorted((_snap(line.start, across), _snap(line.end, across)) for line in near)
    shares = []
    for before, after in pairwise(across):
        start, end = before[1], after[0]
        covered, at = 0.0, start
        for low, high in pieces:
            covered += max(0.0, min(high, end) - max(low, at))
            at = max(at, min(high, end))
        shares.append(covered / max(end - start, 0.1))
    return shares


def _measure_drawn(below: list[list[float]], sides: list[list[float]]) -> float:
    """Share of the inner walls, as far as there is a rule, that are neither half there nor half missing."""
    shares = [share for row in below[:-1] for share in row] + [share for side in sides[:-1] for share in side]
    walls = [share for share in shares if share > HALF[0]]
    return 1 - sum(share < HALF[1] for share in walls) / len(walls) if walls else 1.0


def _snap(end: float, edges: list[Edge]) -> float:
    """The end of a rule at the edge that it misses or goes over a little."""
    nearest = min(edges, key=lambda edge: abs(_middle(edge) - end))
    return _middle(nearest) if nearest[0] - REACH <= end <= nearest[1] + REACH else end
