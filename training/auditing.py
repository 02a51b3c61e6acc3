"""Accuracy in use: a random sample of accepted cells, and the error rate that its answers estimate, with an interval.

The sample is drawn by chance alone within strata (month, source kind, model version): never by confidence, so that it
sees the errors that nobody suspects. Simple random sampling of cells within strata makes the estimate of Horvitz and
Thompson (1952) unbiased whatever cells of one document have in common. Intervals are those of Clopper and Pearson on
the effective sample size (Korn and Graubard, Survey Methodology 24, 1998), which hold for few errors, or none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.source_kinds import find_source_kind

CERTAINTY = 0.95
SIZE = 300
LEAST = 20  # of a stratum, or all it has
Stratum = tuple[str, str, str]  # month, source kind, model version
PARTS = ("month", "source_kind", "model")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share of accepted cells that are wrong: `population` of them stand behind `answered` answers.

    `effective` is the size of a simple sample that says as much.
    """

    population: int
    answered: int
    wrong: int
    error: float
    low: float
    high: float
    effective: float

    def as_data(self) -> dict[str, float | int]:
        """The estimate as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Audit:
    """Estimates of all cells and by month, source kind and model version; `uncovered` cells have no answer at all."""

    total: Estimate
    by: Mapping[str, Mapping[str, Estimate]]
    uncovered: int
    unanswered: int
    certainty: float

    def as_data(self) -> dict[str, Any]:
        """The audit as plain data."""
        groups = {
            f"by_{part}": {name: estimate.as_data() for name, estimate in found.items()}
            for part, found in self.by.items()
        }
        more = {"uncovered": self.uncovered, "unanswered": self.unanswered, "certainty": self.certainty}
        return {"total": self.total.as_data(), **groups, **more}


def find_stratum(record: Mapping[str, Any], *, month: str) -> Stratum:
    """The stratum of a record's cells: when it was read, from what, and by which judge of cells."""
    models = record.get("models") or {}
    return str(record.get("read") or month)[:7], find_source_kind(record), str(models.get("cells", "unknown"))


def draw_audit(
    records: Iterable[Mapping[str, Any]], *, month: str, size: int = SIZE, least: int = LEAST, seed: int = 1
) -> list[dict[str, Any]]:
    """Questions on accepted cells drawn by chance: about `size` in all, by the size of the strata, `least` of each.

    Each says how many accepted cells its stratum has (`population`), which the estimate needs. They come in an order
    of chance too, and say nothing of confidence.
    """
    cells: dict[Stratum, list[dict[str, Any]]] = {}
    for record in records:
        stratum = find_stratum(record, month=month)
        cells.setdefault(stratum, []).extend(
            _make_question(record, cell, stratum) for cell in record.get("cells", ()) if not cell["review"]
        )
    rng = random.Random(f"audit/{seed}/{month}")
    drawn = []
    for stratum, share in _allot({s: len(found) for s, found in cells.items()}, size=size, least=least).items():
        for question in rng.sample(cells[stratum], share):
            drawn.append(question | {"population": len(cells[stratum]), "drawn": share})
    rng.shuffle(drawn)
    return drawn


def _make_question(record: Mapping[str, Any], cell: Mapping[str, Any], stratum: Stratum) -> dict[str, Any]:
    return {
        "source": record["source"],
        "sha256": record.get("sha256"),
        "organization": record.get("organization"),
        "form": cell["form"],
        "field": cell["id"],
        "before": {"state": cell["state"], "value": cell["value"]},
        "raw": cell.get("raw"),
        "evidence": cell.get("evidence"),
        "purpose": "audit",
        **dict(zip(PARTS, stratum, strict=True)),
    }


def _allot(counts: Mapping[Stratum, int], *, size: int, least: int) -> dict[Stratum, int]:
    """How many to draw of each stratum: by its share of all cells, rounded up, at least `least`, at most all."""
    total = sum(counts.values())
    return {
        stratum: min(count, max(least, math.ceil(size * count / total)))
        for stratum, count in sorted(counts.items())
        if count
    }


