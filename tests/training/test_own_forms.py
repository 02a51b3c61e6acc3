from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from extraction.pipeline import extract, load_reader, make_reader
from models.document import Source
from models.form import OWN_FORMS, load_forms
from models.identity import Status, check_identities
from models.trained import load_trained
from training.stages import hash_own_forms, list_own_forms
from training.synthesis.corpus import make_document
from training.synthesis.other_documents import make_other_document
from training.synthesis.own_figures import draw_own_figures
from training.synthesis.own_reports import make_own_report
from training.synthesis.report_kinds import ONLY, load_report_kind, load_report_kinds
from training.synthesis.tables import kin_of, lay_out, official_layout, shape_of

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "enforcement"
OWN = ["coercion@2012", "licensing@2019", "penalties@2021"]


@pytest.fixture
def own_forms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(OWN_FORMS, str(EXAMPLE))
    yield


def test_without_own_forms_there_are_no_own_reports() -> None:
    assert OWN_FORMS not in os.environ
    assert load_report_kinds() == ()
    assert hash_own_forms() == {}
    assert not list_own_forms()


@pytest.mark.usefixtures("own_forms")
def test_own_forms_are_laid_out_by_their_shape() -> None:
    assert {form_id: shape_of(load_forms()[form_id]) for form_id in OWN} == {
        "coercion@2012": "list",
        "licensing@2019": "row",
        "penalties@2021": "matrix",
    }
    assert [kin_of(load_forms()[form_id]) for form_id in OWN] == ["statistics", "disputes", "requests"]


@pytest.mark.parametrize("form_id", load_forms())
def test_the_shape_of_a_form_that_ships_is_that_of_its_family(form_id: str) -> None:
    shapes = {"proactive": "blocks", "statistics": "list", "disputes": "row", "requests": "matrix"}
    form = load_forms()[form_id]
    assert shape_of(form) == shapes[form.family]
    assert kin_of(form) == form.family


@pytest.mark.usefixtures("own_forms")
@pytest.mark.parametrize("form_id", OWN)
@pytest.mark.parametrize("seed", range(20))
def test_the_identities_of_an_own_form_hold_on_drawn_figures(form_id: str, seed: int) -> None:
    form = load_forms()[form_id]
    (kind,) = load_report_kinds()
    numbers = draw_own_figures(random.Random(seed), form, weight=0.7, size=kind.find_size)
    assert set(numbers) == {field.field_id for field in form.fields}
    assert all(check.status is Status.HOLDS for check in check_identities(numbers, form.identities))
    assert min(numbers.values()) >= 0


@pytest.mark.usefixtures("own_forms")
@pytest.mark.parametrize("form_id", OWN)
def test_every_field_of_an_own_form_is_printed_once(form_id: str) -> None:
    form = load_forms()[form_id]
    table = lay_out(form, official_layout(form), {field.field_id: "1" for field in form.fields})
    assert sorted(cell.field_id for cell in table.cells if cell.field_id) == sorted(f.field_id for f in form.fields)


@pytest.mark.usefixtures("own_forms")
def test_an_own_report_says_what_its_truth_says() -> None:
    (kind,) = load_report_kinds()
    reports = (make_own_report(random.Random(seed), kind, split="test", difficulty="clean") for seed in range(99))
    report = next(report for report in reports if report.truth["year"] >= 2021)  # from then on all three are in use
    assert report.truth["forms"] == ["licensing@2019", "penalties@2021", "coercion@2012"]
    assert len(report.truth["cells"]) == 6 + 39 + 15
    assert "行政执法" in report.truth["title"]
    assert str(report.truth["year"]) in report.truth["title"]


@pytest.mark.usefixtures("own_forms")
def test_a_share_of_the_documents_is_of_the_own_kind_and_only_they_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def count() -> int:
        made = [make_document(index, seed=2046, split="test").truth["variations"] for index in range(40)]
        return sum("own_enforcement" in variations for variations in made)

    assert 4 <= count() <= 20
    monkeypatch.setenv(ONLY, "enforcement")
    assert count() == 40
    monkeypatch.setenv(ONLY, "taxes")
    with pytest.raises(ValueError, match="no kind of report taxes: known are enforcement"):
        load_report_kinds()


@pytest.mark.usefixtures("own_forms")
def test_strangers_of_the_own_kind_are_made_no_more() -> None:
    made = {make_other_document(random.Random(seed), split="train").variations[0] for seed in range(150)}
    assert "other_enforcement" not in made
    assert "other_budget" in made


BAD = [
    ({"parts": []}, "parts is missing"),
    ({"share": 2}, "share is over 0"),
    ({"years": [2025, 2020]}, "years is"),
    ({"titles": "{机关}年报"}, "titles and extra_rows"),
    ({"parts": [{"form": "penalties@2021"}]}, "part 1 has no list of headings"),
    ({"parts": [{"headings": ["一"], "form": "taxes@2020"}]}, "no form taxes@2020"),
    ({"figures": {"penalties": [1]}}, "figures: penalties"),
]


@pytest.mark.usefixtures("own_forms")
@pytest.mark.parametrize(("change", "told"), BAD, ids=[told for _, told in BAD])
def test_what_is_wrong_with_a_kind_of_report_is_told(tmp_path: Path, change: dict[str, object], told: str) -> None:
    data = yaml.safe_load((EXAMPLE / "reports" / "enforcement.yaml").read_text("utf-8"))
    path = tmp_path / "kind.yaml"
    path.write_text(yaml.safe_dump(data | change, allow_unicode=True), "utf-8")
    with pytest.raises(ValueError, match=rf"^kind\.yaml: .*{told}"):
        load_report_kind(path)


@pytest.mark.usefixtures("own_forms")
def test_cells_of_a_form_that_was_not_learned_are_read_and_never_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ONLY, "enforcement")
    document = make_document(3, seed=2047, split="test", difficulty="clean")
    report = extract(Source("a" + document.suffix, document.content, ""), reader=load_reader())
    right = {cell: (truth["state"], truth["value"]) for cell, truth in document.truth["cells"].items()}
    read = {r.field_id: (r.state.value, None if r.value is None else float(r.value)) for r in report.readings}
    assert read == right
    assert all(reading.decision.review for reading in report.readings)
    assert all("form_not_learned" in reading.decision.reasons for reading in report.readings)


@pytest.mark.usefixtures("own_forms")
def test_cells_of_a_form_that_the_models_learned_may_be_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ONLY, "enforcement")
    models = {name: load_trained(name) for name in ("lines", "labels", "forms", "cells", "facts")}
    models["cells"].card["forms"] = list(load_forms())
    document = make_document(3, seed=2047, split="test", difficulty="clean")
    report = extract(Source("a" + document.suffix, document.content, ""), reader=make_reader(models))
    assert any(not reading.decision.review for reading in report.readings)


def test_own_forms_change_no_record_of_a_report_of_disclosure(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [make_document(index, seed=2048, split="test") for index in range(12)]

    def read() -> list[object]:
        reader = load_reader()
        reports = [extract(Source(f"{i}{d.suffix}", d.content, ""), reader=reader) for i, d in enumerate(documents)]
        return [(report.metadata, [(r.field_id, r.state, r.value) for r in report.readings]) for report in reports]

    before = read()
    monkeypatch.setenv(OWN_FORMS, str(EXAMPLE))
    assert read() == before
