"""The pages of a PDF file by pdfium: characters with tight boxes, rules, shading and pictures, a page at a time."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from extraction.readers.limits import MAX_PAGE_CHARACTERS, MAX_PAGE_OBJECTS, MAX_PAGES
from extraction.readers.page_characters import BLANK, BLANKS, UNKNOWN, RawCharacter, fold_character, place_characters
from extraction.readers.page_rules import Fill, find_boxes, find_lines, merge_rules, part_fills
from extraction.readers.page_turns import (
    STILL,
    Matrix,
    Turn,
    bound_points,
    clip_boxes,
    find_direction,
    find_turn,
    move_point,
    multiply_matrices,
)
from models.document import DocumentError, Problem, Source
from models.page import Box, Page

MIN_SIZE = 0.5  # points: smaller print cannot be seen
Color = tuple[int, int, int, int]
PAPER = 250  # of 255: a colour as light is that of the paper
MIN_ALPHA = 13  # of 255
FULL_PICTURE = 0.6  # of the page, from which on a picture may hide a text layer
MAX_SEGMENTS = 4_000  # of one path; a table drawn as one has some hundred
MAX_DEPTH = 12  # of forms in forms
MAX_LOADED = 32  # pages; pdfium keeps the fonts and pictures of every page it has loaded, up to 0.8 MB a page


class PdfPages:
    """The pages of an open PDF file; made by `open_pages`."""

    def __init__(self, document: Any, count: int, load: Callable[[], Any]) -> None:
        self._document = document
        self._load = load
        self._loaded = 0
        self.count = count

    def __iter__(self) -> Iterator[Page | Problem]:
        """Every page in order, or the problem that keeps it from being read."""
        return (self.read_page(number) for number in range(1, self.count + 1))

    def read_page(self, number: int) -> Page | Problem:
        """Read a page, counted from 1; codes of problems: `damaged_page`, `too_many_objects`, `too_many_characters`."""
        import pypdfium2.raw as pdfium

        self._loaded += 1
        if self._loaded > MAX_LOADED and (fresh := self._load()):
            self.close()
            self._document, self._loaded = fresh, 1
        page = pdfium.FPDF_LoadPage(self._document, number - 1)
        if not page:
            return Problem("read", "damaged_page", "the page cannot be read", number)
        text = pdfium.FPDFText_LoadPage(page)
        try:
            return _read_page(pdfium, page, text, number)
        finally:
            if text:
                pdfium.FPDFText_ClosePage(text)
            pdfium.FPDF_ClosePage(page)

    def close(self) -> None:
        """Give up the file; no page can be read any more."""
        import pypdfium2.raw as pdfium

        pdfium.FPDF_CloseDocument(self._document)

    def copy_page(self, number: int) -> bytes:
        """A page, counted from 1, as a sound document of its own without password; empty where that cannot be made."""
        import pypdfium2.raw as pdfium

        parts: list[bytes] = []
        target = pdfium.FPDF_CreateNewDocument()
        try:
            place = (ctypes.c_int * 1)(number - 1)
            if not pdfium.FPDF_ImportPagesByIndex(target, self._document, place, 1, 0):
                return b""
            writer = pdfium.FPDF_FILEWRITE()
            writer.version = 1

            def write(_: Any, data: int, size: int) -> int:
                parts.append(ctypes.string_at(data, size))
                return 1

            writer.WriteBlock = type(writer.WriteBlock)(write)
            return b"".join(parts) if pdfium.FPDF_SaveAsCopy(target, writer, pdfium.FPDF_NO_INCREMENTAL) else b""
        finally:
            pdfium.FPDF_CloseDocument(target)


@contextmanager
def open_pages(source: Source) -> Iterator[PdfPages]:
    """Open a PDF file for reading page by page; memory is that of one page.

    Raises `DocumentError` with code `encrypted`, `wrong_password`, `damaged`, `no_pages` or `too_many_pages`.
    """
    import pypdfium2.raw as pdfium

    password = None if source.password is None else source.password.encode("utf-8", "surrogateescape")
    load = partial(pdfium.FPDF_LoadMemDocument64, source.content, len(source.content), password)
    document = load()
    if not document:
        raise _name_error(pdfium, has_password=bool(password))
    pages = PdfPages(document, pdfium.FPDF_GetPageCount(document), load)
    try:
        if pages.count < 1:
            raise DocumentError("no_pages", "the PDF file has no pages that could be read")
        if pages.count > MAX_PAGES:
            raise DocumentError("too_many_pages", f"the PDF file has {pages.count} pages, more than {MAX_PAGES}")
        yield pages
    finally:
        pages.close()


def _name_error(pdfium: Any, *, has_password: bool) -> DocumentError:
    error = pdfium.FPDF_GetLastError()
    if error == pdfium.FPDF_ERR_SECURITY:
        return DocumentError("encrypted", "the PDF file is encrypted in a way that is not known")
    if error != pdfium.FPDF_ERR_PASSWORD:
        return DocumentError("damaged", "the PDF file is damaged: it cannot be opened")
    if has_password:
        return DocumentError("wrong_password", "the PDF file is encrypted with another password")
    return DocumentError("encrypted", "the PDF file is encrypted: it needs a password")


@dataclass(slots=True)
class _Ink:
    """What is drawn on a page, in its own space: boxes are (left, bottom, right, top)."""

    fills: list[Fill] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    curves: int = 0
    texts: list[int] = field(default_factory=list)  # addresses of text objects in painting order
    covered: int = 0  # how many of them a picture over the page hides


@dataclass(frozen=True, slots=True)
class _Run:
    """What the characters of one text object share; `turn` is `None` where they slant."""

    size: float
    turn: int | None
    seen: bool
    font: int


def _read_page(pdfium: Any, page: Any, text: Any, number: int) -> Page | Problem:
    count = pdfium.FPDFText_CountChars(text) if text else 0
    if count > MAX_PAGE_CHARACTERS:
        message = f"the page has {count} characters, more than {MAX_PAGE_CHARACTERS}"
        return Problem("read", "too_many_characters", message, number)
    visible = _read_visible(pdfium, page)
    if visible[2] - visible[0] < 1 or visible[3] - visible[1] < 1:
        return Problem("read", "damaged_page", "the page has no area", number)
    ink = _read_ink(pdfium, page, visible)
    if ink is None:
        return Problem("read", "too_many_objects", f"the page has more than {MAX_PAGE_OBJECTS} objects", number)
    characters, turns, hidden = _read_characters(pdfium, text, count, covered=frozenset(ink.texts[: ink.covered]))
    shown = pdfium.FPDFPage_GetRotation(page) % 4 * 90
    turn = Turn(visible, find_turn(turns, shown))
    width, height = turn.size
    fills = [Fill(turn.place_box(*fill.box), paper=fill.paper) for fill in ink.fills]
    lines, shades = part_fills(fills)
    return Page(
        number=number,
        width=width,
        height=height,
        characters=place_characters(characters, turn),
        rules=merge_rules(clip_boxes(lines, width, height)),
        shades=tuple(clip_boxes(shades, width, height)),
        pictures=tuple(clip_boxes((turn.place_box(*box) for box in ink.pictures), width, height)),
        turn=(turn.degrees - shown) % 360,
        hidden=hidden,
        curves=ink.curves,
    )


def _read_visible(pdfium: Any, page: Any) -> Box:
    """(left, bottom, right, top) of the box of the page that is shown, in its own space."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, box):
        return 0.0, 0.0, 0.0, 0.0
    return min(box.left, box.right), min(box.top, box.bottom), max(box.left, box.right), max(box.top, box.bottom)


