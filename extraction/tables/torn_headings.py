"""Headings without ruling at the foot of a page whose values stand at the head of the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.tables.aligned_lines import SegmentLine, cut_lines
from models.page import Character

MIN_VALUES = 10  # side by side without a label: the row of a form whose columns have long headings
MIN_PARTS = 4  # side by side, of a line of headings
MAX_RESTS = 2  # lines of headings that stand above the values
LONGEST = 10  # characters of a heading alone on its line
MAX_LINES = 12  # of headings at the foot
REACH = 200.0  # points, how far up from the lowest print these lines are looked for
TOP = 8.0  # of the font size, how far down the values of a torn table stand at most
BELOW = 1.5  # of the font size, from the last of the headings to what follows on the next page


def find_foot(characters: Sequence[Character]) -> tuple[Character, ...]:
    """Of the characters below the last table of a page those of headings, which are the last of them; often none."""
    lowest = max((character.box[3] for character in characters), default=0.0)
    near = [character for character in characters if character.box[3] > lowest - REACH]
    lines = _list_headings(cut_lines(near))
    if not lines:
        return ()
    top, bottom = lines[0].box[1], lines[-1].box[3]
    return tuple(character for character in near if top <= (character.box[1] + character.box[3]) / 2 <= bottom)


def raise_headings(foot: Sequence[Character], head: Sequence[Character]) -> list[Character]:
    """The headings at the foot of a page, placed above the characters of the next one; none where they are not torn.

    `head` begins with a row of many values and no label, below the rest of headings at most.
    """
    first = _find_torn(cut_lines(_list_top(head)))
    if first is None or not foot:
        return []
    bottom = max(character.box[3] for character in foot)
    away = first.box[1] - (BELOW - 1) * first.size - bottom
    return [_move(character, away) for character in foot]


def _list_top(characters: Sequence[Character]) -> list[Character]:
    """The characters of the first lines of a page."""
    if not characters:
        return []
    first = min(characters, key=lambda character: character.box[1])
    return [character for character in characters if character.box[1] <= first.box[1] + TOP * first.size]


def _find_torn(lines: Sequence[SegmentLine]) -> SegmentLine | None:
    """The first line of a page, where values without labels and headings follow."""
    for line in lines[: MAX_RESTS + 1]:
        if line.values >= MIN_VALUES:
            return lines[0] if line.values == len(line.segments) else None
        if line.values or line.is_prose or len(line.segments) < 2:
            return None
    return None


def _list_headings(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """The last lines of a page as far up as they have several parts and no values; the lowest has many."""
    held: list[SegmentLine] = []
    for line in reversed(lines[-MAX_LINES:]):
        if line.values or line.is_prose or line.is_heading or line.is_caption:
            break
        held.insert(0, line)
    while held and not _is_heading(held[0]):
        held.pop(0)
    return held if held and len(held[-1].segments) >= MIN_PARTS else []


def _is_heading(line: SegmentLine) -> bool:
    """Whether a line is of headings of columns: several, or a short one without any punctuation."""
    text = line.segments[0].text
    return len(line.segments) > 1 or (len(text) <= LONGEST and not any(mark in text for mark in "，。；：,:;"))


def _move(character: Character, down: float) -> Character:
    left, top, right, bottom = character.box
    return replace(
        character,
        box=(left, top + down, right, bottom + down),
        origin=(character.origin[0], character.origin[1] + down),
    )
