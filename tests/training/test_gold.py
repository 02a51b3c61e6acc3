from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.gold import GoldError, freeze_gold, read_gold


def make_gold(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.txt").write_text(name, "utf-8")
        (folder / f"{name}.truth.json").write_text(json.dumps({"source": f"{name}.txt", "cells": {}}), "utf-8")
    return folder


def test_a_frozen_set_is_read_again(tmp_path: Path) -> None:
    gold = freeze_gold(make_gold(tmp_path / "gold", "a", "b"))
    assert read_gold(gold.folder) == gold
    assert gold.documents == 2


@pytest.mark.parametrize("name", ["a.txt", "a.truth.json"])
def test_a_change_of_a_document_or_of_its_truth_is_found(tmp_path: Path, name: str) -> None:
    gold = freeze_gold(make_gold(tmp_path / "gold", "a", "b"))
    text = (gold.folder / name).read_text("utf-8")
    (gold.folder / name).write_text(text + " ", "utf-8")
    with pytest.raises(GoldError, match=name):
        read_gold(gold.folder)


def test_a_document_taken_away_or_added_is_found(tmp_path: Path) -> None:
    gold = freeze_gold(make_gold(tmp_path / "gold", "a", "b"))
    make_gold(gold.folder, "c")
    with pytest.raises(GoldError, match=r"c\.txt|c\.truth"):
        read_gold(gold.folder)
    for name in ("b.txt", "b.truth.json", "c.txt", "c.truth.json"):
        (gold.folder / name).unlink()
    with pytest.raises(GoldError, match="b"):
        read_gold(gold.folder)


def test_a_list_that_was_made_to_fit_a_changed_document_is_found(tmp_path: Path) -> None:
    gold = freeze_gold(make_gold(tmp_path / "gold", "a"))
    manifest = json.loads((gold.folder / "gold.json").read_text("utf-8"))
    (gold.folder / "gold.json").write_text(json.dumps(manifest | {"version": "0" * 12}), "utf-8")
    with pytest.raises(GoldError, match="changed"):
        read_gold(gold.folder)


def test_what_is_no_gold_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no document"):
        freeze_gold(tmp_path)
    with pytest.raises(GoldError, match="not frozen"):
        read_gold(make_gold(tmp_path / "gold", "a"))
    (tmp_path / "gold" / "gold.json").write_text("[]", "utf-8")
    with pytest.raises(GoldError, match="no list"):
        read_gold(tmp_path / "gold")