def _read_characters(
    pdfium: Any, text: Any, count: int, *, covered: frozenset[int]
) -> tuple[list[RawCharacter], Counter[int], int]:
    """Characters that can be seen, in the order of the file with blanks between; the turns they want; the hidden."""
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    read_object, read_unicode = pdfium.FPDFText_GetTextObject, pdfium.FPDFText_GetUnicode
    read_box, read_origin = pdfium.FPDFText_GetCharBox, pdfium.FPDFText_GetCharOrigin
    characters: list[RawCharacter] = []
    turns: Counter[int] = Counter()
    reader, runs = _RunReader(pdfium, covered), dict[int, _Run]()
    known: dict[tuple[int, int], str] = {}  # the text of a character by its font and code
    hidden = 0
    for index in range(count):
        code, handle = read_unicode(text, index), read_object(text, index)
        if not handle or code in BLANKS:
            if characters and characters[-1] is not BLANK:
                characters.append(BLANK)
            continue
        address = ctypes.addressof(handle.contents)
        run = runs.get(address) or runs.setdefault(address, reader.read_run(text, index, handle, address))
        if not run.seen or run.turn is None or run.size < MIN_SIZE:
            hidden += not run.seen
            continue
        key = (run.font, code)
        if key not in known:
            known[key] = UNKNOWN if pdfium.FPDFText_HasUnicodeMapError(text, index) == 1 else fold_character(code)
        if read_box(text, index, left, right, bottom, top) and read_origin(text, index, x, y):
            turns[run.turn] += 1
            box = (left.value, bottom.value, right.value, top.value)
            characters.append(RawCharacter(known[key], box, (x.value, y.value), run.size))
    return characters, turns, hidden


class _RunReader:
    """Reads what the characters of a text object share; its buffers serve a whole page."""

    def __init__(self, pdfium: Any, covered: frozenset[int]) -> None:
        self._pdfium = pdfium
        self._covered = covered
        self._matrix = pdfium.FS_MATRIX()
        self._unseen = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)

    def read_run(self, text: Any, index: int, handle: Any, address: int) -> _Run:
        pdfium, matrix = self._pdfium, self._matrix
        pdfium.FPDFText_GetMatrix(text, index, matrix)
        hidden = address in self._covered or pdfium.FPDFTextObj_GetTextRenderMode(handle) in self._unseen
        return _Run(
            size=pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d),
            turn=find_direction(matrix.a, matrix.b),
            seen=not hidden and _read_color(pdfium.FPDFPageObj_GetFillColor, handle)[3] >= MIN_ALPHA,
            font=_find_address(pdfium.FPDFTextObj_GetFont(handle)),
        )


