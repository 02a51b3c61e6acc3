"""The calibrated probability that state and value of a cell are both right, from the features of its reading."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from extraction.mapping import MappedCell, MappedForm
from extraction.rows import Kind, PrintedRow, find_kind
from extraction.scanned_cells import PICTURE_FEATURES
from extraction.trees import TreeEnsemble
from models.identity import Check, Status
from models.numbers import State, parse_value
from models.picture import Candidate
from models.trained import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STATES = tuple(State)
HOWS = (
    "complete", "extra", "grid", "sibling", "width", "window", "inferred", "aligned", "empty", "merged", "repeated",
    "lost", "gone", "missing", "total",
)  # fmt: skip
LAYOUTS = ("html", "divs", "docx", "ruled", "unruled", "tabs", "pipes", "blanks", "lines")
CELL_FEATURES = (
    *(f"state_{state.value}" for state in STATES),
    *(f"how_{how}" for how in HOWS),
    *(f"layout_{layout}" for layout in LAYOUTS),
    "zero", "digits", "plain", "unit_from_heading", "grid_quality", "unheaded",
    "row_score", "row_margin", "in_order", "row_headings",
    "order_printed", "order_usual", "order_score", "order_extra", "order_doubtful",
    "starts", "places_agree", "places_differ", "rows_alike", "rows_unlike", "block_complete", "block_holds",
    "block_fails",
    "gap_above", "stray_above", "gap_below", "stray_below", "left_out_above", "left_out_below",
    "row_found", "unclaimed",
    "holds", "holds_nonzero", "fails", "unknown",
    "form_share", "form_complete", "form_score", "form_margin", "form_fails", "form_holds", "form_odd",
    "surplus", "repeats", "rows_before", "rows_after",
)  # fmt: skip
DECODING_FEATURES = ("tied", "posterior", "pictured", "rival", "beyond", "first")
SCAN_FEATURES = (*CELL_FEATURES, "seen", *PICTURE_FEATURES, *DECODING_FEATURES)
_VERDICTS = (Status.HOLDS, Status.FAILS, Status.UNKNOWN)
_OF_ZEROS = len(_VERDICTS)  # holds, but says no more than 0 = 0
MAX_CACHED = 10_000
FORM_FEATURES = ("share", "score", "margin", "headings", "complete", "valued", "rows", "width")


def make_form_features(mapped: MappedForm, rows: Sequence[PrintedRow]) -> list[float]:
    """What tells a statutory table from another that looks like it; in the order of `FORM_FEATURES`."""
    match = mapped.match
    n_rows = len(match.form.rows)
    complete = sum(cell.how in ("complete", "grid", "sibling", "width") for cell in mapped.cells) / len(mapped.cells)
    valued = sum(bool(rows[row.printed].filled) for row in match.rows) / len(match.rows)
    return [
        len(match.rows) / n_rows,
        sum(row.score for row in match.rows) / len(match.rows),
        (match.score - match.rival_score) / n_rows,
        sum(row.headings for row in match.rows) / len(match.rows),
        complete,
        valued,
        float(n_rows),
        float(max(len(block.columns) for block in match.form.blocks)),
    ]


def make_cell_features(mapped: MappedForm, checks: Sequence[Check], rows: Sequence[PrintedRow]) -> NDArray[np.float64]:
    """Features of every cell of a form, shape (n_cells, len(CELL_FEATURES))."""
    import numpy as np

    verdicts = _group_verdicts(checks)
    places = _find_gaps(mapped, rows)
    row_parts: dict[tuple[int, int], list[float]] = {}
    kinds: dict[tuple[_Look, tuple[int, int], tuple[int, ...]], int] = {}  # most cells of a table look alike
    order = []
    for cell in mapped.cells:
        key = (cell.field.block, cell.field.row)
        if key not in row_parts:
            row_parts[key] = _row_part(cell) + places[key]
        kind = (_find_look(cell), key, tuple(verdicts.get(cell.field.field_id, ())))
        order.append(kinds.setdefault(kind, len(kinds)))
    form = _form_part(mapped, checks)
    features = [_cell_part(look) + row_parts[key] + _check_part(found) + form for look, key, found in kinds]
    return np.array(features, dtype=np.float64)[order]


def make_scan_features(mapped: MappedForm, checks: Sequence[Check], rows: Sequence[PrintedRow]) -> NDArray[np.float64]:
    """Features of every cell of a form on scans, shape (n_cells, len(SCAN_FEATURES)); -1 where no picture was read."""
    import numpy as np

    unseen = (0.0, *[-1.0] * len(PICTURE_FEATURES))
    seen = [unseen if cell.seen is None else (1.0, *cell.seen.features) for cell in mapped.cells]
    decoded = [_decoding_part(cell) for cell in mapped.cells]
    parts = (np.array(part, dtype=np.float64) for part in (seen, decoded))
    return np.hstack([make_cell_features(mapped, checks, rows), *parts])


def _decoding_part(cell: MappedCell) -> tuple[float, ...]:
    """What decoding makes of the value of a cell, in the order of `DECODING_FEATURES`; -1 where it makes nothing of it.

    `posterior` and `pictured`: of the value, with the sums and by the picture alone. `rival`: posterior of the best
    other candidate. `beyond`: of anything else. `first`: whether the value is the picture's first candidate.
    """
    decoded = cell.decoded
    if decoded is None or not decoded.candidates:
        return -1.0, -1.0, -1.0, -1.0, -1.0, -1.0
    same = [_says(candidate, cell) for candidate in decoded.candidates]
    posteriors = list(zip(decoded.posterior, same, strict=True))
    return (
        float(decoded.tied),
        sum(posterior for posterior, own in posteriors if own),
        sum(c.probability for c, own in zip(decoded.candidates, same, strict=True) if own),
        max((posterior for posterior, own in posteriors if not own), default=0.0),
        decoded.rest,
        float(same[0]),
    )


def _says(candidate: Candidate, cell: MappedCell) -> bool:
    value = parse_value(candidate.text, unit=cell.field.unit, kind=cell.field.kind)
    return (value.state, value.number) == (cell.value.state, cell.value.number)


_Look = tuple[State, str, str, bool, int, bool, bool, float, bool]


def _find_look(cell: MappedCell) -> _Look:
    number = cell.value.number
    digits = 0 if number is None else len(str(abs(number)).replace(".", ""))
    zero = number is not None and not number
    value = (cell.value.state, cell.how, cell.layout, zero, digits, cell.value.plain)
    return *value, cell.unit_from_heading, cell.quality, cell.unheaded


@functools.lru_cache(maxsize=MAX_CACHED)
def _cell_part(look: _Look) -> list[float]:
    state, how, layout, *rest = look
    return [
        *(float(state is other) for other in STATES),
        *(float(how == other) for other in HOWS),
        *(float(layout == other) for other in LAYOUTS),
        *map(float, rest),
    ]


def _row_part(cell: MappedCell) -> list[float]:
    match, order, support = cell.match, cell.order, cell.support
    if match is None or order is None:
        return [-1.0] * 17
    return [
        match.score,
        match.score - match.rival,
        float(match.in_order),
        match.headings,
        float(order.printed),
        float(order.usual),
        order.score,
        float(sum(column is None for column in order.columns)),
        float(order.doubtful),
        float(support.starts),
        float(support.agree),
        float(support.differ),
        float(support.alike),
        float(support.unlike),
        support.complete,
        float(support.holds),
        float(support.fails),
    ]


def _find_gaps(mapped: MappedForm, rows: Sequence[PrintedRow]) -> dict[tuple[int, int], list[float]]:
    """For each row of the form: printed rows with values that stand unmatched next to it, and neighbours left out."""
    matched = {(row.block, row.row): row.printed for row in mapped.match.rows}
    used = set(matched.values())
    order = mapped.match.form.rows
    spots = [matched.get(place) for place in order]
    all_above, all_below = _list_neighbours(spots), _list_neighbours(spots[::-1])[::-1]
    parts = {}
    for place, spot, (above, out_above), (below, out_below) in zip(order, spots, all_above, all_below, strict=True):
        lower = spot if spot is not None else below
        upper = spot if spot is not None else above
        parts[place] = [
            *_count_stray(rows, used, above, lower),
            *_count_stray(rows, used, upper, below),
            float(out_above),
            float(out_below),
            float(spot is not None),
            mapped.match.unclaimed.get(place, 0.0),
        ]
    return parts


def _list_neighbours(spots: Sequence[int | None]) -> list[tuple[int | None, int]]:
    """For each row of the form the nearest one before it that is printed, and how many between are not."""
    neighbours: list[tuple[int | None, int]] = []
    last: int | None = None
    out = 0
    for spot in spots:
        neighbours.append((last, out))
        last, out = (last, out + 1) if spot is None else (spot, 0)
    return neighbours


def _count_stray(rows: Sequence[PrintedRow], used: set[int], start: int | None, end: int | None) -> tuple[float, float]:
    """Rows between two places of the print that no row of the form claims: with values, and all.

    -1 where an end is open.
    """
    if start is None or end is None:
        return -1.0, -1.0
    stray = [i for i in range(start + 1, end) if i not in used]
    if not stray:
        return 0.0, 0.0
    return float(sum(bool(rows[i].filled) for i in stray)), float(len(stray))


def _group_verdicts(checks: Sequence[Check]) -> dict[str, list[int]]:
    """What came of the checks that each field takes part in, as indices of `_VERDICTS`."""
    groups: dict[str, list[int]] = {}
    for check in checks:
        of_zeros = check.status is Status.HOLDS and not (check.left or check.right)
        verdict = _OF_ZEROS if of_zeros else _VERDICTS.index(check.status)
        for field_id in check.identity.fields:
            groups.setdefault(field_id, []).append(verdict)
    return groups


@functools.lru_cache(maxsize=MAX_CACHED)
def _check_part(verdicts: tuple[int, ...]) -> list[float]:
    holds, fails, unknown, of_zeros = (float(verdicts.count(verdict)) for verdict in range(4))
    return [holds + of_zeros, holds, fails, unknown]


def _form_part(mapped: MappedForm, checks: Sequence[Check]) -> list[float]:
    match = mapped.match
    n_rows = len(match.form.rows)
    spots = Counter(row.printed for row in match.rows)
    return [
        len(match.rows) / n_rows,
        sum(cell.how == "complete" for cell in mapped.cells) / len(mapped.cells),
        sum(row.score for row in match.rows) / len(match.rows),
        (match.score - match.rival_score) / n_rows,
        float(sum(check.status is Status.FAILS for check in checks)),
        float(sum(check.status is Status.HOLDS and bool(check.left or check.right) for check in checks)),
        float(sum(find_kind(cell.raw or "") is Kind.ODD for cell in mapped.cells)),
        float(len(mapped.surplus)),
        float(sum(count > 1 for count in spots.values())),
        float(match.rows_before),
        float(match.rows_after),
    ]


class Calibrator:
    """P(right) of cells and of forms: trees over the features, then a monotone map to held-out frequencies."""

    def __init__(self, model: TrainedModel) -> None:
        self._trees = TreeEnsemble.from_arrays(model.arrays)
        self._scores = model.arrays["calibration_scores"]
        self._confidences = model.arrays["calibration_confidences"]

    def predict_confidence(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Confidence of each row of features, shape (n,)."""
        import numpy as np

        confidences: NDArray[np.float64] = np.interp(self._trees.score(features), self._scores, self._confidences)
        return confidences
