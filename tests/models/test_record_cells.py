"""What the record says of a cell beyond its value: candidates of its picture, labels as printed."""

from __future__ import annotations

from decimal import Decimal

from models.numbers import State
from models.picture import Candidate
from models.record import make_record
from models.report import Decision, Metadata, PrintedLabels, Reading, Report


def write_cell(candidates: tuple[Candidate, ...] = (), labels: PrintedLabels | None = None) -> dict:
    reading = Reading(
        "disputes.reconsideration.total", "disputes@2019", State.NUMBER, Decimal(3), "3", None, 0.9, Decision(True),
        candidates, labels,
    )  # fmt: skip
    report = Report("a.png", "0", "image/png", 1, Metadata(), (), (reading,), ())
    (cell,) = make_record(report)["cells"]
    return cell


def test_candidates_of_a_scan_are_told_with_state_value_and_probability() -> None:
    cell = write_cell((Candidate("3", 0.91239), Candidate("", 0.05), Candidate("—", 0.01), Candidate("8", 0.00001)))
    assert cell["candidates"] == [
        {"text": "3", "state": "number", "value": 3, "probability": 0.9123},
        {"text": "", "state": "blank", "value": None, "probability": 0.05},
        {"text": "—", "state": "mark", "value": None, "probability": 0.01},
    ]


def test_labels_as_printed_are_told_for_row_and_column() -> None:
    cell = write_cell(labels=PrintedLabels(("三、本年度", "予以公开"), ("总计",)))
    assert cell["printed"] == {"row": ["三、本年度", "予以公开"], "column": ["总计"]}


def test_cells_without_picture_and_labels_have_the_keys_of_the_contract_alone() -> None:
    cell = write_cell(labels=PrintedLabels())
    assert not {"candidates", "printed"} & cell.keys()
