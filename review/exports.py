"""The cells of the store as files: long (a line a cell) or wide (a line a report), accepted values or all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from models.form import load_forms
from review.export_columns import HEAD, LONG, WIDE, Column, write_dictionary
from review.export_files import WRITERS, Rows
from review.store.database import Store
from review.store.rows import iter_cells, list_forms


def write_export(
    store: Store, target: Path, *, wide: bool = False, accepted_only: bool = True, form: str | None = None
) -> list[Path]:
    """Write `.csv`, `.xlsx`, `.parquet` or `.jsonl` with the data dictionary beside it; the files that were written.

    Long: one file. Wide: a file a form (NAME-FORM), for `.xlsx` a sheet a form; what nobody has accepted is empty
    there, so is what is no number. With `accepted_only=False` the long one has cells that nobody has accepted as well.
    Raises `ValueError` for another suffix or a form that does not ship.
    """
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise ValueError(f"known are {', '.join(WRITERS)}")
    if form is not None and form not in load_forms():
        raise ValueError(f"known are {', '.join(load_forms())}")
    forms = [form] if form is not None else list_forms(store)
    if wide:
        tables = [_make_wide(store, form_id) for form_id in forms]
        columns: Sequence[Column] = WIDE
    else:
        columns = LONG
        tables = [Rows("cells", LONG, lambda: _list_long(store, accepted_only=accepted_only, form=form))]
    paths = writer(target, tables, columns, forms)
    return [*paths, write_dictionary(target, columns, forms)]


def _list_long(store: Store, *, accepted_only: bool, form: str | None) -> Iterator[list[Any]]:
    names = [column.name for column in LONG]
    for row in iter_cells(store, accepted_only=accepted_only, form=form):
        entries = row._mapping
        yield [" ".join(entries[name] or ()) if name == "reasons" else entries[name] for name in names]


def _make_wide(store: Store, form_id: str) -> Rows:
    fields = [field.field_id for field in load_forms()[form_id].fields]
    columns = (*WIDE, *(Column(field, "number", "", "") for field in fields))
    return Rows(form_id, columns, lambda: _list_wide(store, form_id, fields))


def _list_wide(store: Store, form_id: str, fields: Sequence[str]) -> Iterator[list[Any]]:
    """Numbers of a form that were accepted; what is blank, a mark or not accepted is empty, never 0."""
    rows = iter_cells(store, accepted_only=False, form=form_id)
    for _, group in groupby(rows, key=lambda row: row.document_id):
        cells = list(group)
        values: dict[str, Decimal | None] = {cell.field: cell.value for cell in cells if cell.accepted_by is not None}
        head = [cells[0]._mapping[column.name] for column in HEAD]
        yield [*head, sum(cell.accepted_by is None for cell in cells), *(values.get(field) for field in fields)]
