"""Asking after a store without making or changing one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from review.store.database import find_address
from review.store.migrating import HEAD, find_revision

PATIENCE = 5  # seconds to wait for PostgreSQL


@dataclass(frozen=True, slots=True)
class StoreState:
    """What a probe found: `there` whether a store was reached, `current` whether its tables are of this code."""

    there: bool
    current: bool
    message: str


def probe_store(url: str) -> StoreState:
    """Whether the store at a URL can be reached, and at which revision it is.

    A file of SQLite that is not there yet is no fault: it is made at first use. Raises `ValueError` where the URL is
    of no database that is known.
    """
    address = find_address(url)
    if address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        if not path.exists():
            return StoreState(there=False, current=True, message="not there yet: made at first use")
        address = URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})
        options = {}
    else:
        options = {"connect_timeout": PATIENCE}
    try:
        with create_engine(address, poolclass=NullPool, connect_args=options).connect() as connection:
            revision = find_revision(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        return StoreState(there=False, current=False, message=f"cannot be reached: {reason}")
    if revision is None:
        return StoreState(there=True, current=True, message="an empty database: tables are made at first use")
    if revision == HEAD:
        return StoreState(there=True, current=True, message=f"revision {revision}")
    known = revision.isdigit() and int(revision) < int(HEAD)
    change = "brought up to date at first use" if known else f"of a newer code than this one, which knows {HEAD}"
    return StoreState(there=True, current=known, message=f"revision {revision}: {change}")
