"""What is printed on every page beside the text: page numbers, running heads and feet."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extraction.readers.page_lines import WIDE_GAP, PageLine, find_lines
from models.document import Problem
from models.page import Character, Page

MARGIN = 0.12  # of the page's height, at the top and at the foot
NEAR = 2  # pages: heads of left and right pages differ
SAME_PLACE = 3.0  # points
SMALL = 1.15  # times the usual size: a title that comes again is larger
MAX_HEAD = 80  # characters
MAX_PIECES = 2  # date and title; a line of three is the head of a table
_DASHES = r"[-‐‑‒–—―－_·•.~〜～=\s|]*"
_MARKED = re.compile(
    rf"{_DASHES}(?:第?(\d{{1,4}})页|第(\d{{1,4}})页?|第?(\d{{1,4}})页?[/,，、(（]*共\d{{1,4}}页?[)）]?|(\d{{1,4}})/\d{{1,4}}"
    rf"|page(\d{{1,4}})(?:(?:of|/)\d{{1,4}})?|[-‐‑‒–—―－~〜～·•]+(\d{{1,4}})[-‐‑‒–—―－~〜～·•]+"
    rf"|第?(\d{{1,4}})页[/,，、(（]*共\d{{1,4}}页[)）]?){_DASHES}",
    re.I,
)
_BARE = re.compile(r"(\d{1,4})")


@dataclass(frozen=True, slots=True)
class _Outer:
    """A line at the top or foot of a page; `text` has no blanks, `edge` says that none stands farther out.

    It is `short` enough for a running head, and `small` beside the usual print of its page.
    """

    line: PageLine
    text: str
    edge: bool
    short: bool
    small: bool


def drop_furniture(pages: Iterable[Page | Problem]) -> Iterator[Page | Problem]:
    """Pages without their page numbers and without heads and feet that run over pages; problems pass.

    A page waits for the two that follow it; no more are held.
    """
    window: deque[tuple[Page | Problem, tuple[_Outer, ...]]] = deque()
    waiting = 0
    for page in pages:
        window.append((page, () if isinstance(page, Problem) else _find_outer(page)))
        waiting += 1
        if waiting > NEAR:
            yield _clean_page(window, len(window) - waiting)
            waiting -= 1
        if len(window) > 2 * NEAR:
            window.popleft()
    for left in range(waiting, 0, -1):
        yield _clean_page(window, len(window) - left)


def _find_outer(page: Page) -> tuple[_Outer, ...]:
    """The lines in the margins of a page that are no part of a table with rules."""
    if not page.characters:
        return ()
    usual = statistics.median(character.size for character in page.characters)
    found: list[_Outer] = []
    for low, high in ((0.0, MARGIN * page.height), ((1 - MARGIN) * page.height, page.height)):
        lines = find_lines((c for c in page.characters if low < _find_middle(c) < high), page=page.number)
        outermost = min if low == 0 else max
        edge = outermost(lines, key=lambda line: line.baseline, default=None)
        for line in lines:
            text = "".join(unicodedata.normalize("NFKC", line.text).split())
            short = len(text) <= MAX_HEAD and line.text.count(WIDE_GAP) < MAX_PIECES
            if not _is_between_rules(line, page):
                found.append(_Outer(line, text, line is edge, short, line.size <= SMALL * usual))
    return tuple(found)


def _find_middle(character: Character) -> float:
    return (character.box[1] + character.box[3]) / 2


def _is_between_rules(line: PageLine, page: Page) -> bool:
    middle = (line.box[1] + line.box[3]) / 2
    return any(rule.box[1] < middle < rule.box[3] for rule in page.rules if not rule.horizontal)


def _clean_page(window: Sequence[tuple[Page | Problem, tuple[_Outer, ...]]], index: int) -> Page | Problem:
    page, lines = window[index]
    if isinstance(page, Problem):
        return page
    others = [line for i, (_, near) in enumerate(window) if i != index for line in near]
    boxes = [line.line.box for line in lines if _is_number(line, others) or _is_running(line, others)]
    if not boxes:
        return page
    kept = (c for c in page.characters if not any(_holds(box, c) for box in boxes))
    return replace(page, characters=tuple(kept))


def _holds(box: tuple[float, float, float, float], character: Character) -> bool:
    left, top, right, bottom = character.box
    return box[0] <= left and box[1] <= top and right <= box[2] and bottom <= box[3]


def _is_number(line: _Outer, others: Iterable[_Outer]) -> bool:
    """Whether a line is a page number: by its marks, or a bare one at the edge that counts with the pages."""
    if read_page_number(line.text) is not None:
        return True
    if not line.edge or not _BARE.fullmatch(line.text):
        return False
    offset = int(line.text) - line.line.page
    return offset == 0 or any(
        _BARE.fullmatch(other.text) and int(other.text) - other.line.page == offset for other in others if other.edge
    )


def _is_running(line: _Outer, others: Iterable[_Outer]) -> bool:
    """Whether a line comes again on a page near; where a table has tiny print all else is large on its page."""
    if not line.short:
        return False
    texts = {line.text, _fold_number(line)}
    return any(
        (line.small or other.small)
        and abs(line.line.baseline - other.line.baseline) <= SAME_PLACE
        and (other.text in texts or _fold_number(other) in texts)
        for other in others
    )


def _fold_number(line: _Outer) -> str:
    """A line's text with its own page number left open."""
    return re.sub(r"#/(?:\d+|#)", "#", re.sub(rf"(?<!\d){line.line.page}(?!\d)", "#", line.text))


def read_page_number(text: str) -> int | None:
    """The number of a line that is nothing but a page number with its marks.

    >>> read_page_number("— 3 —"), read_page_number("第 3 页 共 6 页"), read_page_number("3 件")
    (3, 3, None)
    """
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    match = _MARKED.fullmatch(folded)
    return next((int(group) for group in match.groups() if group), None) if match else None
