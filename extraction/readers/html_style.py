"""What styles say of how an element is laid out: block, table, row, cell, hidden; as far as reading needs it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

INLINE, BLOCK, GRID, TABLE, ROWS, ROW, CELL, HIDDEN = "inline", "block", "grid", "table", "rows", "row", "cell", "none"
MAX_STYLE_CHARACTERS = 200_000  # longer sheets are themes of a whole site
MAX_COMMENTS = 2_000  # each one that does not end is looked for to the end
MAX_COLUMNS = 200  # the widest statutory table has 15

_DISPLAY = re.compile(r"(?:^|[;\s{])display\s*:\s*([a-z-]+)", re.I)
_HIDDEN = re.compile(r"(?:^|[;\s{])visibility\s*:\s*hidden", re.I)
_PREFORMATTED = re.compile(r"(?:^|[;\s{])white-space\s*:\s*(?:pre|break-spaces)", re.I)
_COLUMNS = re.compile(r"grid-template-columns\s*:\s*([^;}]+)", re.I)
_REPEAT = re.compile(r"repeat\(\s*(\d{1,3})\s*,", re.I)
_SELECTOR = re.compile(r"[a-z0-9]*[.#][\w-]+|[a-z][a-z0-9]*", re.I)
_BRACES = re.compile(r"[{}]")
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.S)

# Values of `display` and what an element with it is here.
_DISPLAYS = {
    "none": HIDDEN,
    "inline": INLINE,
    "inline-block": INLINE,
    "contents": INLINE,
    "block": BLOCK,
    "flex": BLOCK,
    "list-item": BLOCK,
    "flow-root": BLOCK,
    "grid": GRID,
    "table": TABLE,
    "inline-table": TABLE,
    "table-row-group": ROWS,
    "table-header-group": ROWS,
    "table-footer-group": ROWS,
    "table-row": ROW,
    "table-cell": CELL,
    "table-caption": BLOCK,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What declarations say: a display (empty where they say none), the columns of a grid, kept line ends."""

    display: str = ""
    columns: int = 0
    preformatted: bool = False


NO_LAYOUT = Layout()


@functools.lru_cache(maxsize=4096)  # a page out of Word repeats the same dozen declarations in every cell
def read_layout(style: str) -> Layout:
    """Read the declarations of a style attribute or of a rule.

    >>> read_layout("color: red; display: table-row").display
    'row'
    """
    if not ("display" in style or "visib" in style or "white-" in style or style.isupper()):
        return NO_LAYOUT
    match = _DISPLAY.search(style)
    display = _DISPLAYS.get(match[1].lower(), "") if match else ""
    if _HIDDEN.search(style):
        display = HIDDEN
    columns = _count_columns(style) if display == GRID else 0
    layout = Layout(display, columns, _PREFORMATTED.search(style) is not None)
    return NO_LAYOUT if layout == NO_LAYOUT else layout


def _count_columns(style: str) -> int:
    match = _COLUMNS.search(style)
    if match is None:
        return 0
    repeat = _REPEAT.search(match[1])
    return min(MAX_COLUMNS, int(repeat[1]) if repeat else len(match[1].split()))


def read_style_sheet(text: str) -> dict[str, Layout]:
    """The layouts that a sheet gives to `.class`, `#id` and `tag`; combined selectors and @media do not count."""
    if (
        len(text) > MAX_STYLE_CHARACTERS
        or text.count("/*") > MAX_COMMENTS
        or not ("display" in text or "visibility" in text or "white-space" in text)
    ):
        return {}
    layouts: dict[str, Layout] = {}
    text = _COMMENT.sub(" ", text)
    start = depth = 0
    selectors = ""
    for brace in _BRACES.finditer(text):
        inside = text[start : brace.start()]
        if brace[0] == "{":
            depth += 1
            selectors = inside if depth == 1 else ""
        else:
            if depth == 1 and "@" not in selectors:
                _add_rule(layouts, selectors, inside)
            depth = max(0, depth - 1)
            selectors = ""
        start = brace.end()
    return layouts


def _add_rule(layouts: dict[str, Layout], selectors: str, declarations: str) -> None:
    layout = read_layout(declarations)
    if layout is NO_LAYOUT:
        return
    for selector in selectors.split(","):
        name = selector.strip()
        if _SELECTOR.fullmatch(name):
            sign = max(name.find("."), name.find("#"))
            layouts[name[sign:] if sign > 0 else name] = layout


def find_layout(styles: dict[str, Layout], classes: str, identity: str, tag: str) -> Layout | None:
    """The layout that a style sheet gives to an element, by its id, its classes or its tag."""
    if identity and (layout := styles.get(f"#{identity}")):
        return layout
    if classes:
        for name in classes.split():
            if layout := styles.get(f".{name}"):
                return layout
    return styles.get(tag)
