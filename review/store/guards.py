"""Triggers that keep what was added from being changed or deleted, by whatever program."""

from __future__ import annotations

from sqlalchemy import Connection, text

GUARDED = ("corrections", "records", "readings", "findings")


def make_guards(connection: Connection) -> None:
    """Make the triggers on tables that have none yet."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
            )
        )
    for table in GUARDED:
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(
                    f"CREATE OR REPLACE TRIGGER guard_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                )
            )
            continue
        for action in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER IF NOT EXISTS guard_{table}_{action.lower()} BEFORE {action} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )
