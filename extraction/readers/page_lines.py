"""The lines of a page in reading order: characters to words, words to lines, columns one after the other."""

from __future__ import annotations

import itertools
import statistics
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from models.page import Box, Character, join_boxes

LEVEL = 0.3  # times the size: baselines that lie so near are one line
SPACE = 0.75  # times the size: ink of letters and digits that lies farther apart has a blank between, told or not
APART = 0.9  # times the size: a gap that may be a gutter between columns
WIDE = 2.0  # times the size: a gap that stays one in the text
WIDE_GAP = "    "
RAISED = 0.85  # times the size of its neighbour: a superscript or subscript is smaller
TOUCHING = 0.5  # times the size, between a superscript and its neighbour
MAX_RAISED = 4  # characters of a superscript
BAND = 24.0  # points, in which pieces are looked for beside one another
MAX_NEAR = 200  # pieces of a band that are looked at; a page has ten
EDGE = 3.0  # points: left edges that lie so near are one
MIN_COLUMN_LINES = 3
MIN_COLUMN_WIDTH = 10.0  # times the size
MIN_COLUMN_FILL = 0.3  # of the lines of both columns must be nearly as wide as theirs; the others end paragraphs
MIN_MARKS = 2  # of sentences, in a column of prose
FIRST_INDENT = 3.2  # times the size: a column may begin so far left of its first lines
_MARKS = frozenset("，。；,;")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A printed line on the upright page, in points; `end` is where its last character's body ends.

    `column` counts the columns of text beside one another from 1, 0 where there is but one. `first_width` is the width
    of what cannot be broken at its beginning.
    """

    text: str
    page: int
    box: Box
    end: float
    size: float
    baseline: float
    first_width: float
    column: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters of one line without wide gaps, from left to right."""

    characters: tuple[Character, ...]
    box: Box
    baseline: float
    size: float


Rows = list[list[_Piece]]
Columns = tuple[list[_Piece], list[_Piece]]


def find_lines(characters: Iterable[Character], *, page: int, gutters: Sequence[float] = ()) -> list[PageLine]:
    """The lines of a page's characters in reading order; characters in points of the upright page, in any order.

    `gutters` are the left edges of columns known from elsewhere (`find_gutters`): they part fewer lines too.
    """
    lines: list[PageLine] = []
    for column, band in _order_columns(_make_rows(characters), known=gutters):
        lines += [_make_line(row, page, column) for row in band]
    return lines


def find_gutters(characters: Iterable[Character]) -> tuple[float, ...]:
    """Where columns of prose begin beside others, in points of the upright page; () where all text is in one."""
    rows = _make_rows(characters)
    found = (gutter for gutter in _find_starts(rows) if any(part for _, part in _cut_rows(rows, gutter)))
    return tuple(itertools.islice(found, 1))


def _make_rows(characters: Iterable[Character]) -> Rows:
    return _group_rows(_attach_raised(list(_find_pieces(characters))))


def _find_pieces(characters: Iterable[Character]) -> Iterator[_Piece]:
    for row in _group_level(sorted(characters, key=lambda character: character.origin[1])):
        row.sort(key=lambda character: (character.origin[0], character.box[0]))
        start = 0
        for index in range(1, len(row) + 1):
            if index == len(row) or _is_apart(row[index - 1], row[index]):
                yield _make_piece(row[start:index])
                start = index


def _group_level(characters: Sequence[Character]) -> Iterator[list[Character]]:
    row: list[Character] = []
    for character in characters:
        if row and character.origin[1] - row[-1].origin[1] > LEVEL * min(character.size, row[-1].size):
            yield row
            row = []
        row.append(character)
    if row:
        yield row


def _is_apart(left: Character, right: Character) -> bool:
    return right.box[0] - find_end(left) > APART * max(left.size, right.size)


def find_end(character: Character) -> float:
    """Where the body of a character ends: the ink of a full stop ends long before."""
    if is_wide_character(character.text):
        return max(character.box[2], character.origin[0] + character.size)
    return character.box[2]


def is_wide_character(text: str) -> bool:
    """Whether a character is as wide as high."""
    return text >= "\u1100" and unicodedata.east_asian_width(text[0]) in "WF"


