"""How many reports a second one core reads, models loaded, stage by stage.

Documents are synthetic, of 10 KB on average, text and HTML in turn, none read before: a label seen in an earlier
document is found in a cache, as in any long run. Not measured: starting (see the README) and writing.
Run by `make bench`, which keeps the linear algebra library to one thread.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from extraction import pipeline
from models.document import DocumentError, Source
from models.record import dump_record, make_record
from training.synthesis.corpus import iterate_corpus

DOCUMENTS = 300
STAGES = (
    "read_document",
    "find_metadata",
    "find_tables",
    "find_rows",
    "map_cells",
    "judge_form",
    "read_form",
    "find_sections",
)


def main() -> None:
    """Print reports a second and milliseconds a report for each stage."""
    reports = list(iterate_corpus(DOCUMENTS, 7, "test", other_share=0.0))
    reader = pipeline.load_reader()
    spent: Counter[str] = Counter()
    for name in STAGES:
        setattr(pipeline, name, _timed(name, getattr(pipeline, name), spent))
    match_forms = _timed("match_forms", reader.matcher.match_forms, spent)
    reader.matcher.match_forms = match_forms  # type: ignore[method-assign]
    for report in reports[:20]:
        _read(report.content, reader, spent)
    spent.clear()
    start = time.perf_counter()
    for report in reports[20:]:
        _read(report.content, reader, spent)
    total = time.perf_counter() - start
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
    start = time.perf_counter()
    dump_record(make_record(report))
    spent["make_record"] += time.perf_counter() - start


def _timed(name: str, function: Callable[..., Any], spent: Counter[str]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            spent[name] += time.perf_counter() - start

    return timed


if __name__ == "__main__":
    main()
