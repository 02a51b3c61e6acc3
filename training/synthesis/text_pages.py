"""Pages as plain text and as markdown: lines in order, what stands in them, and what the layout lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from training.synthesis import chances
from training.synthesis.furniture import print_card
from training.synthesis.grid import break_text
from training.synthesis.layouts import LAYOUTS, frame_line
from training.synthesis.pages import Page, split_lines, wrap_lines
from training.synthesis.printed import Paragraph, PrintedBlock, PrintedTable
from training.synthesis.styles import TableStyle
from training.synthesis.unknowable import Loss, find_loss, find_repeated

INDENTS = ("", "", "", "　　", "    ", "  ", "\u3000", "\u00a0\u00a0\u00a0\u00a0", "\t")
MARKDOWN_LEVELS = {"title": 1, "heading": 2, "subheading": 3}


@dataclass(frozen=True, slots=True)
class Printout:
    """A page as text; `lines` are its printed lines outside tables, `loss` what its layout made unknowable."""

    text: str
    lines: tuple[Paragraph, ...]
    loss: Loss = field(default_factory=Loss)


@dataclass(frozen=True, slots=True)
class PageStyle:
    """How the paragraphs of a text page stand: empty lines between them, indent, blanks at their end."""

    spaced: bool = True
    indent: str = ""
    head_lines: int = 0
    trailing: str = ""
    wrapped: bool = False


def draw_page_style(rng: random.Random, *, wrapped: bool) -> PageStyle:
    """A way to set paragraphs."""
    return PageStyle(
        spaced=rng.random() < 0.5,
        indent=rng.choice(INDENTS),
        head_lines=2 if rng.random() < chances.EMPTY_HEAD_LINES else 0,
        trailing=rng.choice((" ", "　", "  ")) if rng.random() < chances.TRAILING_BLANKS else "",
        wrapped=wrapped,
    )


def print_text(page: Page, styles: Sequence[TableStyle], look: PageStyle, rng: random.Random) -> Printout:
    """The page as plain text; `styles` holds one style for each table."""
    wrapped = wrap_lines(page.blocks, rng) if look.wrapped else page.blocks
    blocks = _surround(page, wrapped, rng, pipes=styles[0].layout not in ("cell-lines", "cell-lines-spaced", "tabs"))
    if styles[0].layout == "distinct-lines":
        return _print_distinct(blocks, styles[0], look, rng)
    framed = styles[0] if styles[0].layout == "layout-table" else None
    output: list[str] = [""] * look.head_lines
    lines: list[Paragraph] = []
    loss = Loss()
    rest = iter(styles)
    for block in blocks:
        if isinstance(block, PrintedTable):
            style = next(rest)
            output += LAYOUTS[style.layout](block, rng, style)
            loss |= find_loss(block, style)
        else:
            text = _set_paragraph(block, look) if framed is None else frame_line(block.text.strip(), framed)
            output += text.split("\n")
            lines += split_lines(block)
        if look.spaced:
            output.append("" if framed is None else frame_line("", framed))
    return Printout("\n".join(output), tuple(lines), loss)


def print_markdown(page: Page, styles: Sequence[TableStyle], rng: random.Random) -> Printout:
    """The page as markdown; headings may sink a level after each table."""
    sinks = rng.random() < chances.HEADINGS_SINK
    output: list[str] = [""] * rng.choice((0, 0, 2))
    lines: list[Paragraph] = []
    loss, depth = Loss(), 0
    rest = iter(styles)
    escaped = rng.random() < chances.MARKDOWN_ESCAPES
    mark = _draw_heading_mark(rng)
    for block in _surround(page, page.blocks, rng, pipes=True):
        if isinstance(block, PrintedTable):
            style = next(rest)
            output += LAYOUTS[style.layout](block, rng, style)
            loss |= find_loss(block, style)
            depth += sinks
        else:
            level = MARKDOWN_LEVELS.get(block.role, 0)
            text = block.text.strip().replace("\n", " ")
            shown = text.replace("*", r"\*").replace("_", r"\_") if escaped else text
            output.append(mark(shown, min(level + (depth if level > 1 else 0), 6)) if level else shown)
            lines.append(replace(block, text=text))
        output.append("")
    return Printout("\n".join(output), tuple(lines), loss)


def _surround(page: Page, blocks: Sequence[PrintedBlock], rng: random.Random, *, pipes: bool) -> list[PrintedBlock]:
    """The blocks between the lines of the page's furniture."""
    furniture = page.furniture
    card = print_card(rng, furniture.card, pipes=pipes and rng.random() < 0.7) if furniture.card else []
    menu = [" ".join(furniture.menu)] if rng.random() < 0.5 and furniture.menu else list(furniture.menu)
    head = [*menu, *furniture.trail, *furniture.head]
    if rng.random() < 0.5:
        head += card
        card = []
    source, tail = list(furniture.source), [*furniture.related, *furniture.foot]
    places = [i for i, block in enumerate(blocks) if isinstance(block, Paragraph) and block.role == "title"]
    place = places[0] + 1 if places and rng.random() < 0.7 else 0
    return [
        *_furnish(head),
        *_furnish(card if place == 0 else []),
        *blocks[:place],
        *_furnish(source + (card if place else [])),
        *blocks[place:],
        *_furnish(tail),
    ]


def _furnish(texts: Iterable[str]) -> list[Paragraph]:
    return [Paragraph(text, "furniture") for text in texts if text.strip()]


def _set_paragraph(block: Paragraph, look: PageStyle) -> str:
    indent = look.indent if block.role in ("body", "subheading", "heading") else ""
    return "\n".join(f"{indent}{line.strip()}{look.trailing}" for line in block.text.split("\n"))


def _print_distinct(blocks: Iterable[PrintedBlock], style: TableStyle, look: PageStyle, rng: random.Random) -> Printout:
    """The page with every line that stood before gone."""
    seen: set[str] = set()
    output: list[str] = []
    lines: list[Paragraph] = []
    loss = Loss()
    for block in blocks:
        if isinstance(block, PrintedTable):
            output += [line for line in LAYOUTS[style.layout](block, rng, style) if line not in seen]
            loss |= find_repeated(_break_as(block, style), seen)
        else:
            fresh = [line for line in split_lines(block) if line.text not in seen]
            seen.update(line.text for line in fresh)
            output += [line.text for line in fresh]
            lines += fresh
    gap = "\n\n" if look.spaced and style.extra % 2 else "\n"
    return Printout(gap.join(output), tuple(lines), loss)


def _break_as(table: PrintedTable, style: TableStyle) -> PrintedTable:
    """The table with the line breaks of its labels as the style prints them."""
    return replace(table, cells=tuple(replace(cell, text=break_text(cell.text, style)) for cell in table.cells))


def _draw_heading_mark(rng: random.Random) -> Callable[[str, int], str]:
    kind = rng.random()
    if kind < 0.75:
        return lambda text, level: f"{'#' * level} {text}"
    if kind < 0.9:
        return lambda text, level: f"**{text}**"
    return lambda text, level: f"{'#' * level} **{text}**"
