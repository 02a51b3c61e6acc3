from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from models.numbers import State
from review.record_cells import parse_record
from review.store import schema
from review.store.adding import add_record, add_records
from review.store.database import Settings, Store, find_address, open_store, run_read, run_write
from review.store.findings import FindingFilter, count_findings, list_findings
from review.store.reports import (
    DocumentFilter,
    find_documents,
    list_agencies,
    list_versions,
    read_cells,
    read_record,
)
from tests.review.records import FORM, make_cell, make_record

FINDING = {
    "identity": "disputes.reconsideration.total",
    "cells": ["disputes.reconsideration.total"],
    "left": 3,
    "right": 2.5,
    "kind": "source",
}


def count_rows(store: Store, table: str) -> int:
    return run_read(store, lambda connection: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_record_comes_back_as_it_was_added(store: Store) -> None:
    record = make_record(
        "a",
        make_cell("upheld", 3, review=False, candidates=[{"text": "3", "probability": 0.9}]),
        make_cell("total", "blank"),
        make_cell("other", 160.5964, raw="１６０．５９６４"),
        findings=[FINDING, FINDING | {"relation": "<=", "note": "…", "beyond": [1]}],
        facts=[{"item": None, "value": 477.35, "unit": "万元", "text": "477.35 万元", "confidence": 0.5}],
    )
    added = add_record(store, record)
    assert read_record(store, added.document_id) == record


def test_the_same_record_added_twice_is_one_version(store: Store) -> None:
    record = make_record("a", make_cell("total", 1))
    first, again = add_record(store, record), add_record(store, record | {"source": "elsewhere.pdf"})
    assert (first.new, again.new, again.record_id) == (True, False, first.record_id)
    assert [count_rows(store, table) for table in ("documents", "records", "items", "sources")] == [1, 1, 1, 2]


def test_a_record_that_comes_twice_in_one_batch_is_one_version(store: Store) -> None:
    record, other = make_record("a", make_cell("total", 1)), make_record("a", make_cell("total", 2))
    added = add_records(store, [record, record, other])
    assert [entry.version for entry in added] == [1, 1, 2]


def test_another_reading_is_a_new_version_and_the_old_one_stays(store: Store) -> None:
    document = add_record(store, make_record("a", make_cell("total", 1))).document_id
    add_record(store, make_record("a", make_cell("total", 2)))
    assert [version.version for version in list_versions(store, document)] == [1, 2]
    assert [cell.value for cell in read_cells(store, document)] == [2]
    assert read_record(store, document, version=1)["cells"][0]["value"] == 1  # type: ignore[index]


def test_an_old_record_that_comes_again_does_not_turn_the_document_back(store: Store) -> None:
    old = make_record("a", make_cell("total", 1))
    document = add_record(store, old).document_id
    add_record(store, make_record("a", make_cell("total", 2)))
    add_record(store, old)
    assert [cell.value for cell in read_cells(store, document)] == [2]


def test_a_value_keeps_the_digits_that_were_printed(store: Store) -> None:
    line = json.dumps(make_record("a", make_cell("total", 1))).replace(
        '"value": 1,', '"value": 96171.600000000000000001,'
    )
    document = add_record(store, parse_record(line)).document_id
    assert [str(cell.value) for cell in read_cells(store, document)] == ["96171.600000000000000001"]


def test_an_error_record_does_not_stand_before_one_that_was_read(store: Store) -> None:
    record = make_record("a", make_cell("total", 1))
    failed = {"source": "a.pdf", "sha256": record["sha256"], "error": {"code": "timeout", "message": "slow"}}
    document = add_record(store, failed).document_id
    assert find_documents(store, DocumentFilter(errors=True))[0].error_code == "timeout"
    assert read_record(store, document) == failed
    add_record(store, record)
    add_record(store, failed | {"error": {"code": "crashed", "message": "died"}})
    assert find_documents(store, DocumentFilter(errors=True)) == []
    assert [cell.value for cell in read_cells(store, document)] == [1]


def test_a_document_whose_bytes_could_not_be_read_is_kept_by_its_source(store: Store) -> None:
    failed = {"source": "gone.pdf", "sha256": None, "error": {"code": "not_found", "message": "no such file"}}
    assert add_record(store, failed).document_id == add_record(store, failed).document_id


@pytest.mark.parametrize("source", ["a\udcff.pdf", "a\x00.pdf", "年报.pdf"])
def test_a_name_that_no_database_can_hold_is_written_out(store: Store, source: str) -> None:
    document = add_record(store, make_record("a", make_cell("total", 1, raw="1\x00"), source=source)).document_id
    assert "a" in find_documents(store, DocumentFilter())[0].source or source == "年报.pdf"
    assert read_cells(store, document)[0].raw == "1\\x00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"cells": [make_cell("total", 1, form="requests@1066")]},
        {"cells": [make_cell("total", 1), make_cell("total", 1)]},
        {"cells": [make_cell("total", 1, state="blank")]},
        {"cells": [make_cell("total", 1, value=None)]},
        {"cells": [make_cell("total", 1, value=float("nan"))]},
        {"cells": [make_cell("total", 1, value=True)]},
        {"cells": [make_cell("total", 1, state="guess")]},
        {"cells": [make_cell("total", 1, confidence=1.5)]},
        {"cells": [{"id": "disputes.reconsideration.total"}]},
        {"sha256": "../../etc/passwd"},
        {"source": None},
    ],
)
def test_what_is_no_record_is_refused_and_nothing_is_added(store: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        add_records(store, [make_record("b", make_cell("total", 1)), make_record("a") | wrong])
    assert count_rows(store, "documents") == 0


@pytest.mark.parametrize("line", ["[]", "{", '{"source": "a", "x": NaN}', '{"sha256": null}', '{"source": 3}'])
def test_a_line_that_is_no_record_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        parse_record(line)


@pytest.mark.parametrize("table", ["corrections", "records", "readings", "findings"])
def test_what_was_added_can_be_neither_changed_nor_deleted(store: Store, table: str) -> None:
    add_record(store, make_record("a", make_cell("total", 1), findings=[FINDING]))
    column = {"corrections": "note", "records": "title", "readings": "raw", "findings": "note"}[table]
    for query in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        if table == "corrections":
            from review.answers import Answer
            from review.store.answering import edit_cell

            edit_cell(store, 1, FORM, "disputes.reconsideration.total", Answer("a", State.BLANK))
        with pytest.raises(DBAPIError, match="append-only"):
            run_write(store, lambda connection, query=query: connection.execute(text(query)))


def test_documents_are_found_by_agency_year_form_finding_and_words(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1), findings=[FINDING]))
    add_record(store, make_record("b", make_cell("total", 1, review=False), organization="100%_局", year=2022))
    add_record(store, make_record("c", organization=None, year=None, media_type="image/png"))

    def find(**wanted: object) -> list[str]:
        return [row.source for row in find_documents(store, DocumentFilter(**wanted))]  # type: ignore[arg-type]

    assert find() == ["c.pdf", "b.pdf", "a.pdf"]
    assert find(organization="100%_局") == find(year=2022) == find(text="0%_") == ["b.pdf"]
    assert find(text="%") == ["b.pdf"]
    assert find(finding="source") == find(finding=FINDING["identity"]) == find(open=True) == ["a.pdf"]
    assert find(form=FORM) == ["b.pdf", "a.pdf"]
    assert find(source_kind="scan") == ["c.pdf"]
    first = find_documents(store, DocumentFilter(), limit=1)[0]
    assert [row.source for row in find_documents(store, DocumentFilter(), after=first.document_id)] == [
        "b.pdf",
        "a.pdf",
    ]
    assert list_agencies(store) == [("100%_局", 1, (2022,)), ("某某区人民政府", 1, (2023,))]
    assert find(sha256=make_record("a")["sha256"]) == ["a.pdf"]
    assert find(sha256="nothing") == []


