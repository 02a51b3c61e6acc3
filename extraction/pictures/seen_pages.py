"""Pages out of their pictures: cleaned, with their rules and what the reader of pages reads on them."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from extraction.frequent import FREQUENT
from extraction.pictures.cleaning import clean_picture, turn_clean
from extraction.pictures.crossed_rules import drop_crossed_rules
from extraction.pictures.drawn_rules import SURE, DrawnRule, find_drawn_rules
from extraction.pictures.packing import pack_pixels
from extraction.recognition.lone_numbers import find_lone_numbers
from extraction.recognition.ocr_engine import EngineError
from extraction.recognition.page_reader import PrintedText, find_line_corners, read_page_texts
from models.document import Problem
from models.page import Box, Character, Page, scale_box
from models.picture import CleanPicture, Picture, Pixels, ScannedPage, SeenCharacter

MIDDLE = 0.36  # of the font size, from the baseline up to the middle of Chinese characters and of digits
WIDE_INK, DIGIT_INK = 0.9, 0.72  # of the font size, how high they are
CLOSE = (0.7, 1.08)  # of the ink's size: a step so long is that of characters without room between
MIN_STEPS = 2
FEW_TELLING = 5  # characters or digits of a line, by fewer of which its size is not told
NEAR_LINES = 5  # above and below it, whose print is as large
ALIKE = (0.7, 1.45)  # times the size of these
SAME_SIZE = (0.08, 0.12)  # by which lines of one font differ: most of them, and all
LEVEL = 1.2  # times its height: a line not longer than that may run downwards
MIN_SURE = 0.8  # mean score of the Chinese characters of a page that stands upright
DOWNWARDS = 0.4  # of the characters of a page that lies on its side
MIN_LINES = 8  # of text, below which a page may as well have labels that run downwards
MIN_FREQUENT = 0.4  # of the Chinese characters of a page that stands upright
MIN_JUDGED = 12  # characters, below which a page turned the other way is looked at as well
MIN_SAMPLED, MAX_SAMPLED = 4, 12  # lines that tell which way up a page is
MIN_CONTRAST = 40  # grey levels between ink and paper of a character whose box can be drawn closer
MIN_LINE = 40.0  # points, of a stroke that may be a dashed rule
MIN_TABLE_RULES = 4  # in each direction: a page with as many has a table
MIN_ROW_RULES = 8  # across a page: rows of a table whose walls are lost
COLUMNED = ((4, 1), (3, 3))  # so many lines of text side by side, in so many rows: a table without rules
NUMBERED, NARROW = 6, 3.0  # rows of a label and a number, which is not longer than so many times its height


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page as it was read by its pixels, and what is kept of them for the reading of its cells."""

    page: Page
    scan: ScannedPage


def see_pages(pictures: Iterable[Picture | Problem], *, tables_only: bool = False) -> Iterator[SeenPage | Problem]:
    """Read pictures one after the other; memory is that of one picture.

    Codes of problems: `no_print` where nothing on a page reads as print, `ocr_failed`, `no_table` where `tables_only`
    leaves a page out, and those of the pictures.
    """
    for picture in pictures:
        yield picture if isinstance(picture, Problem) else see_page(picture, tables_only=tables_only)


