from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, event, text

from review.store.database import Store, run_read
from review.store.links import (
    AgencyEntry,
    CopyEntry,
    SketchEntry,
    decide_copy,
    find_alike,
    iter_coverage,
    list_copies,
    list_unlinked,
    mark_linked,
    save_agencies,
    save_copies,
    save_sketches,
    set_agency,
)
from review.store.reads import FreshRead, add_places, find_reads, keep_reads
from review.store.runs import (
    Ending,
    Place,
    Refusal,
    Run,
    add_inputs,
    change_run,
    count_inputs,
    end_inputs,
    find_run,
    has_run,
    list_failed,
    list_waiting,
    reopen_inputs,
    start_run,
)
from tests.review.records import make_cell, make_record


def begin(store: Store, reader: str = "r") -> Run:
    return start_run(store, reader=reader, sources=["reports"], options={"facts": True})


def place(name: str, stamp: str | None = "1") -> Place:
    return Place(name, {"url": name}, stamp=stamp, size=3)


def waiting(store: Store, run: Run) -> list[str]:
    return [entry.place for entry in list_waiting(store, run)]


def end_all(store: Store, run: Run, status: str = "done", code: str | None = None) -> None:
    end_inputs(store, run, [Ending(entry.input_id, status, 1, code, "why") for entry in list_waiting(store, run)])


def test_what_is_done_is_not_listed_again_but_where_it_has_changed(store: Store) -> None:
    first = begin(store)
    add_inputs(store, first, [place("a"), place("b"), place("c", None)])
    assert waiting(store, first) == ["a", "b", "c"]
    end_all(store, first)
    second = begin(store)
    add_inputs(store, second, [place("a"), place("b", "2"), place("c", None), place("d")])
    assert waiting(store, second) == ["b", "c", "d"]  # without a stamp nobody knows whether it has changed
    assert count_inputs(store, second) == {("done", None): 1, ("waiting", None): 3}
    assert count_inputs(store, first) == {}
    other = begin(store, reader="other models")
    add_inputs(store, other, [place("a")])
    assert waiting(store, other) == ["a"]


def test_a_place_listed_twice_is_one_input_and_pages_follow_each_other(store: Store) -> None:
    run = begin(store)
    add_inputs(store, run, [place(f"{number:02}") for number in range(5)] + [place("00")])
    first = list_waiting(store, run, limit=2)
    rest = list_waiting(store, run, after=first[-1].input_id)
    assert [entry.place for entry in (*first, *rest)] == ["00", "01", "02", "03", "04"]


def test_inputs_and_their_endings_outlive_a_server_that_is_killed(store: Store) -> None:
    told: list[bool] = []

    @event.listens_for(store.engine, "begin")
    def note(connection: Connection) -> None:
        told.append(bool(connection.get_execution_options().get("durable", True)))

    run = begin(store)
    add_inputs(store, run, [place("a")])
    end_all(store, run)
    assert told and all(told)


def test_a_problem_seen_while_listing_is_told_until_it_is_tried_again(store: Store) -> None:
    run = begin(store)
    add_inputs(store, run, [Place("a", {}, stamp="1", problem=Refusal("bad_name", "no text"))])
    (entry,) = list_waiting(store, run)
    assert entry.problem == Refusal("bad_name", "no text")
    end_all(store, run, "failed", "bad_name")
    assert list_failed(store, run) == [("a", "bad_name", "why")]
    assert reopen_inputs(store, run, ["timeout"]) == 0
    assert reopen_inputs(store, run, None) == 1
    (entry,) = list_waiting(store, run)
    assert entry.problem is None


def test_an_attempt_that_may_pass_is_no_problem_of_the_place(store: Store) -> None:
    run = begin(store)
    add_inputs(store, run, [place("a")])
    end_all(store, run, "waiting", "crashed")
    (entry,) = list_waiting(store, run)
    assert (entry.attempts, entry.problem) == (1, None)


def test_runs_are_found_by_number_and_by_key(store: Store) -> None:
    first, second = begin(store), begin(store)
    change_run(store, first, status="stopped", figures={"done": 3})
    found = find_run(store, first.run_id)
    assert found is not None
    assert (found.status, found.figures) == ("stopped", {"done": 3})
    newest = find_run(store)
    assert newest is not None
    assert newest.run_id == second.run_id
    assert has_run(store, first.run_key)
    assert not has_run(store, "another store")
    assert find_run(store, 999) is None


