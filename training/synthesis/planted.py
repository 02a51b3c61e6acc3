"""Reports of a planted kind, with wordings and an order of columns that no model has learned: `make_planted(…)`.

They show what learning from corrections gains: the truth of each cell also says which labels it is printed under.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.data_files import read_data
from models.form import Form, load_forms
from training.synthesis.choice import pick
from training.synthesis.content import make_report
from training.synthesis.grid_edits import change_texts, find_value_rows, insert_column, size_of
from training.synthesis.printed import PrintedReport, PrintedTable, RenderedReport
from training.synthesis.rendering import render_report
from training.synthesis.tables import lay_out, official_layout

KIND = Path(__file__).with_name("planted.yaml")
FIRST_YEAR = 2021  # the kind is of the forms in force
Labels = dict[str, dict[str, list[str]]]


@functools.cache
def load_kind() -> Mapping[str, Any]:
    """The layouts, wordings and orders of the kind."""
    return read_data(KIND)


def make_planted(index: int, *, seed: int, split: str) -> RenderedReport:
    """A document of the kind; `cells` of its truth have the labels printed for each: `printed`: {row, column}."""
    rng = random.Random(f"planted/{seed}/{split}/{index}")
    while True:
        report = make_report(rng, split=split, difficulty="clean")
        if report.truth["year"] >= FIRST_YEAR:
            break
    planted, labels = plant_kind(report)
    rendered = render_report(planted, rng, split=split, layout=pick(rng, load_kind()["layouts"]))
    cells = {
        field_id: truth | {"printed": labels[field_id]} if field_id in labels else truth
        for field_id, truth in rendered.truth["cells"].items()
    }
    name = {"source": f"planted-{index:05d}{rendered.suffix}", "synthetic": True, "cells": cells}
    return replace(rendered, truth=rendered.truth | name | {"layout": f"planted-{rendered.layout}"})


def plant_kind(report: PrintedReport) -> tuple[PrintedReport, Labels]:
    """The report with its statutory tables as the kind prints them, and the labels of every field."""
    forms = load_forms()
    blocks = tuple(
        _print_table(forms[block.form_id], block) if isinstance(block, PrintedTable) and block.form_id else block
        for block in report.blocks
    )
    labels: Labels = {}
    for block in blocks:
        if isinstance(block, PrintedTable):
            labels |= find_labels(block)
    return replace(report, blocks=blocks), labels


def _print_table(form: Form, table: PrintedTable) -> PrintedTable:
    """The table of a form with the columns in the order of the kind, a column of codes in front, and its wordings."""
    texts = {cell.field_id: cell.text for cell in table.cells if cell.field_id}
    layout = official_layout(form)
    order = load_kind()["orders"].get(form.family)
    if order is not None:
        layout = replace(layout, columns=(tuple(order),))
    wordings = load_kind()["wordings"].get(form.family, {})
    worded = change_texts(lay_out(form, layout, texts), lambda cell: wordings.get(cell.text.strip(), cell.text))
    if form.family != "requests":
        return worded
    lines = find_value_rows(worded)
    codes = [f"KX{lines.index(row) + 1:02d}" if row in lines else "" for row in range(size_of(worded)[0])]
    return insert_column(worded, 0, codes)


def find_labels(table: PrintedTable) -> Labels:
    """The labels left of and above each field, outermost first, as the table prints them."""
    headings = [cell for cell in table.cells if not cell.field_id and cell.text.strip()]
    fields = [cell for cell in table.cells if cell.field_id]
    labels: Labels = {}
    for cell in fields:
        left = [h for h in headings if h.row <= cell.row < h.row_end and h.column_end <= cell.column]
        above = [h for h in headings if h.column <= cell.column < h.column_end and h.row_end <= cell.row]
        last = max((h.row_end for h in above), default=0)
        near = [h for h in above if _is_heading_row(table, h.row)]
        labels[str(cell.field_id)] = {
            "row": [h.text.strip() for h in sorted(left, key=lambda h: h.column)],
            "column": [h.text.strip() for h in sorted(near, key=lambda h: h.row) if h.row < last],
        }
    return labels


def _is_heading_row(table: PrintedTable, row: int) -> bool:
    return not any(cell.field_id and cell.row <= row < cell.row_end for cell in table.cells)
