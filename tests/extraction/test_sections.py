from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from extraction.lines import CLASSES, SECTION_CLASSES, LineClassifier
from extraction.readers import read_document
from extraction.sections import (
    DOUBT,
    MISSING,
    REPORT,
    Place,
    find_headings,
    find_sections,
    find_swallowed,
    list_places,
    split_heading,
)
from models.document import Document, Source, Table, TextLine
from models.report import Section
from models.trained import load_trained

CORE = ("overview", "proactive", "requests", "disputes", "problems", "other")
TITLE = "某某区商务局2023年政府信息公开工作年度报告"
OLD_TITLE = "某某市水利局2012年政府信息公开工作年度报告"
PARAGRAPH = "2023年，我局认真贯彻落实《中华人民共和国政府信息公开条例》，全年公开信息52条。"
MODERN = (
    TITLE,
    "一、总体情况",
    PARAGRAPH,
    "（一）主动公开",
    "坚持以公开为常态、不公开为例外，全年发布信息52条。",
    "（二）依申请公开",
    "全年未收到申请。",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "一是公开内容不够丰富。二是人员业务水平有待提高。下一步，我局将加强培训。",
    "六、其他需要报告的事项",
    "本年度未收取信息处理费。",
)


@pytest.fixture(scope="module")
def lines() -> LineClassifier:
    return LineClassifier(load_trained("lines"))


def make_document(*blocks: str | Table) -> Document:
    made = (TextLine(block, n) if isinstance(block, str) else block for n, block in enumerate(blocks, 1))
    return Document("report.txt", "", "text/plain", tuple(made))


def ids(sections: tuple[Section, ...]) -> tuple[str, ...]:
    return tuple(section.section_id for section in sections)


def test_six_sections_are_found_in_order_with_title_and_text(lines: LineClassifier) -> None:
    sections = find_sections(make_document(*MODERN), lines)
    assert ids(sections) == CORE
    assert sections[1].title == "二、主动公开政府信息情况"
    assert sections[1].text == ""
    assert sections[0].text.splitlines() == list(MODERN[2:7])
    assert sections[5].text == "本年度未收取信息处理费。"
    assert all(section.confidence > 0.95 for section in sections)


def test_a_subheading_of_the_overview_is_no_section_where_the_real_one_follows(lines: LineClassifier) -> None:
    sections = find_sections(make_document(*MODERN), lines)
    assert "（一）主动公开" in sections[0].text
    assert sections[2].title == "三、收到和处理政府信息公开申请情况"


def test_blank_lines_between_do_not_matter(lines: LineClassifier) -> None:
    spaced = [text for line in MODERN for text in (line, "", "")]
    plain = find_sections(make_document(*MODERN), lines)
    assert [s.text for s in find_sections(make_document(*spaced), lines)] == [s.text for s in plain]


def test_table_lines_are_in_no_text(lines: LineClassifier) -> None:
    texts = [*MODERN[:8], "信息内容\t本年制发件数", "规章\t0", *MODERN[8:]]
    sections = find_sections(make_document(*texts), lines, table_blocks=frozenset([8, 9]))
    assert ids(sections) == CORE
    assert sections[1].text == ""


def test_a_heading_taken_for_a_row_of_the_table_above_is_a_heading(lines: LineClassifier) -> None:
    texts = [*MODERN[:8], "规章", "0", *MODERN[8:]]
    place = texts.index("三、收到和处理政府信息公开申请情况")
    sections = find_sections(make_document(*texts), lines, table_blocks=frozenset([8, 9, place]))
    assert ids(sections) == CORE
    assert sections[1].text == ""


def test_labels_of_an_unfound_table_are_no_headings(lines: LineClassifier) -> None:
    labels = (
        "一、本年新收政府信息公开申请数量",
        "0",
        "二、上年结转政府信息公开申请数量",
        "0",
        "三、本年度办理结果",
        "（一）予以公开",
        "0",
        "（六）其他处理",
        "3.其他",
        "0",
        "四、结转下年度继续办理",
        "0",
    )
    sections = find_sections(make_document(*MODERN[:9], *labels, *MODERN[9:]), lines)
    assert ids(sections) == CORE
    assert sections[3].title == "四、政府信息公开行政复议、行政诉讼情况"


@pytest.mark.parametrize("joint", ["。", "：", "　", "，", " "])
def test_a_heading_that_runs_into_its_paragraph_is_parted_from_it(lines: LineClassifier, joint: str) -> None:
    texts = list(MODERN)
    texts[1:3] = [f"一、总体情况{joint}{PARAGRAPH}"]
    overview = find_sections(make_document(*texts), lines)[0]
    assert (overview.section_id, overview.title) == ("overview", "一、总体情况")
    assert overview.text.startswith(PARAGRAPH)


