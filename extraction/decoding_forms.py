"""A mapped form as what decoding takes, and what decoding says of a form whose sums do not hold."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.checking import is_certain
from extraction.decoding import decode
from extraction.mapping import MappedForm
from models.decoding import CellCandidates, Priors, Witness
from models.numbers import State
from models.picture import Candidate
from models.repair import Repair
from models.report import Reading

MOST_SURE = 1 - 1e-6  # of a print that is read from characters


def make_candidates(mapped: MappedForm, readings: Sequence[Reading]) -> list[CellCandidates]:
    """Each field with its print as the only candidate; none where nothing is known.

    It is as probable as its confidence says, and sure where it can stand in no other place.
    """
    return [
        CellCandidates(cell.field, _make_candidate(reading, sure=is_certain(cell)))
        for cell, reading in zip(mapped.cells, readings, strict=True)
    ]


def _make_candidate(reading: Reading, *, sure: bool) -> tuple[Candidate, ...]:
    if reading.state is State.MISSING or (reading.state is State.UNREADABLE and reading.raw is None):
        return ()
    text = reading.raw or ""
    if reading.state is State.NUMBER and reading.value is not None:
        text = format(reading.value.normalize(), "f")  # a unit in the cell was honoured in the value
    return (Candidate(text, MOST_SURE if sure else min(reading.confidence, MOST_SURE)),)


def propose_repairs(
    mapped: MappedForm, readings: Sequence[Reading], *, priors: Priors, witnesses: Sequence[Witness] = ()
) -> tuple[Repair, ...]:
    """What would have to be other for the sums to hold, the probable first; the readings stay as they are.

    `witnesses` are what the sentences say of cells: they tell which of several cells is wrong where the sums cannot.
    """
    identities = mapped.match.form.identities
    return decode(make_candidates(mapped, readings), identities, priors=priors, facts=witnesses).repairs
