"""Word documents: lines and tables come out as Word prints them, from the structure that the file has."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document as WordDocument

from extraction.readers import read_document
from extraction.readers.docx import MEDIA_TYPE
from extraction.readers.docx_counting import format_count
from models.document import Document, DocumentError, Source, Table, TextLine

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)


def pack(body: str, **parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", f"<w:document {SPACES}><w:body>{body}</w:body></w:document>")
        for name, text in parts.items():
            file.writestr(f"word/{name}.xml", f"<w:{name} {SPACES}>{text}</w:{name}>")
    return content.getvalue()


def read(body: str, **parts: str) -> Document:
    return read_document(Source("x.docx", pack(body, **parts), ""))


def list_lines(document: Document) -> list[str]:
    return [line.text for line in document.lines]


def list_tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def list_places(table: Table) -> list[tuple[str, int, int, int, int]]:
    return [(cell.text, cell.row, cell.column, cell.row_end, cell.column_end) for cell in table.cells]


def run(text: str, properties: str = "") -> str:
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inner}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    inner = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{inner}{content if content.startswith('<') else run(content)}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(c if c.startswith('<') else cell(c) for c in cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def field(code: str, result: str) -> str:
    ends = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{ends[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{ends[1]}{result}{ends[2]}"


DATA = row("规章", "0", "0", "5")


# Lines


def test_paragraphs_are_lines_with_their_breaks_and_numbers() -> None:
    document = read(
        paragraph("")
        + paragraph(run("一、") + run("总体情况"))
        + paragraph(run("甲") + "<w:r><w:br/></w:r>" + run("乙"))
        + paragraph("")
        + paragraph(run("规章") + "<w:r><w:tab/></w:r>" + run("0") + "<w:r><w:tab/></w:r>")
        + paragraph("<w:r><w:t>主动<!-- -->公开\n</w:t><w:softHyphen/><w:noBreakHyphen/></w:r>")
    )
    assert [(line.number, line.text) for line in document.lines] == [
        (1, "一、总体情况"), (2, "甲"), (3, "乙"), (4, ""), (5, "规章\t0\t"), (6, "主动公开-"),
    ]  # fmt: skip
    assert document.media_type == MEDIA_TYPE


def test_headings_have_the_level_of_their_style_or_outline() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="b"><w:name w:val="own"/><w:basedOn w:val="a"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="c"><w:basedOn w:val="d"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr>'
        "</w:style>"
        '<w:style w:type="paragraph" w:styleId="d"><w:basedOn w:val="c"/></w:style>'
    )
    styled = "".join(paragraph(name, f'<w:pStyle w:val="{name}"/>') for name in ("a", "b", "c", "d", "x", "Heading2"))
    outlined = paragraph("e", '<w:outlineLvl w:val="1"/>') + paragraph("f", '<w:outlineLvl w:val="9"/>')
    headings = [line.heading for line in read(styled + outlined, styles=styles).lines]
    assert headings == [1, 1, 3, 0, 0, 2, 2, 0]  # a circle of styles ends somewhere


def test_deleted_and_moved_away_text_is_not_read_and_inserted_text_is() -> None:
    document = read(
        paragraph(
            run("共")
            + f"<w:del><w:r><w:delText>31</w:delText></w:r></w:del><w:ins>{run('13')}</w:ins>"
            + f"<w:moveFrom>{run('乙')}</w:moveFrom><w:moveTo>{run('甲')}</w:moveTo>"
        )
        + paragraph("前", "<w:rPr><w:del/></w:rPr>")
        + paragraph("后")
        + paragraph("末", "<w:rPr><w:del/></w:rPr>")
        + table(DATA, row("删", "1", "1", "1", properties="<w:del/>"), DATA)
    )
    assert list_lines(document) == ["共13甲", "前后", "末"]
    assert list_tables(document)[0].n_rows == 2


def test_hidden_text_is_left_out_by_run_and_by_style() -> None:
    styles = '<w:style w:type="character" w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
    document = read(
        paragraph(
            run("见")
            + run("藏", "<w:vanish/>")
            + run("藏", '<w:rStyle w:val="h"/>')
            + run("显", '<w:rStyle w:val="h"/><w:vanish w:val="0"/>')
        ),
        styles=styles,
    )
    assert list_lines(document) == ["见显"]


def test_fields_print_their_results_and_not_their_codes() -> None:
    nested = field("IF " + "</w:instrText></w:r>" + field("PAGE", run("藏")) + "<w:r><w:instrText>", run("5"))
    simple = f'<w:fldSimple w:instr="DATE">{run("2023年")}</w:fldSimple>'
    unended = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF</w:instrText></w:r>'
    document = read(paragraph(simple + nested + run("件")) + paragraph(unended) + paragraph("后"))
    assert list_lines(document) == ["2023年5件", "", "后"]


def test_a_table_of_contents_is_left_out_and_its_headings_stay() -> None:
    entry = run("一、总体情况") + "<w:r><w:tab/></w:r>" + run("1")
    styled = paragraph(entry, '<w:pStyle w:val="TOC1"/>')
    begun = field('TOC \\o "1-3"', entry).rpartition("<w:r>")[0]
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    document = read(styled + paragraph(begun) + paragraph(entry) + paragraph(end) + paragraph("一、总体情况"))
    assert list_lines(document)[-1] == "一、总体情况"
    assert not any("\t" in line for line in list_lines(document))


def test_text_boxes_are_read_once_behind_their_paragraph() -> None:
    inner = f"<w:txbxContent>{paragraph('框内')}{table(DATA, DATA)}</w:txbxContent>"
    box = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inner}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{inner}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    document = read(paragraph(run("前") + box) + paragraph(box))
    assert list_lines(document) == ["前", "框内", "框内"]
    assert len(list_tables(document)) == 2
    empty = box.replace(inner, "", 1)
    assert list_lines(read(paragraph(empty))) == ["框内"]


def test_content_controls_links_and_tags_are_transparent() -> None:
    wrapped = f"<w:hyperlink>{run('链')}</w:hyperlink><w:smartTag><w:sdt><w:sdtPr><w:rPr/></w:sdtPr><w:sdtContent>"
    wrapped += f"{run('控')}</w:sdtContent></w:sdt></w:smartTag>"
    block = f"<w:sdt><w:sdtContent>{paragraph(wrapped)}{table(DATA)}</w:sdtContent></w:sdt>"
    inside = f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:customXml>{cell('行政许可')}</w:customXml>{cell('5')}</w:tr>"
    document = read(block + inside + "</w:sdtContent></w:sdt></w:tbl>")
    assert list_lines(document) == ["链控"]
    assert [[c.text for c in t.cells] for t in list_tables(document)] == [["规章", "0", "0", "5"], ["行政许可", "5"]]


def test_raised_struck_and_divided_numbers_do_not_become_other_numbers() -> None:
    fraction = (
        "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
    )
    document = read(
        paragraph(run("5") + run("1", '<w:vertAlign w:val="superscript"/>'))
        + paragraph(run("3", "<w:strike/>") + run("4"))
        + paragraph(fraction)
        + paragraph(
            "<w:r><w:ruby><w:rt>" + run("hàn") + "</w:rt><w:rubyBase>" + run("汉") + "</w:rubyBase></w:ruby></w:r>"
        )
        + paragraph('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:font="Odd" w:char="F041"/></w:r>')
    )
    assert list_lines(document) == ["5¹", "3 4", "1/2", "汉", "✓\ufffd"]


# Numbering

LEVELS = (
    '<w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/>'
    '<w:pStyle w:val="a"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%3"/></w:lvl>'
    '<w:lvl w:ilvl="3"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf06c"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
)


def item(text: str, level: int, number: str = "1") -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_automatic_numerals_of_headings_are_part_of_their_text() -> None:
    items = [("总体情况", 0), ("法", 1), ("规", 1), ("点", 3), ("主动公开", 0), ("法", 1), ("件", 2)]
    document = read("".join(item(*entry) for entry in items) + item("存在", 0, "2") + item("其他", 0), numbering=LEVELS)
    assert list_lines(document) == [
        "一、总体情况", "（一）法", "（二）规", "• 点", "二、主动公开", "（一）法", "2.1 件", "五、存在", "六、其他",
    ]  # fmt: skip


def test_a_level_left_out_counts_as_if_it_were_printed() -> None:
    document = read(item("件", 2) + item("法", 1) + item("主动公开", 0), numbering=LEVELS)
    assert list_lines(document) == ["1.1 件", "（二）法", "二、主动公开"]


def test_numbering_may_come_from_a_style_and_be_switched_off() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="heading 1"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    heading = paragraph("总体情况", '<w:pStyle w:val="a"/>')
    plain = paragraph("附", '<w:pStyle w:val="a"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    unknown = item("无此表", 0, "99") + item("无此级", 8)
    document = read(heading + plain + heading + unknown, numbering=LEVELS, styles=styles)
    assert list_lines(document) == ["一、总体情况", "附", "二、总体情况", "无此表", "无此级"]


@pytest.mark.parametrize(
    ("count", "style", "printed"),
    [
        (10, "chineseCounting", "十"), (21, "chineseCountingThousand", "二十一"), (105, "japaneseCounting", "一百零五"),
        (110, "chineseCounting", "一百一十"), (1001, "chineseCountingThousand", "一千零一"),
        (10, "ideographDigital", "一〇"),
        (3, "chineseLegalSimplified", "叁"), (3, "ideographTraditional", "丙"), (20, "decimalEnclosedCircle", "⑳"),
        (21, "decimalEnclosedCircle", "㉑"), (4, "decimalEnclosedParen", "⑷"), (1, "decimalEnclosedFullstop", "⒈"),
        (27, "upperLetter", "AA"), (1994, "lowerRoman", "mcmxciv"), (7, "decimalZero", "07"), (7, "none", ""),
        (99999999, "upperRoman", "99999999"), (0, "ideographTraditional", "0"), (-3, "chineseCounting", "-3"),
        (5, "unheard-of", "5"),
    ],
)  # fmt: skip
def test_counts_are_printed_in_the_format_of_the_list(count: int, style: str, printed: str) -> None:
    assert format_count(count, style) == printed


# Tables


def test_merged_cells_have_their_spans() -> None:
    begin, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    wide = '<w:gridSpan w:val="2"/>'
    document = read(
        table(
            row(cell("办理结果", begin), cell("申请人", wide), cell("总计", begin)),
            row(cell("", go_on), "自然人", "法人", cell("", go_on)),
            row("新收", "1", "2", "3"),
        )
    )
    assert list_places(list_tables(document)[0]) == [
        ("办理结果", 0, 0, 2, 1), ("申请人", 0, 1, 1, 3), ("总计", 0, 3, 2, 4), ("自然人", 1, 1, 2, 2),
        ("法人", 1, 2, 2, 3),
        ("新收", 2, 0, 3, 1), ("1", 2, 1, 3, 2), ("2", 2, 2, 3, 3), ("3", 2, 3, 3, 4),
    ]  # fmt: skip
    assert document.problems == ()


def test_a_merge_that_nothing_began_is_a_cell_and_covered_text_is_told() -> None:
    across = row(cell("甲", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("1", "<w:vMerge/>"))
    down = row(cell("乙", '<w:vMerge w:val="restart"/>'), "2", "3")
    covered = row(cell("盖", "<w:vMerge/>"), "4", "5")
    document = read(table(across, down, covered))
    assert list_places(list_tables(document)[0]) == [
        ("甲", 0, 0, 1, 2), ("1", 0, 2, 1, 3), ("乙", 1, 0, 3, 1), ("2", 1, 1, 2, 2), ("3", 1, 2, 2, 3),
        ("4", 2, 1, 3, 2), ("5", 2, 2, 3, 3),
    ]  # fmt: skip
    assert [problem.code for problem in document.problems] == ["covered_text"]


def test_rows_that_begin_late_stand_in_their_own_columns() -> None:
    late = row("1", "2", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>')
    document = read(table(row("甲", "乙", "丙"), late))
    assert list_places(list_tables(document)[0])[3:] == [("1", 1, 1, 2, 2), ("2", 1, 2, 2, 3)]


def test_cells_keep_their_lines_numerals_and_blanks() -> None:
    labels = f"<w:tc>{paragraph('商业')}{paragraph('企 业')}{paragraph('')}</w:tc>"
    numbered = f"<w:tc>{item('予以公开', 1)}</w:tc>"
    document = read(table(row(labels, numbered, "", " 5 "), row("<w:tc/>", "0", "", "")), numbering=LEVELS)
    texts = [c.text for c in list_tables(document)[0].cells]
    assert texts == ["商业\n企 业", "（一）予以公开", "", "5", "", "0", "", ""]


def test_a_table_that_lays_out_the_report_gives_its_lines_and_tables() -> None:
    inner = paragraph("一、总体情况") + table(DATA, DATA) + paragraph("二、主动公开" + "。" * 200)
    document = read(table(f"<w:tr><w:tc>{inner}</w:tc></w:tr>"))
    assert [type(block).__name__ for block in document.blocks] == ["TextLine", "Table", "TextLine"]
    assert document.blocks[0] == TextLine("一、总体情况", 1)
    nested = f"<w:tc>{table(row('1', '2'))}{paragraph('注')}</w:tc>"
    data = list_tables(read(table(row("规章", nested, "7", "8"))))
    assert [c.text for c in data[0].cells] == ["规章", "1\n2\n注", "7", "8"]


def test_a_section_heading_in_a_table_parts_it() -> None:
    heading = row(cell("三、收到和处理政府信息公开申请情况", '<w:gridSpan w:val="4"/>'))
    document = read(table(DATA, heading, DATA, DATA))
    assert [block.text if isinstance(block, TextLine) else block.n_rows for block in document.blocks] == [
        1, "三、收到和处理政府信息公开申请情况", 2,
    ]  # fmt: skip
    positions = [(c.position, c.evidence.table) for t in list_tables(document) for c in t.cells[:1]]
    assert positions == [(0, 1), (2, 2)]


def test_what_is_not_read_is_told() -> None:
    picture = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="5000000" cy="3000000"/><pic:pic/></wp:inline></w:drawing></w:r>'
    )
    old = '<w:r><w:pict><v:shape style="width:400pt;height:200.5pt"><v:imagedata/></v:shape></w:pict></w:r>'
    small = picture.replace("5000000", "90000")
    sheet = "<w:r><w:object><v:shape/></w:object></w:r>"
    document = read(paragraph(run("见图") + picture + old + small + sheet) + '<w:altChunk w:val="x"/>')
    assert [(p.code, p.message.split()[0]) for p in document.problems] == [
        ("embedded_document", "1"), ("embedded_object", "1"), ("pictures", "2"),
    ]  # fmt: skip
    with pytest.raises(DocumentError, match="pictures only"):
        read(paragraph(picture))


# Packages


def test_a_strict_document_is_read_like_any_other() -> None:
    body = f"<w:document xmlns:w='{STRICT}'><w:body>{paragraph('一、总体情况')}{table(DATA)}</w:body></w:document>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("word/document.xml", body.encode("utf-16"))
    document = read_document(Source("x", content.getvalue(), ""))
    assert list_lines(document) == ["一、总体情况"] and len(list_tables(document)) == 1


@pytest.mark.parametrize("related", [True, False])
def test_the_main_part_is_found_by_relation_or_content_type(*, related: bool) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/Doc/main.xml" ContentType="{kind}"/></Types>',
        )
        if related:
            file.writestr(
                "_rels/.rels",
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                '<Relationship Id="r" Type="http://x/officeDocument" Target="doc\\main.xml"/></Relationships>',
            )
        file.writestr("Doc\\main.xml", f"<w:document {SPACES}><w:body>{paragraph('正文')}</w:body></w:document>")
    assert list_lines(read_document(Source("x", content.getvalue(), ""))) == ["正文"]


def test_a_document_of_another_library_is_read_with_its_merges() -> None:
    word = WordDocument()
    word.add_heading("某局2023年政府信息公开工作年度报告", 0)
    word.add_heading("一、总体情况", 1)
    grid = word.add_table(3, 4)
    for number, box in enumerate(box for line in grid.rows for box in line.cells):
        box.text = str(number)
    grid.cell(0, 1).merge(grid.cell(0, 3)).text = "申请人"
    grid.cell(1, 0).merge(grid.cell(2, 0)).text = "结果"
    word.sections[0].header.paragraphs[0].text = "页眉"
    content = io.BytesIO()
    word.save(content)
    document = read_document(Source("x", content.getvalue(), ""))
    assert [(line.heading, line.text) for line in document.lines] == [
        (1, "某局2023年政府信息公开工作年度报告"), (1, "一、总体情况"),
    ]  # fmt: skip
    assert list_places(list_tables(document)[0]) == [
        ("0", 0, 0, 1, 1), ("申请人", 0, 1, 1, 4), ("结果", 1, 0, 3, 1), ("5", 1, 1, 2, 2), ("6", 1, 2, 2, 3),
        ("7", 1, 3, 2, 4), ("9", 2, 1, 3, 2), ("10", 2, 2, 3, 3), ("11", 2, 3, 3, 4),
    ]  # fmt: skip


def test_the_official_blank_form_has_its_three_grids(reports_folder: Path) -> None:
    path = reports_folder / "official-form-2021.docx"
    tables = list_tables(read_document(Source(path.name, path.read_bytes(), "")))
    assert [(t.n_rows, t.n_columns, sum(not c.text for c in t.cells)) for t in tables] == [
        (14, 4, 10), (28, 10, 175), (4, 15, 15),
    ]  # fmt: skip
