"""What each cell says of the number that its agency meant, before any sum is looked at."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extraction.decoding_slips import misprint_probability, misreading_probability, spread_probability
from models.decoding import CellCandidates, Priors
from models.numbers import State, Value, begins_padded, parse_value

LIKELIEST_SLIP = 0.4  # no slip of hand or eye onto one number is likelier
IMPOSSIBLE = 1e-12
SURE = 0.9
STYLE_BOUNDS = (0.02, 20.0)
Style = Mapping[str, float]
# Ways to print that there is none: shares over all tables, and of what is printed where it is no candidate.
USUAL_STYLE: Style = {"zero": 0.85, "blank": 0.12, "mark": 0.03}
UNSEEN_STYLE: Style = {"zero": 0.4, "blank": 0.15, "mark": 0.03}
UNUSUAL = 0.03  # how much less a print is expected that agencies do not make
MANY = 1e30


@dataclass(frozen=True, slots=True)
class CellChannel:
    """The candidates of one cell as amounts: what they would add to a sum, in units of `1 / scale`.

    `amounts`: of each candidate, 0 of an empty cell or a mark, `None` of a text that is no number. `weights`: their
    probabilities, together with `beyond`, that of anything else, 1. `empty`: which are printed without a number.
    """

    amounts: tuple[int | None, ...]
    weights: tuple[float, ...]
    beyond: float
    empty: tuple[bool, ...]
    scale: int
    misprint: float
    signed: bool
    style: Style

    @property
    def top(self) -> int | None:
        """The most probable number meant; `None` where no candidate has one."""
        known = sorted({amount for amount in self.amounts if amount is not None})
        return max(known, key=self.weigh) if known else None

    @property
    def known(self) -> tuple[int, ...]:
        """Every number that a candidate prints."""
        return tuple(dict.fromkeys(amount for amount in self.amounts if amount is not None))

    def weigh(self, amount: int) -> float:
        """P(picture | the agency meant `amount`) up to a factor of the cell: printed so, misprinted, or misread."""
        return max(sum(self.split(amount)), IMPOSSIBLE)

    def split(self, amount: int) -> tuple[float, ...]:
        """The parts of `weigh`: of each candidate being what is printed, then of anything else."""
        parts = [
            weight * self._misprint(printed, amount) for printed, weight in zip(self.amounts, self.weights, strict=True)
        ]
        return (*parts, self.beyond * self._misread(amount))

    def bound_weight(self) -> float:
        """No number besides those of the candidates weighs more."""
        return self.misprint * LIKELIEST_SLIP + self.beyond * LIKELIEST_SLIP

    def _misprint(self, printed: int | None, meant: int) -> float:
        if printed is None:
            return spread_probability(self._whole(meant) or 0)  # no number: it tells nothing of what was meant
        if printed == meant:
            return 1.0 - self.misprint
        p, m = self._whole(printed), self._whole(meant)
        if p is None or m is None:
            return self.misprint * IMPOSSIBLE if meant < 0 and not self.signed else self.misprint * 1e-6
        return self.misprint * misprint_probability(p, m)

    def _misread(self, meant: int) -> float:
        if meant == 0 and 0 in self.amounts:  # in another way: as 0, as nothing, as a mark
            return self._misread_zero()
        if meant in self.amounts:
            return 0.0  # then it is not anything else
        whole = self._whole(meant)
        if whole is None:
            return IMPOSSIBLE if meant < 0 and not self.signed else 1e-6
        known = [(a, w, e) for a, w, e in zip(self.amounts, self.weights, self.empty, strict=True) if a is not None]
        total = sum(weight for _, weight, _ in known)
        if not total:
            return spread_probability(whole)
        return sum(w * misreading_probability(whole, self._digits(a, empty=e)) for a, w, e in known[:3]) / total

    def _misread_zero(self) -> float:
        """P(there is none, printed in a way that is no candidate)."""
        empty = {e for a, e in zip(self.amounts, self.empty, strict=True) if a == 0}
        ways = {"mark", *(["zero"] * (False not in empty)), *(["blank"] * (True not in empty))}
        return min(sum(UNSEEN_STYLE[way] * self.style[way] for way in ways), 1.0)

    def _whole(self, amount: int) -> int | None:
        """The amount as a number from 0 on where it is one."""
        return amount // self.scale if amount % self.scale == 0 and amount >= 0 else None

    def _digits(self, amount: int, *, empty: bool) -> str:
        return "" if empty else str(abs(amount) // self.scale)


def make_channels(cells: Sequence[CellCandidates], *, priors: Priors, scale: int) -> list[CellChannel]:
    """The channel of every cell; whether this table prints zeros or leaves them out weighs on empty against 0."""
    style = _find_style(cells)
    return [_make_channel(cell, priors, scale, style) for cell in cells]


def find_scale(numbers: Sequence[Decimal]) -> int:
    """The smallest power of ten that makes all numbers whole, at most a million."""
    places = max((-int(number.as_tuple().exponent) for number in numbers if number.is_finite()), default=0)
    return int(10 ** min(max(places, 0), 6))


def list_numbers(cells: Sequence[CellCandidates]) -> list[Decimal]:
    """Every number among the candidates."""
    values = (
        parse_value(c.text, unit=cell.field.unit, kind=cell.field.kind) for cell in cells for c in cell.candidates
    )
    return [value.number.normalize() for value in values if value.number is not None]


def _find_style(cells: Sequence[CellCandidates]) -> Style:
    """How much likelier each way to print none is in this table than in others, by the cells that are read surely."""
    tops = [cell.candidates[0] for cell in cells if cell.candidates and cell.candidates[0].probability > SURE]
    seen = Counter(_find_way(parse_value(top.text)) for top in tops)
    total = sum(seen[way] for way in USUAL_STYLE) + 1.0
    low, high = STYLE_BOUNDS
    return {way: min(max((seen[way] + usual) / total / usual, low), high) for way, usual in USUAL_STYLE.items()}


def _find_way(value: Value) -> str:
    """The way in which a print says that there is none; empty where it says something else."""
    if value.state is State.NUMBER:
        return "" if value.number else "zero"
    return {State.BLANK: "blank", State.MARK: "mark"}.get(value.state, "")


def _make_channel(cell: CellCandidates, priors: Priors, scale: int, style: Style) -> CellChannel:
    amounts: list[int | None] = []
    empty: list[bool] = []
    weights: list[float] = []
    for candidate in cell.candidates:
        value = parse_value(candidate.text, unit=cell.field.unit, kind=cell.field.kind)
        empty.append(value.state in (State.BLANK, State.MARK))
        amounts.append(_find_amount(value.state, value.number, scale))
        likely = style.get(_find_way(value), 1.0)
        likely *= 1.0 if _is_usual(candidate.text, value.state, cell.field.kind) else UNUSUAL
        weights.append(max(candidate.probability, 0.0) * likely)
    before = sum(max(candidate.probability, 0.0) for candidate in cell.candidates)
    beyond = max(1.0 - before, priors.beyond)
    total = sum(weights)
    # What style takes from an empty cell goes to the other candidates, not to what nobody saw.
    listed = [weight / total * (1 - beyond) for weight in weights] if total else weights
    return CellChannel(
        tuple(amounts),
        tuple(listed),
        beyond if total else 1.0,
        tuple(empty),
        scale,
        priors.misprint,
        signed=any(amount is not None and amount < 0 for amount in amounts),
        style=style,
    )


def _is_usual(text: str, state: State, kind: str) -> bool:
    """Whether agencies print such a thing: what is no number, `01`, and parts of a piece are rather a reader's."""
    if state is not State.NUMBER:
        return state is not State.UNREADABLE
    return not begins_padded(text) and (kind == "decimal" or "." not in text)


def _find_amount(state: State, number: Decimal | None, scale: int) -> int | None:
    if state in (State.BLANK, State.MARK):
        return 0
    if number is None or abs(number) * scale > MANY or number * scale != int(number * scale):
        return None
    return int(number * scale)


def cost_between(channel: CellChannel, before: int, after: int) -> float:
    """Nats by which `after` is less probable than `before` by the picture alone."""
    return math.log(channel.weigh(before)) - math.log(channel.weigh(after))
