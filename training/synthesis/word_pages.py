"""Reports as Word documents: `write_docx(report, style, rng)`; the same seed gives the same bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from training.synthesis.printed import RUN_ON, Paragraph, PrintedBlock, PrintedReport, PrintedTable, find_title
from training.synthesis.table_setting import mark_colors, plan_table
from training.synthesis.word_package import WordParts, pack_document
from training.synthesis.word_styles import Sheet, WordStyle
from training.synthesis.word_tables import Marking, write_frame_table, write_table
from training.synthesis.word_xml import (
    Font,
    Paragraphing,
    write_change,
    write_field,
    write_note_mark,
    write_paragraph,
    write_run,
    write_section,
    write_text_box,
    write_watermark,
)

RED = "FF0000"
WIDE_TABLE = 8  # columns of a table that an office turns a page for
NOTES = ("统计口径为政府信息公开工作机构登记数。", "数据来源：政府信息公开管理系统。", "含以前年度结转。")
BOXES = ("图解：年度报告要点", "联系电话：12345", "扫码阅读全文")
_ORDINAL = re.compile(r"^([一二三四五六七八九十]+)、\s*")
_NUMERALS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(slots=True)
class Writer:
    """One document while it is written."""

    style: WordStyle
    rng: random.Random
    marking: Marking
    title: str = ""
    numbered: bool = False
    notes: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def write_docx(report: PrintedReport, style: WordStyle, rng: random.Random, *, marked: bool = False) -> bytes:
    """The report as a .docx file; `marked` puts a colour of its own behind every field (see `mark_colors`)."""
    marking = Marking(mark_colors(report.blocks) if marked else {}, _choose_changed(report, style, rng))
    title = find_title(report.blocks).replace("\n", "")
    writer = Writer(style, rng, marking, title, _is_numbered(report, style))
    blocks = drop_web_lines(report) if not style.habits.web else list(report.blocks)
    _write_head(writer)
    _write_blocks(writer, blocks)
    parts = WordParts(
        body="".join(writer.parts),
        header=_write_header(writer),
        footer=_write_footer(writer, "center" if not style.habits.sides else "right"),
        even_footer=_write_footer(writer, "left") if style.habits.sides else "",
        footnotes=tuple(writer.notes),
        numbering=writer.numbered,
        title=writer.title,
    )
    return pack_document(parts)


def drop_web_lines(report: PrintedReport) -> list[PrintedBlock]:
    """The blocks without the lines of a web page above the title; a line that names the agency stays."""
    names = {report.agency, str(report.truth.get("organization"))}
    kept: list[PrintedBlock] = []
    begun = False
    for block in report.blocks:
        begun = begun or (isinstance(block, Paragraph) and block.role == "title")
        furniture = isinstance(block, Paragraph) and block.role == "furniture"
        if begun or not furniture or (isinstance(block, Paragraph) and any(name in block.text for name in names)):
            kept.append(block)
    return kept


def _choose_changed(report: PrintedReport, style: WordStyle, rng: random.Random) -> frozenset[str]:
    """Some fields whose value was changed on the way, where changes are tracked."""
    if not style.habits.tracked:
        return frozenset()
    cells = [cell for block in report.blocks if isinstance(block, PrintedTable) for cell in block.cells]
    fields = sorted({cell.field_id for cell in cells if cell.field_id and cell.text.strip().isdecimal()})
    return frozenset(rng.sample(fields, min(len(fields), rng.randint(1, 4))))


def _is_numbered(report: PrintedReport, style: WordStyle) -> bool:
    """Whether the headings are `一、 二、 三、` in order, so that a list can number them."""
    headings = [block for block in report.blocks if isinstance(block, Paragraph) and block.role == "heading"]
    numerals = [match[1] if (match := _ORDINAL.match(heading.text)) else "" for heading in headings]
    return style.habits.numbering and 0 < len(headings) <= 10 and numerals == list(_NUMERALS[1 : len(headings) + 1])


def _write_head(writer: Writer) -> None:
    """The red head of an official letter, and the first blank lines."""
    style, rng = writer.style, writer.rng
    if style.habits.letterhead:
        agency = writer.title.split("2")[0][:16] or "人民政府"
        head = Font(style.type.title, 36.0 if len(agency) < 9 else 26.0, color=RED, bold=True)
        writer.parts.append(write_paragraph(write_run(f"{agency}文件", head), Paragraphing("center", after=20)))
        number = Font(style.type.body, style.type.body_size, style.type.latin)
        text = f"政办发〔{rng.randint(2015, 2025)}〕{rng.randint(1, 90)}号"
        writer.parts.append(write_paragraph(write_run(text, number), Paragraphing("center", after=24, rule=RED)))
    if style.habits.text_box:
        font = Font(style.type.body, 9.0)
        inside = write_paragraph(write_run(rng.choice(BOXES), font), Paragraphing("center"))
        writer.parts.append(write_paragraph(write_text_box(inside, width=120, height=24)))
    writer.parts += [_blank(writer)] * style.habits.blanks


def _write_blocks(writer: Writer, blocks: Sequence[PrintedBlock]) -> None:
    """All blocks, in sections of pages as wide tables and columns of text ask for."""
    sheet = writer.style.sheet
    runs = list(_group_blocks(blocks, writer.style))
    for number, (layout, members) in enumerate(runs):
        _write_group(writer, members, _sheet_of(layout, sheet))
        kind = "nextPage" if "turned" in (layout, runs[number - 1][0] if number else layout) else "continuous"
        section = write_section(
            _sheet_of(layout, sheet),
            kind=kind if number else "nextPage",
            columns=sheet.columns if layout == "text" else 1,
        )
        last = number == len(runs) - 1
        writer.parts.append(section if last else write_paragraph("", section=section))
    if not runs:
        writer.parts += [write_paragraph(""), write_section(sheet)]


def _group_blocks(blocks: Sequence[PrintedBlock], style: WordStyle) -> Iterator[tuple[str, list[PrintedBlock]]]:
    """Runs of blocks of one page layout: text, table (over all columns) or turned."""
    group: list[PrintedBlock] = []
    last = ""
    for number, block in enumerate(blocks):
        layout = _layout_of(block, style)
        if layout == "text" and number + 1 < len(blocks) and isinstance(block, Paragraph) and block.role == "caption":
            layout = _layout_of(blocks[number + 1], style)
        if group and layout != last:
            yield last, group
            group = []
        last = layout
        group.append(block)
    if group:
        yield last, group


def _layout_of(block: PrintedBlock, style: WordStyle) -> str:
    if isinstance(block, Paragraph):
        return "text"
    wide = plan_table(block).columns >= WIDE_TABLE and style.sheet.height > style.sheet.width
    if style.habits.turned and wide:
        return "turned"
    return "table" if style.sheet.columns > 1 else "text"


def _sheet_of(layout: str, sheet: Sheet) -> Sheet:
    if layout != "turned":
        return sheet
    left, top, right, bottom = sheet.margins
    return Sheet(sheet.height, sheet.width, (top, left, bottom, right))


def _write_group(writer: Writer, blocks: Sequence[PrintedBlock], sheet: Sheet) -> None:
    """Blocks one under the other; two tables in a row are kept apart."""
    before: PrintedBlock | None = None
    for block in blocks:
        if isinstance(block, PrintedTable):
            writer.parts += _set_table(writer, block, before, sheet)
        else:
            writer.parts.append(_set_paragraph(writer, block))
        before = block
    if isinstance(before, PrintedTable):
        writer.parts.append(_blank(writer, small=True))


def _set_table(writer: Writer, table: PrintedTable, before: PrintedBlock | None, sheet: Sheet) -> list[str]:
    """The table, and what goes before it: a blank line, a new page."""
    style, rng = writer.style, writer.rng
    gap: list[str] = []
    if isinstance(before, PrintedTable):
        gap = [write_paragraph("", Paragraphing(page_break=rng.random() < 0.5))]
    elif style.habits.breaks and rng.random() < 0.5:
        gap = [write_paragraph("", Paragraphing(page_break=True))]
    elif style.habits.blanks > 1:
        gap = [_blank(writer)] * rng.randint(0, style.habits.blanks)
    width = sheet.text_width if style.sheet.columns == 1 or _layout_of(table, style) != "text" else sheet.text_width / 2
    nested = style.habits.nested and rng.random() < 0.6
    if nested:  # a wider table than its frame is cut off at the frame's sides
        style = replace(style, cells=replace(style.cells, width=min(style.cells.width, 0.97)))
    markup = write_table(table, style, rng, width=width, marking=writer.marking)
    return [*gap, write_frame_table(markup + write_paragraph(""), width=width) if nested else markup]


def _blank(writer: Writer, *, small: bool = False) -> str:
    font = Font(writer.style.type.body, 6.0 if small else writer.style.type.body_size)
    return write_paragraph("", mark=font)


def _set_paragraph(writer: Writer, block: Paragraph) -> str:
    """A paragraph as its role is set."""
    kind, text = writer.style.type, block.text.strip()
    body = Font(kind.body, kind.body_size, kind.latin)
    indented = Paragraphing(indent=2 * kind.body_size, leading=kind.leading)
    match block.role:
        case "title":
            font = Font(kind.title, kind.title_size, kind.latin, bold=kind.title in ("宋体", "SimSun"))
            return write_paragraph(write_run(text, font), Paragraphing("center", after=kind.body_size))
        case "heading" if len(text) <= RUN_ON:
            return _set_heading(writer, text, indented)
        case "subheading":
            font = replace(body, name=kind.heading, bold=writer.style.cells.bold_heads)
            return write_paragraph(write_run(text, font), indented)
        case "caption":
            side = "right" if len(text) < 10 else "center" if len(text) < 30 else "left"
            font = Font(kind.table, min(kind.body_size, kind.table_size + 1.5), kind.latin)
            return write_paragraph(write_run(text, font), Paragraphing(side, before=3, after=3))
        case "furniture":
            return write_paragraph(write_run(text, body), replace(indented, align="right", indent=0))
        case _:
            return write_paragraph(_body_runs(writer, text, body), indented)


def _set_heading(writer: Writer, text: str, setting: Paragraphing) -> str:
    kind = writer.style.type
    font = Font(kind.heading, kind.body_size, kind.latin, bold=writer.style.cells.bold_heads)
    if writer.numbered:
        text = _ORDINAL.sub("", text)
    setting = replace(setting, numbered=writer.numbered, keep_next=True, level=1 if writer.style.habits.header else 0)
    return write_paragraph(write_run(text, font), setting, mark=font)


def _body_runs(writer: Writer, text: str, font: Font) -> str:
    """The runs of a paragraph, one of them with a footnote or a tracked change now and then."""
    runs = write_run(text, font)
    habits = writer.style.habits
    if habits.footnote and len(writer.notes) < 3 and writer.rng.random() < 0.2:
        small = Font(font.name, 9.0, font.latin)
        runs += write_note_mark(len(writer.notes) + 1, font)
        writer.notes.append(write_paragraph(write_run(writer.rng.choice(NOTES), small), Paragraphing("left")))
    if habits.tracked and len(text) > 30 and writer.rng.random() < 0.2:
        place = text.find("。", 10) + 1 or len(text)
        return (
            write_run(text[:place], font) + write_change("以上情况已核实。", "", font) + write_run(text[place:], font)
        )
    return runs


def _write_header(writer: Writer) -> str:
    habits, kind = writer.style.habits, writer.style.type
    runs = write_run(writer.title, Font(kind.body, 9.0, kind.latin)) if habits.header else ""
    if habits.watermark:
        runs += write_watermark(habits.watermark)
    return write_paragraph(runs, Paragraphing("center", rule="000000" if habits.header else "")) if runs else ""


def _write_footer(writer: Writer, side: str) -> str:
    """The page number, as the pattern of the style has it."""
    pattern = writer.style.habits.page_number
    if not pattern:
        return ""
    font = Font("宋体", 12.0, "Times New Roman")
    pieces = re.split(r"(\{n\}|\{all\})", pattern)
    fields = {"{n}": "PAGE", "{all}": "NUMPAGES"}
    runs = "".join(
        write_field(fields[piece], font) if piece in fields else write_run(piece, font) for piece in pieces if piece
    )
    return write_paragraph(runs, Paragraphing(side))
