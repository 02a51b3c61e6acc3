"""Documents from the file system: hostile names, kinds of files and sizes become errors, never a stuck run."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.document import DocumentError, Source

MAX_BYTES = 128 * 2**20  # a scan of four pages at 600 dots an inch, grey and not packed, has 76 MB
MAX_WHOLE_BYTES = 50 * 2**20  # of what is neither a PDF nor a picture
TEXT_SUFFIXES = (".txt", ".md", ".markdown")
PAGE_SUFFIXES = (".html", ".htm", ".shtml", ".xhtml", ".jsp", ".asp", ".aspx", ".php")
OFFICE_SUFFIXES = (".pdf", ".docx", ".doc", ".wps", ".rtf")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
SUFFIXES = frozenset((*TEXT_SUFFIXES, *PAGE_SUFFIXES, *OFFICE_SUFFIXES, *PICTURE_SUFFIXES))

_ERRORS = {
    errno.ENOENT: ("not_found", "there is no such file"),
    errno.ENOTDIR: ("not_found", "there is no such file: a part of the path is no folder"),
    errno.EACCES: ("no_permission", "the file may not be read"),
    errno.EPERM: ("no_permission", "the file may not be read"),
    errno.EISDIR: ("not_a_file", "this is a folder, not a document"),
    errno.ENXIO: ("not_a_file", "this is a socket or a device, not a document"),
    errno.ENODEV: ("not_a_file", "this is a device, not a document"),
    errno.ELOOP: ("unreadable", "symbolic links that lead in a circle"),
    errno.ENAMETOOLONG: ("bad_name", "the name of the file is too long"),
}


def read_source(path: str) -> Source:
    """Read a document's bytes and their hash; never blocks on what is no plain file.

    Raises `DocumentError` with code `not_found`, `not_a_file`, `no_permission`, `bad_name`, `too_large`, `empty` or
    `unreadable`.
    """
    _check_name(path)
    try:
        content = _read_plain_file(path)
    except OSError as error:
        code, message = _ERRORS.get(error.errno or 0, ("unreadable", error.strerror or "the file could not be read"))
        raise DocumentError(code, message) from error
    if not content:
        raise DocumentError("empty", "the file has no bytes")
    return Source(path, content, hashlib.sha256(content).hexdigest())


def _check_name(path: str) -> None:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DocumentError("bad_name", "the name of the file is not UTF-8") from error
    if not path or "\0" in path:
        raise DocumentError("bad_name", "the name of the file is empty or holds a NUL")


def _read_plain_file(path: str) -> bytes:
    _check_kind(Path(path).stat())  # before opening: opening a device may do something
    # O_NONBLOCK: a FIFO that took the file's place meanwhile is opened without waiting for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _check_kind(status)
        if status.st_size > MAX_BYTES:
            raise _too_large(status.st_size)
        content = file.read(status.st_size + 1)  # as many bytes are taken from the memory, whatever there is to read
        if len(content) > status.st_size:  # it grows while it is read
            content += file.read(MAX_BYTES + 1 - len(content))
    if len(content) > MAX_BYTES:
        raise _too_large(len(content))
    return content


def _check_kind(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise DocumentError("not_a_file", "this is a folder, not a document")
    if not stat.S_ISREG(status.st_mode):
        raise DocumentError("not_a_file", "this is a pipe, a socket or a device, not a document")


def _too_large(size: int) -> DocumentError:
    return DocumentError("too_large", f"the file has {size / 2**20:.0f} MB, more than {MAX_BYTES // 2**20} MB")


def find_sources(paths: Iterable[str], *, suffixes: frozenset[str] = SUFFIXES) -> Iterator[str]:
    """The documents behind paths: files as given, folders recursively in sorted order.

    In a folder only what has one of the suffixes and no leading dot counts. What does not exist is yielded as given, so
    that it becomes an error record.
    """
    for path in paths:
        if _is_folder(path):
            yield from _find_in_folder(path, suffixes)
        else:
            yield path


def _find_in_folder(folder: str, suffixes: frozenset[str]) -> Iterator[str]:
    """Every folder is entered once, so that links in circles end; an explicit stack, for folders 2,000 deep."""
    entered: set[tuple[int, int]] = set()
    stack = [folder]
    while stack:
        path = stack.pop()
        if not _is_folder(path):
            yield path
            continue
        try:
            status = Path(path).stat()
            with os.scandir(path) as entries:
                found = sorted((entry.name, entry.path) for entry in entries)
        except OSError:
            yield path  # becomes an error record
            continue
        if (status.st_dev, status.st_ino) not in entered:
            entered.add((status.st_dev, status.st_ino))
            stack += [inner for name, inner in reversed(found) if _is_wanted(name, inner, suffixes)]


def _is_wanted(name: str, path: str, suffixes: frozenset[str]) -> bool:
    return not name.startswith(".") and (Path(name).suffix.lower() in suffixes or _is_folder(path))


def _is_folder(path: str) -> bool:
    try:
        return bool(path) and stat.S_ISDIR(Path(path).stat().st_mode)
    except (OSError, ValueError):  # ValueError: a NUL in the name, a lone surrogate
        return False
