"""Pages that belong to the service: logging in, uploading, accounts, users, the language, pictures cut to measure."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from review.originals import read_view
from review.pages_cells import find_page
from review.pages_people import ROLES, Viewer, role_reaches
from review.pages_templates import LANGUAGE_COOKIE, find_language, render
from review.pages_words import LANGUAGES
from review.store import people, reports, uploads
from review.store.database import Store
from service.access import LOGIN_COOKIE, Gate, Refused, read_text
from service.access_passwords import (
    PasswordError,
    check_password,
    hash_key,
    hash_password,
    make_key,
    make_token,
    same_key,
)
from service.api_settings import MEGABYTE, ServiceSettings
from service.api_uploads import UploadRefused, take_uploads
from service.api_views import cut_stored_crop, name_crop

MAX_DAYS = 3650
YEAR = 365 * 86400


def make_service_pages(store: Store, settings: ServiceSettings, gate: Gate) -> APIRouter:
    """Routes of these pages."""
    router = APIRouter(include_in_schema=False)
    reader, reviewer = Depends(gate.require("reader")), Depends(gate.require("reviewer"))

    @router.get("/language/{code}")
    def choose_language(code: str, next: str = "/") -> Response:
        response = RedirectResponse(find_local(next), 303)
        if code in LANGUAGES:
            secure = settings.secure_cookies
            response.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR, samesite="lax", httponly=True, secure=secure)
        return response

    @router.get("/login")
    def show_login(request: Request, next: str = "/") -> Response:
        return render_login(request, gate, next)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        form = await gate.read_form(request)
        target = find_local(read_text(form, "next"))
        known = request.cookies.get(LOGIN_COOKIE, "")
        if not known or not same_key(known, read_text(form, "csrf")):
            raise Refused(403, "the login form is too old, open it again")
        try:
            key = await run_in_threadpool(gate.log_in, request, read_text(form, "name"), read_text(form, "password"))
        except Refused as refused:
            return render_login(request, gate, target, refused)
        response = RedirectResponse(target, 303)
        gate.set_cookie(response, key)
        return response

    @router.post("/logout")
    async def log_out(request: Request, viewer: Annotated[Viewer, reader]) -> Response:
        await run_in_threadpool(gate.log_out, request)
        response = RedirectResponse("/login", 303)
        gate.drop_cookie(response)
        return response

    @router.get("/uploads")
    def show_uploads(request: Request, viewer: Annotated[Viewer, reviewer]) -> Response:
        return render_uploads(request, store, settings, viewer)

    @router.post("/uploads")
    async def upload(request: Request, viewer: Annotated[Viewer, reviewer]) -> Response:
        try:
            await take_uploads(store, settings, await gate.read_form(request), viewer.name)
        except UploadRefused as refused:
            return await run_in_threadpool(render_uploads, request, store, settings, viewer, refused)
        return RedirectResponse("/uploads", 303)

    @router.get("/documents/{document_id}/crops/{form}/{field}")
    def show_crop(viewer: Annotated[Viewer, reader], document_id: int, form: str, field: str) -> Response:
        content = find_crop(store, document_id, form, field)
        if content is None:
            raise HTTPException(404, "there is no picture of this cell")
        return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})

    add_account_routes(router, store, gate)
    add_user_routes(router, store, gate)
    return router


def render_login(request: Request, gate: Gate, next: str, refused: Refused | None = None) -> Response:
    """The login form, with what was wrong."""
    key = make_key()
    zh = find_language(request) == "zh"
    problem = ""
    if refused and refused.status == 429:
        wait = int(refused.wait) + 1
        problem = f"尝试过多，请在 {wait} 秒后再试" if zh else f"Too many tries, wait {wait} seconds"
    elif refused:
        problem = "用户名或密码不对" if zh else "The name or the password is wrong"
    status = refused.status if refused else 200
    page = render(request, "login.html", None, status=status, csrf=key, next=find_local(next), problem=problem)
    gate.set_login_cookie(page, key)
    if refused and refused.wait:
        page.headers["Retry-After"] = str(int(refused.wait) + 1)
    return page


def find_local(target: str) -> str:
    """An address of this server to go on to; its start page for any other.

    >>> find_local("//evil.example"), find_local("/review")
    ('/', '/review')
    """
    plain = target.isprintable() and "\\" not in target and target.startswith("/") and not target.startswith("//")
    return target if plain and len(target) < 2000 else "/"


def render_uploads(
    request: Request, store: Store, settings: ServiceSettings, viewer: Viewer, refused: UploadRefused | None = None
) -> Response:
    """The list of uploads with the form for more."""
    rows = uploads.list_uploads(store, limit=100)
    return render(
        request,
        "uploads.html",
        viewer,
        status=refused.status if refused else 200,
        here="uploads",
        uploads=rows,
        waiting=any(row.status in ("waiting", "reading") for row in rows),
        problem=refused.message if refused else "",
        max_megabytes=f"{settings.max_file_bytes / MEGABYTE:g}",
        max_files=settings.max_files,
    )


def find_crop(store: Store, document_id: int, form: str, field: str) -> bytes | None:
    """The picture of a cell: as it was cut when the document came, else cut now; None where it has none."""
    row = reports.find_document(store, document_id) if 0 < document_id < 2**53 else None
    if row is None or row.sha256 is None or (form, field) not in store.field_numbers:
        return None
    stored = read_view(store.files, row.sha256, name_crop(form, field))
    if stored is not None:
        return stored
    cells = reports.read_cells(store, document_id)
    evidence = next((cell.evidence for cell in cells if (cell.form, cell.field) == (form, field)), None) or {}
    page = find_page(evidence.get("page"), read_view(store.files, row.sha256, "pages.json"))
    content = read_view(store.files, row.sha256, page["name"]) if page else None
    if page is None or content is None or "bbox" not in evidence:
        return None
    return cut_stored_crop(content, tuple(evidence["bbox"]), (page["width"], page["height"]))


def add_account_routes(router: APIRouter, store: Store, gate: Gate) -> None:
    """What people do for themselves: tokens and the password."""
    reader = Depends(gate.require("reader"))

    def show(request: Request, viewer: Viewer, **values: str) -> Response:
        said: dict[str, Any] = {"problem": "", "done": "", "token": ""} | values
        rows = people.list_tokens(store, viewer.name)
        return render(request, "account.html", viewer, status=422 if said["problem"] else 200, tokens=rows, **said)

    @router.get("/account")
    def show_account(request: Request, viewer: Annotated[Viewer, reader]) -> Response:
        return show(request, viewer)

    @router.post("/account/tokens")
    async def add_token(request: Request, viewer: Annotated[Viewer, reader]) -> Response:
        form = await gate.read_form(request)
        label, role, days = (read_text(form, name).strip() for name in ("label", "role", "days"))
        if not label or len(label) > 80 or role not in ROLES or not viewer.may(role):
            return await run_in_threadpool(lambda: show(request, viewer, problem="标签或权限不对 / a label or role that is not allowed"))
        if not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= MAX_DAYS):
            return await run_in_threadpool(lambda: show(request, viewer, problem=f"天数为 1 至 {MAX_DAYS} / days are 1 to {MAX_DAYS}"))
        token = make_token()
        expires = store.clock() + timedelta(days=int(days))
        await run_in_threadpool(
            lambda: people.add_token(store, hash_key(token), viewer.name, label=label, role=role, expires_at=expires)
        )
        return await run_in_threadpool(lambda: show(request, viewer, token=token))

    @router.post("/account/tokens/{token_id}/end")
    def end_token(request: Request, viewer: Annotated[Viewer, reader], token_id: int) -> Response:
        if token_id not in {row.token_id for row in people.list_tokens(store, viewer.name)}:
            raise HTTPException(404, "there is no such token")
        people.end_token(store, token_id)
        return RedirectResponse("/account", 303)

    @router.post("/account/password")
    async def change_password(request: Request, viewer: Annotated[Viewer, reader]) -> Response:
        form = await gate.read_form(request)
        old, new = read_text(form, "old"), read_text(form, "new")
        user = await run_in_threadpool(people.find_user, store, viewer.name)
        if not await run_in_threadpool(check_password, user.password_hash if user else None, old):
            return await run_in_threadpool(lambda: show(request, viewer, problem="现在的密码不对 / the present password is wrong"))
        try:
            hashed = await run_in_threadpool(hash_password, new)
        except PasswordError as error:
            return await run_in_threadpool(lambda: show(request, viewer, problem=str(error)))
        await run_in_threadpool(lambda: people.change_user(store, viewer.name, password_hash=hashed))
        return RedirectResponse("/login", 303)  # all sessions have ended


def add_user_routes(router: APIRouter, store: Store, gate: Gate) -> None:
    """What admins do: users and their roles."""
    admin = Depends(gate.require("admin"))

    def show(request: Request, viewer: Viewer, problem: str = "") -> Response:
        rows = people.list_users(store)
        return render(
            request, "users.html", viewer, status=422 if problem else 200, here="users", users=rows, problem=problem
        )

    @router.get("/users")
    def show_users(request: Request, viewer: Annotated[Viewer, admin]) -> Response:
        return show(request, viewer)

    @router.post("/users")
    async def add(request: Request, viewer: Annotated[Viewer, admin]) -> Response:
        form = await gate.read_form(request)
        values = [read_text(form, name) for name in ("name", "password", "role")]
        problem = await run_in_threadpool(add_user, store, *values)
        return RedirectResponse("/users", 303)

    @router.post("/users/change")
    async def change(request: Request, viewer: Annotated[Viewer, admin]) -> Response:
        form = await gate.read_form(request)
        name, role, active = (read_text(form, key) for key in ("name", "role", "active"))
        if role not in ROLES or active not in ("yes", "no"):
            return await run_in_threadpool(lambda: show(request, viewer, "没有这样的权限 / there is no such role"))
        if name == viewer.name and (active == "no" or not role_reaches(role, "admin")):
            return await run_in_threadpool(lambda: show(request, viewer, "不能取消自己的管理权限 / nobody takes the role of admin from themselves"))
        if not await run_in_threadpool(
            lambda: people.change_user(store, name, role=role, active=active == "yes")
        ):
            return await run_in_threadpool(lambda: show(request, viewer, "没有这个用户 / there is no such user"))
        return RedirectResponse("/users", 303)


def add_user(store: Store, name: str, password: str, role: str) -> str:
    """Add a user; what is wrong with it, or nothing."""
    if not is_user_name(name):
        return "用户名为 1 至 60 个可见字符 / a name has 1 to 60 characters that print"
    if role not in ROLES:
        return "没有这样的权限 / there is no such role"
    try:
        hashed = hash_password(password)
    except PasswordError as error:
        return str(error)
    return "" if people.add_user(store, name, hashed, role) else "已有这个用户 / there is a user of this name"


def is_user_name(name: str) -> bool:
    """Whether a name prints, has no blanks at its ends and is not too long."""
    return 0 < len(name) <= 60 and name.isprintable() and name == name.strip()
