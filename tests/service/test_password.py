"""Encrypted documents: `--password` opens them, and stands nowhere in what comes out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
SECRET = "open-sesame-17"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an encrypted document and a plain one."""
    folder = tmp_path_factory.mktemp("encrypted")
    pdf = FPDF()
    pdf.set_font("Helvetica")
    pdf.add_page()
    pdf.cell(text="Annual report 2023")
    pdf.set_encryption(owner_password="owner", user_password=SECRET)
    pdf.output(str(folder / "a.pdf"))
    (folder / "b.txt").write_text(
        "某某局2023年政府信息公开工作年度报告\n一、总体情况\n本局主动公开政府信息。\n", "utf-8"
    )
    return folder


def test_extract_opens_encrypted_documents_with_the_password(run_gouji: Run, folder: Path) -> None:
    run = run_gouji("extract", str(folder), "--workers", "1", "--password", SECRET)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert [record.get("error") for record in records] == [None, None]
    assert records[0]["media_type"] == "application/pdf"
    assert run.returncode == 0
    assert SECRET.encode() not in run.stdout + run.stderr


def test_a_missing_and_a_wrong_password_are_error_records_that_do_not_tell_it(run_gouji: Run, folder: Path) -> None:
    for options, code in (((), "encrypted"), (("--password", "not-" + SECRET), "wrong_password")):
        run = run_gouji("extract", str(folder / "a.pdf"), "--workers", "1", *options)
        assert json.loads(run.stdout)["error"]["code"] == code
        assert run.returncode == 1
        assert SECRET.encode() not in run.stdout + run.stderr


def test_show_takes_the_password_too(run_gouji: Run, folder: Path) -> None:
    run = run_gouji("show", str(folder / "a.pdf"), "--password", SECRET)
    assert run.returncode == 0
    assert SECRET.encode() not in run.stdout + run.stderr


def test_help_shows_no_password_of_the_environment(run_gouji: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_PASSWORD", SECRET)
    run = run_gouji("extract", "--help")
    assert b"--password" in run.stdout
    assert SECRET.encode() not in run.stdout + run.stderr


def test_the_environment_may_give_the_password(run_gouji: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_PASSWORD", SECRET)
    run = run_gouji("extract", str(folder / "a.pdf"), "--workers", "1")
    assert "error" not in json.loads(run.stdout)
