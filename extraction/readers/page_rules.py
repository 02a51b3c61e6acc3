"""Straight lines of a page out of what draws them: strokes, thin boxes, dashes and rows of dots, thin pictures."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extraction.readers.page_turns import Point, bound_points
from models.page import Box, Rule, measure_area

MAX_THICKNESS = 3.0  # points; thick frames have 2.25 or 3
MIN_LENGTH = 2.5  # points
MIN_ASPECT = 2.0  # of a piece by whose shape its direction is told
DASH = 14.0  # points: pieces at most as long may be dashes
DASH_GAP = 4.5  # points between dashes
GAP = 1.0  # points between pieces of a line that is drawn in parts
OFFSET = 0.5  # points by which pieces of one line may lie apart across it
MIN_DOTS = 4
MAX_SHADES = 500  # that are looked at behind a white line; a page has 10 to 100
SLOPE = 0.02  # of a line that counts as straight


@dataclass(frozen=True, slots=True)
class Fill:
    """A box that is painted; `paper` where in the colour of the paper, which shows on shading only."""

    box: Box
    paper: bool = False


def find_boxes(parts: Iterable[Sequence[Point]]) -> Iterator[Box]:
    """The boxes among the parts of a filled path; of two where one frames the other, what lies between."""
    boxes = [bound_points(part) for part in parts if _is_box(part)]
    if len(boxes) == 2 and (frame := _find_frame(*sorted(boxes, key=measure_area, reverse=True))):
        yield from frame
    else:
        yield from boxes


def _is_box(part: Sequence[Point]) -> bool:
    """Whether a part covers its bounding box, or is thin: mitred ends of borders are."""
    left, top, right, bottom = box = bound_points(part)
    if min(right - left, bottom - top) <= MAX_THICKNESS:
        return True
    corners = sum(min(abs(x - left), abs(x - right)) + min(abs(y - top), abs(y - bottom)) <= OFFSET for x, y in part)
    return corners == len(part) and 4 <= len(part) <= 6 and measure_area(box) > 0


def _find_frame(outer: Box, inner: Box) -> tuple[Box, ...]:
    """The four sides between two boxes, () where they make no thin frame."""
    sides = [inner[0] - outer[0], inner[1] - outer[1], outer[2] - inner[2], outer[3] - inner[3]]
    if min(sides) < 0 or max(sides) > MAX_THICKNESS:
        return ()
    left, top, right, bottom = outer
    return (
        (left, top, right, inner[1]),
        (left, inner[3], right, bottom),
        (left, top, inner[0], bottom),
        (inner[2], top, right, bottom),
    )


def find_lines(parts: Iterable[Sequence[Point]], thickness: float) -> Iterator[Box]:
    """The horizontal and vertical lines among the parts of a stroked path."""
    half = thickness / 2
    for part in parts:
        for (x1, y1), (x2, y2) in itertools.pairwise(part):
            if abs(y1 - y2) <= max(SLOPE * abs(x1 - x2), OFFSET / 10):
                yield min(x1, x2), (y1 + y2) / 2 - half, max(x1, x2), (y1 + y2) / 2 + half
            elif abs(x1 - x2) <= SLOPE * abs(y1 - y2):
                yield (x1 + x2) / 2 - half, min(y1, y2), (x1 + x2) / 2 + half, max(y1, y2)


def part_fills(fills: Iterable[Fill]) -> tuple[list[Box], list[Box]]:
    """Lines and shading out of what is painted, in painting order; what cannot be seen on its ground is left out."""
    lines: list[Box] = []
    shades: list[Box] = []
    for fill in fills:
        left, top, right, bottom = box = fill.box
        if min(right - left, bottom - top) <= MAX_THICKNESS:
            if not fill.paper or _is_on_shade(box, shades[-MAX_SHADES:]):
                lines.append(box)
        elif not fill.paper:
            shades.append(box)
    return lines, shades


def _is_on_shade(box: Box, shades: Iterable[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in shades)


def merge_rules(boxes: Iterable[Box]) -> tuple[Rule, ...]:
    """The straight lines that thin boxes draw; dashes and dots in a row are one line.

    Boxes and rules in points of the upright page. Lines that lie side by side stay apart.
    """
    across: list[Box] = []  # as (start, position, end, thickness) along and across the line
    down: list[Box] = []
    dots: list[Box] = []
    for left, top, right, bottom in boxes:
        width, height = right - left, bottom - top
        if width >= MIN_ASPECT * height:
            across.append((left, (top + bottom) / 2, right, height))
        elif height >= MIN_ASPECT * width:
            down.append((top, (left + right) / 2, bottom, width))
        else:
            dots.append((left, top, right, bottom))
    across += _join_dots(dots)
    down += _join_dots([(top, left, bottom, right) for left, top, right, bottom in dots])
    rules = [(start, at - thick / 2, end, at + thick / 2) for start, at, end, thick in _join_pieces(across)]
    rules += [(at - thick / 2, start, at + thick / 2, end) for start, at, end, thick in _join_pieces(down)]
    return tuple(map(Rule, rules))


def _join_dots(dots: Iterable[Box]) -> list[Box]:
    """Rows of at least `MIN_DOTS` dots as pieces; a lone dot is none."""
    pieces = ((left, (top + bottom) / 2, right, bottom - top) for left, top, right, bottom in dots)
    return [piece for row in _group_pieces(pieces) for piece in _chain_pieces(row, minimum=MIN_DOTS)]


def _join_pieces(pieces: Iterable[Box]) -> list[Box]:
    joined = [piece for row in _group_pieces(pieces) for piece in _chain_pieces(row, minimum=1)]
    return [piece for piece in joined if piece[2] - piece[0] >= MIN_LENGTH]


def _group_pieces(pieces: Iterable[Box]) -> list[list[Box]]:
    """Pieces that lie on one line, by their position across it."""
    rows: list[list[Box]] = []
    for piece in sorted(pieces, key=lambda piece: piece[1]):
        if rows and piece[1] - rows[-1][0][1] <= OFFSET:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return rows


def _chain_pieces(row: Sequence[Box], *, minimum: int) -> list[Box]:
    """Join the pieces of a line that follow one another; chains of fewer than `minimum` are left out."""
    chains: list[list[Box]] = []
    reach = 0.0
    for piece in sorted(row):
        if chains and piece[0] - reach <= _allow_gap(chains[-1][-1], piece):
            chains[-1].append(piece)
            reach = max(reach, piece[2])
        else:
            chains.append([piece])
            reach = piece[2]
    return [_join_chain(chain) for chain in chains if len(chain) >= minimum]


def _allow_gap(piece: Box, following: Box) -> float:
    return DASH_GAP if min(piece[2] - piece[0], following[2] - following[0]) <= DASH else GAP


def _join_chain(chain: Sequence[Box]) -> Box:
    thickest = max(chain, key=lambda piece: piece[3])
    return chain[0][0], thickest[1], max(piece[2] for piece in chain), thickest[3]
