"""Printed rows: what stands before the numbers of a row, the numbers, and the headings above."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from operator import attrgetter

from models.document import Cell, Table
from models.numbers import TRADITIONAL, prints_nothing, prints_value
from models.quick import quicken
from models.width import fold_width

MIN_PADDED_ROWS = 4
PRINTED = frozenset({"ruled", "unruled"})
MIN_HEADS, HEADED = 4, 3  # labels side by side, and for each value beside them, of a row of headings
MIN_NUMBERED = 3  # rows of a table that begin with a number and a label
MIN_UNITS = 4  # in a column of a table
MAX_BEFORE = 2  # numbers that count the rows before a label; more are values before a remark
UNITS = frozenset(["件", "条", "次", "篇", "个", "人", "人次", "项", "万元", "元", "千元", "亿元", "件次", "份", "万"])
_ODD = re.compile(
    r"[+-]?[\d.,，]+(?![.,、]*[\u3400-\u9fff])[^\u3400-\u9fff]{0,6}(?:[含其中注约余多]{0,2}[^\u3400-\u9fff]{0,8})|[^\w]{1,2}|[A-Za-z]{1,2}|一"
)
_NUMERAL = re.compile(r"\s*[一二三四五六七八九十]+\s*")  # over several rows: what is left of （三）, no value
_INTEGER = re.compile(r"[0-9]{1,3}")
_ORDINAL_ALONE = re.compile(r"[（(]?[\d一二三四五六七八九十]{1,2}[)）、.．:：]+")


class Kind(Enum):
    """What a printed cell looks like, before its place in a form is known."""

    BLANK = "blank"
    VALUE = "value"
    ODD = "odd"
    UNIT = "unit"
    LABEL = "label"


@quicken
@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of a table. `above` are the label cells since the last row with values, then `labels` and `fields`.

    `fields` are the values, odd prints and blanks behind the labels, `filled` those not empty, `unit` a unit printed
    between them.
    """

    table: int
    row: int
    labels: tuple[Cell, ...]
    fields: tuple[Cell, ...]
    filled: tuple[Cell, ...]
    above: tuple[Cell, ...]
    unit: str
    trailing: tuple[Cell, ...]


@functools.lru_cache(maxsize=20_000)
def find_kind(text: str) -> Kind:
    """Tell a value from a label; a print with a digit that is no number is odd, not a label."""
    if prints_nothing(text):
        return Kind.BLANK
    if prints_value(text):
        return Kind.VALUE
    folded = fold_width(text).strip()
    if folded.translate(TRADITIONAL) in UNITS:
        return Kind.UNIT
    if _ORDINAL_ALONE.fullmatch(folded):
        return Kind.LABEL
    return Kind.ODD if _ODD.fullmatch(folded) else Kind.LABEL


def find_rows(tables: Sequence[Table]) -> list[PrintedRow]:
    """Every row of every table, in order; a page of one cell a line gives each of its labels a row of its own."""
    rows: list[PrintedRow] = []
    for index, table in enumerate(tables):
        above: list[Cell] = []
        units = _find_unit_columns(table) if table.layout in PRINTED else frozenset()
        for number, (spanning, cells) in enumerate(_drop_ordinals(_drop_padding(_cells_by_row(table)))):
            row = _read_row(index, number, spanning, cells, tuple(above), units=units)
            if table.layout == "lines":
                rows += _part_labels(row)
                row = _keep_last_label(row)
            rows.append(row)
            if any(find_kind(cell.text) is not Kind.BLANK for cell in row.filled) and not _is_head(table, row, cells):
                above = list(row.trailing)
            else:
                labels = _list_labels(cells) if row.filled else row.labels
                above = [*row.above, *(cell for cell in labels if cell.row == number)]
    return rows


def find_page(row: PrintedRow) -> int:
    """The page that all of a row stands on; 0 where it is none, or more than one."""
    pages = {cell.evidence.page for cell in (*row.fields, *row.labels[-1:])}
    page = pages.pop() if len(pages) == 1 else None
    return page or 0


