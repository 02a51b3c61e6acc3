"""Kinds of reports with forms of one's own, as files tell the generator of them: `load_report_kinds()`."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.data_files import read_data
from models.form import OWN_FORMS, load_forms

FOLDER = "reports"  # below the folder of the forms
ONLY = "GOUJI_REPORTS"  # the setting that names the kinds to make, and no other documents
DEFAULT_SHARE = 0.2
DEFAULT_SIZE = (2.5, 0.4)
_NEEDED = ("report", "years", "titles", "parts")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a report: wordings of its heading, its form if it has one, what stands above it, its sentences."""

    headings: tuple[str, ...]
    form_id: str | None
    captions: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report: the share of the documents that are of it, and what they say.

    `sizes` gives (top, zero) of the figures by family and key, as `draw_count` takes them. `replaces` names documents
    of documents.yaml that are of this kind.
    """

    name: str
    share: float
    years: tuple[int, int]
    replaces: frozenset[str]
    titles: tuple[str, ...]
    opening: tuple[str, ...]
    parts: tuple[Part, ...]
    sizes: Mapping[str, tuple[float, float]]
    extra_rows: tuple[str, ...]

    def find_size(self, field_id: str) -> tuple[float, float]:
        """The size of the longest key that a field id begins with."""
        words = field_id.split(".")
        keys = (".".join(words[:count]) for count in range(len(words), 0, -1))
        return next((self.sizes[key] for key in keys if key in self.sizes), DEFAULT_SIZE)


def load_report_kinds() -> tuple[ReportKind, ...]:
    """The kinds of the folder `GOUJI_FORMS`, those that `GOUJI_REPORTS` names where it names some.

    Raises `ValueError` where a file is none, or a kind is named that there is not.
    """
    kinds = _load_kinds(os.environ.get(OWN_FORMS, ""))
    named = [name for name in os.environ.get(ONLY, "").split(",") if name]
    if unknown := set(named) - {kind.name for kind in kinds}:
        known = ", ".join(kind.name for kind in kinds) or f"none; {OWN_FORMS} names their folder"
        raise ValueError(f"there is no kind of report {', '.join(sorted(unknown))}: known are {known}")
    return tuple(replace(kind, share=1 / len(named)) for kind in kinds if kind.name in named) if named else kinds


def find_extra_rows(form_id: str) -> tuple[str, ...]:
    """Labels of rows that agencies add to an own form; none for the forms that ship."""
    kinds = _load_kinds(os.environ.get(OWN_FORMS, ""))
    return next((kind.extra_rows for kind in kinds for part in kind.parts if part.form_id == form_id), ())


@functools.cache
def _load_kinds(folder: str) -> tuple[ReportKind, ...]:
    paths = sorted((Path(folder) / FOLDER).glob("*.yaml")) if folder else []
    return tuple(load_report_kind(path) for path in paths)


def load_report_kind(path: Path) -> ReportKind:
    """Read one kind from its file; raises `ValueError`, which names the file, where it is none."""
    data = read_data(path)
    for problem in _find_problems(data):
        raise ValueError(f"{path.name}: {problem}")
    return ReportKind(
        name=data["report"],
        share=float(data.get("share", DEFAULT_SHARE)),
        years=(data["years"][0], data["years"][1]),
        replaces=frozenset(data.get("replaces", ())),
        titles=tuple(data["titles"]),
        opening=_split_lines(data.get("opening")),
        parts=tuple(
            Part(
                headings=tuple(part["headings"]),
                form_id=part.get("form"),
                captions=tuple(part.get("captions", ())),
                lines=_split_lines(part.get("lines")),
            )
            for part in data["parts"]
        ),
        sizes={key: (float(top), float(zero)) for key, (top, zero) in data.get("figures", {}).items()},
        extra_rows=tuple(data.get("extra_rows", ())),
    )


def _split_lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _find_problems(data: Mapping[str, Any]) -> Iterator[str]:
    if missing := [key for key in _NEEDED if not data.get(key)]:
        yield f"{', '.join(missing)} is missing"
    if not 0 < float(data.get("share", DEFAULT_SHARE)) <= 1:
        yield "share is over 0 and at most 1"
    if not _is_pair(data["years"], int) or data["years"][0] > data["years"][1]:
        yield "years is [first, last], two whole numbers"
    if not _is_texts(data["titles"]) or not _is_texts(data.get("extra_rows", [])):
        yield "titles and extra_rows are lists of texts"
    known = load_forms()
    for number, part in enumerate(data["parts"], 1):
        if not isinstance(part, dict) or not part.get("headings") or not _is_texts(part["headings"]):
            yield f"part {number} has no list of headings"
        elif part.get("form") not in (None, *known):
            yield f"part {number}: there is no form {part['form']}"
    for key, size in (data.get("figures") or {}).items():
        if not _is_pair(size, (int, float)):
            yield f"figures: {key} is [top, zero], two numbers"


def _is_pair(value: Any, kind: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(item, kind) for item in value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(text, str) for text in value)
