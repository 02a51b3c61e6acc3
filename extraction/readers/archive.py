"""ZIP archives within limits: their members by name, read in memory and never unpacked."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

from models.document import DocumentError

MAX_MEMBERS = 10_000  # a Word document has 15, one with a thousand pictures 1,015
MAX_MEMBER_BYTES = 96 * 2**20  # a table of 20,000 rows with all its borders has 60 MB of markup
MAX_TOTAL_BYTES = 2**30  # as the archive says of itself; pictures are packed in a document of 50 MB
MAX_RATIO, RATIO_BYTES = 400, 4 * 2**20  # the markup of a form of zeros is packed 100 to 1, a bomb 1,000 to 1
MEMBER_MARK = b"PK\x01\x02"
# What the standard library raises for archives that are none, by the years of its reports of bugs.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive's members by their folded names (lower case, `/`, no leading one); `double` names come twice."""

    file: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    double: frozenset[str]


def open_archive(content: bytes) -> Archive:
    """List an archive's members.

    Raises `DocumentError` with code `damaged`, `too_complex` (too many members) or `too_large` (what they unpack to).
    """
    if content.count(MEMBER_MARK) > MAX_MEMBERS:  # before the list is built: it takes 500 times the bytes
        raise DocumentError("too_complex", f"the archive has more than {MAX_MEMBERS} members")
    try:
        file = zipfile.ZipFile(BytesIO(content))
    except ZIP_ERRORS as error:
        raise DocumentError("damaged", f"the document is a broken ZIP archive: {error}") from error
    members: dict[str, zipfile.ZipInfo] = {}
    double = set()
    for info in file.infolist():
        name = fold_name(info.filename)
        known = members.setdefault(name, info)
        if known is not info and (known.CRC, known.file_size) != (info.CRC, info.file_size):
            double.add(name)
    total = sum(info.file_size for info in members.values())
    if total > MAX_TOTAL_BYTES:
        raise DocumentError("too_large", f"the archive unpacks to {total / 2**20:.0f} MB")
    return Archive(file, members, frozenset(double))


def fold_name(name: str) -> str:
    r"""A member's name as it is compared: archives made on Windows may have other slashes and letters.

    >>> fold_name("\\Word\\document.xml")
    'word/document.xml'
    """
    return name.replace("\\", "/").lstrip("/").lower()


def read_member(archive: Archive, name: str) -> bytes:
    """The bytes of a member by its folded name.

    Raises `KeyError` where there is none, `DocumentError` with code `damaged`, `encrypted` or `too_large`.
    """
    info = archive.members[name]
    if name in archive.double:
        raise DocumentError("damaged", f"the archive has two different members {name}")
    if info.flag_bits & 1:
        raise DocumentError("encrypted", "the archive is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DocumentError("damaged", f"{name} is packed by a method that documents do not use")
    _check_size(name, info)
    try:
        with archive.file.open(info) as file:
            return file.read(MAX_MEMBER_BYTES)  # no more than the size checked, whatever follows
    except ZIP_ERRORS as error:
        raise DocumentError("damaged", f"{name} cannot be unpacked: {error}") from error


def _check_size(name: str, info: zipfile.ZipInfo) -> None:
    size, packed = info.file_size, max(info.compress_size, 1)
    if size > MAX_MEMBER_BYTES or (size > RATIO_BYTES and size > MAX_RATIO * packed):
        raise DocumentError("too_large", f"{name} unpacks to {size / 2**20:.0f} MB, {size // packed} times its size")
