"""Many documents in processes of their own: each with a time limit, one bad document never harming another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from models.record import dump_record, make_error_record
from service.reading import ReadOptions
from service.run_child import ChildOptions, ChildRead
from service.run_children import Children
from service.run_limits import TIME_LIMIT

WAITING = 8  # documents handed out ahead, a child


def read_records(
    paths: Iterable[str],
    *,
    workers: int,
    time_limit: float = TIME_LIMIT,
    options: ReadOptions | None = None,
) -> Iterator[str]:
    """One line of JSON a document, in the order of the paths; a document that fails in any way is an error record.

    Raises `ChildFault` where the processes that read cannot get ready.
    """
    children = Children(workers, ChildOptions(options or ReadOptions(), time_limit, patient=True))
    waiting: deque[tuple[str, Future[ChildRead]]] = deque()
    try:
        for path in paths:
            waiting.append((path, children.submit(path)))
            if len(waiting) >= workers * WAITING:
                yield _finish(*waiting.popleft())
        while waiting:
            yield _finish(*waiting.popleft())
    finally:
        children.close()


def _finish(path: str, future: Future[ChildRead]) -> str:
    """The line of a document that was read, or whose reader was stopped or died."""
    read = future.result()
    return dump_record(make_error_record(path, None, read.code, read.message)) if read.line is None else read.line
