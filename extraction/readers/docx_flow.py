"""The stream of a Word document: its paragraphs and tables in order, as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extraction.readers.docx_grid import Grid, GridCell, Paragraph, Part, check_rows, place_boxes, read_row
from extraction.readers.docx_numbering import ListCounter
from extraction.readers.docx_styles import Style, Styles, lay_over, read_paragraph_style
from extraction.readers.docx_text import TextReader
from extraction.readers.docx_xml import Element, find_parts

_BLOCKS = frozenset(("w:p", "w:tbl", "w:altChunk"))
_ROWS, _CELLS = frozenset(("w:tr",)), frozenset(("w:tc",))
# A line of a table of contents repeats a heading, behind which its page stands.
_PAGE_NUMBER = re.compile(r"[\t.．…·]\s*-?\s*\d{1,4}\s*-?\s*$")
_CLOSING = "、，。．）)】〕：:；;"  # behind these a numeral needs no blank


@dataclass(slots=True)
class Leftovers:
    """What was seen and not read: documents and objects inside this one, large pictures, text in merged cells."""

    documents: int = 0
    objects: int = 0
    pictures: int = 0
    covered: int = 0


class FlowReader:
    """Reads a document from its beginning to its end; lists and fields go on from one paragraph to the next."""

    def __init__(self, styles: Styles, counter: ListCounter) -> None:
        self.leftovers = Leftovers()
        self._styles = styles
        self._counter = counter
        self._text = TextReader(styles)

    def read_parts(self, container: Element) -> Iterator[Part]:
        """The paragraphs and tables in a body, a cell or a text box.

        Raises `DocumentError` with code `table_too_large`.
        """
        joined = ""  # text of a paragraph whose end was deleted: it goes on with the next
        last: Paragraph | None = None
        for part in find_parts(container, _BLOCKS):
            if part.name != "w:p":
                if joined and last:
                    yield last
                joined, last = "", None
                yield from self._read_other(part)
                continue
            paragraph, boxes = self._read_paragraph(part, joined)
            joined, last = (paragraph.text, paragraph) if _is_end_deleted(part) else ("", None)
            if last is None and (paragraph.text or not boxes) and not paragraph.contents:
                yield paragraph
            for box in boxes:
                yield from self.read_parts(box)
        if joined and last:
            yield last

    def _read_other(self, part: Element) -> Iterator[Part]:
        if part.name == "w:tbl":
            yield self._read_table(part)
        else:
            self.leftovers.documents += 1

    def _read_paragraph(self, element: Element, before: str) -> tuple[Paragraph, tuple[Element, ...]]:
        """A paragraph and the text boxes that hang on it."""
        properties = element.find("w:pPr")
        named = properties.read_value("w:pStyle") if properties else None
        style = lay_over(read_paragraph_style(properties), self._styles.find_style(named))
        inline = self._text.read_paragraph(element, hidden=bool(style.hidden))
        self.leftovers.pictures += inline.pictures
        self.leftovers.objects += inline.objects
        text = before + self._count(style, named or style.identity) + inline.text
        contents = (style.contents or inline.contents) and _PAGE_NUMBER.search(text) is not None
        return Paragraph(text, style.heading or 0, contents), inline.boxes

    def _count(self, style: Style, identity: str) -> str:
        """The numeral that is printed before the paragraph."""
        if not style.list_number or style.list_number == "0":
            return ""
        level = style.list_level
        if level is None:
            level = self._counter.find_level(style.list_number, identity)
        label = self._counter.count_paragraph(style.list_number, level).rstrip()
        return label if not label or label[-1] in _CLOSING else f"{label} "

    def _read_table(self, table: Element) -> Grid:
        rows = list(find_parts(table, _ROWS))
        check_rows(rows)
        grid, covered = place_boxes([self._read_row(row) for row in rows])
        self.leftovers.covered += covered
        return grid

    def _read_row(self, row: Element) -> list[GridCell]:
        return [
            replace(cell, parts=tuple(self.read_parts(element)))
            for cell, element in read_row(row, find_parts(row, _CELLS))
        ]


def _is_end_deleted(paragraph: Element) -> bool:
    properties = paragraph.find("w:pPr")
    mark = properties.find("w:rPr") if properties else None
    return mark is not None and any(child.name in ("w:del", "w:moveFrom") for child in mark.children)
