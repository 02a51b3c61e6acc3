"""A mapped form as what decoding takes, and what decoding says of its cells and of sums that do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.checking import is_certain
from extraction.decoding import PREFERRED, decode
from extraction.mapping import MappedCell, MappedForm
from models.decoding import CellCandidates, DecodedCell, Priors, Witness
from models.numbers import State, Value, parse_value
from models.picture import Candidate
from models.repair import Repair
from models.report import Reading

MOST_SURE = 1 - 1e-6  # of a print that is read from characters
ONE_WITNESS = 0.9  # of print on a scan that the reader of pages alone has seen
AS_READ = frozenset({"lost", "merged", "inferred", "missing"})  # what is in these cells is not told by their picture


def decode_scanned(mapped: MappedForm, *, priors: Priors) -> MappedForm:
    """A form on scans with its cells decoded: posteriors of what may stand in them, and the candidate chosen by them.

    Another candidate than the picture's first is taken only where the picture supports it and the sums tell
    (`decoding.PREFERRED`); a number that no picture shows is never a value.
    """
    candidates = [CellCandidates(cell.field, list_pictured(cell)) for cell in mapped.cells]
    decoded = decode(candidates, mapped.match.form.identities, priors=priors)
    cells = tuple(map(_take_choice, mapped.cells, decoded.cells))
    return replace(mapped, cells=cells)


def list_pictured(cell: MappedCell) -> tuple[Candidate, ...]:
    """What may stand in a cell of a scan; none where nothing is known of it."""
    if _is_pictured(cell) and cell.seen is not None:
        return cell.seen.candidates
    text = _write_value(cell.value, cell.raw)
    return () if text is None else (Candidate(text, ONE_WITNESS),)


def _is_pictured(cell: MappedCell) -> bool:
    """Whether the value of a cell is told by its picture alone, and not by its heading or by its neighbours."""
    if cell.seen is None or not cell.seen.candidates or cell.how in AS_READ or cell.unit_from_heading:
        return False
    shown = [parse_value(c.text, unit=cell.field.unit, kind=cell.field.kind) for c in cell.seen.candidates]
    return cell.value.state is State.UNREADABLE or any(_is_same(value, cell.value) for value in shown)


def _take_choice(cell: MappedCell, decoded: DecodedCell) -> MappedCell:
    """The cell with its posteriors, and with the candidate chosen where that says something else."""
    text = decoded.text
    if text is None or not _is_pictured(cell) or decoded.confidence < PREFERRED or not decoded.tied:
        return replace(cell, decoded=decoded)
    value = parse_value(text, unit=cell.field.unit, kind=cell.field.kind)
    if value.state is State.UNREADABLE or _is_same(value, cell.value):
        return replace(cell, decoded=decoded)
    return replace(cell, value=value, raw=text if value.state is not State.BLANK else None, decoded=decoded)


def _is_same(value: Value, other: Value) -> bool:
    return (value.state, value.number) == (other.state, other.number)


def make_candidates(mapped: MappedForm, readings: Sequence[Reading]) -> list[CellCandidates]:
    """Each field with what may be printed; none where nothing is known.

    On scans these are the candidates of its picture; else its print is the only candidate, as probable as its
    confidence says, and sure where it can stand in no other place.
    """
    return [
        CellCandidates(cell.field, list_pictured(cell) if mapped.scanned else _make_candidate(cell, reading))
        for cell, reading in zip(mapped.cells, readings, strict=True)
    ]


def _make_candidate(cell: MappedCell, reading: Reading) -> tuple[Candidate, ...]:
    text = _write_value(cell.value, reading.raw)
    sure = MOST_SURE if is_certain(cell) else min(reading.confidence, MOST_SURE)
    return () if text is None else (Candidate(text, sure),)


def _write_value(value: Value, raw: str | None) -> str | None:
    """The print of a value; `None` where nothing is known of it."""
    if value.state is State.MISSING or (value.state is State.UNREADABLE and raw is None):
        return None
    if value.state is State.NUMBER and value.number is not None:
        return format(value.number.normalize(), "f")  # a unit in the cell was honoured in the value
    return raw or ""


def propose_repairs(
    mapped: MappedForm, readings: Sequence[Reading], *, priors: Priors, witnesses: Sequence[Witness] = ()
) -> tuple[Repair, ...]:
    """What would have to be other for the sums to hold, the probable first; the readings stay as they are.

    `witnesses` are what the sentences say of cells: they tell which of several cells is wrong where the sums cannot.
    """
    identities = mapped.match.form.identities
    return decode(make_candidates(mapped, readings), identities, priors=priors, facts=witnesses).repairs
