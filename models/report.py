"""What a reading of a document is: readings with evidence, confidence and a decision, sections, facts, findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.document import Evidence, Problem
from models.numbers import State
from models.quick import quicken
from models.repair import Repair

if TYPE_CHECKING:
    from models.picture import Candidate


@dataclass(frozen=True, slots=True)
class Decision:
    """Accept a reading or send it to review; `reasons` are short codes, listed in docs/record.md."""

    review: bool
    reasons: tuple[str, ...] = ()


@quicken
@dataclass(frozen=True, slots=True)
class Reading:
    """A filled field. `confidence` is the calibrated probability that state and value are both right.

    `candidates` are what may be printed in a cell of a scan, the most probable first.
    """

    field_id: str
    form_id: str
    state: State
    value: Decimal | None
    raw: str | None
    evidence: Evidence | None
    confidence: float
    decision: Decision
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedLabels:
    """The wording of a form's rows and columns as printed, each from the outermost heading; empty where not known."""

    rows: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A form found in the document; `tables` are its printed tables, counted from 1."""

    form_id: str
    tables: tuple[int, ...]
    pages: tuple[int, ...]
    confidence: float
    labels: PrintedLabels | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under one heading."""

    section_id: str
    title: str
    text: str
    confidence: float


@quicken
@dataclass(frozen=True, slots=True)
class Fact:
    """A number that a sentence says; `item` is its name in the contract, `None` for another kind.

    `field_id` is the cell that says the same, `rounded` whether the sentence says that the number is not exact,
    `confidence` the calibrated probability that item and value are both right.
    """

    item: str | None
    value: Decimal
    unit: str
    text: str
    field_id: str | None
    confidence: float
    evidence: Evidence | None = None
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """An identity that does not hold: `source` where the document itself does not add up, else `reading`."""

    identity_id: str
    fields: tuple[str, ...]
    left: Decimal | None
    right: Decimal | None
    kind: str
    relation: str = "="
    note: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a report says of itself; `None` where it does not say. Dates are ISO 8601."""

    title: str | None = None
    organization: str | None = None
    year: int | None = None
    index_number: str | None = None
    document_number: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One document, read. `policy`: what was promised of accepted cells, by which their threshold was set.

    `scanned_pages`: those that were read by their pixels.
    """

    path: str
    sha256: str
    media_type: str
    pages: int | None
    metadata: Metadata
    matches: tuple[FormMatch, ...]
    readings: tuple[Reading, ...]
    sections: tuple[Section, ...]
    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    models: dict[str, str] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()
    policy: dict[str, Any] = field(default_factory=dict)
    scanned_pages: tuple[int, ...] = ()
