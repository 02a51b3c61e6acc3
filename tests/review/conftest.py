from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from review.store.database import Settings, Store, open_store
from tests.postgres import Server, find_programs, run_server

ALL_ASKED_ONCE = Settings(double_share=0.0, audit_rates={}, audit_share=0.0)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if find_programs() is None:
        missing = "PostgreSQL is not installed: the store is tested on SQLite only"
        if os.environ.get("GOUJI_CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with run_server() as server:
        url = server.make_database("empty_store")
        open_store(url, files="memory://template", settings=ALL_ASKED_ONCE).engine.dispose()
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store of its own, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server = request.getfixturevalue("postgres")
    return server.make_database(f"store_{uuid.uuid4().hex}", template="empty_store")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_at(store_url: str, tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Store]]:
    """Opens the store with settings."""
    opened: list[Store] = []

    def open_it(**settings: object) -> Store:
        chosen = Settings(**{"double_share": 0.0, "audit_rates": {}, "audit_share": 0.0} | settings)  # type: ignore[arg-type]
        opened.append(open_store(store_url, files=str(tmp_path / "files"), settings=chosen, clock=clock))
        return opened[-1]

    yield open_it
    for store in opened:
        store.engine.dispose()


@pytest.fixture
def store(open_at: Callable[..., Store]) -> Store:
    """A store that asks each question once and audits nothing."""
    return open_at()
