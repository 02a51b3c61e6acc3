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
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.sax.saxutils import escape

OFFICE = ("soffice", "libreoffice")
BROWSER = ("chromium", "chromium-browser", "google-chrome")
BATCH = 40  # documents of one call of LibreOffice, which takes 2 s to start and 0.3 s for each
START_SECONDS, DOCUMENT_SECONDS = 90.0, 20.0
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


def convert_to_pdf(documents: Sequence[bytes], suffix: str, *, workers: int = 2) -> list[bytes]:
    """Each document as a PDF, in their order; `suffix` (.docx, .html) says what they are.

    Raises `ConversionError` where the program is missing, fails or hangs, `ValueError` for another suffix.
    """
    program = find_converter(suffix)
    if program is None:
        names = " or ".join(OFFICE if suffix == ".docx" else BROWSER)
        raise ConversionError(f"to make PDFs out of {suffix} documents, install {names}")
    size = min(BATCH, -(-len(documents) // workers)) if suffix == ".docx" else 1
    batches = [documents[start : start + size] for start in range(0, len(documents), max(size, 1))]

    def convert(batch: Sequence[bytes]) -> list[bytes]:
        with tempfile.TemporaryDirectory(prefix="convert-", ignore_cleanup_errors=True) as folder:
            return _convert_batch(program, batch, suffix, Path(folder))

    with ThreadPoolExecutor(max_workers=max(workers, 1)) as pool:
        return [pdf for pdfs in pool.map(convert, batches) for pdf in pdfs]


def _convert_batch(program: str, documents: Sequence[bytes], suffix: str, folder: Path) -> list[bytes]:
    names = [f"{number:05d}" for number in range(len(documents))]
    for name, content in zip(names, documents, strict=True):
        (folder / f"{name}{suffix}").write_bytes(content)
    sources = [folder / f"{name}{suffix}" for name in names]
    targets = [folder / f"{name}.pdf" for name in names]
    profile = folder / "profile"
    if suffix == ".docx":
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, sources)]
    else:
        command = [program, *BROWSER_FLAGS, f"--user-data-dir={profile}"]
        command += [f"--print-to-pdf={targets[0]}", sources[0].as_uri()]
    _run(command, folder, START_SECONDS + DOCUMENT_SECONDS * len(documents))
    lost = [source.name for source, target in zip(sources, targets, strict=True) if not target.is_file()]
    if lost:
        raise ConversionError(f"{Path(program).name} gave no PDF for {', '.join(lost)}")
    return [target.read_bytes() for target in targets]


def _run(command: Sequence[str], folder: Path, seconds: float) -> None:
    """Run a converter in a session of its own, so that nothing of it outlives the time limit."""
    settings = folder / "fonts.conf"
    settings.write_text(write_font_settings(), "utf-8")
    environment = os.environ | {"FONTCONFIG_FILE": str(settings), "HOME": str(folder)}
    output = folder / "output.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise ConversionError(f"{Path(command[0]).name} took more than {seconds:.0f} s") from error
        finally:
            _end_session(process)
    if code:
        last = output.read_text("utf-8", errors="replace").strip().splitlines()[-3:]
        raise ConversionError(f"{Path(command[0]).name} ended with {code}: {' '.join(last)}")


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
