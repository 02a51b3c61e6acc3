from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from extraction.readers.source import find_sources
from models.form import load_forms
from service.bulk import read_records
from service.command import app

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
HEAVY = {
    "numpy",
    "sklearn",
    "scipy",
    "jieba",
    "rapidfuzz",
    "selectolax",
    "opencc",
    "openpyxl",
    "yaml",
    "lxml",
    "camelot",
    "pypdfium2",
}
NOT_UTF8 = b"\xff\xfe-2023.txt"
# What each bad input is called, and the code it must give.
BAD_INPUTS = {
    "empty.txt": "empty",
    "binary.txt": "binary",
    "huge.txt": "too_large",
    "deep.html": "too_deep",
    "table.html": "table_too_large",
    "rows.txt": "table_too_large",
    "vanished.txt": "not_found",
    "report.pdf": "damaged",
    os.fsdecode(NOT_UTF8): "bad_name",
}


@dataclass(frozen=True)
class Batch:
    """One run over good and bad documents."""

    folder: Path
    sources: list[str]
    status: int
    out: bytes

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.decode("utf-8").splitlines()]


def make_bad_inputs(folder: Path) -> None:
    (folder / "empty.txt").touch()
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 64)
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(200 * 2**20)
    (folder / "deep.html").write_text("<html><body>" + "<div>" * 100_000 + "总计", "utf-8")
    rows = "".join(f"<tr><td>{n}</td><td>0</td></tr>" for n in range(50_000))
    (folder / "table.html").write_text(f"<html><body><table>{rows}</table></body></html>", "utf-8")
    (folder / "rows.txt").write_text("".join(f"第{n}行\t0\t0\n" for n in range(50_000)), "utf-8")
    (folder / "report.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\n")
    Path(os.fsdecode(os.fsencode(folder) + b"/" + NOT_UTF8)).write_text("一、总体情况", "utf-8")


