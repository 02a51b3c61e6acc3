"""Rows of a scan whose rule was not seen, parted where labels tell: headings over numbers, labels of several rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.tables.page_fill import Filling, Part
from extraction.tables.page_table import Span
from extraction.tables.page_text import MIDDLE, NUMBER, find_text_lines, join_printed
from models.page import Character

MIN_HEADED = 3  # cells of a row with a heading over a number
SAME_LINE = 0.8  # of the font size, between numbers of one line
MIN_UPRIGHT = 4  # columns of a row that holds a character of each label
SHORT = 3  # characters of a number or a unit beside the label of a row, or more digits

Line = Sequence[Character]


def part_headed_rows(filling: Filling) -> Filling:
    """The grid with every row parted whose cells have a heading above and a number below, in one line all of them."""
    row_end = 1
    while row_end < len(filling.grid.rows):
        cut = _find_headed_cut(filling, row_end)
        if cut is not None:
            filling = _cut_above(filling, row_end, cut)
            row_end += 1
        row_end += 1
    return filling


def _find_headed_cut(filling: Filling, end: int) -> float | None:
    """Where headings end and numbers begin in the cells that end at an edge; `None` where they are not so."""
    cells = [lines for span, held in filling.parts if span.row_end == end and len(lines := _list_lines(held)) > 1]
    headed = [lines for lines in cells if _is_headed(lines)]
    if len(headed) < MIN_HEADED:
        return None
    bases = [lines[-1][0].origin[1] for lines in headed]
    size = max(lines[-1][0].size for lines in headed)
    bottom = max(c.box[3] for lines in headed for line in lines[:-1] for c in line)
    top = min(c.box[1] for lines in headed for c in lines[-1])
    level = max(bases) - min(bases) <= SAME_LINE * size
    inside = filling.grid.rows[end - 1] < bottom <= top < filling.grid.rows[end]
    return (bottom + top) / 2 if level and inside else None


def _is_headed(lines: Sequence[Line]) -> bool:
    above = "".join(map(join_printed, lines[:-1]))
    return bool(NUMBER.fullmatch(join_printed(lines[-1]))) and not any(map(str.isdigit, above))


def _cut_above(filling: Filling, end: int, cut: float) -> Filling:
    """With a new edge above another, at which all cells that end there are parted."""
    grid = filling.grid
    parts: list[Part] = []
    for span, held in filling.parts:
        moved = replace(span, row=span.row + (span.row >= end), row_end=span.row_end + (span.row_end >= end))
        parts += _cut_span(moved, held, end, cut) if span.row_end == end else [(moved, held)]
    return filling.replace_parts(parts, rows=(*grid.rows[:end], cut, *grid.rows[end:]))


def part_rowed_labels(filling: Filling) -> Filling:
    """The grid with every label beside the numbers of several rows parted, where each of these rows has lines of it."""
    parts: list[Part] = []
    beside: dict[tuple[int, int], Part] = {
        (span.row, span.column): (span, held) for span, held in filling.parts if span.row_end == span.row + 1
    }
    for span, held in filling.parts:
        pieces = [(span, held)]
        if span.row_end > span.row + 1 and _stands_by_rows(filling, span, held, beside):
            for edge in range(span.row + 1, span.row_end):
                last, rest = pieces.pop()
                pieces += _cut_span(last, rest, edge, filling.grid.rows[edge])
        parts += pieces
    return filling.replace_parts(parts)


def join_upright_labels(filling: Filling) -> Filling:
    """The grid with rows put together that hold a character of each label: labels that run downwards, without rules."""
    grid = filling.grid
    rows: list[list[Part]] = [[] for _ in range(len(grid.rows) - 1)]
    for span, held in filling.parts:
        if span.row_end > span.row + 1:
            return filling
        rows[span.row].append((span, held))
    single = [_is_glyph_row(row) for row in rows]
    joined: list[list[Part]] = []
    edges = [grid.rows[0]]
    for number, row in enumerate(rows):
        if number and single[number] and single[number - 1]:
            joined[-1] = _join_columns(joined[-1], row)
            edges[-1] = grid.rows[number + 1]
        else:
            joined.append(row)
            edges.append(grid.rows[number + 1])
    if len(joined) == len(rows):
        return filling
    parts = [(replace(span, row=r, row_end=r + 1), held) for r, row in enumerate(joined) for span, held in row]
    return filling.replace_parts(parts, rows=tuple(edges))


def _is_glyph_row(row: Sequence[Part]) -> bool:
    """Whether cells of a row hold a Chinese character each, or nothing that is one."""
    texts = [text for _, held in row if (text := join_printed(held))]
    glyphs = sum(len(text) == 1 and text >= "\u3400" for text in texts)
    return len(row) >= MIN_UPRIGHT and all(len(t) == 1 and not t.isdigit() for t in texts) and bool(glyphs or not texts)


def _join_columns(upper: Sequence[Part], lower: Sequence[Part]) -> list[Part]:
    """Two rows as one: the cells of the same columns together, others that lie across them too."""
    below = {(span.column, span.column_end): held for span, held in lower}
    same = {(span.column, span.column_end) for span, _ in upper}
    if same != set(below):
        return [*upper, *lower]
    return [(span, held + below[span.column, span.column_end]) for span, held in upper]


def _stands_by_rows(
    filling: Filling, span: Span, held: Sequence[Character], beside: dict[tuple[int, int], Part]
) -> bool:
    """Whether each row of a label has lines of it, and a number or a unit right of it."""
    rows = range(span.row, span.row_end)
    nexts = [beside.get((row, span.column_end)) for row in rows]
    if any(cell is None or not _is_short(cell[1]) for cell in nexts) or not any(cell and cell[1] for cell in nexts):
        return False
    lines = _list_lines(held)
    middles = [line[0].origin[1] - MIDDLE * line[0].size for line in lines]
    edges = filling.grid.rows
    return all(any(edges[row] < middle < edges[row + 1] for middle in middles) for row in rows)


def _is_short(held: Sequence[Character]) -> bool:
    text = join_printed(held)
    return len(text) <= SHORT or bool(NUMBER.fullmatch(text))


def _cut_span(span: Span, held: Sequence[Character], edge: int, cut: float) -> list[Part]:
    """A cell parted at an edge at the height `cut`, each line of its print whole."""
    upper, lower = replace(span, row_end=edge), replace(span, row=edge)
    below = {id(c) for line in find_text_lines(held) if line[0].origin[1] - MIDDLE * line[0].size > cut for c in line}
    return [
        (upper, tuple(c for c in held if id(c) not in below)),
        (lower, tuple(c for c in held if id(c) in below)),
    ]


def _list_lines(held: Sequence[Character]) -> list[Line]:
    return [line for line in find_text_lines(held) if join_printed(line)]
