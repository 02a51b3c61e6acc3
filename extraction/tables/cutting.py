"""A line cut into fields: at pipes, tabs, runs of blanks, or the marks that part the fields of an export."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.document import TextLine
from models.numbers import prints_value
from models.quick import quicken

MAX_LABEL_CHARACTERS = 64  # the longest label of the forms has 41; explanations are added to labels
SHORTEST_PROSE = 12  # characters of a sentence
MAX_CACHED = 10_000  # lines; one takes about 0.5 KB
MAX_CACHED_CHARACTERS = 16  # of longer lines few come again
PIPES = re.compile("[|｜│┃║┆┇┊┋╎╏¦]")
# "规章  0  0  0": two blanks or more part columns; one stands inside labels (`自　然　人`).
GAPS = re.compile(r"(?: {2,}|\u3000{2,}|\xa0{2,})")
HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE = re.compile(r"[。！？；]")
_BLANKS = re.compile(r"\s+")
_TABS = re.compile("\t")
_NUMERIC = re.compile(r"[+\-－]?[\d０-９][\d０-９,，.．]*(?:[万亿]?元|件|条|次|项|个|人|篇)?|[/／—－-]+")
_SECOND = re.compile(rf"{_NUMERIC.pattern}|件|条|次|篇|个|人|人次|项|万?元")


@quicken
@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one field of a line with its span in the line (half-open, from 0)."""

    text: str
    start: int
    end: int


@quicken
@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut into fields; `piped` where pipes did it. No fields: a blank line. `texts`: the fields not empty.

    `values` says of each of the texts whether it prints a value, `prose` whether the whole is a sentence, `delimited`
    whether marks as commas did it.
    """

    fields: tuple[Piece, ...]
    piped: bool
    texts: tuple[str, ...]
    values: tuple[bool, ...]
    prose: bool
    delimited: bool = False


@quicken
@dataclass(frozen=True, slots=True)
class RowLine:
    """A line with its place in `Document.blocks`, cut into fields."""

    line: TextLine
    position: int
    cut: Cut


def cut_line(line: TextLine, position: int) -> RowLine:
    """Cut a line at pipes, tabs or runs of blanks, whichever it has."""
    text = line.text
    return RowLine(line, position, _cut_cached(text) if len(text) <= MAX_CACHED_CHARACTERS else _cut_text(text))


def _cut_text(text: str) -> Cut:
    piped = PIPES.search(text) is not None
    fields = _cut_pipes(text) if piped else _cut(text, _TABS) if "\t" in text else _cut_blanks(text)
    texts = tuple([piece.text for piece in fields if piece.text])
    values = tuple(map(prints_value, texts))
    return Cut(fields, piped, texts, values, True not in values and _is_prose(texts))


_cut_cached = functools.lru_cache(maxsize=MAX_CACHED)(_cut_text)  # lines of tables come again and again: `0 |`


def _cut_blanks(text: str) -> tuple[Piece, ...]:
    """The fields between runs of blanks; between single blanks where the line is numbers; else the whole line."""
    stripped = text.strip()
    if not stripped:
        return ()
    if len(stripped.split(maxsplit=1)) == 1:
        return (_strip(text, 0, len(text)),)
    for separator in (GAPS, _BLANKS):
        if not separator.search(stripped):
            continue
        pieces = [piece for piece in _cut(text, separator) if piece.text]
        values = sum(bool(_NUMERIC.fullmatch(piece.text)) for piece in pieces)
        # One blank parts columns only where the line is a label and numbers, or numbers alone.
        if values >= 2 and values >= len(pieces) - (3 if separator is GAPS else 1):
            return tuple(pieces)
    pieces = [piece for piece in _cut(text, GAPS) if piece.text]
    if len(pieces) >= 3 or (len(pieces) == 2 and _SECOND.fullmatch(pieces[1].text)):
        return tuple(pieces)
    return (_strip(text, 0, len(text)),)


def _cut(text: str, separator: re.Pattern[str]) -> tuple[Piece, ...]:
    pieces, start = [], 0
    for match in separator.finditer(text):
        end, following = match.span()
        pieces.append(_strip(text, start, end))
        start = following
    return (*pieces, _strip(text, start, len(text)))


def _cut_pipes(text: str) -> tuple[Piece, ...]:
    """Every pipe ends a field (`0 |`, `|||`), but one that opens the line before a text opens the row."""
    pieces = list(_cut(text, PIPES))
    if not pieces[-1].text:
        pieces.pop()
    if len(pieces) > 1 and not pieces[0].text and PIPES.match(text.strip()) and any(p.text for p in pieces):
        pieces.pop(0)
    return tuple(pieces)


def _strip(text: str, start: int, end: int) -> Piece:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped == piece:
        return Piece(piece, start, end)
    start += len(piece) - len(piece.lstrip())
    return Piece(stripped, start, start + len(stripped))


def _is_prose(texts: Sequence[str]) -> bool:
    """Whether the fields of a line, none of them a value, are a sentence rather than fields or a label."""
    if not texts or len(texts) > 2:
        return False
    longest = max(texts, key=len)
    if len(longest) <= SHORTEST_PROSE:
        return False
    characters = len(HAN.findall(longest))
    return characters > MAX_LABEL_CHARACTERS or (characters > SHORTEST_PROSE and bool(_SENTENCE.search(longest)))
