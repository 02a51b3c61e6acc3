"""Passages to learn facts from: the narrative of synthetic reports, with the class of every candidate in it."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from extraction.facts.candidates import Candidate, find_candidates
from extraction.facts.context import hash_features, list_features
from extraction.facts.finder import NONE, OTHER
from extraction.facts.passages import Passage, make_passage
from models.document import TextLine
from models.numbers import MONEY_UNITS
from training.synthesis.content import write_narrative
from training.synthesis.label_variations import HALF_WIDTH, misprint
from training.synthesis.noise import WIDE
from training.synthesis.printed import Paragraph
from training.synthesis.script import to_traditional
from training.synthesis.wording import read_marks

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNTS = 0.8  # how often a section has paragraphs that count
SPACED, HALVED, WIDENED, TRADITIONAL, MISPRINTED = 0.3, 0.4, 0.04, 0.05, 0.06
YEAR_UNKNOWN = 0.05
LOOSE = 4  # characters between the place of a shared or denied count and where the generator says it
_SECTION_LOST = 0.1


@dataclass(frozen=True, slots=True)
class Lesson:
    """A passage with its candidates, the class of each, and its features as rows of the table of weights.

    `missed` are the facts in it that are no candidate, or one of another value.
    """

    passage: Passage
    candidates: tuple[Candidate, ...]
    classes: tuple[str, ...]
    features: tuple[NDArray[np.int32], ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """How one report is typed."""

    spaced: bool
    halved: bool
    widened: bool
    traditional: bool
    misprinted: bool


def make_lessons(index: int, *, seed: int, split: str, dealt_only: bool = False) -> Iterator[Lesson]:
    """The passages of one report that have candidates or facts, alike whether made alone or among others.

    With `dealt_only` they say nothing but what the split says alone.
    """
    rng = random.Random(f"facts/{seed}/{split}/{index}")
    blocks, speaker = write_narrative(rng, split=split, counts=COUNTS, dealt_only=dealt_only)
    noise = Noise(*(rng.random() < share for share in (SPACED, HALVED, WIDENED, TRADITIONAL, MISPRINTED)))
    year = None if rng.random() < YEAR_UNKNOWN else speaker.year
    lost = rng.random() < _SECTION_LOST
    before = ""
    for block in blocks:
        if not isinstance(block, Paragraph):
            continue
        text, spans = type_text(block.text, noise, rng)
        passage = make_passage([TextLine(text, 1)], section="" if lost else block.section or "")
        yield from _make_lesson(passage, spans, speaker.facts, year, before)
        before = passage.folded


def _make_lesson(
    passage: Passage,
    spans: Sequence[tuple[int, int, int]],
    facts: Sequence[dict[str, Any]],
    year: int | None,
    before: str,
) -> Iterator[Lesson]:
    candidates = find_candidates(passage.folded)
    classes, missed = name_candidates(passage, candidates, spans, facts)
    if candidates or missed:
        features = list_features(passage, candidates, year, before=before)
        rows = tuple(np.array(hash_features(own), dtype=np.int32) for own in features)
        yield Lesson(passage, tuple(candidates), tuple(classes), rows, tuple(missed))


def name_candidates(
    passage: Passage,
    candidates: Sequence[Candidate],
    spans: Sequence[tuple[int, int, int]],
    facts: Sequence[dict[str, Any]],
) -> tuple[list[str], list[str]]:
    """The class of each candidate by the (index, start, end) of the facts in the print, and the facts with none."""
    classes = [NONE] * len(candidates)
    missed = []
    for index, start, end in spans:
        fact = facts[index]
        place = _find_candidate(passage, candidates, start, end)
        if place is None or not _is_same(candidates[place], Decimal(str(fact["value"])), str(fact["unit"])):
            missed.append(str(fact["item"] or OTHER))
        else:
            classes[place] = str(fact["item"] or OTHER)
    return classes, missed


def _is_same(candidate: Candidate, value: Decimal, unit: str) -> bool:
    scale = MONEY_UNITS.get(candidate.unit, 1)
    return candidate.value * scale == value * MONEY_UNITS.get(unit, 1)


def _find_candidate(passage: Passage, candidates: Sequence[Candidate], start: int, end: int) -> int | None:
    """The candidate that is printed between two places of the text, or anchored near where they are one."""
    places = (*passage.places, len(passage.text))
    if start < end:
        return next(
            (
                i
                for i, candidate in enumerate(candidates)
                if candidate.kind == "number" and places[candidate.start] < end and places[candidate.end - 1] >= start
            ),
            None,
        )
    near = [
        (abs(places[candidate.anchor - 1] + 1 - start), i)
        for i, candidate in enumerate(candidates)
        if candidate.kind != "number" or not candidate.unit
    ]
    distance, nearest = min(near, default=(LOOSE + 1, -1))
    return nearest if distance <= LOOSE else None


def type_text(marked: str, noise: Noise, rng: random.Random) -> tuple[str, list[tuple[int, int, int]]]:
    """A marked paragraph as its office types it, and the (index, start, end) of its facts."""
    plain, spans = read_marks(marked)
    cuts = sorted({0, len(plain), *(place for _, start, end in spans for place in (start, end))})
    text, places = "", {0: 0}
    for first, last in itertools.pairwise(cuts):
        piece = _type_piece(plain[first:last], noise, rng)
        if noise.spaced and text and piece and _parts(text[-1], piece[0]):
            text += " "
        places[first] = len(text)
        text += piece
        places[last] = len(text)
    return text, [(index, places[start], places[end]) for index, start, end in spans]


def _type_piece(piece: str, noise: Noise, rng: random.Random) -> str:
    if noise.misprinted and len(piece) > 4 and rng.random() < 0.2:
        piece = misprint(rng, piece)
    if noise.halved:
        piece = piece.translate(HALF_WIDTH)
    if noise.spaced:
        piece = re.sub(r"(?<=[一-鿿])(?=\d)|(?<=\d)(?=[一-鿿])", " ", piece)
    if noise.widened:
        piece = piece.translate(WIDE)
    if noise.traditional:
        piece = to_traditional(piece)
    return piece


def _parts(left: str, right: str) -> bool:
    """Whether such an office sets a blank between two characters."""
    return left.isdigit() is not right.isdigit() and all("一" <= c <= "鿿" or c.isdigit() for c in (left, right))
