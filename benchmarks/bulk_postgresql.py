"""What records of a run take in PostgreSQL: `python -m benchmarks.bulk_postgresql STORE [--documents 20000]`.

The records of a SQLite store go into a PostgreSQL server of our own (with its own settings: `fsync` and
`synchronous_commit` on), as a worker of a run keeps them: eight in a transaction, and the list of inputs as the run
keeps it. Where more documents are asked for than the store has, its records come again under other hashes. Printed are
the rate, the processor time on both sides, the sizes of tables with their indexes, and what a million would take.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import text

from review.store.database import Store, open_store, run_read
from review.store.reads import FreshRead, find_reads, keep_reads
from review.store.reports import read_record
from review.store.runs import Ending, Place, add_inputs, count_inputs, end_inputs, list_waiting, start_run
from tests.postgres import Server, run_server

READER = "benchmark"
BATCH, LISTED = 8, 500  # as `service.running` has them
MILLION = 1_000_000
SIZES = """
SELECT regexp_replace(relname, '_p?[0-9]+$', '') AS name, sum(pg_table_size(oid)) AS rows_size,
       sum(pg_indexes_size(oid)) AS index_size, sum(reltuples) AS rows_count
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
GROUP BY 1 ORDER BY sum(pg_total_relation_size(oid)) DESC
"""


def iterate_records(store: Store, wanted: int) -> Iterator[dict[str, Any]]:
    """The newest records of a store, again and again under other hashes until there are as many as wanted."""
    query = text("SELECT document_id FROM documents WHERE record_id IS NOT NULL ORDER BY document_id")
    numbers = run_read(store, lambda connection: connection.execute(query).scalars().all())
    given = 0
    for turn in count():
        for number in numbers:
            if given == wanted:
                return
            record = read_record(store, number)
            assert record is not None
            sha256 = hashlib.sha256(f"{turn}/{record.get('sha256')}/{number}".encode()).hexdigest()
            yield record | {"sha256": sha256, "source": f"{turn}/{record['source']}"}
            given += 1


def load(store: Store, records: Iterator[dict[str, Any]]) -> dict[str, float]:
    """Keep records as a run does; how many there were, and the seconds, on the wall and of this process."""
    run = start_run(store, reader=READER, sources=["benchmark"], options={})
    figures = dict.fromkeys(("documents", "cells", "wall", "processor"), 0.0)
    while part := list(islice(records, LISTED)):
        started, spent = time.perf_counter(), time.process_time()
        places = [Place(record["source"], {"url": record["source"]}, stamp="1 2", size=10_000) for record in part]
        add_inputs(store, run, places)
        waiting = list_waiting(store, run, limit=LISTED)
        by_place = {record["source"]: record for record in part}
        for at in range(0, len(waiting), BATCH):
            batch = waiting[at : at + BATCH]
            chosen = [by_place[entry.place] for entry in batch]
            find_reads(store, [record["sha256"] for record in chosen], READER)
            reads = keep_reads(store, [FreshRead(r, 0.1) for r in chosen], reader=READER, run_id=run.run_id)
            endings = [
                Ending(entry.input_id, "done", 1, read.code, None, read.document_id)
                for entry, read in zip(batch, reads, strict=True)
            ]
            end_inputs(store, run, endings)
        figures["wall"] += time.perf_counter() - started
        figures["processor"] += time.process_time() - spent
        figures["documents"] += len(part)
        figures["cells"] += sum(len(record.get("cells", ())) for record in part)
        print(f"  {figures['documents']:,.0f} documents, {figures['wall']:.0f} s", flush=True)
    for name, ask in (
        ("counting all inputs", partial(count_inputs, store, run)),
        ("the next 500 that wait", partial(list_waiting, store, run, limit=LISTED)),
        ("eight hashes looked up", partial(find_reads, store, [record["sha256"] for record in chosen], READER)),
    ):
        print(f"{name}: {_measure(ask):.1f} ms")
    return figures


def _measure(ask: Callable[[], object]) -> float:
    """Milliseconds, the median of five."""
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)[2]


def measure_server(server: Server) -> float:
    """Seconds of the processor that the processes of a server have used, those that have ended too."""
    main = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    below = [
        int(number) for thread in Path(f"/proc/{main}/task").glob("*/children") for number in thread.read_text().split()
    ]
    ticks = 0
    for process in (main, *below):
        values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, values[11:15] if process == main else values[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def print_sizes(store: Store, documents: float) -> None:
    """Bytes of tables and indexes, a document, and of a million."""
    rows: Sequence[Any] = run_read(store, lambda connection: connection.execute(text(SIZES)).all())
    print(f"{'table':<16} {'rows':>11} {'table kB/doc':>13} {'index kB/doc':>13} {'GB of a million':>16}")
    total = 0.0
    for name, table, index, number in rows:
        whole = float(table + index)
        total += whole
        if whole / documents > 10:
            a_million = whole / documents * MILLION / 1e9
            print(
                f"{name:<16} {max(number, 0):>11,.0f} {float(table) / documents / 1e3:>13.2f}"
                f" {float(index) / documents / 1e3:>13.2f} {a_million:>16.2f}"
            )
    print(f"{'all':<16} {'':>11} {total / documents / 1e3:>27.2f} {total / documents * MILLION / 1e9:>16.2f}")


def main() -> None:
    """Load and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", help="a SQLite store with records")
    parser.add_argument("--documents", type=int, default=20_000)
    arguments = parser.parse_args()
    records = iterate_records(open_store(arguments.store), arguments.documents)
    with run_server(()) as server:
        store = open_store(server.make_database("bulk"), files=str(server.folder / "files"))
        begun = run_read(store, lambda c: c.execute(text("SELECT pg_current_wal_lsn()")).scalar_one())
        server_before = measure_server(server)
        figures = load(store, records)
        server_spent = measure_server(server) - server_before
        query = text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), :begun)")
        logged = float(run_read(store, lambda c: c.execute(query, {"begun": begun}).scalar_one()))
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        documents, wall = figures["documents"], figures["wall"]
        print(
            f"{documents:,.0f} documents with {figures['cells']:,.0f} readings in {wall:.0f} s:"
            f" {documents / wall:.1f} documents and {figures['cells'] / wall:,.0f} readings a second by one process;"
            f" processor {figures['processor'] / documents * 1000:.1f} ms a document here,"
            f" {server_spent / documents * 1000:.1f} ms in the server;"
            f" log {logged / documents / 1e3:.1f} kB a document; load {os.getloadavg()[0]:.1f}"
        )
        print_sizes(store, documents)
        store.engine.dispose()


if __name__ == "__main__":
    main()
