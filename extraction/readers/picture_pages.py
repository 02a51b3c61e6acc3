"""Pages of a PDF file as pictures for reading, drawn by pdfium as fine as the scan in them is."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from extraction.readers.page_pictures import fit_scale
from extraction.readers.pdf_pages import open_pages
from extraction.readers.picture_files import drop_colour
from models.document import Problem, Source
from models.picture import POINTS, Picture

DRAWN_DPI = 200.0  # of a page that is no scan
MIN_DPI, MAX_DPI = 100.0, 310.0
LEAST_DPI = 40.0  # no print can be read below it; cleaning a strip drawn at 18 took more than half a minute
MIN_COVER = 0.3  # of the page, by a picture that is its scan
MAX_DEPTH = 6  # of forms in forms


def open_pdf_pictures(source: Source, pages: Collection[int] | None = None) -> Iterator[Picture | Problem]:
    """The pages of a PDF file as they are shown; `pages` are the numbers of those wanted.

    Raises `DocumentError` with the codes of `open_pages`.
    """
    import pypdfium2 as pdfium

    with open_pages(source) as opened:
        count = opened.count
    with pdfium.PdfDocument(source.content, password=source.password) as document:
        for number in range(1, count + 1):
            if pages is None or number in pages:
                try:
                    yield _draw_page(document[number - 1], number)
                except pdfium.PdfiumError:
                    yield Problem("read", "damaged_page", "the page cannot be drawn", number)


def _draw_page(page: Any, number: int) -> Picture | Problem:
    width, height = (max(side, 1.0) for side in page.get_size())
    scale = fit_scale(width, height, dpi=choose_dpi(_find_dpi(page, width * height)))
    if scale * POINTS < LEAST_DPI:
        message = f"the page has {width:.0f} x {height:.0f} points, more than can be drawn so that print is seen"
        return Problem("read", "too_large", message, number)
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    pixels = np.array(bitmap.to_numpy(), dtype=np.uint8)
    if pixels.ndim == 3:
        pixels = pixels[:, :, :3] if pixels.shape[2] >= 3 else pixels[:, :, 0]
    bitmap.close()
    return Picture(number, drop_colour(np.ascontiguousarray(pixels)), scale * POINTS, width, height)


def _find_dpi(page: Any, area: float) -> float:
    """Dots an inch of the picture that covers most of a page; 0 where none covers a good part."""
    import pypdfium2.raw as pdfium

    best, dpi = MIN_COVER * area, 0.0
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=MAX_DEPTH):
        left, bottom, right, top = item.get_bounds()
        size = item.get_px_size()
        cover = (right - left) * (top - bottom)
        if cover > best and min(size) > 0:
            best, dpi = cover, POINTS * math.sqrt(size[0] * size[1] / cover)
    return dpi


def choose_dpi(scanned: float) -> float:
    """How fine to draw a page whose scan has so many dots an inch: as fine, or a whole part of it."""
    if scanned <= 0:
        return DRAWN_DPI
    if scanned > MAX_DPI:
        return scanned / math.ceil(scanned / MAX_DPI)
    return scanned if scanned >= MIN_DPI else scanned * math.ceil(MIN_DPI / scanned)
