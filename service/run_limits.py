"""What a document may take: all of the limits of a run, or, where it is some text or markup, a part of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

TIME_LIMIT = 300.0  # seconds a document, where no other limit is set: a page of a scan takes 3 to 5
MEMORY_LIMIT = 8 * 2**30  # bytes of address space a worker, likewise
LIGHT_BYTES, HEAD = 400_000, 4096  # of a light document, and those that tell whether it is one
LIGHT_SHARE = 0.1  # of the limits, for a document of LIGHT_BYTES; for a smaller one in proportion
SHORTEST, SMALLEST = 2.0, 2**29  # seconds and bytes that a light document has at least


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of address space beyond what a reader has at rest."""

    seconds: float
    memory: int


def find_limits(path: str, longest: Limits) -> Limits:
    """What the document at `path` may take of the `longest` limits.

    A light document is read in less than 0.1 s, one of 400 kB in a second. It has a tenth of the limits at most, by its
    size, so that one that never ends costs a run two seconds.
    """
    try:
        size = Path(path).stat().st_size
        if not Path(path).is_file() or size > LIGHT_BYTES:
            return longest
        with Path(path).open("rb") as file:
            head = file.read(HEAD)
    except OSError:  # the reader will say so
        return longest
    if b"\0" in head or b"%PDF-" in head:
        return longest
    share = LIGHT_SHARE * size / LIGHT_BYTES
    return replace(
        longest,
        seconds=min(longest.seconds, max(SHORTEST, share * longest.seconds)),
        memory=min(longest.memory, max(SMALLEST, round(share * longest.memory))),
    )
