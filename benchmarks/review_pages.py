"""How long people wait for the next cell, over HTTP: `python -m benchmarks.review_pages [--store URL] [--cells N]`.

A store is filled with copies of one report whose cells are all in the queue; then 500 questions are answered by pages
and 500 by the API, one after the other.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import statistics
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from models.form import load_forms
from review.store.adding import add_records
from review.store.database import Settings, Store, open_store
from review.store.people import add_session
from review.store.progress import count_queue
from service.access_passwords import hash_key, make_key
from service.api_account_pages import add_user
from service.screenshots import serve_store

ANSWERS = 500
FORM = "requests@2021"
ADDED = 25  # records at once


def main() -> None:
    """Print the median and the 95th percentile of both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", help="an empty store; a new file of SQLite without it")
    parser.add_argument("--cells", type=int, default=100_000, help="cells in the queue")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        url = options.store or f"sqlite:///{folder}/store.db"
        store = open_store(url, files=f"{folder}/files", settings=Settings(double_share=0.0, audit_rates={}))
        fill_store(store, options.cells)
        print(f"{count_queue(store).open:,} cells in the queue of {store.engine.dialect.name}")
        with serve_store(store) as address, log_in(store, address) as client:
            tell("pages", measure(ANSWERS, answer_pages(client)))
            tell("API", measure(ANSWERS, answer_api(client)))
        store.engine.dispose()


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


def log_in(store: Store, address: str) -> httpx.Client:
    """A browser with a session."""
    add_user(store, "bench", make_key(), "reviewer")
    key, csrf = make_key(), make_key()
    add_session(store, hash_key(key), "bench", csrf, store.clock().replace(year=store.clock().year + 1))
    cookies = {"gouji_session": key}
    return httpx.Client(base_url=address, cookies=cookies, headers={"X-CSRF-Token": csrf}, timeout=60)


def answer_pages(client: httpx.Client) -> Callable[[], None]:
    """Answer as the page does: the answer of the server is the next question."""
    lease = find_lease(client.get("/review").text)

    def answer() -> None:
        nonlocal lease
        body = {"lease": lease, "state": "number", "value": "1", "raw": "1", "seconds": 1.0}
        lease = find_lease(client.post("/review/answer", json=body).raise_for_status().text)

    return answer


def answer_api(client: httpx.Client) -> Callable[[], None]:
    """Ask for a question and answer it, in two requests."""

    def answer() -> None:
        question = client.post("/api/v1/questions/next").raise_for_status().json()
        body = {"lease": question["lease"], "state": "number", "value": "1", "seconds": 1.0}
        client.post("/api/v1/questions/answer", json=body).raise_for_status()

    return answer


def find_lease(page: str) -> str:
    """The lease that a page holds."""
    found = re.search(r'data-lease="([^"]+)"', page)
    if found is None:
        raise ValueError("the queue is empty")
    return found[1]


def measure(count: int, work: Callable[[], None]) -> list[float]:
    """Seconds of each of so many calls."""
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds


def tell(name: str, seconds: list[float]) -> None:
    """Print one line."""
    ranked = statistics.quantiles(seconds, n=100)
    print(f"{name}: median {1000 * ranked[49]:.1f} ms, 95th percentile {1000 * ranked[94]:.1f} ms")


if __name__ == "__main__":
    main()
