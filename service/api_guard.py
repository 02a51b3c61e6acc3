"""What stands before every route: headers that keep browsers safe, a limit of size, a note of each request."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
Record = Callable[[str, str, int, float], None]
STATIC = "/static/"
FOREVER = "public, max-age=31536000, immutable"
LARGE_ROUTES = ("/uploads", "/api/v1/uploads")


class TooLarge(Exception):  # noqa: N818
    """A request with more bytes than are taken."""


class Guard:
    """ASGI middleware: security headers, a limit of the bytes of a request, and a call to `record` after each."""

    def __init__(
        self, app: ASGIApp, *, record: Record, request_limit: int, upload_limit: int, secure: bool = False
    ) -> None:
        self._app = app
        self._record = record
        self._limits = (request_limit, upload_limit)
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        is_static = scope["path"].startswith(STATIC)
        status = 500

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                # Files of our own have a new address whenever they change; what is told of documents is kept nowhere.
                kept = FOREVER if is_static and status == 200 else "no-store"
                headers.setdefault("Cache-Control", kept)
            await send(message)

        limit = self._limits[scope["path"] in LARGE_ROUTES]
        try:
            await self._serve(scope, receive, send_guarded, limit)
        finally:
            route = getattr(scope.get("route"), "path", STATIC if is_static else "unknown")
            self._record(scope["method"], route, status, time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """The application, or 413 as soon as it is known that the request is too large."""
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        refusal = JSONResponse({"detail": f"a request has at most {limit} bytes"}, 413)
        if not length.isdigit() or int(length) > limit:
            await refusal(scope, receive, send)
            return
        taken = 0
        begun = False

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge
            return message

        async def send_noted(message: Message) -> None:
            nonlocal begun
            if taken > limit and not begun:
                return  # what reads the body may answer for us that it is broken
            begun = True
            await send(message)

        with suppress(TooLarge):
            await self._app(scope, receive_limited, send_noted)
        if taken > limit and not begun:
            await refusal(scope, receive, send)
