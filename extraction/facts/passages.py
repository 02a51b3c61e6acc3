"""Narrative out of printed lines: paragraphs whose wrapped lines are joined, folded for comparing, with places kept."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extraction.script import drop_pinyin, fold_script
from models.document import Evidence, TextLine
from models.quick import quicken

BREAK = "\n"  # a hard end: of a paragraph, or between fields of a row
SHORTEST_WRAPPED = 12  # characters: a shorter line is a heading, or the last of its paragraph
FULL_LINE = 0.9  # of the lines of a text are not longer than its full ones
ABOUT = 0.8  # of the length of a full line: from there on a line may be one that was broken
MAX_CACHED = 10_000  # short lines; one takes about 0.5 KB
MAX_CACHED_CHARACTERS = 24  # of longer lines few come again
REACH = 600  # characters that are looked back over for the beginning of a sentence: passages may be endless

_ENDED = re.compile(r"[。！？；：!?;:|\t]\s*$")
_NEW_PARAGRAPH = re.compile(
    r"\s*(?:[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[）)]|[一二三四五六七八九十]{1,3}\s*[、.．是]"
    r"|\d{1,2}\s*[、.．](?!\d)|第[一二三四五六七八九十]+[，,部、]|[#>|•●■◆▪※★附注]|20\d\d\s*年)"
)
_FIELD_END = re.compile(r"[|\t]")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad*")
# Characters of reports that only Traditional script has: one of them, and the passage is converted.
_TRADITIONAL = frozenset(
    "開請會議該條個們數據業務總機關構網報觀後過當為與無經於對應實條場複訴訟舉覆發佈設專職員費處結轉維糾詢閱電郵書傳眾號載讀辦導級應權責動態圖"
)


@quicken
@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph. `folded` is `text` in simplified script and half width, without blanks; `places[i]` is where the
    i-th folded character stands in `text`. `starts` are the places in `text` at which each of `lines` begins.
    """

    text: str
    folded: str
    places: tuple[int, ...]
    section: str = ""
    lines: tuple[TextLine, ...] = ()
    starts: tuple[int, ...] = ()

    def cut(self, start: int, end: int) -> str:
        """The print between two places of the folded text."""
        if start >= end:
            return ""
        return self.text[self.places[start] : self.places[end - 1] + 1]

    def find_evidence(self, start: int, end: int) -> Evidence | None:
        """Where a span of the folded text is printed; of one over several lines, where it begins."""
        if not self.lines:
            return None
        first, last = self.places[start], self.places[max(start, end - 1)] + 1
        index = bisect_right(self.starts, first) - 1
        line = self.lines[index]
        if line.page is not None:
            return Evidence(page=line.page, bbox=line.bbox)
        offset = self.starts[index]
        return Evidence(line=line.number, span=(first - offset, min(last - offset, len(line.text))))


def make_passage(lines: Sequence[TextLine], *, section: str = "") -> Passage:
    """Join the lines of a paragraph."""
    text, starts = "", []
    for line in lines:
        starts.append(len(text))
        plain = line.text.lstrip() if text else line.text
        text += " " * (len(line.text) - len(plain)) + plain  # a tab that indents parts nothing
    folded, places = fold_passage(text)
    return Passage(text, folded, places, section, tuple(lines), tuple(starts))


def find_passages(placed: Iterable[tuple[TextLine, str]]) -> list[Passage]:
    """Paragraphs out of (line, section) pairs in reading order; a line is joined to one that it goes on from.

    Empty lines part paragraphs, but where they stand between most lines, as some exports set them.
    """
    printed = [(line, section) for line, section in placed if line.text.strip()]
    width = _find_spaced_width([line for line, _ in printed])
    passages: list[list[TextLine]] = []
    sections: list[str] = []
    last: TextLine | None = None
    for line, section in printed:
        if last is not None and sections[-1] == section and goes_on(last, line, spaced_width=width):
            passages[-1].append(line)
        else:
            passages.append([line])
            sections.append(section)
        last = line
    return [make_passage(lines, section=section) for lines, section in zip(passages, sections, strict=True)]