def see_page(picture: Picture, *, tables_only: bool = False) -> SeenPage | Problem:
    """Read one picture; problems as in `see_pages`."""
    try:
        clean = clean_picture(picture)
    except ValueError:
        return Problem("read", "no_print", "the picture is too small for a page", picture.number)
    drawn, turn = find_drawn_rules(clean), clean.turn
    try:
        corners = None if not tables_only or _is_ruled(drawn) else find_line_corners(clean.grey)
        if corners is not None and not _stands_in_columns(corners):
            return Problem("read", "no_table", "nothing on the page stands in columns; it was left out", picture.number)
        texts: Sequence[PrintedText] = read_page_texts(clean.grey, corners=corners)
        clean, texts = _stand_upright(clean, texts)
        drawn = drawn if clean.turn == turn else find_drawn_rules(clean)
    except EngineError as error:
        return Problem("read", "ocr_failed", str(error), picture.number)
    texts = tuple(trim_text(text, clean.grey) for text in texts)
    characters = place_characters(texts, clean.scale)
    if not characters:
        return Problem("read", "no_print", "nothing on the page reads as print", picture.number)
    rules = drop_crossed_rules(drawn, characters, clean)
    walls = [scale_box(rule.box, clean.scale) for rule in rules if not rule.horizontal]
    lines = [scale_box(one.rule.box, clean.scale) for one in drawn if not one.rule.horizontal and _is_long(one)]
    try:
        lone = find_lone_numbers(clean.grey, texts, walls=walls, lines=lines)
    except EngineError as error:
        return Problem("read", "ocr_failed", str(error), picture.number)
    if lone:  # they tell rows and columns; each is read again as a cell, and is no second opinion there
        characters = place_characters((*texts, *lone), clean.scale)
        rules = drop_crossed_rules(drawn, characters, clean)
    page = Page(picture.number, clean.width, clean.height, tuple(characters), rules, placement=clean.placement)
    return SeenPage(page, _pack_page(clean, texts))


def _is_long(drawn: DrawnRule) -> bool:
    """Whether a vertical stroke is longer than any of a character."""
    return drawn.rule.box[3] - drawn.rule.box[1] >= MIN_LINE


def _is_ruled(drawn: Sequence[DrawnRule]) -> bool:
    sure = [one.rule.horizontal for one in drawn if one.sure >= SURE]
    across, down = sum(sure), len(sure) - sum(sure)
    return min(across, down) >= MIN_TABLE_RULES or across >= MIN_ROW_RULES


def _stands_in_columns(corners: npt.NDArray[np.float32]) -> bool:
    """Whether lines of text stand side by side as the cells of a table do, beyond two columns of prose.

    `corners` has shape (lines, 4, 2).
    """
    lines = [(float(q[:, 1].min()), float(q[:, 1].max()), float(np.ptp(q[:, 0]))) for q in corners]
    rows: list[tuple[float, list[tuple[float, float, float]]]] = []  # down to where, what stands in it
    for line in sorted(lines):
        if rows and (line[0] + line[1]) / 2 < rows[-1][0]:
            rows[-1][1].append(line)
        else:
            rows.append((line[1], [line]))
    numbered = sum(
        len(held) > 1 and any(wide < NARROW * (bottom - top) for top, bottom, wide in held) for _, held in rows
    )
    return numbered >= NUMBERED or any(sum(len(held) >= wide for _, held in rows) >= many for wide, many in COLUMNED)


def _stand_upright(clean: CleanPicture, texts: Sequence[PrintedText]) -> tuple[CleanPicture, Sequence[PrintedText]]:
    """The page as it reads best, turned where it reads badly or its lines run downwards, with what was read on it."""
    turns = [] if _reads_upright(texts) else [180]
    if _run_down(texts):
        turns += [90, 270]
    best, weight = (clean, texts), _weigh_texts(texts)
    for turn in turns:
        turned = turn_clean(clean, turn)
        if turn == 180 and not _reads_better(turned, texts):
            continue
        other = read_page_texts(turned.grey)
        if (heavier := _weigh_texts(other)) > weight:
            best, weight = (turned, other), heavier
    return best


def _reads_better(turned: CleanPicture, texts: Sequence[PrintedText]) -> bool:
    """Whether the longest lines of a page read better upside down: the others are not read for it."""
    longest = sorted(texts, key=lambda text: -abs(text.corners[1][0] - text.corners[0][0]))[:MAX_SAMPLED]
    if len(longest) < MIN_SAMPLED:
        return True
    height, width = turned.grey.shape
    corners = np.array([text.corners for text in longest], np.float32)[:, [2, 3, 0, 1]]
    found = read_page_texts(turned.grey, corners=np.array([width, height], np.float32) - corners)
    return _weigh_texts(found) > _weigh_texts(longest)


def _run_down(texts: Sequence[PrintedText]) -> bool:
    """Whether a good part of the characters stand in lines that are higher than wide; labels may, long lines do not."""
    lines = [text for text in texts if len(text.characters) > 1]
    count = sum(len(text.characters) for text in lines)
    down = sum(len(text.characters) for text in lines if _is_high(text.corners))
    return len(lines) >= MIN_LINES and down >= DOWNWARDS * count