def _is_head(table: Table, row: PrintedRow, cells: Sequence[Cell]) -> bool:
    """Whether a row on a page is of headings though a part of one reads as a number, as on a bad scan."""
    return table.layout in PRINTED and len(_list_labels(cells)) >= max(MIN_HEADS, HEADED * len(row.filled))


def _list_labels(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if find_kind(cell.text) is Kind.LABEL)


def _keep_last_label(row: PrintedRow) -> PrintedRow:
    above = row.above + row.labels[:-1]
    return PrintedRow(row.table, row.row, row.labels[-1:], row.fields, row.filled, above, row.unit, row.trailing)


def _part_labels(row: PrintedRow) -> list[PrintedRow]:
    """A row for each label but the last: headings, or rows whose values are empty without a trace."""
    return [
        PrintedRow(row.table, row.row, (label,), (), (), row.above + row.labels[:i], "", ())
        for i, label in enumerate(row.labels[:-1])
    ]


def _cells_by_row(table: Table) -> list[tuple[list[Cell], list[Cell]]]:
    """For each row the cells that span into it from above, and its own, both from the left.

    They are kept apart since markup often says wrong spans: a row's own cells still follow one another.
    """
    rows: list[tuple[list[Cell], list[Cell]]] = [([], []) for _ in range(table.n_rows)]
    for cell in sorted(table.cells, key=attrgetter("column")):
        rows[cell.row][1].append(cell)
        if cell.row_end > cell.row + 1:
            for row in range(cell.row + 1, cell.row_end):
                rows[row][0].append(cell)
    return rows


def _drop_padding(rows: list[tuple[list[Cell], list[Cell]]]) -> list[tuple[list[Cell], list[Cell]]]:
    """Take off a last cell that is empty in every row: what stands behind the last column.

    Behind units stand the values, even where all of them are blank.
    """
    wide = [cells for _, cells in rows if len(cells) > 1]
    if len(wide) < MIN_PADDED_ROWS or any(cells[-1].text.strip() for cells in wide):
        return rows
    if 2 * sum(find_kind(cells[-2].text) is Kind.UNIT for cells in wide) > len(wide):
        return rows
    return [(spanning, cells[:-1] if len(cells) > 1 else cells) for spanning, cells in rows]


def _drop_ordinals(rows: list[tuple[list[Cell], list[Cell]]]) -> list[tuple[list[Cell], list[Cell]]]:
    """Take off the number of a row that stands apart from its label, on a line between two of the label.

    It goes on from the numbers before the labels above it, or is followed by those below.
    """
    starts = [_find_start(cells) for _, cells in rows]
    numbers = [number if labelled else None for number, labelled in starts]
    if len(numbers) - numbers.count(None) < MIN_NUMBERED:
        return rows
    last_before, next_after = _carry_on(numbers), _carry_on(numbers[::-1])[::-1]
    kept = []
    for (spanning, cells), (number, labelled), before, after in zip(rows, starts, last_before, next_after, strict=True):
        apart = number is not None and not labelled and not spanning and _counts_on(number, before, after)
        kept.append((spanning, cells[1:] if apart else cells))
    return kept


def _carry_on(numbers: Sequence[int | None]) -> list[int | None]:
    """At each place the last number up to it; `None` before the first."""
    carried: list[int | None] = []
    for number in numbers:
        carried.append(number if number is not None or not carried else carried[-1])
    return carried


def _find_start(cells: list[Cell]) -> tuple[int | None, bool]:
    """The integer that a row begins with and whether a label follows; no number where others stand in the row."""
    if not cells or not _INTEGER.fullmatch(cells[0].text):
        return None, False
    kinds = [find_kind(cell.text) for cell in cells[1:]]
    if kinds[:1] == [Kind.LABEL]:
        return int(cells[0].text), True
    return (int(cells[0].text), False) if {Kind.BLANK, Kind.UNIT}.issuperset(kinds) else (None, False)


def _counts_on(number: int, before: int | None, after: int | None) -> bool:
    """Whether a number goes on from that of the last labelled row before its place, or comes before the next.

    No row is numbered 0.
    """
    between = (before or 0) < number and (after is None or number < after)
    return between and (before == number - 1 or after == number + 1)


