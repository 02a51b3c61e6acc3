from __future__ import annotations

import io
import random
import re
import zipfile
from dataclasses import replace

import docx
import pytest

from models.form import load_forms
from training.synthesis.chances import FREE_NOISE, SPLIT_SHARES
from training.synthesis.choice import find_split
from training.synthesis.pages_corpus import WEB_NOISE, draw_paper_noise, iterate_pages_corpus, plan_page
from training.synthesis.printed import Paragraph, PrintedCell, PrintedReport, PrintedTable
from training.synthesis.table_setting import RULINGS, is_tall, mark_colors, plan_table, share_columns
from training.synthesis.tables import lay_out, official_layout
from training.synthesis.web_print import print_web_page
from training.synthesis.word_package import WordParts, pack_document
from training.synthesis.word_pages import drop_web_lines, write_docx
from training.synthesis.word_styles import (
    BORDERS,
    CellSetting,
    Habits,
    Sheet,
    TableLook,
    WordStyle,
    draw_word_style,
    looks_of,
)
from training.synthesis.word_xml import Font, write_paragraph, write_run, write_section

FORM_IDS = tuple(load_forms())
EVERYTHING = Habits(
    "- {n} -", True, True, True, "内部资料", True, True, True, True, True, 2, True, True, True
)  # fmt: skip


def make_report_of(form_id: str) -> PrintedReport:
    """One form between six headings, every cell with a number of its own."""
    form = load_forms()[form_id]
    texts = {field.field_id: str(1000 + number) for number, field in enumerate(form.fields)}
    truth = {"organization": "栖河县财政局", "year": 2023, "cells": {}}
    blocks = (
        Paragraph("首页 > 政务公开", "furniture"),
        Paragraph("来源：栖河县财政局", "furniture"),
        Paragraph("栖河县财政局2023年政府信息公开工作年度报告", "title"),
        Paragraph("一、总体情况", "heading", "overview"),
        Paragraph("2023年，我局主动公开政府信息52条，办理依申请公开3件，均已按期办结，未发生复议和诉讼。", "body"),
        Paragraph("二、" + form.title, "heading", form.section),
        Paragraph("单位：件", "caption", form.section),
        lay_out(form, official_layout(form), texts),
        Paragraph("栖河县财政局", "furniture"),
    )
    return PrintedReport(blocks, truth, "栖河县财政局")


def table_of(report: PrintedReport) -> PrintedTable:
    return next(block for block in report.blocks if isinstance(block, PrintedTable))


def write(report: PrintedReport, style: WordStyle = WordStyle(), *, marked: bool = False) -> bytes:  # noqa: B008
    return write_docx(report, style, random.Random(3), marked=marked)


