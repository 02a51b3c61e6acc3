"""Headings that are broken, cut or misprinted, told by their parts, and whether headings stand together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extraction.labels import fold_label
from models.document import Cell
from models.form import Label

MIN_PART = 2  # characters: a single one may be part of anything
MAX_DEPTH = 3  # headings over one another
MAX_JOINED = 3  # headings read as one
MAX_MORE = 2  # characters by which a printed heading may be longer than the form's


def follow_columns(texts: Sequence[str], columns: Sequence[Label]) -> frozenset[int]:
    """The columns of which parts of headings are printed, where these go through the form's columns in order.

    They may do so several times, since headings of two lines print all upper halves before the lower ones. A part
    may belong to several columns. Each time they must touch at least half of the columns, so that headings which
    stand in another order, or are like none of the form's, do not count.
    """
    wordings = [tuple(fold_label(text).core for text in (c.leaf, *c.aliases) if text) for c in columns]
    passes: list[list[int]] = []
    for text in texts:
        places = _find_places(fold_label(text).core, wordings)
        if not places:
            continue
        last = passes[-1][-1] if passes else len(wordings)
        place = next((p for p in places if p > last), last if last in places else None)
        if place is None:
            passes.append([places[0]])
        else:
            passes[-1].append(place)
    following = all(2 * len(set(touched)) >= len(wordings) for touched in passes)
    return frozenset(itertools.chain(*passes)) if following else frozenset()


def _find_places(part: str, wordings: Sequence[Sequence[str]]) -> list[int]:
    """The columns of which a part may be, from left to right."""
    if len(part) < MIN_PART:
        return []
    return [i for i, variants in enumerate(wordings) if any(_is_part(part, whole) for whole in variants)]


def _is_part(part: str, whole: str) -> bool:
    return part in whole or (whole in part and len(part) <= len(whole) + MAX_MORE)


def is_rising(columns: Sequence[int | None]) -> bool:
    """Whether the columns stand as in the form, though some may be left out, and no strange one between."""
    return None not in columns and list(columns) == sorted(columns)  # type: ignore[type-var]


def part_joined(cells: Sequence[Cell], columns: Sequence[Label]) -> list[Cell]:
    """Headings printed so close that they were read as one over their columns, each over its own.

    Only where the text is just the headings of as many columns as it stands over.
    """
    wordings = [tuple(fold_label(text).core for text in (c.leaf, *c.aliases) if text) for c in columns]
    return [part for cell in cells for part in _part_cell(cell, wordings)]


def _part_cell(cell: Cell, wordings: Sequence[Sequence[str]]) -> list[Cell]:
    width = cell.column_end - cell.column
    text = fold_label(cell.text).core
    parts = _part_text(text, wordings, width) if 1 < width <= MAX_JOINED and cell.box is not None else None
    if not parts or cell.box is None:
        return [cell]
    left, top, right, bottom = cell.box
    ends = [left + (right - left) * n / len(text) for n in itertools.accumulate(map(len, parts), initial=0)]
    return [
        replace(cell, text=part, column=column, column_end=column + 1, box=(start, top, end, bottom))
        for column, part, start, end in zip(
            range(cell.column, cell.column_end), parts, ends[:-1], ends[1:], strict=True
        )
    ]


def _part_text(text: str, wordings: Sequence[Sequence[str]], count: int) -> list[str] | None:
    """A text as so many different headings, one behind the other; `None` where it is not just these."""
    if not count:
        return None if text else []
    for place, variants in enumerate(wordings):
        for variant in variants:
            others = [*wordings[:place], *wordings[place + 1 :]]
            if text.startswith(variant) and (rest := _part_text(text[len(variant) :], others, count - 1)) is not None:
                return [variant, *rest]
    return None


def find_within(cells: Sequence[Cell], columns: Sequence[Label]) -> frozenset[int]:
    """The columns whose heading is part of one that is none of the form's, or in two parts of its own.

    Two may have been read as one, or one as two rows.
    """
    known = {fold_label(text).core for column in columns for text in (*column.path, *column.aliases)}
    texts = {fold_label(cell.text).core for cell in cells} - known
    names = {column: fold_label(label.leaf).core for column, label in enumerate(columns)}
    return frozenset(
        column
        for column, name in names.items()
        if any(name in text or (text and name.removeprefix(text) in texts) for text in texts)
    )


def follow_places(
    order: Sequence[int | None], columns: Sequence[Label], found: Mapping[str, Sequence[Cell]]
) -> tuple[int | None, ...]:
    """Columns in the order in which their headings, on whatever lines, stand on a page from left to right.

    As they are where a heading stands more than once, or not on a page. `found` are the cells of each heading.
    """
    cells = [found[columns[column].leaf] for column in order if column is not None]
    boxes = [held[0].box for held in cells if len(held) == 1]
    if len(cells) < len(order) or len(boxes) < len(cells) or None in boxes:
        return tuple(order)
    return tuple(column for _, column in sorted(zip(boxes, order, strict=True), key=lambda pair: pair[0] or ()))


def find_cut(found: Sequence[int | None], texts: Sequence[str], columns: Sequence[Label]) -> int:
    """The column whose heading the page ends in: the last, like none, is the beginning of the next one's; -1 if none.

    `found` are the columns of all headings, `texts` what stands over one another in the last.
    """
    following = len(found) - 1
    if list(found) != [*range(following), None] or following >= len(columns) or not texts:
        return -1
    name = columns[following]
    return following if any(leaf.startswith(texts[-1].strip()) for leaf in (name.leaf, *name.aliases)) else -1


def stand_otherwise(cells: Sequence[Cell]) -> bool:
    """Whether headings stand on a page in another order from left to right, on whatever lines."""
    lefts = [cell.box[0] for cell in cells if cell.box is not None]
    return len(lefts) == len(cells) and lefts != sorted(lefts)


def stand_together(cells: Sequence[Cell], *, one: bool) -> bool:
    """Whether headings stand on one line, and next to one another where there are others of their name."""
    columns = sorted(cell.column for cell in cells)
    return len({cell.row for cell in cells}) == 1 and (one or columns[-1] - columns[0] == len(columns) - 1)


def name_unmatched(columns: Sequence[int | None], width: int) -> tuple[int | None, ...]:
    """Headings like none of the form's are its remaining columns, in order, where there are just as many."""
    if len(columns) != width:
        return tuple(columns)
    rest = iter(sorted(set(range(width)) - set(columns)))
    return tuple(next(rest) if column is None else column for column in columns)


def join_stack(stack: Sequence[str]) -> list[str]:
    """The lowest heading, the lowest two joined, and so on; one that is repeated stands once."""
    texts = list(dict.fromkeys(stack))[-MAX_DEPTH:]
    return ["".join(texts[-depth:]) for depth in range(1, len(texts) + 1)]
