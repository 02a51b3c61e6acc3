"""The printed text of a paragraph: its runs without what is hidden or deleted, fields as their results."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from extraction.readers.docx_styles import Styles
from extraction.readers.docx_symbols import read_symbol
from extraction.readers.docx_xml import CODE, Element, find_parts, read_integer
from models.numbers import RAISED_DIGITS

BOX = "w:txbxContent"
_SIGNS = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
_PICTURES = ("wp:inline", "wp:anchor")
# What is looked at of a picture, in English Metric Units (360,000 a centimetre): a table or page as a picture is large.
WIDE, HIGH = 2_500_000, 1_200_000
_POINT = 12_700  # of them
_SIDE = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([\d.]{1,9})pt")


@dataclass(frozen=True, slots=True)
class Inline:
    """What a paragraph prints: its text with line ends and its text boxes (elements).

    `contents` where it stands in a table of contents; `pictures` and `objects` count what is not read: large pictures,
    and what another program embedded.
    """

    text: str
    boxes: tuple[Element, ...] = ()
    contents: bool = False
    pictures: int = 0
    objects: int = 0


@dataclass(slots=True)
class _Field:
    """An open field: whether its code is being read or its result, and whether it is a table of contents."""

    in_code: bool = True
    contents: bool = False


class TextReader:
    """Reads paragraphs in their order; a field may go on from one to the next."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[_Field] = []  # those open

    def read_paragraph(self, paragraph: Element, *, hidden: bool) -> Inline:
        """What a paragraph prints; `hidden` is what its style says of runs that say nothing themselves."""
        line = _Line(hidden=hidden, contents=any(field.contents for field in self._fields))
        for child in paragraph.children:
            if child.name != "w:pPr":
                self._read_inline(child, line)
        # A code that has not ended with its paragraph never ends: what follows would be lost.
        self._fields = [field for field in self._fields if not field.in_code]
        return Inline("".join(line.pieces), tuple(line.boxes), line.contents, line.pictures, line.objects)

    def _in_code(self) -> bool:
        return any(field.in_code for field in self._fields)

    def _read_inline(self, element: Element, line: _Line) -> None:
        reader = _READERS.get(element.name)
        if reader is not None:
            reader(self, element, line)
            return
        for child in element.children:
            self._read_inline(child, line)

    def _read_run(self, run: Element, line: _Line) -> None:
        properties = run.find("w:rPr")
        if self._is_hidden(properties, line):
            for part in run.children:  # the ends of fields count wherever they stand
                if part.name == "w:fldChar":
                    self._read_field_end(part, line)
            return
        line.raised = properties is not None and properties.read_value("w:vertAlign") in ("superscript", "subscript")
        struck = properties is not None and bool(
            properties.read_toggle("w:strike") or properties.read_toggle("w:dstrike")
        )
        if struck != line.struck and line.pieces:
            line.pieces.append(" ")  # a number struck out and the one beside it are no number
        line.struck = struck
        for child in run.children:
            if child.name != "w:rPr":
                self._read_inline(child, line)
        line.raised = False

    def _is_hidden(self, properties: Element | None, line: _Line) -> bool:
        if properties is None:
            return line.hidden
        own = properties.read_toggle("w:vanish")
        if own is None and (style := properties.read_value("w:rStyle")):
            own = self._styles.find_style(style).hidden
        return line.hidden if own is None else own

    def _read_text(self, element: Element, line: _Line) -> None:
        if self._in_code():
            return
        text = element.text
        if not text.isprintable():
            text = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
        if element.attributes.get("space") != "preserve":
            text = text.strip(" ")
        line.pieces.append(text.translate(RAISED_DIGITS) if line.raised else text)

    def _read_sign(self, element: Element, line: _Line) -> None:
        if not self._in_code():
            line.pieces.append(_SIGNS[element.name])

    def _read_symbol(self, element: Element, line: _Line) -> None:
        if not self._in_code():
            line.pieces.append(read_symbol(element.attributes.get("font", ""), element.attributes.get("char", "")))

    def _read_field_end(self, element: Element, _: _Line) -> None:
        kind = element.attributes.get("fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].in_code = False
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _read_code(self, element: Element, line: _Line) -> None:
        if self._fields and element.text.split()[:1] == ["TOC"]:
            self._fields[-1].contents = line.contents = True

    def _read_box(self, element: Element, line: _Line) -> None:
        line.boxes.append(element)

    def _read_drawing(self, element: Element, line: _Line) -> None:
        extent = element.find("wp:extent")
        if extent is not None and next(find_parts(element, ("pic:pic",)), None):
            width, height = (read_integer(extent.attributes.get(side)) or 0 for side in ("cx", "cy"))
            line.pictures += width >= WIDE and height >= HIGH
        for child in element.children:
            self._read_inline(child, line)

    def _read_shape(self, element: Element, line: _Line) -> None:
        """A picture or text box as old programs write them."""
        if element.find("v:imagedata") is not None:
            sides = {side: float(f"0{value.rstrip('.')}") for side, value in _list_sides(element)}
            line.pictures += sides.get("width", 0.0) * _POINT >= WIDE and sides.get("height", 0.0) * _POINT >= HIGH
        for child in element.children:
            self._read_inline(child, line)

    def _read_word_art(self, element: Element, line: _Line) -> None:
        line.pieces.append(element.attributes.get("string", ""))

    def _count_object(self, _: Element, line: _Line) -> None:
        line.objects += 1

    def _read_fraction(self, element: Element, line: _Line) -> None:
        """A fraction of a formula: `1/2` is no 12."""
        for index, child in enumerate(element.children):
            if index and child.name == "m:den":
                line.pieces.append("/")
            self._read_inline(child, line)


class _Line:
    """What was read of a paragraph so far."""

    def __init__(self, *, hidden: bool, contents: bool) -> None:
        self.hidden = hidden
        self.contents = contents
        self.pieces: list[str] = []
        self.boxes: list[Element] = []
        self.pictures = 0
        self.objects = 0
        self.raised = False
        self.struck = False


def _list_sides(shape: Element) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = _SIDE.findall(shape.attributes.get("style", "").lower())
    return [(side, value) for side, value in found if value.count(".") < 2]


_READERS: dict[str, Callable[[TextReader, Element, _Line], None]] = {
    "w:r": TextReader._read_run,
    "w:t": TextReader._read_text,
    "m:t": TextReader._read_text,
    "w:sym": TextReader._read_symbol,
    "w:fldChar": TextReader._read_field_end,
    CODE: TextReader._read_code,
    "m:f": TextReader._read_fraction,
    BOX: TextReader._read_box,
    "w:object": TextReader._count_object,
    "v:shape": TextReader._read_shape,
    "v:textpath": TextReader._read_word_art,
    **dict.fromkeys(_SIGNS, TextReader._read_sign),
    **dict.fromkeys(_PICTURES, TextReader._read_drawing),
}
