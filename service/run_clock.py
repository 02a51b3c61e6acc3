"""How long a document has really taken: time on the wall less the time in which its process waited for a processor."""

from __future__ import annotations

import os
import time
from pathlib import Path

IDLE = 0.5  # seconds without work, after which a process is held to be idle
BUSY = 0.05  # share of the time from which on it works
_TICKS = os.sysconf("SC_CLK_TCK")


class ReadingClock:
    """The time of one document in one process, so that a busy machine makes no document a failed one.

    Where the system does not tell what a process waits for (it has to be Linux), the time on the wall counts.
    """

    def __init__(self, process: int) -> None:
        self._process = process
        self._started = time.monotonic()
        self._waited_before = self._waited = _read_waiting(process)
        self._marked = self._started
        self._busy_at_mark = self._waited + _read_working(process)

    def tell_taken(self) -> float:
        """Seconds so far."""
        self._waited = max(self._waited, _read_waiting(self._process))  # of one that has ended it is 0
        return time.monotonic() - self._started - (self._waited - self._waited_before)

    def is_idle(self) -> bool:
        """Whether for `IDLE` seconds the process and those below it have neither worked nor waited for a processor."""
        now = time.monotonic()
        if now - self._marked < IDLE:
            return False
        busy = _read_waiting(self._process) + _read_working(self._process)
        idle = busy - self._busy_at_mark < BUSY * (now - self._marked)
        self._marked, self._busy_at_mark = now, busy
        return idle


def _read_waiting(process: int) -> float:
    """Seconds in which a process could have run and had no processor."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _read_working(process: int) -> float:
    """Seconds of the processor that a process and all below it have used."""
    try:
        values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        threads = list(Path(f"/proc/{process}/task").glob("*/children"))
        below = [int(number) for thread in threads for number in thread.read_text().split()]
    except OSError:
        return 0.0
    return sum(map(int, values[11:15])) / _TICKS + sum(map(_read_working, below))
