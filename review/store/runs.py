"""Bulk runs and their inputs: what was listed, what waits, what became of it. Kept so that a run can go on."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from review.store import run_schema
from review.store.database import Store, run_read, run_write
from review.store.kinds import plain_text

runs, inputs = run_schema.runs.c, run_schema.inputs.c


class Refusal(NamedTuple):
    """Why a document cannot be fetched."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """A bulk run; `status`: `listing`, `reading`, `done` or `stopped`. `seen_at`: when it last gave a sign of life."""

    run_id: int
    run_key: str
    reader: str
    sources: Sequence[str]
    options: Mapping[str, Any]
    status: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    figures: Mapping[str, Any] | None
    tracked: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands: `place` for people and records, `reference` for who fetches it.

    `stamp` changes when the bytes there do; `None` where that cannot be told. `size`: bytes, where known. `problem`:
    why it cannot be fetched, seen while it was listed.
    """

    place: str
    reference: Mapping[str, Any]
    stamp: str | None = None
    size: int | None = None
    problem: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A place of a run that waits to be read."""

    input_id: int
    place: str
    reference: Mapping[str, Any]
    size: int | None
    attempts: int
    problem: Refusal | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt at an input ended; `status`: `done`, `failed`, or `waiting` for another attempt."""

    input_id: int
    status: str
    attempts: int
    code: str | None = None
    message: str | None = None
    document_id: int | None = None


def start_run(store: Store, *, reader: str, sources: Sequence[str], options: Mapping[str, Any]) -> Run:
    """Begin a run, with nothing listed yet."""
    now = store.clock()
    row = {
        "run_key": uuid.uuid4().hex,
        "reader": reader,
        "sources": [plain_text(source) for source in sources],
        "options": dict(options),
        "status": "listing",
        "started_at": now,
        "seen_at": now,
    }
    query = insert(run_schema.runs).values(row).returning(*run_schema.runs.c)
    return run_write(store, lambda connection: Run(*connection.execute(query).one()))


def find_run(store: Store, run_id: int | None = None) -> Run | None:
    """A run by its number, or the newest."""
    query = select(run_schema.runs).order_by(runs.run_id.desc()).limit(1)
    query = query if run_id is None else query.where(runs.run_id == run_id)
    row = run_read(store, lambda connection: connection.execute(query).first())
    return None if row is None else Run(*row)


def has_run(store: Store, run_key: str) -> bool:
    """Whether the store is the one that the run was begun in."""
    query = select(runs.run_id).where(runs.run_key == run_key)
    return run_read(store, lambda connection: connection.execute(query).first()) is not None


def add_inputs(store: Store, run: Run, places: Iterable[Place]) -> None:
    """Add places to a run; what the same reader read at a place that has the same stamp is not read again."""
    rows = dict(_make_row(run, place) for place in places)
    if not rows:
        return
    dialect = postgresql if store.engine.dialect.name == "postgresql" else sqlite
    query = dialect.insert(run_schema.inputs)
    new = query.excluded
    same = and_(new.stamp.is_not(None), inputs.stamp == new.stamp)
    kept = {name: case((same, inputs[name]), else_=new[name]) for name in ("status", "code", "message", "attempts")}
    changed = {name: new[name] for name in ("run_id", "reference", "stamp", "size")} | kept
    change = query.on_conflict_do_update(index_elements=["reader", "place_key"], set_=changed)
    run_write(store, lambda connection: connection.execute(change, list(rows.values())) and None)


def change_run(store: Store, run: Run, **values: Any) -> None:
    """Change what is known of a run: `status`, `ended_at`, `figures`, `tracked`; it gives a sign of life thereby."""
    change = update(run_schema.runs).where(runs.run_id == run.run_id).values(seen_at=store.clock(), **values)
    run_write(store, lambda connection: connection.execute(change) and None)


def list_waiting(store: Store, run: Run, *, after: int = 0, limit: int = 1000) -> list[Input]:
    """Inputs of a run that wait, in the order they were listed; on from the one with the number `after`."""
    query = (
        select(
            inputs.input_id, inputs.place, inputs.reference, inputs.size, inputs.attempts, inputs.code, inputs.message
        )
        .where(inputs.run_id == run.run_id, inputs.status == "waiting", inputs.input_id > after)
        .order_by(inputs.input_id)
        .limit(limit)
    )
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return [Input(*row[:5], problem=_read_problem(row)) for row in rows]


def _read_problem(row: Any) -> Refusal | None:
    """The problem seen while listing; one of an attempt that may pass is no reason not to try again."""
    return Refusal(row.code, row.message or "") if row.code is not None and row.attempts == 0 else None


def end_inputs(store: Store, run: Run, endings: Sequence[Ending]) -> None:
    """Note how attempts ended; a sign of life of the run.

    Durably: an input whose ending a killed server forgets would wait until the run is started again.
    """
    rows = [
        {
            "number": ending.input_id,
            "status": ending.status,
            "attempts": ending.attempts,
            "code": ending.code,
            "message": ending.message,
            "document_id": ending.document_id,
        }
        for ending in endings
    ]
    change = update(run_schema.inputs).where(inputs.input_id == bindparam("number"))
    names = ("status", "attempts", "code", "message", "document_id")
    seen = update(run_schema.runs).where(runs.run_id == run.run_id).values(seen_at=store.clock())

    def write(connection: Connection) -> None:
        if rows:
            connection.execute(change.values({name: bindparam(name) for name in names}), rows)
        connection.execute(seen)

    run_write(store, write)


def count_inputs(store: Store, run: Run) -> dict[tuple[str, str | None], int]:
    """How many inputs of a run there are of each status and code."""
    query = select(inputs.status, inputs.code, func.count()).where(inputs.run_id == run.run_id)
    query = query.group_by(inputs.status, inputs.code)
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return {(status, code): count for status, code, count in rows}


def list_failed(store: Store, run: Run, *, limit: int = 50) -> list[tuple[str, str, str]]:
    """(place, code, message) of inputs that failed, in the order they were listed."""
    query = select(inputs.place, inputs.code, inputs.message).where(
        inputs.run_id == run.run_id, inputs.status == "failed"
    )
    rows = run_read(store, lambda connection: connection.execute(query.order_by(inputs.input_id).limit(limit)).all())
    return [(place, code or "", message or "") for place, code, message in rows]


def reopen_inputs(store: Store, run: Run, codes: Sequence[str] | None) -> int:
    """Let failed inputs of a run wait again, those of some codes or all; how many."""
    wanted = [inputs.run_id == run.run_id, inputs.status == "failed"]
    if codes is not None:
        wanted.append(inputs.code.in_(list(codes)))
    change = update(run_schema.inputs).where(*wanted).values(status="waiting", code=None, message=None, attempts=0)
    return run_write(store, lambda connection: int(connection.execute(change).rowcount))


def _make_row(run: Run, place: Place) -> tuple[str, dict[str, Any]]:
    text = plain_text(place.place)
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    code, message = place.problem or (None, None)
    return key, {
        "run_id": run.run_id,
        "reader": run.reader,
        "place_key": key,
        "place": text,
        "reference": dict(place.reference),
        "stamp": place.stamp,
        "size": place.size,
        "status": "waiting",
        "attempts": 0,
        "code": code,
        "message": message,
    }
