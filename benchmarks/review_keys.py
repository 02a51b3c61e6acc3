"""From a key to the next cell on the screen: `python -m benchmarks.review_keys [--cells 120] [--pause 0.4]`.

An example with pages is put into a store with all of its cells under review, and Chromium answers them with Enter, at
the pace of a person who needs `--pause` seconds a cell. Timed in the browser, from the key on.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import statistics
import sys
import time
from contextlib import redirect_stderr
from pathlib import Path
from tempfile import TemporaryDirectory

from review.store.database import Settings, open_store
from service.api_account_pages import add_user
from service.bulk import read_records
from service.demo_store import add_document, doubt_cells
from service.screenshots import BROWSER_ARGUMENTS, HEIGHT, WIDTH, serve_store

EXAMPLE = "examples/county-2024-pages.pdf"
PASSWORD = "only for this benchmark"
# Keeps the milliseconds from each Enter until another question stands in the page, is decoded, and is drawn.
WATCH = """() => {
  window.times = [];
  let pressed = 0;
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = performance.now(); }, true);
  new MutationObserver(async (changes) => {
    const stage = document.querySelector("#stage");
    if (!pressed || !changes.some((change) => [...change.addedNodes].includes(stage))) return;
    const start = pressed;
    pressed = 0;
    const swapped = performance.now() - start;
    const pictures = [...stage.querySelectorAll("image")];
    await Promise.all(pictures.map((picture) => picture.decode && picture.decode().catch(() => {})));
    const decoded = performance.now() - start;
    const push = () => window.times.push([swapped, decoded, performance.now() - start]);
    requestAnimationFrame(() => setTimeout(push));
  }).observe(document.querySelector("#main"), { childList: true });
}"""


def main() -> None:
    """Print the median and the 95th percentile of each step, and how many cells an hour this is."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=120)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between answers")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, redirect_stderr(io.StringIO()):
        store = open_store(str(Path(folder, "store.db")), settings=Settings(double_share=0.0, audit_rates={}))
        record = json.loads(next(iter(read_records([EXAMPLE], workers=1))))
        add_document(store, doubt_cells(record, 1.0))
        add_user(store, "bench", PASSWORD, "reviewer")
        with serve_store(store) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER_ARGUMENTS)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(f"{address}/login")
            page.fill("[name=name]", "bench")
            page.fill("[name=password]", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/review")
            page.wait_for_load_state("networkidle")
            page.evaluate(WATCH)
            started = time.perf_counter()
            for _ in range(options.cells):
                page.keyboard.press("Enter")
                time.sleep(options.pause)
            spent = time.perf_counter() - started
            times: list[list[float]] = page.evaluate("window.times")
            browser.close()
        store.engine.dispose()
    sys.stdout.write(f"{len(times)} cells with {options.cells} keys, {3600 * len(times) / spent:.0f} cells an hour\n")
    for place, name in enumerate(("the next cell stands there", "its picture is decoded", "the frame is drawn")):
        ranked = statistics.quantiles([row[place] for row in times], n=20)
        sys.stdout.write(f"  {name}: median {ranked[9]:.0f} ms, 95th percentile {ranked[18]:.0f} ms after the key\n")


if __name__ == "__main__":
    main()
