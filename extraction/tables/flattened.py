"""A whole table on one line, as text that lost its line breaks has it: every run of characters is a cell."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

from extraction.tables.cutting import PIPES, Cut, Piece, RowLine
from models.document import TextLine
from models.numbers import prints_value

SHORTEST = 80  # characters
MIN_VALUES = 8
MIN_ROWS = 4  # labels with a value behind them
LONG_ROW = 10  # values that follow one another: a form of one row
SPOKEN = 0.2  # of the labels at most hold a mark of a sentence: a sentence may have blanks around its numbers
_RUN = re.compile(r"\S+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_MARK = re.compile(r"[，。；！？,;]")


def cut_flattened(line: TextLine, position: int) -> RowLine | None:
    """The cells of a line that holds a table; `None` for any other line."""
    text = line.text
    if len(text) < SHORTEST or PIPES.search(text) or "\t" in text or "  " in text.strip():
        return None
    pieces = tuple([Piece(match[0], match.start(), match.end()) for match in _RUN.finditer(text)])
    values = tuple([prints_value(piece.text) for piece in pieces])
    before = [
        piece.text
        for (a, b), piece in zip(pairwise(values), pieces, strict=False)
        if b and not a and _HAN.search(piece.text)
    ]
    spoken = sum(_MARK.search(label) is not None for label in before)
    longest = max((len(list(run)) for value, run in groupby(values) if value), default=0)
    if sum(values) < MIN_VALUES or spoken > SPOKEN * len(before):
        return None
    if len(before) < MIN_ROWS and (longest < LONG_ROW or not before):
        return None
    texts = tuple([piece.text for piece in pieces])
    return RowLine(line, position, Cut(pieces, piped=False, texts=texts, values=values, prose=False))
