"""Taking answers: each is added once, decides with the others on its item, and can be taken back."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, exists, insert, select, update

from models.numbers import State
from review.answers import Answer, Vote, judge_votes
from review.store import schema
from review.store.database import Store, insert_once, lock_key, run_write, upsert
from review.store.kinds import AnyRow, plain_text
from review.store.leasing import ReviewItem, read_item, take_item

items, corrections, settled = schema.items.c, schema.corrections.c, schema.settled.c
undone = schema.corrections.alias("undone").c
FIELDS = 2**16  # more than there are fields
STANDING = ~exists().where(undone.retracts == corrections.correction_id)  # not taken back


class LeaseLost(Exception):  # noqa: N818
    """The question was given to another person or settled before the answer came."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer as it was added; `status` is that of its item: `open` where another person is asked, else final."""

    correction_id: int
    item_id: int | None
    document_id: int
    form: str
    field: str
    action: str
    status: str


@dataclass(frozen=True, slots=True)
class Undone:
    """An edit in place that was taken back."""

    document_id: int
    form: str
    field: str


def answer_item(store: Store, lease: str, answer: Answer) -> Outcome:
    """Answer the question that a person holds; an answer that is sent again gives the same outcome, and is not added.

    Raises `LeaseLost` where the person does not hold it any more; nothing is added then.
    """
    outcome = answer_items(store, [(lease, answer)])[0]
    if outcome is None:
        raise LeaseLost(lease)
    return outcome


def answer_and_lease(
    store: Store, lease: str, answer: Answer, *, held: Collection[str] = ()
) -> tuple[Outcome, ReviewItem | None]:
    """Answer as `answer_item` does and lease the next question as `lease_item` does, in one transaction."""

    def work(connection: Connection) -> tuple[Outcome, ReviewItem | None]:
        outcome = _answer(connection, store, lease, answer)
        if outcome is None:
            raise LeaseLost(lease)
        return outcome, take_item(connection, store, plain_text(answer.person), held)

    return run_write(store, work)


def answer_items(store: Store, answers: Sequence[tuple[str, Answer]]) -> list[Outcome | None]:
    """Answer questions in one transaction; `None` for each that the person does not hold any more."""
    ordered = sorted(range(len(answers)), key=lambda place: answers[place][0])  # locked in one order by all

    def work(connection: Connection) -> list[Outcome | None]:
        outcomes = {place: _answer(connection, store, *answers[place]) for place in ordered}
        return [outcomes[place] for place in range(len(answers))]

    return run_write(store, work)


def undo_answer(store: Store, person: str) -> ReviewItem | Undone | None:
    """Take back the last answer of a person that stands, and give them its question again.

    The answer stays in the corrections beside what takes it back. `Undone` where it was an edit in place; `None` where
    there is nothing to take back, or another person is at the question just now.
    """
    return run_write(store, lambda connection: _undo(connection, store, plain_text(person)))


def undo_answers(store: Store, person: str, leases: Collection[str]) -> int:
    """Take back the answers that a person gave to these leases, as those of a group; how many.

    Those stay that were taken back before, and those whose question another person is at just now.
    """
    person = plain_text(person)
    query = select(schema.corrections).where(
        corrections.person == person, corrections.lease.in_(sorted(leases)), STANDING
    )

    def work(connection: Connection) -> int:
        answers = connection.execute(query.order_by(corrections.correction_id)).all()
        return sum(_take_back(connection, store, answer, person) for answer in answers)

    return run_write(store, work)


def edit_cell(store: Store, document_id: int, form: str, field: str, answer: Answer) -> Outcome:
    """Correct a cell of a document without being asked; this settles it, and an open question about it under review.

    Raises `LookupError` where the newest record of the document has no such cell.
    """
    number = store.field_numbers.get((form, field))
    if number is None:
        raise LookupError(f"no form has the cell {field} of {form}")
    return run_write(store, lambda connection: _edit(connection, store, document_id, number, answer))


def _answer(connection: Connection, store: Store, lease: str, answer: Answer) -> Outcome | None:
    """The lease is taken from the item and kept with the correction: whoever comes second finds it there."""
    person = plain_text(answer.person)
    take = update(schema.items).where(items.lease == lease, items.lease_holder == person)
    take = take.values(lease=None, lease_holder=None, lease_until=None)
    item = connection.execute(take.returning(*schema.items.c)).first()
    if item is None:
        return _find_outcome(connection, store, lease, person)
    number, action = _add_correction(connection, store, item, item.purpose, answer, lease=lease, item_id=item.item_id)
    status = _judge_item(connection, item)
    _settle_cell(connection, item.document_id, item.field_no)
    return _make_outcome(store, item, number, action, status)


