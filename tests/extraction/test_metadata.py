"""What a report says of itself, out of titles, cards, sentences and signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from opencc import OpenCC

from extraction.metadata import find_metadata
from extraction.readers import read_document
from extraction.readers.source import read_source
from extraction.script import fold_script
from models.document import Source
from models.report import Metadata

BODY = "\n一、总体情况\n我局认真贯彻条例。\n二、主动公开政府信息情况\n"


def read(text: str) -> Metadata:
    return find_metadata(read_document(Source("x", text.encode(), "")))


def read_year(text: str) -> int | None:
    return read(text).year


def read_organization(title: str) -> str | None:
    return read(title + BODY).organization


@pytest.mark.parametrize(
    "name", ["commerce-bureau-2023-scraped", "district-office-2020", "district-office-2023", "street-office-2023"]
)
def test_real_reports_have_their_organization_and_year(name: str, reports_folder: Path) -> None:
    truth = json.loads((reports_folder / f"{name}.truth.json").read_text("utf-8"))
    metadata = find_metadata(read_document(read_source(str(reports_folder / truth["source"]))))
    assert (metadata.organization, metadata.year) == (truth["organization"], truth["year"])


def test_real_titles_and_card(reports_folder: Path) -> None:
    def read_report(name: str) -> Metadata:
        return find_metadata(read_document(read_source(str(reports_folder / name))))

    assert read_report("street-office-2023.txt").title == "卫滨区中同街街道办事处2023年政府信息公开工作年度报告"
    scraped = read_report("commerce-bureau-2023-scraped.txt")
    assert scraped == Metadata(None, "青云谱区商务局", 2023, "h726966-0801-2024-0001", None, "2024-01-17")


# Titles


@pytest.mark.parametrize(
    "lines",
    [
        "某市水利局2023年政府信息公开工作年度报告",
        "某市水利局 2023 年\n政府信息公开工作 年度报告",
        "某市水利局\n2023年政府信息公开\n工作年度报告",
        "某市水利局２０２３年政府信息公开工作年度报告\n\n某市水利局2023年政府信息公开工作年度报告",
        "首页 > 政务公开 > 某局2022年政府信息公开工作年度报告\n"
        "某市水利局2023年政府信息公开工作年度报告\n发布日期：2024-01-31",
        "# 某市水利局2023年政府信息公开工作年度报告",
        "某市水利局2023年政府信息公開工作年度報告",
    ],
)
def test_title_is_joined_and_given_once(lines: str) -> None:
    assert read(lines + "\n" + BODY).title == "某市水利局2023年政府信息公开工作年度报告"


def test_year_below_the_title_belongs_to_it() -> None:
    metadata = read("某市水利局政府信息公开工作年度报告\n（2023年度）" + BODY)
    assert (metadata.title, metadata.year) == ("某市水利局政府信息公开工作年度报告(2023年度)", 2023)


def test_title_of_the_markup_is_taken_without_the_site() -> None:
    page = "<html><head><title>某局2023年政府信息公开工作年度报告 - 某区人民政府网</title></head>"
    page += "<body><p>一、总体情况</p></body></html>"
    assert read(page).title == "某局2023年政府信息公开工作年度报告"
    assert read(page.replace("某局2023年政府信息公开工作年度报告 - ", "")).title is None


def test_sentence_and_breadcrumb_are_no_title() -> None:
    assert read("现将某局2023年政府信息公开工作年度报告公布如下：" + BODY).title is None
    assert read("首页>政府信息公开>某局2023年政府信息公开年度报告" + BODY).title is None


# Years


@pytest.mark.parametrize(
    "title",
    [
        "某局2023年政府信息公开工作年度报告",
        "某局2023年度政府信息公开工作报告",
        "某局二〇二三年政府信息公开工作年度报告",
        "某局二○二三年度政府信息公开年报",
        "某局 2 0 2 3 年政府信息公开工作年度报告",
        "某局政府信息公开工作年度报告（2023年度）",
        "2023年某局政府信息公开工作年度报告",
        "某局政府信息公开工作年度报告(2023)",
    ],
)
def test_year_of_the_title(title: str) -> None:
    assert read_year(title + "\n发布日期：2024-01-20" + BODY) == 2023


@pytest.mark.parametrize(
    "sentence",
    [
        "报告中所列数据的统计期限自 2020 年 1 月 1 日起至 2020 年 12 月 31 日止。",
        "本年度报告中所列数据统计期限从2020年1月1日到12月31日止。",
        "数据统计时间为2020年1月1日至2020年12月31日。",
        "其统计数据截至2020年12月31日，将通过平台对外公布。",
        "2020年，我局主动公开政府信息52条。根据2019年修订的条例，2020年度受理申请3件。",
        "二〇二〇年，我局主动公开政府信息五条。",
    ],
)
def test_year_of_the_sentences_where_the_title_has_none(sentence: str) -> None:
    text = f"某局政府信息公开工作年度报告\n发布日期：2021年1月20日\n{sentence}\n一、总体情况\n"
    text += "（某局 2021年1月15日印发，国办公开办函〔2019〕60号）"
    assert read_year(text) == 2020


def test_date_of_publication_is_no_year_of_the_report() -> None:
    metadata = read(
        "某局政府信息公开工作年度报告\n发布日期：2024-01-20\n一、总体情况\n我局认真贯彻条例。\n某局\n2024年1月18日"
    )
    assert (metadata.year, metadata.published) == (None, "2024-01-20")


def test_year_is_none_where_two_are_named_as_often() -> None:
    assert read_year("某局政府信息公开工作年度报告\n2022年工作一。2023年工作二。") is None


# Organizations


@pytest.mark.parametrize(
    ("title", "organization"),
    [
        ("惠济区人民政府办公室2023年政府信息公开工作年度报告", "惠济区人民政府办公室"),
        ("2023年惠济区人民政府办公室政府信息公开工作年度报告", "惠济区人民政府办公室"),
        ("惠济区人民政府办公室关于2023年度政府信息公开工作的年度报告", "惠济区人民政府办公室"),
        ("惠济区人民政府2023年政府信息公开工作年度报告", "惠济区人民政府"),
        ("惠济区人民政府信息公开工作2023年度报告", "惠济区人民政府"),
        ("国家税务总局某县税务局2023年政府信息公开工作年度报告", "国家税务总局某县税务局"),
        ("某县红旗镇政府信息公开工作年度报告（2023年）", "某县红旗镇"),
        ("2023年政府信息公开工作年度报告", None),
    ],
)
def test_organization_of_the_title(title: str, organization: str | None) -> None:
    assert read_organization(title) == organization


def test_organization_of_card_signature_and_sentence() -> None:
    title = "2023年政府信息公开工作年度报告"
    assert read_organization(f"发布机构：某市水利局 发布日期：2024-01-20\n{title}") == "某市水利局"
    assert read(f"{title}{BODY}六、其他\n无\n某市水利局\n2024年1月20日\n").organization == "某市水利局"
    assert read(f"{title}\n本报告由某市水利局根据《条例》要求编制。{BODY}").organization == "某市水利局"


def test_card_gives_the_fuller_name() -> None:
    assert read_organization("发布机构：青云谱区教育局\n区商务局2023年政府信息公开工作年度报告") == "区商务局"
    assert read_organization("发布机构：青云谱区商务局\n商务局2023年政府信息公开工作年度报告") == "青云谱区商务局"


# Cards

CARD = Metadata(None, "某区商务局", None, "ab12-0801-2024-0001", "某商函〔2024〕3号", "2024-01-17")


@pytest.mark.parametrize(
    "card",
    [
        "索引号: | ab12-0801-2024-0001 | 主题分类: | 综合政务 |\n"
        "发布机构: | 某区商务局 | 生成日期: | 2024-01-17 |\n文号: | 某商函〔2024〕3号 | 有效性: | |",
        "索引号\tab12-0801-2024-0001\t发布机构\t某区商务局\n发文字号\t某商函〔2024〕3号\t发布日期\t2024年1月17日",
        "索 引 号：ab12-0801-2024-0001 发布机构：某区商务局 发文日期：2024/1/17\n"
        "文　　号：某商函〔2024〕 3 号 有效性：有效",
        "索引号：\nab12-0801-2024-0001\n发布机构：\n某区商务局\n"
        "生成日期：\n2024-01-17 10:20:30\n文号：\n某商函〔2024〕3号\n有效性：\n有效",
        "索引号 |\nab12-0801-2024-0001 |\n发文机关 |\n某区商务局 |\n"
        "成文日期 |\n二〇二四年一月十七日 |\n文件编号 |\n某商函[2024]3号 |",
        "<html><body><table><tr><td>索引号</td><td>ab12-0801-2024-0001</td><td>发布机构</td><td>某区商务局</td></tr>"
        "<tr><td>发布日期</td><td>2024-01-17</td><td>文号</td><td>某商函〔2024〕3号</td></tr></table>",
        "<html><body><ul><li><b>【索引号】</b><span>ab12-0801-2024-0001</span></li><li><b>发布机构：</b>某区商务局</li>"
        "<li><b>文号：</b>某商函〔2024〕3号</li><li><b>发布日期：</b>20240117</li></ul>",
        OpenCC("s2t").convert("索引号：ab12-0801-2024-0001\n发布机构：某区商务局\n文号：某商函〔2024〕3号\n发布日期：2024-01-17"),
    ],
)  # fmt: skip
def test_cards_of_every_layout_are_read(card: str) -> None:
    metadata = read(card)
    number = metadata.document_number or ""
    assert (
        Metadata(
            **{
                **{n: getattr(metadata, n) for n in Metadata.__slots__},
                "document_number": number.translate(str.maketrans("[]", "〔〕")),
            }
        )
        == CARD
    )


def test_empty_places_of_a_card_are_none() -> None:
    metadata = read(
        "索引号: | | 文件编号: | 有效性: | 有效 | |\n发布机构: | | 生成日期: | 202311日 |\n发文字号：某商函〔202130"
        + BODY
    )
    assert metadata == Metadata()


def test_document_without_any_of_it_has_none() -> None:
    assert read("一、总体情况\n无") == Metadata()


def test_script_is_folded_without_readings() -> None:
    assert fold_script("主動(dòng)公開(kāi)資訊（xùn），客户端(app)顯(xiǎn)著") == "主动公开资讯，客户端(app)显著"
    assert fold_script("abc") == "abc"


def test_title_broken_by_a_date_and_a_source_is_whole() -> None:
    found = read("栖川市水务局关于\n2011/03/17 09:41\n2010年政府信息公开工作年度报告\n一、概述\n")
    assert (found.title, found.organization, found.year) == (
        "栖川市水务局关于2010年政府信息公开工作年度报告", "栖川市水务局", 2010,
    )  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "云岭县商务局\n云岭县商务局2023年政府信息公开工作年度报告",
        "商务局\n云岭县商务局2023年政府信息公开工作年度报告",
        "公开对象：\n面向全社会\n云岭县商务局2023年政府信息公开工作年度报告",
        "返回顶部\n云岭县商务局2023年政府信息公开工作年度报告",
        "名称 | 云岭县商务局2023年政府信息公开工作年度报告",
    ],
)
def test_what_stands_above_the_title_is_no_part_of_the_name(head: str) -> None:
    assert read(head + BODY).organization == "云岭县商务局"
