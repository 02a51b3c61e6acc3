"""The tables of a page: by its rules where it has any, by the alignment of words where not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from extraction.tables.open_sides import add_label_column
from extraction.tables.page_fill import Filling, fill_grid, make_table, part_cells
from extraction.tables.page_table import UNRULED, Grid, PageCell, PageTable, find_centre, is_inside
from extraction.tables.parted_columns import part_double_columns
from extraction.tables.repaired_rows import part_rows
from extraction.tables.ruled import find_ruled_grids
from extraction.tables.scanned_grids import choose_aligned, choose_whole, join_slivers, overlaps, part_blanks
from extraction.tables.stacked_labels import join_upright_labels, part_headed_rows, part_rowed_labels
from extraction.tables.stacked_rows import part_stacked_labels, part_stacked_rows
from extraction.tables.torn_headings import raise_headings
from extraction.tables.unruled import find_aligned_tables
from models.numbers import prints_number
from models.page import Box, Character, Page, measure_area

__all__ = ["GridFinder", "PageCell", "PageTable", "find_page_tables"]

SAME_EDGE = 3.0  # points between what two readers call one edge
CROSSING = 5  # cells without print that a word over a wall outweighs
UNASKED = 0.9  # agreement where there is no second opinion
UNSEEN = 0.7  # the same where the second reader sees nothing, as with dashed rules
LONG = 120  # characters in a cell that make it prose
MIN_FILLED = 0.08  # of the cells of a table have print, even where its values are left out


class GridFinder(Protocol):
    """Finds the grids of a page on its own; `None` where it cannot say."""

    def find_grids(self, page: Page) -> list[Grid] | None: ...


def find_page_tables(
    page: Page,
    grids: GridFinder | None = None,
    *,
    before: PageTable | None = None,
    foot: Sequence[Character] = (),
) -> list[PageTable]:
    """The tables of a page from top to bottom; frames, underlined titles and shaded paragraphs are none.

    `grids` is a second opinion on the pages that have rules. Where it differs the grid that the print fits better is
    taken, and `quality` says so. `before` is the table at the foot of the page before, which may go on here; `foot` the
    characters of lines there, which may be the headings of values at the head of this one.
    """
    own = _drop_frames(find_ruled_grids(page.rules, page.characters))
    others = grids.find_grids(page) if grids is not None and any(len(grid.spans) > 1 for grid in own) else None
    chosen = _choose_grids(own, others, page)
    replaced: list[Filling] = []
    if page.placement is not None:  # on a scan rules are lost
        chosen = [(_mend_grid(add_label_column(filling, page.characters)), quality) for filling, quality in chosen]
        replaced = _find_replacing([filling for filling, _ in chosen if _is_table(filling)], page)
        chosen = [(filling, quality) for filling, quality in chosen if not overlaps(filling, replaced)]
    tables = [
        make_table(filling, page, layout="ruled", quality=quality) for filling, quality in chosen if _is_table(filling)
    ]
    tables += [make_table(filling, page, layout=UNRULED, quality=filling.grid.drawn) for filling in replaced]
    free = [c for c in page.characters if not any(table.holds(c) for table in tables)]
    free = [*raise_headings(foot, free), *free] if foot and not tables else free
    taken = [table.region for table in tables]
    open_table = before if not tables else None
    for filling in find_aligned_tables(free, page.rules, taken=taken, shades=page.shades, before=open_table):
        tables.append(make_table(filling, page, layout=UNRULED, quality=filling.grid.drawn))
    return sorted(tables, key=lambda table: (table.region[1], table.region[0]))


def _mend_grid(filling: Filling) -> Filling:
    """A grid of a scan with the walls that were lost, and without those that are none."""
    filling = part_double_columns(part_rows(part_blanks(join_slivers(filling))))
    return part_rowed_labels(part_stacked_labels(part_stacked_rows(part_headed_rows(filling))))


def _find_replacing(ruled: Sequence[Filling], page: Page) -> list[Filling]:
    """Grids by the alignment of all print of a scan, that hold more numbers than those by its rules.

    Where rules across part the rows of one table, and its print alone makes several, the rules tell.
    """
    if not page.rules:
        return []
    aligned = find_aligned_tables(list(page.characters), (), taken=[], shades=page.shades)
    chosen = [join_upright_labels(filling) for filling in choose_aligned(ruled, aligned)]
    if len(chosen) < 2:
        return chosen
    taken = [filling.grid.box for filling in ruled]
    free = [c for c in page.characters if not any(is_inside(find_centre(c.box), box) for box in taken)]
    parted = find_aligned_tables(free, page.rules, taken=taken, shades=page.shades)
    whole = choose_whole(parted, chosen)
    return [filling for filling in chosen if not overlaps(filling, whole)]


def _drop_frames(grids: list[Grid]) -> list[Grid]:
    """Without grids that hold another one in a cell: those are frames of a page or of a layout."""
    return [grid for grid in grids if not any(_frames(grid, other) for other in grids if other is not grid)]


def _frames(outer: Grid, inner: Grid) -> bool:
    if len(inner.spans) < 4:
        return False
    boxes = [outer.place_span(span) for span in outer.spans]
    return any(_holds_box(box, inner.box) for box in boxes)


def _holds_box(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + SAME_EDGE
        and outer[1] <= inner[1] + SAME_EDGE
        and outer[2] >= inner[2] - SAME_EDGE
        and outer[3] >= inner[3] - SAME_EDGE
    )


def _choose_grids(own: Sequence[Grid], others: Sequence[Grid] | None, page: Page) -> list[tuple[Filling, float]]:
    """Each grid filled, with its quality: the share of cells that both readers see, less what does not fit.

    A reader that sees no grid at all in a place contradicts less than one that sees another.
    """
    chosen = []
    for grid in own:
        filling = part_cells(fill_grid(grid, page.characters))
        rivals = [other for other in others or () if _overlap(grid.box, other.box) > 0.5]
        agreement = UNASKED if others is None else measure_agreement(grid, rivals) if rivals else UNSEEN
        if len(rivals) == 1 and agreement < 1 and _holds_box(rivals[0].box, grid.box):
            second = part_cells(fill_grid(rivals[0], page.characters))
            filling = max(filling, second, key=_weigh_fit)
        chosen.append((filling, _rate(filling, agreement)))
    for other in others or ():
        if len(other.spans) > 3 and not any(_overlap(other.box, grid.box) > 0 for grid in own):
            filling = part_cells(fill_grid(other, page.characters))
            chosen.append((filling, _rate(filling, 0.0)))
    return chosen


def measure_agreement(grid: Grid, others: Sequence[Grid]) -> float:
    """The share of cells that a grid and those in its place have in common, from 0 to 1."""
    boxes = sorted(other.place_span(span) for other in others for span in other.spans)
    lefts = [box[0] for box in boxes]
    same = 0
    for span in grid.spans:
        box = grid.place_span(span)
        near = boxes[bisect_left(lefts, box[0] - SAME_EDGE) : bisect_right(lefts, box[0] + SAME_EDGE)]
        same += any(all(abs(a - b) <= SAME_EDGE for a, b in zip(box, seen, strict=True)) for seen in near)
    return min(1.0, 2 * same / max(len(grid.spans) + len(boxes), 1))


def _weigh_fit(filling: Filling) -> int:
    """What speaks for a grid: each cell with print for it, each without against it, words over walls more so."""
    return 2 * filling.filled - len(filling.cells) - CROSSING * filling.crossing


def _rate(filling: Filling, agreement: float) -> float:
    crossing = filling.crossing / max(filling.words, 1)
    return max(0.0, filling.grid.drawn * (0.5 + 0.5 * agreement) * (1 - crossing))


def _overlap(box: Box, other: Box) -> float:
    """Area in common as a share of the smaller box."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    smaller = min(map(measure_area, (box, other)))
    return max(width, 0.0) * max(height, 0.0) / max(smaller, 1e-6)


def _is_table(filling: Filling) -> bool:
    """Two columns with print in more than a cell; prose beside prose is a layout."""
    grid = filling.grid
    if len(grid.columns) < 3 or filling.filled < 2 or filling.filled < MIN_FILLED * len(filling.cells):
        return False
    columns = {span.column for span, cell in zip(grid.spans, filling.cells, strict=True) if cell}
    texts = ["".join(character.text for character in cell) for cell in filling.cells]
    prose = sum(len(text) for text in texts if len(text) > LONG)
    numbers = any(prints_number(text) for text in texts)
    return len(columns) > 1 and (numbers or 2 * prose < sum(len(text) for text in texts))
