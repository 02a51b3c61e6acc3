"""How many reports a second one core reads, models loaded, stage by stage.

Time is that of the processor, so that what else runs beside does not count. Documents are synthetic, of 9 KB on
average, text and HTML mixed, none read before: a label seen in an earlier document is found in a cache, as in any long
run. Not measured: starting (see the README) and writing.
Run by `make bench`, which keeps the linear algebra library to one thread.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from extraction import pipeline
from models.document import DocumentError, Source
from models.memory import settle_memory
from models.record import dump_record, make_record
from training.synthesis.corpus import iterate_corpus

DOCUMENTS = 300
SIZES = range(7_000, 13_500)  # bytes, of 9 KB on average
STAGES = (
    "read_document",
    "find_metadata",
    "find_tables",
    "find_rows",
    "map_cells",
    "judge_form",
    "read_form",
    "find_sections",
    "read_facts",
)


def main() -> None:
    """Print reports a second and milliseconds a report for each stage."""
    sized = (r for r in iterate_corpus(10 * DOCUMENTS, 7, "test", other_share=0.0) if len(r.content) in SIZES)
    reports = list(itertools.islice(sized, DOCUMENTS))
    reader = pipeline.load_reader()
    settle_memory()  # as every worker does
    spent: Counter[str] = Counter()
    for name in STAGES:
        setattr(pipeline, name, _timed(name, getattr(pipeline, name), spent))
    match_forms = _timed("match_forms", reader.matcher.match_forms, spent)
    reader.matcher.match_forms = match_forms  # type: ignore[method-assign]
    for report in reports[:20]:
        _read(report.content, reader, spent)
    spent.clear()
    start = time.process_time()
    for report in reports[20:]:
        _read(report.content, reader, spent)
    total = time.process_time() - start
    count = len(reports) - 20
    size = sum(len(report.content) for report in reports[20:]) / count / 1000
    print(f"{count} reports of {size:.1f} KB on average: {count / total:.0f} reports a second")
    for name, seconds in spent.most_common():
        print(f"  {name:15} {1000 * seconds / count:6.2f} ms a report")
    print(f"  {'in all':15} {1000 * total / count:6.2f} ms a report")


def _read(content: bytes, reader: pipeline.Reader, spent: Counter[str]) -> None:
    try:
        report = pipeline.extract(Source("report", content, ""), reader=reader)
    except DocumentError:
        return
    start = time.process_time()
    dump_record(make_record(report))
    spent["make_record"] += time.process_time() - start


def _timed(name: str, function: Callable[..., Any], spent: Counter[str]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return function(*args, **options)
        finally:
            spent[name] += time.process_time() - start

    return timed


if __name__ == "__main__":
    main()