def estimate_audit(
    answers: Iterable[Mapping[str, Any]],
    *,
    population: Mapping[Stratum, int] | None = None,
    certainty: float = CERTAINTY,
) -> Audit:
    """The error rate of accepted cells from answered questions: rows of `draw_audit` with `after` (state and value).

    Questions without an answer are left out, as if it was chance which they are. `population` counts the accepted
    cells of each stratum where the rows do not say it. Raises `ValueError` where there is nothing to estimate from.
    """
    counts = dict(population or {})
    found: dict[Stratum, list[bool]] = {}
    unanswered = 0
    for row in answers:
        stratum: Stratum = (str(row["month"]), str(row["source_kind"]), str(row["model"]))
        counts.setdefault(stratum, int(row.get("population") or 0))
        after = row.get("after")
        if not isinstance(after, Mapping) or after.get("state") is None:
            unanswered += 1
            continue
        found.setdefault(stratum, []).append(_differs(row["before"], after))
    if not found:
        raise ValueError("no question of the audit is answered")
    if short := [stratum for stratum, wrong in found.items() if counts[stratum] < len(wrong)]:
        raise ValueError(f"the stratum {'/'.join(short[0])} has more answers than accepted cells")

    def group(keep: Callable[[Stratum], bool]) -> Estimate:
        return _estimate({s: (counts[s], wrong) for s, wrong in found.items() if keep(s)}, certainty)

    by = {
        part: {name: group(_is_part(place, name)) for name in sorted({stratum[place] for stratum in found})}
        for place, part in enumerate(PARTS)
    }
    uncovered = sum(count for stratum, count in counts.items() if stratum not in found)
    return Audit(group(lambda _: True), by, uncovered, unanswered, certainty)


def _is_part(place: int, name: str) -> Callable[[Stratum], bool]:
    return lambda stratum: stratum[place] == name


def _differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    first, second = (None if side.get("value") is None else float(side["value"]) for side in (before, after))
    return before["state"] != after["state"] or first != second


def _estimate(strata: Mapping[Stratum, tuple[int, Sequence[bool]]], certainty: float) -> Estimate:
    """Horvitz-Thompson over strata, with the interval of Clopper and Pearson on the effective sample size."""
    population = sum(count for count, _ in strata.values())
    answered = sum(len(wrong) for _, wrong in strata.values())
    error, variance, kish = 0.0, 0.0, 0.0
    for count, wrong in strata.values():
        weight, n = count / population, len(wrong)
        rate = sum(wrong) / n
        error += weight * rate
        kish += weight**2 / n
        if n > 1:
            variance += weight**2 * (1 - n / count) * rate * (1 - rate) / (n - 1)
    effective = min(float(answered), 1 / kish)
    if variance > 0:
        effective = min(effective, error * (1 - error) / variance)
    low, high = find_exact_interval(error * effective, effective, certainty=certainty)
    wrong_cells = sum(sum(wrong) for _, wrong in strata.values())
    if answered == population:  # all were asked
        low = high = error
    return Estimate(population, answered, wrong_cells, error, low, high, effective)


def find_exact_interval(wrong: float, size: float, *, certainty: float) -> tuple[float, float]:
    """The interval of Clopper and Pearson (Biometrika 26, 1934), of counts that need not be whole.

    >>> [round(bound, 4) for bound in find_exact_interval(0, 100, certainty=0.95)]
    [0.0, 0.0362]
    """
    from scipy.special import betaincinv

    tail = (1 - certainty) / 2
    low = float(betaincinv(wrong, size - wrong + 1, tail)) if wrong > 0 else 0.0
    high = float(betaincinv(wrong + 1, size - wrong, 1 - tail)) if wrong < size else 1.0
    return low, high
