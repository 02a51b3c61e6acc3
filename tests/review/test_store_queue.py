from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from models.numbers import State
from review.answers import Answer
from review.store.adding import add_record
from review.store.answering import (
    LeaseLost,
    Undone,
    answer_item,
    edit_cell,
    undo_answer,
)
from review.store.database import Store
from review.store.leasing import (
    ReviewItem,
    count_groups,
    extend_lease,
    lease_item,
    release_items,
    skip_item,
)
from review.store.progress import count_queue, measure_progress
from review.store.reports import DocumentFilter, find_documents, read_cells, read_history
from tests.review.conftest import Clock
from tests.review.records import FIELDS, FORM, make_cell, make_record

TOTAL = "disputes.reconsideration.total"
OPENER = Callable[..., Store]


def lease(store: Store, person: str, **more: object) -> ReviewItem:
    item = lease_item(store, person, **more)  # type: ignore[arg-type]
    assert item is not None
    return item


def agree(store: Store, item: ReviewItem, person: str) -> str:
    return answer_item(store, item.lease, Answer(person, item.state, item.value, seconds=2)).status


def say(store: Store, item: ReviewItem, person: str, value: int | None) -> str:
    answer = Answer(person, None) if value is None else Answer(person, State.NUMBER, Decimal(value))
    return answer_item(store, item.lease, answer).status


def now(store: Store, field: str = TOTAL) -> tuple[str | None, Decimal | None]:
    return next((c.accepted_by, c.now_value) for c in read_cells(store, 1) if c.field == field)


def drain(store: Store, person: str) -> list[ReviewItem]:
    found = []
    while (item := lease_item(store, person)) is not None:
        found.append(item)
        agree(store, item, person)
    return found


# --- order ---


def test_the_cell_that_alone_may_settle_a_broken_identity_comes_first(store: Store) -> None:
    broken = {"identity": "i", "left": 1, "right": 2, "kind": "reading"}
    add_record(store, make_record("least", make_cell("total", 1, confidence=0.01)))
    two = [make_cell("upheld", 1, confidence=0.9), make_cell("other", 1, confidence=0.9)]
    ids = [cell["id"] for cell in two]
    add_record(store, make_record("two", *two, findings=[broken | {"cells": ids}]))
    one = [make_cell("upheld", 1, confidence=0.99), make_cell("other", 1, review=False)]
    add_record(store, make_record("one", *one, findings=[broken | {"cells": ids}]))
    assert [item.source for item in drain(store, "a")] == ["one.pdf", "two.pdf", "two.pdf", "least.pdf"]


def test_the_least_confident_document_comes_first_and_a_person_stays_on_it(store: Store) -> None:
    for name, confidence in (("a", 0.5), ("b", 0.1), ("c", 0.3)):
        cells = [make_cell(field, 1, confidence=0.95) for field in FIELDS[:2]]
        add_record(store, make_record(name, *cells, make_cell("total", 1, confidence=confidence)))
    assert [item.source[0] for item in drain(store, "p")] == list("bbbcccaaa")


def test_questions_of_a_document_come_page_by_page_in_the_order_of_the_form(store: Store) -> None:
    places = {"upheld": 3, "corrected": 2, "other": 3, "pending": 2, "total": None}
    cells = [make_cell(name, 1, evidence={"page": page} if page else None) for name, page in places.items()]
    add_record(store, make_record("a", *cells))
    assert [item.field.rsplit(".")[-1] for item in drain(store, "p")] == [
        "corrected",
        "pending",
        "upheld",
        "other",
        "total",
    ]


def test_two_people_get_different_documents_and_share_the_last_one(store: Store) -> None:
    for name in "ab":
        add_record(store, make_record(name, make_cell("upheld", 1), make_cell("total", 1)))
    first, second = lease(store, "p"), lease(store, "q")
    assert first.document_id != second.document_id
    agree(store, first, "p")
    assert lease(store, "p").document_id == first.document_id
    third = lease(store, "r")
    assert third.item_id not in (first.item_id, second.item_id)


# --- leases ---


def test_no_two_people_get_one_item(store: Store) -> None:
    add_record(store, make_record("a", *(make_cell(name, 1) for name in FIELDS)))
    items = [lease_item(store, person) for person in "abcdefg"]
    assert len({item.item_id for item in items if item}) == 5
    assert items[5:] == [None, None]


