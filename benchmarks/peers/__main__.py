"""Gouji and its peers on the same documents: `python -m benchmarks.peers [--count N] [--seed N] [--write]`.

Every peer reads every kind of document that it can, in a process of its own for each kind; tables are mapped to the
cells of the forms by `mapping.py`, the same for all. Run by `make benchmark`, which makes `.venv-peers` for those that
do not go together with our pins. `--write` puts the tables into docs/peers.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers.documents import KINDS, Entry, load_set
from benchmarks.peers.measuring import Peer, Result, measure_peer
from benchmarks.peers.page import make_page, write_page

ROOT = Path(__file__).parents[2]
OWN = Path(sys.executable)
APART = ROOT / ".venv-peers" / "bin" / "python"
DOCS = ROOT / "docs" / "peers.md"
PEERS = (
    Peer("gouji", "Gouji", OWN),
    Peer("camelot", "camelot", OWN),
    Peer("pdfplumber", "pdfplumber", OWN),
    Peer("img2table", "img2table + RapidOCR", APART),
    Peer("rapidocr", "RapidOCR", OWN),
    Peer("docling", "docling", APART),
    Peer("plain", "pandas, python-docx", OWN),
)
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> None:
    """Measure the peers that are asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4, help="documents a kind; half as many of each level of scans")
    parser.add_argument("--seed", type=int, default=2042)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS))
    parser.add_argument("--seconds", type=int, default=600, help="of a peer for a kind, after which it is ended")
    parser.add_argument("--folder", type=Path, default=Path("out/peers"))
    parser.add_argument("--resume", action="store_true", help="take what a stopped run has measured already")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {DOCS.relative_to(ROOT)}")
    options = parser.parse_args()
    os.environ.update(THREADS)
    kinds, names = options.kinds.split(","), options.peers.split(",")
    entries = load_set(options.folder, count=options.count, seed=options.seed, kinds=kinds)
    results = [result for peer in PEERS if peer.name in names for result in _measure(peer, entries, options)]
    about = f"`make benchmark` with `--count {options.count} --seed {options.seed}`, {describe_machine()}."
    page = make_page(results, entries, about=about)
    print(page)
    if options.write:
        write_page(DOCS, page)


def _measure(peer: Peer, entries: list[Entry], options: argparse.Namespace) -> list[Result]:
    folder = options.folder / f"{options.seed}-{options.count}" / "answers"
    results = []
    for kind in KINDS:
        chosen = [entry for entry in entries if entry.kind == kind]
        if chosen:
            result = measure_peer(peer, kind, chosen, seconds=options.seconds, folder=folder, resume=options.resume)
            results.append(result)
            print(f"{peer.title:22} {kind:12} {result.describe()}", file=sys.stderr, flush=True)
    return results


def describe_machine() -> str:
    """Date, cores and Python, since the times depend on them."""
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
