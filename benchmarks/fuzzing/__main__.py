"""Fuzz the readers: `python -m benchmarks.fuzzing [KIND…] [--runs N] [--seed N] [--out FOLDER]`.

Each kind is fuzzed by a process of its own, which a broken library may take down; then the rest of its runs is left to
a new one. Prints runs, seconds and findings of each kind; inputs that were found are in the folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.fuzzing.seeds import SEEDS
from benchmarks.fuzzing.targets import WHOLE

MOST_BYTES = 48_000
MOST_ARCHIVE_BYTES = 120_000
SECONDS = 120  # of one input, after which the process is ended
MEGABYTES = 6_000
MOST_DEATHS = 10


def main() -> None:
    """Fuzz the kinds that are asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*SEEDS, []], help="default: all")
    parser.add_argument("--runs", type=int, default=2_000, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blind", action="store_true", help="without coverage: needs no atheris, and is faster")
    parser.add_argument("--whole", type=int, default=WHOLE, help="with --blind: runs to each that takes the whole path")
    parser.add_argument("--out", type=Path, default=Path("out/fuzzing"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for kind in options.kinds or SEEDS:
        start = time.perf_counter()
        runs, deaths = fuzz(
            kind,
            runs=options.runs,
            seed=options.seed,
            folder=options.out,
            whole=options.whole if options.blind else None,
        )
        seconds = time.perf_counter() - start
        print(f"{kind:10} {runs:8} runs  {seconds:8.0f} s  {deaths} deaths", flush=True)
    findings = options.out / "findings.jsonl"
    for line in findings.read_text("utf-8").splitlines() if findings.exists() else ():
        finding = json.loads(line)
        print(f"  {finding['kind']}: {finding['what']}  ({finding['kind']}-{finding['input']}.bin)")


def fuzz(kind: str, *, runs: int, seed: int, folder: Path, whole: int | None) -> tuple[int, int]:
    """Runs that were done, and how often the process died and was started again; guided without `whole`."""
    corpus, counter = folder / f"{kind}.corpus", folder / f"{kind}.runs"
    write_seeds(kind, corpus)
    done = deaths = 0
    while done < runs and deaths <= MOST_DEATHS:
        command = _command_guided(kind, folder, corpus, runs - done, seed + 1000 * deaths)
        if whole is not None:
            command = _command_blind(command[1:4], runs - done, seed + 1000 * deaths, whole)
        counter.write_text("0", "ascii")
        with (folder / f"{kind}.log").open("ab") as log:
            ended = subprocess.run([sys.executable, "-m", *command], stdout=log, stderr=log, check=False)
        if ended.returncode == 0:
            return runs, deaths
        deaths += 1
        if (last := folder / f"{kind}-last.bin").exists():
            last.rename(folder / f"{kind}-death-{seed}-{deaths}.bin")
        done += int(counter.read_text("ascii"))
    return done, deaths


def _command_guided(kind: str, folder: Path, corpus: Path, runs: int, seed: int) -> list[str]:
    options = {"runs": runs, "seed": seed, "max_len": _find_most(kind), "timeout": SECONDS, "rss_limit_mb": MEGABYTES}
    options |= {"artifact_prefix": f"{folder}/{kind}-", "verbosity": 0, "len_control": 0}
    command = ["benchmarks.fuzzing.harness", kind, str(folder), str(corpus)]
    return [*command, *(f"-{name}={value}" for name, value in options.items())]


def _command_blind(about: list[str], runs: int, seed: int, whole: int) -> list[str]:
    return ["benchmarks.fuzzing.blind", *about, *map(str, (runs, seed, _find_most(about[0]), whole))]


def _find_most(kind: str) -> int:
    return MOST_ARCHIVE_BYTES if kind == "docx" else MOST_BYTES


def write_seeds(kind: str, corpus: Path) -> None:
    """The inputs to begin with; a corpus that is there already is gone on with."""
    if not corpus.exists():
        corpus.mkdir(parents=True)
        for number, content in enumerate(SEEDS[kind]()):
            (corpus / f"seed-{number:03d}").write_bytes(content)


if __name__ == "__main__":
    main()