def _find_outcome(connection: Connection, store: Store, lease: str, person: str) -> Outcome | None:
    """The outcome of an answer that has come before."""
    query = select(*schema.corrections.c, items.status).where(corrections.lease == lease, corrections.person == person)
    row = connection.execute(query.join(schema.items, items.item_id == corrections.item_id)).first()
    return None if row is None else _make_outcome(store, row, row.correction_id, row.action, row.status)


def _make_outcome(store: Store, row: AnyRow, number: int, action: str, status: str) -> Outcome:
    form, field = store.field_names[row.field_no]
    return Outcome(number, row.item_id, row.document_id, form, field, action, status)


def _add_correction(  # noqa: PLR0913
    connection: Connection,
    store: Store,
    cell: AnyRow,
    purpose: str,
    answer: Answer,
    *,
    lease: str | None = None,
    item_id: int | None = None,
) -> tuple[int, str]:
    """Add an answer about a cell (`document_id`, `record_id`, `field_no`); its number and what it is."""
    readings = schema.readings.c
    before = connection.execute(
        select(readings.state, readings.value, readings.raw).where(
            readings.record_id == cell.record_id, readings.field_no == cell.field_no
        )
    ).one()
    same = answer.state is not None and (before.state, before.value) == (answer.state.value, answer.value)
    action = "unsure" if answer.state is None else "confirm" if same else "change"
    row = {
        "document_id": cell.document_id,
        "record_id": cell.record_id,
        "field_no": cell.field_no,
        "item_id": item_id,
        "purpose": purpose,
        "action": action,
        "person": answer.person,
        "at": store.clock(),
        "seconds": answer.seconds,
        "before_state": before.state,
        "before_value": before.value,
        "before_raw": before.raw,
        "after_state": None if answer.state is None else answer.state.value,
        "after_value": answer.value,
        "after_raw": before.raw if same and answer.raw is None else answer.raw,
        "note": answer.note or None,
        "lease": lease,
    }
    number: int = connection.execute(
        insert(schema.corrections).values(row).returning(corrections.correction_id)
    ).scalar_one()
    return number, action


def _judge_item(connection: Connection, item: AnyRow) -> str:
    """Set the status of an item from its answers that stand; a withdrawn one with an answer is open no more.

    `item` has `item_id`, `wanted` and `status` as they are in this transaction.
    """
    votes = _find_votes(connection, item.item_id)
    verdict = judge_votes([vote for _, vote in votes], wanted=item.wanted)
    kept = "withdrawn" if item.status == "withdrawn" and verdict.status == "open" else verdict.status
    connection.execute(
        update(schema.items)
        .where(items.item_id == item.item_id)
        .values(status=kept, turn=len(votes), voter=votes[0][0] if votes else "")
    )
    return kept


def _find_votes(connection: Connection, item_id: int) -> list[tuple[str, Vote]]:
    """Answers on an item that stand, with who gave them, the oldest first."""
    query = select(
        corrections.person, corrections.correction_id, corrections.after_state, corrections.after_value
    ).where(corrections.item_id == item_id, corrections.action != "undo", STANDING)
    return [
        (person, Vote(number, None if state is None else State(state), value))
        for person, number, state, value in connection.execute(query.order_by(corrections.correction_id))
    ]


def _settle_cell(connection: Connection, document_id: int, field_no: int) -> None:
    """Find which correction decides on a cell: the newest of its edits and of those that settle its items."""
    lock_key(connection, document_id * FIELDS + field_no)  # others who decide on this cell wait, then see this answer
    cell = (corrections.document_id == document_id, corrections.field_no == field_no)
    edit = select(corrections.correction_id).where(*cell, corrections.purpose == "edit", STANDING)
    edit = edit.where(corrections.action.in_(("confirm", "change"))).order_by(corrections.correction_id.desc()).limit(1)
    deciding: dict[int, str] = {}
    number = connection.execute(edit).scalar()
    if number is not None:
        deciding[number] = "person"
    asked = select(items.item_id, items.purpose, items.wanted).where(
        items.document_id == document_id, items.field_no == field_no
    )
    for item_id, purpose, wanted in connection.execute(asked).all():
        verdict = judge_votes([vote for _, vote in _find_votes(connection, item_id)], wanted=wanted)
        if verdict.decides is not None:
            deciding[verdict.decides] = "audit" if purpose == "audit" else "person"
    if not deciding:
        gone = delete(schema.settled).where(settled.document_id == document_id, settled.field_no == field_no)
        connection.execute(gone)
        return
    newest = max(deciding)
    row = {"document_id": document_id, "field_no": field_no, "correction_id": newest, "source": deciding[newest]}
    upsert(connection, schema.settled, [row], by=("document_id", "field_no"))


