"""What runs below a process, for tests that kill it."""

from __future__ import annotations

from pathlib import Path


def find_below(process: int) -> set[int]:
    """The processes that a process has started and that still run."""
    return {
        int(number)
        for thread in Path(f"/proc/{process}/task").glob("*/children")
        for number in thread.read_text().split()
    }
