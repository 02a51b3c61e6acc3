"""Facts of whole documents, by the model that ships; wordings here are of no template."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.facts.finder import FactFinder, list_classes
from extraction.pipeline import Reader, extract, load_reader
from models.document import Source
from models.fact_items import find_cells, load_fact_items
from models.form import load_forms
from models.record import make_record
from models.report import Fact
from models.trained import TrainedModel, load_trained

TITLE = "云岭县商务局2012年政府信息公开工作年度报告\n"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def find(text: str, reader: Reader) -> tuple[Fact, ...]:
    return extract(Source("r.txt", (TITLE + text).encode(), "0" * 64), reader=reader).facts


def said(text: str, reader: Reader) -> list[tuple[str | None, int]]:
    return [(fact.item, int(fact.value)) for fact in find(text, reader)]


def test_a_report_without_tables_has_its_numbers_in_facts(reader: Reader) -> None:
    text = """一、概述
2012年，我局主动公开政府信息1204条，其中通过政府网站公开900条。举办培训班3期，培训210人次。
三、依申请公开政府信息情况
全年共收到政府信息公开申请三十六件，已全部答复。
四、行政复议、行政诉讼情况
全年发生行政复议2件，行政诉讼5件，其中维持3件，尚未审结2件。
"""
    assert said(text, reader) == [
        ("proactive.published", 1204),
        ("proactive.website", 900),
        ("training.courses", 3),
        ("training.participants", 210),
        ("requests.received", 36),
        ("reconsideration.received", 2),
        ("litigation.received", 5),
        ("litigation.upheld", 3),
        ("litigation.pending", 2),
    ]


def test_what_is_denied_is_zero_with_the_unit_of_its_item(reader: Reader) -> None:
    facts = find("一、概述\n2012年，我局未收到政府信息公开申请，没有发生行政复议、行政诉讼。\n", reader)
    assert [(fact.item, fact.value, fact.unit) for fact in facts] == [
        ("requests.received", 0, "件"),
        ("reconsideration.received", 0, "件"),
        ("litigation.received", 0, "件"),
    ]


def test_other_years_shares_and_plans_are_no_facts(reader: Reader) -> None:
    text = "一、概述\n2011年，我局收到申请40件。2012年收到申请36件，同比下降10%。2013年计划举办培训3期。\n"
    assert said(text, reader) == [("requests.received", 36)]


def test_a_fact_says_where_it_stands_and_how_sure_it_is(reader: Reader) -> None:
    (fact,) = find("一、概述\n全年共收到政府信息公开申请 ６１ 件。\n", reader)
    assert fact.text == "全年共收到政府信息公开申请 ６１ 件"
    assert fact.evidence is not None
    assert (fact.evidence.line, fact.evidence.span) == (3, (14, 18))
    assert 0.5 < fact.confidence <= 1


def test_a_fact_in_the_record_keeps_the_contract_keys(reader: Reader) -> None:
    text = TITLE + "一、概述\n公众号推送动态150余篇。\n"
    record = make_record(extract(Source("r.txt", text.encode(), "0" * 64), reader=reader))
    (fact,) = record["facts"]
    assert {"item", "value", "unit", "text", "confidence", "evidence", "rounded"} == fact.keys()
    assert (fact["item"], fact["value"], fact["unit"]) == ("proactive.wechat", 150, "篇")
    assert record["models"]["facts"] == reader.versions["facts"]


def test_a_reader_without_facts_finds_none() -> None:
    reader = load_reader(facts=False)
    assert find("一、概述\n全年共收到政府信息公开申请61件。\n", reader) == ()
    assert "facts" not in reader.versions


@pytest.mark.parametrize(
    "text",
    ["", "。", "1" * 3000, "收到申请5件、" * 300, "未收到申请" * 300, "申請" * 999, "9 " * 999, "\x00\ufffd件"],
)
def test_hostile_narrative_is_read_to_its_end(text: str, reader: Reader) -> None:
    assert isinstance(find("一、概述\n" + text + "\n", reader), tuple)


def test_a_model_of_other_classes_is_refused() -> None:
    model = load_trained("facts")
    arrays = model.arrays | {"classes": np.array(["x"])}
    with pytest.raises(ValueError, match="train facts"):
        FactFinder(TrainedModel("facts", arrays, model.card))


def test_probabilities_of_candidates_sum_to_one() -> None:
    finder = FactFinder(load_trained("facts"))
    probabilities = finder.judge([[1, 2, 3], [4]], ["件", "元"])
    assert probabilities.shape == (2, len(list_classes()))
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_every_named_fact_has_a_unit_and_cells_that_exist() -> None:
    known = {field.field_id for form in load_forms().values() for field in form.fields}
    for item in load_fact_items().values():
        assert item.unit
        assert {cell for cells in item.cells.values() for cell in cells} <= known
    assert find_cells("requests.received", ["requests"]) == ("requests.new.total",)
    assert find_cells("requests.received", ["disputes"]) == ()
    assert find_cells(None, ["requests"]) == ()


@pytest.mark.parametrize(
    "opening",
    [
        "上年，",
        "2011年，我局",
        "自《条例》施行以来，全局累计",
        "历年来累计",
        "“十二五”期间，",
        "下一步，计划",
        "2013年拟",
    ],
)
def test_a_sentence_that_opens_with_another_time_says_no_facts_to_its_end(reader: Reader, opening: str) -> None:
    text = (
        f"一、概述\n{opening}收到政府信息公开申请30件，予以公开20件，不予公开4件；行政复议案件2件，维持1件，撤销1件。\n"
    )
    assert said(text, reader) == []


@pytest.mark.parametrize("turn", ["今年", "2012年", "其中本年", "报告期内"])
def test_a_sentence_may_come_back_to_the_year_of_the_report(reader: Reader, turn: str) -> None:
    text = f"一、概述\n上年，我局收到政府信息公开申请30件，{turn}收到政府信息公开申请35件。\n"
    assert said(text, reader) == [("requests.received", 35)]


def test_what_was_carried_over_is_of_this_year_though_the_sentence_names_another(reader: Reader) -> None:
    text = "一、概述\n2011年结转2件，2012年新收到政府信息公开申请30件。\n"
    assert said(text, reader) == [("requests.carried_in", 2), ("requests.received", 30)]


def test_a_long_heading_is_not_joined_with_the_line_below(reader: Reader) -> None:
    text = "一、概述\n我局高度重视。\n三、行政机关收到和处理政府信息公开申请情况\n无\n"
    assert ("requests.received", 0) not in said(text, reader)