def _is_high(corners: Sequence[Sequence[float]]) -> bool:
    return abs(corners[3][1] - corners[0][1]) > LEVEL * abs(corners[1][0] - corners[0][0])


def _reads_upright(texts: Sequence[PrintedText]) -> bool:
    """Whether the Chinese that was read is text beyond doubt; upside down hardly a character is sure.

    Digits tell nothing: a zero reads the same both ways.
    """
    wide = [character for text in texts for character in text.characters if character.text >= "\u3400"]
    if len(wide) < MIN_JUDGED:
        return False
    sure = statistics.fmean(character.probability for character in wide)
    return sure >= MIN_SURE and sum(c.text in FREQUENT for c in wide) >= MIN_FREQUENT * len(wide)


def _weigh_texts(texts: Sequence[PrintedText]) -> float:
    """How much of a page reads as text: the scores of its common characters and digits, others against them."""
    weight = 0.0
    for character in (character for text in texts for character in text.characters):
        known = character.text in FREQUENT or character.text.isdigit()
        weight += character.probability if known else -0.5 * character.probability
    return weight


def trim_text(text: PrintedText, grey: Pixels) -> PrintedText:
    """A line whose characters have boxes around their ink alone, without the blur at its edges."""
    characters = tuple(replace(character, box=_trim_box(character.box, grey)) for character in text.characters)
    return replace(text, characters=characters)


def _trim_box(box: Box, grey: Pixels) -> Box:
    height, width = grey.shape
    left, top = max(math.floor(box[0]), 0), max(math.floor(box[1]), 0)
    right, bottom = min(math.ceil(box[2]), width), min(math.ceil(box[3]), height)
    crop = grey[top:bottom, left:right]
    if crop.size == 0:
        return box
    dark, light = int(crop.min()), int(crop.max())
    if light - dark < MIN_CONTRAST:
        return box
    ink = crop < (dark + light) / 2
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    return (
        float(left + columns[0]),
        float(top + rows[0]),
        float(left + columns[-1] + 1),
        float(top + rows[-1] + 1),
    )


def place_characters(texts: Sequence[PrintedText], scale: float) -> list[Character]:
    """The characters of lines in points: those of a line have one size and one baseline, or stand one below another.

    The size is the step from one Chinese character to the next, where they follow closely; elsewhere it is that of the
    ink, corrected by how much larger ink is than steps on this page.
    """
    lines = [[_to_points(character.box, scale) for character in text.characters] for text in texts]
    inks = [_measure_ink(text, boxes, scale) for text, boxes in zip(texts, lines, strict=True)]
    steps = [_measure_step(text, boxes) for text, boxes in zip(texts, lines, strict=True)]
    fitting = [step / ink for step, ink in zip(steps, inks, strict=True) if CLOSE[0] <= step / ink <= CLOSE[1]]
    share = statistics.median(fitting) if fitting else 1.0
    pairs = zip(inks, steps, strict=True)
    sizes = _settle_sizes(texts, [step if CLOSE[0] <= step / ink <= CLOSE[1] else share * ink for ink, step in pairs])
    characters: list[Character] = []
    for text, boxes, size in zip(texts, lines, sizes, strict=True):
        characters += _place_line(text, boxes, size, scale)
    return characters


def _settle_sizes(texts: Sequence[PrintedText], sizes: Sequence[float]) -> list[float]:
    """The sizes of lines, of short ones that of the lines around: the ink of a few characters tells it badly."""
    telling = [sum(_tells_size(character.text) for character in text.characters) for text in texts]
    middles = [(text.corners[0][1] + text.corners[2][1]) / 2 for text in texts]
    order = sorted(range(len(texts)), key=middles.__getitem__)
    settled = list(sizes)
    for place, number in enumerate(order):
        if telling[number] >= FEW_TELLING:
            continue
        near = [other for other in order[max(place - NEAR_LINES, 0) : place + NEAR_LINES + 1] if other != number]
        around = sorted(itertools.chain.from_iterable([sizes[other]] * telling[other] for other in near))
        usual = statistics.median(around) if around else sizes[number]
        if ALIKE[0] * usual <= sizes[number] <= ALIKE[1] * usual:
            settled[number] = usual
    return _gather_sizes(np.array(settled), np.array(telling) + 1.0)


