from __future__ import annotations

import json
import random
import stat
from pathlib import Path

import pytest

from models.form import load_forms
from training.synthesis import converting
from training.synthesis.converting import (
    ConversionError,
    convert_each,
    find_converter,
    write_font_settings,
)
from training.synthesis.page_truth import (
    CellBox,
    UnequalPrintsError,
    add_boxes,
    count_pages,
    find_cell_boxes,
    read_box_texts,
)
from training.synthesis.pages_corpus import (
    find_cut,
    find_fallen,
    lost_most_rows,
    make_pages,
    plan_page,
    write_pages_corpus,
)
from training.synthesis.printed import Paragraph, PrintedCell, PrintedReport, PrintedTable
from training.synthesis.table_setting import mark_colors
from training.synthesis.tables import lay_out, official_layout
from training.synthesis.web_print import print_web_page
from training.synthesis.word_pages import write_docx
from training.synthesis.word_styles import Habits, TableLook, WordStyle

WRITERS = {".docx": write_docx, ".html": print_web_page}
CONVERTERS = [
    pytest.param(suffix, marks=pytest.mark.skipif(find_converter(suffix) is None, reason="converter is not installed"))
    for suffix in WRITERS
]
needs_all = pytest.mark.skipif(not all(map(find_converter, WRITERS)), reason="converters are not installed")


def make_report() -> PrintedReport:
    """A form with a number of its own in every cell, after enough text for a page break in the table."""
    form = load_forms()["requests@2021"]
    texts = {field.field_id: str(100 + number) for number, field in enumerate(form.fields)}
    lines = tuple(Paragraph("我局认真落实各项要求，信息公开工作有序开展。", "body") for _ in range(12))
    return PrintedReport((*lines, lay_out(form, official_layout(form), texts)), {"cells": {}}, "栖河县财政局")


def print_twice(report: PrintedReport, suffix: str, style: WordStyle) -> list[bytes]:
    sources = [WRITERS[suffix](report, style, random.Random(1), marked=marked) for marked in (False, True)]
    return convert_each(sources, suffix)


def put_program(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize("suffix", CONVERTERS)
def test_every_true_box_holds_its_value(suffix: str) -> None:
    report = make_report()
    style = WordStyle(
        TableLook(border="none", numbers="right", whole_rows=True), habits=Habits("第 {n} 页 共 {all} 页")
    )
    plain, marked = print_twice(report, suffix, style)
    boxes = find_cell_boxes(plain, marked, mark_colors(report.blocks))
    printed = {cell.field_id: cell.text for cell in report.blocks[-1].cells if cell.field_id}
    assert read_box_texts(plain, boxes) == printed
    assert {box.page for places in boxes.values() for box in places} == {1, 2}
    first = boxes["requests.new.natural_person"][0].bbox
    total = boxes["requests.new.total"][0].bbox
    assert (first[1], first[3]) == pytest.approx((total[1], total[3]), abs=0.6)
    assert first[2] < total[0]


@pytest.mark.parametrize("suffix", CONVERTERS)
def test_a_cell_cut_by_the_page_break_has_a_box_on_both_pages(suffix: str) -> None:
    label = PrintedCell("\n".join("行政许可" for _ in range(90)), 0, 0, 1, 1)
    table = PrintedTable((label, PrintedCell("7", 0, 1, 1, 2, "a"), PrintedCell("8", 1, 1, 2, 2, "b")))
    report = PrintedReport((table,), {"cells": {"a": {}, "b": {}}}, "")
    plain, marked = print_twice(report, suffix, WordStyle(TableLook(whole_rows=False)))
    boxes = find_cell_boxes(plain, marked, mark_colors(report.blocks))
    assert len({box.page for box in boxes["a"]}) >= 2
    assert len(boxes["b"]) == 1
    truth = add_boxes(report.truth, boxes)["cells"]
    assert truth["a"]["evidence"] == truth["a"]["evidence_parts"][0]
    assert "evidence_parts" not in truth["b"]


@pytest.mark.parametrize("suffix", CONVERTERS)
def test_prints_that_differ_are_refused(suffix: str) -> None:
    one, two = (PrintedReport((Paragraph(text, "body"),), {}, "") for text in ("有", "无"))
    sources = [WRITERS[suffix](report, WordStyle(), random.Random(1)) for report in (one, two)]
    plain, other = convert_each(sources, suffix)
    with pytest.raises(UnequalPrintsError, match="page 1"):
        find_cell_boxes(plain, other, {})
    assert count_pages(plain) == 1


def test_a_cell_that_is_nowhere_gets_no_box() -> None:
    truth = add_boxes({"cells": {"a": {"state": "number"}, "b": {}}}, {"b": (CellBox(2, (1, 2, 3, 4.004)),)})
    assert truth["cells"] == {"a": {"state": "number"}, "b": {"evidence": {"page": 2, "bbox": [1, 2, 3, 4.0]}}}


def test_what_is_no_pdf_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="no PDF"):
        find_cell_boxes(b"", b"%PDF-", {})


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no converter for '\.odt'"):
        convert_each([b""], ".odt")


