"""One uploaded document in a child process that can be stopped: its record, and what people see of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.document import DocumentError
from models.record import dump_record
from service.bulk import TIME_LIMIT, ReadOptions, make_failure_record, prepare_worker, read_record

RECORD = "record.json"
VIEWS = "views"
SECONDS_BETWEEN = 15.0


@dataclass(frozen=True, slots=True)
class Intake:
    """What was made of an upload: its record (of an error too), and its views by name."""

    record: dict[str, Any]
    views: dict[str, bytes]


class Reader:
    """Reads uploads one after the other in a child process, which is started anew after one that hangs or dies."""

    def __init__(self, pool: Any, time_limit: float, options: ReadOptions) -> None:
        self._pool = pool
        self._time_limit = time_limit
        self._options = options

    def read(
        self,
        content: bytes,
        *,
        name: str,
        sha256: str,
        while_waiting: Callable[[], object] | None = None,
        every: float = SECONDS_BETWEEN,
    ) -> Intake:
        """Read a document; `name` is what its record calls it, nothing of the file system is named by it.

        `while_waiting` is called every few seconds (`every`) until it is read.
        """
        with TemporaryDirectory(prefix="gouji-intake-") as folder:
            source = Path(folder, f"document{_find_suffix(name)}")
            source.write_bytes(content)
            arguments = (str(source), name, folder, self._options)
            future = self._pool.schedule(read_upload, args=arguments, timeout=self._time_limit)
            while not wait([future], timeout=every).done:
                if while_waiting is not None:
                    while_waiting()
            error = future.exception()
            record = _load_record(Path(folder, RECORD))
            if record is None:
                failure = error or RuntimeError("the child wrote no record")
                record = make_failure_record(name, sha256, failure, self._time_limit)
            views = Path(folder, VIEWS)
            found = sorted(views.iterdir()) if error is None and views.is_dir() else []
            return Intake(record, {path.name: path.read_bytes() for path in found})


@contextmanager
def open_reader(*, time_limit: float = TIME_LIMIT, models: Path | None = None) -> Iterator[Reader]:
    """A reader whose child has its models loaded, those of a folder or those that ship; leaving stops it."""
    from pebble import ProcessPool

    options = ReadOptions(models=models)
    spawn = get_context("spawn")
    with ProcessPool(max_workers=1, initializer=prepare_worker, initargs=(options,), context=spawn) as pool:
        try:
            yield Reader(pool, time_limit, options)
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def read_upload(path: str, name: str, folder: str, options: ReadOptions) -> None:
    """In the child: write the record first, then the views, so that views that hang cost no record."""
    from extraction.readers.source import read_source
    from service.api_views import make_views

    record = json.loads(read_record(path, options))
    record["source"] = name
    target = Path(folder, RECORD)
    partial = target.with_suffix(".part")
    partial.write_text(dump_record(record), "utf-8")
    partial.rename(target)
    if "error" in record:
        return
    views = Path(folder, VIEWS)
    views.mkdir()
    try:
        for view, content in make_views(read_source(path), record):
            (views / view).write_bytes(content)
    except DocumentError:
        return  # the record stands without pictures


def _load_record(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _find_suffix(name: str) -> str:
    """The suffix of a name where it is a plain one: readers tell kinds by content, messages may name it."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 6 else ""
