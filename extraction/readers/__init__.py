"""Documents in: every kind of document to lines and printed tables, by its content and never by its name alone."""

from __future__ import annotations

from collections.abc import Callable

from extraction.readers.docx import read_docx
from extraction.readers.html import read_html
from extraction.readers.kinds import NAMES, find_kind
from extraction.readers.office import read_office
from extraction.readers.pdf import read_pdf
from extraction.readers.picture_documents import read_picture
from extraction.readers.text import read_text
from models.document import Document, DocumentError, Source

READERS: dict[str, Callable[[Source], Document]] = {
    "html": read_html,
    "text": read_text,
    "docx": read_docx,
    "doc": read_office,
    "rtf": read_office,
    "pdf": read_pdf,
    "picture": read_picture,
}


def read_document(source: Source) -> Document:
    """Read a document's lines and tables.

    Raises `DocumentError`: `unsupported` for a kind that has no reader, or a reader's own codes.
    """
    kind = find_kind(source.content)
    reader = READERS.get(kind)
    if reader is None:
        raise DocumentError("unsupported", f"{NAMES[kind]} are not read yet")
    return reader(source)
