"""Picture files by Pillow: the pages of a PNG, JPEG, TIFF, BMP, WEBP or GIF file, upright as the camera says."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from extraction.readers.limits import MAX_PAGES
from models.document import DocumentError, Problem, Source
from models.picture import POINTS, Picture, Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 80_000_000  # as stored: A3 at 600 dots an inch has 70 million
MAX_KEPT = 24_000_000  # after reduction: A3 at 300 dots an inch has 17 million
MAX_SIDE = 20_000  # pixels
MAX_DPI = 420.0  # finer pictures are reduced: print shows no more
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "MPO")
REDUCED = 254  # the TIFF tag that marks thumbnails
DPI = (70.0, 1300.0)  # of scanners
PAGE_SIDES = (150.0, 2000.0)  # points: a postcard, and A1 across
A4 = (595.3, 841.9)  # points
USUAL_DPI = (100, 110, 120, 150, 200, 204, 240, 300, 400, 600)
SAME_DPI = 0.03
MIN_COLOUR = 24  # between the channels of a pixel that is neither grey nor noise
FAX_WIDTH = 1728  # pixels of every standard fax, whose pixels may be twice as high as wide
FAX_HEIGHTS = (1000, 1200)
FAX_DPI = (204.0, 98.0)
ORIENTATION = 274  # the EXIF tag
MIRRORED = frozenset({2, 4, 5, 7})
TURNS = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}  # quarters counter-clockwise, after mirroring left to right
SIDEWAYS = frozenset({5, 6, 7, 8})
# What Pillow raises on files that are broken or made to break readers.
_ERRORS = (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a page in points; `guessed` where the file does not tell it, or nothing that can be."""

    width: float
    height: float
    guessed: bool = False


def open_picture_file(source: Source, pages: Collection[int] | None = None) -> Iterator[Picture | Problem]:
    """The pages of a picture file; only a TIFF file has more than one.

    Raises `DocumentError` with code `damaged`, `too_large` (before anything is decoded) or `too_many_pages`.
    """
    count = _count_frames(source.content)
    for number, frame in enumerate(_find_frames(source.content, count), 1):
        if pages is None or number in pages:
            picture = _read_frame(source.content, frame, number)
            if isinstance(picture, Problem) and count == 1:
                if picture.code == "too_large":
                    raise DocumentError("too_large", picture.message)
                raise DocumentError("damaged", picture.message)
            yield picture


def count_picture_pages(source: Source) -> int:
    """How many pages a picture file has; raises `DocumentError` as `open_picture_file` does."""
    return len(_find_frames(source.content, _count_frames(source.content)))


def _open(content: bytes) -> Image:
    """A picture of which the header is read; raises `DocumentError`."""
    import PIL.Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return PIL.Image.open(io.BytesIO(content), formats=FORMATS)
    except PIL.Image.DecompressionBombError as error:
        raise DocumentError("too_large", f"the picture has more than {MAX_PIXELS // 10**6} million pixels") from error
    except _ERRORS as error:
        raise DocumentError("damaged", "the picture is damaged: it cannot be opened") from error


def _count_frames(content: bytes) -> int:
    with _open(content) as image:
        if image.format != "TIFF":
            return 1
        count = 1
        try:
            while count <= MAX_PAGES:
                image.seek(count)
                count += 1
        except _ERRORS:  # the end of the file; frames after a damaged one cannot be found
            return count
    raise DocumentError("too_many_pages", f"the picture has more than {MAX_PAGES} pages")


def _find_frames(content: bytes, count: int) -> list[int]:
    """The frames that are pages: thumbnails of them are none."""
    if count == 1:
        return [0]
    frames = []
    with _open(content) as image:
        for frame in range(count):
            image.seek(frame)
            tags = getattr(image, "tag_v2", {})
            if not (int(tags.get(REDUCED, 0) or 0) & 1):
                frames.append(frame)
    return frames or [0]


def _read_frame(content: bytes, frame: int, number: int) -> Picture | Problem:
    import PIL.Image

    try:
        with warnings.catch_warnings(), _open(content) as image:
            warnings.simplefilter("ignore")
            if frame:
                image.seek(frame)
            if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
                message = f"the picture has {image.width} x {image.height} pixels, more than are read"
                return Problem("read", "too_large", message, number)
            sheet = find_sheet(image.info.get("dpi"), image.width, image.height)
            size = _fit_size(image.size, sheet)
            if image.format == "JPEG":  # decoded smaller where it is much too fine
                image.draft(None, size)
            orientation = image.getexif().get(ORIENTATION)
            image.load()
            pixels = _read_pixels(_fold_mode(image), size)
            pixels = _turn(pixels, orientation)
            if orientation in SIDEWAYS:
                sheet = Sheet(sheet.height, sheet.width, sheet.guessed)
            dpi = pixels.shape[0] / sheet.height * POINTS
            return Picture(number, pixels, dpi, sheet.width, sheet.height, sheet.guessed)
    except PIL.Image.DecompressionBombError:
        return Problem("read", "too_large", f"the page has more than {MAX_PIXELS // 10**6} million pixels", number)
    except _ERRORS:
        return Problem("read", "damaged_page", "the picture is damaged: it cannot be decoded", number)


