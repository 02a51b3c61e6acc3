"""What is printed inside the box of a cell: its ink without the ruling around it, cut to lines for the network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from extraction.recognition.dashes import CellPieces, find_dashes
from extraction.recognition.strips import Floats, Pixels, find_ink, find_pieces, smooth_piece
from models.page import Box

Flags = npt.NDArray[np.bool_]
Sizes = npt.NDArray[np.int32] | np.int32

MARGIN = 2  # pixels around a box that are looked at too, for the whole width of its ruling
MIN_CONTRAST = 24  # grey levels between the paper and the ink of a page, below which it is held for empty
FAINT = 0.15  # of the page's contrast: what is less dark is paper
NOISE = 6.0  # deviations of the paper: what is less dark is noise
BLUR = 0.025  # of the height of cells, the radius over which noise is smoothed before ink is looked for
BLURS = (0.6, 2.0)  # pixels, the least and the most of it
DIGIT_SHARE = 0.02  # of the square of a cell's height, the ink of a small digit
RULE_DARK = 0.2  # of the page's contrast, how dark a rule is at least
DARK = 0.5  # of a crop's own contrast: what is less dark is the blur around ink
RULE_LENGTH = 0.85  # of a crop, that a rule runs along one side of it
RULE_ZONE = 0.25  # of a crop, how far from its side a rule may run
DASHED = 0.3  # of a crop's side, that a dashed rule covers
DASHED_ZONE = 0.16  # of a crop's height, how far from its sides dashed ruling is looked for
WALL_START = 8, 0.15  # pixels from the side of a crop, or of its height, within which its ruling begins
WALL_ROWS = 0.55  # of a side, that ruling along it has ink; dashed ruling has no more
WALL_ENDS, WALL_GAP = 0.15, 0.4  # of a side at either end, where ruling has ink too, but for gaps
WALL_CROSSED = 0.6  # of a crop's width, dark where ruling runs across
MIN_FOLLOWED = 8  # pixels
WALL_WIDTH = 0.15  # of the height of a crop, that ruling is wide at most
PARTS = 5  # of a side: a dashed rule has ink in each
SPECK = 0.3  # of the height of text: smaller pieces count only beside larger ones
SLIGHT = 0.12  # of the largest piece: smaller ones count only beside larger ones
NEIGHBOURS = 3  # times that a print grows by what is near it
REACH = 0.8  # of the height of text: how far from larger pieces a speck may belong to them
SMOOTH = 0.035  # of the height of a line, the radius over which its noise is smoothed
ABOVE, BESIDE = 0.25, 0.3  # of the height of text, the paper around a line
# A line: heights of text that it is long downwards and across, and wide on the whole and at most.
LONG, LONGEST, THIN, WIDEST = 2.2, 6.0, 0.33, 0.6
ALONG, MORE = 0.8, 1.5  # of its cell, and heights of text at least
CHARACTER = 0.6  # of the height of text, the size of a character beside a line
PALE, PALEST, LOW = 0.35, 0.2, 0.6  # of how dark the print of cells usually is, and of the page; of it, for dashes
USUAL, MIN_INKED, DIGITS = 80, 6, (0.6, 1.6)  # percentile of it, of so many cells at least, with print so high
FEW_LINES = 3  # of text in the cell of a number; what has more is read as one picture
GUESSED_HEIGHT = 0.45  # of a cell, the height of its text where no cell tells


@dataclass(frozen=True, slots=True)
class CellCrop:
    """The print of a cell.

    `lines`: its lines of text as grey pieces, from the top. `ink`: darkness of the print from 0 to 1 (that of the
    page); 0 without any. `area`: dark pixels in squares of the height of text. `touches`: print reaches the border of
    the cell, or ruling runs through it. `stroke`: all of it is one upright stroke, a 1 or a piece of ruling.
    `tall`: height of the print in heights of text. `loose`: area of the specks that were left out of the lines.
    `floor`: darkness, as of `ink`, below which print is not told from noise. `lean`: how
    far the print goes to the right for its way up; about 0 in a 1, 0.4 in a slash. `dash`: it is a flat piece, and
    other cells of the page have the like. `line`: it is thin and longer than print, or runs from side to side: a
    streak or a crease. `pale`: it is far less dark than the print of most cells, as what shines through from behind.
    """

    lines: tuple[Pixels, ...] = ()
    ink: float = 0.0
    area: float = 0.0
    touches: bool = False
    stroke: bool = False
    tall: float = 0.0
    loose: float = 0.0
    floor: float = 0.0
    lean: float = 0.0
    dash: bool = False
    line: bool = False
    pale: bool = False


@dataclass(frozen=True, slots=True)
class _Print:
    """A crop before it is cut: its pixels without ruling, and its pieces of ink as (left, top, right, bottom, pixels).

    `seen` are the pieces that are surely no noise; the others count beside them.
    """

    grey: Pixels
    pieces: npt.NDArray[np.int32]
    seen: Flags
    paper: float
    ink: float
    floor: float
    ruled: bool


def cut_cells(grey: Pixels, boxes: Sequence[Box], *, least_text: float = 0.0) -> list[CellCrop]:
    """The print in each box (pixels) of a page with dark ink; a box outside of the page is empty.

    Text is at least as high as `least_text`: where all cells hold dashes, they do not tell how high it is.
    """
    contrast = measure_darkness(grey)
    blur = min(max(BLUR * float(np.median([box[3] - box[1] for box in boxes])), BLURS[0]), BLURS[1]) if boxes else 1.0
    prints = [_find_print(grey, box, contrast, blur) for box in boxes]
    inked = [CellPieces(p.grey, p.pieces, p.seen, p.paper) if p is not None else None for p in prints]
    dashes = find_dashes(inked, contrast, least_text=least_text)
    height = max(_measure_text([found for number, found in enumerate(prints) if number not in dashes]), least_text)
    return _mark_pale(
        _cut_print(found, height, dashes.get(number)) if found is not None else CellCrop()
        for number, found in enumerate(prints)
    )


def _mark_pale(crops: Iterable[CellCrop]) -> list[CellCrop]:
    """The crops with those marked whose print is far less dark than most that is as high as text."""
    crops = list(crops)
    inks = [crop.ink for crop in crops if crop.lines and DIGITS[0] <= crop.tall <= DIGITS[1]]
    least = min(PALE * float(np.percentile(inks, USUAL)), PALEST) if len(inks) >= MIN_INKED else 0.0
    shares = [1.0 if crop.tall >= DIGITS[0] else LOW for crop in crops]
    return [
        replace(crop, pale=True) if crop.lines and crop.ink < share * least else crop
        for crop, share in zip(crops, shares, strict=True)
    ]


def measure_darkness(grey: Pixels) -> float:
    """Grey levels between the paper of a page and its ink: what all of its darkest print is like."""
    sample = grey[::3, ::3]
    if not sample.size:
        return 0.0
    ink = find_ink(sample)
    if not ink.any() or ink.all():
        return 0.0
    return float(np.median(sample[~ink])) - float(np.median(sample[ink]))


def _find_print(grey: Pixels, box: Box, contrast: float, blur: float) -> _Print | None:
    height, width = grey.shape
    left, top = max(round(box[0]) - MARGIN, 0), max(round(box[1]) - MARGIN, 0)
    right, bottom = min(round(box[2]) + MARGIN, width), min(round(box[3]) + MARGIN, height)
    if right - left < 4 or bottom - top < 4 or contrast < MIN_CONTRAST:
        return None
    crop = grey[top:bottom, left:right]
    smooth = smooth_piece(crop, blur)
    paper = float(np.percentile(smooth, 75))
    dark = smooth < paper - RULE_DARK * contrast
    rules = _find_rules(dark)
    smooth = np.where(rules, np.float32(paper), smooth)
    least = max(FAINT * contrast, NOISE * _measure_noise(smooth))
    count = max(round(DIGIT_SHARE * (bottom - top) ** 2), 6)
    darkest = float(np.mean(np.partition(smooth, min(count, smooth.size - 1), axis=None)[:count]))
    pieces, levels = find_pieces(smooth, paper - max(DARK * (paper - darkest), 0.7 * least))
    kept = _find_sound(pieces, crop.shape[1], crop.shape[0])
    pieces, seen = pieces[kept], levels[kept] < paper - least
    ink = min(max((paper - darkest) / contrast, 0.0), 1.0) if seen.any() else 0.0
    cleared = np.where(rules, np.uint8(paper), crop)
    return _Print(cleared, pieces, seen, paper, ink, least / contrast, _crosses(rules))


def _measure_noise(smooth: Floats) -> float:
    """Grey levels of the deviation of paper, from the third of it below the median, which print seldom reaches."""
    return float(np.median(smooth) - np.percentile(smooth, 30)) / 0.524


def _find_rules(dark: Flags) -> Flags:
    """The ruling along the sides of a crop, and one pixel of blur around.

    It is dark from end to end; at the very side it may be dashed, dark here and there along all of its length. A line
    that was followed along a side is all of the ruling there: print that touches it is none.
    """
    height, width = dark.shape
    depth, reach = max(round(height * RULE_ZONE), MARGIN + 2), max(round(min(width, height) * RULE_ZONE), MARGIN + 2)
    side = max(round(DASHED_ZONE * height), 2 * MARGIN + 1)
    above, below = _follow_wall(dark.T).T, _follow_wall(dark[::-1].T).T[::-1]
    left, right = _follow_wall(dark), _follow_wall(dark[:, ::-1])[:, ::-1]
    rows, columns = _find_full(dark, depth, side), _find_full(dark.T, reach, side)
    rows[: height // 2] &= not above.any()
    rows[height // 2 :] &= not below.any()
    columns[: width // 2] &= not left.any()
    columns[width // 2 :] &= not right.any()
    followed = above | below | left | right
    return np.asarray(followed | _widen(rows)[:, None] | _widen(columns)[None, :])


def _find_full(dark: Flags, depth: int, side: int) -> Flags:
    """Which rows of a crop are ruling: full ones down to a depth from its sides, and dashed ones at its sides."""
    share = dark.mean(axis=1)
    full, dashed = share >= RULE_LENGTH, share >= DASHED
    for part in np.array_split(dark, PARTS, axis=1) if dark.shape[1] >= PARTS else ():
        dashed &= part.any(axis=1)
    full[depth : len(dark) - depth] = False
    dashed[side : len(dark) - side] = False
    return np.asarray(full | dashed)


def _follow_wall(dark: Flags) -> Flags:
    """A thin line near the left side of a crop, from its top to its bottom, as wide as where nothing touches it."""
    height, width = dark.shape
    reach = max(WALL_START[0], round(WALL_START[1] * height))
    wall, depth = np.zeros_like(dark), min(2 * reach, width)
    free = np.flatnonzero(dark.mean(axis=1) < WALL_CROSSED)
    if len(free) < MIN_FOLLOWED:
        return wall
    zone, columns = dark[free, :depth], np.arange(depth)
    starts = zone.argmax(axis=1)
    inked = zone.any(axis=1) & (starts < reach)
    end = max(round(WALL_ENDS * len(free)), 1)
    if inked.mean() < WALL_ROWS or inked[:end].mean() + inked[-end:].mean() < 2 * WALL_ROWS - WALL_GAP:
        return wall
    ends = np.where((columns > starts[:, None]) & ~zone, columns, depth).min(axis=1)
    usual = float(np.percentile((ends - starts)[inked], 30))
    clear = inked & (ends - starts <= usual + 1)
    if usual > WALL_WIDTH * height or clear.sum() < WALL_ROWS / 2 * len(free):
        return wall
    middles = (starts + ends - 1)[clear] / 2
    slope, start = np.polyfit(free[clear], middles, 1)
    line = slope * np.arange(height) + start
    if float(np.median(np.abs(middles - line[free[clear]]))) > 1.0:
        return wall
    blur = np.ones(height)
    blur[free[~clear]] = 0.0  # print touches it there, and keeps its own edge
    wall[:, :depth] = np.abs(columns - line[:, None]) <= (usual / 2 + blur)[:, None]
    return wall


def _widen(line: Flags) -> Flags:
    wider = line.copy()
    wider[1:] |= line[:-1]
    wider[:-1] |= line[1:]
    return wider


def _crosses(rules: Flags) -> bool:
    """Whether ruling was found farther inside than where the cell's own runs."""
    deep = 3 * MARGIN + 2
    return bool(rules[deep:-deep, deep:-deep].any())


