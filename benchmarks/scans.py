"""How long a page of a scan takes to read, beside RapidOCR alone on the same pages in the same run.

`python -m benchmarks.scans FILE...` takes scans (PDF, TIFF, PNG, JPEG); without any, the example scan. Three times are
measured on one core with the networks loaded, as seconds of the process (not of the clock, for other work may run):
RapidOCR with its defaults but the classifier of angles (off, as with us) on every page as it is drawn for us;
Gouji whole, everything read; and Gouji with tables only. The median of three rounds is told.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from extraction.pipeline import Reader, extract, load_reader
from extraction.readers.kinds import find_kind
from extraction.readers.picture_files import open_picture_file
from extraction.readers.picture_pages import open_pdf_pictures
from extraction.readers.source import read_source
from models.document import Source
from models.picture import Picture, Pixels

EXAMPLE = Path("examples/county-2024-scan.jpg")
ROUNDS = 3
SETTINGS = {
    "Global.use_cls": False,
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def list_pages(sources: Sequence[Source]) -> list[Pixels]:
    """The pixels of all pages, as RapidOCR takes them: blue, green, red."""
    opened = (
        open_pdf_pictures(source) if find_kind(source.content) == "pdf" else open_picture_file(source)
        for source in sources
    )
    pictures = [picture for found in opened for picture in found if isinstance(picture, Picture)]
    return [
        np.stack([picture.pixels] * 3, axis=2) if picture.pixels.ndim == 2 else picture.pixels[:, :, ::-1]
        for picture in pictures
    ]


def read_whole(sources: Sequence[Source], reader: Reader, *, tables_only: bool) -> None:
    """Read every document."""
    for source in sources:
        extract(replace(source, tables_only=tables_only), reader=reader)


def measure(work: Callable[[], object]) -> float:
    """Seconds of the process that work takes, the median of the rounds after one to warm up."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    """Measure the scans given, or the example."""
    from rapidocr import RapidOCR

    sources = [read_source(path) for path in sys.argv[1:] or [str(EXAMPLE)]]
    pages, reader, engine = list_pages(sources), load_reader(), RapidOCR(params=SETTINGS)
    alone = measure(lambda: [engine(page) for page in pages]) / len(pages)
    whole = measure(lambda: read_whole(sources, reader, tables_only=False)) / len(pages)
    tables = measure(lambda: read_whole(sources, reader, tables_only=True)) / len(pages)
    print(f"{len(sources)} documents, {len(pages)} pages; seconds a page")
    print(f"  RapidOCR alone        {alone:6.2f}")
    print(f"  Gouji, everything     {whole:6.2f}  {whole / alone:5.2f} times")
    print(f"  Gouji, tables only    {tables:6.2f}  {tables / alone:5.2f} times")


if __name__ == "__main__":
    main()
