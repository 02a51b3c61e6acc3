"""What a cell prints, read as state and value: `parse_value("增1558", unit="项")` is the number 1558."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.width import fold_width


class State(StrEnum):
    """What is known of a cell. 0 and blank are different facts."""

    NUMBER = "number"
    BLANK = "blank"
    MARK = "mark"
    UNREADABLE = "unreadable"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Value:
    """State and number of a printed string; `plain` is false where reading took more than taking its digits."""

    state: State
    number: Decimal | None = None
    plain: bool = True


BLANK = Value(State.BLANK)
MISSING = Value(State.MISSING)
UNREADABLE = Value(State.UNREADABLE, plain=False)

_VALUES = (State.NUMBER, State.MARK)
MAX_CHARACTERS = 60  # a longer text is no number

RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")  # `5` and a raised `1` is no 51
MARKS = frozenset(
    ["/", "╱", "\\", "*", "**", "×", "x", "X", "无", "無", "·", ".", "…", "……", "空", "〃", "|", "~"]
    + ["N/A", "n/a", "不适用", "无此项", "-", "—", "――"]
)

LONGEST_MARK = max(map(len, MARKS))

# What a unit adds to the number before it, in units of one (count) or one yuan.
COUNT_UNITS = {"": 1, "千": 10**3, "万": 10**4, "百万": 10**6, "亿": 10**8}
MONEY_UNITS = {"元": 1, "人民币元": 1, "千元": 10**3, "万元": 10**4, "百万元": 10**6, "亿元": 10**8} | {
    "万": 10**4,
    "亿": 10**8,
}
COUNTERS = "人次|件次|场次|条次|件|条|次|篇|个|人|项|名|份|场|期|部|宗|起|例|处|户|家|笔"

_NUMBER = re.compile(
    r"(?P<sign>[+-]|增加?|减少?|净增|净减|新增)?"
    r"(?P<digits>\d{1,3}(?:[,，]\d{3})+|\d+)(?P<fraction>\.\d+)?"
    rf"(?P<unit>百万元|人民币元|千元|万元|亿元|元|百万|千|万|亿)?(?P<counter>{COUNTERS})?"
)
_DASHES = str.maketrans(dict.fromkeys("﹣−‐‑‒–—―─", "-") | {"﹢": "+", "。": "."})
_CHINESE_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "壹": 1, "贰": 2}
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}
_COUNTER = re.compile(rf"(?:{COUNTERS})$")
_NUMERAL = re.compile(rf"[\d{''.join([*_CHINESE_DIGITS, *_CHINESE_UNITS])}貳兩]")
_BROKEN = re.compile(r"\d\s+\d")  # one number or two?
_PADDED = re.compile(r"\s*[+-]*0\s*\d")
_NOTE_SIGNS = ("<super>", "<sub>", "<circle>")  # `5①` is five with a note, not fifty-one
TRADITIONAL = str.maketrans("條個項場戶處筆萬億圓減淨貳兩", "条个项场户处笔万亿元减净贰两")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad\u3000]+")


def begins_padded(text: str) -> bool:
    """Whether a number begins with a zero that says nothing, as `01` and `0 3`: two that were read as one."""
    return _PADDED.match(text) is not None


def parse_value(raw: str, *, unit: str = "件", kind: str = "integer", printed_unit: str = "") -> Value:
    """Read the print of a cell whose field counts in `unit`.

    A unit printed in the cell is honoured (`1605964元` in 万元 is 160.5964); `printed_unit` is one printed in the
    heading instead. Full-width digits, thousands separators, signs (`增`, `减`) and counters (`5件`) are folded.
    What is neither number nor mark is unreadable, never guessed.

    >>> parse_value("－3", unit="项").number
    Decimal('-3')
    >>> parse_value("/").state
    <State.MARK: 'mark'>
    >>> parse_value("3（含2）").state
    <State.UNREADABLE: 'unreadable'>
    """
    if len(raw) > MAX_CHARACTERS:
        return UNREADABLE if raw.strip() else BLANK
    return _read_value(raw, unit, kind, printed_unit)


@functools.lru_cache(maxsize=50_000)
def _read_value(raw: str, unit: str, kind: str, printed_unit: str) -> Value:
    text = fold_width(raw)
    squeezed = _INVISIBLE.sub("", text)
    if not squeezed:
        return BLANK
    if len(squeezed) > LONGEST_MARK and squeezed.isalpha() and not _NUMERAL.search(squeezed):
        return UNREADABLE  # most labels
    dashed = squeezed
    if not squeezed.isascii():
        squeezed = squeezed.translate(TRADITIONAL)
        dashed = squeezed.translate(_DASHES)
    if squeezed in MARKS or raw.strip() in MARKS or not dashed.strip("-"):
        return Value(State.MARK)
    if not _NUMERAL.search(dashed):
        return UNREADABLE
    number, plain = _parse_number(dashed, unit, printed_unit)
    if number is None or _BROKEN.search(text.strip()) or _has_notes(raw):
        return UNREADABLE
    return Value(State.NUMBER, number, plain and (kind == "decimal" or number == number.to_integral_value()))


def _has_notes(raw: str) -> bool:
    return not raw.isascii() and any(unicodedata.decomposition(c).startswith(_NOTE_SIGNS) for c in raw)


def _parse_number(text: str, unit: str, printed_unit: str) -> tuple[Decimal | None, bool]:
    match = _NUMBER.fullmatch(text)
    if match is None:
        chinese = _parse_chinese(_COUNTER.sub("", text))
        return (None, False) if chinese is None else (Decimal(chinese), False)
    number = Decimal(re.sub(r"[,，]", "", match["digits"]) + (match["fraction"] or ""))
    if match["sign"] and (match["sign"] == "-" or "减" in match["sign"]):
        number = -number
    own = match["unit"] or ""
    if unit.endswith("元"):
        scale = MONEY_UNITS.get(own or printed_unit or unit)
        if scale is None:
            return None, False
        number = number * scale / MONEY_UNITS[unit]
    elif own:
        if own not in COUNT_UNITS:
            return None, False
        number *= COUNT_UNITS[own]
    plain = not own and not match["sign"] and not match["counter"]
    return number, plain or bool(match["counter"] and not own)


def _parse_chinese(text: str) -> int | None:
    """A small Chinese numeral (`十二`, `三百零五`); `None` where the text is not one."""
    if (
        not text
        or text == "一"
        or any(  # a lone 一 may be a stroke
            c not in _CHINESE_DIGITS and c not in _CHINESE_UNITS for c in text
        )
    ):
        return None
    total = digit = 0
    fresh = True
    for char in text:
        if char in _CHINESE_UNITS:
            total += (1 if fresh and not total and not digit else digit) * _CHINESE_UNITS[char]
            digit, fresh = 0, True
        elif not fresh and digit:
            return None
        else:
            digit, fresh = _CHINESE_DIGITS[char], False
    return total + digit


def prints_value(raw: str) -> bool:
    """Whether a string prints a number, in any unit, or a mark."""
    return len(raw) <= MAX_CHARACTERS and _find_state(raw) in _VALUES


def prints_nothing(raw: str) -> bool:
    """Whether a string prints nothing but blanks."""
    return _find_state(raw) is State.BLANK if len(raw) <= MAX_CHARACTERS else not raw.strip()


def prints_number(raw: str) -> bool:
    """Whether a string prints a number, in any unit."""
    return len(raw) <= MAX_CHARACTERS and _find_state(raw) is State.NUMBER


@functools.lru_cache(maxsize=50_000)
def _find_state(raw: str) -> State:
    return parse_value(raw, unit="万元").state


def plain_number(number: Decimal | None) -> int | float | None:
    """A number as the record prints it: an integer where it is whole, else the shortest decimal."""
    if number is None:
        return None
    whole = int(number)
    return whole if whole == number else float(number)
