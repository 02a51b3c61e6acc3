"""Which characters of a page stand in which cell of a grid, and how well they fit it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.tables.page_table import UNRULED, Grid, PageCell, PageTable, Span, find_centre, is_inside
from extraction.tables.page_text import has_print, is_blank, join_characters
from models.document import Evidence
from models.page import Box, Character, Page, join_boxes

SAME_BASE = 0.2  # of the font size
WORD_GAP = 0.35
SAME_STEP = 0.04  # of the font size, between the steps of digits of one number
DIGIT_STEPS = (0.48, 0.6)  # of the font size, from digit to digit in fonts for print
AT_EDGE = 1.0  # points from a wall of a cell to the edge of the page that cuts it
PADDING = 0.35  # of the font size, of paper around the print of a cell without walls
OUTER = 10.0  # points behind the last column of a scan, where print may stand that was not read
OVER_WALL = 0.15  # of its width by which a character stands over a wall on either side


Part = tuple[Span, tuple[Character, ...]]  # a cell with the print in it


@dataclass(frozen=True, slots=True)
class Filling:
    """The characters of each cell of a grid, by number of the cell; `crossing` words stand over walls.

    Where rules have `parted` all rows, what a cell prints on several lines is one number.
    """

    grid: Grid
    cells: tuple[tuple[Character, ...], ...]
    crossing: int
    words: int
    parted: bool = False

    @property
    def filled(self) -> int:
        """How many cells have print."""
        return sum(map(has_print, self.cells))

    @property
    def parts(self) -> list[Part]:
        """Its cells, each with the print in it."""
        return list(zip(self.grid.spans, self.cells, strict=True))

    def replace_parts(
        self, parts: Iterable[Part], *, columns: tuple[float, ...] = (), rows: tuple[float, ...] = ()
    ) -> Filling:
        """The filling with other cells, put into order, and other edges; itself where neither is other."""
        ordered = sorted(parts, key=lambda part: (part[0].row, part[0].column))
        spans, cells = tuple(span for span, _ in ordered), tuple(held for _, held in ordered)
        grid = replace(self.grid, columns=columns or self.grid.columns, rows=rows or self.grid.rows, spans=spans)
        return self if (grid, cells) == (self.grid, self.cells) else replace(self, grid=grid, cells=cells)


def fill_grid(grid: Grid, characters: Sequence[Character]) -> Filling:
    """Put characters into cells by the middle of their ink; a word that a wall cuts through goes whole."""
    place = _Places(grid)
    cells: list[list[Character]] = [[] for _ in grid.spans]
    crossing = words = 0
    for word in _find_words(characters):
        homes = [place.find_cell(character) for character in word]
        if all(home < 0 for home in homes):
            continue
        words += 1
        for start, end in _find_pieces(word, homes, grid):
            piece = word[start:end]
            own = homes[start:end]
            if len(set(own)) > 1:
                crossing += 1
                own = [_choose_home(piece, place, own)] * len(piece)
            for character, home in zip(piece, own, strict=True):
                if home >= 0:
                    cells[home].append(character)
    return Filling(grid, tuple(tuple(cell) for cell in cells), crossing, words)


def make_table(filling: Filling, page: Page, *, layout: str, quality: float) -> PageTable:
    """The table of a filled grid; evidence is the box of the print, on the page as shown."""
    grid = filling.grid
    cells = []
    for span, characters in filling.parts:
        box = grid.place_span(span)
        wrapped = filling.parted and _is_wrapped(characters)
        text, full = join_characters(characters, width=0.0 if wrapped else box[2] - box[0])
        inked = [character.box for character in characters if not is_blank(character)]
        shown = page.place_box(join_boxes(inked) if inked else box)
        if inked and layout == UNRULED:
            box = _pad_box(join_boxes(inked), characters[0].size)
        elif layout == UNRULED and page.placement is not None and span.column_end == len(grid.columns) - 1:
            box = (box[0], box[1], box[2] + OUTER, box[3])
        cut = min(box[0], page.width - box[2]) < AT_EDGE
        cells.append(PageCell(text, span, box, Evidence(page=page.number, bbox=_round_box(shown)), full, cut))
    outside = frozenset(
        character.box
        for cell in filling.cells
        for character in cell
        if not is_inside(find_centre(character.box), grid.box)
    )
    return PageTable(
        page.number,
        grid.box,
        grid.columns,
        grid.rows,
        tuple(cells),
        layout,
        quality,
        outside,
        labels=grid.labels,
        prints=grid.prints,
    )


def _is_wrapped(cell: Sequence[Character]) -> bool:
    """Whether print between two rules is a number on several lines."""
    bases = [character.origin[1] for character in cell]
    return bool(cell) and all(c.text.isdigit() for c in cell) and max(bases) - min(bases) > cell[0].size / 2


def _pad_box(box: Box, size: float) -> Box:
    """The box of a cell that nothing bounds: the paper around its print."""
    left, top, right, bottom = box
    return left - PADDING * size, top - PADDING * size, right + PADDING * size, bottom + PADDING * size


def _round_box(box: Box) -> Box:
    return round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2)


class _Places:
    """Looks up the cell at a point."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._cells = {
            (row, column): number
            for number, span in enumerate(grid.spans)
            for row in range(span.row, span.row_end)
            for column in range(span.column, span.column_end)
        }

    def find_cell(self, character: Character) -> int:
        """Number of the cell that holds the middle of a character, -1 outside of the grid."""
        return self.find_at(find_centre(character.box))

    def find_at(self, point: tuple[float, float]) -> int:
        """Number of the cell at a point, -1 outside of the grid."""
        if not is_inside(point, self._grid.box):
            return -1
        column = bisect_right(self._grid.columns, point[0]) - 1
        row = bisect_right(self._grid.rows, point[1]) - 1
        return self._cells.get((row, column), -1)


