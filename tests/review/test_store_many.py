from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text

from review.answers import MOST_ANSWERS
from review.store import schema
from review.store.adding import add_record, add_records
from review.store.database import Settings, Store, open_store, run_read
from tests.postgres import Server, run_server
from tests.review.records import FIELDS, make_cell, make_record

ROOT = Path(__file__).parent.parent.parent
DURABLE: tuple[str, ...] = ()  # the settings of PostgreSQL itself: what it has acknowledged is on the disk


def fill(store: Store, documents: int = 16) -> int:
    """Documents with five questions each; how many questions."""
    records = [
        make_record(str(number), *(make_cell(name, 1, confidence=0.5 + number / 100) for name in FIELDS))
        for number in range(documents)
    ]
    add_records(store, records)
    return documents * len(FIELDS)


def start_reviewers(url: str, folder: Path, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.review.reviewer", url, str(folder / "files"), name, str(folder / "log")]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def finish(processes: list[subprocess.Popen[bytes]]) -> None:
    try:
        assert [process.wait(timeout=300) for process in processes] == [0] * len(processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def check_nothing_was_answered_twice_or_lost(store: Store, folder: Path, questions: int) -> None:
    corrections, items = schema.corrections.c, schema.items.c
    with store.engine.connect() as connection:
        answers = connection.execute(select(corrections.correction_id, corrections.person, corrections.item_id)).all()
        rows = connection.execute(select(items.item_id, items.status, items.lease, items.turn, items.wanted)).all()
    acknowledged = {tuple(line.split()) for line in (folder / "log").read_text().splitlines()}
    assert acknowledged <= {(str(row.correction_id), row.person, str(row.item_id)) for row in answers}
    assert max(Counter((row.person, row.item_id) for row in answers).values()) == 1
    given = Counter(row.item_id for row in answers)
    assert len(rows) == questions
    for row in rows:
        assert row.lease is None
        assert row.status in ("settled", "disputed", "unsure")
        assert row.turn == given[row.item_id]
        assert 1 <= row.turn <= MOST_ANSWERS
    assert {row.turn for row in rows} >= {1, 2}


def open_shared(url: str, folder: Path) -> Store:
    settings = Settings(double_share=0.2, audit_rates={}, audit_share=0.0, lease_seconds=3600)
    return open_store(url, files=str(folder / "files"), settings=settings)


def test_twenty_reviewers_at_once_answer_each_item_once(store_url: str, tmp_path: Path) -> None:
    store = open_shared(store_url, tmp_path)
    questions = fill(store)
    finish([start_reviewers(store_url, tmp_path, name) for name in "abcd"])
    check_nothing_was_answered_twice_or_lost(store, tmp_path, questions)
    store.engine.dispose()


def test_reviewers_who_are_killed_lose_no_answer_and_leave_no_item_behind(store_url: str, tmp_path: Path) -> None:
    """The same people come back: what they held is given to them again."""
    store = open_shared(store_url, tmp_path)
    questions = fill(store)
    chance = random.Random(1)
    running = {name: start_reviewers(store_url, tmp_path, name) for name in "abcd"}
    for _ in range(6):
        wait_for_answers(store, tmp_path)
        name = chance.choice("abcd")
        running[name].send_signal(signal.SIGKILL)
        running[name].wait()
        running[name] = start_reviewers(store_url, tmp_path, name)
    finish(list(running.values()))
    check_nothing_was_answered_twice_or_lost(store, tmp_path, questions)
    store.engine.dispose()


def test_a_postgresql_that_is_killed_and_started_again_has_every_answer(tmp_path: Path) -> None:
    try:
        with run_server(DURABLE) as server:
            check_killed_server(server, tmp_path)
    except FileNotFoundError as error:
        if os.environ.get("GOUJI_CI"):
            raise
        pytest.skip(str(error))


def check_killed_server(server: Server, folder: Path) -> None:
    url = server.make_database("killed")
    store = open_shared(url, folder)
    questions = fill(store)
    running = [start_reviewers(url, folder, name) for name in "ab"]
    try:
        for _ in range(2):
            wait_for_answers(store, folder)
            server.kill()
            server.start(DURABLE)
    finally:
        finish(running)
    check_nothing_was_answered_twice_or_lost(store, folder, questions)
    store.engine.dispose()


def test_many_processes_may_open_a_new_store_at_once(store_url: str, tmp_path: Path) -> None:
    finish([start_reviewers(store_url, tmp_path, name) for name in "abcd"])


def test_records_that_two_workers_add_at_once_are_one_version(store_url: str, tmp_path: Path) -> None:
    store = open_shared(store_url, tmp_path)
    code = (
        "import sys\n"
        "from review.store.database import open_store\n"
        "from tests.review.test_store_many import fill\n"
        "fill(open_store(sys.argv[1], files=sys.argv[2]), 40)\n"
    )
    command = [sys.executable, "-c", code, store_url, str(tmp_path / "files")]
    finish([subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}) for _ in range(3)])
    counts = {
        table: run_read(
            store, lambda connection, table=table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
        )
        for table in ("documents", "records", "readings", "items")
    }
    assert counts == {"documents": 40, "records": 40, "readings": 200, "items": 200}
    store.engine.dispose()


def test_a_load_that_is_killed_and_done_again_is_complete(store_url: str, tmp_path: Path) -> None:
    store = open_shared(store_url, tmp_path)
    code = (
        "import sys, os, signal\n"
        "from review.store.adding import add_record\n"
        "from review.store.database import open_store\n"
        "from tests.review.records import make_cell, make_record\n"
        "store = open_store(sys.argv[1], files=sys.argv[2])\n"
        "for number in range(40):\n"
        "    add_record(store, make_record(str(number), make_cell('total', 1), make_cell('other', 2)))\n"
        "    number == int(sys.argv[3]) and os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for stop in (7, 23):
        command = [sys.executable, "-c", code, store_url, str(tmp_path / "files"), str(stop)]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False, timeout=120)
    for number in range(40):
        add_record(store, make_record(str(number), make_cell("total", 1), make_cell("other", 2)))
    counts = [
        run_read(
            store, lambda connection, table=table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
        )
        for table in ("documents", "records", "readings", "items")
    ]
    assert counts == [40, 40, 80, 80]
    store.engine.dispose()


def wait_for_answers(store: Store, folder: Path, more: int = 8) -> None:
    """Wait until some more answers are in, or all are."""
    log = folder / "log"

    def count() -> int:
        return len(log.read_text().splitlines()) if log.exists() else 0

    target = count() + more
    wait_until(lambda: count() >= target or not has_open(store))


def has_open(store: Store) -> bool:
    query = select(schema.items.c.item_id).where(schema.items.c.status == "open").limit(1)
    return run_read(store, lambda connection: connection.execute(query).first()) is not None


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited for a minute in vain")
