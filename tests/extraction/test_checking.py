"""Sums that tell that columns stand in another order than they were read in."""

from __future__ import annotations

from dataclasses import replace

from extraction.checking import check_form, find_disordered
from extraction.mapping import MappedForm
from extraction.pipeline import draft_report, load_reader
from models.document import Source

HEADINGS = """四、政府信息公开行政复议、行政诉讼情况
行政复议\t\t\t\t\t行政诉讼\t\t\t\t\t\t\t\t\t
结果维持\t结果纠正\t其他结果\t尚未审结\t总计\t未经复议直接起诉\t\t\t\t\t复议后起诉\t\t\t\t
\t\t\t\t\t结果维持\t结果纠正\t其他结果\t尚未审结\t总计\t结果维持\t结果纠正\t其他结果\t尚未审结\t总计
"""
GROUP = "disputes.litigation_after_reconsideration."


def map_disputes(*numbers: int, scanned: bool) -> MappedForm:
    reader = load_reader()
    text = "云岭县商务局2023年政府信息公开工作年度报告\n" + HEADINGS + "\t".join(map(str, numbers))
    source = Source("r.txt", text.encode(), "0" * 64)
    draft = draft_report(source, labels=reader.labels, matcher=reader.matcher, priors=reader.priors)
    (mapped,) = draft.forms
    return replace(mapped, scanned=scanned)


TURNED = (253, 23, 30, 175, 25)


def test_a_total_among_its_parts_on_a_scan_is_another_order_of_columns() -> None:
    mapped = map_disputes(0, 0, 0, 0, 0, 19, 1, 14, 2, 36, *TURNED, scanned=True)
    names = {GROUP + name for name in ("upheld", "corrected", "other", "pending", "total")}
    assert find_disordered(mapped, check_form(mapped)) == names


def test_where_headings_can_be_read_one_row_that_fails_is_the_agencys() -> None:
    mapped = map_disputes(0, 0, 0, 0, 0, 19, 1, 14, 2, 36, *TURNED, scanned=False)
    assert not find_disordered(mapped, check_form(mapped))


def test_a_misprinted_total_on_a_scan_is_no_order_of_columns() -> None:
    mapped = map_disputes(0, 0, 0, 0, 0, 19, 1, 14, 2, 36, 30, 23, 175, 25, 258, scanned=True)
    assert not find_disordered(mapped, check_form(mapped))
