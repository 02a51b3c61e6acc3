from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from training.comparing import compare_models, find_chance_of_worse, judge_challenger
from training.evaluation import DocumentVerdict, judge_record

N_CELLS = 40


def make_verdict(name: str, wrong: Sequence[int], *, accepted: bool = True, cells: int = N_CELLS) -> DocumentVerdict:
    truth = {
        "forms": ["requests@2021"],
        "cells": {f"requests.{i}": {"state": "number", "value": i % 3} for i in range(cells)},
    }
    read: list[dict[str, Any]] = [
        {
            "id": f"requests.{i}",
            "state": "number",
            "value": 99 if i in wrong else i % 3,
            "review": not accepted,
            "confidence": 0.9,
        }
        for i in range(cells)
    ]
    return judge_record({"source": name, "cells": read}, truth)


def make_model(n_documents: int, share: float, *, seed: int = 1) -> list[DocumentVerdict]:
    """Documents of which a share has half of its cells wrong, as a table read badly has."""
    rng = np.random.default_rng(seed)
    return [make_verdict(f"{i}", range(N_CELLS // 2) if rng.random() < share else ()) for i in range(n_documents)]


def test_the_same_model_twice_differs_in_nothing() -> None:
    model = make_model(30, 0.2)
    comparison = compare_models(model, model, resamples=200)
    assert (comparison.fixed, comparison.broken, comparison.better, comparison.worse) == (0, 0, 0, 0)
    assert all((d.difference, d.low, d.high, d.bound) == (0, 0, 0, 0) for d in comparison.differences)


def test_a_better_model_is_told_with_an_interval_that_holds_the_difference() -> None:
    comparison = compare_models(make_model(200, 0.3), make_model(200, 0.05, seed=2), resamples=1000)
    error = comparison.differences[0]
    assert error.measure == "error_rate"
    assert error.low < error.difference < error.high < 0
    assert comparison.better > comparison.worse


def test_documents_are_drawn_not_cells_so_one_bad_document_makes_a_wide_interval() -> None:
    sound = [make_verdict(str(i), ()) for i in range(20)]
    one_bad = [make_verdict("0", range(N_CELLS)), *sound[1:]]
    spread = [make_verdict(str(i), range(2)) for i in range(20)]  # as many wrong cells, over all documents
    widths = [
        (d := compare_models(sound, model, resamples=2000).differences[0]).high - d.low for model in (one_bad, spread)
    ]
    assert widths[0] > 0.05 > widths[1]


def test_a_challenger_that_is_clearly_worse_is_not_promoted() -> None:
    verdict = judge_challenger(compare_models(make_model(200, 0.0), make_model(200, 0.1), resamples=500))
    assert not verdict.promoted
    assert any(reason.startswith("error_rate") for reason in verdict.reasons)


def test_a_challenger_as_good_is_promoted_on_enough_documents_only() -> None:
    few, many = make_model(20, 0.1), make_model(150, 0.1)
    assert not judge_challenger(compare_models(few, few, resamples=200)).promoted
    assert judge_challenger(compare_models(many, many, resamples=200)).promoted


def test_a_challenger_that_asks_for_much_more_review_is_not_promoted() -> None:
    sure = [make_verdict(str(i), ()) for i in range(120)]
    unsure = [make_verdict(str(i), (), accepted=i > 20) for i in range(120)]
    verdict = judge_challenger(compare_models(sure, unsure, resamples=500))
    assert [reason.split()[0] for reason in verdict.reasons] == ["review_rate"]


def test_a_silent_error_more_is_seen_though_the_error_rate_is_the_same() -> None:
    reviewed = [make_verdict(str(i), range(4), accepted=False) for i in range(120)]
    silent = [make_verdict(str(i), range(4)) for i in range(120)]
    verdict = judge_challenger(compare_models(reviewed, silent, resamples=500))
    assert [reason.split()[0] for reason in verdict.reasons] == ["silent_error_rate"]


def test_the_bound_of_a_worse_model_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    true = 0.5 * 0.06  # half of the cells of 6 documents in 100
    held = 0
    for _ in range(100):
        bad = rng.random(120) < 0.06
        model = [make_verdict(str(i), range(N_CELLS // 2) if bad[i] else ()) for i in range(120)]
        sound = [make_verdict(str(i), ()) for i in range(120)]
        held += compare_models(sound, model, resamples=300, seed=1).differences[0].bound >= true
    assert held >= 88  # of 100; 95 are meant, and the bootstrap of rare losses is known to fall a little short


def test_other_documents_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="same documents"):
        compare_models(make_model(3, 0), make_model(4, 0))
    with pytest.raises(ValueError, match="no documents"):
        compare_models([], [])
    with pytest.raises(ValueError, match="truth of 0 has changed"):
        compare_models([make_verdict("0", ())], [make_verdict("0", (), cells=3)])


def test_what_no_document_shows_may_still_happen_in_three_of_a_hundred() -> None:
    assert find_chance_of_worse(100) == pytest.approx(0.0295, abs=1e-3)