def _find_address(handle: Any) -> int:
    return ctypes.addressof(handle.contents) if handle else 0


def _read_color(read: Any, handle: Any, parts: Sequence[Any] = tuple(map(ctypes.c_uint, range(4)))) -> Color:
    """Red, green, blue and opacity of 255, grey for a pattern; `parts` are the buffers that pdfium writes to."""
    if not read(handle, *parts):
        return 128, 128, 128, 255
    red, green, blue, alpha = parts
    return red.value, green.value, blue.value, alpha.value


def _walk_objects(pdfium: Any, page: Any) -> Iterator[tuple[Any, int, Matrix]]:
    """Every object in painting order with its type and the matrix of the forms around it."""
    stack = [(iter(_list_objects(pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, page)), STILL)]
    while stack:
        objects, matrix = stack[-1]
        for handle in objects:
            kind = pdfium.FPDFPageObj_GetType(handle)
            yield handle, kind, matrix
            if kind == pdfium.FPDF_PAGEOBJ_FORM and len(stack) < MAX_DEPTH:
                inner = _list_objects(pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, handle)
                stack.append((iter(inner), multiply_matrices(_read_matrix(pdfium, handle), matrix)))
                break
        else:
            stack.pop()


def _list_objects(count: Any, read: Any, owner: Any) -> Iterator[Any]:
    return (handle for index in range(count(owner)) if (handle := read(owner, index)))


def _read_matrix(pdfium: Any, handle: Any) -> Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, matrix):
        return STILL
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _read_ink(pdfium: Any, page: Any, visible: Box) -> _Ink | None:
    """What is drawn on a page besides its characters; `None` where that are too many objects."""
    ink, painted = _Ink(), 0.0
    area = (visible[2] - visible[0]) * (visible[3] - visible[1])
    for number, (handle, kind, matrix) in enumerate(_walk_objects(pdfium, page)):
        if number >= MAX_PAGE_OBJECTS:
            return None
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            ink.texts.append(ctypes.addressof(handle.contents))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            _read_path(pdfium, handle, matrix, ink)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            box = _read_bounds(pdfium, handle, matrix)
            ink.pictures.append(box)
            if not pdfium.FPDFPageObj_HasTransparency(handle):
                painted += _measure_overlap(box, visible)  # scanners cut pages into strips
                ink.covered = len(ink.texts) if painted >= FULL_PICTURE * area else 0
    return ink


def _measure_overlap(box: Box, other: Box) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _read_bounds(pdfium: Any, handle: Any, matrix: Matrix) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return 0.0, 0.0, 0.0, 0.0
    if matrix is STILL:
        return left.value, bottom.value, right.value, top.value
    return bound_points([move_point(matrix, x.value, y.value) for x in (left, right) for y in (bottom, top)])


def _read_path(pdfium: Any, handle: Any, outer: Matrix, ink: _Ink) -> None:
    """Add the straight lines and filled boxes of a path."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, fill, stroke)
    segments = pdfium.FPDFPath_CountSegments(handle)
    if segments > MAX_SEGMENTS or not (fill.value or stroke.value):
        ink.curves += segments > MAX_SEGMENTS
        return
    filled = bool(fill.value) and (color := _read_color(pdfium.FPDFPageObj_GetFillColor, handle))[3] >= MIN_ALPHA
    if filled and segments <= 5 and not stroke.value:  # a box, as nearly all paths are: one call tells it
        ink.fills.append(Fill(_read_bounds(pdfium, handle, outer), paper=min(color[:3]) >= PAPER))
        return
    matrix = multiply_matrices(_read_matrix(pdfium, handle), outer)
    parts, curved = _read_parts(pdfium, handle, segments, matrix)
    ink.curves += filled and curved
    if filled:
        ink.fills += [Fill(box, paper=min(color[:3]) >= PAPER) for box in find_boxes(parts)]
    color = _read_color(pdfium.FPDFPageObj_GetStrokeColor, handle)
    if stroke.value and color[3] >= MIN_ALPHA:
        width = ctypes.c_float()
        pdfium.FPDFPageObj_GetStrokeWidth(handle, width)
        thickness = width.value * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
        ink.fills += [Fill(box, paper=min(color[:3]) >= PAPER) for box in find_lines(parts, thickness)]


def _read_parts(pdfium: Any, handle: Any, count: int, matrix: Matrix) -> tuple[list[list[tuple[float, float]]], bool]:
    """The points of each part of a path in the space of the page, and whether a part is curved."""
    x, y = ctypes.c_float(), ctypes.c_float()
    parts: list[list[tuple[float, float]]] = []
    curved = False
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(handle, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not parts:
            parts.append([])
        parts[-1].append(move_point(matrix, x.value, y.value))
        if pdfium.FPDFPathSegment_GetClose(segment):
            parts[-1].append(parts[-1][0])
    return parts, curved
