"""In which order a table prints the columns of a form: its headings matched to the form's, level by level."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extraction.labels import LabelMatcher
from extraction.states import Gather
from models.document import Cell
from models.form import Block

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SURE_HEADING = 0.7
MAX_DEPTH = 3  # headings over one another


@dataclass(frozen=True, slots=True)
class ColumnOrder:
    """The columns of a block as printed: `columns[i]` is the form's column at the i-th place, `None` an extra one.

    `score` is the share of the block's headings found; `printed` whether the order was read off the print at all.
    `grid` gives the grid column of each place where the grid is to be trusted, `width` the form's columns, `start`
    the column in which the first heading stands (-1: unknown). `doubtful`: the headings say something that cannot be
    followed. `strict`: only to be followed where complete rows have their values in `grid`.
    `spans`: from where to where each column's heading goes.
    """

    columns: tuple[int | None, ...]
    score: float
    printed: bool
    grid: tuple[int, ...] = ()
    width: int = 0
    start: int = -1
    doubtful: bool = False
    strict: bool = False
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def usual(self) -> bool:
        """Whether the columns stand as in the form, none more and none less."""
        return self.columns == tuple(range(self.width))


def make_usual(width: int, score: float = 0.0, *, doubtful: bool = False) -> ColumnOrder:
    """The order of the form itself."""
    return ColumnOrder(tuple(range(width)), score, printed=False, width=width, doubtful=doubtful)


def find_column_orders(
    cells: Sequence[Cell], block: Block, labels: LabelMatcher, *, regular: bool, in_line: bool = False
) -> tuple[ColumnOrder, ...]:
    """Read the order of a block's columns off the heading cells above its rows: every reading, the likelier first.

    `regular`: the cells' grid columns are those of the print (markup, ruled pages), unless the spans are wrong.
    Headings on one line can always be compared with one another; `in_line`: all of them, since every cell has a line
    of its own and one follows another as printed.
    """
    cells = [cell for cell in cells if cell.text.strip()]
    if not cells or not any(column.path for column in block.columns):
        return (make_usual(len(block.columns)),)
    by_grid = _order_grid(cells, block, labels)
    if by_grid is not None and not regular:
        by_grid = replace(by_grid, strict=True) if by_grid.score == 1 else None
    start = -1 if regular else _find_first(cells, block, labels)
    if in_line:
        cells = [replace(c, row=0, column=i, column_end=i + 1) for i, c in enumerate(cells)]
    orders = (by_grid, _order_lines(cells, block, labels, close=in_line))
    found = tuple(replace(order, start=start) for order in orders if order is not None)
    return found or (make_usual(len(block.columns)),)


def _find_first(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> int:
    """The column of the only heading that is the outermost of the first column."""
    place = labels.index[block.columns[0].path[0]]
    scores = labels.score_labels([cell.text for cell in cells])
    found = [cell.column for cell, row in zip(cells, scores, strict=True) if row[place] > SURE_HEADING]
    return found[0] if len(found) == 1 else -1


def _order_grid(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> ColumnOrder | None:
    """Match each grid column by the stack of headings over it; `None` where two columns claim one place."""
    stacks: dict[int, list[str]] = {}
    for cell in sorted(cells, key=lambda cell: cell.row):
        for column in range(cell.column, cell.column_end):
            stacks.setdefault(column, []).append(cell.text)
    grid = sorted(stacks)
    scores = _score_stacks([_join_stack(stacks[g]) for g in grid], block, labels)
    best = scores.argmax(axis=1)
    places = [
        (g, int(column) if row[column] > SURE_HEADING else None)
        for g, row, column in zip(grid, scores, best, strict=True)
    ]
    matched = [column for _, column in places if column is not None]
    if not matched:
        return None
    # A heading over several grid columns (a merged place) is one column of the form.
    merged = [place for i, place in enumerate(places) if i == 0 or place[1] is None or place[1] != places[i - 1][1]]
    first = next(i for i, (_, column) in enumerate(merged) if column is not None)
    inside = merged[first:]
    found = [column for _, column in inside if column is not None]
    if len(set(found)) != len(found):
        return None
    columns = _name_unmatched([column for _, column in inside], len(block.columns))
    share = len(found) / len(block.columns)
    if share < 1 and not _is_rising(columns):
        return None
    grid_columns = tuple(g for g, _ in inside)
    return ColumnOrder(columns, share, printed=True, grid=grid_columns, width=len(block.columns))


def _name_unmatched(columns: Sequence[int | None], width: int) -> tuple[int | None, ...]:
    """Headings like none of the form's are its remaining columns, in order, where there are just as many."""
    if len(columns) != width:
        return tuple(columns)
    rest = iter(sorted(set(range(width)) - set(columns)))
    return tuple(next(rest) if column is None else column for column in columns)


