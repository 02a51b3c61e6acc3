"""Printed lines cut where the print leaves a gap, and which of them look like rows of a table without rules."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.tables.page_text import SAME_LINE, is_blank, is_ordinal, join_characters
from models.numbers import prints_value
from models.page import Box, Character, join_boxes

GAP = 1.2  # of the font size, between segments of text
VALUE_GAP = 0.5  # the same beside a digit: a number has no gaps
TORN_GAP = 0.25  # between what does not follow one another in the file: lines of cells side by side
NEXT = 2  # places in the file, from a character to the next; those set bold may stand there twice
SAME_START = 0.15  # of the font size, between lines that begin at one place
MIN_STARTS = 3  # segments that begin at a place, for it to be the edge of a cell
ATOM_GAP = 0.4  # where the headings of narrow columns may end; inside justified labels too
PAIR_GAP = 3.0  # of the font size, in a word of two characters that is set wide
SAME_GAP = 1.4  # between gaps of one word that is set wide
NUMERALS = "一二三四五六七八九十"
MAX_LABEL = 64  # characters
LONG_LINE = 24
MIN_CAPTION = 8  # characters
_LEADERS = re.compile(r"[.．·…]{3,}|…{2,}")
_SENTENCE_END = re.compile(r"[。；！？]")
_TOPICS = ("情况", "事项", "问题", "措施", "情況", "事項", "問題")
_CAPTIONS = ("情况", "情況", "表")
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]|第[一二三四五六七八九十]+部分")


@dataclass(frozen=True, slots=True)
class Segment:
    """Print without a gap in a line; `atoms` are the boxes of its parts without even a small gap.

    `places` are those of its characters in the file where they are known, `first` and `last` those of the outer ones.
    """

    text: str
    box: Box
    value: bool
    atoms: tuple[Box, ...]
    characters: tuple[Character, ...] = ()
    first: int = 0
    last: int = 0
    places: tuple[int, ...] = ()

    def follows(self, other: Segment) -> bool:
        """Whether it comes right after another one in the file."""
        return 0 < self.first - other.last <= NEXT

    def find_tears(self) -> set[int]:
        """The characters that do not follow the one before them in the file: print of another place stands between."""
        own = set(self.places)
        steps = enumerate(pairwise(self.places), 1)
        return {n for n, (a, b) in steps if abs(b - a) > NEXT or not own.issuperset(range(min(a, b) + 1, max(a, b)))}


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A printed line in segments from left to right; `size` is its font size in points."""

    segments: tuple[Segment, ...]
    box: Box
    base: float
    size: float

    @property
    def values(self) -> int:
        """How many of its segments are numbers or marks."""
        return sum(segment.value for segment in self.segments)

    @property
    def is_prose(self) -> bool:
        """Whether it is of running text, or a line of a table of contents."""
        texts = [segment.text for segment in self.segments]
        if any(len(text) > MAX_LABEL or _LEADERS.search(text) for text in texts):
            return True
        if len(texts) > 1 or len(self.segments[0].atoms) > 3:
            return False
        return len(texts[0]) > LONG_LINE or bool(_SENTENCE_END.search(texts[0]))

    @property
    def is_numbered(self) -> bool:
        """Whether it begins like a label of its own."""
        return is_ordinal(self.segments[0].text)

    @property
    def is_heading(self) -> bool:
        """Whether it may be the heading of a section; labels of rows begin with a number as well."""
        return len(self.segments) == 1 and bool(_SECTION.match(self.segments[0].text))

    @property
    def ends_like_heading(self) -> bool:
        """Whether its last word is one that sections are named by, and rows are not."""
        return self.is_heading and self.segments[0].text.endswith(_TOPICS)

    @property
    def is_caption(self) -> bool:
        """Whether it names a section or a table without a number before it, in more words than a heading of columns."""
        text = self.segments[0].text
        names = text.rstrip(")）").endswith(_CAPTIONS)
        return len(self.segments) == 1 and len(text) >= MIN_CAPTION and not self.is_numbered and names

    @property
    def names_topic(self) -> bool:
        """Whether it is like the heading of a section, with a word in it that those have."""
        return self.is_heading and any(topic in self.segments[0].text for topic in _TOPICS)


Order = Mapping[int, int]  # the place of a character in the file by its identity


def cut_lines(characters: Sequence[Character], walls: Sequence[Box] = ()) -> list[SegmentLine]:
    """Lines by baseline from the top, each cut into segments at its gaps; `characters` in the order of the file.

    `walls` are boxes whose left and right sides part cells: of shading, or of vertical rules.
    """
    shown = [character for character in characters if not is_blank(character)]
    order = {id(character): place for place, character in enumerate(shown)}
    lines: list[list[Character]] = []
    for character in sorted(shown, key=lambda c: c.origin[1]):
        near = lines and character.origin[1] - lines[-1][0].origin[1] <= SAME_LINE * max(character.size, 1.0)
        if near:
            lines[-1].append(character)
        else:
            lines.append([character])
    return _part_torn([_cut_line(sorted(line, key=lambda c: c.box[0]), order, walls) for line in lines])


