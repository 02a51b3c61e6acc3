"""The statutory forms laid out as printed grids: `lay_out(form, layout, texts)`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from models.form import Block, Form
from training.synthesis.printed import PrintedCell, PrintedTable

NOTES = (
    "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
    "(本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和)",
    "（本列数据的勾稽关系为：第一项加第二项之和等于第三项加第四项之和）",
)
OTHER_NOTES = ("", "", "情　形", "项目", "指标", "申请办理情况", "{year}年", "办理情况（{year}年度）", "单位：件")
INDENT = "　"


@dataclass(frozen=True, slots=True)
class Layout:
    """Choices of one agency for one table.

    `rows` and `columns` list, block by block, which rows and columns are printed and in which order. `repeat` prints
    the whole label path in every row instead of merged cells; `joined` prints only the last label, in one column, and
    with `grouped` the labels above it in rows of their own.
    """

    rows: tuple[tuple[int, ...], ...]
    columns: tuple[tuple[int, ...], ...]
    corner: str = ""
    repeat: bool = False
    joined: bool = False
    grouped: bool = False
    top_heading: str = "申请人情况"
    leaves_first: bool = True
    row_label: str | None = None
    block_titles: bool = True
    padded: bool = False
    title_row: str = ""
    unit_column: bool = True
    number_column: bool = False
    remark_column: str = ""
    group_mark: str = ""
    group_unit: str = "——"
    indent: bool = True
    headings: tuple[str, str, str] = ("统计指标", "单位", "统计数")
    transposed: bool = False


@dataclass(slots=True)
class Grid:
    """Cells put down one by one; `taken` are the squares that are filled."""

    cells: list[PrintedCell] = field(default_factory=list)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def put(
        self, text: str, row: int, column: int, size: tuple[int, int] = (1, 1), field_id: str | None = None
    ) -> None:
        """Put a cell of `size` rows and columns at a place that is free."""
        squares = {(r, c) for r in range(row, row + size[0]) for c in range(column, column + size[1])}
        if squares & self.taken:
            raise ValueError(f"{text!r} at {row}, {column} covers another cell")
        self.taken |= squares
        self.cells.append(PrintedCell(text, row, column, row + size[0], column + size[1], field_id))

    def finish(self, form_id: str | None) -> PrintedTable:
        """The table, its cells in reading order."""
        return PrintedTable(tuple(sorted(self.cells, key=lambda cell: (cell.row, cell.column))), form_id)


def shape_of(form: Form) -> str:
    """How a form is laid out: `blocks` one under the other, a `list` of indicators, one `row`, or a `matrix`."""
    if len(form.blocks) > 1:
        return "blocks"
    if not form.blocks[0].columns[0].path:
        return "list"
    return "matrix" if form.blocks[0].rows[0].path else "row"


def kin_of(form: Form) -> str:
    """The family of the statutory forms whose look and slips a form shares; of an own form, by its shape."""
    return form.family if form.family in VARY else KIN[shape_of(form)]


def official_layout(form: Form) -> Layout:
    """The form as the notice prints it."""
    return Layout(
        rows=tuple(tuple(range(len(block.rows))) for block in form.blocks),
        columns=tuple(tuple(range(len(block.columns))) for block in form.blocks),
        corner=NOTES[0] if form.family == "requests" else form.blocks[0].corner,
    )


def draw_layout(rng: random.Random, form: Form, *, year: int, chance: float) -> Layout:
    """A layout that departs from the official one with some chance in each of its choices."""
    vary = VARY.get(form.family) or (_vary_matrix if shape_of(form) == "matrix" else VARY[kin_of(form)])
    return vary(rng, official_layout(form), form, year, chance)


def _vary_requests(rng: random.Random, layout: Layout, form: Form, year: int, chance: float) -> Layout:
    corner = rng.choice(NOTES) if rng.random() >= chance else rng.choice(OTHER_NOTES).format(year=year)
    style = rng.random()
    return replace(
        layout,
        corner=corner,
        repeat=style < chance / 3,
        joined=chance / 3 <= style < chance * 0.6,
        grouped=rng.random() < 0.5,
        top_heading="" if rng.random() < chance / 3 else rng.choice(("申请人情况",) * 8 + ("申请人", "申请人类别")),
    )


def _vary_matrix(rng: random.Random, layout: Layout, form: Form, year: int, chance: float) -> Layout:
    corner = layout.corner if rng.random() >= chance else rng.choice(("", "项目", "类别", "指标", f"{year}年"))
    style = rng.random()
    joined = chance / 3 <= style < chance * 0.6
    return replace(layout, corner=corner, repeat=style < chance / 3, joined=joined, grouped=rng.random() < 0.5)


def _vary_disputes(rng: random.Random, layout: Layout, form: Form, year: int, chance: float) -> Layout:
    label = rng.choice(("数量", "合计", "件数", f"{year}年", "", "情况")) if rng.random() < chance / 3 else None
    return replace(layout, leaves_first=rng.random() < 0.75, row_label=label, transposed=rng.random() < chance / 12)


def _vary_proactive(rng: random.Random, layout: Layout, form: Form, year: int, chance: float) -> Layout:
    return replace(
        layout,
        block_titles=rng.random() >= chance / 8,
        padded=rng.random() < 0.2,
        title_row=rng.choice((form.title, f"{year}年度{form.title}")) if rng.random() < chance / 8 else "",
    )


def _vary_statistics(rng: random.Random, layout: Layout, form: Form, year: int, chance: float) -> Layout:
    first = rng.choice(("统计指标", "统 计 指 标", "指标名称", "指标", "项目", "统计项目"))
    last = rng.choice(("统计数", "统计数", "统计数量", "数量", "数值", "统计数据", f"{year}年统计数", "统 计 数"))
    title = rng.choice((form.title, f"{form.title}（{year}年度）", f"{year}年{form.title}"))
    return replace(
        layout,
        headings=(first, rng.choice(("单位", "单位", "计量单位", "单 位")), last),
        unit_column=rng.random() >= chance / 5,
        number_column=rng.random() < chance / 4,
        remark_column=rng.choice(("备注", "备 注", "说明")) if rng.random() < chance / 4 else "",
        title_row=title if rng.random() < chance / 2 else "",
        group_mark=rng.choice(("", "", "", "——", "—", "/", "-")),
        group_unit=rng.choice(("——", "——", "——", "", "/", "-", "—")),
        indent=rng.random() < 0.8,
    )


VARY: Mapping[str, Callable[[random.Random, Layout, Form, int, float], Layout]] = {
    "requests": _vary_requests,
    "disputes": _vary_disputes,
    "proactive": _vary_proactive,
    "statistics": _vary_statistics,
}
KIN = {"blocks": "proactive", "list": "statistics", "row": "disputes", "matrix": "requests"}


def lay_out(form: Form, layout: Layout, texts: Mapping[str, str]) -> PrintedTable:
    """Print the fields' texts in the grid of the form; fields whose row or column is not in the layout are left out."""
    grid = Grid()
    match shape_of(form):
        case "blocks":
            _put_blocks(grid, form, layout, texts)
        case "list":
            _put_list(grid, form, layout, texts)
        case "row" if layout.transposed:
            _put_transposed(grid, form, layout, texts)
        case _:
            _put_matrix(grid, form, layout, texts)
    return grid.finish(form.form_id)


