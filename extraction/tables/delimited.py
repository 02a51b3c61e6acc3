"""Lines whose fields are parted by a comma, a semicolon, a colon or one blank, as exports and copied tables have them.

Such a mark also stands inside sentences and labels, so no line is cut for itself: several lines near one another must
read as a label and then nothing but values.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from extraction.tables.cutting import GAPS, HAN, MAX_LABEL_CHARACTERS, PIPES, Cut, Piece, RowLine
from models.document import TextLine
from models.numbers import prints_value

MARKS = (",", ";", "，", "；")  # an empty field leaves its mark
BLANKS = ("\u3000", " ")  # an empty field leaves nothing
COLONS = ("：", ":")  # between a label and its one value
MIN_ROWS = 3
MIN_VALUES = 10  # of a row that needs no others: a form of one row
MAX_DISTANCE = 6  # lines from one row to the next: titles and headings of blocks
MAX_LABELS = 4  # fields before the values of a row, a unit among them
MAX_ORDINALS = 2  # fields before the labels that number the row
EMPTY_FIELDS, EMPTY_ROWS = 4, 5  # marks that follow one another, and rows that have as many
LONGEST_HEADING = 40  # characters
SHORTEST_HEADING = 2
# What a row has at least: a digit or a sign for nothing behind a mark.
_TELLING = re.compile(rf'([{"".join((*MARKS, *COLONS, *BLANKS))}])[ \u3000]*"?(?=[\d０-９/／—－-])')
_END = re.compile(r"[。！？]")


def find_delimited(texts: Sequence[str]) -> dict[int, str]:
    """The lines that are parted by a mark, and by which: rows, and the headings near them."""
    found = _find_bare(texts)
    told = [(i, marks) for i, text in enumerate(texts) if (marks := _TELLING.findall(text))]
    for mark in (*MARKS, *COLONS, *BLANKS):
        rows = [i for i, marks in told if mark in marks and i not in found and _is_row(texts[i], mark)]
        runs = _part_runs(rows)
        kept = [run for run in runs if _is_sure(run, texts, mark)]
        # A table that goes on further below may have a row or two there.
        for run in runs if kept and mark in MARKS else kept:
            around = range(max(0, run[0] - MAX_DISTANCE), run[-1])
            headings = [i for i in around if i not in found and _is_heading(texts[i], mark)]
            found |= dict.fromkeys((*run, *headings, *_find_empty_rows(texts, run[-1], mark)), mark)
    return found


def _find_bare(texts: Sequence[str]) -> dict[int, str]:
    """The rows of a form without values and the headings above: each ends in a run of marks as no sentence does."""
    found: dict[int, str] = {}
    for mark in MARKS:
        rows = [i for i, text in enumerate(texts) if i not in found and mark * EMPTY_FIELDS in text]
        for run in _part_runs(rows):
            if len(run) < EMPTY_ROWS:
                continue
            around = range(max(0, run[0] - MAX_DISTANCE), run[-1])
            found |= dict.fromkeys((*run, *(i for i in around if _is_heading(texts[i], mark))), mark)
    return found


def cut_delimited(line: TextLine, position: int, mark: str) -> RowLine:
    """Cut a line at every mark outside quotes; among blanks the empty fields are nothing."""
    fields = _cut(line.text, mark)
    texts = tuple([piece.text for piece in fields if piece.text])
    values = tuple(map(prints_value, texts))
    return RowLine(
        line, position, Cut(fields, piped=False, texts=texts, values=values, prose=False, delimited=mark in MARKS)
    )


@functools.cache
def _field(mark: str) -> re.Pattern[str]:
    return re.compile(rf'\s*"(?P<quoted>(?:[^"]|"")*)"\s*(?:{mark}|$)|(?P<plain>[^{mark}]*)(?:{mark}|$)')


def _cut(text: str, mark: str) -> tuple[Piece, ...]:
    pieces = []
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if mark in COLONS:  # others stand inside the label (`其中：…数：3条`)
        last = text.rfind(mark, start, end)
        spans = ((start, last), (last + 1, end)) if last >= 0 else ((start, end),)
        return tuple([Piece(text[a:b].strip(), a, b) for a, b in spans])
    while start <= end and (match := _field(mark).match(text, start, end)):
        name = "plain" if match["quoted"] is None else "quoted"
        inner = match[name].strip()
        begin = match.start(name) + len(match[name]) - len(match[name].lstrip())
        pieces.append(Piece(inner, begin, begin + len(inner)))
        if match.end() == start or (match.end() == end and not match[0].endswith(mark)):
            break
        start = match.end()
    return tuple(pieces) if mark in MARKS else tuple([piece for piece in pieces if piece.text])


def _is_row(text: str, mark: str) -> bool:
    """Whether a line is a few labels and then values alone, or so many values alone that they are a form of one row."""
    if "\t" in text or PIPES.search(text) or (mark in BLANKS and GAPS.search(text.strip())):
        return False
    fields = _cut(text, mark)
    filled = [piece.text for piece in fields if piece.text]
    if mark in COLONS and len(filled) != 2:
        return False
    values = [prints_value(field) for field in filled]
    if all(values):
        return len(fields) >= MIN_VALUES
    first = values.index(False)  # what stands before it numbers the row
    label, rest = filled[first], values[first:]
    count = rest.index(True) if True in rest else 0
    if first > MAX_ORDINALS * (mark in MARKS) or not 0 < count <= MAX_LABELS or not all(rest[count:]):
        return False
    long = any(len(field) > MAX_LABEL_CHARACTERS for field in filled)
    return not long and HAN.search(label) is not None


def _is_sure(run: Sequence[int], texts: Sequence[str], mark: str) -> bool:
    return len(run) >= MIN_ROWS or any(_has_many_places(texts[i], mark) for i in run)


def _has_many_places(text: str, mark: str) -> bool:
    """Whether a row has as many values, or places for nothing but values, as a form of one row."""
    fields = _cut(text, mark)
    values = [prints_value(piece.text) for piece in fields if piece.text]
    return sum(values) >= MIN_VALUES or (all(values) and len(fields) >= MIN_VALUES)


def _is_heading(text: str, mark: str) -> bool:
    """Whether a line near rows is a list of labels, or a title or a label with empty fields behind it."""
    if mark in COLONS or mark not in text or "\t" in text or PIPES.search(text) or _END.search(text):
        return False
    fields = [piece.text for piece in _cut(text, mark)]
    if mark in MARKS:
        return all(len(field) <= MAX_LABEL_CHARACTERS for field in fields)
    return len(fields) > 2 and all(SHORTEST_HEADING <= len(field) <= LONGEST_HEADING for field in fields)


def _find_empty_rows(texts: Sequence[str], last: int, mark: str) -> Iterator[int]:
    """The lines right below the last row that are a label with places that hold nothing or a mark."""
    for i in range(last + 1, min(len(texts), last + MAX_DISTANCE)):
        fields = [piece.text for piece in _cut(texts[i], mark)] if mark in MARKS else []
        if len(fields) < 2 or not _is_heading(texts[i], mark) or any(f and not prints_value(f) for f in fields[1:]):
            return
        yield i


def _part_runs(rows: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for i in rows:
        if runs and i - runs[-1][-1] <= MAX_DISTANCE:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs
