"""Documents to PDF by the programs that people use: LibreOffice for Word documents, Chromium for web pages.

Both are for training and tests alone; nothing that reads a document needs them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.sax.saxutils import escape

OFFICE = ("soffice", "libreoffice")
BROWSER = ("chromium", "chromium-browser", "google-chrome")
AT_ONCE = 2  # calls of a program
BATCH = 40  # documents of one call of LibreOffice, which takes 2 s to start and 0.3 s for each
START_SECONDS, DOCUMENT_SECONDS = 90.0, 40.0  # to the first PDF, and from one to the next; a program hangs else
POLL_SECONDS = 0.2
BROWSER_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-extensions",
    "--no-first-run",
    "--no-pdf-header-footer",
)
# Names that office documents ask for, and free faces drawn like them. Left to itself, LibreOffice takes a face without
# Chinese characters, and sets each from a fallback one over its neighbour.
STAND_INS: Mapping[str, str] = {
    "宋体": "AR PL UMing CN",
    "SimSun": "AR PL UMing CN",
    "仿宋": "AR PL UMing CN",
    "仿宋_GB2312": "Noto Serif CJK SC",
    "方正仿宋_GBK": "Noto Serif CJK SC",
    "方正小标宋简体": "Noto Serif CJK SC",
    "黑体": "Noto Sans CJK SC",
    "微软雅黑": "WenQuanYi Micro Hei",
    "楷体": "AR PL UKai CN",
    "楷体_GB2312": "AR PL UKai CN",
    "Times New Roman": "Noto Serif CJK SC",
    "Calibri": "Noto Sans CJK SC",
}


class ConversionError(RuntimeError):
    """A converter is missing, failed, or took too long."""


def find_converter(suffix: str) -> str | None:
    """The path of the program that converts documents of a suffix (.docx, .html), if it is installed.

    Raises `ValueError` for a suffix that none converts.
    """
    if suffix not in (".docx", ".html"):
        raise ValueError(f"no converter for {suffix!r}; there are those for .docx and .html")
    return next(filter(None, map(shutil.which, OFFICE if suffix == ".docx" else BROWSER)), None)


def convert_each(documents: Sequence[bytes], suffix: str) -> list[bytes | None]:
    """Each document as a PDF, in their order, `None` for those that the program fails or hangs on.

    `suffix` (.docx, .html) says what they are. Raises `ConversionError` where the program is missing or makes none of
    them, `ValueError` for another suffix.
    """
    program = find_converter(suffix)
    if program is None:
        names = " or ".join(OFFICE if suffix == ".docx" else BROWSER)
        raise ConversionError(f"to make PDFs out of {suffix} documents, install {names}")
    size = min(BATCH, -(-len(documents) // AT_ONCE)) if suffix == ".docx" else 1
    batches = [documents[start : start + size] for start in range(0, len(documents), max(size, 1))]

    def convert(batch: Sequence[bytes]) -> tuple[list[bytes | None], str]:
        with tempfile.TemporaryDirectory(prefix="convert-", ignore_cleanup_errors=True) as folder:
            return _convert_batch(program, batch, suffix, Path(folder))

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        results = list(pool.map(convert, batches))
    converted = [pdf for pdfs, _ in results for pdf in pdfs]
    if converted and all(pdf is None for pdf in converted):
        raise ConversionError(next(error for _, error in results if error))
    return converted


def _convert_batch(
    program: str, documents: Sequence[bytes], suffix: str, folder: Path
) -> tuple[list[bytes | None], str]:
    """The PDFs of a batch, and the last error.

    Where the program ends before the last document, the one that it ended at is tried again alone, and the rest after.
    """
    sources = [folder / f"{number:05d}{suffix}" for number in range(len(documents))]
    for source, content in zip(sources, documents, strict=True):
        source.write_bytes(content)
    pending, failure = sources, ""
    while pending:
        error = _convert_files(program, pending, suffix, folder)
        lost = [source for source in pending if not source.with_suffix(".pdf").is_file()]
        failure = error or failure
        if lost and len(pending) > 1:
            failure = _convert_files(program, lost[:1], suffix, folder) or failure
        pending = lost[1:]
    targets = [source.with_suffix(".pdf") for source in sources]
    return [target.read_bytes() if target.is_file() else None for target in targets], failure


def _convert_files(program: str, sources: Sequence[Path], suffix: str, folder: Path) -> str:
    """Write PDFs beside documents; says what went wrong where one is missing."""
    targets = [source.with_suffix(".pdf") for source in sources]
    profile = folder / "profile"
    if suffix == ".docx":
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, sources)]
    else:
        command = [program, *BROWSER_FLAGS, f"--user-data-dir={profile}"]
        command += [f"--print-to-pdf={targets[0]}", sources[0].as_uri()]
    error = _run(command, folder, targets)
    lost = [source.name for source, target in zip(sources, targets, strict=True) if not target.is_file()]
    return error or (f"{Path(program).name} gave no PDF for {', '.join(lost)}" if lost else "")


def _run(command: Sequence[str], folder: Path, targets: Sequence[Path]) -> str:
    """Run a converter in a session of its own, so that nothing of it outlives the time limit; what went wrong."""
    settings = folder / "fonts.conf"
    settings.write_text(write_font_settings(), "utf-8")
    environment = os.environ | {"FONTCONFIG_FILE": str(settings), "HOME": str(folder)}
    output = folder / "output.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
        )
        try:
            code = _wait_for(process, targets)
        finally:
            _end_session(process)
    name = Path(command[0]).name
    if code is None:
        _drop_unfinished(targets)
        return f"{name} hung: it took more than {DOCUMENT_SECONDS:.0f} s for a document"
    last = output.read_text("utf-8", errors="replace").strip().splitlines()[-3:]
    return f"{name} ended with {code}: {' '.join(last)}" if code else ""


def _wait_for(process: subprocess.Popen[bytes], targets: Sequence[Path]) -> int | None:
    """The exit code of a converter, `None` where it makes no PDF for too long."""
    made, limit = 0, time.monotonic() + START_SECONDS + DOCUMENT_SECONDS
    while time.monotonic() < limit:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=POLL_SECONDS)
        count = sum(target.is_file() for target in targets)
        if count > made:
            made, limit = count, time.monotonic() + DOCUMENT_SECONDS
    return None


def _drop_unfinished(targets: Sequence[Path]) -> None:
    """Without PDFs that were cut off while they were written."""
    for target in targets:
        if target.is_file() and b"%%EOF" not in target.read_bytes()[-1024:]:
            target.unlink()


def _end_session(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children; they are the session that it was started with."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def write_font_settings() -> str:
    """Settings of fontconfig that give the stand-ins for fonts that are not installed."""
    rules = "".join(
        f'<match target="pattern"><test name="family"><string>{escape(name)}</string></test>'
        f'<edit name="family" mode="append" binding="strong"><string>{escape(stand_in)}</string></edit></match>'
        for name, stand_in in STAND_INS.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{rules}</fontconfig>'
    )
