"""The pages for people who do not see them, see little, or have no mouse: names, contrast, the order of focus."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.browsing import SCREEN, Desk, add_cells, add_example
from tests.service.serving import Service, open_test_store, run_service

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: of text
LEAST_LARGE = 3.0  # of text from 24 pixels, or bold from 18.66; 1.4.11: of what shows where the focus is
SCRIPT = Path(__file__).with_name("browser_access.js").read_text("utf-8")


def ask(desk: Desk, question: str) -> Any:
    """What the page answers to a function of `browser_access.js`."""
    return desk.page.evaluate(f"() => {{ {SCRIPT} return ACCESS.{question}(); }}")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with run_service(open_test_store(tmp_path_factory.mktemp("access"))) as running:
        yield running


@pytest.fixture(scope="module")
def paths(service: Service, example_records: list[dict[str, Any]]) -> dict[str, str]:
    """An address for each page, with something on it."""
    record = next(record for record in example_records if record["source"].endswith("county-2024-pages.pdf"))
    number = add_example(service, "county-2024-pages.pdf", record)
    web = next(record for record in example_records if record["source"].endswith("zone-2023-wrong-sum.html"))
    source = add_example(service, "zone-2023-wrong-sum.html", web)
    text = add_cells(service, 1, 2, 3, 4, 11)
    return {
        "cell": f"/review?document={number}",
        "cell of a text": f"/review?document={text}",
        "document": f"/documents/{number}",
        "source": f"/documents/{source}",
        "group": "/groups?state=number&value=0",
        "reports": "/documents",
        "findings": "/findings",
        "progress": "/progress",
        "years": f"/compare?earlier={number}&later={source}",
        "history": f"/documents/{number}/history?form=requests@2021&field=requests.new.total",
        "uploads": "/uploads",
        "account": "/account",
        "users": "/users",
        "api": "/api",
    }


def test_text_stands_out_from_what_is_behind_it(desk: Desk, paths: dict[str, str]) -> None:
    faint = []
    for name, path in paths.items():
        desk.go(path)
        desk.page.wait_for_load_state("networkidle")
        found = ask(desk, "contrast")
        assert len(found) > 10, name
        faint += [
            (name, round(ratio, 2), what)
            for ratio, large, what in found
            if ratio < (LEAST_LARGE if large else LEAST_CONTRAST)
        ]
    assert faint == []


@pytest.mark.parametrize("desk", ["zh-CN", "en-US"], indirect=True)
def test_everything_that_can_be_used_has_a_name(desk: Desk, paths: dict[str, str]) -> None:
    for name, path in paths.items():
        desk.go(path)
        found = ask(desk, "names")
        assert found, name
        assert [html for html, said in found if not said] == [], name
        assert desk.page.locator("h1").count() == 1, name
        assert desk.page.locator("main").count() == 1
        assert desk.page.title().strip(" ·勾稽"), name


def test_a_screen_reader_is_told_the_cell_its_headings_and_what_can_be_done(desk: Desk, paths: dict[str, str]) -> None:
    desk.go(paths["cell of a text"])
    told = desk.page.locator("#stage").aria_snapshot()
    for said in ("待核的格子", "行政复议", "结果维持", 'textbox "数值"', "确认", "撤销", "所在的合计"):
        assert said in told, (said, told)
    desk.go(paths["document"])
    assert desk.page.get_by_role("tab", selected=True).count() == 1
    boxes = desk.page.locator("td input")
    names = {boxes.nth(place).get_attribute("aria-label") for place in range(boxes.count())}
    assert len(names) == boxes.count()  # no two boxes are called alike
    assert desk.page.locator("th:not([scope])").count() == 0


def test_the_focus_goes_through_a_page_from_top_to_bottom_and_is_always_seen(desk: Desk, paths: dict[str, str]) -> None:
    for name in ("cell", "reports", "progress", "uploads", "account"):
        desk.go(paths[name])
        desk.page.evaluate("document.activeElement.blur()")
        seen = []
        for _ in range(45):
            desk.page.keyboard.press("Tab")
            focused = ask(desk, "focused")
            if focused["name"] == "BODY":
                break
            seen.append(focused)
        assert seen[0]["skip"], name  # first comes the way past the navigation
        assert all(one["shown"] for one in seen), (name, [one for one in seen if not one["shown"]])
        texts = [one["text"] for one in seen]
        assert "退出" in texts
        after = seen[texts.index("退出") + 1 :]
        assert after, name  # something of the page itself
        rows = [one["top"] for one in after]
        back = [(one, other) for one, other in itertools.pairwise(rows) if other < one - SCREEN["height"]]
        assert len(back) == 0, (name, texts)


def test_the_way_past_the_navigation_leads_to_the_page(desk: Desk, paths: dict[str, str]) -> None:
    desk.go(paths["reports"])
    desk.press("Tab", "Enter", "Tab")
    assert desk.page.evaluate("document.querySelector('#main').contains(document.activeElement)")


def test_pages_can_be_used_at_twice_the_size_and_on_a_narrow_screen(desk: Desk, paths: dict[str, str]) -> None:
    for name, path in paths.items():
        desk.go(path)
        for width in (900, 640, 400):
            desk.page.set_viewport_size({"width": width, "height": 640})
            assert desk.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            if name == "cell":
                box = desk.page.locator("#value").bounding_box()
                assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        desk.page.set_viewport_size(SCREEN)
