"""Opening the store: engine, migrations, transactions, settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from dataclasses import field as slot
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, insert, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from models.form import Field, Form, load_forms
from review.originals import Folder, open_folder
from review.store import run_schema, schema  # noqa: F401 (the tables of runs belong to the metadata too)

T = TypeVar("T")
BUSY_SECONDS = 60  # that a writer of SQLite waits for another
MIGRATION = -1  # the number that is locked while one process migrates
PATIENCE = 30.0  # seconds that a database may be away before a call fails
AGAIN = ("locked", "busy")  # what SQLite says when only waiting helps


class StoreAway(Exception):  # noqa: N818
    """The database cannot be reached, or did not come back in time."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the queue asks, the same for all who use the store.

    `double_share`: share of documents whose questions two people answer. `audit_rates`: chance that an accepted cell is
    drawn for the audit, by what it prints (`zero`, `digit`: 1 to 9, `number`, `empty`: all else). `audit_share`: share
    of audit questions among those that a person gets, while there are any. `seed` draws both.
    """

    lease_seconds: float = 600.0
    double_share: float = 0.05
    audit_rates: Mapping[str, float] = slot(
        default_factory=lambda: {"zero": 0.002, "digit": 0.01, "number": 0.01, "empty": 0.005}
    )
    audit_share: float = 0.05
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; functions of this package take it. `files` holds originals and pictures."""

    engine: Engine
    files: Folder
    settings: Settings
    field_numbers: Mapping[tuple[str, str], int]
    field_names: Mapping[int, tuple[str, str]]
    clock: Callable[[], datetime]


def tell_time() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def open_store(
    url: str,
    *,
    files: str | None = None,
    settings: Settings | None = None,
    clock: Callable[[], datetime] = tell_time,
) -> Store:
    """Open the store at a database URL, made or migrated where that is needed.

    `url`: `sqlite:///PATH`, a path, or `postgresql://…`. `files`: folder or fsspec URL of originals and pictures; kept
    from the first opening, for SQLite `PATH.files` by default. `settings` are kept too, and replace those kept before.
    Raises `ValueError` where the URL is of neither kind, or where PostgreSQL is opened first without `files`.
    """
    address = find_address(url)
    engine = _make_engine(address)
    _bring_up_to_date(engine)
    kept = run_read_on(engine, _read_settings)
    place = files or kept.get("files") or _find_default_files(address)
    chosen = settings or Settings(**{key: kept[key] for key in _SETTINGS if key in kept})
    wanted = {"files": kept.get("files") or place} | (asdict(settings) if settings else {})
    if any(kept.get(name) != value for name, value in wanted.items()):
        _run(engine.execution_options(immediate=True), lambda connection: _keep_settings(connection, wanted))
    numbers = run_read_on(engine, _read_fields)
    names = {number: name for name, number in numbers.items()}
    return Store(engine, open_folder(place), chosen, numbers, names, clock)


_SETTINGS = tuple(entry.name for entry in fields(Settings))


def find_address(url: str) -> URL:
    """A database URL with the driver that is used; a path is a file of SQLite."""
    address = make_url(url if "://" in url else f"sqlite:///{url}")
    if address.get_backend_name() == "sqlite":
        if not address.database or address.database == ":memory:":
            raise ValueError("a store in memory is not shared: name a file")
        return address
    if address.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return address.set(drivername="postgresql+psycopg")
    raise ValueError(f"a store is in SQLite or PostgreSQL, not in {address.drivername}")


def run_write(store: Store, work: Callable[[Connection], T], *, durable: bool = True) -> T:
    """Do work in one transaction that may write; again where the database was away or chose this one to give way.

    What is not `durable` may be lost when the power fails or the server is killed, and need not wait for the disk.
    Raises `StoreAway` where it stays away for `PATIENCE` seconds.
    """
    return _run(store.engine.execution_options(immediate=True, durable=durable), work)


def run_read(store: Store, work: Callable[[Connection], T]) -> T:
    """Do work in one transaction that only reads."""
    return run_read_on(store.engine, work)


def run_read_on(engine: Engine, work: Callable[[Connection], T]) -> T:
    """As `run_read`, on an engine."""
    return _run(engine, work)


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, but those that are there already."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    if rows:
        connection.execute(make(table).on_conflict_do_nothing(), rows)


def insert_once(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless it is there already; whether it was new."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = make(table).values(dict(row)).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(query).first() is not None


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, by: Sequence[str]) -> None:
    """Insert rows, or change those that have the same key `by`."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = make(table)
    changed = {name: query.excluded[name] for name in rows[0] if name not in by}
    connection.execute(query.on_conflict_do_update(index_elements=list(by), set_=changed), rows)


def lock_key(connection: Connection, key: int) -> None:
    """Wait for other transactions that lock the same number; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def check_store(store: Store) -> None:
    """Ask the database for one row; raises `StoreAway` at once where it is away."""
    try:
        with store.engine.connect() as connection:
            connection.execute(select(schema.settings.c.name).limit(1)).all()
    except OperationalError as error:
        raise StoreAway(str(error.orig)) from error
    except NoneFree as error:
        raise StoreAway(str(error)) from error


