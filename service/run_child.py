"""A child process that reads documents one after the other, within limits, and is replaced where it hangs or dies."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from models.record import dump_record, make_error_record
from service.bulk import MEMORY_LIMIT, TIME_LIMIT, ReadOptions, name_failure, prepare_worker, read_record

WATCHED = 1.0  # seconds between looks at the parent
Read = Callable[[str, ReadOptions | None], str]


@dataclass(frozen=True, slots=True)
class ChildOptions:
    """How a child reads: limits in seconds and bytes; `read` makes a line of JSON of a path."""

    reading: ReadOptions
    time_limit: float = TIME_LIMIT
    memory_limit: int = MEMORY_LIMIT
    read: Read = read_record


@dataclass(frozen=True, slots=True)
class ChildRead:
    """What came of a document: a record as a line, or that there is none, with `code` `timeout`, `crashed`, …"""

    line: str | None
    code: str
    message: str
    seconds: float


class ChildGone(Exception):  # noqa: N818
    """The child was stopped, or could not be started: that says nothing of the document."""


class Child:
    """One child process; its models are loaded once. Several threads may use it: documents wait for each other."""

    def __init__(self, options: ChildOptions) -> None:
        from pebble import ProcessPool

        self._options = options
        self._closed = False
        self._pool: Any = ProcessPool(
            max_workers=1,
            initializer=_prepare,
            initargs=(options.reading, options.memory_limit, os.getpid()),
            context=get_context("spawn"),
        )

    def read(self, paths: Sequence[str]) -> list[ChildRead]:
        """Read files in their order; one that hangs or kills the child costs no other. Raises `ChildGone`."""
        try:
            futures = [
                self._pool.schedule(
                    _read, args=(self._options.read, path, self._options.reading), timeout=self._options.time_limit
                )
                for path in paths
            ]
        except RuntimeError as error:  # the pool is no longer active
            raise ChildGone(str(error)) from error
        return [self._finish(future) for future in futures]

    def _finish(self, future: Future[tuple[str, float]]) -> ChildRead:
        error = self._wait(future)
        if error is None:
            line, seconds = future.result()
            return ChildRead(line, "", "", seconds)
        if self._closed or isinstance(error, CancelledError | BrokenProcessPool):
            raise ChildGone(f"{type(error).__name__}: {error}")
        code, message = name_failure(error, self._options.time_limit)
        return ChildRead(None, code, message, self._options.time_limit if code == "timeout" else 0.0)

    def _wait(self, future: Future[tuple[str, float]]) -> BaseException | None:
        """The exception of a task when it ends; a pool that is stopped may leave tasks that never do."""
        while True:
            try:
                return future.exception(timeout=WATCHED)
            except CancelledError as cancelled:
                return cancelled
            except TimeoutError as error:
                if self._closed:
                    raise ChildGone("the child was stopped") from error

    def close(self) -> None:
        """Stop the child, whatever it is doing."""
        self._closed = True
        self._pool.stop()
        self._pool.join()


def _prepare(reading: ReadOptions, memory_limit: int, parent: int) -> None:
    """In the child: end with the parent, also where that is killed; then limits and models."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    prepare_worker(reading, memory_limit)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCHED)
    os._exit(1)


def _read(read: Read, path: str, reading: ReadOptions) -> tuple[str, float]:
    started = time.perf_counter()
    try:
        line = read(path, reading)
    except MemoryError:
        line = dump_record(
            make_error_record(path, None, "out_of_memory", "the document needs more memory than a worker has")
        )
    return line, time.perf_counter() - started
