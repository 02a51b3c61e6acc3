"""Pictures of the pages for the documentation: `python -m service.screenshots` writes docs/images/page-*.png."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from extraction.readers.source import find_sources
from review.store.database import Store
from service.bulk import read_records
from service.demo_store import USER, add_document, doubt_cells, fill_demo_store

IMAGES = Path(__file__).parent.parent / "docs" / "images"
EXAMPLES = Path(__file__).parent.parent / "examples"
EARLIER = "city-2023-tabs-wrong-sum.txt"  # of which a report on the year before is made
WIDTH, HEIGHT = 1280, 720  # what a browser shows on a 13-inch screen
COLORS = 256
ANSWERS = 12  # so that the figures of progress are not empty
PAUSE = 900.0  # milliseconds before each
BROWSER_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def main() -> None:
    """Serve the examples from a store of their own and take a picture of each page."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("the pictures are taken with chromium, which is not on PATH")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        lines = list(read_records(find_sources([os.path.relpath(EXAMPLES)]), workers=1))
        store, password = fill_demo_store(Path(folder, "store.db"), lines)
        numbers = add_year_before(store, Path(folder))
        with serve_store(store) as address:
            take_pictures(browser, address, password, numbers)
        store.engine.dispose()


def add_year_before(store: Store, folder: Path) -> tuple[int, int]:
    """Add a report of the same agency on the year before, with a few other figures; the numbers of both documents."""
    from review.store.reports import DocumentFilter, find_documents

    later = next(row for row in find_documents(store, DocumentFilter(text=EARLIER)))
    text = (EXAMPLES / EARLIER).read_text("utf-8")
    path = folder / "city-2022.txt"
    path.write_text(text.replace("2023", "2022").replace("\t78\t", "\t71\t").replace("11981", "10342"), "utf-8")
    record = json.loads(next(iter(read_records([str(path)], workers=1))))
    return add_document(store, doubt_cells(record, 0.02)), later.document_id


@contextmanager
def serve_store(store: Store) -> Iterator[str]:
    """A server over a store in this process; its address."""
    import uvicorn

    from service.api import create_app
    from service.api_settings import ServiceSettings

    app = create_app(store, ServiceSettings(read_uploads=False))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def take_pictures(browser: str, address: str, password: str, numbers: tuple[int, int]) -> None:
    """Log in and go through the pages."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=BROWSER_ARGUMENTS)
        page = opened.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN").new_page()
        page.goto(f"{address}/login")
        save_picture(page, "login")
        page.fill("[name=name]", USER)
        page.fill("[name=password]", password)
        page.click("main button")
        pdf = find_document(page, address, "county-2024-pages")
        web = find_document(page, address, "zone-2023")
        scan = find_document(page, address, "county-2024-scan")
        page.goto(f"{address}/review")
        page.wait_for_url("**/review")
        answer_some(page)
        for name, path in (
            ("document", f"/documents/{pdf}?form=requests@2021&field=requests.partly_granted.total"),
            (
                "document-source",
                f"/documents/{web}?form=requests@2021&field=requests.not_processed.reconfirmation.total",
            ),
            ("cell", f"/review?document={pdf}"),
            ("history", f"/documents/{scan}/history?form=requests@2021&field=requests.new.company"),
            ("group", "/groups?state=number&value=0"),
            ("progress", "/progress"),
            ("findings", "/findings"),
            ("reports", "/documents"),
            ("years", f"/compare?earlier={numbers[0]}&later={numbers[1]}"),
            ("uploads", "/uploads"),
            ("account", "/account"),
            ("users", "/users"),
        ):
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            if name == "cell":
                page.keyboard.type("12")
            save_picture(page, name)
        page.goto(f"{address}/language/en?next=/review")
        page.wait_for_load_state("networkidle")
        save_picture(page, "cell-english")
        opened.close()


def answer_some(page: Any) -> None:
    """Answer the first questions of the scan: what the machine did not see is typed, the rest is as it read."""
    for keys in (("Enter",), ("2", "7", "Enter"), *[("Enter",)] * ANSWERS):
        lease = page.locator("#stage").get_attribute("data-lease")
        page.wait_for_timeout(PAUSE)
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_function(
            "lease => document.querySelector('#stage').dataset.lease !== lease && !document.body.dataset.sending",
            arg=lease,
        )


def find_document(page: Any, address: str, name: str) -> int:
    """The number of the document whose source has this in its name."""
    page.goto(f"{address}/documents?agency={name}")
    return int(page.locator("tbody a").first.get_attribute("href").rsplit("/", 1)[-1])


def save_picture(page: Any, name: str) -> None:
    """A picture of what is shown, with few colours so that it is small."""
    path = IMAGES / f"page-{name}.png"
    page.screenshot(path=str(path))
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLORS, kmeans=3, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