def _find_sound(pieces: npt.NDArray[np.int32], width: int, height: int) -> Flags:
    """Which pieces are no rests of ruling: thin ones along a side, that reach the edge of the crop."""
    left, top, right, bottom, pixels = pieces.T
    wide, high = right - left, bottom - top
    edge = MARGIN + 1
    beside = (right <= 3 * edge) | (left >= width - 3 * edge)
    above = (bottom <= 3 * edge) | (top >= height - 3 * edge)
    at_side = (left <= edge) | (right >= width - edge)
    at_end = (top <= edge) | (bottom >= height - edge)
    rest = (at_side & beside & (wide <= 2 * edge)) | (at_end & above & (high <= 2 * edge))
    return np.asarray(~rest & (pixels >= 2))


def _measure_text(prints: Sequence[_Print | None]) -> float:
    """Height of a digit in pixels: the median of what stands in the cells."""
    sure = [found.pieces[found.seen] for found in prints if found is not None and found.seen.any()]
    highs = [int((pieces[:, 3] - pieces[:, 1]).max()) for pieces in sure]
    rooms = [found.grey.shape[0] for found in prints if found]
    if not rooms:
        return 1.0
    guess = GUESSED_HEIGHT * min(rooms)
    sound = [high for high in highs if high >= 5]
    return float(np.median(sound)) if len(sound) >= 5 else max([guess, *map(float, sound)])


