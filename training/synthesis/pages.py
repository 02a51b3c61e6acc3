"""A report on its way to a page: its blocks after noise, with what the page prints around them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from training.synthesis import chances
from training.synthesis.furniture import Furniture, draw_furniture
from training.synthesis.noise import NoiseMix, change_heading, change_line, change_script
from training.synthesis.noisy_tables import change_table
from training.synthesis.printed import Paragraph, PrintedBlock, PrintedReport, PrintedTable, find_title

JOINTS = ("", "", " ", "：", "。", "　", "  ")


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of a report as the page prints them, and the furniture around them."""

    blocks: tuple[PrintedBlock, ...]
    furniture: Furniture = field(default_factory=Furniture)
    title: str = ""


def compose_page(report: PrintedReport, mix: NoiseMix, rng: random.Random) -> Page:
    """The report with its noise and its surroundings."""
    facts = tuple(str(fact.get("text", "")) for fact in report.truth.get("facts", ()))
    blocks = [_change_block(block, mix, rng, facts) for block in report.blocks]
    title = find_title(blocks)
    if "title-twice" in mix and title:
        blocks.insert(0, Paragraph(title, "title"))
    if "joined-headings" in mix:
        blocks = _join_headings(blocks, rng)
    year = report.truth.get("year")
    furniture = draw_furniture(
        rng, mix, agency=report.agency, year=year if isinstance(year, int) else 2022, title=title.replace("\n", "")
    )
    return Page(tuple(blocks), _change_furniture(furniture, mix, rng), title)


def wrap_lines(blocks: Iterable[PrintedBlock], rng: random.Random) -> tuple[PrintedBlock, ...]:
    """The page with its long paragraphs cut into lines of one width, never inside a number."""
    width = rng.randint(28, 60)
    wrapped: list[PrintedBlock] = []
    for block in blocks:
        if isinstance(block, PrintedTable) or block.role not in ("body", "caption") or len(block.text) <= width:
            wrapped.append(block)
        else:
            wrapped += [replace(block, text=piece) for piece in _cut(block.text, width)]
    return tuple(wrapped)


def split_lines(block: Paragraph) -> list[Paragraph]:
    """A paragraph as the lines that a reader sees of it."""
    return [replace(block, text=line.strip()) for line in block.text.split("\n") if line.strip()]


def _change_block(block: PrintedBlock, mix: NoiseMix, rng: random.Random, facts: Sequence[str]) -> PrintedBlock:
    if isinstance(block, PrintedTable):
        return change_table(block, mix, rng)
    if block.role in ("title", "heading", "subheading"):
        text = change_heading(block.text, mix, rng)
    else:
        exact = any(fact and fact in block.text for fact in facts)
        text = change_line(block.text, mix, rng, exact=exact)
    return replace(block, text=change_script(text, mix, rng))


def _change_furniture(furniture: Furniture, mix: NoiseMix, rng: random.Random) -> Furniture:
    def change(text: str) -> str:
        return change_script(change_line(text, mix, rng, exact=False), mix, rng)

    def change_all(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(change(text) for text in texts)

    return Furniture(
        trail=change_all(furniture.trail),
        menu=change_all(furniture.menu),
        head=change_all(furniture.head),
        card=tuple((change(key), change(value)) for key, value in furniture.card),
        source=change_all(furniture.source),
        related=change_all(furniture.related),
        foot=change_all(furniture.foot),
    )


def _join_headings(blocks: Sequence[PrintedBlock], rng: random.Random) -> list[PrintedBlock]:
    """Headings that run into their paragraph on one line."""
    joint = rng.choice(JOINTS)
    joined: list[PrintedBlock] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if (
            isinstance(block, Paragraph)
            and block.role == "body"
            and isinstance(last, Paragraph)
            and last.role == "heading"
            and rng.random() < chances.HEADING_JOIN
        ):
            joined[-1] = replace(last, text=last.text.rstrip() + joint + block.text.lstrip())
        else:
            joined.append(block)
    return joined


def _cut(text: str, width: int) -> Iterable[str]:
    while len(text) > width:
        place = width
        while place > 1 and text[place - 1 : place + 1].isascii() and not text[place].isspace():
            place -= 1
        yield text[:place]
        text = text[place:]
    if text.strip():
        yield text
