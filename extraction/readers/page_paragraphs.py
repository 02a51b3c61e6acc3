"""Paragraphs out of printed lines: what was wrapped is one line again, over columns and pages too."""

from __future__ import annotations

import itertools
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from extraction.readers.page_lines import WIDE_GAP, PageLine

FULL_WORD = 15.0  # times the size: a longer word at a beginning says nothing of the line before it
SUPPORT = 0.04  # of the lines, and at least two, must reach a margin
INDENT = 0.75  # times the size, from which on a line is indented
FIRST_INDENT = (1.2, 3.2)  # times the size; two characters are usual
MIN_INDENTED = 0.08  # of the lines of a text whose paragraphs are indented
LEADING = 1.35  # times the usual leading: a larger one parts paragraphs
SAME_SIZE = 0.08  # of the size
TITLE = 1.15  # times the usual size: titles are larger
MIN_LENGTH = 8.0  # times the size: shorter lines are not wrapped
NUMBERING = re.compile(
    r"第?[一二三四五六七八九十]{1,3}[、.．章]|[（(〔]\s*[一二三四五六七八九十\d]{1,3}\s*[）)〕]|\d{1,2}\s*[.、．](?!\d)|[①-⑳●•■◆]"
    r"|附件|注\s*[:：]|表\s*\d"
)
_CLOSED = re.compile(r"[。！？；：!?;:][”’」』）)]*$|[”」』]$")
_OPEN_MARKS = "；：;:"  # behind which a list may go on in the same paragraph
_WORD = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the lines of a column begin and end, and how they follow one another, in points."""

    left: float
    right: float
    leading: float
    size: float
    indented: bool


def join_paragraphs(
    runs: Sequence[Sequence[PageLine]], widths: Mapping[int, float]
) -> list[list[tuple[PageLine, ...]]]:
    """The paragraphs of runs of lines in reading order; a run ends where something else stands between lines.

    `widths` are those of the upright pages, in points.
    """
    columns: defaultdict[tuple[int, int], list[PageLine]] = defaultdict(list)
    for line in itertools.chain.from_iterable(runs):
        columns[_name_column(line, widths)].append(line)
    frames = {name: _find_frame(lines, name[0]) for name, lines in columns.items()}
    return [_join_run(run, [_choose_frame(line, round(widths[line.page]), frames) for line in run]) for run in runs]


def _name_column(line: PageLine, widths: Mapping[int, float]) -> tuple[int, int]:
    return round(widths[line.page]), line.column


def _choose_frame(line: PageLine, width: int, frames: Mapping[tuple[int, int], _Frame]) -> _Frame:
    """The frame of a line's column; beside an empty column a line is not seen to stand in one, but others are."""
    own, first = frames[width, line.column], frames.get((width, 1))
    if line.column or first is None or first.right > own.right - MIN_LENGTH * line.size:
        return own
    inside = line.box[0] > first.left - line.size / 4 and line.end < first.right + line.size
    return first if inside else own


def _join_run(run: Sequence[PageLine], frames: Sequence[_Frame]) -> list[tuple[PageLine, ...]]:
    paragraphs: list[list[PageLine]] = []
    for index, line in enumerate(run):
        if index and _goes_on(run[index - 1], frames[index - 1], line, frames[index]):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return list(map(tuple, paragraphs))


def _find_frame(lines: Sequence[PageLine], width: float) -> _Frame:
    support = max(2, round(SUPPORT * len(lines)))
    size = statistics.median(line.size for line in lines)
    long = [line for line in lines if line.end - line.box[0] >= MIN_LENGTH * size] or list(lines)
    lefts = sorted(line.box[0] for line in long)
    left = next((a for a, b in zip(lefts, lefts[support - 1 :], strict=False) if b - a <= size / 4), lefts[0])
    ends = sorted((line.end for line in long), reverse=True)
    right = next((a for a, b in zip(ends, ends[support - 1 :], strict=False) if a - b <= size), width - left)
    steps = [b.baseline - a.baseline for a, b in itertools.pairwise(lines) if a.page == b.page]
    steps = [step for step in steps if 0.9 * size < step < 4 * size]
    first, last = FIRST_INDENT
    indented = sum(first * line.size <= line.box[0] - left <= last * line.size for line in lines)
    return _Frame(
        left=left,
        right=right,
        leading=statistics.median_low(steps) if steps else 2 * size,
        size=size,
        indented=indented >= max(2, MIN_INDENTED * len(lines)),
    )


def _goes_on(line: PageLine, frame: _Frame, following: PageLine, own: _Frame) -> bool:
    """Whether a line breaks off at the margin and the following one, which has the frame `own`, goes on with it."""
    size = line.size
    in_parts = WIDE_GAP in line.text  # a row of a table without rules, whose value may end at the margin
    if in_parts or abs(following.size - size) > SAME_SIZE * size or following.text == line.text:
        return False
    if not _is_full(line, following, frame):
        return False
    if line.page == following.page and line.column == following.column:
        step = following.baseline - line.baseline
        if not 0 < step <= LEADING * frame.leading * max(1.0, size / frame.size):
            return False
    if _is_centred(following, own) and (_is_centred(line, frame) or size > TITLE * frame.size):
        return not _CLOSED.search(line.text)
    closed, numbered = _CLOSED.search(line.text), bool(NUMBERING.match(following.text))
    indent = following.box[0] - own.left
    if indent > INDENT * size:  # part of a block that is indented as a whole
        return abs(indent - (line.box[0] - frame.left)) < size / 2 and not closed and not numbered
    # A flush line after a sentence: in a text with indents it goes on, but a heading may stand flush too.
    return not closed or (own.indented and not (numbered and closed[0] not in _OPEN_MARKS))


def _is_full(line: PageLine, following: PageLine, frame: _Frame) -> bool:
    """Whether the beginning of the following line would not have had room on this one."""
    if line.end - line.box[0] < MIN_LENGTH * line.size:
        return False
    word = min(following.first_width, FULL_WORD * line.size)
    room = frame.right - frame.left - (line.end - line.box[0]) if _is_centred(line, frame) else frame.right - line.end
    return word > room - 0.1 * line.size


def _is_centred(line: PageLine, frame: _Frame) -> bool:
    """Whether a line stands in the middle of its column, with room at both sides."""
    left, right = line.box[0] - frame.left, frame.right - line.end
    return min(left, right) > line.size / 4 and abs(left - right) < 1.2 * line.size


def join_texts(texts: Iterable[str]) -> str:
    """The text of lines as one: Chinese without blanks, words of letters with one.

    >>> join_texts(["政府信息公", "开 office", "hours"])
    '政府信息公开 office hours'
    """
    joined = ""
    for text in texts:
        words = joined and _WORD.match(text) and _WORD.match(joined[-1])
        joined += f" {text}" if words else text
    return joined
