"""Old Word documents, WPS and RTF: converted by a program that may be missing, hang or fail."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extraction.readers import office, read_document
from extraction.readers.kinds import find_kind
from extraction.readers.ole import OLE_MARK, list_streams
from models.document import Document, DocumentError, Source, Table

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")

ROWS = (("规章", "0", "5"), ("行政许可", "12", ""))
CELLS = r"\cellx3000\cellx5000\cellx7000 "


def write_rtf(rows: tuple[tuple[str, ...], ...] = ROWS, *, line: str = "一、总体情况") -> bytes:
    def escape(text: str) -> str:
        return "".join(char if char.isascii() else f"\\u{ord(char)}?" for char in text)

    grid = "".join(
        r"\trowd" + CELLS + "".join(r"\intbl " + escape(text) + r"\cell " for text in row) + r"\row " for row in rows
    )
    return (r"{\rtf1\ansi\uc1 " + escape(line) + r"\par " + grid + r"\pard " + escape("六、其他") + r"\par}").encode()


def write_ole(streams: dict[str, bytes]) -> bytes:
    """A compound file of streams that take whole sectors of 512 bytes, each at least 4,096 bytes."""
    entries = [("Root Entry", 5, 0, 0)]
    chain, sectors = [0xFFFFFFFD, 0xFFFFFFFE], b""
    for name, content in streams.items():
        padded = content.ljust(4096, b"\0")
        entries.append((name, 2, len(chain), len(padded)))
        chain += [len(chain) + 1 + number for number in range(len(padded) // 512)]
        chain[-1] = 0xFFFFFFFE
        sectors += padded
    directory = b""
    for number, (name, kind, first, size) in enumerate(entries):
        # Every stream is the right sibling of the one before it.
        right = number + 1 if 0 < number < len(entries) - 1 else 0xFFFFFFFF
        child = 1 if number == 0 and len(entries) > 1 else 0xFFFFFFFF
        text = (name + "\0").encode("utf-16-le")
        entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, right, child)
        directory += entry.ljust(116, b"\0") + struct.pack("<III", first, size, 0)
    head = OLE_MARK + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    return head.ljust(512, b"\xff") + table + directory.ljust(512, b"\0")[:512] + sectors


def read(content: bytes) -> Document:
    return read_document(Source("x", content, "abc"))


def read_code(content: bytes) -> str:
    with pytest.raises(DocumentError) as error:
        read(content)
    return error.value.code


def list_texts(document: Document) -> list[str]:
    return [cell.text for block in document.blocks if isinstance(block, Table) for cell in block.cells]


def place_program(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv(office.VARIABLE, str(program))


@needs_office
def test_rtf_and_doc_are_read_like_the_same_docx(tmp_path: Path) -> None:
    rtf = write_rtf()
    (tmp_path / "a.rtf").write_bytes(rtf)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "a.rtf")], check=True, capture_output=True, timeout=120)
    doc = (tmp_path / "a.doc").read_bytes()
    assert find_kind(doc) == "doc" and "worddocument" in list_streams(doc)
    for content, media_type in ((rtf, office.RTF), (doc, office.WORD)):
        document = read(content)
        assert (document.media_type, document.path, document.sha256) == (media_type, "x", "abc")
        assert [line.text for line in document.lines if line.text] == ["一、总体情况", "六、其他"]
        assert list_texts(document) == ["规章", "0", "5", "行政许可", "12", ""]


@needs_office
def test_two_conversions_at_once_do_not_disturb_one_another() -> None:
    with ThreadPoolExecutor(2) as pool:
        contents = [write_rtf(line=f"第{number}份") for number in (1, 2)]
        documents = list(pool.map(read, contents))
    assert [document.lines[0].text for document in documents] == ["第1份", "第2份"]


@needs_office
def test_what_libreoffice_cannot_open_is_damaged() -> None:
    assert read_code(write_ole({"WordDocument": b"\xec\xa5\xc1\0"})) == "damaged"


def test_encrypted_documents_need_no_program_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert read_code(write_ole({"EncryptionInfo": b"", "EncryptedPackage": b"x"})) == "encrypted"
    assert read_code(write_ole({"WordDocument": bytes(10) + b"\0\x01"})) == "encrypted"


def test_xml_of_word_2003_with_a_document_type_never_comes_to_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    head = b'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>\n'
    body = b'<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>'
    assert find_kind(head + body) == "doc"
    assert read_code(head + body) == "needs_libreoffice"
    assert read_code(head + b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + body) == "damaged"
    assert read_code(head + body[:-2]) == "damaged"


@pytest.mark.parametrize(
    ("streams", "kind"),
    [
        (["WordDocument", "1Table"], "doc"), (["Workbook"], "workbook"), (["Book"], "workbook"), ([], "doc"),
        (["1Table", "WordDocument", "Workbook"], "doc"), (["PowerPoint Document"], "slides"), (["CONTENTS"], "doc"),
    ],
)  # fmt: skip
def test_compound_files_are_told_by_their_streams(streams: list[str], kind: str) -> None:
    assert find_kind(write_ole(dict.fromkeys(streams, b""))) == kind


def test_broken_compound_files_have_the_streams_that_can_be_found() -> None:
    whole = write_ole({"WordDocument": b"1", "1Table": b"2"})
    assert list_streams(whole).keys() == {"worddocument", "1table"}
    for end in range(0, 2048, 3):
        assert list_streams(whole[:end]).keys() <= {"worddocument", "1table"}
    circle = whole[:512] + struct.pack("<2I", 1, 1) + whole[520:]
    assert list_streams(circle).keys() == {"worddocument", "1table"}
    for place in range(24, 600, 3):
        list_streams(whole[:place] + b"\xff\xfe\xfd" + whole[place + 3 :])


def test_without_libreoffice_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match="libreoffice-writer") as error:
        read(write_rtf())
    assert error.value.code == "needs_libreoffice"
    monkeypatch.setenv(office.VARIABLE, "/nowhere/soffice")
    assert read_code(write_rtf()) == "needs_libreoffice"


def test_a_program_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_program(tmp_path, monkeypatch, f"sleep 60 & echo $! > {tmp_path}/child\nwait")
    started = time.monotonic()
    with pytest.raises(DocumentError) as error:
        office.convert_document(b"x", suffix=".doc", time_limit=1.0)
    assert error.value.code == "timeout" and time.monotonic() - started < 20
    wait_until(lambda: not _runs(int((tmp_path / "child").read_text())))


@pytest.mark.skipif(shutil.which("timeout") is None, reason="there is no program timeout")
def test_a_program_that_hangs_ends_though_its_starter_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # nobody is left to clear it
    place_program(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/child\nsleep 60")
    code = "from extraction.readers import office; office.MARGIN = 1.0; "
    code += "office.convert_document(b'x', suffix='.doc', time_limit=1.0)"
    starter = subprocess.Popen([sys.executable, "-c", code])
    child = tmp_path / "child"
    wait_until(lambda: child.exists() and child.read_text().strip() != "")
    starter.kill()
    starter.wait()
    wait_until(lambda: not _runs(int(child.read_text())))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holds()


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_program_that_fails_leaves_an_error_with_its_last_words_and_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    place_program(tmp_path, monkeypatch, "echo one; echo two >&2; exit 3")
    with pytest.raises(DocumentError, match="two") as error:
        office.convert_document(b"x", suffix=".doc")
    assert error.value.code == "conversion_failed"
    place_program(tmp_path, monkeypatch, "echo 'Error: source file could not be loaded'")
    assert read_code(write_rtf()) == "damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["soffice"]


def test_a_program_is_kept_from_writing_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_OUTPUT_BYTES", 10_000)
    place_program(tmp_path, monkeypatch, "cat /dev/zero > $TMPDIR/converted.bin; ls -l $TMPDIR >&2")
    with pytest.raises(DocumentError) as error:
        office.convert_document(b"x", suffix=".doc", time_limit=10.0)
    assert error.value.code == "conversion_failed"
