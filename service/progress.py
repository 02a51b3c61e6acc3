"""Progress on standard error while documents are read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator


def track_lines(lines: Iterable[str], sources: list[str]) -> Iterator[str]:
    """Progress on standard error, where it is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=len(sources))
        for line in lines:
            yield line
            progress.advance(task)
