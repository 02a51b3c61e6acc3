"""Numbers as agencies print them in a cell: `print_cells(rng, form, numbers, style)` with the truth of every cell."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.form import Field, Form
from models.numbers import State, parse_value, plain_number

FULL_WIDTH = str.maketrans("0123456789.-+", "０１２３４５６７８９．－＋")
ZERO_MARKS = ("/", "/", "/", "—", "—", "-", "-", "无", "——", "--", "\\", "－")
SIGNED = ("增{}", "减{}"), ("+{}", "-{}"), ("＋{}", "－{}"), ("增加{}", "减少{}"), ("+{}", "—{}"), ("{}", "－{}")


@dataclass(frozen=True, slots=True)
class ValueStyle:
    """How one table prints its numbers; `zero` replaces this share of the zeros (totals only with `totals`)."""

    zero: str = "0"
    zero_share: float = 1.0
    totals: bool = True
    totals_only: bool = False
    empty: bool = False
    thousands: bool = False
    full_width: bool = False
    counters: bool = False
    units: bool = False
    yuan: bool = False
    signs: tuple[str, str] = ("{}", "-{}")
    decimals: int | None = None
    padding: str = ""

    def names(self, form: Form) -> tuple[str, ...]:
        """What it does that a plain table of this form does not, for the record of variations."""
        plain = ValueStyle()
        flags = ["totals_only", "empty", "thousands", "full_width", "counters", "padding"]
        flags += ["units", "yuan", "decimals"] * any(field.kind == "decimal" for field in form.fields)
        flags += ["signs"] * any(field.field_id.endswith("items_change") for field in form.fields)
        changed = (name for name in flags if getattr(self, name) != getattr(plain, name))
        return tuple(filter(None, ({"0": "", "": "blank_zeros"}.get(self.zero, "mark_zeros"), *changed)))


PLAIN = ValueStyle()
EMPTY = ValueStyle(empty=True)


def draw_style(rng: random.Random, chance: float) -> ValueStyle:
    """A style of printing: plain but for `chance`."""
    signs = rng.choice(SIGNED) if rng.random() < 0.35 else PLAIN.signs
    if rng.random() >= chance:
        return ValueStyle(signs=signs)
    share = rng.choice((1.0, 1.0, 1.0, rng.uniform(0.05, 0.9)))
    totals = rng.random() < 0.5
    match rng.choices(("marks", "blanks", "totals", "numbers", "units"), (30, 30, 8, 20, 12))[0]:
        case "marks":
            return ValueStyle(rng.choice(ZERO_MARKS), share, totals, signs=signs)
        case "blanks":
            return ValueStyle("", share, totals, signs=signs)
        case "totals":
            return ValueStyle("", 1.0, totals=False, totals_only=rng.random() < 0.5, signs=signs)
        case "numbers":
            return ValueStyle(
                thousands=rng.random() < 0.5,
                full_width=rng.random() < 0.3,
                decimals=rng.choice((None, 2, 2, 1, 4, 6)),
                padding=rng.choice(("", "", " ", "　")),
                signs=signs,
            )
        case _:
            return ValueStyle(
                counters=rng.random() < 0.6, units=rng.random() < 0.7, yuan=rng.random() < 0.5, signs=signs
            )


def print_cells(
    rng: random.Random, form: Form, numbers: Mapping[str, Decimal], style: ValueStyle
) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """The print and the truth of every field of the form, by field id."""
    totals = {identity.right[0] for identity in form.identities if len(identity.right) == 1}
    texts = {
        field.field_id: _print_value(rng, field, numbers[field.field_id], style, total=field.field_id in totals)
        for field in form.fields
    }
    return texts, {field.field_id: read_truth(field, form, texts[field.field_id]) for field in form.fields}


def read_truth(field: Field, form: Form, text: str) -> dict[str, Any]:
    """The truth of a cell that prints `text`."""
    value = parse_value(text, unit=field.unit, kind=field.kind)
    return {"state": value.state.value, "value": plain_number(value.number), "raw": text.strip(), "form": form.form_id}


def missing_truth(form: Form) -> dict[str, Any]:
    """The truth of a cell that the table left out."""
    return {"state": State.MISSING.value, "value": None, "raw": None, "form": form.form_id}


def _print_value(rng: random.Random, field: Field, number: Decimal, style: ValueStyle, *, total: bool) -> str:
    if style.empty or (style.totals_only and not total):
        return ""
    if number == 0 and style.zero != "0" and (style.totals or not total) and rng.random() < style.zero_share:
        return style.zero
    text = _print_number(field, number, style)
    text = text.translate(FULL_WIDTH) if style.full_width else text
    read = parse_value(text, unit=field.unit, kind=field.kind)
    plain = format(number.normalize() if number else Decimal(0), "f")
    return (text if read.state is State.NUMBER and read.number == number else plain) + style.padding


def _print_number(field: Field, number: Decimal, style: ValueStyle) -> str:
    comma = "," if style.thousands else ""
    if field.kind == "decimal":
        if style.yuan and number:
            return f"{number * 10000:{comma}f}".rstrip("0").rstrip(".") + "元"
        places = max(0, -int(number.as_tuple().exponent))
        text = f"{number:{comma}.{max(places, style.decimals or 0)}f}"
        return text + ("万元" if style.units else "")
    size = f"{abs(int(number)):{comma}d}" + (field.unit if style.counters else "")
    if field.field_id.endswith("items_change") and number:
        return style.signs[number < 0].format(size)
    return f"-{size}" if number < 0 else size
