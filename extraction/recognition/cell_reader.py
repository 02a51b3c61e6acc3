"""The reader of cells: every box of a page is recognized on its own, as what the cell of a number can hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extraction.recognition.alphabet import DASH, fold_number, make_alphabet
from extraction.recognition.cell_crops import CellCrop, cut_cells
from extraction.recognition.ctc import Floats, search_prefixes
from extraction.recognition.ocr_engine import load_engine
from extraction.recognition.strips import Pixels, gather_batches, scale_strip
from models.page import Box
from models.picture import Candidate

MAX_CANDIDATES = 5
LEAST = 1e-4  # of a candidate
SURE = 0.999  # that a cell without any ink is empty
CLEAR = 0.3  # of the page's contrast: print darker than that would be seen surely
LEANING = 0.22  # of a stroke: an upright 1 leans less, in italics as much
SLANTED = 0.27  # of a stroke: rather a slash
FLAT = 0.5  # of the height of text: digits are higher
WIDE = 1.5  # times its height, that a dash is wide
IN_DOUBT = 0.1  # of what was read of a dash
UNSEEN = 0.4  # that nothing is printed where nothing was read of what looks like a dash
# A stroke at the ruling of its cell may be half of a zero, the other half of which was taken for ruling.
HALF_ZERO = [("1", 0.5), ("0", 0.35), ("", 0.15)]
SPECKLED = 0.9  # that one with nothing but specks is
UNREAD = 0.3  # of the best text: below it nothing was read of what is dark in a cell
PALE = 0.3  # of the page's contrast: what is no darker and cannot be read is rather noise than print
NOISE = 0.7  # of what is left to 1, that it is; of dark flat print that it is a dash
NO_PRINT, HALF_PRINT = 0.75, 0.4  # that a line or what shines through is no print, by whether it may be read as print
ALIKE = 0.97  # that print is a dash that is flat and of which other cells have the like


@dataclass(frozen=True, slots=True)
class CellReading:
    """What may stand in a cell, the most probable first, and what its picture is like.

    The probabilities of `candidates` are scores of the network, and sum to at most 1; what is missing is anything else.
    `crop.lines` are the pieces that were read.
    """

    candidates: tuple[Candidate, ...]
    crop: CellCrop

    @property
    def rest(self) -> float:
        """The score of anything else."""
        return max(1.0 - sum(candidate.probability for candidate in self.candidates), 0.0)


def read_cells(grey: Pixels, boxes: Sequence[Box], *, least_text: float = 0.0) -> tuple[CellReading, ...]:
    """Read boxes (pixels) of a grey page with dark ink, each for itself, in their order.

    `least_text`: pixels that text on the page is high at least, where that is known. Raises `ocr_engine.EngineError`.
    """
    crops = cut_cells(grey, boxes, least_text=least_text)
    strips = [scale_strip(line) for crop in crops for line in crop.lines]
    texts = iter(_read_strips(strips))
    return tuple(_judge_crop(crop, [next(texts) for _ in crop.lines]) for crop in crops)


def _read_strips(strips: Sequence[Pixels]) -> list[Mapping[str, float]]:
    """The texts of every strip, before folding, with their probabilities."""
    if not strips:
        return []
    engine = load_engine()
    alphabet = make_alphabet(engine.characters)
    texts: list[Mapping[str, float]] = [{} for _ in strips]
    for chosen, batch in gather_batches(strips):
        steps: Floats = alphabet.fold_probabilities(engine.read_strips(batch))
        for index, rows in zip(chosen, steps, strict=True):
            texts[index] = search_prefixes(rows, alphabet.symbols)
    return texts


def _judge_crop(crop: CellCrop, lines: Sequence[Mapping[str, float]]) -> CellReading:
    if not lines:
        return CellReading((Candidate("", _judge_empty(crop)),), crop)
    joined: dict[str, float] = {"": 1.0}
    for texts in lines:
        best = sorted(texts.items(), key=lambda item: -item[1])[: 2 * MAX_CANDIDATES]
        joined = {head + tail: p * q for head, p in joined.items() for tail, q in best}
    folded: dict[str, float] = defaultdict(float)
    for text, probability in joined.items():
        for printed, share in _fold_flat(text, crop) or _fold_strokes(text, crop):
            folded[printed] += share * probability
    if crop.dash:
        folded = defaultdict(float, {text: (1 - ALIKE) * p for text, p in folded.items()})
        folded[DASH] += ALIKE
    if max(folded.values(), default=0.0) < UNREAD and (_is_flat(crop) or crop.ink <= PALE):
        folded[DASH if _is_flat(crop) and crop.ink > PALE else ""] += NOISE * max(1.0 - sum(folded.values()), 0.0)
    if doubt := _doubt_print(crop, folded):
        folded = defaultdict(float, {text: (1 - doubt) * p for text, p in folded.items()})
        folded[""] += doubt
    ranked = sorted(folded.items(), key=lambda item: -item[1])[:MAX_CANDIDATES]
    return CellReading(tuple(Candidate(text, p) for text, p in ranked if p >= LEAST), crop)


def _doubt_print(crop: CellCrop, texts: Mapping[str, float]) -> float:
    """How probable print is none: a line through the cell, or what shines through from the other side of the paper."""
    best = max(texts, key=lambda text: texts[text], default="")
    simple = not best.strip("1|-—/\\")
    if crop.dash or not (crop.pale or (crop.line and simple)):
        return 0.0
    return NO_PRINT if simple else HALF_PRINT


def _judge_empty(crop: CellCrop) -> float:
    """How probable a cell without print is empty: on a noisy page faint print cannot be seen."""
    return min(max(1.0 + CLEAR - crop.floor, 0.5), SPECKLED if crop.ink else SURE)


def _is_flat(crop: CellCrop) -> bool:
    """Whether print is far lower than digits and wider than high."""
    return len(crop.lines) == 1 and 0.0 < crop.tall < FLAT and crop.area >= WIDE * crop.tall**2


def _fold_flat(text: str, crop: CellCrop) -> list[tuple[str, float]]:
    """Print that is far lower than digits and wider than high is a dash, whatever it looks like once it is scaled."""
    if not _is_flat(crop) or (text and not any(map(str.isdigit, text))):
        return []
    doubt = IN_DOUBT if text else UNSEEN
    return [(DASH, 1 - doubt), (fold_number(text), doubt)]


def share_stroke(crop: CellCrop) -> list[tuple[str, float]]:
    """What a lone stroke may be that leans, forwards or backwards; none for an upright one.

    No upright digit leans as far as a slash, one in italics nearly does.
    """
    if abs(crop.lean) <= LEANING:
        return []
    slash = 0.85 if abs(crop.lean) > SLANTED else 0.5
    return [("1", 1 - slash), ("/" if crop.lean > 0 else "\\", slash)]


def _fold_strokes(text: str, crop: CellCrop) -> list[tuple[str, float]]:
    """A lone stroke is a 1, but as well a slash where it leans, or a rest of ruling at the border of the cell."""
    one = fold_number(text)
    if one == "1" and (shares := share_stroke(crop)):
        return shares
    if crop.touches and text.strip("|") == "" and text:
        return [(one, 0.5), ("", 0.5)]
    if crop.touches and crop.stroke and one == "1":
        return HALF_ZERO
    return [(one, 1.0)]
