"""The rows of a form as places of an alignment, and where their wording stands in a vector of similarities."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extraction.labels import make_variants
from models.form import Block, Form, Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class State:
    """A row of a form, or the part of one under some columns, as a place in the alignment."""

    form: Form
    block: int
    row: int
    columns: tuple[int, ...]

    @property
    def label(self) -> Label:
        return self.form.blocks[self.block].rows[self.row]


def list_states(form: Form) -> list[State]:
    """Every row; one without a label also in the parts that its outer headings make, since tables are split there."""
    states = []
    for b, r in form.rows:
        columns = form.blocks[b].columns
        states.append(State(form, b, r, tuple(range(len(columns)))))
        outer = list(dict.fromkeys(column.path[0] for column in columns if len(column.path) > 1))
        if not states[-1].label.path and len(outer) > 1:
            parts = [tuple(i for i, column in enumerate(columns) if column.path[0] == text) for text in outer]
            states += [State(form, b, r, part) for part in parts]
    return states


def take_columns(block: Block, columns: Sequence[int]) -> Block:
    """A block with some of its columns only."""
    if len(columns) == len(block.columns):
        return block
    fields = tuple(tuple(row[column] for column in columns) for row in block.fields)
    return replace(block, columns=tuple(block.columns[column] for column in columns), fields=fields)


class Gather:
    """Best similarity over each of several groups of variants."""

    def __init__(self, groups: Iterable[list[int]]) -> None:
        import numpy as np

        groups = [group or [0] for group in groups]
        longest = max(map(len, groups), default=1)
        # Filled up with their last variant, all groups are equally long: four times as fast as groups by offsets.
        filled = [group + group[-1:] * (longest - len(group)) for group in groups]
        self._places = np.array(filled, dtype=np.intp).reshape(-1, longest).T

    def take(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """From shape (n, n_variants) to shape (n, n_groups)."""

        best: NDArray[np.float32] = scores.take(self._places, axis=1).max(axis=1)
        return best


def take_best(
    scores: NDArray[np.float32], groups: Sequence[Sequence[int]], *, share: float = 1.0
) -> NDArray[np.float32]:
    """The best rows of `scores` over groups of them, from shape (n, m) to (n_groups, m).

    Each group has at least one row; all but its first count for a `share`.
    """
    import numpy as np

    best: NDArray[np.float32] = scores[[group[0] for group in groups]]
    shared = scores * np.float32(share)
    for place in range(1, max(map(len, groups))):
        own = [i for i, group in enumerate(groups) if len(group) > place]
        best[own] = np.maximum(best[own], shared[[groups[i][place] for i in own]])
    return best


class HeadingGroups:
    """The headings over the columns of every state, for the share of them that is printed above a row."""

    def __init__(self, states: Sequence[State], index: Mapping[str, int]) -> None:
        import numpy as np

        keys = [(id(state.form), state.block, state.columns) for state in states]
        blocks = {key: take_columns(s.form.blocks[s.block], s.columns) for key, s in zip(keys, states, strict=True)}
        headings = {key: groups for key, block in blocks.items() if (groups := _group_headings(block, index))}
        self._gather = Gather([group for groups in headings.values() for group in groups])
        self._sizes = np.array([len(groups) for groups in headings.values()], dtype=np.float32)
        self._starts = np.cumsum([0, *(len(groups) for groups in headings.values())])[:-1]
        place = {key: i for i, key in enumerate(headings)}
        # The last column is for blocks without headings.
        self._of_state = np.array([place.get(key, len(place)) for key in keys])

    def cover(self, scores: NDArray[np.float32], groups: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Mean over a block's headings of the best print in each group, shape (n_groups, n_states).

        `scores` has shape (n_prints, n_variants); each group lists the prints in it, at least one.
        """
        import numpy as np

        starts = [0, *itertools.accumulate(map(len, groups[:-1]))]
        prints = list(itertools.chain.from_iterable(groups))
        best = np.maximum.reduceat(self._gather.take(scores)[prints], starts, axis=0)
        shares = np.zeros((len(groups), len(self._sizes) + 1), dtype=np.float32)
        shares[:, :-1] = np.add.reduceat(best, self._starts, axis=1) / self._sizes
        return shares[:, self._of_state]


def _group_headings(block: Block, index: Mapping[str, int]) -> list[list[int]]:
    """The places of each distinct heading of a block: leaves with their variants, and the headings over them."""
    leaves = {column.leaf: make_variants(column) for column in block.columns if column.path}
    outer = {text: (text,) for column in block.columns for text in column.path[:-1]}
    return [[index[variant] for variant in variants] for variants in (leaves | outer).values()]
