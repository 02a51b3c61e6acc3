"""Printed cell to field: the rows of a match, the order of its columns, the value in each place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extraction.columns import PrintedBlock, RowFill, choose_order, fill_rows
from extraction.forms import Match, RowMatch, find_headings
from extraction.headings import ColumnOrder, find_column_order
from extraction.labels import LabelMatcher
from extraction.rows import PrintedRow
from models.document import Cell, Evidence, Table
from models.form import Field, Form
from models.numbers import BLANK, MISSING, UNREADABLE, State, Value, parse_value

REGULAR = frozenset({"html", "divs"})
_MONEY_UNIT = re.compile(r"(?:单位[:：]?)?\s*((?:百|千|万|亿)?元)\s*[)）]?\s*$")


@dataclass(frozen=True, slots=True)
class MappedCell:
    """A field with what is printed for it, and how it was found: the features of its confidence."""

    field: Field
    form: Form
    value: Value
    raw: str | None
    evidence: Evidence | None
    how: str
    match: RowMatch | None
    order: ColumnOrder | None
    layout: str
    unit_from_heading: bool = False


@dataclass(frozen=True, slots=True)
class MappedForm:
    """A form with every one of its fields mapped; `surplus` are printed values that belong to no field."""

    match: Match
    cells: tuple[MappedCell, ...]
    tables: tuple[int, ...]
    surplus: tuple[tuple[PrintedRow, Cell], ...]


def map_cells(
    matches: Iterable[Match], rows: Sequence[PrintedRow], tables: Sequence[Table], labels: LabelMatcher
) -> list[MappedForm]:
    """Fill every field of every matched form from the printed rows."""
    return [_map_form(match, rows, tables, labels) for match in matches]


def _map_form(match: Match, rows: Sequence[PrintedRow], tables: Sequence[Table], labels: LabelMatcher) -> MappedForm:
    cells: dict[str, MappedCell] = {}
    surplus: list[tuple[PrintedRow, Cell]] = []
    for index, block in enumerate(match.form.blocks):
        matched = [row for row in match.rows if row.block == index]
        for part in _split_by_table(matched, rows):
            printed = tuple(rows[row.printed] for row in part)
            order = _find_order(printed, match.form, index, tables, labels)
            fills = fill_rows(_make_block(printed, order, match.form, index, tables))
            for row_match, row, fill in zip(part, printed, fills, strict=True):
                layout = tables[row.table].layout
                for field, cell in zip(block.fields[row_match.row], fill.cells, strict=True):
                    cells[field.field_id] = _read_cell(field, match.form, cell, fill, row_match, row, order, layout)
                surplus += [(row, cell) for cell in fill.surplus]
    for field in match.form.fields:
        if field.field_id not in cells:
            cells[field.field_id] = MappedCell(field, match.form, MISSING, None, None, "missing", None, None, "")
    used = tuple(sorted({rows[row.printed].table + 1 for row in match.rows}))
    return MappedForm(match, tuple(cells[field.field_id] for field in match.form.fields), used, tuple(surplus))


def _split_by_table(matched: Sequence[RowMatch], rows: Sequence[PrintedRow]) -> list[list[RowMatch]]:
    """Rows of one block that stand in different printed tables are placed apart."""
    parts: dict[int, list[RowMatch]] = {}
    for row in matched:
        parts.setdefault(rows[row.printed].table, []).append(row)
    return list(parts.values())


def _find_order(
    printed: Sequence[PrintedRow], form: Form, index: int, tables: Sequence[Table], labels: LabelMatcher
) -> ColumnOrder:
    block = form.blocks[index]
    orders = [
        find_column_order(find_headings(row), block, labels, regular=tables[row.table].layout in REGULAR)
        for row in printed
        if find_headings(row)
    ]
    usual = ColumnOrder(tuple(range(len(block.columns))), 0.0, printed=False)
    return max(orders, key=lambda order: order.score, default=usual)


def _make_block(
    printed: tuple[PrintedRow, ...], order: ColumnOrder, form: Form, index: int, tables: Sequence[Table]
) -> PrintedBlock:
    table = tables[printed[0].table]
    sums = _find_sums(form, index)
    order = choose_order(printed, order, sums)
    return PrintedBlock(printed, order, table.layout in REGULAR, table.blanks_kept, sums)


def _find_sums(form: Form, index: int) -> tuple[tuple[int, ...], int] | None:
    """The columns that add up to another in every row of a block, where the form has such an identity."""
    first = {field.field_id: field.column for field in form.blocks[index].fields[0]}
    for identity in form.identities:
        if identity.relation == "=" and len(identity.right) == 1 and set(identity.fields) <= set(first):
            if len(identity.fields) == len(first):
                return tuple(first[f] for f in identity.left), first[identity.right[0]]
    return None


def _read_cell(
    field: Field,
    form: Form,
    cell: Cell | None,
    fill: RowFill,
    row_match: RowMatch,
    row: PrintedRow,
    order: ColumnOrder,
    layout: str,
) -> MappedCell:
    printed_unit = _find_money_unit(field, row)
    if cell is None:
        value: Value = UNREADABLE if fill.how == "lost" else BLANK
        raw = " ".join(c.text for c in fill.surplus) if fill.how == "lost" else None
        evidence = fill.surplus[0].evidence if fill.surplus else (row.labels[-1].evidence if row.labels else None)
    else:
        value = parse_value(cell.text, unit=field.unit, kind=field.kind, printed_unit=printed_unit)
        raw = cell.text if value.state is not State.BLANK else None
        evidence = cell.evidence if cell.row >= 0 else None
        if fill.how == "merged" and value.number not in (None, Decimal(0)):
            value = UNREADABLE
    return MappedCell(
        field, form, value, raw, evidence, fill.how, row_match, order, layout, printed_unit not in ("", field.unit)
    )


def _find_money_unit(field: Field, row: PrintedRow) -> str:
    """The unit of money that the row or its heading prints, for a field that counts money."""
    if not field.unit.endswith("元"):
        return ""
    for text in (row.unit, *(cell.text for cell in reversed(find_headings(row)))):
        if match := _MONEY_UNIT.search(text):
            return match[1]
    return ""
