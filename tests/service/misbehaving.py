"""A reader for tests of bulk runs: what a document says, it does to the process that reads it."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from models.record import dump_record
from service.reading import ReadOptions, read_record

FIELD = {
    "id": "disputes.reconsideration.total", "form": "disputes@2019", "state": "number", "value": 1, "raw": "1",
    "confidence": 0.9, "review": True, "reasons": ["low_confidence"], "evidence": None,
}  # fmt: skip


def read(path: str, options: ReadOptions | None = None) -> str:
    """A record of one cell.

    `kill`, `kill once FILE`, `hang`, `spin`, `lock FILE` (a hang that lets no thread go on, after it has written the
    number of its process), `memory`, `grow`, `fault` and `sleep SECONDS` are obeyed; `loaded MODULES` is answered by
    those that are.
    """
    content = Path(path).read_bytes()
    word, _, rest = content.decode("utf-8", "replace").removeprefix("!").partition(" ")
    if word == "kill" and (not rest.startswith("once") or _is_first(rest)):
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "hang":
        time.sleep(3600)
    while word == "spin":
        pass
    if word == "lock":
        Path(f"{rest}.new").write_text(str(os.getpid()))
        Path(f"{rest}.new").rename(rest)
        ctypes.PyDLL(None).sleep(3600)
    taken: list[bytes] = []
    while word == "grow":
        taken.append(b"x" * 2**26)
    if word == "memory":
        bytearray(64 * 2**30)
    if word == "fault":
        raise KeyError("a fault of the reader")
    if word == "sleep":
        time.sleep(float(rest.split()[0]))
    if word == "loaded":
        rest = " ".join(name for name in rest.split() if name in sys.modules)
    record: dict[str, Any] = {
        "source": path,
        "sha256": hashlib.sha256(content).hexdigest(),
        "media_type": "text/plain",
        "title": rest or word,
        "organization": "栖川市民政局",
        "year": 2023,
        "cells": [FIELD | {"form": "unknown@1"} if word == "unknown" else FIELD],
        "findings": [],
    }
    return dump_record(record)


def read_or_misbehave(path: str, options: ReadOptions | None = None) -> str:
    """The record of a document as Gouji reads it, but of what begins with `!` as above."""
    with Path(path).open("rb") as file:
        poisoned = file.read(1) == b"!"
    return read(path, options) if poisoned else read_record(path, options)


def _is_first(rest: str) -> bool:
    """Whether nobody has come by yet; a file tells the next one."""
    try:
        Path(rest.split()[1]).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
