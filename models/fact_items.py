"""What sentences count: the names of facts, their units, the cells that say the same, the words that tell topics."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.data_files import read_data

ITEMS_FILE = Path(__file__).with_name("fact_items.yaml")


@dataclass(frozen=True, slots=True)
class FactItem:
    """One name of a fact. `unit` is that of a count that is only denied; `cells` are summed, by family of forms."""

    name: str
    unit: str
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@functools.cache
def load_fact_items() -> Mapping[str, FactItem]:
    """Every named fact, in the order of the file."""
    entries = read_data(ITEMS_FILE)["items"]
    return {
        name: FactItem(name, entry["unit"], {family: tuple(c) for family, c in entry.get("cells", {}).items()})
        for name, entry in entries.items()
    }


@functools.cache
def load_telling_words() -> Mapping[str, str]:
    """Word -> its kind."""
    return {word: kind for kind, words in read_data(ITEMS_FILE)["words"].items() for word in words}


def find_cells(item: str | None, families: Iterable[str]) -> tuple[str, ...]:
    """The cells whose sum is the fact, in the first of the families that has them; () where none has."""
    entry = load_fact_items().get(item or "")
    if entry is None:
        return ()
    return next((entry.cells[family] for family in families if family in entry.cells), ())
