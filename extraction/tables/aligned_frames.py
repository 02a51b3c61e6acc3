"""Tables that only horizontal rules part: which rules are of one table, and its cells where no values tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from extraction.tables.aligned_bands import Band, Piece, fill_bands, fit_pieces
from extraction.tables.aligned_columns import has_values, stand_over, touch
from extraction.tables.aligned_heads import find_leaf_headings
from extraction.tables.aligned_labels import find_cuts
from extraction.tables.aligned_lines import Segment, SegmentLine, find_middle, make_segment
from extraction.tables.page_fill import Filling
from extraction.tables.page_text import numbers_row
from extraction.tables.ruled import Line
from models.page import Box

SAME_END = 4.0  # points between the ends of rules of one table
MIN_RULES = 3
MAX_STRIP = 200.0  # points between rules of one table
MIN_COLUMNS = 3
NEAR_EDGE = 3.0
HEADING_SIZE = 1.08  # of the print of the table
MIN_ROWS = 3
SAME_HEIGHT = 1.2  # times as high as most rows of a page a row with the name of a section may be
LONGEST_HEADING = 12  # characters; the head of the labels tells what adds up to what
WIDE = 100.0  # points, for a rule of a table
FAR = 2.5  # of the font size, between lines of a torn row


def find_frames(rules: Sequence[Line], lines: Sequence[SegmentLine], taken: Sequence[Box]) -> list[list[Line]]:
    """Rules that end at one place with print between, from the top of a table to its bottom; each list is a table.

    Beside labels merged over rows they begin further right.
    """
    frames: list[list[Line]] = []
    ordered = sorted(rules, key=lambda rule: rule.at)
    heights = [below.at - above.at for above, below in pairwise(ordered)]
    low = SAME_HEIGHT * median(heights) if len(heights) >= MIN_ROWS else 0.0
    for rule in ordered:
        if rule.end - rule.start < WIDE or any(box[1] - 2 <= rule.at <= box[3] + 2 for box in taken):
            continue
        frame = next((frame for frame in frames if _continues(frame, rule, lines, low)), None)
        if frame is None:
            frames.append([rule])
        else:
            frame.append(rule)
    return [trimmed for frame in frames if len(trimmed := _trim_frame(frame, lines)) >= MIN_RULES]


def _trim_frame(frame: Sequence[Line], lines: Sequence[SegmentLine]) -> list[Line]:
    """From the first rule that is as long as the longest to the last of them.

    Where nothing is printed on the page beyond the others, the page break cut a label over their rows: they stay.
    """
    start = min(rule.start for rule in frame)
    whole = [index for index, rule in enumerate(frame) if rule.start - start <= SAME_END]
    first = 0 if all(line.base > frame[0].at for line in lines) else whole[0]
    last = len(frame) - 1 if all(line.base < frame[-1].at for line in lines) else whole[-1]
    return list(frame[first : last + 1])


def _continues(frame: Sequence[Line], rule: Line, lines: Sequence[SegmentLine], low: float) -> bool:
    """Whether a rule is the next of a frame; rows of the page are as a rule no higher than `low`."""
    above = frame[-1]
    start = min(member.start for member in frame)
    if abs(above.end - rule.end) > SAME_END:
        return False
    inside = list_inside(lines, above.at, rule.at)
    if rule.at - above.at > MAX_STRIP and not (abs(above.start - rule.start) <= SAME_END and _is_tall_row(inside)):
        return False
    if any(line.box[0] < min(start, rule.start) - SAME_END or line.box[2] > rule.end + SAME_END for line in inside):
        return False
    within = list_inside(lines, frame[0].at, above.at) or lines
    level = abs(above.start - rule.start) <= SAME_END and rule.at - above.at <= low
    return not inside or (level and _is_row_label(inside, within)) or not _is_title(inside[0], within)


def _is_row_label(inside: Sequence[SegmentLine], lines: Sequence[SegmentLine]) -> bool:
    """Whether what may be a title is one line of the print of a table: sections of its rows have names in it."""
    alone = len(inside) == len(inside[0].segments) == 1
    prose = any(mark in inside[0].segments[0].text for mark in "。；！？")
    return (
        alone
        and not prose
        and not inside[0].is_caption
        and inside[0].size <= HEADING_SIZE * median(line.size for line in lines)
    )


def close_torn(frame: Sequence[Line], rules: Sequence[Line], lines: Sequence[SegmentLine]) -> list[Line]:
    """The rules of a table, with one below the last line of the page and one above the first where these are of it.

    There are no other `rules` of the page beyond. A browser tears a row that the page cannot hold, and leaves both
    halves open.
    """
    start, end = min(rule.start for rule in frame), max(rule.end for rule in frame)
    above = [line for line in lines if find_middle(line) < frame[0].at]
    below = [line for line in lines if find_middle(line) >= frame[-1].at]
    inside = list_inside(lines, frame[0].at, frame[-1].at)
    closed = list(frame)
    first, last = min(rule.at for rule in rules), max(rule.at for rule in rules)
    if first >= frame[0].at and _is_torn(above[::-1], frame[0].at, inside, (start, end)):
        closed.insert(0, Line(above[0].box[1] - 1, start, end))
    if last <= frame[-1].at and _is_torn(below, frame[-1].at, inside, (start, end)):
        closed.append(Line(below[-1].box[3] + 1, start, end))
    return closed


def _is_torn(
    rest: Sequence[SegmentLine], at: float, inside: Sequence[SegmentLine], extent: tuple[float, float]
) -> bool:
    """Whether lines beyond a rule at `at`, from there to the end of the page, are a piece of a row of the table.

    They are set as close, in columns, and no wider than these: no piece of theirs stands below two of one line.
    """
    if not rest or not inside or all(len(line.segments) == 1 for line in rest):
        return False
    if not any(has_values(line) for line in inside) or any(line.is_prose or line.ends_like_heading for line in rest):
        return False
    places = [at, *(find_middle(line) for line in rest)]
    if any(abs(b - a) > FAR * line.size for line, (a, b) in zip(rest, pairwise(places), strict=True)):
        return False
    pieces = [segment for line in rest for segment in line.segments]
    if any(piece.box[0] < extent[0] - SAME_END or piece.box[2] > extent[1] + SAME_END for piece in pieces):
        return False
    rows = [line for line in inside if has_values(line)]
    return all(sum(stand_over(piece, other) for other in row.segments) <= 1 for piece in pieces for row in rows)


def _is_tall_row(lines: Sequence[SegmentLine]) -> bool:
    """Whether lines are of one row with labels in narrow columns: close, with values, and none of them is text."""
    if not any(has_values(line) for line in lines) or any(line.is_prose for line in lines):
        return False
    return all(find_middle(b) - find_middle(a) <= FAR * b.size for a, b in pairwise(lines))


def _is_title(line: SegmentLine, lines: Sequence[SegmentLine]) -> bool:
    """Whether a line is of the text between two tables; `lines` are those of the table above."""
    usual = median(other.size for other in lines)
    long = len(line.segments) == 1 and any(mark in line.segments[0].text for mark in "。；！？")
    return (
        long
        or line.ends_like_heading
        or line.names_topic
        or line.is_caption
        or (len(line.segments) == 1 and not line.values and line.size > HEADING_SIZE * usual)
    )


def list_inside(lines: Sequence[SegmentLine], top: float, bottom: float) -> list[SegmentLine]:
    """The lines whose middle lies between two heights."""
    return [line for line in lines if top <= find_middle(line) < bottom]


def read_empty_table(
    block: Sequence[SegmentLine], rules: Sequence[Line], shades: Sequence[Box], before: Sequence[float] = ()
) -> Filling | None:
    """The cells between rules where no value is printed: columns by the shading, by the headings, or by a table before.

    `before` are the edges of columns of that one, of which this may be the rest. `None` where nothing tells columns.
    """
    frame = (min(rule.start for rule in rules), rules[0].at, max(rule.end for rule in rules), rules[-1].at)
    edges = _find_shade_edges(shades, frame) or _find_head_edges(block, frame)
    if len(edges) <= MIN_COLUMNS:
        edges = _find_edges_before(block, frame, before) or _find_widest_edges(block, frame)
    if len(edges) <= MIN_COLUMNS:
        return None
    labels = [segment for line in block for segment in line.segments if segment.box[2] <= edges[1] + NEAR_EDGE]
    cuts = [cut - NEAR_EDGE for cut in find_cuts(labels)]
    edges = sorted({*edges, *cuts})
    n_labels = len(cuts) + 1
    bands = []
    for above, below in pairwise(rules):
        segments = [segment for line in list_inside(block, above.at, below.at) for segment in line.segments]
        pieces = fit_pieces([piece for segment in segments for piece in _place_segment(segment, edges)])
        bands.append(Band((above.at + below.at) / 2, tuple(_reach_values(pieces, n_labels))))
    return fill_bands(bands, edges, rules) if any(band.pieces for band in bands) else None


def _find_edges_before(block: Sequence[SegmentLine], frame: Box, before: Sequence[float]) -> list[float]:
    """The edges of a table of the page before, as wide as these rules, where the block stands left of its values."""
    if len(before) <= MIN_COLUMNS or abs(before[0] - frame[0]) > SAME_END or abs(before[-1] - frame[2]) > SAME_END:
        return []
    labels_end = max((line.box[2] for line in block), default=before[0]) - NEAR_EDGE
    return [before[0], *(edge for edge in before[1:] if edge >= labels_end)]


def _reach_values(pieces: Sequence[Piece], n_labels: int) -> list[Piece]:
    """Pieces of a row, the last of its labels reaching up to the first value."""
    labels = [piece for piece in pieces if piece.column_end <= n_labels]
    if not labels or any(piece.column < n_labels < piece.column_end for piece in pieces):
        return list(pieces)
    return [*labels[:-1], replace(labels[-1], column_end=n_labels), *pieces[len(labels) :]]


def _place_segment(segment: Segment, edges: Sequence[float]) -> list[Piece]:
    """A segment in its columns, cut where an edge runs between two of its characters."""
    parts = [[segment.characters[0]]]
    for last, character in pairwise(segment.characters):
        if any(last.box[2] <= edge <= character.box[0] for edge in edges):
            parts.append([])
        parts[-1].append(character)
    columns = list(pairwise(edges))
    pieces = []
    for part in parts:
        piece = make_segment(part)
        over = [index for index, column in enumerate(columns) if touch(column, (piece.box[0], piece.box[2]))] or [0]
        pieces.append(Piece(over[0], over[-1] + 1, (piece,)))
    return pieces


def _find_shade_edges(shades: Sequence[Box], frame: Box) -> list[float]:
    inside = [
        box for box in shades if box[1] >= frame[1] - 1 and box[3] <= frame[3] + 1 and box[0] >= frame[0] - NEAR_EDGE
    ]
    places = sorted({frame[0], frame[2], *(x for box in inside for x in (box[0], box[2]) if frame[0] < x < frame[2])})
    edges: list[float] = []
    for place in places:
        if not edges or place - edges[-1] > NEAR_EDGE:
            edges.append(place)
    return edges if len(edges) > 2 else []


def _find_head_edges(block: Sequence[SegmentLine], frame: Box) -> list[float]:
    """Between the lowest headings above labels that have numbers; none where there are not enough of either."""
    first = next((index for index, line in enumerate(block) if numbers_row(line.segments[0].text)), 0)
    if first == 0:
        return []
    labels_end = max(line.box[2] for line in block[first:])
    found = find_leaf_headings(list(enumerate(block[:first])), labels_end)
    leaves = [extent for extent, text in found if len(text) <= LONGEST_HEADING]
    if not leaves or leaves[0][0] < labels_end - NEAR_EDGE:
        return []
    return [frame[0], (labels_end + leaves[0][0]) / 2, *((a[1] + b[0]) / 2 for a, b in pairwise(leaves)), frame[2]]


def _find_widest_edges(block: Sequence[SegmentLine], frame: Box) -> list[float]:
    """Between the headings of the line that has most of them."""
    if not block or any(numbers_row(line.segments[0].text) for line in block):
        return []
    leaf = max(block, key=lambda line: len(line.segments))
    extents = [(segment.box[0], segment.box[2]) for segment in leaf.segments]
    return [frame[0], *((before[1] + after[0]) / 2 for before, after in pairwise(extents)), frame[2]]