def _part_cells(cells: list[Cell]) -> list[Cell]:
    """The cells of a row; numbers and units on lines of their own are as many cells, of which tags were not closed."""
    if "\n" not in "".join([cell.text for cell in cells]):
        return cells
    parted: list[Cell] = []
    for cell in cells:
        pieces = cell.text.split("\n") if "\n" in cell.text else ()
        kinds = {find_kind(piece) for piece in pieces}
        if len(pieces) > 1 and Kind.VALUE in kinds and kinds <= {Kind.VALUE, Kind.UNIT}:
            parted += [replace(cell, text=piece) for piece in pieces]
        else:
            parted.append(cell)
    return parted


def _find_unit_columns(table: Table) -> frozenset[int]:
    """The columns in which most cells with print are units: on scans some of them are misread."""
    printed = Counter(cell.column for cell in table.cells if cell.text.strip())
    units = Counter(cell.column for cell in table.cells if find_kind(cell.text) is Kind.UNIT)
    return frozenset(column for column, count in units.items() if count >= MIN_UNITS and 2 * count > printed[column])


def _read_row(
    table: int,
    number: int,
    spanning: list[Cell],
    cells: list[Cell],
    above: tuple[Cell, ...],
    *,
    units: Collection[int],
) -> PrintedRow:
    cells = _part_cells(cells)
    kinds = [find_kind(cell.text) for cell in cells]
    if units:
        single = [cell.column in units and len(cell.text.strip()) == 1 for cell in cells]
        pairs = zip(single, kinds, strict=True)
        kinds = [Kind.UNIT if alone and kind is Kind.LABEL else kind for alone, kind in pairs]
    start, end = _find_value_run(kinds)
    labels = [cell for cell, kind in zip(cells, kinds[:start], strict=False) if kind is Kind.LABEL]
    fields, unit = cells[start:end], ""
    if Kind.UNIT in kinds:
        fields = [cell for cell, kind in zip(fields, kinds[start:end], strict=True) if kind is not Kind.UNIT]
        unit = "".join([cell.text for cell, kind in zip(cells, kinds, strict=True) if kind is Kind.UNIT])
    if spanning:
        reaching = [(cell, find_kind(cell.text)) for cell in spanning]
        labels = [cell for cell, kind in reaching if kind is Kind.LABEL] + labels
        fields = fields + [cell for cell, kind in reaching if kind is Kind.VALUE and not _NUMERAL.fullmatch(cell.text)]
        fields.sort(key=attrgetter("column"))
    return PrintedRow(
        table=table,
        row=number,
        labels=tuple(labels),
        fields=tuple(fields),
        filled=tuple([cell for cell in fields if cell.text.strip()]),
        above=above,
        unit=unit,
        trailing=tuple([cell for cell, kind in zip(cells[end:], kinds[end:], strict=True) if kind is Kind.LABEL]),
    )


def _find_value_run(kinds: list[Kind]) -> tuple[int, int]:
    """The stretch without labels that holds the most values: the last of equals, none before the first label."""
    if Kind.LABEL not in kinds:
        return 0, len(kinds)
    last = len(kinds) - 1 - kinds[::-1].index(Kind.LABEL)
    if Kind.VALUE not in kinds[:last] and Kind.ODD not in kinds[:last]:
        return last + 1, len(kinds)  # most rows: labels, then values
    ends = [index for index, kind in enumerate(kinds) if kind is Kind.LABEL]
    stretches = list(zip([0, *(end + 1 for end in ends)], [*ends, len(kinds)], strict=True))
    parts = [kinds[start:end] for start, end in stretches]
    counts = [part.count(Kind.VALUE) + part.count(Kind.ODD) for part in parts]
    places = kinds[:2] == [Kind.VALUE, Kind.LABEL] or any(a < b for a, b in stretches[1:])
    if places and (any(counts[1:]) or counts[0] <= MAX_BEFORE):
        counts[0] = 0  # before the first label stands a number of the row, no value
    best = max(counts)
    if best == 0:
        return stretches[-1]
    return next(s for s, count in zip(reversed(stretches), reversed(counts), strict=True) if count == best)
