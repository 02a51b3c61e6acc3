"""The cells of a record as the contract gives them, checked and exact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.numbers import State

KNOWN = frozenset({"id", "form", "state", "value", "raw", "confidence", "review", "reasons", "evidence"})


@dataclass(frozen=True, slots=True)
class RecordCell:
    """One cell of a record; `extra` holds what the contract does not name, such as candidates."""

    form: str
    field: str
    position: int
    state: State
    value: Decimal | None
    raw: str | None
    confidence: float
    review: bool
    reasons: tuple[str, ...]
    evidence: Mapping[str, Any] | None
    extra: Mapping[str, Any] | None


def parse_record(line: str) -> dict[str, Any]:
    """A record from its line of JSON, decimals with the digits they were written with.

    Raises `ValueError` where the line is no record.
    """
    record = json.loads(line, parse_float=Decimal, parse_constant=_refuse)
    if not isinstance(record, dict) or not isinstance(record.get("source"), str):
        raise ValueError("no record: it names no source")
    return record


def parse_cells(record: Mapping[str, Any]) -> list[RecordCell]:
    """The cells of a record in its order; raises `ValueError` for one that the contract does not allow."""
    cells = [_parse_cell(cell, position) for position, cell in enumerate(record.get("cells") or ())]
    if len({(cell.form, cell.field) for cell in cells}) != len(cells):
        raise ValueError("a cell stands twice in the record")
    return cells


def parse_number(value: Any) -> Decimal | None:
    """A number of JSON as the decimal that is printed: of a float the shortest that is the same.

    Raises `ValueError` for what is no finite number.

    >>> parse_number(160.5964)
    Decimal('160.5964')
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"not a number: {value!r}")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"not a number: {value!r}")
    return number


def _parse_cell(cell: Mapping[str, Any], position: int) -> RecordCell:
    try:
        state, value = State(cell["state"]), parse_number(cell.get("value"))
        confidence = float(cell["confidence"])
        if (state is State.NUMBER) != (value is not None):
            raise ValueError(f"{cell['id']}: state {state.value} with value {value}")
        if not 0 <= confidence <= 1:
            raise ValueError(f"{cell['id']}: confidence {confidence}")
        return RecordCell(
            form=cell["form"],
            field=cell["id"],
            position=position,
            state=state,
            value=value,
            raw=cell.get("raw"),
            confidence=confidence,
            review=bool(cell["review"]),
            reasons=tuple(cell.get("reasons") or ()),
            evidence=cell.get("evidence"),
            extra={name: cell[name] for name in cell if name not in KNOWN} or None,
        )
    except KeyError as error:
        raise ValueError(f"a cell without {error}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"not a number: {constant}")
