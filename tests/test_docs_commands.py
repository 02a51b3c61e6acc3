"""Every command that the docs show: those in ```console are run, all others are known to the command line.

A block that cannot run says why in its info string: ```console title="Not run by the tests: REASON". The last test
lists them as skipped, so that none is left out silently. A number of documents (`--count`) is made small.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer.main

from service.command import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.M | re.S)
REASON = re.compile(r'title="Not run by the tests: ([^"]+)"')
REPORTS = ("county-2023-divs.html", "city-2024-markdown.md", "province-2022-pipes.txt")
SMALL = 20  # documents of a --count
SECONDS = 240
NEEDS_PROGRAMS = re.compile(r"gouji train (forms|scans|all)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page; `reason` says why it is not run."""

    page: str
    language: str
    reason: str | None
    text: str

    @property
    def commands(self) -> list[str]:
        lines = self.text.replace("\\\n", " ").splitlines()
        if self.language == "console":
            return [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line.lstrip().startswith("gouji ")]


def find_blocks() -> Iterator[Block]:
    for path in PAGES:
        for language, info, text in FENCE.findall(path.read_text("utf-8")):
            reason = REASON.search(info)
            yield Block(path.name, language, reason[1] if reason else None, text)


BLOCKS = list(find_blocks())
SHOWN = [(block.page, line) for block in BLOCKS for line in block.commands]
RUN = {page: [b for b in BLOCKS if b.page == page and b.language == "console" and not b.reason] for page, _ in SHOWN}
RUN = {page: blocks for page, blocks in RUN.items() if blocks}
NOT_RUN = [block for block in BLOCKS if block.language == "console" and block.reason]


def split_commands(line: str) -> Iterator[list[str]]:
    """The words after `gouji` of each command of a line, up to a pipe or a comment."""
    words = shlex.split(line, comments=True)
    ends = [place for place, word in enumerate(words) if word in ("|", "&&", ";")]
    for start, end in zip([0, *(end + 1 for end in ends)], [*ends, len(words)], strict=True):
        part = words[start:end]
        if "gouji" in part:
            yield part[part.index("gouji") + 1 :]


def find_fault(words: list[str]) -> str | None:
    """What the command line would not understand of these words: a command or an option that there is not."""
    command: Any = typer.main.get_command(app)
    path, rest = "gouji", list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--"):
            entries = {name: entry for entry in command.params for name in (*entry.opts, *entry.secondary_opts)}
            name = word.partition("=")[0].rstrip(",;")
            if name not in entries and name != "--help":
                return f"{path} has no {name}"
            if name in entries and not entries[name].is_flag and "=" not in word:
                rest = rest[1:]
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return f"{path} {word} is no command"
            command, path = command.commands[word], f"{path} {word}"
    return None


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=[f"{page}:{line[:60]}" for page, line in SHOWN])
def test_every_command_shown_is_one_with_these_options(page: str, line: str) -> None:
    line = line.replace("[", "").replace("]", "").replace("…", "")
    for words in split_commands(line):
        assert find_fault(words) is None


def test_a_command_that_there_is_not_is_told() -> None:
    assert find_fault(["extrakt", "a"]) == "gouji extrakt is no command"
    assert find_fault(["extract", "a", "--outt", "b"]) == "gouji extract has no --outt"
    assert find_fault(["store", "load", "a", "--stor", "b"]) == "gouji store load has no --stor"
    assert find_fault(["--forms", "folder", "extract", "a"]) is None


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder with a few reports, the forms of the guide, and a `gouji` that runs the code here."""
    (tmp_path / "reports").mkdir()
    for name in REPORTS:
        shutil.copy(ROOT / "examples" / name, tmp_path / "reports" / name)
    shutil.copytree(ROOT / "docs" / "examples" / "enforcement", tmp_path / "enforcement")
    (tmp_path / "models").symlink_to(ROOT / "models")
    (tmp_path / "bin").mkdir()
    for name, code in (("gouji", '-c "from service.command import main; main()"'), ("python", "")):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {code} "$@"\n', "utf-8")
        program.chmod(0o755)
    return tmp_path


def run_blocks(blocks: list[Block], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands of a page one after the other in one shell, as its reader does."""
    lines = [re.sub(r"--count \d+", f"--count {SMALL}", line) for block in blocks for line in block.commands]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GOUJI_")}
    environment |= {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GOUJI_TRACKING": "off",
        "COLUMNS": "200",
    }
    return subprocess.run(
        ["bash", "-euxc", "\n".join(lines)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def has_programs() -> bool:
    return all(map(shutil.which, ("soffice", "chromium")))


@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_run(page: str, workplace: Path) -> None:
    lines = [line for block in RUN[page] for line in block.commands]
    if any(NEEDS_PROGRAMS.search(line) for line in lines) and not has_programs():
        pytest.skip("LibreOffice or Chromium is not installed: the judges learn from PDFs")
    done = run_blocks(RUN[page], workplace)
    assert done.returncode == 0, (done.stdout[-1500:], done.stderr[-3000:])


def test_every_page_with_commands_runs_some_or_says_why_not() -> None:
    assert {block.page for block in NOT_RUN} | set(RUN) >= {
        "start.md",
        "own-forms.md",
        "retraining.md",
        "postgresql.md",
    }


@pytest.mark.parametrize("block", NOT_RUN, ids=[f"{block.page}:{block.commands[0][:40]}" for block in NOT_RUN])
def test_a_block_that_is_not_run_says_why(block: Block) -> None:
    pytest.skip(f"{block.page}: {block.reason}")
