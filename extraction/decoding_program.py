"""The most probable table by integer programming, where too much is doubtful to be listed.

Error localization as a mixed integer program (compare DART's card-minimal repairs, Fazzinga et al. 2006, and the MILP
form of Fellegi & Holt in de Waal, Pannekoek & Scholtus 2011, ch. 3), solved by HiGHS: which candidate each cell takes,
which cells are anything else, which ties are given up, at the least cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extraction.decoding_channel import CellChannel, cost_between
from extraction.decoding_ties import Code

WIDEST = 4  # other candidates of a cell that are tried
GAP = 1e-3
FREE_EXTRA = 3.0  # nats: what one certain number costs more than the likeliest one that is no candidate


@dataclass(slots=True)
class _Columns:
    """The variables so far, with their costs and bounds; `rows[k]` are the entries of tie k."""

    costs: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    rows: list[dict[int, float]] = field(default_factory=list)
    limits: list[tuple[dict[int, float], float]] = field(default_factory=list)  # sums that are at most a bound

    def add(self, cost: float, lower: float, upper: float) -> int:
        self.costs.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.costs) - 1


def solve_program(
    code: Code, channels: Sequence[CellChannel], start: Sequence[int], *, seconds: float
) -> list[int] | None:
    """The numbers of the cheapest table found in that time, or `None` where none was found that is one of whole numbers.

    Ties may be broken in it; it is no worse than the start only where the solver had the time.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_matrix

    columns = _Columns(rows=[{} for _ in code.ties])
    picks, steps = _add_cells(columns, code, channels, start)
    syndrome = code.find_syndrome(start)
    _add_slacks(columns, code, syndrome, start, channels)
    size = len(columns.costs)
    rests = [_find_rest(code, k, start) for k in range(len(code.ties))]
    matrix = lil_matrix((len(code.ties) + len(columns.limits), size))
    for k, entries in enumerate(columns.rows):
        for column, value in entries.items():
            matrix[k, column] = value
    for r, (entries, _) in enumerate(columns.limits, len(code.ties)):
        for column, value in entries.items():
            matrix[r, column] = value
    high = [-float(rest) for rest in rests] + [bound for _, bound in columns.limits]
    low = [-np.inf if code.at_most[k] else -float(rest) for k, rest in enumerate(rests)]
    result = milp(
        np.array(columns.costs),
        integrality=np.ones(size),
        bounds=Bounds(np.array(columns.lower), np.array(columns.upper)),
        constraints=LinearConstraint(matrix.tocsc(), np.array(low + [-np.inf] * len(columns.limits)), np.array(high)),
        options={"time_limit": seconds, "mip_rel_gap": GAP},
    )
    if result.x is None:
        return None
    amounts = list(start)
    for column, cell, step in picks:
        amounts[cell] += step if result.x[column] > 0.5 else 0
    for column, cell in steps:
        amounts[cell] += round(result.x[column])
    return amounts


def _add_cells(
    columns: _Columns, code: Code, channels: Sequence[CellChannel], start: Sequence[int]
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int]]]:
    """Variables of the cells: (column, cell, step) of each other candidate, (column, cell) of each free step."""
    picks: list[tuple[int, int, int]] = []
    steps: list[tuple[int, int]] = []
    widest = _find_widest(code, channels, start)
    for i, channel in enumerate(channels):
        if not code.ties_of[i]:
            continue
        one: dict[int, float] = {}
        for amount in [a for a in channel.known if a != start[i]][:WIDEST]:
            column = columns.add(max(cost_between(channel, start[i], amount), 0.0), 0.0, 1.0)
            picks.append((column, i, amount - start[i]))
            one[column] = 1.0
            for k, coefficient in code.ties_of[i]:
                columns.rows[k][column] = float(coefficient * (amount - start[i]))
        one |= _add_free_step(columns, code, i, (channel, start[i], widest))
        steps.append((max(one), i))
        columns.limits.append(({c: v for c, v in one.items() if v}, 1.0))
    return picks, steps


def _add_free_step(columns: _Columns, code: Code, cell: int, of: tuple[CellChannel, int, float]) -> dict[int, float]:
    """A switch with its cost, and the step it allows; the last column is the step."""
    import math

    channel, start, widest = of
    cost = math.log(channel.weigh(start)) - math.log(max(channel.bound_weight(), 1e-300)) + FREE_EXTRA
    switch = columns.add(max(cost, 0.0), 0.0, 1.0)
    step = columns.add(0.0, -min(widest, max(float(start), 0.0)), widest)
    for k, coefficient in code.ties_of[cell]:
        columns.rows[k][step] = float(coefficient)
    columns.limits.append(({step: 1.0, switch: -widest}, 0.0))
    columns.limits.append(({step: -1.0, switch: -widest}, 0.0))
    return {switch: 1.0, step: 0.0}


def _add_slacks(
    columns: _Columns, code: Code, syndrome: dict[int, int], start: Sequence[int], channels: Sequence[CellChannel]
) -> None:
    """For each tie a switch that gives it up at its cost, and what it may then be off by."""
    widest = _find_widest(code, channels, start)
    for k in range(len(code.ties)):
        switch = columns.add(code.costs[k], 0.0, 1.0)
        slack = columns.add(0.0, -2 * widest, 2 * widest)
        columns.rows[k][slack] = 1.0
        columns.limits.append(({slack: 1.0, switch: -2 * widest}, 0.0))
        columns.limits.append(({slack: -1.0, switch: -2 * widest}, 0.0))


def _find_widest(code: Code, channels: Sequence[CellChannel], start: Sequence[int]) -> float:
    """No step need be longer: the largest rest of a tie and the largest step to a candidate together."""
    rests = [abs(rest) for rest in code.find_syndrome(start).values()]
    ranges = [abs(a - start[i]) for i, c in enumerate(channels) for a in c.known[: WIDEST + 1] if code.ties_of[i]]
    return float(max(rests, default=0) + max(ranges, default=0) + 1)


def _find_rest(code: Code, tie: int, start: Sequence[int]) -> int:
    return sum(coefficient * start[i] for i, coefficient in code.terms[tie]) - code.constants[tie]
