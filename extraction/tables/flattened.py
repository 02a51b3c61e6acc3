"""A whole table on one line, as text that lost its line breaks has it: every run of characters is a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise, zip_longest

from extraction.tables.cutting import GAPS, HAN, PIPES, Cut, Piece, RowLine
from models.document import TextLine
from models.numbers import prints_value

SHORTEST = 80  # characters
PART = 5  # headings, and values, of a row alone
LONGEST_HEADING = 12  # characters
MIN_VALUES = 8
MIN_ROWS = 4  # labels with a value behind them
GAPPED = 0.5  # runs of blanks to a value, at most, of one row: more align its values
LONG_ROW = 10  # values that follow one another: a form of one row
SPOKEN = 0.2  # of the labels at most hold a mark of a sentence: a sentence may have blanks around its numbers
MAX_INSIDE = 3  # pieces more than the one that opens a bracket
UNITS = frozenset("件条次篇个人项")
_RUN = re.compile(r"\S+")
_MARK = re.compile(r"[，。；！？,;]")


def cut_flattened(line: TextLine, position: int) -> RowLine | None:
    """The cells of a line that holds a table; `None` for any other line."""
    text = line.text
    if text.count(" ") + text.count("\u3000") < 2 * PART - 1 or "\t" in text or PIPES.search(text):
        return None
    pieces = _join_letters(
        _close_brackets([Piece(match[0], match.start(), match.end()) for match in _RUN.finditer(text)])
    )
    values = tuple([prints_value(piece.text) for piece in pieces])
    before = [
        piece.text
        for (a, b), piece in zip(pairwise(values), pieces, strict=False)
        if b and not a and HAN.search(piece.text)
    ]
    spoken = sum(_MARK.search(label) is not None for label in before)
    longest = max((len(list(run)) for value, run in groupby(values) if value), default=0)
    if not GAPS.search(text.strip()) and _is_part(pieces, values):
        return _make_line(line, position, pieces, values)
    if len(text) < SHORTEST or sum(values) < MIN_VALUES or spoken > SPOKEN * len(before):
        return None
    aligned = len(GAPS.findall(text.strip())) > GAPPED * sum(values)
    wide = len(before) > 1 and longest >= PART
    if len(before) < MIN_ROWS and not wide and (longest < LONG_ROW or not before or aligned):
        return None
    return _make_line(line, position, pieces, values)


def _make_line(line: TextLine, position: int, pieces: tuple[Piece, ...], values: tuple[bool, ...]) -> RowLine:
    texts = tuple([piece.text for piece in pieces])
    return RowLine(line, position, Cut(pieces, piped=False, texts=texts, values=values, prose=False))


def _is_part(pieces: Sequence[Piece], values: Sequence[bool]) -> bool:
    """Whether a line is the headings of one row of a form and then its values, as a small table is."""
    labels = values.index(True) if True in values else 0
    short = all(len(piece.text) <= LONGEST_HEADING and not _MARK.search(piece.text) for piece in pieces[:labels])
    return short and labels >= PART and len(values) - labels >= PART and all(values[labels:])


def _join_letters(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces with the single characters beside them of a label that was set wide (`自 然 人`); units stay apart."""
    joined: list[Piece] = []
    alone = False
    for piece, after in zip_longest(pieces, pieces[1:]):
        label = HAN.match(piece.text) is not None and not prints_value(piece.text)
        unit = piece.text in UNITS and (after is None or prints_value(after.text))
        single = label and len(piece.text) == 1 and not unit
        if joined and (single or alone) and label and not unit and _joins(joined[-1]):
            last = joined.pop()
            joined.append(Piece(last.text + piece.text, last.start, piece.end))
        else:
            joined.append(piece)
        alone = single
    return tuple(joined)


def _close_brackets(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces with those behind them that close their bracket: a number between is part of the label (`(计 1 条)`)."""
    joined: list[Piece] = []
    i = 0
    while i < len(pieces):
        end = i + 1
        if _count_open(pieces[i].text) > 0:
            ends = range(i + 2, min(i + 2 + MAX_INSIDE, len(pieces) + 1))
            end = next((j for j in ends if _count_open("".join(p.text for p in pieces[i:j])) <= 0), end)
        joined.append(Piece("".join(p.text for p in pieces[i:end]), pieces[i].start, pieces[end - 1].end))
        i = end
    return joined


def _count_open(text: str) -> int:
    return text.count("(") + text.count("（") - text.count(")") - text.count("）")


def _joins(piece: Piece) -> bool:
    return HAN.match(piece.text) is not None and not prints_value(piece.text)
