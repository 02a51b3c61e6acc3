from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from models.source_kinds import find_source_kind
from service.terminal import print_evaluation
from training.evaluation import Evaluation, find_truths, judge_record

IDENTITY = ("requests.new.natural_person", "requests.new.total")


def make_cell(
    field_id: str, value: float | None, *, state: str = "number", review: bool = False, confidence: float = 0.999
) -> dict[str, Any]:
    return {"id": field_id, "state": state, "value": value, "review": review, "confidence": confidence}


def make_record(*cells: dict[str, Any], forms: tuple[str, ...] = ("requests@2021",), **more: Any) -> dict[str, Any]:
    return {
        "source": "report.txt",
        "cells": list(cells),
        "tables": [{"form": form} for form in forms],
        "sections": [{"id": "overview"}],
        "year": 2023,
        "organization": "栖河县财政局",
        "findings": [],
    } | more


def make_truth(cells: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    truth = {"forms": ["requests@2021"], "cells": cells, "sections": ["overview"], "year": 2023, "layout": "tabs"}
    return truth | {"organization": "栖河县财政局", "synthetic": True} | more


def place(page: int, *bbox: float) -> dict[str, Any]:
    return {"page": page, "bbox": list(bbox)}


def number(value: float) -> dict[str, Any]:
    return {"state": "number", "value": value}


def measure(record: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    return Evaluation([judge_record(record, truth)]).measures()


def test_a_cell_is_right_when_state_and_value_are() -> None:
    truth = make_truth({"a.x": number(3), "a.y": number(0), "a.z": {"state": "blank", "value": None}})
    record = make_record(make_cell("a.x", 3), make_cell("a.y", None, state="blank"), make_cell("a.z", 0))
    assert [cell.right for cell in judge_record(record, truth).cells] == [True, False, False]


def test_accuracy_counts_all_cells_and_those_that_are_not_zero_apart() -> None:
    truth = make_truth({"a.x": number(3), "a.y": number(0), "a.z": number(5), "a.w": number(0)})
    record = make_record(make_cell("a.x", 3), make_cell("a.y", 0), make_cell("a.z", 6), make_cell("a.w", 0))
    measures = measure(record, truth)
    assert measures["accuracy"] == 3 / 4
    assert measures["non_zero_accuracy"] == 1 / 2


def test_a_cell_that_is_not_in_the_record_is_wrong_but_not_silent() -> None:
    measures = measure(make_record(), make_truth({"a.x": number(3)}))
    assert measures["accuracy"] == 0
    assert measures["silent_errors"] == 0
    assert measures["review_rate"] == 1


def test_silent_errors_are_wrong_cells_that_nobody_is_asked_about() -> None:
    truth = make_truth({"a.x": number(1), "a.y": number(2), "a.z": number(3)})
    record = make_record(make_cell("a.x", 9), make_cell("a.y", 9, review=True), make_cell("a.z", 3))
    measures = measure(record, truth)
    assert measures["silent_errors"] == 1
    assert measures["silent_error_rate"] == 1 / 2
    assert measures["review_rate"] == 1 / 3


def test_a_further_reading_that_the_truth_accepts_counts_as_right() -> None:
    truth = make_truth({"a.x": {"state": "missing", "value": None, "accept": [{"state": "unreadable", "value": None}]}})
    assert measure(make_record(make_cell("a.x", None, state="unreadable")), truth)["accuracy"] == 1
    assert measure(make_record(make_cell("a.x", None, state="blank")), truth)["accuracy"] == 0


def test_forms_found_and_forms_invented_are_counted() -> None:
    truth = make_truth({}, forms=["requests@2021", "disputes@2019"])
    measures = measure(make_record(forms=("requests@2021", "proactive@2021")), truth)
    assert measures["forms_found"] == 1 / 2
    assert measures["forms_invented"] == 1


def test_cells_that_the_truth_does_not_have_are_extra() -> None:
    assert measure(make_record(make_cell("a.x", 1)), make_truth({}))["extra_cells"] == 1


def test_an_error_record_has_all_its_cells_wrong_and_none_silent() -> None:
    record = {"source": "report.txt", "sha256": None, "error": {"code": "empty", "message": "…"}}
    measures = measure(record, make_truth({"a.x": number(3)}))
    assert (measures["errors"], measures["accuracy"], measures["silent_errors"]) == (1, 0, 0)
    assert measures["forms_found"] == 0


def test_findings_are_compared_by_the_cells_of_their_identity() -> None:
    identities = [{"identity": "named otherwise", "cells": list(reversed(IDENTITY))}]
    truth = make_truth({}, source_errors=[{"cell": IDENTITY[0], "identities": identities}])
    finding = {"identity": "requests.new.total", "cells": list(IDENTITY), "kind": "source"}
    assert measure(make_record(findings=[finding]), truth)["findings_missed"] == 0
    assert measure(make_record(findings=[finding | {"kind": "reading"}]), truth)["findings_missed"] == 1
    assert measure(make_record(findings=[finding]), make_truth({}))["findings_invented"] == 1


def test_a_sentence_at_odds_with_a_right_table_is_an_invented_finding() -> None:
    finding = {"identity": "facts.requests.received", "cells": ["requests.new.total"], "kind": "source"}
    error = {"cell": "requests.new.total", "identities": []}
    invented = "sentences_at_odds_invented"
    assert measure(make_record(findings=[finding]), make_truth({}))[invented] == 1
    assert measure(make_record(findings=[finding | {"kind": "reading"}]), make_truth({}))[invented] == 0
    assert measure(make_record(findings=[finding]), make_truth({}, source_errors=[error]))[invented] == 0


def test_what_the_truth_does_not_say_is_not_judged() -> None:
    truth = make_truth({}, organization=None, year=None, sections=None)
    measures = measure(make_record(), truth)
    assert measures["organization_right"] is measures["year_right"] is measures["sections_right"] is None


def test_another_accepted_name_of_the_organization_is_right() -> None:
    truth = make_truth({}, organization="财政局", organization_accept=["栖河县财政局"])
    assert measure(make_record(), truth)["organization_right"] == 1


def test_measures_are_given_by_form_and_by_layout() -> None:
    truth = make_truth(
        {"requests.new.total": number(1), "disputes.x": number(2)}, forms=["requests@2021", "disputes@2019"]
    )
    measures = measure(make_record(make_cell("requests.new.total", 1), make_cell("disputes.x", 3)), truth)
    assert measures["by_form"]["requests@2021"]["accuracy"] == 1
    assert measures["by_form"]["disputes@2019"]["accuracy"] == 0
    assert measures["by_layout"]["tabs"]["cells"] == 2


def measure_box(found: dict[str, Any] | None, expected: dict[str, Any], *, state: str = "number") -> dict[str, Any]:
    cell = make_cell("a.x", 3 if state == "number" else None, state=state) | {"evidence": found}
    return measure(make_record(cell), make_truth({"a.x": number(3) | expected}))


@pytest.mark.parametrize(
    ("box", "share"),
    [
        (place(2, 40, 40, 50, 50), 1),
        (place(2, 80, 80, 110, 110), 1),
        (place(2, 90, 40, 130, 50), 0),
        (place(3, 40, 40, 50, 50), 0),
    ],
    ids=["within", "its middle within", "its middle beside", "another page"],
)
def test_a_box_is_right_when_its_middle_lies_in_the_true_cell_of_its_page(box: dict[str, Any], share: float) -> None:
    measures = measure_box(box, {"evidence": place(2, 0, 0, 100, 100)})
    assert (measures["boxes"], measures["boxes_right"]) == (1, share)


def test_a_box_may_lie_in_either_part_of_a_cell_that_a_page_break_cuts() -> None:
    parts = [place(1, 0, 700, 100, 800), place(2, 0, 0, 100, 50)]
    expected = {"evidence": parts[0], "evidence_parts": parts}
    assert measure_box(place(2, 40, 10, 50, 20), expected)["boxes_right"] == 1
    assert measure_box(place(2, 40, 710, 50, 720), expected)["boxes_right"] == 0


def test_without_boxes_on_both_sides_there_is_no_measure_of_boxes() -> None:
    true_box = {"evidence": place(1, 0, 0, 100, 100)}
    in_text, in_markup = {"line": 3, "span": [0, 1]}, {"table": 1, "row": 2, "column": 3}
    for found, expected in ((None, true_box), (in_text, true_box), (place(1, 1, 1, 2, 2), {}), (in_markup, {})):
        assert "boxes" not in measure_box(found, expected)
    assert "boxes" not in measure_box(place(1, 1, 1, 2, 2), {"evidence": in_markup})


def test_the_row_that_a_missing_cell_points_at_is_no_box_of_it() -> None:
    assert "boxes" not in measure_box(
        place(1, 200, 0, 300, 100), {"evidence": place(1, 0, 0, 100, 100)}, state="missing"
    )


def test_a_wrong_value_in_the_right_place_has_a_right_box() -> None:
    true_box = {"evidence": place(1, 0, 0, 100, 100)}
    measures = measure_box(place(1, 1, 1, 2, 2), true_box, state="unreadable")
    assert (measures["accuracy"], measures["boxes_right"]) == (0, 1)


def test_an_evaluation_prints_boxes_where_there_are_any_and_names_the_documents_where_one_lies_elsewhere() -> None:
    for found, shown in ((place(2, 1, 1, 2, 2), True), (None, False)):
        cell = make_cell("requests.x", 3) | {"evidence": found}
        truth = make_truth({"requests.x": number(3) | {"evidence": place(1, 0, 0, 100, 100)}})
        evaluation = Evaluation([judge_record(make_record(cell), truth)])
        console = Console(file=io.StringIO(), width=200)
        print_evaluation(evaluation.measures(), evaluation.documents, console=console)
        assert ("boxes_right" in console.file.getvalue()) == shown  # type: ignore[attr-defined]
        assert ("1 boxes elsewhere" in console.file.getvalue()) == shown  # type: ignore[attr-defined]


def test_the_calibration_error_is_the_distance_of_confidence_and_frequency() -> None:
    truth = make_truth({"a.x": number(1), "a.y": number(1)})
    record = make_record(make_cell("a.x", 1, confidence=0.95), make_cell("a.y", 2, confidence=0.95))
    assert measure(record, truth)["calibration_error"] == pytest.approx(0.45)


def test_nothing_measured_is_none_and_not_0() -> None:
    measures = Evaluation().measures()
    assert measures["accuracy"] is measures["silent_error_rate"] is measures["calibration_error"] is None


def test_a_document_is_found_by_its_truth_by_source_or_by_name(tmp_path: Path) -> None:
    for name, truth in (("a", {"source": "other.md"}), ("b", {}), ("lost", {})):
        (tmp_path / f"{name}.truth.json").write_text(json.dumps(truth), "utf-8")
    for name in ("other.md", "b.txt"):
        (tmp_path / name).touch()
    assert [(document.name, truth.name) for document, truth in find_truths(tmp_path)] == [
        ("other.md", "a.truth.json"),
        ("b.txt", "b.truth.json"),
    ]


def test_measures_are_told_by_kind_of_value_source_and_level() -> None:
    cells = {"a.x": number(0), "a.y": number(7), "a.z": number(70), "a.w": {"state": "blank", "value": None}}
    record = make_record(make_cell("a.x", 0), make_cell("a.y", 1), make_cell("a.z", 70), media_type="application/pdf")
    measures = measure(record, make_truth(cells, level="heavy"))
    assert {kind: group["accuracy"] for kind, group in measures["by_kind"].items()} == {
        "zero": 1, "digit": 0, "more": 1, "blank": 0
    }  # fmt: skip
    assert measures["by_source"].keys() == {"scan"}
    assert measures["by_level"].keys() == {"heavy"}
    assert measure(record, make_truth(cells))["by_source"].keys() == {"pdf"}


def test_ranking_measures_tell_a_confidence_that_knows_from_one_that_does_not() -> None:
    truth = make_truth({"a.x": number(1), "a.y": number(2)})
    knows = measure(make_record(make_cell("a.x", 1, confidence=0.9), make_cell("a.y", 9, confidence=0.1)), truth)
    misled = measure(make_record(make_cell("a.x", 1, confidence=0.1), make_cell("a.y", 9, confidence=0.9)), truth)
    assert (knows["auroc"], misled["auroc"]) == (1, 0)
    assert knows["risk_area"] < misled["risk_area"]
    assert knows["errors_caught"]["0.2"] > misled["errors_caught"]["0.2"]


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"media_type": "text/markdown"}, "text"),
        ({"media_type": "application/msword"}, "word"),
        ({"media_type": "image/png"}, "scan"),
        ({"media_type": "application/pdf", "problems": [{"code": "needs_ocr"}]}, "scan"),
        ({"source": "a", "error": {"code": "encrypted"}}, "unknown"),
    ],
)
def test_what_a_document_was_read_from_is_told_by_its_record(record: dict[str, Any], kind: str) -> None:
    assert find_source_kind(record) == kind
