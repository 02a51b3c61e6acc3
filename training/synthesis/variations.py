"""What agencies do to the statutory tables, and how often: each variation gives a table and the truth it leaves."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.form import Form, load_forms
from training.synthesis import label_variations
from training.synthesis.grid_edits import (
    cut_rows,
    find_value_rows,
    insert_column,
    insert_row,
    size_of,
    stack,
    with_cells,
)
from training.synthesis.printed import Paragraph, PrintedBlock, PrintedCell, PrintedTable
from training.synthesis.printing import ZERO_MARKS, missing_truth, read_truth
from training.synthesis.report_kinds import find_extra_rows
from training.synthesis.tables import Layout, kin_of

Truth = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a report of one difficulty departs from the plain form."""

    count: tuple[int, ...]  # weights of 0, 1, 2, ... variations in a report
    style: float  # values not printed plainly
    layout: float  # a choice of layout that is not the official one
    error: float  # a form with a source error
    half_width: float
    missing_form: float  # a table left out altogether
    other_generation: float  # a form of 2019 in a report of 2021 on, or the reverse
    last_year: float  # last year's table below this year's
    no_tables: float  # a report of words only


CHANCES: Mapping[str, Chances] = {
    "clean": Chances((1,), 0.05, 0.0, 0.05, 0.1, 0.0, 0.0, 0.0, 0.0),
    "mixed": Chances((34, 28, 19, 12, 7), 0.25, 0.3, 0.12, 0.3, 0.04, 0.06, 0.03, 0.04),
    "hard": Chances((0, 10, 25, 25, 20, 12, 8), 0.5, 0.7, 0.25, 0.5, 0.1, 0.15, 0.12, 0.04),
}

# How often each variation is chosen among the others.
LAYOUT_WEIGHTS = {"rows_left_out": 8, "column_left_out": 2, "columns_permuted": 4, "rows_permuted": 2}
TABLE_WEIGHTS = {
    "aliases": 14, "misprints": 14, "explanations": 6, "cut_headings": 4, "renumbered": 6, "spaced_labels": 6,
    "label_shifted": 6, "headings_shifted": 3, "value_too_many": 5, "merged_value": 5, "extra_row": 8,
    "extra_column": 6, "double_headings": 3,
}  # fmt: skip
TEAR_WEIGHTS = {"torn": 8, "blocks_apart": 4, "disputes_split": 3}
REPEATED_HEADINGS = 0.25  # of the tables that are torn where a page ends
UNFIT_TOGETHER = (
    {"columns_permuted", "cut_headings"}, {"columns_permuted", "misprints"}, {"columns_permuted", "headings_shifted"},
    {"column_left_out", "cut_headings"}, {"column_left_out", "headings_shifted"}, {"column_left_out", "value_too_many"},
    {"columns_permuted", "value_too_many"}, {"columns_permuted", "double_headings"}, {"rows_permuted", "label_shifted"},
    {"headings_shifted", "value_too_many"}, {"columns_permuted", "column_left_out"}, {"rows_permuted", "misprints"},
)  # fmt: skip

EXTRA_ROWS = {
    "proactive": ("其他主动公开文件", "其他", "合计", "行政确认", "行政奖励", "行政裁决", "小计", "行政检查"),
    "requests": ("小计", "（八）其他", "其中：网上申请", "合计", "上年同期"),
    "disputes": ("上年", "同比增减", "合计"),
    "statistics": ("6.政府信息公开栏公开数", "其他", "5.其他申请数", "（四）其他", "小计"),
}
REMARKS = ("备注：", "备注：本表数据由各科室报送", "注：数据截至12月31日", "填表人：", "说明：无")


FITTING = {
    "rows_left_out": ("proactive", "requests", "statistics"),
    "column_left_out": ("requests",),
    "columns_permuted": ("proactive", "requests", "disputes"),
    "rows_permuted": ("proactive",),
    "label_shifted": ("requests",),
    "headings_shifted": ("disputes",),
    "value_too_many": ("disputes", "disputes", "requests"),
    "merged_value": ("requests", "requests", "disputes", "proactive"),
    "double_headings": ("proactive",),
    "blocks_apart": ("proactive",),
    "torn": ("proactive", "requests", "requests", "statistics"),
    "disputes_split": ("disputes",),
    "renumbered": ("requests", "statistics"),
    "cut_headings": ("proactive", "proactive", "requests", "disputes"),
}


