from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from service.bulk import read_records
from service.reading import ReadOptions
from service.run_child import ChildOptions
from service.run_children import Children
from service.run_faults import ChildFault, ChildGone
from tests.service import misbehaving
from tests.service.processes import find_below

READING = ReadOptions(facts=False)


@contextmanager
def open_children(number: int) -> Iterator[Children]:
    with closing(Children(number, ChildOptions(READING, read=misbehaving.read, patient=True))) as children:
        yield children


def test_a_child_that_is_gone_is_replaced_and_costs_no_document(tmp_path: Path) -> None:
    (tmp_path / "fine").write_text("fine")
    before = find_below(os.getpid())
    with open_children(1) as children:
        assert children.submit(str(tmp_path / "fine")).result().line is not None
        for number in find_below(os.getpid()) - before:
            os.kill(number, signal.SIGKILL)
        assert children.submit(str(tmp_path / "fine")).result().line is not None


def test_children_that_are_stopped_end_at_once_whatever_they_read(tmp_path: Path) -> None:
    (tmp_path / "hang").write_text("hang")
    with open_children(2) as children:
        reads = [children.submit(str(tmp_path / "hang")) for _ in range(2)]
        time.sleep(1)
        started = time.monotonic()
    assert time.monotonic() - started < 30
    assert [type(read.exception()) for read in reads] == [ChildGone, ChildGone]


def test_models_that_cannot_be_loaded_end_the_reading_and_are_named(tmp_path: Path) -> None:
    """Not a record of an error for every document: none of them is to blame."""
    (tmp_path / "a.txt").write_text("一、总体情况", "utf-8")
    lines = read_records([str(tmp_path / "a.txt")], workers=1, options=ReadOptions(models=tmp_path / "nothing"))
    with pytest.raises(ChildFault, match=r"could not get ready: FileNotFoundError.*nothing"):
        next(lines)
