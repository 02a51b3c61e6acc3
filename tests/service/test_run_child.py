from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import pytest

from service.reading import ReadOptions
from service.run_child import Child, ChildOptions
from service.run_clock import IDLE, ReadingClock
from service.run_faults import ChildGone
from tests.service import misbehaving
from tests.service.processes import find_below

READING = ReadOptions(facts=False)
ROOT = Path(__file__).parent.parent.parent
StartChild = Callable[..., Child]


@pytest.fixture
def start_child() -> Iterator[StartChild]:
    """Makes children that are stopped when a test ends, one that fails too: else its threads wait for their readers."""
    with ExitStack() as stack:

        def start(**limits: Any) -> Child:
            return stack.enter_context(closing(Child(ChildOptions(READING, read=misbehaving.read, **limits))))

        yield start


def test_a_child_that_is_stopped_says_nothing_of_the_document_it_was_reading(
    start_child: StartChild, tmp_path: Path
) -> None:
    """A worker that is told to end must not write that its documents failed."""
    path = tmp_path / "a.txt"
    path.write_text("hang")
    child = start_child()
    gone: list[str] = []

    def read() -> None:
        try:
            child.read([str(path), str(path)])
        except ChildGone as error:
            gone.append(str(error))

    reading = threading.Thread(target=read)
    reading.start()
    time.sleep(1)
    child.close()
    reading.join(timeout=30)
    assert len(gone) == 1
    with pytest.raises(ChildGone):
        child.read([str(path)])


def test_a_document_that_only_waits_lets_another_be_read(start_child: StartChild, tmp_path: Path) -> None:
    for name in ("hang", "fine"):
        (tmp_path / name).write_text(name)
    child = start_child(time_limit=3600)

    def wait() -> None:
        with pytest.raises(ChildGone):
            child.read([str(tmp_path / "hang")])

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(1)
    assert child.read([str(tmp_path / "fine")])[0].line is not None
    assert waiting.is_alive()
    child.close()
    waiting.join(timeout=30)
    assert not waiting.is_alive()


def test_a_document_that_hangs_is_told_from_one_that_dies_and_the_models_are_loaded_once(
    start_child: StartChild, tmp_path: Path
) -> None:
    names = ["hang", "kill", "spin", "fault", "fine"]
    for name in names:
        (tmp_path / name).write_text(name)
    before = find_below(os.getpid())
    child = start_child(time_limit=0.5)
    template = find_below(os.getpid()) - before
    found = child.read([str(tmp_path / name) for name in names])
    assert [read.code for read in found] == ["timeout", "crashed", "timeout", "internal", ""]
    assert [read.line is None for read in found] == [True, True, True, True, False]
    assert found[3].message == "KeyError: 'a fault of the reader'"
    assert find_below(os.getpid()) - before == template


def test_a_new_reader_has_words_and_parsers_before_its_first_document(start_child: StartChild, tmp_path: Path) -> None:
    (tmp_path / "loaded").write_text("loaded jieba selectolax camelot scipy.optimize")
    child = start_child()
    (found,) = child.read([str(tmp_path / "loaded")])
    assert json.loads(found.line or "")["title"] == "jieba selectolax scipy.optimize"


def test_a_document_that_grows_without_end_is_an_error_record(start_child: StartChild, tmp_path: Path) -> None:
    for name in ("grow", "fine"):
        (tmp_path / name).write_text(name)
    child = start_child(memory_limit=2**30)
    found, other = child.read([str(tmp_path / "grow"), str(tmp_path / "fine")])
    assert json.loads(found.line or "")["error"]["code"] == "out_of_memory"
    assert "error" not in json.loads(other.line or "")


def test_a_light_document_has_a_part_of_the_memory_and_the_next_one_its_own(
    start_child: StartChild, tmp_path: Path
) -> None:
    """Of 40 GB it may grow by half a gigabyte, however much the machine has."""
    (tmp_path / "grow").write_text("grow")
    child = start_child(memory_limit=40 * 2**30)
    (found,) = child.read([str(tmp_path / "grow")])
    (tmp_path / "large").write_bytes(b"\0limits")
    (other,) = child.read([str(tmp_path / "large")])
    assert json.loads(found.line or "")["error"]["code"] == "out_of_memory"
    assert "error" not in json.loads(other.line or "")


def test_a_child_whose_template_was_killed_says_nothing_of_documents(start_child: StartChild, tmp_path: Path) -> None:
    (tmp_path / "fine").write_text("fine")
    before = find_below(os.getpid())
    child = start_child()
    for number in find_below(os.getpid()) - before:
        os.kill(number, signal.SIGKILL)
    with pytest.raises(ChildGone):
        child.read([str(tmp_path / "fine")])


def test_ctrl_c_does_not_reach_a_child_even_while_that_starts(start_child: StartChild, tmp_path: Path) -> None:
    (tmp_path / "fine").write_text("fine")
    before = find_below(os.getpid())
    child = start_child()
    (template,) = find_below(os.getpid()) - before - {resource_tracker._resource_tracker._pid}
    for _ in range(30):
        os.kill(template, signal.SIGINT)
        time.sleep(0.02)
    assert child.read([str(tmp_path / "fine")])[0].line is not None


def test_a_reader_that_hangs_in_a_library_ends_with_its_worker(tmp_path: Path) -> None:
    """It holds the lock of the interpreter, so that nothing in it sees that its parent is gone."""
    code = f"""
from service.reading import ReadOptions
from service.run_child import Child, ChildOptions
from tests.service import misbehaving
if __name__ == "__main__":
    print(flush=True)
    Child(ChildOptions(ReadOptions(facts=False), read=misbehaving.read)).read([{str(tmp_path / "lock")!r}])
"""
    (tmp_path / "lock").write_text(f"lock {tmp_path}/number")
    (tmp_path / "worker.py").write_text(code)
    worker = subprocess.Popen([sys.executable, tmp_path / "worker.py"], env=os.environ | {"PYTHONPATH": str(ROOT)})
    until = time.monotonic() + 120
    while not (tmp_path / "number").exists() and time.monotonic() < until and worker.poll() is None:
        time.sleep(0.1)
    reader = Path(f"/proc/{(tmp_path / 'number').read_text()}")
    assert reader.exists()
    worker.kill()
    worker.wait()
    while reader.exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not reader.exists()


def test_time_in_which_a_process_waits_for_the_processor_does_not_count() -> None:
    """Two that want one processor: each has it half of the time, whatever else the machine does."""
    own = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(own)})
        spinning = [start_python("while True: pass") for _ in range(2)]
    finally:
        os.sched_setaffinity(0, own)
    resting = start_python("import time; time.sleep(3600)")
    started = time.monotonic()
    clocks = [ReadingClock(process.pid) for process in (*spinning, resting)]
    time.sleep(IDLE + 2.0)
    first, second, rested = (clock.tell_taken() for clock in clocks)
    wall = time.monotonic() - started
    idle = [clock.is_idle() for clock in clocks]
    for process in (*spinning, resting):
        process.kill()
        process.communicate()
    assert first + second < 1.3 * wall
    assert rested > 0.8 * wall
    assert idle == [False, False, True]


def start_python(code: str) -> subprocess.Popen[bytes]:
    """A process of its own that has begun with the code."""
    process = subprocess.Popen([sys.executable, "-c", f"print(flush=True)\n{code}"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process
