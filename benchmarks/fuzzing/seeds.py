"""Small inputs of every kind with the shape of real ones, made by the generator: what fuzzing begins with."""

from __future__ import annotations

import io
import itertools
import random
import re
import struct
import zipfile
from collections.abc import Callable, Iterator

from extraction.readers.ole import OLE_MARK

SEED = 2041
MAX_BYTES = 16_000  # of a seed: small inputs are read in milliseconds
ROWS, STYLES = 3, 8  # of a Word document that are kept
KEPT_PARTS = ("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/document.xml")
KEPT_PARTS += ("word/styles.xml", "word/numbering.xml")
PRINT = "(本年收到行政许可申请不予公开结果维持总计件数万元一二三四五六七八九〇年月日政府信息公开工作报告"


def make_text_seeds() -> list[bytes]:
    """Reports as plain text and markdown, in their layouts and encodings."""
    return _pick_documents((".txt", ".md"), 24)


def make_html_seeds() -> list[bytes]:
    """Reports as pages."""
    return _pick_documents((".html", ".htm", ".shtml"), 16)


def _pick_documents(suffixes: tuple[str, ...], count: int) -> list[bytes]:
    from training.synthesis.corpus import iterate_corpus

    made = (document for document in iterate_corpus(600, SEED, "test") if document.suffix in suffixes)
    return [d.content for d in itertools.islice((d for d in made if len(d.content) <= MAX_BYTES), count)]


def make_docx_seeds() -> list[bytes]:
    """Reports as Word documents."""
    from training.synthesis.pages_corpus import iterate_pages_corpus

    documents = iterate_pages_corpus(8, SEED, "test", kinds="docx")
    return [cut_document(document.content) for document in documents]


