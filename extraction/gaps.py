"""Rows and columns of a form that were not found where the print has something unclaimed: not understood."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from extraction.forms import Match
from extraction.labels import Wording, fold_label
from extraction.row_labels import REPEATED, count_values, find_headings
from extraction.rows import PrintedRow
from models.form import Label

UNLIKE = 0.3  # of a label that tells nothing of which row it is
UNLIKE_ANY = 0.4  # of a label that is not even a misprint of the row's, or of two labels in one
MOST_LEFT_OUT = 0.5  # of the rows of a form that a print leaves out
SHORTEST = 5  # characters of a label that is not in others by chance
LIKE = 0.5  # of a printed row that no row of the form claims, and one of the form that is not found
LONGEST_LINE = 64  # characters, of one that is no sentence
MANY_REPEATED = 3  # rows of a form that is printed twice
MOST_TWINS = 6  # rows that are printed one after another and may be others with the same labels


def find_crowded(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of the form without a match between whose neighbours stands a row with values, unclaimed.

    Or one labelled like it stands anywhere in the form's tables, or the row before it prints more values than columns,
    or so few rows were found that others may stand where none was looked for.
    A row without values counts as well if it has places for them or its neighbours have no values either, unless its
    label is an outer one of the form; one without a label if it has a place for every column, as where print is lost.
    """
    printed = {(row.block, row.row): row.printed for row in match.rows}
    claimed, tables = set(printed.values()), {rows[i].table for i in printed.values()}
    free = [i for i, row in enumerate(rows) if i not in claimed and row.table in tables]
    labelled = _list_inner(match, rows, free)
    width = max(len(block.columns) for block in match.form.blocks)
    bare = [i for i in free if not (rows[i].filled or rows[i].labels) and len(rows[i].fields) >= width > 1]
    valued = [i for i in free if rows[i].filled] + [i for i in labelled if rows[i].fields] + bare
    if len(printed) == len(match.form.rows):
        return frozenset()
    surplus = {row.printed for row in match.rows if count_values(rows[row.printed]) > len(row.columns)}
    places = match.form.rows
    crowded = set()
    sparse = len(printed) < MOST_LEFT_OUT * len(places)
    for number, place in enumerate(places):
        if place in printed:
            continue
        before = [printed[other] for other in places[:number] if other in printed][-1:]
        after = [printed[other] for other in places[number + 1 :] if other in printed][:1]
        low, high = max(before, default=-1), min(after, default=len(rows))
        inside = before and after and not any(rows[i].filled for i in (*before, *after))
        near = sparse or any(min(low, high) < i < max(low, high) for i in (*valued, *(labelled if inside else ())))
        if near or surplus.intersection(before) or match.unclaimed.get(place, 0.0) > LIKE:
            crowded.add(place)
    return frozenset(crowded)


def _list_inner(match: Match, rows: Sequence[PrintedRow], free: Sequence[int]) -> list[int]:
    """Of the rows without values those with a label of their own, that is none over other rows of the form."""
    outer = {fold_label(text).stem for b, r in match.form.rows for text in match.form.blocks[b].rows[r].path[:-1]}
    empty = [i for i in free if not rows[i].filled and rows[i].labels]
    return [i for i in empty if fold_label(rows[i].labels[-1].text).stem not in outer]


