"""The wheel against the tree: every package, every data file, one version, and the command out of the wheel alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from models.version import VERSION

ROOT = Path(__file__).parent.parent
ROOMS = ("models", "extraction", "training", "review", "service", "examples")
BUILD = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def list_files(folder: Path) -> set[str]:
    """The files of a tree by their path in it, without what running it leaves."""
    paths = (path for room in ROOMS for path in (folder / room).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths if "__pycache__" not in path.parts}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the tree, made without a network."""
    tree = tmp_path_factory.mktemp("tree")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tree / name)
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return next(tree.glob("*.whl"))


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is installed, without the packages that it needs."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_installed(unpacked: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOUJI_")}
    environment |= {"PYTHONPATH": str(unpacked), "COLUMNS": "200"}
    code = "import models; print(models.__file__); from service.command import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_wheel_has_every_file_of_the_rooms_and_no_other(unpacked: Path) -> None:
    assert list_files(unpacked) == list_files(ROOT)
    assert {path.name for path in unpacked.iterdir() if not path.name.startswith("gouji-")} == set(ROOMS)


def test_every_folder_with_code_is_a_package_of_the_wheel() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert {folder.replace("/", ".") for folder in folders} | {"examples"} == set(
        PROJECT["tool"]["setuptools"]["packages"]
    )


def test_the_wheel_brings_licence_and_pins(unpacked: Path) -> None:
    assert {path.name for path in unpacked.rglob("licenses/*")} == {"LICENSE", "NOTICE"}
    (pins,) = unpacked.rglob("share/gouji/requirements.txt")
    assert pins.read_bytes() == (ROOT / "requirements.txt").read_bytes()


def test_the_version_stands_in_one_place(unpacked: Path) -> None:
    (metadata,) = unpacked.glob("*.dist-info/METADATA")
    assert f"\nVersion: {VERSION}\n" in metadata.read_text("utf-8")
    assert "version" not in PROJECT["project"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == VERSION
    assert f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_command_of_the_wheel_reads_its_own_examples(unpacked: Path, tmp_path: Path) -> None:
    done = run_installed(unpacked, "--version", cwd=tmp_path)
    assert done.stdout == f"{unpacked / 'models' / '__init__.py'}\ngouji {VERSION}\n"
    source = unpacked / "examples" / "county-2023-divs.html"
    done = run_installed(unpacked, "extract", str(source), "--workers", "1", "--out", "one.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"form":"requests@2021"' in (tmp_path / "one.jsonl").read_text("utf-8")


def test_the_command_of_the_wheel_makes_a_store_with_its_migrations(unpacked: Path, tmp_path: Path) -> None:
    done = run_installed(unpacked, "store", "status", "--store", "new.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new.db").is_file()


def test_every_package_that_is_needed_is_pinned() -> None:
    pinned = {re.split("==", line)[0] for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()}
    extras = PROJECT["project"]["optional-dependencies"].values()
    for name in (*PROJECT["project"]["dependencies"], *(name for extra in extras for name in extra)):
        assert re.sub(r"\[.*\]", "", name) in pinned, name


def test_what_only_training_needs_is_an_extra() -> None:
    heavy = {"mlflow", "spacy", "scikit-learn", "matplotlib"}
    assert heavy.isdisjoint(PROJECT["project"]["dependencies"])
    assert heavy <= set(PROJECT["project"]["optional-dependencies"]["training"])
