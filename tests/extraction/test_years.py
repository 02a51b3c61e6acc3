from __future__ import annotations

from typing import Any

import pytest

from extraction.explaining import explain_cell
from extraction.years import check_years, make_year_entry
from models.decoding import Priors
from models.form import load_forms

PRIORS = Priors(misprint=1e-3)
REQUESTS = load_forms()["requests@2021"]


def make_record(year: int, numbers: dict[str, int], **changes: Any) -> dict[str, Any]:
    """A record of one requests table; fields not named are 0."""
    cells = [
        {
            "id": field.field_id,
            "form": "requests@2021",
            "state": "number",
            "value": numbers.get(field.field_id.removeprefix("requests."), 0),
            "raw": str(numbers.get(field.field_id.removeprefix("requests."), 0)),
            "confidence": 0.9999,
            "review": False,
            "reasons": [],
        }
        for field in REQUESTS.fields
    ]
    return {
        "source": f"{year}.html",
        "organization": "栖河县财政局",
        "year": year,
        "cells": cells,
        "facts": [],
    } | changes


CARRIED = {"new.company": 5, "new.total": 5, "carried_out.company": 5, "carried_out.total": 5}
TAKEN = {"carried_in.company": 5, "carried_in.total": 5} | {
    f"{row}.{column}": 5 for row in ("granted", "concluded") for column in ("company", "total")
}


def test_years_that_join_have_no_findings() -> None:
    assert not list(check_years([make_record(2022, CARRIED), make_record(2023, TAKEN)], priors=PRIORS))


def test_what_was_carried_out_must_be_carried_in() -> None:
    records = [make_record(2022, CARRIED), make_record(2023, {})]
    findings = list(check_years(records, priors=PRIORS))
    assert {finding.cells for finding in findings} == {
        ((2023, f"requests.carried_in.{column}"), (2022, f"requests.carried_out.{column}"))
        for column in ("company", "total")
    }
    assert {(finding.left, finding.right, finding.kind) for finding in findings} == {(0, 5, "source")}


def test_years_that_do_not_follow_are_not_compared() -> None:
    assert not list(check_years([make_record(2021, CARRIED), make_record(2023, {})], priors=PRIORS))


def test_agencies_are_not_mixed() -> None:
    records = [make_record(2022, CARRIED), make_record(2023, {}, organization="云川市水务局")]
    assert not list(check_years(records, priors=PRIORS))


def test_a_cell_under_review_makes_the_finding_one_of_the_reading() -> None:
    now = make_record(2023, {})
    next(cell for cell in now["cells"] if cell["id"] == "requests.carried_in.company")["review"] = True
    kinds = {f.cells[0][1]: f.kind for f in check_years([make_record(2022, CARRIED), now], priors=PRIORS)}
    assert kinds["requests.carried_in.company"] == "reading"
    assert kinds["requests.carried_in.total"] == "source"


def test_copies_of_one_report_that_differ_are_a_finding() -> None:
    scan = make_record(2022, CARRIED | {"new.company": 6}, source="scan.pdf")
    (finding,) = check_years([make_record(2022, CARRIED), scan], priors=PRIORS)
    entry = make_year_entry(finding)
    assert (entry["identity"], entry["left"], entry["right"]) == ("copies", 5, 6)
    assert entry["sources"] == ["2022.html", "scan.pdf"]


def test_error_records_and_records_without_a_year_are_passed_over() -> None:
    records = [{"source": "x", "error": {"code": "empty", "message": ""}}, make_record(2022, CARRIED) | {"year": None}]
    assert not list(check_years(records, priors=PRIORS))


def test_an_explanation_says_what_each_sum_is_worth() -> None:
    record = make_record(2022, CARRIED)
    cell = next(cell for cell in record["cells"] if cell["id"] == "requests.new.company")
    cell["candidates"] = [{"text": "5", "probability": 0.6}, {"text": "6", "probability": 0.35}]
    explanation = explain_cell(record, "requests.new.company", priors=PRIORS)
    assert explanation.alone == pytest.approx(0.6, abs=0.01)
    assert explanation.decoded.confidence > 0.999
    assert {effect.check.identity.identity_id for effect in explanation.sums} == {
        "requests.new.total",
        "requests.balance",
    }
    assert all(effect.without <= explanation.decoded.confidence for effect in explanation.sums)


def test_a_fact_is_part_of_the_explanation() -> None:
    fact = {"cell": "requests.new.total", "value": 5, "confidence": 0.97}
    explanation = explain_cell(make_record(2022, CARRIED, facts=[fact]), "requests.new.total", priors=PRIORS)
    assert [effect.witness.value for effect in explanation.witnesses] == [5]


def test_an_unknown_cell_cannot_be_explained() -> None:
    with pytest.raises(KeyError):
        explain_cell(make_record(2022, CARRIED), "requests.new.nobody", priors=PRIORS)
