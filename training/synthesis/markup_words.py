"""Text as markup: escaped, with the spans, fonts and Word paragraphs that content systems wrap around it."""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hand:
    """What the editor of one page wraps around its text: the kind of markup, a font for Han and one for Latin."""

    soup: str = "plain"
    font: str = "宋体"
    latin: str = "宋体"
    size: str = "16px"


_RUNS = re.compile(r"[0-9A-Za-z.,%]+|[^0-9A-Za-z.,%]+")
FONTS = ("宋体", "仿宋_GB2312", "仿宋", "微软雅黑", "SimSun", "FangSong", "方正仿宋_GBK", "Times New Roman", "黑体")
NAMED = {
    "“": "&ldquo;",
    "”": "&rdquo;",
    "—": "&mdash;",
    "·": "&middot;",
    "　": "&#12288;",
    "\u00a0": "&nbsp;",
    "…": "&hellip;",
}
SIZES = ("16px", "14px", "12.0pt", "16.0pt", "10.5pt", "18px")


def draw_hand(rng: random.Random, soup: str) -> Hand:
    """The editor of one page."""
    return Hand(soup, rng.choice(FONTS), rng.choice(FONTS), rng.choice(SIZES))


def escape_text(text: str, *, named: bool = False) -> str:
    """Text that may stand between tags; with `named`, quotes and dashes as entities."""
    escaped = html.escape(text, quote=False)
    if named:
        for char, entity in NAMED.items():
            escaped = escaped.replace(char, entity)
    return escaped


def wrap_run(text: str, hand: Hand, rng: random.Random, *, named: bool = False) -> str:
    """A run of text inside a paragraph or cell, with what the editor wraps around it."""
    match hand.soup:
        case "span":
            look = f"font-family: {hand.font}; font-size: {hand.size};"
            return f'<span style="{look}">{escape_text(text, named=named)}</span>'
        case "font":
            return f'<font face="{hand.font}" size="3">{escape_text(text, named=named)}</font>'
        case "word":
            return "".join(_wrap_word(run, hand, rng, named=named) for run in _cut_runs(text, rng))
        case _:
            return escape_text(text, named=named)


def wrap_cell(text: str, hand: Hand, rng: random.Random) -> str:
    """What stands between the tags of a table cell; an empty one keeps what editors leave in it."""
    lines = text.split("\n")
    if not text.strip():
        return _empty_cell(hand, rng)
    if hand.soup == "word":
        joint = rng.choice(("", "<br/>"))
        start = '<p class="MsoNormal" align="center" style="text-align:center;line-height:20.0pt;">'
        if joint:
            return start + joint.join(wrap_run(line, hand, rng) for line in lines) + "</p>"
        return "".join(f"{start}{wrap_run(line, hand, rng)}<o:p></o:p></p>" for line in lines)
    inner = rng.choice(("<br>", "<br/>", "<br />", "<BR>")).join(wrap_run(line, hand, rng) for line in lines)
    match hand.soup:
        case "span":
            return f'<p style="text-align: center;">{inner}</p>'
        case "font":
            return f'<div align="center">{inner}</div>'
        case _:
            return inner


def wrap_paragraph(text: str, how: str, hand: Hand, rng: random.Random, *, named: bool) -> str:
    """A paragraph of the report: p, div, or lines ended by br."""
    run = wrap_run(text, hand, rng, named=named)
    match how:
        case "br":
            return f"{rng.choice(('&nbsp;&nbsp;&nbsp;&nbsp;', '　　', ''))}{run}<br/>"
        case "div":
            return f"<div>{run}</div>"
        case "indent":
            return f'<p style="text-indent: 2em; line-height: 2;">{run}</p>'
        case "p-nbsp":
            return f"<p>&nbsp;&nbsp;&nbsp; {run}</p>"
        case _ if hand.soup == "word":
            return f'<p class="MsoNormal" style="margin:0cm;text-indent:32.0pt;line-height:28.0pt">{run}<o:p></o:p></p>'
        case _:
            return f"<p>{run}</p>"


def wrap_heading(text: str, role: str, how: str, paragraphs: str, rng: random.Random) -> str:
    """A title or heading: h1 to h4, a bold paragraph, or a paragraph like any other."""
    inner = "<br/>".join(escape_text(line) for line in text.split("\n"))
    if role == "title":
        tag = rng.choice(
            ("h1", "h2", 'p style="text-align:center"', 'div class="title"', 'div class="article-title"', "h1")
        )
        strong = tag.startswith("p")
        return f"<{tag}>{'<strong>' if strong else ''}{inner}{'</strong>' if strong else ''}</{tag.split()[0]}>"
    level = 2 if role == "heading" else 3
    match how:
        case "h":
            return f"<h{level + 1}>{inner}</h{level + 1}>"
        case "bold":
            bold = f"<{(tag := rng.choice(('strong', 'b')))}>{inner}</{tag}>"
            return f"{bold}<br/>" if paragraphs == "br" else f"<p>{bold}</p>"
        case "centered":
            return f'<p align="center" style="font-family:黑体">{inner}</p>'
        case _:
            return f"{inner}<br/>" if paragraphs == "br" else f"<p>{inner}</p>"


def _wrap_word(run: str, hand: Hand, rng: random.Random, *, named: bool) -> str:
    latin = run[0].isascii() and run[0].isalnum()
    lang = ' lang="EN-US"' if latin else ""
    size = hand.size if hand.size.endswith("pt") else "12.0pt"
    font = rng.choice(FONTS) if rng.random() < 0.03 else hand.latin if latin else hand.font
    return f'<span{lang} style="font-size:{size};font-family:{font}">{escape_text(run, named=named)}</span>'


def _cut_runs(text: str, rng: random.Random) -> list[str]:
    """Word cuts a line where Latin and Han meet, and sometimes anywhere in a long run of Han."""
    runs: list[str] = []
    for run in _RUNS.findall(text):
        if len(run) > 8 and not run[0].isascii() and rng.random() < 0.3:
            place = rng.randint(2, len(run) - 2)
            runs += [run[:place], run[place:]]
        else:
            runs.append(run)
    return runs


def _empty_cell(hand: Hand, rng: random.Random) -> str:
    if hand.soup == "word":
        return '<p class="MsoNormal"><span lang="EN-US"><o:p>&nbsp;</o:p></span></p>'
    return rng.choice(("", "", "&nbsp;", "<p>&nbsp;</p>", "<br/>", " ", "&#160;"))
