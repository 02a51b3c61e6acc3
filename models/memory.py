"""Memory of processes that read one document after the other."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

COLLECTED = 50_000  # objects more than were freed, before cycles are looked for; a report takes 5,000
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # parameters of mallopt(3)
KEPT, MAPPED = 2**28, 2**26  # bytes: what a process keeps of memory that it freed, and what it always gives back
GROWN = 600 * 2**20  # bytes resident from which on what lies free between the kept is given back too


def settle_memory() -> None:
    """Keep what is loaded out of the garbage collector's way, and freed memory at hand for the next page.

    Reading makes hardly any cycles: what a document took is freed by its counts of references alone. To take the
    pictures of a page from the system anew each time is a fifth of the time of two processes that read scans.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED)
    with suppress(OSError, AttributeError):  # an option of the GNU C library
        library = ctypes.CDLL(None)
        library.mallopt(MMAP_THRESHOLD, MAPPED)
        library.mallopt(TRIM_THRESHOLD, KEPT)


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    """Bytes that a process has: of address space, and of memory (`resident`)."""

    address_space: int
    resident: int


def measure_memory(process: int | None = None) -> ProcessMemory | None:
    """What a process has, this one without a number; `None` where it has ended or the system does not tell."""
    try:
        pages = Path(f"/proc/{process or 'self'}/statm").read_text("ascii").split()
    except OSError:
        return None
    if len(pages) < 2:
        return None
    return ProcessMemory(*(int(count) * os.sysconf("SC_PAGE_SIZE") for count in pages[:2]))


def trim_memory() -> None:
    """Give back what a process that has grown does not use; between two documents, since it takes some milliseconds.

    Freed parts between others are never given back otherwise: a process that reads scans grew to one and a half
    gigabytes.
    """
    present = measure_memory()
    if present is None or present.resident <= GROWN:
        return
    with suppress(OSError, AttributeError):  # of the GNU C library
        ctypes.CDLL(None).malloc_trim(0)
