"""Rules told from strokes of characters and creases by what was read: no rule runs through the middle of print."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from extraction.pictures.drawn_rules import SURE, DrawnRule
from models.page import Box, Character, Rule
from models.picture import CleanPicture

Extent = tuple[float, float]

INNER = 0.3  # of a character on either side, where ruling that stands close lies: its box may take it in
CLOSE_INNER = 0.1  # the same for short and doubtful rules
LONG = 40.0  # points: a rule as long is more than strokes of characters one below another
STROKE_INNER = 0.04  # the same for a vertical piece that is no longer than a character
ROW_INNER = 0.12  # the same for a horizontal line along characters
STROKE = 1.6  # times a character: a vertical piece that is not longer may be a stroke of it
COVERED = 0.5  # of a line, within characters whose strokes it is
TOUCHED = 0.25  # of a vertical line, within characters or at their edges: it is looked at between them
INK = 70  # grey levels: what is darker than paper by as much
INKED = 0.5  # of what lies between characters, that a wall has ink
JOINT = (0.75, 1.45)  # points from the middle of a rule across: beyond its own ink, and before that of digits
SWAY = 2.5  # points by which a rule may lie off its middle, where it leans
CLEAR = 1.5  # points beside a vertical line without its own ink
JOINED = 0.3  # of the ink between them, that a wall has beside rules across
UNBROKEN = 0.97  # of a line, that a wall of few rows has ink
MIN_EDGES = 3  # rules across that such a wall meets
ROOM = 0.7  # points around a character, that its blur takes
SOLID = 0.85  # of what lies between characters, that a wall with print on it has ink
CHAIN = 0.65  # of a vertical line: strokes of characters one below another
THIN = frozenset("1lI|丨!/\\[](){}-—_一=,.、。·:;'\"")  # what a rule itself may be read as, and marks
MIN_CROSSED = 3  # characters that a crease runs through
MIN_PIECE = 6.0  # points, of the wall of a row
DOUBTFUL = 0.15  # of how sure a rule is: less is no rule whatever stands around it
WHOLE = 0.85  # of a row, that a wall covers
OPEN_ROW = 60.0  # points, that a wall goes on beyond the last rule across: the row is cut by the end of the page
MAX_CROSSED = 0.2  # of the rows of a wall, with characters in its way
WITHIN = 0.6  # of a line without print on both sides, between rules across: what stands out is of print in its line
EDGING = 0.35  # of a row, that the box of a character in another may reach into it
MAX_HEADED = 0.5  # the same where a wall is as high as its table: headings of blocks stand across it
BESIDE = 8.0  # points from a wall to the next
LONGER = 2.0  # times, than a wall beside it that is none
FEW_ROWS = 4  # rules across: a wall of more is one, whatever stands beside it
REACH = 3.0  # points by which a wall may miss the rule that it ends at
NEAR = 60.0  # points between rows of one table at most
SAME = 2.0  # points between rules that are one


def drop_crossed_rules(
    drawn: Sequence[DrawnRule], characters: Sequence[Character], clean: CleanPicture
) -> tuple[Rule, ...]:
    """The rules of a page without what runs through characters, both in points of the upright page.

    Strokes of characters go, and a horizontal line through several characters, which is a crease. A vertical rule goes
    where a row has a character in its way; a doubtful one stays where it is the wall of whole rows, from rule to rule.
    A line down through characters is a wall only where it has ink between them as well.
    """
    wide = [character for character in characters if character.text not in THIN]
    across = _Crossings([_turn_box(character.box, across=True) for character in wide])
    down = _Crossings([_turn_box(character.box, across=False) for character in wide])
    rows = [one.rule for one in drawn if one.rule.horizontal and one.sure >= SURE and _is_free(one.rule, across)]
    walls = [one for one in drawn if not one.rule.horizontal and one.sure >= DOUBTFUL]
    walls = [one for one in walls if one.solid or not _misses_rows(one.rule, rows, clean)]
    chinese = _Crossings([_turn_box(c.box, across=False) for c in wide if c.text >= "\u3400"])
    plain = {
        n: wall
        for n, one in enumerate(walls)
        if one.plain and not _is_in_words(one.rule, rows, chinese) and (wall := _end_at_rows(one.rule, rows))
    }
    walls = [one for number, one in enumerate(walls) if number not in plain]
    solid = [one.rule for one in walls if one.sure >= SURE and _is_solid(one.rule, rows, down, clean)]
    walls = [one for one in walls if one.rule not in solid and not _is_broken(one.rule, down, clean)]
    solid += plain.values()
    streaks = [_find_at(one) for one in walls if _is_streak(one, rows)]
    cut: list[Rule] = []
    for one in walls:
        if any(abs(_find_at(one) - at) <= SAME for at in streaks):
            continue
        if (whole := _find_whole(one, rows, down, clean)) is not None:
            solid.append(whole)
        else:
            cut += _cut_wall(one, rows, down)
    return _keep_walls(solid, cut, rows)


def _keep_walls(solid: Sequence[Rule], cut: Sequence[Rule], rows: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules across and the walls that make a table with them; of those that are `solid`, all but lone ones."""
    kept = [*solid, *cut]
    kept = [wall for wall in kept if not _is_lone(wall, kept, rows)]
    higher = [*solid, *(wall for wall in kept if len(_find_edges(wall.box[0], rows, wall.box[1::2])) > 2)]
    kept = [wall for wall in kept if wall in solid or not _stands_off(wall, higher, rows)]
    return (*rows, *(wall for wall in kept if not any(_shadows(other, wall) for other in kept)))


