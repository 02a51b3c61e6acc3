"""The real PDFs of a folder printed and scanned: drawn at 300 to 110 dpi, degraded by level, read, compared with truth.

`python -m benchmarks.real_scans FOLDER` takes every PDF with a truth file beside it. Each is drawn clean and as a scan
of each level, at every resolution; options: `--dpi 300,200,150,110`, `--levels clean,light,medium,heavy`, `--seed 1`.
What is printed is no picture of a scanner: the page is real, the scan is ours.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from extraction.pipeline import Reader, extract, load_reader
from extraction.readers.page_pictures import count_pages, render_page
from models.document import DocumentError, Source
from models.record import make_error_record, make_record
from training.degradation.documents import degrade_document
from training.degradation.files import ScannedPage, write_scan
from training.degradation.recipes import LEVELS, draw_recipe
from training.evaluation import Evaluation, find_truths, judge_record

CLEAN = "clean"
SHOWN = ("cells", "accuracy", "non_zero_cells", "non_zero_accuracy", "silent_errors", "review_rate")


def scan_report(content: bytes, level: str, *, dpi: int, seed: str) -> bytes:
    """A PDF as the scan of its print, a PDF of pictures; `clean` only draws it."""
    if level == CLEAN:
        source = Source("", content, "")
        images = (render_page(source, number, dpi=dpi).image for number in range(1, count_pages(source) + 1))
        pages = [ScannedPage(np.asarray(image.convert("L"), np.uint8), (dpi, dpi)) for image in images]
        return write_scan(pages, "pdf")
    recipe = draw_recipe(level, np.random.default_rng([int(seed), dpi, [*LEVELS].index(level)]), dpi=dpi)
    return degrade_document(content, {"cells": {}, "forms": []}, recipe, seed=f"{seed}/{dpi}", fixed_dpi=True).content


def judge_scans(folder: Path, level: str, reader: Reader, *, dpi: int, seed: str) -> Evaluation:
    """The verdicts on the scans of every PDF of a folder."""
    evaluation = Evaluation()
    for document, truth in find_truths(folder):
        if document.suffix.lower() != ".pdf":
            continue
        source = Source(document.name, scan_report(document.read_bytes(), level, dpi=dpi, seed=seed), "")
        try:
            record = make_record(extract(source, reader=reader))
        except DocumentError as error:
            record = make_error_record(source.path, None, error.code, error.message)
        evaluation.documents.append(judge_record(record, json.loads(truth.read_text("utf-8"))))
    return evaluation


def list_rows(arguments: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """A line of figures for every level and resolution."""
    reader = load_reader()
    yield "level", "dpi", *SHOWN
    levels, resolutions = arguments.levels.split(","), map(int, arguments.dpi.split(","))
    for level, dpi in itertools.product(levels, [*resolutions]):
        measures = judge_scans(arguments.folder, level, reader, dpi=dpi, seed=arguments.seed).measures()
        figures = (measures[name] for name in SHOWN)
        yield level, str(dpi), *(f"{figure:.4f}" if isinstance(figure, float) else str(figure) for figure in figures)


def main() -> None:
    """Print a table of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dpi", default="300,200,150,110")
    parser.add_argument("--levels", default=",".join((CLEAN, *LEVELS)))
    parser.add_argument("--seed", default="1")
    for row in list_rows(parser.parse_args()):
        print("  ".join(f"{text:>18}" if i > 1 else f"{text:<7}" for i, text in enumerate(row)), flush=True)


if __name__ == "__main__":
    main()
