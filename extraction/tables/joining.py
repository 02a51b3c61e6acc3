"""Tables that go on over the page: the parts on each page put together into one table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.tables.joining_columns import Match, match_columns
from extraction.tables.page_table import Extent, PageCell, PageTable, Span, find_centre, is_inside
from extraction.tables.page_text import is_open, is_ordinal, numbers_row
from models.document import Block, Cell, Table, TextLine
from models.numbers import prints_value

MIN_VALUES = 5  # of a row that stands alone below headings
MAX_HEADS = 2  # lines over a table that come again over its part on the next page
_PAGE_NUMBER = re.compile(r"[\s\-—–―·•.第共页/\d]{1,24}")
_NO_LABEL = re.compile(r"[^\u3400-\u9fff]*")


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table as far as it has been put together, and its last part as it stands on its page."""

    whole: PageTable
    last: PageTable


def join_tables(blocks: Sequence[TextLine | PageTable]) -> list[Block]:
    """Blocks of a document in reading order with its tables in their final form.

    A table at the foot of a page and the one at the head of the next are one where their columns agree and nothing but
    a page number stands between; it takes the place of its first part, and each cell keeps its own page. Where the
    print leaves it open they stay apart.
    """
    joined: list[TextLine | OpenTable] = []
    for block in blocks:
        if not isinstance(block, PageTable):
            joined.append(block)
            continue
        at = _find_open(joined)
        before = joined[at] if at >= 0 else None
        whole = _join_next(before, block) if isinstance(before, OpenTable) else None
        if whole is None:
            joined.append(OpenTable(block, block))
        else:
            joined[at] = OpenTable(whole, block)
    return [_make_table(block.whole) if isinstance(block, OpenTable) else block for block in joined]


def _join_next(before: OpenTable, block: PageTable) -> PageTable | None:
    """The table with its part on the next page, `None` where that is of another table."""
    if block.page != before.last.page + 1 or match_columns(before.last, block) is None:
        return None
    match = match_columns(before.whole, block)
    return None if match is None else _join_parts(before.whole, block, match)


def _find_open(blocks: Sequence[object]) -> int:
    """Index of the table that ends the blocks, -1 if none does.

    Page numbers may follow it, and lines that stand right above it too: a head printed again over all columns.
    """
    between: set[str] = set()
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if isinstance(block, OpenTable):
            above = {line.text for line in blocks[max(index - MAX_HEADS, 0) : index] if isinstance(line, TextLine)}
            return index if between <= above else -1
        if not isinstance(block, TextLine):
            return -1
        if not _PAGE_NUMBER.fullmatch(block.text):
            between.add(block.text)
    return -1


def _make_table(table: PageTable) -> Table:
    cells = tuple(
        Cell(c.text, c.span.row, c.span.column, c.span.row_end, c.span.column_end, c.evidence, box=c.box, cut=c.cut)
        for c in sorted(table.cells, key=lambda c: (c.span.row, c.span.column))
    )
    return Table(cells, table.layout, quality=table.quality)


def _join_parts(above: PageTable, below: PageTable, match: Match) -> PageTable:
    """One table of two; its `page` and place on it are those of the second part."""
    first = [_place_columns(cell, match.first) for cell in above.cells]
    second = [_place_columns(cell, match.second) for cell in below.cells]
    if above.labels >= 0:
        first = _fill_places(first, match.columns)
        second = _fill_places(second, [edge + match.shift for edge in match.columns])
    second = _drop_heads(first, second, by_text=above.labels >= 0)
    if above.labels >= 0:
        second = _place_torn(first, second, max(above.labels, below.labels))
    first, second = _join_cut_row(_drop_expected_row(first, second), second)
    n_rows = max((cell.span.row_end for cell in first), default=0)
    second = [replace(cell, span=_move_rows(cell.span, n_rows)) for cell in second]
    cells = _join_labels(first, second, n_rows)
    return replace(
        below,
        columns=tuple(edge + match.shift for edge in match.columns),
        cells=tuple(cells),
        rows=(*above.rows, *below.rows[1:]),
        quality=min(above.quality, below.quality),
        labels=max(above.labels, below.labels),
        prints=_join_prints(above, below, match),
    )


def _place_columns(cell: PageCell, places: Sequence[tuple[int, int]]) -> PageCell:
    """The cell with its columns counted by the edges of the whole table."""
    start, end = places[cell.span.column][0], places[cell.span.column_end - 1][1]
    return replace(cell, span=Span(cell.span.row, start, cell.span.row_end, end))


