"""Headings that are broken, cut or misprinted, told by their parts, and whether headings stand together."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from extraction.labels import fold_label
from models.document import Cell
from models.form import Label

MIN_PART = 2  # characters: a single one may be part of anything
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


def find_cut(found: Sequence[int | None], texts: Sequence[str], columns: Sequence[Label]) -> int:
    """The column whose heading the page ends in: the last, like none, is the beginning of the next one's; -1 if none.

    `found` are the columns of all headings, `texts` what stands over one another in the last.
    """
    following = len(found) - 1
    if list(found) != [*range(following), None] or following >= len(columns) or not texts:
        return -1
    name = columns[following]
    return following if any(leaf.startswith(texts[-1].strip()) for leaf in (name.leaf, *name.aliases)) else -1


def stand_together(cells: Sequence[Cell], *, one: bool) -> bool:
    """Whether headings stand on one line, and next to one another where there are others of their name."""
    columns = sorted(cell.column for cell in cells)
    return len({cell.row for cell in cells}) == 1 and (one or columns[-1] - columns[0] == len(columns) - 1)
