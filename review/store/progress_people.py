"""Figures of each person who answers: how many cells, how fast, and how often a second person says the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, median
from typing import Any

from sqlalchemy import Connection, exists, select

from review.intervals import Share, Stratum, estimate_share
from review.store import schema
from review.store.database import Store, run_read

items, corrections = schema.items.c, schema.corrections.c
undone = schema.corrections.alias("undone").c
RECENT = 20_000  # answers that figures of people and agreement are taken over
AWAY = 600.0  # seconds; who takes longer was not at the desk
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One person's newest answers. `seconds`: median of one; `cells_an_hour`: while at the desk.

    `changed`: answers that differ from the machine's reading. `agreement`: of the cells that two people were sure
    about, this one among the first two, how many the other answered alike.
    """

    person: str
    answers: int
    changed: int
    unsure: int
    taken_back: int
    seconds: float | None
    cells_an_hour: float | None
    agreement: Share


def measure_people(store: Store) -> tuple[PersonFigures, ...]:
    """The figures of everybody who answered lately, who answered most first."""
    return run_read(store, _measure_people)


def find_agreement(connection: Connection) -> Share:
    """Of the newest items that two people were sure about, how many they answered alike."""
    pairs = find_pairs(connection)
    return _share([first[1] == second[1] for first, second in pairs])


def find_pairs(connection: Connection) -> list[tuple[tuple[str, Any], tuple[str, Any]]]:
    """The first two sure answers, as (person, what they say), on each of the newest items that have two."""
    twice = select(items.item_id).where(items.turn >= 2).order_by(items.item_id.desc()).limit(RECENT)
    query = select(corrections.item_id, corrections.person, corrections.after_state, corrections.after_value).where(
        corrections.item_id.in_(twice),
        corrections.action.in_(("confirm", "change")),
        ~exists().where(undone.retracts == corrections.correction_id),
    )
    rows = connection.execute(query.order_by(corrections.item_id, corrections.correction_id)).all()
    grouped = [
        [(row.person, (row.after_state, row.after_value)) for row in group]
        for _, group in groupby(rows, key=lambda row: row.item_id)
    ]
    return [(group[0], group[1]) for group in grouped if len(group) >= 2]


def _measure_people(connection: Connection) -> tuple[PersonFigures, ...]:
    retracted = exists().where(undone.retracts == corrections.correction_id)
    query = select(corrections.person, corrections.action, corrections.seconds, retracted.label("retracted")).where(
        corrections.action != "undo"
    )
    rows = connection.execute(query.order_by(corrections.correction_id.desc()).limit(RECENT)).all()
    by_person: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_person[row.person].append(row)
    alike = _count_alike(find_pairs(connection))
    figures = [_make_figures(person, answers, alike.get(person, ())) for person, answers in by_person.items()]
    return tuple(sorted(figures, key=lambda one: (-one.answers, one.person)))


def _count_alike(pairs: Iterable[tuple[tuple[str, Any], tuple[str, Any]]]) -> Mapping[str, list[bool]]:
    alike: dict[str, list[bool]] = defaultdict(list)
    for first, second in pairs:
        for person in {first[0], second[0]}:
            alike[person].append(first[1] == second[1])
    return alike


def _make_figures(person: str, rows: Sequence[Any], alike: Sequence[bool]) -> PersonFigures:
    standing = [row for row in rows if not row.retracted]
    seconds = [row.seconds for row in standing if row.seconds is not None and row.seconds <= AWAY]
    mean = fmean(seconds) if seconds else 0.0
    return PersonFigures(
        person=person,
        answers=len(standing),
        changed=sum(row.action == "change" for row in standing),
        unsure=sum(row.action == "unsure" for row in standing),
        taken_back=len(rows) - len(standing),
        seconds=median(seconds) if seconds else None,
        cells_an_hour=HOUR / mean if mean > 0 else None,
        agreement=_share(alike),
    )


def _share(alike: Sequence[bool]) -> Share:
    """`hits` of the share are those that agree."""
    return estimate_share([Stratum(len(alike), len(alike), sum(alike))])
