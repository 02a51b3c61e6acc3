"""Rows of a form that were not found where the print has a row that nothing claims: not missing, but not understood."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.forms import Match
from extraction.rows import PrintedRow


def find_crowded(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of the form without a match between whose neighbours stands a row with values, unclaimed."""
    printed = {(row.block, row.row): row.printed for row in match.rows}
    claimed, tables = set(printed.values()), {rows[i].table for i in printed.values()}
    free = [i for i, row in enumerate(rows) if row.filled and i not in claimed and row.table in tables]
    if not free:
        return frozenset()
    places = [(b, r) for b, block in enumerate(match.form.blocks) for r in range(len(block.rows))]
    crowded = set()
    for number, place in enumerate(places):
        if place in printed:
            continue
        before = [printed[other] for other in places[:number] if other in printed][-1:]
        after = [printed[other] for other in places[number + 1 :] if other in printed][:1]
        low, high = max(before, default=-1), min(after, default=len(rows))
        if any(min(low, high) < i < max(low, high) for i in free):
            crowded.add(place)
    return frozenset(crowded)
