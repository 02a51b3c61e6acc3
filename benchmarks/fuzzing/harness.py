"""One process that fuzzes one kind of input, guided by the coverage of our readers (atheris, libFuzzer).

Started by `python -m benchmarks.fuzzing`. What is raised, takes long or takes much memory is written to a folder and
the run goes on, so that a first finding does not hide the next.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import random
import resource
import sys
import time
import traceback
import warnings
from pathlib import Path

import atheris

from benchmarks.fuzzing.mutating import mutate

ROOT = Path(__file__).parents[2]
SLOW = 3.0  # seconds of the processor for an input of some kilobytes; coverage doubles the time
MEMORY = 384 * 2**20  # bytes more than before
ADDRESSES = 8 * 2**30  # bytes, as a worker has
COUNTED = 50  # runs between two looks of the parent at how far it is
# What is imported in functions: under the eyes of the coverage only if it is imported here.
MODULES = (
    *(
        "extraction.readers",
        "extraction.pipeline",
        "extraction.readers.picture_files",
        "extraction.readers.picture_pages",
    ),
    *("extraction.readers.picture_reading", "extraction.recognition.cell_reader", "extraction.readers.ole"),
)


class Watch:
    """Runs a target and keeps what goes wrong, each kind of fault once."""

    def __init__(self, kind: str, folder: Path) -> None:
        from benchmarks.fuzzing.targets import make_target

        self._target = make_target(kind)
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


def main() -> None:
    """`harness KIND FOLDER CORPUS libFuzzer-options…`."""
    kind, folder, corpus = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["extraction", "models"]):
        for name in MODULES:
            importlib.import_module(name)
    watch = Watch(kind, folder)

    def change(content: bytes, size: int, seed: int) -> bytes:
        def flip(inner: bytes) -> bytes:
            return bytes(atheris.Mutate(inner, max(len(inner) + 8, 16)))

        changed = mutate(kind, content, random.Random(seed), flip=flip)
        return changed if len(changed) <= size else changed[:size] if kind != "docx" else content

    atheris.Setup([sys.argv[0], *sys.argv[4:], corpus], watch.run, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
