"""Corrections of people, as the review exports them: one JSON object a line, further keys left alone.

    {"document": "…", "source": "a.html", "sha256": "…", "form": "requests@2021", "field": "requests.new.total",
     "before": {"state": "number", "value": 3}, "after": {"state": "number", "value": 8},
     "row_labels": ["一、本年新收…"], "column_labels": ["总计"],
     "who": "…", "when": "2026-11-21T08:00:00Z", "seconds": 4.1, "models": {"cells": "…"}}

An answer that says what was read before is a confirmation, and as good an example.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.form import load_forms
from models.numbers import State

# Other names that exports use for the same.
NAMES = {
    "field": ("field", "id", "field_id", "cell"),
    "form": ("form", "form_id"),
    "source": ("source", "path", "document"),
    "sha256": ("sha256", "document_sha256", "hash"),
    "who": ("who", "person"),
    "when": ("when", "at"),
    "models": ("models", "model_versions"),
}


class CorrectionError(ValueError):
    """A file of corrections cannot be learned from."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell holds: a state, and a number where it is one."""

    state: str
    value: float | int | None


@dataclass(frozen=True, slots=True)
class Correction:
    """One answer of a person; the labels are those printed, outermost first, none where they were not written down."""

    document: str
    source: str
    sha256: str
    form: str
    field: str
    before: Value | None
    after: Value
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    who: str
    when: str
    seconds: float | None
    models: Mapping[str, str]

    @property
    def changed(self) -> bool:
        return self.before != self.after


def read_corrections(path: Path) -> list[Correction]:
    """The corrections of a file; of several on one cell of a document the last.

    Answers that say that a person is not sure (no state after) and those taken back (`retracted`) are left out.
    Raises `CorrectionError` with the line where one is no correction of a known field, or where there is none at all.
    """
    found: dict[tuple[str, str], Correction] = {}
    for number, row in _read_rows(path):
        try:
            after = _find_value(row, "after")
            if row.get("retracted") or after is None:
                continue
            correction = _make_correction(row, after)
        except (KeyError, TypeError, ValueError) as error:
            raise CorrectionError(f"{path.name}, line {number}: no correction: {error}") from error
        found[correction.document, correction.field] = correction
    if not found:
        raise CorrectionError(f"{path.name} holds no corrections")
    return list(found.values())


def hash_corrections(corrections: Sequence[Correction]) -> str:
    """The version of a set of corrections."""
    rows = sorted(f"{c.document}/{c.field}/{c.after}/{c.row_labels}/{c.column_labels}" for c in corrections)
    return hashlib.sha256("\n".join(rows).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorrectionError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CorrectionError(f"{path.name}, line {number}: no JSON: {error}") from error
        if not isinstance(row, dict):
            raise CorrectionError(f"{path.name}, line {number}: no object")
        yield number, row


def _make_correction(row: Mapping[str, Any], after: Value) -> Correction:
    field, form = str(_find(row, "field")), str(_find(row, "form"))
    known = load_forms().get(form)
    if known is None or field not in {f.field_id for f in known.fields}:
        raise ValueError(f"{form} has no field {field}")
    sha256, source = str(_find(row, "sha256") or ""), str(_find(row, "source") or "")
    if not (sha256 or source):
        raise ValueError("it names no document")
    seconds = row.get("seconds")
    return Correction(
        document=sha256 or source,
        source=source,
        sha256=sha256,
        form=form,
        field=field,
        before=_find_value(row, "before"),
        after=after,
        row_labels=_find_labels(row, "row"),
        column_labels=_find_labels(row, "column"),
        who=str(_find(row, "who") or ""),
        when=str(_find(row, "when") or ""),
        seconds=float(seconds) if seconds is not None else None,
        models={str(k): str(v) for k, v in (_find(row, "models") or {}).items()},
    )


def _find(row: Mapping[str, Any], name: str) -> Any:
    return next((row[key] for key in NAMES[name] if row.get(key) is not None), None)


def _find_value(row: Mapping[str, Any], side: str) -> Value | None:
    """`{"after": {"state": …, "value": …}}`, or `after_state` and `after_value`; `None` where there is no state."""
    given = row.get(side)
    if not isinstance(given, Mapping):
        given = {"state": row.get(f"{side}_state"), "value": row.get(f"{side}_value")}
    if given.get("state") is None:
        return None
    state, value = State(given["state"]), given.get("value")
    if (state is State.NUMBER) != (value is not None):
        raise ValueError(f"{side}: a number has a value, and nothing else has")
    return Value(state.value, None if value is None else _plain(value))


def _plain(value: Any) -> float | int:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number that can be printed")
    return int(number) if number == int(number) else number


def _find_labels(row: Mapping[str, Any], side: str) -> tuple[str, ...]:
    """`row_labels`, `row_label`, or `{"printed": {"row": […]}}`; a lone text is one label."""
    printed = row.get("printed")
    nested = printed.get(side) if isinstance(printed, Mapping) else None
    given = row.get(f"{side}_labels") or row.get(f"{side}_label") or nested or ()
    labels = [given] if isinstance(given, str) else list(given)
    return tuple(str(label).strip() for label in labels if str(label).strip())