def split_disputes(form: Form, layout: Layout, texts: Mapping[str, str]) -> tuple[PrintedTable, PrintedTable]:
    """行政复议 and 行政诉讼 as two tables."""
    columns = layout.columns[0]
    first = tuple(c for c in columns if form.blocks[0].columns[c].path[0] == "行政复议")
    rest = tuple(c for c in columns if c not in first)
    one, two = (lay_out(form, replace(layout, columns=(part,)), texts) for part in (first, rest))
    return one, two


def _put_matrix(grid: Grid, form: Form, layout: Layout, texts: Mapping[str, str]) -> None:
    """One block with headings of several levels above and labels of several levels on the left."""
    block, rows, columns = form.blocks[0], layout.rows[0], layout.columns[0]
    paths = [block.columns[c].path for c in columns]
    top = int(bool(layout.top_heading) and form.family == "requests")
    depth = max(len(path) for path in paths)
    labels = max(len(row.path) for row in block.rows)
    width = 1 if layout.joined and labels else labels or int(layout.row_label is not None)
    if width:
        grid.put(layout.corner, 0, 0, (top + depth, width))
    if top:
        grid.put(layout.top_heading, 0, width, (1, len(columns)))
    _put_headings(grid, paths, (top, width), depth, leaves_first=layout.leaves_first)
    paths = [block.rows[r].path for r in rows]
    lines = (
        _put_groups(grid, paths, top + depth, len(columns)) if layout.joined and layout.grouped else range(len(rows))
    )
    if labels:
        _put_row_labels(grid, paths, [top + depth + line for line in lines], layout, width)
    elif layout.row_label is not None:
        grid.put(layout.row_label, top + depth, 0)
    for line, r in zip(lines, rows, strict=True):
        for place, c in enumerate(columns):
            cell = block.fields[r][c].field_id
            grid.put(texts[cell], top + depth + line, width + place, field_id=cell)


