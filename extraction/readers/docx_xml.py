"""The XML of a Word document as a light tree: only what is read later, built in one pass, within limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from models.document import DocumentError

MAX_DEPTH = 200  # a table in a table has 6 levels more, a text box 12
MAX_ELEMENTS = 3_000_000  # kept ones: 20,000 rows of 10 cells have 1,500,000

_OFFICE = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_MICROSOFT = "http://schemas.microsoft.com/office/"
_PREFIXES = {
    f"{_OFFICE}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OFFICE}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    f"{_OFFICE}drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}drawingml/wordprocessingDrawing": "wp",
    f"{_OFFICE}drawingml/2006/picture": "pic",
    f"{_STRICT}drawingml/picture": "pic",
    f"{_OFFICE}markup-compatibility/2006": "mc",
    f"{_MICROSOFT}word/2010/wordprocessingShape": "wps",
    f"{_OFFICE}package/2006/relationships": "rel",
    f"{_OFFICE}package/2006/content-types": "types",
    "urn:schemas-microsoft-com:vml": "v",
}

_PROPERTIES = frozenset(("w:rPr", "w:pPr", "w:tcPr", "w:trPr"))
_KEPT_NAMES = (
    "rStyle vanish strike dstrike vertAlign pStyle numPr outlineLvl rPr del moveFrom gridSpan vMerge hMerge cellDel"
    " cellMerge gridBefore gridAfter hidden"
)
_KEPT = frozenset(f"w:{name}" for name in _KEPT_NAMES.split())  # of the properties
# Deleted text, readings beside ruby, settings.
_DROPPED_NAMES = (
    "del moveFrom delText delInstrText rt rubyPr sectPr tblPr tblPrEx tblGrid sdtPr sdtEndPr customXmlPr"
    " tblStylePr latentStyles"
)
_DROPPED = frozenset(f"w:{name}" for name in _DROPPED_NAMES.split())
CODE = "w:instrText"  # of a field
_TEXTS = frozenset(("w:t", "m:t", CODE))
_BARE = frozenset(("w:p", "w:r", "w:tr", "w:tc", "w:tbl"))  # whose attributes only number revisions


class Element:
    """An element: its name with the usual prefix, its attributes by local name, its text where it holds some.

    `printed` is whether there is text in it or below it. Filled while the tree is built, read only afterwards. A plain
    class: a document has hundreds of thousands.
    """

    __slots__ = ("attributes", "children", "name", "printed", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.text = ""
        self.printed = False

    def find(self, name: str) -> Element | None:
        """The first child of a name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def read_value(self, name: str) -> str | None:
        """The `val` of the first child of a name, empty where it has none; `None` where there is no such child."""
        child = self.find(name)
        return None if child is None else child.attributes.get("val", "")

    def read_number(self, name: str) -> int | None:
        """The `val` of a child as a number, `None` where it is none."""
        return read_integer(self.read_value(name))

    def read_toggle(self, name: str) -> bool | None:
        """Whether a property is switched on; `None` where it is not named."""
        value = self.read_value(name)
        return None if value is None else value.lower() not in ("0", "false", "off")


def read_integer(value: str | None) -> int | None:
    """A number as attributes hold it, of up to nine digits; `None` for anything else."""
    text = (value or "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def find_parts(element: Element, names: Collection[str]) -> Iterator[Element]:
    """The elements of some names below an element in order, whatever wraps them, none of them inside another."""
    stack = [element]
    while stack:
        item = stack.pop()
        if item.name in names and item is not element:
            yield item
        else:
            stack.extend(reversed(item.children))


def parse_part(content: bytes) -> Element:
    """Parse a part of a document; entities are not resolved, nothing is loaded.

    Raises `DocumentError` with code `damaged` (no XML, or XML with a document type), `too_deep` or `too_complex`.
    """
    from lxml import etree

    builder = _Builder()
    target: Any = builder  # the library's own type asks for more than it needs
    parser = etree.XMLParser(
        target=target,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:  # ValueError: no bytes; LookupError: encodings
        raise DocumentError("damaged", f"the document is broken XML: {error}") from error
    return builder.root


class _Builder:
    """Takes the events of the parser and keeps what is read later."""

    def __init__(self) -> None:
        self.root = Element("", {})  # until there is one
        self._open = [Element("", {})]
        self._names: dict[str, str] = {}
        self._pieces: list[str] = []  # of the text of the open element
        self._skipped = 0  # levels of a subtree that is left out
        self._count = 0

    def doctype(self, *_: str | None) -> None:
        """Refuse a document type: documents have none, and entities stand there."""
        raise DocumentError("damaged", "the document's XML has a document type, which no document may have")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element, or count a level of what is left out."""
        if self._skipped or len(self._open) > MAX_DEPTH:
            self._skip()
            return
        name = self._names.get(tag) or self._name(tag)
        parent = self._open[-1]
        if name not in _KEPT if parent.name in _PROPERTIES else name in _DROPPED:
            self._skipped = 1
            return
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise DocumentError("too_complex", f"the document has more than {MAX_ELEMENTS} elements")
        kept = {key.rpartition("}")[2]: attributes[key] for key in attributes} if name not in _BARE else {}
        element = Element(name, kept)
        parent.children.append(element)
        if len(self._open) == 1:
            self.root = element
        self._open.append(element)

    def _skip(self) -> None:
        self._skipped += 1
        if len(self._open) + self._skipped > MAX_DEPTH:
            raise DocumentError("too_deep", f"elements of the document stand more than {MAX_DEPTH} deep in one another")

    def _name(self, tag: str) -> str:
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        name = f"{_PREFIXES.get(space, 'x')}:{local}"
        if len(self._names) < 10_000:
            self._names[tag] = name
        return name

    def end(self, _: str) -> None:
        """Close an element."""
        if self._skipped:
            self._skipped -= 1
            return
        element = self._open.pop()
        if self._pieces:
            element.text = "".join(self._pieces)
            self._pieces.clear()
            element.printed = element.name != CODE
        if element.name == "mc:AlternateContent":
            _choose_alternative(element)
        if element.printed:
            self._open[-1].printed = True

    def data(self, text: str) -> None:
        """Add text to an element that holds printed text."""
        if not self._skipped and self._open[-1].name in _TEXTS:
            self._pieces.append(text)

    def close(self) -> None:
        """Nothing is left to do at the end."""


def _choose_alternative(element: Element) -> None:
    """Of the alternatives that programs may choose from keep one: the first with text, or the first."""
    children = element.children
    element.children = [child for child in children if child.printed][:1] or children[:1]
