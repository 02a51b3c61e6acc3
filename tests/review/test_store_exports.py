from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from models.numbers import State
from models.sheet_text import FORMULA_STARTS
from review.answers import Answer
from review.corrections import write_audit, write_corrections
from review.exports import write_export
from review.store.adding import add_record
from review.store.answering import answer_item, edit_cell, undo_answer
from review.store.database import Store
from review.store.leasing import lease_item
from review.store.reports import read_cells
from review.store.rows import find_printed
from tests.review.records import FORM, make_cell, make_record

TOTAL = "disputes.reconsideration.total"
HOSTILE = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "=cmd|' /C calc'!A0", '",=1')


@pytest.fixture
def filled(store: Store) -> Store:
    """One cell of each kind of acceptance: machine, person, nobody; and values with digits that floats would lose."""
    add_record(
        store,
        make_record(
            "a",
            make_cell("upheld", Decimal("96171.600000000000000001"), review=False, confidence=0.999),
            make_cell("corrected", "blank", review=False),
            make_cell("other", 7),
            make_cell("pending", -3, raw="=HYPERLINK(1)"),
            make_cell("total", 12),
            organization="=1+1",
        ),
    )
    edit_cell(store, 1, FORM, TOTAL, Answer("p", State.NUMBER, Decimal("12.50"), raw="12.50", seconds=3))
    return store


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_long_export_has_accepted_cells_with_who_accepted_them(filled: Store, tmp_path: Path) -> None:
    paths = write_export(filled, tmp_path / "out.csv")
    assert [path.name for path in paths] == ["out.csv", "out.dictionary.csv"]
    rows = [
        (row["field"].rsplit(".")[-1], row["state"], row["value"], row["accepted_by"]) for row in read_csv(paths[0])
    ]
    assert rows == [
        ("upheld", "number", "96171.600000000000000001", "machine"),
        ("corrected", "blank", "", "machine"),
        ("total", "number", "12.50", "person"),
    ]


def test_all_cells_have_an_empty_accepted_by_where_nobody_accepted(filled: Store, tmp_path: Path) -> None:
    write_export(filled, tmp_path / "out.csv", accepted_only=False)
    rows = {row["field"]: row for row in read_csv(tmp_path / "out.csv")}
    assert len(rows) == 5
    assert rows["disputes.reconsideration.pending"]["accepted_by"] == ""
    assert rows["disputes.reconsideration.pending"]["value"] == "-3"
    assert rows["disputes.reconsideration.pending"]["raw"] == "'=HYPERLINK(1)"
    assert (rows[TOTAL]["machine_value"], rows[TOTAL]["value"]) == ("12", "12.50")


def test_the_wide_export_leaves_empty_what_is_blank_or_not_accepted_never_0(filled: Store, tmp_path: Path) -> None:
    paths = write_export(filled, tmp_path / "out.csv", wide=True)
    assert [path.name for path in paths] == [f"out-{FORM}.csv", "out.dictionary.csv"]
    row = read_csv(paths[0])[0]
    values = [row[f"disputes.reconsideration.{name}"] for name in ("upheld", "corrected", "other", "pending", "total")]
    assert values == ["96171.600000000000000001", "", "", "", "12.50"]
    assert row["open_cells"] == "2"
    assert row["disputes.litigation_direct.total"] == ""


def test_no_text_of_a_spreadsheet_begins_as_a_formula(filled: Store, tmp_path: Path) -> None:
    for number, text in enumerate(HOSTILE):
        cell = make_cell("total", "mark", raw=text, review=False)
        add_record(filled, make_record(str(number), cell, organization=text, source=text, title=text))
    for wide in (False, True):
        for path in write_export(filled, tmp_path / "out.csv", wide=wide):
            with path.open(encoding="utf-8-sig", newline="") as file:
                texts = [text for row in csv.reader(file) for text in row]
            assert not [text for text in texts if text.lstrip().startswith(FORMULA_STARTS) and not is_number(text)]
        (path, _) = write_export(filled, tmp_path / "out.xlsx", wide=wide)
        book = load_workbook(path)
        for sheet in book:
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f"
                assert not (isinstance(cell.value, str) and cell.value.lstrip().startswith(FORMULA_STARTS))


def is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def test_a_workbook_has_a_sheet_a_form_and_the_dictionary(filled: Store, tmp_path: Path) -> None:
    write_export(filled, tmp_path / "out.xlsx", wide=True)
    book = load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == [FORM, "dictionary"]
    names, values = [[cell.value for cell in row] for row in book[FORM].iter_rows()]
    row = dict(zip(names, values, strict=True))
    assert row["disputes.reconsideration.total"] == 12.5
    assert row["disputes.reconsideration.upheld"] == "'96171.600000000000000001"  # a spreadsheet would round it
    assert row["disputes.reconsideration.corrected"] is None