def find_strangers(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows that print a label unlike any: rows of no form, where the form's own is left out.

    That they stand where the form has a row does not say that they are it.
    """
    return frozenset(
        (row.block, row.row)
        for row in match.rows
        if row.score < UNLIKE_ANY
        and match.form.blocks[row.block].rows[row.row].path
        and any(cell.text.strip() for cell in rows[row.printed].labels)
    )


def find_turned(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows without a label in the form whose print is labelled by one of its columns.

    It may be that column of a form printed upright, unless it has a value for each.
    """
    found = set()
    for row in match.rows:
        block, printed = match.form.blocks[row.block], rows[row.printed]
        if block.rows[row.row].path or count_values(printed) >= len(row.columns):
            continue
        headings = {fold_label(text).stem for column in block.columns for text in column.path}
        if any(fold_label(cell.text).stem in headings for cell in printed.labels):
            found.add((row.block, row.row))
    return frozenset(found)


def find_adrift(match: Match) -> frozenset[tuple[int, int]]:
    """The (block, row) that a row whose label tells nothing may be: next to it in the form stands one without a match.

    Those on both sides count, the matched and the others: which of them is printed, only their order says.
    """
    likeness = {
        (row.block, row.row): row.score for row in match.rows if match.form.blocks[row.block].rows[row.row].path
    }
    unsure = [place for place in match.form.rows if likeness.get(place, 0.0) < UNLIKE]
    place_of = {place: number for number, place in enumerate(match.form.rows)}
    runs = itertools.groupby(enumerate(unsure), key=lambda pair: (place_of[pair[1]] - pair[0], pair[1][0]))
    found: set[tuple[int, int]] = set()
    for _, run in runs:
        places = [place for _, place in run]
        if any(place in likeness for place in places) and not all(place in likeness for place in places):
            found.update(places)
    return frozenset(found)


def find_twins(match: Match) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows and of others with their labels, of which the order of the print does not say which.

    They stand between the same neighbours, and only the ones of them are printed.
    """
    matched = {(row.block, row.row) for row in match.rows}
    places = match.form.rows
    labels = [_fold_leaf(match.form.blocks[b].rows[r]) for b, r in places]
    printed = [n for n, place in enumerate(places) if place in matched]
    found: set[int] = set()
    for i in range(len(printed)):
        for end in range(i + 1, min(i + MOST_TWINS, len(printed)) + 1):
            run = printed[i:end]
            first, last = printed[i - 1] if i else -1, printed[end] if end < len(printed) else len(places)
            free = [n for n in range(first + 1, last) if n not in run]
            others = _find_alike([labels[n] for n in run], free, labels)
            found.update(others, run if others else [])
    return frozenset(places[n] for n in found)


def find_named(match: Match, rows: Sequence[PrintedRow], lines: Iterable[str]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows that were not found, whose label stands in a row that no form claims or in a line.

    `lines` are those beside the tables. A page break may leave a row of a table outside of it.
    """
    found = {(row.block, row.row) for row in match.rows}
    places = [
        place for place in match.form.rows if place not in found and match.form.blocks[place[0]].rows[place[1]].path
    ]
    if not places:
        return frozenset()
    claimed = {row.printed for row in match.rows}
    texts = [line for line in lines if len(line) <= LONGEST_LINE]
    texts += [cell.text for i, row in enumerate(rows) if i not in claimed for cell in row.labels]
    printed = {(wording.ordinal, wording.core) for wording in map(fold_label, texts)}
    leaves = {(b, r): fold_label(match.form.blocks[b].rows[r].leaf) for b, r in places}
    return frozenset(
        place
        for place, leaf in leaves.items()
        if (leaf.ordinal, leaf.core) in printed
        or (len(leaf.core) >= SHORTEST and any(leaf.core in core for _, core in printed))
    )


def find_repeated(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows whose label another row with values has that no row claims, among those of the form.

    Which of them is the form's nothing says; where there are several the table is printed twice, and no row is sure.
    """
    claimed = {row.printed for row in match.rows}
    free = [i for i in range(min(claimed), max(claimed)) if i not in claimed and rows[i].filled and rows[i].labels]
    if not free:
        return frozenset()
    others = [fold_label(rows[i].labels[-1].text) for i in free]
    own = [(row, fold_label(rows[row.printed].labels[-1].text)) for row in match.rows if rows[row.printed].labels]
    found = {(row.block, row.row) for row, wording in own if any(_is_same(wording, other) for other in others)}
    return frozenset(match.form.rows if len(found) >= MANY_REPEATED else found)


def _is_same(wording: Wording, other: Wording) -> bool:
    """Whether two labels have the same words, and the same number if both have one."""
    numbered = wording.ordinal and other.ordinal
    return bool(wording.core) and wording.core == other.core and not (numbered and wording.ordinal != other.ordinal)


def _find_alike(
    run: Sequence[tuple[str, str] | None], free: Sequence[int], labels: Sequence[tuple[str, str] | None]
) -> list[int]:
    """Places among the free ones with the labels of a run, in its order; none where one of them is not found."""
    found: list[int] = []
    ahead = iter(free)
    for label in run:
        place = next((n for n in ahead if labels[n] == label), None) if label is not None else None
        if place is None:
            return []
        found.append(place)
    return found


def _fold_leaf(label: Label) -> tuple[str, str] | None:
    wording = fold_label(label.leaf) if label.path else None
    return None if wording is None else (wording.ordinal, wording.core)


def find_shared(matches: Iterable[Match]) -> dict[int, int]:
    """The printed rows that more than one form claims, and where in `matches` the form stands that has the best claim.

    -1 where two are as good.
    """
    claims: dict[int, list[tuple[float, int]]] = {}
    for number, match in enumerate(matches):
        for row in match.rows:
            claims.setdefault(row.printed, []).append((row.score + row.headings, number))
    shared = {printed: sorted(held)[-2:] for printed, held in claims.items() if len({n for _, n in held}) > 1}
    return {printed: -1 if a[0] == b[0] else b[1] for printed, (a, b) in shared.items()}


def find_parted(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows without values near values that no row claims: they may be theirs.

    Near are those next to it, above where nothing but rows without values stands between (headings that a page
    repeats), and those between the rows before and after it in the form.
    """
    claimed = {row.printed for row in match.rows}
    printed = {(row.block, row.row): row.printed for row in match.rows}
    order = [printed[place] for place in match.form.rows if place in printed]
    return frozenset(
        place
        for place, own in printed.items()
        if not rows[own].filled
        for near in (own + 1, _find_valued_above(rows, own, claimed), *_list_between(order, order.index(own)))
        if 0 <= near < len(rows) and rows[near].filled and near not in claimed
    )


def _list_between(order: Sequence[int], place: int) -> range:
    """The printed rows from the one before to the one after that at a place of `order`, those between alone."""
    around = order[max(place - 1, 0) : place + 2]
    return range(min(around) + 1, max(around))


def _find_valued_above(rows: Sequence[PrintedRow], index: int, claimed: Collection[int]) -> int:
    """The next row above with values in the same table, or a claimed one before it; -1 where there is none."""
    for number in range(index - 1, max(index - 1 - REPEATED, -1), -1):
        if rows[number].table != rows[index].table:
            break
        if rows[number].filled or number in claimed:
            return number
    return -1


def find_joined(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows of the form whose labels one printed label holds, one after the other.

    Nothing says of which of them its values are, or that the others are not printed.
    """
    leaves: dict[str, list[tuple[int, int]]] = {}
    for b, r in match.form.rows:
        label = match.form.blocks[b].rows[r]
        stem = fold_label(label.leaf).stem if label.path else ""
        if len(stem) >= SHORTEST:
            leaves.setdefault(stem, []).append((b, r))
    longest = sorted(leaves, key=len, reverse=True)
    found: set[tuple[int, int]] = set()
    printed = {fold_label(cell.text).stem for row in rows for cell in row.labels}
    for text in printed.difference(leaves):  # one that is the row's own holds no other beside it
        if len(text) < 2 * SHORTEST:
            continue
        held, rest = [], text
        for stem in longest:
            if len(stem) <= len(rest) and stem in rest:
                held.append(stem)
                rest = rest.replace(stem, "|")
        if len(held) > 1:
            found.update(place for stem in held for place in leaves[stem])
    return frozenset(found)


def find_parts(match: Match, rows: Sequence[PrintedRow]) -> frozenset[tuple[int, int]]:
    """The (block, row) of rows taken for some of the columns, though headings of the others stand over them as well."""
    found = set()
    beyond: dict[tuple[int, tuple[int, ...]], set[str]] = {}  # what stands over the other columns
    for row in match.rows:
        columns, part = match.form.blocks[row.block].columns, (row.block, row.columns)
        if part not in beyond:
            inside = {fold_label(text).stem for i in row.columns for text in columns[i].path[:1]}
            beyond[part] = {fold_label(text).stem for column in columns for text in column.path[:1]} - inside
        outside = beyond[part]
        if not outside:
            continue
        printed = Counter(fold_label(cell.text).stem for cell in find_headings(rows[row.printed]))
        leaves = Counter(fold_label(columns[i].leaf).stem for i in row.columns)
        if not outside.isdisjoint(printed) or any(printed[leaf] > count for leaf, count in leaves.items()):
            found.add((row.block, row.row))
    return frozenset(found)


def list_outer_headings(rows: Sequence[PrintedRow]) -> frozenset[str]:
    """All labels and headings of printed tables, folded: what a column is under that was not found may be there."""
    return frozenset(fold_label(cell.text).stem for row in rows for cell in (*row.above, *row.labels))
