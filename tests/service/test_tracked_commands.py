from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from models.trained import TRAINED_FOLDER, TrainedModel, hash_arrays, load_trained, save_trained
from service.command import app
from service.model_choice import ModelError, check_models, find_models
from training.synthesis.corpus import write_corpus

pytestmark = pytest.mark.filterwarnings("ignore")  # of mlflow and of what it imports
Run = Callable[..., Result]
DOCUMENTS = 5
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tracked")


@pytest.fixture
def gouji(place: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in a folder of its own, with a store of its own."""
    monkeypatch.setenv("GOUJI_TRACKING", f"sqlite:///{place}/store/mlflow.d")
    monkeypatch.setenv("COLUMNS", "300")  # errors are set in boxes as wide as the terminal
    monkeypatch.chdir(place)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def gold(place: Path) -> Path:
    write_corpus(place / "gold", count=DOCUMENTS, seed=3, split="test")
    return place / "gold"


@pytest.fixture(scope="module")
def timid(place: Path) -> Path:
    """Models that accept nothing: worse in one thing alone, the review rate."""
    folder = place / "timid"
    shutil.copytree(TRAINED_FOLDER, folder)
    cells = load_trained("cells", folder=folder)
    arrays = cells.arrays | {"calibration_confidences": cells.arrays["calibration_confidences"] * 0.9}
    save_trained(TrainedModel("cells", arrays, cells.card | {"version": hash_arrays(arrays)}), folder=folder)
    return folder


def read_versions(gouji: Run) -> list[dict[str, Any]]:
    return list(json.loads(gouji("models", "list", "--json").stdout))


def test_models_are_registered_compared_promoted_and_rolled_back(gouji: Run, gold: Path, timid: Path) -> None:
    assert "no models are registered" in gouji("models", "list").stdout
    assert gouji("models", "register").stdout == "version 1\n"
    assert gouji("models", "register", str(timid)).stdout == "version 2\n"
    assert gouji("models", "register", "--description", "the same again").stdout == "version 3\n"
    assert [version["aliases"] for version in read_versions(gouji)] == [["challenger"], [], ["champion"]]

    unfrozen = gouji("models", "promote", "--gold", str(gold))
    assert unfrozen.exit_code == 1
    assert "was not frozen" in unfrozen.stderr
    assert gouji("models", "freeze", str(gold)).exit_code == 0

    few = gouji("models", "promote", "--gold", str(gold))
    assert few.exit_code == 1
    assert "5 documents show too little" in few.stderr

    worse = gouji("models", "promote", "2", "--gold", str(gold), "--fewest", "5")
    assert worse.exit_code == 1
    assert "review_rate may be" in worse.stderr
    assert "error_rate may be" not in worse.stderr.replace("silent_error_rate", "")

    as_good = gouji("models", "promote", "--gold", str(gold), "--fewest", "5")
    assert as_good.exit_code == 0, as_good.output
    assert "version 3 is the champion" in as_good.stdout
    (third, *_) = read_versions(gouji)
    assert third["aliases"] == ["challenger", "champion"]
    assert third["tags"]["promoted.gold"]

    assert "version 1 is the champion again" in gouji("models", "rollback").stdout
    again = gouji("models", "rollback")
    assert again.exit_code == 1
    assert "no champion before" in again.stderr


def test_extraction_reads_with_any_registered_models_and_its_records_name_them(
    gouji: Run, gold: Path, timid: Path
) -> None:
    document = next(str(path) for path in sorted(gold.iterdir()) if not path.name.endswith(".json"))
    cells = [version["models"]["cells"] for version in read_versions(gouji)]
    assert len(set(cells)) == 2
    for name, version in (("champion", cells[2]), ("2", cells[1]), (str(timid), cells[1])):
        run = gouji("extract", document, "--models", name, "--workers", "1", "--out", "one.jsonl")
        assert run.exit_code == 0, run.output
        assert json.loads((gold.parent / "one.jsonl").read_text("utf-8"))["models"]["cells"] == version
    wrong = gouji("extract", document, "--models", "17")
    assert wrong.exit_code == 2
    assert "no registered models" in wrong.stderr


def test_a_changed_gold_set_promotes_nothing(gouji: Run, gold: Path) -> None:
    truth = next(gold.glob("*.truth.json"))
    text = truth.read_text("utf-8")
    truth.write_text(text + "\n", "utf-8")
    run = gouji("models", "compare", "1", "2", "--gold", str(gold))
    truth.write_text(text, "utf-8")
    assert run.exit_code == 1
    assert truth.name in run.stderr


def test_an_evaluation_draws_its_pictures_compares_and_is_a_run(
    gouji: Run, gold: Path, timid: Path, tmp_path: Path
) -> None:
    run = gouji(
        "evaluate", str(gold), "--json", "--plots", str(tmp_path), "--models", str(timid), "--against", "1",
        "--workers", "1",
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    measures = json.loads(run.stdout)
    assert {"by_form", "by_kind", "by_layout", "by_source", "by_level", "errors_caught", "auroc"} <= measures.keys()
    assert measures["comparison"]["measures"]["review_rate"]["difference"] > 0.5
    names = {path.name for path in tmp_path.iterdir()}
    assert {"calibration.png", "risk-coverage.png", "errors-caught.png", "comparison.png"} <= names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())


def test_accepted_cells_are_audited_and_the_estimate_is_a_run(gouji: Run, gold: Path, place: Path) -> None:
    assert gouji("extract", str(gold), "--out", "records.jsonl", "--workers", "1").exit_code in (0, 1)
    drawn = gouji("audit", "draw", "records.jsonl", "--out", "questions.jsonl", "--size", "40", "--month", "2026-03")
    assert drawn.exit_code == 0, drawn.output
    rows = [json.loads(line) for line in (place / "questions.jsonl").read_text("utf-8").splitlines()]
    assert {row["month"] for row in rows} == {"2026-03"}
    answered = "".join(json.dumps(row | {"after": row["before"]}) + "\n" for row in rows)
    (place / "answers.jsonl").write_text(answered, "utf-8")
    run = gouji("audit", "estimate", "answers.jsonl", "--json")
    assert run.exit_code == 0, run.output
    total = json.loads(run.stdout)["total"]
    assert (total["wrong"], total["error"], total["low"]) == (0, 0, 0)
    assert 0 < total["high"] < 0.2
    unanswered = gouji("audit", "estimate", "questions.jsonl")
    assert unanswered.exit_code == 2
    assert "no question of the audit is answered" in unanswered.stderr


def test_drift_is_told_by_the_exit_status(gouji: Run, place: Path, gold: Path) -> None:
    assert gouji("audit", "drift", "records.jsonl", "records.jsonl", "--no-track").exit_code == 0
    errors = "".join(json.dumps({"source": str(i), "sha256": None, "error": {"code": "damaged"}}) + "\n" for i in "a")
    (place / "bad.jsonl").write_text(errors, "utf-8")
    run = gouji("audit", "drift", "records.jsonl", "bad.jsonl", "--no-track")
    assert run.exit_code == 1
    assert "ALARM unread" in run.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "draw", "bad.jsonl", "--out", "q.jsonl"],
        ["audit", "draw", "records.jsonl", "--out", "q.jsonl", "--month", "March"],
        ["audit", "estimate", "none.jsonl"],
        ["audit", "drift", "records.jsonl", "text.jsonl"],
        ["train", "--with-corrections", "text.jsonl", "--out", "m"],
        ["train", "--with-corrections", "none.jsonl"],
        ["evaluate", "gold", "--models", "nobody"],
        ["models", "promote"],
    ],
)
def test_wrong_usage_is_told_and_costs_nothing(gouji: Run, place: Path, arguments: list[str]) -> None:
    (place / "text.jsonl").write_text("no record\n", "utf-8")
    run = gouji(*arguments)
    assert run.exit_code == 2, run.output
    assert isinstance(run.exception, SystemExit)  # told, not crashed


def test_a_store_that_fails_costs_no_result(
    gouji: Run, gold: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "broken.d").write_bytes(b"no database" * 200)
    monkeypatch.setenv("GOUJI_TRACKING", f"sqlite:///{place}/broken.d")
    run = gouji("evaluate", str(gold), "--json", "--workers", "1")
    assert run.exit_code == 0
    assert json.loads(run.stdout)["documents"] == DOCUMENTS
    assert "not tracked: cannot open the store" in run.stderr
    listed = gouji("models", "list")
    assert listed.exit_code == 1
    assert isinstance(listed.exception, SystemExit)


def test_models_that_do_not_fit_are_refused(tmp_path: Path, timid: Path) -> None:
    assert find_models(None) is None
    with pytest.raises(ModelError, match="no folder, and there is no registry"):
        find_models("champion")
    with pytest.raises(ModelError, match="holds no models"):
        check_models(tmp_path)
    folder = tmp_path / "changed"
    shutil.copytree(timid, folder)
    cells = load_trained("cells", folder=folder)
    save_trained(TrainedModel("cells", cells.arrays, cells.card | {"version": "0" * 12}), folder=folder)
    with pytest.raises(ModelError, match="arrays of cells"):
        find_models(str(folder))
    (folder / "cells" / "weights.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="holds no models"):
        find_models(str(folder))


def test_without_the_packages_of_training_an_evaluation_is_whole_and_says_that_it_is_not_tracked(
    gouji: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pip install .` brings neither MLflow nor matplotlib: nothing that was read may be lost for that."""
    for name in ("city-2024-markdown.md", "city-2024-markdown.truth.json"):
        shutil.copy(EXAMPLES / name, tmp_path)
    for module in ("mlflow", "matplotlib"):
        monkeypatch.setitem(sys.modules, module, None)
    run = gouji("evaluate", str(tmp_path), "--workers", "1")
    assert run.exit_code == 0, run.output
    assert "not tracked: MLflow is not installed" in run.stderr
    assert gouji("models", "list").exit_code == 1
