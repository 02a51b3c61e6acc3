"""What stands around a candidate, as features: its label, the clauses before and behind, telling words, time.

Numbers are masked, so that features tell wording and never a value: a candidate's as `#`, a year as one of this report,
before or after it, any other digits as `9`.
"""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.facts.candidates import Candidate
from extraction.facts.passages import REACH, Passage
from extraction.facts.scope import is_of_another_time
from models.fact_items import load_telling_words

ROWS = 2**15  # of the table of weights; features share a row by chance
LEFT_LENGTHS = (1, 2, 3, 4, 5, 6, 8)
RIGHT_LENGTHS = (1, 2, 3, 4, 6)
CLAUSE, NEXT, BEFORE, FURTHER = 18, 14, 24, 60  # characters that are looked at of each
MAX_SMALL = 20
MAX_CACHED = 4_000  # stretches of text; one takes about 0.2 KB

_YEAR = re.compile(r"(?:20\d\d|二[零O][零一二][零一二三四五六七八九])(?=年)")
_DIGITS = re.compile(r"\d[\d.,:]*")
_CLAUSE_END = re.compile(r"[,;:。!?\n()]")
_SENTENCE_ENDS = frozenset("。!?\n")
_HALF_ENDS = frozenset(";。!?\n")
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
THIS, EARLIER, LATER, UNKNOWN = "⓪", "⊖", "⊕", "◎"
YEARS = frozenset([THIS, EARLIER, LATER, UNKNOWN])
_JOINTS = frozenset("、和与及,的")
_LISTING = ("其中", "分别", "包括", "共")


@dataclass(frozen=True, slots=True)
class Masked:
    """A passage with masked numbers and the places of its candidates.

    `stops` are their ends in order, `marks` are (start, end, kind) of telling words. `clauses`, `halves` and
    `sentences` are the places of the marks that end a clause, a half of a sentence, a sentence.
    """

    text: str
    anchors: tuple[int, ...]
    ends: tuple[int, ...]
    stops: tuple[int, ...]
    marks: tuple[tuple[int, int, str], ...]
    clauses: tuple[int, ...]
    halves: tuple[int, ...]
    sentences: tuple[int, ...]

    def find_kinds(self, start: int, end: int) -> list[str]:
        """The kinds of the telling words between two places, in order."""
        first = bisect_left(self.marks, (start, 0, ""))
        found = []
        for begin, stop, kind in itertools.islice(self.marks, first, None):
            if begin >= end:
                break
            if stop <= end:
                found.append(kind)
        return found


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

    ends = tuple(place(c.end) for c in candidates)
    anchors = tuple(place(c.anchor) for c in candidates)
    clauses = tuple([match.start() for match in _CLAUSE_END.finditer(text)])
    halves = tuple([end for end in clauses if text[end] in _HALF_ENDS])
    sentences = tuple([end for end in halves if text[end] in _SENTENCE_ENDS])
    return Masked(text, anchors, ends, tuple(sorted(ends)), tuple(_find_marks(text)), clauses, halves, sentences)


def _find_start(ends: Sequence[int], place: int) -> int:
    """Where what `place` stands in begins: behind the last of `ends` before it, or `REACH` before."""
    index = bisect_left(ends, place)
    far = max(0, place - REACH)
    return max(far, ends[index - 1] + 1) if index else far


def _find_end(ends: Sequence[int], text: str, place: int) -> int:
    """Where what `place` stands in ends: before the first of `ends` behind it, or `REACH` behind."""
    index = bisect_left(ends, place)
    far = min(len(text), place + REACH)
    return min(far, ends[index]) if index < len(ends) else far


def _mask_plain(text: str, year: int | None) -> str:
    text = _YEAR.sub(lambda match: _mask_year(match[0], year), text)
    return _DIGITS.sub("9", text)


def _mask_year(digits: str, year: int | None) -> str:
    said = int(digits.translate(_CHINESE_DIGITS).replace("二", "2"))
    return UNKNOWN if year is None else THIS if said == year else EARLIER if said < year else LATER


@functools.cache
def _word_pattern() -> re.Pattern[str]:
    words = sorted(load_telling_words(), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, words)))


def _find_marks(text: str) -> Iterator[tuple[int, int, str]]:
    kinds = load_telling_words()
    for match in _word_pattern().finditer(text):
        yield match.start(), match.end(), kinds[match[0]]


def find_other_times(masked: Masked) -> list[bool]:
    """Of each candidate, whether its sentence opens with another time and has not come back to this year."""
    starts = [_find_start(masked.sentences, anchor) for anchor in masked.anchors]
    places = zip(starts, masked.anchors, masked.ends, strict=True)
    return [is_of_another_time(masked.text, start, anchor, max(anchor, end)) for start, anchor, end in places]


