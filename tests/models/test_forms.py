from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.form import Form, load_form, load_forms

FORMS = load_forms()
# Fields, equalities and their rank: how many wrong cells a table lets one see depends on it.
SIZES = {
    "statistics@2014": (58, 7, 7),
    "proactive@2019": (22, 0, 0),
    "requests@2019": (161, 37, 35),
    "disputes@2019": (15, 3, 3),
    "proactive@2021": (10, 0, 0),
    "requests@2021": (175, 39, 37),
}


def make_matrix(form: Form) -> np.ndarray:
    """One row an equality, one column a field: 1 on the left side, -1 on the right."""
    place = {field.field_id: i for i, field in enumerate(form.fields)}
    equalities = [identity for identity in form.identities if identity.relation == "="]
    matrix = np.zeros((len(equalities), len(place)))
    for row, identity in zip(matrix, equalities, strict=True):
        row[[place[field_id] for field_id in identity.left]] += 1
        row[[place[field_id] for field_id in identity.right]] -= 1
    return matrix


def test_six_forms_ship() -> None:
    assert set(FORMS) == set(SIZES)


@pytest.mark.parametrize("form_id", SIZES)
def test_identity_matrix_has_the_rank_of_the_plan(form_id: str) -> None:
    matrix = make_matrix(FORMS[form_id])
    rank = int(np.linalg.matrix_rank(matrix)) if len(matrix) else 0
    assert (len(FORMS[form_id].fields), len(matrix), rank) == SIZES[form_id]


@pytest.mark.parametrize("form_id", ["requests@2019", "requests@2021"])
def test_any_one_wrong_cell_of_the_large_table_can_be_located(form_id: str) -> None:
    columns = make_matrix(FORMS[form_id]).T
    syndromes = {tuple(column / np.abs(column).max() * np.sign(column[np.nonzero(column)[0][0]])) for column in columns}
    assert len(syndromes) == len(columns)


@pytest.mark.parametrize("form_id", SIZES)
def test_field_ids_are_unique_and_begin_with_the_family(form_id: str) -> None:
    ids = [field.field_id for field in FORMS[form_id].fields]
    assert len(set(ids)) == len(ids)
    assert all(field_id.startswith(FORMS[form_id].family + ".") for field_id in ids)


def test_channels_are_not_summed() -> None:
    assert not any(".channels." in field for i in FORMS["statistics@2014"].identities for field in i.fields)


def test_carried_over_ties_years_column_by_column() -> None:
    ties = [tie for tie in FORMS["requests@2021"].across_years if tie.identity_id == "requests.carried"]
    assert next((tie.left, tie.last_right) for tie in ties) == (
        ("requests.carried_in.natural_person",),
        ("requests.carried_out.natural_person",),
    )
    assert len(ties) == 7


def test_an_identity_that_names_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "{form: x@2001, family: x, title: t, section: other, years: [2001, null], unit: 件, kind: integer, blocks: "
        "[{columns: [{key: a, label: [a]}], rows: [{key: b, label: [b]}]}], "
        "identities: [{id: i, left: [q], right: [b.a]}]}",
        "utf-8",
    )
    with pytest.raises(ValueError, match="unknown fields"):
        load_form(path)


def test_forms_hold_the_cells_of_the_contract(contract_folder: Path) -> None:
    cells = json.loads((contract_folder / "cells.json").read_text("utf-8"))["forms"]
    assert set(cells) == set(FORMS)
    for form_id, entry in cells.items():
        expected = [
            (cell["id"], tuple(part for part in cell["label"] if part != "|"), cell["unit"], cell["kind"])
            for cell in entry["cells"]
        ]
        assert [(f.field_id, f.label, f.unit, f.kind) for f in FORMS[form_id].fields] == expected