def _turn_box(box: Box, *, across: bool) -> Box:
    """A box as from where to where it stands across rules of a direction, and along them."""
    left, top, right, bottom = box
    return (top, bottom, left, right) if across else (left, right, top, bottom)


def _is_in_words(rule: Rule, rows: Sequence[Rule], chinese: _Crossings) -> bool:
    """Whether a line down one row runs within Chinese characters: their strokes meet those of the line below."""
    at, top, bottom = _find_middle(rule), rule.box[1], rule.box[3]
    one_row = bottom - top < LONG and len(_find_edges(at, rows, (top, bottom))) <= 2
    return one_row and chinese.is_stroke(at, top, bottom, along=False)


def _find_whole(drawn: DrawnRule, rows: Sequence[Rule], crossings: _Crossings, clean: CleanPicture) -> Rule | None:
    """A line of few rows without a gap, from one rule across to another over a third: a wall that headings touch.

    The boxes of characters may reach over it; in one row at least nothing does. `None` for any other line.
    """
    left, top, right, bottom = drawn.rule.box
    at = (left + right) / 2
    edges = _find_edges(at, rows, (top, bottom))
    if drawn.sure < SURE or len(edges) < MIN_EDGES or max(abs(edges[0] - top), abs(bottom - edges[-1])) > REACH:
        return None
    crossed = crossings.find_crossed(at, top, bottom, inner=CLOSE_INNER)
    free = any(
        not any(_reaches_into(extent, (start, end)) for extent in crossed) for start, end in itertools.pairwise(edges)
    )
    ink = _measure_ink(drawn.rule, (), clean) if free else None
    return Rule((left, edges[0], right, edges[-1])) if ink is not None and ink >= UNBROKEN else None


def _shadows(other: Rule, wall: Rule) -> bool:
    """Whether a wall runs beside a longer one, nearer than any column is wide: strokes of what stands at the wall."""
    _, top, _, bottom = wall.box
    apart = abs(other.box[0] - wall.box[0])
    shared = min(bottom, other.box[3]) - max(top, other.box[1])
    longer = other.box[3] - other.box[1] > LONGER * (bottom - top)
    return SAME < apart < BESIDE and longer and shared >= 0.5 * (bottom - top)