def list_features(
    passage: Passage,
    candidates: Sequence[Candidate],
    year: int | None,
    *,
    before: str = "",
    masked: Masked | None = None,
) -> list[list[str]]:
    """The features of each candidate of a passage; `before` is the folded passage before it."""
    if not candidates:
        return []
    masked = masked or mask_passage(passage, candidates, year)
    above = [kind for _, _, kind in _find_marks(before[-BEFORE:])]
    return [
        list(dict.fromkeys(_list_own(masked, index, candidate, passage.section, above)))
        for index, candidate in enumerate(candidates)
    ]


def hash_features(features: Sequence[str]) -> list[int]:
    """Rows of the table of weights, by CRC-32."""
    encoded = "\0".join(features).encode("utf-8").split(b"\0")  # at once, which takes half the time
    if len(encoded) != len(features):
        encoded = [feature.encode("utf-8") for feature in features]
    return [code % ROWS for code in map(zlib.crc32, encoded)]


def _list_own(masked: Masked, index: int, candidate: Candidate, section: str, above: Sequence[str]) -> list[str]:
    # Lists, not generators: a report has thousands of features.
    text, anchor, kind = masked.text, masked.anchors[index], candidate.kind
    end = anchor if kind == "denied" else masked.ends[index]
    stretch = _find_stretch(masked, anchor, end)
    own = text[stretch.label : anchor]
    last = text[stretch.previous : stretch.clause]
    features = ["bias", f"kind:{kind}", f"unit:{candidate.unit}", f"section:{section}"]
    features += _list_number(candidate)
    features += [f"left:{own[-length:]}" for length in LEFT_LENGTHS if length <= len(own)]
    if len(own) < LEFT_LENGTHS[-1]:
        features.append(f"whole:{own}")
    features += _list_grams("L", own[-CLAUSE:])
    features += _list_right(text, end, stretch)
    features += _list_grams("P", text[stretch.clause : stretch.label][-BEFORE:])
    features += _list_grams("Q", last[-BEFORE:])
    features.append(f"Q-end:{last[-4:]}")
    further = text[stretch.half : stretch.previous][-FURTHER:]
    features += [f"S:{one}{two}" for one, two in itertools.pairwise(further)]
    features += _list_words(masked, stretch, anchor, end, above, candidate)
    features += _list_times(text, stretch, anchor)
    return features


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where the text around a number begins and ends: its sentence, the half of it, the clause before, its clause, its
    label (behind the number before it), what is said right of it, and the clause behind.
    """

    sentence: int
    half: int
    previous: int
    clause: int
    label: int
    right: int
    stop: int
    following: int


def _find_stretch(masked: Masked, anchor: int, end: int) -> Stretch:
    text, clauses = masked.text, masked.clauses
    clause = _find_start(clauses, anchor)
    earlier = bisect_right(masked.stops, anchor) - 1
    label = max(clause, masked.stops[earlier]) if earlier >= 0 else clause
    while label < anchor and text[label] in _JOINTS:
        label += 1
    if label < anchor and text[anchor - 1] in "、和与及":
        label = anchor  # what stands between belongs to the number before (`5件复议、2件诉讼`)
    stop = _find_end(clauses, text, end)
    right = min((place for mark in ("#", "、") if (place := text.find(mark, end, stop)) >= 0), default=stop)
    following = _find_end(clauses, text, stop + 1) if text[stop : stop + 1] == "," else stop
    return Stretch(
        sentence=_find_start(masked.sentences, anchor),
        half=_find_start(masked.halves, anchor),
        previous=_find_start(clauses, max(0, clause - 1)),
        clause=clause,
        label=label,
        right=right,
        stop=stop,
        following=following,
    )


def _list_number(candidate: Candidate) -> list[str]:
    value = candidate.value
    features = ["size:zero" if not value else "size:small" if value <= MAX_SMALL else "size:large"]
    if candidate.chinese:
        features.append("chinese")
        if value == 1:
            features.append(f"one:{candidate.unit}")
    if candidate.rounded:
        features.append("rounded")
    return features


def _list_right(text: str, end: int, stretch: Stretch) -> list[str]:
    right = text[end : stretch.right][:CLAUSE]
    features = [f"right:{right[:length]}" for length in RIGHT_LENGTHS if length <= len(right)]
    if len(right) < RIGHT_LENGTHS[-1]:
        features.append(f"right-whole:{right}")
    features += _list_grams("R", right)
    features.append(f"stop:{text[stretch.right : stretch.right + 1]}")
    following = text[stretch.stop + 1 : stretch.following]
    if following and "#" not in text[end : stretch.following]:
        features += _list_grams("N", following[:NEXT])
    return features


def _list_words(
    masked: Masked, stretch: Stretch, anchor: int, end: int, above: Sequence[str], candidate: Candidate
) -> list[str]:
    """What the telling words around a number say: in its own label, behind it, and before."""
    unit = candidate.unit
    own = masked.find_kinds(stretch.label, anchor)
    right = masked.find_kinds(end, stretch.right)
    clause = masked.find_kinds(stretch.clause, stretch.label)
    half = masked.find_kinds(stretch.half, stretch.clause)
    sentence = masked.find_kinds(stretch.sentence, stretch.half)
    following = masked.find_kinds(stretch.stop, stretch.following)
    if "#" in masked.text[end : stretch.following]:
        following = []
    features: list[str] = []
    for name, kinds in (("own", own), ("right", right), ("clause", clause), ("half", half), ("next", following)):
        for kind in dict.fromkeys(kinds):
            features.append(f"{name}:{kind}")
            if name in ("own", "right"):
                features.append(f"{name}-unit:{kind}:{unit}")
        features.append(f"{name}-all:{'+'.join(sorted(set(kinds)))}")
    left = [*sentence, *half, *clause]
    last, first = own[-1] if own else "none", right[0] if right else "none"
    spans = [kind for kind in (*left, *own) if kind in SCOPES]
    scope = spans[-1] if spans else "none"
    features += [
        f"scope:{scope}",
        f"scope-own:{scope}:{last}",
        f"scope-unit:{scope}:{unit}",
        f"scope-first:{scope}:{own[0] if own else 'none'}",
        f"scope-right:{scope}:{first}",
        f"own-last:{last}",
        f"own-last-two:{'+'.join(own[-2:])}",
        f"own-right:{last}:{first}",
        *_list_behind(own, right, following, unit),
    ]
    for kind in left[-1:]:
        features += [f"before:{kind}", f"before-own:{kind}:{last}", f"before-unit:{kind}:{unit}"]
    label = masked.text[stretch.label : anchor][-3:]
    for kinds, name in ((left + own, "head"), (above, "above")):
        heads = [kind for kind in kinds if kind in HEADS]
        head = heads[-1] if heads else "none"
        features += [f"{name}:{head}", f"{name}-own:{head}:{last}", f"{name}-right:{head}:{first}"]
        features.append(f"{name}-label:{head}:{label}")
    if not left and not own:
        features += [f"above-kind:{kind}" for kind in above[-2:]]
    for kind in dict.fromkeys(left[-6:]):
        features += [f"left:{kind}", f"left-own:{kind}:{last}"]
    return features


def _list_behind(own: Sequence[str], right: Sequence[str], following: Sequence[str], unit: str) -> list[str]:
    last = right[-1] if right else "none"
    features = [f"right-last:{last}"]
    if not own:  # the number stands first: what it counts is said behind it
        features.append(f"behind:{'+'.join(right[-2:])}")
        features.append(f"behind-last:{last}:{unit}")
        features.append(f"behind-next:{following[-1] if following else 'none'}")
    return features


HEADS = frozenset(
    ["requests", "reconsideration", "litigation", "appeals", "website", "wechat", "microblog", "new_media"]
    + ["press", "training", "meetings", "fees"]
)


SCOPES = frozenset(["before", "since", "plan", "now", "reached"])


def _list_times(text: str, stretch: Stretch, anchor: int) -> list[str]:
    label, clause, half = stretch.label, stretch.clause, stretch.half
    parts = (
        ("label", _find_times(text[label:anchor])),
        ("clause", _find_times(text[clause:label])),
        ("half", _find_times(text[half:clause])),
        ("right", _find_times(text[anchor : stretch.stop])),
    )
    told = [(place, names) for place, names in parts if names]
    features = [f"time-{place}:{name}" for name in _TIMES for place, names in told if name in names] if told else []
    features.append(f"year:{_find_last_year(text, stretch.sentence, anchor)}")
    features.append(f"year-near:{_find_last_year(text, clause, anchor)}")
    features += [f"list:{word}" for word in _LISTING if text.find(word, half, anchor) >= 0]
    return features


@functools.lru_cache(maxsize=MAX_CACHED)
def _find_times(text: str) -> tuple[str, ...]:
    """Which kinds of time a stretch of masked text speaks of; of the numbers of one clause it is the same."""
    return tuple([name for name, pattern in _TIMES.items() if pattern.search(text)]) if text else ()


def _find_last_year(text: str, start: int, end: int) -> str:
    """The mark of the last year between two places of a masked text."""
    place = max([text.rfind(mark, start, end) for mark in YEARS])
    return text[place] if place >= 0 else "none"


def _list_grams(name: str, text: str) -> list[str]:
    """Each two and each three characters of a text."""
    twos = [f"{name}:{one}{two}" for one, two in itertools.pairwise(text)]
    return twos + [f"{name}:{a}{b}{c}" for a, b, c in zip(text, text[1:], text[2:], strict=False)]
