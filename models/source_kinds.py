"""What a document was read from, as the store and measures tell it: text, html, word, pdf or scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = {
    "text/plain": "text",
    "text/markdown": "text",
    "text/html": "html",
    "application/pdf": "pdf",
    "application/rtf": "word",
    "application/msword": "word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word",
}
DIGITAL = ("digital", None, "")
SCAN = "scan"


def find_source_kind(record: Mapping[str, Any], *, level: str | None = None) -> str:
    """The kind of a record; `level` is what its truth says of it, where there is one.

    Pictures are scans, and so are PDFs of which a page was read from its pixels (`routes` or `scanned_pages` of the
    record, or cells with candidates) or would have to be (a problem `needs_ocr`). `unknown` for a document that could
    not be read.
    """
    media_type = str(record.get("media_type") or "")
    pixels = "pixels" in (record.get("routes") or ()) or bool(record.get("scanned_pages"))
    unread = any(problem.get("code") == "needs_ocr" for problem in record.get("problems") or ())
    pictured = any(cell.get("candidates") for cell in record.get("cells") or ())
    if level not in DIGITAL or media_type.startswith("image/") or pixels or unread or pictured:
        return SCAN
    return KINDS.get(media_type, "unknown")
