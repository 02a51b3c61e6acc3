from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from extraction.pipeline import make_reader
from models.policy import DIGITAL, PAGES, Promise, load_promises, save_promise
from models.trained import TRAINED_FOLDER, load_trained
from service.command import app

RUNNER = CliRunner()
MODELS = ("lines", "labels", "forms", "cells", "facts")


def make_promise(**changes: object) -> Promise:
    cells = load_trained("cells").version
    values = {
        "kind": DIGITAL, "target": 0.0005, "certainty": 0.95, "threshold": 0.9991, "bound": 0.0004, "method": "gamma",
        "units": 2000, "accepted": 290_000, "wrong": 31, "largest": 25.0, "certified": True, "models": {"cells": cells},
        "data": {"kind": "synthetic"},
    }  # fmt: skip
    return Promise(**(values | changes))  # type: ignore[arg-type]


def write_record(folder: Path) -> Path:
    cells = [
        {"id": f"disputes.reconsideration.{key}", "form": "disputes@2019", "state": "number", "value": value,
         "raw": str(value), "confidence": 0.999, "review": False, "reasons": [], "evidence": None}
        for key, value in {"upheld": 3, "corrected": 0, "other": 0, "pending": 1, "total": 3}.items()
    ]  # fmt: skip
    path = folder / "records.jsonl"
    record = {"source": "a.html", "organization": "栖河县财政局", "year": 2022, "cells": cells, "facts": []}
    path.write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf-8")
    return path


def test_a_promise_for_these_models_sets_the_threshold() -> None:
    models = {name: load_trained(name) for name in MODELS}
    reader = make_reader(models, promises={DIGITAL: make_promise()})
    assert reader.policy.cell_thresholds[DIGITAL] == 0.9991
    assert reader.policy.cell_thresholds[PAGES] == models["cells"].card["threshold"]
    assert list(reader.promises) == [DIGITAL]


@pytest.mark.parametrize("changes", [{"models": {"cells": "another"}}, {"certified": False, "threshold": 1.0}])
def test_a_promise_that_does_not_hold_here_is_not_made(changes: dict[str, object]) -> None:
    models = {name: load_trained(name) for name in MODELS}
    reader = make_reader(models, promises={DIGITAL: make_promise(**changes)})
    assert reader.policy.cell_thresholds[DIGITAL] == models["cells"].card["threshold"]
    assert not reader.promises


def test_promises_of_other_kinds_of_sources_are_kept(tmp_path: Path) -> None:
    save_promise(make_promise(kind="scan", threshold=0.99), folder=tmp_path)
    save_promise(make_promise(), folder=tmp_path)
    save_promise(make_promise(threshold=0.9995), folder=tmp_path)
    assert {kind: p.threshold for kind, p in load_promises(folder=tmp_path).items()} == {
        "digital": 0.9995,
        "scan": 0.99,
    }


def test_policy_show_says_what_is_promised(tmp_path: Path) -> None:
    save_promise(make_promise(), folder=tmp_path)
    shown = RUNNER.invoke(app, ["policy", "show", "--folder", str(tmp_path)]).output
    assert "at most 1/2000" in shown
    assert "31 wrong of 290000" in shown


def test_policy_show_without_a_policy_says_so(tmp_path: Path) -> None:
    assert "no policy" in RUNNER.invoke(app, ["policy", "show", "--folder", str(tmp_path)]).output


def test_policy_fit_from_few_documents_promises_nothing(tmp_path: Path) -> None:
    for name in MODELS:
        (tmp_path / name).symlink_to(TRAINED_FOLDER / name)
    result = RUNNER.invoke(app, ["policy", "fit", "1/2000", "--count", "20", "--folder", str(tmp_path)])
    assert result.exit_code == 1
    assert "nothing is accepted" in result.output
    assert not load_promises(folder=tmp_path)[DIGITAL].certified


@pytest.mark.parametrize("target", ["many", "0", "2", "1/0"])
def test_a_target_that_is_no_share_is_wrong_usage(target: str) -> None:
    assert RUNNER.invoke(app, ["policy", "fit", target]).exit_code == 2


def test_explain_shows_candidates_sums_and_proposals(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["explain", str(write_record(tmp_path)), "disputes.reconsideration.total"])
    assert result.exit_code == 0
    assert "candidate '3'" in result.output
    assert "sum disputes.reconsideration.total fails (4 and 3)" in result.output
    assert "proposal" in result.output


def test_explain_of_an_unknown_cell_is_wrong_usage(tmp_path: Path) -> None:
    assert RUNNER.invoke(app, ["explain", str(write_record(tmp_path)), "requests.new.total"]).exit_code == 2


def test_check_of_something_else_than_records_is_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text("[1, 2]\n", "utf-8")
    assert RUNNER.invoke(app, ["check", str(path)]).exit_code == 2


def test_check_of_one_report_finds_nothing(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["check", str(write_record(tmp_path)), "--json"])
    assert result.exit_code == 0
    assert "0 findings" in result.output
