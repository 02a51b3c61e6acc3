"""How long a page of a PDF takes to read, beside two other readers of tables, and how much memory a long one takes.

The documents are synthetic, made once into out/bench by LibreOffice and Chromium (where those are missing, the PDFs of
examples/), or those given: `python -m benchmarks.pages FILE...`. Gouji reads the whole report: forms, cells, sections,
checks. camelot (its defaults, all pages) and pdfplumber (`find_tables`, `extract`, all pages) only find tables. All in
one process, on one core, models loaded, the median of three rounds. Run by `make bench`.
"""

from __future__ import annotations

import io
import itertools
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CORPUS = Path("out/bench/pages-7-8")
DOCUMENTS, SEED = 8, 7
ROUNDS = 3
LONG = 300  # pages
STEP = 50  # pages between two looks at the memory
PAGE_STAGES = (
    ("extraction.readers.pdf_pages", "PdfPages.read_page", "characters, rules"),
    ("extraction.readers.pdf", "find_route", "route"),
    ("extraction.readers.page_blocks", "find_page_tables", "tables"),
    ("extraction.tables.camelot_grid", "CamelotGrids.find_grids", "camelot's grids"),
    ("extraction.readers.page_blocks", "find_lines", "lines"),
    ("extraction.readers.page_blocks", "join_paragraphs", "paragraphs"),
    ("extraction.readers.page_blocks", "join_tables", "joined tables"),
)
STAGES = ("read_document", "find_metadata", "find_tables", "find_rows", "map_cells", "judge_form", "read_form")
FORM_STAGES = tuple(("extraction.pipeline", name, name) for name in (*STAGES, "find_sections"))


class Stopwatch:
    """Seconds by stage; what a stage calls that is a stage too does not count for it."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._inner: list[float] = []

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Count the time in the block for a stage."""
        self._inner.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            whole = time.perf_counter() - start
            self.spent[name] += whole - self._inner.pop()
            if self._inner:
                self._inner[-1] += whole

    def watch(self, owner: Any, attribute: str, name: str) -> None:
        """Count the calls of a function for a stage from now on."""
        function = getattr(owner, attribute)

        def timed(*args: Any, **options: Any) -> Any:
            with self.time(name):
                return function(*args, **options)

        setattr(owner, attribute, timed)


def main() -> None:
    """Measure the documents given, or the corpus."""
    if sys.argv[1:2] == ["--memory"]:
        measure_memory(Path(sys.argv[2]))
        return
    files = [Path(name) for name in sys.argv[1:]] or find_documents()
    if not files:
        print("pages: no PDF to read")
        return
    with tempfile.TemporaryDirectory(prefix="gouji-") as folder:  # first: a child begins with the peak of its parent
        long = Path(folder, "long.pdf")
        pages = write_long_document(files, long, pages=LONG)
        print(f"memory on a document of {pages} pages:", flush=True)
        subprocess.run([sys.executable, "-m", "benchmarks.pages", "--memory", str(long)], check=True)
    compare_readers(files)


def find_documents() -> list[Path]:
    """The PDFs of the corpus, which is made where it is missing; else those of examples/."""
    from training.synthesis.converting import ConversionError
    from training.synthesis.pages_corpus import write_pages_corpus

    if not list(CORPUS.glob("*.pdf")):
        try:
            write_pages_corpus(CORPUS, count=DOCUMENTS, seed=SEED, split="test", kinds="pdf")
        except ConversionError as error:
            print(f"pages: no synthetic PDFs ({error}); those of examples/ instead")
            return sorted(Path("examples").glob("*.pdf"))
    return sorted(CORPUS.glob("*.pdf"))


