"""Answering fast in a real browser: the next cell is there already, and nothing is lost on the way."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from models.numbers import State
from tests.service.browsing import Desk, add_cells, find_state
from tests.service.serving import Service


def wait_until_ahead(desk: Desk) -> None:
    """Until the page has fetched the question after the one it shows."""
    desk.page.wait_for_function("() => document.querySelector('#stage') && !document.body.dataset.sending")


def test_the_next_cell_is_shown_before_the_server_has_answered(desk: Desk, service: Service) -> None:
    number = add_cells(service, 1, 2, 3, 4, 10)
    held: list[Route] = []

    def hold(route: Route) -> None:  # a function of our own: the browser's library marks what it is given
        held.append(route)

    desk.page.route("**/review/answer", hold)
    desk.go("/review")
    wait_until_ahead(desk)
    desk.press("Enter")
    expect(desk.page.locator("#stage")).to_have_attribute("data-field", "disputes.reconsideration.corrected")
    assert find_state(service, number, "upheld")[2] is None  # it is still on its way
    assert len(held) == 1
    with desk.page.expect_response("**/review/answer"):
        held[0].continue_()
    wait_until_ahead(desk)
    assert find_state(service, number, "upheld")[2] == "person"


def test_an_answer_that_does_not_arrive_is_shown_again_with_what_was_typed(desk: Desk, service: Service) -> None:
    number = add_cells(service, 1, 2, 3, 4, 10)
    desk.go("/review")
    wait_until_ahead(desk)
    desk.page.route("**/review/answer", lambda route: route.abort())
    desk.press("7", "3", "Enter")
    expect(desk.page.locator("#notice.bad")).to_be_visible()
    expect(desk.page.locator("#stage")).to_have_attribute("data-field", "disputes.reconsideration.upheld")
    assert desk.value() == "73"
    assert find_state(service, number, "upheld")[2] is None
    desk.page.unroute("**/review/answer")
    desk.answer("Enter")
    assert find_state(service, number, "upheld") == (State.NUMBER, "73", "person")
    assert desk.field() == "disputes.reconsideration.corrected"
    assert all("console" in fault for fault in desk.faults)  # the browser tells of the request that was cut
    desk.faults.clear()


def test_the_sums_of_the_next_cell_know_the_answer_before(desk: Desk, service: Service) -> None:
    add_cells(service, 1, 2, 3, 4, 20)
    desk.go("/review")
    wait_until_ahead(desk)
    desk.answer("1", "1", "Enter")
    expect(desk.page.locator(".sum")).to_have_attribute("data-status", "holds")
    desk.answer("z")
    expect(desk.page.locator(".sum")).to_have_attribute("data-status", "fails")
    assert desk.value() == "1"


def test_keys_pressed_faster_than_the_server_answers_skip_no_cell(desk: Desk, service: Service) -> None:
    numbers = [add_cells(service, 1, 2, 3, 4, 10, name=f"r{place}") for place in range(3)]
    desk.go("/review")
    for _ in range(60):
        desk.page.keyboard.press("Enter", delay=5)
        if desk.page.locator("[data-empty]").count():
            break
    expect(desk.page.locator("[data-empty]")).to_be_visible()
    wait_until_ahead(desk)
    for number in numbers:
        assert [find_state(service, number, cell)[1:] for cell in ("upheld", "total")] == [
            ("1", "person"),
            ("10", "person"),
        ]


def test_who_leaves_the_page_gives_back_what_it_had_not_shown(desk: Desk, service: Service) -> None:
    add_cells(service, 1, 2, 3, 4, 10)
    desk.go("/review")
    wait_until_ahead(desk)
    shown = desk.page.locator("#stage").get_attribute("data-lease")
    desk.go("/progress")
    desk.page.wait_for_load_state("networkidle")
    with service.log_in("vera") as other:
        page = other.get("/review", headers={"Accept": "text/html"}).text
    assert 'data-field="disputes.reconsideration.corrected"' in page
    desk.go("/review")
    assert desk.page.locator("#stage").get_attribute("data-lease") == shown
