"""Characters of a page to lines, columns and paragraphs, and what is no text of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from extraction.readers.page_furniture import drop_furniture, read_page_number
from extraction.readers.page_lines import find_lines
from extraction.readers.page_paragraphs import join_paragraphs, join_texts
from extraction.readers.page_routes import find_garbage, find_route
from extraction.readers.page_rules import Fill, find_boxes, merge_rules, part_fills
from extraction.readers.page_turns import Turn, find_direction, find_turn
from models.document import Problem
from models.page import Box, Character, Page, Rule

PROSE = "全年主动公开政府信息，受理政府信息公开申请，均在法定期限内答复，未发生行政复议、行政诉讼。"


def set_line(x: float, y: float, text: str, *, size: float = 12, gap: float = 0.0) -> list[Character]:
    """A printed line with its baseline at (x, y): Chinese as wide as high, letters half as wide."""
    characters = []
    for sign in text:
        width = size / 2 if sign.isascii() else size
        ink = (x + 0.08 * width, y - 0.8 * size, x + (0.3 if sign in "，。、" else 0.92) * width, y + 0.1 * size)
        characters.append(Character(sign, ink, (x, y), size))
        x += width + gap
    return characters


def wrap_text(x: float, y: float, text: str, *, count: int, indent: int = 2, size: float = 12) -> list[Character]:
    """A paragraph of `count` characters a line, its first line indented."""
    lines = [text[: count - indent], *(text[i : i + count] for i in range(count - indent, len(text), count))]
    return [
        character
        for i, line in enumerate(lines)
        for character in set_line(x + (indent * size if i == 0 else 0), y + 2 * size * i, line, size=size)
    ]


def make_page(characters: Iterable[Character], *, number: int = 1, rules: Sequence[Box] = ()) -> Page:
    return Page(number, 595, 842, tuple(characters), rules=tuple(map(Rule, rules)))


def read_lines(characters: Iterable[Character]) -> list[str]:
    return [line.text for line in find_lines(characters, page=1)]


def read_paragraphs(*pages: Iterable[Character]) -> list[str]:
    lines = [line for number, characters in enumerate(pages, 1) for line in find_lines(characters, page=number)]
    (paragraphs,) = join_paragraphs([lines], dict.fromkeys(range(1, len(pages) + 1), 595.0))
    return [join_texts(line.text for line in paragraph) for paragraph in paragraphs]


# Lines


def test_characters_in_any_order_make_lines_from_top_to_bottom() -> None:
    characters = [*set_line(100, 140, "二、主动公开"), *set_line(100, 100, "一、总体情况")]
    assert read_lines(reversed(characters)) == ["一、总体情况", "二、主动公开"]
    assert read_lines([]) == []


def test_justified_chinese_has_no_blanks_and_wide_gaps_stay() -> None:
    assert read_lines(set_line(100, 100, "总计情况", gap=8)) == ["总计情况"]
    assert read_lines([*set_line(100, 100, "索引号"), *set_line(300, 100, "发布机构")]) == ["索引号    发布机构"]
    assert read_lines(set_line(100, 100, "目录", gap=60)) == ["目录"]


def test_words_of_letters_are_parted_and_digits_are_not() -> None:
    characters = set_line(100, 100, "open data 1136条")
    assert read_lines(characters) == ["open data 1136条"]
    assert read_lines(set_line(100, 100, "1136", gap=1)) == ["1136"]


def test_fonts_on_one_baseline_are_one_line() -> None:
    characters = [*set_line(100, 100, "共收到"), *set_line(136, 101, "21", size=10.5), *set_line(148, 100, "件")]
    assert read_lines(characters) == ["共收到21件"]


def test_a_raised_number_is_the_sign_of_a_note_and_no_digit() -> None:
    line = [*set_line(100, 100, "受理14"), *set_line(136, 95, "2", size=6), *set_line(139, 100, "件。")]
    assert read_lines(line) == ["受理14[2]件。"]
    area = [*set_line(100, 100, "8m"), *set_line(112, 95, "2", size=6)]
    assert read_lines(area) == ["8m2"]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    title = set_line(200, 60, "政府信息公开工作年度报告", size=18)
    left = wrap_text(60, 100, PROSE * 2, count=18)
    right = wrap_text(300, 105, PROSE[::-1] * 2, count=18)
    texts = read_lines([*right, *title, *left])
    assert texts[0] == "政府信息公开工作年度报告"
    assert "".join(texts[1:]) == PROSE * 2 + PROSE[::-1] * 2


def test_labels_with_values_beside_them_are_no_columns() -> None:
    rows = [
        character
        for i in range(6)
        for character in (
            *set_line(60, 100 + 24 * i, f"其中第{i}项公开内容的数量"),
            *set_line(300, 100 + 24 * i, f"{i}件"),
        )
    ]
    assert read_lines(rows) == [f"其中第{i}项公开内容的数量    {i}件" for i in range(6)]


# Paragraphs


def test_a_row_whose_value_ends_at_the_margin_does_not_go_on_in_the_row_below() -> None:
    prose = wrap_text(100, 100, PROSE * 4, count=30)
    rows = [
        character
        for i, (label, value) in enumerate([("五、行政诉讼数量", "1"), ("六、举报投诉数量", "4")])
        for character in (*set_line(100, 300 + 20 * i, label), *set_line(454, 300 + 20 * i, value))
    ]
    assert read_paragraphs([*prose, *rows])[-2:] == ["五、行政诉讼数量    1", "六、举报投诉数量    4"]


def test_wrapped_lines_are_one_paragraph_and_headings_stay_lines() -> None:
    page = [
        *set_line(124, 100, "一、总体情况"),
        *wrap_text(100, 124, PROSE, count=30),
        *wrap_text(100, 196, PROSE, count=30),
        *set_line(124, 268, "二、主动公开政府信息情况"),
    ]
    assert read_paragraphs(page) == ["一、总体情况", PROSE, PROSE, "二、主动公开政府信息情况"]


def test_a_paragraph_goes_on_over_the_page() -> None:
    text = PROSE * 3
    whole = wrap_text(100, 100, text, count=30)
    first = [character for character in whole if character.origin[1] < 170]
    second = [character for character in whole if character.origin[1] > 170]
    other = wrap_text(100, 400, PROSE, count=30)
    assert read_paragraphs(first, [*second, *other]) == [text, PROSE]


def test_a_sentence_that_ends_at_the_margin_ends_no_paragraph_where_paragraphs_are_indented() -> None:
    text = PROSE[:27] + "。" + PROSE
    page = [*wrap_text(100, 100, text, count=30), *wrap_text(100, 200, PROSE, count=30)]
    assert read_paragraphs(page) == [text, PROSE]


def test_paragraphs_without_indents_are_parted_by_their_last_line_and_their_space() -> None:
    page = [*wrap_text(100, 100, PROSE, count=30, indent=0), *wrap_text(100, 160, PROSE, count=30, indent=0)]
    assert read_paragraphs(page) == [PROSE, PROSE]
    full = PROSE[:29] + "。"
    page = [*set_line(100, 100, full), *set_line(100, 124, PROSE[:30]), *set_line(100, 200, PROSE[:30])]
    assert read_paragraphs(page)[-1] == PROSE[:30]


def test_a_centred_title_over_two_lines_is_one_and_an_agency_above_it_is_not_joined() -> None:
    body = wrap_text(100, 200, PROSE * 3, count=30)
    wrapped = [
        *set_line(105, 100, "某某市某某高新技术产业开发区管理委员会政", size=18),
        *set_line(217, 130, "府信息公开报告", size=18),
    ]
    assert read_paragraphs([*wrapped, *body])[0] == "某某市某某高新技术产业开发区管理委员会政府信息公开报告"
    agency = [*set_line(230, 100, "某某区民政局", size=18), *set_line(200, 130, "信息公开年度报告", size=18)]
    assert read_paragraphs([*agency, *body])[:2] == ["某某区民政局", "信息公开年度报告"]


def test_short_lines_are_not_joined() -> None:
    page = [character for i in range(5) for character in set_line(100, 100 + 24 * i, f"第{i}项内容")]
    assert len(read_paragraphs(page)) == 5


def test_a_wrapped_line_between_letters_gets_its_blank() -> None:
    assert join_texts(["联系电话", "0571"]) == "联系电话0571"
    assert join_texts(["open", "data", "平台"]) == "open data平台"
    assert join_texts([]) == ""


# Furniture


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("- 3 -", 3),
        ("—3—", 3),
        ("－ 12 －", 12),
        ("第 3 页 共 6 页", 3),
        ("第3页", 3),
        ("第3页/共6页", 3),
        ("3 / 6", 3),
        ("Page 3 of 6", 3),
        ("3", None),
        ("-", None),
        ("21件", None),
        ("2023年", None),
        ("三、3", None),
        ("-3", None),
    ],
)
def test_page_numbers_are_told_by_their_marks(text: str, number: int | None) -> None:
    assert read_page_number(text) == number


def clean_pages(*pages: Iterable[Character]) -> list[str]:
    made = [make_page(characters, number=number) for number, characters in enumerate(pages, 1)]
    return ["".join(c.text for c in page.characters) for page in drop_furniture(made) if isinstance(page, Page)]


def test_page_numbers_and_running_heads_are_dropped() -> None:
    pages = [
        [
            *set_line(100, 40, "某某区政府信息公开工作年度报告", size=9),
            *set_line(100, 400, f"正文{number}"),
            *set_line(290 if number % 2 else 100, 810, f"- {number} -"),
        ]
        for number in range(1, 6)
    ]
    assert clean_pages(*pages) == [f"正文{number}" for number in range(1, 6)]


def test_running_foot_is_known_on_a_page_of_tiny_print_too() -> None:
    foot = set_line(100, 810, "http://www.example.gov.cn/report.html", size=9)
    tiny = [c for n in range(20) for c in set_line(100, 400 + 8 * n, "本年新收", size=5)]
    cleaned = clean_pages([*set_line(100, 400, "正文"), *foot], [*tiny, *foot])
    assert not any("http" in text for text in cleaned)


def test_line_at_the_edge_of_the_margin_is_in_it_as_a_whole_or_not_at_all() -> None:
    lines = [c for n in range(6) for c in set_line(100, 106 + 40 * n, f"第{'甲乙丙丁戊己'[n]}项之和第一")]
    high = [replace(c, box=(c.box[0], c.origin[1] - 6, c.box[2], c.origin[1] - 5)) for c in lines]
    flat = [other if other.text == "一" else c for c, other in zip(lines, high, strict=True)]
    assert all(text.count("一") == 6 for text in clean_pages(flat, flat))


def test_bare_numbers_are_dropped_only_where_they_count_with_the_pages() -> None:
    body = set_line(100, 400, "正文")
    assert clean_pages([*body, *set_line(300, 810, "7")], [*body, *set_line(300, 810, "8")]) == ["正文", "正文"]
    assert clean_pages([*body, *set_line(300, 810, "21")], [*body, *set_line(300, 810, "5")]) == ["正文21", "正文5"]
    assert clean_pages([*body, *set_line(300, 810, "1")]) == ["正文"]


def test_a_title_that_comes_again_and_numbers_in_a_table_stay() -> None:
    titled = [*set_line(100, 60, "信息公开年度报告", size=22), *wrap_text(100, 200, PROSE, count=30)]
    assert all("信息公开年度报告" in text for text in clean_pages(titled, titled))
    page = make_page([*set_line(300, 810, "1"), *set_line(100, 400, PROSE)], rules=[(280, 700, 281, 830)])
    (cleaned,) = drop_furniture([page])
    assert cleaned == page


def test_the_head_of_a_table_on_every_page_stays() -> None:
    head = [*set_line(60, 60, "序号"), *set_line(200, 60, "统计指标"), *set_line(400, 60, "单位")]
    page = [*head, *set_line(100, 400, PROSE)]
    assert all(text.startswith("序号") for text in clean_pages(page, page, page))


def test_problems_pass_between_pages() -> None:
    problem = Problem("read", "damaged_page", "the page cannot be read", 2)
    items = [make_page(set_line(300, 810, "- 1 -")), problem, make_page([], number=3), make_page([], number=4)]
    cleaned = list(drop_furniture(items))
    assert [item.page if isinstance(item, Problem) else item.number for item in cleaned] == [1, 2, 3, 4]


# Routes


def test_text_that_reads_as_chinese_is_read_from_its_layer() -> None:
    assert find_route(make_page(set_line(100, 100, PROSE))).kind == "text"
    assert find_route(make_page(set_line(100, 100, "0 0 21 0 0 0 21 4119 7730.28"))).kind == "text"
    assert (
        find_route(make_page(set_line(100, 100, "Annual report on open government information in 2023"))).kind == "text"
    )
    assert find_route(make_page([])).kind == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "瘳瘼癁瘰瘱瘲瘵瘸瘺瘾瘿癀癃癄癅癆癇癈癉癊癋癌",  # other characters
        "的" * 60,  # one for all
        "\ufffd\ue001" * 20 + PROSE,  # none
        "ÕþÎÒÐÅÏ¢¹«¿ªÄê¶È±¨¸æ×ÜÌåÇé¿öÖ÷¶¯¹«¿ª",  # bytes of GBK
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~!\"#$%&'()*+,-./:;<=>?@",
        "bcdfg hjklm npqrs tvwxz bcdfg hjklm npqrs tvwxz bcdfg",
    ],
)
def test_a_layer_of_wrong_glyphs_is_not_read(text: str) -> None:
    assert find_garbage(set_line(0, 100, text))
    assert find_route(make_page(set_line(0, 100, text))).kind == "pixels"


def test_bullets_from_symbol_fonts_are_no_garbage() -> None:
    assert not find_garbage(set_line(0, 100, "\uf06c" + PROSE + "\uf06c" + PROSE))


def test_a_page_of_outlines_is_read_from_pixels() -> None:
    page = Page(1, 595, 842, tuple(set_line(300, 810, "3")), curves=400)
    assert find_route(page).kind == "pixels"


# Rules and turns


def test_pieces_of_a_line_are_one_rule_and_gaps_part_rules() -> None:
    dashes = [(100.0 + 6 * i, 50.0, 103.0 + 6 * i, 50.5) for i in range(20)]
    assert [rule.box[0::2] for rule in merge_rules(dashes)] == [(100, 217)]
    assert len(merge_rules([(100, 50, 200, 51), (202.5, 50, 300, 51)])) == 2
    assert len(merge_rules([(100, 50, 200, 51), (200.5, 50, 300, 51)])) == 1
    assert merge_rules([(100, 50, 101, 51), (300, 50, 301, 51)]) == ()
    assert merge_rules([]) == ()


def test_dots_make_rules_in_both_directions() -> None:
    corner = [(100.0 + 3 * i, 50.0, 101.0 + 3 * i, 51.0) for i in range(20)]
    corner += [(100.0, 50.0 + 3 * i, 101.0, 51.0 + 3 * i) for i in range(20)]
    assert sorted(rule.horizontal for rule in merge_rules(corner)) == [False, True]


def test_a_frame_between_two_boxes_is_four_lines() -> None:
    outer = [(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 50.0)]
    inner = [(1.0, 1.0), (99.0, 1.0), (99.0, 49.0), (1.0, 49.0)]
    assert len(list(find_boxes([outer, inner]))) == 4
    assert list(find_boxes([outer])) == [(0, 0, 100, 50)]
    assert list(find_boxes([[(0.0, 0.0), (50.0, 50.0), (0.0, 99.0)]])) == []


def test_what_is_painted_like_paper_is_a_rule_on_shading_only() -> None:
    lines, shades = part_fills(
        [Fill((0, 0, 100, 20)), Fill((0, 10, 100, 11), paper=True), Fill((0, 40, 100, 41), paper=True)]
    )
    assert lines == [(0, 10, 100, 11)]
    assert shades == [(0, 0, 100, 20)]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turn_keeps_boxes_on_the_page(degrees: int) -> None:
    turn = Turn((10, 20, 605, 862), degrees)
    width, height = turn.size
    assert turn.place_box(10, 20, 605, 862) == (0, 0, width, height)
    left, top, right, bottom = turn.place_box(100, 100, 110, 130)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert turn.place_point(100, 100) in [(x, y) for x in (left, right) for y in (top, bottom)]


def test_the_turn_of_a_page_is_that_of_most_characters_and_its_own_in_doubt() -> None:
    assert find_turn({0: 10, 90: 500}, 0) == 90
    assert find_turn({0: 50, 90: 50}, 270) == 270
    assert find_turn({}, 180) == 180
    assert [find_direction(1, 0), find_direction(0, 1), find_direction(-1, 0), find_direction(0, -1)] == [
        0,
        90,
        180,
        270,
    ]
    assert find_direction(1, 0.1) == 0
    assert find_direction(1, 1) is None