def _undo(connection: Connection, store: Store, person: str) -> ReviewItem | Undone | None:
    query = select(schema.corrections).where(corrections.person == person, corrections.action != "undo", STANDING)
    last = connection.execute(query.order_by(corrections.correction_id.desc()).limit(1)).first()
    if last is None or not _take_back(connection, store, last, person):
        return None
    if last.item_id is None:
        return Undone(last.document_id, *store.field_names[last.field_no])
    return read_item(connection, last.item_id)


def _take_back(connection: Connection, store: Store, answer: AnyRow, person: str) -> bool:
    """Add what takes an answer back, and lease its question to the person; false where another is at it now."""
    if answer.item_id is not None and not _take_again(connection, store, answer.item_id, person):
        return False
    row = {
        **{name: getattr(answer, name) for name in ("document_id", "record_id", "field_no", "item_id", "purpose")},
        **{f"before_{name}": getattr(answer, f"after_{name}") for name in ("state", "value", "raw")},
        "action": "undo",
        "person": person,
        "at": store.clock(),
        "retracts": answer.correction_id,
    }
    if not insert_once(connection, schema.corrections, row):
        return False  # the same person took it back elsewhere just now
    touched = [answer.item_id] if answer.item_id is not None else _find_closed(connection, answer)
    query = select(items.item_id, items.wanted, items.status).where(items.item_id.in_(touched))
    for item in connection.execute(query).all():
        _judge_item(connection, item)
    _settle_cell(connection, answer.document_id, answer.field_no)
    return True


def _find_closed(connection: Connection, edit: AnyRow) -> list[int]:
    """The item that an edit closed, where no other edit of the cell stands."""
    cell = (corrections.document_id == edit.document_id, corrections.field_no == edit.field_no)
    others = select(corrections.correction_id).where(*cell, corrections.purpose == "edit", STANDING)
    if connection.execute(others.where(corrections.action != "undo").limit(1)).first() is not None:
        return []
    closed = select(items.item_id).where(
        items.document_id == edit.document_id,
        items.field_no == edit.field_no,
        items.purpose == "review",
        items.status == "settled",
    )
    return list(connection.execute(closed).scalars())


def _take_again(connection: Connection, store: Store, item_id: int, person: str) -> bool:
    """Lease an item to the person who answered it, unless somebody else holds it now."""
    now = store.clock()
    until = now + timedelta(seconds=store.settings.lease_seconds)
    free = items.lease.is_(None) | (items.lease_until <= now) | (items.lease_holder == person)
    lease = {"lease": uuid.uuid4().hex, "lease_holder": person, "lease_until": until}
    taken = connection.execute(update(schema.items).where(items.item_id == item_id, free).values(lease))
    return taken.rowcount == 1


def _edit(connection: Connection, store: Store, document_id: int, field_no: int, answer: Answer) -> Outcome:
    documents, readings = schema.documents.c, schema.readings.c
    query = select(documents.document_id, readings.record_id, readings.field_no).where(
        documents.document_id == document_id,
        readings.record_id == documents.record_id,
        readings.field_no == field_no,
    )
    cell = connection.execute(query).first()
    if cell is None:
        raise LookupError(f"document {document_id} has no cell {store.field_names[field_no]}")
    number, action = _add_correction(connection, store, cell, "edit", answer)
    form, field = store.field_names[field_no]
    if answer.state is not None:
        close = update(schema.items).where(
            items.document_id == document_id, items.field_no == field_no, items.purpose == "review"
        )
        close = close.where(items.status.in_(("open", "disputed", "unsure")))
        connection.execute(close.values(status="settled", lease=None, lease_holder=None, lease_until=None))
        _settle_cell(connection, document_id, field_no)
    status = "settled" if answer.state is not None else "open"
    return Outcome(number, None, document_id, form, field, action, status)
