from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.drift import describe_signs, find_drift, measure_profile


def make_records(count: int, *, seed: int, doubtful: float = 0.0, review: float = 0.03, cells: int = 100) -> list[Any]:
    """Records whose confidences go together within a document, as they do."""
    rng = np.random.default_rng(seed)
    records = []
    for number in range(count):
        bad = rng.random() < review * 5
        confidences = 1 - rng.random(cells) * (0.2 if bad else 0.001)
        records.append(
            {
                "source": str(number),
                "cells": [
                    {
                        "confidence": float(confidence),
                        "review": bool(bad and rng.random() < 0.2),
                        "reasons": ["label_doubtful"] if rng.random() < doubtful else [],
                    }
                    for confidence in confidences
                ],
            }
        )
    return records


def find_alarms(reference: list[Any], current: list[Any]) -> set[str]:
    signs = find_drift(measure_profile(reference), measure_profile(current), draws=300)
    return {sign.name for sign in signs if sign.alarm}


def test_documents_of_the_same_kind_raise_no_alarm() -> None:
    alarms = [find_alarms(make_records(80, seed=1), make_records(40, seed=seed)) for seed in range(2, 12)]
    assert sum(map(bool, alarms)) <= 2  # six signs, each alarms once in a hundred


def test_other_wordings_raise_the_alarm_of_labels() -> None:
    assert "unknown_labels" in find_alarms(make_records(80, seed=1), make_records(40, seed=2, doubtful=0.2))


def test_more_doubtful_tables_raise_the_alarms_of_review_and_confidence() -> None:
    alarms = find_alarms(make_records(80, seed=1), make_records(40, seed=2, review=0.18))
    assert {"review_rate", "confidence_psi"} <= alarms


def test_fewer_doubts_than_before_are_no_alarm_of_review() -> None:
    alarms = find_alarms(make_records(80, seed=1, review=0.18), make_records(80, seed=2, review=0.0))
    assert "review_rate" not in alarms


def test_documents_that_cannot_be_read_raise_an_alarm() -> None:
    unread = [{"source": "x", "error": {"code": "damaged", "message": ""}}] * 20
    assert "unread" in find_alarms(make_records(80, seed=1), [*make_records(20, seed=2), *unread])
    empty = [{"source": "x", "cells": []}] * 20
    assert "without_form" in find_alarms(make_records(80, seed=1), [*make_records(20, seed=2), *empty])


def test_drift_from_nothing_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="no"):
        find_drift(measure_profile([]), measure_profile(make_records(3, seed=1)))


def test_an_alarm_is_told_in_plain_words() -> None:
    signs = find_drift(
        measure_profile(make_records(40, seed=1)), measure_profile(make_records(40, seed=2, doubtful=0.3)), draws=100
    )
    text = describe_signs(signs)
    assert "ALARM unknown_labels" in text
    assert "more labels are unlike those of the forms" in text
