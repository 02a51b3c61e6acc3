"""Text as bytes: encodings, byte order marks and line ends, with what an encoding cannot hold replaced before."""

from __future__ import annotations

import codecs
import functools
import random
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from training.synthesis.chances import ENCODINGS, LINE_ENDS, TRADITIONAL_ENCODINGS
from training.synthesis.choice import pick

REPLACEMENTS: Mapping[str, str] = {
    "\u200b": "",
    "\u200c": "",
    "\u200d": "",
    "\ufeff": "",
    "\u2060": "",
    "\u00ad": "",
    "\u00a0": " ",
    "—": "-",
    "─": "-",
    "－": "-",
    "–": "-",
    "·": ".",
    "•": "*",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "①": "1",
    "②": "2",
    "③": "3",
    "～": "~",
    "　": " ",
    "〔": "[",
    "〕": "]",
    "©": "(c)",
    "\u2002": " ",
    "\u2003": " ",
    "»": ">",
    "裏": "裡",
    "衆": "眾",
    "爲": "為",
    "羣": "群",
    "綫": "線",
    "麪": "麵",
    "啓": "啟",
    "説": "說",
    "脱": "脫",
    "税": "稅",
    "鋭": "銳",
    "悦": "悅",
    "閲": "閱",
    "産": "產",
    "録": "錄",
    "強": "强",
}
MARKS: Mapping[str, bytes] = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
LABELS: Mapping[str, tuple[str, ...]] = {
    "utf-8": ("utf-8", "UTF-8", "utf8"),
    "utf-8-sig": ("utf-8", "UTF-8"),
    "gb18030": ("gb18030", "GB18030", "gb2312"),
    "gbk": ("gbk", "gb2312", "GB2312", "GBK"),
    "big5": ("big5", "Big5"),
    "utf-16-le": ("utf-16", "utf-16le"),
    "utf-16-be": ("utf-16", "utf-16be"),
}
WRONG_LABELS = ("utf-8", "gb2312", "iso-8859-1", "windows-1252", "big5", "gbk", "x-unknown")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a document's text becomes bytes."""

    name: str = "utf-8"
    line_end: str = "\n"

    def fit(self, text: str) -> str:
        """The text with every character that the encoding cannot hold replaced by one that it can."""
        return text if self.holds(text) else "".join(_fit_character(char, self.name) for char in text)

    def holds(self, text: str) -> bool:
        """Whether the encoding can hold every character."""
        try:
            text.encode(self.name)
        except UnicodeEncodeError:
            return False
        return True

    def encode(self, text: str) -> bytes:
        """The bytes of a text that fits, with its byte order mark; raises `UnicodeEncodeError` where it does not."""
        return MARKS.get(self.name, b"") + text.replace("\n", self.line_end).encode(self.name)


def draw_encoding(rng: random.Random, *, traditional: bool, texts: Iterable[str]) -> Encoding:
    """An encoding that holds every one of `texts` (the cells' values) and a line end."""
    encoding = Encoding(pick(rng, TRADITIONAL_ENCODINGS if traditional else ENCODINGS), pick(rng, LINE_ENDS))
    if all(encoding.holds(text) for text in texts):
        return encoding
    return Encoding("utf-8", encoding.line_end)


def draw_label(rng: random.Random, encoding: Encoding, how: str) -> str | None:
    """What the page says its encoding is: `how` is right, missing or wrong."""
    right = LABELS[encoding.name]
    if how == "missing":
        return None
    return rng.choice(right if how == "right" else [label for label in WRONG_LABELS if label not in right])


@functools.cache
def _fit_character(char: str, encoding: str) -> str:
    bare = unicodedata.normalize("NFD", char)[:1]
    for candidate in (char, REPLACEMENTS.get(char), unicodedata.normalize("NFKC", char), bare):
        if candidate is not None and Encoding(encoding).holds(candidate):
            return candidate
    return "?"