def body_of(content: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


def open_docx(content: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(content))


@pytest.mark.parametrize("form_id", FORM_IDS)
def test_every_cell_stands_at_its_place_of_a_real_table(form_id: str) -> None:
    report = make_report_of(form_id)
    table = open_docx(write(report)).tables[0]
    for cell in table_of(report).cells:
        for row in range(cell.row, cell.row_end):
            for column in range(cell.column, cell.column_end):
                assert table.cell(row, column).text == cell.text


def test_a_merged_label_is_one_cell() -> None:
    table = open_docx(write(make_report_of("requests@2021"))).tables[0]
    tall = table.cell(10, 0)
    assert tall.text == "三、本年度办理结果"
    assert tall._tc is table.cell(20, 0)._tc


@pytest.mark.parametrize("form_id", ["requests@2019", "statistics@2014"])
def test_the_same_seed_gives_the_same_bytes(form_id: str) -> None:
    style = draw_word_style(random.Random(9), "train", tracked=True)
    assert write(make_report_of(form_id), style) == write(make_report_of(form_id), style)


def test_marks_change_nothing_but_the_shading_of_values() -> None:
    report = make_report_of("requests@2021")
    plain, marked = body_of(write(report)), body_of(write(report, marked=True))
    fills = re.findall(r'w:fill="([0-9A-F]{6})"', marked)
    assert re.sub(r"<w:shd [^>]*/>", "", marked) == re.sub(r"<w:shd [^>]*/>", "", plain)
    assert sorted(fills) == sorted(mark_colors(report.blocks).values())


def test_every_field_has_a_colour_of_its_own_far_from_the_others() -> None:
    colors = list(mark_colors([table_of(make_report_of(form_id)) for form_id in FORM_IDS[:3]]).values())
    channels = [tuple(int(color[start : start + 2], 16) for start in (0, 2, 4)) for color in colors]
    assert len(set(colors)) == len(colors)
    assert all(
        max(abs(a - b) for a, b in zip(one, two, strict=True)) > 8 for one in channels for two in channels if one != two
    )


def test_more_fields_than_colours_are_refused() -> None:
    cells = tuple(PrintedCell("1", row, 0, row + 1, 1, f"field{row}") for row in range(400))
    with pytest.raises(ValueError, match="400 fields"):
        mark_colors([PrintedTable(cells)])


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("upright", ["wrap", "vertical", "rotated", "lines"])
def test_every_look_keeps_every_value(border: str, upright: str) -> None:
    report = make_report_of("requests@2019")
    look = TableLook(border, "zebra", "right", upright, repeat_heads=True, whole_rows=True)
    table = open_docx(write(report, WordStyle(look))).tables[0]
    values = [cell.text for cell in table_of(report).cells if cell.field_id]
    assert [text for text in (cell.text for row in table.rows for cell in row.cells) if text in values] == values


def test_every_border_has_its_rules() -> None:
    assert RULINGS.keys() == BORDERS.keys()


def test_an_office_that_does_everything_still_gives_a_document() -> None:
    style = WordStyle(sheet=Sheet(columns=2), habits=replace(EVERYTHING, turned=False))
    report = make_report_of("requests@2021")
    lines = (Paragraph("我局认真落实各项要求，信息公开工作有序开展。", "body"),) * 40
    document = open_docx(write(replace(report, blocks=report.blocks + lines), style))
    body = document.element.body.xml
    assert "栖河县财政局文件" in "".join(paragraph.text for paragraph in document.paragraphs)
    assert all(mark in body for mark in ("w:footnoteReference", "w:ins ", "v:textbox", "w:numPr", 'w:num="2"'))
    assert "内部资料" in document.sections[0].header._element.xml


def test_a_wide_table_is_put_on_a_turned_page() -> None:
    sections = open_docx(write(make_report_of("requests@2021"), WordStyle(habits=Habits(turned=True)))).sections
    assert [section.page_width > section.page_height for section in sections] == [False, True, False]


def test_a_tracked_change_leaves_the_new_value_as_text() -> None:
    report = make_report_of("proactive@2021")
    document = open_docx(write(report, WordStyle(habits=Habits(tracked=True))))
    changed = document.element.body.xpath("//w:tc//w:ins//w:t")
    assert document.element.body.xpath("//w:tc//w:del//w:delText")
    assert {run.text for run in changed} <= {cell.text for cell in table_of(report).cells if cell.field_id}


def test_headings_are_numbered_by_a_list_only_where_it_gives_the_same_numbers() -> None:
    report = make_report_of("disputes@2019")
    style = WordStyle(habits=Habits(numbering=True))
    assert "总体情况" in [paragraph.text for paragraph in open_docx(write(report, style)).paragraphs]
    headings = [block for block in report.blocks if not (isinstance(block, Paragraph) and block.text[:2] == "一、")]
    other = replace(report, blocks=tuple(headings))
    assert "w:numPr" not in body_of(write(other, style))


def test_signs_of_markup_and_control_characters_do_no_harm() -> None:
    cells = (PrintedCell('<&>"\x00\x0b', 0, 0, 1, 1), PrintedCell("1", 0, 1, 1, 2, "a"))
    report = PrintedReport((Paragraph("A<B>&\x07", "body"), PrintedTable(cells)), {}, "")
    document = open_docx(write(report))
    assert document.tables[0].cell(0, 0).text == '<&>"'
    assert "A<B>&" in [paragraph.text for paragraph in document.paragraphs]
    assert b"&lt;&amp;&gt;" in print_web_page(report, WordStyle(), random.Random(1))


def test_a_report_of_nothing_is_an_empty_document() -> None:
    assert len(open_docx(write(PrintedReport((), {}, ""))).sections) == 1


def test_a_grid_with_holes_and_an_empty_table_are_written() -> None:
    holes = PrintedTable((PrintedCell("左", 0, 0, 1, 1), PrintedCell("7", 1, 1, 2, 2, "a")))
    report = PrintedReport((holes, PrintedTable(())), {}, "")
    table = open_docx(write(report)).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["左", ""], ["", "7"]]