def _is_lone(wall: Rule, walls: Sequence[Rule], rows: Sequence[Rule]) -> bool:
    """Whether a wall of few rows has no other beside it: no table has just one."""
    left, top, _, bottom = wall.box
    beside = any(
        abs(other.box[0] - left) > BESIDE and min(bottom, other.box[3]) - max(top, other.box[1]) >= 0.5 * (bottom - top)
        for other in walls
    )
    return not beside and len(_find_edges(left, rows, (top, bottom))) <= FEW_ROWS


def _stands_off(wall: Rule, higher: Sequence[Rule], rows: Sequence[Rule]) -> bool:
    """Whether a wall of one row is in line with none of the higher ones of its table: the stroke of a digit."""
    left, top, _, bottom = wall.box
    if bottom - top >= LONG or len(_find_edges(left, rows, (top, bottom))) > 2:
        return False
    near = any(other.box[1] - NEAR <= bottom and other.box[3] + NEAR >= top for other in higher)
    return near and not any(abs(other.box[0] - left) <= SAME for other in higher)


def _end_at_rows(rule: Rule, rows: Sequence[Rule]) -> Rule | None:
    """A vertical line from the first rule across that it meets to the last; `None` where it is mostly beyond them."""
    left, top, right, bottom = rule.box
    edges = _find_edges((left + right) / 2, rows, (top, bottom))
    if len(edges) < 2 or edges[-1] - edges[0] < WITHIN * (bottom - top):
        return None
    if max(edges[0] - top, bottom - edges[-1]) > OPEN_ROW:
        return None
    return Rule((left, edges[0], right, edges[-1]))


def _is_solid(rule: Rule, rows: Sequence[Rule], crossings: _Crossings, clean: CleanPicture) -> bool:
    """Whether a line is ink from one rule across to another, over many rows: a wall, though print stands on it."""
    at, top, bottom = (rule.box[0] + rule.box[2]) / 2, rule.box[1], rule.box[3]
    edges = _find_edges(at, rows, (top, bottom))
    if len(edges) <= FEW_ROWS or max(abs(edges[0] - top), abs(bottom - edges[-1])) > REACH:
        return False
    ink = _measure_ink(rule, crossings.find_crossed(at, top, bottom, inner=0.0), clean)
    return ink is not None and ink >= SOLID


def _is_broken(rule: Rule, crossings: _Crossings, clean: CleanPicture) -> bool:
    """Whether a line runs through characters for a good part, at their edges too, and has little ink between them."""
    at, start, end = (rule.box[0] + rule.box[2]) / 2, rule.box[1], rule.box[3]
    inside = crossings.find_crossed(at, start, end, inner=0.0)
    if sum(min(b, end) - max(a, start) for a, b in inside) < TOUCHED * (end - start):
        return False
    ink = _measure_ink(rule, inside, clean)
    return ink is not None and ink < INKED


def _misses_rows(rule: Rule, rows: Sequence[Rule], clean: CleanPicture) -> bool:
    """Whether a vertical line has no ink where it meets the rules across: digits one below another stand between them.

    The reader of pages loses lone digits, so that what it read does not tell.
    """
    at, top, bottom = (rule.box[0] + rule.box[2]) / 2, rule.box[1], rule.box[3]
    edges = [_find_crossing(at, edge, clean) for edge in _find_edges(at, rows, (top, bottom))]
    line = _trace_ink(rule, clean)
    if len(edges) < 2 or not len(line):
        return False
    away = np.abs(top + (np.arange(len(line)) + 0.5)[:, None] / clean.scale - np.array(edges)).min(axis=1)
    joints, between = line[(away >= JOINT[0]) & (away <= JOINT[1])], line[away > JOINT[1]]
    return bool(len(joints) and len(between) and joints.mean() < JOINED * between.mean())