def _part_torn(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """Lines with those segments cut that touch: their parts do not follow in the file, and others begin there too."""
    starts = sorted(segment.box[0] for line in lines for segment in line.segments)
    parted = []
    for line in lines:
        parts = [part for segment in line.segments for part in _cut_torn(segment, starts)]
        parted.append(line if len(parts) == len(line.segments) else replace(line, segments=tuple(parts)))
    return parted


def _cut_torn(segment: Segment, starts: Sequence[float]) -> list[Segment]:
    cuts = [0]
    for index in sorted(segment.find_tears()) if not segment.value else ():
        at, slack = segment.characters[index].box[0], SAME_START * segment.characters[index].size
        known = bisect_left(starts, at + slack) - bisect_left(starts, at - slack)
        cuts += [index] if known >= MIN_STARTS else []
    edges = [*cuts, len(segment.characters)]
    return [cut_segment(segment, start, end) for start, end in pairwise(edges)] if cuts[1:] else [segment]


def find_middle(line: SegmentLine | Segment) -> float:
    """The height of the middle of a line or a piece of it."""
    return (line.box[1] + line.box[3]) / 2


def cut_segment(segment: Segment, start: int, end: int) -> Segment:
    """The characters of a segment from `start` to `end`, half-open, with their places in the file as far as known."""
    part, places = make_segment(segment.characters[start:end]), segment.places[start:end]
    return replace(part, first=places[0], last=places[-1], places=places) if places else part


def _cut_line(line: list[Character], order: Order, walls: Sequence[Box]) -> SegmentLine:
    parts = [[line[0]]]
    middle = (line[0].box[1] + line[0].box[3]) / 2
    edges = sorted({x for box in walls if box[1] <= middle <= box[3] for x in (box[0], box[2])})
    for last, character in pairwise(line):
        digits = character.text[0].isdigit() or last.text[0].isdigit()
        limit = VALUE_GAP if digits else GAP
        if _is_torn(last, character, order):
            limit = TORN_GAP if character.text[0].isdigit() == last.text[0].isdigit() else -TORN_GAP
        if _measure_gap(last, character) > limit or _is_parted(last, character, edges):
            parts.append([character])
        else:
            parts[-1].append(character)
    segments = [make_segment(part, order) for part in _join_spaced(parts, order)]
    size = max(1.0, *(character.size for character in line))
    return SegmentLine(tuple(segments), join_boxes([c.box for c in line]), line[0].origin[1], size)


def _join_spaced(parts: Sequence[list[Character]], order: Order) -> list[list[Character]]:
    """Parts with those joined that are one word, set so wide that each character stands alone."""
    joined: list[list[Character]] = []
    runs: list[list[list[Character]]] = []
    for part in parts:
        if runs and _goes_on_spaced(runs[-1], part, order):
            runs[-1].append(part)
        else:
            runs.append([part])
    for run in runs:
        one = len(run) > 2 or (len(run) == 2 and _is_pair(run[0][0], run[1][0]))
        joined += [[character for part in run for character in part]] if one else run
    return joined


def _is_pair(character: Character, other: Character) -> bool:
    """Whether two characters are a word of two; far from one another they are the end of a line and a unit."""
    near = other.box[0] - character.box[2] <= PAIR_GAP * max(character.size, 1.0)
    return near and not (prints_value(character.text) or prints_value(other.text))


def _goes_on_spaced(run: Sequence[list[Character]], part: list[Character], order: Order) -> bool:
    """Whether a part follows in the file, as far away as the parts of the run from one another."""
    last = run[-1]
    if not (_is_spaced(last, order) and _is_spaced(part, order) and _is_next(last, part, order)):
        return False
    gap = part[0].box[0] - last[0].box[2]
    return len(run) == 1 or gap < SAME_GAP * (last[0].box[0] - run[-2][0].box[2]) + 1


def _is_spaced(part: Sequence[Character], order: Order) -> bool:
    if not order or len(part) > 1 or part[0].text.isascii():
        return False
    return part[0].text in NUMERALS or not (prints_value(part[0].text) or part[0].text.isdigit())


def _is_next(part: Sequence[Character], following: Sequence[Character], order: Order) -> bool:
    return 0 < order[id(following[0])] - order[id(part[-1])] <= NEXT


def _is_parted(last: Character, character: Character, edges: Sequence[float]) -> bool:
    """Whether a wall stands between the middles of two characters, and cuts through neither much."""
    at = bisect_left(edges, last.box[2] - 1)
    return at < len(edges) and edges[at] <= character.box[0] + 1


def _is_torn(last: Character, character: Character, order: Order) -> bool:
    """Whether two characters side by side do not follow one another in the file, either way."""
    return bool(order) and abs(order[id(character)] - order[id(last)]) > NEXT


def make_segment(part: Sequence[Character], order: Order | None = None) -> Segment:
    """Characters of a line, from the left, as one segment."""
    text, _ = join_characters(part, width=float("inf"))
    atoms = [[part[0].box]]
    for last, character in pairwise(part):
        if _measure_gap(last, character) > ATOM_GAP:
            atoms.append([])
        atoms[-1].append(character.box)
    boxes = tuple(join_boxes(atom) for atom in atoms)
    places = tuple(order[id(character)] for character in part) if order else ()
    first, end = (places[0], places[-1]) if places else (0, 0)
    return Segment(text, join_boxes(list(boxes)), prints_value(text), boxes, tuple(part), first, end, places)


def cut_atoms(segment: Segment) -> list[Segment]:
    """The parts of a segment without even a small gap, each as a segment."""
    parts: list[list[Character]] = [[] for _ in segment.atoms]
    for character in segment.characters:
        index = next(i for i, box in enumerate(segment.atoms) if character.box[0] <= box[2])
        parts[index].append(character)
    return [make_segment(part) for part in parts if part]


def _measure_gap(last: Character, character: Character) -> float:
    """The blank between two characters in parts of the font size; a wide one takes its whole square."""
    size = max(last.size, character.size, 1.0)
    end, start = last.box[2], character.box[0]
    if unicodedata.east_asian_width(last.text[0]) in "WF":
        end = max(last.origin[0] + last.size, end)
    if unicodedata.east_asian_width(character.text[0]) in "WF":
        start = min(start, max(character.origin[0], end))
    return (start - end) / size
