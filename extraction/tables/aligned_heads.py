"""Headings of a table without rules between its columns: over which columns each of them stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extraction.tables.aligned_bands import Band, Piece, fit_pieces
from extraction.tables.aligned_columns import touch
from extraction.tables.aligned_heading_parts import part_close
from extraction.tables.aligned_lines import Segment, SegmentLine, cut_atoms, make_segment
from extraction.tables.page_table import Extent

MIN_GAP = 2.0  # points
MIN_COLUMNS = 3
OFF_MIDDLE = 2.5  # points between the middle of values and that of their heading
SINGLE = 0.6  # of the pieces of a line are characters, where its headings are set wide


@dataclass(frozen=True, slots=True)
class Heading:
    """Print over columns `start` to `end` (half-open, counted from 0 behind the labels), on line `line`."""

    segment: Segment
    line: int
    start: int
    end: int


@dataclass(slots=True)
class Stack:
    """Pieces of headings over one another, the lowest first, each with the number of its line."""

    extent: Extent
    pieces: list[tuple[int, Segment]] = field(default_factory=list)

    @property
    def top(self) -> float:
        return min(piece.box[1] for _, piece in self.pieces)

    @property
    def bottom(self) -> float:
        return max(piece.box[3] for _, piece in self.pieces)


def place_headings(
    lines: Sequence[tuple[int, SegmentLine]],
    columns: Sequence[Extent],
    labels_end: float,
    alignment: float | None = None,
) -> tuple[list[Heading], list[Extent]]:
    """Headings with their columns, and the extents of all columns: those that only headings stand in are added.

    `lines` are those of one head with their numbers; `columns` are the extents of values, and stay what they are.
    What stands left of `labels_end` heads the labels, and is left out. `alignment` says where in their columns values
    stand, from 0 at the left to 1 at the right.
    """
    stacks, parents = _choose_stacks(part_close(lines), columns, labels_end)
    if len(stacks) > len(columns):
        corner = any((piece.box[0] + piece.box[2]) / 2 <= labels_end for _, line in lines for piece in line.segments)
        stacks, homes, columns = _add_columns(
            stacks, columns, _match_in_order(stacks, columns, alignment), float("-inf") if corner else labels_end
        )
    elif len(stacks) == len(columns):
        homes = [(index, index + 1) for index in range(len(stacks))]
    else:
        homes = [_find_columns(stack.extent, columns) for stack in stacks]
    headings = [
        Heading(piece, line, home[0], home[1])
        for stack, home in zip(stacks, homes, strict=True)
        for line, piece in stack.pieces
    ]
    reached = [(home, stack.extent) for stack, home in zip(stacks, homes, strict=True) if home[1] - home[0] == 1]
    wide = _widen(columns, reached)
    for line, piece in parents:
        start, end = _find_columns((piece.box[0], piece.box[2]), wide)
        headings.append(Heading(piece, line, start, end))
    return headings, list(columns)


def find_leaf_headings(
    lines: Sequence[tuple[int, SegmentLine]], labels_end: float = float("-inf")
) -> list[tuple[Extent, str]]:
    """Extent and text of the lowest headings, from the left; close ones are parted where all parts are words.

    What stands left of `labels_end` heads the labels, and is left out.
    """
    pieces = [
        (number, piece)
        for number, line in part_close(lines)
        for segment in line.segments
        for piece in _part_words(segment)
        if (piece.box[0] + piece.box[2]) / 2 > labels_end
    ]
    stacks, parents = _stack_pieces(pieces)
    stacks, _ = _lift_parents(stacks, parents)
    return [(stack.extent, "".join(piece.text for _, piece in reversed(stack.pieces))) for stack in stacks]


def _part_words(segment: Segment) -> list[Segment]:
    parts = cut_atoms(segment)
    return parts if all(len(part.text) > 1 for part in parts) else [segment]


def _widen(columns: Sequence[Extent], reached: Sequence[tuple[tuple[int, int], Extent]]) -> list[Extent]:
    """The extents of columns with those of their headings."""
    wide = list(columns)
    for (index, _), extent in reached:
        wide[index] = min(wide[index][0], extent[0]), max(wide[index][1], extent[1])
    return wide


def _choose_stacks(
    lines: Sequence[tuple[int, SegmentLine]], columns: Sequence[Extent], labels_end: float
) -> tuple[list[Stack], list[tuple[int, Segment]]]:
    """The lowest headings from the left, and what stands over several of them.

    Close headings are parted where that gives as many as there are columns; those set so wide that their characters
    stand apart are put together where that does. Where all values stand under the middle of headings, these are they.
    """
    wanted = len(columns)
    choices = []
    for cut in (_keep_whole, _cut_words, _cut_all, _join_wide):
        pieces = [
            (number, piece)
            for number, line in lines
            for piece in cut(line, columns, labels_end)
            if (piece.box[0] + piece.box[2]) / 2 > labels_end
        ]
        stacks, parents = _stack_pieces(pieces)
        if len(stacks) > wanted:
            stacks, parents = _lift_parents(stacks, parents)
        choices.append((stacks, parents))
    centred = [choice for choice in choices if _are_centred(choice[0], columns)]
    if centred:
        stacks, parents = centred[0]
        return _join_single(stacks, wanted), parents
    counts = [len(stacks) for stacks, _ in choices]
    if wanted in counts:
        return choices[counts.index(wanted)]
    choices.pop()
    counts.pop()
    stacks, parents = choices[0] if counts[0] > wanted else choices[counts.index(max(counts))]
    return _join_single(stacks, wanted), parents


def _keep_whole(line: SegmentLine, columns: Sequence[Extent], labels_end: float) -> Sequence[Segment]:
    return line.segments


def _cut_words(line: SegmentLine, columns: Sequence[Extent], labels_end: float) -> list[Segment]:
    return [piece for segment in line.segments for piece in _part_words(segment)]


def _are_centred(stacks: Sequence[Stack], columns: Sequence[Extent]) -> bool:
    """Whether the middle of each column of values is that of a heading."""
    if len(columns) < MIN_COLUMNS:
        return False
    middles = [sum(stack.extent) / 2 for stack in stacks]
    return all(any(abs(sum(column) / 2 - middle) <= OFF_MIDDLE for middle in middles) for column in columns)


def _cut_all(line: SegmentLine, columns: Sequence[Extent], labels_end: float) -> list[Segment]:
    return [piece for segment in line.segments for piece in cut_atoms(segment)]


def _join_wide(line: SegmentLine, columns: Sequence[Extent], labels_end: float) -> Sequence[Segment]:
    """A line of single characters with those put together that are nearest to the middle of one column.

    A heading that is set over the whole width of its cell ends as near to the next one as to its own characters.
    """
    pieces = [piece for piece in _cut_all(line, columns, labels_end) if sum(piece.box[::2]) / 2 > labels_end]
    single = sum(len(piece.text) == 1 for piece in pieces)
    middles = [sum(column) / 2 for column in columns]
    under = sum(line.box[0] <= middle <= line.box[2] for middle in middles)
    if len(columns) < MIN_COLUMNS or single <= under or single < SINGLE * len(pieces):
        return line.segments
    edges = [(before + after) / 2 for before, after in pairwise(middles)]
    held: dict[int, list[Segment]] = {}
    for piece in pieces:
        held.setdefault(bisect_right(edges, sum(piece.box[::2]) / 2), []).append(piece)
    return [
        replace(make_segment([c for piece in held[index] for c in piece.characters]), value=False)
        for index in sorted(held)
    ]


def _stack_pieces(pieces: Sequence[tuple[int, Segment]]) -> tuple[list[Stack], list[tuple[int, Segment]]]:
    stacks: list[Stack] = []
    parents = []
    for number, piece in sorted(pieces, key=lambda one: -one[1].box[3]):
        extent = (piece.box[0], piece.box[2])
        below = [stack for stack in stacks if touch(stack.extent, extent)]
        if len(below) > 1:
            parents.append((number, piece))
        elif below:
            below[0].pieces.append((number, piece))
            below[0].extent = min(below[0].extent[0], extent[0]), max(below[0].extent[1], extent[1])
        else:
            stacks.append(Stack(extent, [(number, piece)]))
    return sorted(stacks, key=lambda stack: stack.extent), parents


def _lift_parents(
    stacks: Sequence[Stack], parents: Sequence[tuple[int, Segment]]
) -> tuple[list[Stack], list[tuple[int, Segment]]]:
    """What stands higher than its neighbours, between them, is over both of them."""
    kept, lifted = [], list(parents)
    for index, stack in enumerate(stacks):
        beside = [*stacks[max(index - 1, 0) : index], *stacks[index + 1 : index + 2]]
        if len(beside) == 2 and all(stack.bottom <= other.top for other in beside):
            lifted += stack.pieces
        else:
            kept.append(stack)
    return kept, lifted


def _join_single(stacks: list[Stack], wanted: int) -> list[Stack]:
    """More stacks than `wanted` with those of one character put together with the nearest beside them.

    The characters of a heading set wide stand as far apart as two headings; no heading is of one character.
    """
    joined = [Stack(stack.extent, list(stack.pieces)) for stack in stacks]
    while len(stacks) > wanted >= MIN_COLUMNS and len(joined) > 1 and any(map(_is_single, joined)):
        _, _, place = min(
            (_is_single(a) != _is_single(b), b.extent[0] - a.extent[1], place)
            for place, (a, b) in enumerate(pairwise(joined))
            if _is_single(a) or _is_single(b)
        )
        a, b = joined[place : place + 2]
        extent = min(a.extent[0], b.extent[0]), max(a.extent[1], b.extent[1])
        joined[place : place + 2] = [Stack(extent, _order_pieces([*a.pieces, *b.pieces]))]
    return joined if len(joined) <= wanted else stacks


def _order_pieces(pieces: Sequence[tuple[int, Segment]]) -> list[tuple[int, Segment]]:
    """The lowest line first, and in a line the rightmost."""
    return sorted(pieces, key=lambda one: (one[0], one[1].box[0]), reverse=True)


def _is_single(stack: Stack) -> bool:
    return sum(len(piece.text) for _, piece in stack.pieces) == 1


def _match_in_order(stacks: Sequence[Stack], columns: Sequence[Extent], alignment: float | None) -> list[int | None]:
    """The column of each heading in order, `None` for those without values.

    Where it is known how values are aligned, the middle of a heading is within the column that they tell the edge of.
    Else headings may stand at the left, the middle or the right of their columns: what most of these ways say, and the
    nearest in all where they do not agree.
    """
    aligned = _match_aligned(stacks, columns, alignment) if alignment is not None else ()
    if aligned and len(set(aligned)) == len(aligned) and list(aligned) == sorted(aligned):
        return [aligned.index(i) if i in aligned else None for i in range(len(stacks))]
    nearest = _match_nearest(stacks, columns)
    extents = [stack.extent for stack in stacks]
    edges = (
        [after[0] - MIN_GAP for after in extents[1:]],
        [(sum(before) + sum(after)) / 4 for before, after in pairwise(extents)],
        [before[1] + MIN_GAP for before in extents[:-1]],
    )
    ways = [tuple(bisect_right(list(cuts), sum(column) / 2) for column in columns) for cuts in edges]
    votes = Counter(way for way in [nearest, *ways] if len(set(way)) == len(way))
    chosen = max(votes, key=lambda way: (votes[way], way == nearest))
    return [chosen.index(i) if i in chosen else None for i in range(len(stacks))]


def _match_aligned(stacks: Sequence[Stack], columns: Sequence[Extent], alignment: float) -> tuple[int, ...]:
    """For each column of values the heading whose middle is next to where values end, or begin, or stand."""
    middles = [sum(stack.extent) / 2 for stack in stacks]
    if alignment == 1:
        return tuple(max(bisect_right(middles, column[1] + MIN_GAP) - 1, 0) for column in columns)
    if alignment == 0:
        return tuple(min(bisect_left(middles, column[0] - MIN_GAP), len(stacks) - 1) for column in columns)
    cuts = [(before + after) / 2 for before, after in pairwise(middles)]
    return tuple(bisect_right(cuts, sum(column) / 2) for column in columns)


def _match_nearest(stacks: Sequence[Stack], columns: Sequence[Extent]) -> tuple[int, ...]:
    """For each column the number of its heading, so that all are as near as they can be."""
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ()), *((float("inf"), ()) for _ in columns)]
    for index, stack in enumerate(stacks):
        for column in range(min(len(columns), index + 1), 0, -1):
            cost = best[column - 1][0] + _measure_distance(stack.extent, columns[column - 1])
            if cost < best[column][0]:
                best[column] = (cost, (*best[column - 1][1], index))
    return best[len(columns)][1]


def _measure_distance(extent: Extent, other: Extent) -> float:
    """The gap between two extents, and a little of how far their middles lie apart."""
    gap = max(extent[0], other[0]) - min(extent[1], other[1])
    return max(gap, 0.0) + abs(sum(extent) - sum(other)) / 20


def _add_columns(
    stacks: Sequence[Stack], columns: Sequence[Extent], homes: Sequence[int | None], labels_end: float
) -> tuple[list[Stack], list[tuple[int, int]], list[Extent]]:
    """Stacks with the column of each, and the columns with those that only have a heading.

    Where nothing else heads the labels, which end at `labels_end`, the first heading does that is nearer to them than
    to the next and has no values.
    """
    near = stacks[0].extent[0] - labels_end < stacks[1].extent[0] - stacks[0].extent[1]
    start = int(near and homes[0] is None)
    kept = list(stacks[start:])
    extents = [stack.extent if home is None else columns[home] for stack, home in zip(kept, homes[start:], strict=True)]
    return kept, [(index, index + 1) for index in range(len(kept))], extents


def _find_columns(extent: Extent, columns: Sequence[Extent]) -> tuple[int, int]:
    """The columns that print stands over, the nearest if none."""
    over = [index for index, column in enumerate(columns) if touch(extent, column)]
    if over:
        return over[0], over[-1] + 1
    nearest = min(range(len(columns)), key=lambda index: _measure_distance(extent, columns[index]))
    return nearest, nearest + 1


def make_head_bands(heads: Sequence[tuple[int, SegmentLine]], headings: Sequence[Heading], n_labels: int) -> list[Band]:
    """A row for each line of headings; what heads no column heads the labels."""
    bands = []
    for number, line in heads:
        pieces: dict[tuple[int, int], list[Segment]] = {}
        placed = sorted((h for h in headings if h.line == number), key=lambda heading: heading.segment.box[0])
        inked = {character for heading in placed for character in heading.segment.characters}
        for segment in line.segments:
            if not inked.issuperset(segment.characters):
                pieces.setdefault((0, max(n_labels, 1)), []).append(segment)
        for heading in placed:
            pieces.setdefault((n_labels + heading.start, n_labels + heading.end), []).append(heading.segment)
        fitted = fit_pieces([Piece(*key, tuple(held)) for key, held in pieces.items()])
        bands.append(Band(line.base, tuple(fitted), head=True))
    return bands
