"""In which order a table prints the columns of a form: its headings matched to the form's, level by level."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extraction.heading_parts import (
    MAX_DEPTH,
    find_cut,
    follow_columns,
    follow_places,
    is_rising,
    join_stack,
    name_unmatched,
    part_joined,
    stand_otherwise,
    stand_together,
)
from extraction.labels import LabelMatcher
from extraction.states import Gather
from models.document import Cell
from models.form import Block, Label
from models.quick import quicken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SURE_HEADING = 0.7
MIN_LEAD = 0.05  # of a heading's likeness to its column
MAX_CACHED = 200  # blocks, or parts of them


@quicken
@dataclass(frozen=True, slots=True)
class ColumnOrder:
    """The columns of a block as printed: `columns[i]` is the form's column at the i-th place, `None` an extra one.

    `score` is the share of the block's headings found; `printed` whether the order was read off the print at all.
    `grid` gives the grid column of each place where the grid is to be trusted, `width` the form's columns, `start`
    the column in which the first heading stands (-1: unknown). `doubtful`: the headings say something that cannot be
    followed. `strict`: only to be followed where complete rows have their values in `grid`. `likely`: as far as the
    headings can be read they stand as in the form. `unheaded`: the columns without a heading of their own, where the
    rows do not say whether they are left out.
    `spans`: from where to where each column's heading goes; `leaves`: where the lowest headings stand, which are those
    of the block in its order. `cut`: the column in whose heading the page ends.
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
    likely: bool = False
    unheaded: tuple[int, ...] = ()
    leaves: tuple[int, ...] = ()
    cut: int = -1

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
    cells = part_joined([cell for cell in cells if cell.text.strip()], block.columns)
    if not cells or not any(column.path for column in block.columns):
        return (make_usual(len(block.columns)),)
    by_grid = _order_grid(cells, block, labels) if regular or _may_be_whole(cells, block) else None
    if by_grid is not None and not regular:
        by_grid = replace(by_grid, strict=True) if by_grid.score == 1 else None
    start = -1 if regular else _find_first(cells, block, labels)
    cells = cells if regular else _mend_lines(cells, block, labels)
    if in_line:
        cells = [Cell(c.text, 0, i, c.row_end, i + 1, c.evidence, c.position) for i, c in enumerate(cells)]
    by_line = _order_lines(cells, block, labels, close=in_line)
    if by_grid is None and regular and not (by_line is not None and by_line.printed):
        by_grid = _order_by_best(cells, block, labels)
    if by_grid is not None and regular and all(len(column.path) == 1 for column in block.columns):
        by_line = replace(by_grid, grid=())  # a heading merged over lines stands before all others on the first
    found = tuple(replace(order, start=start) for order in (by_grid, by_line) if order is not None)
    # Headings that are like none of the form's may as well stand in another order than the form's.
    found = found or (make_usual(len(block.columns), doubtful=len(cells) >= len(block.columns) > 1),)
    certain = any(order.printed and order.score >= 1.0 for order in found)
    return found if certain else _weigh_parts(found, cells, block)


def _weigh_parts(orders: Sequence[ColumnOrder], cells: Sequence[Cell], block: Block) -> tuple[ColumnOrder, ...]:
    """Where the headings are not all found: do those that are, or the parts of all, stand as in the form?"""
    rising = [o for o in orders if not o.doubtful and is_rising(o.columns) and 0.5 <= o.score < 1]
    touched = follow_columns([cell.text for cell in cells], block.columns)
    if not rising and not touched:
        return tuple(orders)
    known = touched.union(*(order.columns for order in rising if len(order.columns) < order.width))
    unheaded = tuple(column for column in range(len(block.columns)) if column not in known)
    told = [replace(order, likely=True, unheaded=unheaded) for order in orders]
    return tuple(replace(order, doubtful=order.doubtful and not order.usual) for order in told)


