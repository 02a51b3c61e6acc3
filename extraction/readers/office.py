"""Documents of old Word, of WPS and RTF: converted to DOCX by LibreOffice, and read as that."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from extraction.readers.docx import read_docx
from extraction.readers.docx_xml import parse_part
from extraction.readers.ole import OLE_MARK, is_encrypted, list_streams
from models.document import Document, DocumentError, Source

VARIABLE = "GOUJI_SOFFICE"
PROGRAMS = ("soffice", "libreoffice")
TIME_LIMIT = 60.0  # seconds; a report takes 3 with a new profile
MARGIN = 5.0  # seconds after which the program ends by itself, should this process have died meanwhile
MAX_OUTPUT_BYTES = 200 * 2**20
SHELL, BLOCK_BYTES = "/bin/sh", 512  # of the shell's limit of files
MAX_MESSAGE = 300  # characters
SUFFIXES = {OLE_MARK: ".doc", b"{\\rtf": ".rtf"}  # by the first bytes; else it is the XML of Word 2003
RTF, WORD = "application/rtf", "application/msword"

# What a document may not do while it is converted: run macros, load what it links to.
_SETTINGS = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
    ("Common/Misc", "FirstRun", "false"),
)
_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>'
)
_ITEM = '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'


def read_office(source: Source) -> Document:
    """Read a DOC, WPS, RTF or Word 2003 XML document through LibreOffice; evidence is that of the converted document.

    Raises `DocumentError` with code `encrypted`, `needs_libreoffice`, `timeout`, `damaged`, `conversion_failed`, or
    those of `read_docx`.
    """
    streams = list_streams(source.content)
    if is_encrypted(streams):
        raise DocumentError("encrypted", "the document is encrypted; Word documents are not opened with a password")
    suffix = next((suffix for mark, suffix in SUFFIXES.items() if source.content.startswith(mark)), ".xml")
    if suffix == ".xml":
        parse_part(source.content)  # so that no document type, with entities of other files, comes to the program
    converted = convert_document(source.content, suffix=suffix)
    document = read_docx(replace(source, content=converted))
    return replace(document, media_type=RTF if suffix == ".rtf" else WORD)


def find_program() -> str:
    """The path of LibreOffice: of the variable `GOUJI_SOFFICE`, or found on the path.

    Raises `DocumentError` with code `needs_libreoffice`.
    """
    named = os.environ.get(VARIABLE)
    for name in [named] if named else PROGRAMS:
        if path := shutil.which(name):
            return path
    raise DocumentError(
        "needs_libreoffice",
        "LibreOffice reads DOC, WPS and RTF documents and is not here: install it (the package libreoffice-writer), "
        f"or name its program soffice in the variable {VARIABLE}",
    )


def convert_document(content: bytes, *, suffix: str, time_limit: float = TIME_LIMIT) -> bytes:
    """A document as DOCX, by a LibreOffice of its own: its profile and folder are new and go with it.

    Raises `DocumentError` with code `needs_libreoffice`, `timeout`, `damaged` or `conversion_failed`.
    """
    program = find_program()
    with tempfile.TemporaryDirectory(prefix="gouji-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        document = folder / f"document{suffix}"
        document.write_bytes(content)
        _write_profile(folder / "profile" / "user")
        output = folder / "converted"
        message = _run(_make_command(program, folder, document, output), folder, time_limit)
        result = output / "document.docx"
        if result.is_file():
            return result.read_bytes()
        if "could not be loaded" in message:
            raise DocumentError("damaged", f"LibreOffice could not read the document: {message}")
        raise DocumentError("conversion_failed", f"LibreOffice made nothing of the document: {message or 'no word'}")


def _write_profile(folder: Path) -> None:
    folder.mkdir(parents=True)
    items = "".join(_ITEM.format(*setting) for setting in _SETTINGS)
    (folder / "registrymodifications.xcu").write_text(_PROFILE.format(items), "utf-8")


def _make_command(program: str, folder: Path, document: Path, output: Path) -> list[str]:
    return [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nologo",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(output),
        str(document),
    ]


def _run(command: list[str], folder: Path, time_limit: float) -> str:
    """Run a program to its end or to its limits, with all that it starts; the last line that it said."""
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}
    with (folder / "said").open("w+b") as said:
        try:
            process = subprocess.Popen(
                _limit(command, time_limit),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise DocumentError("needs_libreoffice", f"LibreOffice does not start: {error}") from error
        try:
            process.wait(time_limit)
        except subprocess.TimeoutExpired as error:
            message = f"LibreOffice took more than {time_limit:g} seconds for the document"
            raise DocumentError("timeout", message) from error
        finally:
            if process.poll() is None:  # its group is its own, and stands until it is waited for
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        said.seek(-min(said.seek(0, os.SEEK_END), 4 * MAX_MESSAGE), os.SEEK_END)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][-MAX_MESSAGE:] if lines else ""


def _limit(command: list[str], time_limit: float) -> list[str]:
    """The command with limits that hold even where this process dies before it: of time, and of what it writes."""
    seconds = time_limit + MARGIN
    if guard := shutil.which("timeout"):
        command = [guard, "-s", "KILL", f"{seconds:g}", *command]
    limits = f"ulimit -t {int(2 * seconds)}; ulimit -f {MAX_OUTPUT_BYTES // BLOCK_BYTES}"
    return [SHELL, "-c", f'{limits}; exec "$@"', "sh", *command]
