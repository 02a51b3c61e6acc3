"""Scans through the commands: records of the example, bad pictures, pages shown with their evidence."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
EXAMPLE = Path("examples/county-2024-scan.jpg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures that hold no report, each bad in another way."""
    folder = tmp_path_factory.mktemp("pictures")
    Image.new("L", (600, 800), 255).save(folder / "blank.png")
    Image.new("1", (30_000, 30_000), 1).save(folder / "huge.png")
    jpeg = io.BytesIO()
    Image.effect_noise((900, 900), 60).save(jpeg, "JPEG")
    (folder / "cut.jpg").write_bytes(jpeg.getvalue()[:4000])
    return folder


@pytest.fixture(scope="module")
def record(example_records: list[dict[str, Any]]) -> dict[str, Any]:
    return next(record for record in example_records if record["source"] == str(EXAMPLE))


def test_the_cells_of_the_example_scan_are_read_and_no_wrong_one_is_accepted(record: dict[str, Any]) -> None:
    truth = json.loads(EXAMPLE.with_suffix(".truth.json").read_text("utf-8"))
    assert (record["media_type"], record["pages"]) == ("image/jpeg", 1)
    wrong = [
        cell
        for cell in record["cells"]
        if (cell["state"], cell["value"]) != (truth["cells"][cell["id"]]["state"], truth["cells"][cell["id"]]["value"])
    ]
    assert len(record["cells"]) == len(truth["cells"])
    assert len(wrong) <= 0.02 * len(truth["cells"])
    assert [cell["id"] for cell in wrong if not cell["review"]] == []


def test_evidence_of_a_scan_lies_in_the_true_cells(record: dict[str, Any]) -> None:
    truth = json.loads(EXAMPLE.with_suffix(".truth.json").read_text("utf-8"))["cells"]
    placed = 0
    there = [cell for cell in record["cells"] if "evidence" in truth[cell["id"]]]  # the others are on the next page
    for cell in there:
        left, top, right, bottom = truth[cell["id"]]["evidence"]["bbox"]
        box = cell["evidence"]["bbox"]
        placed += left <= (box[0] + box[2]) / 2 <= right and top <= (box[1] + box[3]) / 2 <= bottom
    assert placed >= 0.98 * len(there) > 100


def test_pictures_without_a_report_are_records_with_a_code(run_gouji: Run, folder: Path) -> None:
    run = run_gouji("extract", str(folder), "--workers", "1")
    records = {Path(r["source"]).name: r for r in map(json.loads, run.stdout.decode("utf-8").splitlines())}
    assert run.returncode == 1
    assert records["huge.png"]["error"]["code"] == "too_large"
    assert records["cut.jpg"]["error"]["code"] == "damaged"
    assert records["blank.png"]["tables"] == []
    assert [problem["code"] for problem in records["blank.png"]["problems"]] == ["no_print"]


def test_a_page_of_a_scan_is_shown_with_its_cells(run_gouji: Run, tmp_path: Path) -> None:
    target = tmp_path / "page.png"
    run = run_gouji("show", str(EXAMPLE), "--page", "1", "--out", str(target))
    assert run.returncode == 0, run.stderr.decode()
    assert "140 cells" in run.stdout.decode("utf-8")
    with Image.open(target) as image:
        assert image.width > 800
