"""Tables as the readers of pictures saw them, with what is printed: `python -m training.seen_tables FOLDER… > FILE`.

FOLDER has scans beside their truth, as `gouji synthesize --kind scan` writes them. A table is a JSON object on a line:
`{"level", "form", "cells": {id: {"state", "value", "candidates": [[text, probability], …]}}}`. Trials of decoding take
such a file, since a real reader errs in ways that the model of `training/misreading.py` does not know.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from extraction.decoding_forms import list_pictured
from extraction.mapping import MappedForm
from extraction.pipeline import draft_report, load_reader
from models.decoding import CellCandidates
from models.document import DocumentError, Source
from models.form import Form, load_forms
from models.numbers import State, parse_value
from models.picture import Candidate
from training.evaluation import find_truths
from training.synthesis.figures import plant_errors

EMPTY = (State.BLANK.value, State.MARK.value)


@dataclass(frozen=True, slots=True)
class SeenTable:
    """A table as a reader of pictures saw it, with what is printed: (state, value) by field."""

    form: Form
    level: str
    cells: tuple[CellCandidates, ...]
    truth: Mapping[str, tuple[str, float | None]]


def read_seen(path: Path) -> Iterator[SeenTable]:
    """The tables of a file of candidates."""
    forms = load_forms()
    for line in path.read_text("utf-8").splitlines():
        entry = json.loads(line)
        form, cells = forms[entry["form"]], entry["cells"]
        yield SeenTable(
            form,
            entry["level"],
            tuple(
                CellCandidates(
                    field, tuple(Candidate(t, p) for t, p in cells.get(field.field_id, {}).get("candidates", ()))
                )
                for field in form.fields
            ),
            {name: (cell["state"], cell["value"]) for name, cell in cells.items()},
        )


def is_right(text: str, cell: CellCandidates, truth: tuple[str, float | None]) -> bool:
    """Whether a candidate says what is printed."""
    value = parse_value(text, unit=cell.field.unit, kind=cell.field.kind)
    state, number = truth
    return value.state is State(state) and (value.number is None or float(value.number) == number)


def misprint_table(rng: random.Random, table: SeenTable, errors: int) -> tuple[SeenTable, frozenset[str]]:
    """The table with so many misprints of its agency, read as well as what was printed before; and their fields.

    None where no sum would break, or not all of the table was printed and read.
    """
    meant = {name: _find_number(cell) for name, cell in table.truth.items()}
    known = {name: number for name, number in meant.items() if number is not None}
    if len(known) < len(table.form.fields):
        return table, frozenset()
    spoilt = plant_errors(rng, table.form, known, errors)
    cells = []
    for cell in table.cells:
        name = cell.field.field_id
        if name in spoilt:
            text, truth = format(spoilt[name].normalize(), "f"), table.truth[name]
            seen = [Candidate(text, c.probability) if is_right(c.text, cell, truth) else c for c in cell.candidates]
            cells.append(CellCandidates(cell.field, tuple(seen)))
        else:
            cells.append(cell)
    printed = {name: (State.NUMBER.value, float(number)) for name, number in spoilt.items()}
    return SeenTable(table.form, table.level, tuple(cells), {**table.truth, **printed}), frozenset(spoilt)


def _find_number(cell: tuple[str, float | None]) -> Decimal | None:
    """What a cell adds to a sum."""
    state, value = cell
    return Decimal(0) if state in EMPTY else None if value is None else Decimal(str(value))


def list_tables(folder: Path) -> Iterator[dict[str, Any]]:
    """The tables on the scans of a folder that are of the forms in their truth."""
    reader = load_reader(facts=False)
    for path, beside in find_truths(folder):
        truth = json.loads(beside.read_text("utf-8"))
        source = Source(str(path), path.read_bytes(), "", tables_only=True)
        try:
            draft = draft_report(source, labels=reader.labels, matcher=reader.matcher, priors=reader.priors)
        except DocumentError:
            continue
        for mapped in draft.forms:
            if mapped.scanned and mapped.match.form.form_id in truth["forms"]:
                yield make_entry(mapped, truth)


def make_entry(mapped: MappedForm, truth: Mapping[str, Any]) -> dict[str, Any]:
    """A table as it is written: every cell of the form that is printed, with what its picture may say."""
    cells = {}
    for cell in mapped.cells:
        printed = truth["cells"].get(cell.field.field_id)
        if printed is not None and printed["state"] != State.MISSING:
            seen = [[candidate.text, candidate.probability] for candidate in list_pictured(cell)]
            cells[cell.field.field_id] = {"state": printed["state"], "value": printed["value"], "candidates": seen}
    return {"level": truth.get("level", ""), "form": mapped.match.form.form_id, "cells": cells}


def main(folders: Iterable[str]) -> None:
    """Write the tables of all folders to standard output."""
    for folder in folders:
        for entry in list_tables(Path(folder)):
            sys.stdout.write(json.dumps(entry, ensure_ascii=False) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
