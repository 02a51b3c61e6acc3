"""A table whose rows horizontal rules part, and whose columns the alignment of its print shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.tables.aligned_bands import Band, Piece, fill_bands, fit_pieces
from extraction.tables.aligned_columns import Row, find_columns, find_value_columns
from extraction.tables.aligned_heads import make_head_bands
from extraction.tables.aligned_labels import find_base, find_cuts
from extraction.tables.aligned_lines import Segment, SegmentLine
from extraction.tables.aligned_parts import join_spread, part_values
from extraction.tables.aligned_rows import read_rows
from extraction.tables.aligned_sections import Columns, fill_sections, place_all_headings
from extraction.tables.aligned_strips import Strip, Tall, cut_strips
from extraction.tables.aligned_table import (
    find_edges,
    find_labels_end,
    place_values,
    widen_columns,
)
from extraction.tables.page_fill import Filling
from extraction.tables.page_table import Extent, Span
from extraction.tables.ruled import Line

SLACK = 2.0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row of the table with the number of its strip."""

    strip: int
    band: Band


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is what in the strips: rows by number of the strip, labels alone, headings by line, labels over rows."""

    rows: dict[int, Row]
    alone: dict[int, SegmentLine]
    heads: list[tuple[int, SegmentLine]]  # with the number of the strip
    tall: list[Tall]


def read_ruled_table(block: Sequence[SegmentLine], rules: Sequence[Line]) -> Filling | None:
    """The cells of a block of lines, each row between two rules; `None` where rules do not part all rows."""
    found = cut_strips(part_values(block), rules)
    if found is None:
        return None
    strips, tall = found
    rows = _read_strips(strips)
    columns = find_columns(list(rows.values()))
    if not columns:
        return None
    parts = _part_strips(strips, tall, rows, columns)
    if parts is None:
        return None
    labels = _list_labels(parts)
    heads = list(enumerate(line for _, line in parts.heads))
    labels_end = find_labels_end(labels, columns) if labels else float("-inf")
    headings, layout = place_all_headings(heads, [rows[number] for number in sorted(rows)], columns, labels_end)
    cuts = [cut - SLACK for cut in find_cuts(labels)]
    n_labels = len(cuts) + 1 if labels else 0
    placed = _place_rows(parts, layout, cuts, n_labels)
    bands = make_head_bands(heads, headings, n_labels)
    placed += [_Placed(strip, band) for (strip, _), band in zip(parts.heads, bands, strict=True)]
    placed.sort(key=lambda one: (one.strip, one.band.base))
    merged = _place_tall(parts.tall, placed, cuts, n_labels)
    if merged is None:
        return None
    wide = widen_columns(layout.extents, headings)
    edges = find_edges(block, cuts if labels else None, wide)
    return replace(fill_bands([one.band for one in placed], edges, rules, wide, merged), parted=True)


def _read_strips(strips: Sequence[Strip]) -> dict[int, Row]:
    """The rows with values by number of their strip."""
    numbers = {id(strip.row): number for number, strip in enumerate(strips)}
    lines = [strip.row for strip in strips if strip.row is not None]
    rows = read_rows(lines, parted=True)
    values = find_value_columns(rows)
    if values:
        whole = join_spread(lines, values[0][0])
        numbers |= {id(line): numbers[id(old)] for line, old in zip(whole, lines, strict=True)}
        rows = read_rows(whole, parted=True)
    return {numbers[id(row.line)]: row for row in rows}


def _part_strips(
    strips: Sequence[Strip], tall: Sequence[Tall], rows: dict[int, Row], columns: Sequence[Extent]
) -> _Parts | None:
    """What is a row, a label alone or a heading; `None` where something else stands over several rows."""
    reach = columns[0][0] + SLACK
    first = min(rows)
    beyond = [n for n, strip in enumerate(strips) if n not in rows and strip.row and strip.row.box[2] > reach]
    beyond += [one.end - 1 for one in tall if one.segment.box[2] > reach]
    head_end = max((number for number in beyond if number < first), default=-1)
    beside = [one for one in tall if one.end > head_end + 1]
    if any(one.segment.box[2] > reach or one.start <= head_end for one in beside):
        return None
    heads = [(number, line) for number in beyond if number > head_end for line in strips[number].lines]
    above = [line for strip in strips[: head_end + 1] for line in strip.lines]
    above += [_make_line(one.segment) for one in tall if one.end <= head_end + 1]
    heads += [(-1, line) for line in _join_beside(above)]
    alone = {
        number: strip.row
        for number, strip in enumerate(strips)
        if strip.row is not None and number > head_end and number not in rows and number not in beyond
    }
    return _Parts(rows, alone, sorted(heads, key=lambda head: (head[0], head[1].base)), beside)


def _make_line(segment: Segment) -> SegmentLine:
    return SegmentLine((segment,), segment.box, find_base(segment), max(c.size for c in segment.characters))


def _join_beside(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """Lines with the parts of one printed line put together again."""
    held: dict[float, list[SegmentLine]] = {}
    for line in lines:
        held.setdefault(line.base, []).append(line)
    return [
        SegmentLine(
            tuple(sorted((s for part in parts for s in part.segments), key=lambda s: s.box[0])),
            parts[0].box,
            base,
            max(part.size for part in parts),
        )
        for base, parts in sorted(held.items())
    ]


def _list_labels(parts: _Parts) -> list[Segment]:
    labels = [segment for row in parts.rows.values() for segment in row.labels]
    labels += [segment for line in parts.alone.values() for segment in line.segments]
    return labels + [one.segment for one in parts.tall]


def _place_rows(parts: _Parts, columns: Columns, cuts: Sequence[float], n_labels: int) -> list[_Placed]:
    """Rows with values, and labels that have none; labels go on to the next one, or to the first value."""
    held: dict[int, tuple[tuple[Segment, ...], float, list[Piece]]] = {
        number: (row.labels, row.base, place_values(row, columns, n_labels)) for number, row in parts.rows.items()
    }
    held |= {number: (line.segments, line.base, []) for number, line in parts.alone.items()}
    placed = []
    for number, (labels, base, values) in held.items():
        over = [_find_column(one.segment, cuts) for one in parts.tall if one.start <= number < one.end]
        pieces = []
        for segment in labels:
            column = _find_column(segment, cuts)
            end = min((other for other in over if other > column), default=n_labels)
            pieces.append(Piece(column, end, (segment,)))
        bare = [] if pieces or over or not n_labels else [Piece(0, n_labels, ())]
        (band,) = fill_sections([Band(base, (*fit_pieces(pieces), *bare, *values))], columns, n_labels)
        placed.append(_Placed(number, band))
    return placed


def _find_column(segment: Segment, cuts: Sequence[float]) -> int:
    return sum(cut <= segment.box[0] for cut in cuts)


def _place_tall(
    tall: Sequence[Tall], placed: Sequence[_Placed], cuts: Sequence[float], n_labels: int
) -> list[tuple[Span, list[Segment]]] | None:
    """The cells of labels over several rows, as wide as the labels beside them leave room; `None` for too little."""
    cells: dict[tuple[int, int, int], list[Segment]] = {}
    for one in sorted(tall, key=lambda one: (one.segment.box[1], one.segment.box[0])):
        cells.setdefault((one.start, one.end, _find_column(one.segment, cuts)), []).append(one.segment)
    starts = [(start, end, column) for start, end, column in cells]
    merged = []
    for (start, end, column), segments in cells.items():
        rows = [index for index, one in enumerate(placed) if start <= one.strip < end]
        beside = [p for index in rows for p in placed[index].band.pieces if p.column < n_labels]
        if not rows or any(piece.column <= column < piece.column_end for piece in beside):
            return None
        others = [other for top, bottom, other in starts if top < end and start < bottom]
        stop = min((p for p in [*others, *(piece.column for piece in beside)] if p > column), default=n_labels)
        merged.append((Span(rows[0], column, rows[-1] + 1, stop), segments))
    return merged