def _fill_places(cells: list[PageCell], columns: Sequence[float]) -> list[PageCell]:
    """With an empty cell in each place of a row whose column the page does not show; `columns` are its edges there."""
    taken = {
        (row, column)
        for cell in cells
        for row in range(cell.span.row, cell.span.row_end)
        for column in range(cell.span.column, cell.span.column_end)
    }
    empty = []
    for row in range(max((cell.span.row_end for cell in cells), default=0)):
        beside = _in_row(cells, row)
        for column in range(len(columns) - 1):
            if (row, column) not in taken:
                nearest = min(beside, key=lambda cell: abs(cell.span.column - column))
                box = (columns[column], nearest.box[1], columns[column + 1], nearest.box[3])
                shown = nearest.evidence.bbox
                upright = shown is not None and is_inside(find_centre(shown), nearest.box)
                evidence = replace(nearest.evidence, bbox=box) if upright else nearest.evidence
                place = Span(row, column, row + 1, column + 1)
                empty.append(replace(nearest, text="", span=place, full=False, box=box, evidence=evidence))
    return cells + empty


def _place_torn(first: Sequence[PageCell], second: list[PageCell], labels: int) -> list[PageCell]:
    """With the only label of the first row, whose columns nothing tells, at the place of the last label above."""
    last = max((cell.span.row_end for cell in first), default=0) - 1
    above = [cell for cell in _in_row(first, last) if cell.span.column_end == labels]
    row = [cell for cell in _in_row(second, 0) if cell.span.column < labels]
    texts = [cell for cell in row if cell.text]
    if not above or len(texts) != 1 or any(cell.span.row_end > 1 for cell in row):
        return second
    place = above[-1].span
    moved = replace(texts[0], span=Span(0, place.column, 1, labels))
    rest = [replace(moved, text="", span=Span(0, column, 1, column + 1)) for column in range(place.column)]
    return [*rest, moved, *(cell for cell in second if cell not in row)]


def _join_prints(above: PageTable, below: PageTable, match: Match) -> tuple[Extent, ...]:
    """What both parts print in each column behind the labels, in points on the second page."""
    held: dict[int, list[Extent]] = {}
    for part, places, shift in ((above, match.first, match.shift), (below, match.second, 0.0)):
        for index, (start, end) in enumerate(part.prints):
            held.setdefault(places[part.labels + index][0], []).append((start + shift, end + shift))
    return tuple((min(e[0] for e in extents), max(e[1] for e in extents)) for _, extents in sorted(held.items()))


def _move_rows(span: Span, rows: int) -> Span:
    return Span(span.row + rows, span.column, span.row_end + rows, span.column_end)


def _in_row(cells: Sequence[PageCell], row: int) -> list[PageCell]:
    """The cells that reach into a row, from the left."""
    return sorted((c for c in cells if c.span.row <= row < c.span.row_end), key=lambda c: c.span.column)


def _drop_heads(first: list[PageCell], second: list[PageCell], *, by_text: bool) -> list[PageCell]:
    """Without rows of headings that are printed again at the head of the page.

    `by_text`: where no rules tell their places they are known by their words. A row that begins with an ordinal is
    none, though another has the same label.
    """
    n_rows = max((cell.span.row_end for cell in second), default=0)
    for count in range(n_rows - 1, 0, -1):
        heads = [cell for cell in second if cell.span.row < count]
        if any(cell.span.row_end > count for cell in heads) or not any(cell.text for cell in heads):
            continue
        before = {(_name_place(cell, by_text=by_text), cell.text) for cell in first}
        words = not any(prints_value(cell.text) or numbers_row(cell.text) for cell in heads)
        if words and all((_name_place(cell, by_text=by_text), cell.text) in before for cell in heads):
            return [replace(c, span=_move_rows(c.span, -count)) for c in second if c.span.row >= count]
    return second


def _name_place(cell: PageCell, *, by_text: bool) -> Span | None:
    return None if by_text else cell.span


def _drop_expected_row(first: list[PageCell], second: list[PageCell]) -> list[PageCell]:
    """Without the empty row below headings alone, where the next page begins with the values that it was kept for."""
    last = max((cell.span.row_end for cell in first), default=0) - 1
    row = _in_row(first, last)
    texts = [cell.text for cell in _in_row(second, 0) if cell.text]
    kept_free = last > 0 and not any(cell.text for cell in row) and not any(prints_value(cell.text) for cell in first)
    if not kept_free or len(texts) < MIN_VALUES or not all(map(prints_value, texts)):
        return first
    return [cell for cell in first if cell.span.row < last]


