"""Pages: what is printed comes out in order, tables with their spans, furniture stays out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.readers import read_document
from extraction.readers.limits import MAX_TABLE_ROWS
from models.document import Document, DocumentError, Source, Table, TextLine

DATA = "<tr><td>规章</td><td>0</td><td>0</td><td>5</td></tr>"


def read(html: str) -> Document:
    return read_document(Source("x", html.encode(), ""))


def read_body(body: str) -> Document:
    return read(f"<html><body>{body}</body></html>")


def list_lines(document: Document) -> list[str]:
    return [line.text for line in document.lines]


def list_tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def list_rows(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows


def only_table(body: str) -> Table:
    tables = list_tables(read_body(body))
    assert len(tables) == 1
    return tables[0]


def read_code(html: str) -> str:
    with pytest.raises(DocumentError) as error:
        read(html)
    return error.value.code


# Lines


def test_blocks_and_breaks_end_lines_and_inline_elements_join() -> None:
    document = read_body(
        "<h2><b>一、</b><span>总体</span>情况</h2><p>2023年，<font>我局</font>主动公开<b>5</b>2条。<br>第二行<div>第三行</div>"
    )
    assert [(line.number, line.heading, line.text) for line in document.lines] == [
        (1, 2, "一、总体情况"), (2, 0, "2023年，我局主动公开52条。"), (3, 0, "第二行"), (4, 0, "第三行"),
    ]  # fmt: skip


def test_blanks_of_markup_are_folded() -> None:
    document = read_body("<p>　　总体\n      情况 a\n b&nbsp;c\u200b\ufeffd&ensp;</p><p>&nbsp;</p><p> </p>")
    assert list_lines(document) == ["总体情况 a b cd", ""]


def test_preformatted_text_keeps_lines_tabs_and_empty_lines() -> None:
    document = read_body("<p>前</p><pre>规章\t\t0\n\n  行政许可 | 5 |\n</pre><p>后</p>")
    assert list_lines(document) == ["前", "规章\t\t0", "", "  行政许可 | 5 |", "后"]
    styled = read_body('<div style="white-space: pre-wrap">一\n二\t三</div>')
    assert list_lines(styled) == ["一", "二\t三"]


def test_rows_of_text_on_their_own_lines_are_kept_without_pre() -> None:
    document = read_body("<div>\n一、总体情况\n规章 | 0 | 0 |\n行政许可 | 5 | |\n行政处罚\t1\t2\n</div>")
    assert list_lines(document) == ["一、总体情况", "规章 | 0 | 0 |", "行政许可 | 5 | |", "行政处罚\t1\t2"]
    broken = read_body("<div>规章\t0\t\t5<br>行政许可\t5<br></div>")
    assert list_lines(broken) == ["规章\t0\t\t5", "行政许可\t5"]


def test_numbers_with_notes_or_struck_out_do_not_become_other_numbers() -> None:
    table = only_table(
        f"<table>{DATA}<tr><td>行政许可</td><td>5<sup>1</sup></td><td><del>3</del>4</td>"
        "<td><ruby>5<rt>wu</rt></ruby></td></tr></table>"
    )
    assert list_rows(table)[1] == ["行政许可", "5¹", "3 4", "5"]


# Furniture


def test_furniture_is_left_out_and_the_card_is_kept() -> None:
    links = "".join(f'<li><a href="{i}">栏目{i}</a></li>' for i in range(8))
    document = read(
        "<html><head><title>某区政府</title><style>.x{display:none}</style>"
        "<script>var a='<p>script</p>';</script></head>"
        f'<body><ul>{links}</ul><div class="top-nav">政务公开 | 互动交流</div><!-- comment -->'
        '<div id="dqwz">您的位置：<a href="/">首页</a> &gt; <a>政府信息公开年报</a></div>'
        '<div class="head-info share"><span>索引号：</span>ab-1<span> 发布日期：</span>2024-01-17</div>'
        '<div class="bdsharebuttonbox">分享到：微信 微博</div><p>字体：【大 中 小】</p><p>打印本页</p>'
        "<h1>某局2023年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>正文。</p>"
        '<p style="display: none">藏一</p><p hidden>藏二</p><p class="x">藏三</p>'
        f'<div class="xgwj">相关文件<ul>{links}</ul></div><footer>主办：某局 某ICP备1号</footer>'
        '<div class="foot">网站标识码：123</div></body></html>'
    )
    assert list_lines(document) == [
        "索引号：ab-1 发布日期：2024-01-17", "某局2023年政府信息公开工作年度报告", "一、总体情况", "正文。",
    ]  # fmt: skip


def test_report_inside_what_is_named_like_furniture_is_kept() -> None:
    document = read_body(f'<div class="footer"><p>一、总体情况</p><table>{DATA}{DATA}</table></div>')
    assert list_lines(document) == ["一、总体情况"]
    assert len(list_tables(document)) == 1


def test_report_that_only_scripts_would_show_is_read() -> None:
    panel = '<div style="display:none"><p>一、总体情况</p><p>第二十条</p>'
    panel += f"<table>{DATA}{DATA}</table></div>"
    assert len(list_tables(read_body("<p>索引号：1</p>" + panel))) == 1
    twice = panel.replace("display:none", "") + panel
    assert len(list_tables(read_body(twice))) == 1


def test_page_of_nothing_but_navigation_is_kept_whole() -> None:
    document = read_body('<div class="nav">' + "".join(f"<a>栏目{i}</a>" for i in range(9)) + "</div>")
    assert list_lines(document) == ["栏目0栏目1栏目2栏目3栏目4栏目5栏目6栏目7栏目8"]


def test_metadata_of_the_markup_is_kept() -> None:
    document = read(
        '<html><head><title> 某局2023年年报\n - 某网</title><meta name="ArticleTitle" content="某局年报">'
        '<META NAME="PubDate" CONTENT="2024-01-17 10:00"><meta name="ContentSource" content="某局"></head>'
        "<body>正文</body></html>"
    )
    assert document.metadata == {
        "page_title": "某局2023年年报 - 某网",
        "title": "某局年报",
        "published": "2024-01-17 10:00",
        "organization": "某局",
    }


# Tables


def test_spans_are_resolved_to_the_grid() -> None:
    table = only_table(
        '<table><tr><td rowspan="2" colspan="2">（勾稽）</td><td colspan="3">申请人情况</td></tr>'
        "<tr><th>自然人</th><th>其他</th><th>总计</th></tr>"
        '<tr><td rowspan="2">三、本年度办理结果</td><td>（一）予以公开</td><td>1</td><td>0</td><td>1</td></tr>'
        "<tr><td>（七）总计</td><td>1</td><td></td><td>1</td></tr></table>"
    )
    assert table.layout == "html"
    assert [(c.text, c.row, c.row_end, c.column, c.column_end) for c in table.cells] == [
        ("（勾稽）", 0, 2, 0, 2), ("申请人情况", 0, 1, 2, 5),
        ("自然人", 1, 2, 2, 3), ("其他", 1, 2, 3, 4), ("总计", 1, 2, 4, 5),
        ("三、本年度办理结果", 2, 4, 0, 1),
        ("（一）予以公开", 2, 3, 1, 2), ("1", 2, 3, 2, 3), ("0", 2, 3, 3, 4), ("1", 2, 3, 4, 5),
        ("（七）总计", 3, 4, 1, 2), ("1", 3, 4, 2, 3), ("", 3, 4, 3, 4), ("1", 3, 4, 4, 5),
    ]  # fmt: skip
    last = table.cells[-1].evidence
    assert (last.table, last.row, last.column) == (1, 4, 5)


@pytest.mark.parametrize("span", ["0", "-3", "99999999999", "abc", "", "1000", "4.5", " 4px"])
def test_wrong_spans_are_clamped(span: str) -> None:
    table = only_table(f'<table><tr><td colspan="{span}" rowspan="1">第二十条第（一）项</td></tr>{DATA}{DATA}</table>')
    assert (table.n_rows, table.n_columns) == (3, 4)
    tall = only_table(f'<table><tr><td rowspan="{span}">甲</td><td>1</td></tr><tr><td>2</td></tr></table>')
    assert tall.n_rows == 2


def test_text_of_a_cell_is_joined_inside_words_and_broken_at_lines() -> None:
    table = only_table(
        "<table><tr><td><p>商业</p><p>企业</p></td><td>科研<br/>机构</td><td>1<span>2</span>3</td>"
        f"<td>\n 总\n 计&nbsp;</td></tr>{DATA}</table>"
    )
    assert list_rows(table)[0] == ["商业\n企业", "科研\n机构", "123", "总计"]


def test_empty_cells_and_places_are_kept() -> None:
    table = only_table(f"<table>{DATA}<tr><td>行政许可</td><td></td><td>&nbsp;</td><td><p></p></td></tr></table>")
    assert list_rows(table)[1] == ["行政许可", "", "", ""]


def test_numbers_typed_into_inputs_are_printed_numbers() -> None:
    table = only_table(f'<table>{DATA}<tr><td>行政许可</td><td><input value="7"></td><td>1</td><td>2</td></tr></table>')
    assert list_rows(table)[1] == ["行政许可", "7", "1", "2"]


def test_layout_table_is_flattened_into_the_stream() -> None:
    prose = "2023年，我局坚持以公开为常态，不公开为例外的原则。" * 12
    document = read_body(
        f"<table><tr><td>导航</td><td><h1>某局2023年报告</h1><p>一、总体情况</p><p>{prose}</p>"
        f"<table border=1>{DATA}{DATA}</table><p>六、其他需要报告的事项</p></td></tr></table>"
    )
    kinds = [block.text if isinstance(block, TextLine) else "TABLE" for block in document.blocks]
    assert kinds == ["导航", "某局2023年报告", "一、总体情况", prose, "TABLE", "六、其他需要报告的事项"]


def test_page_that_is_one_table_gives_lines_and_tables() -> None:
    document = read_body(
        '<table><tr><td colspan="4">某局2023年政府信息公开工作年度报告</td></tr>'
        '<tr><td colspan="4">一、总体情况</td></tr><tr><td colspan="4">' + "正文一句。" * 60 + "</td></tr>"
        '<tr><td colspan="4">二、主动公开政府信息情况</td></tr><tr><td colspan="4">第二十条第（一）项</td></tr>'
        f'{DATA}{DATA}<tr><td colspan="4">三、收到和处理政府信息公开申请情况</td></tr>{DATA}</table>'
    )
    kinds = [block.text[:4] if isinstance(block, TextLine) else block.n_rows for block in document.blocks]
    assert kinds == ["某局20", "一、总体", "正文一句", "二、主动", 3, "三、收到", 1]


def test_long_label_in_a_row_of_numbers_does_not_cut_the_table() -> None:
    note = "（按照有关规定统计，包括本级及所属单位。）" * 15
    table = only_table(f"<table>{DATA}<tr><td>行政许可{note}</td><td>1</td><td>2</td><td>3</td></tr>{DATA}</table>")
    assert table.n_rows == 3


def test_captions_stand_before_and_feet_behind() -> None:
    document = read_body(
        f"<table><caption>单位：件</caption><tfoot>{DATA}</tfoot><tbody><tr><td>甲</td><td>乙</td></tr></tbody></table>"
    )
    assert list_lines(document) == ["单位：件"]
    assert list_rows(list_tables(document)[0])[0] == ["甲", "乙"]


def test_single_column_tables_are_lines() -> None:
    document = read_body("<table><tr><td>一、总体情况</td></tr><tr><td>正文</td></tr></table>")
    assert list_lines(document) == ["一、总体情况", "正文"]


# Tables of other elements

ROWS = (("信息内容", "本年制发件数", "现行有效件数"), ("规章", "0", ""), ("行政规范性文件", "7", "57"))


@pytest.mark.parametrize(
    ("outer", "row", "cell"),
    [
        ('<p style="display:table">{}', '<b style="display:table-row">{}</b>', '<i style="display:table-cell">{}</i>'),
        ('<div class="tbl">{}</div>', '<div class="tr">{}</div>', '<div class="td">{}</div>'),
        ("<div>{}</div>", '<div class="row">{}</div>', '<div class="col-md-3"><p>{}</p></div>'),
        ("<div>{}</div>", "<div>{}</div>", "<div>{}</div>"),
        ("<div>{}</div>", "<div>{}</div>", "<span>{}</span>"),
        ("<ul>{}</ul>", "<li>{}</li>", "<span>{}</span>"),
        ("<ul>{}</ul>", "<li><ul>{}</ul></li>", "<li>{}</li>"),
        ("<div>{}</div>", "<ul>{}</ul>", "<li>{}</li>"),
        ("<section><div>{}</div></section>", "<dl>{}</dl>", "<dd>{}</dd>"),
        ('<div role="table">{}</div>', '<div role="row">{}</div>', '<span role="cell">{}</span>'),
        ('<div style="display:grid;grid-template-columns:repeat(3, 1fr)">{}</div>', "{}", "<div>{}</div>"),
    ],
)  # fmt: skip
def test_tables_of_other_elements_have_rows_and_cells(outer: str, row: str, cell: str) -> None:
    rows = "\n".join(row.format("\n".join(cell.format(text) for text in texts)) for texts in ROWS)
    table = only_table(outer.format(rows))
    assert table.layout == "divs"
    assert list_rows(table) == [list(texts) for texts in ROWS]


def test_style_sheet_says_what_a_row_is() -> None:
    rows = "".join("<p class=r>" + "".join(f"<b class=c>{text}</b>" for text in texts) + "</p>" for texts in ROWS)
    sheet = "<style>/* x */ .t{display:table} .r, .q {color:red;display:table-row} .c{display:table-cell}</style>"
    document = read(f"<html><head>{sheet}</head><body><div class=t>{rows}</div></body></html>")
    assert [list_rows(table) for table in list_tables(document)] == [[list(texts) for texts in ROWS]]


def test_row_of_one_cell_covers_all_columns() -> None:
    title = '<div class="tr"><div class="td">第二十条第（一）项</div></div>'
    rows = "".join(
        '<div class="tr">' + "".join(f'<div class="td">{t}</div>' for t in texts) + "</div>" for texts in ROWS
    )
    table = only_table(f"<div>{title}{rows}</div>")
    assert [(c.column, c.column_end) for c in table.cells if c.row == 0] == [(0, 3)]


def test_page_of_short_paragraphs_beside_an_index_card_is_no_row_of_cells() -> None:
    card = "<div class='row'>" + "<span class='cell'>索引号：1</span><span class='cell'>3</span>" + "</div>"
    text = "<div class='row'>" + "".join(f"<p class='cell'>{i}</p>" for i in range(60)) + "</div>"
    assert list_tables(read(f"<html><body><div>{card}{text}</div></body></html>")) == []


@pytest.mark.parametrize("empty", ["&nbsp;", "<br>"])
@pytest.mark.parametrize("name", ["p", "div"])
def test_paragraph_made_to_be_empty_is_a_line(name: str, empty: str) -> None:
    lines = read(f"<html><body><{name}>1</{name}>\n<{name}>{empty}</{name}>\n<{name}>2</{name}><{name}></{name}>").lines
    assert [line.text for line in lines] == ["1", "", "2"]


def test_sentences_in_pieces_are_no_tables() -> None:
    body = "<div><span>共收到申请</span><span>61</span><span>件。</span></div>"
    body += "<div><span>办结</span><span>57</span><span>件。</span></div>"
    document = read_body(f"<div>{body}</div>")
    assert list_lines(document) == ["共收到申请61件。", "办结57件。"]
    card = read_body("<ul><li><b>索引号：</b><span>ab</span></li><li><b>发布机构：</b><span>某局</span></li></ul>")
    assert list_lines(card) == ["索引号：ab", "发布机构：某局"]


def test_leaves_without_rows_are_one_line_each() -> None:
    document = read_body(
        '<div class="t">' + "".join(f"<div>{text}</div>" for text in ("规章", "0", "0", "57")) + "</div>"
    )
    assert list_lines(document) == ["规章", "0", "0", "57"]


# Limits


@pytest.mark.parametrize("tag", ["div", "span", "b", "ul", "table><tr><td", "font color=red"])
def test_nesting_100000_deep_is_refused(tag: str) -> None:
    code = read_code("<html>" + f"<{tag}>" * 100_000 + "一")
    assert code in {"too_deep", "too_complex"}


def test_unclosed_elements_that_do_not_nest_are_read() -> None:
    document = read_body("<p>一<br>二" * 20_000)
    assert len(document.lines) == 40_000
    table = only_table("<table>" + "<tr><td>规章<td>0<td>1" * 3_000 + "</table>")
    assert table.n_rows == 3_000


def test_nesting_as_deep_as_browsers_allow_is_read() -> None:
    assert list_lines(read_body("<div>" * 900 + "一、总体情况")) == ["一、总体情况"]


def test_elements_reopened_in_every_paragraph_are_refused() -> None:
    html = "".join(f"<font size={i}>" for i in range(900)) + "<p>x" * 50_000
    code = read_code(html)
    assert code == "too_complex"


def test_element_of_100000_attributes_is_refused_and_a_long_picture_is_not() -> None:
    html = "<html><p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x"
    code = read_code(html)
    assert code == "too_complex"
    assert list_lines(read_body(f'<p>一<img src="data:image/png;base64,{"A" * 3_000_000}">二</p>')) == ["一二"]


@pytest.mark.parametrize("text", [" " * 500_000, "|\n|\n|\n|" + "\t" * 500_000, "/*" * 50_000, "<" * 300_000])
def test_long_runs_of_blanks_and_signs_are_read(text: str) -> None:
    # Quadratic patterns would take hours.
    assert read(f"<html><style>display{text}</style><p>一{text}二").lines


def test_table_of_50000_rows_is_refused() -> None:
    code = read_code(f"<html><table>{DATA * 50_000}</table>")
    assert code == "table_too_large"
    assert MAX_TABLE_ROWS < 50_000


def test_div_table_of_50000_rows_is_refused_or_read_as_lines() -> None:
    row = '<div class="tr"><div class="td">规章</div><div class="td">0</div></div>'
    assert read_code(f"<html><div>{row * 50_000}</div>") == "table_too_large"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<table>", "</table>", "<tr>", "<td rowspan=3>", "<td colspan=0>", "</td>", "<div>", "</div>", "<p>"]
            + ["<br>", "<pre>", "</pre>", "<ul>", "<li>", "<span style='display:none'>", "</span>", "<a>"]
            + ["</a>", "规章", "0", "\n", "<!--", "-->", "<script>"]
        ),
        max_size=60,
    )
)  # fmt: skip
def test_any_mixture_of_tags_is_read_or_refused(parts: list[str]) -> None:
    try:
        document = read("<html>" + "".join(parts))
    except DocumentError as error:
        assert error.code == "empty"
        return
    for table in list_tables(document):
        assert all(
            c.row < c.row_end <= table.n_rows and c.column < c.column_end <= table.n_columns for c in table.cells
        )
