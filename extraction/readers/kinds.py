"""What a document is, by its bytes."""

from __future__ import annotations

import re

HEAD_BYTES = 4096  # what is looked at to tell a page from a text
MIN_CLOSING_TAGS = 4  # a text with as many closing tags is a page, however it begins

# Kinds and how a message names them.
NAMES = {
    "pdf": "PDF documents",
    "docx": "Word documents (DOCX)",
    "doc": "Word and WPS documents of the old format (DOC, WPS)",
    "rtf": "RTF documents",
    "ofd": "OFD documents",
    "picture": "pictures",
    "workbook": "workbooks (XLSX)",
    "slides": "slides (PPTX)",
    "zip": "ZIP archives",
    "archive": "archives",
    "mhtml": "web archives (MHTML)",
}
_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"GIF87a", "picture"),
    (b"GIF89a", "picture"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc"),
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b\x08", "archive"),
)
# Names of members stand in a ZIP archive as they are, so that it need not be unpacked.
_MEMBERS = (
    (b"word/document.xml", "docx"),
    (b"xl/workbook.xml", "workbook"),
    (b"ppt/presentation.xml", "slides"),
    (b"OFD.xml", "ofd"),
)
_TAGS = (
    rb"html|head|body|meta|title|link|script|style|base|table|tr|td|div|p|span|br|h[1-6]|ul|ol|dl|section|article|main"
    rb"|font|center|form|pre|header|nav|a|img|b|strong|input"
)
# A page begins with a tag, behind declarations, comments and server code.
_PREAMBLE = re.compile(rb"\s*(?:<\?[^>]*>|<!--.*?-->|<%.*?%>)", re.S)
_OPENING = re.compile(rb"\s*<(?:!doctype\s+html|(?:" + _TAGS + rb")[\s/>])", re.I)
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<body[\s>]", re.I)
_CLOSING = re.compile(rb"</(?:div|p|td|tr|table|span|li|h[1-6]|body|html)\s*>", re.I)
_HEADING = re.compile(rb"^#{1,6}[ \t]*[^\s#]", re.M)
_MIME = re.compile(rb"(?:[\w-]+:[^\n]*\n|[ \t][^\n]*\n){0,50}MIME-Version:", re.I)


def find_kind(content: bytes) -> str:
    """Tell what bytes are: a key of `NAMES`, `html` or `text` (which may turn out to be no text)."""
    head = content[:HEAD_BYTES]
    if b"%PDF-" in head[:1024] and (head.lstrip().startswith(b"%PDF-") or b"endobj" in content):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((kind for name, kind in _MEMBERS if name in content), "zip")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "picture"
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if _MIME.match(head):
        return "mhtml"
    return "html" if _is_page(content, head) else "text"


def _is_page(content: bytes, head: bytes) -> bool:
    if b"\0" in head:  # UTF-16
        content = content[: 4 * HEAD_BYTES].replace(b"\0", b"")
        head = content[:HEAD_BYTES]
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if _PAGE.search(head):
        return True
    start = 0
    while match := _PREAMBLE.match(head, start):
        start = match.end()
    if _OPENING.match(head, start):
        return True
    # Markdown may hold tables as markup; that is the text reader's.
    if _HEADING.search(head):
        return False
    return sum(1 for _ in _CLOSING.finditer(content, 0, 10 * HEAD_BYTES)) >= MIN_CLOSING_TAGS


def name_binary(content: bytes) -> str:
    """Name what bytes are that are no text, for a message."""
    import puremagic

    try:
        return str(puremagic.magic_string(content[:HEAD_BYTES])[0].name) or "unknown bytes"
    except (puremagic.PureError, ValueError, IndexError):
        return "unknown bytes"