def _trace_ink(rule: Rule, clean: CleanPicture) -> NDArray[np.float64]:
    """How much darker each place of a vertical line is than what lies beside it, which may be shaded."""
    column, near, far = (round(x * clean.scale) for x in ((rule.box[0] + rule.box[2]) / 2, CLEAR, 2 * CLEAR))
    rows = clean.grey[max(round(rule.box[1] * clean.scale), 0) : round(rule.box[3] * clean.scale) + 1]
    own = rows[:, max(column - 2, 0) : column + 2].min(axis=1, initial=255)
    beside = np.concatenate(
        (rows[:, max(column - far, 0) : max(column - near, 0)], rows[:, column + near : column + far]), axis=1
    )
    paper = np.median(beside, axis=1) if beside.shape[1] else np.full(len(own), 255.0)
    return np.asarray(np.maximum(paper - own, 0.0))


def _find_crossing(at: float, edge: float, clean: CleanPicture) -> float:
    """Where a rule across runs beside a place on it, in points: it may lean."""
    scale = clean.scale
    top = max(round((edge - SWAY) * scale), 0)
    left, right = max(round((at - BESIDE) * scale), 0), round((at + BESIDE) * scale)
    inner = round(CLEAR * scale)
    part = 255 - clean.grey[top : round((edge + SWAY) * scale) + 1, left:right].astype(np.int32)
    middle = round(at * scale) - left
    ink = part[:, : max(middle - inner, 0)].sum(axis=1) + part[:, middle + inner :].sum(axis=1)
    if not len(ink) or ink.max() <= 2 * np.median(ink):
        return edge
    return (top + int(np.argmax(ink)) + 0.5) / scale


def _measure_ink(rule: Rule, inside: Sequence[Extent], clean: CleanPicture) -> float | None:
    """The share of a vertical line that has ink, outside of characters; `None` where too little of it is outside."""
    first, last = round(rule.box[1] * clean.scale), round(rule.box[3] * clean.scale)
    column = round((rule.box[0] + rule.box[2]) / 2 * clean.scale - 0.5)
    line = clean.grey[first:last, max(column - 1, 0) : column + 2].min(axis=1, initial=255)
    between = np.ones(len(line), dtype=bool)
    for a, b in inside:
        between[max(round((a - ROOM) * clean.scale) - first, 0) : max(round((b + ROOM) * clean.scale) - first, 0)] = (
            False
        )
    if between.sum() < MIN_PIECE * clean.scale:
        return None
    return float((line[between] < 255 - INK).mean())


def _find_at(drawn: DrawnRule) -> float:
    return _find_middle(drawn.rule)


def _find_middle(rule: Rule) -> float:
    return (rule.box[0] + rule.box[2]) / 2


def _is_streak(drawn: DrawnRule, rows: Sequence[Rule]) -> bool:
    """Whether a vertical line goes on far beyond the rules that it crosses, as dirt on the glass draws it."""
    _, top, _, bottom = drawn.rule.box
    edges = _find_edges(_find_at(drawn), rows, (top, bottom))
    if not edges:
        return bottom - top > OPEN_ROW
    return edges[0] - top > OPEN_ROW or bottom - edges[-1] > OPEN_ROW


def _is_free(rule: Rule, crossings: _Crossings) -> bool:
    """Whether a horizontal rule runs along no row of characters and through few."""
    left, top, right, bottom = rule.box
    line = ((top + bottom) / 2, left, right)
    return not crossings.is_stroke(*line, along=True) and len(crossings.find_crossed(*line)) < MIN_CROSSED


