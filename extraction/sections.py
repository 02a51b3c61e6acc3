"""The sections of a report: headings found by the line classifier, and the order that sections can have."""

from __future__ import annotations

import functools
import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.line_views import HEAD_CHARACTERS, STRIPPED, LineView, fold_head, view_lines
from extraction.lines import SECTION_CLASSES, LineClassifier
from models.document import Document, TextLine
from models.report import Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CORE = SECTION_CLASSES[:6]  # in the order of 国办公开办函〔2019〕60号, each at most once
LAST_BEFORE_FEES = CORE.index("disputes")  # 收费及减免 stands between requests and disputes, or after disputes

CANDIDATE = 1e-3  # lines less likely to be a heading than this cannot change the best path
DOUBT = 2e-3  # probability that a line is of any class at all, so that no one line can forbid a path
# How likely a report is to do without a section of the core: softer than in the corpus, where it is 0 to 0.1. Documents
# of other kinds share one heading or two with reports, and so lack the rest.
MISSING = {"overview": 0.05, "proactive": 0.03, "requests": 0.03, "disputes": 0.1, "problems": 0.05, "other": 0.2}
# How likely a document is a report by the topic of its title (`find_topic`); in the corpus 0, 0.1 and 0.98.
REPORT = {"other": 1e-3, "unknown": 0.3, "report": 0.98}
FOREIGN = ("furniture", "cell")
SURE = 0.9  # these are left out of a section's text only where they are sure
REST = 0.5
SWALLOWED = 0.5
MAX_REST_LINES = 2

