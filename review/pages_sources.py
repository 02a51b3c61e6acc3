"""The source of a report without pages, as parts to print: lines and tables with the places of cells marked."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BEFORE, AFTER = 3, 2  # lines shown around a line
HEAD_ROWS = 3  # of a table, that hold its column headings


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `fields` are those whose evidence it is."""

    text: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the source with its number."""

    number: int
    parts: tuple[Part, ...]
    heading: int = 0


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell of a printed table."""

    text: str
    rows: int
    columns: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A printed table; rows left out stand as `None`."""

    number: int | None
    rows: tuple[tuple[SourceCell, ...] | None, ...]


SourceBlock = SourceLine | SourceTable


def load_source(content: bytes | None) -> Sequence[Mapping[str, Any]]:
    """The blocks of a stored source, not to be changed; empty where there is none."""
    return _load_blocks(content) if content else ()


@functools.lru_cache(maxsize=32)
def _load_blocks(content: bytes) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(content)["blocks"])


def mark_source(blocks: Iterable[Mapping[str, Any]], cells: Iterable[Mapping[str, Any]]) -> list[SourceBlock]:
    """The whole source with the evidence of all cells marked.

    `cells` have `id` and `evidence` as in a record; those without evidence in lines or tables are left out.
    """
    lines, places = _index_evidence(cells)
    return [_make_block(block, lines, places) for block in blocks]


def cut_source(blocks: Sequence[Mapping[str, Any]], cell: Mapping[str, Any]) -> list[SourceBlock]:
    """The lines around the evidence of one cell, or the rows of its table with the headings; empty where unknown."""
    evidence = cell.get("evidence") or {}
    if "line" in evidence:
        number = evidence["line"]
        near = [block for block in blocks if "line" in block and -BEFORE <= block["line"] - number <= AFTER]
        return mark_source(near, [cell])
    if "table" in evidence:
        return [
            _cut_table(table, evidence.get("row"))
            for table in mark_source([b for b in blocks if b.get("table") == evidence["table"]], [cell])
            if isinstance(table, SourceTable)
        ]
    return []


def _cut_table(table: SourceTable, row: int | None) -> SourceTable:
    """The headings of a table and the rows about one, counted from 1."""
    if row is None:
        return SourceTable(table.number, table.rows[:HEAD_ROWS])
    kept = {*range(HEAD_ROWS), row - 2, row - 1, row}
    rows: list[tuple[SourceCell, ...] | None] = []
    for index, cells in enumerate(table.rows):
        if index in kept:
            # Cells over several rows would reach into rows that are left out.
            rows.append(tuple(SourceCell(c.text, 1, c.columns, c.fields) for c in cells or ()))
        elif rows and rows[-1] is not None:
            rows.append(None)
    return SourceTable(table.number, tuple(rows))


def _index_evidence(
    cells: Iterable[Mapping[str, Any]],
) -> tuple[dict[int, list[tuple[int, int, str]]], dict[tuple[int, int, int], list[str]]]:
    lines: dict[int, list[tuple[int, int, str]]] = {}
    places: dict[tuple[int, int, int], list[str]] = {}
    for cell in cells:
        evidence = cell.get("evidence") or {}
        if "line" in evidence:
            start, end = evidence.get("span") or (0, 0)
            lines.setdefault(evidence["line"], []).append((start, end, cell["id"]))
        elif "table" in evidence and "column" in evidence:
            key = (evidence["table"], evidence["row"], evidence["column"])
            places.setdefault(key, []).append(cell["id"])
    return lines, places


def _make_block(
    block: Mapping[str, Any],
    lines: Mapping[int, list[tuple[int, int, str]]],
    places: Mapping[tuple[int, int, int], list[str]],
) -> SourceBlock:
    if "line" in block:
        parts = split_line(block["text"], lines.get(block["line"], ()))
        return SourceLine(block["line"], parts, block.get("heading", 0))
    number = block["table"]
    rows = tuple(
        tuple(
            SourceCell(
                cell["text"], cell["rows"], cell["columns"], tuple(places.get((number or 0, *cell["place"]), ()))
            )
            for cell in row
        )
        for row in block["rows"]
    )
    return SourceTable(number, rows)


def split_line(text: str, spans: Iterable[tuple[int, int, str]]) -> tuple[Part, ...]:
    """A line cut at the spans of cells; an empty span is a place where nothing is printed.

    >>> [part.text for part in split_line("规章 12 件", [(3, 5, "a")])]
    ['规章 ', '12', ' 件']
    """
    by_span: dict[tuple[int, int], list[str]] = {}
    for first, last, field in spans:
        start = min(max(first, 0), len(text))
        by_span.setdefault((start, min(max(last, start), len(text))), []).append(field)
    parts: list[Part] = []
    at = 0
    for (start, end), fields in sorted(by_span.items()):
        if start < at:  # spans that overlap: the first is marked, the others with it
            if parts:
                parts[-1] = Part(parts[-1].text, (*parts[-1].fields, *fields))
            continue
        if start > at:
            parts.append(Part(text[at:start]))
        parts.append(Part(text[start:end], tuple(fields)))
        at = end
    if at < len(text) or not parts:
        parts.append(Part(text[at:]))
    return tuple(parts)