def _cut_wall(drawn: DrawnRule, rows: Sequence[Rule], crossings: _Crossings) -> Iterator[Rule]:
    """The parts of a vertical rule that are walls of rows, put together where they follow one another."""
    left, top, right, bottom = drawn.rule.box
    at, sure = (left + right) / 2, drawn.sure >= SURE
    if crossings.is_stroke(at, top, bottom, along=False):
        return
    margin = INNER if sure and bottom - top >= LONG else CLOSE_INNER
    crossed = crossings.find_crossed(at, top, bottom, inner=margin)
    edges = _find_edges(at, rows, (top, bottom))
    if not edges:
        if sure and not crossed:
            yield drawn.rule
        return
    ends = edges if not sure else sorted({max(top, edges[0] - OPEN_ROW), *edges, min(bottom, edges[-1] + OPEN_ROW)})
    bands = [(start, end) for start, end in itertools.pairwise(ends) if end - start >= MIN_PIECE]
    free = [not any(_reaches_into(extent, band) for extent in crossed) for band in bands]
    # What lies in line with a wall was taken for a part of it; a streak runs through print in the midst of a table.
    inner = free[free.index(True) : len(free) - free[::-1].index(True)] if any(free) else []
    fits = sure and len(edges) > FEW_ROWS and max(abs(edges[0] - top), abs(bottom - edges[-1])) <= REACH
    if inner.count(False) > (MAX_HEADED if fits else MAX_CROSSED) * len(inner):
        return
    kept: list[Extent] = []
    for (start, end), open_band in zip(bands, free, strict=True):
        if not open_band or min(end, bottom) - max(start, top) < WHOLE * (end - start):
            continue
        if kept and kept[-1][1] == start:
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    for start, end in kept:
        yield Rule((left, max(start, top), right, min(end, bottom)))


def _reaches_into(extent: Extent, band: Extent) -> bool:
    """Whether a character is in a row, more than by the edge of its box."""
    return min(extent[1], band[1]) - max(extent[0], band[0]) > EDGING * (band[1] - band[0])


def _find_edges(at: float, rows: Sequence[Rule], extent: Extent) -> list[float]:
    """Where horizontal rules cross a line, those included that it ends at."""
    places = sorted(
        (row.box[1] + row.box[3]) / 2
        for row in rows
        if row.box[0] - REACH <= at <= row.box[2] + REACH and extent[0] - REACH <= row.box[1] <= extent[1] + REACH
    )
    return [place for index, place in enumerate(places) if not index or place - places[index - 1] > SAME]


class _Crossings:
    """Looks up the characters that a line runs through: boxes are (low, high) across it and (from, to) along it."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = sorted(boxes)
        self._lows = [box[0] for box in self._boxes]
        self._most = max((box[1] - box[0] for box in boxes), default=0.0)

    def find_crossed(self, at: float, start: float, end: float, *, inner: float = INNER) -> list[Extent]:
        """From where to where a line at `at` runs within each character that it cuts in its inner part."""
        return [
            (begin, stop)
            for low, high, begin, stop in self._find_near(at, inner)
            if min(end, stop) - max(start, begin) > 0.5 * (stop - begin)
        ]

    def is_stroke(self, at: float, start: float, end: float, *, along: bool) -> bool:
        """Whether most of a line lies in characters: a stroke of one, or `along` a row of them of several."""
        if along:
            inside = self._measure_inside(at, start, end, ROW_INNER)
            return inside >= COVERED * (end - start)
        near = [box for box in self._find_near(at, STROKE_INNER) if end - start <= STROKE * (box[3] - box[2])]
        short = sum(max(min(end, stop) - max(start, begin), 0.0) for _, _, begin, stop in near)
        return short >= COVERED * (end - start) or (
            self._measure_inside(at, start, end, STROKE_INNER) >= CHAIN * (end - start)
        )

    def _measure_inside(self, at: float, start: float, end: float, inner: float) -> float:
        """How much of a line lies in characters."""
        near = self._find_near(at, inner)
        return sum(max(min(end, stop) - max(start, begin), 0.0) for _, _, begin, stop in near)

    def _find_near(self, at: float, inner: float) -> Iterator[Box]:
        first, last = bisect_left(self._lows, at - self._most), bisect_right(self._lows, at)
        for box in self._boxes[first:last]:
            margin = inner * (box[1] - box[0])
            if box[0] + margin < at < box[1] - margin:
                yield box
