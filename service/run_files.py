"""Bytes by reference: files on disk and behind URLs of fsspec, whole or a part of them, within limits."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from extraction.readers.source import MAX_BYTES, read_source
from models.document import DocumentError
from review.originals import Folder, read_original

UNREACHABLE = "unreachable"  # for a reason that passes
GONE = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Found:
    """A file behind a URL: `stamp` changes when its bytes do, where the system tells."""

    url: str
    size: int | None
    stamp: str | None


def is_url(source: str) -> bool:
    """Whether a source is a URL of fsspec and no path; it may be a chain (`zip://*.pdf::s3://bucket/a.zip`)."""
    scheme, mark, _ = source.partition("://")
    return bool(mark) and all(part.replace("+", "").isalnum() for part in scheme.split("::"))


def find_link(url: str) -> str:
    """The link of a chain of URLs that names the file: `zip://a.pdf` of `zip://a.pdf::s3://bucket/a.zip`.

    Any other source is its own.
    """
    return next((link for link in url.split("::") if "://" in link), url) if is_url(url) else url


def find_files(url: str) -> Iterator[Found]:
    """The files behind a URL: of a folder all below it, of a pattern those that fit, sorted.

    Raises `DocumentError` with code `not_found`, `no_permission`, `unsupported` or `unreachable`.
    """
    system, path = _open_system(url)
    try:
        if any(mark in path for mark in "*?["):
            entries = system.glob(path, detail=True)
        elif system.isdir(path):
            entries = system.find(path, detail=True)
        else:
            entries = {path: system.info(path)}
    except _list_errors() as error:
        raise name_error(error) from error
    for name in sorted(entries):
        if entries[name].get("type") != "directory":
            yield _describe(_name_file(system, name, url), entries[name])


@contextmanager
def open_file(reference: str) -> Iterator[BinaryIO]:
    """A file on disk or behind a URL, opened for reading at any place; raises `DocumentError`."""
    try:
        if not is_url(reference):
            if not stat.S_ISREG(Path(reference).stat().st_mode):
                raise DocumentError("not_a_file", "this is a folder, a pipe, a socket or a device, not a document")
            opened: Any = Path(reference).open("rb")  # noqa: SIM115 (closed below)
        else:
            system, path = _open_system(reference)  # of an archive: when it goes, its files are closed
            opened = system.open(path, "rb")
    except _list_errors() as error:
        raise name_error(error) from error
    with opened as file:
        yield cast(BinaryIO, file)


def fetch(reference: Mapping[str, Any], files: Folder) -> bytes:
    """The bytes that a reference names, at most `MAX_BYTES`.

    `url` is a path or a URL; with `offset` and `size` only that part of it, `packed` by zlib where it says so, with the
    checksum `crc`. `kept` is the SHA-256 of bytes that were put beside the store. Raises `DocumentError`.
    """
    if "kept" in reference:
        content = read_original(files, reference["kept"])
        if content is None:
            raise DocumentError("not_found", "the bytes that were unpacked are gone")
        return content
    if "offset" in reference:
        return _fetch_part(reference)
    if not is_url(reference["url"]):
        return read_source(reference["url"]).content
    with open_file(reference["url"]) as file:
        return _check(_read(file, MAX_BYTES + 1))


def _fetch_part(reference: Mapping[str, Any]) -> bytes:
    with open_file(reference["url"]) as file:
        try:
            file.seek(reference["offset"])
        except _list_errors() as error:
            raise name_error(error) from error
        if "packed" not in reference:
            content = _read(file, min(reference["size"], MAX_BYTES + 1))
            if len(content) < min(reference["size"], MAX_BYTES + 1):
                raise DocumentError("damaged", "the archive ends within the document")
            return _check(content)
        head = _read(file, 30)
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise DocumentError("damaged", "the archive has no member where its list says")
        names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        _read(file, names)
        content = unpack(_read(file, reference["packed"]), deflated=reference["deflated"])
    if zlib.crc32(content) != reference["crc"]:
        raise DocumentError("damaged", "the checksum of the archive's member is another")
    return content


def unpack(packed: bytes, *, deflated: bool) -> bytes:
    """The bytes of a member; of one that unpacks to more than `MAX_BYTES` no more is unpacked."""
    if not deflated:
        return _check(packed)
    try:
        return _check(zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, MAX_BYTES + 1))
    except zlib.error as error:
        raise DocumentError("damaged", f"the archive's member cannot be unpacked: {error}") from error


def _check(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise DocumentError("too_large", f"the document has more than {MAX_BYTES // 2**20} MB")
    if not content:
        raise DocumentError("empty", "the file has no bytes")
    return content


def _read(file: BinaryIO, size: int) -> bytes:
    try:
        return file.read(size)
    except _list_errors() as error:
        raise name_error(error) from error


def name_error(error: BaseException) -> DocumentError:
    """What kept bytes from being fetched, as an error of a document; `unreachable` where it may pass."""
    if isinstance(error, DocumentError):
        return error
    cause = error.__cause__
    if isinstance(error, GONE) and (
        cause is None or isinstance(cause, GONE) or getattr(cause, "status", 0) in (404, 410)
    ):
        return DocumentError("not_found", "there is no such file")  # of HTTP, whatever fails is a file not found
    if isinstance(error, PermissionError):
        return DocumentError("no_permission", "the file may not be read")
    if isinstance(error, ValueError | ImportError):
        return DocumentError("unsupported", f"the URL cannot be opened: {error}")
    return DocumentError("unreachable", f"the bytes could not be fetched: {type(error).__name__}: {error}")


def _open_system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url)
    except (ValueError, ImportError, OSError) as error:
        raise name_error(error) from error
    return system, path


def _name_file(system: Any, name: str, url: str) -> str:
    """The URL of a file that was found behind another; of a chain only the link that names the file changes."""
    if "::" not in url:
        return str(system.unstrip_protocol(name))
    link = find_link(url)
    scheme = link.partition("://")[0]
    return url.replace(link, name if is_url(name) else f"{scheme}://{name}", 1)


def _describe(url: str, entry: Mapping[str, Any]) -> Found:
    size = entry.get("size")
    marks = [entry[key] for key in ("ETag", "etag", "md5Hash", "LastModified", "mtime", "created") if entry.get(key)]
    stamp = f"{size} {marks[0]}" if marks and size is not None else None
    return Found(url, size if isinstance(size, int) else None, stamp)


def _list_errors() -> tuple[type[BaseException], ...]:
    """What the systems behind fsspec raise: of those that use aiohttp its errors are no `OSError`."""
    import sys

    client = sys.modules.get("aiohttp")
    return (OSError, EOFError, ValueError, *((client.ClientError,) if client is not None else ()))