def test_a_held_item_comes_again_unless_the_page_has_it(store: Store) -> None:
    add_record(store, make_record("a", make_cell("upheld", 1), make_cell("total", 1)))
    first = lease(store, "p")
    assert lease(store, "p").lease == first.lease
    second = lease(store, "p", held=[first.lease])
    assert second.item_id != first.item_id
    assert lease_item(store, "p", held=[first.lease, second.lease]) is None


def test_an_expired_lease_goes_to_another_and_the_late_answer_is_refused(store: Store, clock: Clock) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    late = lease(store, "p")
    assert lease_item(store, "q") is None
    clock.pass_seconds(store.settings.lease_seconds + 1)
    other = lease(store, "q")
    assert other.item_id == late.item_id
    with pytest.raises(LeaseLost):
        say(store, late, "p", 9)
    assert say(store, other, "q", 1) == "settled"
    assert [entry.person for entry in read_history(store, 1, FORM, TOTAL)] == ["q"]


def test_a_late_answer_counts_while_nobody_else_has_the_item(store: Store, clock: Clock) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    item = lease(store, "p")
    clock.pass_seconds(10**6)
    assert say(store, item, "p", 1) == "settled"


def test_an_answer_sent_twice_is_one(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    item, answer = lease(store, "p"), Answer("p", State.NUMBER, Decimal(2))
    assert answer_item(store, item.lease, answer) == answer_item(store, item.lease, answer)
    assert len(read_history(store, 1, FORM, TOTAL)) == 1


def test_nobody_answers_by_another_ones_lease(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    item = lease(store, "p")
    for person in ("q", "", "p "):
        with pytest.raises((LeaseLost, ValueError)):
            say(store, item, person, 2)
    assert not extend_lease(store, item.lease, "q")
    assert not skip_item(store, item.lease, "q")
    assert extend_lease(store, item.lease, "p")


def test_who_leaves_gives_everything_back(store: Store) -> None:
    for name in "ab":
        add_record(store, make_record(name, make_cell("total", 1)))
    items = [lease(store, "p")]
    items.append(lease(store, "p", held=[items[0].lease]))
    assert release_items(store, "p", [items[0].lease]) == 1
    assert release_items(store, "p") == 1
    assert lease(store, "q").document_id == items[0].document_id
    with pytest.raises(LeaseLost):
        agree(store, items[0], "p")


def test_a_skipped_item_goes_to_others_and_comes_again_at_the_end(store: Store) -> None:
    add_record(store, make_record("a", make_cell("upheld", 1), make_cell("total", 1)))
    first = lease(store, "p")
    assert skip_item(store, first.lease, "p")
    second = lease(store, "p")
    assert second.item_id != first.item_id
    assert skip_item(store, second.lease, "p")
    other = lease(store, "q")
    assert other.item_id == first.item_id
    assert lease(store, "p").item_id == second.item_id


# --- answers ---


def test_one_answer_settles_and_is_the_accepted_value(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    assert now(store) == (None, 1)
    assert say(store, lease(store, "p"), "p", 7) == "settled"
    assert now(store) == ("person", 7)
    entry = read_history(store, 1, FORM, TOTAL)[0]
    assert (entry.action, entry.before_value, entry.after_value, entry.person) == ("change", 1, 7, "p")


def test_confirming_keeps_the_print(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1204, raw="1,204"), make_cell("other", "mark", raw="—")))
    drain(store, "p")
    assert {cell.now_raw for cell in read_cells(store, 1)} == {"1,204", "—"}


def test_who_is_unsure_passes_the_item_on_and_two_leave_it(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    assert say(store, lease(store, "p"), "p", None) == "open"
    assert lease_item(store, "p") is None
    assert say(store, lease(store, "q"), "q", None) == "unsure"
    assert now(store)[0] is None
    assert count_queue(store).unsure == 1


def test_an_answer_after_an_unsure_one_settles(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    say(store, lease(store, "p"), "p", None)
    assert say(store, lease(store, "q"), "q", 4) == "settled"
    assert now(store) == ("person", 4)


def test_two_who_agree_settle_an_item_that_two_are_asked(open_at: OPENER) -> None:
    store = open_at(double_share=1.0)
    add_record(store, make_record("a", make_cell("total", 1)))
    assert say(store, lease(store, "p"), "p", 2) == "open"
    assert now(store)[0] is None
    assert lease_item(store, "p") is None
    assert say(store, lease(store, "q"), "q", 2) == "settled"
    assert now(store) == ("person", 2)
    assert measure_progress(store).agreement.share == 1


def test_a_third_decides_between_two_who_differ(open_at: OPENER) -> None:
    store = open_at(double_share=1.0)
    add_record(store, make_record("a", make_cell("total", 1)))
    assert [say(store, lease(store, person), person, n) for person, n in (("p", 1), ("q", 2), ("r", 2))] == [
        "open",
        "open",
        "settled",
    ]
    assert now(store) == ("person", 2)
    assert measure_progress(store).agreement.share == 0


def test_three_who_differ_leave_it_disputed_until_somebody_edits_it(open_at: OPENER) -> None:
    store = open_at(double_share=1.0)
    add_record(store, make_record("a", make_cell("total", 1)))
    assert [say(store, lease(store, person), person, n) for n, person in enumerate("pqr")][-1] == "disputed"
    assert lease_item(store, "s") is None
    assert count_queue(store).disputed == 1
    edit_cell(store, 1, FORM, TOTAL, Answer("admin", State.NUMBER, Decimal(5)))
    assert now(store) == ("person", 5)
    assert count_queue(store).disputed == 0


def test_the_share_of_documents_that_two_are_asked_is_as_set(open_at: OPENER) -> None:
    store = open_at(double_share=0.3)
    for number in range(60):
        add_record(store, make_record(str(number), make_cell("total", 1)))
    drain(store, "p")
    assert 8 <= len(drain(store, "q")) <= 29


# --- undo ---


def test_undo_gives_the_item_back_and_its_value_up(store: Store) -> None:
    add_record(store, make_record("a", make_cell("upheld", 1), make_cell("total", 1)))
    first = lease(store, "p")
    say(store, first, "p", 9)
    held = lease(store, "p")
    again = undo_answer(store, "p")
    assert isinstance(again, ReviewItem)
    assert again.item_id == first.item_id
    assert now(store, first.field) == (None, 1)
    assert say(store, again, "p", 8) == "settled"
    assert now(store, first.field) == ("person", 8)
    assert agree(store, held, "p") == "settled"
    history = read_history(store, 1, FORM, first.field)
    assert [(entry.action, entry.retracted) for entry in history] == [
        ("change", True),
        ("undo", False),
        ("change", False),
    ]


def test_undo_goes_back_step_by_step_to_the_first_answer(store: Store) -> None:
    add_record(store, make_record("a", *(make_cell(name, 1) for name in FIELDS)))
    order = [item.item_id for item in drain(store, "p")]
    undone = []
    while (item := undo_answer(store, "p")) is not None:
        undone.append(item.item_id)  # type: ignore[union-attr]
    assert undone == order[::-1]
    assert count_queue(store).open == 5


def test_undo_of_one_of_two_answers_opens_the_item_again(open_at: OPENER) -> None:
    store = open_at(double_share=1.0)
    add_record(store, make_record("a", make_cell("total", 1)))
    say(store, lease(store, "p"), "p", 2)
    say(store, lease(store, "q"), "q", 2)
    again = undo_answer(store, "p")
    assert isinstance(again, ReviewItem)
    assert now(store)[0] is None
    assert say(store, again, "p", 3) == "open"
    assert say(store, lease(store, "r"), "r", 2) == "settled"


def test_undo_waits_while_another_person_is_at_the_question(open_at: OPENER) -> None:
    store = open_at(double_share=1.0)
    add_record(store, make_record("a", make_cell("total", 1)))
    say(store, lease(store, "p"), "p", 2)
    other = lease(store, "q")
    assert undo_answer(store, "p") is None
    assert say(store, other, "q", 2) == "settled"


def test_an_edit_can_be_undone_and_its_question_is_asked_again(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1), make_cell("other", 1, review=False)))
    edit_cell(store, 1, FORM, TOTAL, Answer("p", State.BLANK))
    assert now(store) == ("person", None)
    assert lease_item(store, "q") is None
    assert undo_answer(store, "p") == Undone(1, FORM, TOTAL)
    assert now(store) == (None, 1)
    assert lease(store, "q").field == TOTAL


def test_a_cell_that_the_machine_accepted_can_be_edited(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1, review=False)))
    assert now(store) == ("machine", 1)
    edit_cell(store, 1, FORM, TOTAL, Answer("p", State.NUMBER, Decimal(3)))
    edit_cell(store, 1, FORM, TOTAL, Answer("q", State.NUMBER, Decimal(4)))
    assert now(store) == ("person", 4)
    undo_answer(store, "q")
    assert now(store) == ("person", 3)
    undo_answer(store, "p")
    assert now(store) == ("machine", 1)


