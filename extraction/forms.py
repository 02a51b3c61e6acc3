"""Which rows of a document are rows of which form: one alignment of all printed rows with all forms at once.

The printed rows are aligned with the rows of every form as sequences are (Smith and Waterman, Identification of
common molecular subsequences, 1981): similar labels and fitting numbers of values score, rows left out of the print
and rows that no form has cost a little, so that typos, lost labels and torn tables do not shift a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extraction.labels import LabelMatcher, fold_label, make_variants
from extraction.rows import PrintedRow
from models.document import Cell
from models.form import Block, Form, Label, turn_form
from models.numbers import prints_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_LOGIT = 4.0
SURE = 0.9  # a label that needs no help from its neighbours
OUTER_SHARE = 0.97  # of a label that is not the one next to the values
JOINED = 3  # a label may be broken into this many cells
# Costs and bonuses of the alignment, in logits; fitted by hand on the calibration split.
COST_LEFT_OUT = 0.5
COST_EXTRA = 0.05
COST_SKIPPED_LABEL = 1.0  # passing over a row whose label the form has: a second table of the kind begins
COST_TABLE_CHANGE = 0.3
UNLIKE_ANY = 0.3
UNLIKE = 0.02
MAX_BRIDGED = 2
LABEL_LOST = -0.5  # a row whose label is like none, but whose number of values fits
LABEL_UNKNOWN = -1.5  # the same where rows have one value
MISFIT = 2.0
MAX_LABELS = 3  # a row of more labels and no values is one of headings
VALUES_FIT = 1.0
NO_VALUES = -2.0
NO_VALUES_IN_PLACES = -0.5  # all cells of the row are empty
HEADINGS = 3.0
# An earlier table is this year's where it matches nearly as well as a later one.
EARLIER_SHARE = 0.6
MIN_SCORE = 4.0


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A printed row is a row of the form; `score` is P(label matches), `rival` that of the next best row.

    `columns` are those that the row prints: all, or those under one outer heading of a table printed in parts.
    """

    printed: int
    block: int
    row: int
    score: float
    rival: float
    headings: float
    columns: tuple[int, ...]
    in_order: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """A form stands in these printed rows. `score` is the alignment's, `rival_score` that of the form's sibling.

    `rows_before` and `rows_after` count rows that stand apart and look as if they were this form's too.
    """

    form: Form
    rows: tuple[RowMatch, ...]
    score: float
    rival_score: float
    rows_before: int
    rows_after: int


@dataclass(frozen=True, slots=True)
class _State:
    """A row of a form, or the part of one under some columns, as a place in the alignment."""

    form: Form
    block: int
    row: int
    columns: tuple[int, ...]

    @property
    def label(self) -> Label:
        return self.form.blocks[self.block].rows[self.row]


def _list_states(form: Form) -> list[_State]:
    """Every row; one without a label also in the parts that its outer headings make, since tables are split there."""
    states = []
    for b, r in form.rows:
        columns = form.blocks[b].columns
        states.append(_State(form, b, r, tuple(range(len(columns)))))
        outer = list(dict.fromkeys(column.path[0] for column in columns if len(column.path) > 1))
        if not states[-1].label.path and len(outer) > 1:
            parts = [tuple(i for i, column in enumerate(columns) if column.path[0] == text) for text in outer]
            states += [_State(form, b, r, part) for part in parts]
    return states


