"""Tables without rules between their columns that are labelled and headed, and hold no value at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.aligned_bands import Band, Piece, fill_bands, fit_pieces
from extraction.tables.aligned_columns import has_values
from extraction.tables.aligned_heads import find_leaf_headings, make_head_bands, place_headings
from extraction.tables.aligned_labels import assign_labels, chain_groups, find_base, find_cuts, part_groups
from extraction.tables.aligned_lines import MAX_LABEL, Segment, SegmentLine
from extraction.tables.page_fill import Filling
from extraction.tables.page_table import Extent
from extraction.tables.page_text import is_ordinal
from extraction.tables.ruled import Line

MIN_HEADINGS = 4
MIN_LABELS = 6  # lines
MIN_NUMBERED = 0.3  # of them begin like a label of their own
MAX_HEAD_LINES = 12
FAR = 4.0  # of the font size, between lines
SAME_SIZE = 1.08
SLACK = 2.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Lines of headings and the lines of labels below them."""

    heads: Sequence[SegmentLine]
    labels: Sequence[SegmentLine]


def find_blank_tables(lines: Sequence[SegmentLine], taken: set[int]) -> list[Filling]:
    """Tables of headings with labels below and nothing beside them; `taken` are lines of other tables."""
    found = []
    start = 0
    for index, line in enumerate(lines):
        if index <= start or not line.is_numbered or id(line) in taken:
            continue
        first, end = index, index + 1
        while first > start and index - first < MAX_HEAD_LINES and _is_near(lines, first - 1, taken):
            first -= 1
        while end < len(lines) and id(lines[end]) not in taken and _is_near(lines, end - 1, taken):
            end += 1
        parts = _part_at(lines[first:end], index - first)
        if parts is not None:
            found.append(read_blank_table(parts, ()))
            start = first + len(parts.heads) + len(parts.labels)
    return found


def _is_near(lines: Sequence[SegmentLine], index: int, taken: set[int]) -> bool:
    """Whether a line and the one below it may be of one table."""
    line, below = lines[index], lines[index + 1]
    alike = max(line.size, below.size) <= SAME_SIZE * min(line.size, below.size)
    return id(line) not in taken and alike and not has_values(line) and below.base - line.base <= FAR * line.size


def part_blank(block: Sequence[SegmentLine]) -> Parts | None:
    """The headings of a block and its labels, `None` where it does not begin with both."""
    starts = [index for index, line in enumerate(block) if line.is_numbered]
    return next((parts for index in starts if (parts := _part_at(block, index)) is not None), None)


def _part_at(block: Sequence[SegmentLine], first: int) -> Parts | None:
    """The headings above a line and the labels from there on, `None` where there are not enough of either."""
    if not 0 < first <= MAX_HEAD_LINES or not all(_is_label(line) for line in block[first : first + MIN_LABELS]):
        return None
    labels_end = max(line.box[2] for line in block[first : first + MIN_LABELS])
    leaves = find_leaf_headings(list(enumerate(block[:first])), labels_end)
    if len(leaves) < MIN_HEADINGS or leaves[0][0][0] < labels_end - SLACK:
        return None
    end = first
    while end < len(block) and _is_label(block[end]) and block[end].box[2] <= leaves[0][0][0] + SLACK:
        end += 1
    labels = block[first:end]
    numbered = sum(is_ordinal(segment.text) for line in labels for segment in line.segments)
    enough = len(labels) >= MIN_LABELS and numbered >= MIN_NUMBERED * len(labels)
    return Parts(block[:first], labels) if enough else None


def _is_label(line: SegmentLine) -> bool:
    texts = [segment.text for segment in line.segments]
    prose = any(len(text) > MAX_LABEL or any(mark in text for mark in "。；！？") for text in texts)
    return not prose and not line.ends_like_heading and not line.names_topic and not has_values(line)


def read_blank_table(parts: Parts, rules: Sequence[Line]) -> Filling:
    """The empty cells beside labels and under headings."""
    pieces = sorted(
        (segment for line in parts.labels for segment in line.segments),
        key=lambda segment: (find_base(segment), segment.box[0]),
    )
    labels_end = max(segment.box[2] for segment in pieces)
    heads = list(enumerate(parts.heads))
    columns: list[Extent] = [extent for extent, _ in find_leaf_headings(heads, labels_end)]
    headings, columns = place_headings(heads, columns, labels_end)
    cuts = find_cuts(pieces)
    bands = _make_label_bands(pieces, cuts) + make_head_bands(heads, headings, len(cuts) + 1)
    lines = [*parts.heads, *parts.labels]
    left, right = min(line.box[0] for line in lines) - SLACK, max(line.box[2] for line in lines) + SLACK
    middles = [(before[1] + after[0]) / 2 for before, after in pairwise(columns)]
    edges = [left, *cuts, (labels_end + max(columns[0][0], labels_end)) / 2, *middles, right]
    return fill_bands(sorted(bands, key=lambda band: band.base), edges, rules, columns)


def _make_label_bands(pieces: Sequence[Segment], cuts: Sequence[float]) -> list[Band]:
    """A row for each label; those merged over rows stand in the one next to their middle."""
    groups = part_groups(pieces, cuts, set())
    leaves = [piece for index, piece in enumerate(pieces) if index not in groups]
    labels = assign_labels(leaves, [], lambda segment, base: False, [None] * len(leaves))
    chains = chain_groups([pieces[index] for index in sorted(groups)], [label.base for label in labels])
    bands = []
    for number, label in enumerate(labels):
        start = min(segment.box[0] for segment in label.lines)
        row = [Piece(sum(cut <= start for cut in cuts), len(cuts) + 1, label.lines)]
        for chain in chains:
            if chain.row == number:
                column = sum(cut <= min(segment.box[0] for segment in chain.lines) for cut in cuts)
                row.append(Piece(column, column + 1, chain.lines))
        bands.append(Band(label.base, tuple(fit_pieces(row))))
    return bands
