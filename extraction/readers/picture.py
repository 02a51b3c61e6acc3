"""Pictures of the pages of a document that has to be read by its pixels: picture files, and pages of PDF files."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from extraction.readers.kinds import find_kind
from extraction.readers.picture_files import open_picture_file
from extraction.readers.picture_pages import open_pdf_pictures
from models.document import Problem, Source
from models.picture import Picture


def open_pictures(source: Source, *, pages: Collection[int] | None = None) -> Iterator[Picture | Problem]:
    """Every page of a picture file or a PDF file in order, or the problem that keeps it from being seen.

    `pages`: the numbers of those wanted, from 1; all where `None`. Memory is that of one page. PNG, JPEG, TIFF with
    many pages, BMP, WEBP and GIF are read. Raises `DocumentError` with code `damaged` or `too_large` for a file without
    a page that could be seen, `too_many_pages`, and for PDF files with the codes of `open_pages`.
    """
    open_kind = open_pdf_pictures if find_kind(source.content) == "pdf" else open_picture_file
    return open_kind(source, pages)
