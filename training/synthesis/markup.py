"""Reports as HTML pages: the report inside what a government content system prints around it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from training.synthesis import chances
from training.synthesis.choice import pick
from training.synthesis.encodings import Encoding, draw_label
from training.synthesis.layouts import LAYOUTS
from training.synthesis.markup_shell import Shell, draw_shell
from training.synthesis.markup_styles import CONTAINERS, MarkupStyle
from training.synthesis.markup_tables import mark_table
from training.synthesis.markup_words import Hand, draw_hand, escape_text, wrap_heading, wrap_paragraph
from training.synthesis.pages import Page, split_lines
from training.synthesis.printed import RUN_ON, Paragraph, PrintedTable
from training.synthesis.styles import TableStyle
from training.synthesis.text_pages import Printout
from training.synthesis.unknowable import Loss, find_loss, find_merged

COMMENTS = (
    "<!-- 正文 begin -->",
    "<!--文章内容开始-->",
    "<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]-->",
    "<!-- <p>第二十条第（一）项</p> -->",
    "<!--StartFragment-->",
    '<meta name="ContentStart"/>',
    "<!--enpcontent-->",
)
HIDDEN = (
    '<div style="display:none">正文内容</div>',
    '<input type="hidden" value="政府信息公开年报">',
    '<span style="display:none;">扫码查看</span>',
    "<div hidden>总计 0 0 0</div>",
)
Look = tuple[MarkupStyle, TableStyle, Hand]
_CLOSING = re.compile(r"</(?:td|tr|p|li|th)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of markup with the lines a reader sees in it."""

    markup: str
    lines: tuple[Paragraph, ...] = ()
    loss: Loss = field(default_factory=Loss)


def print_markup(
    page: Page, style: MarkupStyle, lines: TableStyle, encoding: Encoding, rng: random.Random, *, clean: bool
) -> Printout:
    """The page as HTML that says the right, a wrong or no encoding; `lines` is the style of tables made of lines."""
    label = draw_label(rng, encoding, "right" if clean else pick(rng, chances.CHARSET_LABELS))
    shell = draw_shell(page, rng, label, plain=clean)
    hand = Hand() if clean else draw_hand(rng, style.soup)
    body = _mark_blocks(page, (style, lines, hand), rng, shell, named=not clean and rng.random() < chances.ENTITIES)
    before, after = CONTAINERS[style.container]
    comment = rng.choice(COMMENTS) if rng.random() < chances.COMMENTS and not clean else ""
    hidden = rng.choice(HIDDEN) if rng.random() < chances.INVISIBLE_TEXT and not clean else ""
    content = body.markup
    if rng.random() < chances.UNCLOSED_TAGS and not clean:
        content = _unclose(content, rng)
    markup = shell.head + before + comment + content + hidden + after + shell.foot
    if rng.random() < chances.ENTITIES / 4 and not clean:
        markup = _spell_entities(markup)
    return Printout(markup, shell.above + body.lines + shell.below, body.loss)


def _mark_blocks(page: Page, look: Look, rng: random.Random, shell: Shell, *, named: bool) -> Marked:
    style, lines, hand = look
    parts: list[str] = []
    seen: list[Paragraph] = []
    loss = Loss()
    titled = False
    for block in page.blocks:
        if isinstance(block, PrintedTable):
            if style.layout == "html-lines":
                empty = rng.choice(("&nbsp;", "", "<br/>"))
                parts.append(_mark_lines(LAYOUTS["html-lines"](block, rng, lines), style, empty))
                shown = style.cells == "br" or empty  # a paragraph of nothing takes no room on the page
                loss |= find_loss(block, lines if shown else replace(lines, blank_trace="none"))
            else:
                parts.append(mark_table(block, style, hand, rng))
                loss |= find_merged(block) if style.spans == "none" else Loss()
            continue
        seen += split_lines(block)
        if block.role in ("title", "heading", "subheading") and len(block.text) <= RUN_ON:
            parts.append(wrap_heading(block.text, block.role, style.headings, style.paragraphs, rng))
        else:
            parts.append(wrap_paragraph(block.text, style.paragraphs, hand, rng, named=named))
        if block.role == "title" and not titled:
            parts.append(shell.under_title.markup)
            seen += shell.under_title.lines
            titled = True
    return Marked("\n".join(parts), tuple(seen), loss)


def _mark_lines(lines: Sequence[str], style: MarkupStyle, empty: str) -> str:
    """A table that fell apart into paragraphs, one a cell."""
    if style.cells == "br":
        return "".join(f"{escape_text(line)}<br/>\n" for line in lines)
    name = style.cells
    return "\n".join(f"<{name}>{escape_text(line.strip()) or empty}</{name}>" for line in lines)


def _unclose(markup: str, rng: random.Random) -> str:
    """Some or all closing tags left out that a browser puts back itself."""
    share = rng.choice((0.03, 0.2, 1.0))
    kept = {"</li>", "</p>"} if "<li" in markup else set()
    return _CLOSING.sub(lambda match: match[0] if match[0] in kept or rng.random() >= share else "", markup)


def _spell_entities(markup: str) -> str:
    """Every character outside ASCII as a number."""
    return "".join(char if ord(char) < 128 else f"&#{ord(char)};" for char in markup)
