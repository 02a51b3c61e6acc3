"""Reports with forms of one's own before their print, and which report a document is: `draw_report(rng, …)`."""

from __future__ import annotations

import random

from models.form import load_forms
from training.synthesis.agencies import Agency, draw_agency
from training.synthesis.content import make_report
from training.synthesis.filled_forms import FilledForm, Variety, fill_form
from training.synthesis.other_documents import make_other_document
from training.synthesis.own_figures import draw_own_figures
from training.synthesis.printed import Paragraph, PrintedBlock, PrintedReport
from training.synthesis.report_kinds import Part, ReportKind, load_report_kinds
from training.synthesis.sentences import draw_manner, frame_blocks, number, speak_for, write_title
from training.synthesis.tables import kin_of
from training.synthesis.variations import CHANCES, Chances, draw_names, families_of
from training.synthesis.wording import Speaker, say_from

CAPTION = 0.4
SIGNED = 0.6  # signed and dated at the foot
SAID = (0, 1, 1, 2)  # sentences over a table
STATUTORY_ONLY = {"disputes_split"}  # variations of one form that ships
Blocks = list[PrintedBlock]


def draw_report(rng: random.Random, *, split: str, difficulty: str, other_share: float) -> PrintedReport:
    """A report of information disclosure, a document of another kind, or a report with own forms where there are any.

    Without own forms the dice fall as if there could be none.
    """
    kind = _choose_kind(rng)
    if kind is not None:
        return make_own_report(rng, kind, split=split, difficulty=difficulty)
    if rng.random() < other_share:
        return make_other_document(rng, split=split)
    return make_report(rng, split=split, difficulty=difficulty)


def _choose_kind(rng: random.Random) -> ReportKind | None:
    kinds = load_report_kinds()
    if not kinds:
        return None
    place = rng.random()
    for kind in kinds:
        if place < kind.share:
            return kind
        place -= kind.share
    return None


def make_own_report(rng: random.Random, kind: ReportKind, *, split: str, difficulty: str = "mixed") -> PrintedReport:
    """Draw a report of a kind: agency, year, figures, forms, words; its truth has no sections and no facts."""
    chances = CHANCES[difficulty]
    year = rng.randint(*kind.years)
    agency = draw_agency(rng, split=split, year=year)
    speaker = Speaker(rng, year, speak_for(agency, rng, year), {}, agency.weight, split=split)
    filled = _fill_forms(rng, kind, agency, year, chances)
    title = write_title(speaker, kind.titles)
    blocks: Blocks = [Paragraph(title, "title")]
    if kind.opening and rng.random() < 0.8:
        blocks.append(Paragraph(say_from(speaker, kind.opening), "body"))
    manner = draw_manner(rng, slips=False)
    parts = [part for part in kind.parts if part.form_id in filled or (part.form_id is None and rng.random() < 0.6)]
    for place, part in enumerate(parts, 1):
        blocks += _write_part(speaker, part, number(manner.numeral, place), filled.get(part.form_id or ""))
    blocks = frame_blocks(speaker, agency, blocks, signed=SIGNED)
    truth = {
        "organization": agency.name,
        "organization_accept": sorted({agency.name, agency.full_name}),
        "year": year,
        "title": title,
        "forms": list(filled),
        "sections": [],
        "cells": {cell: truth for form in filled.values() for cell, truth in form.cells.items()},
        "source_errors": [error for form in filled.values() for error in form.source_errors],
    }
    variations = dict.fromkeys(name for form in filled.values() for name in form.variations)
    return PrintedReport(tuple(blocks), truth, agency.name, (f"own_{kind.name}", *variations))


def _fill_forms(
    rng: random.Random, kind: ReportKind, agency: Agency, year: int, chances: Chances
) -> dict[str, FilledForm]:
    """The forms of the kind that are in use that year, by id; now and then one is left out."""
    forms = [load_forms()[part.form_id] for part in kind.parts if part.form_id]
    names = [name for name in draw_names(rng, chances) if name not in STATUTORY_ONLY]
    filled: dict[str, FilledForm] = {}
    for form in forms:
        in_use = form.years[0] <= year <= (form.years[1] or year)
        if not in_use or rng.random() < chances.missing_form:
            continue
        numbers = draw_own_figures(rng, form, weight=agency.weight, size=kind.find_size)
        own = [name for name in names if kin_of(form) in families_of(name) and rng.random() < 0.7]
        filled[form.form_id] = fill_form(rng, form, numbers, year=year, variety=Variety(chances, own))
    return filled


def _write_part(speaker: Speaker, part: Part, numeral: str, filled: FilledForm | None) -> Blocks:
    """Heading, sentences, caption and table of a part, the sentences now and then below."""
    rng = speaker.rng
    lines = rng.sample(part.lines, min(len(part.lines), rng.choice(SAID)))
    if filled is None and part.lines:
        lines = lines or [rng.choice(part.lines)]
    said: Blocks = [Paragraph(say_from(speaker, (line,)), "body") for line in lines]
    table: Blocks = list(filled.parts) if filled is not None else []
    if table and part.captions and rng.random() < CAPTION:
        table.insert(0, Paragraph(say_from(speaker, part.captions), "caption"))
    heading = Paragraph(numeral + say_from(speaker, part.headings), "heading")
    return [heading, *table, *said] if rng.random() < 0.2 else [heading, *said, *table]
