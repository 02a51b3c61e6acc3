from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extraction.labels import LabelMatcher, learn_forms
from models.form import add_aliases, load_forms
from models.trained import TrainedModel, load_trained
from training.corrections import CorrectionError, Value, read_corrections
from training.wordings import learn_wordings

FIELD = "requests.new.natural_person"


def make_row(**more: Any) -> dict[str, Any]:
    return {
        "source": "a.html", "sha256": "00", "form": "requests@2021", "field": FIELD,
        "before": {"state": "number", "value": 3}, "after": {"state": "number", "value": 8},
        "row_labels": ["一、当期登记受理件"], "column_labels": ["申请人情况", "个人提出"], "who": "li", "seconds": 4,
    } | more  # fmt: skip


def write(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def confirm(column: str, *, document: str, field: str = FIELD, row: str = "") -> dict[str, Any]:
    return make_row(sha256=document, field=field, row_labels=[row] if row else [], column_labels=[column])


def learn(tmp_path: Path, *rows: dict[str, Any]) -> tuple[set[tuple[str, str]], dict[str, str]]:
    """(leaf, wording) learned, and the reasons by refused wording."""
    learned, refused = learn_wordings(read_corrections(write(tmp_path / "c.jsonl", *rows)), load_forms())
    return {(w.leaf, w.wording) for w in learned}, {w.wording: w.reason for w in refused}


def test_a_correction_is_read_with_its_labels_and_keys_it_does_not_know(tmp_path: Path) -> None:
    (correction,) = read_corrections(write(tmp_path / "c.jsonl", make_row(page=3, crop="x.png"), ""))
    assert (correction.field, correction.after, correction.changed) == (FIELD, Value("number", 8), True)
    assert correction.column_labels == ("申请人情况", "个人提出")


def test_other_names_of_the_same_keys_are_read(tmp_path: Path) -> None:
    row = {
        "document": "b.pdf", "id": FIELD, "form": "requests@2021", "before_state": "blank", "before_value": None,
        "after_state": "number", "after_value": "12", "printed": {"row": "甲", "column": ["乙", "丙"]}, "person": "wu",
    }  # fmt: skip
    (correction,) = read_corrections(write(tmp_path / "c.jsonl", row))
    assert (correction.document, correction.who, correction.after) == ("b.pdf", "wu", Value("number", 12))
    assert (correction.row_labels, correction.column_labels) == (("甲",), ("乙", "丙"))


def test_of_two_answers_on_a_cell_the_last_counts_and_those_not_sure_or_taken_back_do_not(tmp_path: Path) -> None:
    rows = [
        make_row(after={"state": "number", "value": 1}),
        make_row(after={"state": "number", "value": 2}),
        make_row(after={"state": None, "value": None}),
        make_row(after={"state": "number", "value": 4}, retracted=True),
    ]
    (correction,) = read_corrections(write(tmp_path / "c.jsonl", *rows))
    assert correction.after.value == 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "no JSON"),
        ("[1]", "no object"),
        (make_row(field="requests.nothing"), "no field"),
        (make_row(form="requests@1999"), "no field"),
        (make_row(after={"state": "blank", "value": 0}), "nothing else has"),
        (make_row(after={"state": "guessed", "value": 1}), "guessed"),
        (make_row(source=None, sha256=None), "no document"),
    ],
)
def test_a_line_that_is_no_correction_is_told_with_its_number(tmp_path: Path, row: Any, told: str) -> None:
    with pytest.raises(CorrectionError, match=f"line 2.*{told}"):
        read_corrections(write(tmp_path / "c.jsonl", make_row(), row))


def test_a_file_without_corrections_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorrectionError, match="no corrections"):
        read_corrections(write(tmp_path / "c.jsonl", ""))
    (tmp_path / "gbk.jsonl").write_bytes("个人".encode("gbk"))
    with pytest.raises(CorrectionError, match="cannot be read"):
        read_corrections(tmp_path / "gbk.jsonl")


def test_a_wording_over_a_label_in_two_documents_is_learned(tmp_path: Path) -> None:
    learned, refused = learn(tmp_path, *(confirm("个人提出", document=d) for d in "ab"))
    assert learned == {("自然人", "个人提出")}
    assert refused == {}


def test_a_wording_of_one_document_may_be_a_slip_and_is_not_learned(tmp_path: Path) -> None:
    learned, refused = learn(tmp_path, confirm("个人提出", document="a"))
    assert learned == set()
    assert "1 document" in refused["个人提出"]


def test_the_wording_of_another_label_is_never_learned(tmp_path: Path) -> None:
    learned, refused = learn(tmp_path, *(confirm("总 计", document=d) for d in "abc"))
    assert learned == set()
    assert "another label" in refused["总 计"]


def test_a_wording_that_people_put_over_two_labels_is_not_learned(tmp_path: Path) -> None:
    rows = [confirm("某栏", document=d, field=f"requests.new.{c}") for d in "ab" for c in ("natural_person", "total")]
    learned, refused = learn(tmp_path, *rows)
    assert learned == set()
    assert "several labels" in refused["某栏"]


@pytest.mark.parametrize("wording", ["12", "某", "/", "长" * 70])
def test_what_cannot_tell_labels_apart_is_not_learned(tmp_path: Path, wording: str) -> None:
    learned, refused = learn(tmp_path, *(confirm(wording, document=d) for d in "ab"))
    assert learned == set()
    assert wording in refused


def test_known_wordings_are_neither_learned_nor_refused(tmp_path: Path) -> None:
    assert learn(tmp_path, *(confirm("自 然 人", document=d) for d in "ab")) == (set(), {})


def test_a_learned_wording_is_a_label_for_the_matcher_and_others_stay_as_they_are() -> None:
    model = load_trained("labels")
    learned = TrainedModel("labels", model.arrays | {"learned": make_learned()}, model.card)
    forms = learn_forms(load_forms(), learned)
    before, after = (LabelMatcher(model, f.values()) for f in (load_forms(), forms))
    scores = after.score_labels(["个人提出"])[0]
    assert scores[after.index["个人提出"]] > 0.9
    assert before.score_labels(["个人提出"]).max() < 0.5
    assert scores[after.index["总计"]] < 0.1
    assert learn_forms(load_forms(), model) == load_forms()


def make_learned() -> Any:
    import numpy as np

    return np.array([("requests", "自然人", "个人提出")])


def test_aliases_are_added_to_every_form_of_the_family_and_to_no_other() -> None:
    forms = add_aliases(load_forms(), [("requests", "自然人", "个人提出")])
    having = {
        form_id
        for form_id, form in forms.items()
        if any("个人提出" in label.aliases for block in form.blocks for label in (*block.rows, *block.columns))
    }
    assert having == {"requests@2019", "requests@2021"}