@pytest.fixture(scope="module")
def batch(run_gouji: Run, examples: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Two workers over a good document, then a bad and a good one in turn."""
    folder = tmp_path_factory.mktemp("batch")
    make_bad_inputs(folder)
    sources = [str(examples[-1])]
    for bad, good in zip(BAD_INPUTS, examples * 2, strict=False):
        sources += [str(folder / bad), str(good)]
    out = folder / "out" / "records.jsonl"
    run = run_gouji("extract", *map(os.fsencode, sources), "--out", str(out), "--workers", "2")
    return Batch(folder, sources, run.returncode, out.read_bytes())


def test_help_imports_no_heavy_library(run_code: Run) -> None:
    code = "import sys; from service.command import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"
    run = run_code(code, "--help")
    assert b"extract" in run.stdout
    assert not HEAVY & {name.split(".")[0] for name in run.stdout.decode().split()}


def test_reading_imports_nothing_that_only_training_needs(run_code: Run, examples: list[Path]) -> None:
    code = "import sys; from service.reading import read_record; read_record(sys.argv[1]); print(*sys.modules)"
    run = run_code(code, str(examples[0]))
    assert run.returncode == 0
    assert not {"sklearn", "scipy", "training"} & {name.split(".")[0] for name in run.stdout.decode().split()}


def test_every_example_is_read_to_standard_output(
    example_run: subprocess.CompletedProcess[bytes], example_records: list[dict[str, Any]], examples: list[Path]
) -> None:
    assert example_run.returncode == 0
    assert example_run.stderr == b""
    assert [record["source"] for record in example_records] == [f"examples/{path.name}" for path in examples]


def test_every_cell_of_every_found_form_stands_in_the_record_once(example_records: list[dict[str, Any]]) -> None:
    forms = load_forms()
    for record in example_records:
        found = [table["form"] for table in record["tables"]]
        assert found
        expected = [(field.field_id, form) for form in found for field in forms[form].fields]
        assert Counter((cell["id"], cell["form"]) for cell in record["cells"]) == Counter(expected)


def test_only_numbers_have_values_and_only_reviewed_cells_have_reasons(example_records: list[dict[str, Any]]) -> None:
    cells = [cell for record in example_records for cell in record["cells"]]
    assert all((cell["state"] == "number") == (cell["value"] is not None) for cell in cells)
    assert all(bool(cell["reasons"]) == cell["review"] for cell in cells)
    assert all(0 <= cell["confidence"] < 1 for cell in cells)


def test_text_evidence_points_at_the_print(example_records: list[dict[str, Any]], examples: list[Path]) -> None:
    for record, path in zip(example_records, examples, strict=True):
        if not record["media_type"].startswith("text/") or record["media_type"] == "text/html":
            continue
        lines = path.read_text("utf-8").split("\n")
        for cell in (cell for cell in record["cells"] if cell["state"] == "number"):
            start, end = cell["evidence"]["span"]
            assert lines[cell["evidence"]["line"] - 1][start:end].strip() == cell["raw"].strip()


def test_a_batch_with_bad_documents_keeps_the_order_of_the_inputs(batch: Batch) -> None:
    assert [record["source"] for record in batch.records] == batch.sources


def test_a_batch_with_bad_documents_exits_with_1(batch: Batch) -> None:
    assert batch.status == 1


@pytest.mark.parametrize(("name", "code"), BAD_INPUTS.items(), ids=repr)
def test_a_bad_document_is_an_error_record_with_code_and_message(batch: Batch, name: str, code: str) -> None:
    (record,) = (record for record in batch.records if record["source"] == str(batch.folder / name))
    assert set(record) == {"source", "sha256", "error"}
    assert record["error"]["code"] == code
    assert 10 < len(record["error"]["message"]) < 200
    assert "\n" not in record["error"]["message"]


def test_bad_documents_leave_the_others_unharmed(
    batch: Batch, example_records: list[dict[str, Any]], examples: list[Path]
) -> None:
    alone = {path.name: record for path, record in zip(examples, example_records, strict=True)}
    good = [record for record in batch.records if "error" not in record]
    assert len(good) == len(BAD_INPUTS) + 1
    for record in good:
        assert record | {"source": ""} == alone[Path(record["source"]).name] | {"source": ""}


def test_a_folder_is_searched_recursively_and_sources_stay_as_given(
    run_gouji: Run, examples: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "in" / "b" / "c").mkdir(parents=True)
    for target in ("in/b/c/one.md", "in/b/two.txt", "in/.hidden.txt", "in/three.json", "in/a.txt"):
        shutil.copy(examples[2] if target.endswith("md") else examples[-2], tmp_path / target)
    run = run_gouji("extract", "./in/a.txt", "in", "--workers", "2", cwd=tmp_path)
    sources = [json.loads(line)["source"] for line in run.stdout.splitlines()]
    assert sources == ["./in/a.txt", "in/a.txt", "in/b/c/one.md", "in/b/two.txt"]
    assert run.returncode == 0


def test_a_file_that_vanishes_after_it_was_found_is_an_error_record(examples: list[Path], tmp_path: Path) -> None:
    for name in ("1.txt", "2.txt", "3.txt"):
        shutil.copy(examples[-2], tmp_path / name)

    def find_and_lose() -> Iterator[str]:
        for path in list(find_sources([str(tmp_path)])):
            if path.endswith("2.txt"):
                Path(path).unlink()
            yield path

    records = [json.loads(line) for line in read_records(find_and_lose(), workers=1)]
    assert [record.get("error", {}).get("code") for record in records] == [None, "not_found", None]


def test_resume_reads_only_what_a_cut_file_lacks(run_gouji: Run, batch: Batch, tmp_path: Path) -> None:
    lines = batch.out.splitlines(keepends=True)
    out = tmp_path / "records.jsonl"
    kept = lines[:-2]
    out.write_bytes(b"".join(kept) + lines[-2][:100])
    before = out.stat().st_ino
    run = run_gouji("extract", *map(os.fsencode, batch.sources), "--out", str(out), "--resume", "--workers", "2")
    assert run.returncode == 1  # documents of the first run are error records
    assert out.stat().st_ino == before
    sources = {json.loads(line)["source"] for line in kept}
    added = [record["source"] for record in map(json.loads, out.read_bytes().splitlines()[len(kept) :])]
    assert added == [source for source in batch.sources[-2:] if source not in sources]
    assert out.read_bytes().startswith(b"".join(kept))


def test_resume_over_a_whole_file_changes_nothing(batch: Batch, tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    out.write_bytes(batch.out)
    result = CliRunner().invoke(app, ["extract", *batch.sources, "--out", str(out), "--resume"])
    assert result.exit_code == 1
    assert out.read_bytes() == batch.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract"],
        ["extract", "a.txt", "--workers", "0"],
        ["extract", "a.txt", "--resume"],
        ["extract", "a.txt", "--out", "."],
        ["extract", "a.txt", "--unknown"],
        ["show"],
        ["evaluate", "no-such-folder"],
        ["evaluate", "docs"],
        ["export", "no-such-file", "a.xlsx"],
        ["export", "README.md", "a.pdf"],
        ["export", "README.md", "a.xlsx"],
        ["train", "nothing"],
        ["synthesize", "out", "--split", "all"],
        ["synthesize", "out", "--difficulty", "easy"],
        ["unknown"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent.parent)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert not isinstance(result.exception, ValueError | OSError)


def test_a_folder_without_documents_is_said_to_be_so(run_gouji: Run, tmp_path: Path) -> None:
    run = run_gouji("extract", str(tmp_path))
    assert (run.returncode, run.stdout) == (0, b"")
    assert b"no documents found" in run.stderr


def test_show_prints_the_findings_of_a_report_that_does_not_add_up(run_gouji: Run) -> None:
    run = run_gouji("show", "examples/zone-2023-wrong-sum.html", "--form", "requests@2021")
    text = run.stdout.decode("utf-8")
    assert run.returncode == 0
    assert "要求行政机关确认或重新出具已获取信息" in text
    assert "requests.not_processed.reconfirmation.total: 2 ≠ 1" in text
    assert "proactive@2021" not in text


def test_show_of_a_file_that_is_not_there_exits_with_1(run_gouji: Run) -> None:
    run = run_gouji("show", "no-such-report.txt")
    assert run.returncode == 1
    assert b"not_found" in run.stdout


def test_evaluate_prints_measures_as_json_by_form_and_by_layout(run_gouji: Run) -> None:
    run = run_gouji("evaluate", "examples", "--json", "--workers", "2")
    measures = json.loads(run.stdout)
    assert run.returncode == 0
    assert measures["documents"] == measures["synthetic_documents"] == 11
    assert measures["by_level"]["digital"]["accuracy"] == measures["forms_found"] == 1
    assert measures["by_level"]["light"]["accuracy"] > 0.98, "the scan"
    assert measures["silent_errors"] == measures["forms_invented"] == 0
    assert len(measures["by_form"]) == 6
    assert len(measures["by_layout"]) >= 6


def test_synthesize_writes_documents_beside_their_truth(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["synthesize", str(tmp_path), "--count", "3", "--seed", "4"])
    truths = sorted(tmp_path.glob("*.truth.json"))
    assert result.exit_code == 0
    assert [path.name for path in truths] == [f"0000{n}.truth.json" for n in range(3)]
    assert all((tmp_path / json.loads(path.read_text("utf-8"))["source"]).is_file() for path in truths)


def test_a_document_over_the_time_limit_is_an_error_record_and_the_next_is_read(
    examples: list[Path], tmp_path: Path
) -> None:
    slow = tmp_path / "slow.txt"
    slow.write_text("".join(f"第{n}项本年制发件数 | {n} | 0 |\n" for n in range(19_000)), "utf-8")
    lines = read_records([str(slow), str(examples[-2])], workers=1, time_limit=2)
    records = [json.loads(line) for line in lines]
    assert records[0]["error"]["code"] == "timeout"
    assert "cells" in records[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "examples/city-2024-markdown.md", "--out", "README.md/no-folder/records.jsonl"],
        ["synthesize", "README.md/no-folder", "--count", "1"],
        ["serve", "--store", "README.md/no-folder/store.db"],
        ["user", "list", "--store", "README.md/no-folder/store.db"],
    ],
    ids=" ".join,
)
def test_a_place_that_cannot_be_written_is_told_without_a_traceback(run_gouji: Run, arguments: list[str]) -> None:
    run = run_gouji(*arguments)
    assert run.returncode in (1, 2)
    assert b"Traceback" not in run.stderr
    assert 0 < len(run.stderr) < 2000
