"""Scanned pages as files: PDF of pictures (with a hidden text layer or without), TIFF of many pages, PNG, JPEG."""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from models.picture import POINTS, Pixels

CONTAINERS: Mapping[str, float] = {"pdf": 54, "pdf-text": 14, "tiff": 14, "png": 8, "jpeg": 10}
SUFFIXES: Mapping[str, str] = {"pdf": ".pdf", "pdf-text": ".pdf", "tiff": ".tif", "png": ".png", "jpeg": ".jpg"}
SINGLE = frozenset({"png", "jpeg"})  # kinds of files that hold one page
ORIENTATION = 0x0112  # of EXIF: how the picture has to be turned to be shown
EXIF_TURNS: Mapping[int, int] = {90: 8, 180: 3, 270: 6}  # by which the stored picture was turned clockwise


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A character of a text layer: where it begins, from the top left of the page in points, and its size."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page as it goes to a file: uint8 pixels, grey or RGB, and what the file says of them.

    `dpi` is (across, down), or `None` where the file does not tell. `stored_turn` is by how many degrees clockwise the
    stored picture lies turned, which EXIF tells.
    """

    pixels: Pixels
    dpi: tuple[int, int] | None
    mode: str = "grey"
    quality: int = 80
    texts: Sequence[HiddenText] = field(default=())
    stored_turn: int = 0


def write_scan(pages: Sequence[ScannedPage], container: str) -> bytes:
    """The pages as one file of a container; raises `ValueError` for none that is known, or too many pages for it."""
    if container not in CONTAINERS:
        raise ValueError(f"no kind of file {container!r}; there are {', '.join(CONTAINERS)}")
    if not pages or (container in SINGLE and len(pages) > 1):
        raise ValueError(f"{len(pages)} pages do not go into one file of kind {container}")
    if container.startswith("pdf"):
        return _write_pdf(pages)
    return _write_tiff(pages) if container == "tiff" else _write_picture(pages[0], container)


def _write_picture(page: ScannedPage, container: str) -> bytes:
    image = _make_image(page, bits=container == "png")
    options: dict[str, object] = {} if page.dpi is None else {"dpi": page.dpi}
    if container == "jpeg":
        options["quality"] = page.quality
        if page.stored_turn:
            image = image.rotate(-page.stored_turn, expand=True)
            exif = Image.Exif()
            exif[ORIENTATION] = EXIF_TURNS[page.stored_turn]
            options["exif"] = exif
    return _save(image, container.upper(), **options)


def _write_tiff(pages: Sequence[ScannedPage]) -> bytes:
    """One file of all pages; one-bit pages as faxes are packed, others by JPEG or LZW."""
    images = [_make_image(page, bits=True) for page in pages]
    for image, page in zip(images, pages, strict=True):
        image.encoderinfo = _describe_tiff(page)
    stream = io.BytesIO()
    first, *others = images
    first.save(stream, "TIFF", save_all=True, append_images=others, **_describe_tiff(pages[0]))
    return stream.getvalue()


def _describe_tiff(page: ScannedPage) -> dict[str, object]:
    packing: dict[str, object] = {"compression": "group4"} if page.mode == "one-bit" else {"compression": "tiff_lzw"}
    if page.mode == "colour":
        packing = {"compression": "jpeg", "quality": page.quality}
    across, down = page.dpi or (None, None)
    # Pillow writes one resolution for `dpi`; faxes have two.
    known: dict[str, object] = {"x_resolution": across, "y_resolution": down, "resolution_unit": 2} if across else {}
    return packing | known


def _make_image(page: ScannedPage, *, bits: bool) -> Image.Image:
    image = Image.fromarray(page.pixels)
    return image.convert("1", dither=Image.Dither.NONE) if bits and page.mode == "one-bit" else image


def _save(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _write_pdf(pages: Sequence[ScannedPage]) -> bytes:
    """A file as scanners write it: a picture for each page, hidden text behind it where there is some."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", *_FONT]
    places = []
    for page in pages:
        across, down = page.dpi or (round(POINTS),) * 2
        height, width = page.pixels.shape[:2]
        box = (width * POINTS / across, height * POINTS / down)
        number = len(objects) + 1
        places.append(f"{number} 0 R")
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box[0]:.3f} {box[1]:.3f}] /Contents {number + 1} 0 R "
                f"/Resources << /XObject << /I {number + 2} 0 R >> /Font << /F 3 0 R >> >> >>"
            ).encode(),
            _make_stream(zlib.compress(_draw_page(box, page.texts)), "/Filter /FlateDecode"),
            _pack_picture(page),
        ]
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(places)}] /Count {len(pages)} >>".encode()
    return _join_objects(objects)


def _draw_page(box: tuple[float, float], texts: Sequence[HiddenText]) -> bytes:
    lines = []
    if texts:
        lines.append("BT 3 Tr")
        for item in texts:
            code = item.text.encode("utf-16-be").hex()
            lines.append(f"/F {item.size:.1f} Tf 1 0 0 1 {item.x:.1f} {box[1] - item.y:.1f} Tm <{code}> Tj")
        lines.append("ET")
    lines.append(f"q {box[0]:.3f} 0 0 {box[1]:.3f} 0 0 cm /I Do Q")
    return "\n".join(lines).encode()


def _pack_picture(page: ScannedPage) -> bytes:
    height, width = page.pixels.shape[:2]
    about = f"/Type /XObject /Subtype /Image /Width {width} /Height {height}"
    if page.mode == "one-bit":
        # The file that Pillow writes has the packed lines in one strip after 8 bytes of head.
        strip = math.ceil(width / 8) * height
        tiff = _save(_make_image(page, bits=True), "TIFF", compression="group4", strip_size=strip)
        filters = f"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /BlackIs1 true /Columns {width} /Rows {height} >>"
        return _make_stream(tiff[8:], f"{about} /ColorSpace /DeviceGray /BitsPerComponent 1 {filters}")
    space = "/DeviceGray" if page.pixels.ndim == 2 else "/DeviceRGB"
    content = _save(_make_image(page, bits=False), "JPEG", quality=page.quality)
    return _make_stream(content, f"{about} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode")


def _make_stream(content: bytes, about: str) -> bytes:
    return f"<< {about} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _join_objects(objects: Sequence[bytes]) -> bytes:
    """The objects, numbered from 1, with the table of where each begins."""
    parts, starts, place = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"], [], 15
    for number, content in enumerate(objects, start=1):
        part = f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
        starts.append(place)
        parts.append(part)
        place += len(part)
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{place}\n%%EOF\n"
    return b"".join(parts) + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{tail}".encode()


# A Chinese face that viewers know by its name; hidden text needs no glyphs.
_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
    b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
)
