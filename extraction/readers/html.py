"""Pages: lines and tables in reading order, without what is surely no part of the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.readers.encoding import read_characters
from extraction.readers.html_divs import find_div_rows
from extraction.readers.html_furniture import is_furniture_line, is_navigation
from extraction.readers.html_grid import Box, make_table, place_cells
from extraction.readers.html_tables import Flow, Grid, split_table
from extraction.readers.html_text import fold_line, fold_preformatted, is_preformatted
from extraction.readers.html_tree import APART, Element, Page, read_page
from extraction.readers.limits import MAX_LINE_CHARACTERS, MAX_LINES, check_size, find_cut_lines
from models.document import Block, Document, DocumentError, Source, TextLine

# What sites say of an article in meta elements, and what it is called here.
META_NAMES = {
    "articletitle": "title",
    "sitename": "site",
    "sitedomain": "domain",
    "columnname": "column",
    "pubdate": "published",
    "publishdate": "published",
    "contentsource": "organization",
    "source": "organization",
    "author": "author",
    "keywords": "keywords",
    "description": "description",
}


def read_html(source: Source) -> Document:
    """Read a page.

    Raises `DocumentError` with code `binary`, `empty`, `too_deep`, `too_complex`, `too_many_lines` or
    `table_too_large`.
    """
    characters = read_characters(source.content)
    page = read_page(characters.text)
    blocks = tuple(find_blocks(page.body))
    lines = [block for block in blocks if isinstance(block, TextLine)]
    check_size(lines)
    if not blocks:
        raise DocumentError("empty", "nothing is printed on the page")
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type="text/html",
        blocks=blocks,
        metadata=read_metadata(page),
        problems=characters.problems + find_cut_lines(lines),
    )


def read_metadata(page: Page) -> dict[str, str]:
    """What the page says of itself: `page_title`, and meta elements under the names of `META_NAMES`."""
    metadata = {"page_title": fold_line(page.title)} if fold_line(page.title) else {}
    for name, content in page.metas:
        if name in META_NAMES:
            metadata.setdefault(META_NAMES[name], fold_line(content))
    return metadata


@dataclass(frozen=True, slots=True)
class _Scope:
    """The state that text is read in: heading level, line ends kept; `breaks` ends the line before it."""

    heading: int = 0
    preformatted: bool = False
    breaks: bool = True


# Most elements open and close one of these.
_SCOPES = {(heading, kept): _Scope(heading, kept) for heading in range(7) for kept in (False, True)}
_Item = Element | str | Grid | _Scope


def find_blocks(body: Element) -> list[Block]:
    """The lines and tables of a page in reading order.

    Raises `DocumentError` with code `too_many_lines` or `table_too_large`.
    """
    writer = _Writer()
    stack: list[_Item] = [body]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            writer.add_text(item)
        elif isinstance(item, _Scope):
            writer.set_scope(item)
        elif isinstance(item, Grid):
            writer.add_table(item.boxes, "html")
        elif item.tag == "br":
            writer.end_line(kept=True)
        elif not (item.hidden or item.furniture):
            stack.extend(reversed(_open_element(item, writer)))
    writer.end_line()
    return writer.blocks


EXPLICIT_BLANK = re.compile(r"\s*[\xa0\u3000]\s*")


class _Writer:
    """Collects text into lines and blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.scope = _Scope()
        self._parts: list[str] = []
        self._lines = 0
        self._tables = 0

    def set_scope(self, scope: _Scope) -> None:
        if scope.breaks:
            self.end_line()
        self.scope = scope

    def add_text(self, text: str) -> None:
        if not (self.scope.preformatted or is_preformatted(text)):
            self._parts.append(text)
            return
        first, *others = text.replace("\r\n", "\n").split("\n")
        self._parts.append(first)
        for part in others:
            self.end_line(kept=True, preformatted=True)
            self._parts.append(part)
        if not self.scope.preformatted:
            self.end_line(preformatted=True)

    def end_line(self, *, kept: bool = False, preformatted: bool = False) -> None:
        """Write the line; an empty one is `kept` only in preformatted text."""
        if not self._parts and not (kept and self.scope.preformatted):
            return
        text = "".join(self._parts)
        self._parts.clear()
        exact = preformatted or self.scope.preformatted
        line = fold_preformatted(text) if exact else fold_line(text)
        blank = not line.strip()
        # A paragraph made to be empty may be an empty cell.
        kept = kept or (blank and EXPLICIT_BLANK.fullmatch(text) is not None)
        if (kept and self.blocks) or not (blank or is_furniture_line(line)):
            self._lines += 1
            if self._lines > MAX_LINES:
                raise DocumentError("too_many_lines", f"the page has more than {MAX_LINES} lines")
            self.blocks.append(TextLine(line[:MAX_LINE_CHARACTERS], self._lines, heading=self.scope.heading))

    def add_table(self, boxes: Sequence[Box], layout: str) -> None:
        self.end_line()
        self._tables += 1
        self.blocks.append(make_table(boxes, layout=layout, number=self._tables, position=len(self.blocks)))


def _open_element(element: Element, writer: _Writer) -> Sequence[_Item]:
    """What comes in an element's place: its children in their scope, or the parts of a table that is none."""
    if element.tag == "table":
        return _open_table(element)
    outer = writer.scope
    if not element.breaks:
        if element.tag in APART:
            return [" ", *element.children, " "]
        if element.preformatted and not outer.preformatted:
            return [replace(outer, preformatted=True, breaks=False), *element.children, replace(outer, breaks=False)]
        return element.children
    if element.tag != "pre" and (rows := find_div_rows(element)) is not None:
        writer.add_table(place_cells(rows), "divs")
        return []
    preformatted = outer.preformatted or element.preformatted or element.tag == "pre"
    children = ["\xa0"] if _is_broken_only(element) else element.children
    inner = _SCOPES[element.heading or outer.heading, preformatted]
    return [inner, *children, outer if outer.breaks else _SCOPES[outer.heading, outer.preformatted]]


def _is_broken_only(element: Element) -> bool:
    """Whether a paragraph holds a line break and nothing else: an empty line, as editors write it."""
    return len(element.children) == 1 and isinstance(child := element.children[0], Element) and child.tag == "br"


def _open_table(table: Element) -> Sequence[_Item]:
    """The grids of a table, and the cells of the rows that only lay out text."""
    items: list[_Item] = []
    for part in split_table(table):
        if isinstance(part, Flow):
            items += [cell for cell in part.cells if not is_navigation(cell)]
        else:
            items.append(part)
    return items
