from __future__ import annotations

import pytest

from extraction.pipeline import Reader, extract, load_reader
from models.document import Source
from models.record import make_record

HEADS = ["维持", "纠正", "其他结果", "尚未审结", "总计"]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def make_page(values: list[int], sentence: str = "") -> bytes:
    """A report with the disputes table in HTML, and a sentence above it."""
    group = "".join(f"<td>结果{head}</td>" if head in ("维持", "纠正") else f"<td>{head}</td>" for head in HEADS)
    numbers = "".join(f"<td>{value}</td>" for value in values)
    return (
        "<html><head><meta charset='utf-8'><title>栖河县财政局2023年政府信息公开工作年度报告</title></head><body>"
        "<h1>栖河县财政局2023年政府信息公开工作年度报告</h1><p>五、政府信息公开行政复议、行政诉讼情况</p>"
        f"<p>{sentence}</p><table>"
        "<tr><td colspan='5'>行政复议</td><td colspan='10'>行政诉讼</td></tr>"
        "<tr><td colspan='5'></td><td colspan='5'>未经复议直接起诉</td><td colspan='5'>复议后起诉</td></tr>"
        f"<tr>{group * 3}</tr><tr>{numbers}</tr></table></body></html>"
    ).encode()


def read(reader: Reader, values: list[int], sentence: str = "") -> dict:
    return make_record(extract(Source("a.html", make_page(values, sentence), ""), reader=reader))


def list_changes(record: dict) -> list[tuple[str, float]]:
    """The cell and the number that the first proposal names."""
    return [(change["id"].removeprefix("disputes."), change["implied"]) for change in record["repairs"][0]["changes"]]


def test_a_report_that_adds_up_has_no_proposals(reader: Reader) -> None:
    record = read(reader, [3, 0, 0, 1, 4, *[0] * 10])
    assert record["tables"]
    assert record["repairs"] == []


def test_a_misprinted_total_is_proposed_and_its_print_is_kept(reader: Reader) -> None:
    record = read(reader, [3, 0, 0, 1, 0, *[0] * 10])
    cells = {cell["id"]: cell["value"] for cell in record["cells"]}
    assert cells["disputes.reconsideration.total"] == 0
    first = record["repairs"][0]
    assert first["changes"] == [
        {
            "id": "disputes.reconsideration.total",
            "printed": 0,
            "implied": 4,
            "cause": "source",
            "supported": False,
        }
    ]
    assert first["settles"] == ["disputes.reconsideration.total"]


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("2023年发生行政复议5件，其中维持4件，尚未审结1件。", ("reconsideration.upheld", 4)),
        ("2023年发生行政复议4件，其中维持3件，尚未审结1件。", ("reconsideration.total", 4)),
    ],
)
def test_a_sentence_tells_which_cell_of_a_broken_sum_is_wrong(
    reader: Reader, sentence: str, change: tuple[str, int]
) -> None:
    record = read(reader, [3, 0, 0, 1, 5, *[0] * 10], sentence)
    assert list_changes(record) == [change]
    cells = {cell["id"]: cell["value"] for cell in record["cells"]}
    assert (cells["disputes.reconsideration.upheld"], cells["disputes.reconsideration.total"]) == (3, 5)


def test_a_sentence_alone_is_no_reason_to_change_a_table_that_adds_up(reader: Reader) -> None:
    record = read(reader, [3, 0, 0, 1, 4, 2, 0, 0, 0, 3, *[0] * 5], "2023年发生行政复议9件。")
    changed = {change["id"] for repair in record["repairs"] for change in repair["changes"]}
    assert changed
    assert not any(field.startswith("disputes.reconsideration") for field in changed)


def test_a_record_says_under_which_policy_it_was_read(reader: Reader) -> None:
    record = read(reader, [0] * 15)
    assert record["policy"]["threshold"] == reader.policy.cell_thresholds["digital"]
