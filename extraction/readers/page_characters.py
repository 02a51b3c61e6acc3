"""The characters of a page on their places: folded, without repeats, with blanks between words of letters."""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extraction.readers.page_turns import Turn
from models.page import Box, Character

UNKNOWN = "\ufffd"  # a glyph whose character the file does not tell
BLANKS = frozenset((*map(ord, "\t\n\r\x0b\x0c \xa0\u3000"), *range(0x2000, 0x200B)))
MAX_BLANK = 1.0  # times the size: a wider gap parts columns, not words
REPEAT = 0.15  # times the size: a character printed again so near makes it bold, or a shadow
_UNSEEN = frozenset("\xad\u200b\u200c\u200d\u2060\ufeff")
_HYPHENS = (0x02, 0xFFFE)  # what pdfium makes of a hyphen at the end of a line
# Radicals that some fonts give for the character of the same shape, and that NFKC leaves.
_RADICALS = dict(
    zip(
        "⺁⺄⺈⺌⺠⺮⺶⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "厂乙刀小民竹羊虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)


class RawCharacter(NamedTuple):
    """A character in the page's own space (y up); the box is (left, bottom, right, top)."""

    text: str
    box: Box
    origin: tuple[float, float]
    size: float


BLANK = RawCharacter(" ", (0, 0, 0, 0), (0, 0), 0)  # a blank between two characters, wherever


@functools.lru_cache(maxsize=20_000)
def fold_character(code: int) -> str:
    """The character of a code of pdfium, "" for one without print.

    >>> fold_character(0x2F00), fold_character(0x2EA0), fold_character(0x02)
    ('一', '民', '-')
    """
    if code in _HYPHENS:
        return "-"
    text = chr(code)
    if text in _UNSEEN:
        return ""
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return _RADICALS.get(text) or unicodedata.normalize("NFKC", text)
    return UNKNOWN if unicodedata.category(text) in ("Cc", "Cs", "Cn") else text


def place_characters(characters: Sequence[RawCharacter], turn: Turn) -> tuple[Character, ...]:
    """The characters on the upright page, once each, those beside the page left out.

    Of blanks only those between letters, digits and signs of one line stay: Chinese is printed without.
    """
    width, height = turn.size
    placed: list[Character] = []
    blank = False
    for text, box, origin, size in _drop_repeats(characters):
        if size == 0:
            blank = True
            continue
        left, top, right, bottom = turn.place_box(*box)
        on_page = 0 <= (left + right) / 2 <= width and 0 <= (top + bottom) / 2 <= height
        if not text or not on_page or (text == UNKNOWN and left == right):
            continue
        character = Character(text, (left, top, right, bottom), turn.place_point(*origin), size)
        if blank and placed and (between := _make_blank(placed[-1], character)):
            placed.append(between)
        placed.append(character)
        blank = False
    return tuple(placed)


def _make_blank(left: Character, right: Character) -> Character | None:
    """The blank between two characters of one line, `None` where none is printed."""
    gap = right.box[0] - left.box[2]
    level = abs(left.origin[1] - right.origin[1]) <= 0.3 * left.size
    if not (level and left.text.isascii() and right.text.isascii() and 0 < gap <= MAX_BLANK * left.size):
        return None
    x, y = left.box[2], left.origin[1]
    return Character(" ", (x, y - 0.5 * left.size, x + gap, y), (x, y), left.size)


def _drop_repeats(characters: Sequence[RawCharacter]) -> Iterator[RawCharacter]:
    """Leave out what is printed twice on one place; few pages have any, so that the close look is rare."""
    printed = sum(character.size > 0 for character in characters)
    for shift in (0.0, 0.5):
        places = {(text, int(x + shift), int(y + shift)) for text, _, (x, y), size in characters if size}
        if len(places) < printed:
            return _look_for_repeats(characters)
    return iter(characters)


def _look_for_repeats(characters: Sequence[RawCharacter]) -> Iterator[RawCharacter]:
    near: dict[tuple[str, int, int, int], list[tuple[float, float]]] = {}
    for character in characters:
        if character is BLANK:
            yield character
            continue
        (x, y), limit = character.origin, REPEAT * character.size
        size = math.ceil(character.size)
        column, row = int(x // (REPEAT * size)), int(y // (REPEAT * size))
        around = (near.get((character.text, size, column + i, row + j), ()) for i in (-1, 0, 1) for j in (-1, 0, 1))
        if any(abs(x - left) <= limit and abs(y - top) <= limit for others in around for left, top in others):
            continue
        near.setdefault((character.text, size, column, row), []).append((x, y))
        yield character