def _cut_print(found: _Print, height: float, dash: int | None) -> CellCrop:
    """The lines of a print, of a page with text so high; all of it is its piece `dash`, where it has one."""
    pieces = _gather_pieces(_drop_lines(found, height), height) if dash is None else found.pieces[[dash]]
    loose = float((found.pieces[found.seen, 4].sum() - pieces[:, 4].sum()) / height**2)
    if not len(pieces):
        return CellCrop(ink=found.ink, loose=loose, floor=found.floor)
    left, top, right, bottom = pieces[:, 0].min(), pieces[:, 1].min(), pieces[:, 2].max(), pieces[:, 3].max()
    room, width = found.grey.shape
    edge = MARGIN
    touches = bool(left <= edge or top <= edge or right >= width - edge or bottom >= room - edge)
    lines = _split_lines(pieces, height)
    return CellCrop(
        tuple(_cut_line(found, line, height) for line in lines),
        found.ink,
        float(pieces[:, 4].sum() / height**2),
        touches or found.ruled,
        bool(right - left <= 0.3 * (bottom - top)),
        float((bottom - top) / height),
        max(loose, 0.0),
        found.floor,
        _measure_lean(found, pieces),
        dash is not None,
        bool(_are_lines(right - left, bottom - top, pieces[:, 4].sum(), found.grey.shape, height)),
    )


