"""How a page is read: from its text layer where that is text, or from its pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.frequent import FREQUENT
from extraction.readers.page_characters import UNKNOWN
from models.page import Box, Character, Page, measure_area

FULL_PICTURE = 0.5  # of the page: a scan, perhaps with wide margins
LARGE_PICTURE = 0.12  # of the page, from which on it may be a table; emblems and seals are smaller
FEW_CHARACTERS = 40  # beside a picture or outlines: a page number, a stamp of the scanner
MIN_CURVES = 60  # filled outlines; a page of text has hundreds
MAX_UNKNOWN = 0.02  # of the characters
MIN_JUDGED = 20  # characters, below which the frequency says nothing
MIN_FREQUENT = 0.4  # of the Chinese characters: reports have 0.8, lists of names 0.5, wrong glyphs 0.03 to 0.2
MAX_REPEATED = 0.5  # of the Chinese characters that may be one and the same
MIN_LETTERS = 0.6  # of a page without Chinese: letters and digits
_VOWELS = frozenset("aeiouAEIOU")


@dataclass(frozen=True, slots=True)
class Route:
    """How to read a page: `text` (its layer), `pixels`, or `empty`; `reason` says why pixels."""

    kind: str
    reason: str = ""


TEXT, EMPTY = Route("text"), Route("empty")


def find_route(page: Page) -> Route:
    """Tell whether a page's text layer is its text, by what stands in it and what is drawn over it."""
    printed = len(page.characters)
    scanned = measure_pictures(page) >= FULL_PICTURE
    if printed < FEW_CHARACTERS and scanned:
        return Route("pixels", "the page is a picture")
    if page.hidden > printed and (scanned or not printed):
        return Route("pixels", "the text layer lies unseen under a picture")
    if printed < FEW_CHARACTERS and page.curves >= MIN_CURVES:
        return Route("pixels", "the characters are drawn as outlines")
    if not printed:
        return Route("pixels", "the page is a picture") if find_large_pictures(page) else EMPTY
    reason = find_garbage(page.characters)
    return Route("pixels", reason) if reason else TEXT


def measure_pictures(page: Page) -> float:
    """The share of the page that pictures cover, as a sum: scanners cut pages into strips."""
    return min(1.0, sum(map(measure_area, page.pictures)) / (page.width * page.height))


def find_large_pictures(page: Page) -> tuple[Box, ...]:
    """The pictures that may hold a table, in points of the upright page."""
    area = page.width * page.height
    return tuple(box for box in page.pictures if measure_area(box) >= LARGE_PICTURE * area)


def find_garbage(characters: Sequence[Character]) -> str:
    """Why characters are no text: glyphs that tell no character, or wrong ones; "" where they are text."""
    text = "".join(character.text for character in characters if character.text != " ")
    unknown = sum(map(_is_unknown, text))
    if unknown > max(1, MAX_UNKNOWN * len(text)):
        return f"{unknown} glyphs of {len(text)} do not tell their character"
    beyond = [sign for sign in text if not sign.isascii() and not _is_unknown(sign)]
    if len(beyond) >= MIN_JUDGED:
        if sum(map(FREQUENT.__contains__, beyond)) < MIN_FREQUENT * len(beyond):
            return "the text layer does not read as Chinese"
        sign, count = Counter(beyond).most_common(1)[0]
        return f"every second glyph reads as {sign}" if count > MAX_REPEATED * len(beyond) and sign > "一" else ""
    if len(text) - len(beyond) >= 2 * MIN_JUDGED and not _is_latin(text):
        return "the text layer does not read as text"
    return ""


def _is_unknown(sign: str) -> bool:
    """Whether a character stands for a glyph that tells none; symbols as bullets have places of their own."""
    return sign == UNKNOWN or "\ue000" <= sign <= "\uefff" or "\uf100" <= sign <= "\uf8ff" or sign >= "\U000f0000"


def _is_latin(text: str) -> bool:
    """Whether a text without Chinese is of numbers, or of words that can be spoken."""
    letters = [sign for sign in text if sign.isascii() and sign.isalpha()]
    digits = sum(sign.isdigit() for sign in text)
    if len(letters) + digits < MIN_LETTERS * len(text):
        return False
    return len(letters) < MIN_JUDGED or 0.2 <= sum(map(_VOWELS.__contains__, letters)) / len(letters) <= 0.6
