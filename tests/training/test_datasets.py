from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.trained import TRAINED_FOLDER, load_trained
from training.datasets import (
    Origin,
    Portion,
    load_arrays,
    load_dataset,
    make_card,
    make_origin,
    pack_text,
    save_arrays,
    save_dataset,
    unpack_text,
)
from training.fitting import Job, Order, fit_parts, run_jobs, unpack_examples
from training.stages import find_key, hash_code, is_fitted


def make_portion(seed: int, *agencies: str) -> Portion:
    values = np.random.default_rng(seed).normal(size=(4, 2))
    origins = tuple(Origin(agency, "tabs", "text", f"{agency}-{seed}") for agency in agencies)
    return Portion({"features": values}, 4, origins, {"right": 3, "wrong": 1})


def say(text: str) -> None:
    del text


def test_a_dataset_is_kept_by_the_hash_of_its_content_and_read_again(tmp_path: Path) -> None:
    portions = {"train": make_portion(1, "甲市", "乙县"), "test": make_portion(2, "丙区")}
    card = make_card("cells", portions, recipe={"seed": 1})
    target = save_dataset(card, portions, folder=tmp_path)
    assert target == tmp_path / "cells" / card["version"]
    found = load_dataset("cells", card["version"], folder=tmp_path)
    np.testing.assert_array_equal(found["test"]["features"], portions["test"].arrays["features"])
    assert save_dataset(card, portions, folder=tmp_path) == target


def test_the_version_is_of_the_content_alone() -> None:
    portions = {"train": make_portion(1, "甲市")}
    version = make_card("cells", portions, recipe={})["version"]
    assert make_card("cells", {"train": make_portion(1, "甲市")}, recipe={"note": 2})["version"] == version
    assert make_card("cells", {"train": make_portion(2, "甲市")}, recipe={})["version"] != version
    assert make_card("forms", portions, recipe={})["version"] != version


def test_the_card_says_what_is_in_and_which_agencies_stand_in_two_splits() -> None:
    card = make_card("cells", {"train": make_portion(1, "甲市", "乙县"), "test": make_portion(2, "甲市")}, recipe={})
    assert card["shared_agencies"] == ["甲市"]
    assert card["splits"]["train"] == {
        "examples": 4, "documents": 2, "agencies": 2, "kinds": {"text": 2}, "layouts": {"tabs": 2},
        "classes": {"right": 3, "wrong": 1},
    }  # fmt: skip


def test_origins_of_other_documents_or_truths_have_other_digests() -> None:
    truth = {"organization": "甲市", "layout": "tabs", "cells": {}}
    one = make_origin(b"a", truth, kind="text")
    assert one == make_origin(b"a", dict(reversed(truth.items())), kind="text")
    assert one.digest != make_origin(b"b", truth, kind="text").digest
    assert one.digest != make_origin(b"a", truth | {"cells": {"x": 1}}, kind="text").digest


