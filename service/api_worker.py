"""The worker of uploads: takes them from the durable queue of the store, reads each in a child, keeps what came out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from review.originals import list_views, read_original, save_view
from review.store.adding import add_record
from review.store.database import Store, StoreAway
from review.store.reports import DocumentFilter, find_documents
from review.store.uploads import Upload, extend_upload, fail_upload, finish_upload, lease_upload
from service.api_intake import Reader, ReadingStopped

LEASE = 90.0  # seconds; an upload whose worker is gone waits as long
IDLE = 0.5  # seconds between looks at an empty queue
OpenChild = Callable[[], AbstractContextManager[Reader]]
AWAY = 5.0  # seconds until a database that is away is tried again


def read_uploads(
    store: Store,
    stop: threading.Event,
    *,
    open_child: OpenChild,
    record: Callable[[str], None],
    logger: Any,
    lease: float = LEASE,
) -> None:
    """Read uploads until `stop` is set; `record` is called with how each ended (`done` or a code).

    `open_child` gives what reads them, as `open_reader` does.
    A database that is away is waited for; what was being read then is read again.
    """
    while not stop.is_set():
        try:
            _read_waiting(store, stop, open_child=open_child, record=record, logger=logger, lease=lease)
        except StoreAway:
            logger.warning("store away")
            stop.wait(AWAY)


def _read_waiting(
    store: Store,
    stop: threading.Event,
    *,
    open_child: OpenChild,
    record: Callable[[str], None],
    logger: Any,
    lease: float,
) -> None:
    """Read what waits, one after the other by one child; back after a minute without any."""
    upload = lease_upload(store, seconds=lease)
    if upload is None:
        stop.wait(IDLE)
        return
    # The child is started with the first upload, so that a server without any costs no memory for models.
    with open_child() as reader:
        while upload is not None and not stop.is_set():
            try:
                end = read_upload(store, reader, upload, lease=lease, stop=stop)
            except ReadingStopped:
                break
            record(end)
            logger.info("upload read", upload=upload.upload_id, end=end, attempt=upload.attempts)
            upload = _wait_for_upload(store, stop, lease=lease)
    if upload is not None and stop.is_set():  # its child is gone by now
        fail_upload(store, upload, "stopped", "the server was stopped", again=True)


def _wait_for_upload(store: Store, stop: threading.Event, *, lease: float, patience: int = 120) -> Upload | None:
    """The next upload, waited for a minute before the child is given up."""
    for _ in range(patience):
        if stop.is_set():
            return None
        if upload := lease_upload(store, seconds=lease):
            return upload
        stop.wait(IDLE)
    return None


def read_upload(
    store: Store, reader: Reader, upload: Upload, *, lease: float = LEASE, stop: threading.Event | None = None
) -> str:
    """Read one upload, keep its views and record, and close it; how it ended. Raises `ReadingStopped`.

    The views come first, so that nobody is asked about a cell that cannot be seen.
    """
    content = read_original(store.files, upload.sha256)
    if content is None:
        fail_upload(store, upload, "not_found", "the bytes of the upload are gone")
        return "not_found"
    intake = reader.read(
        content,
        name=upload.name,
        sha256=upload.sha256,
        while_waiting=lambda: extend_upload(store, upload, seconds=lease),
        every=lease / 6,
        stop=stop,
    )
    for name, view in intake.views.items():
        save_view(store.files, upload.sha256, name, view)
    added = add_record(store, intake.record)
    error = intake.record.get("error")
    if error is None:
        finish_upload(store, upload, added.document_id)
        return "done"
    fail_upload(store, upload, error["code"], error["message"])
    return str(error["code"])


def make_missing_views(store: Store, open_child: OpenChild) -> Iterator[tuple[str, int]]:
    """Make the views of documents that were loaded with their originals; the name and number of views of each."""
    after: int | None = None
    with open_child() as reader:
        while rows := find_documents(store, DocumentFilter(errors=False), limit=100, after=after):
            after = rows[-1].document_id
            for row in rows:
                content = read_original(store.files, row.sha256) if row.sha256 else None
                if row.sha256 is None or content is None or list_views(store.files, row.sha256):
                    continue
                views = reader.read(content, name=row.source, sha256=row.sha256).views
                for name, view in views.items():
                    save_view(store.files, row.sha256, name, view)
                yield row.source, len(views)
