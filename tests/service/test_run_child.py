from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from service.bulk import ReadOptions
from service.run_child import Child, ChildGone, ChildOptions
from tests.service import misbehaving


def test_a_child_that_is_stopped_says_nothing_of_the_document_it_was_reading(tmp_path: Path) -> None:
    """A worker that is told to end must not write that its documents failed."""
    path = tmp_path / "a.txt"
    path.write_text("hang")
    child = Child(ChildOptions(ReadOptions(facts=False), read=misbehaving.read))
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


def test_a_document_that_hangs_is_told_from_one_that_dies(tmp_path: Path) -> None:
    for name in ("hang", "kill", "fault", "fine"):
        (tmp_path / name).write_text(name)
    child = Child(ChildOptions(ReadOptions(facts=False), time_limit=1.0, read=misbehaving.read))
    found = child.read([str(tmp_path / name) for name in ("hang", "kill", "fault", "fine")])
    child.close()
    assert [read.code for read in found] == ["timeout", "crashed", "internal", ""]
    assert [read.line is None for read in found] == [True, True, True, False]