def _is_rising(columns: Sequence[int | None]) -> bool:
    """Whether the columns stand as in the form, though some may be left out, and no strange one between."""
    return None not in columns and list(columns) == sorted(columns)  # type: ignore[type-var]


def _join_stack(stack: Sequence[str]) -> list[str]:
    """The lowest heading, the lowest two joined, and so on; one that is repeated stands once."""
    texts = list(dict.fromkeys(stack))[-MAX_DEPTH:]
    return ["".join(texts[-depth:]) for depth in range(1, len(texts) + 1)]


def _score_stacks(stacks: Sequence[Sequence[str]], block: Block, labels: LabelMatcher) -> NDArray[np.float32]:
    """How well each stack of headings fits each column, shape (n_stacks, n_columns).

    The mean similarity of the lowest 1, 2, ... headings to as much of the column's path; a leaf may be an alias.
    """
    import numpy as np

    texts = list(dict.fromkeys(text for stack in stacks for text in stack))
    place = {text: i for i, text in enumerate(texts)}
    similarity = labels.score_labels(texts)
    totals = np.zeros((len(stacks), len(block.columns)), dtype=np.float32)
    counts = np.zeros_like(totals)
    for depth in range(1, MAX_DEPTH + 1):
        rows = [i for i, stack in enumerate(stacks) if len(stack) >= depth]
        columns = [c for c, column in enumerate(block.columns) if len(column.path) >= depth]
        if not rows or not columns:
            break
        wanted = [labels.index["".join(block.columns[c].path[-depth:])] for c in columns]
        chosen = similarity[[place[stacks[i][depth - 1]] for i in rows]]
        values = chosen[:, wanted]
        if depth == 1:
            aliases = [
                [labels.index[text] for text in (block.columns[c].leaf, *block.columns[c].aliases)] for c in columns
            ]
            values = np.stack([chosen[:, group].max(axis=1) for group in aliases], axis=1)
        totals[np.ix_(rows, columns)] += values
        counts[np.ix_(rows, columns)] += 1
    scores: NDArray[np.float32] = (totals / np.maximum(counts, 1)).astype(np.float32)
    return scores


def _order_lines(cells: Sequence[Cell], block: Block, labels: LabelMatcher, *, close: bool) -> ColumnOrder | None:
    """Compare headings that stand on one line: first the outer ones with one another, then the leaves below each.

    `close`: only those that follow one another, since halves of broken headings stand between others.
    """
    wanted = _wanted_texts(block)
    gather = Gather([labels.index[variant] for variant in variants] for variants in wanted.values())
    scores = gather.take(labels.score_labels([cell.text for cell in cells]))
    names = list(wanted)
    found: dict[str, list[Cell]] = {text: [] for text in names}
    for cell, best, score in zip(cells, scores.argmax(axis=1), scores.max(axis=1), strict=True):
        if score > SURE_HEADING:
            found[names[best]].append(cell)
    leaves = {column.leaf for column in block.columns}
    share = sum(bool(found[leaf]) for leaf in leaves) / len(leaves)
    if share == 0:
        return None
    usual = make_usual(len(block.columns), share)
    flat = all(len(column.path) == 1 for column in block.columns)
    if flat and any(len(found[leaf]) > 1 for leaf in leaves):
        return usual
    order = _order_flat(cells, block, found, share) if flat else _order_tree(block, found, share, close=close)
    if order.usual and all(len(found[leaf]) == 1 for leaf in leaves):
        spans = tuple((found[c.leaf][0].column, found[c.leaf][0].column_end) for c in block.columns)
        return replace(order, spans=spans)
    return order


