"""A part of the installation, as `gouji doctor` tells of it."""

from __future__ import annotations

from dataclasses import dataclass

OK, NOTE, MISSING, WRONG = "ok", "note", "missing", "wrong"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `state` is ok, note, missing or wrong; `means` says what follows where it is not ok."""

    name: str
    group: str
    state: str
    detail: str
    means: str = ""
    needed: bool = False
