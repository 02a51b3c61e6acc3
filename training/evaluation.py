"""How right the records of documents are, against the truth that stands beside them.

What these figures do not show: documents unlike those measured. Figures on synthetic and on real documents are
printed apart and never added up.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.source_kinds import find_source_kind
from training.measures import find_auroc, find_caught, find_risk_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

from extraction.facts.ties import PREFIX as FACT_IDENTITIES
from training.fact_evaluation import FactVerdict, judge_facts, measure_facts

TRUTH_SUFFIX = ".truth.json"
CALIBRATION_BINS = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0)


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """One cell against its truth; `absent` where the record does not have it at all.

    `placed` is whether its box lies where the truth has it, `None` where one of them has no box.
    """

    field_id: str
    form: str
    right: bool
    accepted: bool
    non_zero: bool
    confidence: float
    kind: str
    absent: bool = False
    placed: bool | None = None


@dataclass(frozen=True, slots=True)
class DocumentVerdict:
    """One document against its truth.

    `source_kind` is what it was read from (text, html, word, pdf, scan), `level` how worn a scan is, or `digital`.
    """

    name: str
    layout: str
    source_kind: str
    level: str
    synthetic: bool
    error: str | None
    cells: tuple[CellVerdict, ...]
    extra_cells: int
    forms_expected: frozenset[str]
    forms_found: frozenset[str]
    sections_right: bool | None
    year_right: bool | None
    organization_right: bool | None
    findings_missed: int
    findings_invented: int
    sentences_at_odds_invented: int = 0
    facts: FactVerdict | None = None


@dataclass(slots=True)
class Tally:
    """Counts over cells, added up by group."""

    cells: int = 0
    right: int = 0
    non_zero: int = 0
    non_zero_right: int = 0
    accepted: int = 0
    silent: int = 0
    reviewed: int = 0
    boxes: int = 0
    boxes_right: int = 0

    def add(self, cell: CellVerdict) -> None:
        """Count one cell."""
        self.cells += 1
        self.right += cell.right
        self.non_zero += cell.non_zero
        self.non_zero_right += cell.non_zero and cell.right
        self.accepted += cell.accepted
        self.silent += cell.accepted and not cell.right
        self.reviewed += not cell.accepted
        self.boxes += cell.placed is not None
        self.boxes_right += cell.placed is True

    def measures(self) -> dict[str, float | int | None]:
        """Shares of the counts; `None` where there is nothing to divide by; boxes only where there are any."""
        boxes = {"boxes": self.boxes, "boxes_right": _share(self.boxes_right, self.boxes)} if self.boxes else {}
        return {
            "cells": self.cells,
            "accuracy": _share(self.right, self.cells),
            "non_zero_cells": self.non_zero,
            "non_zero_accuracy": _share(self.non_zero_right, self.non_zero),
            "accepted": self.accepted,
            "silent_errors": self.silent,
            "silent_error_rate": _share(self.silent, self.accepted),
            "review_rate": _share(self.reviewed, self.cells),
            **boxes,
        }


@dataclass(slots=True)
class Evaluation:
    """The measures of a set of documents."""

    documents: list[DocumentVerdict] = field(default_factory=list)

    @property
    def cells(self) -> list[CellVerdict]:
        """The cells of all documents."""
        return [cell for document in self.documents for cell in document.cells]

    def measures(self) -> dict[str, Any]:
        """Every figure, overall and by form, kind of value, layout, source and level."""
        expected = sum(len(d.forms_expected) for d in self.documents)
        found = sum(len(d.forms_expected & d.forms_found) for d in self.documents)
        return {
            "documents": len(self.documents),
            "synthetic_documents": sum(d.synthetic for d in self.documents),
            "errors": sum(d.error is not None for d in self.documents),
            **measure_cells(self.cells),
            "extra_cells": sum(d.extra_cells for d in self.documents),
            "forms_expected": expected,
            "forms_found": _share(found, expected),
            "forms_invented": sum(len(d.forms_found - d.forms_expected) for d in self.documents),
            "sections_right": _mean(d.sections_right for d in self.documents),
            "year_right": _mean(d.year_right for d in self.documents),
            "organization_right": _mean(d.organization_right for d in self.documents),
            "findings_missed": sum(d.findings_missed for d in self.documents),
            "findings_invented": sum(d.findings_invented for d in self.documents),
            "sentences_at_odds_invented": sum(d.sentences_at_odds_invented for d in self.documents),
            **rank_cells(self.cells),
            "calibration": _calibration_table(self.cells),
            **{f"by_{name}": self._measure_groups(group) for name, group in GROUPS.items()},
            "facts": measure_facts((document.layout, document.facts) for document in self.documents),
        }

    def _measure_groups(self, group: Group) -> dict[str, dict[str, Any]]:
        cells: dict[str, list[CellVerdict]] = {}
        for document in self.documents:
            for cell in document.cells:
                cells.setdefault(group(document, cell), []).append(cell)
        return {name: measure_cells(inside) for name, inside in sorted(cells.items())}


Group = Callable[[DocumentVerdict, CellVerdict], str]
GROUPS: Mapping[str, Group] = {
    "form": lambda document, cell: cell.form,
    "kind": lambda document, cell: cell.kind,
    "layout": lambda document, cell: document.layout,
    "source": lambda document, cell: document.source_kind,
    "level": lambda document, cell: document.level,
}


def measure_cells(cells: Sequence[CellVerdict]) -> dict[str, Any]:
    """Counts and shares of cells, their calibration error, and how well confidence tells the right ones (AUROC)."""
    tally = Tally()
    for cell in cells:
        tally.add(cell)
    auroc = find_auroc(*list_confidences(cells))
    return tally.measures() | {"calibration_error": _calibration_error(cells), "auroc": auroc}


def rank_cells(cells: Sequence[CellVerdict]) -> dict[str, Any]:
    """The area under the risk-coverage curve, and the share of the wrong cells in the least confident shares of all."""
    confidences, right = list_confidences(cells)
    return {"risk_area": find_risk_area(confidences, right), "errors_caught": find_caught(confidences, right)}


def list_confidences(cells: Sequence[CellVerdict]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidence and whether right, both of shape (n_cells,); a cell that the record does not have has none: 0."""
    return np.array([cell.confidence for cell in cells], dtype=np.float64), np.array(
        [cell.right for cell in cells], dtype=np.bool_
    )


