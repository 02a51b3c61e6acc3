from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from extraction.readers.source import MAX_BYTES
from models.document import DocumentError
from review.originals import Folder, open_folder, save_original
from review.store.runs import Place
from service import run_archives
from service.run_files import fetch
from service.run_sources import list_places


@pytest.fixture
def files(tmp_path: Path) -> Folder:
    return open_folder(str(tmp_path / "files"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "reports"
    found.mkdir()
    return found


def list_all(files: Folder, *sources: object) -> list[Place]:
    return list(list_places(map(str, sources), lambda content: save_original(files, content)))


def read_all(files: Folder, *sources: object) -> dict[str, bytes | str]:
    """Bytes, or the code of what kept them from being fetched, by the end of the place."""
    found: dict[str, bytes | str] = {}
    for place in list_all(files, *sources):
        name = place.place.rsplit("/", 1)[-1]
        try:
            found[name] = place.problem[0] if place.problem else fetch(place.reference, files)
        except DocumentError as error:
            found[name] = error.code
    return found


def write_tar(path: Path, mode: str, members: dict[str, bytes]) -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_folders_patterns_and_lists_name_the_same_files(folder: Path, files: Folder) -> None:
    (folder / "2023").mkdir()
    for name in ("a.txt", "2023/b.html", ".hidden.txt", "notes.bin", "2023/c.gz"):
        (folder / name).write_bytes(name.encode())
    wanted = {"a.txt": b"a.txt", "b.html": b"2023/b.html"}
    assert read_all(files, folder) == wanted
    assert read_all(files, f"{folder}/**/*.[th]*") == wanted
    lines = folder.parent / "list.txt"
    lines.write_text(f"# what to read\n{folder}/a.txt\n\n{folder}/2023\n", "utf-8")
    assert read_all(files, f"@{lines}") == wanted
    assert read_all(files, f"file://{folder}") == wanted


def test_what_does_not_exist_is_a_place_with_its_problem(folder: Path, files: Folder) -> None:
    for source in (f"{folder}/no.pdf", f"{folder}/*.pdf", f"@{folder}/no.txt", f"file://{folder}/no.pdf", "file:///\0"):
        (code,) = read_all(files, source).values()
        assert code in ("not_found", "unsupported"), source
    assert read_all(files, "nowhere://x/y.pdf") == {"y.pdf": "unsupported"}
    (folder / "bad.zip").write_bytes(b"no archive")
    (folder / "bad.tar").write_bytes(b"no archive")
    (folder / "bad.tar.gz").write_bytes(gzip.compress(b"no archive"))
    (folder / "cut.tar.gz").write_bytes(gzip.compress(b"x" * 5000)[:-20])
    assert set(read_all(files, folder).values()) == {"damaged"}


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.txz", "w:xz")]
)
def test_members_of_tar_archives_are_read_one_by_one(folder: Path, files: Folder, name: str, mode: str) -> None:
    members = {"r/a.txt": b"a" * 512, "r/b.html": b"b" * 700, "r/empty.txt": b"", "r/c.bin": b"c", "r/d.txt": b"d"}
    write_tar(folder / name, mode, members)
    assert read_all(files, folder) == {"a.txt": b"a" * 512, "b.html": b"b" * 700, "empty.txt": "empty", "d.txt": b"d"}


def test_members_of_zip_archives_are_read_one_by_one(folder: Path, files: Folder) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("stored.txt", b"stored")
        archive.writestr("packed.txt", b"packed " * 99, zipfile.ZIP_DEFLATED)
        archive.writestr("other.txt", b"other " * 99, zipfile.ZIP_LZMA)
        archive.writestr("年报/报告.txt", b"named")
        archive.writestr("__MACOSX/._a.txt", b"x")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("stored.txt", b"another of that name")
    found = read_all(files, folder)
    assert found == {
        "a.zip::stored.txt": b"stored",
        "a.zip::packed.txt": b"packed " * 99,
        "a.zip::other.txt": b"other " * 99,
        "报告.txt": b"named",
        "a.zip::stored#2.txt": b"another of that name",
    }
    assert read_all(files, f"file://{folder}/a.zip") == found


def test_names_in_gb_18030_are_read_as_such(folder: Path, files: Folder) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("XXXXXXXX.txt", b"x")
    raw = (folder / "a.zip").read_bytes().replace(b"XXXXXXXX", "信息公开".encode("gb18030"))
    (folder / "a.zip").write_bytes(raw)
    assert [place.place.rsplit("::")[-1] for place in list_all(files, folder)] == ["信息公开.txt"]


def test_archives_in_archives_are_read_to_a_depth(folder: Path, files: Folder) -> None:
    content = b"deep"
    name = "report.txt"
    for number in range(4):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr(name, content)
            archive.writestr(f"at-{number}.txt", str(number))
        name, content = f"{number}.zip", inner.getvalue()
    (folder / "3.zip").write_bytes(content)
    found = {name.rsplit("::", 1)[-1]: value for name, value in read_all(files, folder).items()}
    assert found == {"at-3.txt": b"3", "at-2.txt": b"2", "at-1.txt": b"1", "0.zip": "too_complex"}


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt"])
def test_a_name_that_leads_out_of_its_archive_is_refused(folder: Path, files: Folder, name: str) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(name, b"evil")
        archive.writestr("good.txt", b"good")
    write_tar(folder / "b.tar.gz", "w:gz", {name: b"evil", "good.txt": b"good"})
    problems = [place.problem for place in list_all(files, folder)]
    assert [problem and problem[0] for problem in problems] == ["bad_name", None, "bad_name", None]
    assert [path.name for path in folder.parent.rglob("*evil*")] == []


def test_links_and_devices_in_archives_are_refused(folder: Path, files: Folder) -> None:
    (folder.parent / "secret.txt").write_text("secret")
    with tarfile.open(folder / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.txt")
            info.type, info.linkname = kind, "../secret.txt"
            archive.addfile(info)
    with zipfile.ZipFile(folder / "b.zip", "w") as zipped:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        zipped.writestr(link, "../secret.txt")
    assert set(read_all(files, folder).values()) == {"not_a_file"}


def test_a_member_that_unpacks_to_too_much_is_refused_whatever_its_header_says(folder: Path, files: Folder) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"\0" * (MAX_BYTES + 1))
        archive.writestr("good.txt", b"good")
    assert read_all(files, folder) == {"a.zip::bomb.txt": "too_large", "a.zip::good.txt": b"good"}
    raw = (folder / "a.zip").read_bytes()
    size = (MAX_BYTES + 1).to_bytes(4, "little")
    (folder / "a.zip").write_bytes(raw.replace(size, (10).to_bytes(4, "little")))
    assert read_all(files, folder)["a.zip::bomb.txt"] == "too_large"


def test_a_packed_archive_of_nothing_but_zeros_is_refused(
    folder: Path, files: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_archives, "RATIO_BYTES", 2**20)
    write_tar(folder / "a.tar.bz2", "w:bz2", {f"{number}.txt": b"\0" * 2**20 for number in range(20)})
    places = list_all(files, folder)
    assert places[-1].problem is not None
    assert places[-1].problem[0] == "too_large"
    assert len(places) < 20


def test_a_header_that_asks_for_all_memory_is_refused(folder: Path, files: Folder) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 2**36
    (folder / "a.tar.bz2").write_bytes(bz2.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2**20))
    (folder / "b.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2**20)
    assert read_all(files, folder) == {"a.tar.bz2": "damaged", "b.tar": "damaged"}


def test_an_archive_with_too_many_members_is_told_after_those_that_were_listed(
    folder: Path, files: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_archives, "MAX_MEMBERS", 5)
    write_tar(folder / "a.tar", "w", {f"{number}.txt": b"x" for number in range(9)})
    assert list(read_all(files, folder).values()) == [b"x"] * 5 + ["too_complex"]


def test_an_encrypted_member_and_a_damaged_one_cost_no_other(folder: Path, files: Folder) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for name in ("good.txt", "locked.txt", "broken.txt"):
            archive.writestr(name, name.encode() * 9)
    raw = bytearray((folder / "a.zip").read_bytes())
    raw[raw.index(b"broken.txtbroken.txt") + 13] ^= 1
    entry = raw.rindex(b"locked.txt") - 46
    raw[entry + 8] |= 1
    (folder / "a.zip").write_bytes(raw)
    assert read_all(files, folder) == {
        "a.zip::good.txt": b"good.txt" * 9,
        "a.zip::locked.txt": "encrypted",
        "a.zip::broken.txt": "damaged",
    }


def test_documents_behind_a_url_are_fetched_when_they_are_read(folder: Path, files: Folder) -> None:
    (folder / "a.txt").write_bytes(b"over the net")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("c.txt", b"a part of a file over the net")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert read_all(files, f"{address}/a.txt") == {"a.txt": b"over the net"}
        assert read_all(files, f"{address}/b.zip") == {"b.zip::c.txt": b"a part of a file over the net"}
        assert read_all(files, f"{address}/none.txt") == {"none.txt": "not_found"}
        places = list_all(files, f"{address}/a.txt")
        server.shutdown()
    with pytest.raises(DocumentError) as refused:
        fetch(places[0].reference, files)
    assert refused.value.code == "unreachable"


def test_a_chain_of_urls_names_the_files_behind_its_first_link(folder: Path, files: Folder) -> None:
    """Where the bytes are is said by the later links: without them nobody finds the files again."""
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("b/c.txt", b"in the archive")
        archive.writestr("b/d.bin", b"of no kind")
    end = f"::file://{folder}/a.zip"
    for source in ("zip://**/*.txt", "zip://b", "zip://b/c.txt"):
        (place,) = list_all(files, source + end)
        assert place.place == f"zip://b/c.txt{end}"
        assert fetch(place.reference, files) == b"in the archive"
