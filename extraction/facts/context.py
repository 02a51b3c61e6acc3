"""What stands around a candidate, as features: its clause, the clauses before and after, topics named before it, time.

Numbers are masked, so that features tell wording and never a value: a candidate's as `#`, a year as one of this report,
before or after it, any other digits as `9`.
"""

from __future__ import annotations

import functools
import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.facts.candidates import Candidate
from extraction.facts.passages import Passage
from models.fact_items import load_topics

ROWS = 2**15  # of the table of weights; features share a row by chance
LEFT_LENGTHS = (1, 2, 3, 4, 5, 6, 8)
RIGHT_LENGTHS = (1, 2, 3, 4, 6)
CLAUSE, NEXT, BEFORE, FURTHER = 18, 14, 24, 60  # characters that are looked at of each
MAX_SMALL = 20

_YEAR = re.compile(r"(?:20\d\d|二[零O][零一二][零一二三四五六七八九])(?=年)")
_DIGITS = re.compile(r"\d[\d.,:]*")
_CLAUSES = re.compile(r"[,;:。!?\n()]")
_SENTENCES = re.compile(r"[。!?\n]")
_HALF_SENTENCES = re.compile(r"[;。!?\n]")
_TIMES = {
    "last": re.compile(r"上年|去年|上一年|往年|此前|上年度|前一年|前年|上期|⊖年"),
    "total": re.compile(r"累计|历年|以来|迄今|至今|截至|截止|自.{0,12}起|开通至|总量|总数"),
    "compared": re.compile(r"同比|环比|相比|增长|增加|下降|减少|上升|提高|多出|较⊖|比⊖|比上|较上"),
    "share": re.compile(r"占|比例|比重|率|%"),
    "next": re.compile(r"计划|拟|将|⊕年|明年|下一步|力争|争取|不少于|至少|应当|要求|原则上|规定"),
    "rate": re.compile(r"每|各|平均|人均|日均"),
    "here": re.compile(r"今年|本年|全年|年内|⓪年|报告期|年度内|一年来"),
}
_CHINESE_DIGITS = str.maketrans("零O一二三四五六七八九", "00123456789")
THIS, EARLIER, LATER, UNKNOWN = "⓪⊖⊕◎"


@dataclass(frozen=True, slots=True)
class Masked:
    """A passage with masked numbers and the places of the candidates in it; `marks` are (place, topic) in order."""

    text: str
    anchors: tuple[int, ...]
    ends: tuple[int, ...]
    marks: tuple[tuple[int, str], ...]


def mask_passage(passage: Passage, candidates: Sequence[Candidate], year: int | None) -> Masked:
    """Mask the numbers of a passage; places of candidates follow."""
    numbers = {(c.start, c.end): c for c in candidates if c.kind != "denied"}
    text, last = "", 0
    moves: list[tuple[int, int]] = [(0, 0)]  # (place before, place after) where text was replaced
    for start, end in sorted(numbers):
        if start < last:
            continue
        text += _mask_plain(passage.folded[last:start], year)
        moves.append((start, len(text)))
        text += "#" + numbers[start, end].unit
        moves.append((end, len(text)))
        last = end
    rest = passage.folded[last:]
    # The years and other digits shrink too: places are found through the plain stretches between numbers.
    text += _mask_plain(rest, year)
    moves.append((len(passage.folded), len(text)))

    def place(old: int) -> int:
        index = bisect_right(moves, (old, 10**9)) - 1
        before, after = moves[index]
        if before == old:
            return after
        return after + len(_mask_plain(passage.folded[before:old], year))

    return Masked(
        text,
        tuple(place(c.anchor) for c in candidates),
        tuple(place(c.end) for c in candidates),
        tuple(_find_marks(text)),
    )


def _mask_plain(text: str, year: int | None) -> str:
    text = _YEAR.sub(lambda match: _mask_year(match[0], year), text)
    return _DIGITS.sub("9", text)


def _mask_year(digits: str, year: int | None) -> str:
    said = int(digits.translate(_CHINESE_DIGITS).replace("二", "2"))
    return UNKNOWN if year is None else THIS if said == year else EARLIER if said < year else LATER


@functools.cache
def _topic_pattern() -> re.Pattern[str]:
    words = sorted(load_topics(), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, words)))


def _find_marks(text: str) -> Iterator[tuple[int, str]]:
    topics = load_topics()
    for match in _topic_pattern().finditer(text):
        yield match.end(), topics[match[0]]


def list_features(
    passage: Passage, candidates: Sequence[Candidate], year: int | None, *, before: str = ""
) -> list[list[str]]:
    """The features of each candidate of a passage; `before` is the folded passage before it."""
    if not candidates:
        return []
    masked = mask_passage(passage, candidates, year)
    above = [topic for _, topic in _find_marks(before[-BEFORE:])]
    return [
        list(dict.fromkeys(_list_own(masked, index, candidate, passage.section, above)))
        for index, candidate in enumerate(candidates)
    ]


def hash_features(features: Sequence[str]) -> list[int]:
    """Rows of the table of weights, by CRC-32."""
    return [zlib.crc32(feature.encode("utf-8")) % ROWS for feature in features]


