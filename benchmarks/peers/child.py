"""One peer in a process of its own, in whatever environment it needs: documents in on standard input, answers out.

`python -m benchmarks.peers.child PEER` takes one path a line and gives one JSON object a line: first `versions`, or
`absent` where the peer cannot be imported; then for every path `grids` or a `record`, or an `error`, with `seconds` of
the processor; at the end `peak` in MB. Imports nothing of ours, except Gouji's own adapter.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO


def main() -> None:
    """Answer the paths on standard input; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    adapter = importlib.import_module(f"benchmarks.peers.{sys.argv[1]}_peer")
    try:
        peer = adapter.Peer()
    except ImportError as error:
        answer(out, {"absent": str(error)})
        return
    answer(out, {"versions": find_versions(adapter.LIBRARIES)})
    paths = [line.strip() for line in sys.stdin]
    if getattr(adapter, "WARMING", True):
        read_path(peer, min(map(Path, paths), key=lambda path: path.stat().st_size))  # dictionaries, late imports
    for path in paths:
        start = time.process_time()
        found = read_path(peer, Path(path))
        answer(out, found | {"path": path, "seconds": time.process_time() - start})
    answer(out, {"peak": measure_peak()})


def read_path(peer: Any, path: Path) -> dict[str, Any]:
    """What a peer gives for a document, or its error in a word: a peer that fails on a document goes on with others."""
    try:
        found: dict[str, Any] = peer.read(path)
    except Exception as error:  # noqa: BLE001 — whatever a peer raises is its answer
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    return found


def find_versions(names: tuple[str, ...]) -> dict[str, str]:
    """The versions of the libraries that are installed."""
    versions = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def measure_peak() -> float:
    """The most memory that this process had, in MB; the usual figure begins with that of its parent."""
    status = Path("/proc/self/status")
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
    return peaks[0] if peaks else 0.0


def answer(out: TextIO, found: dict[str, Any]) -> None:
    """Write one line and flush it, so that what was done counts even if the process is ended."""
    out.write(json.dumps(found, ensure_ascii=False) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
