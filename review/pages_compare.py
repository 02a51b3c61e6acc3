"""Two years of an agency side by side: cells that changed, and text that was taken over from the year before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from models.form import Field, load_forms

SPAN = 12  # characters in a row that are also in the other text; shorter turns of phrase are the trade's


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of text; `repeated` where it stands in the other text too."""

    text: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Repetition:
    """A text in stretches, and the share of its characters (blanks not counted) that are repeated."""

    stretches: tuple[Stretch, ...]
    share: float


@dataclass(frozen=True, slots=True)
class PairedCell:
    """A field in two years; `change` is later less earlier where both are numbers."""

    field: Field
    earlier: Mapping[str, Any] | None
    later: Mapping[str, Any] | None
    change: Decimal | None
    differs: bool


def find_repetition(text: str, other: str, *, span: int = SPAN) -> Repetition:
    """Mark what of a text stands in another: every run of `span` characters that occurs there, blanks left aside.

    >>> find_repetition("加强组织领导健全工作机制。新增二件。", "去年加强组织领导健全工作机制。", span=6).share > 0.5
    True
    """
    letters = [(index, char) for index, char in enumerate(text) if not char.isspace()]
    dense = "".join(char for _, char in letters)
    known = "".join(other.split())
    grams = {known[i : i + span] for i in range(len(known) - span + 1)}
    repeated = bytearray(len(dense))
    for i in range(len(dense) - span + 1):
        if dense[i : i + span] in grams:
            repeated[i : i + span] = b"\1" * span
    flags = bytearray(len(text))
    for (index, _), flag in zip(letters, repeated, strict=True):
        flags[index] = flag
    return Repetition(_cut_stretches(text, flags), sum(repeated) / len(dense) if dense else 0.0)


def _cut_stretches(text: str, flags: bytearray) -> tuple[Stretch, ...]:
    """Blanks go with what stands before them."""
    stretches: list[Stretch] = []
    start = 0
    current = bool(flags[0]) if text else False
    for index, char in enumerate(text):
        if not char.isspace() and bool(flags[index]) != current:
            stretches.append(Stretch(text[start:index], current))
            start, current = index, not current
    if text:
        stretches.append(Stretch(text[start:], current))
    return tuple(stretch for stretch in stretches if stretch.text)


def pair_cells(earlier: Iterable[Mapping[str, Any]], later: Iterable[Mapping[str, Any]]) -> list[PairedCell]:
    """The fields of both years in the order of the forms; a field of one generation of a form pairs with its like.

    Cells are mappings with `id`, `form`, `state` and `value` (text).
    """
    before = {cell["id"]: cell for cell in earlier}
    after = {cell["id"]: cell for cell in later}
    fields: dict[str, Field] = {}
    for cell in (*after.values(), *before.values()):
        form = load_forms().get(cell["form"])
        for field in form.fields if form else ():
            if field.field_id in before or field.field_id in after:
                fields.setdefault(field.field_id, field)
    return [_pair(field, before.get(field_id), after.get(field_id)) for field_id, field in fields.items()]


def _pair(field: Field, earlier: Mapping[str, Any] | None, later: Mapping[str, Any] | None) -> PairedCell:
    numbers = [_read_number(cell) for cell in (earlier, later)]
    change = None if numbers[0] is None or numbers[1] is None else numbers[1] - numbers[0]
    if change is not None:
        return PairedCell(field, earlier, later, change, change != 0)
    states = [cell["state"] if cell else None for cell in (earlier, later)]
    return PairedCell(field, earlier, later, None, states[0] != states[1])


def _read_number(cell: Mapping[str, Any] | None) -> Decimal | None:
    if cell is None or cell["state"] != "number" or cell["value"] is None:
        return None
    try:
        return Decimal(str(cell["value"]))
    except InvalidOperation:
        return None


def pair_sections(
    earlier: Sequence[Mapping[str, Any]], later: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Repetition]]:
    """The sections of the later report with what they repeat of the whole earlier one, by section id."""
    old = "\n".join(section["text"] for section in earlier)
    return [(section["id"], find_repetition(section["text"], old)) for section in later if section["text"].strip()]