def test_findings_are_listed_and_counted_by_agency_and_year(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1), findings=[FINDING, FINDING | {"kind": "reading"}]))
    add_record(store, make_record("b", make_cell("total", 1), findings=[FINDING], year=2020))
    rows = list_findings(store, FindingFilter())
    assert [(row.source, row.kind, row.right) for row in rows] == [
        ("b.pdf", "source", Decimal("2.5")),
        ("a.pdf", "source", Decimal("2.5")),
        ("a.pdf", "reading", Decimal("2.5")),
    ]
    assert list_findings(store, FindingFilter(), after=rows[1]) == rows[2:]
    assert count_findings(store, FindingFilter(year=2020)) == [("某某区人民政府", 2020, "source", 1)]
    assert len(count_findings(store)) == 3


def test_findings_of_an_old_version_are_not_listed(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1), findings=[FINDING]))
    add_record(store, make_record("a", make_cell("total", 2)))
    assert list_findings(store, FindingFilter()) == []


def test_the_tables_are_those_that_the_migrations_make(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [entry for entry in compare_metadata(context, schema.metadata) if "readings_" not in str(entry)]
    assert differences == []


def test_the_newest_migration_is_the_one_that_opening_looks_for() -> None:
    from alembic.script import ScriptDirectory

    from review.store import migrating

    folder = Path(migrating.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [migrating.HEAD]


def test_opening_again_keeps_settings_and_the_place_of_files(store_url: str, tmp_path: Path) -> None:
    settings = Settings(seed=7, audit_rates={"zero": 0.5})
    open_store(store_url, files=str(tmp_path / "first"), settings=settings).engine.dispose()
    again = open_store(store_url)
    assert again.settings == settings
    if store_url.startswith("sqlite"):
        assert again.files.root == str(tmp_path / "first")
    again.engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x"])
def test_a_url_that_can_hold_no_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        find_address(url)


def test_a_pointer_may_change(store: Store) -> None:
    """The triggers guard what is known, not what indexes it."""
    document = add_record(store, make_record("a")).document_id
    table = schema.documents
    run_write(store, lambda connection: connection.execute(update(table).values(record_id=None)))
    query = select(table.c.record_id).where(table.c.document_id == document)
    assert run_read(store, lambda connection: connection.execute(query).scalar()) is None