def _find_spaced_width(lines: Sequence[TextLine]) -> int | None:
    """How long the lines of a text are that has an empty line between most of them; `None` for any other text."""
    gaps = [two.number - one.number for one, two in itertools.pairwise(lines)]
    if gaps.count(2) <= len(gaps) / 2:
        return None
    lengths = sorted(len(line.text.strip()) for line in lines)
    return lengths[round(FULL_LINE * (len(lengths) - 1))]


def goes_on(line: TextLine, following: TextLine, *, spaced_width: int | None = None) -> bool:
    """Whether the next printed line continues the sentence of this one.

    In a text of `spaced_width` it may do so over an empty line, if this one is about as long as its lines are.
    """
    text, further = line.text.strip(), following.text.strip()
    gap = following.number - line.number
    near = gap <= 1 or (gap == 2 and spaced_width is not None and len(text) >= ABOUT * spaced_width)
    return (
        near
        and len(text) >= SHORTEST_WRAPPED
        and not line.heading
        and not following.heading
        and not _ENDED.search(text)
        and bool(further)
        and not _NEW_PARAGRAPH.match(further)
        and not _FIELD_END.search(further)
    )


def find_start(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Where the stretch that `place` stands in begins: behind the last match before it, or `REACH` before."""
    start = max(0, place - REACH)
    for match in pattern.finditer(text, start, place):
        start = match.end()
    return start


def find_end(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Where the stretch that `place` stands in ends: before the first match behind it, or `REACH` behind."""
    match = pattern.search(text, place, place + REACH)
    return match.start() if match else min(len(text), place + REACH)


def fold_passage(text: str) -> tuple[str, tuple[int, ...]]:
    """Fold width, script and blanks of a text; the second value says where each folded character stands in it.

    A blank between two digits stays one blank, since it may part two numbers; tabs and pipes become `BREAK`.

    >>> fold_passage("收到申請 １２ 件")[0]
    '收到申请12件'
    """
    return _fold_cached(text) if len(text) <= MAX_CACHED_CHARACTERS else _fold(text)


def _fold(text: str) -> tuple[str, tuple[int, ...]]:
    places = list(range(len(text)))
    if not _TRADITIONAL.isdisjoint(text):
        text, places = _simplify(text)
    folded: list[str] = []
    kept: list[int] = []
    blank = -1
    for char, place in zip(text, places, strict=True):
        plain = _fold_character(char)
        if not plain:
            blank = place if blank < 0 else blank
            continue
        if blank >= 0 and plain.isdigit() and folded and folded[-1].isdigit():
            folded.append(" ")
            kept.append(blank)
        blank = -1
        folded.append(plain)
        kept.append(place)
    return "".join(folded), tuple(kept)


_fold_cached = functools.lru_cache(maxsize=MAX_CACHED)(_fold)  # what is left of tables: `件 |`


@functools.lru_cache(maxsize=8_000)
def _fold_character(char: str) -> str:
    if char in "\t|｜\n\r":
        return BREAK
    if char.isspace() or char in _INVISIBLE:
        return ""
    if char in "〇○":
        return "零"
    plain = unicodedata.normalize("NFKC", char)
    # A circled digit is the mark of a note, no number.
    return plain if len(plain) == 1 and (plain.isdigit() is char.isdigit()) and not _is_mark(char) else char


def _is_mark(char: str) -> bool:
    return unicodedata.decomposition(char).startswith(("<super>", "<sub>", "<circle>"))


def _simplify(text: str) -> tuple[str, list[int]]:
    """Text in simplified script without pinyin, and the place of each of its characters."""
    plain = drop_pinyin(text)
    places, start = [], 0
    for char in plain:
        start = text.index(char, start)
        places.append(start)
        start += 1
    converted = fold_script(plain)
    if len(converted) != len(plain):  # a phrase that is longer in the other script
        converted = "".join(folded if len(folded := fold_script(char)) == 1 else char for char in plain)
    return converted, places
