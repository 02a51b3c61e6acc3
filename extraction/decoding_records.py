"""Tables out of records as what decoding takes: candidates of cells, what sentences say, numbers of other years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from models.decoding import CellCandidates, Witness
from models.form import Form, load_forms
from models.numbers import State
from models.picture import Candidate

Record = Mapping[str, Any]
LEAST_SURE = 0.5  # of a fact that is taken for a witness


def list_forms(record: Record) -> Iterator[Form]:
    """The known forms of a record, in its order."""
    forms = load_forms()
    for form_id in dict.fromkeys(cell["form"] for cell in record.get("cells", ())):
        if form_id in forms:
            yield forms[form_id]


def list_candidates(record: Record, form: Form) -> list[CellCandidates]:
    """The candidates of every field of a form, as the record keeps them; else its value with its confidence."""
    cells = {cell["id"]: cell for cell in record.get("cells", ()) if cell["form"] == form.form_id}
    return [CellCandidates(field, _make_candidates(cells.get(field.field_id))) for field in form.fields]


def _make_candidates(cell: Mapping[str, Any] | None) -> tuple[Candidate, ...]:
    if cell is None or cell["state"] == State.MISSING.value:
        return ()
    if cell.get("candidates"):
        return tuple(Candidate(str(c["text"]), float(c["probability"])) for c in cell["candidates"])
    text = print_value(cell["value"]) if cell["state"] == State.NUMBER.value else cell["raw"] or ""
    return (Candidate(text, float(cell["confidence"])),)


def list_facts(record: Record) -> list[Witness]:
    """The facts that are tied to a cell, as witnesses of it."""
    return [
        Witness(fact["cell"], Decimal(str(fact["value"])), float(fact["confidence"]))
        for fact in record.get("facts", ())
        if fact.get("cell") and fact["confidence"] >= LEAST_SURE
    ]


def list_numbers(record: Record) -> dict[str, tuple[Decimal, float]]:
    """(number, confidence) of every cell that prints one, by field."""
    return {
        cell["id"]: (Decimal(str(cell["value"])), float(cell["confidence"]))
        for cell in record.get("cells", ())
        if cell["state"] == State.NUMBER.value
    }


def print_value(value: float) -> str:
    """A number of a record as it would be printed."""
    return format(Decimal(str(value)).normalize(), "f")
