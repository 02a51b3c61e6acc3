"""Pages that belong to the service: logging in, uploading, the language, pictures of single cells."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from review.originals import read_view
from review.pages import BIGGEST
from review.pages_cells import find_page
from review.pages_people import Reader, Reviewer, StoreIn, Viewer
from review.pages_templates import LANGUAGE_COOKIE, find_language, render
from review.pages_words import LANGUAGES
from review.store import leasing, reports, uploads
from review.store.database import Store
from service.access import LOGIN_COOKIE, FormIn, Gate, GateIn, Refused, SettingsIn, read_text
from service.access_passwords import make_key, same_key
from service.api_routes import Format, send_export
from service.api_settings import MEGABYTE, ServiceSettings
from service.api_uploads import UploadRefused, take_uploads
from service.api_views import cut_stored_crop, name_crop

YEAR = 365 * 86400  # seconds
router = APIRouter(include_in_schema=False)


@router.get("/language/{code}")
def choose_language(settings: SettingsIn, code: str, next: str = "/") -> Response:
    """Keep the language that a reader chose, and go back."""
    response = RedirectResponse(find_local(next), 303)
    if code in LANGUAGES:
        secure = settings.secure_cookies
        response.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR, samesite="lax", httponly=True, secure=secure)
    return response


@router.get("/login")
def show_login(request: Request, gate: GateIn, next: str = "/") -> Response:
    """The login form."""
    return render_login(request, gate, next)


@router.post("/login")
def log_in(request: Request, gate: GateIn, form: FormIn) -> Response:
    """Begin a session; the form must have been opened in the same browser."""
    target = find_local(read_text(form, "next"))
    known = request.cookies.get(LOGIN_COOKIE, "")
    if not known or not same_key(known, read_text(form, "csrf")):
        raise Refused(403, "登录页已过期，请重新打开 / the login form is too old, open it again")
    try:
        key = gate.log_in(request, read_text(form, "name"), read_text(form, "password"))
    except Refused as refused:
        return render_login(request, gate, target, refused)
    response = RedirectResponse(target, 303)
    gate.set_cookie(response, key)
    return response


@router.post("/logout")
def log_out(request: Request, viewer: Reader, store: StoreIn, gate: GateIn) -> Response:
    """End the session, and give the cells that one holds to others."""
    leasing.release_items(store, viewer.name)
    gate.log_out(request)
    response = RedirectResponse("/login", 303)
    gate.drop_cookie(response)
    return response


@router.get("/uploads")
def show_uploads(request: Request, viewer: Reviewer, store: StoreIn, settings: SettingsIn) -> Response:
    """What was uploaded and how far it is."""
    return render_uploads(request, store, settings, viewer)


@router.post("/uploads")
async def upload(request: Request, viewer: Reviewer, store: StoreIn, settings: SettingsIn, form: FormIn) -> Response:
    """Put files into the queue."""
    try:
        await take_uploads(store, settings, form, viewer.name)
    except UploadRefused as refused:
        return await run_in_threadpool(render_uploads, request, store, settings, viewer, refused)
    return RedirectResponse("/uploads", 303)


@router.get("/documents/{document_id}/crops/{form}/{field}")
def show_crop(viewer: Reader, store: StoreIn, document_id: int, form: str, field: str) -> Response:
    """The picture of one cell."""
    content = find_crop(store, document_id, form, field)
    if content is None:
        raise HTTPException(404, "there is no picture of this cell")
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


@router.get("/progress/export")
def export(
    viewer: Reader,
    store: StoreIn,
    format: Format = "csv",
    shape: Literal["long", "wide"] = "long",
    cells: Literal["accepted", "all"] = "accepted",
) -> Response:
    """The values of all documents with their data dictionary."""
    return send_export(store, format, wide=shape == "wide", accepted_only=cells == "accepted")


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
    row = reports.find_document(store, document_id) if 0 < document_id <= BIGGEST else None
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
