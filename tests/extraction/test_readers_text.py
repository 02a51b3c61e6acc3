"""Plain text, markdown, and what kind of document bytes are."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.readers import read_document
from extraction.readers.kinds import find_kind
from extraction.readers.limits import MAX_LINE_CHARACTERS, MAX_LINES, MAX_TABLE_ROWS
from models.document import Document, DocumentError, Source, Table, TextLine


def read(text: str | bytes) -> Document:
    return read_document(Source("x.txt", text if isinstance(text, bytes) else text.encode(), ""))


def read_code(content: str | bytes) -> str:
    with pytest.raises(DocumentError) as error:
        read(content)
    return error.value.code


def make_zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "0" * 100)
    return file.getvalue()


def test_lines_keep_number_blanks_and_tabs() -> None:
    document = read("一、总体情况\r\n\r\n规章\t0\t\t 1 \r三\n\n末")
    assert [(line.number, line.text) for line in document.lines] == [
        (1, "一、总体情况"), (2, ""), (3, "规章\t0\t\t 1 "), (4, "三"), (5, ""), (6, "末"),
    ]  # fmt: skip
    assert document.media_type == "text/plain"


def test_form_feed_ends_a_printed_line_but_spans_stay_those_of_the_source() -> None:
    lines = read("上一页\f三、下一页\n\f四\n").lines
    assert [(line.number, line.text) for line in lines] == [(1, "上一页"), (1, "    三、下一页"), (2, " 四")]


def test_headings_of_markdown_have_a_level_and_no_marks() -> None:
    document = read(
        "# **某局2023年报告** #\n##  一、总体情况\n###（一）_主动_公开 1\\.2\n#1 不是\n## a\t0\n|# 规章|0|\n"
    )
    assert [(line.heading, line.text) for line in document.lines] == [
        (1, "某局2023年报告"),
        (2, "一、总体情况"),
        (3, "（一）主动公开 1.2"),
        (0, "#1 不是"),
        (0, "## a\t0"),
        (0, "|# 规章|0|"),
    ]
    assert document.media_type == "text/markdown"


def test_tables_as_markup_inside_markdown_are_tables() -> None:
    table = "<table>\n<tr><td>规章</td>\n<td>0</td></tr>\n<tr><td>文件</td><td>7</td></tr>\n</table>"
    document = read(f"# 报告\r\n一\r\n{table}\r\n二\n{table} 三")
    kinds = [(b.number, b.text) if isinstance(b, TextLine) else [c.text for c in b.cells] for b in document.blocks]
    cells = ["规章", "0", "文件", "7"]
    assert kinds == [(1, "报告"), (2, "一"), cells, (8, "二"), cells, (13, " 三")]
    assert [block.cells[0].position for block in document.blocks if isinstance(block, Table)] == [2, 4]


def test_long_line_is_cut_and_told() -> None:
    document = read("短\n" + "长" * (MAX_LINE_CHARACTERS + 5))
    assert [len(line.text) for line in document.lines] == [1, MAX_LINE_CHARACTERS]
    assert [problem.code for problem in document.problems] == ["long_line"]


def test_limits_of_lines_and_rows() -> None:
    assert read_code("一\n" * (MAX_LINES + 1)) == "too_many_lines"
    assert read_code("规章\t0\t0\n" * 50_000) == "table_too_large"
    assert read_code("规章 | 0 | 0\n\n" * 50_000) == "table_too_large"
    assert len(read("规章\t0\n" * MAX_TABLE_ROWS).lines) == MAX_TABLE_ROWS


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_zip("OFD.xml"), "ofd"),
        (make_zip("bomb.txt"), "zip"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "mhtml"),
    ],
)
def test_other_kinds_are_named_as_unsupported_whatever_they_are_called(content: bytes, kind: str) -> None:
    assert find_kind(content) == kind
    assert read_code(content) == "unsupported"


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0\x08\0\0\0"])
def test_a_picture_cut_off_is_damaged(start: bytes) -> None:
    assert find_kind(start + bytes(20)) == "picture"
    assert read_code(start + bytes(20)) == "damaged"


@pytest.mark.parametrize(
    "content",
    [
        "<!DOCTYPE html><html><body><p>一</p>",
        "\n\n<%@ page language='java' %>\n<!-- x --><div>一</div>",
        "<?xml version='1.0'?><html><p>一</p></html>",
        "﻿<TABLE><tr><td>一</td></tr></TABLE>",
        "一、总体情况<br>二<p>三</p><p>四</p><p>五</p><p>六</p>",
    ],
)
def test_pages_are_known_by_their_tags(content: str) -> None:
    assert read(content).media_type == "text/html"
    assert read(content.encode("utf-16")).media_type == "text/html"


def test_text_that_speaks_of_tags_stays_text() -> None:
    assert read("一、总体情况 a<b 且 <p> 标签\n").media_type == "text/plain"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        assert read(content).blocks
    except DocumentError as error:
        assert error.code and error.message


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text.encode("utf-8", "surrogatepass"))
    except DocumentError as error:
        assert error.code in {"binary", "empty", "unsupported"}
