"""A real PostgreSQL of our own for tests and benchmarks: in a folder that is thrown away, on a socket in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# A test needs no disk that outlives the power; real settings are in docs/review.md.
QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # bytes
PATIENCE = 300  # seconds until a server is there: after a kill it looks through all of its files


@dataclass(frozen=True)
class Server:
    """A running server; `folder` holds its data and its socket."""

    folder: Path
    programs: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://gouji@/{database}?host={self.folder}"

    def make_database(self, name: str, *, template: str = "template1") -> str:
        """Make a database, as a copy of another that nobody is connected to; its URL."""
        import psycopg

        with psycopg.connect(f"host={self.folder} user=gouji dbname=postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def stop(self, mode: str = "fast") -> None:
        self._control("stop", "-m", mode)

    def kill(self) -> None:
        """Kill the server without a chance to close anything, and wait until all of its processes are gone."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(main, signal.SIGKILL)
        data = str(self.folder / "data")
        while any(data in _read_folder(process) for process in Path("/proc").glob("[0-9]*")):
            time.sleep(0.05)
        # Where nobody reaps the dead, their number in these files seems to be that of a running server.
        for file in (self.folder / "data" / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            file.unlink(missing_ok=True)

    def start(self, options: tuple[str, ...] = QUICK) -> None:
        """Start the server; raises `subprocess.CalledProcessError` where it does not."""
        given = " ".join(("-k", str(self.folder), "-c", "listen_addresses=''", "-c", "max_connections=200", *options))
        self._control("start", "-t", str(PATIENCE), "-o", given, "-l", str(self.folder / "log"))

    def _control(self, action: str, *options: str) -> None:
        command = [self.programs / "pg_ctl", "-D", self.folder / "data", "-w", action, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **_find_account())


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs, on the PATH or where Debian puts them; `None` where there is none."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))), None
    )


@contextmanager
def run_server(options: tuple[str, ...] = QUICK) -> Iterator[Server]:
    """Start a server and stop it again; raises `FileNotFoundError` where PostgreSQL is not installed."""
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError("no pg_ctl, initdb and postgres on the PATH or in /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="gouji-pg-", dir=_find_parent(options)))
    account = _find_account()
    if account:
        shutil.chown(folder, account["user"], account["group"])
    server = Server(folder, programs)
    make = [programs / "initdb", "-D", folder / "data", "-U", "gouji", "-A", "trust", "-E", "UTF8", "--locale=C"]
    try:
        subprocess.run([*make, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
        server.start(options)
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_parent(options: tuple[str, ...]) -> Path | None:
    """Memory for what needs no disk, where there is plenty: the databases of all tests are a gigabyte to delete."""
    plenty = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if options == QUICK and plenty else None


def _read_folder(process: Path) -> str:
    """The working folder of a process, which of PostgreSQL's is its data; empty where it is gone."""
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""


def _find_account() -> dict[str, str]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
