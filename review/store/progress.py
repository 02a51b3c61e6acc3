"""Figures of progress: what was read, what people did, how well they agree, how often accepted cells are wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, literal_column, select

from review.intervals import Share, Stratum, estimate_share
from review.store import schema
from review.store.database import Store, run_read
from review.store.progress_people import AWAY, RECENT, find_agreement
from review.store.views import audit_answers

documents, records, items = schema.documents.c, schema.records.c, schema.items.c
corrections, settled, readings = schema.corrections.c, schema.settled.c, schema.readings.c


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one month (`2026-11`; when it was read or answered), one kind of source, or all (`""`)."""

    group: str
    documents: int
    errors: int
    cells: int
    accepted_machine: int
    accepted_person: int
    accepted_audit: int
    answers: int
    seconds: float | None  # mean of an answer
    audit: Share


@dataclass(frozen=True, slots=True)
class QueueLength:
    """Questions about cells under review: open, of which leased just now, and those that people left undecided."""

    open: int
    leased: int
    disputed: int
    unsure: int


@dataclass(frozen=True, slots=True)
class Progress:
    """All figures of a store. `seconds`: median of the newest answers. `agreement`: of first two answers."""

    total: Figures
    queue: QueueLength
    seconds: float | None
    agreement: Share
    months: tuple[Figures, ...]
    kinds: tuple[Figures, ...]


def measure_progress(store: Store) -> Progress:
    """Count everything; takes seconds in a store of a million documents, so keep the answer for a while there."""
    return run_read(store, lambda connection: _measure(connection, store))


def count_queue(store: Store) -> QueueLength:
    """The length of the queue, from its index."""
    return run_read(store, lambda connection: _count_queue(connection, store))


def count_open(store: Store) -> int:
    """How many questions about cells under review are open."""
    query = select(func.count()).where(items.purpose == "review", items.status == "open")
    return run_read(store, lambda connection: int(connection.execute(query).scalar_one()))


def _measure(connection: Connection, store: Store) -> Progress:
    month = _make_month(store)
    return Progress(
        total=next(iter(_measure_groups(connection, None, None))),
        queue=_count_queue(connection, store),
        seconds=_find_seconds(connection),
        agreement=find_agreement(connection),
        months=tuple(_measure_groups(connection, month(records.added_at), month(corrections.at))),
        kinds=tuple(_measure_groups(connection, records.source_kind, records.source_kind)),
    )


def _count_queue(connection: Connection, store: Store) -> QueueLength:
    held = case((items.lease_until > store.clock(), 1), else_=0)
    query = select(items.status, func.count(), func.sum(held)).where(
        items.purpose == "review", items.status.in_(("open", "disputed", "unsure"))
    )
    rows = {status: (count, leased) for status, count, leased in connection.execute(query.group_by(items.status))}
    count, leased = rows.get("open", (0, 0))
    return QueueLength(count, int(leased), rows.get("disputed", (0, 0))[0], rows.get("unsure", (0, 0))[0])


def _measure_groups(
    connection: Connection, read: ColumnElement[Any] | None, answered: ColumnElement[Any] | None
) -> Iterable[Figures]:
    """Figures grouped by something of the record (`read`) and of the answer; all in one group where they are `None`."""
    everything: ColumnElement[Any] = literal_column("coalesce('', '')")
    read = everything if read is None else read
    answered = everything if answered is None else answered
    machine = _count_records(connection, read)
    people = _count_settled(connection, read)
    given = _count_answers(connection, answered)
    audits = _find_audits(connection, answered)
    for group in sorted({*machine, *given, *audits} or {""}):
        count, errors, cells, accepted = machine.get(group, (0, 0, 0, 0))
        by_person, by_audit, replaced = people.get(group, (0, 0, 0))
        answers, seconds = given.get(group, (0, None))
        yield Figures(
            group,
            documents=count,
            errors=errors,
            cells=cells,
            accepted_machine=accepted - replaced,
            accepted_person=by_person,
            accepted_audit=by_audit,
            answers=answers,
            seconds=seconds,
            audit=estimate_share(audits.get(group, ())),
        )


def _count_records(connection: Connection, group: ColumnElement[Any]) -> dict[str, tuple[int, int, int, int]]:
    query = select(
        group,
        func.count(),
        func.count(records.error_code),
        func.coalesce(func.sum(records.cells), 0),
        func.coalesce(func.sum(records.accepted), 0),
    ).select_from(schema.read_documents)
    return {row[0]: tuple(map(int, row[1:])) for row in connection.execute(query.group_by(group))}  # type: ignore[misc]


def _count_settled(connection: Connection, group: ColumnElement[Any]) -> dict[str, tuple[int, int, int]]:
    """Cells of the newest records that people decide on: by review, by audit, and how many the machine had accepted."""
    joined = (
        schema.settled.join(schema.documents, documents.document_id == settled.document_id)
        .join(schema.records, records.record_id == documents.record_id)
        .join(
            schema.readings,
            (readings.record_id == documents.record_id) & (readings.field_no == settled.field_no),
        )
    )
    query = select(
        group,
        func.sum(case((settled.source == "person", 1), else_=0)),
        func.sum(case((settled.source == "audit", 1), else_=0)),
        func.sum(case((readings.review, 0), else_=1)),
    ).select_from(joined)
    rows = connection.execute(query.group_by(group)).all()
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows if row[1] is not None}


def _join_answers() -> Any:
    return schema.corrections.join(schema.records, records.record_id == corrections.record_id)


def _count_answers(connection: Connection, group: ColumnElement[Any]) -> dict[str, tuple[int, float | None]]:
    query = select(group, func.count(), func.avg(case((corrections.seconds <= AWAY, corrections.seconds))))
    query = query.select_from(_join_answers()).where(corrections.action != "undo").group_by(group)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query) if row[1]}


def _find_audits(connection: Connection, group: ColumnElement[Any]) -> dict[str, list[Stratum]]:
    """Audited strata. What was drawn of one, over the chance of being drawn, tells how many cells it has."""
    drawn = select(items.stratum, items.chance, func.count()).where(
        items.purpose == "audit", items.status != "withdrawn"
    )
    sizes = {
        (stratum, chance): count / chance
        for stratum, chance, count in connection.execute(drawn.group_by(items.stratum, items.chance))
    }
    right = audit_answers.c
    answers = (
        select(group.label("grouped"), right.stratum, right.chance, func.count(), func.sum(right.correct))
        .select_from(_join_answers().join(audit_answers, right.correction_id == corrections.correction_id))
        .group_by("grouped", right.stratum, right.chance)
    )
    strata: dict[str, list[Stratum]] = {}
    for name, stratum, chance, count, correct in connection.execute(answers):
        strata.setdefault(name, []).append(Stratum(sizes.get((stratum, chance), count), count, count - int(correct)))
    return strata


def _find_seconds(connection: Connection) -> float | None:
    query = select(corrections.seconds).where(corrections.action != "undo", corrections.seconds.is_not(None))
    query = query.order_by(corrections.correction_id.desc()).limit(RECENT)
    return median(found) if (found := list(connection.execute(query).scalars())) else None


def _make_month(store: Store) -> Any:
    """Turns a column of times into months, as each database does it."""
    if store.engine.dialect.name == "postgresql":
        return lambda column: func.to_char(func.timezone("UTC", column), "YYYY-MM")
    return lambda column: func.substr(column, 1, 7, type_=schema.records.c.digest.type)
