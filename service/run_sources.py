"""What a run reads: folders, patterns, archives, lists of files and URLs, as the places of single documents."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from extraction.readers.source import SUFFIXES, find_sources
from models.document import DocumentError
from review.store.runs import Place, Refusal
from service.run_archives import ARCHIVE_SUFFIXES, Archive, Keep, is_archive, list_members
from service.run_files import find_files, find_link, is_url, name_error, open_file

LIST = "@"  # before the name of a list of sources


def list_places(sources: Iterable[str], keep: Keep) -> Iterator[Place]:
    """The places of all documents behind sources, in their order, sorted within each.

    A source is a file, a folder (all below it), a pattern (`reports/**/*.pdf`), an archive, any of these as a URL of
    fsspec, or `@FILE`: a list of them, one a line. In folders and archives only files with a known suffix and no
    leading dot count. What cannot be listed is a place with its problem. `keep` puts bytes beside the store that can
    only be fetched now.
    """
    for source in sources:
        if source.startswith(LIST):
            yield from _list_file(source[1:], keep)
        else:
            yield from _list_source(source, keep)


def _list_file(path: str, keep: Keep) -> Iterator[Place]:
    """The sources that a file names; a line that begins with `#` is a remark."""
    try:
        with Path(path).open(encoding="utf-8-sig", errors="surrogateescape") as lines:
            for line in lines:
                source = line.strip()
                if source and not source.startswith("#"):
                    yield from _list_source(source, keep)
    except (OSError, ValueError) as error:
        problem = name_error(error)
        yield Place(f"{LIST}{path}", {}, problem=Refusal(problem.code, problem.message))


def _list_source(source: str, keep: Keep) -> Iterator[Place]:
    if is_url(source):
        yield from _list_url(source, keep)
        return
    paths: Iterable[str] = [source]
    if any(mark in source for mark in "*?[") and not _exists(source):
        paths = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 (of absolute ones too)
        if not paths:
            yield Place(source, {}, problem=Refusal("not_found", "no file fits the pattern"))
    for path in find_sources(paths, suffixes=SUFFIXES | ARCHIVE_SUFFIXES):
        if path not in paths and Path(path).suffix.lower() in ARCHIVE_SUFFIXES and not is_archive(path):
            continue  # such as a .gz that is no packed TAR file
        yield from _list_path(path, keep)


def _list_path(path: str, keep: Keep) -> Iterator[Place]:
    try:
        path.encode("utf-8")
        status = Path(path).stat()
    except UnicodeEncodeError:
        yield Place(path, {}, problem=Refusal("bad_name", "the name of the file is not UTF-8"))
        return
    except (OSError, ValueError):
        yield Place(path, {"url": os.path.abspath(path)})  # noqa: PTH100 (reading it will tell why)
        return
    stamp, place = f"{status.st_size} {status.st_mtime_ns}", str(Path(path).absolute())
    if is_archive(path):
        yield from _open_archive(Archive(path, place, stamp, status.st_size), keep)
    else:
        yield Place(path, {"url": place}, stamp=stamp, size=status.st_size)


def _list_url(url: str, keep: Keep) -> Iterator[Place]:
    try:
        found = list(find_files(url))
    except DocumentError as error:
        yield Place(url, {"url": url}, problem=Refusal(error.code, error.message))
        return
    for file in found:
        if is_archive(find_link(file.url)):
            yield from _open_archive(Archive(file.url, file.url, file.stamp, file.size or 0), keep)
        elif file.url == url or _is_wanted(file.url):
            yield Place(file.url, {"url": file.url}, stamp=file.stamp, size=file.size)


def _open_archive(archive: Archive, keep: Keep) -> Iterator[Place]:
    assert archive.url is not None
    try:
        with open_file(archive.url) as file:
            yield from list_members(archive, file, keep)
    except DocumentError as error:
        yield Place(archive.place, {}, problem=Refusal(error.code, error.message))


def _is_wanted(url: str) -> bool:
    name = find_link(url).rsplit("/", 1)[-1]
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
