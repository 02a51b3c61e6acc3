"""Simplified text as mirrored sites print it: in Traditional script, with pinyin behind some characters."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping

from training.synthesis.chances import PINYIN_CHARACTER

# Reading aids stand behind characters that a converter found to have several readings.
SYLLABLES: Mapping[str, str] = {
    "動": "dòng",
    "開": "kāi",
    "處": "chǔ",
    "數": "shù",
    "為": "wéi",
    "長": "zhǎng",
    "會": "huì",
    "發": "fā",
    "應": "yìng",
    "從": "cóng",
    "傳": "chuán",
    "調": "diào",
    "標": "biāo",
    "務": "wù",
    "請": "qǐng",
    "號": "hào",
    "編": "biān",
    "類": "lèi",
    "時": "shí",
    "樣": "yàng",
    "準": "zhǔn",
    "屬": "shǔ",
    "將": "jiāng",
    "結": "jié",
    "實": "shí",
    "報": "bào",
    "機": "jī",
    "構": "gòu",
    "單": "dān",
    "種": "zhǒng",
    "錄": "lù",
    "難": "nán",
    "當": "dāng",
    "間": "jiān",
    "還": "hái",
    "與": "yǔ",
    "轉": "zhuǎn",
    "參": "cān",
    "幾": "jǐ",
    "稱": "chēng",
}


@functools.cache
def _converter() -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("s2t").convert
    return convert


@functools.lru_cache(maxsize=20_000)
def to_traditional(text: str) -> str:
    """The text in Traditional script."""
    return _converter()(text)


def add_pinyin(text: str, rng: random.Random) -> str:
    """Some characters followed by their reading: `主動(dòng)公開`."""
    return "".join(
        f"{char}({SYLLABLES[char]})" if char in SYLLABLES and rng.random() < PINYIN_CHARACTER else char for char in text
    )
