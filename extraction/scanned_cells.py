"""The cells of tables on scans: each read on its own, and put together with what the reader of pages saw in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from statistics import median
from typing import TYPE_CHECKING

from extraction.rows import Kind, find_kind
from extraction.tables.page_table import UNRULED
from extraction.tables.page_text import is_latin
from models.document import Cell, Table
from models.numbers import UNREADABLE, State, Value, parse_value, prints_number
from models.page import Box, scale_box
from models.picture import Candidate, ScannedPage, SeenCell, SeenCharacter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# Those of `AgreementFeatures`, then those of the page and of the place of the cell on it, and how that was found.
PICTURE_FEATURES = (
    "agree", "silent", "page_score", "cell_score", "margin", "rest", "support", "length", "ink", "area", "loose",
    "tall", "floor", "lean", "lines", "touches", "stroke",
    "best", "second", "height", "width", "stamped", "skew", "contrast", "noise", "mended",
)  # fmt: skip
TICKS = frozenset("√✓✔ˇ")
SPECKS = frozenset(".,、·•°。'’‘`´\"^~:;*＊﹒")  # no number begins or ends with one; a zero read as `。` is read anew
SHORT = 2  # characters: what the reader of pages makes of a number that it cannot read is not longer
LATIN = 8  # the same where there is no Chinese in it
ODD = 0.05  # of a text that is neither number nor mark, against one that is
USUAL = 0.3  # of the rows with a number in the fullest column: the ordinal of a label is no column of numbers
LEAST_TEXT = 0.45  # of the height of Chinese characters: digits of the same page are higher
LEAST = 0.3  # of the best candidate: below it nobody can say what is printed
MAX_CELLS = 4_000  # of one document; the statutory tables have 200


def read_scanned_tables(
    tables: Sequence[Table], scans: Sequence[ScannedPage], *, wanted: Collection[int]
) -> tuple[Table, ...]:
    """The tables with every cell read that may hold a number; `wanted` are those to read, counted from 0.

    Cells that were read before are left as they are. The texts of the others become the most probable readings, where
    these are numbers or marks; labels stay.
    """
    pages = {scan.number: scan for scan in scans if scan.packed}
    heads = {number: _find_head_rows(tables[number]) for number in wanted if number < len(tables)}
    places = [
        (number, index)
        for number, table in enumerate(tables)
        if number in wanted
        for index, cell in enumerate(table.cells)
        if cell.box is not None and cell.seen is None and cell.evidence.page in pages
        if cell.row not in heads[number] and _may_hold_value(cell)
    ][:MAX_CELLS]
    by_page: dict[int, list[tuple[int, int]]] = {}
    for number, index in places:
        by_page.setdefault(tables[number].cells[index].evidence.page or 0, []).append((number, index))
    read: dict[tuple[int, int], Cell] = {}
    for page, found in by_page.items():
        cells = [tables[number].cells[index] for number, index in found]
        free = {index for index, (number, _) in enumerate(found) if tables[number].layout == UNRULED}
        seen = read_boxes(pages[page], [cell.box for cell in cells if cell.box is not None], unruled=free)
        read |= {
            place: _take_reading(cell, _add_origin(own, cell))
            for place, cell, own in zip(found, cells, seen, strict=True)
        }
    return tuple(
        replace(table, cells=tuple(read.get((number, index), cell) for index, cell in enumerate(table.cells)))
        if number in wanted
        else table
        for number, table in enumerate(tables)
    )


def _add_origin(seen: SeenCell, cell: Cell) -> SeenCell:
    return replace(seen, features=(*seen.features[:-1], float(cell.mended)))


def _may_hold_value(cell: Cell) -> bool:
    """Whether a cell may print a number; where a row was parted at its columns one may, though a stamp lies over it."""
    kind = find_kind(cell.text)
    short = len(cell.text.strip()) <= (LATIN if is_latin(cell.text) else SHORT)
    return cell.mended or kind in (Kind.BLANK, Kind.VALUE, Kind.ODD) or short


def _find_head_rows(table: Table) -> set[int]:
    """The rows above the first with numbers that have words where these stand: their empty cells hold no number.

    What stands beside headings without ruling is cut off in such cells, and reads as a dash.
    """
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    numbers = {row: [c.column for c in cells if prints_number(c.text)] for row, cells in rows.items()}
    words = {row: [c.column for c in cells if _is_word(c.text)] for row, cells in rows.items()}
    valued = [row for row in rows if len(numbers[row]) > len(words[row]) or (numbers[row] and len(words[row]) == 1)]
    if not valued:
        return set()
    first = min(valued)
    counts = Counter(column for row in valued for column in numbers[row])
    start = min(column for column, count in counts.items() if count >= USUAL * max(counts.values()))
    return {row for row in rows if row < first and any(column >= start for column in words[row])}


def _is_word(text: str) -> bool:
    return find_kind(text) is Kind.LABEL and sum(character >= "\u3400" for character in text) > 1


def read_boxes(scan: ScannedPage, boxes: Sequence[Box], *, unruled: Collection[int] = ()) -> list[SeenCell]:
    """What stands in boxes (points of the upright page) by both readers, in their order; none of them was mended.

    The sides of those that nothing bounds, `unruled` by index, are moved out of the print that they cut.
    """
    from extraction.pictures.packing import unpack_pixels
    from extraction.recognition.agreement import make_page_candidates, merge_candidates
    from extraction.recognition.cell_reader import read_cells
    from extraction.recognition.page_reader import PrintedCharacter

    grey = unpack_pixels(scan.packed)
    mask = unpack_pixels(scan.stamped) if scan.stamped else None
    scaled = [scale_box(box, scan.scale) for box in boxes]
    if unruled:
        from extraction.recognition.cell_sides import settle_sides

        settled = settle_sides(grey, [scaled[index] for index in unruled], reach=_measure_text(scan))
        scaled = [settled.get(box, box) for box in scaled]
    readings = read_cells(grey, scaled, least_text=LEAST_TEXT * _measure_text(scan))
    seen = []
    for box, pixels, reading in zip(boxes, scaled, readings, strict=True):
        place = scale_box(pixels, 1 / scan.scale)
        held = [
            PrintedCharacter(c.text, c.box, c.probability) for c in drop_specks(find_characters(scan.characters, place))
        ]
        evidence = merge_candidates(make_page_candidates(held), reading)
        candidates = weigh_prints(evidence.candidates)
        stamped = _measure_stamp(mask, pixels)
        features = (
            *map(float, astuple(evidence.features)),
            candidates[0].probability if candidates else 0.0,
            candidates[1].probability if len(candidates) > 1 else 0.0,
            box[3] - box[1],
            box[2] - box[0],
            stamped,
            abs(scan.skew),
            scan.contrast,
            scan.noise,
            0.0,
        )
        seen.append(SeenCell(candidates, features))
    return seen


def weigh_prints(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with those weighed down that no cell of numbers prints, as often as such cells are met with.

    What all of them lack to 1 stays.
    """
    odd = [parse_value(c.text, unit="万元", kind="decimal").state is State.UNREADABLE for c in candidates]
    weights = [c.probability * (ODD if strange else 1.0) for c, strange in zip(candidates, odd, strict=True)]
    total, known = sum(weights), sum(c.probability for c in candidates)
    if not total or not any(odd):
        return tuple(candidates)
    weighed = [Candidate(c.text, w / total * known) for c, w in zip(candidates, weights, strict=True)]
    return tuple(sorted(weighed, key=lambda candidate: -candidate.probability))


