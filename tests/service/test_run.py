from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from review.store.database import Store, open_store, run_read
from review.store.runs import count_inputs, find_run, list_failed
from service.reading import ReadOptions
from service.run_child import ChildOptions
from service.run_engine import EngineOptions
from service.running import RunEnd, RunPlan, resume_run, run_sources
from tests.service import misbehaving
from tests.service.processes import find_below

ROOT = Path(__file__).parent.parent.parent
Start = Callable[..., RunEnd]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "reports"
    found.mkdir()
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/store.db")


def write(folder: Path, **texts: str) -> None:
    for name, words in texts.items():
        (folder / f"{name}.txt").write_text(words, "utf-8")


def start(store: Store, *sources: object, time_limit: float = 60.0, memory: int = 8 * 2**30) -> RunEnd:
    return run_sources(store, [str(source) for source in sources], plan_for(store, time_limit, memory))


def plan_for(store: Store, time_limit: float = 60.0, memory: int = 8 * 2**30) -> RunPlan:
    child = ChildOptions(ReadOptions(facts=False), time_limit, memory, misbehaving.read)
    return RunPlan(f"sqlite:///{store.engine.url.database}", child, EngineOptions(in_process=True))


def list_records(store: Store) -> list[tuple[str, str | None]]:
    """(source, code of the error) of every record."""
    query = text("SELECT source, error_code FROM records ORDER BY source")
    return [(Path(source).stem, code) for source, code in run_read(store, lambda c: c.execute(query).all())]


def list_titles(store: Store) -> list[str]:
    query = text("SELECT title FROM records WHERE title IS NOT NULL ORDER BY title")
    return [title for (title,) in run_read(store, lambda c: c.execute(query).all())]


def test_every_document_is_a_record_and_a_second_run_reads_nothing(store: Store, folder: Path) -> None:
    write(folder, a="one", b="two", c="one")
    first = start(store, folder)
    assert first.status == "done"
    assert (first.figures["done"], first.figures["known"]) == (3, 1)
    assert list_titles(store) == ["one", "two"]
    places = run_read(store, lambda c: c.execute(text("SELECT count(*) FROM sources")).scalar())
    assert places == 3  # the copy is known by both of its names
    again = start(store, folder)
    assert (again.figures["before"], again.figures["done"], again.figures["left"]) == (3, 0, 0)


def test_a_file_that_has_changed_is_read_again_and_a_new_one_too(store: Store, folder: Path) -> None:
    write(folder, a="one", b="two")
    start(store, folder)
    write(folder, b="three", c="four")
    assert start(store, folder).figures["done"] == 2
    assert list_titles(store) == ["four", "one", "three", "two"]


def test_hostile_documents_are_error_records_and_the_rest_is_read(store: Store, folder: Path) -> None:
    """One that kills its worker is set aside after the second time; the others cost nothing but themselves."""
    write(folder, a="one", hang="hang", memory="memory", kill="kill", fault="fault", unknown="unknown x", z="two")
    (folder / "empty.txt").touch()
    (folder / b"\xff.txt".decode("utf-8", "surrogateescape")).write_text("x")
    os.mkfifo(folder / "pipe.txt")
    end = start(store, folder, folder / "nothing.pdf", time_limit=2.0)
    assert end.status == "done"
    assert end.figures["codes"] == {
        "bad_name": 1, "crashed": 1, "empty": 1, "internal": 2, "not_a_file": 1, "not_found": 1, "out_of_memory": 1,
        "timeout": 1,
    }  # fmt: skip
    assert end.figures["retried"] == 1
    assert dict(list_records(store)) == {
        "a": None, "z": None, "hang": "timeout", "memory": "out_of_memory", "kill": "crashed", "fault": "internal",
        "unknown": "internal", "empty": "empty", "\\udcff": "bad_name", "pipe": "not_a_file", "nothing": "not_found",
    }  # fmt: skip


def test_a_document_whose_worker_died_once_is_read(store: Store, folder: Path, tmp_path: Path) -> None:
    write(folder, a=f"kill once {tmp_path}/mark", b="two")
    end = start(store, folder)
    assert (end.figures["done"], end.figures["failed"], end.figures["retried"]) == (2, 0, 1)
    assert [code for _, code in list_records(store)] == [None, None]


def test_what_failed_for_a_passing_reason_is_read_again_on_demand(store: Store, folder: Path, tmp_path: Path) -> None:
    write(folder, a="sleep 3", b="two")
    (folder / "empty.txt").touch()
    start(store, folder, time_limit=1.0)
    run = find_run(store)
    assert run is not None
    assert [(Path(place).stem, code) for place, code, _ in list_failed(store, run)] == [
        ("a", "timeout"),
        ("empty", "empty"),
    ]
    end = resume_run(store, run, plan_for(store))
    assert (end.figures["done"], end.figures["failed"]) == (1, 0)
    assert count_inputs(store, run) == {("done", None): 2, ("failed", "empty"): 1}
    assert ("a", None) in list_records(store)


