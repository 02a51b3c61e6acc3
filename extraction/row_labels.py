"""What the label of a printed row may be: one cell, several joined, or one that goes on below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extraction.labels import fold_label
from extraction.rows import PrintedRow
from models.document import Cell
from models.form import Label

JOINED = 3  # a label may be broken into this many cells
# `一情形` begins with no ordinal.
_ORDINAL = re.compile(r"\s*(?:[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十\d]+\s*[、.．，,:：])")
_INNER = re.compile(r"\s*\d\s*[.．、，,]\s*[\u3400-\u9fff]{2}")
NEAR = 2  # rows
REPEATED = 8  # rows of headings repeated on the next page, and the rest of a label
MAX_LABELS = 3  # a row of more labels and no values is one of headings


def find_headings(row: PrintedRow) -> tuple[Cell, ...]:
    """The label cells above a row, and those of its own that cannot be its label."""
    return row.above + row.labels[:-1]


def last_label(row: PrintedRow) -> str:
    """The label next to the values; of a row without, that of the line before if it is no row of headings."""
    if row.labels:
        own = _list_own(row)
        headings = len(row.labels) > MAX_LABELS and not (row.fields and len(own) == 1)
        return "" if not row.filled and headings else (own or row.labels)[-1].text
    before = [cell for cell in row.above if cell.row == row.row - 1]
    return before[-1].text if 0 < len(before) <= 2 else ""


def list_labels(rows: Sequence[PrintedRow]) -> list[list[str]]:
    """For each row its label, and where it has values the others, which may be the row's own, as before a remark.

    Where the label is numbered within another, as 1. within （六）, the other is of several rows. A label next to
    places of its own that reaches down into the next rows by a wrong span is none of theirs.
    """
    leaves = {(row.table, own[-1].row, own[-1].column) for row in rows if row.fields and (own := _list_own(row))}
    labels = []
    for row in rows:
        label = last_label(row)
        alone = not row.filled or _INNER.match(label)
        reaching = [cell for cell in row.labels if cell.row < row.row and (row.table, cell.row, cell.column) in leaves]
        labels.append([label, *(cell.text for cell in row.labels if not alone and cell not in reaching)])
    return labels


def _list_own(row: PrintedRow) -> list[Cell]:
    """The labels that begin in this row: the others reach down from rows above."""
    return [cell for cell in row.labels if cell.row == row.row]


def find_broken(rows: Sequence[PrintedRow], likeness: Sequence[float], *, unsure: float, sure: float) -> list[int]:
    """The rows whose label may be broken: those like none, with values or a label of a form near them."""
    telling = [like > unsure or bool(row.filled) for like, row in zip(likeness, rows, strict=True)]
    return [i for i, like in enumerate(likeness) if like < sure and any(telling[max(0, i - NEAR) : i + NEAR + 1])]


def join_labels(row: PrintedRow, *, alone: bool) -> list[str]:
    """What the label is if it was broken into two or three cells, or goes on behind the values."""
    cells = row.labels if alone else row.above[-JOINED:] + row.labels
    texts = [cell.text for cell in cells]
    joined = ["".join(texts[-count:]) for count in range(2, min(JOINED, len(texts)) + 1)]
    if texts and _ORDINAL.match(texts[-1]):
        joined = []  # a second half has no number of its own
    if row.labels and row.trailing:
        joined.append(row.labels[-1].text + row.trailing[0].text)
    return joined


def count_values(row: PrintedRow) -> int:
    """How many values a row prints; one that exports repeat under a repeated heading is one."""
    texts = [cell.text for cell in row.filled]
    if len(texts) > 1 and len(set(texts)) == 1:
        above = [cell.text for cell in row.above]
        if any(above.count(text) >= len(texts) for text in set(above)):
            return 1
    return len(texts)


def find_values_below(rows: Sequence[PrintedRow], index: int, label: Label) -> int:
    """The row with the values of a label that has none: the next, where its own label is none or an outer one.

    A scrape that prints the label of a merged cell after the first label beside it parts that one from its values.
    """
    row, after = rows[index], rows[index + 1 : index + 2]
    if row.fields or not after or not after[0].filled or after[0].table != row.table:
        return index
    if not after[0].labels:
        return index + 1
    printed = fold_label(after[0].labels[-1].text).stem
    return index + 1 if printed in {fold_label(outer).stem for outer in label.path[:-1]} else index


def find_rest(rows: Sequence[PrintedRow], index: int) -> int:
    """The row without values in which the label of a row with values may go on, or `index` where there is none.

    It is the next one; of those behind a page break the last, since headings may be repeated before it. The table may
    have become another by the break.
    """
    row = rows[index]
    if not row.filled or not row.labels:
        return index
    rest = index
    for number, below in enumerate(rows[index + 1 : index + 1 + REPEATED], index + 1):
        if below.filled or below.table - row.table not in (0, 1) or not below.labels:
            break
        same_page = below.labels[-1].evidence.page == row.labels[-1].evidence.page
        if same_page and below.table != row.table:
            break
        if _ORDINAL.match(below.labels[-1].text):
            break
        rest = number
        if same_page:
            break
    return rest


def continue_label(rows: Sequence[PrintedRow], index: int) -> list[str]:
    """The label of a row with values and what stands below it in a row without."""
    rest = find_rest(rows, index)
    if rest == index:
        return []
    own, below = rows[index].labels[-1].text, rows[rest]
    return list(dict.fromkeys(own + label.text for label in (below.labels[0], below.labels[-1])))
