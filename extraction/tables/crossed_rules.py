"""Rules told from strokes of characters and creases by what was read: no rule runs through the middle of print."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from models.page import Box, Character, Rule

Extent = tuple[float, float]

INNER = 0.2  # of a character on either side, where a rule that touches it may lie
STROKE_INNER = 0.04  # the same for a line that lies in characters for the most part
COVERED = 0.5  # of a line, within characters whose strokes it is
THIN = frozenset("1lI|丨!/\\[](){}-—_一=,.、。·:;'\"")  # what a rule itself may be read as, and marks
MIN_CROSSED = 3  # characters that a crease runs through
MIN_PIECE = 6.0  # points, of what is left of a rule between characters


def drop_crossed_rules(rules: Sequence[Rule], characters: Sequence[Character]) -> tuple[Rule, ...]:
    """The rules without what runs through characters, both in points of the upright page.

    Strokes of characters go, and a horizontal line through several characters, which is a crease. A vertical rule is
    cut: what lies in line with it was taken for a part of it.
    """
    wide = [character.box for character in characters if character.text not in THIN]
    across = _Crossings([(top, bottom, left, right) for left, top, right, bottom in wide])
    down = _Crossings([(left, right, top, bottom) for left, top, right, bottom in wide])
    return tuple(kept for rule in rules for kept in _cut_rule(rule, across if rule.horizontal else down))


def _cut_rule(rule: Rule, crossings: _Crossings) -> Iterator[Rule]:
    left, top, right, bottom = rule.box
    at, start, end = ((top + bottom) / 2, left, right) if rule.horizontal else ((left + right) / 2, top, bottom)
    if crossings.is_stroke(at, start, end):
        return
    crossed = crossings.find_crossed(at, start, end)
    if not crossed:
        yield rule
    elif not rule.horizontal or len(crossed) < MIN_CROSSED:
        for first, last in _find_rest((start, end), crossed):
            yield Rule(_make_box(rule, first, last))


def _make_box(rule: Rule, start: float, end: float) -> Box:
    left, top, right, bottom = rule.box
    return (start, top, end, bottom) if rule.horizontal else (left, start, right, end)


def _find_rest(extent: Extent, crossed: Sequence[Extent]) -> Iterator[Extent]:
    """What is left of a line between the characters that it runs through."""
    at = extent[0]
    for start, end in [*sorted(crossed), (extent[1], extent[1])]:
        if start - at >= MIN_PIECE:
            yield at, start
        at = max(at, end)


class _Crossings:
    """Looks up the characters that a line runs through: boxes are (low, high) across it and (from, to) along it."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = sorted(boxes)
        self._lows = [box[0] for box in self._boxes]
        self._most = max((box[1] - box[0] for box in boxes), default=0.0)

    def find_crossed(self, at: float, start: float, end: float) -> list[Extent]:
        """From where to where a line at `at` runs within each character that it cuts in its inner part."""
        return [
            (begin, stop)
            for low, high, begin, stop in self._find_near(at, INNER)
            if min(end, stop) - max(start, begin) > 0.5 * (stop - begin)
        ]

    def is_stroke(self, at: float, start: float, end: float) -> bool:
        """Whether most of a line lies in characters: a stroke of one, or of several side by side."""
        inside = sum(
            max(min(end, stop) - max(start, begin), 0.0) for _, _, begin, stop in self._find_near(at, STROKE_INNER)
        )
        return inside >= COVERED * (end - start)

    def _find_near(self, at: float, inner: float) -> Iterator[Box]:
        first, last = bisect_left(self._lows, at - self._most), bisect_right(self._lows, at)
        for box in self._boxes[first:last]:
            margin = inner * (box[1] - box[0])
            if box[0] + margin < at < box[1] - margin:
                yield box
