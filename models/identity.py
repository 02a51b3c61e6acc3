"""Checking identities: which sums hold, which do not, and which cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.form import Identity
from models.quick import quicken


class Status(StrEnum):
    """Whether an identity holds; unknown where a number that it needs is not printed."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


@quicken
@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on one identity; sums are `None` where a field they need has no number."""

    identity: Identity
    status: Status
    left: Decimal | None
    right: Decimal | None


def check_identities(
    numbers: Mapping[str, Decimal], identities: Iterable[Identity], *, last: Mapping[str, Decimal] | None = None
) -> list[Check]:
    """Check each identity against the printed numbers by field id; a field without a number is left out of `numbers`.

    Blank is not 0: a sum with a blank in it is unknown. `last` holds the numbers of the year before, for the
    identities across years.
    """
    return [_check_identity(numbers, identity, last or {}) for identity in identities]


def _check_identity(numbers: Mapping[str, Decimal], identity: Identity, last: Mapping[str, Decimal]) -> Check:
    left = _sum(numbers, identity.left)
    right = _sum(numbers, identity.right)
    before = _sum(last, identity.last_right)
    right = None if right is None or before is None else right + before
    if left is None or right is None:
        return Check(identity, Status.UNKNOWN, left, right)
    holds = left <= right if identity.relation == "<=" else left == right
    return Check(identity, Status.HOLDS if holds else Status.FAILS, left, right)


def _sum(numbers: Mapping[str, Decimal], fields: tuple[str, ...]) -> Decimal | None:
    found = [numbers[field] for field in fields if field in numbers]
    return sum(found, Decimal(0)) if len(found) == len(fields) else None
