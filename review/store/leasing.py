"""Giving questions to people: the most useful first, each to one person at a time, for a while."""

from __future__ import annotations

import random
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from models.numbers import State
from review.priority import show_reading
from review.store import schema
from review.store.database import Store, run_read, run_write, upsert
from review.store.kinds import AnyRow, plain_text

items, places, votes = schema.items.c, schema.places.c, schema.corrections.c
undone = schema.corrections.alias("undone").c  # made once: it takes longer than the query
# What an ongoing lease is: the holder may answer as long as nobody else was given the item.
FREE_ORDER = (items.group_rank, items.document_id, items.position)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A question to a person, who holds it until `lease_until`; whether it is an audit does not show.

    `state`, `value`, `raw`, `evidence` and `candidates` are the machine's, as in the record.
    """

    item_id: int
    lease: str
    lease_until: datetime
    document_id: int
    sha256: str | None
    record_id: int
    source: str
    organization: str | None
    year: int | None
    form: str
    field: str
    label: str
    unit: str
    kind: str
    state: State
    value: Decimal | None
    raw: str | None
    evidence: Mapping[str, Any] | None
    candidates: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Open questions about cells that were read alike."""

    state: State
    value: Decimal | None
    count: int


def lease_item(
    store: Store, person: str, *, held: Collection[str] = (), document_id: int | None = None
) -> ReviewItem | None:
    """Give a person the next question; `None` where there is none for them.

    A question that they hold already comes first, but those in `held`, which the page has. Then the document they are
    on; then, at times, one of the audit; then second opinions; then the document with the most useful question that
    nobody else is on; at last what they have skipped. With `document_id`, only questions under review of this document.
    """
    person = plain_text(person)
    return run_write(store, lambda connection: take_item(connection, store, person, held, document_id), durable=False)


def lease_group(
    store: Store,
    person: str,
    *,
    state: State = State.NUMBER,
    value: Decimal | None = None,
    form: str | None = None,
    limit: int = 60,
) -> list[ReviewItem]:
    """Give a person up to `limit` questions about cells that were read alike, of any documents, field by field."""
    person, shown = plain_text(person), show_reading(state, value)
    return run_write(
        store, lambda connection: _lease_group(connection, store, person, shown, form, limit), durable=False
    )


def count_groups(store: Store, *, limit: int = 50) -> list[Group]:
    """The largest groups of open questions that nobody has answered, by what was read."""
    count = func.count().label("count")
    query = (
        select(items.shown, count)
        .where(items.purpose == "review", items.status == "open", items.turn == 0)
        .group_by(items.shown)
        .order_by(count.desc(), items.shown)
        .limit(limit)
    )
    return run_read(store, lambda connection: [_make_group(shown, n) for shown, n in connection.execute(query)])


def skip_item(store: Store, lease: str, person: str) -> bool:
    """Give a question back unanswered; it comes to this person again when there is nothing else for them.

    False where they do not hold it.
    """
    return run_write(store, lambda connection: _skip(connection, store, lease, plain_text(person)))


def release_items(store: Store, person: str, leases: Iterable[str] | None = None) -> int:
    """Give questions back, all that a person holds or some, so that others may have them at once; how many."""
    which = [items.lease_holder == plain_text(person), items.lease.is_not(None)]
    if leases is not None:
        which.append(items.lease.in_(list(leases)))
    free = update(schema.items).where(*which).values(lease=None, lease_holder=None, lease_until=None)
    leave = update(schema.places).where(places.person == plain_text(person)).values(document_id=None)

    def work(connection: Connection) -> int:
        if leases is None:
            connection.execute(leave)
        return connection.execute(free).rowcount

    return run_write(store, work)


def extend_lease(store: Store, lease: str, person: str) -> bool:
    """Hold a question for a full lease from now; false where somebody else has it or it was answered."""
    until = store.clock() + timedelta(seconds=store.settings.lease_seconds)
    change = update(schema.items).where(items.lease == lease, items.lease_holder == plain_text(person))
    return run_write(store, lambda connection: connection.execute(change.values(lease_until=until)).rowcount == 1)


def read_item(connection: Connection, item_id: int) -> ReviewItem:
    """An item that is leased, with all that its page shows."""
    return _read_items(connection, [item_id])[0]


