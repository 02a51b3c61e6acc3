"""What stands around a candidate, as features: its label, the clauses before and behind, telling words, time.

Numbers are masked, so that features tell wording and never a value: a candidate's as `#`, a year as one of this report,
before or after it, any other digits as `9`.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.facts.candidates import HALF_SENTENCES, Candidate
from extraction.facts.passages import Passage, find_end, find_start
from extraction.facts.scope import is_of_another_time
from models.fact_items import load_telling_words
from models.quick import quicken

ROWS = 2**15  # of the table of weights; features share a row by chance
LEFT_LENGTHS = (1, 2, 3, 4, 5, 6, 8)
RIGHT_LENGTHS = (1, 2, 3, 4, 6)
CLAUSE, NEXT, BEFORE, FURTHER = 18, 14, 24, 60  # characters that are looked at of each
MAX_SMALL = 20
MAX_CACHED = 50_000  # features; one takes about 0.2 KB

_YEAR = re.compile(r"(?:20\d\d|二[零O][零一二][零一二三四五六七八九])(?=年)")
_DIGITS = re.compile(r"\d[\d.,:]*")
_CLAUSES = re.compile(r"[,;:。!?\n()]")
_SENTENCES = re.compile(r"[。!?\n]")
_TIMES = {
    "last": re.compile(r"上年|去年|上一年|往年|此前|上年度|前一年|前年|上期|⊖年"),
    "total": re.compile(r"累计|历年|以来|迄今|至今|截至|截止|自.{0,12}起|开通至|总量|总数"),
    "compared": re.compile(r"同比|环比|相比|增长|增加|下降|减少|上升|提高|多出|较⊖|比⊖|比上|较上"),
    "share": re.compile(r"占|比例|比重|率|%"),
    "next": re.compile(r"计划|拟|将|⊕年|明年|下一步|力争|争取|不少于|至少|应当|要求|原则上|规定"),
    "rate": re.compile(r"每|各|平均|人均|日均"),
    "here": re.compile(r"今年|本年|全年|年内|⓪年|报告期|年度内|一年来"),
}
_ANY_TIME = re.compile("|".join(pattern.pattern for pattern in _TIMES.values()))  # most parts tell none
_CHINESE_DIGITS = str.maketrans("零O一二三四五六七八九", "00123456789")
THIS, EARLIER, LATER, UNKNOWN = "⓪", "⊖", "⊕", "◎"
YEARS = frozenset([THIS, EARLIER, LATER, UNKNOWN])
_JOINTS = frozenset("、和与及,的")


@dataclass(frozen=True, slots=True)
class Masked:
    """A passage with masked numbers and the places of its candidates.

    `stops` are their ends in order, `marks` are (start, end, kind) of telling words.
    """

    text: str
    anchors: tuple[int, ...]
    ends: tuple[int, ...]
    stops: tuple[int, ...]
    marks: tuple[tuple[int, int, str], ...]

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
    return Masked(text, anchors, ends, tuple(sorted(ends)), tuple(_find_marks(text)))


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
    starts = [find_start(_SENTENCES, masked.text, anchor) for anchor in masked.anchors]
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
    if len(_ROW_OF) > MAX_CACHED:
        _ROW_OF.clear()
    return list(map(_ROW_OF.__getitem__, features))


class _RowOf(dict[str, int]):
    """The row of a feature: most of them stand in every report."""

    def __missing__(self, feature: str) -> int:
        row = self[feature] = zlib.crc32(feature.encode("utf-8")) % ROWS
        return row


_ROW_OF = _RowOf()


def _list_own(masked: Masked, index: int, candidate: Candidate, section: str, above: Sequence[str]) -> list[str]:
    text, anchor, kind = masked.text, masked.anchors[index], candidate.kind
    end = anchor if kind == "denied" else masked.ends[index]
    stretch = _find_stretch(masked, anchor, end)
    own, previous = text[stretch.label : anchor], text[stretch.previous : stretch.clause]
    return [
        "bias",
        f"kind:{kind}",
        f"unit:{candidate.unit}",
        f"section:{section}",
        *_list_number(candidate),
        *[f"left:{own[-length:]}" if len(own) >= length else f"whole:{own}" for length in LEFT_LENGTHS],
        *_list_grams("L", own[-CLAUSE:]),
        *_list_right(text, end, stretch),
        *_list_grams("P", text[stretch.clause : stretch.label][-BEFORE:]),
        *_list_grams("Q", previous[-BEFORE:]),
        f"Q-end:{previous[-4:]}",
        *_list_pairs("S", text[stretch.half : stretch.previous][-FURTHER:]),
        *_list_words(masked, stretch, anchor, end, above, candidate),
        *_list_times(text, stretch, anchor),
    ]


@quicken
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
    text = masked.text
    clause = find_start(_CLAUSES, text, anchor)
    earlier = bisect_right(masked.stops, anchor) - 1
    label = max(clause, masked.stops[earlier]) if earlier >= 0 else clause
    while label < anchor and text[label] in _JOINTS:
        label += 1
    if label < anchor and text[anchor - 1] in "、和与及":
        label = anchor  # what stands between belongs to the number before (`5件复议、2件诉讼`)
    stop = find_end(_CLAUSES, text, end)
    right = min((place for mark in ("#", "、") if (place := text.find(mark, end, stop)) >= 0), default=stop)
    following = find_end(_CLAUSES, text, stop + 1) if text[stop : stop + 1] == "," else stop
    return Stretch(
        sentence=find_start(_SENTENCES, text, anchor),
        half=find_start(HALF_SENTENCES, text, anchor),
        previous=find_start(_CLAUSES, text, max(0, clause - 1)),
        clause=clause,
        label=label,
        right=right,
        stop=stop,
        following=following,
    )


def _list_number(candidate: Candidate) -> Iterator[str]:
    value = candidate.value
    yield "size:zero" if not value else "size:small" if value <= MAX_SMALL else "size:large"
    if candidate.chinese:
        yield "chinese"
        if value == 1:
            yield f"one:{candidate.unit}"
    if candidate.rounded:
        yield "rounded"


def _list_right(text: str, end: int, stretch: Stretch) -> list[str]:
    right = text[end : stretch.right][:CLAUSE]
    found = [f"right:{right[:length]}" if len(right) >= length else f"right-whole:{right}" for length in RIGHT_LENGTHS]
    found += _list_grams("R", right)
    found.append(f"stop:{text[stretch.right : stretch.right + 1]}")
    following = text[stretch.stop + 1 : stretch.following]
    if following and "#" not in text[end : stretch.following]:
        found += _list_grams("N", following[:NEXT])
    return found


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
    alone = "#" not in masked.text[end : stretch.following]
    following = masked.find_kinds(stretch.stop, stretch.following) if alone else []
    found: list[str] = []
    for name, kinds in (("own", own), ("right", right), ("clause", clause), ("half", half), ("next", following)):
        for kind in dict.fromkeys(kinds):
            found.append(f"{name}:{kind}")
            if name in ("own", "right"):
                found.append(f"{name}-unit:{kind}:{unit}")
        found.append(f"{name}-all:{'+'.join(sorted(set(kinds)))}")
    left = [*sentence, *half, *clause]
    found += _list_scopes(left + own, own, right, unit)
    found += _list_behind(own, right, following, unit)
    last, first_right = own[-1] if own else "none", right[0] if right else "none"
    for kind in left[-1:]:
        found += (f"before:{kind}", f"before-own:{kind}:{last}", f"before-unit:{kind}:{unit}")
    label = masked.text[stretch.label : anchor][-3:]
    for place, name in ((left + own, "head"), (above, "above")):
        head = next((kind for kind in reversed(place) if kind in HEADS), "none")
        found += (f"{name}:{head}", f"{name}-own:{head}:{last}", f"{name}-right:{head}:{first_right}")
        found.append(f"{name}-label:{head}:{label}")
    if not left and not own:
        found += [f"above-kind:{kind}" for kind in above[-2:]]
    for kind in dict.fromkeys(left[-6:]):
        found += (f"left:{kind}", f"left-own:{kind}:{last}")
    return found


def _list_scopes(before: Sequence[str], own: Sequence[str], right: Sequence[str], unit: str) -> tuple[str, ...]:
    """What time or part all the telling words before a number limit it to, with those of its label and behind it."""
    scope = next((kind for kind in reversed(before) if kind in SCOPES), "none")
    first, last = (own[0], own[-1]) if own else ("none", "none")
    first_right = right[0] if right else "none"
    return (
        f"scope:{scope}",
        f"scope-own:{scope}:{last}",
        f"scope-unit:{scope}:{unit}",
        f"scope-first:{scope}:{first}",
        f"scope-right:{scope}:{first_right}",
        f"own-last:{last}",
        f"own-last-two:{'+'.join(own[-2:])}",
        f"own-right:{last}:{first_right}",
    )


def _list_behind(own: Sequence[str], right: Sequence[str], following: Sequence[str], unit: str) -> list[str]:
    last = right[-1] if right else "none"
    found = [f"right-last:{last}"]
    if not own:  # the number stands first: what it counts is said behind it
        after = following[-1] if following else "none"
        found += (f"behind:{'+'.join(right[-2:])}", f"behind-last:{last}:{unit}", f"behind-next:{after}")
    return found


HEADS = frozenset(
    ["requests", "reconsideration", "litigation", "appeals", "website", "wechat", "microblog", "new_media"]
    + ["press", "training", "meetings", "fees"]
)


SCOPES = frozenset(["before", "since", "plan", "now", "reached"])


def _list_times(text: str, stretch: Stretch, anchor: int) -> list[str]:
    parts = {
        "label": text[stretch.label : anchor],
        "clause": text[stretch.clause : stretch.label],
        "half": text[stretch.half : stretch.clause],
        "right": text[anchor : stretch.stop],
    }
    timed = [(place, part) for place, part in parts.items() if part and _ANY_TIME.search(part)]
    found = [
        f"time-{place}:{name}"
        for name, pattern in (_TIMES.items() if timed else ())
        for place, part in timed
        if pattern.search(part)
    ]
    years = [char for char in text[stretch.sentence : anchor] if char in YEARS]
    near = [char for char in text[stretch.clause : anchor] if char in YEARS]
    found += (f"year:{years[-1] if years else 'none'}", f"year-near:{near[-1] if near else 'none'}")
    listed = text[stretch.half : anchor]
    return found + [f"list:{word}" for word in ("其中", "分别", "包括", "共") if word in listed]


def _list_grams(name: str, text: str) -> list[str]:
    """All pairs of characters that stand together, then all triples."""
    pairs = _list_pairs(name, text)
    return pairs + list(map(operator.add, pairs, text[2:]))


def _list_pairs(name: str, text: str) -> list[str]:
    return [f"{name}:{left}{right}" for left, right in itertools.pairwise(text)]
