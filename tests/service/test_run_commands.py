from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from review.store.database import open_store
from review.store.runs import start_run
from service.command import app

RUN = CliRunner()


def run(*words: object) -> tuple[int, str]:
    result = RUN.invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def test_a_run_is_told_gone_on_with_linked_and_exported(examples: list[Path], tmp_path: Path) -> None:
    """The commands as a person types them, with the real reader."""
    folder = tmp_path / "reports"
    folder.mkdir()
    for path in [path for path in examples if path.suffix == ".txt"][:2]:
        shutil.copy(path, folder)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    store = f"{tmp_path}/store.db"
    code, output = run("run", folder, "--store", store, "--in-process", "--workers", 1, "--originals")
    assert code == 1, output
    assert "run 1: done" in output
    assert "2 read (0 of them known before), 1 failed" in output
    assert "linked: 2 documents" in output
    assert len([path for path in (tmp_path / "store.db.files").rglob("*") if path.is_file()]) == 3
    code, output = run("status", "--store", store)
    assert code == 0
    assert "documents: 2 done, 1 failed, 0 waiting" in output
    assert "broken.pdf" in output
    code, output = run("run", folder, "--store", store, "--in-process", "--no-link")
    assert (code, "3 done by earlier runs (1 of them failed)" in output) == (1, True), output
    code, output = run("retry", "--store", store, "--code", "all", "--in-process", "--workers", 1)
    assert code == 1, output
    assert "0 read (0 of them known before), 1 failed" in output
    code, output = run("store", "export", tmp_path / "cells.csv", "--store", store)
    assert code == 0, output
    assert (tmp_path / "cells.csv").stat().st_size > 1000
    assert run("export", f"sqlite:///{store}", tmp_path / "same.csv")[0] == 0
    assert (tmp_path / "same.csv").read_bytes() == (tmp_path / "cells.csv").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ["run", "reports"],
        ["run", "--store", "{store}"],
        ["run", "reports", "--store", "mysql://x/y"],
        ["run", "reports", "--store", "{store}", "--models", "no-such-models"],
        ["run", "reports", "--store", "{store}", "--cluster", "tcp://127.0.0.1:1", "--in-process"],
        ["retry", "--store", "{store}"],
        ["status", "--store", "{store}"],
        ["status", "--store", "{store}", "--run", "7"],
    ],
)
def test_a_wrong_use_ends_with_2(tmp_path: Path, words: list[str]) -> None:
    assert run(*(word.format(store=f"{tmp_path}/store.db") for word in words))[0] == 2


def test_a_run_that_was_killed_is_told_from_one_that_goes_on(tmp_path: Path) -> None:
    from datetime import timedelta

    url = f"{tmp_path}/store.db"
    store = open_store(url)
    long_ago = store.clock() - timedelta(hours=1)
    start_run(open_store(url, clock=lambda: long_ago), reader="r", sources=["a"], options={})
    assert "without a sign of life" in run("status", "--store", url)[1]
    start_run(store, reader="r", sources=["a"], options={})
    assert "without a sign of life" not in run("status", "--store", url)[1]