class FormMatcher:
    """Aligns printed rows with the rows of all forms; holds where each form's labels stand in a similarity vector."""

    def __init__(self, forms: Mapping[str, Form], labels: LabelMatcher) -> None:
        import numpy as np

        self.labels = labels
        # A form of one row without a label is printed upright as well: a row a column.
        turned = [turn_form(form) for form in forms.values() if not any(b.rows[0].path for b in form.blocks)]
        self._forms = [*forms.values(), *turned]
        self._states = [state for form in self._forms for state in _list_states(form)]
        index = labels.index
        self._rows = _Gather([[index[text] for text in make_variants(state.label)] for state in self._states])
        self._unlabelled = np.array([not state.label.path for state in self._states])
        self._turned = np.array([state.form in turned for state in self._states])
        self._part = np.array([len(s.columns) < len(s.form.blocks[s.block].columns) for s in self._states])
        self._widths = np.array([len(state.columns) for state in self._states])
        before = [None, *self._states]
        # No alignment goes from one form to the next, or from a whole row to the parts of it.
        self._starts = np.array(
            [
                i
                for i, (state, last) in enumerate(zip(self._states, before, strict=False))
                if last is None or state.form is not last.form or self._part[i] > self._part[i - 1]
            ]
        )
        self._headings = _HeadingGroups(self._states, index)

    def match_forms(self, rows: Sequence[PrintedRow], *, year: int | None = None) -> list[Match]:
        """The forms that stand in the rows, at most one of each family; `year` decides where the print does not."""
        import numpy as np

        if not rows:
            return []
        similarity = self._score_rows(rows)
        headings = self._score_headings(rows)
        filled = np.array([_count_values(row) for row in rows])[:, None]
        places = np.array([len(row.fields) for row in rows])[:, None]
        numbers = np.array([any(prints_number(cell.text) for cell in row.filled) for row in rows])[:, None]
        labelled = np.array([bool(row.labels) for row in rows])[:, None]
        weights = self._weigh(similarity, headings, filled, places, numbers, labelled)
        skipping = np.where((similarity > SURE) & (filled > 0), COST_SKIPPED_LABEL, COST_EXTRA)
        changes = np.array(
            [0.0] + [COST_TABLE_CHANGE * (a.table != b.table) for a, b in zip(rows, rows[1:], strict=False)]
        )
        alignment = _align(weights, skipping + changes[:, None], self._starts)
        found = [
            self._best_of_family(family, alignment, year)
            for family in dict.fromkeys(form.family for form in self._forms)
        ]
        return [self._make_match(*best, similarity, headings, rows) for best in found if best is not None]

    def _score_rows(self, rows: Sequence[PrintedRow]) -> NDArray[np.float32]:
        """P(the label of a printed row is that of a form's row), shape (n_rows, n_states)."""
        import numpy as np

        candidates = [_last_label(row) for row in rows]
        single = self._rows.take(self.labels.score_labels([text for text in candidates]))
        single[[not text for text in candidates]] = 0
        others = [(i, cell.text) for i, row in enumerate(rows) if row.filled for cell in row.labels[:-1]]
        if others:
            scores = OUTER_SHARE * self._rows.take(self.labels.score_labels([text for _, text in others]))
            np.maximum.at(single, [i for i, _ in others], scores)
        broken = [i for i, row in enumerate(rows) if single[i].max(initial=0) < SURE]
        # A row with places of its own above is no first half of this one's label.
        joins = [
            (i, text) for i in broken for text in _joined_labels(rows[i], alone=i > 0 and bool(rows[i - 1].fields))
        ]
        joins += [(i, text) for i in broken for text in _continued_label(rows, i)]
        if joins:
            scores = self._rows.take(self.labels.score_labels([text for _, text in joins]))
            np.maximum.at(single, [i for i, _ in joins], scores)
        single[:, self._unlabelled] = 0
        return single

    def _score_headings(self, rows: Sequence[PrintedRow]) -> NDArray[np.float32]:
        """Share of a block's column headings that stand above each printed row, shape (n_rows, n_states)."""
        import numpy as np

        texts = [[cell.text for cell in find_headings(row)] for row in rows]
        flat = [text for row in texts for text in row]
        if not flat:
            return np.zeros((len(rows), len(self._states)), dtype=np.float32)
        owner = np.repeat(np.arange(len(rows)), [len(row) for row in texts])
        return self._headings.cover(self.labels.score_labels(flat), owner, len(rows))

    def _weigh(
        self,
        similarity: NDArray[np.float32],
        headings: NDArray[np.float32],
        filled: NDArray[np.int64],
        places: NDArray[np.int64],
        numbers: NDArray[np.bool_],
        labelled: NDArray[np.bool_],
    ) -> NDArray[np.float32]:
        """Weight of each printed row as each state, shape (n_rows, n_states); positive speaks for it."""
        import numpy as np

        p = np.clip(similarity, 1e-4, 1 - 1e-4)
        weights = np.clip(np.log(p / (1 - p)), -MAX_LOGIT, MAX_LOGIT)
        fits = filled == self._widths
        near = (filled == self._widths + 1) & (self._widths > 2)
        beyond = (filled == self._widths + 2) & (self._widths > 7)  # one more and an ordinal before
        empty = (filled == 0) * np.where(places >= self._widths, NO_VALUES_IN_PLACES, NO_VALUES)
        # The headings of a form of one row are the labels of the same form upright.
        empty = np.where(self._turned & (filled == 0), -2 * MAX_LOGIT, empty)
        unknown = (similarity.max(axis=1, initial=0)[:, None] < UNLIKE_ANY) & numbers
        floor = np.where(self._widths > 1, LABEL_LOST, LABEL_UNKNOWN)
        weights = np.where(unknown & fits, np.maximum(weights, floor), weights)
        misfit = (filled > self._widths + 1) & ((self._widths == 1) | (filled > 2 * self._widths))
        weights = weights + VALUES_FIT * fits + 0.3 * near + empty - MISFIT * misfit
        weights = weights + HEADINGS * np.where(headings > 0, headings - 0.4, 0)
        # A form whose rows have no label is told by its headings alone; a part of it only where no more is printed.
        fits = np.where(
            self._part, (fits | near) & (places <= self._widths + 2), fits | near | (places == self._widths)
        )
        bare = (
            2.5 * MAX_LOGIT * (headings - 0.3) + VALUES_FIT * fits - MISFIT * ~fits - 0.5 * self._part - (filled == 0)
        )
        possible = np.where(filled > 0, fits | ~self._part, fits & ~self._part & ~labelled)
        # Headings with nothing under them: the form is there and empty.
        empty_form = (places == 0) & ~self._part & (headings > SURE)
        bare = np.where(possible, bare, np.where(empty_form, MIN_SCORE + 0.05, -MAX_LOGIT))
        return np.where(self._unlabelled, bare, weights)

    def _best_of_family(
        self, family: str, alignment: _Alignment, year: int | None
    ) -> tuple[Form, list[tuple[int, int]], float, float] | None:
        """The form of a family that explains the print best, with the second best score of its siblings."""
        scored = []
        for form in self._forms:
            if form.family != family:
                continue
            states = [i for i, state in enumerate(self._states) if state.form is form]
            path, score = alignment.find_best(states[0], states[-1] + 1)
            fitting = year is not None and form.years[0] <= year <= (form.years[1] or year)
            scored.append((score + 0.2 * fitting + 0.01 * (form.years[1] is None), form, path))
        scored.sort(key=lambda entry: -entry[0])
        score, form, path = scored[0]
        if score < MIN_SCORE or not path:
            return None
        rivals = [other for other, sibling, _ in scored if sibling.form_id != form.form_id]
        return form, path, score, max(rivals, default=0.0)

    def _make_match(
        self,
        form: Form,
        path: list[tuple[int, int]],
        score: float,
        rival_score: float,
        similarity: NDArray[np.float32],
        headings: NDArray[np.float32],
        rows: Sequence[PrintedRow],
    ) -> Match:
        path = path + self._bridge_gaps(path, similarity, rows)
        pairs = [(i, s, True) for i, s in path] + self._find_moved(form, path, similarity, rows)
        own = [i for i, state in enumerate(self._states) if state.form is form]
        matches = []
        for i, s, in_order in sorted(pairs):
            state = self._states[s]
            others = [o for o in own if o != s]
            rival = float(similarity[i, others].max()) if others else 0.0
            matches.append(
                RowMatch(
                    i,
                    state.block,
                    state.row,
                    float(similarity[i, s]),
                    rival,
                    float(headings[i, s]),
                    state.columns,
                    in_order,
                )
            )
        used = {row.printed for row in matches}
        alike = [
            i for i, row in enumerate(rows) if i not in used and row.filled and similarity[i, own].max(initial=0) > SURE
        ]
        before, after = sum(i < min(used) for i in alike), sum(i > max(used) for i in alike)
        return Match(form, tuple(matches), score, rival_score, before, after)

    def _bridge_gaps(
        self, path: list[tuple[int, int]], similarity: NDArray[np.float32], rows: Sequence[PrintedRow]
    ) -> list[tuple[int, int]]:
        """Rows between two matched neighbours, as many as the form has there: their labels are misprinted."""
        bridged = []
        for (i, s), (j, t) in zip(path, path[1:], strict=False):
            between = [k for k in range(i + 1, j) if rows[k].fields and rows[k].table == rows[i].table]
            if 0 < len(between) == t - s - 1 <= MAX_BRIDGED and all(
                similarity[k, state] > UNLIKE for k, state in zip(between, range(s + 1, t), strict=True)
            ):
                bridged += list(zip(between, range(s + 1, t), strict=True))
        return bridged

    def _find_moved(
        self, form: Form, path: list[tuple[int, int]], similarity: NDArray[np.float32], rows: Sequence[PrintedRow]
    ) -> list[tuple[int, int, bool]]:
        """Rows that stand elsewhere in the table than in the form, where their label leaves no doubt."""
        used_rows, used_states = {i for i, _ in path}, {s for _, s in path}
        tables = {rows[i].table for i in used_rows}
        first, last = min(used_rows), max(used_rows)
        own = [i for i, state in enumerate(self._states) if state.form is form]
        # Outside the rows matched in order only where no second table of the kind begins.
        again = [i for i, row in enumerate(rows) if i not in used_rows and row.filled and row.table in tables]
        whole = not any(similarity[i, s] > SURE for i in again for s in used_states)
        moved = []
        for i, row in enumerate(rows):
            if i in used_rows or row.table not in tables or not row.filled or not (whole or first < i < last):
                continue
            best = max(own, key=lambda s: similarity[i, s])
            rival = max((similarity[i, s] for s in own if s != best), default=0.0)
            if best not in used_states and similarity[i, best] > SURE and rival < 0.5:
                moved.append((i, best, False))
                used_states.add(best)
        return moved