def find_sheet(told: object, width: int, height: int) -> Sheet:
    """The page of so many pixels: by the dots an inch that the file tells where a page can be so large, else as A4.

    `told` is (across, down), or whatever else the file has there.
    """
    if isinstance(told, tuple) and len(told) == 2:
        across, down = (_read_number(value) for value in told)
        if across > 0 and down > 0 and _is_page(width / across * POINTS, height / down * POINTS, across, down):
            return Sheet(width / across * POINTS, height / down * POINTS)
    if width == FAX_WIDTH and FAX_HEIGHTS[0] <= height <= FAX_HEIGHTS[1]:
        return Sheet(width / FAX_DPI[0] * POINTS, height / FAX_DPI[1] * POINTS, guessed=True)
    dpi = POINTS * max(min(width, height) / A4[0], max(width, height) / A4[1])
    usual = min(USUAL_DPI, key=lambda value: abs(value - dpi))
    dpi = usual if abs(usual - dpi) <= SAME_DPI * dpi else dpi
    return Sheet(width / dpi * POINTS, height / dpi * POINTS, guessed=True)


def _fit_size(size: tuple[int, int], sheet: Sheet) -> tuple[int, int]:
    """Pixels of a page whose pixels are square, no finer than is of use."""
    dpi = min(POINTS * max(size[0] / sheet.width, size[1] / sheet.height), MAX_DPI)
    dpi = min(dpi, POINTS * math.sqrt(MAX_KEPT / (sheet.width * sheet.height)))
    return max(1, round(sheet.width * dpi / POINTS)), max(1, round(sheet.height * dpi / POINTS))


def _read_number(value: object) -> float:
    """A number, as files give it: 0 for one that is none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _is_page(width: float, height: float, across: float, down: float) -> bool:
    """Whether a scanner's resolution and a page's size (points) come together."""
    plausible = all(DPI[0] <= dpi <= DPI[1] for dpi in (across, down)) and 0.4 <= across / down <= 2.5
    return plausible and max(width, height) >= PAGE_SIDES[0] and max(width, height) <= PAGE_SIDES[1]


def _read_pixels(image: Image, size: tuple[int, int]) -> Pixels:
    """The pixels of a decoded page of this size."""
    import PIL.Image

    if abs(size[0] - image.width) > 1 or abs(size[1] - image.height) > 1:
        smaller = size[0] <= image.width and size[1] <= image.height
        image = image.resize(size, PIL.Image.Resampling.BOX if smaller else PIL.Image.Resampling.BICUBIC)
    return drop_colour(np.asarray(image, dtype=np.uint8))


def _turn(pixels: Pixels, orientation: object) -> Pixels:
    """Pixels as the camera says they stand upright."""
    if orientation in MIRRORED:
        pixels = pixels[:, ::-1]
    quarters = TURNS.get(orientation, 0) if isinstance(orientation, int) else 0
    return np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters or orientation in MIRRORED else pixels


def _fold_mode(image: Image) -> Image:
    """Grey or RGB of 8 bits; what is transparent is paper."""
    import PIL.Image

    if image.mode in {"L", "RGB"}:
        return image
    if image.mode in {"1", "CMYK", "YCbCr", "LAB", "HSV"}:
        return image.convert("L" if image.mode == "1" else "RGB")
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float32)
        depth = 65535.0 if image.mode.startswith("I") and values.max(initial=0) > 255 else max(values.max(), 1.0)
        return PIL.Image.fromarray((np.clip(values / depth, 0, 1) * 255).astype(np.uint8))
    rgba = image.convert("RGBA")
    paper = PIL.Image.new("RGBA", rgba.size, "white")
    return PIL.Image.alpha_composite(paper, rgba).convert("RGB")


def drop_colour(pixels: Pixels) -> Pixels:
    """Grey pixels for a picture without colour; its own for one with."""
    if pixels.ndim == 2:
        return pixels
    sample = pixels[::3, ::3].astype(np.int16)
    spread = sample.max(axis=2) - sample.min(axis=2)
    if np.count_nonzero(spread >= MIN_COLOUR) > 20:
        return pixels
    return np.ascontiguousarray(pixels[:, :, 1])