def _run(engine: Engine, work: Callable[[Connection], T]) -> T:
    started, delay = time.monotonic(), 0.05
    options = engine.get_execution_options()
    turn = options.get("turn") if options.get("immediate", False) else None
    while True:
        try:
            with turn or nullcontext(), engine.begin() as connection:
                return work(connection)
        except NoneFree as error:
            raise StoreAway(str(error)) from error
        except OperationalError as error:
            passing = engine.dialect.name == "postgresql" or any(word in str(error.orig) for word in AGAIN)
            if not passing or time.monotonic() - started > PATIENCE:
                raise StoreAway(str(error.orig)) from error
        time.sleep(delay)
        delay = min(delay * 2, 2.0)


def _make_engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        engine = create_engine(address, pool_pre_ping=True, pool_size=5, max_overflow=25, pool_timeout=PATIENCE)

        @event.listens_for(engine, "begin")
        def _relax(connection: Connection) -> None:
            if not connection.get_execution_options().get("durable", True):
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

        return engine
    # Writers of one process come in turn. Those of others are waited for by looking again and again, which is left to
    # luck: of 20 at once, some waited for seconds.
    options = {"turn": threading.Lock()}
    waits = {"timeout": BUSY_SECONDS}
    engine = create_engine(address, connect_args=waits, pool_timeout=PATIENCE, execution_options=options)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver when it likes
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "cache_size=-65536"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for its turn: it fails. So writers say it at once.
        options = connection.get_execution_options()
        if options.get("immediate", False):
            connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', True) else 'NORMAL'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _find_default_files(address: URL) -> str:
    if address.get_backend_name() != "sqlite":
        raise ValueError("say where originals and pictures are kept: a folder or the URL of a bucket")
    return f"{address.database}.files"


def _bring_up_to_date(engine: Engine) -> None:
    """Migrate where the store is older than the code, and add the fields of forms that it does not know."""
    if not run_read_on(engine, _is_up_to_date):
        _run(engine.execution_options(immediate=True), _migrate)


def _is_up_to_date(connection: Connection) -> bool:
    from review.store.migrating import HEAD, find_revision
    from review.store.views import hash_views

    if find_revision(connection) != HEAD:
        return False
    known = _read_fields(connection)
    return not _find_new_fields(known) and _read_settings(connection).get("views") == hash_views(known)


def _migrate(connection: Connection) -> None:
    from review.store.guards import make_guards
    from review.store.migrating import migrate
    from review.store.views import drop_views, hash_views, make_views

    lock_key(connection, MIGRATION)  # one process migrates while others wait, and find that it is done
    if _is_up_to_date(connection):
        return
    drop_views(connection)
    migrate(connection)
    known = _read_fields(connection)
    first = max(known.values(), default=0) + 1
    rows = [
        {
            "field_no": number,
            "form": form.form_id,
            "field": entry.field_id,
            "position": place,
            "label": " / ".join(entry.label),
            "unit": entry.unit,
            "kind": entry.kind,
        }
        for number, (form, entry, place) in enumerate(_find_new_fields(known), start=first)
    ]
    if rows:
        connection.execute(insert(schema.fields), rows)
    known = _read_fields(connection)
    make_views(connection, known)
    _keep_settings(connection, {"views": hash_views(known)})
    make_guards(connection)


def _find_new_fields(known: Mapping[tuple[str, str], int]) -> list[tuple[Form, Field, int]]:
    shipped = [(form, entry, place) for form in load_forms().values() for place, entry in enumerate(form.fields)]
    return [entry for entry in shipped if (entry[0].form_id, entry[1].field_id) not in known]


def _read_fields(connection: Connection) -> dict[tuple[str, str], int]:
    table = schema.fields.c
    query = select(table.field_no, table.form, table.field).order_by(table.field_no)
    return {(form, name): number for number, form, name in connection.execute(query)}


def _read_settings(connection: Connection) -> dict[str, Any]:
    return dict(map(tuple, connection.execute(select(schema.settings.c.name, schema.settings.c.value))))


def _keep_settings(connection: Connection, values: Mapping[str, Any]) -> None:
    lock_key(connection, MIGRATION)  # two that open a new store at once would both add them
    connection.execute(schema.settings.delete().where(schema.settings.c.name.in_(list(values))))
    connection.execute(insert(schema.settings), [{"name": name, "value": value} for name, value in values.items()])