def cut_document(content: bytes) -> bytes:
    """A Word document with the first of its paragraphs, rows and styles, packed without compression."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as packed:
        for name in (name for name in KEPT_PARTS if name in source.namelist()):
            member = source.read(name).decode("utf-8")
            member = re.sub(r"(<w:tbl>.*?)</w:tbl>", lambda found: _cut(found[1], "</w:tr>", ROWS) + "</w:tbl>", member,
                            flags=re.S)  # fmt: skip
            member = re.sub(r"<w:latentStyles.*?</w:latentStyles>|<w:(tblBorders|tcBorders)>.*?</w:\1>", "", member,
                            flags=re.S)  # fmt: skip
            head, style, styles = member.partition("<w:style ")
            if style:
                member = head + style + _cut(styles, "</w:style>", STYLES) + "</w:styles>"
            packed.writestr(zipfile.ZipInfo(name), member)
    return target.getvalue()


def _cut(markup: str, end: str, count: int) -> str:
    parts = markup.split(end)
    return end.join([*parts[:count], ""]) if len(parts) > count else markup


def make_pdf_seeds() -> list[bytes]:
    """PDF files of one or two small pages with a ruled table; their streams are not packed."""
    return [make_pdf(random.Random(f"{SEED}/{number}"), pages=1 + number % 2, turn=turn) for number, turn in _turns()]


def _turns() -> Iterator[tuple[int, int]]:
    return enumerate((0, 0, 90, 0, 180, 0))


def make_pdf(rng: random.Random, *, pages: int, turn: int = 0) -> bytes:
    """A PDF file without fonts in it: rules, a table with numbers, a line, a picture, a form that holds text."""
    kids = " ".join(f"{10 + 2 * page} 0 R" for page in range(pages))
    font = "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>"
    descendant = (
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>"
    )
    descriptor = (
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        " /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
    )
    picture = _make_stream(bytes(range(64)), "/Type /XObject /Subtype /Image /Width 8 /Height 8"
                           " /BitsPerComponent 8 /ColorSpace /DeviceGray")  # fmt: skip
    form = _make_stream(_show(20, 12, 8, "公开"), "/Type /XObject /Subtype /Form /BBox [0 0 200 40]"
                        " /Resources << /Font << /F 3 0 R >> >>")  # fmt: skip
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        3: font.encode(),
        4: descendant.encode(),
        5: descriptor.encode(),
        6: picture,
        7: form,
    }
    for page in range(pages):
        objects[10 + 2 * page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 240] /Rotate {turn} /Contents {11 + 2 * page} 0 R"
            " /Resources << /Font << /F 3 0 R >> /XObject << /P 6 0 R /G 7 0 R >> >> >>"
        ).encode()
        objects[11 + 2 * page] = _make_stream(_draw_page(rng), "")
    return _join_objects(objects)


def _draw_page(rng: random.Random) -> bytes:
    """A line of text, a table of 4 by 5 with rules, a picture and a form."""
    parts = [_show(20, 215, 10, "二、政府信息公开情况"), b"0.5 w"]
    across, down = [20, 100, 150, 200, 250, 300], [200, 180, 160, 140, 120]
    parts += [b"%d %d m %d %d l S" % (20, y, 300, y) for y in down]
    parts += [b"%d %d m %d %d l S" % (x, 120, x, 200) for x in across]
    for row in range(4):
        parts.append(_show(22, down[row + 1] + 6, 8, "".join(rng.choices(PRINT, k=6))))
        parts += [_show(x + 12, down[row + 1] + 6, 8, str(rng.choice((0, 0, 3, 41, 1207)))) for x in across[1:-1]]
    parts += [b"q 30 0 0 30 20 20 cm /P Do Q", b"q 1 0 0 1 100 20 cm /G Do Q", b"0.9 g 200 30 60 20 re f"]
    return b"\n".join(parts)


def _show(x: float, y: float, size: float, text: str) -> bytes:
    codes = text.encode("utf-16-be").hex()
    return f"BT /F {size} Tf {x} {y} Td <{codes}> Tj ET".encode()


def _make_stream(content: bytes, about: str) -> bytes:
    return f"<< {about} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _join_objects(objects: dict[int, bytes]) -> bytes:
    """Objects as a PDF file without a table of places: readers look for the objects, also after mutation."""
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % item for item in objects.items())
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Root 1 0 R /Size 100 >>\n%%EOF\n"


def make_picture_seeds() -> list[bytes]:
    """Small pages with a table as PNG, JPEG, TIFF (of two pages, grey and one-bit), GIF, BMP and WEBP files."""
    import PIL.Image
    import PIL.ImageDraw

    page = PIL.Image.new("L", (120, 90), 255)
    draw = PIL.ImageDraw.Draw(page)
    for place in range(10, 90, 16):
        draw.line((8, place, 112, place), fill=0)
    for place in range(8, 120, 26):
        draw.line((place, 10, place, 74), fill=0)
    draw.text((14, 12), "41 0 7", fill=0)
    color = page.convert("RGB")
    draw = PIL.ImageDraw.Draw(color)
    draw.ellipse((60, 30, 100, 70), outline=(200, 30, 30))
    bits, palette = page.convert("1"), color.convert("P")
    exif = PIL.Image.Exif()
    exif[274] = 6
    saves: list[tuple[PIL.Image.Image, str, dict[str, object]]] = [
        (page, "PNG", {"dpi": (100, 100)}),
        (color, "PNG", {}),
        (palette, "PNG", {"transparency": 3}),
        (bits, "PNG", {}),
        (page.convert("I;16"), "PNG", {}),
        (color, "JPEG", {"quality": 60, "exif": exif}),
        (page, "JPEG", {"quality": 40, "progressive": True, "dpi": (200, 200)}),
        (color.convert("CMYK"), "JPEG", {}),
        (page, "TIFF", {"save_all": True, "append_images": [page.rotate(90)], "dpi": (300, 300)}),
        (bits, "TIFF", {"compression": "group4"}),
        (color, "TIFF", {"compression": "tiff_lzw"}),
        (color, "TIFF", {"compression": "jpeg"}),
        (palette, "GIF", {}),
        (color, "BMP", {}),
        (color, "WEBP", {"quality": 50}),
    ]
    return [_save_picture(*save) for save in saves]


def _save_picture(image: object, kind: str, options: dict[str, object]) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)  # type: ignore[attr-defined]
    return target.getvalue()


def make_compound_seeds() -> list[bytes]:
    """The frame of DOC, WPS and encrypted DOCX files: a header, a table of sectors, a directory of streams."""
    return [
        make_compound(names)
        for names in (("WordDocument", "1Table", "Data"), ("EncryptedPackage", "EncryptionInfo"), ("Workbook",))
    ]


def make_compound(names: tuple[str, ...]) -> bytes:
    """A compound file with streams of these names, 4,096 bytes each."""
    header = bytearray(512)
    header[:8] = OLE_MARK
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 40, 0, 1, 1, 0, 0x1000, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *([0xFFFFFFFF] * 108))
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *([0xFFFFFFFE] * 126))
    entries = [_make_entry("Root Entry", 5, child=1, first=0, size=0)]
    for number, name in enumerate(names, 1):
        after = number + 1 if number < len(names) else 0xFFFFFFFF
        entries.append(_make_entry(name, 2, right=after, first=2, size=4096))
    directory = b"".join(entries).ljust(512, b"\0")[:512]
    return bytes(header) + table + directory + b"\xec\xa5\xc1\x00".ljust(4096, b"\0")


def _make_entry(
    name: str, kind: int, *, first: int, size: int, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF
) -> bytes:
    entry = bytearray(128)
    text = name.encode("utf-16-le")
    entry[: len(text)] = text
    struct.pack_into("<HBB", entry, 64, len(text) + 2, kind, 1)
    struct.pack_into("<III", entry, 68, 0xFFFFFFFF, right, child)
    struct.pack_into("<II", entry, 116, first, size)
    return bytes(entry)


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "text": make_text_seeds,
    "html": make_html_seeds,
    "docx": make_docx_seeds,
    "pdf": make_pdf_seeds,
    "picture": make_picture_seeds,
    "compound": make_compound_seeds,
}
