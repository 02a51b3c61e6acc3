"""Which cells are never accepted, whatever their confidence, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extraction.deciding import BARRING, REASONS, decide, is_always_reviewed
from extraction.forms import RowMatch
from extraction.headings import ColumnOrder
from extraction.mapping import MappedCell
from models.document import Evidence
from models.form import load_forms
from models.numbers import MISSING, UNREADABLE, parse_value
from models.picture import SeenCell

FORM = load_forms()["requests@2021"]
FIELD = FORM.fields[0]
USUAL = ColumnOrder(tuple(range(7)), 1.0, printed=True, width=7)
CELL = MappedCell(FIELD, FORM, parse_value("3"), "3", None, "complete", None, USUAL, "ruled")
CHANGES: dict[str, dict[str, Any]] = {
    "unreadable": {"value": UNREADABLE},
    "column_unknown": {"how": "lost", "value": UNREADABLE},
    "column_inferred": {"how": "inferred"},
    "no_values": {"how": "gone"},
    "more_values_than_columns": {"how": "extra"},
    "zero_before": {"raw": "0 3", "seen": SeenCell((), ())},
    "unit_beside": {"raw": "6791项", "seen": SeenCell((), ())},
    "lone_mark": {"value": parse_value("*"), "raw": "*", "doubt": "lone_mark"},
    "merged_value": {"how": "merged"},
    "unit_from_heading": {"unit_from_heading": True},
    "columns_unlike": {"order": replace(USUAL, printed=False, doubtful=True)},
    "row_unclaimed": {"crowded": True},
    "missing": {"how": "missing", "value": MISSING},
}


@pytest.mark.parametrize("code", CHANGES)
def test_a_reason_that_bars_acceptance_is_given_for_cells_that_are_never_accepted_and_only_for_them(code: str) -> None:
    cell = replace(CELL, **CHANGES[code])
    reasons = decide(cell, 0.0, fails=0, threshold=0.5).reasons
    assert code in reasons
    assert is_always_reviewed(cell) == (not BARRING.isdisjoint(reasons)) == (code in BARRING)
    assert decide(cell, 1.0, fails=0, threshold=0.5).review == (code in BARRING)


def test_a_cell_read_without_doubt_is_accepted_from_the_threshold_on() -> None:
    assert not decide(CELL, 0.5, fails=1, threshold=0.5).review
    assert decide(CELL, 0.49, fails=1, threshold=0.5).reasons == ("low_confidence", "identity_fails")


@pytest.mark.parametrize("raw", ["0", "0.5", "30", "103"])
def test_a_zero_that_says_something_is_accepted_on_scans(raw: str) -> None:
    cell = replace(CELL, value=parse_value(raw), raw=raw, seen=SeenCell((), ()))
    assert not decide(cell, 1.0, fails=0, threshold=0.5).review


def test_what_a_form_is_not_trusted_for_bars_its_cells() -> None:
    decision = decide(CELL, 1.0, fails=0, threshold=0.5, barred=("other_year",))
    assert decision.review
    assert decision.reasons == ("other_year",)
    assert REASONS.keys() >= BARRING


def test_columns_left_out_on_a_scan_that_no_heading_tells_are_inferred() -> None:
    order = replace(USUAL, columns=(0, 1, 6), printed=False)
    scanned = replace(CELL, order=order, seen=SeenCell((), ()))
    decision = decide(scanned, 1.0, fails=0, threshold=0.5)
    assert decision.review
    assert decision.reasons == ("column_inferred",)
    headed = replace(scanned, order=replace(order, printed=True))
    assert not decide(headed, 1.0, fails=0, threshold=0.5).review
    assert not decide(replace(CELL, order=order), 1.0, fails=0, threshold=0.5).review


def test_a_value_more_than_columns_is_accepted_from_a_grid_and_not_from_the_lines_of_a_page() -> None:
    cell = replace(CELL, how="extra", evidence=Evidence(page=2))
    assert not decide(cell, 1.0, fails=0, threshold=0.5).review
    decision = decide(replace(cell, layout="lines"), 1.0, fails=0, threshold=0.5)
    assert decision.review
    assert decision.reasons == ("more_values_than_columns",)
    assert not decide(replace(cell, layout="lines", evidence=Evidence(line=4)), 1.0, fails=0, threshold=0.5).review


@pytest.mark.parametrize("raw", ["679项", "1件", "0件"])
def test_a_unit_behind_a_number_is_no_doubt_where_no_stroke_of_it_can_have_been_read_as_a_one(raw: str) -> None:
    cell = replace(CELL, value=parse_value(raw), raw=raw, seen=SeenCell((), ()))
    assert not decide(cell, 1.0, fails=0, threshold=0.5).review


def test_some_of_the_columns_of_a_scanned_row_that_no_heading_tells_are_inferred() -> None:
    disputes = load_forms()["disputes@2019"]
    match = RowMatch(0, 0, 0, 1.0, 0.0, 1.0, tuple(range(5, 15)))
    order = replace(USUAL, columns=tuple(range(10)), printed=False, width=10)
    scanned = replace(CELL, form=disputes, match=match, order=order, seen=SeenCell((), ()))
    assert "column_inferred" in decide(scanned, 1.0, fails=0, threshold=0.5).reasons
    told = replace(scanned, order=replace(order, printed=True))
    every = tuple(range(15))
    whole = replace(scanned, match=replace(match, columns=every), order=replace(order, columns=every, width=15))
    for cell in (told, whole, replace(scanned, seen=None)):
        assert not decide(cell, 1.0, fails=0, threshold=0.5).review
