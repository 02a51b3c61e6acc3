"""Labels of a table without rules: which lines make one label, and which row with values it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.aligned_lines import Segment
from extraction.tables.page_text import is_open, is_ordinal

MAX_LINES = 40  # of a label
MIN_NUMBERED = 4  # labels
MAX_SKIP = 3  # rows without a label, one after the other
PITCH = 1.5  # of the font size, between lines of a label, as a rule
FAR_PITCH = 1.9  # at most
ROOM = 1.5  # of the font size, that a line leaves at its end where the next word did not fit
REACH = 4.0  # of the font size, from a label to its values, at most
# What speaks against a reading, in font sizes of distance between a label and its values.
APART, NO_LABEL, NO_VALUES, NO_ROOM, TORN, NEW_LABEL, SHORT_LINE, WALL = 6.0, 3.0, 3.0, 3.0, 2.5, 6.0, 1.5, 20.0
STUB = 3.5  # the same as `SHORT_LINE` for a line that leaves most of its column free
STUB_WIDTH = 0.6  # of the room from its left to where labels end
LONGER, LONGER_ROOM = 6.0, 2.0  # the same where the next line is longer, and by how much
NUMBERED = 0.8  # labels that begin with a number, for each row with values: all labels do
UNNUMBERED = 0.25  # of what speaks against a line going on with one that has a number, where it has none
NO_NUMBER = 3.0
CUT = 0.3  # of the font size
NOT_NEXT = 1.5  # in the file: lines of a label follow one another

Wall = Callable[[Segment, float], bool]  # whether a rule stands between a piece of print and a height


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of one label from the top; `row` is the row with values it belongs to, `None` if it has none."""

    lines: tuple[Segment, ...]
    row: int | None

    @property
    def base(self) -> float:
        """The middle of its baselines."""
        return (find_base(self.lines[0]) + find_base(self.lines[-1])) / 2


def find_base(segment: Segment) -> float:
    """The baseline of a piece of print."""
    return segment.characters[0].origin[1]


def find_cuts(segments: Sequence[Segment]) -> list[float]:
    """Where labels stand side by side: the fewest places that part all pairs of them."""
    gaps = sorted(
        (other.box[0], segment.box[2])
        for segment in segments
        for other in segments
        if segment.box[2] <= other.box[0] and _is_beside(segment, other)
    )
    cuts: list[float] = []
    for end, start in gaps:
        if not cuts or start > cuts[-1]:
            cuts.append(end)
    return cuts


def _is_beside(segment: Segment, other: Segment) -> bool:
    return min(segment.box[3], other.box[3]) - max(segment.box[1], other.box[1]) > 0


def part_groups(segments: Sequence[Segment], cuts: Sequence[float], lone: set[int]) -> set[int]:
    """Numbers of the pieces that stand beside labels further right, over several rows.

    `lone` are numbers of those with values and nothing else in their row.
    """
    groups = {
        index
        for index, segment in enumerate(segments)
        if any(segment.box[2] <= other.box[0] and _is_beside(segment, other) for other in segments)
    }
    pending = list(groups)
    while pending:
        member = segments[pending.pop()]
        for index, segment in enumerate(segments):
            if index in groups or index in lone or not any(segment.box[2] <= cut for cut in cuts):
                continue
            if any(is_open(other.text) and segment.follows(other) for other in segments):
                continue  # the rest of a label that reaches over the columns of others
            if _goes_on(member, segment):
                groups.add(index)
                pending.append(index)
    return groups


def _goes_on(member: Segment, segment: Segment) -> bool:
    """Whether two pieces follow one another in one narrow column."""
    near = abs(find_base(member) - find_base(segment)) <= FAR_PITCH * _find_size(segment)
    return near and min(member.box[2], segment.box[2]) > max(member.box[0], segment.box[0])


def _find_size(segment: Segment) -> float:
    return max(1.0, *(character.size for character in segment.characters))


def chain_groups(segments: Sequence[Segment], rows: Sequence[float]) -> list[Label]:
    """Labels over several rows, out of pieces that follow one another downwards; each with the nearest of `rows`."""
    chains: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda segment: (segment.box[1], segment.box[0])):
        chain = next((chain for chain in chains if _goes_on(chain[-1], segment)), None)
        if chain is None or (is_ordinal(segment.text) and len(segment.text) > 2):
            chains.append([segment])
        else:
            chain.append(segment)
    labels = [Label(tuple(chain), None) for chain in chains]
    return [
        Label(label.lines, min(range(len(rows)), key=lambda row: abs(rows[row] - label.base), default=None))
        for label in labels
    ]


def assign_labels(
    lines: Sequence[Segment], rows: Sequence[float], wall: Wall, own: Sequence[int | None]
) -> list[Label]:
    """Labels out of lines (from the top), each beside its row; `rows` are the baselines of the values.

    `own` gives the row that a line has values of beside it, and which its label is of.
    Values stand at the middle, the top or the bottom of their labels, all of them alike.
    """
    choices = [_Assignment(lines, rows, wall, own, anchor).find() for anchor in (0.5, 0.0, 1.0)]
    return min(choices, key=lambda choice: choice[0])[1]


