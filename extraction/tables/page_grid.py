"""Cells of a grid out of the walls between its places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from extraction.tables.page_table import Grid, Span

Walls = Sequence[Sequence[bool]]


def find_spans(right: Walls, below: Walls) -> tuple[Span, ...]:
    """Cells as places with no wall between them, from the top left.

    `right[r][c]`: whether a wall stands at the right of place (r, c); `below[r][c]`: whether one stands under it; both
    of shape (n_rows, n_columns). What is no rectangle, since a rule is broken, is cut into rectangles.
    """
    n_rows, n_columns = len(below), len(below[0])
    group = find_groups(n_rows * n_columns, _list_open(right, below))
    places: dict[int, list[tuple[int, int]]] = {}
    for row in range(n_rows):
        for column in range(n_columns):
            places.setdefault(group[row * n_columns + column], []).append((row, column))
    spans = [span for members in places.values() for span in _cut_rectangles(members)]
    return tuple(sorted(spans, key=lambda span: (span.row, span.column)))


def count_walls(grid: Grid) -> Counter[int]:
    """How many rows have a wall at each inner edge of columns, by its index."""
    counts: Counter[int] = Counter()
    for span in grid.spans:
        if span.column:
            counts[span.column] += span.row_end - span.row
    return counts


def find_walled_edges(grid: Grid, *, least: float) -> list[int]:
    """The inner edges of columns, by index, at which so many rows have a wall."""
    return sorted(edge for edge, count in count_walls(grid).items() if count >= least)


def find_groups(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """For each of so many things the number of its group: things that are a pair, directly or over others."""
    parent = list(range(count))

    def find(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for first, second in pairs:
        parent[find(first)] = find(second)
    return [find(item) for item in range(count)]


def _list_open(right: Walls, below: Walls) -> Iterator[tuple[int, int]]:
    """Pairs of places, counted row by row, without a wall between them."""
    n_rows, n_columns = len(below), len(below[0])
    for row in range(n_rows):
        for column in range(n_columns):
            place = row * n_columns + column
            if column + 1 < n_columns and not right[row][column]:
                yield place, place + 1
            if row + 1 < n_rows and not below[row][column]:
                yield place, place + n_columns


def _cut_rectangles(places: list[tuple[int, int]]) -> list[Span]:
    """One rectangle where the places are one, else runs of places put together where they are equally wide."""
    rows = [row for row, _ in places]
    columns = [column for _, column in places]
    whole = Span(min(rows), min(columns), max(rows) + 1, max(columns) + 1)
    if (whole.row_end - whole.row) * (whole.column_end - whole.column) == len(places):
        return [whole]
    open_runs: dict[tuple[int, int], Span] = {}
    spans = []
    for row in range(whole.row, whole.row_end):
        runs = _find_runs(sorted(column for r, column in places if r == row))
        for key in [key for key in open_runs if key not in runs]:
            spans.append(open_runs.pop(key))
        for start, end in runs:
            before = open_runs.get((start, end))
            open_runs[start, end] = Span(before.row if before else row, start, row + 1, end)
    return spans + list(open_runs.values())


def _find_runs(columns: list[int]) -> list[tuple[int, int]]:
    """Half-open runs of numbers that follow one another."""
    runs: list[tuple[int, int]] = []
    for column in columns:
        if runs and runs[-1][1] == column:
            runs[-1] = (runs[-1][0], column + 1)
        else:
            runs.append((column, column + 1))
    return runs
