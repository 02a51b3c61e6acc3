"""Both readers of a cell put together: its candidates, and what tells how far to trust them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from extraction.recognition.alphabet import fold_text
from extraction.recognition.cell_reader import CellReading, share_stroke
from extraction.recognition.page_reader import PrintedCharacter
from models.numbers import State, parse_value
from models.picture import Candidate

MAX_CANDIDATES = 5
AT_RULING = 0.75  # weight of the page reader, where the crop is cut at ruling and pale
PALE_AT_RULING = 0.5  # of the ink of the page
NOTHING = Candidate("", 0.0)


@dataclass(frozen=True, slots=True)
class AgreementFeatures:
    """What a calibrator of scanned cells can learn from; scores are those of the networks, not confidences.

    `agree`: both readers have the same first value. `silent`: the page reader has nothing in the cell. `page_score`,
    `cell_score`: of their first candidates. `margin`: of the cell reader's first candidate over its second. `rest`:
    its score of anything else. `support`: score that the cell reader gives to the page reader's text. `length`:
    characters of the first merged candidate. The others are those of the crop (`cell_crops.CellCrop`).
    """

    agree: bool
    silent: bool
    page_score: float
    cell_score: float
    margin: float
    rest: float
    support: float
    length: int
    ink: float
    area: float
    loose: float
    tall: float
    floor: float
    lean: float
    lines: int
    touches: bool
    stroke: bool


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """The candidates of both readers, the most probable first, with what is known of how they came about."""

    candidates: tuple[Candidate, ...]
    features: AgreementFeatures


def make_page_candidates(characters: Sequence[PrintedCharacter]) -> tuple[Candidate, ...]:
    """What the page reader found in a cell (in reading order) as one candidate; none where it found nothing.

    That it found nothing is no evidence for an empty cell: it loses lone digits.
    """
    probability = 1.0
    for character in characters:
        probability *= character.probability
    return (Candidate(fold_text([character.text for character in characters]), probability),) if characters else ()


def merge_candidates(page: Sequence[Candidate], cell: CellReading) -> CellEvidence:
    """The mean of both readings, of the cell reader alone where the page reader has nothing.

    Of print at ruling the cell reader may have lost a part with the ruling: there the page reader counts for more.
    """
    page = _share_page_stroke(page, cell)
    first, own = (page[0] if page else NOTHING), (cell.candidates[0] if cell.candidates else NOTHING)
    cut = cell.crop.touches and cell.crop.ink < PALE_AT_RULING
    weights = (1.0,) if not page else (AT_RULING, 1 - AT_RULING) if cut else (0.5, 0.5)
    merged = _mix_candidates([page, cell.candidates] if page else [cell.candidates], weights)
    second = cell.candidates[1].probability if len(cell.candidates) > 1 else 0.0
    agree = bool(cell.candidates) and _value_key(first.text) == _value_key(own.text)
    support = sum(c.probability for c in cell.candidates if _value_key(c.text) == _value_key(first.text))
    features = AgreementFeatures(
        agree=agree,
        silent=not page,
        page_score=first.probability,
        cell_score=own.probability,
        margin=own.probability - second,
        rest=cell.rest,
        support=support,
        length=len(merged[0].text) if merged else 0,
        ink=cell.crop.ink,
        area=cell.crop.area,
        loose=cell.crop.loose,
        tall=cell.crop.tall,
        floor=cell.crop.floor,
        lean=cell.crop.lean,
        lines=len(cell.crop.lines),
        touches=cell.crop.touches,
        stroke=cell.crop.stroke,
    )
    return CellEvidence(merged, features)


def _share_page_stroke(page: Sequence[Candidate], cell: CellReading) -> Sequence[Candidate]:
    """The page reader's 1 where the stroke leans as a slash does: that reader knows hardly any slashes."""
    if len(page) != 1 or page[0].text != "1" or not (shares := share_stroke(cell.crop)):
        return page
    shares.sort(key=lambda share: -share[1])
    return [Candidate(text, share * page[0].probability) for text, share in shares]


def _mix_candidates(readings: Sequence[Sequence[Candidate]], weights: Sequence[float]) -> tuple[Candidate, ...]:
    """The weighted mean of the readings; texts of one value are one candidate, written as in its most probable text."""
    scores: dict[tuple[State, Decimal | str], float] = defaultdict(float)
    texts: dict[tuple[State, Decimal | str], Candidate] = {}
    weighed = zip(readings, weights, strict=True)
    for candidate, weight in ((candidate, weight) for reading, weight in weighed for candidate in reading):
        key = _value_key(candidate.text)
        scores[key] += candidate.probability * weight
        if key not in texts or candidate.probability > texts[key].probability:
            texts[key] = candidate
    ranked = sorted(scores.items(), key=lambda item: -item[1])[:MAX_CANDIDATES]
    return tuple(Candidate(texts[key].text, probability) for key, probability in ranked)


def _value_key(text: str) -> tuple[State, Decimal | str]:
    """The value that a text prints; texts without one differ by their characters."""
    value = parse_value(text, unit="万元", kind="decimal")
    return value.state, text if value.number is None else value.number