# A heading longer than this, or with a mark inside, may have its paragraph on the same line.
LONGEST_PLAIN_HEADING = 20
_INNER_MARK = re.compile(r"[。：:！!；;，,（(]|(?<=\S)[ \t\u3000]+(?=\S)")
# A row of a table: its fields after the first, or the number that it ends in. A heading's numeral may be a field.
_ROW = re.compile(r"[^\s|][^|\t]{4,}?(?:[|\t]| {2})[\s|]*[^\s|]")
_ROW_END = "|" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_CLOSING = "。：:；;，,、 \t\u3000"
# How much a mark speaks for the end of a heading before it, in logits; the best of a grid on headings and paragraphs of
# the calibrate split, put together by hand.
MARK_WEIGHTS = dict.fromkeys("。：:，,；! \t\u3000", 0.75)
SENTENCE_WEIGHT = -1.0  # of a beginning that holds a mark of a sentence itself
_SENTENCE_MARK = re.compile(r"[。；，,;！]|[：:](?=.)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading of the document stands: the last of the core sections, and the extra ones seen."""

    core: int = -1
    extras: frozenset[str] = frozenset()

    def enter(self, section: str) -> Place | None:
        """The place after a heading of `section`; `None` where the order forbids it."""
        if section in CORE:
            index = CORE.index(section)
            return Place(index, self.extras) if index > self.core else None
        if section in self.extras or (section == "fees" and self.core > LAST_BEFORE_FEES):
            return None
        return Place(self.core, self.extras | {section})


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found: `index` counts the lines of no table; `confidence` is the posterior of the boundary."""

    index: int
    section: str
    confidence: float


@functools.cache
def list_places() -> tuple[Place, ...]:
    """Every place that can be reached from the beginning of a document, the beginning first."""
    places = [Place()]
    for place in places:
        following = (place.enter(section) for section in SECTION_CLASSES)
        places += [other for other in dict.fromkeys(following) if other is not None and other not in places]
    return tuple(places)


def find_sections(
    document: Document, lines: LineClassifier, *, table_blocks: frozenset[int] = frozenset()
) -> tuple[Section, ...]:
    """Cut a document into its sections, () where it has none.

    `table_blocks` are the indices in `document.blocks` of the text lines that belong to tables; a clear heading among
    them, as one that closes on the last row, is taken for a heading.
    """
    placed = view_lines(document, table_blocks - find_swallowed(document, lines, table_blocks))
    if not placed:
        return ()
    views = [view for _, view in placed]
    probabilities = lines.predict_proba(views)
    headings = find_headings(probabilities, lines.classes, topic=views[0].topic)
    ends = [*(heading.index for heading in headings), len(views)][1:]
    return tuple(
        _make_section(heading, views[heading.index : end], probabilities[heading.index : end], lines)
        for heading, end in zip(headings, ends, strict=True)
    )


def find_swallowed(document: Document, lines: LineClassifier, table_blocks: frozenset[int]) -> frozenset[int]:
    """The table lines that read as headings of sections, by their words alone."""
    lined = {i: block.text for i in sorted(table_blocks) if isinstance(block := document.blocks[i], TextLine)}
    texts = {i: text for i, text in lined.items() if not _is_row(text)}
    if not texts:
        return frozenset()
    columns = [lines.classes.index(section) for section in SECTION_CLASSES]
    chances = lines.predict_proba([_view_after_table(text) for text in texts.values()])[:, columns].max(axis=1)
    return frozenset(i for i, chance in zip(texts, chances, strict=True) if chance > SWALLOWED)


def _is_row(text: str) -> bool:
    """Whether a line is a row of a table by its marks or its last number."""
    if text.rstrip(_ROW_END)[-1:].isdecimal():
        return True
    return ("|" in text or "\t" in text or "  " in text) and _ROW.search(text) is not None


def _view_after_table(text: str) -> LineView:
    """A line as the last of a table in the middle of a report."""
    return LineView(text, place=5, before="table", after="short", topic="report")


def find_headings(
    probabilities: NDArray[np.float32], classes: Sequence[str], *, topic: str = "report"
) -> tuple[Heading, ...]:
    """Decode the most probable legal sequence of headings (Viterbi), each with its posterior (forward-backward).

    `probabilities` has shape (n_lines, n_classes); a path's weight is the product of the probabilities of what it
    says of each line: a heading of one section, or none, and of the sections that it misses. `topic` is what the title
    promises (`find_topic`).
    """
    import numpy as np

    columns = [classes.index(section) for section in SECTION_CLASSES]
    enter = probabilities[:, columns].astype(np.float64)
    candidates = np.flatnonzero(enter.max(axis=1) > CANDIDATE)
    if not len(candidates):
        return ()
    enter = (1 - DOUBT) * enter[candidates] + DOUBT / (1 + len(columns))
    stay = np.maximum(1 - enter.sum(axis=1), DOUBT / (1 + len(columns)))
    ends = _weigh_ends() * np.where(np.arange(len(list_places())), REPORT[topic], 1 - REPORT[topic])
    path = _decode_path(np.log(enter), np.log(stay), np.log(ends))
    posteriors = _find_posteriors(enter, stay, ends)
    return tuple(
        Heading(int(candidates[i]), SECTION_CLASSES[c], float(min(1.0, posteriors[i, c])))
        for i, c in enumerate(path)
        if c is not None
    )


@dataclass(frozen=True, slots=True)
class Moves:
    """Every legal move: place before, section entered, place after and weight, four arrays of shape (n_moves,)."""

    before: NDArray[np.int64]
    section: NDArray[np.int64]
    after: NDArray[np.int64]
    weight: NDArray[np.float64]


@functools.cache
def _find_moves() -> Moves:
    import numpy as np

    places = list_places()
    index = {place: i for i, place in enumerate(places)}
    moves = [
        (i, c, index[after], _weigh_missing(place.core + 1, max(place.core + 1, after.core)))
        for i, place in enumerate(places)
        for c, section in enumerate(SECTION_CLASSES)
        if (after := place.enter(section)) is not None
    ]
    before, section, following, weight = (np.array(column) for column in zip(*moves, strict=True))
    return Moves(before, section, following, weight)


@functools.cache
def _weigh_ends() -> NDArray[np.float64]:
    """How likely a report is to end at each place, by the sections it then lacks; the beginning weighs 1."""
    import numpy as np

    places = list_places()
    return np.array([1.0, *(_weigh_missing(place.core + 1, len(CORE)) for place in places[1:])])


def _weigh_missing(first: int, last: int) -> float:
    """The weight of a report without the core sections from `first` up to before `last`."""
    return math.prod(MISSING[section] for section in CORE[first:last])


def _decode_path(enter: NDArray[np.float64], stay: NDArray[np.float64], ends: NDArray[np.float64]) -> list[int | None]:
    """The section entered at each candidate on the best path.

    Logarithms in, of shapes (n_candidates, n_sections), (n_candidates,) and (n_places,).
    """
    import numpy as np

    moves = _find_moves()
    weight = np.log(moves.weight)
    best = np.full(len(ends), -np.inf)
    best[0] = 0.0
    choices = []
    for row, still in zip(enter, stay, strict=True):
        scores = best[moves.before] + row[moves.section] + weight
        order = np.argsort(scores, kind="stable")
        choice = np.full(len(best), -1)
        strongest = np.full(len(best), -np.inf)
        strongest[moves.after[order]] = scores[order]  # of several moves into a place the last stays, which is the best
        choice[moves.after[order]] = order
        following = best + still
        choice[strongest <= following] = -1
        best = np.maximum(following, strongest)
        choices.append(choice)
    place = int((best + ends).argmax())
    path: list[int | None] = []
    for choice in reversed(choices):
        move = int(choice[place])
        path.append(None if move < 0 else int(moves.section[move]))
        place = place if move < 0 else int(moves.before[move])
    return path[::-1]


def _find_posteriors(
    enter: NDArray[np.float64], stay: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(candidate i is the heading of section c | the order), shape (n_candidates, n_sections)."""
    import numpy as np

    moves = _find_moves()
    forward = np.zeros((len(enter) + 1, len(ends)))
    forward[0, 0] = 1.0
    for i, row in enumerate(enter):
        moved = forward[i, moves.before] * row[moves.section] * moves.weight
        step = forward[i] * stay[i] + np.bincount(moves.after, moved, len(ends))
        forward[i + 1] = step / step.sum()
    posteriors = np.zeros_like(enter)
    backward = ends
    for i in range(len(enter) - 1, -1, -1):
        moved = enter[i, moves.section] * moves.weight * backward[moves.after]
        weights = forward[i, moves.before] * moved
        total = weights.sum() + (forward[i] * stay[i] * backward).sum()
        posteriors[i] = np.bincount(moves.section, weights / total, enter.shape[1])
        backward = backward * stay[i] + np.bincount(moves.before, moved, len(ends))
        backward = backward / backward.max()
    return posteriors


def _make_section(
    heading: Heading, views: Sequence[LineView], probabilities: NDArray[np.float32], lines: LineClassifier
) -> Section:
    """The section that `views[0]` opens, out of its lines."""
    title, text = split_heading(views[0].text, heading.section, lines)
    first = 1
    if not text:
        rest = probabilities[:, lines.classes.index("rest")]
        while first < min(len(views), 1 + MAX_REST_LINES) and rest[first] > REST and not views[first].gap:
            title += views[first].text.strip(STRIPPED)
            first += 1
    foreign = probabilities[:, [lines.classes.index(name) for name in FOREIGN]].max(axis=1)
    kept = [view.text.strip(STRIPPED) for view, p in zip(views[first:], foreign[first:], strict=True) if p < SURE]
    return Section(heading.section, title, "\n".join([text, *kept] if text else kept), heading.confidence)


def split_heading(text: str, section: str, lines: LineClassifier) -> tuple[str, str]:
    """Part a heading from the paragraph that runs on behind it; the paragraph is "" where the heading stands alone.

    The heading is the beginning that is most clearly one of its section by itself.
    """
    text = text.strip(STRIPPED)
    cuts = _find_cuts(text)
    if len(cuts) < 2:
        return text, ""
    # A beginning that is cut off says more for its section the longer it is; so the odds against all else decide.
    scores = _score_margins([text[:cut] for cut in cuts], section, lines)
    bonus = [_weigh_mark(text, cut) for cut in cuts]
    cut = cuts[max(range(len(cuts)), key=lambda i: scores[i] + bonus[i])]
    title, rest = text[:cut].strip(STRIPPED), text[cut:].lstrip(_CLOSING)
    return (title, rest) if rest else (text, "")


def _find_cuts(text: str) -> list[int]:
    """Where a heading may end: at marks inside a short line, anywhere in a long one's head; the whole line last."""
    long = len(fold_head(text)) > LONGEST_PLAIN_HEADING
    if long:
        head = text[: 2 * HEAD_CHARACTERS]
        cuts = [i for i in range(4, len(head)) if not _joined(head[i - 1], head[i])]
        cuts = cuts[: bisect_right(cuts, HEAD_CHARACTERS, key=lambda i: len(fold_head(text[:i])))]
    else:
        cuts = [match.start() for match in _INNER_MARK.finditer(text) if match.start() >= 4]
    whole = [len(text)] if len(fold_head(text)) <= HEAD_CHARACTERS else []
    return cuts + whole


def _joined(left: str, right: str) -> bool:
    """Whether two characters belong together: digits and letters of one run, a blank or a mark after its text."""
    return left in _CLOSING or (left.isascii() and right.isascii() and left.isalnum() and right.isalnum())


def _weigh_mark(text: str, cut: int) -> float:
    """How much the marks in a line speak for the end of its heading at `cut`, in logits."""
    weight = MARK_WEIGHTS.get(text[cut], 0.0) if cut < len(text) else 0.0
    return weight + (SENTENCE_WEIGHT if _SENTENCE_MARK.search(text[:cut]) else 0.0)


def _score_margins(texts: Sequence[str], section: str, lines: LineClassifier) -> list[float]:
    """Log odds of each text being a heading of the section, by itself."""
    import numpy as np

    logits = lines.score_texts(texts).astype(np.float64)
    own = lines.classes.index(section)
    others = np.delete(logits, own, axis=1)
    peak = others.max(axis=1)
    return [float(value) for value in logits[:, own] - peak - np.log(np.exp(others - peak[:, None]).sum(axis=1))]
