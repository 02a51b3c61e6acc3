from __future__ import annotations

import json
import random

import pytest

from extraction.forms import Match
from extraction.mapping import MappedCell, MappedForm
from models.decoding import Priors
from models.form import load_forms
from models.numbers import parse_value
from models.picture import Candidate, SeenCell
from training.decoding_priors import count_misprints, fit_priors
from training.decoding_review import find_calibration_error
from training.decoding_trials import (
    measure_detection,
    measure_mending,
    measure_seen,
    measure_seen_sources,
    measure_sources,
)
from training.misreading import ALIKE, FORMS, LEVELS, make_table, misread, read_text
from training.seen_tables import make_entry, misprint_table, read_seen

PRIORS = Priors(misprint=2e-3)


def test_tables_are_alike_in_every_run() -> None:
    first, again = (make_table(random.Random(5), "requests@2021", level="heavy", split="test") for _ in range(2))
    assert first == again


def test_a_misreading_is_never_what_is_printed() -> None:
    rng = random.Random(1)
    for text in ("", "0", "7", "38", "1204", "477.35"):
        assert all(misread(rng, text) != text for _ in range(200))
    assert all(digit not in others for digit, others in ALIKE.items())


def test_scores_of_the_reader_are_calibrated() -> None:
    rng = random.Random(2)
    read = [read_text(rng, "38", LEVELS["heavy"])[0] for _ in range(20_000)]
    expected = sum(candidate.probability for candidate in read) / len(read)
    assert sum(candidate.text == "38" for candidate in read) / len(read) == pytest.approx(expected, abs=0.01)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        make_table(random.Random(1), "requests@2021", level="faxed", split="test")


def test_decoding_mends_most_wrong_cells_and_spoils_none() -> None:
    for level, measures in measure_mending(8, 77, PRIORS).items():
        assert measures["tied_spoilt"] == 0
        assert level == "light" or measures["mended_share_of_listed"] >= 0.8


def test_every_planted_misreading_of_one_to_three_cells_is_detected() -> None:
    for name, tally in measure_detection(10, 78, PRIORS).items():
        assert tally["detected"] == tally["tables"] > 0
        if name in {"requests@2021 1 misread", "requests@2019 1 misread"}:
            assert tally["located"] == tally["tables"]


def test_errors_of_the_source_in_a_clear_print_are_named_so() -> None:
    measures = measure_sources(6, 79, PRIORS)["digital"]
    assert measures["sources_as_source"] >= 0.95
    assert measures["reading_broken"] == 0


def test_candidates_of_a_reader_of_pictures_are_measured(tmp_path) -> None:
    cells = {"disputes.reconsideration.upheld": {"state": "number", "value": 3, "candidates": [["8", 0.6], ["3", 0.3]]}}
    others = ("corrected", "other", "pending")
    cells |= {
        f"disputes.reconsideration.{o}": {"state": "number", "value": 0, "candidates": [["0", 1.0]]} for o in others
    }
    cells["disputes.reconsideration.total"] = {"state": "number", "value": 3, "candidates": [["3", 0.9999]]}
    path = tmp_path / "seen.jsonl"
    path.write_text(json.dumps({"form": "disputes@2019", "level": "heavy", "cells": cells}) + "\n", "utf-8")
    assert measure_seen(read_seen(path), PRIORS)["heavy"]["tied_mended"] == 1


def write_whole(path, *, level: str, scores: dict[str, float]) -> None:
    """A whole table of zeros but for a row that adds up, each cell read with its score, right or not."""
    numbers = {"upheld": 3, "corrected": 1, "other": 0, "pending": 0, "total": 4}
    cells = {}
    for field in load_forms()["disputes@2019"].fields:
        block, name = field.field_id.split(".")[1:]
        value = numbers[name] if block == "reconsideration" else 0
        score = scores.get(field.field_id, 0.9995)
        candidates = [[str(value), score], ["7", (1 - score) / 2]]
        cells[field.field_id] = {"state": "number", "value": value, "candidates": candidates}
    path.write_text(json.dumps({"form": "disputes@2019", "level": level, "cells": cells}) + "\n", "utf-8")


