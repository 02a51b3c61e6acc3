from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from models.numbers import State
from review.answers import Answer
from review.pages_figures import list_people, make_progress_view
from review.store.adding import add_record
from review.store.answering import answer_item, undo_answer
from review.store.database import Store
from review.store.leasing import lease_item
from review.store.progress import measure_progress
from review.store.progress_people import measure_people
from tests.review.records import FIELDS, make_cell, make_record

OPENER = Callable[..., Store]


def answer(store: Store, person: str, value: int | None, seconds: float = 4.0) -> None:
    item = lease_item(store, person)
    assert item is not None
    said = (None, None) if value is None else (State.NUMBER, Decimal(value))
    answer_item(store, item.lease, Answer(person, *said, seconds=seconds))


def test_people_are_told_how_many_cells_they_answer_and_how_fast(store: Store) -> None:
    add_record(store, make_record("a", *(make_cell(name, 1) for name in FIELDS)))
    for value, seconds in ((1, 2.0), (7, 4.0), (None, 6.0), (1, 5000.0)):
        answer(store, "ann", value, seconds)
    undo_answer(store, "ann")
    (ann,) = measure_people(store)
    assert (ann.person, ann.answers, ann.changed, ann.unsure, ann.taken_back) == ("ann", 3, 1, 1, 1)
    assert ann.seconds == 4.0
    assert ann.cells_an_hour == 900
    assert ann.agreement.share is None


def test_agreement_counts_for_both_of_two_people(open_at: OPENER) -> None:
    store = open_at(double_share=1.0)
    add_record(store, make_record("a", *(make_cell(name, 1) for name in FIELDS[:4])))
    for person, values in (("ann", (1, 1, 1, 1)), ("bob", (1, 1, 1, 2))):
        for value in values:
            answer(store, person, value)
    answer(store, "eve", 2)  # who decides between them
    figures = {one.person: one.agreement for one in measure_people(store)}
    assert figures["ann"] == figures["bob"]
    assert (figures["ann"].count, figures["ann"].share) == (4, 0.75)
    low, high = figures["ann"].low, figures["ann"].high
    assert low is not None and high is not None and 0.2 < low < 0.75 < high < 1
    assert figures["eve"].share is None
    assert measure_progress(store).agreement.share == 0.75


def test_an_away_person_is_not_slow_and_one_without_times_has_none(store: Store) -> None:
    add_record(store, make_record("a", *(make_cell(name, 1) for name in FIELDS)))
    answer(store, "ann", 1, 3599.0)
    (ann,) = measure_people(store)
    assert (ann.answers, ann.seconds, ann.cells_an_hour) == (1, None, None)
    assert list_people([ann])[0]["cells_an_hour"] == "—"


def test_the_page_tells_error_with_its_interval_by_month_and_kind(open_at: OPENER) -> None:
    rates = dict.fromkeys(("zero", "digit", "number", "empty"), 1.0)
    store = open_at(audit_rates=rates)
    add_record(store, make_record("a", *(make_cell(name, 1, review=False) for name in FIELDS)))
    for value in (1, 1, 1, 5):
        answer(store, "ann", value)
    view = make_progress_view(measure_progress(store), "en")
    for chart in view["charts"]:
        (row,) = chart["rows"]
        assert (row["documents"], row["cells"], row["audit"]) == ("1", "5", "25.0 %")
        assert row["interval"].startswith("1 of 4, 95 %: ")
    assert next(figure for figure in view["figures"] if figure["title"] == "Audited error")["value"] == "25.0 %"


def test_a_store_without_answers_has_no_people(store: Store) -> None:
    assert measure_people(store) == ()
