"""A printed table as a real table of a Word document: merged cells, rules, tints, upright labels."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from training.synthesis.grid import occupy
from training.synthesis.printed import PrintedCell, PrintedTable
from training.synthesis.table_setting import (
    RULINGS,
    Line,
    TablePlan,
    is_row_label,
    is_tall,
    is_tinted,
    plan_table,
    share_columns,
)
from training.synthesis.word_styles import WordStyle
from training.synthesis.word_xml import (
    Font,
    Paragraphing,
    twips,
    write_cell,
    write_change,
    write_paragraph,
    write_row,
    write_run,
)

KINDS = {"solid": "single", "double": "double", "dotted": "dotted", "dashed": "dashed", "none": "nil"}
DIRECTIONS = {"vertical": "tbRlV", "rotated": "btLr"}


@dataclass(frozen=True, slots=True)
class Marking:
    """What the writer does to single values: colours behind fields, and fields with a tracked change."""

    colors: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()


UNMARKED = Marking()


@dataclass(frozen=True, slots=True)
class TableFrame:
    """One table while it is written; widths are in points."""

    plan: TablePlan
    style: WordStyle
    font: Font
    widths: tuple[float, ...]
    marking: Marking


def write_table(
    table: PrintedTable, style: WordStyle, rng: random.Random, *, width: float, marking: Marking = UNMARKED
) -> str:
    """The table as markup, on `width` points of text; nothing for a table without cells."""
    if not table.cells:
        return ""
    plan = plan_table(table)
    size = style.type.table_size
    total = width * style.cells.width
    room = (total - 2 * style.cells.padding * plan.columns) / size
    ems = share_columns(table, rng, width=max(room, plan.columns), equal=style.cells.equal)
    scale = total / sum(em * size + 2 * style.cells.padding for em in ems)
    widths = tuple((em * size + 2 * style.cells.padding) * scale for em in ems)
    font = Font(style.type.table, size, style.type.latin)
    frame = TableFrame(plan, style, font, widths, marking)
    places = occupy(table)
    rows = [_write_row(places, number, frame) for number in range(plan.rows)]
    grid = "".join(f'<w:gridCol w:w="{twips(wide)}"/>' for wide in widths)
    return f"<w:tbl>{_table_properties(frame, total)}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def write_frame_table(content: str, *, width: float) -> str:
    """A layout table of one cell around other content."""
    lines = "".join(f'<w:{side} w:val="nil"/>' for side in ("top", "left", "bottom", "right"))
    properties = (
        f'<w:tblW w:w="{twips(width)}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/>'
    )
    cell = write_cell(width, content, "")
    row = write_row([cell], height=0, heading=False, whole=False)
    return (
        f'<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid><w:gridCol w:w="{twips(width)}"/></w:tblGrid>{row}</w:tbl>'
    )


def _table_properties(frame: TableFrame, total: float) -> str:
    ruling, setting = RULINGS[frame.style.table.border], frame.style.cells
    sides: Sequence[tuple[str, Line]] = (
        ("top", ruling.top),
        ("left", ruling.left),
        ("bottom", ruling.bottom),
        ("right", ruling.right),
        ("insideH", ruling.across),
        ("insideV", ruling.down),
    )
    lines = "".join(_write_line(side, line) for side, line in sides)
    padding = twips(setting.padding)
    margins = f'<w:left w:w="{padding}" w:type="dxa"/><w:right w:w="{padding}" w:type="dxa"/>'
    return (
        f'<w:tblPr><w:tblW w:w="{twips(total)}" w:type="dxa"/><w:jc w:val="{setting.align}"/>'
        f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
    )


def _write_line(side: str, line: Line) -> str:
    return f'<w:{side} w:val="{KINDS[line.kind]}" w:sz="{round(line.width * 8)}" w:space="0" w:color="{line.color}"/>'


def _write_row(places: Mapping[tuple[int, int], PrintedCell], number: int, frame: TableFrame) -> str:
    """The cells of one row: those that begin in it, those that go on from above, and empty squares."""
    cells: list[str] = []
    column = 0
    while column < frame.plan.columns:
        cell = places.get((number, column)) or PrintedCell("", number, column, number + 1, column + 1)
        end = max(cell.column_end, column + 1)
        width = sum(frame.widths[column:end])
        cells.append(_write_cell(cell, width, number, frame))
        column = end
    look, setting = frame.style.table, frame.style.cells
    heading = look.repeat_heads and number < frame.plan.heads < frame.plan.rows
    return write_row(cells, height=setting.row_height, heading=heading, whole=look.whole_rows)


def _write_cell(cell: PrintedCell, width: float, number: int, frame: TableFrame) -> str:
    look = frame.style.table
    columns, rows = cell.column_end - cell.column, cell.row_end - cell.row
    properties = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    if rows > 1:
        properties += '<w:vMerge w:val="restart"/>' if number == cell.row else "<w:vMerge/>"
    ruling = RULINGS[look.border]
    if ruling.under_heads and cell.row < frame.plan.heads and cell.row_end >= frame.plan.heads:
        properties += f"<w:tcBorders>{_write_line('bottom', ruling.under_heads)}</w:tcBorders>"
    tint = frame.marking.colors.get(cell.field_id or "")
    if tint or is_tinted(cell, frame.plan, look.shading):
        properties += f'<w:shd w:val="clear" w:color="auto" w:fill="{tint or frame.style.cells.tint}"/>'
    if is_tall(cell) and look.upright in DIRECTIONS:
        properties += f'<w:textDirection w:val="{DIRECTIONS[look.upright]}"/>'
    properties += f'<w:vAlign w:val="{frame.style.cells.vertical}"/>'
    return write_cell(
        width, _write_content(cell, frame) if number == cell.row else write_paragraph("", mark=frame.font), properties
    )


def _write_content(cell: PrintedCell, frame: TableFrame) -> str:
    """The paragraph of a cell."""
    head = cell.field_id is None and not is_row_label(cell, frame.plan)
    font = replace(frame.font, bold=head and frame.style.cells.bold_heads)
    text = cell.text
    if is_tall(cell) and frame.style.table.upright == "lines":
        text = "\n".join(text.replace("\n", ""))
    if cell.field_id in frame.marking.changed:
        runs = write_change("".join(reversed(text)) + "1", text, font)
    else:
        runs = write_run(text, font)
    return write_paragraph(runs, Paragraphing(align=_align(cell, frame)), mark=font)


def _align(cell: PrintedCell, frame: TableFrame) -> str:
    setting = frame.style.cells
    if cell.field_id is not None:
        return frame.style.table.numbers
    if is_tall(cell):
        return "center"
    if is_row_label(cell, frame.plan):
        return setting.row_labels
    spread = setting.labels == "distribute"
    short = 2 <= len(cell.text.strip()) <= 4 and cell.column_end - cell.column == 1
    return "center" if spread and not short else setting.labels
