"""The rules of a page out of its picture: strokes told from those of characters, with how sure each is."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from extraction.pictures.broken_rules import Piece, join_broken
from extraction.pictures.strokes import Stroke, find_strokes
from models.page import Rule
from models.picture import CleanPicture

LONG = 60.0  # points, of a rule on its own: strokes of characters in a row may look like a shorter one
TYPICAL = 60.0  # points, of the rules by whose ink others are judged
SOLID = 0.8  # of its length that a rule on its own has ink, where the others have it all along
UNBROKEN = 0.9  # the same of those that tell what rules of a page are like
CLOSED = 0.85  # the same of a short one
MAX_CROSSED = 0.12  # of a rule on its own, with ink close on both sides
CROSSING = 4.0  # points
PLAIN = 40.0  # points: no stroke of a character is as long
PLAIN_CROSSED = 0.08
SHORT, SHORT_CROSSED = 14.0, 0.03  # the same of a shorter one, in tables of few rows
PLAIN_DOTS = 0.6  # of its length that a dotted or dashed rule has ink
MIN_INK = 0.3  # of that of typical rules: less comes through from the back of the sheet
TOUCH = 1.6  # points by which a rule may miss the one it ends at
ALIGNED = 1.5  # points between the axes of pieces of one rule
BRIDGE = 16.0  # points between pieces of a rule that is broken
LEAN = 2.5  # points, from end to end of a rule given in one piece
EXTENDED = 0.2  # how sure a piece is at least that is made longer
INKED = 0.5  # of its ink, that goes on in its line
SMALL_GAP = 1.2  # points: a larger one parts a character from a rule
DASH_GAP = 3.6  # points
REACH = 60.0  # points by which a piece is made longer at most
GRAIN = 50.0  # per cent of a line across a page at least are paper
PERIOD = 14.0  # points from dash to dash on average
DASH_CROSSED = 0.03
FAR = 120.0  # points: strokes of characters do not follow one another so far in one line without many of them crossing
FAR_CROSSED = 0.1
DASH_INK = 0.5  # of that of other rules
DOTS = 3.6  # points from dot to dot: closer ones are a line
DOTS_CROSSED = 0.02
ENCLOSED = 250.0  # points: a longer rule is a wall, however its ends fade
DASHED = 0.35  # of its length that a long rule between two others has ink
ROUNDS = 4
SURE = 0.5
JOINED = 0.7  # how sure a rule is that was put together out of pieces


@dataclass(frozen=True, slots=True)
class DrawnRule:
    """A rule in points of the upright page; `sure` from 0 to 1, an uncalibrated score.

    A `plain` one has ink all along or in dashes, longer than any stroke of a character, and paper beside it. A `solid`
    one has hardly a gap.
    """

    rule: Rule
    sure: float
    plain: bool = False
    solid: bool = False


def find_drawn_rules(clean: CleanPicture) -> tuple[DrawnRule, ...]:
    """All strokes that may be rules, with how sure each is: below `SURE` are those that only a grid can make one."""
    pieces = [piece for stroke in find_strokes(clean.grey, clean.scale) for piece in _cut_leaning(stroke)]
    sure = _weigh_pieces(pieces)
    joined, broken = join_broken(pieces, [weight >= SURE for weight in sure], clean)
    if joined:
        pieces = [*joined, *(piece for number, piece in enumerate(pieces) if number not in broken)]
        sure = _weigh_pieces(pieces, len(joined))
    pieces = _extend_pieces(pieces, sure, clean)
    sure = _drop_enclosed(pieces, _weigh_pieces(pieces, len(joined)))
    return tuple(
        DrawnRule(_make_rule(piece), weight, _is_plain(piece), piece.cover >= CLOSED)
        for piece, weight in zip(pieces, sure, strict=True)
    )


def _is_plain(piece: Piece) -> bool:
    if piece.length < PLAIN:
        return piece.length >= SHORT and piece.cover >= UNBROKEN - 0.02 and piece.crossed <= SHORT_CROSSED
    broken = piece.cover >= PLAIN_DOTS
    dotted = broken and piece.period <= DOTS
    dashed = broken and piece.period <= PERIOD and piece.length >= FAR and piece.crossed <= SHORT_CROSSED
    return piece.crossed <= PLAIN_CROSSED and (dotted or dashed or piece.cover >= CLOSED)


def _make_rule(piece: Piece) -> Rule:
    half = min(piece.width, piece.length) / 2
    if piece.horizontal:
        return Rule((piece.start, piece.at - half, piece.end, piece.at + half))
    return Rule((piece.at - half, piece.start, piece.at + half, piece.end))


def _cut_leaning(stroke: Stroke) -> Iterable[Piece]:
    """A stroke in parts that are straight enough to be rules."""
    lean = float(np.ptp(stroke.across))
    dotted = stroke.period <= DOTS and stroke.crossed <= DOTS_CROSSED + 1.0 / max(stroke.length, 1.0)
    cover = 1.0 if dotted else stroke.cover
    ink = min(1.0, stroke.ink / max(stroke.cover, DASHED)) if dotted else stroke.ink
    for part in np.array_split(np.arange(len(stroke.along)), max(1, math.ceil(lean / LEAN))):
        along = stroke.along[part]
        if len(part) > 1:
            at = float(np.median(stroke.across[part]))
            start, end = float(along[0]), float(along[-1])
            yield Piece(stroke.horizontal, at, start, end, ink, cover, stroke.crossed, stroke.width, stroke.period)


def _extend_pieces(pieces: Sequence[Piece], sure: Sequence[float], clean: CleanPicture) -> list[Piece]:
    """Pieces made longer, up to a rule across, where there is ink in their line: print close by hid them."""
    known = [piece for piece, weight in zip(pieces, sure, strict=True) if weight >= SURE]
    across, down = _Lines(known, horizontal=True), _Lines(known, horizontal=False)
    extended = []
    for piece, weight in zip(pieces, sure, strict=True):
        crossing = down if piece.horizontal else across
        extended.append(_extend(piece, crossing, clean) if weight >= EXTENDED else piece)
    return extended


def _extend(piece: Piece, crossing: _Lines, clean: CleanPicture) -> Piece:
    ends = [crossing.touches(piece.at, piece.start), crossing.touches(piece.at, piece.end)]
    if all(ends):
        return piece
    grey = clean.grey if piece.horizontal else clean.grey.T
    row = round(piece.at * clean.scale - 0.5)
    line = 255 - grey[max(row - 1, 0) : row + 2].min(axis=0, initial=255)
    grain = 1.5 * float(np.percentile(line, GRAIN))
    places = np.flatnonzero(line >= max(INKED * 255 * piece.ink, grain)) / clean.scale
    if not len(places):
        return piece
    # Runs of ink, whose small gaps are closed.
    cuts = np.flatnonzero(np.diff(places) > (SMALL_GAP if piece.cover >= CLOSED else DASH_GAP))
    starts, stops = places[np.r_[0, cuts + 1]], places[np.r_[cuts, len(places) - 1]]
    start, end = piece.start, piece.end
    if not ends[0]:
        run = int(np.searchsorted(starts, piece.start + TOUCH, side="right")) - 1
        if run >= 0 and stops[run] >= piece.start - TOUCH:
            start = crossing.find_outermost(piece.at, max(float(starts[run]), start - REACH), start, outward=-1)
    if not ends[1]:
        run = int(np.searchsorted(starts, piece.end + TOUCH, side="right")) - 1
        if run >= 0 and stops[run] >= piece.end - TOUCH:
            end = crossing.find_outermost(piece.at, end, min(float(stops[run]), end + REACH), outward=1)
    return replace(piece, start=start, end=end)


def _weigh_pieces(pieces: Sequence[Piece], joined: int = 0) -> list[float]:
    """How sure each piece is a rule: long and solid ones first, then those that end at them or lie between them.

    The first `joined` are rules whose pieces were put together.
    """
    solid, usual = _find_usual(pieces[joined:]), _find_usual(pieces)
    sure = [JOINED if number < joined else _weigh_alone(piece, solid) for number, piece in enumerate(pieces)]
    for _ in range(ROUNDS):
        known = [piece for piece, weight in zip(pieces, sure, strict=True) if weight >= SURE]
        across, down = _Lines(known, horizontal=True), _Lines(known, horizontal=False)
        changed = False
        for number, piece in enumerate(pieces):
            if sure[number] < SURE:
                own, crossing = (across, down) if piece.horizontal else (down, across)
                weight = _weigh_among(piece, own, crossing, usual)
                changed = changed or weight >= SURE
                sure[number] = max(sure[number], weight)
        if not changed:
            break
    return sure


@dataclass(frozen=True, slots=True)
class _Usual:
    """What the long rules of a page are like; dashed ones have less cover."""

    ink: float
    cover: float


def _find_usual(pieces: Sequence[Piece]) -> _Usual:
    """Of the solid ones, or of the dashed ones where these are longer together: edges of the sheet are solid too."""
    long = [piece for piece in pieces if piece.length >= TYPICAL and piece.crossed <= _allow_crossed(piece)]
    solid = [piece for piece in long if piece.cover >= UNBROKEN]
    dashed = [piece for piece in long if piece.length >= FAR and piece.cover < UNBROKEN and piece.period <= PERIOD]
    if not solid or sum(piece.length for piece in dashed) > sum(piece.length for piece in solid):
        solid = dashed or long
    if not solid:
        return _Usual(1.0, 1.0)
    return _Usual(_weigh_median(solid, "ink"), _weigh_median(solid, "cover"))


def _weigh_median(pieces: Sequence[Piece], name: str) -> float:
    """The median of a figure of pieces, each with the weight of its length."""
    ranked = sorted((float(getattr(piece, name)), piece.length) for piece in pieces)
    lengths = np.cumsum([length for _, length in ranked])
    return ranked[int(np.searchsorted(lengths, lengths[-1] / 2))][0]


def _weigh_alone(piece: Piece, usual: _Usual) -> float:
    length = min(1.0, piece.length / LONG)
    ink = min(1.0, piece.ink / max(MIN_INK * usual.ink, 1e-6))
    solid = min(1.0, piece.cover / max(SOLID * usual.cover, 1e-6))
    clear = 1.0 if piece.crossed <= _allow_crossed(piece) else 0.5
    weight = length * ink * solid * clear * (1.0 if _is_even(piece, usual) else 0.5)
    return 0.6 + 0.4 * min(1.0, piece.length / (4 * LONG)) if weight >= 1.0 else 0.45 * weight


def _is_even(piece: Piece, usual: _Usual) -> bool:
    """Whether a piece is solid, or dashed and as dark as other rules; characters in a column have less ink in line."""
    if piece.cover >= CLOSED:
        return True
    least = DASH_CROSSED if piece.length < FAR else FAR_CROSSED  # print that stands close to a long one
    clear = piece.crossed <= least + CROSSING / 2 / max(piece.length, 1.0)
    return clear and piece.ink >= DASH_INK * usual.ink and piece.period <= PERIOD


def _drop_enclosed(pieces: Sequence[Piece], sure: Sequence[float]) -> list[float]:
    """How sure each piece is, less so where it lies free between two rules across: a wall of a cell ends at one."""
    known = [piece for piece, weight in zip(pieces, sure, strict=True) if weight >= SURE]
    lines = {way: _Lines(known, horizontal=way) for way in (True, False)}
    weights = []
    for piece, weight in zip(pieces, sure, strict=True):
        own, crossing = lines[piece.horizontal], lines[not piece.horizontal]
        free = weight >= SURE and piece.length < ENCLOSED and crossing.encloses(piece)
        touching = crossing.touches(piece.at, piece.start) or crossing.touches(piece.at, piece.end)
        ends = touching or own.ends_before(piece) or own.begins_behind(piece)
        weights.append(min(weight, 0.45) if free and not ends else weight)
    return weights


def _allow_crossed(piece: Piece) -> float:
    """The share of a rule that other rules may cross: they have a width, and stand some way apart."""
    return MAX_CROSSED + CROSSING / max(piece.length, 1.0)


def _weigh_among(piece: Piece, own: _Lines, crossing: _Lines, usual: _Usual) -> float:
    ends = crossing.touches(piece.at, piece.start) + crossing.touches(piece.at, piece.end)
    least = DASHED if ends == 2 and piece.length >= LONG else CLOSED * usual.cover
    if piece.cover < least or piece.crossed > 2 * _allow_crossed(piece) or not _is_even(piece, usual):
        return 0.0
    sides = own.ends_before(piece) + own.begins_behind(piece)
    return 0.8 if ends + sides >= 2 else 0.3 * (ends + sides)


class _Lines:
    """Looks up rules of one direction by where they are."""

    def __init__(self, pieces: Sequence[Piece], *, horizontal: bool) -> None:
        self._pieces = sorted((piece for piece in pieces if piece.horizontal is horizontal), key=lambda piece: piece.at)
        self._places = [piece.at for piece in self._pieces]

    def _near(self, at: float, reach: float) -> list[Piece]:
        return self._pieces[bisect_left(self._places, at - reach) : bisect_right(self._places, at + reach)]

    def touches(self, along: float, at: float) -> bool:
        """Whether a rule of this direction runs through (along, at)."""
        return any(
            abs(line.at - at) <= TOUCH + line.width / 2 and line.start - TOUCH <= along <= line.end + TOUCH
            for line in self._near(at, TOUCH + 2)
        )

    def find_outermost(self, along: float, low: float, high: float, *, outward: int) -> float:
        """The last rule across between two places of a line, seen outward; the inner place where there is none."""
        first, last = bisect_left(self._places, low - TOUCH), bisect_right(self._places, high + TOUCH)
        places = [line.at for line in self._pieces[first:last] if line.start - TOUCH <= along <= line.end + TOUCH]
        if outward < 0:
            return min([*places, high])
        return max([*places, low])

    def encloses(self, piece: Piece) -> bool:
        """Whether rules of this direction run past a piece on both sides of it."""
        past = [line for line in self._pieces if line.start - TOUCH <= piece.at <= line.end + TOUCH]
        return any(line.at < piece.start for line in past) and any(line.at > piece.end for line in past)

    def ends_before(self, piece: Piece) -> bool:
        """Whether a rule in one line with a piece ends a little before it, or in it."""
        return any(
            line is not piece and piece.end - line.end >= 0 and piece.start - line.end <= BRIDGE
            for line in self._beside(piece)
        )

    def begins_behind(self, piece: Piece) -> bool:
        """Whether a rule in one line with a piece begins a little behind it, or in it."""
        return any(
            line is not piece and line.start - piece.start >= 0 and line.start - piece.end <= BRIDGE
            for line in self._beside(piece)
        )

    def _beside(self, piece: Piece) -> list[Piece]:
        return self._near(piece.at, ALIGNED)
