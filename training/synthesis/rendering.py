"""Reports as documents: `render_report(report, rng)` chooses layout, noise and encoding, and adjusts the truth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from training.synthesis import chances
from training.synthesis.choice import check_split, pick, pick_weighted
from training.synthesis.encodings import Encoding, draw_encoding
from training.synthesis.markup import print_markup
from training.synthesis.markup_styles import PLAIN_MARKUP, TABLES, markup_of
from training.synthesis.noise import NoiseMix, change_script, draw_noise, fold_text
from training.synthesis.pages import Page, compose_page
from training.synthesis.printed import Paragraph, PrintedReport, PrintedTable, RenderedReport
from training.synthesis.styles import TableStyle, layouts_for, plain_style, styles_of
from training.synthesis.text_pages import PageStyle, Printout, draw_page_style, print_markdown, print_text
from training.synthesis.unknowable import adjust_truth

LAYOUT_NAMES = (*chances.TEXT_LAYOUTS, *chances.MARKUP_LAYOUTS)
MARKUP_SUFFIXES = (".html", ".html", ".htm")
UNFIT_NOISE = frozenset({"cut-labels", "typos", "label-rows"})
UNFIT_VARIATIONS = frozenset({"columns_permuted", "column_left_out", "rows_permuted", "double_headings"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen for one document before it is printed."""

    kind: str
    layout: str
    mix: NoiseMix
    split: str
    clean: bool


def render_report(
    report: PrintedReport,
    rng: random.Random,
    *,
    layout: str | None = None,
    clean: bool = False,
    split: str = "train",
) -> RenderedReport:
    """Print a report as a document of the split; raises `ValueError` for an unknown layout or split."""
    plan = _draw_plan(report, rng, layout, split, clean=clean)
    page = compose_page(report, plan.mix, rng)
    encoding = _draw_page_encoding(page, plan, rng)
    suffix, printout, notes = _print_page(page, plan, encoding, rng)
    truth = _settle_truth(report, page, printout, plan.mix, rng)
    noise = tuple(sorted({*plan.mix.names, *notes}))
    truth |= {
        "source": f"report{suffix}",
        "layout": plan.layout,
        "noise": list(noise),
        "encoding": encoding.name,
        "variations": list(report.variations),
    }
    return RenderedReport(
        content=encoding.encode(_fit(printout.text, encoding, plan.kind)),
        suffix=suffix,
        layout=plan.layout,
        noise=noise,
        truth=truth,
        lines=tuple(_fit_lines(printout.lines, encoding, plan.kind)),
    )


def _draw_plan(report: PrintedReport, rng: random.Random, layout: str | None, split: str, *, clean: bool) -> Plan:
    check_split(split)
    if layout is None:
        kind = pick(rng, chances.DOCUMENT_KINDS)
        weights = {"text": chances.TEXT_LAYOUTS, "html": chances.MARKUP_LAYOUTS, "markdown": chances.MARKDOWN_LAYOUTS}
        layout = pick(rng, weights[kind])
    elif layout not in LAYOUT_NAMES:
        raise ValueError(f"no layout {layout!r}; there are {', '.join(LAYOUT_NAMES)}")
    elif layout in chances.MARKUP_LAYOUTS:
        kind = "html"
    else:
        kind = "markdown" if layout == "markdown-table" and rng.random() < 0.6 else "text"
    mix = NoiseMix() if clean else draw_noise(rng, split)
    if kind != "text":
        mix = replace(mix, names=mix.names - {"wrapped-lines"})
    if UNFIT_VARIATIONS & set(report.variations):
        mix = replace(mix, names=mix.names - UNFIT_NOISE)
    return Plan(kind, layout, mix, split, clean)


def _draw_page_encoding(page: Page, plan: Plan, rng: random.Random) -> Encoding:
    if plan.clean:
        return Encoding()
    values = [
        cell.text for block in page.blocks if isinstance(block, PrintedTable) for cell in block.cells if cell.field_id
    ]
    return draw_encoding(rng, traditional="traditional" in plan.mix, texts=values)