def families_of(name: str) -> tuple[str, ...]:
    """The families of forms on which a variation shows; one may stand there twice, to be chosen more often."""
    return FITTING.get(name, ("proactive", "requests", "disputes", "statistics"))


def draw_names(rng: random.Random, chances: Chances) -> list[str]:
    """The variations of one report that go together."""
    count = rng.choices(range(len(chances.count)), chances.count)[0]
    weights = {**LAYOUT_WEIGHTS, **TABLE_WEIGHTS, **TEAR_WEIGHTS}
    names: list[str] = []
    for _ in range(count):
        name = rng.choices(list(weights), list(weights.values()))[0]
        if name not in names and not any(name in pair and pair & set(names) for pair in UNFIT_TOGETHER):
            names.append(name)
    return names


def vary_layout(rng: random.Random, form: Form, layout: Layout, name: str) -> Layout:
    """Rows or columns left out or in another order; the same layout where the form does not allow it."""
    match name, kin_of(form):
        case "rows_left_out", family if family != "disputes":
            kept = [
                (b, r) for b, r in form.rows if not form.blocks[b].fields[r][0].field_id.startswith("requests.other")
            ]
            share = rng.choice((1, 1, 2, 3, 5)) if rng.random() < 0.8 else len(kept) // 2
            lost = set(rng.sample(kept, min(share, len(kept) - 1)))
            return replace(
                layout, rows=tuple(tuple(r for r in rows if (b, r) not in lost) for b, rows in enumerate(layout.rows))
            )
        case "column_left_out", "requests" if len(layout.columns[0]) > 2:
            lost_column = rng.randrange(1, len(layout.columns[0]) - 1)
            return replace(layout, columns=(tuple(c for c in layout.columns[0] if c != lost_column),))
        case "columns_permuted", "requests" | "disputes" | "proactive":
            return replace(
                layout, columns=tuple(_permute(rng, form, b, columns) for b, columns in enumerate(layout.columns))
            )
        case "rows_permuted", "proactive":
            return replace(layout, rows=tuple(tuple(rng.sample(rows, len(rows))) for rows in layout.rows))
        case _:
            return layout