def _gather_sizes(sizes: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> list[float]:
    """The sizes of a page as its few fonts have them: the commonest first, what is nearly as large is of that size."""
    gathered = sizes.copy()
    free = np.ones(len(sizes), np.bool_)
    close = np.abs(sizes[:, None] / sizes[None, :] - 1) <= SAME_SIZE[0]
    while free.any():
        common = int(np.argmax(np.where(free, (close & free[:, None]).T @ (weights * free), -1.0)))
        size = float(np.median(sizes[free & close[:, common]]))
        members = free & (np.abs(sizes / size - 1) <= SAME_SIZE[1])
        gathered[members] = size
        free &= ~members
    return [float(size) for size in gathered]


def _place_line(text: PrintedText, boxes: Sequence[Box], size: float, scale: float) -> Iterator[Character]:
    height = abs(text.corners[3][1] - text.corners[0][1]) / scale
    width = abs(text.corners[1][0] - text.corners[0][0]) / scale
    down = _runs_down(boxes, width, height)
    if down:
        size = statistics.median(max(box[2] - box[0], 1.0) for box in boxes)
    telling = [box for character, box in zip(text.characters, boxes, strict=True) if _tells_size(character.text)]
    level = statistics.median((box[1] + box[3]) / 2 for box in telling or boxes) if boxes else 0.0
    for character, box in zip(text.characters, boxes, strict=True):
        middle = (box[1] + box[3]) / 2 if down else level
        yield Character(character.text, box, (box[0], middle + MIDDLE * size), size)


def _runs_down(boxes: Sequence[Box], width: float, height: float) -> bool:
    if len(boxes) < 2 or width > LEVEL * height:
        return False
    return all(below[1] >= above[3] - 1.0 for above, below in itertools.pairwise(boxes))


def _measure_ink(text: PrintedText, boxes: Sequence[Box], scale: float) -> float:
    """The font size by the ink of characters and digits in points, else by the height of the line."""
    sizes = [
        (box[3] - box[1]) / DIGIT_INK if character.text.isascii() else max(box[2] - box[0], box[3] - box[1]) / WIDE_INK
        for character, box in zip(text.characters, boxes, strict=True)
        if _tells_size(character.text)
    ]
    return statistics.median(sizes) if sizes else max(abs(text.corners[3][1] - text.corners[0][1]) / scale / 1.2, 1.0)


def _tells_size(character: str) -> bool:
    """Whether a character is as high as others: marks are not."""
    return (character.isdigit() and character.isascii()) or (character >= "\u3400" and character not in "一二三〇")


def _measure_step(text: PrintedText, boxes: Sequence[Box]) -> float:
    """The usual step from a Chinese character to the next in points; 0 where there are too few."""
    middles = [
        (box[0] + box[2]) / 2 if character.text >= "\u3400" else None
        for character, box in zip(text.characters, boxes, strict=True)
    ]
    steps = [b - a for a, b in itertools.pairwise(middles) if a is not None and b is not None]
    return statistics.median(steps) if len(steps) >= MIN_STEPS else 0.0


def _to_points(box: Box, scale: float) -> Box:
    """A box in pixels of the clean picture, of which a point has `scale`."""
    return box[0] / scale, box[1] / scale, box[2] / scale, box[3] / scale


def _pack_page(clean: CleanPicture, texts: Sequence[PrintedText]) -> ScannedPage:
    seen = [
        SeenCharacter(character.text, _to_points(character.box, clean.scale), character.probability)
        for text in texts
        for character in text.characters
    ]
    return ScannedPage(
        number=clean.number,
        packed=pack_pixels(clean.grey),
        stamped=b"" if clean.stamped is None else pack_pixels(clean.stamped),
        scale=clean.scale,
        placement=clean.placement,
        characters=tuple(seen),
        skew=clean.skew,
        contrast=clean.contrast,
        noise=clean.noise,
    )
