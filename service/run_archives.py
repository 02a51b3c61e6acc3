"""Archives member by member: what stands in a ZIP or TAR file, as places, within limits and without unpacking to disk.

A member of a ZIP archive (stored or deflated) or of a plain TAR file is fetched later by its bytes in the archive.
What cannot be fetched so (packed TAR files, other packings, archives in archives) is unpacked here, and put beside
the store.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from extraction.readers.archive import ZIP_ERRORS
from extraction.readers.source import MAX_BYTES, SUFFIXES
from models.document import DocumentError
from review.store.runs import Place, Refusal

MAX_MEMBERS = 300_000
MAX_DIRECTORY = 32 * 2**20  # bytes of the list of a ZIP archive: it takes ten times as much when it is read
CHUNK = 2**20
MAX_UNPACKED = 20 * 2**30  # of what has to be unpacked here, an archive
MAX_RATIO, RATIO_BYTES = 400, 64 * 2**20  # as of Word documents
MAX_DEPTH = 3  # archives in archives
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
ARCHIVE_SUFFIXES = frozenset((".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz"))
MARK = "::"  # between an archive and its member
_UTF8 = 0x800
_ERRORS = (*ZIP_ERRORS, tarfile.TarError, lzma.LZMAError)
Keep = Callable[[bytes], str]  # puts bytes beside the store and gives their SHA-256


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive to be listed: `place` for people, `url` where its bytes are, `None` inside another; its `size`."""

    place: str
    url: str | None
    stamp: str | None
    size: int
    depth: int = 1


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked of an archive, and of all that is in it."""

    packed: int
    unpacked: int = 0

    def take(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > MAX_UNPACKED or self.unpacked > max(RATIO_BYTES, MAX_RATIO * self.packed):
            raise DocumentError("too_large", f"the archive unpacks to more than {self.unpacked // 2**20} MB")


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive whose members are documents."""
    return name.lower().endswith(ARCHIVES)


def list_members(archive: Archive, file: BinaryIO, keep: Keep) -> Iterator[Place]:
    """The documents in an archive; a member that cannot be taken is a place with its problem, and so is the archive.

    As in a folder, only members with a known suffix and no leading dot count.
    """
    yield from _list(archive, file, keep, _Budget(archive.size))


def _list(archive: Archive, file: BinaryIO, keep: Keep, budget: _Budget) -> Iterator[Place]:
    seen: dict[str, int] = {}
    kind = _list_zip if archive.place.lower().endswith(".zip") else _list_tar
    try:
        for count, place in enumerate(kind(archive, file, keep, budget)):
            if count >= MAX_MEMBERS:
                raise DocumentError("too_complex", f"the archive has more than {MAX_MEMBERS} members")
            again = seen[place.place] = seen.get(place.place, 0) + 1
            yield place if again == 1 else replace(place, place=_number(place.place, again))
    except DocumentError as error:
        yield _refuse(archive.place, error.code, error.message, archive.stamp)
    except MemoryError:
        yield _refuse(archive.place, "too_large", "the archive needs more memory than there is", archive.stamp)
    except _ERRORS as error:
        yield _refuse(archive.place, "damaged", f"the archive cannot be read: {error}", archive.stamp)


def _list_zip(archive: Archive, file: BinaryIO, keep: Keep, budget: _Budget) -> Iterator[Place]:
    _check_directory(file, archive.size)
    with zipfile.ZipFile(file) as members:
        for info in members.infolist():
            name = _decode_name(info)
            if info.is_dir() or not _is_wanted(name):
                continue
            place = f"{archive.place}{MARK}{name}"
            problem = _find_problem(name, info.file_size)
            if info.flag_bits & 0x1:
                problem = Refusal("encrypted", "the member of the archive is encrypted")
            if (info.external_attr >> 16) & 0o170000 == 0o120000:
                problem = Refusal("not_a_file", "the member of the archive is a link")
            if problem is not None:
                yield _refuse(place, *problem, archive.stamp)
            elif archive.url is not None and not is_archive(name) and info.compress_type in (0, 8):
                reference = {
                    "url": archive.url,
                    "offset": info.header_offset,
                    "packed": min(info.compress_size, MAX_BYTES + 1),
                    "deflated": info.compress_type == 8,
                    "crc": info.CRC,
                }
                stamp = f"{info.CRC:08x} {info.file_size}"
                yield Place(place, reference, stamp=stamp, size=info.file_size)
            else:
                try:
                    with members.open(info) as member:
                        content = member.read(MAX_BYTES + 1)
                except _ERRORS as error:
                    yield _refuse(place, "damaged", f"the member cannot be unpacked: {error}", archive.stamp)
                    continue
                yield from _keep_member(archive, place, content, keep, budget)


def _list_tar(archive: Archive, file: BinaryIO, keep: Keep, budget: _Budget) -> Iterator[Place]:
    packed = not archive.place.lower().endswith(".tar")
    plain = archive.url is not None and not packed
    stream = _Forward(_unpack_stream(file, archive.place), budget) if packed else _Careful(file)
    with tarfile.open(fileobj=cast(BinaryIO, stream), mode="r:") as members:
        count = 0
        for info in members:
            setattr(members, "members", [])  # noqa: B010 (else it keeps a list of all that it has seen; it is untyped)
            count += 1
            if count > MAX_MEMBERS:
                raise DocumentError("too_complex", f"the archive has more than {MAX_MEMBERS} members")
            name = _clean_name(info.name)
            if info.isdir() or not _is_wanted(name):
                continue
            place = f"{archive.place}{MARK}{name}"
            problem = _find_problem(name, info.size)
            if not info.isreg() or info.sparse is not None:
                problem = Refusal("not_a_file", "the member of the archive is a link, a device or has holes")
            if problem is not None:
                yield _refuse(place, *problem, archive.stamp)
            elif plain and not is_archive(name):
                stamp = f"{archive.stamp} {info.offset_data} {info.size}" if archive.stamp is not None else None
                reference = {"url": archive.url, "offset": info.offset_data, "size": info.size}
                yield Place(place, reference, stamp=stamp, size=info.size)
            else:
                member = members.extractfile(info)
                content = b"" if member is None else member.read(MAX_BYTES + 1)
                yield from _keep_member(archive, place, content, keep, budget)


