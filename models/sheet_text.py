"""Texts as spreadsheets may hold them: none becomes a formula, whoever opens the file."""

from __future__ import annotations

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def make_harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; write control characters out.

    >>> make_harmless("=1+1"), make_harmless("\\x07"), make_harmless("年报")
    ("'=1+1", '\\\\x07', '年报')
    """
    text = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    return f"'{text}" if text.lstrip(" \u3000").startswith(FORMULA_STARTS) else text
