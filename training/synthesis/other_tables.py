"""Tables that are no statutory form, some of them much like one: for hard negatives."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from models.data_files import read_data
from training.synthesis.figures import draw_amount, draw_count
from training.synthesis.printed import PrintedTable
from training.synthesis.tables import Grid

LABELS = Path(__file__).with_name("other_tables.yaml")


@functools.cache
def load_labels() -> Mapping[str, tuple[str, ...]]:
    """The lists of headings and labels, by name."""
    data = read_data(LABELS)
    return {name: tuple(text.split("|")) for name, text in data.items()}


def plain_table(rows: Sequence[Sequence[str]], *, title: str = "") -> PrintedTable:
    """A table of rows without merged cells, under a title over its whole width if there is one."""
    grid = Grid()
    width = max(len(row) for row in rows)
    if title:
        grid.put(title, 0, 0, (1, width))
    for line, row in enumerate(rows, start=bool(title)):
        for column in range(width):
            grid.put(row[column] if column < len(row) else "", line, column)
    return grid.finish(None)


def _counts(rng: random.Random, count: int) -> list[str]:
    return [str(draw_count(rng, 0.4, zero=0.35)) for _ in range(count)]


def _count_table(rng: random.Random, headings: str, kinds: str, title: str = "") -> PrintedTable:
    """Kinds down the side, counts under the headings."""
    labels = load_labels()
    rows = [[kind, *_counts(rng, len(labels[headings]) - 1)] for kind in labels[kinds]]
    return plain_table([labels[headings], *rows], title=title)


def early_table(rng: random.Random, year: int) -> PrintedTable:
    """An annex of 2008 to 2013: indicators of an agency's own choice, this year's and all years' numbers."""
    indicators = load_labels()["early"]
    chosen = sorted(rng.sample(range(len(indicators)), rng.randint(8, len(indicators))))
    heads = rng.choice(
        (
            ("指标", "计量单位", f"{year}年度", "历年累计"),
            ("指标名称", "单位", "数量"),
            ("项目", "单位", f"{year}年", "备注"),
        )
    )
    rows: list[Sequence[str]] = [heads]
    for place in chosen:
        this, before = draw_count(rng, 0.4), draw_count(rng, 0.5)
        last = str(this + before) if heads[-1] == "历年累计" else ""
        rows.append([*indicators[place].split("/"), str(this), last][: len(heads)])
    return plain_table(rows)


def enforcement_table(rng: random.Random, year: int) -> PrintedTable:
    """The yearly numbers of administrative enforcement."""
    labels = load_labels()
    match rng.choice(("penalties", "licences", "summary")):
        case "penalties":
            line = ["本机关", *_counts(rng, len(labels["penalties"]) - 2), str(draw_amount(rng, 0.5))]
            return plain_table([labels["penalties"], line], title=f"表一　{year}年行政处罚实施情况统计表")
        case "licences":
            line = ["本机关", *_counts(rng, len(labels["licences"]) - 1)]
            return plain_table([labels["licences"], line], title=f"表二　{year}年行政许可实施情况统计表")
        case _:
            return _count_table(rng, "enforcement_headings", "enforcement")


def website_table(rng: random.Random, year: int) -> PrintedTable:
    """The yearly return of a government website."""
    head = ("部门网站", "www.example.gov.cn", "办公室", "部门", str(rng.randint(10**9, 9 * 10**9)))
    rows: list[Sequence[str]] = list(zip(load_labels()["website_head"], head, strict=True))
    rows += [(label, str(draw_count(rng, 0.5, top=5, zero=0.2))) for label in load_labels()["website"]]
    return plain_table(rows, title=f"政府网站工作年度报表（{year}年度）")


def budget_table(rng: random.Random, year: int) -> PrintedTable:
    """Revenue and expenditure."""
    rows = [["项目", "行次", "金额", "项目", "行次", "金额"]]
    sides = zip(load_labels()["revenue"], load_labels()["expenditure"], strict=True)
    for place, (left, right) in enumerate(sides, start=1):
        one, two = (f"{draw_amount(rng, 0.6, zero=0.4):.2f}" for _ in range(2))
        rows.append([left, str(place), one, right, str(place + 10), two])
    return plain_table(rows, title=rng.choice(("", f"{year}年度收入支出决算总表（单位：万元）", "收支预算总表")))


def petition_table(rng: random.Random, year: int) -> PrintedTable:
    """Petitions, or lawsuits by their outcome."""
    if rng.random() < 0.4:
        return _count_table(rng, "petition_headings", "petitions")
    title = rng.choice(("", f"{year}年行政复议、行政应诉案件统计表"))
    return _count_table(rng, "lawsuit_headings", "lawsuits", title)


def assessment_table(rng: random.Random, year: int) -> PrintedTable:
    """Marks for work on openness."""
    rows = [["序号", "考核内容", "分值", "评分标准", "责任单位"]]
    items = load_labels()["assessment"]
    for place, item in enumerate(rng.sample(items, rng.randint(4, len(items))), start=1):
        rule = f"每缺一项扣{rng.choice((0.5, 1, 2))}分，扣完为止"
        office = rng.choice(("办公室", "各科室", "政务公开科", "宣传科"))
        rows.append([str(place), item, str(rng.choice((5, 8, 10, 15, 20))), rule, office])
    return plain_table(rows)


def application_form(rng: random.Random, year: int) -> PrintedTable:
    """The sheet on which one applies for information."""
    rows = [
        ["申请人信息", "公民", "姓名", "", "工作单位", ""],
        ["", "", "证件名称", "", "证件号码", ""],
        ["", "法人或其他组织", "名称", "", "组织机构代码", ""],
        ["", "", "商业企业□ 科研机构□ 社会公益组织□ 法律服务机构□ 其他□", "", "联系人", ""],
        ["所需信息情况", "所需信息的内容描述", "", "", "", ""],
        ["", "是否申请减免费用", "□申请 □不", "信息的提供方式", "□纸面 □电子邮件", ""],
        ["受理情况", "受理人", "", "受理时间", "", ""],
    ]
    return plain_table(rows[: rng.randint(5, 7)], title=rng.choice(("政府信息公开申请表", "")))


def key_areas_table(rng: random.Random, year: int) -> PrintedTable:
    """Items published by area, as some reports add."""
    rows = [["重点领域", "公开数量（条）", "占比"]]
    rows += [[area, *_counts(rng, 1), f"{rng.randint(1, 60)}%"] for area in rng.sample(load_labels()["key_areas"], 5)]
    return plain_table(rows)


def index_card(rng: random.Random, organization: str, year: int) -> PrintedTable:
    """The card of a document on a website: number, publisher, date."""
    number = f"{rng.randint(10**8, 10**9 - 1)}/{year + 1}-{rng.randint(1, 99999):05d}"
    day = f"{year + 1}-0{rng.randint(1, 4)}-{rng.randint(10, 28)}"
    rows = [["索引号：", number, "主题分类：", "综合政务"], ["发布机构：", organization, "生成日期：", day]]
    rows += [["文号：", "", "有效性：", "有效"]] * rng.randint(0, 1)
    return plain_table(rows)


NEAR_FORMS: Mapping[str, Callable[[random.Random, int], PrintedTable]] = {
    "early": early_table,
    "enforcement": enforcement_table,
    "website": website_table,
    "budget": budget_table,
    "petitions": petition_table,
    "assessment": assessment_table,
    "application": application_form,
    "key_areas": key_areas_table,
}
