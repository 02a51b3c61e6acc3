"""A whole synthetic report before its print: `make_report(rng, split="train")`."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from models.form import load_forms
from models.numbers import plain_number
from training.synthesis.agencies import Agency, draw_agency
from training.synthesis.figures import Numbers, draw_figures
from training.synthesis.filled_forms import FilledForm, Variety, fill_form, fill_last_year, printed_numbers
from training.synthesis.other_tables import early_table, index_card, key_areas_table
from training.synthesis.printed import Paragraph, PrintedBlock, PrintedReport
from training.synthesis.printing import EMPTY
from training.synthesis.sentences import (
    Manner,
    draw_manner,
    halve,
    speak_for,
    write_body,
    write_counts,
    write_heading,
    write_title,
)
from training.synthesis.spoken_figures import cells_of_items, speak_figures
from training.synthesis.variations import CHANCES, Chances, draw_names, families_of
from training.synthesis.wording import Speaker, load_sentences, say, say_from

YEARS = range(2008, 2026)
YEAR_WEIGHTS = [3] * 6 + [5] * 5 + [8] * 2 + [9] * 5
MODERN_ORDER = ("overview", "proactive", "requests", "disputes", "problems", "other")
EARLY_ORDER = ("overview", "proactive", "requests", "fees", "disputes", "problems", "other", "statistics")
CAPTION = 0.15  # a line between heading and table, or under the table
SPACED_DIGITS = 0.12  # `61 件` all through
HALF_WIDTH = 0.25  # half-width punctuation all through
CHINESE_YEAR = 0.03
EMPTY_FORMS = 0.01  # a report whose tables nobody has filled in
Blocks = list[PrintedBlock]


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a report by family, with the blocks that stand beside each."""

    filled: Mapping[str, FilledForm]
    last_year: Mapping[str, Blocks]
    numbers: Mapping[str, Numbers]


def make_report(rng: random.Random, *, split: str, difficulty: str = "mixed") -> PrintedReport:
    """Draw a report: agency, year, figures, forms, words; `difficulty` is clean, mixed or hard."""
    chances = CHANCES[difficulty]
    year = rng.choices(YEARS, YEAR_WEIGHTS)[0]
    agency = draw_agency(rng, split=split, year=year)
    forms = _fill_forms(rng, agency, year, chances)
    figures = speak_figures(rng, year, agency.weight, forms.numbers)
    speaker = Speaker(rng, year, speak_for(agency, rng, year), figures, agency.weight, split=split)
    body, sections = _write_sections(speaker, draw_manner(rng, slips=difficulty != "clean"), forms, difficulty)
    title, head, named = _write_head(speaker, agency)
    blocks = head + body + _write_foot(speaker, agency, named=named)
    truth = {
        "organization": title["organization"],
        "organization_accept": sorted({agency.name, agency.full_name}),
        "year": year,
        "title": title["title"],
        "forms": [filled.form.form_id for filled in forms.filled.values()],
        "sections": sections,
        "cells": {cell: truth for filled in forms.filled.values() for cell, truth in filled.cells.items()},
        "facts": _tie_facts(speaker, forms.filled),
        "source_errors": [error for filled in forms.filled.values() for error in filled.source_errors],
    }
    variations = [name for filled in forms.filled.values() for name in filled.variations]
    variations += ["last_year"] * bool(forms.last_year)
    report = PrintedReport(tuple(blocks), truth, agency.name, tuple(dict.fromkeys(variations)))
    return _set_type(rng, report, plain=difficulty == "clean")


def write_narrative(
    rng: random.Random, *, split: str, counts: float, dealt_only: bool = False
) -> tuple[Blocks, Speaker]:
    """The paragraphs of a report with the marks of its facts in them (`read_marks`), and the tables of no form.

    `counts` is how often a section has paragraphs out of fact_sentences.yaml; with `dealt_only` there are no others, so
    that no wording stands in two splits.
    """
    year = rng.choices(YEARS, YEAR_WEIGHTS)[0]
    agency = draw_agency(rng, split=split, year=year)
    numbers = {
        family: draw_figures(rng, load_forms()[form_id], weight=agency.weight)
        for family, form_id in _choose_forms(rng, year, CHANCES["mixed"]).items()
    }
    figures = speak_figures(rng, year, agency.weight, numbers)
    words = speak_for(agency, rng, year)
    speaker = Speaker(rng, year, words, figures, agency.weight, split=split, marked=True, counts=counts)
    manner = draw_manner(rng, slips=True)
    if dealt_only:
        order = _order_sections(rng, year, Forms({}, {}, {}))
        parts = [[write_heading(speaker, manner, s, i), *write_counts(speaker, s)] for i, s in enumerate(order, 1)]
        return [block for part in parts for block in part], speaker
    body, _ = _write_sections(speaker, manner, Forms({}, {}, {}), "mixed")
    _, head, named = _write_head(replace(speaker, marked=False), agency)
    foot = _write_foot(replace(speaker, marked=False), agency, named=named)
    return head + body + foot, speaker


