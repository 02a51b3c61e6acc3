"""Printed cell to field: the rows of a match, the order of its columns, the value in each place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.columns import CERTAIN, RowFill, Support, fill_rows
from extraction.forms import Match, RowMatch
from extraction.gaps import (
    find_adrift,
    find_crowded,
    find_joined,
    find_parted,
    find_parts,
    find_repeated,
    find_shared,
    find_strangers,
    find_turned,
    find_twins,
    list_outer_headings,
)
from extraction.heading_parts import find_within
from extraction.headings import ColumnOrder, find_column_orders, make_usual
from extraction.labels import LabelMatcher, fold_label
from extraction.printed_blocks import PrintedBlock, Sums, choose_order
from extraction.row_labels import find_headings
from extraction.rows import PrintedRow
from extraction.scanned_cells import read_seen
from extraction.states import take_columns
from extraction.tables.page_table import UNRULED
from models.decoding import DecodedCell
from models.document import Cell, Evidence, Table
from models.form import Block, Field, Form
from models.numbers import BLANK, MISSING, MONEY_UNITS, UNREADABLE, State, Value, parse_value, prints_number
from models.page import Box
from models.picture import SeenCell
from models.quick import quicken

REGULAR = frozenset({"html", "divs", "docx", "ruled", "unruled"})
ALIGNED = "blanks"
IN_LINE = "lines"
MAX_BEFORE = 8  # rows between headings and the first row that is matched
# A number at the end of a folded label, behind which nothing stands but what is counted.
_YEAR = re.compile(r"^20\d\d年(?:度|合计|总计)?$")  # the label of a row that is of the whole year
_LAST_NUMBER = re.compile(r"\d+(?:[件条次篇个人项]|[万亿]?元)?$")
_SIGN = re.compile(r"\s*(?:[+＋-]|[净新]?[增减])")
_MONEY_UNIT = re.compile(r"(?:单位[:：]?|[（(])((?:百|千|万|亿)?元)")


@quicken
@dataclass(frozen=True, slots=True)
class MappedCell:
    """A field with what is printed for it, and how it was found: the features of its confidence.

    `box` and `seen` are those of its cell on a page, `decoded` what its sums make of `seen`. `crowded`: the print has
    something there that nothing claims, or the row may as well be another of the form. `unheaded`: its column may be
    left out.
    """

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
    support: Support = CERTAIN
    quality: float = 1.0
    box: Box | None = None
    seen: SeenCell | None = None
    decoded: DecodedCell | None = None
    crowded: bool = False
    unheaded: bool = False
    doubt: str = ""


@quicken
@dataclass(frozen=True, slots=True)
class _RowPlace:
    """A printed row with all that is known of its place in a form."""

    form: Form
    match: RowMatch
    row: PrintedRow
    fill: RowFill
    order: ColumnOrder
    table: Table
    within: frozenset[int]  # the columns left out whose heading is part of another


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of a block that stand in one printed table, matched and as printed."""

    form: Form
    block: Block
    rows: Sequence[RowMatch]
    printed: tuple[PrintedRow, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class MappedForm:
    """A form with every one of its fields mapped; `surplus` are printed values that belong to no field.

    `scanned`: some of it stands on a page that was read by its pixels. `dated`: the print above names an earlier year
    than the report's.
    """

    match: Match
    cells: tuple[MappedCell, ...]
    tables: tuple[int, ...]
    surplus: tuple[tuple[PrintedRow, Cell], ...]
    scanned: bool = False
    dated: bool = False


def map_cells(
    matches: Iterable[Match], rows: Sequence[PrintedRow], tables: Sequence[Table], labels: LabelMatcher
) -> list[MappedForm]:
    """Fill every field of every matched form from the printed rows."""
    matches = list(matches)
    shared = find_shared(matches)
    forms = []
    for number, match in enumerate(matches):
        others = {printed for printed, owner in shared.items() if owner != number}
        places = {(row.block, row.row) for row in match.rows if row.printed in others}
        mapped = _map_form(match, rows, tables, labels)
        forms.append(mark_crowded(mapped, places))
    return forms


def mark_crowded(mapped: MappedForm, places: Collection[tuple[int, int]]) -> MappedForm:
    """A form whose rows at these places (block, row) are in doubt: another form's, or printed though not found."""
    if not places:
        return mapped
    cells = [replace(c, crowded=True) if (c.field.block, c.field.row) in places else c for c in mapped.cells]
    return replace(mapped, cells=tuple(cells))


def _map_form(match: Match, rows: Sequence[PrintedRow], tables: Sequence[Table], labels: LabelMatcher) -> MappedForm:
    cells: dict[str, MappedCell] = {}
    surplus: list[tuple[PrintedRow, Cell]] = []
    for index, block in enumerate(match.form.blocks):
        above: dict[tuple[int, ...], tuple[ColumnOrder, ...]] = {}
        matched = [row for row in match.rows if row.block == index]
        for part in _split_by_table(matched, rows):
            columns = part[0].columns
            sub_block = take_columns(block, columns)
            printed = tuple(rows[row.printed] for row in part)
            table = tables[printed[0].table]
            before = _list_rows_before(part[0], matched, rows)
            orders = _find_orders((*printed, *before), sub_block, table, labels)
            if before and len(sub_block.columns) > 1 and max(order.score for order in orders) == 0:
                # The headings stand over rows that are not understood: they are not known to be the form's.
                orders = tuple(replace(order, doubtful=True) for order in orders)
            if columns in above and max(o.score for o in orders) < max(o.score for o in above[columns]):
                orders = above[columns]  # a part without headings goes on as the one before it
            peers = _find_peers([row for row in matched if row.columns == columns], sub_block, rows)
            filled = _fill_part(_Part(match.form, sub_block, part, printed, table), orders, peers)
            order = filled[0].order
            above[columns] = tuple(
                replace(o, grid=(), spans=(), leaves=(), start=-1, strict=False) for o in (order, *orders)
            )
            for place in filled:
                for column, field in enumerate(sub_block.fields[place.match.row]):
                    cell = _read_cell(place, field, place.fill.cells[column], column)
                    cells[field.field_id] = replace(cell, unheaded=True) if column in place.order.unheaded else cell
                    if place.fill.how == "gone" and column not in place.order.columns:
                        # A column left out is missing, whether or not its row prints values.
                        cells[field.field_id] = replace(cells[field.field_id], value=MISSING)
                surplus += [(place.row, cell) for cell in place.fill.surplus]
    _add_missing(cells, match, rows)
    used = tuple(sorted({rows[row.printed].table + 1 for row in match.rows}))
    return MappedForm(match, tuple(cells[field.field_id] for field in match.form.fields), used, tuple(surplus))


def _add_missing(cells: dict[str, MappedCell], match: Match, rows: Sequence[PrintedRow]) -> None:
    """Add the cells of the form that are not printed, and mark what may be printed after all."""
    found = {(row.block, row.row) for row in match.rows}
    adrift = find_adrift(match) | find_twins(match) | find_parts(match, rows) | find_parted(match, rows)
    adrift |= (
        find_repeated(match, rows) | find_strangers(match, rows) | find_joined(match, rows) | find_turned(match, rows)
    )
    crowded = find_crowded(match, rows) | adrift
    headings = list_outer_headings(rows) if any(field.field_id not in cells for field in _list_partly(match)) else ()
    for b, block in enumerate(match.form.blocks):
        for r, fields in enumerate(block.fields):
            for column, field in zip(block.columns, fields, strict=True):
                cell = cells.get(field.field_id)
                if cell is not None:
                    cells[field.field_id] = replace(cell, crowded=True) if (b, r) in adrift else cell
                    continue
                outer = {fold_label(text).stem for text in column.path[:1]} if (b, r) in found else set()
                lost = MappedCell(field, match.form, MISSING, None, None, "missing", None, None, "")
                unclaimed = (b, r) in crowded or not outer.isdisjoint(headings)
                cells[field.field_id] = replace(lost, crowded=unclaimed)


def _list_partly(match: Match) -> list[Field]:
    return [field for row in match.rows for field in match.form.blocks[row.block].fields[row.row]]


def _find_peers(matched: Sequence[RowMatch], block: Block, rows: Sequence[PrintedRow]) -> list[PrintedRow]:
    """The rows with labels of the deepest level: those of others are merged over places that are no columns."""
    deepest = max(len(block.rows[row.row].path) for row in matched)
    return [rows[row.printed] for row in matched if len(block.rows[row.row].path) == deepest]


def _fill_part(part: _Part, orders: Sequence[ColumnOrder], peers: Sequence[PrintedRow]) -> list[_RowPlace]:
    """The rows of a part, each value in its column; `peers` are rows of all parts of the block."""
    block, table = part.block, part.table
    sums = find_sums(part.form, block)
    regular = table.layout in REGULAR
    order = choose_order(part.printed, orders, sums, regular=regular, peers=peers)
    levels = tuple(len(block.rows[row.row].path) for row in part.rows)
    left_out = set(range(len(block.columns))).difference(order.columns)
    headings = [cell for row in part.printed for cell in row.above] if left_out else ()
    within = find_within(headings, block.columns) & left_out
    fills = fill_rows(
        PrintedBlock(
            part.printed,
            order,
            regular,
            table.blanks_kept,
            sums,
            aligned=table.layout == ALIGNED,
            walled=table.layout != UNRULED,
            levels=levels,
        )
    )
    return [
        _RowPlace(part.form, match, row, fill, order, table, within)
        for match, row, fill in zip(part.rows, part.printed, fills, strict=True)
    ]


def _split_by_table(matched: Sequence[RowMatch], rows: Sequence[PrintedRow]) -> list[list[RowMatch]]:
    """Rows of one block that stand in different printed tables, or print other columns, are placed apart."""
    parts: dict[tuple[int, tuple[int, ...]], list[RowMatch]] = {}
    for row in matched:
        parts.setdefault((rows[row.printed].table, row.columns), []).append(row)
    return list(parts.values())


def _list_rows_before(first: RowMatch, matched: Sequence[RowMatch], rows: Sequence[PrintedRow]) -> list[PrintedRow]:
    """Rows with values before the first that is matched in a table: the headings stand over a row not understood."""
    claimed = {row.printed for row in matched}
    before = []
    for i in range(first.printed - 1, max(first.printed - 1 - MAX_BEFORE, -1), -1):
        if i in claimed or rows[i].table != rows[first.printed].table:
            break
        before += [rows[i]] if rows[i].filled else []
    return before


def _find_orders(
    printed: Sequence[PrintedRow], block: Block, table: Table, labels: LabelMatcher
) -> tuple[ColumnOrder, ...]:
    """What the headings over one of the rows say, of those the ones most like the form's."""
    regular, in_line = table.layout in REGULAR, table.layout == IN_LINE
    best: tuple[ColumnOrder, ...]
    best, found = (make_usual(len(block.columns)),), (-1.0, False)
    unlabelled = not any(row.path for row in block.rows)
    for i, row in enumerate(printed):
        above = {(other.table, other.row) for other in printed[:i]}  # labels of rows are no headings
        headings = tuple(cell for cell in find_headings(row) if (row.table, cell.row) not in above)
        # Where every cell has a line of its own, the last heading stands where a label would.
        choices = [(*headings, *row.labels[-1:])] if in_line and unlabelled and row.labels else []
        for cells in filter(None, (*choices, headings)):
            orders = find_column_orders(cells, block, labels, regular=regular, in_line=in_line)
            told = max(order.score for order in orders), any(order.printed for order in orders)
            if told > found or (told == found and orders[0].doubtful):
                best, found = orders, told
        if found[0] >= 1.0:
            break  # no row can say more
    return best


def find_sums(form: Form, block: Block) -> Sums:
    """The columns that add up to others within each row of a block."""
    place = {field.field_id: column for column, field in enumerate(block.fields[0])}
    return tuple(
        (tuple(place[f] for f in identity.left), place[identity.right[0]])
        for identity in form.identities
        if identity.relation == "=" and len(identity.right) == 1 and set(identity.fields) <= set(place)
    )


def _read_cell(place: _RowPlace, field: Field, cell: Cell | None, column: int) -> MappedCell:
    fill, row = place.fill, place.row
    printed_unit = _find_money_unit(field, row)
    cut = column == place.order.cut or (cell is not None and cell.cut)
    if cell is None:
        value = _read_absent(fill, place.table)
        value = UNREADABLE if value is BLANK and _may_hold_number(place) else value
        raw = " ".join(c.text for c in fill.surplus) if fill.how == "lost" else None
        evidence = fill.surplus[0].evidence if fill.surplus else (row.labels[-1].evidence if row.labels else None)
    else:
        options = {"unit": field.unit, "kind": field.kind, "printed_unit": printed_unit}
        if cell.seen is None:
            value = parse_value(cell.text, **options)
            raw = cell.text if value.state is not State.BLANK else None
        else:
            value, raw = read_seen(cell.seen, cell.text, options)
        evidence = cell.evidence if cell.row >= 0 else None
        if fill.how == "merged" and value.number not in (None, Decimal(0)):
            value = UNREADABLE
        if value.state is State.BLANK and (_may_hold_number(place) or cut):
            value = UNREADABLE
    converted = printed_unit not in ("", field.unit)
    signed = raw is not None and _SIGN.match(raw) is not None and value.number is not None
    return MappedCell(
        field=field,
        form=place.form,
        value=value,
        raw=raw,
        evidence=evidence,
        how=fill.how,
        match=place.match,
        order=place.order,
        layout=place.table.layout,
        unit_from_heading=converted,
        support=fill.support,
        quality=place.table.quality,
        box=None if cell is None else cell.box,
        seen=None if cell is None else cell.seen,
        crowded=(signed and not _counts_change(place, column)) or cut or column in place.within,
    )


def _counts_change(place: _RowPlace, column: int) -> bool:
    """Whether a column says by how much a number grew or fell: only there a number has a sign."""
    label = place.form.blocks[place.match.block].columns[place.match.columns[column]]
    return any(sign in text for text in (*label.path, *label.aliases) for sign in "增减")


def _may_hold_number(place: _RowPlace) -> bool:
    """Whether a label ends in digits that the form's has not: what parts them from it was not understood.

    Without rules a number may have run into the label anywhere.
    """
    printed = _YEAR.sub("", "".join(fold_label(cell.text).core for cell in place.row.labels[-1:]))
    path = place.form.blocks[place.match.block].rows[place.match.row].path
    own = "".join(fold_label(text).core for text in path[-1:])
    if place.table.layout == UNRULED and not any(map(str.isdigit, own)):
        return any(map(str.isdigit, printed))
    found, known = _LAST_NUMBER.search(printed), _LAST_NUMBER.search(own)
    return found is not None and (known is None or known[0] != found[0])


def _read_absent(fill: RowFill, table: Table) -> Value:
    """What is known of a field of a printed row for which no cell can be named."""
    if fill.how == "lost":
        return UNREADABLE
    if fill.how == "gone":
        # A scrape that printed each line once has lost what it repeated: not empty, but unknown.
        return MISSING if _is_deduplicated(table) else BLANK
    return MISSING  # the column is left out


def _is_deduplicated(table: Table) -> bool:
    texts = [cell.text for cell in table.cells if cell.text]
    distinct = len(texts) > 10 and len(set(texts)) == len(texts)
    return not table.blanks_kept and distinct and any(prints_number(text) for text in texts)


def _find_money_unit(field: Field, row: PrintedRow) -> str:
    """The unit of money that the row or its heading prints, for a field that counts money."""
    if not field.unit.endswith("元"):
        return ""
    if row.unit in MONEY_UNITS:
        return row.unit
    heading = re.sub(r"\s", "", "".join(cell.text for cell in find_headings(row)))
    units = _MONEY_UNIT.findall(heading)
    return units[-1] if units else ""
