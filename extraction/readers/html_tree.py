"""A page as a light tree: elements with their text, display and what their subtree holds, built in one walk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.readers.html_furniture import MARKS, is_furniture
from extraction.readers.html_style import (
    BLOCK,
    HIDDEN,
    INLINE,
    NO_LAYOUT,
    Layout,
    find_layout,
    read_layout,
    read_style_sheet,
)
from models.document import DocumentError
from models.numbers import RAISED_DIGITS

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# The parser's time grows with the square of the depth: 25 ms for 4,000, 27 s for 100,000. Browsers stop at 512.
MAX_DEPTH = 4_000
MAX_TAGS = 4_000_000
# Unclosed <b>, <font>, ... are opened again in every paragraph that follows: elements that the parser would add.
MAX_REOPENED = 2_000_000
MAX_ATTRIBUTES = 5_000  # the parser compares each with each: 50 s for 100,000
HIDDEN_REPORT = 1.5  # so many times the marks of a report hidden as shown: a copy of it has as many
MIN_CLOSED = 0.35  # of all tags; a page with fewer is looked at closely, however small

BLOCK_TAGS_NAMES = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol"
    " option p pre section summary table tbody td tfoot th thead tr ul ucapcontent"
)
BLOCK_TAGS = frozenset(BLOCK_TAGS_NAMES.split())
HEADINGS = {f"h{level}": level for level in range(1, 7)}
# What is never printed, or is no text of the page.
DROPPED_NAMES = (
    "-comment -doctype script style noscript template iframe object embed applet svg math canvas audio"
    " video select button textarea datalist head title meta link rt rp map frameset"
)
DROPPED = frozenset(DROPPED_NAMES.split())
# Inline elements that say nothing here; in paragraphs and cells their text is taken as the parent's own.
_PLAIN = frozenset(("span", "font", "b", "strong", "i", "em", "u", "o:p", "big", "small", "label", "st1:chsdate"))
_TEXT_PARENTS = frozenset(("p", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"))
APART = frozenset(("del", "ins", "s", "strike"))  # `<del>5</del>6` is no 56
_PRINTED_INPUT = re.compile(r"\s*[+-]?[\d.,]{1,15}\s*|\s*[/—-]\s*")

_REPORT = re.compile(r"[报報]\s*告|年\s*[报報]")
_TELLING = re.compile(r"[\u3400-\u9fff]{2}|年\s*[报報]")  # numbers, marks and English are not looked at
_CRUMB = re.compile(r"位置|首\s*[页頁]")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)|<!--")
_NO_NESTING_NAMES = (
    "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option thead"
    " tbody tfoot html head body script style title"
)
_NO_NESTING = frozenset(_NO_NESTING_NAMES.split())
_REOPENED_NAMES = "a b big code em font i nobr s small strike strong tt u"
_REOPENED = frozenset(_REOPENED_NAMES.split())


class Element:
    """An element of the page; filled while the tree is built, read only afterwards.

    `length` counts the characters of its visible text, `link_length` those in links, `cells` and `tables` the table
    cells and the tables (of two cells or more) below it, `blocks` the elements below it that break a line, `marks` the
    texts that only a report has; `special` where styles say how it is laid out. A plain class: most elements keep most
    defaults, and a page has thousands of them.
    """

    names: str = ""
    heading: int = 0
    spans: tuple[str, str] = ("", "")
    columns: int = 0
    preformatted: bool = False
    special: bool = False
    hidden: bool = False
    furniture: bool = False
    length: int = 0
    link_length: int = 0
    links: int = 0
    cells: int = 0
    tables: int = 0
    blocks: int = 0
    marks: int = 0
    hidden_marks: int = 0
    report: bool = False
    crumb: bool = False

    def __init__(self, tag: str, display: str) -> None:
        self.tag = tag
        self.display = display
        self.children: list[Element | str] = []

    @property
    def breaks(self) -> bool:
        """Whether a line ends before and after it."""
        return self.display != INLINE


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its body, its title and its meta elements (name in lower case, content)."""

    body: Element
    title: str
    metas: tuple[tuple[str, str], ...]


def read_page(html: str) -> Page:
    """Parse a page; raises `DocumentError` with code `too_deep` or `too_complex`."""
    from selectolax.lexbor import LexborHTMLParser

    check_nesting(html)
    parser = LexborHTMLParser(html)
    titles = parser.css("title")
    metas = [(meta.attributes.get("name") or "", meta.attributes.get("content") or "") for meta in parser.css("meta")]
    return Page(
        body=_read_body(parser),
        title=titles[0].text() if titles else "",
        metas=tuple((name.strip().lower(), content.strip()) for name, content in metas if name and content),
    )


def _read_body(parser: LexborHTMLParser) -> Element:
    """The body with what is hidden marked so; where the report itself is hidden (panels of tabs), nothing is."""
    styles = read_style_sheet("\n".join(style.text() for style in parser.css("style")))
    body = _build(parser, styles)
    if body.hidden_marks > HIDDEN_REPORT * body.marks or not body.length:
        body = _build(parser, styles, keep_hidden=True)
    return body if body.length else _build(parser, styles, keep_hidden=True, keep_furniture=True)


