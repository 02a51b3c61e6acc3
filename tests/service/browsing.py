"""A person at a browser, for tests of the pages: what they press and see, and what goes wrong behind their back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from models.numbers import State
from review.originals import save_original, save_view
from review.store.adding import add_record
from review.store.reports import read_cells
from service.api_views import make_views
from service.demo_store import doubt_cells
from service.screenshots import BROWSER_ARGUMENTS
from tests.review.records import make_cell, make_record
from tests.service.serving import PASSWORD, Service

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
FORM = "disputes@2019"
FAMILY = "disputes.reconsideration"
SCREEN = {"width": 1280, "height": 680}  # what a browser leaves of a 13-inch screen


@dataclass
class Desk:
    """A person at a browser: what they see, and what went wrong behind their back."""

    page: Page
    service: Service
    faults: list[str] = field(default_factory=list)
    presses: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def answer(self, *keys: str) -> None:
        """Press keys and wait for the next question."""
        lease = self.page.locator("#stage").get_attribute("data-lease")
        self.press(*keys)
        self.page.wait_for_function(
            "lease => document.querySelector('#stage').dataset.lease !== lease && !document.body.dataset.sending",
            arg=lease,
        )

    def go(self, path: str) -> None:
        self.page.goto(self.service.url + path)

    def value(self) -> str:
        return self.page.locator("#value").input_value()

    def field(self) -> str:
        return self.page.locator("#stage").get_attribute("data-field") or ""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium; the test fails where it is missing."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("the pages are tested with chromium, which is not on PATH")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def sit_down(browser: Browser, service: Service, name: str = "adam", language: str = "zh-CN") -> Iterator[Desk]:
    """A person who is logged in; whatever goes wrong behind their back fails the test at the end."""
    context = browser.new_context(viewport=SCREEN, locale=language, accept_downloads=True)
    page = context.new_page()
    desk = Desk(page, service)
    page.on("console", lambda said: said.type in ("error", "warning") and desk.faults.append(f"console: {said.text}"))
    page.on("pageerror", lambda error: desk.faults.append(f"script: {error}"))
    page.on("response", lambda got: got.status >= 400 and desk.faults.append(f"{got.status} {got.url}"))
    page.on(
        "request",
        lambda sent: None if sent.url.startswith(service.url) else desk.faults.append(f"other host: {sent.url}"),
    )
    desk.go("/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    yield desk
    context.close()
    assert desk.faults == []


def add_cells(service: Service, *values: Any, name: str = "report") -> int:
    """A document with 行政复议 of these five values, all to be checked, and its source as text."""
    names = ("upheld", "corrected", "other", "pending", "total")
    cells = [
        make_cell(cell, value, evidence={"line": 2, "span": [3 * place, 3 * place + 1]})
        for place, (cell, value) in enumerate(zip(names, values, strict=True))
    ]
    record = make_record(name, *cells, media_type="text/plain", pages=None, source=f"{name}.txt")
    line = "  ".join(str(value)[:1] for value in values)
    blocks = f'{{"blocks":[{{"line":1,"text":"行政复议","heading":0}},{{"line":2,"text":"{line}","heading":0}}]}}'
    save_view(service.store.files, record["sha256"], "source.json", blocks.encode())
    return add_record(service.store, record).document_id


def add_example(service: Service, name: str, record: dict[str, Any]) -> int:
    source = doubt_cells(record, 0.03)
    from extraction.readers.source import read_source

    opened = read_source(str(EXAMPLES / name))
    save_original(service.store.files, opened.content)
    for view, content in make_views(opened, source):
        save_view(service.store.files, opened.sha256, view, content)
    return add_record(service.store, source).document_id


def find_state(service: Service, document: int, cell: str) -> tuple[State, str | None, str | None]:
    found = next(row for row in read_cells(service.store, document) if row.field == f"{FAMILY}.{cell}")
    return found.now_state, None if found.now_value is None else f"{found.now_value:f}", found.accepted_by
