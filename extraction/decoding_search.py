"""The tables that the pictures and the sums make probable, best first: list decoding by syndromes.

The sums of a form are the checks of a linear code over the integers; what they amount to is the syndrome (compare
syndrome decoding, MacWilliams & Sloane 1977, and error localization of Fellegi & Holt 1976: the fewest, here the
likeliest, cells to change so that all edits hold). Every table that breaks a sum must be mended in a cell of that sum,
so the search branches on the cells of one broken sum at a time, in the order of A* (Hart, Nilsson & Raphael 1968).
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from extraction.decoding_channel import CellChannel
from extraction.decoding_ties import Code

FARTHEST = 40.0  # nats: a change less probable than that is not looked at


@dataclass(frozen=True, slots=True)
class Solution:
    """A table of numbers meant: `changes` of the start by cell, the ties that it breaks, its cost in nats."""

    cost: float
    changes: dict[int, int]
    given_up: frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """Solutions, the most probable first; `reach`: nats beyond the first within which there is no other one."""

    solutions: tuple[Solution, ...]
    reach: float


@dataclass(frozen=True, slots=True)
class _Node:
    cost: float
    changes: dict[int, int]
    syndrome: dict[int, int]
    given_up: frozenset[int]


@dataclass(slots=True)
class Search:
    """One search: the code, what the cells say, and where it begins; costs are kept once computed.

    `reach`: nats beyond the best table within which all are listed. `max_nodes`: tables looked at, complete or not.
    """

    code: Code
    channels: Sequence[CellChannel]
    start: Sequence[int]
    reach: float = 9.0
    max_nodes: int = 2_000
    _costs: dict[tuple[int, int], float] = field(default_factory=dict)
    _bounds: dict[tuple[int, int], float] = field(default_factory=dict)
    _others: list[tuple[tuple[float, int], ...]] = field(default_factory=list)
    _cheapest: list[float] = field(default_factory=list)
    _logs: list[float] = field(default_factory=list)
    _free: list[float] = field(default_factory=list)

    def run(self) -> Found:
        """List the tables; raises nothing, and is cut short after `max_nodes`."""
        self._prepare()
        root = _Node(0.0, {}, self.code.find_syndrome(self.start), frozenset())
        limit = sum(self.code.costs[k] for k in root.syndrome) + self.reach
        queue = [(self._bound(root), 0, root)]
        seen: set[tuple[frozenset[tuple[int, int]], frozenset[int]]] = set()
        solutions: list[Solution] = []
        counter = itertools.count(1)
        for _ in range(self.max_nodes):
            if not queue or queue[0][0] > limit:
                break
            _, _, node = heapq.heappop(queue)
            key = (frozenset(node.changes.items()), node.given_up)
            if key in seen:
                continue
            seen.add(key)
            if not node.syndrome:
                solutions.append(Solution(node.cost, node.changes, node.given_up))
                limit = min(limit, node.cost + self.reach)
            for child in self._expand(node, limit):
                total = child.cost + self._bound(child)
                if total <= limit:
                    heapq.heappush(queue, (total, next(counter), child))
        solutions.sort(key=lambda solution: solution.cost)
        if not solutions:
            return Found((), 0.0)
        left = queue[0][0] - solutions[0].cost if queue else self.reach
        return Found(tuple(solutions), max(min(left, self.reach), 0.0))

    def find_cost(self, cell: int, amount: int) -> float:
        """Nats by which another number is less probable in a cell than that of the start."""
        key = (cell, amount)
        if key not in self._costs:
            self._costs[key] = self._logs[cell] - math.log(self.channels[cell].weigh(amount))
        return self._costs[key]

    def _prepare(self) -> None:
        for i, channel in enumerate(self.channels):
            tied = bool(self.code.ties_of[i])
            self._logs.append(math.log(channel.weigh(self.start[i])))
            self._free.append(self._logs[i] - math.log(max(channel.bound_weight(), 1e-300)))
            others = [(self.find_cost(i, a), a) for a in channel.known if a != self.start[i]] if tied else []
            self._others.append(tuple(sorted(others)))
            self._cheapest.append(min([self._free[i], *(cost for cost, _ in others)]))

    def _expand(self, node: _Node, limit: float) -> list[_Node]:
        if not node.syndrome:
            free = [i for i in range(len(self.channels)) if i not in node.changes]
            return [
                self._change(node, i, amount, cost)
                for i in free
                for cost, amount in self._others[i]
                if node.cost + cost <= limit
            ]
        tie = min(node.syndrome, key=lambda k: (len(self.code.terms[k]), -self.code.costs[k], k))
        children = [
            self._change(node, i, amount, cost)
            for i, _ in self.code.terms[tie]
            if i not in node.changes and node.cost + self._cheapest[i] <= limit
            for amount, cost in self._list_amounts(node, i, limit)
        ]
        left = {k: rest for k, rest in node.syndrome.items() if k != tie}
        return [
            *children,
            _Node(node.cost + self.code.costs[tie], node.changes, left, node.given_up | {tie}),
        ]

    def _list_amounts(self, node: _Node, cell: int, limit: float) -> list[tuple[int, float]]:
        """Numbers to try in a cell of a broken tie: its other candidates, and what would mend one of its ties."""
        amounts = {amount: cost for cost, amount in self._others[cell]}
        if node.cost + self._free[cell] <= limit:
            for k, coefficient in self.code.ties_of[cell]:
                if k in node.syndrome and node.syndrome[k] % coefficient == 0:
                    amount = self.start[cell] - node.syndrome[k] // coefficient
                    amounts.setdefault(amount, self.find_cost(cell, amount))
        return [(a, cost) for a, cost in amounts.items() if cost < FARTHEST and node.cost + cost <= limit]

    def _change(self, node: _Node, cell: int, amount: int, cost: float) -> _Node:
        syndrome = dict(node.syndrome)
        step = amount - self.start[cell]
        for k, coefficient in self.code.ties_of[cell]:
            if k in node.given_up:
                continue
            if self.code.at_most[k]:
                changes = {**node.changes, cell: amount}
                rest = self._sum(k, changes)
                rest = max(rest, 0)
            else:
                rest = syndrome.get(k, 0) + coefficient * step
            if rest:
                syndrome[k] = rest
            else:
                syndrome.pop(k, None)
        return _Node(node.cost + cost, {**node.changes, cell: amount}, syndrome, node.given_up)

    def _sum(self, tie: int, changes: dict[int, int]) -> int:
        total = sum(coefficient * changes.get(i, self.start[i]) for i, coefficient in self.code.terms[tie])
        return total - self.code.constants[tie]

    def _bound(self, node: _Node) -> float:
        """No way to mend the table costs less: ties that share no cell are mended apart."""
        if not node.syndrome:
            return 0.0
        sums = [0.0] * len(self.code.ties)
        for k, rest in node.syndrome.items():
            sums[self.code.classes[k]] += self._bound_tie(k, rest)
        return max(sums)

    def _bound_tie(self, tie: int, rest: int) -> float:
        """The least that mending one tie costs: giving it up, one cell that mends it, or two that may."""
        key = (tie, rest)
        if key not in self._bounds:
            self._bounds[key] = self._compute_bound(tie, rest)
        return self._bounds[key]

    def _compute_bound(self, tie: int, rest: int) -> float:
        terms = self.code.terms[tie]
        cheapest = sorted(self._cheapest[i] for i, _ in terms)
        if self.code.at_most[tie]:
            return min(self.code.costs[tie], cheapest[0])
        best = min(self.code.costs[tie], sum(cheapest[:2]) if len(cheapest) > 1 else math.inf)
        for i, coefficient in terms:
            if self._cheapest[i] < best and rest % coefficient == 0:
                best = min(best, self.find_cost(i, self.start[i] - rest // coefficient))
        return max(best, 0.0)
