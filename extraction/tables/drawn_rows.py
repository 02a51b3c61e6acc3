"""Rows of text tables with lines drawn between them: what stands between two lines is one row, however many lines."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from extraction.tables.cutting import Piece, RowLine

MIN_ROWS = 4
MAX_LINES = 12  # that one row takes
USUAL_LINES = 3  # more of most rows: the lines part blocks, not rows

GridRow = list[tuple[Piece, RowLine]]


def join_drawn_rows(lines: Sequence[RowLine], rules: Sequence[bool]) -> list[GridRow] | None:
    """The rows of lines with pipes, of which `rules` says which are drawn; `None` where they do not part the rows.

    A cell that goes on over lines is joined; its place is that of its first line with text.
    """
    groups: list[list[RowLine]] = [[]]
    for line, rule in zip(lines, rules, strict=True):
        if rule:
            groups.append([])
        elif line.cut.fields:
            groups[-1].append(line)
    drawn = [group for group in groups[1:-1] if group]  # before the first and behind the last line stands other text
    sizes = [len(group) for group in drawn]
    if len(drawn) < MIN_ROWS or max(sizes) == 1 or max(sizes) > MAX_LINES or median(sizes) > USUAL_LINES:
        return None
    if not all(line.cut.piped for group in drawn for line in group):
        return None
    if any(len({len(line.cut.fields) for line in group}) > 1 for group in drawn):
        return None
    before, after = ([[(piece, line) for piece in line.cut.fields] for line in groups[end]] for end in (0, -1))
    return [*before, *map(_join_group, drawn), *after]


def _join_group(group: Sequence[RowLine]) -> GridRow:
    row: GridRow = []
    for place in range(len(group[0].cut.fields)):
        pieces = [(line.cut.fields[place], line) for line in group]
        filled = [(piece, line) for piece, line in pieces if piece.text] or pieces
        first, line = filled[0]
        row.append((Piece("".join(piece.text for piece, _ in filled), first.start, first.end), line))
    return row
