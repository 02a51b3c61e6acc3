"""The main path on whole documents; the real reports are read where their folder stands beside the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extraction.pipeline import Reader, extract, load_reader, make_reader
from models.document import DocumentError, Source
from models.form import load_forms
from models.numbers import plain_number
from models.record import dump_record, make_record
from models.trained import TrainedModel, load_trained

REAL = (
    "commerce-bureau-2023-scraped.txt",
    "district-office-2020.md",
    "district-office-2023.txt",
    "street-office-2023.txt",
)
TABLES = """一、总体情况
2023年，本局主动公开政府信息12条。
二、主动公开政府信息情况
第二十条第（一）项
信息内容\t本年制发件数\t本年废止件数\t现行有效件数
规章\t0\t0\t0
行政规范性文件\t3\t1\t20
第二十条第（五）项
信息内容\t本年处理决定数量
行政许可\t41
第二十条第（六）项
信息内容\t本年处理决定数量
行政处罚\t0
行政强制\t
第二十条第（八）项
信息内容\t本年收费金额（单位：万元）
行政事业性收费\t/
三、收到和处理政府信息公开申请情况
四、政府信息公开行政复议、行政诉讼情况
行政复议\t\t\t\t\t行政诉讼\t\t\t\t\t\t\t\t\t
结果维持\t结果纠正\t其他结果\t尚未审结\t总计\t未经复议直接起诉\t\t\t\t\t复议后起诉\t\t\t\t
\t\t\t\t\t结果维持\t结果纠正\t其他结果\t尚未审结\t总计\t结果维持\t结果纠正\t其他结果\t尚未审结\t总计
10\t1\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0
五、存在的主要问题及改进情况
无。
六、其他需要报告的事项
无。
"""


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def read(text: str, reader: Reader):  # type: ignore[no-untyped-def]
    title = "云岭县商务局2023年政府信息公开工作年度报告\n"
    return extract(Source("r.txt", (title + text).encode(), "0" * 64), reader=reader)


def test_every_cell_of_every_found_form_stands_once_in_the_record(reader: Reader) -> None:
    report = read(TABLES, reader)
    found = [match.form_id for match in report.matches]
    assert found == ["proactive@2021", "disputes@2019"]
    expected = [field.field_id for form_id in found for field in load_forms()[form_id].fields]
    assert [reading.field_id for reading in report.readings] == expected


def test_number_blank_and_mark_are_different_facts(reader: Reader) -> None:
    cells = {cell["id"]: cell for cell in make_record(read(TABLES, reader))["cells"]}
    assert (cells["proactive.penalties.decisions"]["state"], cells["proactive.penalties.decisions"]["value"]) == (
        "number",
        0,
    )
    assert (cells["proactive.coercion.decisions"]["state"], cells["proactive.coercion.decisions"]["value"]) == (
        "blank",
        None,
    )
    assert (cells["proactive.fees.amount"]["state"], cells["proactive.fees.amount"]["raw"]) == ("mark", "/")


def test_a_wrong_total_is_a_finding_and_stays_as_printed(reader: Reader) -> None:
    report = read(TABLES, reader)
    (finding,) = report.findings
    assert (finding.identity_id, finding.left, finding.right) == ("disputes.reconsideration.total", 11, 0)
    total = next(r for r in report.readings if r.field_id == "disputes.reconsideration.total")
    assert total.value == 0


def write_requests(rows: list[tuple[int, ...]]) -> str:
    """The table of requests of 2021 with these first rows; all others are 0."""
    block = load_forms()["requests@2021"].blocks[0]
    filled = [*rows, *[(0,) * len(block.columns)] * (len(block.rows) - len(rows))]
    heads = "\t".join(["申请人情况", *(column.leaf for column in block.columns)])
    lines = ["\t".join([label.leaf, *map(str, row)]) for label, row in zip(block.rows, filled, strict=True)]
    return "\n".join(["三、收到和处理政府信息公开申请情况", heads, *lines])


def test_a_table_whose_rows_mostly_do_not_add_up_is_not_accepted_but_for_its_zeros(reader: Reader) -> None:
    numbers = [(9, 4, 0, 0, 0, 0, 13), (2, 0, 1, 0, 0, 0, 3), (5, 1, 0, 0, 0, 0, 6), (1, 1, 0, 0, 0, 0, 2)]
    sound = {r.field_id: r for r in read(write_requests(numbers), reader).readings}
    moved = [(row[-1], *row[:-1]) for row in numbers]  # the totals first, under headings that say otherwise
    readings = {r.field_id: r for r in read(write_requests(moved), reader).readings}
    assert not sound["requests.new.natural_person"].decision.review
    for row in ("new", "carried_in", "granted", "partly_granted"):
        decision = readings[f"requests.{row}.natural_person"].decision
        assert decision.review
        assert "sums_of_rows_fail" in decision.reasons
    assert "sums_of_rows_fail" not in readings["requests.refused.state_secret.total"].decision.reasons


def test_one_row_that_does_not_add_up_leaves_the_others_accepted(reader: Reader) -> None:
    numbers = [(9, 4, 0, 0, 0, 0, 13), (2, 0, 1, 0, 0, 0, 9), (5, 1, 0, 0, 0, 0, 6), (1, 1, 0, 0, 0, 0, 2)]
    readings = {r.field_id: r for r in read(write_requests(numbers), reader).readings}
    assert not readings["requests.new.natural_person"].decision.review
    assert "sums_of_rows_fail" not in readings["requests.carried_in.total"].decision.reasons


def test_sections_and_metadata_are_read(reader: Reader) -> None:
    report = read(TABLES, reader)
    assert [section.section_id for section in report.sections] == [
        "overview",
        "proactive",
        "requests",
        "disputes",
        "problems",
        "other",
    ]
    assert (report.metadata.organization, report.metadata.year) == ("云岭县商务局", 2023)


def test_evidence_points_at_the_printed_value(reader: Reader) -> None:
    report = read(TABLES, reader)
    lines = ("云岭县商务局2023年政府信息公开工作年度报告\n" + TABLES).split("\n")
    for reading in report.readings:
        if reading.raw is not None and reading.evidence is not None and reading.evidence.span is not None:
            start, end = reading.evidence.span
            assert lines[(reading.evidence.line or 0) - 1][start:end] == reading.raw


def test_a_report_without_tables_has_no_form_and_says_so(reader: Reader) -> None:
    record = make_record(read("一、概述\n本局全年主动公开信息12条，收到申请3件。\n二、存在的问题\n人手不足。", reader))
    assert record["tables"] == record["cells"] == []


def test_the_same_document_gives_the_same_record_twice(reader: Reader) -> None:
    assert dump_record(make_record(read(TABLES, reader))) == dump_record(make_record(read(TABLES, reader)))


def test_a_model_made_for_other_features_is_refused() -> None:
    models = {name: load_trained(name) for name in ("lines", "labels", "forms", "cells")}
    models["cells"] = TrainedModel("cells", models["cells"].arrays, models["cells"].card | {"features": ["other"]})
    with pytest.raises(ValueError, match="other features"):
        make_reader(models)


def test_an_empty_document_is_refused(reader: Reader) -> None:
    with pytest.raises(DocumentError):
        extract(Source("r.txt", b"", "0" * 64), reader=reader)


@pytest.mark.parametrize("name", REAL)
def test_real_reports_are_read_whole(name: str, reports_folder: Path, reader: Reader) -> None:
    path = reports_folder / name
    truth = json.loads(path.with_suffix("").with_suffix(".truth.json").read_text("utf-8"))
    report = extract(Source(str(path), path.read_bytes(), "0" * 64), reader=reader)
    got = {r.field_id: (r.state.value, plain_number(r.value)) for r in report.readings}
    assert got == {key: (cell["state"], cell["value"]) for key, cell in truth["cells"].items()}
    assert [section.section_id for section in report.sections] == truth["sections"]
    assert (report.metadata.organization, report.metadata.year) == (truth["organization"], truth["year"])
    assert {match.form_id for match in report.matches} == set(truth["forms"])


def test_a_number_with_a_sign_is_accepted_only_where_a_column_says_by_how_much_it_changed(reader: Reader) -> None:
    signed = TABLES.replace("行政许可\t41", "行政许可\t增加41")
    cells = {cell["id"]: cell for cell in make_record(read(signed, reader))["cells"]}
    assert cells["proactive.licensing.decisions"]["value"] == 41
    assert "row_unclaimed" in cells["proactive.licensing.decisions"]["reasons"]
    assert not cells["proactive.penalties.decisions"]["review"]


def test_this_years_table_is_read_though_last_years_below_it_is_fuller(reader: Reader) -> None:
    """A table of markup with its line above it, as pages have it; the first one leaves out most rows."""
    head = "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    decided = "<tr><td>信息内容</td><td>本年处理决定数量</td></tr>"
    rules, licensing = "<tr><td>规章</td><td>{}</td><td>0</td><td>7</td></tr>", "<tr><td>行政许可</td><td>{}</td></tr>"
    more = "<tr><td>行政处罚</td><td>9</td></tr><tr><td>行政强制</td><td>8</td></tr>"
    this = f"<table>{decided}{licensing.format(41)}</table>"
    last = f"<table>{head}{rules.format(5)}{decided}{licensing.format(12)}{decided}{more}</table>"
    title = "<h1>云岭县商务局2023年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p>"
    page = f"{title}{this}<p>2022年情况：</p>{last}"
    report = extract(Source("r.html", page.encode(), "0" * 64), reader=reader)
    cells = {cell["id"]: cell["value"] for cell in make_record(report)["cells"]}
    assert cells["proactive.licensing.decisions"] == 41
    assert cells["proactive.penalties.decisions"] is None
