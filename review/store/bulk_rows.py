"""Writing many readings at once: COPY in PostgreSQL, one prepared statement in SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from review.record_cells import RecordCell
from review.store.kinds import dump_json, plain_text

_COLUMNS = (
    "record_id", "field_no", "position", "state", "value", "raw", "confidence", "review", "reasons", "evidence", "extra"
)  # fmt: skip


def insert_readings(connection: Connection, cells: Iterable[tuple[int, int, RecordCell]]) -> None:
    """Write the readings of records: (record, number of the field, cell) each, in the transaction of the connection."""
    names = ", ".join(_COLUMNS)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY readings ({names}) FROM STDIN", cells)
        return
    rows = [_make_row(record, number, cell) for record, number, cell in cells]
    if rows:
        places = ", ".join("?" * len(_COLUMNS))
        connection.exec_driver_sql(f"INSERT INTO readings ({names}) VALUES ({places})", rows)


def _copy(connection: Connection, command: str, cells: Iterable[tuple[int, int, RecordCell]]) -> None:
    """COPY goes past SQLAlchemy, so its errors are told in SQLAlchemy's words here."""
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            for record, number, cell in cells:
                copy.write_row(_make_row(record, number, cell))
    except psycopg.OperationalError as error:
        connection.invalidate(error)
        raise OperationalError(command, None, error) from error


def _make_row(record: int, number: int, cell: RecordCell) -> tuple[Any, ...]:
    return (
        record,
        number,
        cell.position,
        cell.state.value,
        None if cell.value is None else format(cell.value, "f"),
        None if cell.raw is None else plain_text(cell.raw),
        cell.confidence,
        cell.review,
        dump_json(cell.reasons) if cell.reasons else None,
        dump_json(cell.evidence) if cell.evidence is not None else None,
        dump_json(cell.extra) if cell.extra is not None else None,
    )
