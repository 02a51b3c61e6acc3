"""The styles a table can be printed in: a layout with its parameters, each in one stable split."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from training.synthesis.chances import MARKUP_LAYOUTS, TEXT_LAYOUTS
from training.synthesis.choice import check_split, deal_splits


@dataclass(frozen=True, slots=True)
class TableStyle:
    """How one table is printed as text.

    `covered`: the places under a merged cell of an upper row (keep, drop). `spans`: the further places of a cell
    merged over columns (all, one, none, repeat). `tail`: the end of a short row (pad, bare, strip).
    `blank_trace`: what an empty cell leaves where cells stand one a line (none, line, pipe, run).
    `breaks`: a line break inside a label (kept, blank, joined). `gap`: how pipes or blanks part the cells.
    """

    layout: str
    covered: str = "keep"
    spans: str = "all"
    tail: str = "bare"
    blank_trace: str = "line"
    breaks: str = "blank"
    gap: str = " | "
    shifts: bool = False
    split: bool = False
    extra: int = 0

    @property
    def key(self) -> str:
        """The name of the style, for its split."""
        return "/".join(str(getattr(self, field.name)) for field in fields(self))


ROW_CHOICES: dict[str, tuple[object, ...]] = {
    "covered": ("keep", "drop"),
    "spans": ("all", "none"),
    "tail": ("pad", "bare"),
    "breaks": ("kept", "blank", "joined"),
    "gap": (" | ", " | runs", "|", " |"),
    "split": (False, False, True),
}
CELL_LINE_CHOICES: dict[str, tuple[object, ...]] = {
    "covered": ("drop", "drop", "keep"),
    "spans": ("none", "none", "all"),
    "tail": ("bare", "pad"),
    "breaks": ("joined", "kept", "blank"),
}
CHOICES: dict[str, dict[str, tuple[object, ...]]] = {
    "pipe-rows": ROW_CHOICES | {"extra": (0, 0, 1)},
    "pipe-rows-framed": ROW_CHOICES | {"spans": ("all", "all", "none", "none", "repeat")},
    "markdown-table": {
        "spans": ("all", "all", "all", "none", "repeat"),
        "tail": ("pad", "bare"),
        "breaks": ("br", "blank", "joined"),
        "gap": ("---", ":---:", ":--", "--------", "-"),
        "extra": (0, 1),
    },
    "pipe-cell-starts": {
        "covered": ("keep", "drop"),
        "spans": ("all", "none"),
        "tail": ("bare", "pad"),
        "breaks": ("kept", "blank", "joined"),
        "gap": ("| ", "|", "| end", "| all"),
    },
    "cell-lines-pipe": CELL_LINE_CHOICES | {"blank_trace": ("run", "run", "pipe", "none"), "gap": (" |", "|")},
    "cell-lines-row-pipe": CELL_LINE_CHOICES | {"blank_trace": ("run", "pipe", "none"), "gap": (" |", "|")},
    "cell-lines-pipe-below": CELL_LINE_CHOICES | {"blank_trace": ("pipe", "line", "none")},
    "cell-lines-spaced": CELL_LINE_CHOICES
    | {
        "covered": ("drop",),
        "spans": ("none",),
        "tail": ("bare",),
        "blank_trace": ("none", "none", "line"),
        "gap": ("1", "2", "rows"),
        "extra": (0, 1),
    },
    "cell-lines": CELL_LINE_CHOICES
    | {
        "covered": ("drop",),
        "spans": ("none",),
        "tail": ("bare",),
        "blank_trace": ("none", "line"),
        "extra": (0, 1, 2),
        "split": (False, True),
    },
    "tabs": {
        "covered": ("keep", "keep", "drop"),
        "spans": ("all", "all", "all", "one", "one", "none", "repeat"),
        "tail": ("pad", "bare", "strip"),
        "breaks": ("blank", "joined"),
        "shifts": (False, True),
        "split": (False, False, True),
        "extra": (0, 0, 1),
    },
    "blanks": {
        "covered": ("drop", "keep"),
        "spans": ("none", "all"),
        "breaks": ("blank", "joined"),
        "gap": ("  ", "    ", "      ", "\u3000\u3000", "mixed", "aligned", "aligned right"),
    },
    "distinct-lines": {
        "covered": ("drop",),
        "spans": ("none",),
        "blank_trace": ("none",),
        "breaks": ("joined", "kept", "blank"),
        "gap": ("0", "1"),
        "extra": (0, 1, 2, 3),
    },
    "layout-table": {
        "covered": ("keep", "drop"),
        "spans": ("all", "none"),
        "tail": ("pad", "bare"),
        "breaks": ("blank", "joined"),
        "gap": (" | ", " | runs", "|"),
        "extra": (1, 2, 3, 5),
    },
    "delimited": {
        "covered": ("keep", "drop"),
        "spans": ("all", "none", "repeat"),
        "tail": ("pad", "bare"),
        "breaks": ("blank", "joined"),
        "gap": (",", ",", ";", "，", "；"),
    },
    "drawn": {
        "tail": ("pad", "bare"),
        "breaks": ("blank", "joined"),
        "gap": ("│┼─", "│┼─", "|+-", "|┼─", "|+="),
    },
    "one-line": {
        "covered": ("drop", "drop", "keep"),
        "spans": ("none", "none", "repeat"),
        "tail": ("bare",),
        "blank_trace": ("none",),
        "breaks": ("joined", "blank"),
    },
    "html-lines": CELL_LINE_CHOICES
    | {
        "covered": ("drop",),
        "spans": ("none",),
        "tail": ("bare",),
        "blank_trace": ("none", "line"),
        "extra": (0, 1, 2),
    },
}


@functools.cache
def layouts_for(split: str) -> tuple[tuple[TableStyle, float], ...]:
    """Every text style of a split with its weight; the styles of two splits have no combination in common."""
    weights = TEXT_LAYOUTS | {"html-lines": MARKUP_LAYOUTS["html-lines"]}
    return tuple(
        (style, weight / len(styles_of(layout, split)))
        for layout, weight in weights.items()
        for style in styles_of(layout, split)
    )


@functools.cache
def styles_of(layout: str, split: str) -> tuple[TableStyle, ...]:
    """The styles of one layout in one split; raises `ValueError` for a layout or split that is not one."""
    check_split(split)
    if layout not in CHOICES:
        raise ValueError(f"no layout {layout!r}; there are {', '.join(CHOICES)}")
    return tuple(style for style in _spread_styles(layout) if LAYOUT_SPLIT[style.key] == split)


def plain_style(layout: str) -> TableStyle:
    """The regular style of a layout: nothing shifted, split or added."""
    first = next(_spread_styles(layout))
    return replace(first, shifts=False, split=False, extra=0 if layout != "layout-table" else 1)


def _spread_styles(layout: str) -> Iterator[TableStyle]:
    """All combinations of the parameters of a layout; a choice listed twice stands twice, and is drawn twice."""
    choices = CHOICES[layout]
    for values in itertools.product(*choices.values()):
        parameters: dict[str, Any] = dict(zip(choices, values, strict=True))
        yield TableStyle(layout, **parameters)


# The split of every style, by its key: stable as long as CHOICES is.
LAYOUT_SPLIT: dict[str, str] = {
    key: split
    for layout in CHOICES
    for key, split in deal_splits(style.key for style in _spread_styles(layout)).items()
}
