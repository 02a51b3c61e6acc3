"""One document read to its record, in a process with limits of its own that has the models loaded."""

from __future__ import annotations

import functools
import os
import resource
from dataclasses import dataclass, replace
from pathlib import Path

from extraction.readers.source import read_source
from models.document import DocumentError, Source
from models.memory import settle_memory
from models.record import dump_record, make_error_record, make_record
from service.run_limits import MEMORY_LIMIT

TINY = (
    "某市2023年政府信息公开工作年度报告\n一、总体情况\n2023年共收到政府信息公开申请3件。\n行政处罚 | 3\n",
    "<html><body><h1>某市2023年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>2023年共收到政府信息公开申请3件。</p>"
    "<table><tr><td>行政处罚</td><td>3</td></tr></table></body></html>",
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How documents are read: `password` opens encrypted ones, `models` is a folder of other models than the shipped.

    Without `facts` sentences are not read for counted facts. `tables_only`: of scans only pages with tables are read.
    """

    password: str | None = None
    models: Path | None = None
    facts: bool = True
    tables_only: bool = False


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


def warm_up(options: ReadOptions | None = None, *, solver: bool = True) -> None:
    """Read two tiny reports, so that words, parsers and what else comes with a first document are loaded.

    For processes that others are forked from: each of these would load them anew. The `solver`, which few tables need,
    takes a third of what a short text of a run may take, on a busy machine more.
    """
    from extraction.decoding_program import load_solver
    from extraction.pipeline import extract

    options = options or ReadOptions()
    reader = _load_reader(options.models, facts=options.facts)
    for content in TINY:
        extract(Source("", content.encode(), ""), reader=reader)
    if solver:
        load_solver()
    settle_memory()