def _drop_lines(found: _Print, height: float) -> _Print:
    """A print without the pieces that are lines through its cell, where others are as large as characters."""
    left, top, right, bottom, pixels = found.pieces.T
    across, down = right - left, bottom - top
    lines = _are_lines(across, down, pixels, found.grey.shape, height)
    if not lines.any() or not (found.seen & ~lines & (np.maximum(across, down) >= CHARACTER * height)).any():
        return found
    return replace(found, pieces=found.pieces[~lines], seen=found.seen[~lines])


def _are_lines(across: Sizes, down: Sizes, pixels: Sizes, shape: tuple[int, ...], height: float) -> Flags:
    """Which prints so wide, so high and of so many pixels are lines through a cell, on a page with text so high."""
    wider = across > down
    length, width = np.maximum(across, down), np.minimum(across, down)
    room = np.where(wider, shape[1], shape[0]) - 2 * MARGIN
    longer = length >= np.where(wider, LONGEST, LONG) * height
    longer |= length >= np.maximum(ALONG * room, MORE * height)
    thin = (pixels <= THIN * height * length) & (width <= WIDEST * height)
    return np.asarray(longer & thin & (width * LONG <= length))


def _measure_lean(found: _Print, pieces: npt.NDArray[np.int32]) -> float:
    """The slope of the ink's columns over its rows, upwards."""
    left, top, right, bottom = pieces[:, 0].min(), pieces[:, 1].min(), pieces[:, 2].max(), pieces[:, 3].max()
    weights = np.maximum(found.paper - found.grey[top:bottom, left:right].astype(np.float64), 0.0)
    weights = np.where(weights >= 0.5 * weights.max(initial=0.0), weights, 0.0)
    if not weights.any():
        return 0.0
    ys, xs = np.mgrid[top:bottom, left:right].astype(np.float64)
    y, x = np.average(ys, weights=weights), np.average(xs, weights=weights)
    spread = float(np.average((ys - y) ** 2, weights=weights))
    return float(-np.average((ys - y) * (xs - x), weights=weights)) / spread if spread else 0.0


