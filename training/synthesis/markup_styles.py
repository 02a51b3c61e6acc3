"""The styles an HTML page can be made in: container, tables, paragraphs and headings, each mixture in one split."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from training.synthesis.choice import check_split, find_split


@dataclass(frozen=True, slots=True)
class MarkupStyle:
    """How a page is marked up.

    `cells`: how a table tells labels from values (td, th, thead). `spans`: merged cells (right, wrong, left-out,
    none, filled). `soup`: what wraps the text of a cell or paragraph (plain, span, font, word, excel).
    """

    layout: str = "html-table"
    container: str = "zoom"
    cells: str = "td"
    spans: str = "right"
    soup: str = "plain"
    paragraphs: str = "p"
    headings: str = "plain"


# What stands before and behind the report.
CONTAINERS: Mapping[str, tuple[str, str]] = {
    "zoom": ('<div id="zoom" class="content">', "</div>"),
    "trs": (
        '<div class="view TRS_UEDITOR trs_paper_default trs_web"><div class="TRS_Editor">'
        '<style type="text/css">.TRS_Editor P{line-height:2;font-family:宋体;font-size:12pt;}</style>',
        "</div></div>",
    ),
    "article": ('<article class="article-content"><div class="article-body" id="UCAP-CONTENT">', "</div></article>"),
    "tables": (
        '<table width="1000" border="0" align="center"><tr><td width="20"></td><td class="bt_content" valign="top">',
        "</td><td width=20></td></tr></table>",
    ),
    "ucap": ('<div class="pages_content" id="UCAP-CONTENT"><ucapcontent>', "</ucapcontent></div>"),
    "bare": ("", ""),
}
SOUPS = ("plain", "plain", "span", "font", "word", "word", "excel")
PARAGRAPHS = ("p", "p", "indent", "br", "div", "p-nbsp")
HEADINGS = ("plain", "h", "bold", "bold", "centered")
TABLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "html-table": (
        ("td", "td", "th", "thead"),
        ("right", "right", "right", "right", "wrong", "left-out", "none", "filled"),
    ),
    "html-divs": (("rows", "display", "flex", "bootstrap"), ("none", "filled")),
    "html-lists": (("ul", "dl", "nested"), ("none", "filled")),
    "html-lines": (("p", "br", "div"), ("none",)),
}
PLAIN_MARKUP = MarkupStyle()


@functools.cache
def markup_of(layout: str, split: str) -> tuple[MarkupStyle, ...]:
    """The markup styles of one layout in one split; no combination stands in two splits."""
    check_split(split)
    cells, spans = TABLES[layout]
    product = itertools.product((layout,), CONTAINERS, cells, spans, SOUPS, PARAGRAPHS, HEADINGS)
    return tuple(MarkupStyle(*names) for names in product if find_split("/".join(names)) == split)