def find_characters(characters: Iterable[SeenCharacter], box: Box) -> list[SeenCharacter]:
    """The characters whose middle is in a box, line by line from the left."""
    left, top, right, bottom = box
    held = [
        c for c in characters if left <= (c.box[0] + c.box[2]) / 2 < right and top <= (c.box[1] + c.box[3]) / 2 < bottom
    ]
    lines: list[list[SeenCharacter]] = []
    for character in sorted(held, key=lambda c: c.box[1] + c.box[3]):
        middle = (character.box[1] + character.box[3]) / 2
        if lines and middle <= max(c.box[3] for c in lines[-1]):
            lines[-1].append(character)
        else:
            lines.append([character])
    return [character for line in lines for character in sorted(line, key=lambda c: c.box[0])]


def drop_specks(characters: Sequence[SeenCharacter]) -> list[SeenCharacter]:
    """Characters of a number cell without ticks beside the print, and without dust around it read as points."""
    kept = [character for character in characters if character.text not in TICKS]
    while kept and kept[0].text in SPECKS:
        kept = kept[1:]
    while kept and kept[-1].text in SPECKS:
        kept = kept[:-1]
    return kept


def _measure_text(scan: ScannedPage) -> float:
    """How high Chinese characters of a page are, in pixels; 0 where it has none."""
    heights = [c.box[3] - c.box[1] for c in scan.characters if c.text >= "\u3400"]
    return median(heights) * scan.scale if heights else 0.0


def _measure_stamp(mask: NDArray[np.uint8] | None, box: Box) -> float:
    """The share of a box (pixels) that was taken out by its colour."""
    if mask is None:
        return 0.0
    left, top, right, bottom = (max(round(side), 0) for side in box)
    part = mask[top:bottom, left:right]
    return float((part > 127).mean()) if part.size else 0.0


def _take_reading(cell: Cell, seen: SeenCell) -> Cell:
    """The cell with what was seen; its text too, where that is a value and the reader of pages is outvoted."""
    best = _find_likely(seen)
    if best is None:
        return replace(cell, text="" if cell.mended else cell.text, seen=seen)
    if find_kind(cell.text) in (Kind.LABEL, Kind.UNIT):
        if cell.mended:  # the place of a number, whatever lies over it
            return replace(cell, text=best if find_kind(best) is Kind.VALUE else "", seen=seen)
        most = SHORT if any(map(str.isdecimal, cell.text)) else 1
        short = len(cell.text.strip()) <= (LATIN if is_latin(cell.text) else most)
        value = find_kind(best) is Kind.VALUE and short
        return replace(cell, text=best, seen=seen) if value else cell
    return replace(cell, text=cell.text if _is_same(cell.text, best) else best, seen=seen)


def _find_likely(seen: SeenCell) -> str | None:
    """The most probable candidate that is a number, a mark or empty; others only where none of these has weight."""
    likely = [candidate for candidate in seen.candidates if candidate.probability >= LEAST]
    sound = [c for c in likely if parse_value(c.text, unit="万元", kind="decimal").state is not State.UNREADABLE]
    return next((candidate.text for candidate in [*sound, *likely]), None)


def _is_same(text: str, other: str) -> bool:
    first, second = (parse_value(t, unit="万元", kind="decimal") for t in (text, other))
    return first == second and first.state in (State.NUMBER, State.BLANK)


def read_seen(seen: SeenCell, text: str, options: Mapping[str, str]) -> tuple[Value, str | None]:
    """State and value of a cell of a scan, and its print; `options` are those of `parse_value`.

    What no candidate says with any weight is unreadable.
    """
    best = _find_likely(seen)
    if best is None:
        return UNREADABLE, text or None
    value = parse_value(best, **options)
    if parse_value(text, **options) == value and text:
        best = text
    return value, (best if value.state is not State.BLANK else None)
