from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from models.form import load_forms
from review.store.adding import add_records
from review.store.database import Store, open_store, run_read
from review.store.links import iter_coverage, list_copies, list_names_for_review
from review.store.reports import DocumentFilter, find_documents
from service.command import app
from service.linking import link_reports

NUMBERS = {"total": 12, "upheld": 3, "corrected": 2, "other": 4, "pending": 3}
RUN = CliRunner()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url)


def make_record(mark: str, organization: str | None, year: int, **changes: int) -> dict[str, Any]:
    numbers = NUMBERS | changes
    cells = [
        {
            "id": field.field_id,
            "form": "disputes@2019",
            "state": "number",
            "value": numbers.get(field.field_id.rsplit(".", 1)[-1], 1) + 10 * place,
            "raw": "1",
            "confidence": 0.99,
            "review": False,
            "reasons": [],
            "evidence": None,
        }
        for place, field in enumerate(load_forms()["disputes@2019"].fields)
    ]
    sections = [{"id": "overview", "title": "一", "text": f"{organization}全年受理申请并按时答复", "confidence": 0.9}]
    sha256 = mark * 64
    record = {"source": f"{mark}.txt", "sha256": sha256, "organization": organization, "year": year}
    return record | {"title": "报告", "media_type": "text/plain", "cells": cells, "findings": [], "sections": sections}


def test_names_of_one_agency_are_one_over_the_years_and_gaps_are_told(store: Store) -> None:
    add_records(
        store,
        [
            make_record("1", "惠济区政府办", 2020),
            make_record("2", "郑州市惠济区人民政府办公室", 2021),
            make_record("3", "河南省郑州市惠济区人民政府办公室", 2023, total=13),
            make_record("4", "市财政局", 2023, total=14),
        ],
    )
    assert link_reports(store).names == 4
    coverage = {row.agency: row for row in iter_coverage(store)}
    row = coverage["河南省郑州市惠济区人民政府办公室"]
    assert (row.province, row.prefecture, row.county) == ("河南省", "郑州市", "惠济区")
    assert (row.years, row.missing) == ((2020, 2021, 2023), (2022,))
    assert [(printed, rule) for printed, _, rule, _ in list_names_for_review(store)] == [("市财政局", "no_place")]


def test_what_a_person_says_of_a_name_stays(store: Store, url: str) -> None:
    add_records(store, [make_record("1", "市财政局", 2022), make_record("2", "栖川市财政局", 2023)])
    link_reports(store)
    result = RUN.invoke(app, ["store", "agencies", "--store", url, "--set", "市财政局", "栖川市财政局", "--by", "li"])
    assert result.exit_code == 0, result.output
    add_records(store, [make_record("3", "岚州市财政局", 2023)])
    link_reports(store)
    assert {row.agency: row.years for row in iter_coverage(store)} == {
        "栖川市财政局": (2022, 2023),
        "岚州市财政局": (2023,),
    }
    wrong = RUN.invoke(app, ["store", "agencies", "--store", url, "--set", "市财政局", "无此机关"])
    assert wrong.exit_code == 2


def test_a_copy_is_linked_once_and_one_that_was_refused_stays_refused(store: Store, url: str) -> None:
    add_records(store, [make_record("1", "栖川市财政局", 2023), make_record("2", "栖川市财政局", 2023, pending=4)])
    first = link_reports(store)
    assert (first.linked, first.proposed) == (0, 1) or (first.linked, first.proposed) == (1, 0)
    assert link_reports(store).documents == 0
    (pair,) = list_copies(store)
    refused = RUN.invoke(app, ["store", "copies", "--store", url, "--refuse", str(pair.first_id), str(pair.second_id)])
    assert refused.exit_code == 0, refused.output
    add_records(store, [make_record("1", "栖川市财政局", 2023, total=99)])  # a new version of one of them
    assert link_reports(store).documents == 1
    assert [entry.status for entry in list_copies(store)] == ["refused"]


def test_a_copy_whose_agency_is_not_known_is_found_by_its_numbers(store: Store) -> None:
    add_records(store, [make_record("1", "栖川市财政局", 2023), make_record("2", None, 2023)])
    link_reports(store)
    (pair,) = list_copies(store)
    one, other = (find_documents(store, DocumentFilter(sha256=mark * 64))[0] for mark in "12")
    assert (pair.first_id, pair.second_id) == (one.document_id, other.document_id)
    assert pair.evidence["equal"] == pair.evidence["cells"] == 15


def test_copies_that_do_not_agree_are_findings_over_years_in_the_store(store: Store) -> None:
    add_records(store, [make_record("1", "栖川市财政局", 2023), make_record("2", "栖川市财政局", 2023, total=77)])
    found = link_reports(store).findings
    assert found > 0
    query = text("SELECT count(*), min(identity), min(year) FROM year_findings")
    assert tuple(run_read(store, lambda c: c.execute(query).one())) == (found, "copies", 2023)


def test_an_empty_store_has_nothing_to_link(store: Store, url: str) -> None:
    assert link_reports(store).documents == 0
    for command in ("link", "agencies", "copies", "coverage"):
        result = RUN.invoke(app, ["store", command, "--store", url])
        assert result.exit_code == 0, result.output
