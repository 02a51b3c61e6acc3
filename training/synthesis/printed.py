"""A report between its content and its print: paragraphs and tables, with the truth of every cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

RUN_ON = 60  # a longer heading has its paragraph behind it on the same line


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A box of a table as it will be printed; spans are half-open, from 0. Labels have no `field_id`."""

    text: str
    row: int
    column: int
    row_end: int
    column_end: int
    field_id: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table; `form_id` is `None` for a table that is no statutory form."""

    cells: tuple[PrintedCell, ...]
    form_id: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the report.

    `role` is one of title, heading (of `section`), subheading, body, caption (between a heading and its table, or a
    note under it) and furniture (navigation, index card, footer).
    """

    text: str
    role: str
    section: str | None = None


PrintedBlock = Paragraph | PrintedTable


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A document to be rendered; `truth` follows the contract's truth format, without `layout` and `noise`.

    `variations` names what was done to the tables (blanks for zeros, rows left out, ...), for the mixtures.
    """

    blocks: tuple[PrintedBlock, ...]
    truth: dict[str, Any]
    agency: str
    variations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedReport:
    """A document as bytes beside its truth.

    `lines` holds the printed lines that are not table rows, in order, with role and section.
    """

    content: bytes
    suffix: str
    layout: str
    noise: tuple[str, ...]
    truth: dict[str, Any]
    lines: tuple[Paragraph, ...] = field(default=())


def find_title(blocks: Iterable[PrintedBlock]) -> str:
    """The first line of the title, empty where a report has none."""
    return next((block.text for block in blocks if isinstance(block, Paragraph) and block.role == "title"), "")