def test_a_cell_that_is_not_in_the_document_cannot_be_edited(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    for document, form, field in ((2, FORM, TOTAL), (1, FORM, "disputes.reconsideration.other"), (1, "x", TOTAL)):
        with pytest.raises(LookupError):
            edit_cell(store, document, form, field, Answer("p", State.BLANK))


# --- new versions ---


def test_a_new_version_keeps_what_people_said_and_asks_only_what_is_open(store: Store) -> None:
    add_record(store, make_record("a", make_cell("upheld", 1), make_cell("total", 1), make_cell("other", 2)))
    first = lease(store, "p")
    say(store, first, "p", 5)
    add_record(
        store, make_record("a", make_cell("upheld", 2), make_cell("total", 3), make_cell("other", 2, review=False))
    )
    assert now(store, first.field) == ("person", 5)
    assert [(item.field, item.value) for item in drain(store, "q")] == [(TOTAL, 3)]


def test_an_answer_on_its_way_counts_though_a_new_version_withdrew_the_question(store: Store) -> None:
    add_record(store, make_record("a", make_cell("total", 1)))
    item = lease(store, "p")
    add_record(store, make_record("a", make_cell("total", 1, review=False)))
    assert lease_item(store, "q") is None
    assert say(store, item, "p", 4) == "settled"
    assert now(store) == ("person", 4)


# --- audit ---


def test_a_sample_of_accepted_cells_is_audited_and_looks_like_any_other_question(open_at: OPENER) -> None:
    store = open_at(audit_rates={"digit": 1.0}, audit_share=0.5)
    for number in range(20):
        add_record(store, make_record(f"{number}", make_cell("upheld", 1, review=False), make_cell("total", 10)))
    seen = [item.field.rsplit(".")[-1] for item in drain(store, "p")]
    assert sorted(seen) == ["total"] * 20 + ["upheld"] * 20
    assert "upheld" in seen[:10]
    assert "total" in seen[:10]
    assert set(ReviewItem.__slots__) & {"purpose", "reasons", "confidence", "review", "stratum"} == set()


def test_an_audit_answer_replaces_the_value_and_is_counted(open_at: OPENER) -> None:
    store = open_at(audit_rates={"digit": 1.0, "zero": 0.0}, audit_share=1.0)
    for number in range(10):
        add_record(
            store, make_record(f"{number}", make_cell("total", 1, review=False), make_cell("other", 0, review=False))
        )
    for number in range(10):
        say(store, lease(store, "p"), "p", 2 if number == 0 else 1)
    progress = measure_progress(store)
    assert (progress.total.accepted_machine, progress.total.accepted_audit) == (10, 10)
    assert (progress.total.audit.count, progress.total.audit.hits, progress.total.audit.share) == (10, 1, 0.1)
    low, high = progress.total.audit.low, progress.total.audit.high
    assert low is not None
    assert high is not None
    assert low < 0.02
    assert high > 0.4
    assert [figures.group for figures in progress.months] == ["2026-01"]
    assert [figures.group for figures in progress.kinds] == ["pdf"]
    assert progress.kinds[0].audit == progress.total.audit


def test_the_audit_sample_is_the_same_for_the_same_seed(open_at: OPENER) -> None:
    store = open_at(audit_rates={"digit": 0.3}, audit_share=1.0, seed=5)
    names = [str(number) for number in range(40)]
    for name in names:
        add_record(store, make_record(name, make_cell("total", 1, review=False)))
    drawn = {item.source for item in drain(store, "p")}
    assert 3 <= len(drawn) <= 25
    for name in names:
        add_record(store, make_record(name, make_cell("total", 1, review=False, confidence=0.8)))
    assert lease_item(store, "p") is None


def test_an_empty_store_has_nothing_to_ask_and_no_figures(store: Store) -> None:
    assert lease_item(store, "p") is None
    assert undo_answer(store, "p") is None
    assert release_items(store, "p") == 0
    assert count_groups(store) == []
    progress = measure_progress(store)
    assert (progress.total.documents, progress.seconds, progress.total.audit.share) == (0, None, None)
    assert find_documents(store, DocumentFilter()) == []
