"""What a document is, by its bytes."""

from __future__ import annotations

import re

from extraction.readers.archive import open_archive, read_member
from extraction.readers.ole import OLE_MARK, list_streams
from models.document import DocumentError

HEAD_BYTES = 4096  # what is looked at to tell a page from a text
MIN_CLOSING_TAGS = 4  # a text with as many closing tags is a page, however it begins

# Kinds and how a message names them.
NAMES = {
    "pdf": "PDF documents",
    "docx": "Word documents (DOCX)",
    "doc": "Word and WPS documents of the old formats (DOC, WPS, XML of 2003)",
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
    (
        re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|II\*\0|MM\0\*|GIF8[79]a|RIFF....WEBP|BM....\0\0\0\0", re.S),
        "picture",
    ),
    (re.compile(rb"\{\\rtf"), "rtf"),
    # Word 2003 wrote XML too; offices give it the name of a DOC.
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*>\s*(?:<\?mso-application progid=.Word|<w:wordDocument)"), "doc"),
    (re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b\x08"), "archive"),
    (re.compile(rb"(?:[\w-]+:[^\n]*\n|[ \t][^\n]*\n){0,50}MIME-Version:", re.I), "mhtml"),
)
# The member that tells what a ZIP archive is, and the content type where that has another name.
_MEMBERS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "workbook",
    "xl/workbook.bin": "workbook",
    "ppt/presentation.xml": "slides",
    "ofd.xml": "ofd",
}
_CONTENT_TYPES = (
    (re.compile(rb"wordprocessingml\.(?:document|template)\.main|ms-word\.[\w.]*main", re.I), "docx"),
    (re.compile(rb"spreadsheetml\.(?:sheet|template)\.main|ms-excel\.[\w.]*main", re.I), "workbook"),
    (re.compile(rb"presentationml\.[\w.]*main|ms-powerpoint\.[\w.]*main", re.I), "slides"),
)
# The streams that tell what a compound file is; an encrypted DOCX is one too, and WPS writes what Word does.
_STREAMS = {
    "worddocument": "doc",
    "encryptedpackage": "doc",
    "workbook": "workbook",
    "book": "workbook",
    "powerpoint document": "slides",
}
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


def find_kind(content: bytes) -> str:
    """Tell what bytes are: a key of `NAMES`, `html` or `text` (which may turn out to be no text)."""
    head = content[:HEAD_BYTES]
    if b"%PDF-" in head[:1024] and (head.lstrip().startswith(b"%PDF-") or b"endobj" in content):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _find_archive_kind(content)
    if head.startswith(OLE_MARK):
        return _find_compound_kind(content)
    marked = next((kind for mark, kind in _MARKS if mark.match(head)), None)
    return marked or ("html" if _is_page(content, head) else "text")


def _find_compound_kind(content: bytes) -> str:
    """What a compound file is; LibreOffice may know one that we do not."""
    streams = list_streams(content)
    return next((kind for name, kind in _STREAMS.items() if name in streams), "doc")


def _find_archive_kind(content: bytes) -> str:
    """What a ZIP archive is; of a broken one the names that stand in it tell, since they are not packed."""
    try:
        archive = open_archive(content)
    except DocumentError:
        lower = content.lower()
        return next((kind for name, kind in _MEMBERS.items() if name.encode() in lower), "zip")
    for name, kind in _MEMBERS.items():
        if name in archive.members:
            return kind
    try:
        types = read_member(archive, "[content_types].xml")
    except (KeyError, DocumentError):
        return "zip"
    return next((kind for pattern, kind in _CONTENT_TYPES if pattern.search(types)), "zip")


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
