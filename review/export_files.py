"""Tables as files: CSV and XLSX that are harmless to open, Parquet and JSONL that are exact."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from models.sheet_text import make_harmless
from review.export_columns import Column, list_dictionary
from review.store.kinds import dump_json

# What spreadsheet programs take for the beginning of a formula (OWASP, CSV Injection), full-width forms too.
SHEET_ROWS = 1_000_000  # a sheet ends at 1,048,576
SHEET_DIGITS = 15  # a number of a spreadsheet has no more
MOST_DIGITS = 38  # of a decimal in Parquet
AT_ONCE = 50_000  # rows of a group in Parquet


@dataclass(frozen=True, slots=True)
class Rows:
    """A table to write; `read` begins at the first row each time."""

    name: str
    columns: Sequence[Column]
    read: Callable[[], Iterator[list[Any]]]


def write_csv(target: Path, tables: Sequence[Rows], _columns: Sequence[Column], _forms: Sequence[str]) -> list[Path]:
    """A file a table, with a byte order mark so that spreadsheet programs read it as UTF-8."""
    paths = _name_files(target, tables)
    for path, table in zip(paths, tables, strict=True):
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(column.name for column in table.columns)
            for row in table.read():
                writer.writerow([_make_text(value) for value in row])
    return paths


def write_jsonl(target: Path, tables: Sequence[Rows], _columns: Sequence[Column], _forms: Sequence[str]) -> list[Path]:
    """A file a table, an object a row; texts are as they are in the store."""
    paths = _name_files(target, tables)
    for path, table in zip(paths, tables, strict=True):
        names = [column.name for column in table.columns]
        with path.open("w", encoding="utf-8") as file:
            for row in table.read():
                file.write(dump_json(dict(zip(names, row, strict=True))) + "\n")
    return paths


def write_xlsx(target: Path, tables: Sequence[Rows], columns: Sequence[Column], forms: Sequence[str]) -> list[Path]:
    """One workbook: a sheet a table, more where one is full, and a sheet with the data dictionary."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table in tables:
        sheet: Any = None
        for number, row in enumerate(table.read()):
            if number % SHEET_ROWS == 0:
                sheet = _begin_sheet(book, table, number // SHEET_ROWS)
            sheet.append([_make_entry(value) for value in row])
        if sheet is None:
            _begin_sheet(book, table, 0)
    sheet = book.create_sheet("dictionary")
    for row in list_dictionary(columns, forms):
        sheet.append([make_harmless(str(value)) for value in row])
    book.save(target)
    return [target]


def write_parquet(
    target: Path, tables: Sequence[Rows], _columns: Sequence[Column], _forms: Sequence[str]
) -> list[Path]:
    """A file a table; numbers are decimals with as many places as the longest has, texts are exact."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"text": pa.string(), "integer": pa.int64(), "float": pa.float64()}
    paths = _name_files(target, tables)
    for path, table in zip(paths, tables, strict=True):
        places = _count_places(table)
        number = pa.decimal128(MOST_DIGITS, places) if places is not None else pa.string()
        schema = pa.schema([(column.name, kinds.get(column.holds, number)) for column in table.columns])
        numeric = [column.holds == "number" and places is None for column in table.columns]
        with pq.ParquetWriter(path, schema) as writer:
            rows = table.read()
            while batch := list(islice(rows, AT_ONCE)):
                arrays = [
                    pa.array([_make_text(value) or None for value in values] if as_text else values, type=kind)
                    for values, as_text, kind in zip(zip(*batch, strict=True), numeric, schema.types, strict=True)
                ]
                writer.write_table(pa.table(arrays, schema=schema))
    return paths


WRITERS: dict[str, Callable[[Path, Sequence[Rows], Sequence[Column], Sequence[str]], list[Path]]] = {
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".parquet": write_parquet,
    ".jsonl": write_jsonl,
}


def _name_files(target: Path, tables: Sequence[Rows]) -> list[Path]:
    """The target itself for a lone long table, NAME-FORM beside it for each wide one."""
    return [
        target if table.name == "cells" else target.with_name(f"{target.stem}-{table.name}{target.suffix}")
        for table in tables
    ]


def _begin_sheet(book: Any, table: Rows, part: int) -> Any:
    sheet = book.create_sheet(table.name if part == 0 else f"{table.name} {part + 1}")
    sheet.append([column.name for column in table.columns])
    return sheet


def _make_text(value: Any) -> str:
    """A value as text of a CSV file; numbers have their digits, and are no formulas."""
    if value is None:
        return ""
    return (
        format(value, "f")
        if isinstance(value, Decimal)
        else make_harmless(value)
        if isinstance(value, str)
        else str(value)
    )


def _make_entry(value: Any) -> Any:
    """A value as a spreadsheet holds it: a number that it would round is text."""
    if isinstance(value, str):
        return make_harmless(value)
    if isinstance(value, Decimal):
        digits = len(value.normalize().as_tuple().digits)
        return value if digits <= SHEET_DIGITS else f"'{value:f}"
    return value


def _count_places(table: Rows) -> int | None:
    """Places after the point that the numbers of a table need; `None` where a number has more digits than fit."""
    numeric = [place for place, column in enumerate(table.columns) if column.holds == "number"]
    places = whole = 0
    for row in table.read():
        for value in (row[place] for place in numeric):
            if value is not None:
                _, digits, exponent = value.as_tuple()
                places = max(places, -exponent)
                whole = max(whole, len(digits) + exponent)
    return places if places + whole <= MOST_DIGITS else None
