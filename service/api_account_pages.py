"""Pages of people's own accounts, and for admins those of all users."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from review.pages_people import ROLES, Admin, Reader, StoreIn, Viewer, role_reaches
from review.pages_templates import render
from review.store import people
from review.store.database import Store
from service.access import FormIn, read_text
from service.access_passwords import PasswordError, check_password, hash_key, hash_password, make_token

MAX_DAYS = 3650
MAX_LABEL = 80
router = APIRouter(include_in_schema=False)


@router.get("/account")
def show_account(request: Request, viewer: Reader, store: StoreIn) -> Response:
    """One's tokens and password."""
    return render_account(request, store, viewer)


@router.post("/account/tokens")
def add_token(request: Request, viewer: Reader, store: StoreIn, form: FormIn) -> Response:
    """Make a token and show it, this once."""
    label, role, days = (read_text(form, name).strip() for name in ("label", "role", "days"))
    if not label or len(label) > MAX_LABEL or not viewer.may(role):
        return render_account(request, store, viewer, problem="名称或权限不对 / a label or role that is not allowed")
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:6]) <= MAX_DAYS):
        return render_account(request, store, viewer, problem=f"天数为 1 至 {MAX_DAYS} / days are 1 to {MAX_DAYS}")
    token = make_token()
    expires = store.clock() + timedelta(days=int(days))
    people.add_token(store, hash_key(token), viewer.name, label=label, role=role, expires_at=expires)
    return render_account(request, store, viewer, token=token)


@router.post("/account/tokens/{token_id}/end")
def end_token(viewer: Reader, store: StoreIn, token_id: int) -> Response:
    """End one of one's own tokens."""
    if token_id not in {row.token_id for row in people.list_tokens(store, viewer.name)}:
        raise HTTPException(404, "there is no such token")
    people.end_token(store, token_id)
    return RedirectResponse("/account", 303)


@router.post("/account/password")
def change_password(request: Request, viewer: Reader, store: StoreIn, form: FormIn) -> Response:
    """Change one's password; all sessions end."""
    user = people.find_user(store, viewer.name)
    if not check_password(user.password_hash if user else None, read_text(form, "old")):
        return render_account(request, store, viewer, problem="现在的密码不对 / the present password is wrong")
    try:
        hashed = hash_password(read_text(form, "new"))
    except PasswordError as error:
        return render_account(request, store, viewer, problem=str(error))
    people.change_user(store, viewer.name, password_hash=hashed)
    return RedirectResponse("/login", 303)


@router.get("/users")
def show_users(request: Request, viewer: Admin, store: StoreIn) -> Response:
    """All users."""
    return render_users(request, store, viewer)


@router.post("/users")
def add(request: Request, viewer: Admin, store: StoreIn, form: FormIn) -> Response:
    """Add a user."""
    problem = add_user(store, *(read_text(form, name) for name in ("name", "password", "role")))
    return render_users(request, store, viewer, problem) if problem else RedirectResponse("/users", 303)


@router.post("/users/change")
def change(request: Request, viewer: Admin, store: StoreIn, form: FormIn) -> Response:
    """Change the role of a user, or shut them out."""
    name, role, active = (read_text(form, key) for key in ("name", "role", "active"))
    if role not in ROLES or active not in ("yes", "no"):
        return render_users(request, store, viewer, "没有这样的权限 / there is no such role")
    if name == viewer.name and (active == "no" or not role_reaches(role, "admin")):
        problem = "不能取消自己的管理权限 / nobody takes the role of admin from themselves"
        return render_users(request, store, viewer, problem)
    if not (is_user_name(name) and people.change_user(store, name, role=role, active=active == "yes")):
        return render_users(request, store, viewer, "没有这个用户 / there is no such user")
    return RedirectResponse("/users", 303)


def render_account(request: Request, store: Store, viewer: Viewer, **values: str) -> Response:
    """The page of one's account; `values` are a `problem`, what was `done`, or a new `token`."""
    said: dict[str, Any] = {"problem": "", "done": "", "token": ""} | values
    rows = people.list_tokens(store, viewer.name)
    return render(request, "account.html", viewer, status=422 if said["problem"] else 200, tokens=rows, **said)


def render_users(request: Request, store: Store, viewer: Viewer, problem: str = "") -> Response:
    """The page of all users, with what is wrong."""
    rows = people.list_users(store)
    status = 422 if problem else 200
    return render(request, "users.html", viewer, status=status, here="users", users=rows, problem=problem)


def add_user(store: Store, name: str, password: str, role: str) -> str:
    """Add a user; gives what is wrong with it, or nothing."""
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
    """Whether a name prints, has no blanks at its ends and is not too long.

    >>> is_user_name("李 雷"), is_user_name(" x"), is_user_name("a\\x00")
    (True, False, False)
    """
    return 0 < len(name) <= 60 and name.isprintable() and name == name.strip()
