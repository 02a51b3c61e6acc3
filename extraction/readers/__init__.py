"""Documents in: every kind of document to lines and printed tables, by its content and never by its name alone."""

from __future__ import annotations

from collections.abc import Callable

from extraction.readers.docx import read_docx
from extraction.readers.html import read_html
from extraction.readers.kinds import NAMES, find_kind
from extraction.readers.office import read_office
from extraction.readers.pdf import read_pdf
from extraction.readers.picture_documents import read_picture
from extraction.readers.source import MAX_WHOLE_BYTES
from extraction.readers.text import read_text
from models.document import Document, DocumentError, Source

BY_PAGE = frozenset({"pdf", "picture"})  # the others are taken apart whole
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

    Raises `DocumentError`: `unsupported` for a kind that has no reader, `too_large`, or a reader's own codes.
    """
    kind = find_kind(source.content)
    reader = READERS.get(kind)
    if reader is None:
        raise DocumentError("unsupported", f"{NAMES[kind]} are not read yet")
    if kind not in BY_PAGE and len(source.content) > MAX_WHOLE_BYTES:
        limit = MAX_WHOLE_BYTES // 2**20
        size = len(source.content) // 2**20
        raise DocumentError("too_large", f"the file has {size} MB; what is no PDF or picture may have {limit} MB")
    return reader(source)
