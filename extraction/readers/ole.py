"""Compound files of old Office programs (DOC, WPS, XLS, encrypted DOCX): the names and places of their streams."""

from __future__ import annotations

import struct

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_STREAMS = 4_096  # entries of the directory that are looked at; documents have 10 to 200
MIN_SHIFT = 7  # a sector holds an entry of the directory at least: chains of smaller ones might lead in a circle
_END = 0xFFFFFFFA  # sector numbers from here on are marks
_ENTRY_BYTES = 128
_ENCRYPTED_WORD = 0x0100  # of the flags at the beginning of a Word document


def list_streams(content: bytes) -> dict[str, bytes]:
    """The streams that stand at the top of a compound file, by name in lower case, with their first 512 bytes.

    Those of small streams are empty. What cannot be followed in a broken file is left out.
    """
    if not content.startswith(OLE_MARK) or len(content) < 512:
        return {}
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift < MIN_SHIFT:
        return {}
    size = 1 << min(shift, 16)
    small = struct.unpack_from("<I", content, 56)[0]
    entries = _read_directory(content, size)
    streams = {}
    for index in _list_top(entries):
        entry = entries[index]
        length = min(struct.unpack_from("<H", entry, 64)[0], 64)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace").lower()
        first, bytes_ = struct.unpack_from("<II", entry, 116)
        start = (first + 1) * size
        streams[name] = content[start : start + 512] if entry[66] == 2 and bytes_ >= small else b""
    return streams


def _read_directory(content: bytes, size: int) -> list[bytes]:
    """The entries of the directory, whose sectors are chained by the table of sectors."""
    sector: int = struct.unpack_from("<I", content, 48)[0]
    tables = struct.unpack_from("<109I", content, 76)
    entries: list[bytes] = []
    while sector < _END and len(entries) < MAX_STREAMS:
        start = (sector + 1) * size
        block = content[start : start + size]
        entries += [block[at : at + _ENTRY_BYTES] for at in range(0, len(block) - _ENTRY_BYTES + 1, _ENTRY_BYTES)]
        table, place = divmod(sector, size // 4)
        at = (tables[table] + 1) * size + 4 * place if table < len(tables) else len(content)
        if len(block) < size or at + 4 > len(content):
            break
        sector = struct.unpack_from("<I", content, at)[0]
    return entries


def _list_top(entries: list[bytes]) -> list[int]:
    """The entries right below the root, which are kept as a tree of siblings."""
    found: list[int] = []
    stack: list[int] = [struct.unpack_from("<I", entries[0], 76)[0]] if entries else []
    seen: set[int] = set()
    while stack:
        index = stack.pop()
        if index < len(entries) and index not in seen:
            seen.add(index)
            found.append(index)
            stack += struct.unpack_from("<II", entries[index], 68)
    return found


def is_encrypted(streams: dict[str, bytes]) -> bool:
    """Whether a document needs a password: a DOCX in its encrypted package, a DOC that says so at its beginning."""
    head = streams.get("worddocument", b"")
    flags = struct.unpack_from("<H", head, 10)[0] if len(head) >= 12 else 0
    return "encryptedpackage" in streams or bool(flags & _ENCRYPTED_WORD)
