"""Why a cell has its confidence: its candidates, its sums, its witnesses, and what each of them is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extraction.decoding import decode
from extraction.decoding_records import Record, list_candidates, list_facts, list_forms, list_numbers
from models.decoding import CellCandidates, Decoded, DecodedCell, Priors, Witness
from models.form import Form, Identity
from models.identity import Check, check_identities
from models.repair import Repair


@dataclass(frozen=True, slots=True)
class SumEffect:
    """A sum that a cell takes part in: its check, and the posterior of the printed value without it."""

    check: Check
    without: float


@dataclass(frozen=True, slots=True)
class WitnessEffect:
    """What is said elsewhere of a cell, and the posterior of the printed value without it."""

    witness: Witness
    without: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell of a record (as there), decoded anew from what the record keeps.

    `alone`: probability of its print by itself; `decoded`: its candidates with posteriors under all sums and witnesses.
    """

    cell: dict[str, Any]
    alone: float
    decoded: DecodedCell
    sums: tuple[SumEffect, ...]
    witnesses: tuple[WitnessEffect, ...]
    repairs: tuple[Repair, ...]
    method: str


def explain_cell(record: Record, field_id: str, *, priors: Priors) -> Explanation:
    """Decode the table of a cell with all that the record knows, and again without each of its ties.

    Raises `KeyError` where the record has no such cell.
    """
    cell = next((cell for cell in record.get("cells", ()) if cell["id"] == field_id), None)
    form = next((form for form in list_forms(record) if cell is not None and form.form_id == cell["form"]), None)
    if cell is None or form is None:
        raise KeyError(field_id)
    readings, facts = list_candidates(record, form), list_facts(record)
    full = decode(readings, form.identities, priors=priors, facts=facts)
    place = [f.field_id for f in form.fields].index(field_id)
    chosen = full.cells[place].chosen
    numbers = {field: number for field, (number, _) in list_numbers(record).items()}
    own = [identity for identity in form.identities if field_id in identity.fields]
    sums = [
        SumEffect(check, _judge(_decode_without(readings, form, identity, facts, priors), place, chosen))
        for identity, check in zip(own, check_identities(numbers, own), strict=True)
    ]
    said = [
        WitnessEffect(
            fact,
            _judge(
                decode(readings, form.identities, priors=priors, facts=[f for f in facts if f != fact]), place, chosen
            ),
        )
        for fact in facts
        if fact.field_id == field_id
    ]
    alone = decode(readings, (), priors=priors)
    return Explanation(
        cell=dict(cell),
        alone=_judge(alone, place, chosen),
        decoded=full.cells[place],
        sums=tuple(sums),
        witnesses=tuple(said),
        repairs=tuple(r for r in full.repairs if any(change.field_id == field_id for change in r.changes)),
        method=full.method.value,
    )


def _decode_without(
    readings: Sequence[CellCandidates],
    form: Form,
    identity: Identity,
    facts: Sequence[Witness],
    priors: Priors,
) -> Decoded:
    rest = [other for other in form.identities if other != identity]
    return decode(readings, rest, priors=priors, facts=facts)


def _judge(decoded: Decoded, place: int, chosen: int) -> float:
    return decoded.cells[place].posterior[chosen] if chosen >= 0 else 0.0
