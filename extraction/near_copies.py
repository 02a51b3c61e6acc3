"""One report in two documents, such as a scan and a web page: by the numbers of their cells, and by their words."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from extraction.decoding_records import list_numbers

SHINGLE = 6  # characters
SKETCH = 128  # hashes of shingles kept: the standard error of the share is 0.04
LARGEST = 3  # numbers of a fingerprint
LEAST_CELLS = 5  # numbers that are not 0 in both, for cells to say anything
_WORD = re.compile(r"[\u4e00-\u9fff\d]")


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a document is compared by: its numbers by field, and the smallest hashes of its shingles.

    `fingerprint` is equal for documents with the same largest numbers; `None` where there are too few.
    """

    year: int | None
    numbers: Mapping[str, Decimal]
    shingles: tuple[int, ...]
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two documents are: `equal` of `compared` cells (not 0 in both), share `text` of shingles in common."""

    compared: int
    equal: int
    text: float

    @property
    def cells(self) -> float | None:
        """Share of equal cells; `None` where there are too few."""
        return self.equal / self.compared if self.compared >= LEAST_CELLS else None

    @property
    def score(self) -> float:
        """One number for order, no probability: the mean of what can be told."""
        shares = [self.text] if self.cells is None else [self.cells, self.text]
        return sum(shares) / len(shares)


def make_sketch(record: Mapping[str, Any]) -> Sketch:
    """The sketch of a record."""
    numbers = {field: number for field, (number, _) in list_numbers(record).items()}
    largest = sorted({number for number in numbers.values() if number > 1}, reverse=True)[:LARGEST]
    mark = hashlib.sha256(" ".join(format(number.normalize(), "f") for number in largest).encode()).hexdigest()[:16]
    text = "".join(_WORD.findall("".join(section.get("text") or "" for section in record.get("sections") or ())))
    hashes = {zlib.crc32(text[at : at + SHINGLE].encode()) for at in range(max(0, len(text) - SHINGLE + 1))}
    year = record.get("year")
    return Sketch(
        year if isinstance(year, int) else None,
        numbers,
        tuple(sorted(hashes)[:SKETCH]),
        mark if len(largest) == LARGEST else None,
    )


def compare_sketches(first: Sketch, other: Sketch) -> Likeness:
    """How alike two documents are."""
    pairs = [(first.numbers[f], other.numbers[f]) for f in first.numbers if f in other.numbers]
    told = [pair for pair in pairs if any(pair)]
    union = sorted({*first.shingles, *other.shingles})[:SKETCH]
    common = {*first.shingles} & {*other.shingles}
    text = sum(value in common for value in union) / len(union) if union else 0.0
    return Likeness(len(told), sum(a == b for a, b in told), text)


def judge_likeness(likeness: Likeness, *, same_agency: bool) -> str | None:
    """`linked`, `proposed` to a person, or `None`; years are known to be equal.

    Sister agencies write the same sentences, and print the same zeros: without the same agency words count only
    together with the numbers. Two reports of one agency and year are always worth a look.
    """
    cells, text = likeness.cells, likeness.text
    if same_agency:
        alike = text >= 0.5 if cells is None else cells >= 0.7 or (cells >= 0.3 and text >= 0.5)
        return "linked" if alike else "proposed"
    if cells is None or cells < 0.7:
        return None
    return "linked" if text >= 0.5 else "proposed" if cells >= 0.9 else None
