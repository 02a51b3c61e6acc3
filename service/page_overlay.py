"""Evidence drawn over the picture of a page: a box for every cell read, coloured by confidence, and a legend."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFont

from extraction.readers.page_pictures import PagePicture, count_pages, render_page
from extraction.readers.source import read_source
from models.document import DocumentError
from models.form import load_forms
from models.page import Box
from service.bulk import read_records
from service.reading import ReadOptions

Color = tuple[int, int, int]
ALL = "all"
Pixels = tuple[int, int, int, int]
WHITE: Color = (255, 255, 255)
INK: Color = (45, 50, 56)
ODDS: Color = (128, 60, 170)  # of a line under cells in a sum that does not hold
STRIP: Color = (246, 247, 249)
BORDER: Color = (205, 210, 216)
MARGIN = 1.4  # points between the print and its box, or between a box and the walls of its empty cell
BADGE_SIZE = 6.5  # points
LEGEND_SIZE = 8.0
MIN_FONT = 10  # pixels
MIN_WIDTH = 560  # pixels of a legend
LIGHT = 200  # of 255: no ink is as light


@dataclass(frozen=True, slots=True)
class Level:
    """What a colour says of a cell; it holds from a confidence on."""

    title: str
    review: bool
    confidence: float
    color: Color
    tint: Color


# The first that holds is taken.
LEVELS = (
    Level(
        "accepted, confidence 0.9999 or more",
        review=False,
        confidence=0.9999,
        color=(27, 127, 79),
        tint=(224, 243, 232),
    ),
    Level("accepted, less", review=False, confidence=0.0, color=(104, 150, 42), tint=(236, 243, 214)),
    Level("review, confidence 0.9 or more", review=True, confidence=0.9, color=(214, 132, 8), tint=(255, 236, 190)),
    Level("review, less", review=True, confidence=0.0, color=(200, 44, 48), tint=(255, 217, 214)),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A box in pixels with all cells that it is the evidence of; the least certain gives the level (an index).

    `at_odds` where one of them is in a sum that does not hold.
    """

    box: Pixels
    level: int
    reasons: tuple[str, ...]
    at_odds: bool


@dataclass(frozen=True, slots=True)
class _Item:
    """A part of the legend: words, after a sample of a colour (filled with the tint, else a line) or a badge."""

    text: str
    color: Color | None = None
    tint: Color | None = None
    badge: str = ""