def take_item(
    connection: Connection, store: Store, person: str, held: Collection[str] = (), document_id: int | None = None
) -> ReviewItem | None:
    """As `lease_item`, in a transaction that is open."""
    now = store.clock()
    until = now + timedelta(seconds=store.settings.lease_seconds)
    kept = _find_held(connection, person, held, document_id, now)
    if kept is not None:
        connection.execute(update(schema.items).where(items.item_id == kept).values(lease_until=until))
        return read_item(connection, kept)
    place = connection.execute(select(schema.places).where(places.person == person)).first()
    for purpose, query in find_queries(store, person, now, place, document_id):
        lease = {"lease": uuid.uuid4().hex, "lease_holder": person, "lease_until": until}
        found = query.limit(1).with_for_update(skip_locked=True, of=schema.items).scalar_subquery()
        take = update(schema.items).where(items.item_id == found).values(lease)
        taken = connection.execute(take.returning(items.item_id, items.document_id)).first()
        if taken is not None:
            _keep_place(connection, person, place, purpose, taken.document_id, until)
            return read_item(connection, taken.item_id)
    return None


def _find_held(
    connection: Connection, person: str, held: Collection[str], document_id: int | None, now: datetime
) -> int | None:
    query = select(items.item_id).where(
        items.lease.is_not(None), items.lease_holder == person, items.lease_until > now, items.lease.not_in(list(held))
    )
    if document_id is not None:
        query = query.where(items.document_id == document_id)
    number: int | None = connection.execute(query.order_by(*FREE_ORDER).limit(1)).scalar()
    return number


def find_queries(
    store: Store, person: str, now: datetime, place: AnyRow | None, document_id: int | None
) -> Iterable[tuple[str, Select[Any]]]:
    """Where to look for the next question, one after the other; each query is answered from an index."""
    free = and_(items.status == "open", or_(items.lease.is_(None), items.lease_until <= now))
    fresh = or_(items.skips == 0, ~_has_skipped(person))
    review = select(items.item_id).where(items.purpose == "review", free)
    mine = document_id or (place.document_id if place is not None else None)
    if mine is not None:
        here = review.where(items.document_id == mine, fresh, ~_has_voted(person))
        yield "review", here.order_by(items.turn, items.position)
    if document_id is not None:
        return
    audit = select(items.item_id).where(items.purpose == "audit", free, items.turn == 0, fresh)
    audit = audit.order_by(items.purpose, items.turn, *FREE_ORDER)
    if _is_audit_due(store, place):
        yield "audit", audit
    for purpose in ("review", "audit"):
        yield from ((purpose, query) for query in _find_second_opinions(purpose, person, free, fresh))
    first = review.where(items.turn == 0, fresh).order_by(items.purpose, items.turn, *FREE_ORDER)
    yield "review", first.where(~_is_claimed(person, now))
    yield "review", first
    yield "audit", audit
    skipped = select(schema.skips.c.item_id).where(schema.skips.c.person == person)
    again = select(items.item_id).where(free, items.item_id.in_(skipped), ~_has_voted(person))
    yield "review", again.order_by(*FREE_ORDER)


def _find_second_opinions(
    purpose: str, person: str, free: ColumnElement[bool], fresh: ColumnElement[bool]
) -> Iterable[Select[Any]]:
    """Questions that others have answered; those of one's own first answers lie between the two ranges of the index."""
    # SQLite takes a partial index only where the query says its condition word by word; `+ 0` keeps it from searching
    # the index by that.
    asked = select(items.item_id).where(items.purpose == purpose, text("items.turn + 0 > 0"), free, fresh)
    order = (items.purpose, items.turn, items.voter, *FREE_ORDER)
    for other in (items.voter < person, items.voter > person):
        yield asked.where(items.turn == 1, other).order_by(*order)
    yield asked.where(items.turn > 1, ~_has_voted(person)).order_by(*order)


def _has_skipped(person: str) -> ColumnElement[bool]:
    skips = schema.skips.c
    return exists().where(skips.item_id == items.item_id, skips.person == person)


def _has_voted(person: str) -> ColumnElement[bool]:
    """Whether a person has answered an item and not taken it back."""
    retracted = exists().where(undone.retracts == votes.correction_id)
    voted = exists().where(votes.item_id == items.item_id, votes.person == person, votes.action != "undo", ~retracted)
    return and_(items.turn > 0, voted)


