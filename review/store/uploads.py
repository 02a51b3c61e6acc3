"""The queue of uploads: durable, each read by one worker at a time, given to another when that one dies."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from review.originals import save_original
from review.store import schema
from review.store.database import Store, run_read, run_write
from review.store.kinds import AnyRow

uploads = schema.uploads.c
MOST_ATTEMPTS = 3  # a document whose workers died this often is set aside
MOST_NAME = 255  # characters of a file name that are kept


@dataclass(frozen=True, slots=True)
class Upload:
    """A document to be read; `lease` is its worker's.

    `status`: `waiting`, `reading` (while leased), `done` or `failed`.
    """

    upload_id: int
    name: str
    sha256: str
    size: int
    person: str
    added_at: datetime
    status: str
    attempts: int
    lease: str | None
    finished_at: datetime | None
    document_id: int | None
    error_code: str | None
    error_message: str | None


def add_upload(store: Store, name: str, content: bytes, person: str) -> Upload:
    """Keep the bytes, then queue them; when this returns, neither is lost. `name` is shown only, never a path."""
    sha256 = save_original(store.files, content)
    row = {
        "name": name.replace("\\", "/").rsplit("/", 1)[-1][-MOST_NAME:],
        "sha256": sha256,
        "size": len(content),
        "person": person,
        "added_at": store.clock(),
        "status": "waiting",
    }
    query = insert(schema.uploads).values(row).returning(*schema.uploads.c)
    return run_write(store, lambda connection: _make_upload(connection.execute(query).one(), store.clock()))


def lease_upload(store: Store, *, seconds: float = 300.0) -> Upload | None:
    """Take the oldest upload that nobody reads, for a while; `None` where there is none.

    One that was taken `MOST_ATTEMPTS` times and never finished fails with the code `crashed`.
    """
    return run_write(store, lambda connection: _lease(connection, store, seconds))


def extend_upload(store: Store, upload: Upload, *, seconds: float = 300.0) -> bool:
    """Go on reading an upload; false where another worker has it."""
    until = store.clock() + timedelta(seconds=seconds)
    change = update(schema.uploads).where(_is_held(upload)).values(lease_until=until)
    return run_write(store, lambda connection: connection.execute(change).rowcount == 1)


def finish_upload(store: Store, upload: Upload, document_id: int) -> bool:
    """An upload was read and its record added; false where another worker has taken it over."""
    return _close(store, upload, status="done", document_id=document_id)


def fail_upload(store: Store, upload: Upload, code: str, message: str, *, again: bool = False) -> bool:
    """An upload could not be read; with `again`, for a reason that passes: it waits for its next attempt."""
    if again and upload.attempts < MOST_ATTEMPTS:
        free = update(schema.uploads).where(_is_held(upload)).values(lease=None, lease_until=None)
        return run_write(store, lambda connection: connection.execute(free).rowcount == 1)
    return _close(store, upload, status="failed", error_code=code, error_message=message)


def list_uploads(store: Store, *, limit: int = 50, after: int | None = None, person: str | None = None) -> list[Upload]:
    """Uploads, the newest first, of one person or all; on from the one with the number `after`."""
    query = select(schema.uploads).order_by(uploads.upload_id.desc()).limit(limit)
    query = query if after is None else query.where(uploads.upload_id < after)
    query = query if person is None else query.where(uploads.person == person)
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return [_make_upload(row, store.clock()) for row in rows]


def count_waiting(store: Store) -> int:
    """How many uploads wait or are being read."""
    query = select(func.count()).where(uploads.status == "waiting")
    return run_read(store, lambda connection: int(connection.execute(query).scalar_one()))


def find_upload(store: Store, upload_id: int) -> Upload | None:
    """One upload by its number."""
    query = select(schema.uploads).where(uploads.upload_id == upload_id)
    row = run_read(store, lambda connection: connection.execute(query).first())
    return None if row is None else _make_upload(row, store.clock())


def _lease(connection: Connection, store: Store, seconds: float) -> Upload | None:
    now = store.clock()
    free = uploads.status == "waiting", or_(uploads.lease.is_(None), uploads.lease_until <= now)
    tired = update(schema.uploads).where(*free, uploads.attempts >= MOST_ATTEMPTS)
    message = f"the worker died {MOST_ATTEMPTS} times while it read the document"
    connection.execute(
        tired.values(status="failed", error_code="crashed", error_message=message, finished_at=now, lease=None)
    )
    oldest = select(uploads.upload_id).where(*free).order_by(uploads.upload_id).limit(1)
    oldest = oldest.with_for_update(skip_locked=True)
    take = update(schema.uploads).where(uploads.upload_id == oldest.scalar_subquery())
    take = take.values(
        lease=uuid.uuid4().hex, lease_until=now + timedelta(seconds=seconds), attempts=uploads.attempts + 1
    )
    row = connection.execute(take.returning(*schema.uploads.c)).first()
    return None if row is None else _make_upload(row, now)


def _close(store: Store, upload: Upload, **values: Any) -> bool:
    change = update(schema.uploads).where(_is_held(upload))
    change = change.values(lease=None, lease_until=None, finished_at=store.clock(), **values)
    return run_write(store, lambda connection: connection.execute(change).rowcount == 1)


def _is_held(upload: Upload) -> ColumnElement[bool]:
    return (uploads.upload_id == upload.upload_id) & (uploads.lease == upload.lease) & (uploads.status == "waiting")


def _make_upload(row: AnyRow, now: datetime) -> Upload:
    held = row.lease is not None and row.lease_until > now
    entries = {name: value for name, value in row._mapping.items() if name != "lease_until"}
    return Upload(**entries | {"status": "reading" if held and row.status == "waiting" else row.status})
