"""What hostile documents cost a run: `python -m benchmarks.bulk_poison FOLDER [--share 0.05] [--repeats 2]`.

The documents of FOLDER are read without and with hostile ones among them, in turns, each run into a new SQLite store.
Printed are wall and processor time of each run and their ratios; it fails where a hostile document has no error record
of its own or another document is lost by it.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import resource
import shutil
import struct
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from extraction.readers.source import find_sources
from review.store.database import open_store, run_read
from service.reading import ReadOptions
from service.run_child import ChildOptions
from service.run_engine import EngineOptions
from service.run_limits import TIME_LIMIT
from service.running import RunEnd, RunPlan, run_sources
from tests.service import misbehaving

MARK = "hostile-"  # begins the names of hostile documents
SEED = 2062
MEMORY = 3 * 2**30  # bytes of address space of a child: what grows shall not take the machine


def make_bomb(chance: random.Random) -> tuple[str, bytes]:
    """A Word document of some kilobytes whose text unpacks to half a gigabyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f"<Types><!-- {chance.random()} --></Types>")
        with archive.open("word/document.xml", "w") as part:
            part.write(b"<w:document><w:body>")
            for _ in range(512):
                part.write(b" " * 2**20)
    return ".docx", packed.getvalue()


def make_picture(chance: random.Random) -> tuple[str, bytes]:
    """A PNG of a kilobyte that says it has 3.6 thousand million pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"tEXt", f"n\0{chance.random()}".encode()), (b"IDAT", zlib.compress(b"\0" * 10**6)))
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in (*chunks, (b"IEND", b""))
    )
    return ".png", b"\x89PNG\r\n\x1a\n" + body


KINDS: Mapping[str, Callable[[random.Random], tuple[str, bytes]]] = {
    "hang": lambda chance: (".txt", f"!hang {chance.random()}".encode()),
    "spin": lambda chance: (".txt", f"!spin {chance.random()}".encode()),
    "memory": lambda chance: (".txt", f"!memory {chance.random()}".encode()),
    "grow": lambda chance: (".txt", f"!grow {chance.random()}".encode()),
    "kill": lambda chance: (".txt", f"!kill {chance.random()}".encode()),
    "corrupt": lambda chance: (".pdf", b"%PDF-1.7\n" + chance.randbytes(20_000)),
    "other": lambda chance: (".docx", b"PK\x03\x04" + chance.randbytes(20_000)),
    "bomb": make_bomb,
    "picture": make_picture,
    "name": lambda chance: ("\udcff\udcfe.txt", f"{chance.random()}".encode()),
}


def write_folders(documents: Path, work: Path, share: float) -> tuple[Path, Path, Counter[str]]:
    """The documents alone, the same with hostile ones between them, and how many there are of each kind of these."""
    clean, poisoned = work / "clean", work / "poisoned"
    clean.mkdir()
    chance = random.Random(SEED)
    paths = list(find_sources([str(documents)]))
    chance.shuffle(paths)
    for number, path in enumerate(paths):
        shutil.copy(path, clean / f"{number:05}{Path(path).suffix}")
    shutil.copytree(clean, poisoned)
    count = round(len(paths) * share / (1 - share))
    kinds = [list(KINDS)[number % len(KINDS)] for number in range(count)]
    for number, kind in enumerate(kinds):
        suffix, content = KINDS[kind](chance)
        (poisoned / f"{chance.randrange(len(paths)):05}-{MARK}{kind}-{number}{suffix}").write_bytes(content)
    return clean, poisoned, Counter(kinds)


def run_once(folder: Path, work: Path, *, workers: int, time_limit: float) -> tuple[RunEnd, float, Counter[str]]:
    """A run, the processor seconds it took, and the codes of its error records by kind of hostile document."""
    url = f"sqlite:///{work}/store-{time.monotonic_ns()}.db"
    store = open_store(url)
    child = ChildOptions(ReadOptions(), time_limit, MEMORY, read=misbehaving.read_or_misbehave)
    before = _count_seconds()
    end = run_sources(store, [str(folder)], RunPlan(url, child, EngineOptions(workers=workers)))
    spent = _count_seconds() - before
    rows = run_read(store, lambda c: c.execute(text("SELECT source, error_code FROM records")).all())
    store.engine.dispose()
    codes: Counter[str] = Counter()
    for source, code in rows:
        kind = source.rpartition(MARK)[2].partition("-")[0] if MARK in source else "others"
        codes[f"{kind}: {code or 'read'}"] += 1
    return end, spent, codes


def _count_seconds() -> float:
    """Seconds of the processor of this process and of all that have ended below it."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def main() -> None:
    """Print what the runs took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="gouji-poison-") as name:
        work = Path(name)
        clean, poisoned, hostile = write_folders(arguments.folder, work, arguments.share)
        total, others = hostile.total(), len(list(clean.iterdir()))
        print(f"{others} documents; with {total} hostile: {dict(hostile)}", flush=True)
        sums = {clean: [0.0, 0.0], poisoned: [0.0, 0.0]}
        for folder in (clean, poisoned) * arguments.repeats:
            end, spent, codes = run_once(folder, work, workers=arguments.workers, time_limit=arguments.time_limit)
            done, failed, seconds = (end.figures[key] for key in ("done", "failed", "seconds"))
            print(f"{folder.name}: {done} read, {failed} failed, {seconds:.1f} s, {spent:.1f} s of the processor")
            print(f"   load {os.getloadavg()[0]:.1f}, {dict(sorted(codes.items()))}", flush=True)
            sums[folder][0] += seconds
            sums[folder][1] += spent
            wanted = total if folder == poisoned else 0
            if (done, failed) != (others, wanted):
                raise SystemExit(f"{others} and {wanted} were to be expected")
        wall, processor = (sums[poisoned][place] / sums[clean][place] for place in (0, 1))
        print(f"with {total} hostile {wall:.2f} times the time, {processor:.2f} times the processor")


if __name__ == "__main__":
    main()
