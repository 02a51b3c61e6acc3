"""Files in: every hostile kind of file is an error with a code, never a stuck or broken run."""

from __future__ import annotations

import hashlib
import os
import socket
import tracemalloc
from pathlib import Path

import pytest

from extraction.readers import read_document
from extraction.readers.source import MAX_BYTES, MAX_WHOLE_BYTES, find_sources, read_source
from models.document import DocumentError, Source


def read_code(path: str) -> str:
    with pytest.raises(DocumentError) as error:
        read_source(path)
    assert error.value.message
    return error.value.code


def test_bytes_come_with_path_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "年报.txt"
    path.write_bytes("一、总体情况".encode())
    source = read_source(str(path))
    assert (source.path, source.content) == (str(path), "一、总体情况".encode())
    assert source.sha256 == hashlib.sha256(source.content).hexdigest()


def test_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert read_code(str(tmp_path / "pipe.txt")) == "not_a_file"


def test_folder_device_and_socket_are_no_files(tmp_path: Path) -> None:
    assert read_code(str(tmp_path)) == "not_a_file"
    assert read_code("/dev/zero") == "not_a_file"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
        assert read_code(str(tmp_path / "s.txt")) == "not_a_file"


def test_sparse_file_of_200_megabytes_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    assert read_code(str(path)) == "too_large"


def test_file_at_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "limit.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES)
    assert len(read_source(str(path)).content) == MAX_BYTES


def test_a_small_file_takes_no_more_memory_than_it_has(tmp_path: Path) -> None:
    path = tmp_path / "small.txt"
    path.write_bytes(b"1")
    tracemalloc.start()
    try:
        read_source(str(path))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_what_is_written_while_the_file_is_read_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.txt"
    path.write_bytes(b"1")
    find_status = os.fstat

    def find_status_and_grow(descriptor: int) -> os.stat_result:
        status = find_status(descriptor)
        path.write_bytes(b"12" * 50_000)
        return status

    monkeypatch.setattr(os, "fstat", find_status_and_grow)
    assert read_source(str(path)).content == b"12" * 50_000


def test_only_pictures_and_pdfs_may_be_larger_than_what_is_taken_apart_whole() -> None:
    page = b"<html><body>" + bytes(MAX_WHOLE_BYTES)
    with pytest.raises(DocumentError) as caught:
        read_document(Source("page.html", page, ""))
    assert caught.value.code == "too_large"
    with pytest.raises(DocumentError) as caught:
        read_document(Source("scan.pdf", b"%PDF-1.4\n" + bytes(MAX_WHOLE_BYTES), ""))
    assert caught.value.code != "too_large"


def test_vanished_and_empty_files(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    assert read_code(str(tmp_path / "empty.txt")) == "empty"
    assert read_code(str(tmp_path / "gone.txt")) == "not_found"
    assert read_code(str(tmp_path / "empty.txt" / "below.txt")) == "not_found"


def test_links_in_a_circle_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    assert read_code(str(tmp_path / "a.txt")) == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("x")
    path.chmod(0)
    assert read_code(str(path)) == "no_permission"


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xc4\xea\xb1\xa8.txt"
    Path(os.fsdecode(name)).write_text("x")
    assert read_code(os.fsdecode(name)) == "bad_name"
    assert read_code("a\0b") == "bad_name"
    assert read_code("") == "bad_name"
    assert read_code("x" * 5000) == "bad_name"


def test_folders_are_searched_in_order_for_known_suffixes(tmp_path: Path) -> None:
    for name in ("b/2.HTML", "b/1.txt", "a.pdf", "c.exe", ".hidden.txt", "b/.git/x.txt", "b/notes", "z.shtml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [os.path.relpath(path, tmp_path) for path in find_sources([str(tmp_path)])]
    assert found == ["a.pdf", "b/1.txt", "b/2.HTML", "z.shtml"]


def test_files_are_taken_as_given_and_missing_paths_are_kept(tmp_path: Path) -> None:
    (tmp_path / "x.exe").touch()
    given = [str(tmp_path / "x.exe"), str(tmp_path / "gone"), "a\0b", "\udcff", ""]
    assert list(find_sources(given)) == given


def test_linked_folders_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").touch()
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "other").symlink_to(tmp_path / "in")
    assert [Path(path).name for path in find_sources([str(tmp_path)])] == ["a.txt"]


def test_fifo_in_a_folder_becomes_an_error_record(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert [read_code(path) for path in find_sources([str(tmp_path)])] == ["not_a_file"]
