"""Pictures in: files and pages become pixels with a size, and what cannot be read says why."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from extraction.readers.picture_files import drop_colour, find_sheet, open_picture_file
from extraction.readers.picture_pages import choose_dpi, open_pdf_pictures
from models.document import DocumentError, Problem, Source
from models.picture import Picture


def make_source(content: bytes, path: str = "scan") -> Source:
    return Source(path, content, hashlib.sha256(content).hexdigest())


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def read(content: bytes) -> list[Picture]:
    open_kind = open_pdf_pictures if content.startswith(b"%PDF") else open_picture_file
    pictures = list(open_kind(make_source(content)))
    assert all(isinstance(picture, Picture) for picture in pictures)
    return [picture for picture in pictures if isinstance(picture, Picture)]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_a_picture_file_is_one_page_with_the_size_that_its_resolution_tells(kind: str) -> None:
    options = {} if kind == "WEBP" else {"dpi": (100, 100)}
    (picture,) = read(save(Image.new("L", (827, 1169), 255), kind, **options))
    assert (picture.number, picture.pixels.shape) == (1, (1169, 827))
    assert picture.width == pytest.approx(595.4, abs=1)
    assert picture.dpi == pytest.approx(100, abs=0.5)


def test_every_page_of_a_tiff_fax_is_a_page_and_its_pixels_are_grey() -> None:
    pages = [Image.new("1", (864, 1100), 1) for _ in range(3)]
    content = save(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(102, 102))
    pictures = read(content)
    assert [picture.number for picture in pictures] == [1, 2, 3]
    assert all(picture.pixels.dtype == np.uint8 and picture.pixels.ndim == 2 for picture in pictures)


def test_only_the_pages_wanted_are_read() -> None:
    pages = [Image.new("L", (200, 300), 255) for _ in range(3)]
    content = save(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert [picture.number for picture in open_picture_file(make_source(content), {2})] == [2]


def test_a_fax_whose_pixels_are_higher_than_wide_gets_square_ones() -> None:
    (picture,) = read(save(Image.new("1", (1728, 1145), 1), "TIFF", compression="group4", dpi=(204, 98)))
    height, width = picture.pixels.shape
    assert height / width == pytest.approx(picture.height / picture.width, rel=0.01)
    assert picture.height > picture.width


def test_a_photo_stands_as_the_camera_says() -> None:
    image = Image.new("RGB", (300, 200), "white")
    image.paste((255, 0, 0), (0, 0, 40, 40))
    exif = Image.Exif()
    exif[274] = 6  # to be turned by 90 degrees clockwise
    (picture,) = read(save(image, "JPEG", exif=exif, quality=95))
    assert picture.pixels.shape == (300, 200, 3)
    assert picture.pixels[20, 180, 1] < 100 < picture.pixels[20, 20, 1]
    assert picture.height > picture.width


def test_a_resolution_that_no_page_can_have_is_guessed() -> None:
    sheet = find_sheet((72, 72), 2480, 3508)
    assert sheet.guessed
    assert (sheet.width, sheet.height) == (pytest.approx(595.2, abs=0.5), pytest.approx(841.9, abs=0.5))
    assert not find_sheet((300, 300), 2480, 3508).guessed
    assert find_sheet((0, float("nan")), 2480, 3508).guessed
    assert find_sheet("300", 3508, 2480).width == pytest.approx(841.9, abs=0.5)


def test_what_is_transparent_is_paper() -> None:
    image = Image.new("RGBA", (100, 140), (0, 0, 0, 0))
    (picture,) = read(save(image, "PNG"))
    assert picture.pixels.min() == 255


def test_deep_grey_keeps_its_shades() -> None:
    values = np.full((140, 100), 65535, dtype=np.uint16)
    values[:70] = 32768
    (picture,) = read(save(Image.fromarray(values), "PNG"))
    assert picture.pixels[10, 10] == pytest.approx(127, abs=2)
    assert picture.pixels[130, 10] == 255


def test_a_picture_without_colour_becomes_grey_and_one_with_a_stamp_does_not() -> None:
    pixels = np.full((90, 90, 3), 200, dtype=np.uint8)
    assert drop_colour(pixels).ndim == 2
    pixels[20:60, 20:60] = (220, 40, 40)
    assert drop_colour(pixels).ndim == 3


def test_a_picture_much_too_fine_is_made_smaller() -> None:
    (picture,) = read(save(Image.new("1", (4000, 6000), 1), "TIFF", compression="group4", dpi=(1200, 1200)))
    assert picture.dpi <= 420
    assert picture.pixels.shape[0] < 2200
    assert picture.height == pytest.approx(360)


def make_huge_png(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and has none."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, 10_000), (25_000, 100)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(DocumentError) as raised:
        list(open_picture_file(make_source(make_huge_png(*size))))
    assert raised.value.code == "too_large"


def test_a_truncated_jpeg_is_damaged() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 200), dtype=np.uint8)
    content = save(Image.fromarray(noise), "JPEG")
    with pytest.raises(DocumentError) as raised:
        list(open_picture_file(make_source(content[: len(content) // 2])))
    assert raised.value.code == "damaged"


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0\xff\xff\xff\xff", b"BM" * 40])
def test_what_is_no_picture_is_damaged(content: bytes) -> None:
    with pytest.raises(DocumentError) as raised:
        list(open_picture_file(make_source(content)))
    assert raised.value.code == "damaged"


def test_a_tiff_of_too_many_pages_is_refused() -> None:
    page = Image.new("1", (8, 8), 1)
    content = save(page, "TIFF", save_all=True, append_images=[page] * 1000)
    with pytest.raises(DocumentError) as raised:
        list(open_picture_file(make_source(content)))
    assert raised.value.code == "too_many_pages"


def test_a_broken_page_of_a_tiff_is_a_problem_and_the_others_are_read() -> None:
    pages = [Image.fromarray(np.full((60, 50), shade, dtype=np.uint8)) for shade in (200, 100, 50)]
    content = bytearray(save(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate"))
    place = content.find(b"\x78\x9c", content.find(b"\x78\x9c") + 2)
    content[place : place + 12] = b"\xff" * 12
    found = list(open_picture_file(make_source(bytes(content))))
    assert [type(item) for item in found] == [Picture, Problem, Picture]
    assert isinstance(found[1], Problem)
    assert (found[1].code, found[1].page) == ("damaged_page", 2)


def test_a_scanned_pdf_page_is_drawn_as_fine_as_its_scan() -> None:
    scan = Image.new("RGB", (1240, 1754), "white")
    scan.paste((0, 0, 0), (100, 100, 600, 110))
    (picture,) = read(save(scan, "PDF", resolution=150))
    assert picture.dpi == pytest.approx(150, abs=1)
    assert picture.pixels.shape == pytest.approx((1754, 1240), abs=2)
    assert picture.width == pytest.approx(595.2, abs=1)


def test_scans_are_drawn_at_their_resolution_or_a_whole_part_of_it() -> None:
    assert choose_dpi(0) == 200
    assert choose_dpi(150) == 150
    assert choose_dpi(600) == 300
    assert choose_dpi(400) == 200
    assert choose_dpi(60) == 120


def test_a_damaged_pdf_is_an_error() -> None:
    with pytest.raises(DocumentError):
        list(open_pdf_pictures(make_source(b"%PDF-1.4\nnothing")))
