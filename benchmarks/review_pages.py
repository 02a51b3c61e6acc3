"""How long people wait for the next cell, over HTTP, with 100,000 cells in the queue, on both databases.

    python -m benchmarks.review_pages [--database sqlite|postgresql|both] [--cells 100000] [--people 1] [--pause 0]

A store is filled with copies of one report whose cells are all in the queue; a server of its own (`gouji serve`) is
asked as the page asks it: an answer is sent, and what comes back is the question after the one that is shown already.
Then the same by the API, in two requests. The processor's time is that of the server's process. Without a pause people
answer as fast as the server does; with one they look at each cell for so many seconds, some longer, some shorter.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from sqlalchemy import event

from benchmarks.review import open_database
from models.form import load_forms
from review.store.adding import add_records
from review.store.database import Settings, Store, open_store
from review.store.people import add_session
from review.store.progress import count_queue
from service.access_passwords import hash_key, make_key
from service.api_account_pages import add_user
from service.screenshots import serve_store

ANSWERS = 500
COUNTED = 20  # answers whose statements are counted
FORM = "requests@2021"
ADDED = 25  # records at once
TICKS = os.sysconf("SC_CLK_TCK")
COMMAND = "from service.command import main; main()"
LEASE = re.compile(r'data-lease="([^"]+)"')


def main() -> None:
    """Print the median and the 95th percentile of both ways, on each database asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--cells", type=int, default=100_000, help="cells in the queue")
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--people", type=int, default=1, help="how many answer at once")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that a person looks at a cell, in the mean")
    options = parser.parse_args()
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        with open_database(name) as url, TemporaryDirectory() as folder:
            store = open_store(url, files=f"{folder}/files", settings=Settings(double_share=0.0, audit_rates={}))
            fill_store(store, options.cells)
            print(f"{name}: {count_queue(store).open:,} cells in the queue, load {os.getloadavg()[0]:.0f}", flush=True)
            measure_service(store, url, Path(folder), options)
            store.engine.dispose()


def measure_service(store: Store, url: str, folder: Path, options: argparse.Namespace) -> None:
    """Count statements in this process, then time a server in another."""
    clients = [log_in(store, f"bench-{number}") for number in range(options.people)]
    with redirect_stderr(io.StringIO()), serve_store(store) as address, clients[0](address) as client:
        print(f"  statements for an answer with the next question: {count_statements(store, client)}", flush=True)
    with serve(url, folder) as (address, process):
        for name, make in (("page: answer, and the question after the next", answer_pages), ("API: next", ask_api)):
            works = [make(client(address)) for client in clients]
            for work in works:
                work()  # statements are prepared, templates are compiled
            before = read_cpu(process)
            seconds = measure_people(works, options.answers // len(works), options.pause)
            tell(name, seconds, (read_cpu(process) - before) / len(seconds))


def measure_people(works: list[Callable[[], float]], count: int, pause: float) -> list[float]:
    """Seconds of all calls of several people at once, each of whom pauses before every one."""
    seconds: list[float] = []

    def answer(work: Callable[[], float], chance: random.Random) -> None:
        for _ in range(count):
            time.sleep(chance.uniform(0.5, 1.5) * pause)
            seconds.append(work())

    people = [threading.Thread(target=answer, args=(work, random.Random(number))) for number, work in enumerate(works)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return seconds


def count_statements(store: Store, client: httpx.Client) -> float:
    """SQL statements of one answer, transactions not counted."""
    seen: list[str] = []
    listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    work = answer_pages(client)
    event.listen(store.engine, "before_cursor_execute", listener)
    for _ in range(COUNTED):
        work()
    event.remove(store.engine, "before_cursor_execute", listener)
    return sum(not text.startswith(("BEGIN", "PRAGMA", "SET")) for text in seen) / COUNTED


@contextmanager
def serve(url: str, folder: Path) -> Iterator[tuple[str, int]]:
    """`gouji serve` in a process of its own: its address and number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--store", url, "--files", str(folder / "files"), "--port", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *words],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "GOUJI_READ_UPLOADS": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{address}/health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait()


def read_cpu(process: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def fill_store(store: Store, cells: int) -> None:
    """Copies of one report until so many cells are to be checked."""
    fields = [field.field_id for field in load_forms()[FORM].fields]
    count = -(-cells // len(fields))
    for first in range(0, count, ADDED):
        add_records(store, [make_record(number, fields) for number in range(first, min(first + ADDED, count))])


def make_record(number: int, fields: list[str]) -> dict[str, Any]:
    """A report whose cells all hold 1 and are to be checked."""
    cells = [
        {
            "id": field, "form": FORM, "state": "number", "value": 1, "raw": "1", "confidence": 0.9, "review": True,
            "reasons": ["low_confidence"], "evidence": {"line": place, "span": [0, 1]},
        }
        for place, field in enumerate(fields, 1)
    ]  # fmt: skip
    return {
        "source": f"report-{number}.txt", "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "media_type": "text/plain", "pages": None, "title": "年度报告", "organization": f"第{number}区人民政府",
        "year": 2023, "tables": [], "cells": cells, "sections": [], "facts": [], "findings": [], "models": {},
    }  # fmt: skip


def log_in(store: Store, name: str) -> Callable[[str], httpx.Client]:
    """A browser with a session, for any address of the store."""
    add_user(store, name, make_key(), "reviewer")
    key, csrf = make_key(), make_key()
    add_session(store, hash_key(key), name, csrf, store.clock().replace(year=store.clock().year + 1))
    cookies, headers = {"gouji_session": key}, {"X-CSRF-Token": csrf}
    return lambda address: httpx.Client(base_url=address, cookies=cookies, headers=headers, timeout=60)


def answer_pages(client: httpx.Client) -> Callable[[], float]:
    """Answer as the page does: it has the next question, and asks for the one after that with its answer."""
    shown = find_lease(client.get("/review").text)
    ahead = find_lease(client.post("/review/next", json={"held": [shown]}).raise_for_status().text)

    def answer() -> float:
        nonlocal shown, ahead
        body = {"lease": shown, "state": "number", "value": "1", "raw": "1", "seconds": 1.0, "held": [ahead]}
        started = time.perf_counter()
        text = client.post("/review/answer", json=body).raise_for_status().text
        seconds = time.perf_counter() - started
        shown, ahead = ahead, find_lease(text)
        return seconds

    return answer


def ask_api(client: httpx.Client) -> Callable[[], float]:
    """Ask for a question, which is timed, and answer it."""

    def answer() -> float:
        started = time.perf_counter()
        question = client.post("/api/v1/questions/next").raise_for_status().json()
        seconds = time.perf_counter() - started
        body = {"lease": question["lease"], "state": "number", "value": "1", "seconds": 1.0}
        client.post("/api/v1/questions/answer", json=body).raise_for_status()
        return seconds

    return answer


def find_lease(page: str) -> str:
    """The lease that a page holds."""
    found = LEASE.search(page)
    if found is None:
        raise ValueError("the queue is empty")
    return found[1]


def tell(name: str, seconds: list[float], cpu: float) -> None:
    """Print one line."""
    ranked = [1000 * value for value in statistics.quantiles(seconds, n=100)]
    times = f"median {ranked[49]:.1f} ms, 95th percentile {ranked[94]:.1f} ms, longest {1000 * max(seconds):.0f} ms"
    print(f"  {name}: {times}; processor {1000 * cpu:.1f} ms; {len(seconds)} times", flush=True)


if __name__ == "__main__":
    main()
