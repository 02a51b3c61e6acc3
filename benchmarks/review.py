"""How fast the store adds records and gives the next question, with 100,000 cells in the queue, on both databases.

    python -m benchmarks.review [--documents 2500] [--answers 500] [--database sqlite|postgresql|both] [--explain]

The documents are made up: every cell of three forms, and of each document `--reviewed` cells under review. Times are
those of a call as a page makes it, with its transaction on a disk that is synchronized.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from models.form import load_forms
from review.answers import Answer
from review.store import schema
from review.store.adding import add_records
from review.store.answering import answer_item, undo_answer
from review.store.database import Settings, Store, open_store, run_read, run_write
from review.store.leasing import count_groups, find_queries, lease_group, lease_item, release_items
from review.store.progress import count_queue, measure_progress
from review.store.reports import DocumentFilter, find_documents, read_cells
from tests.postgres import run_server

FORMS = ("proactive@2021", "requests@2021", "disputes@2019")
AT_ONCE = 25


def make_record(number: int, reviewed: int, chance: random.Random) -> dict[str, Any]:
    """A record with all cells of three forms, most of them 0, some under review."""
    fields = [(form, field) for form in FORMS for field in load_forms()[form].fields]
    doubtful = set(chance.sample(range(len(fields)), reviewed))
    cells = []
    for place, (form, field) in enumerate(fields):
        value = 0 if chance.random() < 0.8 else chance.randrange(1, 400)
        cells.append(
            {
                "id": field.field_id,
                "form": form,
                "state": "number",
                "value": value,
                "raw": str(value),
                "confidence": round(chance.uniform(0.3, 0.99) if place in doubtful else 0.9998, 5),
                "review": place in doubtful,
                "reasons": ["low_confidence"] if place in doubtful else [],
                "evidence": {"page": 2 + place // 100, "bbox": [282.43, 587.02, 287.57, 595.38]},
            }
        )
    return {
        "source": f"{number}.pdf",
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "media_type": "application/pdf",
        "organization": f"第{number % 977}区人民政府",
        "year": 2021 + number % 4,
        "cells": cells,
        "findings": [],
        "sections": [{"id": "overview", "title": "一、总体情况", "text": "总体情况良好。" * 150, "confidence": 0.99}],
        "models": {"cells": "benchmark"},
    }


@contextmanager
def open_database(name: str) -> Iterator[str]:
    """The URL of an empty database."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/store.db"
    else:
        with run_server(options=()) as server:
            yield server.make_database("review")