def compare_readers(files: list[Path]) -> None:
    """Print seconds a document and a page of each reader, then the stages of ours."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # camelot's default threads over pictures
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # a line a character of some fonts
    watch = Stopwatch()
    readers = {"gouji": make_reader(watch), "camelot": read_with_camelot, "pdfplumber": read_with_pdfplumber}
    pages = {path: count_pages(path) for path in files}
    for reader in readers.values():
        reader(files[0])  # imports, dictionaries
    watch.spent.clear()
    seconds: dict[tuple[str, Path], list[float]] = {}
    for _, path, (name, reader) in itertools.product(range(ROUNDS), files, readers.items()):
        start = time.perf_counter()
        reader(path)
        seconds.setdefault((name, path), []).append(time.perf_counter() - start)
    medians = {key: statistics.median(times) for key, times in seconds.items()}
    print(f"\n{'seconds a document':40} pages " + "".join(f"{name:>12}" for name in readers))
    for path in files:
        figures = "".join(f"{medians[name, path]:12.3f}" for name in readers)
        print(f"{path.name[-40:]:40} {pages[path]:5} {figures}")
    totals = {name: sum(medians[name, path] for path in files) for name in readers}
    whole = sum(pages.values())
    print(f"{'a page':40} {'':5} " + "".join(f"{totals[name] / whole:12.4f}" for name in readers))
    print(f"{'times as long as gouji':40} {'':5} " + "".join(f"{t / totals['gouji']:12.1f}" for t in totals.values()))
    print("\nmilliseconds a page, by stage:")
    for stage, spent in watch.spent.most_common():
        print(f"  {stage:20} {1000 * spent / whole / ROUNDS:7.2f}")


def make_reader(watch: Stopwatch) -> Callable[[Path], None]:
    """A function that reads a document to its record, its stages timed."""
    import importlib

    from extraction import pipeline
    from extraction.readers.source import read_source
    from models.document import DocumentError
    from models.record import dump_record, make_record

    reader = pipeline.load_reader()
    for module, path, name in (*PAGE_STAGES, *FORM_STAGES):
        *owners, attribute = path.split(".")
        owner: Any = importlib.import_module(module)
        for part in owners:
            owner = getattr(owner, part)
        watch.watch(owner, attribute, name)
    watch.watch(reader.matcher, "match_forms", "match_forms")

    def read(path: Path) -> None:
        try:
            with watch.time("the rest"):
                dump_record(make_record(pipeline.extract(read_source(str(path)), reader=reader)))
        except DocumentError as error:
            print(f"{path.name}: {error.code}: {error.message}")

    return read


def read_with_camelot(path: Path) -> None:
    """Find the tables of all pages with camelot as it comes."""
    import camelot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of pages without tables
        camelot.read_pdf(str(path), pages="all")


def read_with_pdfplumber(path: Path) -> None:
    """Find the tables of all pages with pdfplumber as it comes, and their texts."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        for page in document.pages:
            for table in page.find_tables():
                table.extract()


def count_pages(path: Path) -> int:
    """The pages of a PDF file."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return len(document)


def write_long_document(files: list[Path], target: Path, *, pages: int) -> int:
    """Write the documents one after another, again and again, until there are as many pages; gives how many.

    Each time they come with fonts of their own, as in a collection of reports.
    """
    import pypdfium2

    whole = pypdfium2.PdfDocument.new()
    for path in itertools.cycle(files):
        with pypdfium2.PdfDocument(path) as part:
            whole.import_pages(part, list(range(min(len(part), pages - len(whole)))))
        if len(whole) >= pages:
            break
    buffer = io.BytesIO()
    whole.save(buffer)
    target.write_bytes(buffer.getvalue())
    return len(whole)


def measure_memory(path: Path) -> None:
    """Read one document and print the memory on the way and its peak, in MB."""
    from extraction import pipeline
    from extraction.readers.pdf_pages import PdfPages
    from extraction.readers.source import read_source

    reader = pipeline.load_reader()
    print(f"  models loaded: {find_resident():.0f} MB")
    read_page = PdfPages.read_page

    def look_and_read(self: PdfPages, number: int) -> Any:
        if number % STEP == 0:
            print(f"  page {number}: {find_resident():.0f} MB")
        return read_page(self, number)

    PdfPages.read_page = look_and_read  # type: ignore[method-assign]
    start = time.perf_counter()
    report = pipeline.extract(read_source(str(path)), reader=reader)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak {peak:.0f} MB, {seconds:.1f} s, {len(report.readings)} cells")


def find_resident() -> float:
    """The resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
