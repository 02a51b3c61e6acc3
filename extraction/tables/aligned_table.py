"""A table without rules between its columns out of the lines of its print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.tables.aligned_bands import Band, Piece, fill_bands, fit_pieces
from extraction.tables.aligned_columns import (
    Row,
    find_columns,
    find_merged,
    find_value_columns,
    touch,
)
from extraction.tables.aligned_heads import Heading, make_head_bands
from extraction.tables.aligned_labels import Label, assign_labels, chain_groups, find_base, find_cuts, part_groups
from extraction.tables.aligned_lines import Segment, SegmentLine
from extraction.tables.aligned_parts import join_spread, part_values
from extraction.tables.aligned_rows import read_rows
from extraction.tables.aligned_sections import Columns, fill_sections, place_all_headings
from extraction.tables.page_fill import Filling
from extraction.tables.page_table import Extent
from extraction.tables.ruled import Line
from models.page import Character, join_boxes

SLACK = 2.0
PART_GAP = 0.2  # of the font size, between numbers of two columns


def read_aligned_table(block: Sequence[SegmentLine], rules: Sequence[Line]) -> Filling | None:
    """The cells of a block of lines with their characters; `None` where it has no columns.

    `rules` part rows where they run between print.
    """
    block = part_values(block)
    rows = read_rows(block)
    whole = join_spread(block, find_value_columns(rows)[0][0]) if rows else block
    if any(line is not other for line, other in zip(whole, block, strict=True)):
        block, rows = whole, read_rows(whole)
    merged = find_merged(rows)
    columns = find_columns([row for row in rows if row not in merged])
    if not columns:
        return None
    labels, heads = _part_lines(block, rows, columns)
    heads, remarks = _part_remarks(heads, rows, columns)
    labels = sorted([*labels, *remarks.labels], key=lambda segment: (find_base(segment), segment.box[0]))
    labels_end = find_labels_end(labels, columns) if labels else float("-inf")
    headings, layout = place_all_headings(heads, rows, columns, labels_end)
    layout = replace(layout, merged=tuple(merged))
    columns = list(layout.extents)
    cuts = find_cuts(labels)
    n_labels = len(cuts) + 1 if labels else 0
    bands = _make_bands(rows, layout, (labels, cuts, n_labels), rules)
    bands = fill_sections(_add_remarks(bands, remarks.texts, columns, n_labels), layout, n_labels)
    bands += make_head_bands(heads, headings, n_labels)
    if n_labels + len(columns) < 2:
        return None
    wide = widen_columns(columns, headings)
    edges = find_edges(block, cuts if labels else None, wide)
    return fill_bands(sorted(bands, key=lambda band: band.base), edges, rules, wide)


def _part_lines(
    block: Sequence[SegmentLine], rows: Sequence[Row], columns: Sequence[Extent]
) -> tuple[list[Segment], list[tuple[int, SegmentLine]]]:
    """The pieces of labels, those of the rows too, and the lines of headings with their numbers."""
    known = {id(character) for row in rows for s in (*row.labels, *row.values) for character in s.characters}
    labels = [segment for row in rows for segment in row.labels]
    start, end = columns[0][0] + SLACK, max((segment.box[2] for segment in labels), default=columns[0][0])
    labelled = bool(labels) or any(line.base > rows[0].base and line.box[2] <= start for line in block)
    reach = _find_reach(block, rows[0].base, columns[0][0])
    heads = []
    for number, line in enumerate(block):
        if id(line.segments[0].characters[0]) in known:
            continue
        beyond = len(line.segments) > 1 and line.segments[-1].box[0] > end
        beyond = beyond or (line.base < rows[0].base and line.box[0] > reach)
        if not labelled or beyond or line.box[2] > start:
            heads.append((number, line))
        else:
            labels += line.segments
    return sorted(labels, key=lambda segment: (find_base(segment), segment.box[0])), heads


@dataclass(frozen=True, slots=True)
class _Remarks:
    """Lines of remarks to rows, which stand in a column of their own behind the values, and the labels beside them."""

    labels: tuple[Segment, ...] = ()
    texts: tuple[Segment, ...] = ()


def _part_remarks(
    heads: Sequence[tuple[int, SegmentLine]], rows: Sequence[Row], columns: Sequence[Extent]
) -> tuple[list[tuple[int, SegmentLine]], _Remarks]:
    """Headings without lines of remarks: those stand lower than a row, under a heading that is behind all values."""
    end = columns[-1][1]
    behind = [s for _, line in heads if line.base < rows[0].base for s in line.segments if s.box[0] > end]
    kept, labels, texts = [], [], []
    for number, line in heads:
        inner = [segment for segment in line.segments if segment.box[2] > columns[0][0]]
        under = [any(touch((s.box[0], s.box[2]), (h.box[0], h.box[2])) for h in behind) for s in inner]
        if line.base > rows[0].base and inner and all(under) and all(s.box[0] > end for s in inner):
            labels += [segment for segment in line.segments if segment not in inner]
            texts += inner
        else:
            kept.append((number, line))
    return kept, _Remarks(tuple(labels), tuple(texts))


def _add_remarks(
    bands: Sequence[Band], remarks: Sequence[Segment], columns: Sequence[Extent], n_labels: int
) -> list[Band]:
    """The rows with each remark in the nearest of them."""
    added = list(bands)
    for remark in remarks:
        column = n_labels + _find_nearest((remark.box[0], remark.box[2]), columns)
        index = min(range(len(added)), key=lambda row: abs(added[row].base - find_base(remark)))
        pieces = added[index].pieces
        held = [segment for piece in pieces if piece.column == column for segment in piece.segments]
        rest = [piece for piece in pieces if piece.column != column]
        added[index] = replace(added[index], pieces=(*rest, Piece(column, column + 1, (*held, remark))))
    return added


def _find_reach(block: Sequence[SegmentLine], base: float, values: float) -> float:
    """How far labels below a height go to the right, up to the first value."""
    below = [segment.box[2] for line in block if line.base >= base for segment in line.segments]
    return max((end for end in below if end <= values), default=values)


def find_labels_end(labels: Sequence[Segment], columns: Sequence[Extent]) -> float:
    """Where the labels of rows end, at the beginning of the values at most."""
    return min(max(segment.box[2] for segment in labels), columns[0][0])


def widen_columns(columns: Sequence[Extent], headings: Sequence[Heading]) -> list[Extent]:
    """Extents of columns with their headings, as far as these stand over one column and leave the others room."""
    wide = list(columns)
    for heading in headings:
        if heading.end - heading.start > 1:
            continue
        at, box = heading.start, heading.segment.box
        low = wide[at - 1][1] if at else box[0]
        high = wide[at + 1][0] if at + 1 < len(wide) else box[2]
        wide[at] = min(wide[at][0], max(box[0], low)), max(wide[at][1], min(box[2], high))
    return wide


def _make_bands(
    rows: Sequence[Row],
    columns: Columns,
    labelling: tuple[Sequence[Segment], Sequence[float], int],
    rules: Sequence[Line],
) -> list[Band]:
    """Rows with values, and labels that have none as rows of their own."""
    labels, cuts, n_labels = labelling

    def stands_between(segment: Segment, base: float) -> bool:
        own = find_base(segment)
        low, high = min(own, base), max(own, base)
        middle = (segment.box[0] + segment.box[2]) / 2
        # A baseline lies at the bottom of its print.
        return any(low <= rule.at < high - 1 and rule.start <= middle <= rule.end for rule in rules)

    lone = {index for index, segment in enumerate(labels) if any(row.labels == (segment,) for row in rows)}
    groups = part_groups(labels, cuts, lone)
    bases = [row.base for row in rows]
    leaves = [segment for index, segment in enumerate(labels) if index not in groups]
    own = {id(segment): number for number, row in enumerate(rows) for segment in row.labels}
    found = assign_labels(leaves, bases, stands_between, [own.get(id(segment)) for segment in leaves])
    above = chain_groups([labels[index] for index in sorted(groups)], bases)
    bands = []
    for number, row in enumerate(rows):
        pieces = [_place_label(label, cuts, n_labels) for label in found if label.row == number]
        pieces += [_place_group(label, cuts) for label in above if label.row == number]
        values = place_values(row, columns, n_labels)
        bands.append(Band(row.base, tuple(_fit_labels(pieces, n_labels) + values)))
    bands += [Band(label.base, (_place_label(label, cuts, n_labels),)) for label in found if label.row is None]
    return bands


def _place_label(label: Label, cuts: Sequence[float], n_labels: int) -> Piece:
    """A label goes on to the first value."""
    start = min(segment.box[0] for segment in label.lines)
    return Piece(sum(cut <= start for cut in cuts), n_labels, label.lines)


def _place_group(label: Label, cuts: Sequence[float]) -> Piece:
    column = sum(cut <= min(segment.box[0] for segment in label.lines) for cut in cuts)
    return Piece(column, column + 1, label.lines)


def _fit_labels(pieces: Sequence[Piece], n_labels: int) -> list[Piece]:
    """Labels of a row side by side, the last of them up to the values; without any, an empty one."""
    fitted = fit_pieces(pieces)
    if not fitted:
        return [Piece(0, n_labels, ())] if n_labels else []
    return [*fitted[:-1], Piece(fitted[-1].column, n_labels, fitted[-1].segments)]


def place_values(row: Row, columns: Columns, n_labels: int) -> list[Piece]:
    """The values of a row in the columns of its section; print over several is parted between them."""
    if row in columns.merged:
        return [Piece(n_labels, n_labels + len(columns.extents), row.values)]
    section = columns.find_section(row.base)
    held: dict[int, list[Segment]] = {}
    for segment in row.values:
        for index, part in _part_segment(segment, section.extents):
            held.setdefault(index, []).append(part)
    spans = section.spans
    return [
        Piece(n_labels + spans[index][0], n_labels + spans[index][1], tuple(parts))
        for index, parts in sorted(held.items())
    ]


def _part_segment(segment: Segment, columns: Sequence[Extent]) -> list[tuple[int, Segment]]:
    extent = (segment.box[0], segment.box[2])
    over = [index for index, column in enumerate(columns) if touch(extent, column)]
    if len(over) <= 1:
        return [(over[0] if over else _find_nearest(extent, columns), segment)]
    parts: list[list[Character]] = [[segment.characters[0]]]
    for last, character in pairwise(segment.characters):
        if character.box[0] - last.box[2] > PART_GAP * max(character.size, 1.0):
            parts.append([])
        parts[-1].append(character)
    return [_place_part(_make_part(part), columns) for part in parts]


def _place_part(part: Segment, columns: Sequence[Extent]) -> tuple[int, Segment]:
    return _find_nearest((part.box[0], part.box[2]), columns), part


def _make_part(part: Sequence[Character]) -> Segment:
    box = join_boxes([character.box for character in part])
    text = "".join(character.text for character in part)
    return Segment(text=text, box=box, value=True, atoms=(box,), characters=tuple(part))


def _measure_gap(extent: Extent, other: Extent) -> float:
    return max(extent[0], other[0]) - min(extent[1], other[1])


def _find_nearest(extent: Extent, columns: Sequence[Extent]) -> int:
    return min(range(len(columns)), key=lambda index: _measure_gap(extent, columns[index]))


def find_edges(block: Sequence[SegmentLine], cuts: Sequence[float] | None, columns: Sequence[Extent]) -> list[float]:
    """Edges of columns: those between labels (`None` where there are no labels), and between the print of columns."""
    left = min(line.box[0] for line in block) - SLACK
    right = max(line.box[2] for line in block) + SLACK
    edges = [left]
    if cuts is not None:
        labels_end = max(
            (s.box[2] for line in block for s in line.segments if s.box[2] <= columns[0][0]), default=columns[0][0]
        )
        edges += [*cuts, (labels_end + columns[0][0]) / 2]
    edges += [(before[1] + after[0]) / 2 for before, after in pairwise(columns)]
    return [*edges, right]
