"""A large run watched: `python -m benchmarks.bulk_volume run | plot | check`; the folder is that of `bulk_corpus`.

run FOLDER --store URL --samples FILE     `gouji run` on its list of files; memory and progress every two seconds.
                                          Started again it goes on, and so do the samples.
plot SAMPLES... --out FILE.png            resident memory over documents read and over time; what processes share
                                          is counted in each of them
check FOLDER --store URL [--again 60]     that nothing is lost, doubled or exchanged: every document of the
                                          manifest against the store, and some read again in this process
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.bulk import list_children, read_memory
from review.record_cells import parse_record
from review.store.adding import draft_record
from review.store.database import Store, StoreAway, open_store, run_read
from service.reading import read_record
from service.run_archives import MARK

COMMAND = "from service.command import main; main()"
INTERVAL = 2.0  # seconds between samples


@dataclass(frozen=True, slots=True)
class Sample:
    """The run at a moment: seconds since the first start of it, bytes resident by what processes do."""

    part: int
    seconds: float
    documents: int
    run: int
    workers: int
    children: int
    load: float


def run_watched(folder: Path, url: str, samples: Path, options: Sequence[str]) -> int:
    """Run `gouji run` and write what it takes; its exit status."""
    command = [sys.executable, "-c", COMMAND, "run", f"@{folder / 'list.txt'}", "--store", url, *options]
    before = read_samples(samples) if samples.exists() else []
    part, offset = (before[-1].part + 1, before[-1].seconds) if before else (1, 0.0)
    store: Store | None = None
    started = time.monotonic()
    with samples.open("a", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        if not before:
            writer.writerow([field.name for field in fields(Sample)])
        process = subprocess.Popen(command)
        try:
            while process.poll() is None:
                time.sleep(INTERVAL)
                store = store or _try_open(url)
                count = _count(store)
                roles = _measure(process.pid)
                seconds = round(offset + time.monotonic() - started, 1)
                writer.writerow(astuple(Sample(part, seconds, count, *roles, round(os.getloadavg()[0], 1))))
                file.flush()
        except KeyboardInterrupt:
            process.wait()
    return process.returncode


def _try_open(url: str) -> Store | None:
    """The store, when the run has made it."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return None
    try:
        return open_store(url)
    except (ValueError, StoreAway):
        return None


def _count(store: Store | None) -> int:
    if store is None:
        return 0
    try:
        query = text("SELECT count(*) FROM reads")
        return int(run_read(store, lambda connection: connection.execute(query).scalar_one()))
    except StoreAway:
        return 0


def _measure(process: int) -> tuple[int, int, int]:
    """Bytes of the run with its scheduler, of its workers, and of all below these."""
    workers = list_children(process)
    below: list[int] = []
    waiting = list(workers)
    while waiting:
        found = list_children(waiting.pop())
        below += found
        waiting += found
    return read_memory(process), sum(map(read_memory, workers)), sum(map(read_memory, below))


def read_samples(path: Path) -> list[Sample]:
    """What `run_watched` has written."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [
            Sample(
                int(row["part"]),
                float(row["seconds"]),
                int(row["documents"]),
                int(row["run"]),
                int(row["workers"]),
                int(row["children"]),
                float(row["load"]),
            )
            for row in rows
        ]


def plot(paths: Sequence[Path], target: Path) -> None:
    """Draw the samples, and print their figures."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(len(paths), 2, figsize=(11, 3.6 * len(paths)), squeeze=False, sharey="row")
    for path, row in zip(paths, panels, strict=True):
        samples = read_samples(path)
        print(f"{path.name}:")
        _print_memory(samples)
        for axes, place, label in zip(row, ("documents", "seconds"), ("documents read", "seconds"), strict=True):
            _draw(axes, samples, place)
            axes.set(xlabel=label, ylabel="MB resident", ylim=(0, None))
        row[0].legend(loc="upper left", fontsize="small")
    figure.tight_layout()
    figure.savefig(target, dpi=110)


def _draw(axes: Any, samples: Sequence[Sample], place: str) -> None:
    """Memory of the run while it reads; grey lines where it was started again."""
    samples = [sample for sample in samples if sample.children]
    across = [getattr(sample, place) for sample in samples]
    for name, label in (("children", "children that read"), ("workers", "workers"), ("run", "run and scheduler")):
        axes.plot(across, [getattr(sample, name) / 2**20 for sample in samples], label=label, linewidth=1)
    for before, after in pairwise(samples):
        if after.part != before.part:
            axes.axvline(getattr(after, place), color="grey", linestyle=":", linewidth=1)
    axes.grid(alpha=0.3)