def draw_document(
    path: str, page: str, out: Path | None, *, dpi: float, form_id: str | None = None, password: str | None = None
) -> Iterator[tuple[str, bool]]:
    """Read a document and write a page of it, or all, as pictures; gives what to say of each, and whether it was drawn.

    `page` is a number from 1 or `all`. `out` is a PNG file, by default NAME-page-N.png in the current folder; of all
    pages each gets its number. Raises `ValueError` for a document without pages, a page that it does not have, another
    kind of picture than PNG, or a form that is not known.
    """
    if out is not None and out.suffix.lower() != ".png":
        raise ValueError(f"pictures are written as PNG: {out} has another suffix")
    if form_id is not None and form_id not in load_forms():
        raise ValueError(f"there is no form {form_id}: known are {', '.join(load_forms())}")
    try:
        source = replace(read_source(path), password=password)
        numbers = choose_pages(page, count_pages(source))
    except DocumentError as error:
        yield f"{path}: {error.code}: {error.message}", False
        return
    record = json.loads(next(read_records([path], workers=1, options=ReadOptions(password=password))))
    if "error" in record:
        yield f"{path}: {record['error']['code']}: {record['error']['message']}", False
        return
    for number in numbers:
        target = _name_picture(path, out, number, several=page == ALL)
        try:
            picture = render_page(source, number, dpi=dpi)
        except DocumentError as error:
            yield f"{path}: {error.code}: {error.message}", False
            continue
        cells = find_cells(record, number, form_id=form_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        draw_page(picture, record, form_id=form_id).save(target, format="PNG")
        yield f"{target}: {len(cells)} cells, {sum(cell['review'] for cell in cells)} for review", True


def choose_pages(page: str, count: int) -> Sequence[int]:
    """The numbers of the pages that `page` names, a number or `all`; raises `ValueError` where there are none."""
    if page == ALL:
        return range(1, count + 1)
    if not (page.isascii() and page.isdigit()):
        raise ValueError(f"a page is a number or {ALL}, not {page!r}")
    if not 1 <= int(page) <= count:
        raise ValueError(f"there is no page {int(page)}: the document has {count}")
    return (int(page),)


def _name_picture(path: str, out: Path | None, number: int, *, several: bool) -> Path:
    if out is None:
        return Path(f"{Path(path).stem}-page-{number}.png")
    return out.with_name(f"{out.stem}-page-{number}{out.suffix}") if several else out


def draw_page(picture: PagePicture, record: Mapping[str, Any], *, form_id: str | None = None) -> Image.Image:
    """The page with the boxes of its cells and a legend below; `form_id` leaves only the cells of that form."""
    cells = find_cells(record, picture.number, form_id=form_id)
    at_odds = frozenset(field for finding in record["findings"] for field in finding["cells"])
    marks = make_marks(cells, picture, at_odds)
    numbers = {code: str(number) for number, code in enumerate(_list_reasons(marks), 1)}
    unit = sum(picture.scale) / 2
    image = _draw_marks(picture.image, marks, unit)
    _draw_badges(image, picture.image.convert("L"), marks, numbers, unit)
    title = f"page {picture.number} of {record['pages']}"
    count = sum(cell["id"] in at_odds for cell in cells)
    return _add_legend(image, _make_legend(title, cells, numbers, at_odds=count), unit)


def find_cells(record: Mapping[str, Any], page: int, *, form_id: str | None = None) -> list[Mapping[str, Any]]:
    """The cells of a record whose evidence is a box on the page, counted from 1."""
    return [
        cell
        for cell in record["cells"]
        if form_id in (None, cell["form"])
        and cell["evidence"]
        and cell["evidence"].get("page") == page
        and "bbox" in cell["evidence"]
    ]


def make_marks(
    cells: Iterable[Mapping[str, Any]], picture: PagePicture, at_odds: frozenset[str] = frozenset()
) -> list[Mark]:
    """The boxes to draw, in pixels, those for review last so that they lie on top.

    `at_odds` are the ids of the cells in sums that do not hold.
    """
    groups: dict[tuple[float, ...], list[Mapping[str, Any]]] = {}
    for cell in cells:
        groups.setdefault(tuple(cell["evidence"]["bbox"]), []).append(cell)
    marks = []
    for (left, top, right, bottom), members in groups.items():
        # Around print there is room, an empty cell reaches to its walls.
        margin = MARGIN if any(cell["raw"] is not None or cell["state"] == "missing" for cell in members) else -MARGIN
        box = _place_box((left - margin, top - margin, right + margin, bottom + margin), picture)
        reasons = dict.fromkeys(code for cell in members for code in cell["reasons"])
        odd = any(cell["id"] in at_odds for cell in members)
        marks.append(Mark(box, max(map(find_level, members)), tuple(reasons), odd))
    return sorted(marks, key=lambda mark: mark.level)


def find_level(cell: Mapping[str, Any]) -> int:
    """The index in `LEVELS` of a cell."""
    return next(
        index
        for index, level in enumerate(LEVELS)
        if level.review == cell["review"] and cell["confidence"] >= level.confidence
    )


def _place_box(box: Box, picture: PagePicture) -> Pixels:
    """From points to pixels that are on the picture, at least one wide and high."""
    across, down = picture.scale
    left, right = (min(max(round(x * across), 0), picture.image.width - 1) for x in (box[0], box[2]))
    top, bottom = (min(max(round(y * down), 0), picture.image.height - 1) for y in (box[1], box[3]))
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def _list_reasons(marks: Iterable[Mark]) -> list[str]:
    """The reasons on a page, the most frequent first."""
    counts = Counter(code for mark in marks for code in mark.reasons)
    return sorted(counts, key=lambda code: (-counts[code], code))


def _draw_marks(image: Image.Image, marks: Sequence[Mark], unit: float) -> Image.Image:
    """Tints under the print, so that digits stay as dark as they are, and outlines over it."""
    tints = Image.new("RGB", image.size, WHITE)
    painter = ImageDraw.Draw(tints)
    for mark in marks:
        painter.rectangle(mark.box, fill=LEVELS[mark.level].tint)
    image = ImageChops.multiply(image, tints)
    painter = ImageDraw.Draw(image)
    thin = max(1, round(0.6 * unit))
    for mark in marks:
        level = LEVELS[mark.level]
        painter.rectangle(mark.box, outline=level.color, width=2 * thin if level.review else thin)
        if mark.at_odds:
            left, _, right, bottom = mark.box
            painter.line((left, bottom + 2 * thin, right, bottom + 2 * thin), fill=ODDS, width=2 * thin)
    return image


def _draw_badges(
    image: Image.Image, page: Image.Image, marks: Sequence[Mark], numbers: Mapping[str, str], unit: float
) -> None:
    """Write the numbers of the reasons beside the boxes, where neither print nor another box is covered.

    `page` is the page without the boxes, in grey.
    """
    painter = ImageDraw.Draw(image)
    font = _load_font(BADGE_SIZE * unit)
    taken = [mark.box for mark in marks]
    for mark in marks:
        known = sorted((numbers[code] for code in mark.reasons), key=int)
        # Where there is no room for all, the rarest reason of the page tells most.
        for text in dict.fromkeys((",".join(known), *known[-1:])):
            place = _find_place(mark.box, _measure(text, font), page, taken)
            if text and place is not None:
                painter.text((place[0] + 1, place[3]), text, fill=LEVELS[mark.level].color, font=font, anchor="ld")
                taken.append(place)
                break


def _find_place(box: Pixels, size: tuple[int, int], page: Image.Image, taken: Sequence[Pixels]) -> Pixels | None:
    """Where a badge of this size covers nothing: beside, over or under a box, or in the corner of a large one."""
    left, top, right, bottom = box
    width, height = size
    middle = (top + bottom - height) // 2
    outside = [(right + 2, middle), (left - width - 1, middle), (left, top - height - 1), (left, bottom + 2)]
    for x, y in outside:
        place = (x, y, x + width, y + height)
        if _is_free(place, page) and not any(_overlap(place, other) for other in taken):
            return place
    inside = (right - width - 3, top + 3, right - 3, top + 3 + height)
    others = (other for other in taken if other != box)
    fits = inside[0] > left + 2 and inside[3] < bottom - 2
    return inside if fits and _is_free(inside, page) and not any(_overlap(inside, o) for o in others) else None


def _is_free(place: Pixels, page: Image.Image) -> bool:
    """Whether a place is on the page and without ink."""
    left, top, right, bottom = place
    if left < 0 or top < 0 or right >= page.width or bottom >= page.height:
        return False
    return page.crop((left, top, right + 1, bottom + 1)).getextrema()[0] >= LIGHT  # type: ignore[operator]


def _overlap(one: Pixels, other: Pixels) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _load_font(pixels: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow brings: letters and digits, on any machine."""
    return ImageFont.load_default(max(MIN_FONT, round(pixels)))


def _measure(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> tuple[int, int]:
    """Width and height of words with the room around them."""
    left, top, right, bottom = font.getbbox(text)
    return round(right - left) + 2, round(bottom - top) + 2


def _make_legend(
    title: str, cells: Sequence[Mapping[str, Any]], numbers: Mapping[str, str], *, at_odds: int
) -> list[list[_Item]]:
    """The lines of the legend: the forms with their counts, the levels with theirs, the reasons with their numbers."""
    forms = Counter(cell["form"] for cell in cells)
    reviewed = Counter(cell["form"] for cell in cells if cell["review"])
    levels = Counter(map(find_level, cells))
    counts = [_Item(f"{form}: {count} cells, {reviewed[form]} for review") for form, count in forms.items()]
    odds = [_Item(f"in a sum that does not hold: {at_odds}", ODDS)] if at_odds else []
    lines = [
        [_Item(title), *(counts or [_Item("no cells of a form were read here")])],
        [*(_Item(f"{level.title}: {levels[index]}", level.color, level.tint) for index, level in enumerate(LEVELS))],
        [*odds, *(_Item(code, badge=number) for code, number in numbers.items())],
    ]
    return [line for line in lines if line]


def _add_legend(image: Image.Image, lines: Sequence[Sequence[_Item]], unit: float) -> Image.Image:
    """The picture with a strip at its foot; a narrow one is widened so that the words fit."""
    font = _load_font(LEGEND_SIZE * unit)
    step = round(1.7 * _measure("Ag", font)[1])
    width = max(image.width, MIN_WIDTH)
    rows = [row for line in lines for row in _wrap_items(line, width - 2 * step, font, step)]
    whole = Image.new("RGB", (width, image.height + step * (len(rows) + 1)), STRIP)
    whole.paste(image, ((width - image.width) // 2, 0))
    painter = ImageDraw.Draw(whole)
    painter.line((0, image.height, width, image.height), fill=BORDER)
    for number, row in enumerate(rows):
        x, y = step, image.height + step * (number + 1)
        for item in row:
            _draw_item(painter, item, (x, y), font, step)
            x += _measure_item(item, font, step)
    return whole


def _wrap_items(
    items: Sequence[_Item], width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, step: int
) -> list[list[_Item]]:
    rows: list[list[_Item]] = [[]]
    free = width
    for item in items:
        needed = _measure_item(item, font, step)
        if rows[-1] and needed > free:
            rows.append([])
            free = width
        rows[-1].append(item)
        free -= needed
    return rows


def _measure_item(item: _Item, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, step: int) -> int:
    """How far to the right of an item the next one stands."""
    return round(font.getlength(item.text)) + step * (2 if item.color or item.badge else 1)


def _draw_item(
    painter: ImageDraw.ImageDraw,
    item: _Item,
    middle: tuple[int, int],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    step: int,
) -> None:
    """Draw an item to the right of a point, its middle at the height of it."""
    x, y = middle
    half = step // 3
    if item.color and item.tint:
        painter.rectangle((x, y - half, x + 2 * half, y + half), fill=item.tint, outline=item.color, width=2)
    elif item.color:
        painter.line((x, y + half, x + 2 * half, y + half), fill=item.color, width=2)
    if item.badge:
        painter.text((x, y), item.badge, fill=LEVELS[-2].color, font=font, anchor="lm")
    if item.color or item.badge:
        x += step
    painter.text((x, y), item.text, fill=INK, font=font, anchor="lm")