class _Assignment:
    """The cheapest way to cut lines into labels and to give these rows, in order."""

    def __init__(
        self, lines: Sequence[Segment], rows: Sequence[float], wall: Wall, own: Sequence[int | None], anchor: float
    ) -> None:
        self._lines = lines
        self._rows = rows
        self._wall = wall
        self._own = own
        self._anchor = anchor
        self._bases = [find_base(line) for line in lines]
        self._sizes = [_find_size(line) for line in lines]
        self._end = max((line.box[2] for line in lines), default=0.0)
        self._numbered = sum(is_ordinal(line.text) for line in lines) >= max(NUMBERED * len(rows), MIN_NUMBERED)
        gaps = sorted(after - before for before, after in pairwise(rows))
        self._pitch = gaps[len(gaps) // 4] if gaps else 0.0

    def find(self) -> tuple[float, list[Label]]:
        best: list[dict[int, tuple[float, tuple[Label, ...]]]] = [{} for _ in range(len(self._lines) + 1)]
        best[0][0] = (0.0, ())
        for start, states in enumerate(best[:-1]):
            for used, (cost, labels) in states.items():
                for end, row, added in self._list_steps(start, used):
                    then = used if row is None else row + 1
                    total = cost + added
                    if then not in best[end] or total < best[end][then][0]:
                        best[end][then] = (total, (*labels, Label(tuple(self._lines[start:end]), row)))
        ends = [(cost + NO_LABEL * (len(self._rows) - used), labels) for used, (cost, labels) in best[-1].items()]
        cost, found = min(ends, key=lambda end: end[0])
        return cost, list(found)

    def _list_steps(self, start: int, used: int) -> list[tuple[int, int | None, float]]:
        """Labels that may begin with a line: where they end, their row, and what speaks against them."""
        steps: list[tuple[int, int | None, float]] = []
        inner = self._weigh_split(start)
        for end in range(start + 1, min(start + MAX_LINES, len(self._lines)) + 1):
            if end > start + 1:
                inner += self._weigh_join(end - 1)
                if inner > 2 * WALL:
                    break
            steps.append((end, None, inner + self._weigh_lone(start, end, used)))
            for row in range(used, min(used + MAX_SKIP + 1, len(self._rows))):
                distance = self._measure(start, end, row)
                if distance <= REACH:
                    blocked = any(self._wall(line, self._rows[row]) for line in self._lines[start:end])
                    blocked = blocked or any(own not in (None, row) for own in self._own[start:end])
                    skipped = NO_LABEL * (row - used)
                    steps.append((end, row, inner + APART * distance + skipped + WALL * blocked))
        return steps

    def _place(self, start: int, end: int) -> float:
        """Where the values of a label of these lines stand."""
        return self._bases[start] + self._anchor * (self._bases[end - 1] - self._bases[start])

    def _measure(self, start: int, end: int, row: int) -> float:
        distance = abs(self._place(start, end) - self._rows[row]) / self._sizes[start]
        if start and end < len(self._lines):
            return distance
        # The first and the last label may be cut by a page break, so that their middle is elsewhere.
        slack = self._sizes[start] / 4
        inside = self._bases[start] - slack <= self._rows[row] <= self._bases[end - 1] + slack
        return min(distance, CUT) if inside else distance

    def _weigh_join(self, index: int) -> float:
        """What speaks against a line going on with the label of the one before."""
        pitch = (self._bases[index] - self._bases[index - 1]) / self._sizes[index]
        cost = 0.0 if pitch <= PITCH else 3.0 if pitch <= FAR_PITCH else WALL
        cost += NEW_LABEL * is_ordinal(self._lines[index].text)
        shape = (
            0.0
            if self._is_full(index - 1) or is_open(self._lines[index - 1].text)
            else STUB
            if self._is_stub(index - 1)
            else SHORT_LINE
        )
        shape += LONGER * self._is_longer(index)
        shape += NOT_NEXT * (not self._lines[index].follows(self._lines[index - 1]))
        cost += shape * (UNNUMBERED if self._numbered and not is_ordinal(self._lines[index].text) else 1.0)
        return cost + WALL * self._wall(self._lines[index], self._bases[index - 1])

    def _weigh_split(self, index: int) -> float:
        """What speaks against a line beginning a label."""
        if index == 0 or is_ordinal(self._lines[index].text):
            return 0.0
        if is_open(self._lines[index - 1].text):
            return TORN
        if not self._is_full(index - 1):
            return NO_NUMBER * self._numbered
        pitch = (self._bases[index] - self._bases[index - 1]) / self._sizes[index]
        return TORN if pitch <= PITCH and not self._wall(self._lines[index], self._bases[index - 1]) else 0.0

    def _weigh_lone(self, start: int, end: int, used: int) -> float:
        """What speaks against a label having no values: the rows around it leave no room, or are out of order."""
        place, size = self._place(start, end), self._sizes[start]
        above = self._rows[used - 1] if used else None
        below = self._rows[used] if used < len(self._rows) else None
        cost = NO_VALUES + WALL * any(row is not None for row in self._own[start:end])
        if above is not None and below is not None and below - above < 1.5 * self._pitch:
            cost += NO_ROOM
        out = (above is not None and place <= above) or (below is not None and place >= below)
        return cost + out * (NO_ROOM + size / 100)

    def _is_longer(self, index: int) -> bool:
        room = LONGER_ROOM * self._sizes[index]
        return self._measure_width(index) > self._measure_width(index - 1) + room

    def _measure_width(self, index: int) -> float:
        return self._lines[index].box[2] - self._lines[index].box[0]

    def _is_stub(self, index: int) -> bool:
        """Whether a line leaves so much of its column free that the next word would have stood in it."""
        return self._measure_width(index) < STUB_WIDTH * (self._end - self._lines[index].box[0])

    def _is_full(self, index: int) -> bool:
        return self._lines[index].box[2] > self._end - ROOM * self._sizes[index]