def _join_cut_row(first: list[PageCell], second: list[PageCell]) -> tuple[list[PageCell], list[PageCell]]:
    """Put the halves of a row that the break cut through together, where one holds no value and the label is one."""
    last = max((cell.span.row_end for cell in first), default=0) - 1
    above, below = _in_row(first, last), _in_row(second, 0)
    if not _is_cut(above, below):
        return first, second
    rest = {cell.span.column: cell for cell in below if cell.span.row_end == 1}
    joined = []
    for cell in first:
        half = rest.get(cell.span.column) if cell.span.row_end == last + 1 else None
        joined.append(cell if half is None else _join_halves(cell, half))
    kept = [cell for cell in second if cell.span.row_end > 1]
    moved = [
        replace(
            cell, span=Span(max(cell.span.row - 1, 0), cell.span.column, cell.span.row_end - 1, cell.span.column_end)
        )
        for cell in kept
    ]
    return joined, moved


def _join_halves(cell: PageCell, half: PageCell) -> PageCell:
    """Both texts; evidence is where the value is."""
    if not half.text:
        return cell
    if not cell.text:
        return replace(half, span=cell.span)
    return replace(cell, text=cell.text + half.text, full=half.full)


def _is_cut(above: list[PageCell], below: list[PageCell]) -> bool:
    """Whether the last row of a page and the first of the next are halves of one.

    Their cells are the same; values stand in one half only; and the other has no label, or its label goes on from a
    line without room. A row left empty by the agency has a label of its own, and stays.
    """
    own = [cell for cell in below if cell.span.row_end == 1]
    halves = {cell.span.column: cell for cell in above}
    if len(own) < 2 or any(
        cell.span.column not in halves or halves[cell.span.column].span.column_end != cell.span.column_end
        for cell in own
    ):
        return False
    pairs = [(halves[cell.span.column], cell) for cell in own]
    values = [any(prints_value(pair[side].text) for pair in pairs) for side in (0, 1)]
    labels = [(up.text, down.text) for up, down in pairs if _is_label(up.text) or _is_label(down.text)]
    if all(values) or any(_is_value_beside(up.text, down.text) for up, down in pairs):
        return False
    if not labels or len(labels) > len(pairs) - 1:
        return False
    torn = [(up, down) for up, down in pairs if up.text and down.text]
    if torn:
        begins = any(is_ordinal(down.text) or down.text == up.text for up, down in torn)
        return not begins and any(up.full or is_open(up.text) for up, _ in torn)
    # The whole label stands on one side and the values on the other.
    return values[1] and all(up and not down for up, down in labels)


def _is_value_beside(text: str, other: str) -> bool:
    return bool(text and other) and (prints_value(text) or prints_value(other))


def _is_label(text: str) -> bool:
    return bool(text) and not prints_value(text) and not _NO_LABEL.fullmatch(text)


def _join_labels(first: list[PageCell], second: list[PageCell], n_rows: int) -> list[PageCell]:
    """All cells, labels that are merged over rows on both sides of the break being one."""
    heads = {(c.span.column, c.span.column_end): c for c in second if c.span.row == n_rows}
    joined, used = [], set()
    for cell in first:
        rest = heads.get((cell.span.column, cell.span.column_end)) if cell.span.row_end == n_rows else None
        if rest is not None and _is_merged_label(cell, rest, second):
            used.add(rest.span)
            text = cell.text if rest.text in ("", cell.text) else cell.text + rest.text
            span = Span(cell.span.row, cell.span.column, rest.span.row_end, cell.span.column_end)
            joined.append(replace(cell, text=text, span=span))
        else:
            joined.append(cell)
    return joined + [cell for cell in second if cell.span not in used]


def _is_merged_label(cell: PageCell, rest: PageCell, second: list[PageCell]) -> bool:
    """Whether a label goes on over the break: nothing new begins, and another label stands beside the rest of it."""
    tall = cell.span.row_end - cell.span.row > 1 or rest.span.row_end - rest.span.row > 1
    beside = any(
        _is_label(other.text) and rest.span.row <= other.span.row < rest.span.row_end
        for other in second
        if other.span.column >= rest.span.column_end
    )
    if not _is_label(cell.text) or not beside:
        return False
    if not rest.text:
        return True
    if prints_value(rest.text) or is_ordinal(rest.text):
        return rest.text == cell.text
    return tall and cell.full
