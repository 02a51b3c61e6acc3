"""From a document over a person's answers back to what training learns: the labels are those that are printed."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from extraction.pipeline import Reader, load_reader
from models.form import load_forms
from models.numbers import State
from review.answers import Answer
from review.corrections import write_corrections
from review.store.adding import add_record
from review.store.answering import edit_cell
from review.store.database import open_store
from training.corrections import read_corrections
from training.reading import read_content
from training.wordings import learn_wordings

FORM = "requests@2021"
PRINTED = "（二）部分予以公开（只计这一情形）"  # of a row; the form says 部分公开（区分处理的，…）
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "zone-2023-wrong-sum.html"
CELL = "requests.partly_granted.total"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader(facts=False)


def print_otherwise(agency: str) -> bytes:
    """The example with another wording of one row, by another agency."""
    text = EXAMPLE.read_text("utf-8").replace("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", PRINTED)
    assert PRINTED in text
    return text.replace("霁山", agency).encode()


def test_a_wording_that_two_documents_print_is_learned_from_answers(reader: Reader, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    for agency in ("甲山", "乙山"):
        content = print_otherwise(agency)
        record = read_content(f"{agency}.html", content, reader) | {"sha256": hashlib.sha256(content).hexdigest()}
        row = next(row for row in record["tables"] if row["form"] == FORM)["labels"]["rows"][3]
        assert row[-1] == PRINTED
        document = add_record(store, record).document_id
        value = next(cell["value"] for cell in record["cells"] if cell["id"] == CELL)
        edit_cell(store, document, FORM, CELL, Answer("li", State.NUMBER, Decimal(value)))
    path = tmp_path / "corrections.jsonl"
    assert write_corrections(store, path) == 2
    corrections = read_corrections(path)
    assert {correction.row_labels[-1] for correction in corrections} == {PRINTED}
    assert {correction.column_labels[-1] for correction in corrections} == {"总计"}
    learned, _ = learn_wordings(corrections, load_forms())
    assert [(wording.wording, wording.documents) for wording in learned] == [(PRINTED, 2)]
    store.engine.dispose()


def test_a_row_that_is_not_printed_has_no_label(reader: Reader) -> None:
    text = EXAMPLE.read_text("utf-8")
    row = text[text.rindex("<tr", 0, text.index("二、上年结转")) : text.index("</tr>", text.index("二、上年结转")) + 5]
    record = read_content("a.html", text.replace(row, "").encode(), reader)
    labels = next(row for row in record["tables"] if row["form"] == FORM)["labels"]
    assert labels["rows"][1] == []
    assert labels["rows"][0] == ["一、本年新收政府信息公开申请数量"]
    assert len(labels["columns"]) == 7


def test_columns_whose_place_cannot_be_told_have_no_label(reader: Reader) -> None:
    content = (EXAMPLE.parent / "town-2020-cell-lines.txt").read_bytes()
    record = read_content("town.txt", content, reader)
    assert all(path == [] for table in record["tables"] for path in table["labels"]["columns"])
