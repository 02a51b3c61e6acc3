"""Corpora of Word documents and PDFs with the true box of every cell: `write_pages_corpus(folder, count=100, …)`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from training.synthesis.chances import FREE_NOISE
from training.synthesis.choice import check_split, find_split, pick
from training.synthesis.converting import ConversionError, convert_each
from training.synthesis.corpus import OTHER_SHARE, make_document
from training.synthesis.grid import value_rows
from training.synthesis.made_documents import MadeDocument, write_documents
from training.synthesis.noise import NoiseMix, draw_noise, fold_text
from training.synthesis.own_reports import draw_report
from training.synthesis.page_truth import (
    CellBox,
    UnequalPrintsError,
    add_boxes,
    count_pages,
    find_cell_boxes,
    measure_widths,
    read_box_texts,
)
from training.synthesis.pages import compose_page
from training.synthesis.printed import PrintedReport, PrintedTable
from training.synthesis.rendering import UNFIT_NOISE, UNFIT_VARIATIONS
from training.synthesis.table_setting import mark_colors
from training.synthesis.unknowable import Loss, adjust_truth
from training.synthesis.web_print import print_web_page
from training.synthesis.word_pages import write_docx
from training.synthesis.word_styles import Habits, WordStyle, draw_word_style

KINDS: Mapping[str, Mapping[str, float]] = {
    "docx": {"docx": 1},
    "pdf": {"pdf": 1},
    "text": {"text": 1},
    "mixed": {"docx": 3, "pdf": 5, "text": 2},
}
CONVERTERS: Mapping[str, float] = {"libreoffice": 78, "chromium": 22}
SUFFIXES = {"libreoffice": ".docx", "chromium": ".html"}
# What is not done on paper: the noise of web pages and of text taken out of them.
WEB_NOISE = frozenset(
    {"navigation", "index-card", "traditional", "pinyin", "wrapped-lines", "title-twice", "middle-dots", "zero-width"}
    | {"label-rows", "label-fields", "lost-dates"}
)
WEB_HABITS = ("page_number", "watermark", "web")
OFFICE_HABITS = tuple(field.name for field in fields(Habits))
AT_EDGE = 1.0  # points from the side of a cell to the edge of the page that cuts it
CHUNK = 40  # documents made, converted and written at a time


@dataclass(frozen=True, slots=True)
class PagePlan:
    """One document before it is written; `seed` is that of its hand, the same for the plain and the marked print."""

    kind: str
    writer: str
    report: PrintedReport
    style: WordStyle
    noise: tuple[str, ...]
    seed: str


def write_pages_corpus(
    folder: Path, *, count: int, seed: int, split: str, kinds: str = "mixed", difficulty: str = "mixed"
) -> list[str]:
    """Write `count` documents of a split as `00000.docx` (or .pdf, .txt, …) beside `00000.truth.json`.

    Gives the names of those left out because their converter failed on them. `kinds` is one of `KINDS`. Raises
    `ConversionError` where a converter is missing or makes none, `ValueError` for an unknown split or kind.
    """
    documents = iterate_pages_corpus(count, seed, split, kinds=kinds, difficulty=difficulty)
    return write_documents(folder, documents, count)


def iterate_pages_corpus(
    count: int, seed: int, split: str, *, kinds: str = "mixed", difficulty: str = "mixed", boxes: bool = True
) -> Iterator[MadeDocument]:
    """The documents in the order of their index, without those that a converter fails on.

    Each is alike whether made alone or among others; `source` of its truth has its index. Without `boxes` PDFs are
    printed once, and their truth does not say where the cells stand.
    """
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        yield from make_page_documents(numbers, seed, split, kinds=kinds, difficulty=difficulty, boxes=boxes)


def make_page_documents(
    numbers: Sequence[int], seed: int, split: str, *, kinds: str, difficulty: str = "mixed", boxes: bool = True
) -> Iterator[MadeDocument]:
    """The documents of these indices, without those that a converter fails on; `source` of their truth has the index.

    Raises `ValueError` for an unknown split or kind, `ConversionError`.
    """
    check_split(split)
    if kinds not in KINDS:
        raise ValueError(f"no kind {kinds!r}; there are {', '.join(KINDS)}")
    if numbers:
        made: dict[int, MadeDocument] = {}
        plans: dict[int, PagePlan] = {}
        for index in numbers:
            kind = pick(random.Random(f"{seed}/{split}/{index}/kind"), KINDS[kinds])
            if kind == "text":
                text = make_document(index, seed=seed, split=split, difficulty=difficulty)
                made[index] = MadeDocument(text.content, text.suffix, text.truth)
            else:
                plans[index] = plan_page(name_page(seed, split, index, kind), kind, split, difficulty=difficulty)
        pages = try_pages(list(plans.values()), boxes=boxes)
        made |= {index: page for index, page in zip(plans, pages, strict=True) if page is not None}
        for index in (number for number in numbers if number in made):
            document = made[index]
            name = {"source": f"{index:05d}{document.suffix}", "difficulty": difficulty, "synthetic": True}
            yield replace(document, truth=document.truth | name)


def name_page(seed: int, split: str, index: int, kind: str) -> str:
    """The seed of a document of a corpus."""
    return f"{seed}/{split}/{index}/{kind}"


def plan_page(seed: str, kind: str, split: str, *, difficulty: str = "mixed") -> PagePlan:
    """What is decided of a document before it is written: its report, its noise, its style."""
    rng = random.Random(seed)
    report = draw_report(rng, split=split, difficulty=difficulty, other_share=OTHER_SHARE)
    mix = NoiseMix() if difficulty == "clean" else draw_paper_noise(rng, split)
    if UNFIT_VARIATIONS & set(report.variations):
        mix = replace(mix, names=mix.names - UNFIT_NOISE)
    page = compose_page(report, mix, rng)
    truth = dict(report.truth)
    if "facts" in truth:  # documents of another kind count too, but nobody has listed what
        truth["facts"] = [fact | {"text": fold_text(str(fact["text"]), mix)} for fact in truth["facts"]]
    report = replace(report, blocks=page.blocks, truth=truth)
    style = draw_word_style(rng, split, tracked=kind == "docx")
    writer = pick(rng, CONVERTERS) if kind == "pdf" else "word"
    return PagePlan(kind, writer, report, style, tuple(sorted(mix.names)), f"{seed}/hand")


def draw_paper_noise(rng: random.Random, split: str) -> NoiseMix:
    """A mixture of the noise that offices make themselves; what is left of it belongs to the split too."""
    while True:
        mix = draw_noise(rng, split)
        names = mix.names - WEB_NOISE
        if len(names) <= FREE_NOISE or find_split("+".join(sorted(names))) == split:
            return replace(mix, names=names)


def make_pages(plans: Sequence[PagePlan], *, boxes: bool = True) -> list[MadeDocument]:
    """Write the planned documents; PDFs carry the boxes of their cells. Raises `ConversionError` where one fails."""
    made = [page for page in try_pages(plans, boxes=boxes) if page is not None]
    if len(made) < len(plans):
        raise ConversionError(f"{len(plans) - len(made)} of {len(plans)} documents could not be printed")
    return made


def try_pages(plans: Sequence[PagePlan], *, boxes: bool = True) -> list[MadeDocument | None]:
    """Write the planned documents, those of a converter in batches; `None` for those that it fails on."""
    made: dict[int, MadeDocument | None] = {}
    for writer in dict.fromkeys(plan.writer for plan in plans):
        numbers = [number for number, plan in enumerate(plans) if plan.writer == writer]
        chosen = [plans[number] for number in numbers]
        made |= zip(
            numbers, _write_words(chosen) if writer == "word" else _write_pdfs(chosen, writer, boxes=boxes), strict=True
        )
    return [made[number] for number in range(len(plans))]


def _write_words(plans: Iterable[PagePlan]) -> Iterator[MadeDocument]:
    for plan in plans:
        content = write_docx(plan.report, plan.style, random.Random(plan.seed))
        yield MadeDocument(content, ".docx", _describe(plan))


def _write_pdfs(plans: Sequence[PagePlan], writer: str, *, boxes: bool) -> Iterator[MadeDocument | None]:
    """Each document printed plain and marked, and the truth with the boxes found by the marks."""
    write = write_docx if writer == "libreoffice" else print_web_page
    if not boxes:
        sources = [write(plan.report, plan.style, random.Random(plan.seed)) for plan in plans]
        for plan, plain in zip(plans, convert_each(sources, SUFFIXES[writer]), strict=True):
            truth = _describe(plan)
            yield MadeDocument(plain, ".pdf", truth | {"pages": count_pages(plain)}) if plain is not None else None
        return
    sources = [
        write(plan.report, plan.style, random.Random(plan.seed), marked=marked)
        for plan in plans
        for marked in (False, True)
    ]
    pdfs = convert_each(sources, SUFFIXES[writer])
    for plan, plain, marked in zip(plans, pdfs[::2], pdfs[1::2], strict=True):
        placed = _add_places(plan, plain, marked) if plain is not None else None
        yield MadeDocument(plain, ".pdf", placed) if plain is not None and placed is not None else None


def _add_places(plan: PagePlan, plain: bytes, marked: bytes | None) -> dict[str, Any] | None:
    """The truth of a PDF with the boxes of its cells; what fell off its pages is missing.

    `None` where LibreOffice lost most rows of a table: nobody can read such a form.
    """
    truth = _describe(plan) | {"pages": count_pages(plain)}
    if marked is None:
        return truth | {"unplaced": "the print with marks could not be made"}
    colors = mark_colors(plan.report.blocks)
    try:
        boxes = find_cell_boxes(plain, marked, colors)
    except UnequalPrintsError as error:  # the values are true all the same, only their places are not known
        return truth | {"unplaced": str(error)}
    texts = read_box_texts(plain, boxes)
    fallen = find_fallen(plan.report, boxes, texts)
    fallen = replace(fallen, gone=fallen.gone | find_cut(plan.report, boxes, texts, measure_widths(plain)))
    return None if lost_most_rows(plan.report, fallen) else add_boxes(adjust_truth(truth, fallen), boxes)


def lost_most_rows(report: PrintedReport, fallen: Loss) -> bool:
    """Whether more than half of the rows of a table with several have no field left."""
    for table in (block for block in report.blocks if isinstance(block, PrintedTable)):
        rows = [[cell.field_id for cell in row if cell.field_id] for row in value_rows(table)]
        if len(rows) > 1 and sum(fallen.gone.issuperset(row) for row in rows) > len(rows) / 2:
            return True
    return False


def find_fallen(report: PrintedReport, boxes: Mapping[str, Sequence[CellBox]], texts: Mapping[str, str]) -> Loss:
    """The fields of a report that were set and are on no page, and those left in rows with some of them.

    LibreOffice loses rows at a page break now and then, or draws their cells without any of their `texts`, and a table
    wider than its page ends at the edge of that.
    """
    rows = [row for block in report.blocks if isinstance(block, PrintedTable) for row in value_rows(block)]
    fields = [[cell.field_id for cell in row if cell.field_id] for row in rows]
    gone = {field_id for row in fields for field_id in row if not boxes.get(field_id)} if boxes else set()
    for row in rows:
        held = [cell for cell in row if cell.text.strip() and boxes.get(cell.field_id or "")]
        if held and not any(texts.get(cell.field_id or "") for cell in held):
            gone.update(cell.field_id for cell in row if cell.field_id)
    return Loss(frozenset(gone), frozenset(f for row in fields if gone & set(row) for f in row) - gone)


def find_cut(
    report: PrintedReport,
    boxes: Mapping[str, Sequence[CellBox]],
    texts: Mapping[str, str],
    widths: Sequence[float],
) -> frozenset[str]:
    """The fields whose cell the page ends in, so that nothing of its print is left; `widths` of all pages in points."""
    rows = [row for block in report.blocks if isinstance(block, PrintedTable) for row in value_rows(block)]
    printed = {cell.field_id for row in rows for cell in row if cell.field_id and cell.text.strip()}
    return frozenset(
        field_id
        for field_id, places in boxes.items()
        if field_id in printed
        and not texts.get(field_id)
        and any(box.bbox[2] > widths[box.page - 1] - AT_EDGE for box in places)
    )


def _describe(plan: PagePlan) -> dict[str, Any]:
    """The truth of the report with what the print is like."""
    habits = plan.style.habits
    names = WEB_HABITS if plan.writer == "chromium" else OFFICE_HABITS
    shown = [name for name in names if getattr(habits, name)]
    columns = ["columns"] * (plan.style.sheet.columns > 1 and plan.writer != "chromium")
    return plan.report.truth | {
        "layout": f"{plan.writer}-{plan.style.table.border}",
        "style": plan.style.table.key,
        "level": "digital",
        "dpi": None,
        "font": plan.style.type.table,
        "noise": list(plan.noise),
        "habits": shown + columns,
        "variations": list(plan.report.variations),
    }
