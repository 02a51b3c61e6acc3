"""Tables with candidates as a reader of pictures gives them: seeded misreadings of generated figures, with the truth.

A model of a reader, for trials of decoding and of the policy without pictures. Look-alikes are taken for one another,
digits are lost at the ends, a lone digit is not seen, a speck is taken for a 1, a zero for a letter; some misreadings
have a clear score. Its scores are calibrated; those of a real reader are less so, and go wrong for whole pages.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.decoding import CellCandidates
from models.form import Form, load_forms
from models.picture import Candidate
from training.synthesis.agencies import draw_agency
from training.synthesis.figures import draw_figures, plant_errors

ALIKE = {
    "0": "689", "1": "774", "2": "7735", "3": "885", "4": "91", "5": "6638", "6": "885", "7": "112", "8": "3360",
    "9": "0447",
}  # fmt: skip
FORMS = ("requests@2021", "requests@2019", "disputes@2019", "statistics@2014")
SCANS = ("light", "medium", "heavy")
STYLES = {"zeros": 0.85, "blanks": 0.1, "some": 0.05}
SOME_BLANK = 0.3
JUNK = ("o", "口", "。.", "I7")


@dataclass(frozen=True, slots=True)
class Level:
    """How badly a reader reads; shares of cells.

    `doubtful`: whose candidates share the probability, and of them as many are wrong as it says. `listed`: of the wrong
    ones, that have the truth among their candidates. `clear`: range of the exponents of ten by which the other scores
    are less than 1; as many of those are misread as they say.
    """

    doubtful: float
    listed: float
    clear: tuple[float, float]


LEVELS: Mapping[str, Level] = {
    "digital": Level(0.0, 0.0, (5.5, 7.5)),
    "light": Level(0.01, 0.95, (3.5, 6.0)),
    "medium": Level(0.06, 0.92, (3.0, 5.5)),
    "heavy": Level(0.2, 0.88, (2.5, 5.0)),
}


@dataclass(frozen=True, slots=True)
class TrialTable:
    """A table as printed and as read. `meant`: the agency's numbers; `misprinted`: its fields that print others.

    `printed`: the text in each field, "" for an empty one. `agency` is whom it belongs to, with its split.
    """

    form: Form
    agency: str
    meant: Mapping[str, Decimal]
    printed: Mapping[str, str]
    cells: tuple[CellCandidates, ...]
    misprinted: frozenset[str] = field(default_factory=frozenset)


def make_table(rng: random.Random, form_id: str, *, level: str, split: str, errors: int = 0) -> TrialTable:
    """Draw a table of an agency of the split, print it with so many misprints of the agency, and read it.

    Raises `KeyError` for an unknown form or level, `ValueError` for an unknown split.
    """
    form = load_forms()[form_id]
    agency = draw_agency(rng, split=split)
    meant = draw_figures(rng, form, weight=agency.weight)
    spoilt = plant_errors(rng, form, meant, errors) if errors else {}
    printed = print_numbers(rng, {**meant, **spoilt}, spoilt)
    rate = math.exp(rng.gauss(0, 0.5))
    cells = tuple(
        CellCandidates(field, read_text(rng, printed[field.field_id], LEVELS[level], rate=rate))
        for field in form.fields
    )
    return TrialTable(form, agency.name, meant, printed, cells, frozenset(spoilt))


def make_tables(
    count: int, *, seed: int, level: str, split: str = "test", forms: Sequence[str] = FORMS, errors: int = 0
) -> Iterator[TrialTable]:
    """So many tables of each form, each alike in every run."""
    for form in forms:
        for index in range(count):
            rng = random.Random(f"{seed}/{split}/{level}/{form}/{index}/{errors}")
            yield make_table(rng, form, level=level, split=split, errors=errors)


def print_numbers(rng: random.Random, numbers: Mapping[str, Decimal], spoilt: Mapping[str, Decimal]) -> dict[str, str]:
    """The text in each field: zeros printed, left out, or now and then; a misprint is always printed."""
    style = rng.choices(list(STYLES), list(STYLES.values()))[0]
    share = {"zeros": 0.0, "blanks": 1.0, "some": SOME_BLANK}[style]
    return {
        name: "" if not number and name not in spoilt and rng.random() < share else format(number.normalize(), "f")
        for name, number in numbers.items()
    }


def read_text(rng: random.Random, text: str, level: Level, *, rate: float = 1.0) -> tuple[Candidate, ...]:
    """The candidates for a print; `rate` multiplies the doubts, as those of one document go together."""
    if rng.random() >= min(level.doubtful * rate, 0.9):
        score = 1 - 10 ** -rng.uniform(*level.clear)
        wrong = rng.random() > score
        first = misread(rng, text) if wrong else text
        other = text if wrong and rng.random() < 0.5 else misread(rng, first)
        return _rank([(first, score), (other, (1 - score) * rng.random())])
    score = rng.uniform(0.4, 0.99)
    right = rng.random() < score
    first = text if right else misread(rng, text)
    rest = 1 - score
    entries = [(first, score)]
    if not right and rng.random() < level.listed:
        share = rest * rng.uniform(0.4, 0.98)
        entries.append((text, share))
        rest -= share
    for _ in range(rng.choice((1, 1, 2))):
        share = rest * rng.uniform(0.3, 0.9)
        entries.append((misread(rng, rng.choice((first, text))), share))
        rest -= share
    return _rank(entries)


def _rank(entries: list[tuple[str, float]]) -> tuple[Candidate, ...]:
    """Distinct texts, the most probable first."""
    merged: dict[str, float] = {}
    for text, probability in entries:
        merged[text] = merged.get(text, 0.0) + probability
    return tuple(Candidate(text, p) for text, p in sorted(merged.items(), key=lambda item: -item[1]))


def misread(rng: random.Random, text: str) -> str:
    """What a reader may see instead of a print, never the print itself."""
    if not text:
        return rng.choice(("1", "1", "-", ".", "0", "7"))
    place = rng.randrange(len(text))
    kinds = ("alike", "lost_end", "lost_inside", "added", "junk")
    kind = rng.choices(kinds, (55, 25, 4, 6, 3))[0] if text.isdigit() else "lost_inside"
    match kind:
        case "alike":
            return text[:place] + rng.choice(ALIKE[text[place]]) + text[place + 1 :]
        case "lost_end":  # of a lone digit, all of it
            return text[1:] if rng.random() < 0.5 else text[:-1]
        case "lost_inside":
            return text[:place] + text[place + 1 :]
        case "junk":
            return rng.choice(JUNK)
    return text + rng.choice("0171") if rng.random() < 0.5 else rng.choice("171") + text