def _fill_forms(rng: random.Random, agency: Agency, year: int, chances: Chances) -> Forms:
    forms = load_forms()
    chosen = _choose_forms(rng, year, chances)
    numbers: dict[str, Numbers] = {}
    filled: dict[str, FilledForm] = {}
    last_year: dict[str, Blocks] = {}
    names = {
        name: rng.choice([f for f in families_of(name) if f in chosen] or [""]) for name in draw_names(rng, chances)
    }
    worded_only = rng.random() < chances.no_tables
    style = EMPTY if chances.style > 0.1 and rng.random() < EMPTY_FORMS else None
    for family, form_id in chosen.items():
        form = forms[form_id]
        before = draw_figures(rng, form, weight=agency.weight) if rng.random() < chances.last_year else None
        numbers[family] = draw_figures(rng, form, weight=agency.weight, last=before)
        if worded_only or rng.random() < chances.missing_form:
            continue
        own = [name for name, of in names.items() if of == family]
        filled[family] = fill_form(rng, form, numbers[family], year=year, variety=Variety(chances, own, style))
        if before is not None:
            caption = rng.choice(load_sentences()["captions"]["last_year"]).format(去年=f"{year - 1}年")
            table = fill_last_year(rng, form, before)
            last_year[family] = [Paragraph(caption, "caption", form.section), table]
    return Forms(filled, last_year, numbers)


def _choose_forms(rng: random.Random, year: int, chances: Chances) -> dict[str, str]:
    """The form of each family that a report of that year has."""
    if year < 2014:
        return {}
    if year < 2019:
        return {"statistics": "statistics@2014"}
    chosen: dict[str, str] = {}
    generation = "2019" if year < 2021 else "2021"
    for family in ("proactive", "requests"):
        other = rng.random() < chances.other_generation
        chosen[family] = f"{family}@{generation if not other else '2021' if generation == '2019' else '2019'}"
    return chosen | {"disputes": "disputes@2019"}


def _write_sections(speaker: Speaker, manner: Manner, forms: Forms, difficulty: str) -> tuple[Blocks, list[str]]:
    rng = speaker.rng
    order = _order_sections(rng, speaker.year, forms)
    blocks: Blocks = []
    for place, section in enumerate(order, start=1):
        blocks.append(write_heading(speaker, manner, section, place))
        blocks += write_body(speaker, manner, section)
        blocks += write_counts(speaker, section)
        families = [family for family, filled in forms.filled.items() if _home(filled, order) == section]
        for family in families:
            blocks += _write_form(speaker, forms.filled[family], section, difficulty)
            blocks += forms.last_year.get(family, [])
        if section in forms.numbers and not families and rng.random() < 0.5:
            blocks.append(Paragraph(rng.choice(("无", "（表略）", "详见附件。", "[图片]", "无。")), "body", section))
        if section == "proactive" and difficulty != "clean" and rng.random() < 0.03:
            blocks.append(key_areas_table(rng, speaker.year))
        if section in ("statistics", "other") and speaker.year < 2014 and place == len(order) and rng.random() < 0.7:
            blocks.append(early_table(rng, speaker.year))
    return blocks, order


def _home(filled: FilledForm, order: list[str]) -> str:
    """The section a form stands in: its own, or the last where that has no heading."""
    return filled.form.section if filled.form.section in order else order[-1]


def _order_sections(rng: random.Random, year: int, forms: Forms) -> list[str]:
    if year >= 2019:
        lost = {rng.choice(("problems", "other"))} if rng.random() < 0.03 else set()
        return [section for section in MODERN_ORDER if section not in lost]
    order = list(EARLY_ORDER)
    if "statistics" not in forms.filled:
        order.remove("statistics") if year >= 2014 or rng.random() < 0.6 else None
    elif rng.random() < 0.3:
        order.remove("statistics")
    for section, chance in (("other", 0.35), ("fees", 0.15), ("disputes", 0.1)):
        if rng.random() < chance:
            order.remove(section)
    if "fees" in order and "disputes" in order and rng.random() < 0.2:
        place = order.index("fees")
        order[place], order[place + 1] = order[place + 1], order[place]
    if order[-1] == "statistics" and rng.random() < 0.08:
        order = [order[0], "statistics", *order[1:-1]]
    return order


def _write_form(speaker: Speaker, filled: FilledForm, section: str, difficulty: str) -> Blocks:
    rng, captions = speaker.rng, load_sentences()["captions"]
    above: Blocks = []
    family = filled.form.family
    often = 0.7 if family == "statistics" else CAPTION
    if difficulty != "clean" and rng.random() < often:
        above.append(Paragraph(say_from(speaker, captions[family]), "caption", section))
    if rng.random() < CAPTION / 2 and family != "statistics":
        above.append(Paragraph(rng.choice(captions["unit"]), "caption", section))
    below: Blocks = []
    if difficulty != "clean" and rng.random() < often / 2:
        text = say_from(speaker, captions["statistics_under"]) if family == "statistics" else say(speaker, "note_under")
        below.append(Paragraph(text, "caption", section))
    return above + list(filled.parts) + below


