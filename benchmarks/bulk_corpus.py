"""Makes a large mixed folder for bulk runs, seeded: `python -m benchmarks.bulk_corpus FOLDER --documents 20000`.

    text/       text, markdown and HTML, a thousand a folder    what the other shares leave
    docx/       Word documents                                  20 %
    packed.zip  more text and HTML, as members                   5 %
    copies/     texts that stand in text/ too, byte for byte     1 %
    pdf/        printed by LibreOffice and Chromium             1.5 %
    scans/      those PDFs, scanned                             1.5 %

`manifest.tsv` beside them lists every document with the SHA-256 of its bytes, by the place that a run gives it;
`list.txt` names the files as a run shall read them: mixed, the scans last. Started again, what is there is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from extraction.readers.page_pictures import count_pages
from models.document import Source
from service.run_archives import MARK
from training.degradation.files import SINGLE
from training.degradation.recipes import draw_recipe
from training.degradation.scans_corpus import draw_container, scan_document
from training.synthesis.corpus import make_document
from training.synthesis.made_documents import MadeDocument
from training.synthesis.pages_corpus import make_page_documents

SPLIT = "test"
SHARES = {"docx": 0.2, "packed": 0.05, "copies": 0.01, "pdf": 0.015, "scans": 0.015}
LISTS = ("manifest.tsv", "list.txt")
AT_ONCE = 50  # documents that a process makes before it takes the next
FOLDER = 1000  # documents in one folder
PART = ".part"  # what is not written to its end
SHORT = 2  # pages of the PDFs that are scanned; of longer ones the first page alone


@dataclass(frozen=True, slots=True)
class Piece:
    """Documents of one kind by their numbers, to be written into a folder; each is alike however they are parted."""

    folder: Path
    seed: int
    numbers: Sequence[int]

    def place(self, number: int, suffix: str) -> Path:
        """Where a document goes."""
        return self.folder / f"{number // FOLDER:03}" / f"{number:06}{suffix}"

    def list_missing(self) -> list[int]:
        """The numbers whose document is not there yet."""
        parents = {self.place(number, "").parent for number in self.numbers}
        there = {path.stem for parent in parents if parent.exists() for path in parent.iterdir() if path.suffix != PART}
        return [number for number in self.numbers if f"{number:06}" not in there]


def count_kinds(documents: int) -> dict[str, int]:
    """How many documents there are of each kind."""
    counts = {kind: round(documents * share) for kind, share in SHARES.items()}
    return {"text": documents - sum(counts.values()), **counts}


def write_texts(piece: Piece) -> None:
    """Text, markdown and HTML."""
    for number in piece.list_missing():
        report = make_document(number, seed=piece.seed, split=SPLIT)
        _write(piece.place(number, report.suffix), report.content)


def write_pages(piece: Piece, kind: str) -> None:
    """Word documents or PDFs, without the places of their cells."""
    missing = piece.list_missing()
    documents = make_page_documents(missing, piece.seed, SPLIT, kinds=kind, boxes=False)
    for number, document in zip(missing, documents, strict=True):
        _write(piece.place(number, document.suffix), document.content)


def write_scans(piece: Piece, printed: Sequence[Path]) -> None:
    """Scans of printed PDFs; `printed` has those of all numbers, the shortest first."""
    for number in piece.list_missing():
        content = printed[number].read_bytes()
        pages = count_pages(Source("", content, ""))
        level = ("light", "medium")[number % 2]
        document = MadeDocument(content, ".pdf", {"cells": {}, "pages": pages})
        for attempt in range(100):
            seed = f"{piece.seed}/{SPLIT}/{number}/{attempt}"
            if pages <= SHORT or _is_single(seed, level):
                scan = scan_document(document, seed, SPLIT, level=level)
                _write(piece.place(number, scan.suffix), scan.content)
                break


def _is_single(seed: str, level: str) -> bool:
    """Whether the scan of a seed is a picture of one page."""
    rng = random.Random(f"{seed}/scan")
    recipe = draw_recipe(level, np.random.default_rng(rng.getrandbits(64)), split=SPLIT)
    return draw_container(recipe.mode, rng) in SINGLE


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: what is there is not made again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(PART)
    half.write_bytes(content)
    half.rename(path)


def write_corpus(folder: Path, *, documents: int, seed: int, workers: int) -> None:
    """Write what is missing of a corpus; raises `ConversionError` where LibreOffice or Chromium is missing or fails."""
    counts = count_kinds(documents)
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:

        def make(kind: str, write: Callable[[Piece], None]) -> None:
            numbers = range(counts[kind])
            pieces = [
                Piece(folder / kind, seed + list(counts).index(kind), numbers[at : at + AT_ONCE])
                for at in range(0, len(numbers), AT_ONCE)
            ]
            list(pool.map(write, pieces))
            print(f"{kind}: {counts[kind]}", flush=True)

        make("text", write_texts)
        make("docx", partial(write_pages, kind="docx"))
        if not (folder / "packed.zip").exists():
            make("packed", write_texts)
            _pack(folder)
        _copy(folder, counts["copies"])
        make("pdf", partial(write_pages, kind="pdf"))
        shortest = _list_shortest(folder / "pdf")[: counts["scans"]]
        make("scans", partial(write_scans, printed=shortest))
    _write_lists(folder, seed)


def _pack(folder: Path) -> None:
    half = folder / f"packed{PART}"
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _list_files(folder / "packed"):
            archive.write(path, path.relative_to(folder / "packed").as_posix())
    half.rename(folder / "packed.zip")
    shutil.rmtree(folder / "packed")


def _copy(folder: Path, count: int) -> None:
    for number, path in enumerate(_list_files(folder / "text")[:: FOLDER // 20][:count]):
        target = folder / "copies" / f"{number:06}{path.suffix}"
        if not target.exists():
            _write(target, path.read_bytes())


def _list_shortest(folder: Path) -> list[Path]:
    files = _list_files(folder)
    pages = {path: count_pages(Source("", path.read_bytes(), "")) for path in files}
    return sorted(files, key=lambda path: (pages[path], path))


def _list_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_lists(folder: Path, seed: int) -> None:
    """The manifest, and the files in the order of a run."""
    lines = []
    files = [path for path in _list_files(folder.absolute()) if path.suffix != PART and path.name not in LISTS]
    for path in files:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found = [(f"{path}{MARK}{name}", archive.read(name)) for name in archive.namelist()]
        else:
            found = [(str(path), path.read_bytes())]
        lines += [f"{hashlib.sha256(content).hexdigest()}\t{name}\n" for name, content in found]
    (folder / "manifest.tsv").write_text("".join(lines), "utf-8")
    order = random.Random(seed)
    files.sort(key=lambda path: (path.parent.parent.name == "scans", order.random()))
    (folder / "list.txt").write_text("".join(f"{path}\n" for path in files), "utf-8")
    print(f"{len(lines)} documents, {len({line[:64] for line in lines})} of them distinct")


def main() -> None:
    """Write a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2060)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    write_corpus(arguments.folder, documents=arguments.documents, seed=arguments.seed, workers=arguments.workers)


if __name__ == "__main__":
    main()
