"""What a worker of a run does with a handful of inputs: fetch, read in a child, keep; small answers go back."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.document import DocumentError
from models.record import make_error_record
from review.originals import save_original
from review.record_cells import parse_record
from review.store.database import Store, open_store
from review.store.reads import FreshRead, KeptRead, add_places, find_reads, keep_reads
from review.store.runs import Ending, Input, has_run
from service.run_archives import MARK
from service.run_child import Child, ChildOptions, ChildRead
from service.run_faults import ChildGone
from service.run_files import UNREACHABLE, fetch, find_link, is_url

MOST_DEATHS = 2  # a document whose worker died this often is set aside
MOST_ATTEMPTS = 3  # to fetch what cannot be reached
CRASHED = "crashed"


class WrongStore(Exception):  # noqa: N818
    """A worker has opened another store than the run's: a SQLite file of its own machine, say."""


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What every worker of a run needs. With `again` documents that failed before are read again."""

    store: str
    files: str
    run_id: int
    run_key: str
    reader: str
    child: ChildOptions
    originals: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input: its ending, and what the figures of a run count."""

    ending: Ending
    kind: str = "unknown"
    cells: int = 0
    accepted: int = 0
    seconds: float = 0.0
    new: bool = False


@dataclass(slots=True)
class _Draft:
    """An input on its way: its bytes, then their record; or how it ended early."""

    entry: Input
    sha256: str | None = None
    content: bytes | None = None
    record: Mapping[str, Any] | None = None
    seconds: float = 0.0
    known: KeptRead | None = None
    again: Ending | None = None
    twin: _Draft | None = field(default=None, repr=False)