def test_a_body_without_a_section_is_refused() -> None:
    with pytest.raises(ValueError, match="section"):
        pack_document(WordParts(write_paragraph(write_run("无", Font("宋体", 12)))))
    assert pack_document(WordParts(write_paragraph("") + write_section(Sheet())))


def test_lines_of_a_web_page_go_but_the_one_that_names_the_agency() -> None:
    texts = [block.text for block in drop_web_lines(make_report_of("disputes@2019")) if isinstance(block, Paragraph)]
    assert texts[0] == "来源：栖河县财政局"
    assert texts[-1] == "栖河县财政局"


def test_columns_share_the_width_and_values_keep_their_room() -> None:
    table = table_of(make_report_of("requests@2021"))
    ems = share_columns(table, random.Random(1), width=30)
    assert sum(ems) == pytest.approx(30)
    assert min(ems[3:]) > 4 * 0.55
    assert share_columns(table, random.Random(1), width=5) == pytest.approx(
        [
            em * 5 / sum(share_columns(table, random.Random(1), width=5))
            for em in share_columns(table, random.Random(1), width=5)
        ]
    )
    assert len(set(share_columns(table, random.Random(1), width=30, equal=True))) == 1
    assert share_columns(PrintedTable(()), random.Random(1), width=30) == ()


def test_only_a_label_down_many_rows_stands_upright() -> None:
    table = table_of(make_report_of("requests@2021"))
    assert {cell.text for cell in table.cells if is_tall(cell)} >= {"三、本年度办理结果"}
    assert plan_table(table).heads == 3


def test_no_look_of_a_table_stands_in_two_splits() -> None:
    looks = {split: {look.key for look in looks_of(split)} for split in SPLIT_SHARES}
    assert not looks["train"] & looks["test"]
    assert not looks["train"] & looks["calibrate"]
    assert not looks["calibrate"] & looks["test"]
    borders = {look.border for look in looks_of("test")}
    assert borders == set(BORDERS)


@pytest.mark.parametrize("split", ["", "all"])
def test_an_unknown_split_is_refused(split: str) -> None:
    with pytest.raises(ValueError, match="no split"):
        draw_word_style(random.Random(1), split)
    with pytest.raises(ValueError, match="no split"):
        list(iterate_pages_corpus(1, 1, split))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind 'odt'"):
        list(iterate_pages_corpus(1, 1, "test", kinds="odt"))


def test_noise_on_paper_is_that_of_offices_and_of_its_split() -> None:
    for number in range(60):
        names = draw_paper_noise(random.Random(number), "test").names
        assert not names & WEB_NOISE
        assert len(names) <= FREE_NOISE or find_split("+".join(sorted(names))) == "test"


def test_changes_are_tracked_in_word_documents_alone() -> None:
    plans = [plan_page(f"s{number}", kind, "train") for kind in ("docx", "pdf") for number in range(60)]
    assert {plan.kind for plan in plans if plan.style.habits.tracked} == {"docx"}


def test_word_documents_of_a_corpus_are_alike_alone_and_among_others() -> None:
    three = list(iterate_pages_corpus(3, 4, "calibrate", kinds="docx"))
    two = list(iterate_pages_corpus(2, 4, "calibrate", kinds="docx"))
    assert [(d.content, d.truth) for d in three[:2]] == [(d.content, d.truth) for d in two]
    for document in three:
        assert document.truth["layout"].startswith("word-")
        assert document.truth["source"].endswith(".docx")
        assert (document.truth["level"], document.truth["synthetic"]) == ("digital", True)


def test_a_corpus_of_text_needs_no_converter() -> None:
    assert {d.suffix for d in iterate_pages_corpus(4, 4, "test", kinds="text")} <= {".txt", ".md", ".html", ".htm"}


def test_a_web_page_has_every_cell_once_and_marks_every_value() -> None:
    report = make_report_of("requests@2021")
    style = WordStyle(TableLook(border="dotted", upright="lines"), cells=CellSetting(bold_heads=True))
    page = print_web_page(report, style, random.Random(2), marked=True).decode()
    assert page.count("<td") == len(table_of(report).cells)
    assert page.count("background:#") == len(load_forms()["requests@2021"].fields)
    assert page == print_web_page(report, style, random.Random(2), marked=True).decode()
