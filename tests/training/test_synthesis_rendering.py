from __future__ import annotations

import codecs
import html
import json
import random
import re
from dataclasses import replace

import pytest

from models.form import load_forms
from training.synthesis.chances import NOISE, SPLIT_SHARES
from training.synthesis.corpus import iterate_corpus, make_document, write_corpus
from training.synthesis.encodings import Encoding
from training.synthesis.layouts import LAYOUTS
from training.synthesis.noise import NoiseMix, change_label, change_line, draw_noise
from training.synthesis.noisy_tables import break_over_rows
from training.synthesis.printed import Paragraph, PrintedCell, PrintedReport, PrintedTable, RenderedReport
from training.synthesis.rendering import LAYOUT_NAMES, render_report
from training.synthesis.styles import LAYOUT_SPLIT, TableStyle, layouts_for, plain_style, styles_of
from training.synthesis.tables import lay_out, official_layout
from training.synthesis.unknowable import adjust_truth, find_loss

FORM_IDS = tuple(load_forms())
UNKNOWN = [{"state": state, "value": None} for state in ("missing", "unreadable", "blank")]


def make_report_of(form_id: str) -> PrintedReport:
    """One form, every cell with a number of its own."""
    form = load_forms()[form_id]
    texts = {field.field_id: str(1000 + number) for number, field in enumerate(form.fields)}
    cells = {key: {"state": "number", "value": int(text), "raw": text} for key, text in texts.items()}
    truth = {"organization": "栖河县财政局", "year": 2023, "cells": cells, "facts": [], "forms": [form_id]}
    blocks = (
        Paragraph("栖河县财政局2023年政府信息公开工作年度报告", "title"),
        Paragraph("一、总体情况", "heading", "overview"),
        Paragraph("2023年，我局主动公开政府信息52条。", "body", "overview"),
        Paragraph("二、" + form.title, "heading", form.section),
        lay_out(form, official_layout(form), texts),
    )
    return PrintedReport(blocks, truth, "栖河县财政局")


def make_row(*values: str, label: str = "规章") -> PrintedTable:
    """A table of one row: a label and its values, the fields named a, b, c."""
    cells = [PrintedCell(label, 0, 0, 1, 1)]
    cells += [PrintedCell(text, 0, n, 1, n + 1, "abcdefg"[n - 1]) for n, text in enumerate(values, start=1)]
    return PrintedTable(tuple(cells))


def read_text(document: RenderedReport) -> str:
    encoding = document.truth["encoding"]
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    assert document.content.startswith(mark)
    text = document.content.removeprefix(mark).decode(encoding)
    if document.suffix.startswith(".htm"):
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
@pytest.mark.parametrize("form_id", FORM_IDS)
def test_every_layout_prints_every_form_with_the_raw_text_of_each_cell(layout: str, form_id: str) -> None:
    report = make_report_of(form_id)
    for seed in range(4):
        rng = random.Random(f"{layout}/{form_id}/{seed}")
        document = render_report(report, rng, layout=layout, clean=seed == 0)
        text = read_text(document)
        assert document.layout == layout
        for cell in document.truth["cells"].values():
            assert cell["state"] == "number"
            assert cell["raw"] in text


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
def test_the_values_of_a_row_stand_in_their_order(layout: str) -> None:
    report = make_report_of("requests@2021")
    for seed in range(10):
        text = read_text(render_report(report, random.Random(f"{layout}{seed}"), layout=layout, split="test"))
        row = [text.index(str(1000 + number)) for number in range(7)]
        assert row == sorted(row)


def test_the_same_seed_makes_the_same_bytes() -> None:
    first = [(document.content, document.truth) for document in iterate_corpus(12, 7, "train")]
    assert first == [(document.content, document.truth) for document in iterate_corpus(12, 7, "train")]


def test_a_document_made_alone_is_the_one_of_the_corpus() -> None:
    corpus = list(iterate_corpus(6, 3, "test"))
    assert make_document(4, seed=3, split="test").content == corpus[4].content


def test_every_document_of_a_corpus_decodes_and_holds_its_lines_and_cells() -> None:
    encodings = set()
    for document in iterate_corpus(150, 11, "calibrate", difficulty="hard"):
        encodings.add(document.truth["encoding"])
        text = read_text(document)
        for cell in document.truth["cells"].values():
            assert not cell["raw"] or cell["raw"].strip() in text
        if document.suffix != ".md":
            assert [line.text for line in document.lines if line.text not in text] == []
    assert len(encodings) >= 5


