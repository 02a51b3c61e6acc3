"""Printed tables of a document in reading order: those that markup gives, and those found in its lines."""

from __future__ import annotations

from dataclasses import replace

from extraction.tables.text import find_text_tables
from models.document import Cell, Document, Evidence, Table, TextLine

BY_LINE = frozenset({"text/plain", "text/markdown", "application/pdf"})  # others tell a place by table, row and column


def find_tables(document: Document) -> tuple[Table, ...]:
    """Every printed grid; runs of lines between sentences and ready-made tables are searched for grids of their own."""
    markup = document.media_type not in BY_LINE and not document.media_type.startswith("image/")
    tables: list[Table] = []
    run: list[tuple[int, TextLine]] = []
    for position, block in enumerate(document.blocks):
        if isinstance(block, TextLine):
            run.append((position, block))
            continue
        tables += find_text_tables(run, markup=markup)
        tables.append(block)
        run = []
    tables += find_text_tables(run, markup=markup)
    return tuple(_number_table(table, number) for number, table in enumerate(tables, 1))


def _number_table(table: Table, number: int) -> Table:
    """Evidence in markup is table, row and column, counted from 1; cells of text keep line and span, of pages boxes."""
    if table.cells and table.cells[0].evidence.table == number:
        return table  # as its reader counted
    cells = tuple(
        cell if cell.evidence.line is not None or cell.evidence.page is not None else _number_cell(cell, number)
        for cell in table.cells
    )
    return replace(table, cells=cells)


def _number_cell(cell: Cell, number: int) -> Cell:
    evidence = Evidence(table=number, row=cell.row + 1, column=cell.column + 1)
    # Not by `replace`, which takes twice the time, of every cell of a page.
    return Cell(cell.text, cell.row, cell.column, cell.row_end, cell.column_end, evidence, cell.position)