def _write_head(speaker: Speaker, agency: Agency) -> tuple[dict[str, str], Blocks, bool]:
    """The title as truth, the blocks before the first section, and whether they name the agency."""
    rng = speaker.rng
    sentences = load_sentences()
    kind = "short" if rng.random() < 0.06 else "modern"
    name = agency.full_name if rng.random() < 0.25 else agency.name
    year = f"{speaker.year}年"
    if rng.random() < CHINESE_YEAR:
        year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(speaker.year)) + "年"
    words = {**speaker.words, "机关": (name,), "年": (year,), "年度": (f"{year}度",)}
    title = write_title(replace(speaker, words=words), sentences["titles"][kind])
    blocks: Blocks = [Paragraph(title, "title")]
    place = title.find(year) if rng.random() < 0.5 else title.find("政府信息公开")
    if rng.random() < 0.12 and place > 3:
        blocks = [Paragraph(title[:place], "title"), Paragraph(title[place:], "title")]
    if rng.random() < 0.06:
        blocks += [Paragraph(title, "title")]
    if rng.random() < 0.08:
        blocks.append(
            Paragraph(say_from(speaker, ("（{落款日}）", "{日期}", "发布日期：{日期}　来源：{机关}")), "furniture")
        )
    named = kind != "short"
    furniture: Blocks = []
    if rng.random() < 0.2:
        furniture += [
            Paragraph(say_from(speaker, (line,)), "furniture") for line in _some(rng, sentences["furniture"]["above"])
        ]
    if rng.random() < 0.15:
        furniture += _write_card(speaker, agency)
        named = True
    preface = [Paragraph(text, "body") for text in [say(speaker, "preface")] if rng.random() < 0.6]
    return (
        {"title": title, "organization": name if kind != "short" else agency.name},
        [*furniture, *blocks, *preface],
        named,
    )


def _write_card(speaker: Speaker, agency: Agency) -> Blocks:
    """The index card, as a table or line by line."""
    rng = speaker.rng
    table = index_card(rng, agency.name, speaker.year)
    if rng.random() < 0.5:
        return [table]
    texts = [cell.text for cell in table.cells]
    pairs = [name + value for name, value in zip(texts[::2], texts[1::2], strict=True)]
    return [Paragraph(text, "furniture") for text in ([" ".join(pairs)] if rng.random() < 0.3 else pairs)]


def _write_foot(speaker: Speaker, agency: Agency, *, named: bool) -> Blocks:
    rng = speaker.rng
    blocks: Blocks = []
    if rng.random() < 0.35:
        blocks += [Paragraph(text, "furniture") for text in say(speaker, "closing").split("\n")]
    if not named:
        blocks.append(Paragraph(agency.name, "furniture"))
    if rng.random() < 0.15:
        blocks += [
            Paragraph(say_from(speaker, (line,)), "furniture")
            for line in _some(rng, load_sentences()["furniture"]["below"])
        ]
    return blocks


def _some(rng: random.Random, lines: list[str]) -> list[str]:
    return rng.sample(lines, rng.randint(1, 3))


def _tie_facts(speaker: Speaker, filled: Mapping[str, FilledForm]) -> list[dict[str, Any]]:
    """The facts of the sentences, with the cell that prints the same number."""
    printed: Numbers = {}
    for form in filled.values():
        printed |= printed_numbers(form.cells)
    cells = cells_of_items(filled)
    facts = []
    for fact in speaker.facts:
        cell = cells.get(fact["item"] or "")
        same = cell in printed and plain_number(printed[cell]) == plain_number(Decimal(str(fact["value"])))
        facts.append(fact | ({"cell": cell} if same else {}))
    return facts


def _set_type(rng: random.Random, report: PrintedReport, *, plain: bool) -> PrintedReport:
    """Spaces around digits and half-width punctuation all through the words, as some offices type."""
    spaced, half = rng.random() < SPACED_DIGITS, not plain and rng.random() < HALF_WIDTH

    def set_text(text: str) -> str:
        if spaced:
            text = re.sub(r"(?<=[一-鿿])(?=\d)|(?<=\d)(?=[一-鿿])", " ", text)
        return halve(text) if half else text

    blocks = tuple(replace(b, text=set_text(b.text)) if isinstance(b, Paragraph) else b for b in report.blocks)
    facts = [fact | {"text": set_text(fact["text"])} for fact in report.truth["facts"]]
    titles = [b.text for b in report.blocks if isinstance(b, Paragraph) and b.role == "title"]
    title = report.truth["title"]
    parts = titles[:2] if "".join(titles[:2]) == title else [title]  # a title over two lines
    truth = report.truth | {"facts": facts, "title": "".join(map(set_text, parts))}
    return replace(report, blocks=blocks, truth=truth)
