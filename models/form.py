"""The statutory forms as data: blocks of rows and columns, their wording, their identities (勾稽关系)."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.data_files import read_data
from models.form_files import check_form_data, list_form_files

FORMS_FOLDER = Path(__file__).parent / "forms"
OWN_FORMS = "GOUJI_FORMS"  # the setting that names a folder of further forms; worker processes inherit it


@dataclass(frozen=True, slots=True)
class Label:
    """The printed wording of a row or a column: its path from the outermost heading, and known variants."""

    path: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def leaf(self) -> str:
        return self.path[-1] if self.path else ""


@dataclass(frozen=True, slots=True)
class Field:
    """One slot of a form; `row` and `column` count from 0 inside the block."""

    field_id: str
    label: tuple[str, ...]
    unit: str
    kind: str
    block: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that share one set of column headings; `fields[row][column]` are the slots."""

    title: str
    corner: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    fields: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A tie between figures: the sum of `left` `relation` the sum of `right` (and of last year's `last_right`)."""

    identity_id: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    relation: str = "="
    last_right: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return self.left + self.right


@dataclass(frozen=True, slots=True)
class Form:
    """A statutory table: `form_id` names family and generation (`requests@2021`)."""

    form_id: str
    family: str
    title: str
    section: str
    years: tuple[int, int | None]
    blocks: tuple[Block, ...]
    identities: tuple[Identity, ...]
    across_years: tuple[Identity, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for block in self.blocks for row in block.fields for field in row)

    @property
    def rows(self) -> tuple[tuple[int, int], ...]:
        """(block, row) of every row, from the top of the form to its foot."""
        return tuple((b, r) for b, block in enumerate(self.blocks) for r in range(len(block.rows)))


def turn_form(form: Form) -> Form:
    """The form printed with its columns as rows; the fields are the same.

    >>> turn_form(load_forms()["disputes@2019"]).blocks[0].rows[4].path
    ('行政复议', '总计')
    """
    return replace(form, blocks=tuple(_turn_block(block) for block in form.blocks))


def _turn_block(block: Block) -> Block:
    fields = tuple(
        tuple(replace(field, row=field.column, column=field.row) for field in column)
        for column in zip(*block.fields, strict=True)
    )
    return replace(block, rows=block.columns, columns=block.rows, fields=fields)


def add_aliases(forms: Mapping[str, Form], learned: Iterable[tuple[str, str, str]]) -> dict[str, Form]:
    """The forms with further wordings: (family, leaf of the label, wording); every label of that leaf has it then."""
    more: dict[tuple[str, str], list[str]] = {}
    for family, leaf, wording in learned:
        more.setdefault((family, leaf), []).append(wording)
    if not more:
        return dict(forms)

    def extend(form: Form, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        return tuple(
            replace(label, aliases=tuple(dict.fromkeys((*label.aliases, *more.get((form.family, label.leaf), ())))))
            for label in labels
        )

    return {
        form_id: replace(
            form,
            blocks=tuple(
                replace(block, rows=extend(form, block.rows), columns=extend(form, block.columns))
                for block in form.blocks
            ),
        )
        for form_id, form in forms.items()
    }


def load_forms() -> Mapping[str, Form]:
    """Every form that ships and those of the folder `GOUJI_FORMS`, by id; those that ship first, by their years.

    Raises `ValueError` where the folder is none, or a file of it is no form or one that ships.
    """
    return _load_all(os.environ.get(OWN_FORMS, ""))


@functools.cache
def load_shipped_forms() -> Mapping[str, Form]:
    """The forms that ship, by id, in the order of their years: those that the models that ship have learned."""
    return _sort_forms(load_form(path) for path in list_form_files(FORMS_FOLDER))


@functools.cache
def _load_all(folder: str) -> Mapping[str, Form]:
    shipped = load_shipped_forms()
    if not folder:
        return shipped
    own: dict[str, Form] = {}
    for path in list_form_files(Path(folder)):
        form = load_form(path)
        if form.form_id in shipped or form.form_id in own:
            raise ValueError(f"{path}: there is a form {form.form_id} already")
        own[form.form_id] = form
    return {**shipped, **_sort_forms(own.values())}


def _sort_forms(forms: Iterable[Form]) -> dict[str, Form]:
    return {form.form_id: form for form in sorted(forms, key=lambda form: (form.years[0], form.form_id))}


def load_form(path: Path) -> Form:
    """Read one form from its file; raises `ValueError` where the file is not a form."""
    data = read_data(path)
    check_form_data(data, path.name)
    blocks = tuple(_read_block(data, index) for index in range(len(data["blocks"])))
    known = {field.field_id for block in blocks for row in block.fields for field in row}
    form = Form(
        form_id=data["form"],
        family=data["family"],
        title=data["title"],
        section=data["section"],
        years=(data["years"][0], data["years"][1]),
        blocks=blocks,
        identities=tuple(_read_identities(data, "identities")),
        across_years=tuple(_read_identities(data, "across_years")),
    )
    for identity in form.identities + form.across_years:
        if unknown := set(identity.fields + identity.last_right) - known:
            raise ValueError(f"{path.name}: identity {identity.identity_id} names unknown fields {sorted(unknown)}")
    return form


def _read_block(data: Mapping[str, Any], index: int) -> Block:
    block = data["blocks"][index]
    title = block.get("title", "")
    fields = tuple(
        tuple(
            Field(
                field_id=_join(data["family"], row["key"], column["key"]),
                label=((title,) if title else ()) + tuple(row["label"]) + tuple(column["label"]),
                unit=row.get("unit") or column.get("unit") or data["unit"],
                kind=row.get("kind") or column.get("kind") or data["kind"],
                block=index,
                row=r,
                column=c,
            )
            for c, column in enumerate(block["columns"])
        )
        for r, row in enumerate(block["rows"])
    )
    return Block(
        title=title,
        corner=block.get("corner", ""),
        rows=tuple(_read_label(row) for row in block["rows"]),
        columns=tuple(_read_label(column) for column in block["columns"]),
        fields=fields,
    )


def _read_label(entry: Mapping[str, Any]) -> Label:
    return Label(tuple(entry["label"]), tuple(entry.get("aliases", ())))


def _read_identities(data: Mapping[str, Any], name: str) -> Iterable[Identity]:
    """Spread `each: row` and `each: column` over the rows and columns of the form."""
    family = data["family"]
    rows = [row["key"] for block in data["blocks"] for row in block["rows"]]
    columns = [column["key"] for block in data["blocks"] for column in block["columns"]]
    for entry in data.get(name) or ():
        each = entry.get("each")
        if each not in (None, "row", "column"):
            raise ValueError(f"{data['form']}: each is row or column, not {each!r}")
        for value in {"row": rows, "column": columns}.get(each, [""]):
            sides = {
                side: tuple(_place(family, key, value, each) for key in entry.get(side, ()))
                for side in ("left", "right", "last_right")
            }
            identity_id = entry["id"].replace("{row}", value).replace("{column}", value)
            yield Identity(identity_id, relation=entry.get("relation", "="), **sides)


def _place(family: str, key: str, value: str, each: str | None) -> str:
    """The field that a key of an identity names: of the row `value`, of the column `value`, or by itself."""
    return _join(family, *{"row": (value, key), "column": (key, value)}.get(each or "", (key,)))


def _join(*keys: str) -> str:
    return ".".join(key for key in keys if key)
