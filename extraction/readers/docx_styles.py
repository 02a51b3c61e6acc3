"""Styles of a Word document: the heading level, numbering and hiding that a style gives to its paragraphs and runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from extraction.readers.docx_xml import Element, read_integer

MAX_HEADING = 6  # the levels that pages have
BODY_LEVEL = 9  # of outlines
MAX_CHAIN = 50  # styles based on one another; Word stops at 11
_HEADING = re.compile(r"(?:heading|标题|標題) ?([1-9])(?!\d)")
_CONTENTS = re.compile(r"toc ?\d|contents ?\d|(?:wpsoffice)?(?:手动)?目[录錄] ?\d")
_TITLES = frozenset(("title", "标题", "標題"))


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says itself, or with what it is based on: `None` where it says nothing.

    `list_number` and `list_level` name the numbering (`ListCounter`), `heading` counts from 1, 0 is body text.
    """

    identity: str = ""
    heading: int | None = None
    list_number: str | None = None
    list_level: int | None = None
    hidden: bool | None = None
    contents: bool = False


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of a document by their identity; `default` is that of paragraphs that name none."""

    by_identity: Mapping[str, Style]
    default: Style
    numbering: Mapping[str, str]

    def find_style(self, identity: str | None) -> Style:
        """A style with all that it is based on; for an unknown one what its identity says."""
        if identity is None:
            return self.default
        return self.by_identity.get(identity) or Style(
            identity, heading=_read_name(identity), contents=_is_contents(identity)
        )


def read_styles(root: Element | None) -> Styles:
    """The styles of a document, each with what it is based on."""
    own: dict[str, Style] = {}
    based: dict[str, str] = {}
    numbering: dict[str, str] = {}
    default = ""
    for part in root.children if root else ():
        identity = part.attributes.get("styleId", "")
        if part.name != "w:style" or not identity:
            continue
        own[identity] = _read_style(part, identity)
        based[identity] = part.read_value("w:basedOn") or ""
        kind = part.attributes.get("type")
        if kind == "paragraph" and part.attributes.get("default") in ("1", "true", "on"):
            default = identity
        if kind == "numbering" and (number := own[identity].list_number):
            numbering[identity] = number
    complete: dict[str, Style] = {}
    for identity in own:
        _complete_style(identity, own, based, complete)
    return Styles(complete, complete.get(default, Style()), numbering)


def _read_style(part: Element, identity: str) -> Style:
    name = (part.read_value("w:name") or "").strip().lower()
    style = read_paragraph_style(part.find("w:pPr"), identity)
    runs = part.find("w:rPr")
    return replace(
        style,
        heading=_read_name(name) if style.heading is None else style.heading,
        hidden=runs.read_toggle("w:vanish") if runs else None,
        contents=_is_contents(name),
    )


def _read_name(name: str) -> int | None:
    """The heading level that the name of a style means.

    >>> _read_name("heading 2"), _read_name("Normal")
    (2, None)
    """
    folded = name.strip().lower()
    if folded in _TITLES:
        return 1
    match = _HEADING.fullmatch(folded)
    return min(int(match[1]), MAX_HEADING) if match else None


def _is_contents(name: str) -> bool:
    return _CONTENTS.match(name.strip().lower()) is not None


def read_paragraph_style(properties: Element | None, identity: str = "") -> Style:
    """What the properties of a paragraph say themselves."""
    if properties is None:
        return Style(identity)
    outline = properties.read_number("w:outlineLvl")
    heading = None if outline is None else 0 if not 0 <= outline < BODY_LEVEL else min(outline + 1, MAX_HEADING)
    numbering = properties.find("w:numPr")
    return Style(
        identity,
        heading,
        numbering.read_value("w:numId") if numbering else None,
        read_integer(numbering.read_value("w:ilvl")) if numbering else None,
    )


def lay_over(style: Style, base: Style) -> Style:
    """A style with what it does not say itself taken from another."""
    return Style(
        style.identity or base.identity,
        base.heading if style.heading is None else style.heading,
        base.list_number if style.list_number is None else style.list_number,
        base.list_level if style.list_level is None else style.list_level,
        base.hidden if style.hidden is None else style.hidden,
        style.contents or base.contents,
    )


def _complete_style(
    identity: str, own: Mapping[str, Style], based: Mapping[str, str], complete: dict[str, Style]
) -> None:
    """Complete a style and those that it is based on; a circle ends where it began."""
    chain: list[str] = []
    while identity in own and identity not in complete and identity not in chain and len(chain) < MAX_CHAIN:
        chain.append(identity)
        identity = based[identity]
    base = complete.get(identity, Style())
    for name in reversed(chain):
        complete[name] = base = lay_over(own[name], base)
