"""Headings that stand side by side without a gap: where one cell ends and the next begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.tables.aligned_lines import MAX_LABEL, NEXT, Segment, SegmentLine, cut_segment

NEXT_LINE = 1.8  # of the font size, between lines of one heading
SAME_PLACE = 0.3  # of the font size
MIN_PART = 2  # characters of a heading before one that goes on in the next line
WORD_GAP, WORD = 0.5, 3  # of the font size, between two headings of so many characters at least
SET_WIDE = 0.4  # of the font size, between characters of headings that are set wide: their gaps tell nothing
_OPENING = frozenset("(（[【:：")  # what goes on with the heading before it

Lines = Sequence[tuple[int, SegmentLine]]


@dataclass(frozen=True, slots=True)
class _Wrap:
    """A heading that goes on in the next line: its last character in a segment, and what stands below."""

    segment: Segment
    start: int  # the first character that may be of it: those before follow others in the file
    last: int
    below: Segment

    def measure(self, alignment: float) -> float:
        """Where its first line begins, if its lines have their left (0) or their middle (0.5) in common."""
        left, right = self.below.box[0], self.below.box[2]
        return left if alignment == 0 else left + right - self.segment.characters[self.last].box[2]

    def find_first(self, alignment: float) -> int | None:
        """The character that it begins with, `None` where none stands there."""
        characters = self.segment.characters[self.start : self.last + 1]
        at = self.measure(alignment)
        away = [abs(character.box[0] - at) for character in characters]
        nearest = min(range(len(away)), key=away.__getitem__)
        return self.start + nearest if away[nearest] <= SAME_PLACE * characters[nearest].size else None


def part_close(lines: Lines) -> list[tuple[int, SegmentLine]]:
    """Lines of headings with those segments cut that are of several cells.

    What follows in the file tells them: a heading is written with all its lines before the next one begins. Where one
    goes on in the next line, that tells where it begins, by the left or the middle of its lines. So does a gap between
    words that are not set wide, and words that are headings of their own elsewhere.
    """
    wraps = list(_find_wraps(lines))
    alignment = _find_alignment(wraps)
    cuts: dict[int, set[int]] = {id(s): s.find_tears() | _find_gaps(s) for _, line in lines for s in line.segments}
    words = frozenset(s.text for _, line in lines for s in line.segments if len(s.text) >= MIN_PART)
    for _, line in lines:
        for segment in line.segments:
            cuts[id(segment)] |= _find_words(segment, words)
    for wrap in wraps:
        first = wrap.find_first(alignment)
        if first is not None and first >= wrap.start + MIN_PART:
            cuts[id(wrap.segment)].add(first)
    return [(number, _cut_line(line, cuts)) for number, line in lines]


def _find_gaps(segment: Segment) -> set[int]:
    """The characters before which a heading ends: half their width of paper, and none of it within the words."""
    gaps = [b.box[0] - a.box[2] for a, b in pairwise(segment.characters)]
    wide = [n for n, gap in enumerate(gaps, 1) if gap > SET_WIDE * segment.characters[n].size]
    ends = [0, *wide, len(segment.characters)]
    words = all(end - start >= WORD for start, end in pairwise(ends))
    return {
        n
        for n in wide
        if words and gaps[n - 1] > WORD_GAP * segment.characters[n].size and segment.characters[n].text not in _OPENING
    }


def _find_words(segment: Segment, words: Collection[str]) -> set[int]:
    """The characters at which another heading begins, in a segment that is nothing but other headings."""
    text = "".join(character.text for character in segment.characters)
    if len(text) > MAX_LABEL or len(text) != len(segment.characters):
        return set()
    starts: dict[int, int] = {}  # of a word by where it ends
    ends = {0}
    for end in range(1, len(text) + 1):
        start = next((s for s in sorted(ends) if text[s:end] in words and end - s < len(text)), None)
        if start is not None:
            starts[end] = start
            ends.add(end)
    if len(text) not in starts:
        return set()
    found = set()
    end = starts[len(text)]
    while end:
        found.add(end)
        end = starts[end]
    return found


def _find_wraps(lines: Lines) -> Iterator[_Wrap]:
    segments = [segment for _, line in lines for segment in line.segments if segment.places]
    for above in segments:
        tears = sorted({0, *above.find_tears()})
        for below in segments:
            away = below.characters[0].origin[1] - above.characters[0].origin[1]
            if not 0 < away <= NEXT_LINE * above.characters[0].size:
                continue
            before = [n for n, place in enumerate(above.places) if 0 < below.first - place <= NEXT]
            if before and _is_under(below, above):
                last = max(before, key=above.places.__getitem__)
                yield _Wrap(above, max(tear for tear in tears if tear <= last), last, below)


def _is_under(below: Segment, above: Segment) -> bool:
    return min(below.box[2], above.box[2]) > max(below.box[0], above.box[0])


def _find_alignment(wraps: Sequence[_Wrap]) -> float:
    """Whether lines of headings have their left in common or their middle, by those that begin where a segment does."""
    votes = Counter(share for wrap in wraps for share in (0.0, 0.5) if wrap.find_first(share) == wrap.start)
    return 0.0 if votes[0.0] > votes[0.5] else 0.5


def _cut_line(line: SegmentLine, cuts: dict[int, set[int]]) -> SegmentLine:
    parts = [part for segment in line.segments for part in _cut_segment(segment, cuts[id(segment)])]
    return line if len(parts) == len(line.segments) else replace(line, segments=tuple(parts))


def _cut_segment(segment: Segment, cuts: set[int]) -> list[Segment]:
    if not cuts:
        return [segment]
    return [cut_segment(segment, start, end) for start, end in pairwise([0, *sorted(cuts), len(segment.characters)])]
