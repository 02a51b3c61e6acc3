"""Accept a cell or send it to a person, with the reasons."""

from __future__ import annotations

import re
from collections.abc import Collection

from extraction.mapping import REGULAR, MappedCell
from models.numbers import State, begins_padded
from models.report import Decision

# Code -> what it tells the reviewer. docs/record.md is made from this.
REASONS = {
    "low_confidence": "the confidence is under the threshold of the policy",
    "form_not_learned": "the form is one of your own that the models were not trained on: its confidence is no promise",
    "form_doubtful": "the table may be another: too little of its labels could be read on the scan",
    "other_year": "the print above the form names an earlier year than the report's: it may be last year's table",
    "sums_of_rows_fail": "rows of the table do not add up: its columns may stand in another order than read",
    "unreadable": "something is printed that is no number",
    "column_unknown": "the row has fewer values than columns, and no trace of which are empty",
    "column_inferred": "the columns were inferred, from how far the values reach or where sums, headings and labels"
    " are at odds with the other rows",
    "no_values": "the row is printed without values where an empty cell would leave no trace",
    "more_values_than_columns": "the row prints more values than the form has columns",
    "zero_before": "the number begins with a zero as none does: two numbers may have been read as one",
    "unit_beside": "a unit stands right behind the last 1 of the number, which may be a stroke of the unit",
    "lone_mark": "a mark on a scan that hardly another cell of the form has: dirt may be read as one",
    "merged_value": "one value stands over several columns",
    "label_doubtful": "the label of the row is unlike the form's",
    "row_moved": "the row stands elsewhere in the table than in the form",
    "unit_from_heading": "the number was converted from the unit in its heading",
    "columns_unlike": "the headings of the columns do not tell their order: it may be another than the form's",
    "row_unclaimed": "where this row should stand, a row is printed that is like none of the form, or left room for",
    "identity_fails": "a sum with this cell does not hold",
    "missing": "the form is there, this cell of it is not",
}
# With any of these a cell is never accepted; the others tell the reviewer what lowered its confidence. On scans
# headings that are unlike the form's may be misread: their cells are left to the judge.
BARRING = frozenset({
    "form_not_learned", "form_doubtful", "other_year", "sums_of_rows_fail", "unreadable", "column_unknown",
    "column_inferred", "zero_before", "unit_beside", "lone_mark", "merged_value", "unit_from_heading", "columns_unlike",
    "row_unclaimed",
})  # fmt: skip
BARRING_ON_SCANS = BARRING - {"columns_unlike"}
DOUBTFUL_LABEL = 0.8
# Never accepted, however the rest looks: what is there cannot be a number, or was put there by conversion.
# So are numbers that cannot be read, and those converted from the unit in their heading.
ALWAYS_BY_HOW = frozenset({"lost", "inferred", "merged"})
# A value more than columns: on a scan it was made of a wall or a heading, in lines of a page of the number of a row.
ALWAYS_ON_PAGES = frozenset({"extra"})
ACCEPTED = Decision(review=False)
_UNIT_BEHIND = re.compile(r"\d\s*1\s*[\u4e00-\u9fff]")


def is_always_reviewed(cell: MappedCell) -> bool:
    """Whether a cell goes to a person whatever its confidence.

    Headings of a scan are unlike the form's for being misread: there their likeness is left to the judge.
    """
    unreadable = cell.value.state is State.UNREADABLE and cell.how != "lost"
    joined = begins_with_zero(cell) or ends_in_unit(cell)
    left_out = cell.unheaded and cell.how == "gone"  # an empty cell or none: neither heading nor row tells
    unknown = cell.crowded or left_out or (has_unlike_columns(cell) and cell.seen is None) or has_guessed_columns(cell)
    loose = cell.evidence is not None and cell.evidence.page is not None and cell.layout not in REGULAR
    by_how = cell.how in ALWAYS_BY_HOW or ((cell.seen is not None or loose) and cell.how in ALWAYS_ON_PAGES)
    return unreadable or joined or unknown or cell.unit_from_heading or by_how or bool(cell.doubt)


def begins_with_zero(cell: MappedCell) -> bool:
    """Whether the number of a scanned cell begins with a zero that says nothing: two were taken for one."""
    return cell.seen is not None and begins_padded(cell.raw or "")


def ends_in_unit(cell: MappedCell) -> bool:
    """Whether a unit was read behind the 1 of a longer number on a scan: a stroke of the unit may have been read so."""
    return cell.seen is not None and bool(_UNIT_BEHIND.search(cell.raw or ""))


def has_unlike_columns(cell: MappedCell) -> bool:
    """Whether headings over the columns are printed that do not tell their order: unlike the form's, or at odds."""
    return cell.order is not None and cell.order.doubtful and not cell.order.printed


def has_guessed_columns(cell: MappedCell) -> bool:
    """Whether columns of a scanned row are other than the form's, or some of them, and no heading over them says so.

    Elsewhere as many values as are left tell that with their sums; on scans some of them are lost.
    """
    if cell.seen is None or cell.order is None or cell.order.printed:
        return False
    part = cell.match is not None and len(cell.match.columns) < len(cell.form.blocks[cell.match.block].columns)
    return part or not cell.order.usual


def decide(
    cell: MappedCell, confidence: float, *, fails: int, threshold: float, barred: Collection[str] = ()
) -> Decision:
    """Decide on one cell; reasons are given for cells under review only.

    `barred`: the codes of what its form or its row is not to be trusted for; with any the cell is not accepted.
    """
    if not barred and confidence >= threshold and not is_always_reviewed(cell):
        return ACCEPTED
    low = ("low_confidence",) if confidence < threshold else ()
    return Decision(review=True, reasons=(*low, *barred, *_find_reasons(cell, fails)))


def _find_reasons(cell: MappedCell, fails: int) -> tuple[str, ...]:
    match = cell.match
    labelled = match is not None and bool(cell.form.blocks[match.block].rows[match.row].path)
    checks = {
        "unreadable": cell.value.state is State.UNREADABLE and cell.how != "lost",
        "column_unknown": cell.how == "lost",
        "column_inferred": cell.how == "inferred" or has_guessed_columns(cell),
        "no_values": cell.how == "gone",
        "lone_mark": cell.doubt == "lone_mark",
        "more_values_than_columns": cell.how == "extra",
        "zero_before": begins_with_zero(cell),
        "unit_beside": ends_in_unit(cell),
        "merged_value": cell.how == "merged" or cell.doubt == "merged_value",
        "label_doubtful": match is not None and labelled and match.score < DOUBTFUL_LABEL,
        "row_moved": match is not None and not match.in_order,
        "unit_from_heading": cell.unit_from_heading,
        "columns_unlike": has_unlike_columns(cell),
        "row_unclaimed": cell.crowded,
        "identity_fails": fails > 0,
        "missing": cell.how == "missing",
    }
    return tuple(code for code, holds in checks.items() if holds)
