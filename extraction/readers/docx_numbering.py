"""Automatic numbering of paragraphs: what Word prints before a text and does not store with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from extraction.readers.docx_counting import format_count
from extraction.readers.docx_xml import Element, find_parts, read_integer

MAX_LEVELS = 9
BULLET = "•"  # whatever the sign and its font
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list; `restart` is the level (from 1) whose use begins it anew, 0 for none, -1 for any above."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    restart: int = -1
    legal: bool = False
    paragraph_style: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list as paragraphs name it: lists of the same `counter` count on together, `overrides` begin it anew."""

    counter: str
    levels: Mapping[int, Level]
    overrides: Mapping[int, int]


def read_numbering(root: Element | None, linked: Mapping[str, str]) -> dict[str, List]:
    """The lists of a document by their number; `linked` are the lists that numbering styles stand for."""
    if root is None:
        return {}
    abstracts = {part.attributes.get("abstractNumId", ""): part for part in root.children if _is(part, "abstractNum")}
    plain = {
        part.attributes.get("numId", ""): part.read_value("w:abstractNumId") or ""
        for part in root.children
        if _is(part, "num")
    }
    lists = {}
    for part in root.children:
        if _is(part, "num"):
            counter = _follow_link(plain.get(part.attributes.get("numId", ""), ""), abstracts, plain, linked)
            lists[part.attributes.get("numId", "")] = _read_list(part, counter, abstracts.get(counter))
    return lists


def _is(part: Element, name: str) -> bool:
    return part.name == f"w:{name}"


def _follow_link(
    counter: str, abstracts: Mapping[str, Element], plain: Mapping[str, str], linked: Mapping[str, str]
) -> str:
    """The list that holds the levels: a list may say that they are those of a numbering style."""
    abstract = abstracts.get(counter)
    style = abstract.read_value("w:numStyleLink") if abstract else None
    return plain.get(linked.get(style, ""), counter) if style else counter


def _read_list(part: Element, counter: str, abstract: Element | None) -> List:
    levels = dict(_read_levels(abstract)) if abstract else {}
    overrides = {}
    for change in part.children:
        index, start = read_integer(change.attributes.get("ilvl")), change.read_number("w:startOverride")
        if _is(change, "lvlOverride") and index is not None:
            levels |= dict(_read_levels(change))
            if start is not None:
                overrides[index] = start
    return List(counter, levels, overrides)


def _read_levels(part: Element) -> Iterator[tuple[int, Level]]:
    for level in part.children:
        index = read_integer(level.attributes.get("ilvl"))
        if _is(level, "lvl") and index is not None and 0 <= index < MAX_LEVELS:
            yield index, _read_level(level)


def _read_level(part: Element) -> Level:
    # Formats that old programs do not know stand as an alternative beside one that they know.
    styles = [style.attributes.get("val", "") for style in find_parts(part, ("w:numFmt",))]
    start, restart = part.read_number("w:start"), part.read_number("w:lvlRestart")
    level = Level(
        start=1 if start is None else start,
        style=next((style for style in styles if style != "custom"), "decimal"),
        text=part.read_value("w:lvlText") or "",
        legal=bool(part.read_toggle("w:isLgl")),
        paragraph_style=part.read_value("w:pStyle") or "",
    )
    return level if restart is None else replace(level, restart=restart)


class ListCounter:
    """Counts the paragraphs of lists in the order in which they stand."""

    def __init__(self, lists: Mapping[str, List]) -> None:
        self._lists = lists
        self._counts: dict[str, dict[int, int]] = {}
        self._overridden: set[tuple[str, int]] = set()

    def find_level(self, number: str, style: str) -> int:
        """The level of a list that belongs to a paragraph style, 0 where none does."""
        levels = self._lists[number].levels if number in self._lists else {}
        return next((index for index, level in levels.items() if style and level.paragraph_style == style), 0)

    def count_paragraph(self, number: str, level: int) -> str:
        """What is printed before the next paragraph of a list; empty where the list is unknown or prints nothing."""
        known = self._lists.get(number)
        if known is None or level not in known.levels:
            return ""
        counts = self._counts.setdefault(known.counter, {})
        if level in known.overrides and (number, level) not in self._overridden:
            self._overridden.add((number, level))
            counts[level] = known.overrides[level]
        else:
            counts[level] = counts[level] + 1 if level in counts else known.levels[level].start
        for upper in range(level):  # one that was left out counts as printed: under a bare 1.1 the next is 2
            counts.setdefault(upper, known.levels[upper].start if upper in known.levels else 1)
        for deeper in [index for index in counts if index > level]:
            restart = known.levels[deeper].restart if deeper in known.levels else -1
            if restart < 0 or level < restart:
                del counts[deeper]
        return _print_label(known, level, counts)


def _print_label(known: List, level: int, counts: Mapping[int, int]) -> str:
    own = known.levels[level]
    if own.style == "bullet":
        return BULLET if own.text.strip() else ""

    def print_place(match: re.Match[str]) -> str:
        index = int(match[1]) - 1
        shown = known.levels.get(index, Level())
        legal = own.legal and shown.style != "none"
        return format_count(counts.get(index, shown.start), "decimal" if legal else shown.style)

    return _PLACE.sub(print_place, own.text)
