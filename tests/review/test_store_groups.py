"""Cells that were read alike: answered at once, and taken back at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from models.numbers import State
from review.answers import Answer
from review.store.adding import add_record
from review.store.answering import answer_items, undo_answers
from review.store.database import Store
from review.store.leasing import ReviewItem, count_groups, lease_group, lease_item, release_items, skip_item
from review.store.reports import read_cells, read_history
from tests.review.records import FORM, make_cell, make_record


def add_ones(store: Store, count: int = 3) -> None:
    for number in range(count):
        add_record(store, make_record(str(number), make_cell("total", 1)))


def accept(store: Store, items: list[ReviewItem], person: str = "p") -> list[str]:
    """Accept all as read; their leases."""
    answer_items(store, [(item.lease, Answer(person, item.state, item.value)) for item in items])
    return [item.lease for item in items]


def count_settled(store: Store, documents: int) -> int:
    return sum(read_cells(store, number)[0].accepted_by == "person" for number in range(1, documents + 1))


def test_equal_cells_of_many_documents_are_answered_together(store: Store) -> None:
    for name in "abc":
        add_record(store, make_record(name, make_cell("upheld", 1), make_cell("total", 7), make_cell("other", "blank")))
    assert [(group.state, group.value, group.count) for group in count_groups(store)] == [
        (State.BLANK, None, 3),
        (State.NUMBER, 1, 3),
        (State.NUMBER, 7, 3),
    ]
    items = lease_group(store, "p", value=Decimal(1))
    assert {item.field for item in items} == {"disputes.reconsideration.upheld"}
    assert lease_group(store, "q", value=Decimal(1)) == []
    odd, *rest = items
    skip_item(store, odd.lease, "p")
    outcomes = answer_items(
        store,
        [(item.lease, Answer("p", item.state, item.value)) for item in rest] + [("lost", Answer("p", State.BLANK))],
    )
    assert [outcome and outcome.status for outcome in outcomes] == ["settled", "settled", None]
    assert len(lease_group(store, "q", value=Decimal(1), form=FORM)) == 1
    assert lease_group(store, "q", value=Decimal(7), form="requests@2021") == []
    assert len(lease_group(store, "q", state=State.BLANK, limit=2)) == 2


def test_a_group_is_taken_back_whole_and_nothing_that_was_answered_after_it(store: Store) -> None:
    add_ones(store, 4)
    *group, later = lease_group(store, "p", value=Decimal(1))
    leases = accept(store, group)
    answer_items(store, [(later.lease, Answer("p", State.NUMBER, Decimal(7)))])
    assert undo_answers(store, "p", leases) == 3
    assert count_settled(store, 4) == 1
    assert read_cells(store, later.document_id)[0].now_value == 7
    assert undo_answers(store, "p", leases) == 0
    release_items(store, "p")
    assert len(lease_group(store, "q", value=Decimal(1))) == 3


def test_nobody_takes_back_the_answers_of_others(store: Store) -> None:
    add_ones(store)
    leases = accept(store, lease_group(store, "p", value=Decimal(1)))
    assert undo_answers(store, "q", [*leases, "never given"]) == 0
    assert undo_answers(store, "p", []) == 0
    assert count_settled(store, 3) == 3


def test_of_a_group_that_is_taken_back_a_cell_that_another_is_at_stays_answered(open_at: Callable[..., Store]) -> None:
    store = open_at(double_share=1.0)
    add_ones(store)
    leases = accept(store, lease_group(store, "p", value=Decimal(1)))
    assert lease_item(store, "q") is not None
    assert undo_answers(store, "p", leases) == 2


def test_each_cell_of_a_group_keeps_its_own_print(store: Store) -> None:
    for place, raw in enumerate(("1204", "1,204", "１２０４")):
        add_record(store, make_record(str(place), make_cell("total", 1204, raw=raw)))
    accept(store, lease_group(store, "p", value=Decimal(1204)))
    entries = [read_history(store, number, FORM, "disputes.reconsideration.total")[0] for number in (1, 2, 3)]
    assert [entry.after_raw for entry in entries] == ["1204", "1,204", "１２０４"]