class Worker:
    """A worker of one run: its store is open, and its child has the models loaded."""

    def __init__(self, order: RunOrder) -> None:
        self._order = order
        self._store: Store = open_store(order.store, files=order.files)
        if not has_run(self._store, order.run_key):
            self._store.engine.dispose()
            raise WrongStore(f"no such run in {order.store} as it is here: the workers need the store of the run")
        self._child = Child(order.child)
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Stop the child and leave the store."""
        self._closed = True
        self._child.close()
        self._store.engine.dispose()

    def read_inputs(self, inputs: Sequence[Input]) -> list[Outcome]:
        """Read inputs and keep their records in one transaction.

        What was read before by the same reader is not read again. Raises `StoreAway` where the database is away, and
        `ChildGone` where the child is: nothing is kept then.
        """
        drafts = [self._fetch(entry) for entry in inputs]
        self._look_up(drafts)
        with TemporaryDirectory(prefix="gouji-run-") as folder:
            self._read(drafts, Path(folder))
        return self._keep(drafts)

    def _fetch(self, entry: Input) -> _Draft:
        draft = _Draft(entry)
        try:
            if entry.problem is not None:
                raise DocumentError(entry.problem.code, entry.problem.message)
            draft.content = fetch(entry.reference, self._store.files)
        except DocumentError as error:
            if error.code == UNREACHABLE and entry.problem is None and entry.attempts + 1 < MOST_ATTEMPTS:
                draft.again = _try_again(entry, error.code, error.message)
            else:
                draft.record = make_error_record(entry.place, None, error.code, error.message)
            return draft
        draft.sha256 = hashlib.sha256(draft.content).hexdigest()
        return draft

    def _look_up(self, drafts: Sequence[_Draft]) -> None:
        """Find what is known already, and equal bytes among the inputs themselves."""
        known = find_reads(self._store, [d.sha256 for d in drafts if d.sha256 is not None], self._order.reader)
        first: dict[str, _Draft] = {}
        for draft in drafts:
            if draft.sha256 is None:
                continue
            found = known.get(draft.sha256)
            if found is not None and (found.code is None or not self._order.again):
                draft.known = found
            elif draft.sha256 in first:
                draft.twin = first[draft.sha256]
            else:
                first[draft.sha256] = draft

    def _read(self, drafts: Sequence[_Draft], folder: Path) -> None:
        """Read in the child what is to be read, and make records of it."""
        reading = [d for d in drafts if d.content is not None and d.known is None and d.twin is None]
        paths = [self._place(draft, folder, number) for number, draft in enumerate(reading)]
        for draft, result in zip(reading, self._ask(paths), strict=True):
            draft.seconds = result.seconds
            self._take(draft, result)

    def _ask(self, paths: Sequence[str]) -> list[ChildRead]:
        child = self._child
        try:
            return child.read(paths)
        except ChildGone:
            with self._lock:  # the next batch gets a new one
                if self._child is child and not self._closed:
                    child.close()
                    self._child = Child(self._order.child)
            raise

    def _place(self, draft: _Draft, folder: Path, number: int) -> str:
        """The path that the child reads: the file itself, or its bytes in a folder of ours."""
        assert draft.content is not None
        if self._order.originals:
            save_original(self._store.files, draft.content)
        reference = draft.entry.reference
        if set(reference) == {"url"} and not is_url(reference["url"]):
            return str(reference["url"])
        path = folder / f"document-{number}{_find_suffix(draft.entry.place)}"
        path.write_bytes(draft.content)
        return str(path)

    def _take(self, draft: _Draft, result: ChildRead) -> None:
        entry = draft.entry
        draft.content = None
        if result.line is not None:
            record = parse_record(result.line)
            draft.record = {**record, "source": entry.place, "sha256": record.get("sha256") or draft.sha256}
        elif result.code == CRASHED and entry.attempts + 1 < MOST_DEATHS:
            draft.again = _try_again(entry, result.code, result.message)
        else:
            draft.record = make_error_record(entry.place, draft.sha256, result.code, result.message)

    def _keep(self, drafts: Sequence[_Draft]) -> list[Outcome]:
        fresh = [draft for draft in drafts if draft.record is not None]
        kept: dict[int, KeptRead] = {}
        if fresh:
            found = self._write(fresh)
            kept = {id(draft): read for draft, read in zip(fresh, found, strict=True)}
        outcomes, places = [], []
        for draft in drafts:
            source = draft.twin or draft
            read = kept.get(id(source)) or source.known
            if read is None:
                again = source.again
                assert again is not None
                outcomes.append(Outcome(_try_again(draft.entry, again.code or "", again.message or "")))
                continue
            if id(draft) not in kept:
                places.append((read.document_id, draft.entry.place))
            outcomes.append(_make_outcome(draft, read, source.record, fresh=id(draft) in kept))
        add_places(self._store, places)
        return outcomes

    def _write(self, drafts: Sequence[_Draft]) -> list[KeptRead]:
        """Keep records together; where one of them cannot be kept, each alone, that one as an error record."""
        reads = [FreshRead(draft.record or {}, draft.seconds) for draft in drafts]
        options = {"reader": self._order.reader, "run_id": self._order.run_id}
        try:
            return keep_reads(self._store, reads, **options)  # type: ignore[arg-type]
        except ValueError as error:
            if len(drafts) > 1:
                return [read for draft in drafts for read in self._write([draft])]
            (draft,) = drafts
            draft.record = make_error_record(draft.entry.place, draft.sha256, "internal", str(error))
            return keep_reads(self._store, [FreshRead(draft.record, draft.seconds)], **options)  # type: ignore[arg-type]


def _make_outcome(draft: _Draft, read: KeptRead, record: Mapping[str, Any] | None, *, fresh: bool) -> Outcome:
    message = ((record or {}).get("error") or {}).get("message")
    status = "done" if read.code is None else "failed"
    ending = Ending(
        draft.entry.input_id, status, draft.entry.attempts + 1, read.code, message, document_id=read.document_id
    )
    return Outcome(ending, read.kind, read.cells, read.accepted, draft.seconds, new=fresh and read.new)


def _try_again(entry: Input, code: str, message: str) -> Ending:
    return Ending(entry.input_id, "waiting", entry.attempts + 1, code, message)


def _find_suffix(place: str) -> str:
    """The suffix of a name where it is a plain one: readers tell kinds by content, messages may name it."""
    last = place.rpartition(MARK)[2]  # a member of an archive, or the archive of a chain of URLs
    suffix = Path(find_link(place) if "://" in last else last).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 6 else ""