def _is_claimed(person: str, now: datetime) -> ColumnElement[bool]:
    """Whether another person is on the document of an item."""
    return exists().where(places.document_id == items.document_id, places.person != person, places.until > now)


def _is_audit_due(store: Store, place: AnyRow | None) -> bool:
    """Draw whether an audit question comes now, the likelier the further they lag behind their share.

    Only between documents: within one, a question from elsewhere would show what it is.
    """
    served, audits = (place.served, place.audits) if place is not None else (0, 0)
    return store.settings.audit_share * (served + audits + 1) - audits > random.random()


def _keep_place(
    connection: Connection, person: str, place: AnyRow | None, purpose: str, document: int, until: datetime
) -> None:
    audit = purpose == "audit"
    row = {
        "person": person,
        "document_id": document if not audit else (place.document_id if place is not None else None),
        "until": until,
        "served": (place.served if place is not None else 0) + (not audit),
        "audits": (place.audits if place is not None else 0) + audit,
    }
    upsert(connection, schema.places, [row], by=("person",))


def _lease_group(
    connection: Connection, store: Store, person: str, shown: str, form: str | None, limit: int
) -> list[ReviewItem]:
    now = store.clock()
    until = now + timedelta(seconds=store.settings.lease_seconds)
    query = select(items.item_id).where(
        items.status == "open",
        items.purpose == "review",
        items.shown == shown,
        items.turn == 0,
        or_(items.lease.is_(None), items.lease_until <= now),
        or_(items.skips == 0, ~_has_skipped(person)),
    )
    if form is not None:
        numbers = [number for (name, _), number in store.field_numbers.items() if name == form]
        query = query.where(items.field_no.in_(numbers))
    query = query.order_by(items.shown, items.field_no).limit(limit).with_for_update(skip_locked=True)
    taken = list(connection.execute(query).scalars())
    if not taken:
        return []
    change = update(schema.items).where(items.item_id == bindparam("item"))
    change = change.values(lease=bindparam("token"), lease_holder=person, lease_until=until)
    connection.execute(change, [{"item": item, "token": uuid.uuid4().hex} for item in taken])
    return _read_items(connection, taken)


def _make_group(shown: str, count: int) -> Group:
    state, _, value = shown.partition(" ")
    return Group(State(state), Decimal(value) if value else None, count)


def _skip(connection: Connection, store: Store, lease: str, person: str) -> bool:
    free = update(schema.items).where(items.lease == lease, items.lease_holder == person)
    free = free.values(lease=None, lease_holder=None, lease_until=None, skips=items.skips + 1)
    item = connection.execute(free.returning(items.item_id)).scalar()
    if item is None:
        return False
    row = {"item_id": item, "person": person, "skipped_at": store.clock()}
    upsert(connection, schema.skips, [row], by=("item_id", "person"))
    return True


def _read_items(connection: Connection, numbers: list[int]) -> list[ReviewItem]:
    """Items in the order of their numbers given."""
    fields, readings, records, documents = schema.fields, schema.readings, schema.records, schema.documents
    query = (
        select(
            items.item_id, items.lease, items.lease_until, items.document_id, documents.c.sha256, items.record_id,
            records.c.source, records.c.organization, records.c.year, fields.c.form, fields.c.field, fields.c.label,
            fields.c.unit, fields.c.kind, readings.c.state, readings.c.value, readings.c.raw, readings.c.evidence,
            readings.c.extra,
        )
        .select_from(schema.items)
        .join(fields, fields.c.field_no == items.field_no)
        .join(documents, documents.c.document_id == items.document_id)
        .join(records, records.c.record_id == items.record_id)
        .join(readings, and_(readings.c.record_id == items.record_id, readings.c.field_no == items.field_no))
        .where(items.item_id.in_(numbers))
    )  # fmt: skip
    found = {row.item_id: _make_item(row) for row in connection.execute(query)}
    return [found[number] for number in numbers]


def _make_item(row: AnyRow) -> ReviewItem:
    entries = dict(row._mapping)
    extra = entries.pop("extra") or {}
    state = State(entries.pop("state"))
    return ReviewItem(**entries, state=state, candidates=tuple(extra.get("candidates") or ()))
