from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.trained import TRAINED_FOLDER, load_trained
from training.tracking import (
    RunEntry,
    Tracker,
    TrackingError,
    find_uri,
    flatten_measures,
    iterate_cards,
    make_server_command,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # of mlflow and of what it imports
VERSIONS = {name: card["version"] for name, card in iterate_cards(TRAINED_FOLDER)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def tracker(store: Path) -> Iterator[Tracker]:
    """A store with three registered versions: one champion, the last the challenger."""
    tracker = Tracker(f"sqlite:///{store}/mlflow.db")
    for text in ("first", "second", "third"):
        run_id = tracker.log_run(RunEntry("train", text, {"seed": 1}, {"accuracy": 0.5}))
        tracker.register_models(TRAINED_FOLDER, run_id, description=text, versions=VERSIONS)
    return tracker


def test_a_run_keeps_parameters_measures_tags_and_files(tracker: Tracker, store: Path, tmp_path: Path) -> None:
    (tmp_path / "plot.png").write_bytes(b"png")
    entry = RunEntry(
        "evaluate",
        "evaluate gold",
        {"documents": 3, "long": "x" * 9000},
        {"accuracy": 0.75, "by_form": {"requests@2021": {"cells": 175, "auroc": None}}, "text": "no metric"},
        tags={"data": "abc"},
        files={"measures.json": "{}", "plots/plot.png": tmp_path / "plot.png", "cards": TRAINED_FOLDER / "labels"},
    )
    run_id = tracker.log_run(entry)
    with sqlite3.connect(store / "mlflow.db") as database:
        metrics = dict(database.execute("select key, value from latest_metrics where run_uuid = ?", (run_id,)))
        params = dict(database.execute("select key, value from params where run_uuid = ?", (run_id,)))
        tags = dict(database.execute("select key, value from tags where run_uuid = ?", (run_id,)))
    database.close()
    assert metrics == {"accuracy": 0.75, "by_form/requests-2021/cells": 175.0}
    assert params["documents"] == "3"
    assert (tags["kind"], tags["data"]) == ("evaluate", "abc")
    files = {path.name for path in (store / "files" / run_id).rglob("*") if path.is_file()}
    assert files == {"measures.json", "plot.png", "card.json", "weights.npz"}


def test_the_first_version_is_the_champion_and_the_last_the_challenger(tracker: Tracker) -> None:
    versions = tracker.list_versions()
    assert [version.number for version in versions] == [3, 2, 1]
    assert versions[0].aliases == ("challenger",)
    assert versions[2].aliases == ("champion",)
    assert versions[0].versions == VERSIONS


@pytest.mark.parametrize("name", ["2", "v2", "gouji/2"])
def test_a_version_is_found_by_its_number(tracker: Tracker, name: str) -> None:
    assert tracker.find_version(name).description == "second"


@pytest.mark.parametrize("name", ["challenger", "gouji@challenger"])
def test_a_version_is_found_by_its_alias(tracker: Tracker, name: str) -> None:
    assert tracker.find_version(name).number == 3


@pytest.mark.parametrize("name", ["99", "nobody", "a/b", ""])
def test_versions_that_there_are_not_are_told(tracker: Tracker, name: str) -> None:
    with pytest.raises(TrackingError, match="cannot find"):
        tracker.find_version(name)


def test_registered_models_come_back_as_they_were_and_are_fetched_once(tracker: Tracker, tmp_path: Path) -> None:
    folder = tracker.fetch_models("champion", tmp_path)
    for name, version in VERSIONS.items():
        assert load_trained(name, folder=folder).version == version
    (folder / "mark").touch()
    assert (tracker.fetch_models("1", tmp_path) / "mark").exists()
    assert len(list(tmp_path.iterdir())) == 1


def test_promotion_is_taken_back_step_by_step(tmp_path: Path) -> None:
    tracker = Tracker(f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(TrackingError):
        tracker.roll_back()
    for text in ("first", "second", "third"):
        run_id = tracker.log_run(RunEntry("train", text, {}, {}))
        tracker.register_models(TRAINED_FOLDER, run_id, description=text, versions=VERSIONS)
    with pytest.raises(TrackingError, match="no champion before"):
        tracker.roll_back()
    tracker.promote(3)
    tracker.promote(3)  # twice is once
    tracker.promote(2)
    assert tracker.find_version("champion").number == 2
    assert tracker.roll_back() == (2, 3)
    assert tracker.roll_back() == (3, 1)
    assert tracker.find_version("champion").number == 1
    with pytest.raises(TrackingError, match="cannot promote"):
        tracker.promote(9)
    assert tracker.find_version("champion").number == 1


def test_a_version_says_what_it_was_promoted_on(tracker: Tracker) -> None:
    tracker.tag_version(2, {"promoted.gold": "abc"})
    assert tracker.find_version("2").tags["promoted.gold"] == "abc"


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(TrackingError, match="cannot open the store"):
        Tracker(f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(TrackingError, match="cannot open the store"):
        Tracker(f"file:{tmp_path}/runs")


def test_files_that_were_lost_from_the_store_are_told(tmp_path: Path) -> None:
    tracker = Tracker(f"sqlite:///{tmp_path}/mlflow.db")
    run_id = tracker.log_run(RunEntry("train", "one", {}, {}))
    tracker.register_models(TRAINED_FOLDER, run_id, description="", versions=VERSIONS)
    shutil.rmtree(tmp_path / "files")
    with pytest.raises(TrackingError, match="cannot fetch"):
        tracker.fetch_models("champion", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_store_is_a_setting_and_can_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOUJI_TRACKING", raising=False)
    assert find_uri() == "sqlite:///out/mlflow/store.db"
    monkeypatch.setenv("GOUJI_TRACKING", "http://127.0.0.1:5000")
    assert find_uri() == "http://127.0.0.1:5000"
    monkeypatch.setenv("GOUJI_TRACKING", "off")
    assert find_uri() is None


def test_measures_become_flat_names_that_mlflow_takes() -> None:
    measures = {"a": {"requests@2021": {"x": 1}, "": {"x": 2.5}}, "list": [1], "nan": float("nan"), "flag": True}
    assert flatten_measures(measures) == {"a/requests-2021/x": 1.0, "a/none/x": 2.5, "flag": 1.0}


def test_the_server_listens_on_this_machine_only(store: Path) -> None:
    command = make_server_command(f"sqlite:///{store}/mlflow.db", port=5001)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--backend-store-uri") + 1] == f"sqlite:///{store}/mlflow.db"
    assert json.dumps(command).count("5001") == 1
