from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models.form import load_forms
from service.spreadsheet import write_csv, write_xlsx

FORM = load_forms()["disputes@2019"]


def make_cell(field_id: str, *, state: str, value: int | None, raw: str | None) -> dict[str, Any]:
    entry = {"id": field_id, "form": FORM.form_id, "state": state, "value": value, "raw": raw, "evidence": None}
    return entry | {"confidence": 0.5, "review": True, "reasons": ["low_confidence", "identity_fails"]}


def make_record() -> dict[str, Any]:
    """A record whose first cell is 3, whose second is blank, whose others are missing, and whose texts are formulas."""
    cells = [make_cell(field.field_id, state="missing", value=None, raw=None) for field in FORM.fields]
    cells[0] |= {"state": "number", "value": 3, "raw": "=3"}
    cells[1] |= {"state": "blank", "raw": ""}
    cells[2] |= {"state": "number", "value": -4, "raw": "-4"}
    finding = {"identity": "disputes.surplus_value", "cells": [], "left": None, "right": 5, "kind": "source"}
    return {
        "source": "@report.txt",
        "organization": "=cmd|' /C calc'!A0",
        "year": 2023,
        "tables": [{"form": FORM.form_id}],
        "cells": cells,
        "findings": [finding | {"note": "+5"}],
    }


@pytest.fixture
def records(tmp_path: Path) -> Path:
    error = {"source": "=bad.txt", "sha256": None, "error": {"code": "internal", "message": "=1+1"}}
    path = tmp_path / "records.jsonl"
    lines = [json.dumps(record, ensure_ascii=False) for record in (make_record(), error)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def sheets(records: Path) -> dict[str, list[tuple[Any, ...]]]:
    target = records.with_suffix(".xlsx")
    write_xlsx(records, target)
    book = openpyxl.load_workbook(target)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_no_cell_of_the_workbook_is_a_formula(records: Path) -> None:
    target = records.with_suffix(".xlsx")
    write_xlsx(records, target)
    book = openpyxl.load_workbook(target)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert not any(cell.data_type == "s" and cell.value.startswith(("=", "+", "@")) for cell in cells)


def test_there_is_a_sheet_of_cells_of_findings_of_errors_and_one_a_form(
    sheets: dict[str, list[tuple[Any, ...]]],
) -> None:
    assert list(sheets) == ["cells", "findings", "errors", "disputes@2019"]
    assert len(sheets["cells"]) == 1 + len(FORM.fields)
    assert [len(sheets[name]) for name in ("findings", "errors", "disputes@2019")] == [2, 2, 2]


def test_what_has_no_number_stays_empty_and_never_becomes_0(sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    head, values = sheets["disputes@2019"]
    assert head[4:] == tuple(field.field_id for field in FORM.fields)
    assert values[4:] == (3, None, -4, *[None] * (len(FORM.fields) - 3))
    value = sheets["cells"][0].index("value")
    assert [row[value] for row in sheets["cells"][1:4]] == [3, None, -4]


def test_an_error_record_stands_on_its_own_sheet_only(sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    assert sheets["errors"][1] == ("'=bad.txt", "internal", "'=1+1")


def test_a_csv_has_a_line_a_cell_and_reads_as_utf8_in_spreadsheets(records: Path) -> None:
    target = records.with_suffix(".csv")
    write_csv(records, target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(FORM.fields)
    assert [line["value"] for line in lines[:3]] == ["3", "", "-4"]
    assert lines[0]["raw"] == "'=3"
    assert lines[0]["organization"].startswith("'=")
    assert lines[0]["label"] == "行政复议 / 结果维持"


def test_records_with_a_form_that_is_not_in_use_are_told(tmp_path: Path) -> None:
    cell = {"id": "taxes.paid", "form": "taxes@2020", "state": "number", "value": 1, "raw": "1"}
    record = {"source": "a", "organization": None, "year": 2020, "cells": [cell], "findings": []}
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps(record) + "\n", "utf-8")
    with pytest.raises(ValueError, match=r"no form in use has taxes\.paid of taxes@2020"):
        write_csv(records, tmp_path / "out.csv")