def _permute(rng: random.Random, form: Form, block: int, columns: tuple[int, ...]) -> tuple[int, ...]:
    """Columns in another order; those under one heading stay together."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for column in columns:
        path = form.blocks[block].columns[column].path
        groups.setdefault(path[:-1] or path, []).append(column)
    mixed = [rng.sample(group, len(group)) if rng.random() < 0.5 else group for group in groups.values()]
    if kin_of(form) in ("requests", "proactive"):
        rng.shuffle(mixed)
    return tuple(column for group in mixed for column in group)


def leave_out(form: Form, layout: Layout, cells: Truth) -> Truth:
    """The truth with everything missing that the layout leaves out."""
    printed = {
        form.blocks[b].fields[r][c].field_id
        for b, rows in enumerate(layout.rows)
        for r in rows
        for c in layout.columns[b]
    }
    return {cell: truth if cell in printed else missing_truth(form) for cell, truth in cells.items()}


def vary_table(
    rng: random.Random, form: Form, table: PrintedTable, cells: Truth, name: str
) -> tuple[PrintedTable, Truth]:
    """One variation of a table that is laid out; the same table where the form does not allow it."""
    if name in LABELS:
        return LABELS[name](rng, form, table), cells
    return TABLES[name](rng, form, table, cells)


def _shift_label(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """A label that stands in the place of the merged cell on its left, which ends there."""
    labels = [c for c in table.cells if not c.field_id and c.column and c.row in find_value_rows(table) and c.text]
    covers = {
        c: [s for s in table.cells if s.row < c.row < s.row_end and s.column_end <= c.column and not s.field_id]
        for c in labels
    }
    shiftable = [cell for cell in labels if covers[cell]]
    if not shiftable:
        return table, cells
    label = rng.choice(shiftable)
    target = rng.choice(covers[label])
    result = [cell for cell in table.cells if cell != label and cell not in covers[label]]
    result.append(replace(label, text=""))
    for cover in covers[label]:
        result.append(replace(cover, row_end=label.row))
        text = label.text if cover == target else ""
        result.append(replace(cover, text=text, row=label.row, row_end=label.row + 1))
        if cover.row_end > label.row + 1:
            result.append(replace(cover, text="", row=label.row + 1))
    return with_cells(table, result), cells


def _shift_headings(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """Headings that start one grid step late from some column on; the numbers stay."""
    if kin_of(form) != "disputes" or len(find_value_rows(table)) != 1:
        return table, cells
    first, (_, width) = find_value_rows(table)[0], size_of(table)
    starts = sorted({c.column for c in table.cells if c.row == 0 and c.column})
    if not starts:
        return table, cells
    start = rng.choice(starts)
    result = [
        replace(c, column=c.column + 1, column_end=c.column_end + 1) if c.row < first and c.column >= start else c
        for c in table.cells
    ]
    result.append(PrintedCell("", 0, start, first, start + 1))
    result.append(PrintedCell("", first, width, first + 1, width + 1))
    return with_cells(table, result), cells


def _add_value(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """One value more than there are headings, at the end of a row; it belongs to no cell."""
    if kin_of(form) not in ("disputes", "requests"):
        return table, cells
    height, width = size_of(table)
    row = rng.choice(find_value_rows(table))
    texts = [""] * height
    texts[row] = rng.choice([c.text for c in table.cells if c.row == row and c.field_id] + ["0"])
    return insert_column(table, width, texts), cells


def _merge_values(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """A row of nothing but zeros, blanks or marks printed as one value over the whole row."""
    rows = {row: [c for c in table.cells if c.row == row and c.field_id] for row in find_value_rows(table)}
    alike = [
        row for row in rows.values() if len(row) > 1 and len({c.text for c in row}) == 1 and _is_nothing(row[0].text)
    ]
    if not alike:
        return table, cells
    chosen = rng.choice(alike)
    text = chosen[0].text or rng.choice(("无", "/", ""))
    fields = {field.field_id: field for field in form.fields}
    truths = dict(cells)
    for place, cell in enumerate(chosen):
        truth = read_truth(fields[str(cell.field_id)], form, text)
        others = [
            {"state": state, "value": None} for state in ("blank", "missing") if place and state != truth["state"]
        ]
        truths[str(cell.field_id)] = truth | ({"accept": others} if others else {})
    merged = replace(chosen[0], text=text, column_end=max(c.column_end for c in chosen))
    return with_cells(table, [cell for cell in table.cells if cell not in chosen] + [merged]), truths


def _is_nothing(text: str) -> bool:
    return text.strip() in ("", "0", *ZERO_MARKS)


def _add_row(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """A row that the form does not have: a further kind, a subtotal, a remark."""
    height, width = size_of(table)
    if rng.random() < 0.3:
        return insert_row(table, height, [(rng.choice(REMARKS), width)]), cells
    rows = find_value_rows(table)
    above = rng.choice(rows)
    after = max(c.row_end for c in table.cells if c.row == above and c.field_id)
    values = sorted((c for c in table.cells if c.row == above and c.field_id), key=lambda cell: cell.column)
    left = max((c.column_end for c in table.cells if c.row < after < c.row_end and not c.field_id), default=0)
    if (
        len({c.row for c in values}) != 1
        or left >= values[0].column
        or any(a.column_end != b.column for a, b in itertools.pairwise(values))
    ):
        return table, cells
    copied = rng.random() < 0.4
    line = [(rng.choice(find_extra_rows(form.form_id) or EXTRA_ROWS[kin_of(form)]), values[0].column - left)]
    line += [
        (c.text if copied else rng.choice(("0", "0", "", str(rng.randint(0, 40)))), c.column_end - c.column)
        for c in values
    ]
    rest = width - sum(size for _, size in line) - left
    return insert_row(table, after, line + [("", 1)] * rest), cells


def _add_column(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """A column of remarks behind, of numerals in front, or of units."""
    height, width = size_of(table)
    rows = find_value_rows(table)
    match rng.choice(("remarks", "numerals", "units", "empty")):
        case "numerals":
            count = {row: str(place) for place, row in enumerate(rows, start=1)}
            return insert_column(
                table, 0, [count.get(row, "序号" if row == rows[0] - 1 else "") for row in range(height)]
            ), cells
        case "units" if kin_of(form) != "statistics":
            at = min(c.column for c in table.cells if c.field_id)
            return insert_column(
                table, at, ["件" if row in rows else "单位" if row == rows[0] - 1 else "" for row in range(height)]
            ), cells
        case "empty":
            return insert_column(table, width, [""] * height), cells
        case _:
            texts = [""] * height
            texts[0] = rng.choice(("备注", "说明", "备 注"))
            if rng.random() < 0.4:
                texts[rng.choice(rows)] = rng.choice(
                    ("含结转", "网上申请", "无", "见说明", "其中1件撤回", "均按期答复")
                )
            return insert_column(table, width, texts), cells


def _double_headings(rng: random.Random, form: Form, table: PrintedTable, cells: Truth) -> tuple[PrintedTable, Truth]:
    """Above a heading row the headings of the other generation of the form, as left over from a template."""
    others = [other for other in load_forms().values() if other.family == form.family and other != form]
    if form.family != "proactive" or not others:
        return table, cells
    heads = [c for c in table.cells if not c.field_id and c.column == 0 and c.text == form.blocks[0].corner]
    _, width = size_of(table)
    chosen = heads if rng.random() < 0.4 else heads[:1]
    for head in sorted(chosen, key=lambda cell: -cell.row):
        block = others[0].blocks[heads.index(head) % len(others[0].blocks)]
        names = [block.corner, *(column.leaf for column in block.columns)][:width]
        line = [(name, 1) for name in names[:-1]] + [(names[-1], width - len(names) + 1)]
        table = insert_row(table, head.row, line)
    return table, cells


def tear_table(rng: random.Random, form: Form, table: PrintedTable, name: str) -> tuple[PrintedBlock, ...]:
    """The table in fragments with something between them."""
    height, _ = size_of(table)
    rows = find_value_rows(table)
    section = form.section
    match name:
        case "torn" if len(rows) > 1:
            cuts = sorted(rng.sample(rows[1:], min(len(rows) - 1, rng.choice((1, 1, 2)))))
        case "blocks_apart" if kin_of(form) == "proactive" and (titles := _title_rows(table, form)):
            cuts = titles if rng.random() < 0.5 else titles[-1:]
        case _:
            return (table,)
    edges = [0, *cuts, height]
    repeats = kin_of(form) in ("requests", "statistics") and rng.random() < REPEATED_HEADINGS
    parts: list[PrintedBlock] = []
    for start, end in itertools.pairwise(edges):
        if parts and rng.random() < 0.6:
            parts.append(Paragraph(rng.choice(("", "", "", "（续表）", "续表", "（接上表）")), "caption", section))
        piece = cut_rows(table, start, end)
        parts.append(stack(cut_rows(table, 0, rows[0]), piece) if start and repeats else piece)
    return tuple(parts)


def _title_rows(table: PrintedTable, form: Form) -> list[int]:
    titles = {block.title for block in form.blocks}
    return [cell.row for cell in table.cells if cell.text in titles and cell.row > 1]


LABELS: Mapping[str, Callable[[random.Random, Form, PrintedTable], PrintedTable]] = {
    "aliases": label_variations.alias_labels,
    "misprints": label_variations.misprint_labels,
    "explanations": label_variations.explain_labels,
    "cut_headings": label_variations.cut_headings,
    "renumbered": label_variations.renumber_labels,
    "spaced_labels": label_variations.space_labels,
    "half_width_labels": label_variations.halve_punctuation,
}
TABLES: Mapping[str, Callable[[random.Random, Form, PrintedTable, Truth], tuple[PrintedTable, Truth]]] = {
    "label_shifted": _shift_label,
    "headings_shifted": _shift_headings,
    "value_too_many": _add_value,
    "merged_value": _merge_values,
    "extra_row": _add_row,
    "extra_column": _add_column,
    "double_headings": _double_headings,
}