def test_parquet_and_jsonl_keep_every_digit_and_the_text_itself(filled: Store, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    write_export(filled, tmp_path / "out.parquet", accepted_only=False)
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert rows[0]["value"] == Decimal("96171.600000000000000001")
    assert [row["value"] for row in rows][1] is None
    assert rows[3]["raw"] == "=HYPERLINK(1)"
    write_export(filled, tmp_path / "out.jsonl", accepted_only=False)
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["value"] == "96171.600000000000000001"  # no float prints it: text
    assert (lines[2]["value"], lines[3]["raw"]) == (7, "=HYPERLINK(1)")


def test_the_dictionary_explains_every_column_in_both_languages(filled: Store, tmp_path: Path) -> None:
    write_export(filled, tmp_path / "out.csv")
    with (tmp_path / "out.dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row for row in csv.reader(file)}
    for name in read_csv(tmp_path / "out.csv")[0]:
        assert rows[name][2]
        assert rows[name][3]
    assert rows[TOTAL] == [TOTAL, "number", "disputes: reconsideration, total", "行政复议 / 总计", "件"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".jsonl"])
def test_an_empty_store_can_be_exported(store: Store, tmp_path: Path, suffix: str) -> None:
    for wide in (False, True):
        assert write_export(store, tmp_path / f"out{suffix}", wide=wide)


@pytest.mark.parametrize(("name", "form"), [("out.doc", None), ("out", None), ("out.csv", "requests@1066")])
def test_an_unknown_kind_of_file_or_form_is_refused(store: Store, tmp_path: Path, name: str, form: str | None) -> None:
    with pytest.raises(ValueError, match="known are"):
        write_export(store, tmp_path / name, form=form)


def test_the_sql_views_have_the_accepted_values(filled: Store) -> None:
    from sqlalchemy import text

    with filled.engine.connect() as connection:
        row = connection.execute(text("SELECT reconsideration_total, open_cells FROM wide_disputes_2019")).one()
        assert (Decimal(row[0]), row[1]) == (Decimal("12.50"), 2)
        assert connection.execute(text("SELECT count(*) FROM accepted_cells")).scalar() == 3


def read_corrections(store: Store, folder: Path, **options: bool) -> list[dict[str, Any]]:
    write_corrections(store, folder / "c.jsonl", **options)
    return [json.loads(line) for line in (folder / "c.jsonl").read_text("utf-8").splitlines()]


def test_corrections_say_what_training_needs(store: Store, tmp_path: Path) -> None:
    printed = {"row": ["合 计"], "column": ["行政复议"]}
    add_record(store, make_record("a", make_cell("total", 12, printed=printed), policy={"target": 0.0005}))
    item = lease_item(store, "p")
    assert item is not None
    answer_item(store, item.lease, Answer("p", State.NUMBER, Decimal(15), raw="15", seconds=2.5, note="印章"))
    (entry,) = read_corrections(store, tmp_path)
    assert (entry["sha256"], entry["source"]) == (make_record("a")["sha256"], "a.pdf")
    assert (entry["form"], entry["field"]) == (FORM, TOTAL)
    assert entry["before"] == {"state": "number", "value": 12, "raw": "12"}
    assert entry["after"] == {"state": "number", "value": 15, "raw": "15"}
    assert (entry["row_labels"], entry["column_labels"]) == (["合 计"], ["行政复议"])
    assert entry["labels"] == {"row": [], "column": ["行政复议", "总计"]}
    assert entry["evidence"] == {"page": 1, "bbox": [10.5, 20, 30, 40]}
    assert (entry["who"], entry["when"], entry["seconds"]) == ("p", "2026-01-01T00:00:00+00:00", 2.5)
    assert (entry["models"], entry["policy"], entry["note"]) == ({"cells": "abc"}, {"target": 0.0005}, "印章")
    assert (entry["action"], entry["purpose"], entry["decides"]) == ("change", "review", True)


def test_corrections_carry_the_labels_that_the_record_says_are_printed(store: Store, tmp_path: Path) -> None:
    columns = [["行政复议", "维持"], [], [], [], ["行政复议", "合 计"], *[["行政诉讼"]] * 10]
    tables = [{"form": FORM, "labels": {"rows": [["件数"]], "columns": columns}}]
    number = add_record(store, make_record("a", make_cell("total", 12), make_cell("other", 2), tables=tables))
    for field in ("total", "other"):
        name = f"disputes.reconsideration.{field}"
        edit_cell(store, number.document_id, FORM, name, Answer("p", State.NUMBER, Decimal(15)))
    total, other = read_corrections(store, tmp_path)
    assert (total["row_labels"], total["column_labels"]) == (["件数"], ["行政复议", "合 计"])
    assert (other["row_labels"], other["column_labels"]) == (["件数"], [])


def test_labels_of_another_shape_than_the_form_are_not_taken() -> None:
    table = {"form": FORM, "labels": {"rows": [["件数"]], "columns": [["合计"]]}}
    assert find_printed([table], FORM, TOTAL) is None
    assert find_printed([{"form": FORM}], FORM, TOTAL) is None
    assert find_printed([], "unknown@1999", TOTAL) is None


def test_what_was_taken_back_is_no_example_but_is_kept(filled: Store, tmp_path: Path) -> None:
    undo_answer(filled, "p")
    assert read_corrections(filled, tmp_path) == []
    whole = read_corrections(filled, tmp_path, everything=True)
    assert [(entry["action"], entry["retracted"]) for entry in whole] == [("change", True), ("undo", False)]
    assert read_cells(filled, 1)[4].accepted_by is None


def test_audit_questions_are_written_with_the_size_of_their_stratum(
    open_at: Callable[..., Store], tmp_path: Path
) -> None:
    store = open_at(audit_rates={"digit": 0.5}, audit_share=1.0)
    for number in range(40):
        add_record(store, make_record(str(number), make_cell("total", 5, review=False)))
    item = lease_item(store, "p")
    assert item is not None
    answer_item(store, item.lease, Answer("p", State.NUMBER, Decimal(6)))
    count = write_audit(store, tmp_path / "a.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == count
    assert 8 <= count <= 32
    assert {(row["month"], row["source_kind"], row["model"]) for row in rows} == {("2026-01", "pdf/digit", "abc")}
    assert {row["population"] for row in rows} == {count * 2}
    answered = [row for row in rows if row["after"]]
    assert [(row["before"]["value"], row["after"]["value"]) for row in answered] == [(5, 6)]
