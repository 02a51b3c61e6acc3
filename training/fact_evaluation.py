"""How right the facts of records are, against the truth of their documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from models.fact_items import load_fact_items
from models.numbers import MONEY_UNITS

OTHER = "(other)"  # a counted fact that has no name in the contract
Said = tuple[str, Decimal]  # item and value, money in yuan


@dataclass(frozen=True, slots=True)
class FactVerdict:
    """The facts of one document: how many of each item are right, invented and missed.

    `confirmed` are those of the invented ones that a true cell of the document says: a truth seldom lists what a
    sentence denies (`未收到申请`), though the table beside it prints 0.
    """

    right: Mapping[str, int]
    invented: Mapping[str, int]
    missed: Mapping[str, int]
    confirmed: int = 0
    scored: tuple[tuple[float, bool], ...] = ()


@dataclass(slots=True)
class FactTally:
    """Counts over documents."""

    right: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    confirmed: int = 0
    scored: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, verdict: FactVerdict) -> None:
        """Count one document."""
        self.right.update(verdict.right)
        self.invented.update(verdict.invented)
        self.missed.update(verdict.missed)
        self.confirmed += verdict.confirmed
        self.scored.extend(verdict.scored)

    def measures(self, item: str | None = None) -> dict[str, float | int | None]:
        """Counts, precision and recall of one item, or of all."""
        right, invented, missed = (
            counts.total() if item is None else counts[item] for counts in (self.right, self.invented, self.missed)
        )
        measured: dict[str, float | int | None] = {
            "facts": right + missed,
            "precision": right / (right + invented) if right + invented else None,
            "recall": right / (right + missed) if right + missed else None,
        }
        if item is None:
            measured |= {"invented": invented, "confirmed_by_a_cell": self.confirmed}
            measured["mean_confidence"] = _mean(confidence for confidence, _ in self.scored)
            measured["share_right"] = _mean(float(right) for _, right in self.scored)
        return measured

    @property
    def items(self) -> list[str]:
        return sorted(self.right.keys() | self.invented.keys() | self.missed.keys())


def judge_facts(record: Mapping[str, Any], truth: Mapping[str, Any]) -> FactVerdict | None:
    """Compare the facts of a record with those of the truth, by item and value; `None` where the truth has no list.

    Items that the contract does not name are one class. Money is compared in yuan.
    """
    if truth.get("facts") is None or "error" in record:
        return None
    expected = Counter(map(_read_said, truth["facts"]))
    found = Counter(map(_read_said, record.get("facts", ())))
    invented = found - expected
    confirmed = 0
    left = Counter(invented)
    scored = []
    rest = Counter(expected)
    for fact in record.get("facts", ()):
        said = _read_said(fact)
        is_right = rest[said] > 0
        rest[said] -= is_right
        scored.append((float(fact["confidence"]), is_right))
        cell = truth.get("cells", {}).get(fact.get("cell"), {})
        if not is_right and left[said] and cell.get("value") is not None and cell["value"] == fact["value"]:
            left[said] -= 1
            confirmed += 1
    right, missed = found & expected, expected - found
    return FactVerdict(_count_items(right), _count_items(invented), _count_items(missed), confirmed, tuple(scored))


def measure_facts(verdicts: Iterable[tuple[str, FactVerdict | None]]) -> dict[str, Any]:
    """Measures of (layout, verdict) pairs: of all facts, by item and by layout; {} where no truth lists facts."""
    total = FactTally()
    by_layout: dict[str, FactTally] = {}
    for layout, verdict in verdicts:
        if verdict is not None:
            total.add(verdict)
            by_layout.setdefault(layout, FactTally()).add(verdict)
    if not by_layout:
        return {}
    return {
        "all": total.measures(),
        "by_item": {item: total.measures(item) for item in total.items},
        "by_layout": {layout: tally.measures() for layout, tally in sorted(by_layout.items())},
    }


def _read_said(fact: Mapping[str, Any]) -> Said:
    item = fact["item"] if fact["item"] in load_fact_items() else OTHER
    value = Decimal(str(fact["value"])) * MONEY_UNITS.get(str(fact.get("unit", "")), 1)
    return item, value.normalize()


def _count_items(counts: Counter[Said]) -> dict[str, int]:
    items: Counter[str] = Counter()
    for (item, _), count in counts.items():
        items[item] += count
    return dict(items)


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None
