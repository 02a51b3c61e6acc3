"""Bringing a store up to the newest revision of its tables."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0002"  # the newest revision in migrations/versions; a test compares


def find_revision(connection: Connection) -> str | None:
    """The revision that a database is at; `None` where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that the database has not seen, in the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    if find_revision(connection) == HEAD and revision == "head":
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