def test_every_document_of_a_written_corpus_has_truth_beside_it(tmp_path) -> None:
    write_corpus(tmp_path, count=12, seed=1, split="train", other_share=0.3)
    documents = [path for path in tmp_path.iterdir() if not path.name.endswith(".truth.json")]
    assert len(documents) == 12
    for path in documents:
        truth = json.loads(path.with_name(f"{path.stem}.truth.json").read_text("utf-8"))
        assert truth["source"] == path.name
        assert truth["layout"] in LAYOUT_NAMES
        assert isinstance(truth["noise"], list)


def test_a_row_of_an_empty_cell_without_trace_may_be_read_as_unknown() -> None:
    style = replace(plain_style("cell-lines"), blank_trace="none")
    table = make_row("5", "", "7")
    loss = find_loss(table, style)
    assert loss.doubtful == {"a", "b", "c"}
    truth = {"cells": {"a": {"state": "number", "value": 5, "raw": "5"}, "b": {"state": "blank", "value": None}}}
    cells = adjust_truth(truth, loss)["cells"]
    assert cells["a"]["value"] == 5
    assert cells["a"]["accept"] == UNKNOWN
    assert cells["b"]["accept"] == UNKNOWN[:2]


@pytest.mark.parametrize("trace", ["line", "pipe", "run"])
def test_an_empty_cell_that_leaves_a_trace_stays_blank(trace: str) -> None:
    table = make_row("5", "", "7")
    assert not find_loss(table, TableStyle("cell-lines-pipe", blank_trace=trace)).doubtful


def test_a_full_row_loses_nothing_where_empty_cells_leave_no_trace() -> None:
    assert not find_loss(make_row("5", "6", "7"), TableStyle("cell-lines", blank_trace="none")).doubtful


def test_a_value_merged_over_a_row_is_doubtful_where_the_layout_hides_its_reach() -> None:
    cells = (PrintedCell("规章", 0, 0, 1, 1), PrintedCell("0", 0, 1, 1, 4, "proactive.rules.issued"))
    table = PrintedTable(cells, "proactive@2021")
    fields = {f"proactive.rules.{name}" for name in ("issued", "repealed", "in_force")}
    assert find_loss(table, TableStyle("pipe-rows", spans="none")).doubtful == fields
    assert not find_loss(table, TableStyle("pipe-rows", spans="all")).doubtful


def test_values_that_stood_before_are_missing_where_each_line_stands_once() -> None:
    report = replace(
        make_report_of("proactive@2021"),
        blocks=(make_row("0", "12", "0"), make_row("0", label="行政许可")),
        truth={"cells": {key: {"state": "number", "value": 0, "raw": "0"} for key in "abc"}},
    )
    document = render_report(report, random.Random(1), layout="distinct-lines", clean=True)
    assert read_text(document).split("\n") == ["规章", "0", "12", "行政许可"]
    assert document.truth["cells"]["c"] == {"state": "missing", "value": None, "raw": None, "accept": UNKNOWN}
    assert document.truth["cells"]["b"]["accept"] == UNKNOWN


def test_layouts_print_the_rows_seen_on_real_pages() -> None:
    table, rng = make_row("0", "", "3"), random.Random(0)
    assert LAYOUTS["pipe-rows"](table, rng, TableStyle("pipe-rows")) == ["规章 | 0 | | 3 |"]
    assert LAYOUTS["pipe-rows-framed"](table, rng, TableStyle("pipe-rows-framed")) == ["| 规章 | 0 | | 3 |"]
    assert LAYOUTS["tabs"](table, rng, TableStyle("tabs")) == ["规章\t0\t\t3"]
    assert LAYOUTS["cell-lines-pipe"](table, rng, TableStyle("cell-lines-pipe", gap=" |", blank_trace="run")) == [
        "规章 |", "0 |", "|", "3 |",
    ]  # fmt: skip
    below = TableStyle("cell-lines-pipe-below", blank_trace="pipe")
    assert LAYOUTS["cell-lines-pipe-below"](table, rng, below) == ["规章", "|", "0", "|", "|", "3", "|"]
    assert LAYOUTS["cell-lines"](table, rng, TableStyle("cell-lines", blank_trace="none")) == ["规章", "0", "3"]