def _put_groups(grid: Grid, paths: Sequence[tuple[str, ...]], top: int, columns: int) -> list[int]:
    """Rows for the labels above others, without numbers; gives the line of each path."""
    printed: set[tuple[str, ...]] = set()
    lines: list[int] = []
    line = 0
    for path in paths:
        for depth in range(1, len(path)):
            if path[:depth] not in printed:
                printed.add(path[:depth])
                grid.put(path[depth - 1], top + line, 0)
                for column in range(1, columns + 1):
                    grid.put("", top + line, column)
                line += 1
        lines.append(line)
        line += 1
    return lines


def _put_headings(
    grid: Grid, paths: Sequence[tuple[str, ...]], origin: tuple[int, int], depth: int, *, leaves_first: bool
) -> None:
    """Headings of one to `depth` levels; a short path stretches its last label (`leaves_first`) or its first."""
    top, left = origin
    for level in range(depth):
        for start, end in _runs([path[: level + 1] if level < len(path) else None for path in paths]):
            path = paths[start]
            if level >= len(path):
                continue
            slack = depth - len(path)
            last = level == len(path) - 1
            stretch = slack if (last if leaves_first else level == 0) else 0
            row = top + level + (0 if leaves_first or level == 0 else slack)
            if last and level > 0:
                for column in range(start, end):
                    grid.put(paths[column][-1], row, left + column, (1 + stretch, 1))
            else:
                grid.put(path[level], row, left + start, (1 + stretch, end - start))


def _put_row_labels(
    grid: Grid, paths: Sequence[tuple[str, ...]], lines: Sequence[int], layout: Layout, width: int
) -> None:
    """Labels on the left of the rows at these lines."""
    if layout.joined:
        for line, path in zip(lines, paths, strict=True):
            grid.put(path[-1], line, 0)
        return
    top = lines[0]
    for level in range(width):
        heads = [path[: level + 1] if level < len(path) else None for path in paths]
        runs = _runs(heads) if not layout.repeat else [(line, line + 1) for line in range(len(paths))]
        for start, end in runs:
            path = paths[start]
            if level >= len(path):
                continue
            if level == len(path) - 1:
                for line in range(start, end):
                    grid.put(path[-1], top + line, level, (1, width - level))
            else:
                grid.put(path[level], top + start, level, (end - start, 1))


def _runs(keys: Sequence[object]) -> Iterator[tuple[int, int]]:
    """(start, end) of each run of equal neighbours."""
    start = 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or keys[place] != keys[start]:
            yield start, place
            start = place