def test_a_heading_and_its_paragraph_without_a_mark_between_are_parted(lines: LineClassifier) -> None:
    text = "四、政府信息公开行政复议、行政诉讼情况我局未发生因政府信息公开申请行政复议、提起行政诉讼的情形。"
    assert split_heading(text, "disputes", lines)[0] == "四、政府信息公开行政复议、行政诉讼情况"


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("一、总体情况", "overview"),
        ("五、 存在的主要 问题及改进情况", "problems"),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "disputes"),
        ("七、附表：政府信息公开情况统计表", "statistics"),
        ("六、其他需要报告的事项：", "other"),
    ],
)
def test_a_heading_alone_is_its_whole_line(lines: LineClassifier, heading: str, section: str) -> None:
    assert split_heading(f"  {heading} |", section, lines) == (heading, "")


def test_a_heading_broken_over_two_lines_is_one_title(lines: LineClassifier) -> None:
    texts = list(MODERN)
    texts[8:9] = ["三、收到和处理政府信息公开", "申请情况", "今年的情况见下表。"]
    sections = find_sections(make_document(*texts), lines)
    assert ids(sections) == CORE
    assert sections[2].title == "三、收到和处理政府信息公开申请情况"
    assert sections[2].text == "今年的情况见下表。"


@pytest.mark.parametrize("style", ["（{}）", "第{}部分　", "{}.", "{}", ""])
def test_sections_are_found_by_their_words_whatever_the_numbering(lines: LineClassifier, style: str) -> None:
    texts = [style.format("一二三四五六"["一二三四五六".index(t[0])]) + t[2:] if t[1:2] == "、" else t for t in MODERN]
    texts = [text for text in texts if text not in ("（一）主动公开", "（二）依申请公开")]
    assert ids(find_sections(make_document(*texts), lines)) == CORE


def test_wrong_and_lost_numerals_do_not_matter(lines: LineClassifier) -> None:
    texts = [
        t.replace("四、政府", "三、政府").replace("五、存在", "、存在").replace("二、主动", "主动") for t in MODERN
    ]
    assert ids(find_sections(make_document(*texts), lines)) == CORE


def test_other_wordings_and_scripts_are_known(lines: LineClassifier) -> None:
    texts = (
        TITLE,
        "一、基本情况",
        PARAGRAPH,
        "二、政府信息主动公開情況",
        "三、受理和处理政府信息公开申请情况",
        "四、因政府信息公開工作被申請行政復議、提起行政訴訟情況",
        "五、存在问题及改进措施",
        "公开不够及时。",
        "六、其它需要说明的事项",
        "无",
    )
    assert ids(find_sections(make_document(*texts), lines)) == CORE


def test_a_section_left_out_is_left_out(lines: LineClassifier) -> None:
    texts = [text for text in MODERN if not text.startswith("四、")]
    assert ids(find_sections(make_document(*texts), lines)) == (
        "overview",
        "proactive",
        "requests",
        "problems",
        "other",
    )


def test_an_old_report_has_fees_and_statistics(lines: LineClassifier) -> None:
    texts = (
        OLD_TITLE,
        "一、概述",
        "2012年，我局推进政府信息公开工作。",
        "二、主动公开政府信息的情况",
        "全年主动公开信息120条。",
        "三、依申请公开政府信息情况",
        "收到申请3件，均已答复。",
        "四、收费及减免情况",
        "全年未收取费用。",
        "五、复议、诉讼和申诉情况",
        "未发生行政复议、诉讼。",
        "六、存在的主要问题和改进措施",
        "公开内容不够丰富，下一步将加强。",
        "七、附表",
        "政府信息公开情况统计表",
    )
    sections = find_sections(make_document(*texts), lines)
    assert ids(sections) == ("overview", "proactive", "requests", "fees", "disputes", "problems", "statistics")
    assert sections[3].text == "全年未收取费用。"


def test_the_statistics_may_stand_before_the_problems(lines: LineClassifier) -> None:
    texts = (
        OLD_TITLE.replace("2012", "2016"),
        "一、概述",
        "2016年，我局推进公开工作。",
        "二、主动公开政府信息情况",
        "全年公开信息120条。",
        "三、政府信息公开情况统计表",
        Table((), "html", 6),
        "四、存在的主要问题和改进措施",
        "公开内容不够丰富。",
    )
    assert ids(find_sections(make_document(*texts), lines)) == ("overview", "proactive", "statistics", "problems")


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("",),
        (
            "某某区2023年法治政府建设年度报告",
            "一、总体情况",
            "全年办理复议案件5件。",
            "二、主要举措",
            "加强培训。",
            "三、其他需要报告的事项",
            "无",
        ),
        ("关于召开会议的通知", "各科室：", "请于周五参加政府信息公开培训会。"),
        ("0", "1", "2"),
    ],
)
def test_a_document_of_another_kind_has_no_sections(lines: LineClassifier, texts: tuple[str, ...]) -> None:
    assert find_sections(make_document(*texts), lines) == ()