def _gather_pieces(found: _Print, height: float) -> npt.NDArray[np.int32]:
    """The pieces as large as characters and the specks near them; none where there are only specks."""
    pieces = found.pieces
    size = np.maximum(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    chosen = found.seen & (size >= SPECK * height)
    chosen &= pieces[:, 4] >= SLIGHT * pieces[:, 4].max(where=chosen, initial=0)
    for _ in range(NEIGHBOURS if chosen.any() else 0):
        body, reach = pieces[chosen], REACH * height
        near = (pieces[:, 2] > body[:, 0].min() - reach) & (pieces[:, 0] < body[:, 2].max() + reach)
        near &= (pieces[:, 3] > body[:, 1].min()) & (pieces[:, 1] < body[:, 3].max() + 0.2 * height)
        chosen |= near & (found.seen | (size >= SPECK * height))
    return np.asarray(pieces[chosen])


def _split_lines(pieces: npt.NDArray[np.int32], height: float) -> list[npt.NDArray[np.int32]]:
    """Pieces in lines of text, from the top: parted where no ink stands."""
    order = np.argsort(pieces[:, 1], kind="stable")
    lines: list[list[int]] = []
    bottom = -1.0
    for index in order:
        if lines and pieces[index, 1] < bottom:
            lines[-1].append(index)
        else:
            lines.append([index])
        bottom = max(bottom, float(pieces[index, 3]))
    chosen = [pieces[line] for line in lines]
    high = [float(line[:, 3].max() - line[:, 1].min()) >= 0.6 * height for line in chosen]
    return chosen if 1 < len(chosen) <= FEW_LINES and all(high) else [pieces]


def _cut_line(found: _Print, pieces: npt.NDArray[np.int32], height: float) -> Pixels:
    """A line with paper around: a dash or a dot keeps the height of text, so that it is not blown up."""
    left, top, right, bottom = pieces[:, 0].min(), pieces[:, 1].min(), pieces[:, 2].max(), pieces[:, 3].max()
    middle, half = (top + bottom) / 2, max(float(bottom - top), height) * 0.5 + ABOVE * height
    beside = round(BESIDE * height)
    box = (int(left) - beside, round(middle - half), int(right) + beside, round(middle + half))
    piece = _take(found, box)
    smooth = smooth_piece(piece, SMOOTH * piece.shape[0]) if SMOOTH * piece.shape[0] >= 0.5 else piece
    return np.asarray(np.rint(smooth), np.uint8)


def _take(found: _Print, box: tuple[int, int, int, int]) -> Pixels:
    """A box of a crop, with paper where it reaches beyond."""
    left, top, right, bottom = box
    height, width = found.grey.shape
    taken = np.full((max(bottom - top, 1), max(right - left, 1)), round(found.paper), np.uint8)
    inner = found.grey[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    taken[max(-top, 0) : max(-top, 0) + inner.shape[0], max(-left, 0) : max(-left, 0) + inner.shape[1]] = inner
    return taken
