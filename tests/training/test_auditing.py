from __future__ import annotations

import random
from typing import Any

import pytest

from training.auditing import draw_audit, estimate_audit, find_exact_interval

MONTH = "2026-11"


def make_record(name: str, n_cells: int, *, media_type: str = "text/html", judge: str = "aaa") -> dict[str, Any]:
    """A record of which every fifth cell is under review; confidences differ widely."""
    cells = [
        {
            "id": f"requests.{i}", "form": "requests@2021", "state": "number", "value": i, "raw": str(i),
            "confidence": 0.9 + i / 10_000, "review": i % 5 == 0, "reasons": [], "evidence": None,
        }
        for i in range(n_cells)
    ]  # fmt: skip
    return {"source": name, "sha256": name, "media_type": media_type, "cells": cells, "models": {"cells": judge}}


def answer(row: dict[str, Any], *, wrong: bool = False) -> dict[str, Any]:
    value = row["before"]["value"] + 1 if wrong else row["before"]["value"]
    return row | {"after": {"state": "number", "value": value}}


def make_row(*, population: int, month: str = MONTH, kind: str = "html", judge: str = "aaa") -> dict[str, Any]:
    stratum = {"month": month, "source_kind": kind, "model": judge}
    return {"before": {"state": "number", "value": 1}, "population": population, **stratum}


def test_only_accepted_cells_are_asked_about() -> None:
    drawn = draw_audit([make_record("a", 100)], month=MONTH, size=1000)
    assert len(drawn) == 80
    assert {row["population"] for row in drawn} == {80}
    assert not [row for row in drawn if int(row["field"].split(".")[1]) % 5 == 0]


def test_a_question_says_nothing_of_confidence() -> None:
    (row, *_) = draw_audit([make_record("a", 100)], month=MONTH)
    assert "confidence" not in row
    assert "reasons" not in row


def test_every_stratum_has_its_questions_and_the_same_seed_draws_the_same() -> None:
    records = [make_record("a", 2000), make_record("b", 50, media_type="application/pdf"), make_record("c", 9)]
    drawn = draw_audit(records, month=MONTH, size=100, seed=3)
    kinds = [row["source_kind"] for row in drawn]
    assert kinds.count("pdf") == 20
    assert kinds.count("html") == 98
    assert drawn == draw_audit(records, month=MONTH, size=100, seed=3)
    assert drawn != draw_audit(records, month=MONTH, size=100, seed=4)


def test_records_without_accepted_cells_give_no_questions() -> None:
    error = {"source": "x", "sha256": None, "error": {"code": "encrypted", "message": ""}}
    assert draw_audit([error, make_record("a", 1)], month=MONTH) == []


def test_strata_count_by_their_size_not_by_their_answers() -> None:
    big = [answer(make_row(population=9000), wrong=False) for _ in range(50)]
    small = [answer(make_row(population=1000, kind="pdf"), wrong=i < 25) for i in range(50)]
    audit = estimate_audit([*big, *small])
    assert audit.total.error == pytest.approx(0.1 * 0.5)
    assert audit.by["source_kind"]["pdf"].error == 0.5
    assert audit.total.low < 0.05 < audit.total.high


def test_no_error_seen_is_not_no_error() -> None:
    total = estimate_audit([answer(make_row(population=100_000)) for _ in range(300)]).total
    assert (total.error, total.low) == (0, 0)
    assert total.high == pytest.approx(0.0122, abs=1e-4)


def test_all_cells_asked_leave_nothing_uncertain() -> None:
    total = estimate_audit([answer(make_row(population=10), wrong=i == 0) for i in range(10)]).total
    assert total.low == total.error == total.high == 0.1


def test_questions_without_answers_are_counted_and_strata_without_any_are_told() -> None:
    rows = [answer(make_row(population=100)), make_row(population=100), make_row(population=40, kind="pdf")]
    audit = estimate_audit([*rows, make_row(population=100) | {"after": {"state": None}}])
    assert (audit.total.answered, audit.unanswered, audit.uncovered) == (1, 3, 40)
    assert audit.total.population == 100


def test_answers_that_do_not_say_their_population_take_it_from_the_records() -> None:
    row = answer(make_row(population=0))
    del row["population"]
    assert estimate_audit([row], population={(MONTH, "html", "aaa"): 50}).total.population == 50
    with pytest.raises(ValueError, match="more answers than accepted cells"):
        estimate_audit([row])


def test_nothing_answered_is_no_estimate() -> None:
    with pytest.raises(ValueError, match="no question"):
        estimate_audit([make_row(population=10)])


def test_the_exact_interval_is_that_of_the_tables() -> None:
    low, high = find_exact_interval(3, 50, certainty=0.95)
    assert (round(low, 4), round(high, 4)) == (0.0125, 0.1655)


def test_the_interval_holds_the_true_rate_as_often_as_it_says_though_cells_are_wrong_in_clusters() -> None:
    rng = random.Random(2)
    records = [make_record(str(i), 50, media_type="application/pdf" if i % 4 == 0 else "text/html") for i in range(200)]
    bad = {record["source"] for record in records if rng.random() < 0.04}  # whole documents are misread
    true = len(bad) / len(records)
    held, errors = 0, []
    for seed in range(200):
        drawn = draw_audit(records, month=MONTH, size=200, seed=seed)
        total = estimate_audit(answer(row, wrong=row["source"] in bad) for row in drawn).total
        held += total.low <= true <= total.high
        errors.append(total.error)
    assert held >= 186  # of 200; 190 are meant at least, and the draws are few
    assert sum(errors) / len(errors) == pytest.approx(true, abs=0.004)
