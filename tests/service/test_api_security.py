"""What somebody with bad intentions may try, on every route: forged requests, stolen sessions, names, logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from review.store.adding import add_record
from review.store.leasing import lease_item
from tests.review.records import make_cell, make_record
from tests.service.serving import HTML, PASSWORD, Service, log_in, open_test_store, run_service
from tests.service.test_api_access import fill_path, list_routes

POLICY = "default-src 'none'; script-src 'self'"
SAFE = {"GET", "HEAD"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    store = open_test_store(tmp_path_factory.mktemp("security"))
    add_record(store, make_record("a", *(make_cell(name, 1) for name in ("total", "other", "upheld"))))
    with run_service(store, request_limit=5000) as running:
        yield running


def test_every_answer_of_every_route_forbids_foreign_scripts(service: Service) -> None:
    with service.log_in("adam") as client:
        for method, path, _ in list_routes(service):
            if path == "/logout":
                continue
            for headers in ({}, HTML):
                answer = client.request(method, fill_path(path), headers=headers)
                assert answer.headers["content-security-policy"].startswith(POLICY), (method, path)
                assert answer.headers["x-content-type-options"] == "nosniff", (method, path)
                assert answer.headers["referrer-policy"] == "same-origin", (method, path)
                assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]
                assert answer.status_code < 500, (method, path)


def test_no_route_changes_anything_for_a_session_without_its_csrf_token(service: Service) -> None:
    """As a form or a script of another site would send it: the cookie comes along, the token does not."""
    tried = 0
    with service.log_in("adam") as client:
        del client.headers["X-CSRF-Token"]
        for method, path, role in list_routes(service):
            if method in SAFE or role is None:
                continue
            address = fill_path(path)
            for send in ({"json": {}}, {"data": {"csrf": "guess"}}, {"headers": {"X-CSRF-Token": ""}}):
                answer = client.request(method, address, **send)
                # What is no valid body is refused before it is asked who sends it.
                assert answer.status_code in (403, 422), (method, path, answer.status_code)
            tried += 1
        assert tried > 20
        assert client.get("/account", headers=HTML).status_code == 200  # and it was a good session all the time


def test_a_session_from_outside_is_not_taken_over_by_a_login(service: Service) -> None:
    with service.browser() as client:
        client.cookies.set("gouji_session", "planted-by-somebody")
        assert log_in(client, "vera", PASSWORD).status_code == 303
        keys = [cookie.value for cookie in client.cookies.jar if cookie.name == "gouji_session" and cookie.value]
        assert any(len(key) >= 32 and key != "planted-by-somebody" for key in keys)
    with service.browser() as other:
        other.cookies.set("gouji_session", "planted-by-somebody")
        assert other.get("/account").status_code == 401


def test_each_login_has_a_key_of_its_own_and_none_is_a_token(service: Service) -> None:
    keys = []
    for _ in range(2):
        with service.browser() as client:
            log_in(client, "vera", PASSWORD)
            keys.append(next(cookie.value for cookie in client.cookies.jar if cookie.name == "gouji_session"))
    assert keys[0] != keys[1]
    answer = httpx.get(f"{service.url}/api/v1/documents", headers={"Authorization": f"Bearer {keys[0]}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages.py",
        "/static/..%2fpages.py",
        "/static/%2e%2e/%2e%2e/store.db",
        "/documents/1/views/..%2f..%2f..%2fstore.db",
        "/documents/1/views/%2e%2e",
        "/documents/1/views/page-1.png%00.txt",
        "/documents/1/views/.hidden.png",
        "/documents/1/crops/..%2f..%2f/x",
        "/api/v1/documents/..%2f1/record",
    ],
)
def test_no_address_leads_out_of_what_is_meant(service: Service, path: str) -> None:
    with service.log_in("rita") as client:
        answer = client.get(path)
        assert answer.status_code in (404, 422), (path, answer.status_code)
        assert "SQLite format" not in answer.text and "import annotations" not in answer.text


def test_nobody_gives_back_or_sees_what_another_holds(service: Service) -> None:
    item = lease_item(service.store, "adam")
    assert item is not None
    with service.log_in("vera") as client:
        assert client.post("/review/release", json={"held": [item.lease]}).json() == {"released": 0}
        assert item.lease not in client.post("/review/next", json={"held": []}, headers=HTML).text
        assert client.post("/review/skip", json={"lease": item.lease}).status_code == 200
        answer = {"lease": item.lease, "state": "number", "value": "1"}
        assert client.post("/review/answer", json=answer).status_code == 409
    again = lease_item(service.store, "adam")
    assert again is not None and again.lease == item.lease


def test_a_page_asks_for_no_more_than_it_may_hold(service: Service) -> None:
    with service.log_in("vera") as client:
        assert client.post("/review/next", json={"held": ["x"] * 6}).status_code == 422
        assert client.post("/review/next", json={"held": ["x\n"]}).status_code == 422
        assert client.post("/review/next", content=b"{" + b" " * 6000).status_code == 413


def test_logs_hold_neither_passwords_nor_keys_nor_names_nor_contents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = [PASSWORD, "wrong-password-123", "another password"]
    with run_service(open_test_store(tmp_path)) as running:
        secrets.append(running.token_of("vera"))
        with running.browser() as client:
            log_in(client, "vera", "wrong-password-123")
            log_in(client, "vera", PASSWORD)
            secrets += [cookie.value or "" for cookie in client.cookies.jar if "session" in cookie.name]
            secrets.append(find_token(client.get("/account", headers=HTML).text))
            client.get("/documents", params={"agency": "SECRET-AGENCY", "token": "SECRET-TOKEN"}, headers=HTML)
            client.post("/api/v1/users", json={"name": "mallory", "password": "another password", "role": "admin"})
            client.post("/api/v1/uploads", files=[("files", ("SECRET-NAME.txt", b"SECRET-TEXT"))])
        headers = {"Authorization": f"Bearer {secrets[3]}"}
        httpx.get(f"{running.url}/api/v1/documents", headers=headers)
        httpx.get(f"{running.url}/nothing/SECRET-PATH", headers=headers)
        measures = httpx.get(f"{running.url}/metrics", headers=headers).text
    logged = capsys.readouterr()
    told = logged.err + logged.out + measures
    lines = [json.loads(line) for line in logged.err.splitlines() if line.startswith("{")]
    assert len(lines) > 8
    assert {key for line in lines for key in line} <= {
        "method", "route", "status", "milliseconds", "event", "level", "timestamp",
    }  # fmt: skip
    for secret in (*secrets, "SECRET", "vera", "mallory"):
        assert secret and secret not in told, secret


def find_token(page: str) -> str:
    found = re.search(r'data-csrf="([^"]+)"', page)
    assert found
    return found[1]