def read(store: Store, run: Run, *marks: str, value: int = 1) -> list[bool]:
    """Keep records; whether each is new."""
    reads = [FreshRead(make_record(mark, make_cell("total", value)), 0.5) for mark in marks]
    return [kept.new for kept in keep_reads(store, reads, reader=run.reader, run_id=run.run_id)]


def count(store: Store, table: str) -> int:
    return int(run_read(store, lambda c: c.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()))


def test_a_document_has_one_record_a_reader_however_often_it_is_read(store: Store) -> None:
    run = begin(store)
    assert read(store, run, "a", "b", "a") == [True, True, False]
    assert read(store, run, "a", value=2) == [False]  # the first is kept
    assert (count(store, "records"), count(store, "reads")) == (2, 2)
    assert read(store, begin(store, reader="newer"), "a", value=2) == [True]
    assert (count(store, "records"), count(store, "reads")) == (3, 3)


def test_a_record_takes_the_place_of_an_error_and_never_the_other_way(store: Store) -> None:
    run = begin(store)
    good = make_record("a", make_cell("total", 1))
    bad = {"source": good["source"], "sha256": good["sha256"], "error": {"code": "timeout", "message": "slow"}}
    for record, new, code in ((bad, True, "timeout"), (good, True, None), (bad, False, None)):
        (kept,) = keep_reads(store, [FreshRead(record, 1.0)], reader=run.reader, run_id=run.run_id)
        assert kept.new is new
        found = find_reads(store, [good["sha256"]], run.reader)[good["sha256"]]
        assert found.code == code
    assert find_reads(store, [good["sha256"]], "another") == {}


def test_two_workers_that_read_a_document_at_once_leave_one_record(store: Store) -> None:
    run = begin(store)
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda value=value: results.extend(read(store, run, "a", "b", value=value)))  # type: ignore[misc]
        for value in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 10 + [True] * 2
    assert count(store, "records") == 2


def test_a_copy_at_another_place_is_known_by_both_names(store: Store) -> None:
    run = begin(store)
    read(store, run, "a")
    document = run_read(store, lambda c: c.execute(text("SELECT document_id FROM documents")).scalar_one())
    add_places(store, [(document, "copy.txt"), (document, "copy.txt")])
    add_places(store, [])
    assert count(store, "sources") == 2


def test_pairs_names_and_sketches_are_kept_and_changed_by_people_only(store: Store) -> None:
    read(store, begin(store), "a", "b")
    first, second = sorted(document for document, _ in list_unlinked(store, limit=9))
    save_sketches(store, [SketchEntry(first, 0, 2023, "f", (1, 2)), SketchEntry(second, 0, 2023, "f", (1,))])
    assert sorted(find_alike(store, "f", 2023)) == [first, second]
    pairs = list_unlinked(store, limit=9)
    mark_linked(store, pairs)
    assert list_unlinked(store, limit=9) == []
    assert save_copies(store, [CopyEntry(first, second, "linked", 0.9, {})]) == 1
    decide_copy(store, second, first, linked=False, person="li")
    assert save_copies(store, [CopyEntry(first, second, "linked", 0.9, {})]) == 0
    assert [(entry.status, entry.person) for entry in list_copies(store)] == [("refused", "li")]
    with pytest.raises(ValueError, match="never compared"):
        decide_copy(store, first, 999, linked=True, person="li")


def test_an_agency_of_a_name_is_changed_by_people_only(store: Store) -> None:
    run = begin(store)
    record = make_record("a", make_cell("total", 1)) | {"organization": "财政局", "year": 2022}
    keep_reads(store, [FreshRead(record, 0.1)], reader=run.reader, run_id=run.run_id)
    entries = [
        AgencyEntry("财政局", "财政局", (None, None, None), "财政局", "no_place", 0.5, review=True),
        AgencyEntry("甲市财政局", "甲市财政局", (None, "甲市", None), "财政局", "name", 0.9, review=False),
    ]
    assert save_agencies(store, entries) == 2
    assert save_agencies(store, entries) == 0
    set_agency(store, "财政局", "甲市财政局", person="li")
    save_agencies(store, entries)
    assert [(row.agency, row.years) for row in iter_coverage(store)] == [("甲市财政局", (2022,))]
    assert [row.missing for row in iter_coverage(store, first=2021, last=2023)] == [(2021, 2023)]
    with pytest.raises(ValueError, match="no agency"):
        set_agency(store, "财政局", "无", person="li")
    with pytest.raises(ValueError, match="no report"):
        set_agency(store, "无", "甲市财政局", person="li")
