"""Columns of a table without rules between them, where it has several heads with columns of their own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.aligned_bands import Band, Piece
from extraction.tables.aligned_columns import Row, find_alignment, find_columns, touch
from extraction.tables.aligned_heads import Heading, place_headings
from extraction.tables.aligned_lines import SegmentLine
from extraction.tables.page_table import Extent

Heads = Sequence[tuple[int, SegmentLine]]


@dataclass(frozen=True, slots=True)
class Section:
    """A head with the rows below it: where print stands in its columns, and which columns of the table each takes.

    It begins at a height of `top` points; `spans` are half-open and counted from 0 behind the labels.
    """

    top: float
    extents: tuple[Extent, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where print stands in the columns behind the labels, and the sections of the table from the top."""

    extents: tuple[Extent, ...]
    sections: tuple[Section, ...] = ()

    def find_section(self, base: float) -> Section:
        """The section of a row at a height; the table itself where it has no sections."""
        above = [section for section in self.sections if section.top <= base]
        if above:
            return above[-1]
        return Section(float("-inf"), self.extents, tuple((i, i + 1) for i in range(len(self.extents))))


def place_all_headings(
    heads: Heads, rows: Sequence[Row], columns: Sequence[Extent], labels_end: float
) -> tuple[list[Heading], Columns]:
    """The headings of all heads of a table, which has one at the top and may have more between its rows."""
    runs: dict[int, list[tuple[int, SegmentLine]]] = {}
    for number, line in heads:
        runs.setdefault(sum(row.base < line.base for row in rows), []).append((number, line))
    alignment = find_alignment(rows, columns)
    if len(runs) > 1:
        placed = _place_sections(runs, rows, columns, labels_end, alignment)
        if placed is not None:
            return placed
    headings: list[Heading] = []
    known = list(columns)
    for run in runs.values():
        found, wider = place_headings(run, known, labels_end, alignment)
        places = [(wider.index(column), wider.index(column) + 1) for column in known]
        headings = [_move_heading(heading, places) for heading in headings] + found
        known = wider
    return headings, Columns(tuple(known))


def _place_sections(
    runs: dict[int, list[tuple[int, SegmentLine]]],
    rows: Sequence[Row],
    columns: Sequence[Extent],
    labels_end: float,
    alignment: float | None,
) -> tuple[list[Heading], Columns] | None:
    """Each head with the columns of its own rows; `None` where these are not as many as it has headings, or one."""
    starts = [*runs, len(rows)]
    held: list[tuple[float, list[Heading], list[Extent]]] = []
    known = list(columns)
    for run, (start, end) in zip(runs.values(), pairwise(starts), strict=True):
        own = find_columns(rows[start:end])
        if not own:
            return None
        found, wider = place_headings(run, own, labels_end, alignment)
        known += [column for column in wider if not any(touch(column, other) for other in known)]
        held.append((run[0][1].base, found, wider))
    known.sort()
    if all(len(wider) == len(known) for _, _, wider in held):
        return None
    headings: list[Heading] = []
    sections = []
    for top, found, own in held:
        spans = _find_spans(own, found, known)
        if spans is None:
            return None
        headings += [_move_heading(heading, spans) for heading in found]
        sections.append(Section(top, tuple(own), tuple(spans)))
    return headings, Columns(tuple(known), tuple(sections))


def _find_spans(
    own: Sequence[Extent], headings: Sequence[Heading], columns: Sequence[Extent]
) -> list[tuple[int, int]] | None:
    """The columns of the table that each column of a section takes, half-open; `None` where one takes none."""
    wide = list(own)
    for heading in headings:
        if heading.end - heading.start == 1:
            at, box = heading.start, heading.segment.box
            wide[at] = min(wide[at][0], box[0]), max(wide[at][1], box[2])
    edges = [(before[1] + after[0]) / 2 for before, after in pairwise(wide)]
    if edges != sorted(edges):
        return None
    homes = [bisect_right(edges, sum(column) / 2) for column in columns]
    for number, column in enumerate(columns):
        touched = [index for index, extent in enumerate(own) if touch(extent, column)]
        if len(touched) == 1:
            homes[number] = touched[0]
    if homes != sorted(homes) or set(homes) != set(range(len(own))):
        return None
    return [(homes.index(index), len(homes) - homes[::-1].index(index)) for index in range(len(own))]


def _move_heading(heading: Heading, places: Sequence[tuple[int, int]]) -> Heading:
    return Heading(heading.segment, heading.line, places[heading.start][0], places[heading.end - 1][1])


def fill_sections(bands: Sequence[Band], columns: Columns, n_labels: int) -> list[Band]:
    """The rows with an empty piece in each column of their section that nothing stands in."""
    filled = []
    for band in bands:
        taken = {column for piece in band.pieces for column in range(piece.column, piece.column_end)}
        spans = [(n_labels + start, n_labels + end) for start, end in columns.find_section(band.base).spans]
        empty = [Piece(start, end, ()) for start, end in spans if taken.isdisjoint(range(start, end))]
        filled.append(Band(band.base, (*band.pieces, *empty), band.head) if columns.sections else band)
    return filled
