from __future__ import annotations

import pytest

from extraction.facts.candidates import find_candidates
from extraction.facts.numbers import find_numbers, read_chinese
from extraction.facts.passages import find_passages, fold_passage
from models.document import TextLine


def counted(text: str) -> list[tuple[str, str]]:
    return [(format(n.value.normalize(), "f"), n.unit) for n in find_numbers(fold_passage(text)[0])]


def named(text: str) -> list[tuple[str, str]]:
    """What stands before each candidate, and its value."""
    folded = fold_passage(text)[0]
    return [(folded[: c.anchor][-2:], str(c.value)) for c in find_candidates(folded)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("申请５件", ("5", "件")),
        ("申请 1 204 件", ("1204", "件")),
        ("信息1,204条", ("1204", "条")),
        ("申请三十六件", ("36", "件")),
        ("两千余条", ("2000", "条")),
        ("一百零五篇", ("105", "篇")),
        ("14万余条", ("140000", "条")),
        ("1.2万人次", ("12000", "人次")),
        ("三场", ("3", "场")),
        ("收取477.35万元", ("477.35", "万元")),
        ("收取1605964元", ("1605964", "元")),
        ("百余件", ("100", "件")),
        ("5起诉讼", ("5", "起")),
        ("新增加5个栏目", ("5", "个")),
        ("信息共计1条", ("1", "条")),
    ],
)
def test_a_counted_number_is_read_with_its_unit(text: str, number: tuple[str, str]) -> None:
    assert counted(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "同比增长12.5%",
        "2023年12月31日",
        "国办发〔2019〕12号",
        "第二十条第（六）项",
        "第3次会议",
        "15个工作日内",
        "历时5个月",
        "电话0791-88463127",
        "数十条意见",
        "比上年增加了5件",
        "较去年同期多5件",
        "其中网站减少12条",
        "不同渠道和方式公开同一条政府信息计1条",
        "不同方式回应同一热点计1次",
        "单次最多可申请2项信息",
        "信息2条以上方为合格",
        "坚定”四个自信”",
        "5.属于三类",
        "第一项等于第二项加第三项之和",
        "几百件申请",
        "3至5次",
        "5-8件",
        "每季度1次",
        "上升2个百分点",
        "升级到3.0版",
        "二〇二三年",
        "六部门联合发文",
        "属于三类内部事务信息",
        "每天更新一次",
        "至少3次",
        "坚持“三个一”",
        "一名信息员",
        "",
        "件",
    ],
)
def test_what_is_no_count_is_no_number(text: str) -> None:
    assert counted(text) == []


@pytest.mark.parametrize("text", ["150余篇", "近30场", "2千多次", "约五百人", "300件以上"])
def test_a_number_that_is_not_exact_says_so(text: str) -> None:
    assert [number.rounded for number in find_numbers(text)] == [True]


@pytest.mark.parametrize("text", ["十百", "百百", "五五十", "", "万", "二零二三"])
def test_characters_that_make_no_numeral_are_none(text: str) -> None:
    assert read_chinese(text) is None or text == ""


def test_things_that_share_a_number_are_candidates_each() -> None:
    assert named("行政复议、行政诉讼均为0件。") == [("复议", "0"), ("诉讼", "0")]
    assert named("当面申请、信函申请各2件。") == [("申请", "2"), ("申请", "2")]


def test_things_that_are_denied_are_counted_as_none() -> None:
    assert named("未收到政府信息公开申请。") == [("申请", "0")]
    assert named("未发生因政府信息公开申请行政复议、提起行政诉讼的情况。") == [("复议", "0"), ("诉讼", "0")]
    assert named("行政复议：无。行政诉讼情况：无。") == [("复议", "0"), ("诉讼", "0")]


@pytest.mark.parametrize(
    "text", ["没有收取信息处理费。", "无法提供相关材料。", "未超过期限。", "总金额均为0。", "无障碍改造。"]
)
def test_a_denial_of_what_is_not_counted_is_no_candidate(text: str) -> None:
    assert named(text) == []


def test_a_denial_ends_at_the_number_behind_it() -> None:
    assert named("未收到复议，申请5件。") == [("复议", "0"), ("申请", "5")]


def test_a_number_broken_over_two_lines_is_one() -> None:
    first = "今年以来，我局在门户网站公开各类政府信息11"
    (passage,) = find_passages([(TextLine(first, 7), "overview"), (TextLine("36条，其中公告5条。", 8), "overview")])
    numbers = find_numbers(passage.folded)
    assert [str(number.value) for number in numbers] == ["1136", "5"]
    evidence = passage.find_evidence(numbers[1].start, numbers[1].end)
    assert evidence is not None
    assert (evidence.line, evidence.span) == (8, (8, 10))


def test_a_heading_is_not_joined_to_its_paragraph() -> None:
    lines = [(TextLine("（二）依申请公开政府信息的情况说明", 1), "a"), (TextLine("（三）其他", 2), "a")]
    assert len(find_passages(lines)) == 2


def test_evidence_spans_the_print_with_its_blanks() -> None:
    line = TextLine("共收到申请 ６１ 件。", 3)
    (passage,) = find_passages([(line, "")])
    (number,) = find_numbers(passage.folded)
    evidence = passage.find_evidence(number.start, number.end)
    assert evidence is not None
    assert evidence.span is not None
    assert line.text[slice(*evidence.span)] == "６１ 件"


def test_traditional_script_with_pinyin_keeps_its_places() -> None:
    (passage,) = find_passages([(TextLine("共收到申請(qǐng)61件，未發(fā)生行政複議。", 1), "")])
    assert passage.folded == "共收到申请61件,未发生行政复议。"
    assert passage.cut(5, 8) == "61件"


def test_a_number_alone_in_its_line_is_no_candidate() -> None:
    assert named("8258 次") == []
    assert named("官网点击8258 次") != []


def test_the_counter_of_a_web_page_is_no_candidate() -> None:
    assert named("来源：云岭县商务局　浏览次数：8258次") == []
    assert named("瀏覽次數：[8258次]") == []


def test_pipes_and_tabs_part_what_they_part() -> None:
    assert fold_passage("申请 | 5 | 件")[0] == "申请\n5\n件"
    assert counted("申请 | 5 | 件") == []


def test_a_circled_note_is_no_digit() -> None:
    assert counted("申请5①件") == []
    assert counted("申请①5件") == [("5", "件")]


def set_lines(*texts: str, step: int = 1) -> list[str]:
    lines = [TextLine(text, 1 + place * step) for place, text in enumerate(texts)]
    return [passage.folded for passage in find_passages((line, "") for line in lines)]


BROKEN = (
    "全年共收到政府信息公开申请三十六件，发生行政复",
    "议2件，均已办结。",
    "上年结转的申请也已经全部办结完毕并答复。",
)


def test_a_sentence_broken_over_lines_is_one_passage_though_every_second_line_is_empty() -> None:
    joined = [
        "全年共收到政府信息公开申请三十六件,发生行政复议2件,均已办结。",
        "上年结转的申请也已经全部办结完毕并答复。",
    ]
    assert set_lines(*BROKEN) == joined
    assert set_lines(*BROKEN, step=2) == joined
    assert set_lines(BROKEN[0], "\t" + BROKEN[1], BROKEN[2]) == joined


def test_an_empty_line_after_a_short_line_parts_passages() -> None:
    long = "全年共收到政府信息公开申请三十六件，发生行政复议2件，均已按时办结并答复申请人。"
    assert len(set_lines("主动公开政府信息的总体情况", long, long, step=2)) == 3
