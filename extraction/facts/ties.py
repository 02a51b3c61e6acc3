"""Facts tied to the cells that say the same, and findings where a sentence and a cell are at odds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from models.fact_items import find_cells
from models.numbers import MONEY_UNITS, State
from models.report import Fact, Finding, Reading

SURE = 0.95  # confidence from which on a fact can say that the document is at odds with itself
PREFIX = "facts."  # of the identities that tie a fact to cells, as `facts.requests.received`


def tie_facts(
    facts: Sequence[Fact], readings: Iterable[Reading], units: Mapping[str, str]
) -> tuple[tuple[Fact, ...], tuple[Finding, ...]]:
    """Give each fact the cell that says the same; a fact that agrees with none of its kind is a finding.

    `units` is the unit of each cell. A fact that several sentences say is at odds only where none of them agrees.
    """
    found = {reading.field_id: reading for reading in readings}
    families = list(dict.fromkeys(reading.form_id.split("@", maxsplit=1)[0] for reading in found.values()))
    tied: list[Fact] = []
    agreed: set[str] = set()
    at_odds: dict[str, Finding] = {}
    for fact in facts:
        cells = find_cells(fact.item, families)
        total = _add_up(cells, found)
        if total is None or fact.item is None:
            tied.append(fact)
            continue
        said = _convert(fact, units[cells[0]])
        if said == total:
            agreed.add(fact.item)
            tied.append(replace(fact, field_id=cells[0]) if len(cells) == 1 else fact)
            continue
        tied.append(fact)
        if said is None or (fact.rounded and _is_near(said, total)) or _is_part(fact, facts, total):
            continue
        sure = fact.confidence >= SURE and not any(found[cell].decision.review for cell in cells)
        note = f"the sentence says {fact.value} {fact.unit}: {fact.text}"
        finding = Finding(f"{PREFIX}{fact.item}", cells, total, said, "source" if sure else "reading", note=note)
        at_odds.setdefault(fact.item, finding)
    return tuple(tied), tuple(finding for item, finding in at_odds.items() if item not in agreed)


def _is_part(fact: Fact, facts: Sequence[Fact], total: Decimal) -> bool:
    """Whether another number of the same line makes up the rest (57 of this year and 2 carried in are 59 concluded)."""
    near = (other for other in facts if other.item in (None, fact.item) and _find_line(other) == _find_line(fact))
    return any(fact.value + other.value == total for other in near if other is not fact)


def _find_line(fact: Fact) -> object:
    where = fact.evidence
    return None if where is None else (where.page, where.bbox, where.line)


def _add_up(cells: Sequence[str], found: Mapping[str, Reading]) -> Decimal | None:
    """The sum of cells; `None` where there are none, or one of them is no number."""
    readings = [found[cell] for cell in cells if cell in found]
    values = [reading.value for reading in readings if reading.state is State.NUMBER and reading.value is not None]
    return sum(values, Decimal(0)) if cells and len(values) == len(cells) else None


def _convert(fact: Fact, unit: str) -> Decimal | None:
    """The value of a fact in the unit of a cell; `None` where one is money and the other is not."""
    if (fact.unit in MONEY_UNITS) is not (unit in MONEY_UNITS):
        return None
    if fact.unit in MONEY_UNITS:
        return fact.value * MONEY_UNITS[fact.unit] / MONEY_UNITS[unit]
    return fact.value


def _is_near(said: Decimal, printed: Decimal) -> bool:
    """Whether a number that is said not to be exact may stand for the printed one: within its last place that counts.

    >>> _is_near(Decimal(5500), Decimal(5537)), _is_near(Decimal(5500), Decimal(5701))
    (True, False)
    """
    digits = str(int(said))
    step = Decimal(10 ** (len(digits) - len(digits.rstrip("0"))))
    return said - step <= printed <= said + step
