"""Kills parts of a bulk run at random moments and compares the final stores: `python -m benchmarks.bulk_kills`.

A Dask scheduler and two workers run as on a cluster, with PostgreSQL as the store. In each trial one part is killed by
SIGKILL at a random moment: a worker, the scheduler, the whole run, or PostgreSQL; it is started again, as the system of
a cluster would do. The store at the end is compared with that of an undisturbed run: documents, places, records,
readings, findings, questions and reads, by hash.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from review.store.database import StoreAway, open_store, run_read
from tests.postgres import Server, run_server

ROOT = Path(__file__).parent.parent
PARTS = ("worker", "scheduler", "run", "postgresql")
COMMAND = "from service.command import main; main()"
# What a store holds, without numbers and times, which depend on who came first.
CONTENT = (
    "SELECT d.document_key, s.source FROM documents d JOIN sources s USING (document_id)",
    "SELECT d.document_key, r.version, r.digest, r.cells, r.accepted, r.error_code, r.error_message FROM records r"
    " JOIN documents d ON d.document_id = r.document_id",
    "SELECT d.document_key, r.version FROM documents d JOIN records r ON r.record_id = d.record_id",
    "SELECT d.document_key, r.version, g.field_no, g.state, g.value, g.raw, g.confidence, g.review, g.reasons,"
    " g.evidence FROM readings g JOIN records r ON r.record_id = g.record_id"
    " JOIN documents d ON d.document_id = r.document_id",
    "SELECT d.document_key, f.position, f.identity, f.kind FROM findings f JOIN records r ON r.record_id = f.record_id"
    " JOIN documents d ON d.document_id = r.document_id",
    "SELECT d.document_key, i.field_no, i.purpose, i.status, i.group_rank, i.shown FROM items i"
    " JOIN documents d ON d.document_id = i.document_id",
    "SELECT d.document_key, x.reader, x.code FROM reads x JOIN documents d ON d.document_id = x.document_id",
    "SELECT place, status, code FROM inputs",
)


def read_content(url: str) -> list[set[str]]:
    """The rows of a store, for each query."""
    store = open_store(url)
    rows = [
        {
            repr(tuple(row))
            for row in run_read(store, lambda connection, query=query: connection.execute(text(query)).all())
        }  # type: ignore[misc]
        for query in CONTENT
    ]
    store.engine.dispose()
    return rows


def hash_content(content: list[set[str]]) -> str:
    """A hash of what a store holds."""
    return hashlib.sha256(repr([sorted(rows) for rows in content]).encode()).hexdigest()[:16]


def print_differences(wanted: list[set[str]], found: list[set[str]]) -> None:
    """Print some rows that only one of two stores has."""
    for query, there, here in zip(CONTENT, wanted, found, strict=True):
        for name, rows in (("only undisturbed", there - here), ("only disturbed", here - there)):
            for row in sorted(rows)[:3]:
                print(f"  {name} ({len(rows)}): {query.split(' FROM ')[1][:20]}: {row[:300]}")


class Part:
    """A program that is kept running: started again when it is killed."""

    def __init__(self, *command: str) -> None:
        self._command = command
        self.start()

    def start(self) -> None:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
            "OMP_NUM_THREADS": "1",
            "GOUJI_TRACKING": "off",
        }
        self.process = subprocess.Popen(
            [sys.executable, *self._command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def run_cluster(port: int) -> Iterator[dict[str, Part]]:
    """A scheduler and two workers by name, on a port of this machine."""
    address = f"tcp://127.0.0.1:{port}"
    worker = ("-m", "dask", "worker", address, "--nthreads", "2", "--no-nanny", "--no-dashboard")
    scheduler = ("-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    parts = {"scheduler": Part(*scheduler), "worker": Part(*worker), "worker 2": Part(*worker)}
    try:
        yield parts
    finally:
        for part in parts.values():
            part.kill()


def revive(parts: dict[str, Part]) -> None:
    """Start again what has ended: workers end with their scheduler."""
    for part in parts.values():
        if part.process.poll() is not None:
            part.start()


def run_once(
    url: str, files: Path, documents: Path, port: int, kill: tuple[str, float, dict[str, Part], Server] | None
) -> float:
    """One run to its end, with a kill on the way; the seconds that it took."""
    options = ["--store", url, "--files", str(files), "--cluster", f"tcp://127.0.0.1:{port}", "--no-link"]
    started = time.monotonic()
    run = Part("-c", COMMAND, "run", str(documents), *options)
    if kill is not None:
        name, share, parts, server = kill
        wait_for(url, files, share, parts)
        if name == "postgresql":
            server.kill()
            server.start(())
        elif name == "run":
            run.kill()
            run.start()
        else:
            parts[name].kill()
    while run.process.poll() is None:
        if kill is not None:
            revive(kill[2])
        time.sleep(0.3)
    if run.process.returncode not in (0, 1):
        raise RuntimeError(f"the run ended with {run.process.returncode}")
    return time.monotonic() - started


def wait_for(url: str, files: Path, count: float, parts: dict[str, Part]) -> None:
    """Wait until a run has kept so many records; workers may still end with a scheduler that was killed before."""
    store = open_store(url, files=str(files))
    while True:
        try:
            found = run_read(store, lambda connection: connection.execute(text("SELECT count(*) FROM reads")).scalar())
        except StoreAway:
            found = 0
        if (found or 0) >= count:
            break
        revive(parts)
        time.sleep(0.1)
    store.engine.dispose()


def main() -> None:
    """Print a line a trial, and how many stores were equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=Path, help="a folder of documents")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with ExitStack() as stack:
        work = Path(stack.enter_context(TemporaryDirectory(prefix="gouji-kills-")))
        server = stack.enter_context(run_server(()))
        parts = stack.enter_context(run_cluster(port))
        undisturbed = server.make_database("undisturbed")
        seconds = run_once(undisturbed, work / "u", arguments.documents, port, None)
        wanted = read_content(undisturbed)
        count = len(wanted[1])
        print(f"undisturbed: {count} records, {hash_content(wanted)}, {seconds:.0f} s", flush=True)
        equal: Counter[str] = Counter()
        for trial in range(arguments.trials):
            name = PARTS[trial % len(PARTS)]
            url = server.make_database(f"trial_{trial}")
            at = chance.uniform(0, 0.95) * count
            seconds = run_once(url, work / str(trial), arguments.documents, port, (name, at, parts, server))
            found = read_content(url)
            equal[name] += found == wanted
            state = "equal" if found == wanted else f"DIFFERENT: {hash_content(found)}"
            print(
                f"{trial + 1}: {name} killed after {at:.0f}: {len(found[1])} records, {state}, {seconds:.0f} s",
                flush=True,
            )
            print_differences(wanted, found)
        print(f"{sum(equal.values())} of {arguments.trials} stores equal: {dict(equal)}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