def test_misprints_of_a_seen_table_are_read_as_well_as_what_was_printed(tmp_path) -> None:
    path = tmp_path / "seen.jsonl"
    write_whole(path, level="light", scores={"disputes.reconsideration.total": 0.8})
    (table,) = read_seen(path)
    misprinted, spoilt = misprint_table(random.Random(5), table, 1)
    assert spoilt
    for before, after in zip(table.cells, misprinted.cells, strict=True):
        name = after.field.field_id
        assert [c.probability for c in before.candidates] == [c.probability for c in after.candidates]
        assert (before == after) == (name not in spoilt)
        assert float(after.candidates[0].text) == misprinted.truth[name][1]
    blurred = measure_seen_sources([table], 1, PRIORS)["light"]
    write_whole(path, level="light", scores={})
    clear = measure_seen_sources(read_seen(path), 1, PRIORS)["light"]
    assert clear["sources_as_source"] > 0.9 > blurred["sources_as_source"]  # nobody is accused on a blurred total


def test_a_table_of_which_a_part_is_printed_is_not_misprinted(tmp_path) -> None:
    path = tmp_path / "seen.jsonl"
    write_whole(path, level="light", scores={})
    entry = json.loads(path.read_text("utf-8"))
    entry["cells"].pop("disputes.litigation_direct.total")
    path.write_text(json.dumps(entry) + "\n", "utf-8")
    (table,) = read_seen(path)
    assert misprint_table(random.Random(5), table, 1) == (table, frozenset())
    assert measure_seen_sources([table], 1, PRIORS) == {}


def test_a_scan_that_was_read_is_written_with_what_its_pictures_say(scanned_form) -> None:
    truth = {"level": "heavy", "cells": {c.field.field_id: {"state": "number", "value": 0} for c in scanned_form.cells}}
    missing = scanned_form.cells[1].field.field_id
    truth["cells"][missing] = {"state": "missing", "value": None}
    entry = make_entry(scanned_form, truth)
    assert (entry["level"], entry["form"]) == ("heavy", "disputes@2019")
    assert missing not in entry["cells"]
    assert len(entry["cells"]) == len(scanned_form.cells) - 1
    first = entry["cells"][scanned_form.cells[0].field.field_id]
    assert first == {"state": "number", "value": 0, "candidates": [["0", 0.9], ["8", 0.1]]}


@pytest.fixture
def scanned_form() -> MappedForm:
    form = load_forms()["disputes@2019"]
    seen = SeenCell((Candidate("0", 0.9), Candidate("8", 0.1)), ())
    zero = parse_value("0")
    cells = [MappedCell(f, form, zero, "0", None, "complete", None, None, "ruled", seen=seen) for f in form.fields]
    return MappedForm(Match(form, (), 1.0, 0.0, 0, 0), tuple(cells), (1,), (), scanned=True)


def test_the_rate_of_misprints_counts_numbers_in_sums_only() -> None:
    cell = {"state": "number", "value": 1}
    truth = {
        "forms": ["disputes@2019", "proactive@2021"],
        "cells": {
            "disputes.reconsideration.total": cell,
            "disputes.reconsideration.other": {"state": "blank", "value": None},
            "proactive.licensing.decisions": cell,
        },
        "source_errors": [{"cell": "disputes.reconsideration.total"}],
    }
    tally = count_misprints([truth])
    assert (tally["cells"], tally["misprints"]) == (1, 1)
    assert fit_priors(tally).misprint == pytest.approx(2 / 3)


def test_calibration_error_is_the_gap_of_confidence_and_frequency() -> None:
    rows = [("zero", True, 0.9, index % 10 != 0) for index in range(1500)]
    assert find_calibration_error(rows) == pytest.approx(0.0, abs=1e-9)
    assert find_calibration_error([("zero", True, 0.9, True)] * 150) == pytest.approx(0.1)
    assert find_calibration_error([]) is None


def test_every_form_with_sums_has_its_trial() -> None:
    assert {form.split("@")[0] for form in FORMS} == {"requests", "disputes", "statistics"}
