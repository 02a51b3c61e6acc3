"""The styles a report is typeset in for paper: page, fonts, borders, habits; each mixture of a table in one split."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from training.synthesis.choice import check_split, deal_splits, pick

# Sizes of sheets as width and height in points.
PAPERS: Mapping[str, tuple[float, float]] = {
    "A4": (595.3, 841.9),
    "Letter": (612.0, 792.0),
    "B5": (498.9, 708.7),
    "A3": (841.9, 1190.6),
    "16K": (521.6, 737.0),
}
PAPER_WEIGHTS = {"A4": 80, "Letter": 7, "B5": 5, "A3": 4, "16K": 4}
# Installed faces by their own names, and names that office documents ask for; those a converter replaces.
SERIF = ("Noto Serif CJK SC", "AR PL UMing CN", "宋体", "SimSun", "仿宋", "仿宋_GB2312", "方正仿宋_GBK")
SANS = ("Noto Sans CJK SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "黑体", "微软雅黑")
KAI = ("AR PL UKai CN", "楷体", "楷体_GB2312")
TITLES = ("方正小标宋简体", "Noto Serif CJK SC", "黑体", "宋体", "AR PL UMing CN", "Noto Sans CJK SC", "AR PL UKai CN")
LATIN = ("", "", "Times New Roman", "Liberation Serif", "Liberation Sans", "Calibri", "DejaVu Sans")

BORDERS = {
    "single": 8,
    "bold": 2,
    "thick-outer": 3,
    "double-outer": 2,
    "double": 1,
    "dotted": 2,
    "dashed": 1,
    "grey": 2,
    "horizontal": 2,
    "three-line": 1,
    "open-sides": 1,
    "none": 2,
}
TABLE_CHOICES: dict[str, tuple[object, ...]] = {
    "border": tuple(BORDERS),
    "shading": ("none", "heads", "groups", "zebra", "all-labels"),
    "numbers": ("center", "left", "right"),
    "upright": ("wrap", "vertical", "rotated", "lines"),
    "repeat_heads": (False, True),
    "whole_rows": (False, True),
}
SHADING = {"none": 6, "heads": 3, "groups": 2, "zebra": 1, "all-labels": 1}
NUMBERS = {"center": 6, "left": 1, "right": 2}
UPRIGHT = {"wrap": 4, "vertical": 4, "rotated": 1, "lines": 2}


@dataclass(frozen=True, slots=True)
class TableLook:
    """How the tables of one document are ruled and set.

    `border` is one of `BORDERS`; `shading` says what is tinted; `numbers` aligns values; `upright` is how a tall narrow
    label stands (wrap, vertical, rotated, lines); `repeat_heads` repeats the heading rows on every page, `whole_rows`
    keeps a row on one page.
    """

    border: str = "single"
    shading: str = "none"
    numbers: str = "center"
    upright: str = "wrap"
    repeat_heads: bool = False
    whole_rows: bool = False

    @property
    def key(self) -> str:
        """The name of the mixture, for its split."""
        return "/".join(str(value) for value in astuple(self))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page in points; `margins` are left, top, right, bottom."""

    width: float = 595.3
    height: float = 841.9
    margins: tuple[float, float, float, float] = (79.4, 104.9, 73.7, 99.2)
    columns: int = 1

    @property
    def text_width(self) -> float:
        return self.width - self.margins[0] - self.margins[2]


@dataclass(frozen=True, slots=True)
class Typeface:
    """Names of the fonts of each part and of digits (`latin`, empty for the same); sizes in points."""

    title: str = "Noto Serif CJK SC"
    heading: str = "Noto Sans CJK SC"
    body: str = "Noto Serif CJK SC"
    table: str = "Noto Serif CJK SC"
    latin: str = ""
    title_size: float = 22.0
    body_size: float = 16.0
    table_size: float = 9.0
    leading: float = 28.0


@dataclass(frozen=True, slots=True)
class CellSetting:
    """How cells are set: alignment of labels and in the height, padding and least row height in points.

    `width` is the table's share of the text width, `equal` gives every column one width, `tint` is the shading.
    """

    labels: str = "center"
    row_labels: str = "left"
    vertical: str = "center"
    padding: float = 5.4
    row_height: float = 0.0
    width: float = 1.0
    equal: bool = False
    bold_heads: bool = False
    tint: str = "D9E2F3"
    align: str = "center"


@dataclass(frozen=True, slots=True)
class Habits:
    """What an office does beside text and tables; everything off is a plain document.

    `page_number` is a pattern of `{n}` and `{all}`; `sides` puts it left and right in turn.
    """

    page_number: str = ""
    sides: bool = False
    header: bool = False
    letterhead: bool = False
    watermark: str = ""
    footnote: bool = False
    text_box: bool = False
    numbering: bool = False
    tracked: bool = False
    nested: bool = False
    blanks: int = 0
    breaks: bool = False
    turned: bool = False
    web: bool = False