def find_headings(row: PrintedRow) -> tuple[Cell, ...]:
    """The label cells above a row, and those of its own that cannot be its label."""
    return row.above + row.labels[:-1]


def _last_label(row: PrintedRow) -> str:
    """The label next to the values; of a row without, that of the line before if it is no row of headings."""
    if row.labels:
        return "" if not row.filled and len(row.labels) > MAX_LABELS else row.labels[-1].text
    before = [cell for cell in row.above if cell.row == row.row - 1]
    return before[-1].text if 0 < len(before) <= 2 else ""


def _joined_labels(row: PrintedRow, *, alone: bool) -> list[str]:
    """What the label is if it was broken into two or three cells, or goes on behind the values."""
    cells = row.labels if alone else row.above[-JOINED:] + row.labels
    texts = [cell.text for cell in cells]
    joined = ["".join(texts[-count:]) for count in range(2, min(JOINED, len(texts)) + 1)]
    if texts and fold_label(texts[-1]).ordinal:
        joined = []  # a second half has no number of its own
    if row.labels and row.trailing:
        joined.append(row.labels[-1].text + row.trailing[0].text)
    return joined


def _count_values(row: PrintedRow) -> int:
    """How many values a row prints; one that exports repeat under a repeated heading is one."""
    texts = [cell.text for cell in row.filled]
    if len(texts) > 1 and len(set(texts)) == 1:
        above = [cell.text for cell in row.above]
        if any(above.count(text) >= len(texts) for text in set(above)):
            return 1
    return len(texts)


