"""Grids out of lines: tabs, pipes, runs of blanks, and pages that print one cell a line."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from extraction.tables.cutting import PIPES, Piece, RowLine, cut_line
from extraction.tables.delimited import cut_delimited, find_delimited
from extraction.tables.drawn_rows import GridRow, join_drawn_rows
from extraction.tables.flattened import cut_flattened
from models.document import Cell, Evidence, Table, TextLine
from models.numbers import prints_value

MIN_PIPED_ROWS = 40
MIN_RULES = 5  # drawn between rows
FLATTENED_QUALITY = 0.5  # of a table that lost its line breaks: blanks inside labels look like those between cells
MIN_ORDINALS = 5
SURE_ORDINALS = 8  # that follow one another: no values do
STEPS = {1: 1.0, 2: 0.5, 3: 0.3, 4: 0.0, 5: 0.0, 6: 0.0, 7: 0.0, 8: 0.0}  # from one ordinal to the next, and its weight
MIN_FIELDS = 3  # of a row on one line among cells on lines of their own
NOWHERE = Evidence()  # the ordinal of a table of markup is known when all are found
MIN_EMPTY_ROWS = 6  # labels without any value: a form left empty
MIN_EMPTY_CELLS = 4  # of a row of nothing but pipes or tabs
OPENED = 0.9  # of the rows at most open with a pipe, where that pipe closes an empty cell
CLOSED = 0.4  # of the lines with pipes end with one, where others are torn
OPENING = 0.9  # of the lines of one cell
# A line drawn between rows; two hyphens alone may be a mark.
RULE = re.compile(r"[\s|:+\u2500-\u257f]*(?:(?:-{3,}|={3,}|_{3,}|[─━┄┅┈┉═╌╍]{2,})[\s|:+\u2500-\u257f]*)+")


def find_text_tables(lines: Sequence[tuple[int, TextLine]], *, markup: bool = False) -> list[Table]:
    """Find the tables in a run of (position, line); each run of lines that are no sentences may hold one."""
    tables = []
    region: list[RowLine] = []
    delimited = find_delimited([line.text for _, line in lines])
    for i, (position, line) in enumerate(lines):
        mark = delimited.get(i)
        flat = None if mark else cut_flattened(line, position)
        row = cut_delimited(line, position, mark) if mark else flat or cut_line(line, position)
        if flat is None and not row.cut.prose:
            region.append(row)
            continue
        tables += _read_regions(region, markup=markup)
        region = []
        if flat:
            grid = _group_cells(_drop_ordinals([(piece, flat) for piece in flat.cut.fields]))
            table = _make_table(grid, "lines", blanks_kept=False, markup=markup)
            tables.append(replace(table, quality=FLATTENED_QUALITY))
    return tables + _read_regions(region, markup=markup)


def _read_regions(region: list[RowLine], *, markup: bool) -> list[Table]:
    """Read a region; a long stretch in which every line has pipes is read apart from what has none."""
    stretches: list[list[RowLine]] = []
    for row in region:
        if stretches and (not row.cut.fields or row.cut.piped == stretches[-1][0].cut.piped):
            stretches[-1].append(row)
        else:
            stretches.append([row])
    parts: list[list[RowLine]] = [[]]
    for stretch in _join_stretches(stretches):
        if stretch[0].cut.piped and sum(bool(row.cut.texts) for row in stretch) >= MIN_PIPED_ROWS:
            parts += [stretch, []]
        else:
            parts[-1] += stretch
    return [table for part in parts for table in _read_region(part, markup=markup)]


def _join_stretches(stretches: Sequence[list[RowLine]]) -> list[list[RowLine]]:
    """One line without a pipe among lines with pipes is the first half of a label, and parts nothing."""
    joined: list[list[RowLine]] = []
    for stretch in stretches:
        if len(joined) > 1 and joined[-2][0].cut.piped and len(joined[-1]) == 1:
            half = joined.pop()
            joined[-1] += half + stretch
        else:
            joined.append(list(stretch))
    return joined


def _read_region(region: list[RowLine], *, markup: bool) -> list[Table]:
    rules = [bool(row.cut.texts) and RULE.fullmatch(row.line.text) is not None for row in region]
    rows = [row for row, rule in zip(region, rules, strict=True) if not rule]
    filled = [row for row in rows if row.cut.texts]
    values = any(any(row.cut.values) for row in filled)
    empty = any(not row.cut.texts and len(row.cut.fields) >= MIN_EMPTY_CELLS for row in rows)
    if len(filled) < (2 if values or empty else MIN_EMPTY_ROWS):
        return []
    by_row = [row for row in filled if len(row.cut.texts) >= 2 or (len(row.cut.fields) >= 2 and not row.cut.piped)]
    if sum(rules) >= MIN_RULES and (drawn := join_drawn_rows(region, rules)) is not None:
        return [_make_table(drawn, "pipes", blanks_kept=True, markup=markup)]
    if 2 * sum(len(row.cut.texts) for row in by_row) >= sum(len(row.cut.texts) for row in filled):
        layout = Counter(_name_layout(row) for row in by_row).most_common(1)[0][0]
        # Between runs of blanks an empty cell leaves nothing that could be counted.
        return [_make_table(_join_rows(rows), layout, blanks_kept=layout != "blanks", markup=markup)]
    grid, blanks_kept = _read_cell_lines(rows)
    return [_make_table(grid, "lines", blanks_kept=blanks_kept, markup=markup)]


def _name_layout(row: RowLine) -> str:
    return "pipes" if row.cut.piped else "tabs" if row.cut.delimited or "\t" in row.line.text else "blanks"


def _restore_first_cells(rows: Sequence[RowLine]) -> list[RowLine]:
    """Where rows do not open with a pipe, one that does has an empty first cell."""
    closed = [_is_closed(row) for row in rows if row.cut.piped]
    torn: set[int] = set()
    if sum(closed) >= CLOSED * len(closed):
        torn = {id(row) for last, row in itertools.pairwise(rows) if last.cut.piped and not _is_closed(last)}
    piped = [row for row in rows if row.cut.piped and len(row.cut.texts) >= 2 and id(row) not in torn]
    opened = {id(row) for row in piped if PIPES.match(row.line.text.strip())}
    if not opened or len(opened) > OPENED * len(piped):
        return list(rows)
    first = Piece("", 0, 0)
    return [
        replace(row, cut=replace(row.cut, fields=(first, *row.cut.fields))) if id(row) in opened else row
        for row in rows
    ]


def _is_closed(row: RowLine) -> bool:
    """Whether a line of pipes ends with one: else its last cell goes on below."""
    return PIPES.match(row.line.text.rstrip()[-1:]) is not None


def _join_rows(rows: Sequence[RowLine]) -> list[GridRow]:
    """Rows of which most stand on one line; lone cells that follow one another are put together into rows."""
    rows = _restore_first_cells(rows)
    grid: list[GridRow] = []
    lone: GridRow = []
    for row in rows:
        # A value closed by pipes among cells on lines of their own is one of them.
        closing = len(lone) > 1 and len(row.cut.texts) == 1 and row.cut.values[0]
        if len(row.cut.fields) >= 2 and not closing:
            grid += _group_lone(lone)
            lone = []
            grid.append([(piece, row) for piece in row.cut.fields])
        else:
            lone += [(piece, row) for piece in row.cut.fields]
    return grid + _group_lone(lone)


def _group_lone(lone: GridRow) -> list[GridRow]:
    """Lines of one cell among rows: labels alone are rows each, with their values they are put together."""
    if any(prints_value(piece.text) for piece, _ in lone):
        return _group_cells(lone)
    return [[cell] for cell in lone if cell[0].text]


def _read_cell_lines(rows: Sequence[RowLine]) -> tuple[list[GridRow], bool]:
    """One cell a line: labels and then values make a row; also whether an empty cell leaves something behind."""
    rows = _restore_first_cells(rows)
    closing = sum(row.cut.piped and bool(row.cut.texts) for row in rows)
    lone_pipes = sum(row.cut.piped and not row.cut.texts for row in rows)
    cells = sum(bool(row.cut.texts) for row in rows)
    opening = _open_cells(rows)  # a pipe before every cell but the first of a row
    parting = lone_pipes >= 0.8 * cells and closing < 0.2 * cells and not opening  # a pipe alone after every cell
    keeps = closing >= 0.8 * cells or opening or parting
    gap = _usual_gap(rows)
    stream: GridRow = []
    blank_lines = wider = 0
    parted = True
    for row in rows:
        if not row.cut.fields:
            blank_lines += 1
            continue
        if row.cut.texts:
            empty = _count_empty_lines(blank_lines, gap, keeps=keeps)
            stream += [(Piece("", 0, 0), row)] * empty
            wider += empty > 0 and row.cut.values[0]
            whole = len(row.cut.fields) >= MIN_FIELDS and any(row.cut.values)  # a line with a row of its own
            stream += [(piece, row) for piece in row.cut.fields if piece.text or whole]
            parted = False
        elif keeps:
            # After a cell the first lone pipe only closes it; each further one closes an empty cell.
            stream += [(piece, row) for piece in row.cut.fields[0 if parted or not parting else 1 :]]
            parted = True
        blank_lines = 0
    # Where all gaps are alike nobody can tell whether an empty cell would have left a wider one.
    return _group_cells(_drop_ordinals(stream)), keeps or wider > 0


def _open_cells(rows: Sequence[RowLine]) -> bool:
    """Whether a pipe opens every cell but the first of a row: most values and nothing but they and labels."""
    lone = [row for row in rows if len(row.cut.fields) == 1]
    values = [row.cut.piped for row in lone if row.cut.texts and row.cut.values[0]]
    piped = [bool(PIPES.match(row.line.text.strip())) for row in lone if row.cut.piped]
    first = max(1, (1 - OPENING) * len(values))  # of a row without labels the first value
    return len(values) > 2 and piped.count(True) >= OPENING * len(piped) and values.count(False) <= first


def _usual_gap(rows: Sequence[RowLine]) -> int | None:
    """The number of blank lines between one cell and the next: the least that is common."""
    gaps: Counter[int] = Counter()
    blank_lines = None
    for row in rows:
        if row.cut.texts:
            if blank_lines is not None:
                gaps[blank_lines] += 1
            blank_lines = 0
        elif blank_lines is not None:
            blank_lines += 1
    return min((gap for gap, count in gaps.items() if count >= 0.2 * gaps.total()), default=None)


def _count_empty_lines(blank_lines: int, gap: int | None, *, keeps: bool) -> int:
    """How many empty cells a wider gap stands for: each leaves its own line and the usual gap after it."""
    if keeps or gap is None or blank_lines <= gap:
        return 0
    return (blank_lines - gap) // (gap + 1) if (blank_lines - gap) % (gap + 1) == 0 else 0


def _group_cells(stream: GridRow) -> list[GridRow]:
    """Cut a stream of cells into rows: a label after a value, or after an empty cell, opens the next."""
    rows: list[GridRow] = []
    valued = False
    for cell in stream:
        blank = not cell[0].text
        value = not blank and prints_value(cell[0].text)
        if not rows or (valued and not value and not blank):
            rows.append([])
            valued = False
        rows[-1].append(cell)
        valued = valued or value or blank
    return rows


def _drop_ordinals(stream: GridRow) -> GridRow:
    """Take out a column of numbers that count the rows: those before labels, one more each time."""
    before = [
        (i, int(text))
        for i, (cell, after) in enumerate(itertools.pairwise(stream))
        if (text := cell[0].text).isdecimal() and len(text) < 4
        and after[0].text and not prints_value(after[0].text)
    ]  # fmt: skip
    runs = sum(b == a + 1 for (_, a), (_, b) in itertools.pairwise(before))
    mostly = len(before) >= MIN_ORDINALS and runs >= 0.7 * (len(before) - 1)
    # A column that ends before the table does is only told by how far it counts.
    counted = _find_chain(before) if mostly else _find_counted(before)
    return [cell for i, cell in enumerate(stream) if i not in counted]


def _find_chain(numbers: Sequence[tuple[int, int]]) -> set[int]:
    """The places of (place, number) in the chain that counts best: values stand between, and some ordinals are gone."""
    best: list[tuple[float, int | None]] = []
    ends: dict[int, tuple[float, int]] = {}  # for each ordinal the best chain that ends with it so far
    for i, (_, number) in enumerate(numbers):
        lasts = [
            (ends[number - step][0] + weight, ends[number - step][1])
            for step, weight in STEPS.items()
            if number - step in ends
        ]
        best.append(max(lasts, default=(0.0, None)))
        ends[number] = max(ends.get(number, (-1.0, -1)), (best[-1][0], i))
    last = max(range(len(best)), key=lambda i: best[i][0], default=None)
    chain: set[int] = set()
    while last is not None:
        chain.add(numbers[last][0])
        last = best[last][1]
    return chain


def _find_counted(numbers: Sequence[tuple[int, int]]) -> set[int]:
    """The places of (place, number) in stretches so long that each is one more than the one before."""
    counted: set[int] = set()
    stretch = list(numbers[:1])
    for last, number in itertools.pairwise([*numbers, (-1, -1)]):
        if number[1] == last[1] + 1:
            stretch.append(number)
            continue
        if len(stretch) >= SURE_ORDINALS:
            counted.update(place for place, _ in stretch)
        stretch = [number]
    return counted


def _make_table(grid: Sequence[GridRow], layout: str, *, blanks_kept: bool, markup: bool) -> Table:
    """Cells with their place in the row as column; among runs of blanks with the places they take on the line."""
    cells = []
    for r, row in enumerate(grid):
        for c, (piece, line) in enumerate(row):
            evidence = NOWHERE if markup else _find_evidence(piece, line.line)
            start, end = _find_places(piece, line.line.text) if layout == "blanks" else (c, c + 1)
            cells.append(Cell(piece.text, r, start, r + 1, end, evidence, line.position))
    return Table(tuple(cells), layout, blanks_kept)


def _find_evidence(piece: Piece, line: TextLine) -> Evidence:
    if line.page is not None:
        return Evidence(page=line.page, bbox=line.bbox)
    return Evidence(None, None, line.number, (piece.start, piece.end))


def _find_places(piece: Piece, text: str) -> tuple[int, int]:
    """The columns of a fixed-width print that a piece takes: a Chinese character takes two."""
    start = _measure(text[: piece.start])
    return start, start + max(1, _measure(piece.text))


def _measure(text: str) -> int:
    widths = "".join(map(unicodedata.east_asian_width, text))
    return len(text) + widths.count("W") + widths.count("F")