def _mend_lines(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> list[Cell]:
    """Put together lines that were one: the end of one and the start of the next are the halves of a heading."""
    lines = [list(line) for _, line in itertools.groupby(cells, key=lambda cell: cell.row)]
    joins = [above[-1].text + below[0].text for above, below in itertools.pairwise(lines)]
    if not joins:
        return list(cells)
    names = _find_wanted(block.columns, labels).headings
    whole = names.take(labels.score_labels(joins)).max(axis=1).tolist()
    ends = names.take(labels.score_labels([text for line in lines for text in (line[0].text, line[-1].text)]))
    sure = (ends.max(axis=1) > SURE_HEADING).tolist()
    mended = [lines[0]]
    for i, line in enumerate(lines[1:], 1):
        last = mended[-1]
        if whole[i - 1] > SURE_HEADING and not sure[2 * i - 1] and not sure[2 * i]:
            half = last[-1]
            shift = half.column - line[0].column
            joined = replace(half, text=half.text + line[0].text)
            mended[-1] = [*last[:-1], joined, *(_move(cell, half.row, shift) for cell in line[1:])]
        else:
            mended.append(line)
    return [cell for line in mended for cell in line]


def _move(cell: Cell, row: int, columns: int) -> Cell:
    end = cell.column_end + columns
    return replace(cell, row=row, column=cell.column + columns, row_end=row + 1, column_end=end)


def _may_be_whole(cells: Sequence[Cell], block: Block) -> bool:
    """Whether there are as many grid columns with headings as the block has columns."""
    return len({column for cell in cells for column in range(cell.column, cell.column_end)}) >= len(block.columns)


def _find_first(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> int:
    """The column of the only heading that is the outermost of the first column."""
    place = labels.index[block.columns[0].path[0]]
    scores = labels.score_labels([cell.text for cell in cells])
    found = [cell.column for cell, row in zip(cells, scores, strict=True) if row[place] > SURE_HEADING]
    return found[0] if len(found) == 1 else -1


def _order_grid(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> ColumnOrder | None:
    """Match each grid column by the stack of headings over it; `None` where two columns claim one place."""
    grid, scores = _score_grid(cells, block, labels)
    places = [
        (g, column if score > SURE_HEADING else None)
        for g, column, score in zip(grid, scores.argmax(axis=1).tolist(), scores.max(axis=1).tolist(), strict=True)
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
    columns = name_unmatched([column for _, column in inside], len(block.columns))
    share = len(found) / len(block.columns)
    grid_columns = tuple(g for g, _ in inside)
    cut = find_cut(columns, [cell.text for cell in cells if cell.column == grid_columns[-1]], block.columns)
    columns = (*columns[:-1], cut) if cut >= 0 else columns
    if not is_rising(columns) and (share < 1 or _contradict(cells, dict(inside), block, labels)):
        return None
    return ColumnOrder(columns, share, printed=True, grid=grid_columns, width=len(block.columns), cut=cut)


def _contradict(cells: Sequence[Cell], columns: Mapping[int, int | None], block: Block, labels: LabelMatcher) -> bool:
    """Whether an outer heading stands over a column of another one, as where spans are left out."""
    outer = {text for column in block.columns for text in column.path[:-1]}
    return any(
        name in outer and (column := columns.get(place)) is not None and name not in block.columns[column].path
        for cell, name in zip(cells, _name_headings(cells, block, labels), strict=True)
        for place in range(cell.column, cell.column_end)
    )


def _name_headings(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> list[str | None]:
    """Which heading of the block each cell is: a leaf or one over leaves; `None` where it is like none."""
    wanted = _find_wanted(block.columns, labels)
    scores = wanted.headings.take(labels.score_labels([cell.text for cell in cells]))
    best = zip(scores.argmax(axis=1).tolist(), scores.max(axis=1).tolist(), strict=True)
    return [wanted.names[place] if score > SURE_HEADING else None for place, score in best]


def _score_grid(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> tuple[list[int], NDArray[np.float32]]:
    """The grid columns with headings, and how well each one's fit each column of the block."""
    stacks: dict[int, list[str]] = {}
    for cell in sorted(cells, key=lambda cell: cell.row):
        for column in range(cell.column, cell.column_end):
            stacks.setdefault(column, []).append(cell.text)
    grid = sorted(stacks)
    scores = _score_stacks([join_stack(stacks[g]) for g in grid], block, labels)
    for place in (i for i, s in enumerate(scores.max(axis=1)) if s <= SURE_HEADING and len(stacks[grid[i]]) > 1):
        texts = stacks[grid[place]]  # the lowest may be the rest of the heading above it
        whole = _score_stacks([join_stack([*texts[:-2], texts[-2] + texts[-1]])], block, labels)
        scores[place] = whole[0] if whole.max() > SURE_HEADING else scores[place]
    return grid, scores


def _order_by_best(cells: Sequence[Cell], block: Block, labels: LabelMatcher) -> ColumnOrder | None:
    """Changed places in wordings unlike the form's, each liker to a column of its own than to others: no chance.

    One may be like none, where no column is one of labels. Columns under one heading stand together.
    """
    import numpy as np

    grid, scores = _score_grid(cells, block, labels)
    width = scores.shape[1]
    second, best = np.sort(scores[-width:], axis=1)[:, -2:].T if width > 1 else (scores[:0, 0], scores[:0, 0])
    columns = scores[-width:].argmax(axis=1).tolist()
    if sorted(columns) != list(range(width)) or is_rising(columns) or any(row.path for row in block.rows):
        return None
    groups = [group for group, _ in itertools.groupby(block.columns[column].path[:-1] for column in columns)]
    if (best - second < MIN_LEAD).sum() > 1 or len(set(groups)) < len(groups):
        return None
    if _contradict(cells, dict(zip(grid[-width:], columns, strict=True)), block, labels):
        return None
    share = float((best > SURE_HEADING).mean())
    return ColumnOrder(tuple(columns), share, printed=True, grid=tuple(grid[-width:]), width=width)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The headings of a block as places of a similarity vector.

    `by_depth` says where the lowest 2, 3, ... headings of each column stand, joined, and 1 or 0 for whether it has as
    many; `leaves` takes the best over the variants of each column's leaf, `headings` of each of `names`, which are the
    leaves and the headings over them.
    """

    depths: NDArray[np.float32]
    leaves: Gather
    by_depth: tuple[tuple[NDArray[np.intp], NDArray[np.float32]], ...]
    names: tuple[str, ...]
    headings: Gather


@functools.lru_cache(maxsize=MAX_CACHED)
def _find_wanted(columns: tuple[Label, ...], labels: LabelMatcher) -> _Wanted:
    import numpy as np

    index = labels.index
    by_depth = []
    for depth in range(2, MAX_DEPTH + 1):
        deep = [len(column.path) >= depth for column in columns]
        places = [index["".join(column.path[-depth:])] if has else 0 for column, has in zip(columns, deep, strict=True)]
        by_depth.append((np.array(places, dtype=np.intp), np.array(deep, dtype=np.float32)))
    leaves = {column.leaf: (column.leaf, *column.aliases) for column in columns}
    texts = {text: (text,) for column in columns for text in column.path[:-1]} | leaves
    return _Wanted(
        np.array([len(column.path) for column in columns], dtype=np.float32),
        Gather([index[text] for text in (column.leaf, *column.aliases)] for column in columns),
        tuple(by_depth),
        tuple(texts),
        Gather([index[variant] for variant in variants] for variants in texts.values()),
    )


def _score_stacks(stacks: Sequence[Sequence[str]], block: Block, labels: LabelMatcher) -> NDArray[np.float32]:
    """How well each stack of headings fits each column, shape (n_stacks, n_columns).

    The mean similarity of the lowest 1, 2, ... headings to as much of the column's path; a leaf may be an alias.
    """
    import numpy as np

    wanted = _find_wanted(block.columns, labels)
    texts = list(dict.fromkeys(text for stack in stacks for text in stack))
    place = {text: i for i, text in enumerate(texts)}
    similarity = labels.score_labels(texts)
    lengths = np.array([[len(stack)] for stack in stacks], dtype=np.float32)
    totals = wanted.leaves.take(similarity)[[place[stack[0]] for stack in stacks]]
    for depth, (columns, deep) in enumerate(wanted.by_depth, 2):
        if lengths.max() < depth or not deep.any():
            break
        rows = [place[stack[depth - 1]] if len(stack) >= depth else 0 for stack in stacks]
        totals += similarity[rows][:, columns] * deep * (lengths >= depth)
    scores: NDArray[np.float32] = totals / np.clip(np.minimum(lengths, wanted.depths), 1, MAX_DEPTH)
    return scores


def _order_lines(cells: Sequence[Cell], block: Block, labels: LabelMatcher, *, close: bool) -> ColumnOrder | None:
    """Compare headings that stand on one line: first the outer ones with one another, then the leaves below each.

    `close`: only those that follow one another, since halves of broken headings stand between others.
    """
    found: dict[str, list[Cell]] = {text: [] for text in _find_wanted(block.columns, labels).names}
    lowest: list[str | None] = []
    for cell, name in zip(cells, _name_headings(cells, block, labels), strict=True):
        if name is not None:
            found[name].append(cell)
        if cell.row == cells[-1].row:
            lowest.append(name)
    if (whole := _order_lowest(lowest, block)) is not None:
        return whole
    leaves = {column.leaf for column in block.columns}
    share = sum(bool(found[leaf]) for leaf in leaves) / len(leaves)
    if share == 0:
        return None
    flat = all(len(column.path) == 1 for column in block.columns)
    if flat and any(len(found[leaf]) > 1 for leaf in leaves):
        return make_usual(len(block.columns), share)
    order = _order_flat(cells, block, found, share) if flat else _order_tree(block, found, share, close=close)
    if not (order.printed or order.usual or order.doubtful):
        placed = follow_places(order.columns, block.columns, found)
        order = replace(order, columns=placed, doubtful=placed != order.columns)
    if order.usual and lowest == [column.leaf for column in block.columns]:
        order = replace(order, leaves=tuple(cell.column for cell in cells if cell.row == cells[-1].row))
    if order.usual and all(len(found[leaf]) == 1 for leaf in leaves):
        spans = tuple((found[c.leaf][0].column, found[c.leaf][0].column_end) for c in block.columns)
        return replace(order, spans=spans)
    return order


def _order_lowest(names: Sequence[str | None], block: Block) -> ColumnOrder | None:
    """The lowest line where it has the leaf of every column in order and others besides: extra columns.

    What stands before the first is the heading of the labels, where rows have labels.
    """
    if [name for name in names if name is not None] != [column.leaf for column in block.columns] or None not in names:
        return None
    first = 0 if not any(row.path for row in block.rows) else next(i for i, name in enumerate(names) if name)
    count = itertools.count()
    columns = tuple(None if name is None else next(count) for name in names[first:])
    return ColumnOrder(columns, 1.0, printed=True, width=len(block.columns))


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
    columns = name_unmatched((*inside, *(None for _ in after)), len(block.columns))
    if share < 1 and not is_rising(columns):
        return make_usual(len(block.columns), share, doubtful=True)
    return ColumnOrder(columns, share, printed=True, width=len(block.columns))


def _order_tree(block: Block, found: dict[str, list[Cell]], share: float, *, close: bool) -> ColumnOrder:
    """The order of headings within headings; those that cannot be compared keep the form's order, not `printed`."""
    groups: list[tuple[str, ...]] = []
    unsure: list[bool] = []  # of headings that cannot be compared: whether a page has them in another order

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
        if cells is not None and stand_together(cells, one=not close and len(found[children[0]]) == 1):
            children = [
                child for _, child in sorted(zip(cells, children, strict=True), key=lambda pair: pair[0].column)
            ]
        elif cells is None or any(a.column >= b.column for a, b in itertools.pairwise(cells)):
            unsure.append(cells is not None and stand_otherwise(cells))
        return [i for child in children for i in expand((*prefix, child))]

    columns = tuple(expand(()))
    if share < 1 and not is_rising(columns):
        return make_usual(len(block.columns), share, doubtful=True)
    # Headings that change places under others that cannot be compared: these may have changed places as well.
    doubtful = any(unsure) or (bool(unsure) and not is_rising(columns))
    return ColumnOrder(columns, share, printed=not unsure, width=len(block.columns), doubtful=doubtful)


def _pick_cells(children: Sequence[str], found: dict[str, list[Cell]], place: int) -> list[Cell] | None:
    """The cell of each heading that stands under one outer heading; `None` where they are not all equally often."""
    counts = {len(found[child]) for child in children}
    return [found[child][place] for child in children] if len(counts) == 1 and place < counts.pop() else None
