from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.comparing import MARGINS, compare_models
from training.evaluation import Evaluation, judge_record
from training.plots import draw_bars, draw_comparison, draw_series, plot_evaluation, save_figure

PNG = b"\x89PNG"


def make_evaluation(*, wrong: int, confidence: float = 0.99, layout: str = "tabs") -> Evaluation:
    truth = {
        "forms": ["requests@2021"],
        "layout": layout,
        "cells": {f"requests.{i}": {"state": "number", "value": 1} for i in range(10)},
    }
    cells: list[dict[str, Any]] = [
        {"id": f"requests.{i}", "state": "number", "value": 2 if i < wrong else 1, "review": False,
         "confidence": confidence - i / 1000}
        for i in range(10)
    ]  # fmt: skip
    return Evaluation([judge_record({"source": "a.txt", "cells": cells}, truth)])


@pytest.mark.parametrize(
    "evaluation",
    [
        make_evaluation(wrong=3),
        make_evaluation(wrong=0),
        make_evaluation(wrong=10, confidence=1.0),
        make_evaluation(wrong=1, layout=""),
        make_evaluation(wrong=1, layout="布局"),
    ],
    ids=["some wrong", "none wrong", "all wrong", "layout unknown", "layout in Chinese"],
)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_every_evaluation_can_be_drawn(evaluation: Evaluation, tmp_path: Path) -> None:
    paths = plot_evaluation(evaluation, tmp_path / "plots", prefix="x-")
    assert len(paths) == 5
    assert all(path.read_bytes().startswith(PNG) and path.name.startswith("x-") for path in paths)


def test_pictures_are_small_and_the_same_each_time(tmp_path: Path) -> None:
    one, two = (plot_evaluation(make_evaluation(wrong=3), tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert max(path.stat().st_size for path in one) < 60_000


def test_an_evaluation_without_cells_can_be_drawn(tmp_path: Path) -> None:
    nothing = Evaluation([judge_record({"source": "a"}, {"forms": [], "cells": {}})])
    assert len(plot_evaluation(nothing, tmp_path)) == 5


def test_comparisons_bars_and_series_are_drawn(tmp_path: Path) -> None:
    documents = make_evaluation(wrong=3).documents
    comparison = compare_models(documents, documents, resamples=20)
    figures = (
        draw_comparison(comparison, MARGINS),
        draw_bars({"a": {"before": 1.0, "after": 0.5}, "b": {"before": 2.0}}, "bars", unit="%"),
        draw_series([("2026-01", 1.0, 0.5, 3.0), ("2026-02", 0.0, 0.0, 2.0)], "series", unit="of 10,000"),
    )
    for number, figure in enumerate(figures):
        assert save_figure(figure, tmp_path / f"{number}.png").read_bytes().startswith(PNG)