def test_a_run_made_with_other_options_is_not_gone_on_with(store: Store, folder: Path) -> None:
    write(folder, a="one")
    start(store, folder)
    run = find_run(store)
    assert run is not None
    plan = plan_for(store)
    other = RunPlan(plan.store, ChildOptions(ReadOptions(facts=True)), plan.engine)
    with pytest.raises(ValueError, match="other models or options"):
        resume_run(store, run, other)


def test_the_same_document_with_other_options_is_another_version(store: Store, folder: Path) -> None:
    write(folder, a="one")
    start(store, folder)
    plan = plan_for(store)
    child = ChildOptions(ReadOptions(facts=False, tables_only=True), read=misbehaving.read)
    end = run_sources(store, [str(folder)], RunPlan(plan.store, child, plan.engine))
    assert end.figures["done"] == 1
    reads = run_read(store, lambda c: c.execute(text("SELECT count(*) FROM reads")).scalar())
    records = run_read(store, lambda c: c.execute(text("SELECT count(*) FROM records")).scalar())
    assert (reads, records) == (2, 1)  # equal records are one version


def test_workers_that_open_another_store_stop_the_run(store: Store, folder: Path, tmp_path: Path) -> None:
    write(folder, a="one")
    plan = plan_for(store)
    elsewhere = RunPlan(f"sqlite:///{tmp_path}/elsewhere.db", plan.child, plan.engine)
    end = run_sources(store, [str(folder)], elsewhere)
    assert end.status == "stopped"
    assert "the workers need the store of the run" in end.reason
    run = find_run(store)
    assert run is not None
    assert run.status == "stopped"
    assert count_inputs(store, run) == {("waiting", None): 1}


def test_a_run_that_is_killed_with_its_workers_goes_on_and_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    """Worker processes of a real cluster: first one of them is killed, then the whole run, twice."""
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(60):
        write(folder, **{f"{number:02}": f"sleep 0.1 {number}"})
    for count in (6, 20):
        with start_run(tmp_path / "store.db", folder) as process:
            store = wait_for_records(process, tmp_path / "store.db", count)
            if count == 6:
                os.kill(find_worker(process.pid), signal.SIGKILL)
                store = wait_for_records(process, tmp_path / "store.db", 12)
            process.kill()
            process.wait()
            assert process.returncode == -signal.SIGKILL
    with start_run(tmp_path / "store.db", folder) as process:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    assert sorted(list_titles(store)) == sorted(f"0.1 {number}" for number in range(60))
    assert list_records(store) == [(f"{number:02}", None) for number in range(60)]
    run = find_run(store)
    assert run is not None
    assert count_inputs(store, run) == {("done", None): 60}


def find_worker(run: int) -> int:
    """A process of the cluster that has a child: a worker, and not what multiprocessing keeps beside it."""
    for child in find_below(run):
        if find_below(child):
            return child
    raise AssertionError("the run has no worker")


def wait_for_records(process: subprocess.Popen[str], path: Path, count: int) -> Store:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        if path.exists():
            store = open_store(f"sqlite:///{path}")
            if len(list_records(store)) >= count:
                return store
            store.engine.dispose()
        time.sleep(0.2)
    raise AssertionError("the run has ended early" if process.poll() is not None else "the run reads nothing")


@contextmanager
def start_run(store: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A run as a process group of its own, as a terminal starts it; nothing of it outlives a test, one that fails too.

    Else what it has started would hold the output of the tests open, and they would never end.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.run_once", str(store), str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_ctrl_c_ends_with_a_summary_and_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(200):
        write(folder, **{f"{number:03}": f"sleep 0.1 {number}"})
    with start_run(tmp_path / "store.db", folder) as process:
        store = wait_for_records(process, tmp_path / "store.db", 4)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the run, its workers and their children
        output, errors = process.communicate(timeout=240)
        until = time.monotonic() + 60
        while (left := list_group(process.pid)) and time.monotonic() < until:
            time.sleep(0.2)
    assert process.returncode == 130
    assert "stopped interrupted" in output
    assert "Traceback" not in errors
    run = find_run(store)
    assert run is not None
    assert run.status == "stopped"
    assert run.figures is not None
    assert run.figures["done"] + run.figures["left"] == 200
    assert run.figures["left"] > 0
    assert left == []


def test_ctrl_c_while_the_workers_start_ends_with_a_summary_too(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    write(folder, a="one")
    with start_run(tmp_path / "store.db", folder) as process:
        until = time.monotonic() + 240
        while len(list_group(process.pid)) < 2 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=240)
    assert process.returncode == 130, errors
    assert "stopped interrupted" in output
    assert "Traceback" not in errors


def list_group(group: int) -> list[str]:
    """The processes of a group that still run."""
    left = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, member = rest.split()[:3]
        if int(member) == group and state != "Z":
            left.append(name)
    return left
