"""Reading documents one after the other in processes that can be stopped, within limits of time and memory."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe, get_context, resource_tracker
from multiprocessing.connection import Connection

from models.memory import measure_memory
from service.reading import ReadOptions, read_record
from service.run_clock import ReadingClock
from service.run_faults import ChildFault, ChildGone
from service.run_limits import MEMORY_LIMIT, TIME_LIMIT, Limits, find_limits
from service.run_reader import FAULT, LAST_WORDS, NUMBER, Read, run_template

LOOK, SOONEST = 0.5, 0.01  # seconds between looks at a document that takes its time, at most and at least
LARGE = 1536 * 2**20  # bytes that a reader may keep after a document; else the next one gets a new reader
SHORT = "out_of_memory"  # in a record; what the reader could not free may be missing for the next document
DIED = "the worker process died while it read the document"
PARTING = 2.0  # seconds that a template has to end by itself, which it cannot while it loads the models


@dataclass(frozen=True, slots=True)
class ChildOptions:
    """How a child reads: limits in seconds and bytes; `read` makes a line of JSON of a path.

    A light document has less of both (see `run_limits`), where nobody is `patient`.
    """

    reading: ReadOptions
    time_limit: float = TIME_LIMIT
    memory_limit: int = MEMORY_LIMIT
    read: Read = read_record
    patient: bool = False


@dataclass(frozen=True, slots=True)
class ChildRead:
    """What came of a document: a record as a line, or that there is none, with `code` `timeout`, `crashed`, …"""

    line: str | None
    code: str
    message: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Reader:
    """A process that reads, and the pipe to it."""

    process: int
    pipe: Connection

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)

    def is_large(self) -> bool:
        present = measure_memory(self.process)
        return present is not None and present.resident > LARGE


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Processes and threads that are started here never see Ctrl-C, which reaches all of a terminal: a run stops them.

    For this thread it comes afterwards.
    """
    resource_tracker.ensure_running()  # else it is started with the process, and lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Child:
    """A template with the models loaded once, and the readers that are forked from it, which takes some milliseconds.

    Several threads may read. One reader works at a time; while a document leaves its reader idle, as one does that
    waits for something in vain, another thread has its turn.
    """

    def __init__(self, options: ChildOptions) -> None:
        self._options = options
        self._closed = False
        self._ready = False  # whether the template has forked a reader yet
        self._turn = threading.Lock()  # whoever has it reads
        self._free: list[_Reader] = []
        self._busy: set[_Reader] = set()
        self._forking = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._template = get_context("spawn").Process(
            target=run_template,
            args=(theirs, options.reading, options.memory_limit, options.read),
            kwargs={"patient": options.patient},
            daemon=True,
        )
        with without_interrupts():
            self._template.start()
        theirs.close()

    def read(self, paths: Sequence[str]) -> list[ChildRead]:
        """Read files in their order; one that hangs or kills its reader costs no other. Raises `ChildGone`."""
        with self._turn:
            return [self._read(path) for path in paths]

    def close(self) -> None:
        """Stop all readers, whatever they are doing."""
        self._closed = True
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        for reader in self._busy | set(self._free):
            reader.kill()
        self._template.join(PARTING)
        self._template.kill()
        self._template.join()
        with self._forking:
            self._control.close()

    def _read(self, path: str) -> ChildRead:
        reader = self._take()
        found: ChildRead | None = None
        try:
            if self._closed:
                raise EOFError
            longest = Limits(self._options.time_limit, self._options.memory_limit)
            limits = longest if self._options.patient else find_limits(path, longest)
            reader.pipe.send((path, limits.memory))
            found = self._wait(reader, limits.seconds)
        except (EOFError, OSError) as error:  # the reader has died
            if self._closed or not self._template.is_alive():
                raise ChildGone("the child was stopped") from error
            return ChildRead(None, "crashed", DIED, 0.0)
        finally:
            self._put_back(reader, sound=found is not None and found.line is not None and SHORT not in found.line)
        return found

    def _wait(self, reader: _Reader, limit: float) -> ChildRead:
        """What a reader answers within `limit` seconds; raises `EOFError` or `OSError` where it dies."""
        clock = ReadingClock(reader.process)
        lent = False
        try:
            while not reader.pipe.poll(max(SOONEST, min(LOOK, limit - clock.tell_taken()))):
                if clock.tell_taken() > limit:
                    return ChildRead(None, "timeout", f"the document took more than {limit:g} seconds", limit)
                if not lent and clock.is_idle():
                    self._turn.release()
                    lent = True
        finally:
            if lent:
                self._turn.acquire()
        line, fault, seconds = reader.pipe.recv()
        return ChildRead(line, "" if line is not None else "internal", fault, seconds)

    def _take(self) -> _Reader:
        """A reader that is free, or a new one."""
        with suppress(IndexError):
            reader = self._free.pop()
            self._busy.add(reader)
            return reader
        with self._forking:
            ours, theirs = Pipe()
            try:
                with suppress(BrokenPipeError):  # what it said before it ended is still to be heard
                    socket.send_fds(self._control, [b"r"], [theirs.fileno()])
                reader = _Reader(self._hear_number(), ours)
            except OSError as error:
                ours.close()
                if self._ready or self._closed:
                    raise ChildGone(f"the child has ended: {error}") from error
                raise ChildFault(f"the process that reads could not get ready: {error}") from error
            finally:
                theirs.close()
        self._busy.add(reader)
        return reader

    def _hear_number(self) -> int:
        """The number of the process that was forked; the first one comes when the models are loaded."""
        answer = self._control.recv(NUMBER)
        if self._closed or len(answer) < NUMBER:
            raise ConnectionError("it does not answer")
        number = int.from_bytes(answer, "big")
        if number == FAULT:
            raise ConnectionError(self._control.recv(LAST_WORDS).decode("utf-8", "replace"))
        self._ready = True
        return number

    def _put_back(self, reader: _Reader, *, sound: bool) -> None:
        self._busy.discard(reader)
        if sound and not self._closed and not reader.is_large():
            self._free.append(reader)
        else:
            reader.kill()
            reader.pipe.close()
