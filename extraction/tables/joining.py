"""Tables that go on over the page: the parts on each page put together into one table."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from extraction.tables.page_table import PageCell, PageTable, Span
from models.document import Block, Cell, Table, TextLine
from models.numbers import prints_value

SAME_EDGE = 3.5  # points between edges of one column on two pages
MAX_SHIFT = 60.0  # by which the margins of left and right pages differ
_PAGE_NUMBER = re.compile(r"[\s\-—–―·•.第共页/\d]{1,24}")
_ORDINAL = re.compile(r"\s*(?:[（(]?[\d一二三四五六七八九十]{1,3}[)）、.．:：]|第[一二三四五六七八九十]|[①-⑳])")
_NO_LABEL = re.compile(r"[^\u3400-\u9fff]*")


def join_tables(blocks: Sequence[TextLine | PageTable]) -> list[Block]:
    """Blocks of a document in reading order with its tables in their final form.

    A table at the foot of a page and the one at the head of the next are one where their columns agree and nothing but
    a page number stands between; it takes the place of its first part, and each cell keeps its own page. Where the
    print leaves it open they stay apart.
    """
    joined: list[TextLine | PageTable | list[PageTable]] = []
    for block in blocks:
        if not isinstance(block, PageTable):
            joined.append(block)
            continue
        at = _find_open(joined)
        before = joined[at] if at >= 0 else None
        if isinstance(before, list) and block.page == before[-1].page + 1 and find_shift(before[-1], block) is not None:
            before.append(block)
        else:
            joined.append([block])
    return [
        _make_table(block) if isinstance(block, list) else block for block in joined if not isinstance(block, PageTable)
    ]


def _find_open(blocks: Sequence[object]) -> int:
    """Index of the table that ends the blocks but for page numbers, -1 if none does."""
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if isinstance(block, TextLine) and _PAGE_NUMBER.fullmatch(block.text):
            continue
        return index if isinstance(block, list) else -1
    return -1


def find_shift(above: PageTable, below: PageTable) -> float | None:
    """How far right (points) the columns of the second part stand of the first's; `None` where they are others'.

    They agree where both outer edges do and all the edges of one are edges of the other.
    """
    if above.layout != below.layout:
        return None
    shift = below.columns[0] - above.columns[0]
    moved = [edge - shift for edge in below.columns]
    if abs(shift) > MAX_SHIFT or abs(moved[-1] - above.columns[-1]) > SAME_EDGE:
        return None
    few, many = sorted((moved, list(above.columns)), key=len)
    return shift if all(any(abs(a - b) <= SAME_EDGE for b in many) for a in few) else None


def _make_table(parts: Sequence[PageTable]) -> Table:
    table = parts[0]
    for part in parts[1:]:
        table = _join_parts(table, part)
    cells = tuple(
        Cell(c.text, c.span.row, c.span.column, c.span.row_end, c.span.column_end, c.evidence)
        for c in sorted(table.cells, key=lambda c: (c.span.row, c.span.column))
    )
    return Table(cells, table.layout, quality=table.quality)


def _join_parts(above: PageTable, below: PageTable) -> PageTable:
    """One table of two; its `page` and place on it are those of the second part."""
    shift = below.columns[0] - above.columns[0]
    columns = _join_edges(above.columns, [edge - shift for edge in below.columns])
    first = [_place_columns(cell, above.columns, columns, 0.0) for cell in above.cells]
    second = [_place_columns(cell, below.columns, columns, shift) for cell in below.cells]
    second = _drop_heads(first, second)
    first, second = _join_cut_row(first, second)
    n_rows = max((cell.span.row_end for cell in first), default=0)
    second = [replace(cell, span=_move_rows(cell.span, n_rows)) for cell in second]
    cells = _join_labels(first, second, n_rows)
    moved = tuple(edge + shift for edge in columns)
    quality = min(above.quality, below.quality)
    return replace(below, columns=moved, cells=tuple(cells), rows=(*above.rows, *below.rows[1:]), quality=quality)


def _join_edges(first: Sequence[float], second: Sequence[float]) -> list[float]:
    apart = [edge for edge in second if not any(abs(edge - other) <= SAME_EDGE for other in first)]
    return sorted([*first, *apart])


def _place_columns(cell: PageCell, own: Sequence[float], columns: Sequence[float], shift: float) -> PageCell:
    """The cell with its columns counted by the edges of the whole table."""
    at = [_find_edge(columns, own[index] - shift) for index in (cell.span.column, cell.span.column_end)]
    return replace(cell, span=Span(cell.span.row, at[0], cell.span.row_end, at[1]))


def _find_edge(edges: Sequence[float], at: float) -> int:
    index = bisect_left(edges, at)
    near = [i for i in (index - 1, index) if 0 <= i < len(edges)]
    return min(near, key=lambda i: abs(edges[i] - at))


def _move_rows(span: Span, rows: int) -> Span:
    return Span(span.row + rows, span.column, span.row_end + rows, span.column_end)


def _in_row(cells: Sequence[PageCell], row: int) -> list[PageCell]:
    """The cells that reach into a row, from the left."""
    return sorted((c for c in cells if c.span.row <= row < c.span.row_end), key=lambda c: c.span.column)


def _drop_heads(first: list[PageCell], second: list[PageCell]) -> list[PageCell]:
    """Without rows of headings that are printed again at the head of the page."""
    n_rows = max((cell.span.row_end for cell in second), default=0)
    for count in range(n_rows - 1, 0, -1):
        heads = [cell for cell in second if cell.span.row < count]
        if any(cell.span.row_end > count for cell in heads) or not any(cell.text for cell in heads):
            continue
        before = {(cell.span, cell.text) for cell in first}
        if all((cell.span, cell.text) in before and not prints_value(cell.text) for cell in heads):
            return [replace(c, span=_move_rows(c.span, -count)) for c in second if c.span.row >= count]
    return second


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
        return all(up.full and not _ORDINAL.match(down.text) for up, down in torn)
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
    if not _is_label(cell.text) or not (tall or beside) or not beside:
        return False
    if not rest.text:
        return True
    if prints_value(rest.text) or _ORDINAL.match(rest.text):
        return rest.text == cell.text
    return tall and cell.full
