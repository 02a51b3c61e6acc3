"""A PDF with its truth made into a scan with its truth: `degrade_document(content, truth, recipe, seed=1)`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from extraction.readers.page_pictures import count_pages, render_page
from extraction.readers.pdf_pages import open_pages
from models.document import Source
from models.page import Box, Character, Page
from models.picture import POINTS, Pixels
from training.degradation.capture import make_grey
from training.degradation.files import CONTAINERS, SINGLE, SUFFIXES, ScannedPage, write_scan
from training.degradation.legibility import measure_print, score_cells
from training.degradation.pages import DegradedPage, degrade_sheet
from training.degradation.recipes import Recipe, fit_dpi, soften_recipe
from training.degradation.scan_truth import Place, cut_truth, find_places, move_truth
from training.degradation.sheet import Sheet
from training.degradation.text_layers import draw_layer
from training.synthesis.made_documents import MadeDocument

DRAWN_DPI = (200, 300)  # least and most of the clean pages that are degraded
LEGIBLE = 0.55  # of the score of a cell, below which nobody could say what stands in it; seen by eye
# A page with more cells lost, or more of them hard to read, is scanned again with more care: nobody would keep it.
MAX_LOST, MAX_HARD = 0.06, 0.15
HARD = 0.68
TRIES = 5
PAGES = ("all", "cells", "fullest")  # of a document, that are scanned
FILE_QUALITY = 88  # of JPEG in files: pages have been through that of their recipe before
CARE = 0.72  # of the strengths, at each further try
UNTOLD_DPI = {"photo": 0.7, "scan": 0.12}  # of PNGs and JPEGs by path: the file says nothing of its resolution
STORED_TURNED = 0.35  # of the photos in JPEG


@dataclass(frozen=True, slots=True)
class _Job:
    """A document that is being scanned."""

    source: Source
    recipe: Recipe
    container: str
    seed: str
    drawn_dpi: int

    def make_rng(self, *names: object) -> np.random.Generator:
        """Random numbers of their own for each use, alike in every run."""
        digest = hashlib.sha256("/".join(map(str, (self.seed, *names))).encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def degrade_document(  # noqa: PLR0913
    content: bytes,
    truth: Mapping[str, Any],
    recipe: Recipe,
    *,
    seed: str,
    container: str = "pdf",
    fixed_dpi: bool = False,
    pages: str = "all",
) -> MadeDocument:
    """Scan every page of a PDF by a recipe; `truth` may be without cells, then nothing is carried along.

    `pages` is one of `PAGES`: those from the first cell to the last, or the one with the most, where the truth says
    where cells stand.

    Print too small for the dpi of the recipe is scanned finer, unless `fixed_dpi`. PNG and JPEG hold the page with the
    most cells alone, and truth that can be read from it. Raises `ValueError` for a container or `pages` that are not
    known, `DocumentError` where the PDF cannot be drawn.
    """
    if container not in CONTAINERS:
        raise ValueError(f"no kind of file {container!r}; there are {', '.join(CONTAINERS)}")
    if pages not in PAGES:
        raise ValueError(f"no pages {pages!r}; there are {', '.join(PAGES)}")
    places = find_places(truth)
    source = Source("", content, "")
    recipe = recipe if fixed_dpi else _fit_dpi(source, places, recipe)
    drawn = min(max(*recipe.dpi, DRAWN_DPI[0]), DRAWN_DPI[1])
    job = _Job(source, recipe, container, seed, drawn)
    numbers: Sequence[int] = range(1, count_pages(source) + 1)
    if pages == "cells" and places:
        numbers = range(min(place.page for place in places), max(place.page for place in places) + 1)
    if container in SINGLE or (pages == "fullest" and places):
        numbers = [max(numbers, key=lambda number: sum(place.page == number for place in places))]
        truth = cut_truth(truth, numbers[0])
        places = [place for place in places if place.page == numbers[0]]
    scanned, notes, moved = [], [], []
    for order, number in enumerate(numbers, start=1):
        here = [place for place in places if place.page == number]
        page, note, carried = _scan_page(job, number, here)
        scanned.append(page)
        notes.append(note | {"page": order})
        moved += [replace(place, page=order) for place in carried]
    about = {
        "level": recipe.level,
        "dpi": recipe.dpi[0],
        "degradation": {
            "path": recipe.path,
            "mode": recipe.mode,
            "key": recipe.key,
            "effects": dict(recipe.strengths),
            "quality": recipe.quality,
            "turn": recipe.turn,
            "container": container,
            "dpi": list(recipe.dpi),
        },
        "sheets": notes,
        "pages": len(scanned),
    }
    return MadeDocument(write_scan(scanned, container), SUFFIXES[container], move_truth(truth, moved, LEGIBLE) | about)


def _fit_dpi(source: Source, places: Sequence[Place], recipe: Recipe) -> Recipe:
    """The recipe, fine enough for the print of the first page with cells."""
    number = min((place.page for place in places), default=None)
    if number is None:
        return recipe
    scale = DRAWN_DPI[0] / POINTS
    clean = make_grey(_draw_page(source, number, DRAWN_DPI[0]))
    boxes = [_scale_box(place.box, scale, scale) for place in places if place.page == number]
    height = measure_print(clean, boxes, scale=scale)
    return recipe if height is None else fit_dpi(recipe, height)


def _scan_page(job: _Job, number: int, places: Sequence[Place]) -> tuple[ScannedPage, dict[str, Any], list[Place]]:
    """A page for the file, what the truth says of it, and the places of its cells on it in points."""
    scale = job.drawn_dpi / POINTS
    clean = _draw_page(job.source, number, job.drawn_dpi)
    done, scores = _scan_legibly(job, number, clean, [place.box for place in places])
    turned = job.make_rng(number, "file")
    dpi = _tell_dpi(job)
    stored = int(turned.choice([90, 180, 270])) if _stores_turned(job) else 0
    page = ScannedPage(done.pixels, dpi, job.recipe.mode, FILE_QUALITY, stored_turn=stored)
    if job.container == "pdf-text":
        page = replace(
            page,
            texts=draw_layer(_read_characters(job.source, number), done.warp, scale, job.recipe.turned_dpi, turned),
        )
    across, down = (POINTS / side for side in job.recipe.turned_dpi)
    carried = []
    for place, score in zip(places, scores, strict=True):
        box = done.warp.carry_box(_scale_box(place.box, scale, scale))
        carried.append(replace(place, box=_scale_box(box, across, down), pixels=box, score=score))
    height, width = done.pixels.shape[:2]
    note = {
        "size": [width, height],
        "told_dpi": list(dpi) if dpi else None,
        "turn": job.recipe.turn,
        "stored_turn": stored,
        "effects": list(done.names),
    }
    return page, note, carried


def _scan_legibly(job: _Job, number: int, clean: Pixels, boxes: list[Box]) -> tuple[DegradedPage, list[float | None]]:
    """The page by the recipe, or by a softer one where a person could no longer read too many of its cells."""
    scale = job.drawn_dpi / POINTS
    recipe, grey = job.recipe, make_grey(clean)
    behind = number % count_pages(job.source) + 1
    back = _draw_page(job.source, behind, job.drawn_dpi) if "bleed" in recipe.names else None
    targets = tuple(_scale_box(box, scale, scale) for box in boxes)
    for attempt in range(TRIES):
        done = degrade_sheet(clean, recipe, Sheet(scale, job.make_rng(number, attempt), back, targets))
        scores = score_cells(grey, make_grey(done.pixels), done.warp, targets, scale=scale)
        if _is_kept([score for score in scores if score is not None]):
            break
        recipe = soften_recipe(recipe, CARE)
    return done, scores


def _is_kept(scores: Sequence[float]) -> bool:
    lost, hard = (sum(score < level for score in scores) for level in (LEGIBLE, HARD))
    return lost <= MAX_LOST * len(scores) and hard <= MAX_HARD * len(scores)


def _draw_page(source: Source, number: int, dpi: int) -> Pixels:
    return np.asarray(render_page(source, number, dpi=dpi).image, np.uint8)


def _read_characters(source: Source, number: int) -> tuple[Character, ...]:
    with open_pages(source) as pages:
        page = pages.read_page(number)
        return page.characters if isinstance(page, Page) else ()


def _tell_dpi(job: _Job) -> tuple[int, int] | None:
    """What the file says of its resolution."""
    chance = UNTOLD_DPI.get(job.recipe.path, 0.0) if job.container in SINGLE else 0.0
    return None if job.make_rng("dpi").random() < chance else job.recipe.turned_dpi


def _stores_turned(job: _Job) -> bool:
    photo = job.container == "jpeg" and job.recipe.path == "photo"
    return photo and job.make_rng("stored").random() < STORED_TURNED


def _scale_box(box: Box, across: float, down: float) -> Box:
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down
