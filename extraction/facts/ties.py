"""Facts tied to the cells that say the same, and findings where a sentence and a cell are at odds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from models.decoding import Witness
from models.fact_items import find_cells
from models.form import Identity
from models.identity import Status, check_identities
from models.numbers import MONEY_UNITS, State
from models.report import Fact, Finding, Reading

SURE = 0.95  # confidence from which on a fact can say that the document is at odds with itself
PREFIX = "facts."  # of the identities that tie a fact to cells, as `facts.requests.received`
OF_THE_SAME = 0.95  # how often a sure fact counts what its cell counts: sentences speak of other scopes too
SHORT_SUM = 3  # cells: a sentence may count such a sum as one number (received and carried in)


def tie_facts(
    facts: Sequence[Fact],
    readings: Iterable[Reading],
    units: Mapping[str, str],
    *,
    identities: Sequence[Identity] = (),
) -> tuple[tuple[Fact, ...], tuple[Finding, ...]]:
    """Give each fact the cell that says the same; a fact that agrees with none of its kind is a finding.

    `units` is the unit of each cell, `identities` are those of the forms. A fact that several sentences say is at odds
    only where none of them agrees. Sentences often count something else than the table does (a part, a wider area,
    another year), which is no error: a finding is of kind `source` only where the sums of the table itself side with
    the sentence, all of its cells were accepted and the fact is sure; else `reading`.
    """
    found = {reading.field_id: reading for reading in readings}
    table = _Table(
        {f: r.value for f, r in found.items() if r.state is State.NUMBER and r.value is not None}, identities
    )
    families = list(dict.fromkeys(reading.form_id.split("@", maxsplit=1)[0] for reading in found.values()))
    tied: list[Fact] = []
    agreed: set[str] = set()
    at_odds: dict[str, Finding] = {}
    for fact in facts:
        cells = find_cells(fact.item, families)
        total = _add_up(cells, table.numbers)
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
        backed = table.is_mended(cells, said - total)
        if not backed and table.says_otherwise(cells, said):
            continue
        sure = backed and fact.confidence >= SURE and not fact.rounded
        accepted = not any(found[cell].decision.review for cell in cells)
        finding = _make_finding(fact, cells, total, said, kind="source" if sure and accepted else "reading")
        if fact.item not in at_odds or (finding.kind == "source" != at_odds[fact.item].kind):
            at_odds[fact.item] = finding
    return tuple(tied), tuple(finding for item, finding in at_odds.items() if item not in agreed)


def list_witnesses(facts: Iterable[Fact], units: Mapping[str, str]) -> tuple[Witness, ...]:
    """What sure facts say of single cells, in the unit of the cell, for decoding; `units` is the unit of each cell.

    Rounded numbers are none, nor are those of sentences that contradict each other.
    """
    families = list(dict.fromkeys(cell.split(".", maxsplit=1)[0] for cell in units))
    said: dict[str, dict[Decimal, float]] = {}
    for fact in facts:
        cells = find_cells(fact.item, families)
        value = _convert(fact, units[cells[0]]) if len(cells) == 1 and cells[0] in units else None
        if value is not None and fact.confidence >= SURE and not fact.rounded:
            values = said.setdefault(cells[0], {})
            values[value] = max(fact.confidence, values.get(value, 0.0))
    return tuple(
        Witness(cell, value, min(confidence, OF_THE_SAME))
        for cell, values in said.items()
        for value, confidence in values.items()
        if len(values) == 1
    )


def _make_finding(fact: Fact, cells: tuple[str, ...], total: Decimal, said: Decimal, *, kind: str) -> Finding:
    note = f"the sentence says {fact.value} {fact.unit}: {fact.text}"
    return Finding(f"{PREFIX}{fact.item}", cells, total, said, kind, note=note)


@dataclass(frozen=True, slots=True)
class _Table:
    """The printed numbers of a report by field, and the identities of its forms."""

    numbers: Mapping[str, Decimal]
    identities: Sequence[Identity]

    def is_mended(self, cells: Sequence[str], change: Decimal) -> bool:
        """Whether a change to one of the cells makes a sum hold that failed, and none fail that held."""
        return any(self._mends(cell, change) for cell in cells)

    def _mends(self, cell: str, change: Decimal) -> bool:
        touching = [identity for identity in self.identities if cell in identity.fields]
        before = check_identities(self.numbers, touching)
        after = check_identities({**self.numbers, cell: self.numbers[cell] + change}, touching)
        pairs = [(old.status, new.status) for old, new in zip(before, after, strict=True)]
        return (Status.FAILS, Status.HOLDS) in pairs and (Status.HOLDS, Status.FAILS) not in pairs

    def says_otherwise(self, cells: Sequence[str], said: Decimal) -> bool:
        """Whether the table has the number too: in some of the cells, or as a short sum with one of them."""
        if not said:
            return False
        values = [self.numbers[cell] for cell in cells]
        if len(values) > 1 and said in values:
            return True
        sides = (side for identity in self.identities for side in (identity.left, identity.right))
        short = [side for side in sides if 1 < len(side) <= SHORT_SUM and not set(cells).isdisjoint(side)]
        return any(_add_up(side, self.numbers) == said for side in short)


def _is_part(fact: Fact, facts: Sequence[Fact], total: Decimal) -> bool:
    """Whether another number of the same line makes up the rest (57 of this year and 2 carried in are 59 concluded)."""
    near = (other for other in facts if other.item in (None, fact.item) and _find_line(other) == _find_line(fact))
    return any(fact.value + other.value == total for other in near if other is not fact)


def _find_line(fact: Fact) -> object:
    where = fact.evidence
    return None if where is None else (where.page, where.bbox, where.line)


def _add_up(cells: Sequence[str], numbers: Mapping[str, Decimal]) -> Decimal | None:
    """The sum of cells; `None` where there are none, or one of them is no number."""
    values = [numbers[cell] for cell in cells if cell in numbers]
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