def _make_piece(characters: Sequence[Character]) -> _Piece:
    size = max(character.size for character in characters)
    return _Piece(tuple(characters), join_boxes(c.box for c in characters), characters[0].origin[1], size)


def _attach_raised(pieces: list[_Piece]) -> list[_Piece]:
    """Superscripts and subscripts become part of the piece that they touch."""
    largest = max((piece.size for piece in pieces), default=0.0)
    owners: defaultdict[int, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        owners[int(piece.baseline // BAND)].append(index)
    kept: dict[int, _Piece] = dict(enumerate(pieces))
    for index, piece in enumerate(pieces):
        if piece.size > RAISED * largest or len(piece.characters) > MAX_RAISED:
            continue
        band = int(piece.baseline // BAND)
        near = [i for step in (-1, 0, 1) for i in owners.get(band + step, ())[:MAX_NEAR]]
        owner = next((i for i in near if i in kept and i != index and _touches(piece, kept[i])), None)
        if owner is not None:
            kept[owner] = _join_raised(kept[owner], piece)
            del kept[index]
    return list(kept.values())


def _join_raised(owner: _Piece, raised: _Piece) -> _Piece:
    joined = sorted((*owner.characters, *_mark_note(raised, owner)), key=lambda c: (c.origin[0], c.box[0]))
    return _Piece(tuple(joined), join_boxes((owner.box, raised.box)), owner.baseline, owner.size)


def _mark_note(piece: _Piece, owner: _Piece) -> tuple[Character, ...]:
    """A raised number as the sign of a note, in brackets: 14 with a raised 2 is not 142; powers of units stay."""
    before = [c for c in owner.characters if c.origin[0] < piece.box[0]]
    raised = piece.baseline < owner.baseline and all(c.text.isdigit() for c in piece.characters)
    if not raised or not before or (before[-1].text.isascii() and before[-1].text.isalpha()):
        return piece.characters
    texts = [character.text for character in piece.characters]
    texts[0], texts[-1] = f"[{texts[0]}", f"{texts[-1]}]" if len(texts) > 1 else f"[{texts[0]}]"
    return tuple(replace(c, text=text) for c, text in zip(piece.characters, texts, strict=True))


def _touches(small: _Piece, large: _Piece) -> bool:
    if small.size > RAISED * large.size:
        return False
    gap = max(small.box[0] - find_end(large.characters[-1]), large.box[0] - small.box[2])
    overlap = min(small.box[3], large.box[3]) - max(small.box[1], large.box[1])
    raised = abs(small.baseline - large.baseline) <= 0.6 * large.size
    return raised and gap <= TOUCHING * large.size and overlap > 0.3 * (small.box[3] - small.box[1])


def _group_rows(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    """Pieces on one baseline, from left to right, from top to bottom."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.baseline):
        if rows and piece.baseline - rows[-1][-1].baseline <= LEVEL * min(piece.size, rows[-1][-1].size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.box[0])
    return rows


def _order_columns(rows: Rows, column: int = 0, *, known: Sequence[float] = ()) -> Iterator[tuple[int, Rows]]:
    """Stretches of rows in reading order with the number of their column; each column of text before the next."""
    for gutter in (*known, *_find_starts(rows)):
        stretches = list(_cut_rows(rows, gutter, known=gutter in known))
        if any(part for _, part in stretches):
            for stretch, part in stretches:
                if part is None:
                    yield column, stretch
                else:
                    yield from _order_columns(_group_rows(part[0]), 2 * column + 1)
                    yield from _order_columns(_group_rows(part[1]), 2 * column + 2)
            return
    yield column, rows


def _cut_rows(rows: Rows, gutter: float, *, known: bool = False) -> Iterator[tuple[Rows, Columns | None]]:
    """Stretches of rows with what stands on both sides of a gutter, `None` for those that are not in columns."""
    for _, group in itertools.groupby(rows, key=lambda row: _crosses(row, gutter)):
        stretch = list(group)
        yield stretch, _part_columns(stretch, gutter, known=known)


def _find_starts(rows: Rows) -> list[float]:
    """Where a column of text may begin beside another: left edges that many pieces share, the commonest first."""
    pieces = [piece for row in rows for piece in row]
    if len(pieces) < 2 * MIN_COLUMN_LINES:
        return []
    first = min(piece.box[0] for piece in pieces)
    starts = [piece.box[0] for piece in pieces if piece.box[0] - first > MIN_COLUMN_WIDTH * piece.size]
    reach = FIRST_INDENT * statistics.median(piece.size for piece in pieces)
    common = [start for start, n in Counter(round(x / EDGE) for x in starts).most_common(3) if n >= MIN_COLUMN_LINES]
    return [min(x for x in starts if EDGE * start - reach <= x <= EDGE * (start + 1)) - EDGE / 2 for start in common]


def _crosses(row: Sequence[_Piece], gutter: float) -> bool:
    return any(piece.box[0] < gutter < piece.box[2] for piece in row)


def _part_columns(rows: Rows, gutter: float, *, known: bool) -> Columns | None:
    """The pieces on both sides of a gutter, `None` where they are no columns of prose."""
    left = [[piece for piece in row if piece.box[0] < gutter] for row in rows]
    right = [[piece for piece in row if piece.box[0] >= gutter] for row in rows]
    full, others = _count_full(left), _count_full(right)
    sides = list(itertools.chain.from_iterable(left)), list(itertools.chain.from_iterable(right))
    if known and all(sides):
        return sides if min(piece.box[0] for piece in sides[1]) - gutter < FIRST_INDENT * sides[1][0].size else None
    lines = sum(map(bool, left)) + sum(map(bool, right))
    return sides if full and others and full + others >= max(MIN_COLUMN_LINES, MIN_COLUMN_FILL * lines) else None


def _count_full(rows: Rows) -> int:
    """How many lines are nearly as wide as the column of prose that they make, 0 where they make none."""
    boxes = [join_boxes(piece.box for piece in row) for row in rows if row]
    if len(boxes) < MIN_COLUMN_LINES:
        return 0
    left, _, right, _ = join_boxes(boxes)
    size = statistics.median(piece.size for row in rows for piece in row)
    marks = sum(character.text in _MARKS for row in rows for piece in row for character in piece.characters)
    if marks < MIN_MARKS or right - left < MIN_COLUMN_WIDTH * size:
        return 0
    return sum(box[2] - box[0] >= 0.75 * (right - left) for box in boxes)


def _make_line(row: Sequence[_Piece], page: int, column: int) -> PageLine:
    spread = all(len(piece.characters) == 1 and is_wide_character(piece.characters[0].text) for piece in row)
    text = _join_characters(row[0].characters)
    for left, right in itertools.pairwise(row):  # `目    录` is one word
        wide = not spread and right.box[0] - find_end(left.characters[-1]) > WIDE * max(left.size, right.size)
        text += (WIDE_GAP if wide else _find_blank(left, right)) + _join_characters(right.characters)
    return PageLine(
        text=text,
        page=page,
        box=join_boxes(piece.box for piece in row),
        end=find_end(row[-1].characters[-1]),
        size=max(row, key=lambda piece: len(piece.characters)).size,
        baseline=row[0].baseline,
        first_width=_measure_first(row[0].characters),
        column=column,
    )


def _find_blank(left: _Piece, right: _Piece) -> str:
    return " " if left.characters[-1].text.isascii() and right.characters[0].text.isascii() else ""


def _join_characters(characters: Sequence[Character]) -> str:
    """The text of characters on one line: blanks only between letters and digits that stand apart."""
    parts: list[str] = []
    last: Character | None = None
    blank = False
    for character in characters:
        if character.text == " ":
            blank = True
            continue
        if last is not None and last.text.isascii() and character.text.isascii():
            gap = character.box[0] - last.box[2]
            parts.append(" " if blank or gap > SPACE * max(last.size, character.size) else "")
        parts.append(character.text)
        last, blank = character, False
    return "".join(parts)


def _measure_first(characters: Sequence[Character]) -> float:
    """The width of a line's first word, or of its first Chinese character with the mark behind it."""
    end = 1
    if characters[0].text.isascii():
        while end < len(characters) and characters[end].text.isascii() and characters[end].text != " ":
            end += 1
    return find_end(characters[end - 1]) - characters[0].box[0]
