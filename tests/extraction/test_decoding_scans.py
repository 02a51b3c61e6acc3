"""Cells of scans under the sums of their form: what is chosen among their candidates, and what stays as it was seen."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from extraction import pipeline
from extraction.checking import check_form
from extraction.confidence import DECODING_FEATURES, SCAN_FEATURES, make_scan_features
from extraction.deciding import is_always_reviewed
from extraction.decoding_forms import decode_scanned, list_pictured
from extraction.mapping import MappedCell, MappedForm, map_cells
from extraction.pipeline import Reader, load_reader
from extraction.rows import PrintedRow, find_rows
from extraction.scanned_cells import PICTURE_FEATURES, weigh_prints
from models.decoding import Priors
from models.document import Cell, Evidence, Source, Table
from models.numbers import State
from models.picture import Candidate, SeenCell

BLURRED = [("3", 0.55), ("8", 0.4)]
AFTER = [[("1", 0.999)], [("0", 0.999)], [("0", 0.999)], [("9", 0.999)]]  # with 8 before them they add up
LEAVES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3
Prints = list[tuple[str, float]]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader(facts=False)


def make_cell(text: str, row: int, column: int, end: int, seen: Prints | None = None) -> Cell:
    pictured = None
    if seen is not None:
        features = (0.0,) * len(PICTURE_FEATURES)
        pictured = SeenCell(tuple(Candidate(text, p) for text, p in seen), features)
    box = (40.0 * column, 20.0 * row, 40.0 * end, 20.0 * row + 20.0)
    return Cell(text, row, column, row + 1, end, Evidence(page=1, bbox=box), box=box, seen=pictured)


def read(reader: Reader, prints: list[Prints]) -> tuple[MappedForm, list[PrintedRow]]:
    """The disputes table of a scan with these candidates in its first cells; zeros in the others."""
    prints = [*prints, *[[("0", 0.999)]] * (15 - len(prints))]
    heads = [make_cell("行政复议", 0, 0, 5), make_cell("行政诉讼", 0, 5, 15)]
    groups = [make_cell("未经复议直接起诉", 1, 5, 10), make_cell("复议后起诉", 1, 10, 15)]
    leaves = [make_cell(text, 2, n, n + 1) for n, text in enumerate(LEAVES)]
    values = [make_cell(seen[0][0], 3, n, n + 1, seen) for n, seen in enumerate(prints)]
    tables = [Table((*heads, *groups, *leaves, *values), "ruled")]
    rows = find_rows(tables)
    (mapped,) = map_cells(reader.matcher.match_forms(rows, year=2023), rows, tables, reader.labels)
    return decode_scanned(mapped, priors=Priors()), rows


def find_cell(mapped: MappedForm, name: str) -> MappedCell:
    return next(cell for cell in mapped.cells if cell.field.field_id == f"disputes.reconsideration.{name}")


def test_a_blurred_digit_is_read_as_the_candidate_that_makes_the_sum_hold(reader: Reader) -> None:
    mapped, _ = read(reader, [BLURRED, *AFTER])
    cell = find_cell(mapped, "upheld")
    assert (cell.value.number, cell.raw) == (Decimal(8), "8")
    assert cell.decoded is not None
    assert cell.decoded.confidence > 0.9


def test_a_number_that_no_picture_shows_is_never_a_value(reader: Reader) -> None:
    mapped, _ = read(reader, [[("3", 0.99)], *AFTER])
    assert find_cell(mapped, "upheld").value.number == 3
    assert find_cell(mapped, "total").value.number == 9


def test_a_clear_print_that_does_not_add_up_stays_though_another_candidate_would(reader: Reader) -> None:
    clear = [("3", 0.9999), ("8", 0.0001)]
    mapped, _ = read(reader, [clear, [("1", 0.999)], [("0", 0.999)], [("0", 0.999)], [("9", 0.9999)]])
    assert find_cell(mapped, "upheld").value.number == 3


def test_what_could_not_be_read_is_told_by_the_sum_where_the_picture_supports_it(reader: Reader) -> None:
    faint = [("8", 0.25), ("3", 0.2), ("6", 0.2)]
    mapped, _ = read(reader, [faint, *AFTER])
    assert find_cell(mapped, "upheld").value.number == 8


def test_a_cell_of_the_page_reader_alone_has_one_candidate(reader: Reader) -> None:
    mapped, _ = read(reader, [])
    cell = find_cell(mapped, "total")
    alone = MappedCell(cell.field, cell.form, cell.value, "0", None, "complete", cell.match, cell.order, "ruled")
    (candidate,) = list_pictured(alone)
    assert candidate.text == "0"
    assert candidate.probability < 1


def test_the_judge_sees_what_the_sums_make_of_a_cell(reader: Reader) -> None:
    mapped, rows = read(reader, [BLURRED, *AFTER])
    features = make_scan_features(mapped, check_form(mapped), rows)
    assert features.shape == (15, len(SCAN_FEATURES))
    seen = dict(zip(DECODING_FEATURES, features[0][-len(DECODING_FEATURES) :], strict=True))
    assert seen["tied"] == 1
    assert seen["posterior"] > 0.9
    assert 0.3 < seen["pictured"] < 0.5
    assert seen["first"] == 0


def test_text_that_no_cell_of_numbers_prints_weighs_less() -> None:
    weighed = weigh_prints([Candidate(")", 0.43), Candidate("0", 0.28), Candidate("2", 0.01)])
    assert weighed[0].text == "0"
    assert sum(c.probability for c in weighed) == pytest.approx(0.72)


def test_marks_and_empty_cells_weigh_as_much_as_numbers() -> None:
    candidates = (Candidate("—", 0.6), Candidate("", 0.3), Candidate("1", 0.1))
    assert weigh_prints(candidates) == candidates


def test_an_odd_text_alone_stays_what_was_seen(reader: Reader) -> None:
    (only,) = weigh_prints([Candidate("3（含2）", 0.9)])
    assert (only.text, only.probability) == ("3（含2）", pytest.approx(0.9))
    mapped, _ = read(reader, [[("3（含2）", 0.9)]])
    assert find_cell(mapped, "upheld").value.state is State.UNREADABLE


def test_a_value_more_than_columns_is_always_reviewed_on_a_scan(reader: Reader) -> None:
    mapped, _ = read(reader, [])
    cell = replace(find_cell(mapped, "total"), how="extra")
    assert is_always_reviewed(cell)
    assert not is_always_reviewed(replace(cell, seen=None))


def test_headings_of_a_scan_that_were_misread_are_left_to_the_judge(reader: Reader) -> None:
    mapped, _ = read(reader, [])
    cell = find_cell(mapped, "total")
    assert cell.order is not None
    unlike = replace(cell, order=replace(cell.order, printed=False, doubtful=True))
    assert not is_always_reviewed(unlike)
    assert is_always_reviewed(replace(unlike, seen=None))


def test_zeros_with_their_unit_are_as_usual_as_those_without(reader: Reader) -> None:
    units = [[("0件", 0.999)]] * 15
    mapped, _ = read(reader, [[("0件", 0.5), ("—", 0.45)], *units[1:]])
    assert find_cell(mapped, "upheld").raw == "0件"
    mapped, _ = read(reader, [[("0件", 0.5), ("", 0.26)], *units[1:]])
    assert find_cell(mapped, "upheld").value.state is State.NUMBER


def test_forms_of_scans_are_believed_where_they_are_likelier_than_not(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = Path(__file__).parents[2] / "examples" / "county-2024-scan.jpg"
    source = Source(example.name, example.read_bytes(), "", tables_only=True)
    for confidence, shown, doubted in ((0.05, False, False), (0.3, True, True), (0.55, True, False)):
        monkeypatch.setattr(pipeline, "judge_form", lambda *_, value=confidence: value)
        report = pipeline.extract(source, reader=reader)
        assert bool(report.readings) == shown
        reasons = {reason for reading in report.readings for reason in reading.decision.reasons}
        assert ("form_doubtful" in reasons) == doubted
        assert all(reading.decision.review for reading in report.readings) == (doubted or not shown)