def test_merged_cells_leave_runs_of_pipes() -> None:
    cells = (PrintedCell("第二十条第（五）项", 0, 0, 1, 4), PrintedCell("行政许可", 1, 0, 2, 1))
    table = PrintedTable((*cells, PrintedCell("0", 1, 1, 2, 4, "a")))
    style = TableStyle("cell-lines-pipe", "drop", "none", "pad", "run", gap=" |")
    assert LAYOUTS["cell-lines-pipe"](table, random.Random(0), style) == [
        "第二十条第（五）项 |", "|||", "行政许可 |", "0 |", "||",
    ]  # fmt: skip


def test_no_style_and_no_large_mixture_of_noise_stands_in_two_splits() -> None:
    styles = {split: {style.key for style, _ in layouts_for(split)} for split in SPLIT_SHARES}
    mixtures = {split: {draw_noise(random.Random(n), split).names for n in range(400)} for split in SPLIT_SHARES}
    for split in SPLIT_SHARES:
        for other in SPLIT_SHARES.keys() - {split}:
            assert not styles[split] & styles[other]
            assert all(len(mixture) <= 2 for mixture in mixtures[split] & mixtures[other])
    assert set(LAYOUT_SPLIT.values()) == set(SPLIT_SHARES)


@pytest.mark.parametrize("split", SPLIT_SHARES)
def test_every_layout_stands_in_every_split(split: str) -> None:
    assert {style.layout for style, _ in layouts_for(split)} == set(LAYOUTS)
    assert all(len(styles_of(layout, split)) >= 2 for layout in LAYOUTS)


@pytest.mark.parametrize("encoding", ["gbk", "big5", "gb18030", "utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_text_fits_its_encoding_before_it_is_encoded(encoding: str) -> None:
    codec = Encoding(encoding, "\r\n")
    fitted = codec.fit("“12”项\u200b·動(dòng)公開裏 — 😀\n3")
    content = codec.encode(fitted)
    assert fitted.replace("\n", "\r\n") == content.decode("utf-16" if "16" in encoding else encoding)
    assert "12" in fitted
    assert "項" in codec.fit("項") or encoding in ("gbk",)


def test_noise_never_changes_the_digits_of_a_label_or_a_sentence() -> None:
    everything = NoiseMix(frozenset(NOISE) - {"wide-letters", "other-numbering", "cut-labels"}, dense=True)
    text = "2023年收到申请1204件，办结57件"
    for seed in range(200):
        rng = random.Random(seed)
        for changed in (change_label(text, everything, rng), change_line(text, everything, rng, exact=True)):
            assert re.findall(r"\d+", changed) == ["2023", "1204", "57"]


def test_a_label_broken_over_two_rows_keeps_its_row_of_values() -> None:
    table = make_row("1", "2", label="行政规范性文件")
    broken = break_over_rows(table, random.Random(0))
    assert [cell.text for cell in broken.cells if cell.column == 0] == ["行政规", "范性文件"]
    assert [(cell.text, cell.row) for cell in broken.cells if cell.field_id] == [("1", 0), ("2", 0)]


def test_a_heading_that_runs_into_its_paragraph_is_one_heading_line() -> None:
    report = make_report_of("proactive@2021")
    for seed in range(400):
        document = render_report(report, random.Random(seed), layout="tabs")
        joined = [line for line in document.lines if line.role == "heading" and "52" in line.text]
        if "joined-headings" in document.noise and joined:
            assert "总" in joined[0].text
            return
    pytest.fail("no heading ran into its paragraph")


def test_a_page_in_traditional_script_says_so_in_the_raw_text_of_its_cells() -> None:
    table = PrintedTable((PrintedCell("本年增减", 0, 0, 1, 1), PrintedCell("减38", 0, 1, 1, 2, "a")))
    truth = {"organization": "栖河县财政局", "cells": {"a": {"state": "number", "value": -38, "raw": "减38"}}}
    report = PrintedReport((Paragraph("栖河县财政局", "title"), table), truth, "栖河县财政局")
    for seed in range(400):
        document = render_report(report, random.Random(seed), layout="pipe-rows")
        if "traditional" in document.noise:
            assert document.truth["cells"]["a"]["raw"] == "減38"
            assert "減38" in read_text(document)
            assert "棲河縣財政局" in document.truth["organization_accept"]
            return
    pytest.fail("no page in Traditional script")


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="no layout"):
        render_report(make_report_of("proactive@2021"), random.Random(0), layout="carved-in-stone")
