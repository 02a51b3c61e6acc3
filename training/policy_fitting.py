"""`gouji policy fit`: the promise of a threshold, from documents that no model learned from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from extraction.deciding import BARRING, BARRING_ON_SCANS
from extraction.pipeline import Reader, extract
from extraction.readers.source import read_source
from models.document import DocumentError, Source
from models.policy import DIGITAL, PAGES, SCAN, Promise
from models.record import make_record
from training.evaluation import find_truths, judge_record
from training.risk import Threshold, find_threshold
from training.synthesis.corpus import make_document

SPLIT = "calibrate"
JUDGED = ("cells", "forms")  # models whose versions the threshold holds for


@dataclass(slots=True)
class Judged:
    """Cells of many documents against their truth: confidences, whether right, and the agency of each."""

    confidences: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    agencies: list[str] = field(default_factory=list)

    @property
    def units(self) -> Any:
        """A number for each agency, by cell."""
        return np.unique(self.agencies, return_inverse=True)[1]

    def add(self, record: Mapping[str, Any], truth: Mapping[str, Any]) -> None:
        """Add the cells of one document that a threshold decides on."""
        verdict = judge_record(record, truth)
        barring = BARRING_ON_SCANS if find_kind(record) == SCAN else BARRING
        always = {cell["id"] for cell in record.get("cells", ()) if not barring.isdisjoint(cell["reasons"])}
        agency = str(truth.get("organization") or record["source"])
        for cell in verdict.cells:
            if not cell.absent and cell.field_id not in always:
                self.confidences.append(cell.confidence)
                self.right.append(cell.right)
                self.agencies.append(agency)


def generate_records(reader: Reader, *, count: int, seed: int, split: str = SPLIT) -> Iterator[tuple[Any, Any]]:
    """(record, truth) of generated documents of agencies that the judges' trees did not learn from."""
    for index in range(count):
        document = make_document(index, seed=seed, split=split)
        try:
            report = extract(Source(f"{seed}/{split}/{index}", document.content, ""), reader=reader)
        except DocumentError:
            continue
        yield make_record(report), document.truth


def read_records(reader: Reader, folder: Path) -> Iterator[tuple[Any, Any]]:
    """(record, truth) of the documents of a folder that have a truth beside them; those not to be read are left out."""
    import json

    for path, truth in find_truths(folder):
        try:
            record = make_record(extract(read_source(str(path)), reader=reader))
        except DocumentError:
            continue
        yield record, json.loads(truth.read_text("utf-8"))


def find_kind(record: Mapping[str, Any]) -> str:
    """The kind of source of a record: a scan where pages of it were read by their pixels."""
    if record.get("scanned_pages") or str(record.get("media_type", "")).startswith("image/"):
        return SCAN
    return PAGES if record.get("media_type") == "application/pdf" else DIGITAL


def fit_promise(
    records: Iterable[tuple[Any, Any]],
    *,
    target: float,
    certainty: float,
    method: str,
    data: Mapping[str, Any],
    echo: Callable[[str], None] = lambda text: None,
) -> list[Promise]:
    """A promise for each kind of source among the records; what cannot be certified says so and accepts nothing."""
    judged: dict[str, Judged] = {}
    versions: dict[str, str] = {}
    for number, (record, truth) in zip(itertools.count(1), records, strict=False):
        judged.setdefault(find_kind(record), Judged()).add(record, truth)
        versions = {name: record["models"][name] for name in JUDGED}
        if number % 250 == 0:
            echo(f"  {number} documents")
    promises = []
    for kind, cells in sorted(judged.items()):
        found = _fit_kind(cells, target=target, certainty=certainty, method=method)
        promises.append(_make_promise(kind, found, (target, certainty, method), versions, data))
    return promises


def _fit_kind(cells: Judged, *, target: float, certainty: float, method: str) -> Threshold:
    confidences, right = np.array(cells.confidences), np.array(cells.right)
    return find_threshold(confidences, right, cells.units, target=target, certainty=certainty, method=method)


def _make_promise(
    kind: str,
    found: Threshold,
    asked: tuple[float, float, str],
    versions: Mapping[str, str],
    data: Mapping[str, Any],
) -> Promise:
    target, certainty, method = asked
    return Promise(
        kind=kind,
        target=target,
        certainty=certainty,
        threshold=found.threshold,
        bound=found.bound,
        method=method,
        units=found.units,
        accepted=found.accepted,
        wrong=found.wrong,
        largest=found.largest,
        certified=found.certified,
        models=dict(versions),
        data=dict(data),
    )