def test_arrays_that_are_damaged_or_missing_are_none(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.npz"
    assert load_arrays(path) is None
    save_arrays(path, {"a": np.arange(1000)})
    assert load_arrays(path) is not None
    path.write_bytes(path.read_bytes()[:200])  # killed while it was written
    assert load_arrays(path) is None
    assert [file.name for file in path.parent.iterdir()] == ["a.npz"]


def test_a_damaged_dataset_is_told(tmp_path: Path) -> None:
    portions = {"train": make_portion(1, "甲市")}
    card = make_card("cells", portions, recipe={})
    (save_dataset(card, portions, folder=tmp_path) / "train.npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match="damaged"):
        load_dataset("cells", card["version"], folder=tmp_path)
    with pytest.raises(FileNotFoundError):
        load_dataset("cells", "0" * 12, folder=tmp_path)


def test_text_goes_into_arrays_and_comes_back() -> None:
    rows = [["一、总体情况", 1, "\udcff"], []]
    assert unpack_text(pack_text(rows)) == rows


def test_a_part_fitted_before_is_kept_until_its_settings_change(tmp_path: Path) -> None:
    order = Order(1, 20, say, folder=tmp_path / "models", work=tmp_path / "work")
    assert fit_parts(["labels"], order) == ["labels"]
    first = load_trained("labels", folder=order.folder)
    assert fit_parts(["labels"], order) == []
    assert fit_parts(["labels"], order, fresh=True) == ["labels"]
    assert load_trained("labels", folder=order.folder).version == first.version
    assert fit_parts(["labels"], replace(order, seed=2)) == ["labels"]
    assert load_trained("labels", folder=order.folder).version != first.version


@pytest.mark.filterwarnings("ignore")  # of five documents nothing is learned to the end
def test_parts_fitted_beside_each_other_are_those_fitted_alone(tmp_path: Path) -> None:
    order = Order(1, 5, print, folder=tmp_path / "models", work=tmp_path / "work")  # so few that no PDF is among them
    assert fit_parts(["lines", "labels", "forms"], order) == ["labels", "forms", "cells", "lines"]
    alone = replace(order, folder=tmp_path / "alone", work=tmp_path / "work alone")
    assert fit_parts(["lines"], alone) == ["lines"]
    versions = [load_trained("lines", folder=folder).version for folder in (order.folder, alone.folder)]
    assert versions[0] == versions[1]
    assert fit_parts(["labels", "lines", "forms"], order) == []


def test_the_card_names_data_code_libraries_and_measures(tmp_path: Path) -> None:
    order = Order(1, 20, say, folder=tmp_path / "models", work=tmp_path / "work")
    fit_parts(["labels"], order)
    card = load_trained("labels", folder=order.folder).card
    data = json.loads((order.work / "datasets" / "labels" / card["data"]["hash"] / "card.json").read_text("utf-8"))
    assert data["splits"]["test"]["examples"] == card["synthetic"]["pairs"]
    assert {"python", "numpy", "scikit-learn"} <= card["libraries"].keys()
    assert len(card["data"]["code"]) == 12


def test_a_model_that_was_changed_or_cut_is_not_taken_for_fitted(tmp_path: Path) -> None:
    order = Order(1, 20, say, folder=tmp_path / "models", work=tmp_path / "work")
    fit_parts(["labels"], order)
    path = order.folder / "labels" / "weights.npz"
    np.savez_compressed(path, weights=np.zeros(8))
    assert fit_parts(["labels"], order) == ["labels"]
    path.write_bytes(path.read_bytes()[:50])
    assert fit_parts(["labels"], order) == ["labels"]
    assert not is_fitted(["labels", "forms"], "any", folder=order.folder)


def test_keys_tell_parts_and_settings_apart() -> None:
    keys = {find_key("labels", seed=1), find_key("labels", seed=2), find_key("lines", seed=1)}
    assert len(keys) == 3
    assert hash_code(["models"]) != hash_code(["extraction"])


def test_what_was_made_before_an_interruption_is_not_made_again(tmp_path: Path) -> None:
    jobs = [
        Job("text", "train", range(start, start + 1), 1, TRAINED_FOLDER, tmp_path / f"{start}.npz") for start in (0, 1)
    ]
    first = [unpack_examples(arrays, "cells") for arrays in run_jobs(jobs, say)]
    assert sum(len(examples.right) for examples in first) > 0
    times = [job.path.stat().st_mtime_ns for job in jobs]
    jobs[1].path.write_bytes(b"")  # as a kill may leave it on a file system that loses data
    told: list[str] = []
    again = [unpack_examples(arrays, "cells") for arrays in run_jobs(jobs, told.append)]
    assert [examples.right for examples in again] == [examples.right for examples in first]
    assert jobs[0].path.stat().st_mtime_ns == times[0]
    assert any("1 of 2 parts of the documents are there from before" in text for text in told)
