"""Documents that are no annual report and hold no form: `make_other_document(rng, split="train")`."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.data_files import read_data
from training.synthesis.agencies import draw_agency
from training.synthesis.other_tables import NEAR_FORMS
from training.synthesis.printed import Paragraph, PrintedBlock, PrintedReport
from training.synthesis.report_kinds import load_report_kinds
from training.synthesis.sentences import draw_manner, frame_blocks, number, speak_for, write_title
from training.synthesis.wording import Speaker, say_from

DOCUMENTS = Path(__file__).with_name("documents.yaml")
COMMON_LINES = ("{sub_management}", "{sub_supervision}", "{sub_platform}", "{measure}。", "{problem}。")


@functools.cache
def load_documents() -> Mapping[str, Any]:
    """The kinds of documents, by name."""
    data = read_data(DOCUMENTS)
    return {name: kind | {"lines": tuple(kind["lines"].splitlines())} for name, kind in data.items()}


def make_other_document(rng: random.Random, *, split: str) -> PrintedReport:
    """Draw a document of another kind; its truth has no forms, no sections and no cells."""
    year = rng.randint(2008, 2025)
    agency = draw_agency(rng, split=split, year=year)
    speaker = Speaker(rng, year, speak_for(agency, rng, year), {}, agency.weight)
    own = {name for kind in load_report_kinds() for name in kind.replaces}  # no strangers any more
    name = rng.choice([name for name in load_documents() if name not in own])
    kind = load_documents()[name]
    title = write_title(speaker, kind["titles"])
    blocks: list[PrintedBlock] = [Paragraph(title, "title"), *_write_parts(speaker, kind)]
    for table in rng.sample(kind["tables"], rng.randint(1, len(kind["tables"]))):
        if table is not None:
            blocks.insert(rng.randint(min(2, len(blocks)), len(blocks)), NEAR_FORMS[table](rng, year))
    blocks = frame_blocks(speaker, agency, blocks, signed=0.5)
    truth = {
        "organization": agency.name,
        "organization_accept": sorted({agency.name, agency.full_name}),
        "year": year,
        "title": title,
        "forms": [],
        "sections": [],
        "cells": {},
        "source_errors": [],
    }
    return PrintedReport(tuple(blocks), truth, agency.name, (f"other_{name}",))


def _write_parts(speaker: Speaker, kind: Mapping[str, Any]) -> list[Paragraph]:
    """Headings of the kind in their order, with lines under each."""
    rng = speaker.rng
    manner = draw_manner(rng, slips=False)
    places = range(len(kind["headings"]))
    chosen = sorted(rng.sample(places, rng.randint(2, len(places)))) if places else []
    lines = rng.sample(kind["lines"], len(kind["lines"]))
    written = _say_next(speaker, lines, rng.randint(0, 2) if chosen else 4)
    for count, place in enumerate(chosen, start=1):
        heading = number(manner.numeral, count) + say_from(speaker, (kind["headings"][place],))
        written += [Paragraph(heading, "heading"), *_say_next(speaker, lines, rng.choice((1, 1, 1, 2, 3)))]
    return written


def _say_next(speaker: Speaker, lines: list[str], count: int) -> list[Paragraph]:
    """Paragraphs of the next lines; of sentences about openness in general where the lines are used up."""
    taken = [lines.pop() if lines else speaker.rng.choice(COMMON_LINES) for _ in range(count)]
    return [Paragraph(say_from(speaker, (line,)), "body") for line in taken]
