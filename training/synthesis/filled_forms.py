"""One statutory table of a report, from figures to print: `fill_form(rng, form, …)`."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from models.form import Form
from models.numbers import State
from training.synthesis.figures import Numbers, describe_errors, plant_errors
from training.synthesis.printed import Paragraph, PrintedTable
from training.synthesis.printing import PLAIN, ValueStyle, draw_style, print_cells
from training.synthesis.tables import draw_layout, lay_out, official_layout, split_disputes
from training.synthesis.variations import (
    LAYOUT_WEIGHTS,
    TABLE_WEIGHTS,
    TEAR_WEIGHTS,
    Chances,
    Truth,
    leave_out,
    tear_table,
    vary_layout,
    vary_table,
)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form as printed, in one part or more, with the truth of its fields."""

    form: Form
    parts: tuple[PrintedTable | Paragraph, ...]
    cells: Truth
    source_errors: tuple[dict[str, Any], ...]
    variations: tuple[str, ...]


def fill_form(
    rng: random.Random,
    form: Form,
    numbers: Mapping[str, Decimal],
    *,
    year: int,
    chances: Chances,
    names: Sequence[str],
) -> FilledForm:
    """Print the form with these numbers, with the variations in `names` that it allows."""
    spoilt = plant_errors(rng, form, numbers, rng.choice((1, 1, 2))) if rng.random() < chances.error else {}
    style = PLAIN if spoilt else draw_style(rng, chances.style)
    applied = list(style.names)
    layout = draw_layout(rng, form, year=year, chance=chances.layout) if chances.layout else official_layout(form)
    for name in (name for name in names if name in LAYOUT_WEIGHTS):
        varied = vary_layout(rng, form, layout, name)
        applied += [name] if varied != layout else []
        layout = varied
    texts, cells = print_cells(rng, form, {**numbers, **spoilt}, style)
    cells = leave_out(form, layout, cells)
    if "disputes_split" in names and form.family == "disputes" and not layout.transposed:
        tables: tuple[PrintedTable, ...] = split_disputes(form, layout, texts)
        applied.append("disputes_split")
    else:
        tables = (lay_out(form, layout, texts),)
    half_width = ["half_width_labels"] if rng.random() < chances.half_width else []
    parts: list[PrintedTable | Paragraph] = []
    for table in tables:
        for name in [name for name in TABLE_WEIGHTS if name in names] + half_width:
            varied_table, cells = vary_table(rng, form, table, cells, name)
            applied += [name] if varied_table != table else []
            table = varied_table
        torn = [name for name in TEAR_WEIGHTS if name in names][:1]
        pieces = tear_table(rng, form, table, torn[0]) if torn else (table,)
        applied += torn if len(pieces) > 1 else []
        parts += pieces
    errors = describe_errors(form, printed_numbers(cells), {cell: numbers[cell] for cell in spoilt})
    return FilledForm(form, tuple(parts), cells, tuple(errors), tuple(dict.fromkeys(applied + ["source_error"] * bool(errors))))


def printed_numbers(cells: Truth) -> Numbers:
    """The cells that print a number, as numbers."""
    return {
        cell: Decimal(str(truth["value"])) for cell, truth in cells.items() if truth["state"] == State.NUMBER.value
    }


def fill_last_year(rng: random.Random, form: Form, numbers: Mapping[str, Decimal], *, year: int) -> PrintedTable:
    """Last year's table of the form: the form's own, but none of its cells is a field of this report."""
    texts, _ = print_cells(rng, form, numbers, ValueStyle())
    table = lay_out(form, official_layout(form), texts)
    return replace(table, cells=tuple(replace(cell, field_id=None) for cell in table.cells))