def _wanted_texts(block: Block) -> dict[str, tuple[str, ...]]:
    """The heading texts of a block with their variants: leaves with aliases, and the headings over them."""
    wanted = {text: (text,) for column in block.columns for text in column.path[:-1]}
    return wanted | {column.leaf: (column.leaf, *column.aliases) for column in block.columns}


def _order_flat(cells: Sequence[Cell], block: Block, found: dict[str, list[Cell]], share: float) -> ColumnOrder:
    placed = {id(found[column.leaf][0]): index for index, column in enumerate(block.columns) if found[column.leaf]}
    order = [placed.get(id(cell)) for cell in cells]
    known = [i for i, column in enumerate(order) if column is not None]
    line = {cells[i].row for i in known}
    inside = order[known[0] : known[-1] + 1]
    after = [cells[i] for i in range(known[-1] + 1, len(cells)) if {cells[i].row} == line]
    if len(line) > 1:
        inside = [column for column in inside if column is not None]
    # In a page of one cell a line everything is one row: what follows the headings is the first row's label.
    columns = _name_unmatched((*inside, *(None for _ in after)), len(block.columns))
    if share < 1 and not _is_rising(columns):
        return make_usual(len(block.columns), share, doubtful=True)
    return ColumnOrder(columns, share, printed=True, width=len(block.columns))


def _order_tree(block: Block, found: dict[str, list[Cell]], share: float, *, close: bool) -> ColumnOrder:
    """The order of headings within headings; those that cannot be compared keep the form's order, not `printed`."""
    groups: list[tuple[str, ...]] = []
    unsure: list[tuple[str, ...]] = []

    def expand(prefix: tuple[str, ...]) -> list[int]:
        depth = len(prefix)
        inside = [(i, column) for i, column in enumerate(block.columns) if column.path[:depth] == prefix]
        children = list(dict.fromkeys(column.path[depth] for _, column in inside if len(column.path) > depth))
        if not children:
            return [i for i, column in inside if found[column.leaf]]
        leaves = all(len(column.path) == depth + 1 for _, column in inside)
        if leaves:
            groups.append(prefix)
        # Leaves that stand once under every heading: the n-th time under the n-th.
        cells = _pick_cells(children, found, len(groups) - 1 if leaves else 0)
        if cells is not None and _stand_together(cells, one=not close and len(found[children[0]]) == 1):
            children = [
                child for _, child in sorted(zip(cells, children, strict=True), key=lambda pair: pair[0].column)
            ]
        elif cells is None or any(a.column >= b.column for a, b in itertools.pairwise(cells)):
            unsure.append(prefix)
        return [i for child in children for i in expand((*prefix, child))]

    columns = tuple(expand(()))
    if share < 1 and not _is_rising(columns):
        return make_usual(len(block.columns), share, doubtful=True)
    # Headings that change places under others that cannot be compared: these may have changed places as well.
    doubtful = bool(unsure) and not _is_rising(columns)
    return ColumnOrder(columns, share, printed=not unsure, width=len(block.columns), doubtful=doubtful)


def _pick_cells(children: Sequence[str], found: dict[str, list[Cell]], place: int) -> list[Cell] | None:
    """The cell of each heading that stands under one outer heading; `None` where they are not all equally often."""
    counts = {len(found[child]) for child in children}
    return [found[child][place] for child in children] if len(counts) == 1 and place < counts.pop() else None


def _stand_together(cells: Sequence[Cell], *, one: bool) -> bool:
    """Whether headings stand on one line, and next to one another where there are others of their name."""
    columns = sorted(cell.column for cell in cells)
    return len({cell.row for cell in cells}) == 1 and (one or columns[-1] - columns[0] == len(columns) - 1)
