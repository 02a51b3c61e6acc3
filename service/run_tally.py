"""The figures of a run while it goes on: counts by kind and code, rate, time left, share of cells for review."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from service.run_worker import Outcome

RECENT = 120.0  # seconds that the rate is measured over
LINES = 30.0  # seconds between lines where nobody watches a terminal


@dataclass(slots=True)
class Tally:
    """Counts of a run. `listed`: inputs of the run; `before`: those that were done when it began."""

    listed: int = 0
    before: int = 0
    failed_before: int = 0  # of these
    done: int = 0
    failed: int = 0
    known: int = 0  # of the done: read before by the same reader, at another place or in another run
    retried: int = 0
    cells: int = 0
    accepted: int = 0
    reading: float = 0.0  # seconds, of all children together
    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, outcome: Outcome) -> None:
        """Count an input that ended, or is to be tried again."""
        ending = outcome.ending
        if ending.status == "waiting":
            self.retried += 1
            return
        if ending.status == "done":
            self.done += 1
            self.kinds[outcome.kind] += 1
            self.known += not outcome.new
            if outcome.new:
                self.cells += outcome.cells
                self.accepted += outcome.accepted
        else:
            self.failed += 1
            self.codes[ending.code or "unknown"] += 1
        self.reading += outcome.seconds
        now = time.monotonic()
        self._recent.append((now, self.ended))
        while len(self._recent) > 2 and now - self._recent[0][0] > RECENT:
            self._recent.popleft()

    @property
    def ended(self) -> int:
        """Inputs that this run has ended."""
        return self.done + self.failed

    @property
    def left(self) -> int:
        """Inputs that wait."""
        return max(0, self.listed - self.before - self.ended)

    @property
    def rate(self) -> float:
        """Documents a second, lately."""
        if len(self._recent) < 2:
            return 0.0
        (first, before), (last, now) = self._recent[0], self._recent[-1]
        return (now - before) / (last - first) if last - first > 1 else 0.0

    @property
    def review_rate(self) -> float | None:
        """Share of the cells that a person must look at; `None` without cells."""
        return 1 - self.accepted / self.cells if self.cells else None

    def as_figures(self) -> dict[str, Any]:
        """All figures, for the store and for tracking."""
        seconds = time.monotonic() - self.started
        return {
            "listed": self.listed,
            "before": self.before,
            "failed_before": self.failed_before,
            "done": self.done,
            "failed": self.failed,
            "known": self.known,
            "retried": self.retried,
            "left": self.left,
            "cells": self.cells,
            "accepted": self.accepted,
            "review_rate": self.review_rate,
            "seconds": round(seconds, 1),
            "reading_seconds": round(self.reading, 1),
            "rate": round(self.ended / seconds, 3) if seconds else 0.0,
            "lately": round(self.rate, 3),  # without what a run takes to begin
            "kinds": dict(sorted(self.kinds.items())),
            "codes": dict(sorted(self.codes.items())),
        }

    def describe(self) -> str:
        """One line on how far the run is."""
        review = f", {self.review_rate:.1%} for review" if self.review_rate is not None else ""
        wait = f", {show_seconds(self.left / self.rate)} left" if self.rate and self.left else ""
        kinds = "".join(f", {count:,} {kind}" for kind, count in self.kinds.most_common())
        failed = f", {self.failed:,} failed" if self.failed else ""
        total = self.before + self.ended
        return f"{total:,} of {self.listed:,}{failed}{kinds}{review}; {self.rate:.1f} a second{wait}"


def show_seconds(seconds: float) -> str:
    """A time as a person reads it.

    >>> show_seconds(3725)
    '1:02:05'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


@contextmanager
def show_progress(tally: Tally) -> Iterator[Progress]:
    """A line on standard error: kept up to date on a terminal, else written anew now and then."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    if not sys.stderr.isatty():
        yield Progress(tally, lambda text: print(text, file=sys.stderr, flush=True), LINES)  # noqa: T201
        return
    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
        yield Progress(tally, lambda text: live.update(Text(text)), 0.25)


class Progress:
    """Shows a tally, not more often than every so many seconds."""

    def __init__(self, tally: Tally, write: Any, seconds: float) -> None:
        self._tally = tally
        self._write = write
        self._seconds = seconds
        self._last = time.monotonic()

    def show(self) -> None:
        """Show how far the run is, where it is time."""
        if time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            self._write(self._tally.describe())

    def say(self, text: str) -> None:
        """Show another line, such as how many places were listed."""
        if time.monotonic() - self._last >= min(self._seconds, 5.0):
            self._last = time.monotonic()
            self._write(text)
