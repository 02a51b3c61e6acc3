from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.trained import TRAINED_FOLDER
from review.store.database import open_store
from review.store.probing import probe_store
from service import doctor_packages
from service.doctor import examine, is_sound
from service.doctor_packages import examine_packages, explain_missing, read_requirements
from service.doctor_parts import MISSING, NOTE, OK, WRONG, Part

Run = Callable[..., Any]


def find(parts: list[Part], name: str) -> Part:
    return next(part for part in parts if part.name == name)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GOUJI_STORE", "GOUJI_MODELS", "GOUJI_FORMS", "GOUJI_SOFFICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_a_whole_installation_is_sound() -> None:
    parts = examine()
    assert is_sound(parts)
    assert {find(parts, name).state for name in ("Python", "packages", "models that ship", "forms", "settings")} == {OK}
    assert "cells" in find(parts, "models that ship").detail
    assert find(parts, "store").state == NOTE
    assert all(part.means for part in parts if part.state in (MISSING, WRONG))


@pytest.mark.usefixtures("here")
def test_a_program_that_is_missing_is_told_and_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_SOFFICE", "/nowhere/soffice")
    parts = examine()
    assert find(parts, "LibreOffice").state == MISSING
    assert "needs_libreoffice" in find(parts, "LibreOffice").means
    assert is_sound(parts)


def test_a_damaged_model_is_a_fault(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(TRAINED_FOLDER, here / "models")
    card = here / "models" / "lines" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text("utf-8")) | {"version": "other"}), "utf-8")
    monkeypatch.setenv("GOUJI_MODELS", str(here / "models"))
    parts = examine()
    assert find(parts, "GOUJI_MODELS").state == WRONG
    assert "lines" in find(parts, "GOUJI_MODELS").detail
    assert not is_sound(parts)


def test_forms_that_the_models_have_not_learned_are_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(__file__).parent.parent.parent / "docs" / "examples" / "enforcement"
    monkeypatch.setenv("GOUJI_FORMS", str(folder))
    part = find(examine(), "forms not learned")
    assert part.detail == "coercion@2012, licensing@2019, penalties@2021"
    assert "form_not_learned" in part.means


def test_the_command_exits_with_1_where_something_needed_is_wrong(run_gouji: Run, here: Path) -> None:
    done = run_gouji("doctor", "--json", cwd=here)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["sound"] is True
    (here / "gouji.toml").write_text('store = "mysql://db/gouji"\n', "utf-8")
    done = run_gouji("doctor", cwd=here)
    assert done.returncode == 1
    assert "needed and not right: store" in done.stdout.decode()


def test_packages_are_held_against_their_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("numpy==0.1\npyyaml==0.2; python_version > '3'\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy", "no-such-thing>=2"]\n[project.optional-dependencies]\nmore = ["pyyaml"]\n',
        "utf-8",
    )
    monkeypatch.setattr(doctor_packages, "ROOT", tmp_path)
    assert read_requirements() == {"": ["no-such-thing", "numpy"], "more": ["pyyaml"]}
    parts = list(examine_packages())
    assert (find(parts, "packages").state, find(parts, "packages").detail) == (MISSING, "not installed: no-such-thing")
    assert not is_sound(parts)
    assert find(parts, "numpy").state == NOTE
    assert "tested with 0.1" in find(parts, "numpy").detail
    assert find(parts, "pyyaml").detail.endswith("tested with 0.2")


def test_an_extra_that_is_missing_is_named() -> None:
    assert "gouji[training]" in str(explain_missing(ModuleNotFoundError(name="sklearn.base")))
    assert explain_missing(ModuleNotFoundError(name="extraction.nothing")) is None
    assert explain_missing(ModuleNotFoundError()) is None


def test_a_store_is_asked_after_and_never_made(here: Path) -> None:
    assert not probe_store("gouji.db").there
    assert list(here.iterdir()) == []
    open_store("gouji.db").engine.dispose()
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*") if path.suffix == ".db"}
    state = probe_store("gouji.db")
    assert (state.there, state.current) == (True, True)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_store_of_newer_code_and_a_file_that_is_none_are_told(here: Path) -> None:
    open_store("gouji.db").engine.dispose()
    with sqlite3.connect("gouji.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert not probe_store("gouji.db").current
    assert "newer" in probe_store("gouji.db").message
    Path("text.db").write_text("no database", "utf-8")
    assert not probe_store("text.db").current
    assert "cannot be reached" in probe_store("text.db").message
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        probe_store("mysql://db/gouji")
