from __future__ import annotations

from decimal import Decimal

from models.form import load_forms
from review.pages_years import YearBeside, check_years, dump_year_sums
from review.store.adding import add_record
from review.store.database import Store
from review.store.reports import find_beside, find_document, find_years_before, read_numbers
from tests.review.records import FORM, make_cell, make_record

REQUESTS = "requests@2021"
PERSON, CARRIED = "requests.carried_in.natural_person", "requests.carried_out.natural_person"


def make_beside(year: int, form: str = REQUESTS, **numbers: int) -> YearBeside:
    named = {f"requests.{name}.natural_person": Decimal(value) for name, value in numbers.items()}
    return YearBeside(year, year, (form,), named)


def test_what_is_carried_in_joins_what_the_year_before_carried_out() -> None:
    sums = dump_year_sums(make_beside(2023, carried_in=5), make_beside(2022, carried_out=4), None)[REQUESTS]
    (own,) = [entry for entry in sums if entry["at"] == PERSON]
    assert own["left"] == [[PERSON, own["left"][0][1]]]
    assert own["right"] == [[f"2022 {CARRIED}", own["right"][0][1], "4"]]
    assert own["right"][0][1].startswith("2022 ")
    assert own["year"] == 2022
    assert len(sums) == 7  # a column each


def test_a_number_that_the_other_year_does_not_print_is_unknown_and_no_zero() -> None:
    sums = dump_year_sums(make_beside(2023, carried_in=0), make_beside(2022), None)[REQUESTS]
    assert {entry["right"][0][2] for entry in sums} == {None}
    assert {check.status for check in check_years(make_beside(2022), make_beside(2023, carried_in=0))} == {"unknown"}


def test_what_is_carried_out_is_shown_with_the_year_after_also_over_generations_of_the_form() -> None:
    here = make_beside(2020, "requests@2019", carried_out=7)
    sums = dump_year_sums(here, None, make_beside(2021, carried_in=7))["requests@2019"]
    (own,) = [entry for entry in sums if entry["at"] == CARRIED]
    assert own["left"] == [[f"2021 {PERSON}", own["left"][0][1], "7"]]
    assert own["right"] == [[CARRIED, own["right"][0][1]]]


def test_without_reports_beside_it_there_are_no_such_sums() -> None:
    assert dump_year_sums(make_beside(2023), None, None) == {REQUESTS: []}
    assert dump_year_sums(YearBeside(1, 2023, ("other@1999",), {}), make_beside(2022), make_beside(2024)) == {
        "other@1999": []
    }


def test_years_that_do_not_join_are_told_first() -> None:
    later = make_beside(2023, carried_in=5)
    checks = check_years(make_beside(2022, carried_out=4), later)
    assert (checks[0].status, checks[0].sums) == ("fails", (Decimal(5), Decimal(4)))
    assert {check.status for check in checks[1:]} == {"unknown"}


def test_every_form_with_ties_over_years_names_them() -> None:
    for form in load_forms().values():
        year = YearBeside(1, 2023, (form.form_id,), {})
        assert len(check_years(year, year)) == len(form.across_years)
        assert all(all(check.words) for check in check_years(year, year))


def test_the_reports_beside_a_year_are_of_the_same_agency(store: Store) -> None:
    numbers = {}
    for year in (2021, 2022, 2023):
        numbers[year] = add_record(store, make_record(f"a{year}", make_cell("total", 1), year=year)).document_id
    add_record(store, make_record("b", make_cell("total", 1), year=2022, organization="另一区人民政府"))
    add_record(store, make_record("c", make_cell("total", 1), year=None))
    row = find_document(store, numbers[2022])
    assert row is not None
    before, after = find_beside(store, row)
    assert before is not None and after is not None
    assert (before.document_id, after.document_id) == (numbers[2021], numbers[2023])
    assert find_years_before(store, list(range(1, 9))) == {numbers[2022]: numbers[2021], numbers[2023]: numbers[2022]}


def test_the_numbers_of_some_cells_are_what_they_are_now(store: Store) -> None:
    number = add_record(store, make_record("a", make_cell("total", 5), make_cell("other", "blank"))).document_id
    names = [f"disputes.reconsideration.{name}" for name in ("total", "other", "upheld")]
    assert read_numbers(store, number, FORM, names) == {names[0]: Decimal(5), names[1]: None}
    assert read_numbers(store, number, "unknown@1999", names) == {}
