"""Reports as web pages set for paper: `print_web_page(report, style, rng)`; a browser turns them into PDFs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from training.synthesis.printed import Paragraph, PrintedBlock, PrintedCell, PrintedReport, PrintedTable, find_title
from training.synthesis.table_setting import (
    RULINGS,
    Line,
    TablePlan,
    is_row_label,
    is_tall,
    is_tinted,
    mark_colors,
    plan_table,
    share_columns,
)
from training.synthesis.word_pages import drop_web_lines
from training.synthesis.word_styles import WordStyle

SITES = ("http://www.example.gov.cn/zwgk/xxgkml/ndbg/t20240118_{n}.html", "https://zwgk.example.gov.cn/art/{n}.shtml")
SCALES = (1.0, 1.0, 0.85, 0.75)
ALIGNMENTS = {"both": "justify", "distribute": "justify"}
UPRIGHT = {"vertical": "writing-mode:vertical-rl;", "rotated": "writing-mode:sideways-lr;"}


@dataclass(frozen=True, slots=True)
class PageHand:
    """What was drawn for one page: its scale on paper, the browser's own header (`edges`), parted borders.

    `tag` is that of its paragraphs, `number` stands in its address.
    """

    scale: float
    edges: bool
    parted: bool
    tag: str
    number: int


@dataclass(frozen=True, slots=True)
class WebTable:
    """One table while it is written."""

    plan: TablePlan
    style: WordStyle
    colors: Mapping[str, str]


def print_web_page(report: PrintedReport, style: WordStyle, rng: random.Random, *, marked: bool = False) -> bytes:
    """The report as a page in UTF-8; `marked` puts a colour of its own behind every field (see `mark_colors`)."""
    hand = PageHand(
        rng.choice(SCALES), rng.random() < 0.4, rng.random() < 0.15, rng.choice(("p", "div")), rng.randint(10**6, 10**7)
    )
    colors = mark_colors(report.blocks) if marked else {}
    blocks = list(report.blocks) if style.habits.web else drop_web_lines(report)
    title = find_title(blocks)
    body = "\n".join(_print_block(block, style, rng, hand, colors) for block in blocks)
    mark = f'<div class="mark">{escape(style.habits.watermark)}</div>' if style.habits.watermark else ""
    head = f"<title>{escape(title)}</title><style>{_write_css(style, hand, title)}</style>"
    page = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">{head}</head><body>{mark}{body}</body></html>'
    )
    return page.encode("utf-8", errors="ignore")


def _write_css(style: WordStyle, hand: PageHand, title: str) -> str:
    kind, scale = style.type, hand.scale
    body = kind.body_size * scale
    collapse = "separate;border-spacing:1px" if hand.parted else "collapse"
    return f"""
{_page_rule(style, hand, title)}
* {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
body {{ margin: 0; font: {body:.1f}pt/{kind.leading / kind.body_size:.2f} {_family(kind.body, kind.latin)}; }}
.title {{ text-align: center; font: {kind.title_size * scale:.1f}pt/1.4 {_family(kind.title, kind.latin)}; }}
.heading, .subheading {{ font-family: {_family(kind.heading, kind.latin)}; text-indent: 2em; margin: 0.3em 0; }}
.body {{ text-indent: 2em; text-align: justify; margin: 0; }}
.caption {{ text-align: center; font-size: {body * 0.85:.1f}pt; }}
.furniture {{ text-align: right; font-size: {body * 0.85:.1f}pt; }}
.mark {{ position: fixed; top: 40%; left: 20%; z-index: -1; font-size: 60pt; color: #e4e4e4;
  transform: rotate(-45deg); }}
table {{ border-collapse: {collapse}; width: {min(style.cells.width, 1) * 100:.0f}%; margin: 4pt auto;
  table-layout: fixed; font: {kind.table_size * scale:.2f}pt/1.3 {_family(kind.table, kind.latin)}; }}
td, th {{ padding: 1pt {style.cells.padding * scale:.1f}pt; font-weight: normal; text-indent: 0;
  vertical-align: {"middle" if style.cells.vertical == "center" else style.cells.vertical}; overflow-wrap: anywhere; }}
tr {{ height: {style.cells.row_height * scale:.1f}pt; {"break-inside: avoid;" if style.table.whole_rows else ""} }}
thead {{ display: {"table-header-group" if style.table.repeat_heads else "table-row-group"}; }}
"""


def _page_rule(style: WordStyle, hand: PageHand, title: str) -> str:
    """The sheet, with the page number of the style or the edges that a browser prints by itself."""
    sheet = style.sheet
    left, top, right, bottom = sheet.margins
    counters = {"{n}": '" counter(page) "', "{all}": '" counter(pages) "'}
    pattern = _quote(style.habits.page_number)
    for name, counter in counters.items():
        pattern = pattern.replace(name, counter)
    places = {"bottom-center": pattern} if style.habits.page_number else {}
    if hand.edges:
        site = SITES[hand.number % len(SITES)].format(n=hand.number)
        places = {
            "top-left": _quote("2024/1/18 10:23"),
            "top-center": _quote(title.replace("\n", "")[:30]),
            "bottom-left": _quote(site),
            "bottom-right": '"" counter(page) "/" counter(pages) ""',
        }
    boxes = "".join(f"@{place} {{ content: {text}; font-size: 9pt; }}" for place, text in places.items())
    size = f"{sheet.width:.1f}pt {sheet.height:.1f}pt"
    return f"@page {{ size: {size}; margin: {top:.0f}pt {right:.0f}pt {bottom:.0f}pt {left:.0f}pt; {boxes} }}"


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "").replace('"', "'") + '"'


def _family(name: str, latin: str) -> str:
    names = [latin, name] if latin else [name]
    return ", ".join(f"'{face}'" for face in [*names, "Noto Serif CJK SC"])


def _print_block(
    block: PrintedBlock, style: WordStyle, rng: random.Random, hand: PageHand, colors: Mapping[str, str]
) -> str:
    if isinstance(block, Paragraph):
        text = escape(block.text.strip()).replace("\n", "<br>")
        return f'<{hand.tag} class="{block.role}">{text}</{hand.tag}>'
    width = style.sheet.text_width * min(style.cells.width, 1.0) / (style.type.table_size * hand.scale)
    return _print_table(block, WebTable(plan_table(block), style, colors), rng, width=width)


def _print_table(table: PrintedTable, frame: WebTable, rng: random.Random, *, width: float) -> str:
    """The table; `width` is its room in ems."""
    room = width - 2 * frame.style.cells.padding / frame.style.type.table_size * frame.plan.columns
    ems = share_columns(table, rng, width=max(room, frame.plan.columns), equal=frame.style.cells.equal)
    pads = 2 * frame.style.cells.padding / frame.style.type.table_size
    total = sum(ems) + pads * len(ems)
    columns = "".join(f'<col style="width:{(em + pads) / total * 100:.2f}%">' for em in ems)
    rows = [_print_row(table, number, frame) for number in range(frame.plan.rows)]
    heads = frame.plan.heads if 0 < frame.plan.heads < frame.plan.rows and _can_part(table, frame.plan.heads) else 0
    head = f"<thead>{''.join(rows[:heads])}</thead>" if heads else ""
    return f"<table><colgroup>{columns}</colgroup>{head}<tbody>{''.join(rows[heads:])}</tbody></table>"


def _can_part(table: PrintedTable, row: int) -> bool:
    """Whether no cell reaches over the upper edge of a row."""
    return not any(cell.row < row < cell.row_end for cell in table.cells)


def _print_row(table: PrintedTable, number: int, frame: WebTable) -> str:
    cells: Sequence[PrintedCell] = sorted((c for c in table.cells if c.row == number), key=lambda cell: cell.column)
    return f"<tr>{''.join(_print_cell(cell, frame) for cell in cells)}</tr>"


def _print_cell(cell: PrintedCell, frame: WebTable) -> str:
    down, across = cell.row_end - cell.row, cell.column_end - cell.column
    spans = (f' rowspan="{down}"' if down > 1 else "") + (f' colspan="{across}"' if across > 1 else "")
    look = frame.style.table
    css = f"text-align:{_align(cell, frame)};{_border(cell, frame)}"
    tint = frame.colors.get(cell.field_id or "")
    if tint or is_tinted(cell, frame.plan, look.shading):
        css += f"background:#{tint or frame.style.cells.tint};"
    text = cell.text
    if is_tall(cell):
        css += UPRIGHT.get(look.upright, "")
        text = "\n".join(text.replace("\n", "")) if look.upright == "lines" else text
    elif cell.field_id is None and not is_row_label(cell, frame.plan) and frame.style.cells.bold_heads:
        css += "font-weight:bold;"
    return f'<td{spans} style="{css}">{escape(text).replace(chr(10), "<br>")}</td>'


def _align(cell: PrintedCell, frame: WebTable) -> str:
    if cell.field_id is not None:
        return frame.style.table.numbers
    setting = frame.style.cells
    kind = setting.row_labels if is_row_label(cell, frame.plan) else setting.labels
    if is_tall(cell) or kind == "distribute":
        return "center"
    return ALIGNMENTS.get(kind, kind)


def _border(cell: PrintedCell, frame: WebTable) -> str:
    """The rules on the four sides of a cell: those of the table at its edge."""
    ruling, plan = RULINGS[frame.style.table.border], frame.plan
    heads_end = ruling.under_heads if ruling.under_heads and cell.row_end == plan.heads else ruling.across
    sides = {
        "top": ruling.top if cell.row == 0 else ruling.across,
        "left": ruling.left if cell.column == 0 else ruling.down,
        "bottom": ruling.bottom if cell.row_end == plan.rows else heads_end,
        "right": ruling.right if cell.column_end == plan.columns else ruling.down,
    }
    return "".join(f"border-{side}:{_write_line(line)};" for side, line in sides.items())


def _write_line(line: Line) -> str:
    width = max(line.width * 3, 2.5) if line.kind == "double" else max(line.width, 0.75)
    return "none" if line.kind == "none" else f"{width:.2f}pt {line.kind} #{line.color}"
