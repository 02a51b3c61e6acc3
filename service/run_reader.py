"""The processes that read documents: a template with the models loaded, and readers that are forked from it.

A worker talks to its template over a socket: it sends the end of a pipe for each reader that it wants, and gets the
number of its process. Over that pipe it sends paths with what they may take of memory, and gets lines of JSON.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType

from models.memory import measure_memory, trim_memory
from models.record import dump_record, make_error_record
from service.reading import ReadOptions, prepare_worker, warm_up

WATCHED = 1.0  # seconds between looks at the parent, and at readers that have ended
NUMBER = 8  # bytes of the number of a process
FAULT = 0  # in its place: the template could not get ready, and says why in so many bytes at most
LAST_WORDS = 4096
Read = Callable[[str, ReadOptions | None], str]


def run_template(
    control: socket.socket, reading: ReadOptions, memory_limit: int, read: Read, *, patient: bool = False
) -> None:
    """Load the models and fork a reader for every pipe that is sent, until the worker is gone.

    A `patient` worker gives every document time to load what few need, and is not kept waiting for it.
    """
    with _LastWords(lambda words: control.sendall(FAULT.to_bytes(NUMBER, "big") + words.encode()[:LAST_WORDS])):
        prepare_worker(reading, memory_limit)
        warm_up(reading, solver=not patient)
    control.settimeout(WATCHED)
    readers: set[int] = set()
    try:
        while True:
            readers -= _bury(readers)
            try:
                _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            except TimeoutError:
                continue
            if not descriptors:
                return
            number = _fork_reader(control, descriptors[0], reading, read)
            readers.add(number)
            os.close(descriptors[0])
            control.sendall(number.to_bytes(NUMBER, "big"))
    except OSError:  # the worker is gone
        return
    finally:  # one that hangs in a library sees nothing of the end of its parent
        for number in readers - _bury(readers):
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)  # the processor time of what is waited for counts as that of the run


def _bury(readers: set[int]) -> set[int]:
    """Those of some readers that have ended; only now may their numbers be given to other processes."""
    return {number for number in readers if os.waitpid(number, os.WNOHANG)[0]}


def _fork_reader(control: socket.socket, descriptor: int, reading: ReadOptions, read: Read) -> int:
    template = os.getpid()
    number = os.fork()
    if number == 0:
        connection = Connection(descriptor)
        with _LastWords(lambda words: connection.send((None, words, 0.0))):
            control.close()
            threading.Thread(target=_end_with, args=(template,), daemon=True).start()
            _read_all(connection, reading, read)
        os._exit(0)
    return number


def _read_all(connection: Connection, reading: ReadOptions, read: Read) -> None:
    """Read what is asked for, until nobody asks any more."""
    while True:
        try:
            path, memory = connection.recv()
        except EOFError:
            return
        _allow(memory)
        started = time.perf_counter()
        try:
            line = read(path, reading)
        except MemoryError:
            line = dump_record(
                make_error_record(path, None, "out_of_memory", "the document needs more memory than a worker has")
            )
        taken = time.perf_counter() - started
        trim_memory()
        connection.send((line, "", taken))


def _allow(memory: int) -> None:
    """Let this process grow by so many bytes of address space, as far as the limit that nothing may pass."""
    _, longest = resource.getrlimit(resource.RLIMIT_AS)
    present = measure_memory()
    if present is not None:  # else the system does not tell what a process has, and that limit holds alone
        resource.setrlimit(resource.RLIMIT_AS, (min(longest, present.address_space + memory), longest))


class _LastWords:
    """Tells the worker of an error that nobody foresaw, and ends the process: what that left is not used."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(OSError):
                self._tell(f"{kind.__name__}: {error}")
            os._exit(1)


def _end_with(parent: int) -> None:
    """End with the template, also where that is killed in the middle of a document."""
    while os.getppid() == parent:
        time.sleep(WATCHED)
    os._exit(1)
