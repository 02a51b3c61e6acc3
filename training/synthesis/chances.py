"""How often a rendered report shows what; shares out of one, and weights where a choice is made among several."""

from __future__ import annotations

# The counts are those of real pages, raised for what is rare there and hard to read.
SPLIT_SHARES: dict[str, int] = {"train": 70, "calibrate": 15, "test": 15}

DOCUMENT_KINDS: dict[str, float] = {"text": 0.56, "html": 0.34, "markdown": 0.10}

TEXT_LAYOUTS: dict[str, float] = {
    "pipe-rows": 13,
    "pipe-rows-framed": 5,
    "markdown-table": 3,
    "pipe-cell-starts": 3,
    "cell-lines-pipe": 7,
    "cell-lines-row-pipe": 4,
    "cell-lines-pipe-below": 4,
    "cell-lines-spaced": 9,
    "cell-lines": 5,
    "tabs": 10,
    "blanks": 3,
    "distinct-lines": 2,
    "layout-table": 2,
    "delimited": 2,
    "drawn": 1,
    "one-line": 1,
}
MARKDOWN_LAYOUTS: dict[str, float] = {"markdown-table": 5, "tabs": 3, "pipe-rows-framed": 2, "pipe-rows": 1}
MARKUP_LAYOUTS: dict[str, float] = {"html-table": 16, "html-divs": 2, "html-lists": 1, "html-lines": 2}

NOISE: dict[str, float] = {
    "half-width": 0.72,
    "spaced-digits": 0.15,
    "spaced-numbering": 0.14,
    "label-blanks": 0.28,
    "justified-labels": 0.16,
    "label-lines": 0.16,
    "label-rows": 0.07,
    "label-fields": 0.06,
    "cut-labels": 0.03,
    "typos": 0.16,
    "other-numbering": 0.10,
    "wide-letters": 0.06,
    "wrong-quotes": 0.16,
    "zero-width": 0.08,
    "middle-dots": 0.04,
    "heading-blanks": 0.16,
    "joined-headings": 0.06,
    "title-twice": 0.10,
    "navigation": 0.45,
    "index-card": 0.22,
    "lost-dates": 0.06,
    "wrapped-lines": 0.06,
    "traditional": 0.07,
    "pinyin": 0.45,  # of the documents in Traditional script
}
FREE_NOISE = 2  # mixtures of at most so many kinds of noise stand in every split
CALM = 0.08  # documents without noise

# Inside a document that shows the noise: the share of labels, headings or lines it falls on.
LABEL_BLANK = 0.14
LABEL_BLANK_DENSE = 0.45
DENSE = 0.25
LABEL_LINE_BREAK = 0.30
LABEL_ROW_BREAK = 0.5
LABEL_FIELD_BREAK = 0.5
LABEL_CUT = 0.5
LABEL_TYPO = 0.08
LABEL_ZERO_WIDTH = 0.12
LINE_ZERO_WIDTH = 0.05
HEADING_BLANK = 0.35
HEADING_TYPO = 0.03
HEADING_JOIN = 0.5
PINYIN_CHARACTER = 0.25

# Tables
MIXED_LAYOUTS = 0.12  # documents whose tables do not all have one layout
ROW_SHIFT = 0.08
ROW_GAP = 0.05
TABLE_RULE = 0.3

# Documents
EMPTY_HEAD_LINES = 0.2
TRAILING_BLANKS = 0.06
MARKDOWN_ESCAPES = 0.2
HEADINGS_SINK = 0.3

ENCODINGS: dict[str, float] = {
    "utf-8": 62,
    "utf-8-sig": 9,
    "gb18030": 12,
    "gbk": 9,
    "utf-16-le": 4,
    "utf-16-be": 2,
}
TRADITIONAL_ENCODINGS: dict[str, float] = {"utf-8": 6, "utf-8-sig": 1, "big5": 4, "gb18030": 1, "utf-16-le": 0.5}
LINE_ENDS: dict[str, float] = {"\n": 70, "\r\n": 26, "\r": 4}
CHARSET_LABELS: dict[str, float] = {"right": 0.78, "missing": 0.12, "wrong": 0.10}

# Markup
UNCLOSED_TAGS = 0.12
ENTITIES = 0.10
COMMENTS = 0.35
SCRIPTS = 0.7
NESTED_TABLES = 0.10
EMPTY_TRAILING_CELL = 0.08
WRONG_SPAN = 0.15
INVISIBLE_TEXT = 0.15
