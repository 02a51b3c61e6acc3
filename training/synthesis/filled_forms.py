"""One statutory table of a report, from figures to print: `fill_form(rng, form, …)`."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from models.form import Block, Form
from models.numbers import State
from training.synthesis.figures import Numbers, describe_errors, plant_errors
from training.synthesis.printed import PrintedBlock, PrintedTable
from training.synthesis.printing import PLAIN, ValueStyle, draw_style, print_cells
from training.synthesis.tables import Layout, draw_layout, kin_of, lay_out, official_layout, split_disputes
from training.synthesis.unknowable import accept_states
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
    parts: tuple[PrintedBlock, ...]
    cells: Truth
    source_errors: tuple[dict[str, Any], ...]
    variations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variety:
    """How one form departs from the plain one: by chance, by named variations, in a given style of printing."""

    chances: Chances
    names: Sequence[str] = ()
    style: ValueStyle | None = None


def fill_form(
    rng: random.Random, form: Form, numbers: Mapping[str, Decimal], *, year: int, variety: Variety
) -> FilledForm:
    """Print the form with these numbers, with the variations that it allows."""
    chances, names = variety.chances, variety.names
    spoilt = plant_errors(rng, form, numbers, rng.choice((1, 1, 2))) if rng.random() < chances.error else {}
    style = variety.style or (PLAIN if spoilt else draw_style(rng, chances.style))
    layout = draw_layout(rng, form, year=year, chance=chances.layout) if chances.layout else official_layout(form)
    applied = list(style.names(form))
    for name in [name for name in names if name in LAYOUT_WEIGHTS]:
        before, layout = layout, vary_layout(rng, form, layout, name)
        applied += [name] if before != layout else []
    texts, cells = print_cells(rng, form, {**numbers, **spoilt}, style)
    cells = _accept_headings(form, layout, leave_out(form, layout, cells))
    tables = [lay_out(form, layout, texts)]
    if "disputes_split" in names and form.family == "disputes" and not layout.transposed:
        tables = list(split_disputes(form, layout, texts))
        applied.append("disputes_split")
    half_width = ["half_width_labels"] * (rng.random() < chances.half_width)
    parts: list[PrintedBlock] = []
    for table in tables:
        pieces, cells, done = _vary_table(rng, form, (table, cells), [*names, *half_width])
        parts += pieces
        applied += done
    errors = describe_errors(form, printed_numbers(cells), {cell: numbers[cell] for cell in spoilt})
    applied += ["source_error"] * bool(errors)
    return FilledForm(form, tuple(parts), cells, tuple(errors), tuple(dict.fromkeys(applied)))


def _accept_headings(form: Form, layout: Layout, cells: Truth) -> Truth:
    """A row that is left out while those under it are printed stands as their heading, with the mark of a heading."""
    if kin_of(form) != "statistics":
        return cells
    block = form.blocks[0]
    heads = {head for r in layout.rows[0] for head in block.rows[r].path[:-1]}
    accepted = accept_states((State.MARK.value, State.BLANK.value))  # the mark may stand for the unit alone
    printed = _find_headings(block, layout, heads)
    return {
        cell: truth | {"accept": [*truth.get("accept", ()), *accepted]} if cell in printed else truth
        for cell, truth in cells.items()
    }


def _find_headings(block: Block, layout: Layout, heads: set[str]) -> set[str]:
    """The fields of rows left out whose label begins as a heading that is printed."""
    left_out = (r for r in range(len(block.rows)) if r not in layout.rows[0])
    return {
        block.fields[r][0].field_id for r in left_out if any(block.rows[r].path[-1].startswith(head) for head in heads)
    }


def _vary_table(
    rng: random.Random, form: Form, laid_out: tuple[PrintedTable, Truth], names: Sequence[str]
) -> tuple[tuple[PrintedBlock, ...], Truth, list[str]]:
    """The pieces of a varied table, the truth, and which variations there are to be seen."""
    table, cells = laid_out
    applied = []
    for name in [name for name in (*TABLE_WEIGHTS, "half_width_labels") if name in names]:
        before = table
        table, cells = vary_table(rng, form, table, cells, name)
        applied += [name] if before != table else []
    torn = [name for name in TEAR_WEIGHTS if name in names][:1]
    pieces = tear_table(rng, form, table, torn[0]) if torn else (table,)
    return pieces, cells, applied + torn * (len(pieces) > 1)


def printed_numbers(cells: Truth) -> Numbers:
    """The cells that print a number, as numbers."""
    return {cell: Decimal(str(truth["value"])) for cell, truth in cells.items() if truth["state"] == State.NUMBER.value}


def fill_last_year(rng: random.Random, form: Form, numbers: Mapping[str, Decimal]) -> PrintedTable:
    """Last year's table of the form: the form's own, but none of its cells is a field of this report."""
    texts, _ = print_cells(rng, form, numbers, ValueStyle())
    table = lay_out(form, official_layout(form), texts)
    return replace(table, cells=tuple(replace(cell, field_id=None) for cell in table.cells))
