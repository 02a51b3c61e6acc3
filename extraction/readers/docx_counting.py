"""The numbers that Word counts with: a count and the name of a format to the numeral that is printed."""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_LEGAL = str.maketrans("〇一二三四五六七八九十百千万", "零壹贰叁肆伍陆柒捌玖拾佰仟万")
_LEGAL_TRADITIONAL = str.maketrans("〇一二三四五六七八九十百千万", "零壹貳參肆伍陸柒捌玖拾佰仟萬")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_CIRCLED_IDEOGRAPHS = "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
MAX_SPELLED = 10_000  # from here on numerals are written in digits


def format_count(count: int, style: str) -> str:
    """The numeral of a count in a format of Word (`w:numFmt`); digits where the format is unknown or does not reach it.

    >>> format_count(12, "chineseCounting"), format_count(3, "decimalEnclosedCircle"), format_count(4, "upperRoman")
    ('十二', '③', 'IV')
    """
    writer = _FORMATS.get(style, str)
    return writer(count) if 0 <= count < MAX_SPELLED else str(count)


def _spell(count: int) -> str:
    """A number in Chinese numerals: 十, 二十一, 一百零五."""
    if count == 0:
        return _DIGITS[0]
    text, gap = "", False
    for power in (3, 2, 1, 0):
        digit = count // 10**power % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _UNITS[power]
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def _spell_digits(count: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(count))


def _pick(signs: str) -> Callable[[int], str]:
    return lambda count: signs[count - 1] if 0 < count <= len(signs) else str(count)


def _shift(first: int, last: int) -> Callable[[int], str]:
    """The signs of a block of Unicode, which begins with that of 1."""
    return lambda count: chr(first + count - 1) if 0 < count <= last - first + 1 else str(count)


def _circle(count: int) -> str:
    for start, first, last in ((0, 0x24EA, 0), (1, 0x2460, 20), (21, 0x3251, 35), (36, 0x32B1, 50)):
        if start <= count <= last:
            return chr(first + count - start)
    return str(count)


def _spell_roman(count: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        text += sign * (count // value)
        count %= value
    return text


def _spell_letters(count: int) -> str:
    """A to Z, then AA, BB, CC, as Word goes on."""
    return chr(ord("A") + (count - 1) % 26) * min((count - 1) // 26 + 1, 30) if count else "0"


_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        (
            "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
            "japaneseCounting", "koreanCounting",
        ),
        _spell,
    ),
    **dict.fromkeys(
        ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital", "koreanDigital2"), _spell_digits
    ),
    "chineseLegalSimplified": lambda count: _spell(count).translate(_LEGAL),
    "ideographLegalTraditional": lambda count: _spell(count).translate(_LEGAL_TRADITIONAL),
    "ideographTraditional": _pick(_STEMS),
    "ideographZodiac": _pick(_BRANCHES),
    "ideographEnclosedCircle": _pick(_CIRCLED_IDEOGRAPHS),
    "decimalEnclosedCircle": _circle,
    "decimalEnclosedCircleChinese": _circle,
    "decimalEnclosedParen": _shift(0x2474, 0x2487),
    "decimalEnclosedFullstop": _shift(0x2488, 0x249B),
    "decimalFullWidth": lambda count: str(count).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda count: str(count).translate(_FULL_WIDTH),
    "decimalZero": lambda count: f"{count:02d}",
    "numberInDash": lambda count: f"- {count} -",
    "upperRoman": _spell_roman,
    "lowerRoman": lambda count: _spell_roman(count).lower(),
    "upperLetter": _spell_letters,
    "lowerLetter": lambda count: _spell_letters(count).lower(),
    "none": lambda _: "",
}  # fmt: skip