def _list_own(masked: Masked, index: int, candidate: Candidate, section: str, above: Sequence[str]) -> Iterator[str]:
    text, anchor, end = masked.text, masked.anchors[index], masked.ends[index]
    kind = candidate.kind
    yield "bias"
    yield f"kind:{kind}"
    yield f"unit:{candidate.unit}"
    yield f"section:{section}"
    yield from _list_number(candidate)
    sentence = _start_after(_SENTENCES, text, anchor)
    half = _start_after(_HALF_SENTENCES, text, anchor)
    clause = _start_after(_CLAUSES, text, anchor)
    left = text[clause:anchor][-CLAUSE:]
    for length in LEFT_LENGTHS:
        yield f"left:{left[-length:]}" if len(left) >= length else f"whole:{left}"
    yield from _list_grams("L", left)
    yield from _list_right(text, anchor if kind == "denied" else end)
    if not left.strip("#"):
        yield "nothing-before"
    # The clauses before, each with less weight to its order the further away it is.
    previous = _start_after(_CLAUSES, text, max(0, clause - 1))
    yield from _list_grams("P", text[previous:clause][-BEFORE:])
    yield f"P-end:{text[previous:clause][-4:]}"
    yield from _list_grams("S", text[half:previous][-FURTHER:], sizes=(2,))
    yield from _list_topics(masked, anchor, clause, sentence, above, candidate)
    yield from _list_times(text, clause, half, sentence, anchor)
    if denial := text[clause:anchor] if kind == "denied" else "":
        yield from _list_grams("D", denial[-12:])


def _list_number(candidate: Candidate) -> Iterator[str]:
    value = candidate.value
    yield "size:zero" if not value else "size:small" if value <= MAX_SMALL else "size:large"
    if candidate.chinese:
        yield "chinese"
        if value == 1:
            yield f"one:{candidate.unit}"
    if candidate.rounded:
        yield "rounded"


def _list_right(text: str, end: int) -> Iterator[str]:
    stop = _end_before(_CLAUSES, text, end)
    right = text[end:stop][:CLAUSE]
    for length in RIGHT_LENGTHS:
        yield f"right:{right[:length]}" if len(right) >= length else f"right-whole:{right}"
    yield from _list_grams("R", right)
    yield f"stop:{text[stop : stop + 1]}"
    following = text[stop + 1 : _end_before(_CLAUSES, text, stop + 1)][:NEXT]
    if text[stop : stop + 1] == "," and "#" not in right:
        yield f"next:{'#' in following}"
        if "#" not in following:
            yield from _list_grams("N", following)


def _list_topics(
    masked: Masked, anchor: int, clause: int, sentence: int, above: Sequence[str], candidate: Candidate
) -> Iterator[str]:
    marks = masked.marks
    stop = bisect_right(marks, (anchor, "\uffff"))
    own = [topic for place, topic in marks[bisect_left(marks, (sentence, "")) : stop]]
    within = [topic for place, topic in marks[bisect_left(marks, (clause, "")) : stop]]
    near = list(dict.fromkeys(reversed(own)))
    unit, left = candidate.unit, masked.text[clause:anchor]
    for rank, topic in enumerate(near[:4]):
        yield f"topic{rank}:{topic}"
    first = near[0] if near else "none"
    yield f"topic-unit:{first}:{unit}"
    yield f"topic-left:{first}:{left[-2:]}"
    yield f"topic-left3:{first}:{left[-3:]}"
    yield f"topics:{'+'.join(near[:2])}"
    if own:
        yield f"topic-first:{own[0]}"
        yield f"topic-first-left:{own[0]}:{left[-2:]}"
    yield f"clause-topics:{'+'.join(dict.fromkeys(within))}"
    earlier = [topic for _, topic in marks[: bisect_left(marks, (sentence, ""))]][-3:]
    for topic in dict.fromkeys(earlier or above[-3:]):
        yield f"topic-before:{topic}"
    if not own:
        context = (earlier or list(above) or ["none"])[-1]
        yield f"topic-inherited:{context}:{left[-2:]}"
    # The legal remedy or request that a list of outcomes (`维持2件、纠正1件`) belongs to.
    heads = [topic for topic in near if topic in ("requests", "reconsideration", "litigation", "appeals")]
    head = heads[0] if heads else f"above-{([t for t in (*above, *earlier) if t in HEADS] or ['none'])[-1]}"
    yield f"head:{head}"
    yield f"head-left:{head}:{left[-2:]}"
    yield f"head-left3:{head}:{left[-3:]}"
    following = [topic for place, topic in marks[stop:] if place <= _end_before(_CLAUSES, masked.text, anchor)]
    for topic in following[:2]:
        yield f"topic-right:{topic}"
    following_stop = _end_before(_SENTENCES, masked.text, anchor)
    yield f"sentence-goes-on:{'#' in masked.text[anchor + 1 : following_stop]}"


HEADS = ("requests", "reconsideration", "litigation", "appeals")


def _list_times(text: str, clause: int, half: int, sentence: int, anchor: int) -> Iterator[str]:
    stop = _end_before(_CLAUSES, text, anchor)
    own, wide, rest = text[clause:anchor], text[half:clause], text[anchor:stop]
    for name, pattern in _TIMES.items():
        if pattern.search(own):
            yield f"time:{name}"
        if pattern.search(wide):
            yield f"time-before:{name}"
        if pattern.search(rest):
            yield f"time-right:{name}"
    last = [match[0] for match in re.finditer(f"[{THIS}{EARLIER}{LATER}{UNKNOWN}]", text[sentence:anchor])]
    yield f"year:{last[-1] if last else 'none'}"
    for word in ("其中", "分别", "包括", "共"):
        if word in text[half:anchor]:
            yield f"list:{word}"


def _list_grams(name: str, text: str, *, sizes: Sequence[int] = (2, 3)) -> Iterator[str]:
    for size in sizes:
        for i in range(len(text) - size + 1):
            yield f"{name}:{text[i : i + size]}"


def _start_after(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Where the stretch that `place` stands in begins, behind the last match before it."""
    start = 0
    for match in pattern.finditer(text, 0, place):
        start = match.end()
    return start


def _end_before(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.search(text, place)
    return match.start() if match else len(text)