def _print_memory(samples: Sequence[Sample]) -> None:
    """Most and typical memory in each fifth of the documents, and the rate, while documents are read."""
    samples = [sample for sample in samples if sample.children]
    last = max(sample.documents for sample in samples)
    print(f"{'documents':>15} {'a second':>9} {'load':>5}   run MB   workers MB   children MB (median, most)")
    for fifth in range(5):
        low, high = last * fifth // 5, last * (fifth + 1) // 5
        here = [sample for sample in samples if low < sample.documents <= high]
        if len(here) < 2:
            continue
        rate = (here[-1].documents - here[0].documents) / max(here[-1].seconds - here[0].seconds, 0.1)
        load = sorted(sample.load for sample in here)[len(here) // 2]
        text_ = "   ".join(_show(sample_values(here, name)) for name in ("run", "workers", "children"))
        print(f"{low:>7}-{high:<7} {rate:>9.1f} {load:>5.1f}   {text_}")


def sample_values(samples: Iterable[Sample], name: str) -> list[float]:
    """One column of samples in MB, sorted."""
    return sorted(getattr(sample, name) / 2**20 for sample in samples)


def _show(values: Sequence[float]) -> str:
    return f"{values[len(values) // 2]:.0f} {values[-1]:.0f}"


QUERY = """
SELECT i.place, i.status, i.code, d.sha256, d.document_key, r.error_code, x.code AS read_code
FROM inputs i LEFT JOIN documents d ON d.document_id = i.document_id
LEFT JOIN reads x ON x.document_id = d.document_id LEFT JOIN records r ON r.record_id = x.record_id
"""
COUNTS = ("documents", "reads", "records", "readings", "findings", "items")


def check(folder: Path, url: str, again: int) -> bool:
    """Print what is lost, doubled or exchanged; whether nothing is."""
    store = open_store(url)
    manifest = dict(
        reversed(line.rstrip("\n").split("\t", 1)) for line in (folder / "manifest.tsv").read_text().splitlines()
    )
    rows = run_read(store, lambda connection: connection.execute(text(QUERY)).mappings().all())
    by_place: dict[str, Any] = {row["place"]: row for row in rows}
    counts = {name: _count_rows(store, name) for name in COUNTS}
    faults = Counter(_find_fault(by_place.get(place), sha256) for place, sha256 in manifest.items())
    distinct = len(set(manifest.values()))
    print(f"{len(manifest):,} documents of the manifest, {distinct:,} distinct: {dict(faults)}")
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    print("errors:", dict(Counter(row["code"] for row in rows if row["status"] == "failed")))
    whole = len(rows) == len(manifest) and counts["documents"] == counts["reads"] == counts["records"] == distinct
    print("one record a distinct document, no other input:", whole)
    different = _read_again(store, manifest, again)
    print(f"{again} read again in this process: {different} differ")
    return whole and set(faults) <= {"read", "error record"} and not different


def _count_rows(store: Store, table: str) -> int:
    query = text(f"SELECT count(*) FROM {table}")
    return int(run_read(store, lambda connection: connection.execute(query).scalar_one()))


def _find_fault(row: Mapping[str, Any] | None, sha256: str) -> str:
    if row is None:
        return "lost"
    if row["status"] == "waiting" or row["document_key"] is None:
        return "waiting"
    if row["sha256"] != sha256:
        return "exchanged"
    if row["code"] != row["read_code"] or row["read_code"] != row["error_code"]:
        return "at odds"
    return "read" if row["status"] == "done" else "error record"


def _read_again(store: Store, manifest: Mapping[str, str], count: int) -> int:
    """How many of some documents give another record in this process than the run has kept."""
    places = sorted(place for place in manifest if MARK not in place)
    chosen = random.Random(2060).sample(places, min(count, len(places)))
    query = text("SELECT r.digest FROM records r JOIN documents d USING (document_id) WHERE d.sha256 = :sha256")
    different = 0
    for place in chosen:
        digest = draft_record(store, parse_record(read_record(place))).digest
        values = {"sha256": manifest[place]}
        kept = run_read(store, lambda connection, values=values: connection.execute(query, values).scalars().all())  # type: ignore[misc]
        if list(kept) != [digest]:
            different += 1
            print("another record:", place)
    return different


def main() -> None:
    """Run, draw or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    running = parts.add_parser("run")
    running.add_argument("folder", type=Path)
    running.add_argument("--store", required=True)
    running.add_argument("--samples", type=Path, required=True)
    running.add_argument("--workers", type=int, default=2)
    running.add_argument("--files", help="where originals are kept; needed for PostgreSQL")
    drawing = parts.add_parser("plot")
    drawing.add_argument("samples", type=Path, nargs="+")
    drawing.add_argument("--out", type=Path, required=True)
    checking = parts.add_parser("check")
    checking.add_argument("folder", type=Path)
    checking.add_argument("--store", required=True)
    checking.add_argument("--again", type=int, default=60)
    arguments = parser.parse_args()
    if arguments.part == "run":
        options = ["--workers", str(arguments.workers)]
        options += ["--files", arguments.files] if arguments.files else []
        sys.exit(run_watched(arguments.folder, arguments.store, arguments.samples, options))
    elif arguments.part == "plot":
        plot(arguments.samples, arguments.out)
    else:
        sys.exit(not check(arguments.folder, arguments.store, arguments.again))


if __name__ == "__main__":
    main()