def _continued_label(rows: Sequence[PrintedRow], index: int) -> list[str]:
    """The label of a row with values and what stands below it in a row without."""
    if index + 1 >= len(rows) or not rows[index].filled or not rows[index].labels:
        return []
    below = rows[index + 1]
    if below.filled or not below.labels or below.table != rows[index].table:
        return []
    if fold_label(below.labels[0].text).ordinal:
        return []
    return [rows[index].labels[-1].text + below.labels[0].text]


def take_columns(block: Block, columns: Sequence[int]) -> Block:
    """A block with some of its columns only."""
    if len(columns) == len(block.columns):
        return block
    fields = tuple(tuple(row[column] for column in columns) for row in block.fields)
    return replace(block, columns=tuple(block.columns[column] for column in columns), fields=fields)


class _Gather:
    """Best similarity over each of several groups of variants."""

    def __init__(self, groups: Iterable[list[int]]) -> None:
        import numpy as np

        groups = [group or [0] for group in groups]
        self._order = np.array([i for group in groups for i in group], dtype=np.intp)
        self._offsets = np.cumsum([0] + [len(group) for group in groups[:-1]])

    def take(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """From shape (n, n_variants) to shape (n, n_groups)."""
        import numpy as np

        return np.maximum.reduceat(scores[:, self._order], self._offsets, axis=1)


class _HeadingGroups:
    """The headings over the columns of every state, for the share of them that is printed above a row."""

    def __init__(self, states: Sequence[_State], index: Mapping[str, int]) -> None:
        import numpy as np

        keys = [(id(state.form), state.block, state.columns) for state in states]
        distinct = list(dict.fromkeys(keys))
        blocks = {key: take_columns(s.form.blocks[s.block], s.columns) for key, s in zip(keys, states, strict=True)}
        self._gathers = [
            _Gather(groups) if (groups := _group_headings(blocks[key], index)) else None for key in distinct
        ]
        self._of_state = np.array([distinct.index(key) for key in keys])

    def cover(self, scores: NDArray[np.float32], owner: NDArray[np.intp], n_rows: int) -> NDArray[np.float32]:
        """Mean over a block's headings of the best print above the row, shape (n_rows, n_states)."""
        import numpy as np

        shares = np.zeros((n_rows, len(self._gathers)), dtype=np.float32)
        present, starts = np.unique(owner, return_index=True)
        for column, gather in enumerate(self._gathers):
            if gather is not None:
                best = np.maximum.reduceat(gather.take(scores), starts, axis=0)
                shares[present, column] = best.mean(axis=1)
        return shares[:, self._of_state]


def _group_headings(block: Block, index: Mapping[str, int]) -> list[list[int]]:
    """The places of each distinct heading of a block: leaves with their variants, and the headings over them."""
    leaves = {column.leaf: make_variants(column) for column in block.columns if column.path}
    outer = {text: (text,) for column in block.columns for text in column.path[:-1]}
    return [[index[variant] for variant in variants] for variants in (leaves | outer).values()]


@dataclass(frozen=True, slots=True)
class _Alignment:
    """Scores and steps of the alignment; `totals[i, s]` is the best ending with row i at state s."""

    totals: NDArray[np.float32]
    steps: NDArray[np.int16]
    starts: frozenset[int]

    def find_best(self, first: int, end: int) -> tuple[list[tuple[int, int]], float]:
        """The best path within states first..end, or an earlier one nearly as good: this year's table comes first."""
        import numpy as np

        totals = self.totals[:, first:end]
        if totals.size == 0:
            return [], 0.0
        best = self._trace(*np.unravel_index(int(totals.argmax()), totals.shape), first)
        score = float(totals.max())
        before = best[0][0] if best else 0
        if before > 0:
            earlier = totals[:before]
            if earlier.max(initial=0) >= EARLIER_SHARE * score:
                place = np.unravel_index(int(earlier.argmax()), earlier.shape)
                return self._trace(*place, first), float(earlier.max())
        return best, score

    def _trace(self, row: int, state: int, first: int) -> list[tuple[int, int]]:
        i, s = int(row), int(state) + first
        path = []
        while i >= 0 and s >= 0:
            step = int(self.steps[i, s])
            if step == STOP:
                break
            if step == TAKE:
                path.append((i, s))
                if i == 0 or s in self.starts or self.totals[i - 1, s - 1] <= 0:
                    break
                i, s = i - 1, s - 1
            elif step == SKIP_PRINTED:
                i -= 1
            else:
                s -= 1
        return path[::-1]


STOP, TAKE, SKIP_PRINTED, LEAVE_OUT = 0, 1, 2, 3


def _align(weights: NDArray[np.float32], skipping: NDArray[np.float64], starts: NDArray[np.intp]) -> _Alignment:
    """Local alignment of printed rows (down) with the rows of all forms (across); `starts` are the forms' first rows."""
    import numpy as np

    n, m = weights.shape
    totals = np.zeros((n, m), dtype=np.float32)
    steps = np.zeros((n, m), dtype=np.int16)
    # Leaving out rows of a form is a running maximum across; a barrier keeps forms apart.
    ramp = COST_LEFT_OUT * np.arange(m)
    barrier = np.zeros(m)
    barrier[starts] = 1e4
    barrier = np.cumsum(barrier)
    lift = ramp + barrier
    previous = np.zeros(m, dtype=np.float32)
    for i in range(n):
        diagonal = np.empty(m, dtype=np.float32)
        diagonal[1:] = previous[:-1]
        diagonal[starts] = 0
        take = np.maximum(diagonal, 0) + weights[i]
        skip = previous - skipping[i]
        best = np.maximum(np.maximum(take, skip), 0)
        step = np.where(best <= 0, STOP, np.where(take >= skip, TAKE, SKIP_PRINTED))
        lifted = best + lift
        running = np.maximum.accumulate(lifted)
        left = running - lift
        came = left > best + 1e-6
        totals[i] = np.where(came, left, best)
        steps[i] = np.where(came, LEAVE_OUT, step)
        previous = totals[i]
    return _Alignment(totals, steps, frozenset(starts.tolist()))
