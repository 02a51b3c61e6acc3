"""What the engine of bulk runs costs and bears: `python -m benchmarks.bulk overhead | workers | memory`.

    overhead [--documents 1000]          engine against a plain loop that reads and keeps the same tiny documents
    workers FOLDER [--documents 60]      one worker against two on PDFs and scans; without FOLDER on waiting ones
    memory FOLDER [--plot FILE.png]      resident memory of all processes of a run over time

Each run goes into a new SQLite store.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from review.record_cells import parse_record
from review.store.database import open_store
from review.store.reads import FreshRead, keep_reads
from review.store.runs import start_run
from service.reading import ReadOptions
from service.run_child import ChildOptions
from service.run_engine import EngineOptions
from service.run_order import BATCH
from service.run_reader import Read
from service.running import RunEnd, RunPlan, run_sources
from tests.service import misbehaving

SEED = 2063
PAGES = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}


def run(sources: Iterable[str], folder: Path, *, workers: int, read: Read, time_limit: float = 300.0) -> RunEnd:
    """A run into a new store below a folder."""
    store = open_store(f"sqlite:///{folder}/store-{time.monotonic_ns()}.db")
    child = ChildOptions(ReadOptions(), time_limit, read=read)
    url = f"sqlite:///{store.engine.url.database}"
    return run_sources(store, list(sources), RunPlan(url, child, EngineOptions(workers=workers)))


def measure_overhead(folder: Path, documents: int) -> None:
    """Milliseconds that the engine adds to a document."""
    reports = folder / "reports"
    reports.mkdir()
    for number in range(documents):
        (reports / f"{number:06}.txt").write_text(f"report {number}")
    paths = [str(path) for path in sorted(reports.iterdir())]
    store = open_store(f"sqlite:///{folder}/plain.db")
    begun = start_run(store, reader="plain", sources=[], options={})
    started, spent = time.perf_counter(), _count_processor()
    for batch in _batch(paths):
        lines = [misbehaving.read(path) for path in batch]
        keep_reads(store, [FreshRead(parse_record(line), 0.0) for line in lines], reader="plain", run_id=begun.run_id)
    plain, plain_spent = time.perf_counter() - started, _count_processor() - spent
    started, spent = time.perf_counter(), _count_processor()
    end = run(paths[:1], folder, workers=1, read=misbehaving.read)
    begin, begin_spent = time.perf_counter() - started, _count_processor() - spent
    started, spent = time.perf_counter(), _count_processor()
    end = run([str(reports)], folder, workers=1, read=misbehaving.read)
    engine, engine_spent = time.perf_counter() - started, _count_processor() - spent
    assert end.figures["done"] == documents
    for name, all_of, first, loop in (("wall", engine, begin, plain), ("cpu", engine_spent, begin_spent, plain_spent)):
        print(
            f"{name}: plain loop {loop / documents * 1000:.2f} ms a document, engine"
            f" {(all_of - first) / documents * 1000:.2f}, overhead {(all_of - first - loop) / documents * 1000:.2f} ms;"
            f" a run of one document {first:.1f} s"
        )
    print(f"load {os.getloadavg()[0]:.1f}")


def _count_processor() -> float:
    """Seconds of the processor that this process and those that it has waited for have used."""
    return sum(os.times()[:4])


def _batch(paths: list[str]) -> Iterable[list[str]]:
    return (paths[at : at + BATCH] for at in range(0, len(paths), BATCH))


def measure_workers(folder: Path, documents: Path | None, count: int, workers: Sequence[int]) -> None:
    """The rate of one worker and of two on the same documents: of the whole run, and without what starting takes."""
    if documents is None:
        documents = folder / "waiting"
        documents.mkdir()
        for number in range(120):
            (documents / f"{number:03}.pdf").write_text(f"sleep 0.25 {number}")
    read = misbehaving.read if documents.is_relative_to(folder) else misbehaving.read_or_misbehave
    paths = choose_pages(documents, count)
    (folder / "single.txt").write_text("report 1")
    print(f"{len(paths)} documents: {dict(Counter(Path(path).suffix for path in paths))}", flush=True)
    whole, reading = {}, {}
    for number in workers:
        begin = run([str(folder / "single.txt")], folder, workers=number, read=misbehaving.read).figures["seconds"]
        spent = _count_processor()
        end = run(paths, folder, workers=number, read=read)
        assert end.figures["done"] == len(paths)
        seconds, share = end.figures["seconds"], end.figures["reading_seconds"] / end.figures["seconds"] / number
        whole[number], reading[number] = seconds, seconds - begin
        print(
            f"{number} workers: {seconds:.1f} s, {begin:.1f} s for a run of one tiny document, with a document in hand"
            f" {share:.1%} of the time ({end.figures['reading_seconds']:.1f} s), {_count_processor() - spent:.1f} s of"
            f" the processor; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    if len(workers) > 1:
        first, last = workers[0], workers[-1]
        print(
            f"{last} against {first}: {whole[first] / whole[last]:.2f} times the rate,"
            f" {reading[first] / reading[last]:.2f} times without what starting takes"
        )


def choose_pages(folder: Path, count: int) -> list[str]:
    """Some PDFs and pictures of a folder, half of them from `scans` where it has such, in an order by chance."""
    chance = random.Random(SEED)
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PAGES]
    scans = [path for path in paths if "scans" in path.relative_to(folder).parts]
    others = [path for path in paths if path not in set(scans)]
    half = count // 2 if scans else count
    chosen = [path for part in (scans, others) for path in chance.sample(part, min(half, len(part)))]
    chance.shuffle(chosen)
    return [str(path) for path in chosen]


def measure_memory(folder: Path, documents: Path, plot: Path | None) -> None:
    """Resident memory of the run and of all below it, every second."""
    samples: list[tuple[float, int, int]] = []
    stop = threading.Event()

    def watch() -> None:
        started = time.monotonic()
        while not stop.wait(1.0):
            own, below = read_memory(os.getpid()), sum(map(read_memory, _list_below(os.getpid())))
            samples.append((time.monotonic() - started, own, below))

    threading.Thread(target=watch, daemon=True).start()
    end = run([str(documents)], folder, workers=2, read=misbehaving.read_or_misbehave)
    stop.set()
    print(json.dumps(end.figures))
    half = samples[len(samples) // 2 :]
    quarter = samples[len(samples) // 4 : len(samples) // 2]
    for name, place in (("run and scheduler", 1), ("workers and children", 2)):
        early, late = (max(sample[place] for sample in part) / 2**20 for part in (quarter, half))
        print(f"{name}: at most {early:.0f} MB in the second quarter, {late:.0f} MB in the second half")
    if plot is not None:
        _draw(samples, plot)


def read_memory(process: int) -> int:
    """Bytes of a process that are resident; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def list_children(process: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [int(number) for number in thread.read_text().split()]
        except OSError:
            continue
    return found


def _list_below(process: int) -> list[int]:
    found = list_children(process)
    return found + [number for child in found for number in _list_below(child)]


def _draw(samples: list[tuple[float, int, int]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.5))
    seconds = [sample[0] for sample in samples]
    axes.plot(seconds, [sample[1] / 2**20 for sample in samples], label="run and scheduler")
    axes.plot(seconds, [sample[2] / 2**20 for sample in samples], label="2 workers and their children")
    axes.set(xlabel="seconds", ylabel="MB resident", ylim=(0, None), title="Memory of a bulk run")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run one measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=("overhead", "workers", "memory"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    measures: dict[str, Any] = {
        "overhead": lambda work: measure_overhead(work, arguments.documents),
        "workers": lambda work: measure_workers(work, arguments.folder, arguments.documents, arguments.workers),
        "memory": lambda work: measure_memory(work, arguments.folder, arguments.plot),
    }
    with TemporaryDirectory(prefix="gouji-bulk-") as work:
        measures[arguments.measure](Path(work))


if __name__ == "__main__":
    main()
