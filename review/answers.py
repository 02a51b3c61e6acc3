"""What people answer, and what their answers decide together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.numbers import State

MOST_ANSWERS = 3  # a third person decides between two; who differs from both leaves it disputed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says is printed in a cell; `state` is `None` where they are not sure.

    `seconds` that it took, `None` where that is not known. Raises `ValueError` where state and value contradict.
    """

    person: str
    state: State | None
    value: Decimal | None = None
    raw: str | None = None
    seconds: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.person:
            raise ValueError("an answer without a person")
        if (self.state is State.NUMBER) != (self.value is not None):
            raise ValueError("a number has a value, and nothing else has")
        if self.value is not None and not self.value.is_finite():
            raise ValueError("not a number that can be printed")
        if self.seconds is not None and not 0 <= self.seconds < float("inf"):
            raise ValueError("seconds are 0 or more")


@dataclass(frozen=True, slots=True)
class Vote:
    """An answer that was not taken back; `state` is `None` where the person was not sure."""

    correction_id: int
    state: State | None
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the votes on an item come to; `decides` is the correction that settles it, `None` while none does."""

    status: str
    decides: int | None = None


def judge_votes(votes: Sequence[Vote], *, wanted: int) -> Verdict:
    """Settle an item by the first answer, or by the first two that are equal where `wanted` is 2 or people differed.

    Who is not sure passes the item on to another; two who are not sure leave it `unsure`. Three answers without two
    that are equal leave it `disputed`, for whoever may edit the cell.

    >>> judge_votes([Vote(7, State.BLANK, None)], wanted=1)
    Verdict(status='settled', decides=7)
    """
    groups: dict[tuple[State, Decimal | None], list[int]] = {}
    unsure = 0
    for vote in votes:
        if vote.state is None:
            unsure += 1
        else:
            groups.setdefault((vote.state, vote.value), []).append(vote.correction_id)
    needed = 1 if wanted == 1 and len(groups) <= 1 else 2
    leading = max(groups.values(), key=len, default=[])
    if len(leading) >= needed:
        return Verdict("settled", leading[needed - 1])
    if unsure >= 2:
        return Verdict("unsure")
    return Verdict("disputed" if len(votes) >= MOST_ANSWERS else "open")
