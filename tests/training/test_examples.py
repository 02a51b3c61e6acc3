from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from training.examples import (
    EXAMPLES,
    MAX_BYTES,
    MAX_PAPER_BYTES,
    PAGE_WISHES,
    SCAN_NAME,
    SCANNED_NAME,
    WISHES,
    write_examples,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    # A converter makes other bytes each time, and so does what draws pages: these are kept.
    for path in (path for path in EXAMPLES.iterdir() if path.suffix in (".pdf", ".jpg")):
        shutil.copy(path, folder)
        shutil.copy(path.with_suffix(".truth.json"), folder)
    write_examples(folder)
    return folder


def test_the_examples_are_what_the_command_makes(made: Path) -> None:
    """Where this fails, run `python -m training.examples` and look at what it made."""
    names = {path.name for path in made.iterdir()}
    assert names == {path.name for path in EXAMPLES.iterdir()}
    assert [name for name in sorted(names) if (made / name).read_bytes() != (EXAMPLES / name).read_bytes()] == []


def test_the_examples_show_six_layouts_two_wrong_sums_and_a_page_in_gbk() -> None:
    truths = [json.loads(path.read_text("utf-8")) for path in EXAMPLES.glob("*.truth.json")]
    assert len(truths) == len(WISHES) + len(PAGE_WISHES) + 1
    assert len({truth["layout"] for truth in truths}) >= 6
    assert sum(bool(truth["source_errors"]) for truth in truths) == 2
    assert {truth.get("encoding") for truth in truths} & {"gbk", "gb18030"}
    forms = {form for truth in truths for form in truth["forms"]}
    assert {"statistics@2014", "requests@2019", "requests@2021"} <= forms


def test_the_scan_is_of_a_page_of_the_pdf_and_small() -> None:
    assert (EXAMPLES / SCAN_NAME).stat().st_size <= MAX_PAPER_BYTES
    whole, page = (
        json.loads((EXAMPLES / name).with_suffix(".truth.json").read_text("utf-8"))
        for name in (SCANNED_NAME, SCAN_NAME)
    )
    assert page["synthetic"]
    assert page["level"] == "light"
    printed = {name: cell["value"] for name, cell in page["cells"].items() if cell["state"] != "missing"}
    assert len(printed) > 50
    assert printed.items() <= {name: cell["value"] for name, cell in whole["cells"].items()}.items()


def test_the_examples_are_small_and_said_to_be_synthetic() -> None:
    for wish in (*WISHES, *PAGE_WISHES):
        truth = json.loads((EXAMPLES / f"{Path(wish.name).stem}.truth.json").read_text("utf-8"))
        assert (EXAMPLES / wish.name).stat().st_size <= (MAX_PAPER_BYTES if wish in PAGE_WISHES else MAX_BYTES)
        assert truth["synthetic"]
        assert bool(truth["source_errors"]) == ("wrong-sum" in wish.name)