def _keep_member(archive: Archive, place: str, content: bytes, keep: Keep, budget: _Budget) -> Iterator[Place]:
    """A member that was unpacked here: kept beside the store, or listed where it is an archive itself."""
    budget.take(len(content))
    if len(content) > MAX_BYTES:
        yield _refuse(place, "too_large", f"the member has more than {MAX_BYTES // 2**20} MB", archive.stamp)
    elif is_archive(place):
        if archive.depth >= MAX_DEPTH:
            yield _refuse(place, "too_complex", f"more than {MAX_DEPTH} archives in one another", archive.stamp)
            return
        inner = Archive(place, None, archive.stamp, len(content), archive.depth + 1)
        yield from _list(inner, io.BytesIO(content), keep, budget)
    elif not content:
        yield _refuse(place, "empty", "the file has no bytes", archive.stamp)
    else:
        sha256 = keep(content)
        yield Place(place, {"kept": sha256}, stamp=sha256, size=len(content))


def _check_directory(file: BinaryIO, size: int) -> None:
    """Refuse a ZIP archive whose list of members is too long, before it is read."""
    file.seek(max(0, size - 2**16 - 22 - 20))
    tail = file.read(2**16 + 22 + 20)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise DocumentError("damaged", "the archive has no list of its members")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length == 0xFFFFFFFF and tail[at - 20 : at - 16] == b"PK\x06\x07":
        file.seek(int.from_bytes(tail[at - 12 : at - 4], "little"))
        length = int.from_bytes(file.read(56)[40:48], "little")
    if length > MAX_DIRECTORY:
        raise DocumentError("too_complex", f"the archive's list of members has {length // 2**20} MB")
    file.seek(0)


def _decode_name(info: zipfile.ZipInfo) -> str:
    """The name of a member; one that is not marked as UTF-8 is UTF-8 or GB 18030 where it reads as that."""
    name = info.filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return _clean_name(name)
        for encoding in ("utf-8", "gb18030"):
            try:
                return _clean_name(raw.decode(encoding))
            except UnicodeDecodeError:
                continue
    return _clean_name(name)


def _clean_name(name: str) -> str:
    return name.replace("\\", "/")


def _is_wanted(name: str) -> bool:
    """Whether a member counts; a name that leads out of the archive does, so that it is told."""
    path = PurePosixPath(name)
    if any(part.startswith(".") and part not in (".", "..") for part in path.parts) or "__MACOSX" in path.parts:
        return False
    return path.suffix.lower() in SUFFIXES or is_archive(name)


def _find_problem(name: str, size: int) -> Refusal | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
        return Refusal("bad_name", "the name of the member leads out of the archive")
    if "\0" in name or not _is_text(name):
        return Refusal("bad_name", "the name of the member is no text")
    if size > MAX_BYTES:
        return Refusal("too_large", f"the member has {size // 2**20} MB, more than {MAX_BYTES // 2**20} MB")
    return None


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _number(place: str, count: int) -> str:
    """The place of a member whose name stands in the archive more than once."""
    base, _, suffix = place.rpartition(".")
    return f"{base}#{count}.{suffix}"


def _refuse(place: str, code: str, message: str, stamp: str | None) -> Place:
    return Place(place, {}, stamp=stamp, problem=Refusal(code, message))


class _Careful(io.RawIOBase):
    """A file that is asked for no more at once than a member may have: `tarfile` trusts what headers say."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        _check_size(size)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


class _Forward(io.RawIOBase):
    """An unpacked stream that is read once, from its beginning to its end, within a budget.

    `tarfile` steps back by one byte before each header, for which a packed file would begin anew.
    """

    def __init__(self, file: BinaryIO, budget: _Budget) -> None:
        self._file = file
        self._budget = budget
        self._at = 0
        self._last = b""
        self._back = b""

    def read(self, size: int = -1) -> bytes:
        _check_size(size)
        content, self._back = self._back[:size], self._back[size:]
        while len(content) < size:
            more = self._file.read(min(size - len(content), CHUNK))
            if not more:
                break
            self._budget.take(len(more))
            content += more
        self._at += len(content)
        self._last = content[-1:] or self._last
        return content

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset == self._at - 1 and self._last and not self._back:
            self._back, self._at = self._last, offset
        elif whence != 0 or offset < self._at:
            raise tarfile.StreamError("the archive is read forward only")
        while self._at < offset and self.read(min(CHUNK, offset - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        return self._at


def _check_size(size: int) -> None:
    if size < 0 or size > MAX_BYTES + CHUNK:
        raise tarfile.ReadError("a header of the archive is too long")


def _unpack_stream(file: BinaryIO, name: str) -> BinaryIO:
    """The stream in a packed file, by the end of its name."""
    ending = name.lower().rsplit(".", 1)[-1]
    if ending in ("bz2", "tbz2"):
        return cast(BinaryIO, bz2.BZ2File(file))
    if ending in ("xz", "txz"):
        return cast(BinaryIO, lzma.LZMAFile(file))
    return cast(BinaryIO, gzip.GzipFile(fileobj=file))
