"""A form as the table a person sees: merged headings, fields in their places, and the sums that each field is in."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.form import Block, Field, Form, Identity, load_forms


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and how many rows and columns of the page it spans."""

    text: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a block: the headings that begin in it, and its fields."""

    headings: tuple[Heading, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class FormBlock:
    """A block as it is drawn; `head` are its lines of column headings, `depth` the columns that row headings take."""

    title: str
    corner: Heading | None
    head: tuple[tuple[Heading, ...], ...]
    rows: tuple[FormRow, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A tie between figures as a page shows it: terms of both sides, each with words that tell it from others."""

    identity_id: str
    left: tuple[tuple[str, str], ...]
    right: tuple[tuple[str, str], ...]
    relation: str

    @property
    def shown_at(self) -> str:
        """The field beside which it is shown whether the sum holds: its total."""
        return (self.right or self.left)[-1][0]


@functools.cache
def find_field(form_id: str, field_id: str) -> Field | None:
    """The field of a form, or None where a form or field of that name is not known."""
    return _index_fields(form_id).get(field_id)


@functools.cache
def _index_fields(form_id: str) -> Mapping[str, Field]:
    form = load_forms().get(form_id)
    return {field.field_id: field for field in form.fields} if form else {}


@functools.cache
def lay_out_form(form_id: str) -> tuple[FormBlock, ...]:
    """The blocks of a form with merged headings; raises `KeyError` for a form that is not known."""
    return tuple(_lay_out_block(block) for block in load_forms()[form_id].blocks)


def _lay_out_block(block: Block) -> FormBlock:
    depth = max((len(row.path) for row in block.rows), default=0)
    height = max((len(column.path) for column in block.columns), default=0)
    sides = merge_headings([row.path for row in block.rows], depth)
    tops = merge_headings([column.path for column in block.columns], height)
    head: list[list[Heading]] = [[] for _ in range(height)]
    for column in tops:
        for level, heading in column:
            # Turned: what goes on over rows of a path goes on over columns of the page.
            head[level].append(Heading(heading.text, heading.columns, heading.rows))
    rows = tuple(
        FormRow(tuple(heading for _, heading in headings), fields)
        for headings, fields in zip(sides, block.fields, strict=True)
    )
    corner = Heading(block.corner, max(height, 1), depth) if depth else None
    return FormBlock(block.title, corner, tuple(map(tuple, head)), rows, depth)


def merge_headings(paths: Sequence[tuple[str, ...]], depth: int) -> list[list[tuple[int, Heading]]]:
    """For each path the headings that begin with it, as (level, heading): equal beginnings are one heading.

    The last heading of a path reaches to `depth`.

    >>> merge_headings([("A", "1"), ("A", "2"), ("B",)], 2)[2]
    [(0, Heading(text='B', rows=1, columns=2))]
    """
    merged: list[list[tuple[int, Heading]]] = []
    for index, path in enumerate(paths):
        begun: list[tuple[int, Heading]] = []
        for level, text in enumerate(path):
            prefix = path[: level + 1]
            last = level == len(path) - 1
            # A row may be the heading of the rows after it (其中…): it stands by itself, they begin anew.
            if index and not last and _goes_on(paths[index - 1], prefix):
                continue
            end = index + 1
            while not last and end < len(paths) and _goes_on(paths[end], prefix):
                end += 1
            begun.append((level, Heading(text, end - index, depth - level if last else 1)))
        merged.append(begun)
    return merged


def _goes_on(path: tuple[str, ...], prefix: tuple[str, ...]) -> bool:
    """Whether a path begins with another and does not end with it."""
    return path[: len(prefix)] == prefix and len(path) > len(prefix)


def split_label(field: Field, form: Form) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The headings of a field's row (with the title of its block) and those of its column."""
    block = form.blocks[field.block]
    title = (block.title,) if block.title else ()
    return title + block.rows[field.row].path, block.columns[field.column].path


def find_sums(form_id: str, field_id: str) -> tuple[Sum, ...]:
    """The sums of a form that a field is in, those along its row before the longer ones; none for an unknown form."""
    form = load_forms().get(form_id)
    if form is None:
        return ()
    ties = [identity for identity in form.identities if field_id in identity.fields]
    return tuple(_name_sum(form_id, identity) for identity in sorted(ties, key=lambda tie: len(tie.fields)))


@functools.cache
def list_tied(form_id: str, field_id: str) -> tuple[str, ...]:
    """The fields in the sums of a field, itself among them; none where no sum has it."""
    ties = find_sums(form_id, field_id)
    return tuple(dict.fromkeys(name for tie in ties for name, _ in (*tie.left, *tie.right)))


def list_sums(form_id: str) -> tuple[Sum, ...]:
    """All sums of a form, in its order."""
    form = load_forms().get(form_id)
    return tuple(_name_sum(form_id, identity) for identity in form.identities) if form else ()


@functools.cache
def _name_sum(form_id: str, identity: Identity) -> Sum:
    names = name_terms(form_id, identity.fields)
    left, right = (tuple((field, names[field]) for field in side) for side in (identity.left, identity.right))
    return Sum(identity.identity_id, left, right, identity.relation)


def name_terms(form_id: str, fields: Sequence[str]) -> dict[str, str]:
    """Short words for fields that are listed together: the heading in which they differ, not those they share."""
    known = _index_fields(form_id)
    form = load_forms()[form_id]
    labels = {field: split_label(known[field], form) for field in fields}
    rows = {row for row, _ in labels.values()}
    columns = {column for _, column in labels.values()}
    names = {}
    for field, (row, column) in labels.items():
        parts = [path[-1] for path, several in ((row, rows), (column, columns)) if path and len(several) > 1]
        names[field] = " · ".join(parts) or (column or row)[-1]
    return names
