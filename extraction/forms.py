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
from extraction.labels import LabelMatcher, fold_label, make_variants
from extraction.row_labels import (
    continue_label,
    count_values,
    find_broken,
    find_headings,
    find_rest,
    find_values_below,
    join_labels,
    list_labels,
)
from extraction.rows import PrintedRow
from extraction.states import Gather, HeadingGroups, list_states, take_best
from models.form import Form, turn_form
from models.numbers import prints_number
from models.quick import quicken

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_LOGIT = 4.0
UNSURE = 0.5
SURE = 0.9  # a label that needs no help from its neighbours
OUTER_SHARE = 0.97  # of a label that is not the one next to the values
# Costs and bonuses of the alignment, in logits, by hand on the calibration split.
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
NO_VALUES_IN_PLACES = -0.5  # all cells of the row are empty, or those of many rows have vanished
VANISHED = 0.25  # of the rows whose label leaves no doubt
HEADINGS = 3.0
HEADINGS_ALONE = 10.0
UPRIGHT_ROWS = 3  # one in this many rows must be found of a form printed upright
MOST_HEADINGS = 0.8  # a scrape that prints each line once has lost those that another table has as well
EMPTY_FORM = 2.0  # headings with nothing under them, where the form stands nowhere else


@quicken
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
        self._bare = np.flatnonzero(self._unlabelled)
        self._wholes = np.maximum.accumulate(np.where(self._part[self._bare], 0, np.arange(self._bare.size)))
        columns = [column for form in self._forms for block in form.blocks for column in block.columns]
        self._heading_texts = {fold_label(text).stem for column in columns for text in column.path}
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
        owners = [id(state.form) for state in self._states]
        # From which state to which each form goes.
        self._spans = {owner: (owners.index(owner), owners.index(owner) + owners.count(owner)) for owner in owners}

    def match_forms(self, rows: Sequence[PrintedRow], *, year: int | None = None) -> list[Match]:
        """The forms that stand in the rows, at most one of each family; `year` decides where the print does not."""
        import numpy as np

        if not rows:
            return []
        self.labels.score_ahead(cell.text for row in rows for cell in (*row.labels, *row.trailing))
        similarity = self._score_rows(rows)
        headings = self._score_headings(rows)
        counts = _count(rows)
        weights = self._weigh_labelled(rows, counts, similarity, headings)
        weights[:, self._bare] = self._weigh_bare(rows, counts, headings[:, self._bare])
        filled = np.array([bool(row.filled) for row in rows])[:, None]
        own = (similarity > SURE) & filled
        known = np.repeat(np.logical_or.reduceat(own, self._firsts, axis=1), self._sizes, axis=1)
        skipping = np.where(own, COST_SKIPPED_LABEL, np.where(known, COST_SKIPPED_OTHER, COST_EXTRA))
        changes = np.array([0.0] + [COST_TABLE_CHANGE * (a.table != b.table) for a, b in itertools.pairwise(rows)])
        alignment = align_rows(weights, skipping + changes[:, None], self._starts)
        families = dict.fromkeys(form.family for form in self._forms)
        found = [self._best_of_family(family, alignment, year) for family in families]
        scores = _Scores(rows, similarity, headings)
        return [self._make_match(best, scores) for best in found if best is not None]

    def _score_rows(self, rows: Sequence[PrintedRow]) -> NDArray[np.float32]:
        """P(the label of a printed row is that of a form's row), shape (n_rows, n_states)."""
        import numpy as np

        single = self._score_best(list_labels(rows))
        broken = find_broken(rows, single.max(axis=1, initial=0).tolist(), unsure=UNSURE, sure=SURE)
        # A row with places of its own above is no first half of this one's label.
        alone = [i > 0 and bool(rows[i - 1].fields) for i in range(len(rows))]
        joins = {i: join_labels(rows[i], alone=alone[i]) + continue_label(rows, i) for i in broken}
        if joins := {i: texts for i, texts in joins.items() if texts}:
            own, joined = list(joins), self._score_best(list(joins.values()), share=1.0)
            # What the label below says by itself it does not lend to the row above.
            below = single[[find_rest(rows, i) for i in own]]
            single[own] = np.maximum(single[own], np.where(joined > below, joined, 0))
        single[:, self._bare] = 0
        return single

    def _score_best(self, texts: Sequence[Sequence[str]], *, share: float = OUTER_SHARE) -> NDArray[np.float32]:
        """The best of several texts for each row, at least one; all but the first count for a `share`."""
        place = {text: i for i, text in enumerate(dict.fromkeys(itertools.chain(*texts)))}
        scores = self._rows.take(self.labels.score_labels(list(place)))
        scores[[i for text, i in place.items() if not text]] = 0.0
        return take_best(scores, [[place[text] for text in row] for row in texts], share=share)

    def _score_headings(self, rows: Sequence[PrintedRow]) -> NDArray[np.float32]:
        """Share of a block's column headings that stand above each printed row, shape (n_rows, n_states)."""
        import numpy as np

        above = [tuple(cell.text for cell in find_headings(row)) for row in rows]
        groups = {texts: i for i, texts in enumerate(dict.fromkeys(texts for texts in above if texts), 1)}
        shares = np.zeros((1 + len(groups), len(self._states)), dtype=np.float32)
        if groups:
            place = {text: i for i, text in enumerate(dict.fromkeys(itertools.chain(*groups)))}
            scores = self.labels.score_labels(list(place))
            shares[1:] = self._headings.cover(scores, [[place[text] for text in texts] for texts in groups])
        return shares[[groups.get(texts, 0) for texts in above]]

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
        # Where empty cells vanish with the blanks in them, a row without values speaks against nothing.
        plain = (places == 0)[:, 0][(similarity[:, self._widths > 2] > SURE).any(axis=1)]
        vanished = plain.size > 0 and plain.mean() > VANISHED
        empty = (filled == 0) * np.where((places >= self._widths) | vanished, NO_VALUES_IN_PLACES, NO_VALUES)
        # The headings of a form of one row are the labels of the same form upright; its rows print two of them.
        bare = np.array([not row.fields and self._is_heading(row) for row in rows])[:, None]
        upright = np.array([len(row.labels) > 1 and len(row.fields) == 1 for row in rows])[:, None]
        empty = np.where((self._turned & (filled == 0) & ~upright) | bare, -2 * MAX_LOGIT, empty)
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
        """The same for states without a label, told by headings and values; a part only where no more is printed."""
        import numpy as np

        filled, places = counts
        widths, part = self._widths[self._bare], self._part[self._bare]
        labelled = np.array([len(row.labels) > 1 or self._is_heading(row) for row in rows])[:, None]
        # A value more than a part has is one of this form only where its headings stand above, not those of the whole.
        alone = ~part | ((headings > SURE) & (headings[:, self._wholes] < SURE))
        near = (filled == widths) | (filled == widths + 1) & (widths > 2) & alone
        room = (places >= widths) & (places <= widths + 2)
        blank_in_part = (filled > 0) & (filled < widths) & room
        fits = np.where(part, near & (places <= widths + 2) | blank_in_part, near | room)
        weights = HEADINGS_ALONE * (headings - 0.3) + VALUES_FIT * fits - MISFIT * ~fits
        weights = weights - 0.5 * part - (filled == 0)
        empty_part = part & (places == widths) & (headings > SURE)
        possible = np.where(filled > 0, fits | ~part, (fits & ~part & ~labelled) | empty_part)
        # Headings with nothing under them: the form is there and empty.
        empty_form = (places == 0) & ~part & (headings > MOST_HEADINGS)
        return np.where(possible, weights, np.where(empty_form, EMPTY_FORM, -MAX_LOGIT))

    def _best_of_family(self, family: str, alignment: Alignment, year: int | None) -> _Best | None:
        """The form of a family that explains the print best, with the best score of its siblings."""
        scored = []
        for form in self._forms:
            if form.family != family:
                continue
            first, end = self._spans[id(form)]
            path, score = alignment.find_best(first, end)
            if self._turned[first] and len(path) * UPRIGHT_ROWS < end - first:
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
        import numpy as np

        form, rows = best.form, scores.rows
        first, end = self._spans[id(form)]
        similarity = scores.similarity[:, first:end]
        moved = self._find_moved(form, best.path, scores)
        found = {s for _, s, _ in moved}
        path = [(i, s) for i, s in best.path + self._bridge_gaps(best.path, scores) if s not in found]
        pairs = sorted([(i, s, True) for i, s in path] + moved)
        own = similarity[[i for i, _, _ in pairs]]
        places = np.arange(len(pairs)), np.array([s - first for _, s, _ in pairs])
        likeness = own[places].tolist()
        own[places] = 0.0
        claimed = {i for i, _, _ in pairs}
        matches = []
        for (i, s, in_order), score, rival in zip(pairs, likeness, own.max(axis=1).tolist(), strict=True):
            state, share = self._states[s], float(scores.headings[i, s])
            printed = self._find_values(i, s, claimed, rows)
            matches.append(RowMatch(printed, state.block, state.row, score, rival, share, state.columns, in_order))
        used = {row.printed for row in matches}
        sure = similarity.max(axis=1, initial=0) > SURE
        alike = [i for i in np.flatnonzero(sure).tolist() if i not in used and rows[i].filled]
        before, after = sum(i < min(used) for i in alike), sum(i > max(used) for i in alike)
        unclaimed = self._find_unclaimed(form, used, {s for _, s, _ in pairs}, scores)
        return Match(form, tuple(matches), best.score, best.rival_score, before, after, unclaimed)

    def _find_values(self, printed: int, s: int, used: set[int], rows: Sequence[PrintedRow]) -> int:
        """The row that holds the values of a matched one: itself or, where nothing claims it, the next."""
        found = find_values_below(rows, printed, self._states[s].label)
        fitting = count_values(rows[found]) >= self._widths[s]
        return found if found not in used and fitting else printed

    def _find_unclaimed(
        self, form: Form, used: set[int], claimed: set[int], scores: _Scores
    ) -> dict[tuple[int, int], float]:
        """For each row of the form that is not matched: how like it the label of an unmatched printed row is."""
        tables = {scores.rows[i].table for i in used}
        free = [i for i, row in enumerate(scores.rows) if i not in used and row.table in tables]
        if not free:
            return {}
        best = scores.similarity[free].max(axis=0).tolist()
        missing = [s for s in range(*self._spans[id(form)]) if s not in claimed]
        return {(self._states[s].block, self._states[s].row): best[s] for s in missing}

    def _bridge_gaps(self, path: list[tuple[int, int]], scores: _Scores) -> list[tuple[int, int]]:
        """Rows between two matched neighbours, as many as the form has there: misprinted, or all of them empty."""
        rows, similarity, bridged = scores.rows, scores.similarity, []
        for (i, s), (j, t) in itertools.pairwise(path):
            between = [k for k in range(i + 1, j) if rows[k].fields and rows[k].table == rows[i].table]
            if len(between) != t - s - 1:
                between = [k for k in between if rows[k].filled]
            likeness = [similarity[k, state] for k, state in zip(between, range(s + 1, t), strict=False)]
            if 0 < len(between) == t - s - 1 and min(likeness) > (UNLIKE if len(likeness) <= MAX_BRIDGED else SURE):
                bridged += list(zip(between, range(s + 1, t), strict=True))
        return bridged

    def _is_heading(self, row: PrintedRow) -> bool:
        """Whether the label of a row stands over columns in some form: no ordinal, as that of a row may have."""
        label = fold_label(row.labels[-1].text) if row.labels else None
        return label is not None and not label.ordinal and label.stem in self._heading_texts

    def _find_moved(self, form: Form, path: list[tuple[int, int]], scores: _Scores) -> list[tuple[int, int, bool]]:
        """Rows that stand elsewhere in the table than in the form, where their label leaves no doubt.

        One like no row of the form, which stands where the form has theirs, is not taken for them.
        """
        import numpy as np

        rows, similarity = scores.rows, scores.similarity
        used_rows = {i for i, _ in path}
        used_states = {s for i, s in path if similarity[i, s] >= UNLIKE_ANY}
        tables = {rows[i].table for i in used_rows}
        first_row, last_row = min(used_rows), max(used_rows)
        first, end = self._spans[id(form)]
        free = [i for i, row in enumerate(rows) if i not in used_rows and row.fields and row.table in tables]
        if not free:
            return []
        # Outside the rows matched in order only where no second table of the kind begins.
        valued = [i for i in free if rows[i].filled]
        whole = not (similarity[np.ix_(valued, sorted(used_states))] > SURE).any()
        moved = []
        for i in free:
            *_, rival, best = sorted((0.0, 0.0, *similarity[i, first:end].tolist()))
            inside = first_row < i < last_row
            if best <= SURE or rival >= UNSURE or not (inside or (whole and rows[i].filled)):
                continue
            if not rows[i].filled and self._is_heading(rows[i]):
                continue
            state = first + int(similarity[i, first:end].argmax())
            if state not in used_states:
                moved.append((i, state, False))
                used_states.add(state)
        return moved
