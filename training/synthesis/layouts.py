"""The layouts of tables in text: a printed table as the lines that scrapes and exports make of it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from training.synthesis.chances import ROW_GAP, TABLE_RULE
from training.synthesis.grid import Place, Row, arrange_rows, count_columns
from training.synthesis.printed import PrintedTable
from training.synthesis.styles import TableStyle

DRAWN_WIDTH = 24  # of a drawn column at most; a Chinese character takes two

Layout = Callable[[PrintedTable, random.Random, TableStyle], list[str]]


def print_pipe_rows(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One row a line, the pipe at the end: `规章 | 0 | 0 | 0 |`."""
    rows = arrange_rows(table, rng, style)
    lines = [join_pipes(_texts(row) + [""] * style.extra, style.gap) for row in rows]
    return _open_gaps(lines, rng, style)


def print_framed_rows(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One row a line between pipes: `| 规章 | 0 | 0 | 0 |`."""
    rows = arrange_rows(table, rng, style)
    start = "|" if style.gap in ("|", " | runs") else "| "
    return _open_gaps([start + join_pipes(_texts(row), style.gap).lstrip() for row in rows], rng, style)


def print_markdown_table(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """Rows between pipes with a delimiter row under the first, or under an empty head."""
    width = count_columns(table)
    rows = [_texts(row) for row in arrange_rows(table, rng, style)]
    if style.extra:
        rows.insert(0, [""] * width)
    lines = ["| " + " | ".join(texts) + " |" for texts in rows]
    lines.insert(1, "|" + "|".join(style.gap if len(style.gap) > 3 else f" {style.gap} " for _ in range(width)) + "|")
    return lines


def print_cell_starts(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """Pipe rows whose cells begin on a new line: `规章`, `| 0`, `| 0`, `| 0 |`."""
    lines = []
    pipe = "|" if style.gap == "|" else "| "
    for row in arrange_rows(table, rng, style):
        first, *rest = _texts(row) or [""]
        cells = [(pipe if style.gap == "| all" else "") + first, *(pipe + text for text in rest)]
        if style.gap in ("| end", "| all"):
            empty = next((count for count, text in enumerate(reversed(rest)) if text), len(rest))
            cells = cells[: len(cells) - empty]
            cells[-1] += " |" * (empty + 1)
        lines += [line.rstrip() for cell in cells for line in cell.split("\n")]
    return lines


def print_cell_lines_pipe(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One cell a line with the pipe at its end; the empty places of a row are a run of pipes."""
    lines: list[str] = []
    for row in arrange_rows(table, rng, style):
        lines += _pipe_cells(row, style)
    return lines


def print_cell_lines_row_pipe(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One cell a line with the pipe at its end, and a line with a lone pipe before every row."""
    lines: list[str] = []
    for row in arrange_rows(table, rng, style):
        lines += ["|", *_pipe_cells(row, style)]
    return lines


def print_cell_lines_pipe_below(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One cell a line, a pipe alone on the next."""
    lines: list[str] = []
    for place in _all_places(table, rng, style):
        if place.text:
            lines += [*place.text.split("\n"), "|"]
        elif style.blank_trace != "none" or place.field_id is None:
            lines += ["|"] if style.blank_trace == "pipe" else ["", "|"]
    return lines


def print_cell_lines_spaced(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One cell a line, empty lines between, no pipe."""
    between = [""] * (2 if style.gap == "2" else 1)
    lines: list[str] = []
    for row in arrange_rows(table, rng, style):
        for place in row:
            if place.text:
                parts = place.text.split("\n")
                lines += ["\n".join(parts) if not style.extra else f"\n{''.join(between)}".join(parts), *between]
            elif place.field_id is not None and style.blank_trace == "line":
                lines += ["", *between]
        if style.gap == "rows":
            lines += [""]
    return [line for text in lines for line in text.split("\n")]


def print_cell_lines(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One cell a line and nothing else."""
    indent = ("", "    ", "\u3000")[style.extra]
    lines: list[str] = []
    for row in arrange_rows(table, rng, style):
        for place in row:
            if place.text:
                lines += [indent + line for line in place.text.split("\n")]
            elif place.field_id is not None and style.blank_trace == "line":
                lines.append("")
        if style.split and style.blank_trace == "none":
            lines.append("")
    return lines


def print_tabs(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One row a line, tabs between the fields, as exports of Word tables have it."""
    lines = ["\t".join(_texts(row) + [""] * style.extra) for row in arrange_rows(table, rng, style)]
    lines = _open_gaps(lines, rng, style)
    if style.split and rng.random() < TABLE_RULE:
        lines.append("\t".join(["--------", *["---"] * (count_columns(table) - 1)]))
    return lines


def print_blanks(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One row a line, two blanks or more between the fields, or every column at its place."""
    if style.gap.startswith("aligned"):  # places that are merged are places still, or nothing would stand aligned
        style = replace(style, covered="keep", spans="all")
        return _align([_texts(row) for row in arrange_rows(table, rng, style)], right=style.gap.endswith("right"))
    rows = [_texts(row) for row in arrange_rows(table, rng, style)]
    return [
        "".join(text + _draw_blanks(rng, style.gap) for text in texts if text).rstrip() for texts in rows if any(texts)
    ]


def print_distinct_lines(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One cell a line, and every distinct line only once."""
    places = _all_places(table, rng, style)
    lines = [line.strip() for place in places if place.text for line in place.text.split("\n")]
    return list(dict.fromkeys(line for line in lines if line))


def print_layout_table(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """Rows inside the one table that lays out the whole page: pipes before and behind every row."""
    rows = arrange_rows(table, rng, style)
    return [frame_line(join_pipes(_texts(row), style.gap).strip(), style) for row in rows]


def print_delimited(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """One row a line, a comma or another mark between the fields; a field that holds the mark stands in quotes."""
    mark = style.gap
    rows = [_texts(row) for row in arrange_rows(table, rng, style)]
    return [mark.join(f'"{text}"' if mark in text else text for text in texts) for texts in rows]


def print_drawn(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """Every column at its place between drawn lines; long cells go on below."""
    rows = [_texts(row) for row in arrange_rows(table, rng, replace(style, covered="keep", spans="all"))]
    rows = [row + [""] * (count_columns(table) - len(row)) for row in rows]
    widths = [min(DRAWN_WIDTH, max(2, *(_width(row[c]) for row in rows))) for c in range(count_columns(table))]
    wall, corner, stroke = tuple(style.gap)
    rule = corner + corner.join(stroke * (width + 2) for width in widths) + corner
    lines = [rule]
    for row in rows:
        parts = [_wrap(text, width) for text, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, parts))):
            cells = [part[number] if number < len(part) else "" for part in parts]
            filled = (_fill(text, width, right=False) for text, width in zip(cells, widths, strict=True))
            lines.append(wall + wall.join(f" {text} " for text in filled) + wall)
        lines.append(rule)
    return lines


def print_one_line(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[str]:
    """The whole table on one line, a blank between the cells, of text that lost its line breaks."""
    return [" ".join(place.text for place in _all_places(table, rng, style) if place.text)]


def frame_line(text: str, style: TableStyle) -> str:
    """A line as a cell of the page's layout table."""
    front = "|" * style.extra if "runs" in style.gap or style.gap == "|" else "| " * style.extra
    behind = "|" * (style.extra - 1) if "runs" in style.gap or style.gap == "|" else " |" * (style.extra - 1)
    return f"{front}{text}{'' if text.endswith('|') or not text else ' |'}{behind}".rstrip()


def join_pipes(texts: Iterable[str], gap: str) -> str:
    """Fields with a pipe behind each; `| runs` sets the pipes of empty fields without blanks between."""
    pipe = "|" if gap == "|" else " |"
    before = "" if gap in ("|", " |") else " "
    line = ""
    for text in texts:
        if text:
            line += (before if line else "") + text + pipe
        else:
            line += ("|" if "runs" in gap and line.endswith("|") else pipe) if line else "|"
    return line


LAYOUTS: Mapping[str, Layout] = {
    "pipe-rows": print_pipe_rows,
    "pipe-rows-framed": print_framed_rows,
    "markdown-table": print_markdown_table,
    "pipe-cell-starts": print_cell_starts,
    "cell-lines-pipe": print_cell_lines_pipe,
    "cell-lines-row-pipe": print_cell_lines_row_pipe,
    "cell-lines-pipe-below": print_cell_lines_pipe_below,
    "cell-lines-spaced": print_cell_lines_spaced,
    "cell-lines": print_cell_lines,
    "tabs": print_tabs,
    "blanks": print_blanks,
    "distinct-lines": print_distinct_lines,
    "layout-table": print_layout_table,
    "delimited": print_delimited,
    "drawn": print_drawn,
    "one-line": print_one_line,
    "html-lines": print_cell_lines,
}


def _texts(row: Row) -> list[str]:
    return [place.text for place in row]


def _all_places(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[Place]:
    return [place for row in arrange_rows(table, rng, style) for place in row]


def _pipe_cells(row: Row, style: TableStyle) -> list[str]:
    """The cells of a row, each with its pipe; empty places as a run, one by one, or (for values) not at all."""
    pipe = style.gap
    lines: list[str] = []
    run = 0
    for place in (*row, Place(".", "end")):
        if not place.text:
            run += place.field_id is None or style.blank_trace != "none"
            continue
        if run:
            lines += ["|" * run] if style.blank_trace in ("run", "none") else ["|"] * run
            run = 0
        if place.kind != "end":
            lines += (place.text + pipe).split("\n")
    return lines


def _open_gaps(lines: list[str], rng: random.Random, style: TableStyle) -> list[str]:
    """An empty line inside the table here and there, where the style splits its tables."""
    if not style.split:
        return lines
    opened: list[str] = []
    for line in lines:
        opened += ["", line] if opened and rng.random() < ROW_GAP else [line]
    return opened


def _draw_blanks(rng: random.Random, gap: str) -> str:
    return " " * rng.randint(2, 9) if gap == "mixed" else gap


def _align(rows: list[list[str]], *, right: bool) -> list[str]:
    """Every column at its own place, wide characters counted as two."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max((_width(row[c]) for row in rows if c < len(row)), default=0) for c in range(columns)]
    lines = []
    for row in rows:
        cells = [_fill(text, widths[c], right=right and c > 0) for c, text in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return [line for line in lines if line]


def _fill(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _wrap(text: str, width: int) -> list[str]:
    """A text in lines of at most `width`."""
    lines = [""]
    for char in text:
        if _width(lines[-1] + char) > width:
            lines.append("")
        lines[-1] += char
    return lines
