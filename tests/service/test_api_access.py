from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from review.pages_people import ROLES
from review.store.people import change_user, find_user
from service.access_limits import RateLimit
from service.access_passwords import PasswordError, check_password, hash_password
from service.api import PUBLIC
from tests.service.serving import HTML, PASSWORD, PEOPLE, Service, find_csrf, log_in, open_test_store, run_service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with run_service(open_test_store(tmp_path), login_failures=3, login_wait=60) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for tests that change nothing about people."""
    with run_service(open_test_store(tmp_path_factory.mktemp("shared"))) as running:
        yield running


def list_routes(service: Service) -> list[tuple[str, str, str | None]]:
    """Method, path and needed role of every route that the application has."""
    found = []

    def walk(routes: Any, prefix: str = "") -> None:
        for route in routes:
            if isinstance(route, APIRoute):
                names = [part.call.__qualname__ for part in route.dependant.dependencies if part.call]
                roles = [name.removeprefix("require.") for name in names if name.startswith("require.")]
                found.extend((method, route.path, roles[0] if roles else None) for method in route.methods)
            elif getattr(route, "original_router", None) is not None:
                walk(route.original_router.routes)
            else:
                found.append(("GET", route.path, None))

    walk(service.app.routes)
    return found


def fill_path(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


def test_every_route_needs_a_role_but_those_known_to_be_public(shared: Service) -> None:
    routes = list_routes(shared)
    assert len(routes) > 45
    assert {path for _, path, role in routes if role is None} == PUBLIC


def test_every_route_refuses_whoever_has_not_the_role(shared: Service) -> None:
    lower = {"reviewer": "rita", "admin": "vera"}
    with shared.browser() as nobody, shared.program("rita") as rita, shared.program("vera") as vera:
        clients = {"rita": rita, "vera": vera}
        for method, path, role in list_routes(shared):
            if role is None:
                continue
            address = fill_path(path)
            refused = nobody.request(method, address)
            assert refused.status_code in (401, 422), (method, path)
            assert refused.status_code == 401 or "detail" in refused.json()
            page = nobody.request(method, address, headers=HTML)
            assert page.status_code in (303, 401, 422), (method, path)
            if role in lower:
                json = {} if method != "GET" else None
                below = clients[lower[role]].request(method, address, json=json)
                assert below.status_code in (403, 422), (method, path, below.text)


def test_nothing_is_done_for_whoever_has_not_the_role(shared: Service) -> None:
    user = {"name": "eve", "password": PASSWORD, "role": "admin"}
    for name, status in (("rita", 403), ("vera", 403)):
        with shared.program(name) as client:
            assert client.post("/api/v1/users", json=user).status_code == status
    with shared.browser() as nobody:
        assert nobody.post("/api/v1/users", json=user).status_code == 401
    assert find_user(shared.store, "eve") is None


def test_a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_get(service: Service) -> None:
    with service.browser() as client:
        response = log_in(client, "vera", PASSWORD)
        cookie = next(value for value in response.headers.get_list("set-cookie") if "gouji_session" in value)
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert client.get("/account", headers=HTML).status_code == 200


def test_behind_https_cookies_go_no_other_way(tmp_path: Path) -> None:
    with run_service(open_test_store(tmp_path), secure_cookies=True) as service, service.browser() as client:
        form = client.get("/login", headers=HTML)
        assert "Secure" in form.headers["set-cookie"]
        assert "max-age" in form.headers["strict-transport-security"]
        key = re.search(r'name="csrf" value="([^"]+)"', form.text)
        assert key
        data = {"csrf": key[1], "name": "vera", "password": PASSWORD}
        response = client.post("/login", data=data, headers=HTML | {"Cookie": f"gouji_login={key[1]}"})
        cookie = next(value for value in response.headers.get_list("set-cookie") if "session" in value)
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie


@pytest.mark.parametrize(
    ("name", "password"), [("vera", "wrong"), ("nobody", PASSWORD), ("", ""), ("vera", "x" * 5000)]
)
def test_a_wrong_name_or_password_is_refused_without_saying_which(service: Service, name: str, password: str) -> None:
    with service.browser() as client:
        response = log_in(client, name, password)
        assert response.status_code == 401
        assert "用户名或密码不对" in response.text
        assert client.get("/account").status_code == 401


def test_who_fails_too_often_has_to_wait_even_with_the_right_password(service: Service) -> None:
    with service.browser() as client:
        assert [log_in(client, "vera", "wrong").status_code for _ in range(4)] == [401, 401, 401, 429]
        response = log_in(client, "vera", PASSWORD)
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) <= 61


def test_the_limit_of_failures_ends_after_its_time_and_forgets_the_oldest() -> None:
    now = [0.0]
    limit = RateLimit(2, 10, clock=lambda: now[0])
    limit.add_failure(["a"])
    now[0] = 4
    limit.add_failure(["a", "b"])
    assert limit.seconds_to_wait(["a"]) == 6
    assert limit.seconds_to_wait(["b", "c"]) == 0
    now[0] = 10
    assert limit.seconds_to_wait(["a"]) == 0
    limit.forget("a")
    limit.add_failure(["a"])
    assert limit.seconds_to_wait(["a"]) == 0


def test_a_login_form_of_another_site_is_refused(service: Service) -> None:
    with service.browser() as client:
        data = {"name": "vera", "password": PASSWORD}
        assert client.post("/login", data=data).status_code == 403
        client.get("/login", headers=HTML)
        assert client.post("/login", data=data | {"csrf": "guessed"}).status_code == 403


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_leads_to_no_other_site(service: Service, target: str) -> None:
    with service.browser() as client:
        form = client.get("/login", params={"next": target}, headers=HTML).text
        assert 'name="next" value="/"' in form
        key = re.search(r'name="csrf" value="([^"]+)"', form)
        assert key
        data = {"csrf": key[1], "name": "vera", "password": PASSWORD, "next": target}
        assert client.post("/login", data=data).headers["location"] == "/"
        assert client.get("/language/en", params={"next": target}).headers["location"] == "/"


def test_a_session_changes_nothing_without_its_csrf_token(service: Service) -> None:
    with service.log_in("vera") as client:
        del client.headers["X-CSRF-Token"]
        with service.log_in("adam") as other:
            stolen = other.headers["X-CSRF-Token"]
        for path in ("/review/undo", "/review/skip", "/api/v1/questions/undo", "/logout", "/account/tokens"):
            assert client.post(path, json={"lease": "x"}).status_code == 403, path
            assert client.post(path, json={"lease": "x"}, headers={"X-CSRF-Token": stolen}).status_code == 403, path
        form = {"label": "x", "role": "reader", "days": "1"}
        assert client.post("/account/tokens", data=form).status_code == 403
        token = find_csrf(client.get("/account", headers=HTML).text)
        assert client.post("/account/tokens", data=form | {"csrf": token}).status_code == 200


def test_logging_out_ends_the_session_itself(service: Service) -> None:
    with service.log_in("vera") as client:
        cookies = dict(client.cookies)
        assert client.post("/logout").status_code == 303
        client.cookies.update(cookies)
        assert client.get("/account").status_code == 401


def test_a_new_password_or_an_end_of_access_ends_sessions_and_tokens(service: Service) -> None:
    with service.log_in("vera") as client, service.program("rita") as program:
        changed = client.post("/account/password", data={"old": PASSWORD, "new": "another good one"})
        assert changed.status_code == 303
        assert client.get("/account").status_code == 401
        assert log_in(client, "vera", PASSWORD).status_code == 401
        assert log_in(client, "vera", "another good one").status_code == 303
        assert program.get("/api/v1/documents").status_code == 200
        change_user(service.store, "rita", active=False)
        assert program.get("/api/v1/documents").status_code == 401


def test_a_token_has_no_more_rights_than_its_owner_now(service: Service) -> None:
    with service.program("vera") as client:
        assert client.post("/api/v1/tokens", json={"label": "x", "role": "admin"}).status_code == 422
    token = service.token_of("vera", role="reviewer")
    with httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {token}"}) as program:
        assert program.post("/api/v1/questions/next").status_code == 200
        change_user(service.store, "vera", role="reader")
        assert program.post("/api/v1/questions/next").status_code == 403


def test_a_token_is_shown_once_kept_hashed_and_can_be_ended(service: Service, tmp_path: Path) -> None:
    with service.program("rita") as client:
        made = client.post("/api/v1/tokens", json={"label": "import", "days": 7})
        assert made.status_code == 201
        token = made.json()["token"]
        assert token not in client.get("/api/v1/tokens").text
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*") if path.is_file())
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept
    with httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {token}"}) as program:
        assert program.get("/api/v1/documents").status_code == 200
        assert program.delete(f"/api/v1/tokens/{made.json()['token_id']}").json() == {"ended": True}
        assert program.get("/api/v1/documents").status_code == 401


def test_nobody_ends_the_token_of_another(service: Service) -> None:
    service.token_of("adam")
    with service.program("vera") as client:
        assert client.delete("/api/v1/tokens/1").status_code == 404


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic dmVyYTp4", "bearer  gouji_no"])
def test_a_wrong_authorization_is_refused_also_beside_a_good_cookie(service: Service, header: str) -> None:
    with service.log_in("vera") as client:
        headers = {"Authorization": header}
        assert client.get("/api/v1/documents", headers=headers).status_code == 401


def test_admins_make_users_and_keep_their_own_role(service: Service) -> None:
    with service.program("adam") as client:
        user = {"name": "新人", "password": PASSWORD, "role": "reviewer"}
        assert client.post("/api/v1/users", json=user).status_code == 201
        assert client.post("/api/v1/users", json=user).status_code == 422
        assert client.patch("/api/v1/users/adam", json={"role": "reader"}).status_code == 422
        assert client.patch("/api/v1/users/vera", json={"active": False}).status_code == 200
        assert "password" not in client.get("/api/v1/users").text
    with service.browser() as browser:
        assert log_in(browser, "新人", PASSWORD).status_code == 303
        assert log_in(browser, "vera", PASSWORD).status_code == 401


@pytest.mark.parametrize("password", ["", "short", "a" * 50, "x" * 300])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(PasswordError):
        hash_password(password)


def test_a_password_is_checked_against_its_hash_alone() -> None:
    hashed = hash_password(PASSWORD)
    assert PASSWORD not in hashed
    assert hashed.startswith("$argon2id$")
    assert check_password(hashed, PASSWORD)
    assert not check_password(hashed, PASSWORD + " ")
    assert not check_password("no hash", PASSWORD)
    assert not check_password(None, PASSWORD)


def test_roles_go_from_reading_over_reviewing_to_everything() -> None:
    assert ROLES == ("reader", "reviewer", "admin")
    assert set(PEOPLE.values()) == set(ROLES)