def test_footers_of_the_page_are_not_in_the_text(lines: LineClassifier) -> None:
    sections = find_sections(make_document(*MODERN, "【打印】 【关闭】", "网站地图 | 联系我们 | 网站声明"), lines)
    assert sections[-1].text == "本年度未收取信息处理费。"


def make_probabilities(*rows: dict[str, float]) -> np.ndarray:
    table = np.full((len(rows), len(CLASSES)), 1e-9, dtype=np.float32)
    for i, row in enumerate(rows):
        table[i, CLASSES.index("body")] = 1 - sum(row.values())
        for name, value in row.items():
            table[i, CLASSES.index(name)] = value
    return table


def test_the_order_decides_where_the_words_do_not() -> None:
    doubtful = {"proactive": 0.5, "problems": 0.4}
    rows = [{"overview": 0.99}, {"proactive": 0.99}, {"requests": 0.99}, {"disputes": 0.99}, doubtful, {"other": 0.99}]
    assert tuple(h.section for h in find_headings(make_probabilities(*rows), CLASSES)) == CORE


def test_a_section_comes_once_and_the_surer_heading_is_taken() -> None:
    rows = [{"overview": 0.99}, {"proactive": 0.6}, {"proactive": 0.98}, {"requests": 0.99}]
    headings = find_headings(make_probabilities(*rows), CLASSES)
    assert [(h.index, h.section) for h in headings] == [(0, "overview"), (2, "proactive"), (3, "requests")]
    assert headings[1].confidence == pytest.approx(0.97, abs=0.03)


def test_posteriors_are_those_of_all_paths_written_out() -> None:
    rows = [{"overview": 0.9999}, {"proactive": 0.4, "requests": 0.3}, {"requests": 0.6}, {"other": 0.9999}]
    probabilities = make_probabilities(*rows)
    chances = []
    for row in probabilities:
        enter = {s: (1 - DOUBT) * float(row[CLASSES.index(s)]) + DOUBT / 9 for s in SECTION_CLASSES}
        chances.append(enter | {None: 1 - sum(enter.values())})
    weights = {}
    for path in itertools.product((*SECTION_CLASSES, None), repeat=len(rows)):
        place: Place | None = Place()
        for section in filter(None, path):
            place = place and place.enter(section)
        if place is not None:
            lacking = math.prod(share for section, share in MISSING.items() if section not in path)
            report = lacking * REPORT["report"] if any(path) else 1 - REPORT["report"]
            weights[path] = report * math.prod(chance[section] for chance, section in zip(chances, path, strict=True))
    headings = find_headings(probabilities, CLASSES)
    assert tuple(h.section for h in headings) == tuple(filter(None, max(weights, key=weights.__getitem__)))
    for heading in headings:
        share = sum(weight for path, weight in weights.items() if path[heading.index] == heading.section)
        assert heading.confidence == pytest.approx(share / sum(weights.values()), rel=1e-6)


def test_every_place_is_reached_once() -> None:
    places = list_places()
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("suffix", ["txt", "md"])
def test_real_reports_have_the_sections_of_their_truth(
    lines: LineClassifier, reports_folder: Path, suffix: str
) -> None:
    paths = sorted(reports_folder.glob(f"*.{suffix}"))
    assert paths
    for path in paths:
        truth = json.loads(path.with_suffix(".truth.json").read_text("utf-8"))
        sections = find_sections(read_document(Source(path.name, path.read_bytes(), "")), lines)
        assert list(ids(sections)) == truth["sections"], path.name
        assert all(section.title for section in sections)


@pytest.mark.parametrize(
    "text",
    [
        "六、其他需要报告的事项",
        "| 六、其他需要报告的事项 | | |",
        "六、\t其他需要报告的事项",
        "六、 其他需要报告的事项 |",
    ],
)
def test_a_heading_among_table_lines_is_found_though_fields_part_its_numeral(lines: LineClassifier, text: str) -> None:
    document = make_document("一、予以公开 | 3 | 0 |", text, "4 | 0 |")
    assert find_swallowed(document, lines, frozenset(range(3))) == {1}


@pytest.mark.parametrize(
    "text",
    ["一、总体情况 | 12 | 3", "三、依申请公开情况\t\t0", "六、其他需要报告的事项  0", "五、存在的主要问题 7 |", ""],
)
def test_a_row_with_fields_is_no_heading_among_table_lines(lines: LineClassifier, text: str) -> None:
    assert find_swallowed(make_document(text), lines, frozenset([0])) == frozenset()
