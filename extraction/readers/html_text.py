"""The printed lines of an element: blocks and line breaks end a line, inline elements join."""

from __future__ import annotations

import re

from extraction.readers.html_style import INLINE
from extraction.readers.html_tree import APART, Element

INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]+")
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]")
# Runs of white space but the single blank. Every run is matched once: texts may hold a million blanks.
_BLANKS = re.compile(r" ?[\t\r\n\f][ \t\r\n\f]*|  [ \t\r\n\f]*")
_WRAPPING = " \t\r\n\f"
_FEW_ROWS = 3


def fold_line(text: str) -> str:
    """Fold the white space of markup: one blank, none where the source was wrapped; tabs and &nbsp; runs are kept.

    >>> fold_line("  总体\\n    情况 a\\u00a0\\u00a0b\\u200b ")
    '总体情况 a  b'
    """
    text = text.strip(_WRAPPING)
    if text.isprintable() and "  " not in text:  # no line ends, tabs, &nbsp; or zero-width characters
        return text
    return _BLANKS.sub(_fold_run, INVISIBLE.sub("", text)).replace("\xa0", " ").strip()


def _fold_run(match: re.Match[str]) -> str:
    """What a run of white space prints; source code is wrapped between characters where nobody meant a blank."""
    run = match[0]
    if "\n" not in run and "\r" not in run:
        return "\t" * run.count("\t") or " "
    before, after = match.string[max(0, match.start() - 1) : match.start()], match.string[match.end() : match.end() + 1]
    return "" if _HAN.match(before) and _HAN.match(after) else " "


def fold_preformatted(text: str) -> str:
    """A line of preformatted text: as it stands, without invisible characters."""
    return INVISIBLE.sub("", text).replace("\xa0", " ").rstrip(" \r")


def is_preformatted(text: str) -> bool:
    """Whether a text node holds rows of a table on lines of their own, though the markup does not say so."""
    if text.count("\n") < _FEW_ROWS or not ("|" in text or "\t" in text):
        return False
    return sum("|" in line or "\t" in line.strip() for line in text.split("\n")) >= _FEW_ROWS


def read_cell_text(cell: Element) -> str:
    """The text of a cell, its lines joined with line ends."""
    while len(cell.children) == 1 and isinstance(inner := cell.children[0], Element) and inner.tag not in APART:
        if inner.hidden:
            return ""
        cell = inner
    if len(cell.children) == 1 and isinstance(text := cell.children[0], str) and not cell.preformatted:
        return " ".join(fold_line(text).split())
    return "\n".join(read_lines(cell))


def read_lines(element: Element) -> list[str]:
    """The printed lines of an element, hidden ones left out; blanks are folded."""
    lines: list[str] = []
    parts: list[str] = []

    def end_line() -> None:
        if line := " ".join(fold_line("".join(parts)).split()):
            lines.append(line)
        parts.clear()

    stack: list[Element | str | None] = [element]
    while stack:
        item = stack.pop()
        if item is None:
            end_line()
        elif isinstance(item, str):
            parts.append(item)
        elif item.tag == "br":
            end_line()
        elif not item.hidden:
            _push(item, stack)
    end_line()
    return lines


def _push(element: Element, stack: list[Element | str | None]) -> None:
    """Put an element's children on the stack, between line ends or blanks where they stand apart."""
    around: str | None = None if element.display != INLINE else " " if element.tag in APART else ""
    stack.append(around)
    stack.extend(reversed(element.children))
    stack.append(around)
