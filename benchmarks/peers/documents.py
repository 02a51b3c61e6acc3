"""The public set: invented reports with their truth, of every form and kind, the same for a seed and a count."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.degradation.recipes import LEVELS
from training.degradation.scans_corpus import scan_document
from training.synthesis.corpus import make_document
from training.synthesis.made_documents import MadeDocument, write_document
from training.synthesis.pages_corpus import PagePlan, make_pages, plan_page

SPLIT = "test"
TEXT_SUFFIXES = {"text": (".txt", ".md"), "html": (".html", ".htm", ".shtml")}
SCANS = tuple(f"scan-{level}" for level in LEVELS)
KINDS = ("text", "html", "docx", "pdf", *SCANS)
GENERATIONS = ("requests@2021", "statistics@2014", "requests@2021", "requests@2019")
MOST_TRIES = 4_000
MOST_PAGES = 6  # of a PDF; a longer one says no more and takes as long as the others together


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the set: its file, its truth and its kind."""

    path: Path
    truth: Mapping[str, Any]
    kind: str


def load_set(folder: Path, *, count: int, seed: int, kinds: Sequence[str] = KINDS) -> list[Entry]:
    """The documents of a set, made where they are not there yet.

    `count` is that of each kind that is no scan; of each level of scans there are half as many. Raises
    `ConversionError` where LibreOffice or Chromium is missing.
    """
    entries = []
    for kind in kinds:
        wanted = max(1, count // 2) if kind in SCANS else count
        target = folder / f"{seed}-{count}" / kind
        if not (target / "complete").exists():
            write_kind(target, kind, count=wanted, seed=seed)
            (target / "complete").touch()
        for truth in sorted(target.glob("*.truth.json")):
            known = json.loads(truth.read_text("utf-8"))
            entries.append(Entry(target / known["source"], known, kind))
    return entries


def write_kind(folder: Path, kind: str, *, count: int, seed: int) -> None:
    """Write the documents of one kind beside their truth."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _make_texts(kind, seed) if kind in TEXT_SUFFIXES else _make_pages(kind, seed)
    for number, (content, suffix, truth) in enumerate(itertools.islice(made, count)):
        name = f"{kind}-{number:03d}"
        whole = {**truth, "source": f"{name}{suffix}", "difficulty": "mixed", "synthetic": True}
        write_document(folder / f"{name}{suffix}", content, whole)


def _make_texts(kind: str, seed: int) -> Iterator[tuple[bytes, str, Mapping[str, Any]]]:
    """Texts or pages without an end, the generations of forms in turn."""
    generations = itertools.cycle(GENERATIONS)
    wanted = next(generations)
    for index in range(MOST_TRIES):
        document = make_document(index, seed=seed, split=SPLIT, other_share=0.0)
        if document.suffix in TEXT_SUFFIXES[kind] and wanted in document.truth["forms"]:
            yield document.content, document.suffix, document.truth
            wanted = next(generations)


def _make_pages(kind: str, seed: int) -> Iterator[tuple[bytes, str, Mapping[str, Any]]]:
    """Word documents, PDFs, or scans of PDFs."""
    for number, plan in enumerate(_plan_pages(kind, seed)):
        (document,) = make_pages([plan])
        if document.truth.get("pages", 1) > MOST_PAGES:
            continue
        yield _finish(document, kind, f"{seed}/{kind}/{number}")


def _finish(document: MadeDocument, kind: str, seed: str) -> tuple[bytes, str, Mapping[str, Any]]:
    if kind not in SCANS:
        return document.content, document.suffix, document.truth
    scan = scan_document(document, seed, SPLIT, level=kind.removeprefix("scan-"))
    return scan.content, scan.suffix, scan.truth


def _plan_pages(kind: str, seed: int) -> Iterator[PagePlan]:
    """Reports to be printed, the generations of forms in turn."""
    generations = itertools.cycle(GENERATIONS)
    wanted = next(generations)
    printed = "docx" if kind == "docx" else "pdf"
    for index in range(MOST_TRIES):
        plan = plan_page(f"{seed}/{SPLIT}/{kind}/{index}", printed, SPLIT)
        if wanted in plan.report.truth.get("forms", ()):
            yield plan
            wanted = next(generations)
