"""Characters of symbol fonts, which documents name by a number and a font."""

from __future__ import annotations

UNKNOWN = "\ufffd"  # something is printed there
_PRIVATE = range(0xF000, 0xF100)  # where the signs of symbol fonts stand
_SYMBOL_SIGNS = {0xB1: "±", 0xB3: "≥", 0xA3: "≤", 0xB4: "×", 0xB7: "·", 0xB8: "÷", 0x2D: "－", 0xD7: "·", 0xA5: "∞"}
_WINGDINGS = {
    0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "□", 0x71: "□", 0x75: "◆", 0xA1: "○", 0xA7: "▪", 0xA8: "□", 0xAB: "★",
    0xD8: "➢", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    **{0x80 + count: chr(0x24EA if count == 0 else 0x245F + count) for count in range(11)},
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□", 0x98: "●", 0xA2: "■"}
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOL_SIGNS}


def read_symbol(font: str, code: str) -> str:
    """The character of a symbol (`w:sym`), `UNKNOWN` where the font is not known; `code` is hexadecimal.

    >>> read_symbol("Wingdings", "F0FC"), read_symbol("Symbol", "F035"), read_symbol("宋体", "2611")
    ('✓', '5', '☑')
    """
    try:
        number = int(code, 16)
    except ValueError:
        return UNKNOWN
    name = font.strip().lower()
    if number not in _PRIVATE and name not in _FONTS:
        character = chr(number) if 0x20 <= number <= 0x10FFFF else UNKNOWN
        return character if character.isprintable() else UNKNOWN
    number &= 0xFF
    if name == "symbol" and 0x20 <= number < 0x40:
        return _SYMBOL_SIGNS.get(number) or chr(number)  # its digits and signs are those of other fonts
    return _FONTS.get(name, {}).get(number, UNKNOWN)
