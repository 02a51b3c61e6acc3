"""Rules of which a scanner left pieces and dots: put together along their line, kept where they make a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from models.picture import CleanPicture, Pixels

FLANK = (0.7, 2.0)  # points from the edge of a stroke: strokes of characters have ink there, rules have paper
BARE = 0.12  # of its length that a rule has ink beside it at most; strokes of characters have it for half of theirs
MAX_CROSSED = 0.06
ALIGNED = 0.8  # points between the axes of pieces that follow one another
PLAIN_GAP = 10.0  # points between pieces, at most
DOTTED_GAP = 400.0  # the same, where there are dots in between
DOTS = 0.1  # of the length of such a gap, that has ink
DARKER = 3.0  # times the ink beside it
PALE = 30  # grey levels that a dot is darker than paper at least
ALIKE = 0.4  # the ink of a piece in that of another
BESIDE = 3.0  # points
MAX_PIECES = 1_500  # drawings and screens have more
MIN_PIECES = 3  # of the first rules; others have ink as these
MIN_SPAN = 24.0  # points
MIN_COVER = 0.1  # of its length, that pieces have ink
REACH = 8.0  # points by which rules miss those that they end at
FADED = 24.0  # points from the end of a rule to where it met another, at most
TOUCH = 1.5  # points from a part of a rule to one across that it meets
MIN_MET = 0.2  # of those across, that parts meet
MANY = 4  # rules that one meets
MIN_HELD = 0.6  # of its length, that lies between the rules it meets
MIN_RULES = 2  # in each direction
MIN_SHARE = 0.25  # of the length of whole rules: where these are many, dashes in the cells are no rules


@dataclass(frozen=True, slots=True)
class Piece:
    """A stroke without its thickness: at `at` from `start` to `end`, in points; the others are those of `Stroke`."""

    horizontal: bool
    at: float
    start: float
    end: float
    ink: float
    cover: float
    crossed: float
    width: float
    period: float

    @property
    def length(self) -> float:
        """In points."""
        return self.end - self.start


def join_broken(pieces: Sequence[Piece], sure: Sequence[bool], clean: CleanPicture) -> tuple[list[Piece], set[int]]:
    """Rules put together out of pieces that are not `sure`, and the numbers of these pieces.

    Of rules only those count that end at others, so that all of them make a grid.
    """
    bare = [number for number, piece in enumerate(pieces) if not sure[number] and _is_bare(piece, clean)]
    if len(bare) > MAX_PIECES:
        return [], set()
    chains = []
    for horizontal in (True, False):
        grey = clean.grey if horizontal else clean.grey.T
        ranked = sorted((n for n in bare if pieces[n].horizontal is horizontal), key=lambda n: pieces[n].start)
        chains += _chain(ranked, pieces, grey, clean.scale)
    joined = [(_join([pieces[number] for number in chain]), chain) for chain in chains]
    known = [piece for piece, weight in zip(pieces, sure, strict=True) if weight]
    rules = [*known, *(piece for piece, _ in joined)]
    joined = [(_settle(piece, rules), chain) for piece, chain in joined]
    joined = [one for one in joined if one[0].length >= MIN_SPAN and one[0].cover >= MIN_COVER]
    kept = _keep_held([one for one in joined if len(one[1]) >= MIN_PIECES], known, pieces)
    if kept:
        ink = median(piece.ink for piece, _ in kept)
        kept = _keep_held([one for one in joined if one in kept or _is_alike(one[0].ink, ink)], known, pieces)
    inked = sum(piece.cover * piece.length for piece, _ in kept)
    if inked < MIN_SHARE * sum(piece.length for piece in known):
        return [], set()
    rules = [*known, *(piece for piece, _ in kept)]
    if min(sum(rule.horizontal is way for rule in rules) for way in (True, False)) < MIN_RULES:
        return [], set()
    return [piece for piece, _ in kept], {number for _, chain in kept for number in chain}


def _keep_held(
    joined: Sequence[tuple[Piece, list[int]]], known: Sequence[Piece], pieces: Sequence[Piece]
) -> list[tuple[Piece, list[int]]]:
    """Rules that are held by others, those by which they are held among them."""
    kept = list(joined)
    while True:
        rules = [*known, *(piece for piece, _ in kept)]
        held = [one for one in kept if _is_held(one[0], [pieces[number] for number in one[1]], rules)]
        if len(held) == len(kept):
            return kept
        kept = held


def _is_bare(piece: Piece, clean: CleanPicture) -> bool:
    """Whether there is paper on both sides of a stroke, as beside rules."""
    if piece.crossed > MAX_CROSSED + 1.0 / max(piece.length, 1.0):
        return False
    grey, scale = clean.grey if piece.horizontal else clean.grey.T, clean.scale
    row, half = round(piece.at * scale - 0.5), piece.width / 2 * scale
    near, far = (int(np.ceil(half + side * scale)) for side in FLANK)
    along = slice(max(int(piece.start * scale), 0), int(piece.end * scale) + 1)
    level = 255 - max(ALIKE * piece.ink * 255, PALE)
    sides = grey[max(row - far, 0) : max(row - near + 1, 0), along], grey[row + near : row + far + 1, along]
    return all(float((side.min(axis=0, initial=255) < level).mean()) <= BARE for side in sides if side.shape[1])


def _chain(ranked: Sequence[int], pieces: Sequence[Piece], grey: Pixels, scale: float) -> list[list[int]]:
    """Pieces that follow one another along a line; `grey` has this line from left to right."""
    chains: list[list[int]] = []
    for number in ranked:
        piece = pieces[number]
        before = [chain for chain in chains if _goes_on(pieces[chain[-1]], piece, grey, scale)]
        if before:
            max(before, key=lambda chain: pieces[chain[-1]].end).append(number)
        else:
            chains.append([number])
    return _join_overlapping(chains, pieces)


def _join_overlapping(chains: Sequence[Sequence[int]], pieces: Sequence[Piece]) -> list[list[int]]:
    """Chains in one line, those joined that lie beside one another: pale and dark pieces of one rule."""
    joined: list[tuple[float, float, list[int]]] = []  # where the line is, how far it goes
    for chain in sorted(chains, key=lambda chain: pieces[chain[0]].start):
        at, end = median(pieces[number].at for number in chain), max(pieces[number].end for number in chain)
        beside = [one for one in joined if abs(one[0] - at) <= ALIGNED and one[1] >= pieces[chain[0]].start]
        joined = [one for one in joined if one not in beside]
        members = [number for one in beside for number in one[2]] + list(chain)
        members.sort(key=lambda number: pieces[number].start)
        joined.append((median(pieces[n].at for n in members), max([end, *(one[1] for one in beside)]), members))
    return [members for _, _, members in joined]


def _goes_on(last: Piece, piece: Piece, grey: Pixels, scale: float) -> bool:
    gap = piece.start - last.end
    if abs(piece.at - last.at) > ALIGNED or gap > DOTTED_GAP or not _is_alike(piece.ink, last.ink):
        return False
    return gap <= PLAIN_GAP or _has_dots(grey, scale, (last.at + piece.at) / 2, (last.end, piece.start))


def _is_alike(ink: float, other: float) -> bool:
    return min(ink, other) >= ALIKE * max(ink, other)


def _has_dots(grey: Pixels, scale: float, at: float, between: tuple[float, float]) -> bool:
    """Whether dots stand between two places of a line, and more than beside it."""
    along = slice(int(between[0] * scale) + 1, int(between[1] * scale))

    def measure(place: float) -> float:
        row = round(place * scale - 0.5)
        line = grey[max(row - 1, 0) : row + 2, along]
        return float((line.min(axis=0, initial=255) < 255 - PALE).mean()) if line.size else 0.0

    return measure(at) >= max(DOTS, DARKER * measure(at - BESIDE), DARKER * measure(at + BESIDE))


def _join(chain: Sequence[Piece]) -> Piece:
    start, end = chain[0].start, max(piece.end for piece in chain)
    inked = sum(piece.cover * piece.length for piece in chain)
    return replace(
        chain[0],
        at=median(piece.at for piece in chain),
        start=start,
        end=end,
        ink=median(piece.ink for piece in chain),
        cover=inked / max(end - start, 1.0),
        crossed=max(piece.crossed for piece in chain),
        width=median(piece.width for piece in chain),
        period=median(piece.period for piece in chain),
    )


def _find_across(piece: Piece, rules: Sequence[Piece]) -> list[float]:
    """Where along its line a rule meets those of the other direction, or would if it were longer."""
    return [
        rule.at
        for rule in rules
        if rule.horizontal is not piece.horizontal and rule.start - REACH <= piece.at <= rule.end + REACH
    ]


def _settle(piece: Piece, rules: Sequence[Piece]) -> Piece:
    """A rule that ends at those across: made longer where it has faded, shorter where dirt goes on with it."""
    places = _find_across(piece, rules)
    before = [at for at in places if piece.start - FADED <= at <= piece.start + REACH]
    behind = [at for at in places if piece.end - REACH <= at <= piece.end + FADED]
    first, last = max(before, default=piece.start), min(behind, default=piece.end)
    return replace(piece, start=first, end=max(last, first))


def _is_held(piece: Piece, parts: Sequence[Piece], rules: Sequence[Piece]) -> bool:
    """Whether a rule of these parts reaches from one rule across to another, or meets many.

    Digits under one another, and dashes side by side, keep away from all of them.
    """
    places = [at for at in _find_across(piece, rules) if piece.start - REACH <= at <= piece.end + REACH]
    met = sum(any(part.start - TOUCH <= at <= part.end + TOUCH for part in parts) for at in places)
    if len(places) < MIN_RULES or met < max(1.0, MIN_MET * len(places)):
        return False
    return len(places) >= MANY or max(places) - min(places) >= MIN_HELD * piece.length