def _find_words(characters: Sequence[Character]) -> list[list[Character]]:
    """Characters that follow one another in the file, either way, on one baseline and without a gap."""
    words: list[list[Character]] = []
    for character in characters:
        if words and _goes_on(words[-1][-1], character):
            words[-1].append(character)
        elif words and _goes_on(character, words[-1][0]):
            words[-1].insert(0, character)
        else:
            words.append([character])
    return words


def _goes_on(last: Character, character: Character) -> bool:
    if is_blank(last) or is_blank(character):
        return False
    size = max(last.size, character.size, 1.0)
    gap = character.box[0] - last.box[2]
    return abs(last.origin[1] - character.origin[1]) < SAME_BASE * size and -0.3 * size < gap < WORD_GAP * size


def _find_pieces(word: list[Character], homes: list[int], grid: Grid) -> list[tuple[int, int]]:
    """Parts of a word, half-open, that belong together: cut at the walls that stand between its characters."""
    cuts = [0]
    for index, (before, after) in enumerate(pairwise(homes), 1):
        if before == after:
            continue
        middle = (word[index - 1].box[2] + word[index].box[0]) / 2
        wall = min(grid.columns, key=lambda edge: abs(edge - middle))
        over = any(_stands_over(character, wall) for character in (word[index - 1], word[index]))
        if not over and not _keeps_step(word, index):
            cuts.append(index)
    return list(pairwise([*cuts, len(word)]))


def _keeps_step(word: list[Character], index: int) -> bool:
    """Whether a digit follows the one before it as closely as in one number: a wall between them cuts it by chance."""
    steps = {
        number: after.origin[0] - before.origin[0]
        for number, (before, after) in enumerate(pairwise(word), 1)
        if before.text.isdigit() and after.text.isdigit()
    }
    step = steps.pop(index, None)
    if step is None:
        return False
    size = word[index].size
    low, high = (min(steps.values()), max(steps.values())) if steps else (DIGIT_STEPS[0] * size, DIGIT_STEPS[1] * size)
    return low - SAME_STEP * size <= step <= high + SAME_STEP * size


def _stands_over(character: Character, wall: float) -> bool:
    left, _, right, _ = character.box
    slack = OVER_WALL * (right - left)
    return left + slack < wall < right - slack


def _choose_home(piece: list[Character], place: _Places, homes: list[int]) -> int:
    """The cell under the middle of the piece; the one with most of its characters where that is none of theirs."""
    inside = [home for home in homes if home >= 0]
    middle = place.find_at(find_centre(join_boxes([character.box for character in piece])))
    return middle if middle in inside else max(sorted(set(inside)), key=inside.count)


def part_cells(filling: Filling) -> Filling:
    """A cell with numbers apart from one another, each in a place of its own of the grid, is as many cells."""
    return filling.replace_parts(part for cell in filling.parts for part in _part_cell(filling.grid, *cell))


def _part_cell(grid: Grid, span: Span, characters: tuple[Character, ...]) -> list[Part]:
    whole = [(span, characters)]
    printed = [character for character in characters if not is_blank(character)]
    if span.column_end - span.column < 2 or not all(c.text.isdigit() or c.text in ".,，．" for c in printed):
        return whole
    bases = {round(character.origin[1]) for character in printed}
    held: dict[int, list[Character]] = {}
    for word in _find_words(sorted(printed, key=lambda character: character.origin[0])):
        columns = {bisect_right(grid.columns, find_centre(character.box)[0]) - 1 for character in word}
        if len(columns) > 1:
            return whole
        held.setdefault(columns.pop(), []).extend(word)
    if len(held) < 2 or max(bases) - min(bases) > 2:
        return whole
    return [
        (Span(span.row, column, span.row_end, column + 1), tuple(held.get(column, ())))
        for column in range(span.column, span.column_end)
    ]