def find_truths(folder: Path) -> Iterator[tuple[Path, Path]]:
    """(document, truth) of every document below a folder that has a truth file beside it, in order of names."""
    for truth in sorted(folder.rglob(f"*{TRUTH_SUFFIX}")):
        stem = truth.name[: -len(TRUTH_SUFFIX)]
        source = json.loads(truth.read_text("utf-8")).get("source")
        named = truth.parent / Path(source).name if source else None
        if named is not None and named.is_file():
            yield named, truth
            continue
        siblings = [path for path in sorted(truth.parent.glob(f"{stem}.*")) if path != truth and path.stem == stem]
        yield from ((path, truth) for path in siblings[:1])


def judge_record(record: Mapping[str, Any], truth: Mapping[str, Any]) -> DocumentVerdict:
    """Compare a record with the truth of its document; cells are right when state and value are."""
    printed = {cell["id"]: cell for cell in record.get("cells", ())}
    verdicts = tuple(_judge_cell(i, expected, printed.get(i), truth) for i, expected in truth["cells"].items())
    return DocumentVerdict(
        name=str(record["source"]),
        layout=str(truth.get("layout", "")),
        source_kind=find_source_kind(record, level=truth.get("level")),
        level=str(truth.get("level") or "digital"),
        synthetic=bool(truth.get("synthetic", False)),
        error=record["error"]["code"] if "error" in record else None,
        cells=verdicts,
        extra_cells=len(printed.keys() - truth["cells"].keys()),
        forms_expected=frozenset(truth["forms"]),
        forms_found=frozenset(table["form"] for table in record.get("tables", ())),
        sections_right=_same([s["id"] for s in record.get("sections", ())], truth.get("sections")),
        year_right=_same(record.get("year"), truth.get("year")),
        organization_right=_organization_right(record, truth),
        **_judge_findings(record, truth),
        facts=judge_facts(record, truth),
    )


