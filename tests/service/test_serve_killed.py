"""`gouji serve` as a process of its own, killed in the middle of work and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from review.store import people, schema
from review.store.adding import add_records
from review.store.database import Settings, Store, open_store
from service.access_passwords import hash_key, hash_password, make_token
from tests.postgres import find_programs, run_server
from tests.review.records import FIELDS, make_cell, make_record
from tests.service.serving import PASSWORD

ROOT = Path(__file__).parent.parent.parent
REVIEWERS = 20
DOCUMENTS = 24
HASHED = hash_password(PASSWORD)  # takes a while, on purpose
COMMAND = "from service.command import main; main()"


class Server:
    """`gouji serve` on a port of its own; started anew it has the same address."""

    def __init__(self, store: str, files: Path, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._words = ["serve", "--store", store, "--files", str(files), "--port", str(self.port)]
        self._log = log
        self.start()

    def start(self) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "GOUJI_UPLOAD_LEASE": "4", "GOUJI_TRACKING": "off"}
        with self._log.open("ab") as log:
            command = [sys.executable, "-c", COMMAND, *self._words]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        wait_until(self.answers)

    def answers(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serve(store: str, folder: Path) -> Iterator[Server]:
    server = Server(store, folder / "files", folder / "log")
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    if find_programs() is None:
        missing = "PostgreSQL is not installed: the killed server is tested on SQLite only"
        if os.environ.get("GOUJI_CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with run_server() as database:
        yield database.make_database("killed")


def open_killed(url: str, folder: Path) -> Store:
    return open_store(
        url, files=str(folder / "files"), settings=Settings(double_share=0.2, audit_rates={}, audit_share=0.0)
    )


def wait_until(condition: Callable[[], bool], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def make_key_of(store: Store, name: str) -> str:
    """A token of a reviewer who is added for it."""
    assert people.add_user(store, name, HASHED, "reviewer")
    token = make_token()
    people.add_token(store, hash_key(token), name, label="test", role="reviewer")
    return token


def ask(client: httpx.Client, path: str, body: object = None) -> httpx.Response:
    """Send until a server answers, as a program would."""
    for _ in range(600):
        try:
            return client.post(path, json=body)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not come back")


def answer_all(url: str, token: str, told: list[tuple[int, str]], done: threading.Event) -> None:
    """Answer questions until nothing is open; `told` gets what the server said that it has."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        while not done.is_set():
            question = ask(client, "/api/v1/questions/next").json()
            if question is None:
                time.sleep(0.2)
                continue
            body = {"lease": question["lease"], "state": "number", "value": "1", "seconds": 1.0}
            answer = ask(client, "/api/v1/questions/answer", body)
            if answer.status_code == 200:
                told.append((answer.json()["correction_id"], question["lease"]))
            else:
                assert answer.status_code == 409, answer.text


def count_open(store: Store) -> int:
    items = schema.items.c
    with store.engine.connect() as connection:
        return len(connection.execute(select(items.item_id).where(items.status == "open")).all())


def test_twenty_people_at_a_server_that_is_killed_answer_each_cell_once_and_lose_none(
    store_url: str, tmp_path: Path
) -> None:
    store = open_killed(store_url, tmp_path)
    tokens = [make_key_of(store, f"person-{number}") for number in range(REVIEWERS)]
    cells = [[make_cell(name, 1, confidence=0.5 + number / 100) for name in FIELDS] for number in range(DOCUMENTS)]
    add_records(store, [make_record(str(number), *row) for number, row in enumerate(cells)])
    told: list[tuple[int, str]] = []
    done = threading.Event()
    with serve(store_url, tmp_path) as server:
        threads = [threading.Thread(target=answer_all, args=(server.url, token, told, done)) for token in tokens]
        for thread in threads:
            thread.start()
        try:
            for share in (0.2, 0.5):
                wait_until(lambda share=share: len(told) > share * DOCUMENTS * len(FIELDS))
                server.kill()
                server.start()
            wait_until(lambda: count_open(store) == 0)
        finally:
            done.set()
            for thread in threads:
                thread.join()
    items, corrections = schema.items.c, schema.corrections.c
    with store.engine.connect() as connection:
        answers = connection.execute(select(corrections.correction_id, corrections.person, corrections.item_id)).all()
        rows = connection.execute(select(items.item_id, items.status, items.turn, items.wanted)).all()
    assert {number for number, _ in told} <= {row.correction_id for row in answers}
    assert max(Counter((row.person, row.item_id) for row in answers).values()) == 1
    given = Counter(row.item_id for row in answers)
    assert len(rows) == DOCUMENTS * len(FIELDS)
    assert all(row.status == "settled" and given[row.item_id] == row.turn == row.wanted for row in rows)
    assert {row.wanted for row in rows} == {1, 2}
    store.engine.dispose()


def test_uploads_that_a_server_had_begun_when_it_was_killed_are_read_by_the_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    store = open_killed(url, tmp_path)
    token = make_key_of(store, "vera")
    names = ("zone-2023-wrong-sum.html", "town-2020-cell-lines.txt", "county-2024-pages.pdf")
    files = [("files", (name, (ROOT / "examples" / name).read_bytes())) for name in names]
    with (
        serve(url, tmp_path) as server,
        httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client,
    ):
        assert client.post("/api/v1/uploads", files=files).status_code == 202

        def list_states() -> list[str]:
            return [row["status"] for row in client.get("/api/v1/uploads").json()]

        wait_until(lambda: "reading" in list_states())
        server.kill()
        server.start()
        wait_until(lambda: set(list_states()) == {"done"})
        documents = client.get("/api/v1/documents").json()
        assert sorted(row["source"] for row in documents) == sorted(names)
        assert all(row["version"] == 1 and row["cells"] > 190 for row in documents)
    logged = (tmp_path / "log").read_text()
    assert '"event": "upload read"' in logged
    assert token not in logged and PASSWORD not in logged
    store.engine.dispose()
