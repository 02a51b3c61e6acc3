"""The pages in a real browser against a real server, by keyboard alone."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from models.numbers import State
from review.store.adding import add_record
from review.store.reports import read_cells
from tests.review.records import make_cell, make_record
from tests.service.browsing import EXAMPLES, FAMILY, SCREEN, Desk, add_cells, add_example, find_state, sit_down
from tests.service.serving import Service, open_test_store, run_service


def test_cells_are_confirmed_with_one_key_each(desk: Desk, service: Service) -> None:
    numbers = [add_cells(service, 1, 2, 3, 4, 10, name=f"r{i}") for i in range(4)]
    desk.go("/review")
    for _ in range(20):
        desk.answer("Enter")
    expect(desk.page.locator("[data-empty]")).to_be_visible()
    assert desk.presses / 20 <= 1.2
    assert all(row.accepted_by == "person" for number in numbers for row in read_cells(service.store, number))


def test_a_cell_is_overwritten_left_blank_marked_passed_on_and_taken_back_by_keys(desk: Desk, service: Service) -> None:
    number = add_cells(service, 1, 2, 3, 4, 10)
    desk.go("/review")
    first = desk.field()
    desk.press("2", "7")
    assert desk.value() == "27"
    desk.press("Backspace", "5")
    assert desk.value() == "25"
    desk.press("Escape")
    assert desk.value() == "1"
    desk.answer("2", "7", "Enter")
    assert find_state(service, number, first.rsplit(".", 1)[-1]) == (State.NUMBER, "27", "person")
    desk.answer("z")
    assert (desk.field(), desk.value()) == (first, "1")
    assert find_state(service, number, "upheld")[2] is None
    desk.answer("b")
    desk.answer("/")
    desk.answer("x")
    desk.answer("n")
    states = [find_state(service, number, cell)[0] for cell in ("upheld", "corrected", "other", "pending")]
    assert states == [State.BLANK, State.MARK, State.UNREADABLE, State.MISSING]
    assert desk.field() == f"{FAMILY}.total"
    desk.press("Minus", "3")
    assert desk.value() == "-3"
    desk.answer("u")
    assert find_state(service, number, "total")[2] is None


def test_a_wrong_number_is_not_sent(desk: Desk, service: Service) -> None:
    number = add_cells(service, 1, 2, 3, 4, 10)
    desk.go("/review")
    lease = desk.page.locator("#stage").get_attribute("data-lease")
    desk.press("1", ".", ".", "Enter")
    expect(desk.page.locator("#notice")).to_be_visible()
    assert desk.page.locator("#stage").get_attribute("data-lease") == lease
    assert find_state(service, number, "upheld")[2] is None


def test_sums_are_told_while_one_types(desk: Desk, service: Service) -> None:
    add_cells(service, 1, 2, 3, 4, 11)
    desk.go("/review")
    total = desk.page.locator(".sum")
    expect(total).to_have_attribute("data-status", "fails")
    expect(total).to_contain_text("10 ≠ 11")
    expect(total).to_contain_text("若为 2 则平")
    desk.press("2")
    expect(total).to_have_attribute("data-status", "holds")
    desk.press("0")
    expect(total).to_contain_text("29 ≠ 11")
    desk.press("Escape")
    expect(total).to_have_attribute("data-status", "fails")


def test_a_candidate_is_taken_by_its_number(desk: Desk, service: Service) -> None:
    candidates = [
        {"state": "number", "value": 8, "raw": "8", "probability": 0.7},
        {"state": "number", "value": 3, "raw": "3", "probability": 0.2},
        {"state": "blank", "value": None, "raw": None, "probability": 0.1},
    ]
    number = add_record(service.store, make_record("c", make_cell("total", 8, candidates=candidates))).document_id
    desk.go("/review")
    desk.press("Shift+Digit2")
    assert desk.value() == "3"
    desk.press("ArrowDown", "ArrowUp")
    assert desk.value() == "3"
    desk.answer("Enter")
    assert find_state(service, number, "total") == (State.NUMBER, "3", "person")


@pytest.mark.parametrize("desk", ["zh-CN", "en-US"], indirect=True)
def test_the_pages_speak_chinese_and_english(desk: Desk, service: Service) -> None:
    add_cells(service, 1, 2, 3, 4, 10)
    zh = desk.page.locator("html").get_attribute("lang") == "zh-CN"
    desk.go("/review")
    expect(desk.page.locator(".keys")).to_contain_text("确认" if zh else "Accept")
    desk.page.locator(".person a[hreflang]").click()
    expect(desk.page.locator(".keys")).to_contain_text("Accept" if zh else "确认")
    desk.go("/progress")
    expect(desk.page.locator("h1")).to_have_text("Progress" if zh else "进度")
    # Labels of forms are data: they stay as they are printed.
    desk.go("/review")
    expect(desk.page.locator(".column-label")).to_contain_text("结果维持")


def test_a_document_shows_its_page_beside_its_form_and_is_edited_in_place(
    desk: Desk, service: Service, example_records: list[dict[str, Any]]
) -> None:
    record = next(record for record in example_records if record["source"].endswith("county-2024-pages.pdf"))
    number = add_example(service, "county-2024-pages.pdf", record)
    desk.go(f"/documents/{number}?form=requests@2021&field=requests.new.total")
    page = desk.page
    box = page.locator('td input[data-field="requests.new.total"]')
    expect(box).to_be_focused()
    marked = page.locator('rect[data-fields~="requests.new.total"]')
    assert "now" in (marked.get_attribute("class") or "")
    shown = page.locator(".viewer").bounding_box()
    place = marked.bounding_box()
    assert shown and place and shown["x"] < place["x"] < shown["x"] + shown["width"]
    assert shown["y"] < place["y"] < shown["y"] + shown["height"]
    expect(page.locator("#failing")).to_have_text("0")
    desk.press("9")
    assert int(page.locator("#failing").inner_text()) == 2
    desk.press("Escape")
    expect(page.locator("#failing")).to_have_text("0")
    desk.page.keyboard.type("1234")
    desk.press("Enter")
    expect(page.locator("#notice")).to_be_visible()
    cell = next(row for row in read_cells(service.store, number) if row.field == "requests.new.total")
    assert (str(cell.now_value), cell.accepted_by, cell.person) == ("1234", "person", "adam")
    page.mouse.move(place["x"] + 3, place["y"] + 3)
    before = page.locator(".viewer svg").get_attribute("viewBox")
    page.locator("[data-view=in]").click()
    assert page.locator(".viewer svg").get_attribute("viewBox") != before
    page.locator('rect[data-fields~="requests.carried_in.total"]').click()
    expect(page.locator('td input[data-field="requests.carried_in.total"]')).to_be_focused()
    desk.go(f"/documents/{number}/history?form=requests@2021&field=requests.new.total")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("adam")


def test_a_report_tells_whether_it_joins_the_year_before_while_one_types(desk: Desk, service: Service) -> None:
    numbers = []
    for year, carried_in, carried_out in ((2022, 0, 7), (2023, 4, 0)):
        cells = [
            {**make_cell("total", value), "id": f"requests.{name}.total", "form": "requests@2021"}
            for name, value in (("carried_in", carried_in), ("carried_out", carried_out))
        ]
        record = make_record(f"year-{year}", *cells, year=year, organization="衔接市人民政府")
        numbers.append(add_record(service.store, record).document_id)
    desk.go(f"/documents/{numbers[1]}")
    joins = desk.page.locator("[data-joins='2022']")
    expect(joins).to_contain_text("✗ 1")
    box = desk.page.locator('td input[data-field="requests.carried_in.total"]')
    box.focus()
    expect(desk.page.locator("#details")).to_contain_text("2022 四、结转下年度继续办理 · 总计")
    desk.press("7")
    expect(joins).to_contain_text("✓ 1")
    desk.press("Escape")
    expect(joins).to_contain_text("✗ 1")
    desk.go(f"/documents/{numbers[0]}")  # and the earlier one is told of the later
    expect(desk.page.locator("[data-joins='2023']")).to_contain_text("✗ 1")
    desk.go(f"/compare?earlier={numbers[0]}&later={numbers[1]}")
    expect(desk.page.locator("main")).to_contain_text("2023 二、上年结转政府信息公开申请数量 · 总计")


def test_f8_goes_through_what_is_open_in_a_document(
    desk: Desk, service: Service, example_records: list[dict[str, Any]]
) -> None:
    record = next(record for record in example_records if record["source"].endswith("zone-2023-wrong-sum.html"))
    number = add_example(service, "zone-2023-wrong-sum.html", record)
    desk.go(f"/documents/{number}")
    page = desk.page
    count = int(page.locator("#open").inner_text())
    assert count > 2
    for left in range(count - 1, -1, -1):
        focused = page.locator("td.review input:focus")
        expect(focused).to_have_count(1)
        expect(page.locator("mark.now, td.marked.now")).to_have_count(1)
        desk.press("Enter")
        expect(page.locator("#open")).to_have_text(str(left))
    assert all(row.accepted_by for row in read_cells(service.store, number))


def test_a_report_opens_at_the_form_that_is_asked_for_else_at_what_is_open(
    desk: Desk, service: Service, example_records: list[dict[str, Any]]
) -> None:
    record = next(record for record in example_records if record["source"].endswith("zone-2023-wrong-sum.html"))
    number = add_example(service, "zone-2023-wrong-sum.html", record)
    open_form = next(row.form for row in read_cells(service.store, number) if row.accepted_by is None)
    other = next(row.form for row in read_cells(service.store, number) if row.form != open_form)
    for query, shown in (("", open_form), (f"?form={other}", other)):
        desk.go(f"/documents/{number}{query}")
        expect(desk.page.locator("[data-show][aria-selected=true]")).to_have_attribute("data-show", shown)
        expect(desk.page.locator(f"[data-panel='{shown}']")).to_be_visible()


def test_a_group_is_accepted_with_one_key_but_the_odd_ones(desk: Desk, service: Service) -> None:
    for place in range(6):
        add_record(service.store, make_record(f"g{place}", make_cell("total", 1), source=f"g{place}.pdf"))
    desk.go("/groups?state=number&value=1")
    expect(desk.page.locator(".tile")).to_have_count(6)
    desk.press("ArrowRight", "Space")
    expect(desk.page.locator("#odd")).to_have_text("1")
    desk.press("Enter")
    desk.page.wait_for_url("**/review")  # where the odd one is asked
    assert desk.value() == "1"
    desk.answer("7", "Enter")
    desk.go("/groups")
    expect(desk.page.locator(".values a")).to_have_count(0)
    desk.press("z")
    expect(desk.page.locator(".values a")).to_have_text(["1 5"])
    expect(desk.page.locator("#undo")).to_be_hidden()
    answered = [row for number in range(1, 7) for row in read_cells(service.store, number) if row.accepted_by]
    assert [str(row.now_value) for row in answered] == ["7"]  # what was answered after the group stays


def upload(desk: Desk, name: str) -> int:
    """Upload an example by the page and wait until it is read; the number of its document."""
    desk.go("/uploads")
    desk.page.set_input_files("#files", str(EXAMPLES / name))
    desk.page.wait_for_selector("tbody .tag.good", timeout=240_000)
    return int((desk.page.locator("tbody a").first.get_attribute("href") or "").rsplit("/", 1)[-1])


def download_long(desk: Desk, **choices: str) -> list[dict[str, str]]:
    """The rows of the export as CSV that the page of progress gives."""
    desk.go("/progress")
    for name, value in choices.items():
        desk.page.select_option(f"[name={name}]", value)
    with desk.page.expect_download() as download:
        desk.page.click("#export button")
    with zipfile.ZipFile(download.value.path()) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".csv") and "long" in name)
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def test_a_scan_is_uploaded_read_corrected_by_keys_and_exported(browser: Browser, tmp_path: Path) -> None:
    store = open_test_store(tmp_path)
    with (
        run_service(store, read_uploads=True) as service,
        sit_down(browser, service, "vera") as desk,
    ):
        number = upload(desk, "county-2024-scan.jpg")
        desk.go("/review")
        expect(desk.page.locator("svg.crop image")).to_have_count(1)
        picture = desk.page.locator("svg.crop image").get_attribute("href")
        assert desk.page.request.get(service.url + str(picture)).headers["content-type"] in ("image/png", "image/jpeg")
        wrong = desk.field()
        desk.answer("4", "3", "2", "1", "Enter")
        confirmed, value = desk.field(), desk.page.locator("#stage").get_attribute("data-value")
        desk.answer("Enter")
        desk.answer("9", "9", "Enter")
        taken_back = desk.field()
        desk.answer("z")
        assert desk.field() != taken_back  # the question of the answer that was taken back
        exported = {row["field"]: row for row in download_long(desk)}
        assert (exported[wrong]["value"], exported[wrong]["accepted_by"]) == ("4321", "person")
        assert (exported[confirmed]["value"], exported[confirmed]["accepted_by"]) == (value, "person")
        people = {field for field, row in exported.items() if row["accepted_by"] == "person"}
        assert people == {wrong, confirmed}  # what else is there was accepted as read, not by a person
        assert {row["document_id"] for row in exported.values()} == {str(number)}
        everything = download_long(desk, cells="all")
        assert len(everything) > 100
        assert all(row["state"] and row["confidence"] for row in everything)
        assert {row["accepted_by"] for row in everything} == {"", "person", "machine"}


def test_nothing_is_cut_off_on_a_small_screen(
    desk: Desk, service: Service, example_records: list[dict[str, Any]]
) -> None:
    record = next(record for record in example_records if record["source"].endswith("county-2024-pages.pdf"))
    number = add_example(service, "county-2024-pages.pdf", record)
    add_cells(service, 1, 2, 3, 4, 10)
    paths = ("/review", "/documents", f"/documents/{number}", "/groups?state=number&value=0", "/progress")
    for path in (*paths, "/findings", "/uploads", "/account", "/users", "/api"):
        desk.go(path)
        width = desk.page.evaluate("document.documentElement.scrollWidth")
        assert width <= SCREEN["width"], path
        assert desk.page.evaluate("document.querySelector('main').offsetHeight") > 100, path
    desk.go(f"/review?document={number}")
    keys = desk.page.locator(".keys").bounding_box()
    assert keys and keys["y"] + keys["height"] <= SCREEN["height"]