def _print_page(page: Page, plan: Plan, encoding: Encoding, rng: random.Random) -> tuple[str, Printout, list[str]]:
    """Suffix, printout and what the style adds to the list of noise."""
    if plan.kind == "html":
        return _print_html(page, plan, encoding, rng)
    tables = sum(isinstance(block, PrintedTable) for block in page.blocks)
    styles = _draw_styles(plan, tables, rng)
    notes = ["mixed-layouts"] if len({style.layout for style in styles}) > 1 else []
    notes += [
        name for name, shown in (("label-shift", "shifts"), ("split-table", "split")) if getattr(styles[0], shown)
    ]
    if plan.kind == "markdown":
        return ".md", print_markdown(page, styles, rng), [*notes, "markdown"]
    look = PageStyle() if plan.clean else draw_page_style(rng, wrapped="wrapped-lines" in plan.mix)
    return ".txt", print_text(page, styles, look, rng), notes


def _print_html(page: Page, plan: Plan, encoding: Encoding, rng: random.Random) -> tuple[str, Printout, list[str]]:
    if plan.clean:
        style = replace(PLAIN_MARKUP, layout=plan.layout, cells=_first_cells(plan))
        lines = plain_style("html-lines")
    else:
        style = rng.choice(markup_of(plan.layout, plan.split))
        lines = rng.choice(styles_of("html-lines", plan.split))
    notes = [f"spans-{style.spans}"] if plan.layout == "html-table" and style.spans != "right" else []
    printout = print_markup(page, style, lines, encoding, rng, clean=plan.clean)
    return rng.choice(MARKUP_SUFFIXES), printout, notes


def _first_cells(plan: Plan) -> str:
    return TABLES[plan.layout][0][0]


def _draw_styles(plan: Plan, tables: int, rng: random.Random) -> Sequence[TableStyle]:
    """One style for each table, and one at least: the document's own, or another for some of them."""
    if plan.clean:
        return [plain_style(plan.layout)] * max(tables, 1)
    main = rng.choice(styles_of(plan.layout, plan.split))
    styles = [main] * max(tables, 1)
    alone = plan.layout in ("distinct-lines", "layout-table")
    if not alone and len(styles) > 1 and rng.random() < chances.MIXED_LAYOUTS:
        others = [
            (style, weight)
            for style, weight in layouts_for(plan.split)
            if style.layout not in ("distinct-lines", "layout-table", "html-lines")
            and (plan.kind == "text" or style.layout in chances.MARKDOWN_LAYOUTS)
        ]
        styles[rng.randrange(1, len(styles))] = pick_weighted(rng, others)
    return styles


def _settle_truth(
    report: PrintedReport, page: Page, printout: Printout, mix: NoiseMix, rng: random.Random
) -> dict[str, Any]:
    """The truth of the page: what the layout lost, and the wording of the values as the script has it."""
    truth = adjust_truth(report.truth, printout.loss)
    plain = NoiseMix(mix.names - {"pinyin"}, commas=mix.commas, quotes=mix.quotes)

    def say(text: str) -> str:
        return change_script(fold_text(text, plain), plain, rng)

    if "facts" in truth:  # documents of another kind count too, but nobody has listed what
        truth["facts"] = [fact | {"text": say(str(fact.get("text", "")))} for fact in truth["facts"]]
    if "traditional" in mix:
        for cell in truth.get("cells", {}).values():
            if cell.get("raw"):
                cell["raw"] = change_script(cell["raw"], plain, rng)
        names = [truth.get("organization"), *truth.get("organization_accept", ())]
        both = {name for name in names if name} | {say(name) for name in names if name}
        truth["organization_accept"] = sorted(both)
        truth |= {"title": say(truth["title"])} if truth.get("title") else {}
    if page.furniture.card:
        truth["index_card"] = dict(page.furniture.card)
    return truth


def _fit(text: str, encoding: Encoding, kind: str) -> str:
    """The text as the encoding can hold it; markup names what it cannot hold by number."""
    if kind == "html" and not encoding.holds(text):
        return "".join(char if encoding.holds(char) else f"&#{ord(char)};" for char in text)
    return encoding.fit(text)


def _fit_lines(lines: Sequence[Paragraph], encoding: Encoding, kind: str) -> Sequence[Paragraph]:
    if kind == "html":
        return lines
    return [replace(line, text=encoding.fit(line.text)) for line in lines]
