"""Users, their sessions and API tokens. Passwords and tokens come here hashed, never plain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from review.store import schema
from review.store.database import Store, insert_once, run_read, run_write
from review.store.kinds import AnyRow

users, sessions, tokens = schema.users.c, schema.sessions.c, schema.tokens.c


@dataclass(frozen=True, slots=True)
class User:
    """Who may come in, and as what; an inactive one may not."""

    name: str
    password_hash: str
    role: str
    active: bool
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that logged in, with the user as they are now."""

    user: User
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the API, with the user as they are now; it ends by itself at `expires_at`, if there is one."""

    token_id: int
    user: User
    label: str
    role: str
    added_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


def add_user(store: Store, name: str, password_hash: str, role: str) -> bool:
    """Add a user; false where there is one of this name."""
    row = {"name": name, "password_hash": password_hash, "role": role, "active": True, "added_at": store.clock()}
    return run_write(store, lambda connection: insert_once(connection, schema.users, row))


def find_user(store: Store, name: str) -> User | None:
    """The user of a name, active or not."""
    query = select(schema.users).where(users.name == name)
    row = run_read(store, lambda connection: connection.execute(query).first())
    return None if row is None else User(*row)


def list_users(store: Store) -> list[User]:
    """All users by name."""
    query = select(schema.users).order_by(users.name)
    return [User(*row) for row in run_read(store, lambda connection: connection.execute(query).all())]


def change_user(
    store: Store, name: str, *, password_hash: str | None = None, role: str | None = None, active: bool | None = None
) -> bool:
    """Change what is given; a new password or an end of access ends the sessions. False where there is no user."""
    wanted = {"password_hash": password_hash, "role": role, "active": active}
    values = {key: value for key, value in wanted.items() if value is not None}
    change = update(schema.users).where(users.name == name).values(values or {"name": name})
    end = delete(schema.sessions).where(sessions.user_name == name)

    def work(connection: Any) -> bool:
        if password_hash is not None or active is False:
            connection.execute(end)
        return bool(connection.execute(change).rowcount)

    return run_write(store, work)


def add_session(store: Store, token_hash: str, user: str, csrf: str, expires_at: datetime) -> None:
    """Keep a session; those that have expired are forgotten."""
    old = delete(schema.sessions).where(sessions.expires_at <= store.clock())
    row = {"token_hash": token_hash, "user_name": user, "csrf": csrf, "expires_at": expires_at}

    def work(connection: Any) -> None:
        connection.execute(old)
        connection.execute(insert(schema.sessions).values(row))

    run_write(store, work)


def find_session(store: Store, token_hash: str) -> Session | None:
    """A session that has not expired, of a user who is active."""
    query = (
        select(*schema.users.c, sessions.csrf, sessions.expires_at)
        .join(schema.sessions, sessions.user_name == users.name)
        .where(sessions.token_hash == token_hash, sessions.expires_at > store.clock(), users.active)
    )
    row = run_read(store, lambda connection: connection.execute(query).first())
    return None if row is None else Session(User(*row[:-2]), row.csrf, row.expires_at)


def end_session(store: Store, token_hash: str) -> None:
    """Forget a session."""
    end = delete(schema.sessions).where(sessions.token_hash == token_hash)
    run_write(store, lambda connection: connection.execute(end))


def add_token(
    store: Store, token_hash: str, user: str, *, label: str, role: str, expires_at: datetime | None = None
) -> int:
    """Keep a token of the API; its number."""
    row = {
        "token_hash": token_hash,
        "user_name": user,
        "label": label,
        "role": role,
        "added_at": store.clock(),
        "expires_at": expires_at,
    }
    query = insert(schema.tokens).values(row).returning(tokens.token_id)
    return run_write(store, lambda connection: int(connection.execute(query).scalar_one()))


def find_token(store: Store, token_hash: str) -> Token | None:
    """A token that has neither expired nor been ended, of a user who is active."""
    query = _TOKENS.where(tokens.token_hash == token_hash, tokens.ended_at.is_(None), users.active)
    query = query.where(or_(tokens.expires_at.is_(None), tokens.expires_at > store.clock()))
    row = run_read(store, lambda connection: connection.execute(query).first())
    return None if row is None else _make_token(row)


def list_tokens(store: Store, user: str | None = None) -> list[Token]:
    """Tokens of one user or of all, ended ones too, the newest first."""
    query = _TOKENS.order_by(tokens.token_id.desc())
    query = query if user is None else query.where(users.name == user)
    return [_make_token(row) for row in run_read(store, lambda connection: connection.execute(query).all())]


def end_token(store: Store, token_id: int) -> bool:
    """End a token; false where there is none or it has ended before."""
    end = update(schema.tokens).where(tokens.token_id == token_id, tokens.ended_at.is_(None))
    return run_write(store, lambda connection: connection.execute(end.values(ended_at=store.clock())).rowcount == 1)


_TOKENS = select(
    *schema.users.c, tokens.token_id, tokens.label, tokens.role, tokens.added_at, tokens.expires_at, tokens.ended_at
).join(schema.tokens, tokens.user_name == users.name)


def _make_token(row: AnyRow) -> Token:
    count = len(schema.users.c)
    number, *rest = row[count:]
    return Token(number, User(*row[:count]), *rest)
