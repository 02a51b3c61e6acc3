"""Proposals to a person: which cells would have to be other numbers for the sums of a table to hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.numbers import plain_number


class Cause(StrEnum):
    """Why a number is not the one that the sums need: misread here, or misprinted by the agency."""

    READING = "reading"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that would have to be another number; `supported`: the picture itself allows it (a candidate)."""

    field_id: str
    printed: Decimal | None
    implied: Decimal
    cause: Cause
    supported: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposal to a person, never applied: changes that make sums hold, with the probability that they are it all."""

    changes: tuple[Change, ...]
    probability: float
    settles: tuple[str, ...]
    reason: str


def make_repair_entry(repair: Repair) -> dict[str, Any]:
    """A repair as the record prints it."""
    return {
        "changes": [
            {
                "id": change.field_id,
                "printed": plain_number(change.printed),
                "implied": plain_number(change.implied),
                "cause": change.cause.value,
                "supported": change.supported,
            }
            for change in repair.changes
        ],
        "probability": round(repair.probability, 4),
        "settles": list(repair.settles),
        "reason": repair.reason,
    }
