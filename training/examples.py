"""The documents of `examples/`, made anew by `python -m training.examples`: invented reports in many layouts."""

from __future__ import annotations

import itertools
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.degradation.documents import degrade_document
from training.degradation.recipes import Recipe
from training.synthesis.content import make_report
from training.synthesis.made_documents import MadeDocument, write_document
from training.synthesis.pages_corpus import make_pages, plan_page
from training.synthesis.printed import RenderedReport
from training.synthesis.rendering import render_report

EXAMPLES = Path(__file__).parent.parent / "examples"
SPLIT = "test"
MAX_BYTES = 40_000
MAX_TRIES = 20_000  # seeds looked at for one example


@dataclass(frozen=True, slots=True)
class Wish:
    """What an example shall be; its seed is the first from `seed` on whose report is so.

    `agency` is a pattern of who publishes it, `errors` the number of cells that are wrong in the report itself,
    `least` the smallest share of cells that are not zero.
    """

    name: str
    layout: str
    years: Sequence[int]
    agency: str
    seed: int
    forms: tuple[str, ...] = ("proactive@2021", "requests@2021", "disputes@2019")
    errors: int = 0
    least: float = 0.1
    difficulty: str = "clean"
    encodings: tuple[str, ...] = ("utf-8",)
    noise: frozenset[str] = frozenset()


OLD_FORMS = ("proactive@2019", "requests@2019", "disputes@2019")
WISHES = (
    Wish("zone-2023-wrong-sum.html", "html-table", (2023,), "示范区管理委员会$", seed=312, errors=1),
    Wish(
        "bureau-2023-gbk.html",
        "html-table",
        (2023,),
        "局$",
        seed=4300,
        difficulty="mixed",
        encodings=("gbk", "gb18030"),
        noise=frozenset({"navigation"}),
    ),
    Wish("county-2023-divs.html", "html-divs", (2023,), "县人民政府$", seed=58),
    Wish("city-2024-markdown.md", "markdown-table", (2024,), "市人民政府$", seed=200),
    Wish("province-2022-pipes.txt", "pipe-rows", (2022,), "省人民政府$", seed=40),
    Wish("city-2023-tabs-wrong-sum.txt", "tabs", (2023,), "市人民政府$", seed=2133, errors=1),
    Wish("town-2020-cell-lines.txt", "cell-lines-spaced", (2020,), "镇人民政府$", seed=2197, forms=OLD_FORMS),
    Wish("district-2016-statistics.txt", "blanks", (2016,), "区人民政府$", seed=1909, forms=("statistics@2014",)),
)


# On paper: a Word file and a PDF by LibreOffice, `layout` being the writer. They are written only where they are not
# there yet, since a converter makes other bytes each time.
PAGE_WISHES = (
    Wish("city-2022-word.docx", "word", (2022,), "市人民政府$", seed=10, errors=0),
    Wish("county-2024-pages.pdf", "libreoffice", (2024,), "县人民政府$", seed=20, errors=0),
)
MAX_PAPER_BYTES = 220_000  # fonts go with a PDF, noise with a scan
# A scan of a page of a PDF above. Like that it is written only where it is not there yet: libraries draw otherwise.
SCAN_NAME, SCANNED_NAME = "county-2024-scan.jpg", "county-2024-pages.pdf"
SCAN = Recipe("scan", "light", (150, 150), "colour", 62, (("skew", 0.25), ("grain", 0.1), ("round-stamp", 0.2)))


def make_examples(folder: Path) -> Iterator[tuple[str, RenderedReport | MadeDocument]]:
    """Every example with its name, but for PDFs that the folder has."""
    for wish in WISHES:
        yield wish.name, make_example(wish)
    for wish in PAGE_WISHES:
        if not (wish.name.endswith(".pdf") and (folder / wish.name).exists()):
            yield wish.name, make_page_example(wish)


def make_scan_example(folder: Path) -> MadeDocument:
    """The page with the most cells of an example PDF of the folder, scanned with a stamp on it."""
    content = (folder / SCANNED_NAME).read_bytes()
    truth = json.loads((folder / SCANNED_NAME).with_suffix(".truth.json").read_text("utf-8"))
    scan = degrade_document(content, truth, SCAN, seed="examples", container="jpeg", fixed_dpi=True)
    return replace(scan, truth=scan.truth | {"source": SCAN_NAME})


def make_page_example(wish: Wish) -> MadeDocument:
    """The first document on paper from the seed on that is as wished; raises `LookupError`, `ConversionError`."""
    kind = Path(wish.name).suffix[1:]
    for seed in itertools.islice(itertools.count(wish.seed), MAX_TRIES):
        plan = plan_page(f"examples/{kind}/{seed}", kind, SPLIT, difficulty=wish.difficulty)
        if plan.writer == wish.layout and "organization" in plan.report.truth and _is_wished(wish, plan.report.truth):
            (document,) = make_pages([plan])
            truth = document.truth | {"source": wish.name, "difficulty": wish.difficulty, "synthetic": True}
            return replace(document, truth=truth)
    raise LookupError(f"{wish.name}: none of {MAX_TRIES} seeds makes such a report")


def make_example(wish: Wish) -> RenderedReport:
    """The first report from the seed on that is as wished; raises `LookupError` where there is none."""
    for seed in itertools.islice(itertools.count(wish.seed), MAX_TRIES):
        document = _try_seed(wish, seed)
        if document is not None:
            truth = document.truth | {"source": wish.name, "difficulty": wish.difficulty, "synthetic": True}
            return replace(document, truth=truth)
    raise LookupError(f"{wish.name}: none of {MAX_TRIES} seeds makes such a report")


def _try_seed(wish: Wish, seed: int) -> RenderedReport | None:
    rng = random.Random(f"examples/{wish.layout}/{seed}")
    report = make_report(rng, split=SPLIT, difficulty=wish.difficulty)
    if not _is_wished(wish, report.truth):
        return None
    document = render_report(report, rng, layout=wish.layout, clean=wish.difficulty == "clean", split=SPLIT)
    fits = document.suffix == Path(wish.name).suffix and document.truth["encoding"] in wish.encodings
    fits &= wish.noise <= set(document.noise) and len(document.content) <= MAX_BYTES
    return document if fits else None


def _is_wished(wish: Wish, truth: Mapping[str, Any]) -> bool:
    spoilt = {error["cell"] for error in truth["source_errors"]}
    busy = sum(cell["value"] not in (0, None) for cell in truth["cells"].values())
    return (
        truth["year"] in wish.years
        and tuple(truth["forms"]) == wish.forms
        and bool(re.search(wish.agency, truth["organization"]))
        and len(spoilt) == wish.errors
        and busy >= wish.least * len(truth["cells"])
    )


def write_examples(folder: Path) -> None:
    """Write each example beside its truth."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in make_examples(folder):
        write_document(folder / name, document.content, document.truth)
    if not (folder / SCAN_NAME).exists():
        scan = make_scan_example(folder)
        write_document(folder / SCAN_NAME, scan.content, scan.truth)


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES)
