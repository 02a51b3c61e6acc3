from __future__ import annotations

import random
from decimal import Decimal

import pytest

from models.numbers import State
from review.answers import Answer, Vote, judge_votes
from review.intervals import Stratum, estimate_share
from review.priority import draw_audit, find_questions, find_stratum
from review.record_cells import parse_cells, parse_number
from tests.review.records import FIELDS, make_cell, make_record


def test_cells_that_are_accepted_raise_no_question() -> None:
    record = make_record("a", make_cell("total", 1, review=False), make_cell("other", 1))
    assert [question.field for question in find_questions(parse_cells(record), [])] == [
        "disputes.reconsideration.other"
    ]


def test_a_finding_without_doubtful_cells_makes_nothing_urgent() -> None:
    record = make_record("a", make_cell("total", 1, review=False), make_cell("other", 1, confidence=0.4))
    finding = {"cells": ["disputes.reconsideration.total"]}
    assert [question.rank for question in find_questions(parse_cells(record), [finding, {}])] == [0.4]


def test_the_audit_draws_each_accepted_cell_by_its_chance_whatever_its_confidence() -> None:
    chance = random.Random(3)
    drawn = total = sure = 0
    for number in range(400):
        cells = [make_cell(name, 5, review=False, confidence=chance.random()) for name in FIELDS]
        parsed = parse_cells(make_record(str(number), *cells))
        found = draw_audit(parsed, document=str(number), source_kind="pdf", rates={"digit": 0.2}, seed=1)
        total += len(parsed)
        drawn += len(found)
        confidences = {cell.field: cell.confidence for cell in parsed}
        sure += sum(confidences[question.field] > 0.5 for question in found)
        assert all(0 <= question.rank < 1 and question.chance == 0.2 for question in found)
    assert 0.16 < drawn / total < 0.24
    assert 0.4 < sure / drawn < 0.6


@pytest.mark.parametrize(
    ("state", "value", "stratum"),
    [
        (State.NUMBER, "0", "zero"),
        (State.NUMBER, "9.0", "digit"),
        (State.NUMBER, "-3", "number"),
        (State.NUMBER, "10", "number"),
        (State.BLANK, None, "empty"),
        (State.MISSING, None, "empty"),
    ],
)
def test_strata_follow_what_is_printed(state: State, value: str | None, stratum: str) -> None:
    assert find_stratum(state, None if value is None else Decimal(value)) == stratum


def vote(number: int, value: int | None) -> Vote:
    return Vote(number, None, None) if value is None else Vote(number, State.NUMBER, Decimal(value))


@pytest.mark.parametrize(
    ("values", "wanted", "status", "decides"),
    [
        ([], 1, "open", None),
        ([4], 1, "settled", 0),
        ([4], 2, "open", None),
        ([4, 4], 2, "settled", 1),
        ([4, 5], 2, "open", None),
        ([4, 5, 5], 2, "settled", 2),
        ([4, 5, 6], 2, "disputed", None),
        ([None], 1, "open", None),
        ([None, 4], 1, "settled", 1),
        ([None, None], 1, "unsure", None),
        ([None, 4], 2, "open", None),
        ([None, 4, 5], 2, "disputed", None),
        ([4, None, None], 2, "unsure", None),
    ],
)
def test_votes_decide(values: list[int | None], wanted: int, status: str, decides: int | None) -> None:
    verdict = judge_votes([vote(number, value) for number, value in enumerate(values)], wanted=wanted)
    assert (verdict.status, verdict.decides) == (status, decides)


def test_equal_numbers_agree_however_many_places_they_have() -> None:
    votes = [Vote(1, State.NUMBER, Decimal("12.5")), Vote(2, State.NUMBER, Decimal("12.50"))]
    assert judge_votes(votes, wanted=2).status == "settled"


@pytest.mark.parametrize(
    "wrong",
    [
        {"person": "", "state": State.BLANK},
        {"person": "p", "state": State.NUMBER},
        {"person": "p", "state": State.BLANK, "value": Decimal(1)},
        {"person": "p", "state": None, "value": Decimal(1)},
        {"person": "p", "state": State.NUMBER, "value": Decimal("NaN")},
        {"person": "p", "state": State.BLANK, "seconds": -1.0},
        {"person": "p", "state": State.BLANK, "seconds": float("nan")},
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Answer(**wrong)  # type: ignore[arg-type]


def test_nothing_audited_says_nothing() -> None:
    assert estimate_share([Stratum(1000, 0, 0)]).share is None


def test_strata_weigh_as_many_cells_as_they_hold() -> None:
    share = estimate_share([Stratum(9000, 100, 0), Stratum(1000, 100, 10)])
    assert share.share == pytest.approx(0.01)
    assert share.low < 0.01 < share.high  # type: ignore[operator]


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = random.Random(5)
    held = 0
    for _ in range(400):
        wrong = [sum(chance.random() < p for _ in range(n)) for p, n in ((0.002, 500), (0.02, 300))]
        share = estimate_share([Stratum(40_000, 500, wrong[0]), Stratum(10_000, 300, wrong[1])])
        held += share.low <= 0.0056 <= share.high  # type: ignore[operator]
    assert held / 400 >= 0.93


@pytest.mark.parametrize("value", ["1", True, float("inf"), [], Decimal("NaN")])
def test_what_is_no_number_is_not_parsed(value: object) -> None:
    with pytest.raises(ValueError):
        parse_number(value)