@dataclass(frozen=True, slots=True)
class WordStyle:
    """Everything about the look of one document."""

    table: TableLook = TableLook()
    sheet: Sheet = Sheet()
    type: Typeface = Typeface()
    cells: CellSetting = CellSetting()
    habits: Habits = Habits()


def draw_word_style(rng: random.Random, split: str, *, tracked: bool = False) -> WordStyle:
    """A style of the split; `tracked` allows tracked changes, which a converter would print struck through."""
    check_split(split)
    sheet = _draw_sheet(rng)
    return WordStyle(
        _draw_look(rng, split), sheet, _draw_type(rng), _draw_cells(rng), _draw_habits(rng, tracked=tracked)
    )


@functools.cache
def looks_of(split: str) -> tuple[TableLook, ...]:
    """The looks of tables of one split; no mixture stands in two splits."""
    check_split(split)
    return tuple(look for look in _spread_looks() if _deal_looks()[look.key] == split)


@functools.cache
def _deal_looks() -> Mapping[str, str]:
    return deal_splits(look.key for look in _spread_looks())


@functools.cache
def _spread_looks() -> tuple[TableLook, ...]:
    return tuple(TableLook(*values) for values in itertools.product(*TABLE_CHOICES.values()))  # type: ignore[arg-type]


def _draw_look(rng: random.Random, split: str) -> TableLook:
    """One of the looks of the split, the common choices more often."""
    looks = looks_of(split)
    weights = [
        BORDERS[look.border] * SHADING[look.shading] * NUMBERS[look.numbers] * UPRIGHT[look.upright] for look in looks
    ]
    return rng.choices(looks, weights)[0]


def _draw_sheet(rng: random.Random) -> Sheet:
    width, height = PAPERS[pick(rng, PAPER_WEIGHTS)]
    if rng.random() < 0.06:
        width, height = height, width
    margins = rng.choice(
        ((79.4, 104.9, 73.7, 99.2), (90, 72, 90, 72), (72, 72, 72, 72), (54, 54, 54, 54), (36, 40, 36, 45))
    )
    scale = min(1.0, width / 560)
    return Sheet(
        width,
        height,
        (margins[0] * scale, margins[1] * scale, margins[2] * scale, margins[3] * scale),
        2 if rng.random() < 0.05 else 1,
    )


def _draw_type(rng: random.Random) -> Typeface:
    body = rng.choice(SERIF + SERIF + KAI + SANS[:3])
    size = rng.choice((16.0, 16.0, 16.0, 15.0, 14.0, 12.0, 12.0, 10.5))
    return Typeface(
        title=rng.choice(TITLES),
        heading=rng.choice(SANS + KAI),
        body=body,
        table=body if rng.random() < 0.4 else rng.choice(SERIF + SANS + KAI),
        latin=rng.choice(LATIN),
        title_size=rng.choice((22.0, 22.0, 18.0, 24.0, 20.0)),
        body_size=size,
        table_size=rng.choice((6.5, 7.5, 8.0, 9.0, 9.0, 9.0, 10.0, 10.5, 10.5, 12.0)),
        leading=round(size * rng.choice((1.2, 1.5, 1.75, 1.75, 1.9)), 1),
    )


def _draw_cells(rng: random.Random) -> CellSetting:
    return CellSetting(
        labels=rng.choice(("center", "center", "center", "left", "distribute")),
        row_labels=rng.choice(("left", "left", "center", "both")),
        vertical=rng.choice(("center", "center", "center", "center", "top", "bottom")),
        padding=rng.choice((0.0, 1.0, 2.8, 5.4, 5.4)),
        row_height=rng.choice((0.0, 0.0, 14.0, 17.0, 17.0, 22.0, 28.0)),
        width=rng.choice((1.0, 1.0, 1.0, 0.92, 1.06, 0.85)),
        equal=rng.random() < 0.12,
        bold_heads=rng.random() < 0.35,
        tint=rng.choice(("D9E2F3", "BFBFBF", "F2F2F2", "C6D9F1", "DCE6F2", "FFF2CC", "E2EFD9", "8DB4E2")),
        align=rng.choice(("center", "center", "left")),
    )


def _draw_habits(rng: random.Random, *, tracked: bool) -> Habits:
    numbers = ("", "- {n} -", "- {n} -", "— {n} —", "第 {n} 页 共 {all} 页", "{n}", "{n} / {all}", "第{n}页")
    return Habits(
        page_number=rng.choice(numbers),
        sides=rng.random() < 0.25,
        header=rng.random() < 0.15,
        letterhead=rng.random() < 0.08,
        watermark=rng.choice(("内部资料", "政府信息公开", "草稿", "仅供公开")) if rng.random() < 0.06 else "",
        footnote=rng.random() < 0.06,
        text_box=rng.random() < 0.05,
        numbering=rng.random() < 0.12,
        tracked=tracked and rng.random() < 0.1,
        nested=rng.random() < 0.04,
        blanks=rng.choice((0, 0, 0, 1, 1, 2, 4)),
        breaks=rng.random() < 0.15,
        turned=rng.random() < 0.06,
        web=rng.random() < 0.15,
    )
