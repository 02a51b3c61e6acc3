"""The text of a cell out of its characters: lines by baseline, joined as Chinese is written."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from models.numbers import RAISED_DIGITS
from models.page import Character

SAME_LINE = 0.35  # of the font size, between baselines
SAME_PLACE = 0.2  # a character printed twice a hair apart is bold
WORD_GAP = 0.4  # between Latin letters or digits, more than the side bearings of a 1
MARKED_GAP = 0.22  # the same where a blank is in the text
SMALL = 0.9  # of the size of its line: a note set high
RAISED = 0.12
PADDING = 6.0  # points between print and rule, the most that Word leaves
MIDDLE = 0.36  # of the font size, from the baseline of print up to its middle
SIGNS = frozenset("0123456789.,，．+-－—/／")  # what numbers are printed with
NUMBER_SIGNS = SIGNS | frozenset("。o○〇OI|l")  # and what OCR takes their digits for
STROKES = frozenset("1lI|!丨")  # as which a wall is read
NUMBER = re.compile(r"[\d.,，．+\-－—/／]+")
BRACKETS = (("(（", ")）"), ("“", "”"), ("《", "》"), ("〔", "〕"))
_ORDINAL = re.compile(r"[（(]?[\d一二三四五六七八九十]{1,3}[)）、.．:：·•・]|第[一二三四五六七八九十]|[①-⑳]")
_NARROW = re.compile(r"[!-~\u00a1-\u024f\u2070-\u2079¹²³]")
_DIGITS_END = re.compile(r"[\d.,]$")
_DIGITS_START = re.compile(r"^[\d.,]")


def is_blank(character: Character) -> bool:
    """Whether it prints nothing."""
    return _prints_nothing(character.text)


@functools.lru_cache(maxsize=20_000)
def _prints_nothing(text: str) -> bool:
    return not text.strip() or unicodedata.category(text[0]) in ("Cf", "Cc")


def has_print(characters: Sequence[Character]) -> bool:
    """Whether any of the characters prints something."""
    return not all(map(is_blank, characters))


def numbers_row(text: str) -> bool:
    """Whether a text begins like the label of a row; the articles of a law (第二十条) are headings.

    So may a label be broken before 第三方.
    """
    return is_ordinal(text) and not text.startswith("第")


def is_latin(text: str) -> bool:
    """Whether there is no Chinese in a text: no label, but what the reader of pages makes of a number at ruling."""
    return all(character < "\u2e80" for character in text)


def join_printed(characters: Sequence[Character]) -> str:
    """The characters that print something, one after the other without a blank."""
    return "".join(character.text for character in characters if not is_blank(character))


def is_ordinal(text: str) -> bool:
    """Whether a text begins with the number of a row or section."""
    return bool(_ORDINAL.match(text))


def is_open(text: str) -> bool:
    """Whether a bracket or a quotation mark is not closed; one of half width closes one of full width."""
    return any(sum(map(text.count, left)) > sum(map(text.count, right)) for left, right in BRACKETS)


def join_characters(characters: Sequence[Character], *, width: float) -> tuple[str, bool]:
    """The text of a cell of that width (points), and whether its last line leaves no room for another character.

    Lines are joined without a blank where Chinese goes on, or a number does that filled its line; numbers on lines of
    their own stay apart. `characters` are in the order of the file.
    """
    lines = find_text_lines(characters)
    printed = [line for line in lines if line]
    if not printed:
        return "", False
    if _runs_down(characters):
        return "".join(map(_join_line, _find_columns(characters))), False
    texts = [_join_line(line) for line in printed]
    joined = texts[0]
    for above, text in zip(printed, texts[1:], strict=False):
        joined += _find_glue(joined, text, full=_is_full(above, width)) + text
    return joined, _is_full(printed[-1], width)


def find_text_lines(characters: Sequence[Character]) -> list[list[Character]]:
    """Characters by baseline, from top to bottom and each from left to right; notes set high stay in their line."""
    lines: list[list[Character]] = []
    printed = [character for character in characters if not is_blank(character)]
    for character in sorted(printed, key=lambda c: (-round(c.size), c.origin[1])):
        line = next((line for line in lines if _fits_line(character, line)), None)
        if line is None:
            lines.append([character])
        else:
            line.append(character)
    lines.sort(key=lambda line: line[0].origin[1])
    blanks = [character for character in characters if character.text.isspace()]
    return [_order_line(line, blanks) for line in lines]


def _fits_line(character: Character, line: list[Character]) -> bool:
    first = line[0]
    below = character.origin[1] - first.origin[1]
    if abs(below) <= SAME_LINE * max(min(character.size, first.size), 1.0):
        return True
    small = character.size < SMALL * first.size
    return small and -0.75 * first.size <= below <= 0.3 * first.size and _touches(character, line)


def _touches(character: Character, line: list[Character]) -> bool:
    reach = line[0].size / 2
    return any(other.box[0] - reach <= character.box[2] and character.box[0] <= other.box[2] + reach for other in line)


def _order_line(line: list[Character], blanks: list[Character]) -> list[Character]:
    """From left to right with the blanks that stand in the line; what is printed twice for boldness comes once."""
    near = [b for b in blanks if abs(b.origin[1] - line[0].origin[1]) <= SAME_LINE * line[0].size]
    ordered: list[Character] = []
    for character in sorted([*line, *near], key=lambda c: c.origin[0]):
        reach = SAME_PLACE * max(character.size, 1.0)
        twice = any(
            other.text == character.text
            and abs(other.origin[0] - character.origin[0]) < reach
            and abs(other.origin[1] - character.origin[1]) < reach
            for other in ordered[-3:]
        )
        if not twice:
            ordered.append(character)
    return ordered


def _join_line(line: list[Character]) -> str:
    largest = max(line, key=lambda character: character.size)
    size, base = largest.size, largest.origin[1]
    text = ""
    last: Character | None = None
    marked = False
    for character in line:
        if is_blank(character):
            marked = True
            continue
        if last is not None:
            gap = character.box[0] - last.box[2]
            narrow = _NARROW.match(last.text[-1]) and _NARROW.match(character.text[0])
            if narrow and gap > (MARKED_GAP if marked else WORD_GAP) * size:
                text += " "
        text += _raise_note(character, size, base)
        last, marked = character, False
    return text


def _raise_note(character: Character, size: float, base: float) -> str:
    """A digit set small and high is no digit of the number before it."""
    small = character.size < SMALL * size
    if small and base - character.origin[1] > RAISED * size:
        return character.text.translate(RAISED_DIGITS)
    return character.text


def _is_full(line: list[Character], width: float) -> bool:
    """Whether a line leaves no room for another character: a wide one, or half of it after a digit."""
    printed = [character for character in line if not is_blank(character)]
    used = max(c.box[2] for c in printed) - min(c.box[0] for c in printed)
    narrow = _NARROW.match(printed[-1].text[-1])
    room = printed[-1].size * (0.5 if narrow else 1.0)
    return used + room + 2 * PADDING > width


def _find_glue(before: str, after: str, *, full: bool) -> str:
    """What stands between two lines of a cell."""
    if _DIGITS_END.search(before) and _DIGITS_START.search(after):
        return "" if full else " "
    narrow = _NARROW.match(before[-1]) and _NARROW.match(after[0]) and before[-1].isalpha() and after[0].isalpha()
    return " " if narrow else ""


def _runs_down(characters: Sequence[Character]) -> bool:
    """Whether the characters follow one another downwards in the file, in more than one column."""
    printed = [character for character in characters if not is_blank(character)]
    if len(printed) < 4:
        return False
    down = across = 0
    for last, character in pairwise(printed):
        right, below = character.origin[0] - last.origin[0], character.origin[1] - last.origin[1]
        size = max(character.size, 1.0)
        if abs(right) < 0.3 * size and 0.5 * size < below < 2.5 * size:
            down += 1
        elif abs(below) < 0.3 * size:
            across += 1
    return down >= 3 and across == 0 and len(_find_columns(printed)) > 1


def _find_columns(characters: Sequence[Character]) -> list[list[Character]]:
    """Columns of characters written downwards, from right to left."""
    columns: list[list[Character]] = []
    for character in sorted((c for c in characters if not is_blank(c)), key=lambda c: -c.origin[0]):
        if columns and abs(columns[-1][0].origin[0] - character.origin[0]) < 0.5 * max(character.size, 1.0):
            columns[-1].append(character)
        else:
            columns.append([character])
    return [sorted(column, key=lambda c: c.origin[1]) for column in columns]
