"""Tables as markup: real tables with their spans right, wrong or left out, and tables made of divs and lists."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from training.synthesis import chances
from training.synthesis.grid import Place, Row, arrange_rows, count_columns, count_rows
from training.synthesis.markup_styles import MarkupStyle
from training.synthesis.markup_words import Hand, wrap_cell
from training.synthesis.printed import PrintedCell, PrintedTable
from training.synthesis.styles import TableStyle

TABLE_TAGS = (
    '<table border="1" cellspacing="0" cellpadding="0">',
    '<table class="MsoNormalTable" border="0" cellspacing="0" width="100%">',
    '<table style="border-collapse:collapse;width:600px">',
    "<table>",
    '<table width="98%" border="1" align="center">',
    "<TABLE borderColor=#000000 cellSpacing=0 cellPadding=0 width=589 border=1>",
    '<table uetable="null" class="table table-bordered">',
)
CELL_ATTRIBUTES = (
    "",
    ' width="84"',
    ' style="border:1px solid #000;padding:0 5px"',
    ' align="center" valign="middle"',
    ' class="xl65"',
    ' height="29" class="et3" x:num',
    " nowrap",
    ' width="12%" style="word-break: break-all;"',
)
DIV_CLASSES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "rows": (
        ('div class="tb"', 'div class="tr"', 'div class="td"'),
        ('div class="table"', 'div class="row-line"', 'div class="cell"'),
    ),
    "display": (
        (
            'div style="display:table;width:100%"',
            'div style="display:table-row"',
            'div style="display:table-cell;border:1px solid #ccc"',
        ),
        ('section style="display: table"', 'section style="display: table-row"', 'span style="display: table-cell"'),
    ),
    "flex": (('div class="flex-table"', 'div style="display:flex"', 'div style="flex:1;border:1px solid"'),),
    "bootstrap": (('div class="container-fluid"', 'div class="row"', 'div class="col-md-1 col-xs-2"'),),
    "ul": (('div class="ntable"', 'ul class="clearfix"', "li"), ("div", "ul", 'li class="fl"')),
    "nested": (('ul class="rows"', 'li class="tr"', 'span class="td"'),),
}


def mark_table(table: PrintedTable, style: MarkupStyle, hand: Hand, rng: random.Random) -> str:
    """The table as the page marks it up."""
    if style.layout == "html-table":
        return _nest(_mark_real_table(table, style, hand, rng), rng)
    rows = arrange_rows(table, rng, _grid_style(style))
    return _mark_definitions(rows, hand, rng) if style.cells == "dl" else _mark_boxes(rows, style, hand, rng)


def _grid_style(style: MarkupStyle) -> TableStyle:
    filled = style.spans == "filled"
    return TableStyle(
        style.layout, covered="keep" if filled else "drop", spans="all" if filled else "none", breaks="kept"
    )


def _mark_real_table(table: PrintedTable, style: MarkupStyle, hand: Hand, rng: random.Random) -> str:
    tag = rng.choice(TABLE_TAGS)
    attributes = rng.choice(CELL_ATTRIBUTES)
    trailing = rng.random() < chances.EMPTY_TRAILING_CELL
    rows: Sequence[Sequence[tuple[str, str, bool]]]
    if style.spans == "filled":
        rows = [
            [(place.text, "", _is_label(place)) for place in row]
            for row in arrange_rows(table, rng, _grid_style(style))
        ]
    else:
        rows = list(_span_rows(table, style, rng))
    heads = _count_head_rows(table) if style.cells == "thead" else 0
    marked = []
    for number, row in enumerate(rows):
        name = ("th" if number < heads else "td") if style.cells != "th" else ""
        cells = [
            _mark_cell(text, spans + attributes, name or ("th" if label else "td"), hand, rng)
            for text, spans, label in row
        ]
        if trailing:
            cells.append(f"<td{attributes}>&nbsp;</td>")
        marked.append(_join_row(cells, rng))
    return _join_table(tag, marked, heads, count_columns(table), hand, rng)


def _span_rows(table: PrintedTable, style: MarkupStyle, rng: random.Random) -> Iterator[list[tuple[str, str, bool]]]:
    """Text, span attributes and whether it is a label, of the cells that begin in each row."""
    for number in range(count_rows(table)):
        cells = sorted((cell for cell in table.cells if cell.row == number), key=lambda cell: cell.column)
        yield [(cell.text, _span_attributes(cell, style, rng), cell.field_id is None) for cell in cells]


def _span_attributes(cell: PrintedCell, style: MarkupStyle, rng: random.Random) -> str:
    down, across = cell.row_end - cell.row, cell.column_end - cell.column
    if style.spans == "none":
        return ""
    if style.spans == "left-out":
        down = 1
    if style.spans == "wrong" and cell.field_id is None and rng.random() < chances.WRONG_SPAN:
        down, across = rng.choice(
            ((down + 1, across), (max(down - 1, 1), across), (down, across + 1), (down, max(across - 1, 1)))
        )
    quote = rng.choice(('"', '"', '"', "'", ""))
    attributes = (f" rowspan={quote}{down}{quote}" if down > 1 else "") + (
        f" colspan={quote}{across}{quote}" if across > 1 else ""
    )
    return attributes if rng.random() < 0.9 else attributes.replace("span", "Span")


def _mark_cell(text: str, attributes: str, name: str, hand: Hand, rng: random.Random) -> str:
    content = wrap_cell(text, hand, rng)
    if hand.soup == "excel":
        attributes = attributes or ' class="xl66"'
        content = f"\n\t\t\t{content}\n\t\t"
    return f"<{name}{attributes}>{content}</{name}>"


def _join_row(cells: Sequence[str], rng: random.Random) -> str:
    inner = "".join(f"\n    {cell}" for cell in cells) if rng.random() < 0.5 else "".join(cells)
    return f"<tr{rng.choice(('', '', ' height=29', ' class=firstRow', ' style=height:24px'))}>{inner}</tr>"


def _join_table(tag: str, rows: Sequence[str], heads: int, width: int, hand: Hand, rng: random.Random) -> str:
    head = f"<thead>{''.join(rows[:heads])}</thead>" if heads else ""
    body = "\n".join(rows[heads:])
    if rng.random() < 0.7 or heads:
        body = f"<tbody>{body}</tbody>"
    columns = "<colgroup>" + '<col width="72">' * width + "</colgroup>" if hand.soup == "excel" else ""
    foot = ""
    if hand.soup == "word" and rng.random() < 0.2:
        cells = '<td style="border:none"></td>' * width
        foot = f"<![if !supportMisalignedColumns]><tr height=0>{cells}</tr><![endif]>"
    return f"{tag}{columns}{head}{body}{foot}</table>"


def _count_head_rows(table: PrintedTable) -> int:
    with_values = [cell.row for cell in table.cells if cell.field_id is not None]
    return min(with_values, default=0)


def _is_label(place: Place) -> bool:
    return place.field_id is None


def _nest(table: str, rng: random.Random) -> str:
    """Now and then a layout table around the data table."""
    if rng.random() >= chances.NESTED_TABLES:
        return rng.choice(
            ("{}", "{}", '<div align="center">{}</div>', '<div class="table-responsive">{}</div>')
        ).format(table)
    return f'<table width="100%" border="0"><tr><td align="center">{table}</td></tr></table>'


def _mark_boxes(rows: Sequence[Row], style: MarkupStyle, hand: Hand, rng: random.Random) -> str:
    outer, line, box = rng.choice(DIV_CLASSES[style.cells])
    marked = []
    for row in rows:
        boxes = "".join(f"<{box}>{wrap_cell(place.text, hand, rng)}{_close(box)}" for place in row)
        marked.append(f"<{line}>{boxes}{_close(line)}")
    return f"<{outer}>" + "\n".join(marked) + _close(outer)


def _close(tag: str) -> str:
    """The end of an element whose start has attributes."""
    return f"</{tag.split(maxsplit=1)[0]}>"


def _mark_definitions(rows: Sequence[Row], hand: Hand, rng: random.Random) -> str:
    """A definition list a row: labels as dt, values as dd."""
    marked = []
    for row in rows:
        names = ["dt" if _is_label(place) and place.kind == "cell" else "dd" for place in row]
        boxes = "".join(
            f"<{name}>{wrap_cell(place.text, hand, rng)}</{name}>" for name, place in zip(names, row, strict=True)
        )
        marked.append(f"<dl>{boxes}</dl>")
    return '<div class="dl-table">' + "\n".join(marked) + "</div>"
