"""Two trees of the project on the same reports: milliseconds a report of each, and whether the records are the same.

For a change that shall make reading faster and nothing else: `python -m benchmarks.comparison OTHER_TREE [ROUNDS]`,
where OTHER_TREE is a worktree of the state before. Each round reads all reports once in a process of either tree; of
each report the least time counts, so that a busy machine hardly shows. Records must not differ by a byte.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.extraction import SIZES
from extraction.pipeline import extract, load_reader
from models.document import DocumentError, Source
from models.memory import settle_memory
from models.record import dump_record, make_error_record, make_record
from training.synthesis.corpus import iterate_corpus

DOCUMENTS, WARMING = 150, 10
SEED = 19  # not that of the benchmark
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> None:
    """Print milliseconds a report of the other tree and of this one, and how many records differ."""
    trees = [Path(sys.argv[1]).resolve(), Path(__file__).resolve().parent.parent]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    sized = (r for r in iterate_corpus(20 * DOCUMENTS, SEED, "test", other_share=0.0) if len(r.content) in SIZES)
    contents = [report.content.hex() for report in itertools.islice(sized, DOCUMENTS)]
    runs = [[_run(tree, contents) for tree in trees] for _ in range(rounds)]
    for place, tree in enumerate(trees):
        least = [min(times) for times in zip(*(run[place][0] for run in runs), strict=True)][WARMING:]
        print(f"{1000 * sum(least) / len(least):7.2f} ms a report  {tree}")
    old, new = (run[1] for run in runs[0])
    print(f"{sum(a != b for a, b in zip(old, new, strict=True))} of {len(old)} records differ")


def _run(tree: Path, contents: list[str]) -> tuple[list[float], list[str]]:
    """Seconds of the processor and the hash of the record of each report, read by the code of a tree."""
    code = Path(__file__).read_text("utf-8")
    command = [sys.executable, "-c", code, "--child"]
    environment = os.environ | THREADS | {"PYTHONPATH": str(tree)}
    done = subprocess.run(
        command, cwd=tree, env=environment, input=json.dumps(contents), capture_output=True, text=True, check=True
    )
    times, hashes = json.loads(done.stdout)
    return times, hashes


def _read_all() -> None:
    """Read the reports of standard input; the child's part."""
    reader = load_reader()
    settle_memory()
    times, hashes = [], []
    for content in map(bytes.fromhex, json.load(sys.stdin)):
        start = time.thread_time()
        try:
            record = make_record(extract(Source("report", content, ""), reader=reader))
        except DocumentError as error:
            record = make_error_record("report", None, error.code, error.message)
        line = dump_record(record)
        times.append(time.thread_time() - start)
        hashes.append(hashlib.sha256(line.encode()).hexdigest())
    print(json.dumps([times, hashes]))


if __name__ == "__main__":
    _read_all() if "--child" in sys.argv else main()