def _put_transposed(grid: Grid, form: Form, layout: Layout, texts: Mapping[str, str]) -> None:
    """The columns of the form as rows."""
    block = form.blocks[0]
    paths = [block.columns[c].path for c in layout.columns[0]]
    width = max(len(path) for path in paths)
    grid.put("类别", 0, 0, (1, width))
    grid.put(layout.row_label or "数量", 0, width)
    _put_row_labels(grid, paths, range(1, 1 + len(paths)), layout, width)
    for line, c in enumerate(layout.columns[0]):
        cell = block.fields[0][c].field_id
        grid.put(texts[cell], 1 + line, width, field_id=cell)


def _put_blocks(grid: Grid, form: Form, layout: Layout, texts: Mapping[str, str]) -> None:
    """Blocks one under the other, each with a title, a heading row and its rows."""
    width = 1 + max(len(block.columns) for block in form.blocks)
    row = 0
    if layout.title_row:
        grid.put(layout.title_row, row, 0, (1, width))
        row += 1
    for index, block in enumerate(form.blocks):
        if not layout.rows[index]:
            continue
        if layout.block_titles and block.title:
            grid.put(block.title, row, 0, (1, width))
            row += 1
        columns = layout.columns[index]
        _put_line(grid, row, (block.corner, *(block.columns[c].leaf for c in columns)), width, layout)
        for line, r in enumerate(layout.rows[index], start=1):
            ids = [block.fields[r][c].field_id for c in columns]
            texts_of_line = (block.rows[r].leaf, *(texts[cell] for cell in ids))
            _put_line(grid, row + line, texts_of_line, width, layout, [None, *ids])
        row += 1 + len(layout.rows[index])


def _put_line(
    grid: Grid, row: int, texts: Sequence[str], width: int, layout: Layout, ids: Sequence[str | None] = ()
) -> None:
    """A line whose last cell reaches the edge of the table, or has empty cells after it (`padded`)."""
    for place, text in enumerate(texts):
        stretch = width - place if place == len(texts) - 1 and not layout.padded else 1
        grid.put(text, row, place, (1, stretch), ids[place] if ids else None)
    for place in range(len(texts), width if layout.padded else 0):
        grid.put("", row, place)


def _put_list(grid: Grid, form: Form, layout: Layout, texts: Mapping[str, str]) -> None:
    """Indicator, unit and number, with rows for the groups that have no number."""
    label, unit, number = layout.headings
    names = ["序号"] * layout.number_column + [label] + [unit] * layout.unit_column + [number]
    names += [layout.remark_column] * bool(layout.remark_column)
    row = 0
    if layout.title_row:
        grid.put(layout.title_row, row, 0, (1, len(names)))
        row += 1
    for place, name in enumerate(names):
        grid.put(name, row, place)
    lines = _list_lines(form.blocks[0], layout)
    for count, (depth, text, cell, of) in enumerate(lines, start=1):
        shown = INDENT * depth * layout.indent + text
        value = layout.group_mark if cell is None else texts[cell]
        line = [str(count)] * layout.number_column + [shown] + [of] * layout.unit_column + [value]
        line += [""] * bool(layout.remark_column)
        for place, content in enumerate(line):
            is_value = place == len(line) - 1 - bool(layout.remark_column)
            grid.put(content, row + count, place, field_id=cell if is_value else None)


def _list_lines(block: Block, layout: Layout) -> Iterator[tuple[int, str, str | None, str]]:
    """Depth, label, field id and unit of every line; a group is printed once, before its first row."""
    printed: list[str] = []
    for r in layout.rows[0]:
        path, cell = block.rows[r].path, block.fields[r][0]
        for depth, head in enumerate(path[:-1]):
            if not any(text.startswith(head) for text in printed):
                printed.append(head)
                yield depth, head, None, layout.group_unit
        printed.append(path[-1])
        yield len(path) - 1, path[-1], cell.field_id, cell.unit
