"""Picture files as documents: PNG, JPEG, TIFF of many pages, BMP, WEBP and GIF."""

from __future__ import annotations

from extraction.readers.limits import find_cut_lines
from extraction.readers.page_blocks import PageParts, make_blocks, read_parts
from extraction.readers.page_furniture import drop_furniture
from extraction.readers.scan_store import ScanStore
from models.document import Document, Problem, Source, TextLine

# The first bytes of a kind of picture, and its media type.
MEDIA_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"BM": "image/bmp",
}


def find_media_type(content: bytes) -> str:
    """The media type of a picture file."""
    return next((name for mark, name in MEDIA_TYPES.items() if content.startswith(mark)), "application/octet-stream")


def read_picture(source: Source) -> Document:
    """Read a picture file; a page that cannot be read is a problem of the document.

    Raises `DocumentError` with the codes of `open_picture_file`, or `too_many_lines`.
    """
    from extraction.pictures.seen_pages import see_pages
    from extraction.readers.picture_files import open_picture_file

    pages: list[PageParts] = []
    problems: list[Problem] = []
    scans = ScanStore()
    count = 0
    seen = see_pages(open_picture_file(source), tables_only=source.tables_only)
    for page in drop_furniture(map(scans.keep, seen)):
        count += 1
        if isinstance(page, Problem):
            problems.append(page)
            continue
        pages.append(read_parts(page, None, pages[-1] if pages else None))
        scans.settle(pages[-1])
    blocks = make_blocks(pages)
    lines = [block for block in blocks if isinstance(block, TextLine)]
    return Document(
        path=source.path,
        sha256=source.sha256,
        media_type=find_media_type(source.content),
        blocks=blocks,
        pages=count,
        problems=(*problems, *find_cut_lines(lines)),
        scans=scans.pages,
    )
