"""Which cells of a record people are asked about, in which order, and which accepted ones they audit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.numbers import State
from review.record_cells import RecordCell

SETTLING = -2.0  # rank of a cell that alone may settle a broken identity; confidence, 0 to 1, is added
BROKEN = -1.0  # rank of other cells in a broken identity


@dataclass(frozen=True, slots=True)
class Question:
    """A cell to ask about. `position` orders the questions of a document as they stand on its pages.

    `stratum` and `chance` tell how an audit question was drawn; they are empty for one under review.
    """

    form: str
    field: str
    purpose: str
    rank: float
    position: int
    shown: str
    stratum: str | None = None
    chance: float | None = None


def find_questions(cells: Sequence[RecordCell], findings: Sequence[Mapping[str, Any]]) -> list[Question]:
    """Questions about the cells under review of one record; all carry the rank of the most useful of them.

    Most useful first: a cell under review that is alone in an identity that does not hold, whose answer may settle it;
    then others in such identities; then the least confident.
    """
    doubtful = {cell.field for cell in cells if cell.review}
    alone: set[str] = set()
    broken: set[str] = set()
    for finding in findings:
        asked = doubtful.intersection(finding.get("cells") or ())
        broken |= asked
        alone |= asked if len(asked) == 1 else set()
    ranks = {
        cell.field: cell.confidence + (SETTLING if cell.field in alone else BROKEN if cell.field in broken else 0.0)
        for cell in cells
        if cell.review
    }
    rank = min(ranks.values(), default=0.0)
    places = {id(cell): place for place, cell in enumerate(sorted(cells, key=_find_place))}
    return [
        Question(cell.form, cell.field, "review", rank, places[id(cell)], show_reading(cell.state, cell.value))
        for cell in cells
        if cell.review
    ]


def draw_audit(
    cells: Sequence[RecordCell], *, document: str, source_kind: str, rates: Mapping[str, float], seed: int
) -> list[Question]:
    """Accepted cells of one record drawn for the audit: each by its own chance, whatever its confidence.

    A Poisson sample by permanent random numbers (Brewer, Early and Joyce 1972; Ohlsson 1995): a number from the seed,
    the document and the field decides, so the same record gives the same sample, and a new version of it nearly so.
    The rank is that number over the chance: those answered first are a random sample too.
    """
    drawn = []
    for place, cell in enumerate(cells):
        stratum = find_stratum(cell.state, cell.value)
        chance = rates.get(stratum, 0.0)
        if cell.review or chance <= 0:
            continue
        number = find_lot(seed, document, cell.form, cell.field)
        if number < chance:
            shown = show_reading(cell.state, cell.value)
            name = f"{source_kind}/{stratum}"
            drawn.append(Question(cell.form, cell.field, "audit", number / chance, place, shown, name, chance))
    return drawn


def find_stratum(state: State, value: Decimal | None) -> str:
    """The stratum of a reading: `zero`, `digit` (1 to 9), `number` or `empty`.

    >>> find_stratum(State.NUMBER, Decimal("12"))
    'number'
    """
    if state is not State.NUMBER or value is None:
        return "empty"
    if value == 0:
        return "zero"
    return "digit" if value in _DIGITS else "number"


def find_lot(seed: int, *names: str) -> float:
    """A number from 0 up to 1 that seems random, the same for the same seed and names."""
    text = "\0".join((str(seed), *names)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) / 2**64


def show_reading(state: State, value: Decimal | None) -> str:
    """State and value as one word, by which equal readings are grouped.

    >>> show_reading(State.NUMBER, Decimal("12.50"))
    'number 12.50'
    """
    return state.value if value is None else f"{state.value} {value:f}"


def _find_place(cell: RecordCell) -> tuple[int, int]:
    """Pages in order, and on a page the cells as the form has them; what has no page comes last."""
    page = (cell.evidence or {}).get("page")
    return (page if isinstance(page, int) else 10**9, cell.position)


_DIGITS = frozenset(Decimal(digit) for digit in range(1, 10))