def show_times(name: str, seconds: list[float], cpu: float) -> None:
    """Print the mean of processor time of this process; then median, 95th percentile and the longest by the clock."""
    ordered = sorted(seconds)
    middle, high = ordered[len(ordered) // 2], ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
    times = "".join(f"{value * 1000:8.1f}" for value in (cpu / len(ordered), middle, high, ordered[-1]))
    print(f"  {name:<36}{times}   of {len(ordered)}", flush=True)


def take_times(name: str, count: int, work: Callable[[], Any]) -> None:
    """Do the same work some times and print how long it took."""
    seconds, cpu = [], time.process_time()
    for _ in range(count):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    show_times(name, seconds, time.process_time() - cpu)


def answer_some(store: Store, person: str, count: int, name: str) -> None:
    """Answer questions as a page does: next, answer, next; print both times."""
    nexts, answers = [], []
    spent = [0.0, 0.0]
    for _ in range(count):
        started, cpu = time.perf_counter(), time.process_time()
        item = lease_item(store, person)
        nexts.append(time.perf_counter() - started)
        spent[0] += time.process_time() - cpu
        if item is None:
            break
        started, cpu = time.perf_counter(), time.process_time()
        answer_item(store, item.lease, Answer(person, item.state, item.value, seconds=1.0))
        answers.append(time.perf_counter() - started)
        spent[1] += time.process_time() - cpu
    show_times(f"next item, {name}", nexts, spent[0])
    show_times(f"answer, {name}", answers, spent[1])


def settle_silently(store: Store, share: float) -> None:
    """Take most of the queue off it, so that what is left lies behind much that is settled."""
    query = text("UPDATE items SET status = 'settled' WHERE purpose = 'review' AND item_id % 100 < :share")
    run_write(store, lambda connection: connection.execute(query, {"share": int(share * 100)}))


def wait_for_others(store: Store, person: str, count: int) -> None:
    """Make many items wait for a second person after this one: what one reviewer alone leaves behind."""
    query = text(
        "UPDATE items SET turn = 1, wanted = 2, voter = :person WHERE item_id IN"
        " (SELECT item_id FROM items WHERE purpose = 'review' AND status = 'open' AND turn = 0"
        "  ORDER BY group_rank, document_id, position LIMIT :count)"
    )
    run_write(store, lambda connection: connection.execute(query, {"person": person, "count": count}))


def explain(store: Store) -> None:
    """Print how the database finds the next question of a person who is on a document."""
    postgres = store.engine.dialect.name == "postgresql"
    prefix = "EXPLAIN (ANALYZE, COSTS OFF) " if postgres else "EXPLAIN QUERY PLAN "
    lease_item(store, "anna")
    own = select(schema.places).where(schema.places.c.person == "anna")
    place = run_read(store, lambda connection: connection.execute(own).first())
    for purpose, query in find_queries(store, "anna", store.clock(), place, None):
        compiled = query.limit(1).compile(store.engine)
        values = {name: _bind(store, compiled, name) for name in compiled.params}
        given = values if compiled.positiontup is None else tuple(values[name] for name in compiled.positiontup)
        with store.engine.connect() as connection:
            rows = connection.exec_driver_sql(prefix + str(compiled), given).all()
        print(f"  -- {purpose}", *(row[-1] for row in rows), sep="\n     ")


def _bind(store: Store, compiled: Any, name: str) -> Any:
    value = compiled.params[name]
    kind = compiled.binds[name].type.dialect_impl(store.engine.dialect).bind_processor(store.engine.dialect)
    return kind(value) if kind else value


def measure(name: str, options: argparse.Namespace) -> None:
    """Fill a store and print all times."""
    with open_database(name) as url, tempfile.TemporaryDirectory() as files:
        store = open_store(url, files=files, settings=Settings(double_share=0.05, audit_share=0.05))
        chance = random.Random(1)
        started = time.perf_counter()
        spent = 0.0
        for first in range(0, options.documents, AT_ONCE):
            count = min(AT_ONCE, options.documents - first)
            batch = [make_record(first + place, options.reviewed, chance) for place in range(count)]
            before = time.perf_counter()
            add_records(store, batch)
            spent += time.perf_counter() - before
        if name == "postgresql":
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
        rate = options.documents / spent
        print(f"{name}: {options.documents} records of 200 cells in {time.perf_counter() - started:.0f} s,", end=" ")
        print(f"{rate:.0f} records a second in the store; {count_queue(store).open:,} open questions")
        print(f"  {'milliseconds':<36}{'CPU':>8}{'median':>8}{'95 %':>8}{'longest':>8}")
        answer_some(store, "anna", options.answers, "fresh queue")
        settle_silently(store, 0.5)
        answer_some(store, "bela", options.answers, "half of it settled")
        wait_for_others(store, "anna", count_queue(store).open // 4)
        answer_some(store, "anna", options.answers, "a quarter waits for others")
        take_times("undo", 20, lambda: undo_answer(store, "anna"))
        release_items(store, "anna")
        take_times("groups of equal cells", 10, lambda: count_groups(store))
        take_times("a group of 60", 10, lambda: lease_group(store, "clara", value=Decimal(0)))
        take_times("cells of a document", 20, lambda: read_cells(store, chance.randrange(1, options.documents)))
        take_times("documents of a year", 20, lambda: find_documents(store, DocumentFilter(year=2023)))
        take_times("all figures of progress", 3, lambda: measure_progress(store))
        if options.explain:
            explain(store)
        print(f"  {find_size(store, url) / options.documents / 1000:.0f} kB a document")
        store.engine.dispose()


def find_size(store: Store, url: str) -> int:
    """Bytes of the database."""
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size
    query = text("SELECT pg_database_size(current_database())")
    return run_read(store, lambda connection: int(connection.execute(query).scalar_one()))


def main() -> None:
    """Measure the databases that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2500)
    parser.add_argument("--reviewed", type=int, default=40, help="cells under review of each document")
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--explain", action="store_true", help="print how the next question is found")
    options = parser.parse_args()
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        measure(name, options)


if __name__ == "__main__":
    main()
