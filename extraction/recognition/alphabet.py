"""What the cell of a number can hold, and the look-alikes that a network prints for it."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.numbers import COUNT_UNITS, COUNTERS, MARKS, MONEY_UNITS

Floats = npt.NDArray[np.float32]

BLANK = 0  # the symbol of no character, as in CTC
DASH = "—"  # a lone dash, however long it is printed
RING = "。"  # zero or decimal point, told by its place
STROKE = "|"  # one or a piece of ruling, told by the picture
SIGNS = "增加减少净新"
_PLAIN = "0123456789.,+-/*()（）" + RING + STROKE
_WORDS = "".join({*SIGNS, *COUNTERS.replace("|", ""), *"".join([*COUNT_UNITS, *MONEY_UNITS])})
_MARK_CHARACTERS = "".join({c for mark in MARKS if not mark.isascii() for c in mark})
SYMBOLS = tuple(dict.fromkeys("-" if c in "-—―" else c for c in _PLAIN + _WORDS + _MARK_CHARACTERS))
_ALIKE = {
    **dict.fromkeys("oOoОοΟо○◯〇◎⓪Q", "0"),
    **dict.fromkeys("lI|丨∣｜ⅠІ!", STROKE),
    **dict.fromkeys("－–—―一─‐‑−﹣ーｰ_", "-"),
    **dict.fromkeys("／╱∕⁄", "/"),
    **dict.fromkeys("．﹒•∙", "."),
    **dict.fromkeys("，、﹐'‚", ","),
    **dict.fromkeys("＋﹢", "+"),
    **dict.fromkeys("×xX＊", "*"),
    "無": "无",
}
HALVES = frozenset({"()", "（）"})  # a thin 0 whose top and bottom are gone
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Which class of the network is which symbol; `symbols[0]` is the blank.

    `classes` are those that have a symbol, `places` the index of it in `symbols`, in the same order.
    """

    symbols: tuple[str, ...]
    classes: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]

    def fold_probabilities(self, steps: Floats) -> Floats:
        """Probabilities of classes as those of symbols, (…, classes) to (…, symbols); others are left out."""
        folded = np.zeros((*steps.shape[:-1], len(self.symbols)), np.float32)
        for place in range(len(self.symbols)):
            folded[..., place] = steps[..., self.classes[self.places == place]].sum(axis=-1)
        return folded


@functools.lru_cache(maxsize=2)
def make_alphabet(characters: tuple[str, ...]) -> Alphabet:
    """The alphabet over a network's classes, whose first is the blank; spaces count as blanks."""
    symbols = ("", *SYMBOLS)
    index = {symbol: place for place, symbol in enumerate(symbols)}
    pairs = [(number, place) for number, c in enumerate(characters) if (place := _find_symbol(c, index)) is not None]
    classes, places = np.array(pairs, np.int64).T
    return Alphabet(symbols, classes, places)


def _find_symbol(character: str, index: dict[str, int]) -> int | None:
    if not character.strip():
        return BLANK
    plain = _ALIKE.get(character, unicodedata.normalize("NFKC", character))
    return index.get(_ALIKE.get(plain, plain))


def fold_number(text: str) -> str:
    """A print of symbols as candidates are written; a vertical stroke stands for a 1.

    >>> fold_number("1,204"), fold_number("。"), fold_number("12。5"), fold_number("--"), fold_number("()")
    ('1204', '0', '12.5', '—', '0')
    """
    text = re.sub(r"(?<=\d)。(?=\d{1,2}(?:\D|$))", ".", text.replace(STROKE, "1")).replace(RING, "0")
    if text and not text.strip("-"):
        return DASH
    if text in HALVES:
        return "0"
    if text == "元":  # a unit without a number: 无 in small print
        return "无"
    return _GROUPED.sub(lambda match: match[0].replace(",", ""), text)


def fold_text(characters: Sequence[str]) -> str:
    """What the page reader printed in a cell, written as candidates are; unknown characters stay as they are."""
    index = {symbol: place for place, symbol in enumerate(SYMBOLS)}
    places = [(character, _find_symbol(character, index)) for character in characters if character.strip()]
    symbols = [character if place is None else SYMBOLS[place] for character, place in places]
    return fold_number("".join(symbols))
