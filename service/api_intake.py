"""One uploaded document in a child process that can be stopped: its record, and what people see of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.document import DocumentError
from models.record import make_error_record
from service.reading import ReadOptions, read_record
from service.run_child import ChildOptions, ChildRead
from service.run_children import Children
from service.run_faults import ChildGone
from service.run_limits import TIME_LIMIT

RECORD = "record.json"
VIEWS = "views"
LOOK = 0.5  # seconds between looks at a document that is being read
SECONDS_BETWEEN = 15.0


class ReadingStopped(Exception):  # noqa: N818
    """Nobody wants to wait any longer; that says nothing of the document."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was made of an upload: its record (of an error too), and its views by name."""

    record: dict[str, Any]
    views: dict[str, bytes]


class Reader:
    """Reads uploads one after the other in a child process, which is started anew after one that hangs or dies."""

    def __init__(self, children: Children) -> None:
        self._children = children

    def read(
        self,
        content: bytes,
        *,
        name: str,
        sha256: str,
        while_waiting: Callable[[], object] | None = None,
        every: float = SECONDS_BETWEEN,
        stop: threading.Event | None = None,
    ) -> Intake:
        """Read a document; `name` is what its record calls it, nothing of the file system is named by it.

        `while_waiting` is called every few seconds (`every`) until it is read. Raises `ReadingStopped` where `stop` is
        set before that.
        """
        with TemporaryDirectory(prefix="gouji-intake-", ignore_cleanup_errors=True) as folder:  # one stopped may write
            source = Path(folder, f"document{_find_suffix(name)}")
            source.write_bytes(content)
            future = self._children.submit(str(source))
            told = time.monotonic()
            while not wait([future], timeout=min(LOOK, every)).done:
                if stop is not None and stop.is_set():
                    raise ReadingStopped
                if while_waiting is not None and time.monotonic() - told >= every:
                    told = time.monotonic()
                    while_waiting()
            read = _take_read(future)
            line = _load_line(Path(folder, RECORD))
            if line is None:
                return Intake(make_error_record(name, sha256, read.code, read.message), {})
            views = Path(folder, VIEWS)
            found = sorted(views.iterdir()) if read.line == line and views.is_dir() else []
            return Intake(json.loads(line) | {"source": name}, {path.name: path.read_bytes() for path in found})


@contextmanager
def open_reader(*, time_limit: float = TIME_LIMIT, models: Path | None = None) -> Iterator[Reader]:
    """A reader whose child has its models loaded, those of a folder or those that ship; leaving stops it."""
    children = Children(1, ChildOptions(ReadOptions(models=models), time_limit, read=read_upload, patient=True))
    try:
        yield Reader(children)
    finally:
        children.close()


def read_upload(path: str, options: ReadOptions | None = None) -> str:
    """In the child: write the record beside the document first, then the views, so that views that hang cost no record.

    The record again, as a line.
    """
    from extraction.readers.source import read_source
    from service.api_views import make_views

    line = read_record(path, options)
    target = Path(path).with_name(RECORD)
    partial = target.with_suffix(".part")
    partial.write_text(line, "utf-8")
    partial.rename(target)
    record = json.loads(line)
    if "error" in record:
        return line
    views = Path(path).with_name(VIEWS)
    views.mkdir(exist_ok=True)  # a child that is gone may have begun them
    with suppress(DocumentError):  # the record stands without pictures
        for view, content in make_views(read_source(path), record):
            (views / view).write_bytes(content)
    return line


def _take_read(future: Future[ChildRead]) -> ChildRead:
    """What came of a document; where no child gets ready, that is a fault of ours."""
    try:
        return future.result()
    except ChildGone as error:
        return ChildRead(None, "internal", str(error), 0.0)


def _load_line(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _find_suffix(name: str) -> str:
    """The suffix of a name where it is a plain one: readers tell kinds by content, messages may name it."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 6 else ""
