"""Printed lines cut where the print leaves a gap, and which of them look like rows of a table without rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.page_table import join_boxes
from extraction.tables.page_text import SAME_LINE, is_blank, join_characters
from models.numbers import prints_value
from models.page import Box, Character

GAP = 1.2  # of the font size, between segments of text
VALUE_GAP = 0.6  # the same beside a digit: a number has no gaps
ATOM_GAP = 0.4  # where the headings of narrow columns may end; inside justified labels too
MAX_LABEL = 64  # characters
LONG_LINE = 24
_LEADERS = re.compile(r"[.．·…]{3,}|…{2,}")
_SENTENCE_END = re.compile(r"[。；！？]")
_ORDINAL = re.compile(r"[（(]?[\d一二三四五六七八九十]{1,3}[)）、.．:：]|第[一二三四五六七八九十]|[①-⑳]")
_TOPICS = ("情况", "事项", "问题", "措施", "情況", "事項", "問題")
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]|第[一二三四五六七八九十]+部分")


@dataclass(frozen=True, slots=True)
class Segment:
    """Print without a gap in a line; `atoms` are the boxes of its parts without even a small gap."""

    text: str
    box: Box
    value: bool
    atoms: tuple[Box, ...]


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
    def is_row(self) -> bool:
        """Whether it has places side by side, one of them a value."""
        return len(self.segments) > 1 and self.values > 0 and not self.is_prose

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


def is_ordinal(text: str) -> bool:
    """Whether a text begins with the number of a row or section."""
    return bool(_ORDINAL.match(text))


def cut_lines(characters: Sequence[Character]) -> list[SegmentLine]:
    """Lines by baseline from the top, each cut into segments at its gaps."""
    printed = sorted((c for c in characters if not is_blank(c)), key=lambda c: c.origin[1])
    lines: list[list[Character]] = []
    for character in printed:
        near = lines and character.origin[1] - lines[-1][0].origin[1] <= SAME_LINE * max(character.size, 1.0)
        if near:
            lines[-1].append(character)
        else:
            lines.append([character])
    return [_cut_line(sorted(line, key=lambda c: c.box[0])) for line in lines]


def _cut_line(line: list[Character]) -> SegmentLine:
    parts = [[line[0]]]
    for last, character in pairwise(line):
        digits = character.text[0].isdigit() or last.text[0].isdigit()
        if _measure_gap(last, character) > (VALUE_GAP if digits else GAP):
            parts.append([character])
        else:
            parts[-1].append(character)
    segments = [_make_segment(part) for part in parts]
    size = max(1.0, *(character.size for character in line))
    return SegmentLine(tuple(segments), join_boxes([c.box for c in line]), line[0].origin[1], size)


def _make_segment(part: list[Character]) -> Segment:
    text, _ = join_characters(part, width=float("inf"))
    atoms = [[part[0].box]]
    for last, character in pairwise(part):
        if _measure_gap(last, character) > ATOM_GAP:
            atoms.append([])
        atoms[-1].append(character.box)
    boxes = tuple(join_boxes(atom) for atom in atoms)
    return Segment(text, join_boxes(list(boxes)), prints_value(text), boxes)


def _measure_gap(last: Character, character: Character) -> float:
    """The blank between two characters in parts of the font size; a wide one takes its whole square."""
    size = max(last.size, character.size, 1.0)
    end, start = last.box[2], character.box[0]
    if unicodedata.east_asian_width(last.text[0]) in "WF":
        end = max(last.origin[0] + last.size, end)
    if unicodedata.east_asian_width(character.text[0]) in "WF":
        start = min(start, max(character.origin[0], end))
    return (start - end) / size
