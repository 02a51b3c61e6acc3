"""Paragraphs and tables of a Word document to lines and printed grids, without tables that only lay out text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extraction.readers import html_grid
from extraction.readers.docx_grid import Box, Grid, Paragraph, Part
from extraction.readers.html_style import BLOCK, INLINE
from extraction.readers.html_tables import Flow, split_table
from extraction.readers.html_text import INVISIBLE
from extraction.readers.html_tree import Element
from extraction.readers.limits import MAX_LINE_CHARACTERS, MAX_LINES
from models.document import Block, DocumentError, TextLine


class BlockWriter:
    """Collects lines and tables."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._lines = 0
        self._tables = 0

    def write_parts(self, parts: Iterable[Part]) -> None:
        """Write paragraphs and tables.

        Raises `DocumentError` with code `too_many_lines`.
        """
        for part in parts:
            if isinstance(part, Paragraph):
                self._write_paragraph(part)
            elif part.boxes:
                self._write_grid(part)

    def _write_paragraph(self, paragraph: Paragraph) -> None:
        for text in paragraph.text.split("\n"):
            line = fold_text(text)
            if not line and not self.blocks:
                continue
            self._lines += 1
            if self._lines > MAX_LINES:
                raise DocumentError("too_many_lines", f"the document has more than {MAX_LINES} lines")
            self.blocks.append(TextLine(line[:MAX_LINE_CHARACTERS], self._lines, heading=paragraph.heading))

    def _write_grid(self, grid: Grid) -> None:
        """Write a table as rows of data and the text that its other rows only lay out."""
        cells = [make_cell(box) for box in grid.boxes]
        boxes = {id(cell): box for cell, box in zip(cells, grid.boxes, strict=True)}
        placed = [
            html_grid.Box(cell, box.row, box.column, box.row_end, box.column_end)
            for cell, box in zip(cells, grid.boxes, strict=True)
        ]
        for part in split_table(_make_rows(cells, grid)):
            if isinstance(part, Flow):
                for cell in part.cells:
                    self.write_parts(boxes[id(cell)].parts)
            elif not isinstance(part, Element):
                rows = [box.row for box in part.boxes]
                self._write_table(html_grid.cut_rows(placed, min(rows), max(rows) + 1))

    def _write_table(self, boxes: Sequence[html_grid.Box]) -> None:
        self._tables += 1
        self.blocks.append(html_grid.make_table(boxes, layout="docx", number=self._tables, position=len(self.blocks)))


def fold_text(text: str) -> str:
    """A line as it is printed: without invisible characters and blanks around it.

    Tabs around it are kept where others part it: then they stand beside empty fields.

    >>> fold_text(" \\t一、总体\\u200b情况"), fold_text("\\t0\\t5\\t")
    ('一、总体情况', '\\t0\\t5\\t')
    """
    if not text.isprintable():
        text = INVISIBLE.sub("", text).replace("\xa0", " ")
    bare = text.strip()
    return text.strip(" \u3000") if "\t" in bare else bare


def _make_rows(cells: Sequence[Element], grid: Grid) -> Element:
    """The table as that of a page, each cell in one place: what its rows are is told there."""
    table = Element("table", BLOCK)
    rows = [Element("tr", BLOCK) for _ in range(grid.n_rows)]
    for cell, box in zip(cells, grid.boxes, strict=True):
        rows[box.row].children.append(cell)
    table.children.extend(rows)
    return table


def make_cell(box: Box) -> Element:
    """A cell as that of a page: its lines between line breaks."""
    cell = Element("td", BLOCK)
    for line in _list_lines(box.parts):
        if cell.children:
            cell.children.append(Element("br", INLINE))
        cell.children.append(line)
        cell.length += len("".join(line.split()))
    cell.tables = sum(isinstance(part, Grid) and len(part.boxes) > 1 for part in box.parts)
    cell.blocks = len(box.parts)
    return cell


def _list_lines(parts: Iterable[Part]) -> Iterator[str]:
    """The printed lines of a cell, those of tables in it cell by cell."""
    for part in parts:
        if isinstance(part, Grid):
            for box in part.boxes:
                yield from _list_lines(box.parts)
        else:
            yield from (line for text in part.text.split("\n") if (line := fold_text(text)))
