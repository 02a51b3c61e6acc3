"""Identities, other years and witnesses as linear ties between the cells of one table, and those ties as a code."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.decoding import Priors, Tie, Witness
from models.form import Form, Identity

TRUST = 0.999  # of a figure of another year or a witness, however sure it was read: the agency may have counted anew
LOOSE = 1e-3  # how often an agency's numbers break a relation that is no sum (`<=`)


@functools.lru_cache(64)
def tie_identities(identities: tuple[Identity, ...]) -> tuple[Tie, ...]:
    """The identities inside a table as ties with the constant 0."""
    return tuple(
        Tie(
            identity.identity_id,
            tuple((f, 1) for f in identity.left) + tuple((f, -1) for f in identity.right),
            relation=identity.relation,
            reliability=1 - LOOSE if identity.relation != "=" else None,
        )
        for identity in identities
    )


def tie_witnesses(witnesses: Iterable[Witness]) -> tuple[Tie, ...]:
    """Each number said elsewhere as a tie of one cell; it weighs as much as it was sure to be right."""
    return tuple(
        Tie(
            f"{witness.origin}.{witness.field_id}",
            ((witness.field_id, 1),),
            witness.value,
            reliability=min(witness.confidence, TRUST),
            origin=witness.origin,
        )
        for witness in witnesses
    )


def tie_last_year(form: Form, last: Mapping[str, tuple[Decimal, float]]) -> tuple[Tie, ...]:
    """The identities across years as ties of this year's cells, given last year's (number, confidence) by field."""
    ties = []
    for identity in form.across_years:
        if all(f in last for f in identity.last_right):
            constant = sum((last[f][0] for f in identity.last_right), Decimal(0))
            sure = math.prod(last[f][1] for f in identity.last_right)
            terms = tuple((f, 1) for f in identity.left) + tuple((f, -1) for f in identity.right)
            ties.append(_tie_year(f"{identity.identity_id}.last_year", terms, constant, sure, "last_year"))
    return tuple(ties)


def _tie_year(tie_id: str, terms: tuple[tuple[str, int], ...], constant: Decimal, sure: float, origin: str) -> Tie:
    return Tie(tie_id, terms, constant, reliability=min(sure, TRUST), origin=origin)


@dataclass(frozen=True, slots=True)
class Code:
    """Ties over the cells of a table by index: `terms[k]` lists (cell, coefficient), `ties_of[i]` (tie, coefficient).

    `constants` are in units of the table's scale. `costs[k]`: nats that it costs to give up tie k. `classes[k]`: the
    class of tie k; ties of one class share no cell, so their costs add up.
    """

    ties: tuple[Tie, ...]
    terms: tuple[tuple[tuple[int, int], ...], ...]
    ties_of: tuple[tuple[tuple[int, int], ...], ...]
    constants: tuple[int, ...]
    at_most: tuple[bool, ...]
    costs: tuple[float, ...]
    classes: tuple[int, ...]

    def find_syndrome(self, amounts: Sequence[int | None]) -> dict[int, int]:
        """Left minus right of every tie that does not hold; the cells of a tie must have amounts."""
        syndrome = {}
        for k, terms in enumerate(self.terms):
            rest = sum(coefficient * (amounts[i] or 0) for i, coefficient in terms) - self.constants[k]
            if rest > 0 or (rest and not self.at_most[k]):
                syndrome[k] = rest
        return syndrome


def make_code(ties: Sequence[Tie], fields: Sequence[str], *, empty: Sequence[bool], priors: Priors, scale: int) -> Code:
    """The code of those ties all of whose cells are in `fields`; `empty[i]`: cell i seems to be printed empty.

    A tie whose cells are all empty says nothing: a row that was not seen adds up as well as one that is not filled in.
    """
    index = {field_id: i for i, field_id in enumerate(fields)}
    used = [
        tie
        for tie in ties
        if all(f in index for f, _ in tie.terms)
        and tie.constant * scale % 1 == 0
        and not all(empty[index[f]] for f, _ in tie.terms)
    ]
    terms = tuple(tuple((index[f], coefficient) for f, coefficient in tie.terms) for tie in used)
    ties_of: list[list[tuple[int, int]]] = [[] for _ in fields]
    for k, entries in enumerate(terms):
        for i, coefficient in entries:
            ties_of[i].append((k, coefficient))
    return Code(
        tuple(used),
        terms,
        tuple(map(tuple, ties_of)),
        tuple(int(tie.constant * scale) for tie in used),
        tuple(tie.relation == "<=" for tie in used),
        tuple(_cost_of(tie, entries, empty, priors) for tie, entries in zip(used, terms, strict=True)),
        _color_ties(terms),
    )


def _cost_of(tie: Tie, entries: Sequence[tuple[int, int]], empty: Sequence[bool], priors: Priors) -> float:
    """-log P(the tie does not hold of the agency's numbers for a reason that is no misprint)."""
    broken = priors.unlocated if tie.reliability is None else 1 - tie.reliability
    if tie.origin == "identity" and any(empty[i] for i, _ in entries):
        broken = max(broken, priors.unfilled * sum(empty[i] for i, _ in entries) / len(entries))
    return -math.log(max(broken, 1e-12))


@functools.lru_cache(256)
def _color_ties(terms: tuple[tuple[tuple[int, int], ...], ...]) -> tuple[int, ...]:
    """The class of each tie. Greedy: the first class none of whose ties shares a cell with it, the short ones first."""
    taken: list[set[int]] = []
    classes = [0] * len(terms)
    for k in sorted(range(len(terms)), key=lambda k: (len(terms[k]), k)):
        cells = {i for i, _ in terms[k]}
        place = next((c for c, others in enumerate(taken) if not others & cells), len(taken))
        if place == len(taken):
            taken.append(set())
        taken[place] |= cells
        classes[k] = place
    return tuple(classes)