@pytest.mark.parametrize(("suffix", "name"), [(".docx", "soffice"), (".html", "chromium")])
def test_a_missing_program_is_named(suffix: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConversionError, match=f"install {name}"):
        convert_each([b""], suffix)


@pytest.mark.parametrize(
    ("script", "message"), [("echo out of paper; exit 3", "ended with 3: out of paper"), ("exit 0", "no PDF for 00000")]
)
def test_a_program_that_fails_says_why(
    script: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_program(tmp_path, "soffice", script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ConversionError, match=message):
        convert_each([b"x"], ".docx")


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_program(tmp_path, "soffice", "sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(converting, "START_SECONDS", 0.2)
    monkeypatch.setattr(converting, "DOCUMENT_SECONDS", 0.1)
    with pytest.raises(ConversionError, match="took more than"):
        convert_each([b"x"], ".docx")


CONVERTS_ALL_BUT_TWO = """
for document in "$@"; do
  case "$document" in
    *.docx)
      case "$(cat "$document")" in hang) sleep 60;; crash) exit 9;; esac
      echo "%PDF $(cat "$document") %%EOF" > "${document%.docx}.pdf";;
  esac
done
"""


def test_documents_that_a_program_hangs_or_ends_on_are_left_out_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_program(tmp_path, "soffice", CONVERTS_ALL_BUT_TWO)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(converting, "START_SECONDS", 0.5)
    monkeypatch.setattr(converting, "DOCUMENT_SECONDS", 0.5)
    names = ["one", "hang", "two", "crash", "three"]
    monkeypatch.setattr(converting, "AT_ONCE", 1)
    pdfs = convert_each([name.encode() for name in names], ".docx")
    assert [pdf and pdf.split()[1].decode() for pdf in pdfs] == ["one", None, "two", None, "three"]


def test_what_fell_off_the_pages_is_missing_and_its_row_doubtful() -> None:
    cells = tuple(
        PrintedCell("1", row=row, column=column, row_end=row + 1, column_end=column + 1, field_id=f"{row}.{column}")
        for row in range(2)
        for column in range(2)
    )
    report = PrintedReport((PrintedTable(cells),), {"cells": {}}, "栖河县财政局")
    box = CellBox(1, (0.0, 0.0, 1.0, 1.0))
    texts = {"0.0": "1", "0.1": "", "1.0": "1"}
    loss = find_fallen(report, {"0.0": (box,), "0.1": (box,), "1.0": (box,)}, texts)
    assert (loss.gone, loss.doubtful) == ({"1.1"}, {"1.0"})
    assert find_fallen(report, {}, {}).gone == frozenset()
    unlettered = find_fallen(report, {cell.field_id or "": (box,) for cell in cells}, {"0.0": "1", "1.0": ""})
    assert (unlettered.gone, unlettered.doubtful) == ({"1.0", "1.1"}, frozenset())
    assert not lost_most_rows(report, unlettered)
    assert lost_most_rows(report, find_fallen(report, {"": (box,)}, {}))


def test_what_stands_beyond_the_edge_of_its_page_is_cut() -> None:
    cells = tuple(
        PrintedCell(text, row=0, column=column, row_end=1, column_end=column + 1, field_id=str(column))
        for column, text in enumerate(("1", "2", ""))
    )
    report = PrintedReport((PrintedTable(cells),), {"cells": {}}, "栖河县财政局")
    inside, edge = CellBox(1, (0.0, 0.0, 50.0, 10.0)), CellBox(1, (50.0, 0.0, 59.5, 10.0))
    texts = {"0": "", "1": "", "2": ""}
    assert find_cut(report, {"0": (inside,), "1": (edge,), "2": (edge,)}, texts, [60.0]) == {"1"}
    assert not find_cut(report, {"1": (edge,)}, {"1": "2"}, [60.0])


@pytest.mark.skipif(find_converter(".docx") is None, reason="LibreOffice is not installed")
def test_nothing_to_convert_is_nothing() -> None:
    assert convert_each([], ".docx") == []


def test_every_font_that_is_asked_for_has_a_stand_in() -> None:
    settings = write_font_settings()
    assert all(f"<string>{name}</string>" in settings for name in ("宋体", "仿宋_GB2312", "黑体", "Times New Roman"))


@needs_all
def test_a_corpus_of_pdfs_has_boxes_and_the_same_truth_again(tmp_path: Path) -> None:
    write_pages_corpus(tmp_path, count=2, seed=11, split="test", kinds="pdf")
    truths = [json.loads(path.read_text("utf-8")) for path in sorted(tmp_path.glob("*.truth.json"))]
    assert [truth["source"] for truth in truths] == ["00000.pdf", "00001.pdf"]
    for index, truth in enumerate(truths):
        again = make_pages([plan_page(f"11/test/{index}/pdf", "pdf", "test")])[0]
        assert again.truth["cells"] == truth["cells"]
        assert truth["pages"] == count_pages((tmp_path / truth["source"]).read_bytes())
        assert truth["layout"].split("-")[0] in ("libreoffice", "chromium")
    assert any("evidence" in cell for truth in truths for cell in truth["cells"].values())
