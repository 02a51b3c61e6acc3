"""How probable one number is in place of another: slips of those who type tables, and of what reads their pictures.

Both are mixtures of single edits (Damerau 1964: most errors are one insertion, deletion, substitution or
transposition) with a broad tail, so that no number is impossible; compare `deductive::correct_typos` (Scholtus 2009),
which allows single edits only. The shares are round guesses, not fitted: they rank proposals, and the tail keeps a
wrong one from being certain.
"""

from __future__ import annotations

import functools

CACHED = 100_000
NEARBY = 12
LOOK_ALIKE = frozenset(
    frozenset(pair) for pair in ("17", "38", "60", "56", "80", "83", "49", "27", "35", "69", "86", "14", "68", "09")
)


@functools.lru_cache(CACHED)
def misprint_probability(printed: int, meant: int) -> float:
    """P(an agency prints `printed`, a slip of its hand | it meant `meant`); numbers from 0 on, not the same."""
    tail = 0.15 * spread_probability(printed)
    zero = 0.25 if printed == 0 else 0.0
    distance = abs(printed - meant)
    near = (0.12 if distance == 1 else 0.0) + (0.1 / (2 * NEARBY) if distance <= NEARBY else 0.0)
    return tail + zero + near + 0.38 * _edit_probability(str(printed), str(meant))


@functools.lru_cache(CACHED)
def misreading_probability(meant: int, read: str) -> float:
    """P(the print is `meant` | it was misread as the digits `read`, "" for nothing seen, and is no candidate)."""
    digits = str(meant)
    tail = 0.1 * spread_probability(meant)
    if not read:
        return tail + (0.6 / 9 if 0 < meant < 10 else 0.0) + (0.1 if meant == 0 else 0.0)
    zero = 0.08 if meant == 0 else 0.0
    ends = 0.0
    if len(digits) == len(read) + 1:  # a digit was lost at an end
        ends = 0.25 / 10 * (digits.startswith(read) + digits.endswith(read))
    return tail + zero + ends + 0.35 * _edit_probability(read, digits) + 0.2 * _look_alike_probability(digits, read)


def spread_probability(number: int) -> float:
    """A proper distribution over all numbers from 0 on: half of it on each further digit, evenly within."""
    if number < 10:
        return 0.05
    digits = len(str(number))
    return float(0.5**digits / (9 * 10 ** (digits - 1)))


def _edit_probability(printed: str, meant: str) -> float:
    """P(one edit made `printed` out of `meant`), the kinds of edits as likely as one another."""
    n = len(meant)
    if len(printed) == n:
        differing = [i for i in range(n) if printed[i] != meant[i]]
        if len(differing) == 1:
            return 0.3 / (9 * n)
        i = differing[0] if differing else n
        swapped = len(differing) == 2 and differing[1] == i + 1
        return 0.2 / (n - 1) if swapped and printed[i] == meant[i + 1] and printed[i + 1] == meant[i] else 0.0
    if len(printed) == n - 1:
        return 0.25 / n * sum(meant[:i] + meant[i + 1 :] == printed for i in range(n))
    if len(printed) == n + 1:
        ways = sum(printed[:i] + printed[i + 1 :] == meant for i in range(n + 1))
        return 0.25 / (10 * (n + 1)) * ways
    return 0.0


def _look_alike_probability(digits: str, read: str) -> float:
    """P(look-alikes were taken for one another at one place)."""
    if len(digits) != len(read):
        return 0.0
    differing = [frozenset(pair) for pair in zip(digits, read, strict=True) if pair[0] != pair[1]]
    return 1 / (4 * len(read)) if len(differing) == 1 and differing[0] in LOOK_ALIKE else 0.0
