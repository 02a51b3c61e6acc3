"""Many documents in worker processes: each with a time limit, one bad document never harming another."""

from __future__ import annotations

import functools
import os
import resource
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, TimeoutError
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from extraction.readers.source import read_source
from models.document import DocumentError, Source
from models.memory import settle_memory
from models.record import dump_record, make_error_record, make_record

TIME_LIMIT = 300.0  # seconds a document; a page of a scan takes 3 to 5
MEMORY_LIMIT = 8 * 2**30  # bytes of address space a worker
TINY = (
    "某市2023年政府信息公开工作年度报告\n一、总体情况\n2023年共收到政府信息公开申请3件。\n行政处罚 | 3\n",
    "<html><body><h1>某市2023年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>2023年共收到政府信息公开申请3件。</p>"
    "<table><tr><td>行政处罚</td><td>3</td></tr></table></body></html>",
)
WAITING = 8  # documents handed out ahead, a worker


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How documents are read: `password` opens encrypted ones, `models` is a folder of other models than the shipped.

    Without `facts` sentences are not read for counted facts. `tables_only`: of scans only pages with tables are read.
    """

    password: str | None = None
    models: Path | None = None
    facts: bool = True
    tables_only: bool = False


def read_records(
    paths: Iterable[str],
    *,
    workers: int,
    time_limit: float = TIME_LIMIT,
    options: ReadOptions | None = None,
) -> Iterator[str]:
    """One line of JSON a document, in the order of the paths; a document that fails in any way is an error record."""
    from pebble import ProcessPool

    waiting: deque[tuple[str, Future[str]]] = deque()
    spawn = get_context("spawn")
    with ProcessPool(max_workers=workers, initializer=prepare_worker, initargs=(options,), context=spawn) as pool:
        try:
            for path in paths:
                waiting.append((path, pool.schedule(read_record, args=(path, options), timeout=time_limit)))
                if len(waiting) >= workers * WAITING:
                    yield _finish(*waiting.popleft(), time_limit)
            while waiting:
                yield _finish(*waiting.popleft(), time_limit)
        finally:
            for _, future in waiting:
                future.cancel()
            if waiting:
                pool.stop()  # type: ignore[no-untyped-call]
            else:
                pool.close()  # type: ignore[no-untyped-call]
            pool.join()


def read_record(path: str, options: ReadOptions | None = None) -> str:
    """Read one document to its line of JSON; what the document cannot give is in its error record."""
    from extraction.pipeline import extract

    sha256 = None
    try:
        options = options or ReadOptions()
        source = replace(read_source(path), password=options.password, tables_only=options.tables_only)
        sha256 = source.sha256
        record = make_record(extract(source, reader=_load_reader(options.models, facts=options.facts)))
    except DocumentError as error:
        record = make_error_record(path, sha256, error.code, error.message)
    except MemoryError:
        record = make_error_record(path, sha256, "out_of_memory", "the document needs more memory than a worker has")
    return dump_record(record)


@functools.cache
def _load_reader(models: Path | None, *, facts: bool):  # type: ignore[no-untyped-def]
    from extraction.pipeline import load_reader

    return load_reader(folder=models, facts=facts)


def prepare_worker(options: ReadOptions | None = None, memory_limit: int = MEMORY_LIMIT) -> None:
    """Limits and models of a worker process, before its first document; `memory_limit` in bytes of address space."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    options = options or ReadOptions()
    _load_reader(options.models, facts=options.facts)
    settle_memory()


def warm_up(options: ReadOptions | None = None) -> None:
    """Read two tiny reports, so that words, parsers and what else comes with a first document are loaded.

    For processes that others are forked from: each of these would load them anew. The program that decodes tables in
    much doubt, too, would take a third of what a short text may take, on a busy machine more.
    """
    import scipy.optimize  # noqa: F401 - not needed for either

    from extraction.pipeline import extract

    options = options or ReadOptions()
    reader = _load_reader(options.models, facts=options.facts)
    for content in TINY:
        extract(Source("", content.encode(), ""), reader=reader)
    settle_memory()


def _finish(path: str, future: Future[str], time_limit: float) -> str:
    """The line of a document whose worker is done, was stopped, or died."""
    error = future.exception()
    if error is None:
        return future.result()
    return dump_record(make_failure_record(path, None, error, time_limit))


def make_failure_record(source: str, sha256: str | None, error: BaseException, time_limit: float) -> dict[str, Any]:
    """The record of a document whose worker was stopped or died."""
    code, message = name_failure(error, time_limit)
    return make_error_record(source, sha256, code, message)


def name_failure(error: BaseException, time_limit: float) -> tuple[str, str]:
    """Why there is no record from a worker: code and message."""
    if isinstance(error, TimeoutError):
        return "timeout", f"the document took more than {time_limit:g} seconds"
    if type(error).__name__ == "ProcessExpired":
        return "crashed", "the worker process died while it read the document"
    return "internal", f"{type(error).__name__}: {error}"
