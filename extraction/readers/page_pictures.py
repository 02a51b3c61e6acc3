"""Pictures of the pages of a document, as a person sees them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.readers.kinds import NAMES, find_kind
from extraction.readers.pdf_pages import open_pages
from extraction.readers.picture_files import count_picture_pages, open_picture_file
from models.document import DocumentError, Problem, Source

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS = 72  # an inch
MAX_PIXELS = 24_000_000  # A3 at 300 dots an inch has 17 million
MAX_SIDE = 16_000  # pixels
KINDS = ("pdf", "picture")


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as pixels (RGB); `scale` is (across, down) in pixels a point, from the top left of the page as shown."""

    number: int
    image: Image
    scale: tuple[float, float]


def count_pages(source: Source) -> int:
    """The pages that can be drawn.

    Raises `ValueError` for a kind of document that has no pages of its own, and `DocumentError` with the codes of
    `open_pages` or `open_picture_file`.
    """
    kind = find_kind(source.content)
    if kind not in KINDS:
        raise ValueError(f"{NAMES.get(kind, 'text and web pages')} have no pages of their own that could be drawn")
    if kind == "picture":
        return count_picture_pages(source)
    with open_pages(source) as pages:
        return pages.count


def render_page(source: Source, number: int, *, dpi: float) -> PagePicture:
    """Draw a page, counted from 1, with its annotations, at `dpi` dots an inch; larger pages than fit are made smaller.

    Raises `ValueError` for a page that does not exist, `DocumentError` with code `damaged` where the page cannot be
    drawn, and what `count_pages` raises.
    """
    import pypdfium2 as pdfium

    count = count_pages(source)
    if not 1 <= number <= count:
        raise ValueError(f"there is no page {number}: the document has {count}")
    if find_kind(source.content) == "picture":
        return _render_picture(source, number, dpi=dpi)
    try:
        with pdfium.PdfDocument(source.content, password=source.password) as document:
            page = document[number - 1]
            width, height = page.get_size()
            scale = fit_scale(width, height, dpi=dpi)
            image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    except pdfium.PdfiumError as error:
        raise DocumentError("damaged", f"page {number} of the PDF file cannot be drawn") from error
    return PagePicture(number, image, (image.width / width, image.height / height))


def _render_picture(source: Source, number: int, *, dpi: float) -> PagePicture:
    """A page of a picture file, as it is shown; at most as fine as it is."""
    import PIL.Image

    picture = next(open_picture_file(source, {number}))
    if isinstance(picture, Problem):
        raise DocumentError("damaged", f"page {number} of the picture cannot be drawn: {picture.message}")
    scale = fit_scale(picture.width, picture.height, dpi=min(dpi, picture.dpi))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    image = PIL.Image.fromarray(picture.pixels).convert("RGB").resize(size, PIL.Image.Resampling.BOX)
    return PagePicture(number, image, (size[0] / picture.width, size[1] / picture.height))


def fit_scale(width: float, height: float, *, dpi: float) -> float:
    """Pixels a point for a page of this size in points, so that its picture has not too many pixels."""
    width, height = max(width, 1.0), max(height, 1.0)
    return min(dpi / POINTS, math.sqrt(MAX_PIXELS / (width * height)), MAX_SIDE / max(width, height))
