"""Word documents that are broken or made to harm: a clear error, soon, and nothing loaded from elsewhere."""

from __future__ import annotations

import io
import time
import warnings
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.readers import archive, docx_xml, read_document
from extraction.readers.docx import read_docx
from extraction.readers.kinds import find_kind
from extraction.readers.limits import MAX_LINES, MAX_TABLE_ROWS
from models.document import Document, DocumentError, Source, Table

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OPEN, CLOSE = f'<w:document xmlns:w="{W}"><w:body>', "</w:body></w:document>"
TEXT = "<w:p><w:r><w:t>规章</w:t></w:r></w:p>"
CELL = f"<w:tc>{TEXT}</w:tc>"


def pack(body: str | bytes, *members: tuple[str, str | bytes], stored: bool = False) -> bytes:
    content = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", method) as file:
        warnings.simplefilter("ignore", UserWarning)  # names that come twice
        file.writestr("word/document.xml", f"{OPEN}{body}{CLOSE}" if isinstance(body, str) else body)
        for name, text in members:
            file.writestr(name, text)
    return content.getvalue()


def read(content: bytes) -> Document:
    return read_document(Source("x.docx", content, ""))


def read_code(content: bytes) -> str:
    started = time.process_time()
    with pytest.raises(DocumentError) as error:
        read(content)
    assert time.process_time() - started < 20
    return error.value.code


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_code(pack(TEXT + " " * 20_000_000)) == "too_large"
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 10_000)
    assert read_code(pack(TEXT, ("word/media/image1.emf", b"0" * 20_000))) == "too_large"
    monkeypatch.setattr(archive, "MAX_MEMBERS", 20)
    assert read_code(pack(TEXT, *((str(i), "") for i in range(30)))) == "too_complex"


def test_sizes_that_the_archive_lies_about_do_not_count() -> None:
    content = pack(TEXT * 1000)
    info = zipfile.ZipFile(io.BytesIO(content)).infolist()[0]
    told = info.file_size.to_bytes(4, "little")
    assert content.count(told) == 2
    assert read_code(content.replace(told, (100).to_bytes(4, "little"))) == "damaged"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "entity",
    ['"规章"', 'SYSTEM "file:///etc/hostname"', 'PUBLIC "x" "http://127.0.0.1:9/x"', '"&b;&b;"><!ENTITY b "x"'],
)
def test_entities_are_refused(entity: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY a {entity}>]>{OPEN}{TEXT}&a;{CLOSE}'
    assert read_code(pack(text.encode(encoding))) == "damaged"


def test_a_type_elsewhere_is_refused() -> None:
    assert read_code(pack(f'<!DOCTYPE a SYSTEM "file:///dev/zero">{OPEN}{TEXT}{CLOSE}'.encode())) == "damaged"


@pytest.mark.parametrize("wrapper", ["w:sdt", "w:del", "w:ins", "x"])
def test_elements_nested_100000_deep_are_refused(wrapper: str) -> None:
    deep = f"<{wrapper}>" * 100_000 + TEXT + f"</{wrapper}>" * 100_000
    assert read_code(pack(deep)) == "too_deep"


def test_tables_in_tables_are_read_as_deep_as_elements_may_stand() -> None:
    opening, closing = "<w:tbl><w:tr><w:tc>", f"{TEXT}</w:tc></w:tr></w:tbl>"
    lines = read(pack(opening * 60 + closing * 60)).lines
    assert [line.text for line in lines] == ["规章"] * 60
    assert read_code(pack(opening * 80 + closing * 80)) == "too_deep"


def test_alternatives_in_alternatives_without_text_take_no_time() -> None:
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    opening = f"<mc:AlternateContent {space}><mc:Choice><w:r>"
    closing = "</w:r></mc:Choice><mc:Fallback/></mc:AlternateContent>"
    document = read(pack(f"<w:p>{opening * 60}{'<w:tab/>' * 1000}{closing * 60}</w:p>{TEXT}"))
    assert document.lines[-1].text == "规章"


def test_a_table_of_more_rows_than_one_can_be_is_refused() -> None:
    row = f"<w:tr>{CELL}{CELL}</w:tr>"
    assert read_code(pack(f"<w:tbl>{row * (MAX_TABLE_ROWS + 1)}</w:tbl>")) == "table_too_large"


def test_a_row_of_more_columns_than_one_can_have_is_refused() -> None:
    assert read_code(pack(f"<w:tbl><w:tr>{CELL * 300}</w:tr></w:tbl>")) == "table_too_large"
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="{}"/></w:tcPr><w:p/></w:tc>'
    spans = "".join(wide.format(value) for value in ("999999999", "1"))
    assert read_code(pack(f"<w:tbl><w:tr>{spans}</w:tr></w:tbl>")) == "table_too_large"


