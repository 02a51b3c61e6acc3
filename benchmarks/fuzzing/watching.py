"""Runs inputs and keeps what goes wrong: what is raised, what takes long, what takes much memory."""

from __future__ import annotations

import hashlib
import json
import resource
import time
import traceback
from pathlib import Path

from benchmarks.fuzzing.targets import WHOLE, make_target

ROOT = Path(__file__).parents[2]
SLOW = 3.0  # seconds of the processor for an input of some kilobytes; coverage doubles the time
MEMORY = 384 * 2**20  # bytes more than before
ADDRESSES = 8 * 2**30  # bytes, as a worker has
COUNTED = 50  # runs between two looks of the parent at how far it is


class Watch:
    """Runs a target and keeps what goes wrong, each kind of fault once."""

    def __init__(self, kind: str, folder: Path, *, whole: int = WHOLE) -> None:
        self._target = make_target(kind, whole=whole)
        self._kind = kind
        self._folder = folder
        self._seen: set[str] = set()
        self._runs = 0

    def run(self, content: bytes) -> None:
        """One input; never raises for what the target raises."""
        self._runs += 1
        if self._runs % COUNTED == 0:
            (self._folder / f"{self._kind}.runs").write_text(str(self._runs), "ascii")
        before, start = _measure_peak(), time.thread_time()
        try:
            self._target(content)
        except Exception as error:  # noqa: BLE001 — whatever is raised is the finding
            self._keep(content, f"{type(error).__name__} in {_find_place(error)}", traceback.format_exc())
            return
        seconds, grown = time.thread_time() - start, _measure_peak() - before
        if seconds > SLOW:
            self._keep(content, f"slow: about {2 ** round(seconds).bit_length()} s", f"{seconds:.1f} s")
        if grown > MEMORY and self._runs > COUNTED:
            self._keep(content, f"memory: about {2 ** (grown >> 27).bit_length() * 128} MB", f"{grown >> 20} MB")

    def _keep(self, content: bytes, name: str, details: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        digest = hashlib.sha256(content).hexdigest()[:12]
        (self._folder / f"{self._kind}-{digest}.bin").write_bytes(content)
        finding = {"kind": self._kind, "what": name, "input": digest, "run": self._runs, "details": details}
        with (self._folder / "findings.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(finding, ensure_ascii=False) + "\n")


def _find_place(error: BaseException) -> str:
    """The last line of our own that the error went through."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(ROOT / "extraction"))]
    frame = (ours or traceback.extract_tb(error.__traceback__))[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _measure_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def limit_memory() -> None:
    """As much as a worker may have: what asks for more is a finding, not the end of the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
