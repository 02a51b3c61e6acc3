"""Which rows of a document are rows of which form: one alignment of all printed rows with all forms at once.

The printed rows are aligned with the rows of every form as sequences are (Smith and Waterman, Identification of
common molecular subsequences, 1981): similar labels and fitting numbers of values score, rows left out of the print
and rows that no form has cost a little, so that typos, lost labels and torn tables do not shift a row.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extraction.alignment import MIN_SCORE, Alignment, align_rows
from extraction.labels import LabelMatcher, make_variants
from extraction.row_labels import (
    continue_label,
    count_values,
    find_headings,
    find_values_below,
    join_labels,
    last_label,
)
from extraction.rows import PrintedRow
from extraction.states import Gather, HeadingGroups, list_states
from models.form import Form, turn_form
from models.numbers import prints_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_LOGIT = 4.0
SURE = 0.9  # a label that needs no help from its neighbours
OUTER_SHARE = 0.97  # of a label that is not the one next to the values
# Costs and bonuses of the alignment, in logits; fitted by hand on the calibration split.
COST_EXTRA = 0.05
COST_SKIPPED_LABEL = 1.0  # passing over a row whose label the next row of the form has: a second table of the kind
COST_SKIPPED_OTHER = 0.25  # or another row of the form: no leap into the middle of a second table
COST_TABLE_CHANGE = 0.3
UNLIKE_ANY = 0.3
UNLIKE = 0.02
MAX_BRIDGED = 2
LABEL_LOST = -0.5  # a row whose label is like none, but whose number of values fits
LABEL_UNKNOWN = -1.5  # the same where rows have one value
MISFIT = 2.0
VALUES_FIT = 1.0
VALUES_NEAR = 0.3
NO_VALUES = -2.0
NO_VALUES_IN_PLACES = -0.5  # all cells of the row are empty
HEADINGS = 3.0
HEADINGS_ALONE = 10.0
UPRIGHT_ROWS = 3  # one in this many rows must be found of a form printed upright
EMPTY_FORM = 2.0  # headings with nothing under them, where the form stands nowhere else


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

    `rows_before` and `rows_after` count rows that stand apart and look as if they were this form's too. `unclaimed`
    says for each (block, row) of the form that is not matched how like it the label of a printed row is that no row
    claims.
    """

    form: Form
    rows: tuple[RowMatch, ...]
    score: float
    rival_score: float
    rows_before: int
    rows_after: int
    unclaimed: Mapping[tuple[int, int], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scores:
    """The printed rows with their similarities and shares of headings, both of shape (n_rows, n_states)."""

    rows: Sequence[PrintedRow]
    similarity: NDArray[np.float32]
    headings: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Best:
    """The best path (printed row, state) through a form, and its score beside that of the form's siblings."""

    form: Form
    path: list[tuple[int, int]]
    score: float
    rival_score: float


def _count(rows: Sequence[PrintedRow]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Values and places of each row, both of shape (n_rows, 1)."""
    import numpy as np

    filled = np.array([count_values(row) for row in rows])[:, None]
    return filled, np.array([len(row.fields) for row in rows])[:, None]


class FormMatcher:
    """Aligns printed rows with the rows of all forms; holds where each form's labels stand in a similarity vector."""

    def __init__(self, forms: Mapping[str, Form], labels: LabelMatcher) -> None:
        import numpy as np

        self.labels = labels
        # A form of one row without a label is printed upright as well: a row a column.
        turned = [turn_form(form) for form in forms.values() if not any(b.rows[0].path for b in form.blocks)]
        self._forms = [*forms.values(), *turned]
        self._states = [state for form in self._forms for state in list_states(form)]
        index = labels.index
        self._rows = Gather([[index[text] for text in make_variants(state.label)] for state in self._states])
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
        sizes = [sum(state.form is form for state in self._states) for form in self._forms]
        self._firsts, self._sizes = np.cumsum([0, *sizes[:-1]]), sizes
        self._headings = HeadingGroups(self._states, index)

    def match_forms(self, rows: Sequence[PrintedRow], *, year: int | None = None) -> list[Match]:
        """The forms that stand in the rows, at most one of each family; `year` decides where the print does not."""
        import numpy as np

        if not rows:
            return []
        similarity = self._score_rows(rows)
        headings = self._score_headings(rows)
        counts = _count(rows)
        labelled = self._weigh_labelled(rows, counts, similarity, headings)
        weights = np.where(self._unlabelled, self._weigh_bare(rows, counts, headings), labelled)
        filled = np.array([bool(row.filled) for row in rows])[:, None]
        own = (similarity > SURE) & filled
        known = np.repeat(np.logical_or.reduceat(own, self._firsts, axis=1), self._sizes, axis=1)
        skipping = np.where(own, COST_SKIPPED_LABEL, np.where(known, COST_SKIPPED_OTHER, COST_EXTRA))
        changes = np.array([0.0] + [COST_TABLE_CHANGE * (a.table != b.table) for a, b in itertools.pairwise(rows)])
        alignment = align_rows(weights, skipping + changes[:, None], self._starts)
        found = [
            self._best_of_family(family, alignment, year)
            for family in dict.fromkeys(form.family for form in self._forms)
        ]
        scores = _Scores(rows, similarity, headings)
        return [self._make_match(best, scores) for best in found if best is not None]

    def _score_rows(self, rows: Sequence[PrintedRow]) -> NDArray[np.float32]:
        """P(the label of a printed row is that of a form's row), shape (n_rows, n_states)."""
        import numpy as np

        candidates = [last_label(row) for row in rows]
        single = self._rows.take(self.labels.score_labels(candidates))
        single[[not text for text in candidates]] = 0
        others = [(i, cell.text) for i, row in enumerate(rows) if row.filled for cell in row.labels[:-1]]
        if others:
            scores = OUTER_SHARE * self._rows.take(self.labels.score_labels([text for _, text in others]))
            np.maximum.at(single, [i for i, _ in others], scores)
        broken = [i for i, row in enumerate(rows) if single[i].max(initial=0) < SURE]
        # A row with places of its own above is no first half of this one's label.
        joins = [(i, text) for i in broken for text in join_labels(rows[i], alone=i > 0 and bool(rows[i - 1].fields))]
        joins += [(i, text) for i in broken for text in continue_label(rows, i)]
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

    def _weigh_labelled(
        self,
        rows: Sequence[PrintedRow],
        counts: tuple[NDArray[np.int64], NDArray[np.int64]],
        similarity: NDArray[np.float32],
        headings: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Weight of each printed row as each state with a label, shape (n_rows, n_states); positive speaks for it."""
        import numpy as np

        filled, places = counts
        numbers = np.array([any(prints_number(cell.text) for cell in row.filled) for row in rows])[:, None]
        p = np.clip(similarity, 1e-4, 1 - 1e-4)
        weights = np.clip(np.log(p / (1 - p)), -MAX_LOGIT, MAX_LOGIT)
        fits = filled == self._widths
        near = (filled == self._widths + 1) & (self._widths > 2)
        empty = (filled == 0) * np.where(places >= self._widths, NO_VALUES_IN_PLACES, NO_VALUES)
        # The headings of a form of one row are the labels of the same form upright.
        empty = np.where(self._turned & (filled == 0), -2 * MAX_LOGIT, empty)
        unknown = (similarity.max(axis=1, initial=0)[:, None] < UNLIKE_ANY) & numbers
        floor = np.where(self._widths > 1, LABEL_LOST, LABEL_UNKNOWN)
        weights = np.where(unknown & fits, np.maximum(weights, floor), weights)
        misfit = (filled > self._widths + 1) & ((self._widths == 1) | (filled > 2 * self._widths))
        weights = weights + VALUES_FIT * fits + VALUES_NEAR * near + empty - MISFIT * misfit
        weighed: NDArray[np.float32] = weights + HEADINGS * np.where(headings > 0, headings - 0.4, 0)
        return weighed

    def _weigh_bare(
        self,
        rows: Sequence[PrintedRow],
        counts: tuple[NDArray[np.int64], NDArray[np.int64]],
        headings: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The same for states without a label: they are told by the headings above and the number of values.

        A part of such a row is taken only where no more than that is printed.
        """
        import numpy as np

        filled, places = counts
        labelled = np.array([len(row.labels) > 1 for row in rows])[:, None]
        near = (filled == self._widths) | (filled == self._widths + 1) & (self._widths > 2)
        room = (places >= self._widths) & (places <= self._widths + 2)
        blank_in_part = (filled > 0) & (filled < self._widths) & room
        fits = np.where(self._part, near & (places <= self._widths + 2) | blank_in_part, near | room)
        weights = HEADINGS_ALONE * (headings - 0.3) + VALUES_FIT * fits - MISFIT * ~fits
        weights = weights - 0.5 * self._part - (filled == 0)
        possible = np.where(filled > 0, fits | ~self._part, fits & ~self._part & ~labelled)
        # Headings with nothing under them: the form is there and empty.
        empty_form = (places == 0) & ~self._part & (headings > SURE)
        return np.where(possible, weights, np.where(empty_form, EMPTY_FORM, -MAX_LOGIT))

    def _best_of_family(self, family: str, alignment: Alignment, year: int | None) -> _Best | None:
        """The form of a family that explains the print best, with the best score of its siblings."""
        scored = []
        for form in self._forms:
            if form.family != family:
                continue
            states = [i for i, state in enumerate(self._states) if state.form is form]
            path, score = alignment.find_best(states[0], states[-1] + 1)
            if self._turned[states[0]] and len(path) * UPRIGHT_ROWS < len(states):
                continue  # a row or two that happen to be labelled like columns
            fitting = year is not None and form.years[0] <= year <= (form.years[1] or year)
            scored.append((score + 0.2 * fitting + 0.01 * (form.years[1] is None), form, path))
        scored.sort(key=lambda entry: -entry[0])
        score, form, path = scored[0]
        bare = any(self._unlabelled[s] for _, s in path)
        if score < (EMPTY_FORM if bare else MIN_SCORE):
            return None
        rivals = [other for other, sibling, _ in scored if sibling.form_id != form.form_id]
        return _Best(form, path, score, max(rivals, default=0.0))

    def _make_match(self, best: _Best, scores: _Scores) -> Match:
        form, rows, similarity = best.form, scores.rows, scores.similarity
        path = best.path + self._bridge_gaps(best.path, scores)
        moved = self._find_moved(form, path, scores)
        used = {i for i, _ in path} | {i for i, _, _ in moved}
        pairs = [(self._find_values(i, s, used, scores.rows), s, True) for i, s in path] + moved
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
                    float(scores.headings[i, s]),
                    state.columns,
                    in_order,
                )
            )
        used = {row.printed for row in matches}
        alike = [
            i for i, row in enumerate(rows) if i not in used and row.filled and similarity[i, own].max(initial=0) > SURE
        ]
        before, after = sum(i < min(used) for i in alike), sum(i > max(used) for i in alike)
        unclaimed = self._find_unclaimed(own, used, {s for _, s, _ in pairs}, scores)
        return Match(form, tuple(matches), best.score, best.rival_score, before, after, unclaimed)

    def _find_values(self, printed: int, s: int, used: set[int], rows: Sequence[PrintedRow]) -> int:
        """The row that holds the values of a matched one: itself or, where nothing claims it, the next."""
        found = find_values_below(rows, printed, self._states[s].label)
        fitting = count_values(rows[found]) >= self._widths[s]
        return found if found not in used and fitting else printed

    def _find_unclaimed(
        self, own: Sequence[int], used: set[int], claimed: set[int], scores: _Scores
    ) -> dict[tuple[int, int], float]:
        tables = {scores.rows[i].table for i in used}
        free = [i for i, row in enumerate(scores.rows) if i not in used and row.table in tables]
        if not free:
            return {}
        best = scores.similarity[free].max(axis=0)
        return {(self._states[s].block, self._states[s].row): float(best[s]) for s in own if s not in claimed}

    def _bridge_gaps(self, path: list[tuple[int, int]], scores: _Scores) -> list[tuple[int, int]]:
        """Rows between two matched neighbours, as many as the form has there: their labels are misprinted."""
        rows, similarity = scores.rows, scores.similarity
        bridged = []
        for (i, s), (j, t) in itertools.pairwise(path):
            between = [k for k in range(i + 1, j) if rows[k].fields and rows[k].table == rows[i].table]
            if 0 < len(between) == t - s - 1 <= MAX_BRIDGED and all(
                similarity[k, state] > UNLIKE for k, state in zip(between, range(s + 1, t), strict=True)
            ):
                bridged += list(zip(between, range(s + 1, t), strict=True))
        return bridged

    def _find_moved(self, form: Form, path: list[tuple[int, int]], scores: _Scores) -> list[tuple[int, int, bool]]:
        """Rows that stand elsewhere in the table than in the form, where their label leaves no doubt."""
        rows, similarity = scores.rows, scores.similarity
        used_rows, used_states = {i for i, _ in path}, {s for _, s in path}
        tables = {rows[i].table for i in used_rows}
        first, last = min(used_rows), max(used_rows)
        own = [i for i, state in enumerate(self._states) if state.form is form]
        # Outside the rows matched in order only where no second table of the kind begins.
        again = [i for i, row in enumerate(rows) if i not in used_rows and row.filled and row.table in tables]
        whole = not any(similarity[i, s] > SURE for i in again for s in used_states)
        moved = []
        for i, row in enumerate(rows):
            inside = first < i < last
            if i in used_rows or row.table not in tables or not (inside or (whole and row.filled)) or not row.fields:
                continue
            best = max(own, key=lambda s: similarity[i, s])
            rival = max((similarity[i, s] for s in own if s != best), default=0.0)
            if best not in used_states and similarity[i, best] > SURE and rival < 0.5:
                moved.append((i, best, False))
                used_states.add(best)
        return moved
