from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.command import app

RUN = CliRunner()
CELL = {
    "id": "disputes.reconsideration.total", "form": "disputes@2019", "state": "number", "value": 1, "raw": "1",
    "confidence": 0.9, "review": True, "reasons": ["low_confidence"], "evidence": None,
}  # fmt: skip


@pytest.fixture
def records(tmp_path: Path) -> Path:
    import hashlib

    (tmp_path / "originals").mkdir()
    (tmp_path / "originals" / "a.txt").write_bytes(b"report")
    entries = [
        {"source": "docs/a.txt", "sha256": hashlib.sha256(b"report").hexdigest(), "cells": [CELL], "findings": []},
        {"source": "b.txt", "sha256": None, "error": {"code": "not_found", "message": "there is no such file"}},
    ]
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
    return path


def run(*words: object) -> str:
    result = RUN.invoke(app, ["store", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output


def test_records_are_loaded_once_and_exported(records: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    loaded = run("load", records, "--store", url, "--originals", tmp_path / "originals")
    assert loaded == "2 records added, 0 known before, 1 originals kept\n"
    assert run("load", records, "--store", url) == "0 records added, 2 known before, 0 originals kept\n"
    assert [path.read_bytes() for path in (tmp_path / "store.db.files").rglob("*") if path.is_file()] == [b"report"]
    status = run("status", "--store", url)
    assert "2 (1 could not be read)" in status
    assert "1 open" in status
    assert run("export", tmp_path / "out.csv", "--store", url, "--all").split() == [
        f"{tmp_path}/out.csv",
        f"{tmp_path}/out.dictionary.csv",
    ]
    assert run("corrections", tmp_path / "c.jsonl", "--store", url) == "0 corrections\n"


def test_originals_are_found_in_folders_and_never_outside(tmp_path: Path) -> None:
    from service.store_commands import _find_places

    folder = tmp_path / "reports"
    (folder / "2023").mkdir(parents=True)
    (folder / "2023" / "a.pdf").touch()
    (tmp_path / "secret.pdf").touch()
    (folder / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    assert list(_find_places(folder, "reports/2023/a.pdf")) == [folder / "2023" / "a.pdf"]
    for source in ("../secret.pdf", str(tmp_path / "secret.pdf"), "link.pdf", "a.pdf", "", "\0"):
        assert list(_find_places(folder, source)) == []


@pytest.mark.parametrize(
    "words",
    [
        ["load", "{records}", "--store", "mysql://x/y"],
        ["load", "{records}"],
        ["load", "{bad}", "--store", "{url}"],
        ["export", "out.doc", "--store", "{url}"],
        ["export", "out.csv", "--store", "{url}", "--wide", "--all"],
        ["export", "out.csv", "--store", "{url}", "--form", "requests@1066"],
    ],
)
def test_a_wrong_use_ends_with_2(records: Path, tmp_path: Path, words: list[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"source": "a"}\n[]\n', "utf-8")
    places = {"records": records, "bad": bad, "url": f"sqlite:///{tmp_path}/store.db"}
    result = RUN.invoke(app, ["store", *(word.format(**places) for word in words)], env={"GOUJI_STORE": None})
    assert result.exit_code == 2, result.output
