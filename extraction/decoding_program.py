"""The most probable table by integer programming, where too much is doubtful to be listed.

Error localization as a mixed integer program (compare DART's card-minimal repairs, Fazzinga et al. 2006, and the MILP
form of Fellegi & Holt in de Waal, Pannekoek & Scholtus 2011, ch. 3), solved by HiGHS: which candidate each cell takes,
and which ties are given up, at the least cost. Numbers that are no candidates are left to the search around it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.decoding_channel import CellChannel, cost_between
from extraction.decoding_ties import Code

WIDEST = 3  # other candidates of a cell that are tried
GAP = 1e-3
MAX_BRANCHES = 2_000


@dataclass(frozen=True, slots=True)
class _Pick:
    """Another candidate of a cell: a variable that is 0 or 1."""

    cell: int
    step: int
    cost: float


def load_solver() -> None:
    """Load what solves programs, which takes a third of a second: for processes that others are forked from."""
    import scipy.optimize
    import scipy.sparse  # noqa: F401


def solve_program(
    code: Code, channels: Sequence[CellChannel], start: Sequence[int], *, seconds: float
) -> list[int] | None:
    """The numbers of the cheapest table found in that time, or `None` where none was; ties may be broken in it."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_matrix

    picks = _list_picks(code, channels, start)
    n_picks, n_ties = len(picks), len(code.ties)
    cells = sorted({pick.cell for pick in picks})
    rows = {cell: 3 * n_ties + r for r, cell in enumerate(cells)}
    # Columns: the picks, for each tie a switch that gives it up, and what it is then off by.
    matrix = lil_matrix((3 * n_ties + len(cells), n_picks + 2 * n_ties))
    reach = np.zeros(n_ties)
    for column, pick in enumerate(picks):
        matrix[rows[pick.cell], column] = 1
        for k, coefficient in code.ties_of[pick.cell]:
            matrix[k, column] = coefficient * pick.step
            reach[k] += abs(pick.step)
    rests = np.array([_find_rest(code, k, start) for k in range(n_ties)], float)
    reach += np.abs(rests) + 1
    for k in range(n_ties):
        switch, slack = n_picks + k, n_picks + n_ties + k
        matrix[k, slack] = 1
        for row, sign in ((n_ties + k, 1), (2 * n_ties + k, -1)):
            matrix[row, slack], matrix[row, switch] = sign, -reach[k]
    low = np.concatenate([np.where(code.at_most, -np.inf, -rests), np.full(2 * n_ties + len(cells), -np.inf)])
    high = np.concatenate([-rests, np.zeros(2 * n_ties), np.ones(len(cells))])
    with _spare_output():
        result = milp(
            np.array([pick.cost for pick in picks] + list(code.costs) + [0.0] * n_ties),
            integrality=np.concatenate([np.ones(n_picks + n_ties), np.zeros(n_ties)]),
            bounds=Bounds(
                np.concatenate([np.zeros(n_picks + n_ties), -reach]),
                np.concatenate([np.ones(n_picks + n_ties), reach]),
            ),
            constraints=LinearConstraint(matrix.tocsc(), low, high),
            options={"time_limit": seconds, "mip_rel_gap": GAP, "node_limit": MAX_BRANCHES},
        )
    if result.x is None:
        return None
    amounts = list(start)
    for pick, chosen in zip(picks, result.x, strict=False):
        amounts[pick.cell] += pick.step if chosen > 0.5 else 0
    return amounts


def _list_picks(code: Code, channels: Sequence[CellChannel], start: Sequence[int]) -> list[_Pick]:
    return [
        _Pick(i, amount - start[i], max(cost_between(channel, start[i], amount), 0.0))
        for i, channel in enumerate(channels)
        if code.ties_of[i]
        for amount in [a for a in channel.known if a != start[i]][:WIDEST]
    ]


def _find_rest(code: Code, tie: int, start: Sequence[int]) -> int:
    return sum(coefficient * start[i] for i, coefficient in code.terms[tie]) - code.constants[tie]


@contextlib.contextmanager
def _spare_output() -> Iterator[None]:
    """Nothing reaches standard output meanwhile: HiGHS prints lines of its own there, among the records."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # its lines wait in the buffer of C
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
