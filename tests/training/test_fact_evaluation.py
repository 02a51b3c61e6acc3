from __future__ import annotations

from typing import Any

import pytest

from training.fact_evaluation import judge_facts, measure_facts


def fact(item: str | None, value: float, unit: str = "件", **more: Any) -> dict[str, Any]:
    return {"item": item, "value": value, "unit": unit, "confidence": 0.9} | more


def judge(found: list[dict[str, Any]], expected: list[dict[str, Any]], **truth: Any):
    verdict = judge_facts({"facts": found}, {"facts": expected} | truth)
    assert verdict is not None
    return verdict


def test_a_fact_is_right_when_item_and_value_are() -> None:
    verdict = judge([fact("requests.received", 61), fact("requests.granted", 3)], [fact("requests.received", 61)])
    assert (verdict.right, verdict.invented, verdict.missed) == ({"requests.received": 1}, {"requests.granted": 1}, {})


def test_a_fact_said_twice_counts_twice() -> None:
    verdict = judge([fact("requests.received", 61)], [fact("requests.received", 61)] * 2)
    assert verdict.missed == {"requests.received": 1}


def test_names_outside_the_contract_are_one_class() -> None:
    verdict = judge([fact(None, 50, "条")], [fact("proactive.dynamics", 50, "条")])
    assert verdict.right == {"(other)": 1}


def test_money_is_the_same_in_any_unit() -> None:
    assert judge([fact("fees.amount", 1.5, "万元")], [fact("fees.amount", 15000, "元")]).right == {"fees.amount": 1}


def test_an_invented_fact_that_a_true_cell_says_is_confirmed() -> None:
    cells = {"requests.new.total": {"state": "number", "value": 0}}
    verdict = judge([fact("requests.received", 0, cell="requests.new.total")], [], cells=cells)
    assert (sum(verdict.invented.values()), verdict.confirmed) == (1, 1)


def test_precision_and_recall_are_shown_by_item_and_layout() -> None:
    verdict = judge([fact("requests.received", 61)], [fact("requests.received", 61), fact("requests.granted", 2)])
    measures = measure_facts([("tabs", verdict), ("pdf", None)])
    assert (measures["all"]["precision"], measures["all"]["recall"]) == (1.0, 0.5)
    assert measures["by_item"]["requests.granted"] == {"facts": 1, "precision": None, "recall": 0.0}
    assert list(measures["by_layout"]) == ["tabs"]


@pytest.mark.parametrize("record", [{"error": {"code": "empty"}}, {"facts": []}])
def test_a_document_without_facts_in_its_truth_is_not_measured(record: dict[str, Any]) -> None:
    assert judge_facts(record, {}) is None
    assert measure_facts([("tabs", judge_facts(record, {}))]) == {}
