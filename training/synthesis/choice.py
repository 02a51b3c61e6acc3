"""Draws among named things: by weight, and into a split by a hash that never changes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from training.synthesis.chances import SPLIT_SHARES

Thing = TypeVar("Thing")


def pick(rng: random.Random, weights: Mapping[Thing, float]) -> Thing:
    """One key, drawn by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def pick_weighted(rng: random.Random, things: Sequence[tuple[Thing, float]]) -> Thing:
    """One thing out of (thing, weight) pairs, drawn by weight."""
    return rng.choices([thing for thing, _ in things], [weight for _, weight in things])[0]


def find_split(key: str) -> str:
    """The split that a mixture belongs to, by a stable hash of its name."""
    return find_share(int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big"))


def find_share(place: int) -> str:
    """The split in whose share a number falls, counted round and round."""
    place %= sum(SPLIT_SHARES.values())
    for split, share in SPLIT_SHARES.items():
        if place < share:
            return split
        place -= share
    raise AssertionError("the shares cover every place")


def deal_splits(keys: Iterable[str]) -> dict[str, str]:
    """The split of each key, the shares kept as closely as their number allows; the same keys are dealt alike."""
    ordered = sorted(set(keys), key=lambda key: hashlib.sha256(key.encode()).digest())
    dealt: dict[str, str] = {}
    start = 0.0
    for split, share in SPLIT_SHARES.items():
        end = start + len(ordered) * share / sum(SPLIT_SHARES.values())
        dealt |= dict.fromkeys(ordered[round(start) : round(end)], split)
        start = end
    return dealt


def check_split(split: str) -> None:
    """Raise `ValueError` for a split that is not one."""
    if split not in SPLIT_SHARES:
        raise ValueError(f"no split {split!r}; there are {', '.join(SPLIT_SHARES)}")