def check_nesting(html: str) -> None:
    """Refuse a page whose parsing would take too long; raises `DocumentError` with code `too_deep` or `too_complex`."""
    if any(len(tag.split()) > MAX_ATTRIBUTES for tag in _LONG_TAG.findall(html)):
        raise DocumentError("too_complex", f"an element of the page has more than {MAX_ATTRIBUTES} attributes")
    tags, closed = html.count("<"), html.count("</")
    if tags - closed <= MAX_DEPTH and closed > MIN_CLOSED * tags:
        return
    if tags > MAX_TAGS:
        raise DocumentError("too_complex", f"the page has {tags} tags, more than {MAX_TAGS}")
    depth = reopened = total = 0
    for match in _TAG.finditer(html):
        tag = (match[2] or "").lower()
        step = -1 if match[1] else 1
        if tag in _REOPENED:
            reopened = max(0, reopened + step)
        if tag and tag not in _NO_NESTING:
            depth = max(0, depth + step)
            if depth > MAX_DEPTH:
                raise DocumentError("too_deep", f"the elements of the page are nested more than {MAX_DEPTH} deep")
        elif step > 0:
            total += reopened
            if total > MAX_REOPENED:
                raise DocumentError("too_complex", "the page has too many unclosed elements")


def _build(
    parser: LexborHTMLParser, styles: dict[str, Layout], *, keep_hidden: bool = False, keep_furniture: bool = False
) -> Element:
    """Walk the parsed page once, without recursion, which deep pages would break."""
    root = Element("body", BLOCK)
    stack: list[tuple[LexborNode, Element]] = []
    parent, node = root, parser.body.first_child if parser.body is not None else None
    while node is not None or stack:
        if node is None:
            node, outer = stack.pop()
            if outer is not parent:
                _close(parent, outer, keep_furniture=keep_furniture)
                parent = outer
        elif (tag := node.tag or "") == "-text":
            _add_text(parent, node.text_content or "")
        elif tag not in DROPPED:
            element = _open(tag, node.attributes, styles)
            element.hidden = element.hidden and not keep_hidden
            if tag in _PLAIN and parent.tag in _TEXT_PARENTS and not element.special:
                element = parent  # its text joins that of the paragraph or the cell
            else:
                parent.children.append(element)
            child = node.first_child
            if child is not None and element is not parent and child.next is None and child.tag == "-text":
                _add_text(element, child.text_content or "")  # most cells hold one text and nothing else
                child = None
            if child is not None:
                stack.append((node, parent))
                parent, node = element, child
                continue
            if element is not parent:
                _close(element, parent, keep_furniture=keep_furniture)
        node = node.next
    return root


def _add_text(parent: Element, text: str) -> None:
    if text.isspace():
        # Between blocks it is the layout of the source; preformatted text prints it, and a blank that does not break.
        printed = parent.preformatted or parent.tag == "pre" or "\xa0" in text
        if parent.children or parent.display == INLINE or printed:
            parent.children.append(text)
        return
    if parent.tag in ("sup", "sub"):
        text = text.translate(RAISED_DIGITS)
    parent.children.append(text)
    length = len(text) if text.isalnum() else len("".join(text.split()))
    parent.length += length
    if length >= 3 and _TELLING.search(text):
        if MARKS.search(text):
            parent.marks += 1
        parent.report = parent.report or _REPORT.search(text) is not None
        parent.crumb = parent.crumb or _CRUMB.search(text) is not None


def _open(tag: str, attributes: dict[str, str | None], styles: dict[str, Layout]) -> Element:
    element = Element(tag, BLOCK if tag in BLOCK_TAGS else INLINE)
    if tag in HEADINGS:
        element.heading = HEADINGS[tag]
    elif tag == "input":
        value = attributes.get("value") or ""
        if attributes.get("type") not in ("hidden", "button", "submit") and _PRINTED_INPUT.fullmatch(value):
            element.children.append(value)
    if attributes or tag in styles:
        _read_attributes(element, attributes, styles)
    return element


def _read_attributes(element: Element, attributes: dict[str, str | None], styles: dict[str, Layout]) -> None:
    classes, identity = attributes.get("class") or "", attributes.get("id") or ""
    if classes or identity or "role" in attributes:
        element.names = f"{classes} {identity} {attributes.get('role') or ''}"
    if "colspan" in attributes or "rowspan" in attributes:
        element.spans = (attributes.get("rowspan") or "", attributes.get("colspan") or "")
    elif "aria-colspan" in attributes or "aria-rowspan" in attributes:
        element.spans = (attributes.get("aria-rowspan") or "", attributes.get("aria-colspan") or "")
    style = attributes.get("style")
    layout = read_layout(style) if style else NO_LAYOUT
    if styles and not layout.display:
        layout = find_layout(styles, classes, identity, element.tag) or layout
    hidden = "hidden" in attributes or layout.display == HIDDEN
    if layout is NO_LAYOUT and not hidden:
        return
    element.special = True
    element.columns, element.preformatted = layout.columns, layout.preformatted
    if hidden:
        element.hidden = True
    elif layout.display:
        element.display = layout.display


def _close(element: Element, parent: Element, *, keep_furniture: bool) -> None:
    """Decide, when all of its subtree is known, what an element is; what it prints counts for the one around it."""
    tag = element.tag
    if tag == "a":
        element.links += 1
        element.link_length = element.length
        element.report = element.crumb = False
    elif tag == "table" and element.cells > 1:
        element.tables += 1
    elif element.heading and element.report:
        element.marks += 1
    element.furniture = not keep_furniture and is_furniture(element)
    if element.hidden_marks:
        parent.hidden_marks += element.hidden_marks
    if element.hidden or element.furniture:
        parent.hidden_marks += element.marks
        return
    if tag in ("td", "th"):
        parent.cells += 1
    if element.display != INLINE:
        parent.blocks += 1 + element.blocks
    if element.length:
        _count_text(element, parent)
    if element.cells:
        parent.cells += element.cells
        parent.tables += element.tables


def _count_text(element: Element, parent: Element) -> None:
    parent.length += element.length
    if element.links:
        parent.links += element.links
        parent.link_length += element.link_length
    if element.marks:
        parent.marks += element.marks
    if element.report:
        parent.report = True
    if element.crumb:
        parent.crumb = True
