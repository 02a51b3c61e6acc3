"""Originals and pictures of documents: a folder, or any bucket by its URL; names are made from hashes alone."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,119}")


@dataclass(frozen=True, slots=True)
class Folder:
    """A place for files: `system` is fsspec's, `root` the path in it."""

    system: AbstractFileSystem
    root: str


def open_folder(url: str) -> Folder:
    """A folder by its path, or a bucket by its URL (`s3://…`, `memory://…`); made when it is first written."""
    from fsspec.core import url_to_fs

    system, root = url_to_fs(url)
    return Folder(system, root.rstrip("/"))


def save_original(folder: Folder, content: bytes) -> str:
    """Keep the bytes of a document and return their SHA-256; bytes that are there are not written again."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _find_path(folder, "originals", sha256)
    if not folder.system.exists(path):
        _write(folder, path, content)
    return sha256


def read_original(folder: Folder, sha256: str) -> bytes | None:
    """The bytes of a document; `None` where they are not kept. Raises `ValueError` for what is no hash."""
    return _read(folder, _find_path(folder, "originals", sha256))


def save_view(folder: Folder, sha256: str, name: str, content: bytes) -> None:
    """Keep a picture or another view of a document under a plain name such as `page-1.png`, over an older one.

    Raises `ValueError` for a name with anything but letters, digits, `@`, `.`, `_` and `-`, or for what is no hash.
    """
    _write(folder, _find_path(folder, "views", sha256, name), content)


def read_view(folder: Folder, sha256: str, name: str) -> bytes | None:
    """A view of a document; `None` where there is none. Raises `ValueError` as `save_view` does."""
    return _read(folder, _find_path(folder, "views", sha256, name))


def list_views(folder: Folder, sha256: str) -> list[str]:
    """Names of the views of a document, sorted."""
    path = _find_path(folder, "views", sha256)
    folder.system.invalidate_cache(path)
    if not folder.system.exists(path):
        return []
    names = [str(entry).rsplit("/", 1)[-1] for entry in folder.system.ls(path, detail=False)]
    return sorted(name for name in names if _NAME.fullmatch(name))


def _find_path(folder: Folder, kind: str, sha256: str, name: str | None = None) -> str:
    if not _HASH.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hexadecimal")
    if name is not None and (not _NAME.fullmatch(name) or name.endswith(".writing")):
        raise ValueError(f"not a plain name: {name!r}")
    return "/".join([folder.root, kind, sha256[:2], sha256] + ([name] if name else []))


def _read(folder: Folder, path: str) -> bytes | None:
    try:
        content: bytes = folder.system.cat_file(path)
    except FileNotFoundError:
        return None
    return content


def _write(folder: Folder, path: str, content: bytes) -> None:
    """Write a file whole or not at all: a bucket does so itself, in a folder a finished file is moved to its name."""
    if "file" not in folder.system.protocol:
        folder.system.pipe_file(path, content)
        return
    folder.system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    writing = f"{path}.{uuid.uuid4().hex}.writing"
    folder.system.pipe_file(writing, content)
    folder.system.mv(writing, path)