def _judge_cell(
    field_id: str, expected: Mapping[str, Any], cell: Mapping[str, Any] | None, truth: Mapping[str, Any]
) -> CellVerdict:
    accepted_readings = [expected, *expected.get("accept", ())]
    value = expected["value"]
    form = expected.get("form") or _form_of(field_id, truth["forms"])
    right = cell is not None and any(
        cell["state"] == reading["state"] and cell["value"] == reading["value"] for reading in accepted_readings
    )
    return CellVerdict(
        field_id=field_id,
        form=form,
        right=right,
        accepted=cell is not None and not cell["review"],
        non_zero=value not in (None, 0),
        confidence=cell["confidence"] if cell is not None else 0.0,
        kind=_kind(expected),
        absent=cell is None,
        placed=_is_placed(cell, expected) if cell is not None else None,
    )


def _is_placed(cell: Mapping[str, Any], expected: Mapping[str, Any]) -> bool | None:
    """Whether the middle of a cell's box lies in the true cell, or in one of its parts on either side of a page break.

    `None` where there is no box to compare. The evidence of a cell that was not found is its row, and does not count.
    """
    evidence = cell.get("evidence") or {}
    places = expected.get("evidence_parts") or [expected.get("evidence") or {}]
    places = [place for place in places if "bbox" in place]
    if "bbox" not in evidence or cell["state"] == "missing" or not places:
        return None
    left, top, right, bottom = evidence["bbox"]
    x, y = (left + right) / 2, (top + bottom) / 2
    return any(place["page"] == evidence["page"] and _holds(place["bbox"], x, y) for place in places)


def _holds(box: Sequence[float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _kind(expected: Mapping[str, Any]) -> str:
    if expected["state"] != "number":
        return str(expected["state"])
    value = expected["value"]
    return "zero" if value == 0 else "digit" if abs(value) < 10 and value == int(value) else "more"


def _form_of(field_id: str, forms: Iterable[str]) -> str:
    family = field_id.split(".", maxsplit=1)[0]
    return next((form for form in forms if form.startswith(f"{family}@")), "")


def _judge_findings(record: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, int]:
    """Identities broken in the source and not found, and found though the source keeps them.

    Sentences that are told to be at odds with the table are counted apart: one is invented where no cell is wrong.
    """
    errors = truth.get("source_errors", ())
    expected = {frozenset(identity["cells"]) for error in errors for identity in error["identities"]}
    told = [f for f in record.get("findings", ()) if f["kind"] == "source" and f["cells"]]
    found = {frozenset(f["cells"]) for f in told if not f["identity"].startswith(FACT_IDENTITIES)}
    wrong = {error["cell"] for error in errors}
    at_odds = [f for f in told if f["identity"].startswith(FACT_IDENTITIES)]
    return {
        "findings_missed": len(expected - found),
        "findings_invented": len(found - expected),
        "sentences_at_odds_invented": sum(wrong.isdisjoint(f["cells"]) for f in at_odds),
    }


def _organization_right(record: Mapping[str, Any], truth: Mapping[str, Any]) -> bool | None:
    if truth.get("organization") is None:
        return None
    return record.get("organization") in (truth["organization"], *truth.get("organization_accept", ()))


def _same(got: object, expected: object) -> bool | None:
    return None if expected is None else got == expected


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(verdicts: Iterable[bool | None]) -> float | None:
    known = [verdict for verdict in verdicts if verdict is not None]
    return _share(sum(known), len(known))


def _calibration_error(cells: Sequence[CellVerdict]) -> float | None:
    """Expected calibration error: mean distance of confidence and frequency over bins, weighted by their size."""
    rows = _calibration_table(cells)
    total = sum(row["cells"] for row in rows)
    return sum(row["cells"] * abs(row["confidence"] - row["right"]) for row in rows) / total if total else None


def _calibration_table(cells: Sequence[CellVerdict]) -> list[dict[str, float]]:
    rows = []
    for low, high in itertools.pairwise(CALIBRATION_BINS):
        inside = [c for c in cells if not c.absent and (low <= c.confidence < high or (high == 1.0 == c.confidence))]
        if inside:
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "cells": len(inside),
                    "confidence": sum(c.confidence for c in inside) / len(inside),
                    "right": sum(c.right for c in inside) / len(inside),
                }
            )
    return rows
