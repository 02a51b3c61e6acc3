"""Traditional script folded to simplified, for comparing words."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

MAX_CACHED = 20_000  # strings; labels repeat from report to report
MAX_CACHED_CHARACTERS = 100

_HAN = r"[\u3400-\u9fff]"
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"
# Mirrored pages print the reading behind a character: `動(dòng)`. Toned, or one of the toneless particles.
_PINYIN = re.compile(
    rf"(?<={_HAN})[(（](?=[a-zü]*[{_TONED}]|(?:de|le|me|ne|zi|ge|ba|ma|men|zhe|tou|shi)[)）])[a-zü{_TONED}]{{1,6}}[)）]"
)


@functools.cache
def _load_converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def fold_script(text: str) -> str:
    """Read a string in any script as simplified Chinese, without pinyin behind characters.

    >>> fold_script("動(dòng)態資訊公開")
    '动态资讯公开'
    """
    return _fold_cached(text) if len(text) <= MAX_CACHED_CHARACTERS else _fold(text)


def _fold(text: str) -> str:
    return text if text.isascii() else str(_load_converter().convert(drop_pinyin(text)))


_fold_cached = functools.lru_cache(maxsize=MAX_CACHED)(_fold)


def drop_pinyin(text: str) -> str:
    """Take the readings in brackets behind characters out of a string.

    >>> drop_pinyin("動(dòng)態(tài)，客户端(app)")
    '動態，客户端(app)'
    """
    return _PINYIN.sub("", text) if "(" in text or "（" in text else text
