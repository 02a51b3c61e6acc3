"""Who may do what: sessions in cookies with CSRF tokens, API tokens, roles, and logins that may not be guessed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from review.pages_people import ROLES, Viewer, role_reaches
from review.store import people
from review.store.database import Store
from service.access_limits import RateLimit
from service.access_passwords import check_password, hash_key, make_key, same_key
from service.api_settings import ServiceSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
LOGIN_COOKIE = "gouji_login"


class Refused(Exception):  # noqa: N818
    """A request that is not allowed: 401 without a login, 403 without the role or the CSRF token, 429 too often."""

    def __init__(self, status: int, message: str, *, wait: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.wait = wait


class Gate:
    """Lets requests through: finds out who asks, and refuses what they may not do."""

    def __init__(self, store: Store, settings: ServiceSettings) -> None:
        self._store = store
        self._settings = settings
        self._limit = RateLimit(settings.login_failures, settings.login_wait)
        # A cookie with this prefix is taken from this host alone, and only over HTTPS.
        self.cookie = "__Host-gouji_session" if settings.secure_cookies else "gouji_session"

    async def admit(self, request: Request, role: str) -> Viewer:
        """Who asks, if they have the role; raises `Refused`. What changes data needs the CSRF token of the session."""
        viewer = await run_in_threadpool(self.find_viewer, request)
        if viewer is None:
            raise Refused(401, "请先登录 / log in first")
        if not viewer.may(role):
            raise Refused(403, f"需要权限 {role} / this needs the role {role}")
        if viewer.session and request.method not in SAFE_METHODS:
            await self._check_csrf(request, viewer.csrf)
        request.state.viewer = viewer
        return viewer

    def find_viewer(self, request: Request) -> Viewer | None:
        """Who asks, by an API token or the cookie of a session; None where neither is good."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind:
            return self._find_token(token.strip()) if kind.lower() == "bearer" else None
        key = request.cookies.get(self.cookie)
        session = people.find_session(self._store, hash_key(key)) if key else None
        if session is None or session.user.role not in ROLES:
            return None
        return Viewer(session.user.name, session.user.role, session.csrf)

    def _find_token(self, token: str) -> Viewer | None:
        found = people.find_token(self._store, hash_key(token)) if token else None
        if found is None:
            return None
        # A token has no more rights than its owner has now.
        role = found.role if role_reaches(found.user.role, found.role) else found.user.role
        return Viewer(found.user.name, role, "", session=False)

    async def _check_csrf(self, request: Request, expected: str) -> None:
        given = request.headers.get("x-csrf-token")
        if given is None and request.headers.get("content-type", "").startswith(FORM_TYPES):
            given = read_text(await self.read_form(request), "csrf")
        if not given or not same_key(given, expected):
            await request.close()
            raise Refused(403, "页面已过期，请重新打开 / the CSRF token is missing or wrong")

    async def read_form(self, request: Request) -> FormData:
        """The form of a request, with limits; parsed once."""
        return await request.form(max_files=self._settings.max_files, max_fields=50, max_part_size=100_000)

    def log_in(self, request: Request, name: str, password: str) -> str:
        """Begin a session and give the key for its cookie; raises `Refused` for a wrong name or password."""
        address = request.client.host if request.client else "?"
        keys = (f"name {name[:200]}", f"address {address}")
        wait = self._limit.seconds_to_wait(keys)
        if wait > 0:
            raise Refused(429, "too many failed logins", wait=wait)
        user = people.find_user(self._store, name)
        good = check_password(user.password_hash if user and user.active else None, password)
        if not good or user is None:
            self._limit.add_failure(keys)
            raise Refused(401, "the name or the password is wrong")
        self._limit.forget(keys[0])
        key = make_key()
        expires = self._store.clock() + timedelta(hours=self._settings.session_hours)
        people.add_session(self._store, hash_key(key), user.name, make_key(), expires)
        return key

    def log_out(self, request: Request) -> None:
        """End the session of a request."""
        if key := request.cookies.get(self.cookie):
            people.end_session(self._store, hash_key(key))

    def set_cookie(self, response: Response, key: str) -> None:
        """Give the browser its session."""
        age = int(self._settings.session_hours * 3600)
        self._set(response, self.cookie, key, age)

    def set_login_cookie(self, response: Response, key: str) -> None:
        """Give the browser what ties the login form to it: nobody else can log it in."""
        self._set(response, LOGIN_COOKIE, key, 3600)

    def _set(self, response: Response, name: str, value: str, age: int) -> None:
        secure = self._settings.secure_cookies
        response.set_cookie(name, value, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)

    def drop_cookie(self, response: Response) -> None:
        """Take the session from the browser."""
        response.delete_cookie(self.cookie, path="/", httponly=True, secure=self._settings.secure_cookies)


async def find_gate(request: Request) -> Gate:
    """The gate of the application, kept as `state.access`; asynchronous, so that no thread is asked for it."""
    gate: Gate = request.app.state.access
    return gate


async def find_settings(request: Request) -> ServiceSettings:
    """The settings of the application, kept as `state.settings`."""
    settings: ServiceSettings = request.app.state.settings
    return settings


async def find_form(request: Request) -> AsyncIterator[FormData]:
    """The form that a request sends, for routes that take their viewer before it; its files are closed after it."""
    form = await (await find_gate(request)).read_form(request)
    try:
        yield form
    finally:
        await form.close()


GateIn = Annotated[Gate, Depends(find_gate)]
SettingsIn = Annotated[ServiceSettings, Depends(find_settings)]
FormIn = Annotated[FormData, Depends(find_form)]


def read_text(form: FormData, name: str) -> str:
    """A field of a form; empty where it is not there or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