@pytest.mark.parametrize("value", ["0", "-7", "abc", "", "²", "99999999999999999999"])
def test_spans_that_are_no_numbers_count_as_one(value: str) -> None:
    odd = f'<w:tc><w:tcPr><w:gridSpan w:val="{value}"/><w:vMerge w:val="{value}"/></w:tcPr>{TEXT}</w:tc>'
    before = f'<w:trPr><w:gridBefore w:val="{value}"/></w:trPr>'
    document = read(pack(f"<w:tbl><w:tr>{before}{odd}{CELL}</w:tr><w:tr>{CELL}{CELL}</w:tr></w:tbl>"))
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    assert [(cell.row, cell.column) for cell in table.cells] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_more_lines_or_elements_than_a_document_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks = "<w:r><w:br/><w:br/></w:r>" * (MAX_LINES // 2 + 1)
    assert read_code(pack(f"{TEXT}<w:p>{breaks}</w:p>")) == "too_many_lines"
    monkeypatch.setattr(docx_xml, "MAX_ELEMENTS", 100)
    assert read_code(pack(TEXT * 100)) == "too_complex"


def test_a_long_text_is_cut_and_told() -> None:
    document = read(pack(TEXT.replace("规章", "规章" * 40_000)))
    assert [problem.code for problem in document.problems] == ["long_line"]


@pytest.mark.parametrize(
    "main",
    [b"", b"no XML", OPEN.encode(), b"\xff\xfe\x00", f'<w:document xmlns:w="{W}"/>'.encode(), b"<a>&#1;</a>"],
)
def test_a_broken_main_part_is_damaged(main: bytes) -> None:
    assert read_code(pack(main)) == "damaged"


def test_a_cut_or_changed_archive_is_damaged() -> None:
    content = pack(TEXT * 100)
    assert read_code(content[:-60]) == "damaged"
    assert read_code(content[: len(content) // 2]) == "damaged"
    assert read_code(content.replace(b"PK\x05\x06", b"PK\x05\x07")) == "damaged"
    changed = bytearray(content)
    changed[60:70] = b"0123456789"
    assert read_code(bytes(changed)) == "damaged"


def test_broken_parts_beside_the_main_one_are_a_problem() -> None:
    parts = [
        ("word/styles.xml", "<w:styles"),
        ("word/numbering.xml", ""),
        ("_rels/.rels", "x"),
        ("[Content_Types].xml", ""),
    ]
    document = read(pack(TEXT, *parts))
    assert document.lines[0].text == "规章"
    assert [problem.code for problem in document.problems] == ["broken_part", "broken_part"]


def test_relations_that_lead_out_of_the_archive_lead_nowhere() -> None:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    relation = '<Relationship Type="x/{}" Target="{}" TargetMode="{}"/>'
    relations = "".join(
        relation.format(*entry)
        for entry in (
            ("styles", "../../../../etc/passwd", "Internal"),
            ("numbering", "http://127.0.0.1:9/numbering.xml", "External"),
            ("attachedTemplate", "file:///etc/passwd", "External"),
        )
    )
    rels = f'<Relationships xmlns="{space}">{relations}</Relationships>'
    members = [("word/_rels/document.xml.rels", rels), ("../../evil.xml", "<a/>"), ("/abs/x", "y")]
    assert read(pack(TEXT, *members)).problems == ()


def test_a_member_that_comes_twice_with_other_content_is_damaged() -> None:
    other = f"{OPEN}{TEXT}{TEXT}{CLOSE}"
    assert read_code(pack(TEXT, ("word/document.xml", other))) == "damaged"
    assert read_code(pack(TEXT, ("Word\\Document.xml", other))) == "damaged"
    assert read(pack(TEXT, ("word/document.xml", f"{OPEN}{TEXT}{CLOSE}"))).lines[0].text == "规章"


def test_encrypted_and_oddly_packed_members_are_refused() -> None:
    content = bytearray(pack(TEXT))
    central = content.index(b"PK\x01\x02")
    encrypted = content[:]
    encrypted[central + 8] |= 1
    assert read_code(bytes(encrypted)) == "encrypted"
    content[central + 10] = zipfile.ZIP_LZMA
    assert read_code(bytes(content)) == "damaged"


def test_macros_and_pictures_are_never_opened() -> None:
    members = [("word/vbaProject.bin", b"\xd0\xcf\x11\xe0" * 9), ("word/media/image1.png", b"no picture")]
    assert read(pack(TEXT, *members)).lines[0].text == "规章"


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ("xl/workbook.xml", "workbook"), ("ppt/presentation.xml", "slides"), ("OFD.xml", "ofd"), ("x.docx", "zip"),
        ("Word/Document.xml", "docx"),
    ],
)  # fmt: skip
def test_archives_are_told_by_their_members_and_not_by_what_stands_in_them(member: str, kind: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(member, pack(TEXT, stored=True))
    assert find_kind(content.getvalue()) == kind


CONTENT = pack(f"<w:tbl><w:tr>{CELL}{CELL}</w:tr></w:tbl>{TEXT}", ("word/styles.xml", "<a/>"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CONTENT) - 1), st.integers(0, 255)), max_size=20), st.integers(0, 40))
def test_changed_bytes_give_a_document_or_an_error(changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(CONTENT)
    for place, byte in changes:
        content[place] = byte
    source = Source("x", bytes(content[: len(content) - cut]), "")
    for reader in (read_docx, read_document):
        try:
            reader(source)
        except DocumentError as error:
            assert error.code
