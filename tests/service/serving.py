"""A running service for tests: a real server over a store of its own, and people who may log in."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from review.store.database import Settings, Store, open_store
from review.store.people import add_token
from service.access_passwords import hash_key, make_token
from service.api import create_app
from service.api_account_pages import add_user
from service.api_settings import ServiceSettings

PASSWORD = "correct horse battery"
PEOPLE = {"rita": "reader", "vera": "reviewer", "adam": "admin"}
HTML = {"Accept": "text/html"}


@dataclass(frozen=True, slots=True)
class Service:
    """A server that answers at `url`, its store and its application."""

    url: str
    store: Store
    app: Any

    def browser(self) -> httpx.Client:
        """A client that keeps cookies, without a login."""
        return httpx.Client(base_url=self.url, timeout=30)

    def token_of(self, name: str, role: str | None = None) -> str:
        """An API token of a user."""
        token = make_token()
        add_token(self.store, hash_key(token), name, label="test", role=role or PEOPLE[name])
        return token

    def program(self, name: str) -> httpx.Client:
        """A client with an API token of a user."""
        return httpx.Client(base_url=self.url, timeout=30, headers={"Authorization": f"Bearer {self.token_of(name)}"})

    @contextmanager
    def log_in(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """A browser that is logged in; its CSRF token goes with every request."""
        with self.browser() as client:
            response = log_in(client, name, password)
            assert response.status_code == 303, response.text
            page = client.get("/account", headers=HTML).text
            client.headers["X-CSRF-Token"] = find_csrf(page)
            yield client


def log_in(client: httpx.Client, name: str, password: str) -> httpx.Response:
    """Open the login form and send it."""
    form = client.get("/login", headers=HTML).text
    key = re.search(r'name="csrf" value="([^"]+)"', form)
    assert key
    return client.post("/login", data={"csrf": key[1], "name": name, "password": password, "next": "/"}, headers=HTML)


def find_csrf(page: str) -> str:
    """The CSRF token that a page carries."""
    found = re.search(r'data-csrf="([^"]+)"', page)
    assert found
    return found[1]


def open_test_store(folder: Path, **settings: Any) -> Store:
    """An empty store with the people of `PEOPLE` in it, that asks everything once and audits nothing."""
    chosen = Settings(**{"double_share": 0.0, "audit_rates": {}, "audit_share": 0.0} | settings)
    store = open_store(f"sqlite:///{folder}/store.db", settings=chosen)
    for name, role in PEOPLE.items():
        problem = add_user(store, name, PASSWORD, role)
        assert not problem or "已有" in problem
    return store


@contextmanager
def run_service(store: Store, *, models: Path | None = None, **settings: Any) -> Iterator[Service]:
    """A server on a port of its own until the end of the block; it reads uploads only where a test asks for it."""
    app = create_app(store, ServiceSettings(**{"read_uploads": False} | settings), models=models)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Service(f"http://127.0.0.1:{port}", store, app)
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        store.engine.dispose()
