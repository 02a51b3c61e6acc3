"""Encodings: right, wrong and missing declarations, cut and broken bytes."""

from __future__ import annotations

import pytest
from opencc import OpenCC

from extraction.readers import read_document
from extraction.readers.encoding import decode_text, find_declared_encoding
from models.document import DocumentError, Source

REPORT = (
    "某区商务局2023年政府信息公开工作年度报告\n一、总体情况\n2023年，我局坚持以“公开为常态、不公开为例外”的原则，主动公开政府信息52条。\n"
    "二、主动公开政府信息情况\n规章\t0\t0\t0\n行政规范性文件\t7\t1\t57\n三、收到和处理政府信息公开申请情况\n自然人\t法人或其他组织\t总计\n"
)
TRADITIONAL = OpenCC("s2tw").convert(REPORT)


def read_text_of(content: bytes) -> str:
    return "\n".join(line.text for line in read_document(Source("x", content, "")).lines) + "\n"


@pytest.mark.parametrize("text", [REPORT, TRADITIONAL, REPORT[:12], TRADITIONAL[:12]])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_is_read_without_a_declaration(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding))[0] == text


@pytest.mark.parametrize("text", [REPORT, TRADITIONAL, TRADITIONAL[:12]])
def test_gbk_and_big5_are_told_apart(text: str) -> None:
    assert decode_text(text.encode("gbk")) == (text, "gb18030")
    if text != REPORT:
        assert decode_text(text.encode("big5hkscs")) == (text, "big5hkscs")


@pytest.mark.parametrize("line", [line for line in REPORT.split("\n") if line and not line.isascii()])
def test_single_lines_are_enough_to_tell(line: str) -> None:
    traditional = OpenCC("s2tw").convert(line)
    assert decode_text(line.encode("gbk"))[0] == line
    assert decode_text(line.encode())[0] == line
    assert decode_text(traditional.encode("big5hkscs"))[0] == traditional


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "big5", "iso-8859-1", "nonsense", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_page_with_a_wrong_declaration_is_read_by_its_bytes(declared: str, encoding: str) -> None:
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}"></head><body>'
    content = (page + "<p>一、总体情况</p><p>主动公开政府信息</p>").encode(encoding)
    assert "一、总体情况" in read_text_of(content)


def test_page_behind_a_long_ascii_head_is_read_by_its_chinese() -> None:
    content = b"<html><head><script>" + b"x" * 300_000 + "</script></head><body><p>一、总体情况</p>".encode("gbk")
    assert read_text_of(content) == "一、总体情况\n"


def test_declarations_are_found() -> None:
    assert find_declared_encoding(b'<meta charset="GBK">') == "GBK"
    assert find_declared_encoding(b"<meta http-equiv=x content='text/html; charset=gb2312'>") == "gb2312"
    assert find_declared_encoding(b'<?xml version="1.0" encoding="utf-8"?>') == "utf-8"
    assert find_declared_encoding(b"<p>none</p>") is None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_text_cut_inside_a_character_is_read(encoding: str, cut: int) -> None:
    text, _ = decode_text(REPORT.rstrip("\n").encode(encoding)[:-cut])
    assert text[:-2] in REPORT
    assert len(text) > len(REPORT) - 6


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_few_broken_bytes_are_a_problem_not_the_end(encoding: str) -> None:
    content = REPORT.encode(encoding)
    document = read_document(Source("x", content[:60] + b"\xff" + content[60:] + b"\xff\xff", ""))
    assert [problem.code for problem in document.problems] == ["broken_characters"]
    assert "行政规范性文件\t7\t1\t57" in [line.text for line in document.lines]


def test_few_nuls_are_dropped_and_told() -> None:
    document = read_document(Source("x", REPORT.encode().replace("一、".encode(), "一\0、".encode()), ""))
    assert [problem.code for problem in document.problems] == ["nul_characters"]
    assert document.lines[1].text == "一、总体情况"


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 40,
        b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(range(200)) * 50,
        b"\0" * 5000,
        b"SQLite format 3\0" + bytes(4000),
    ],
)
def test_binary_called_text_is_binary(content: bytes) -> None:
    with pytest.raises(DocumentError) as error:
        read_document(Source("report.txt", content, ""))
    assert error.value.code == "binary"


@pytest.mark.parametrize("content", [b" \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\n".encode()])
def test_document_without_print_is_empty(content: bytes) -> None:
    with pytest.raises(DocumentError) as error:
        read_document(Source("x", content, ""))
    assert error.value.code == "empty"
