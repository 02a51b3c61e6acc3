"""`make demo`: read the examples, show what came out, and say what to try next."""

from __future__ import annotations

import json
import os
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extraction.readers.source import find_sources
from service.bulk import read_records
from service.demo_store import USER, fill_demo_store
from service.spreadsheet import write_xlsx
from service.terminal import print_record

EXAMPLES = Path(__file__).parent.parent / "examples"
OUT = Path("out")
SHOWN = "proactive@2021"
ADDRESS = "http://127.0.0.1:8080/"


def main() -> None:
    """The demo of a tree: `make demo`."""
    run_demo(OUT, program=".venv/bin/gouji")


def run_demo(out: Path, *, program: str = "gouji") -> None:
    """Read every example into demo.jsonl and demo.xlsx of a folder, and into a store for the pages."""
    console = Console()
    examples = EXAMPLES.relative_to(Path.cwd()) if EXAMPLES.is_relative_to(Path.cwd()) else EXAMPLES
    sources = list(find_sources([str(examples)]))
    lines = list(read_records(sources, workers=min(os.cpu_count() or 1, len(sources))))
    records = [json.loads(line) for line in lines]
    out.mkdir(parents=True, exist_ok=True)
    jsonl, xlsx = out / "demo.jsonl", out / "demo.xlsx"
    jsonl.write_text("".join(line + "\n" for line in lines), "utf-8")
    write_xlsx(jsonl, xlsx)
    _print_summary(records, console)
    shown = next(r for r in records if any(t["form"] == SHOWN for t in r.get("tables", ())))
    print_record(shown, form_id=SHOWN, console=console)
    console.print(Text(f"\nWritten: {jsonl} (a record a line)", style="bold"))
    console.print(Text(f"         {xlsx} (a line a cell, a sheet a form)", style="bold"))
    console.print(Text("Try next:", style="bold"))
    example = shown["source"]
    for command in (
        f"gouji show {example}",
        f"gouji show {examples / 'county-2024-pages.pdf'} --page 2",
        "gouji extract YOUR-FOLDER --out records.jsonl",
        "gouji export records.jsonl records.xlsx",
        "gouji synthesize out/test --count 50",
        "gouji evaluate out/test",
    ):
        console.print(Text(f"  {command.replace('gouji', program, 1)}"))
    store, password = fill_demo_store(out / "demo.db", lines)
    store.engine.dispose()
    console.print(Text("Correct cells in the browser:", style="bold"))
    console.print(Text(f"  {program} serve --store {out / 'demo.db'}"))
    console.print(Text(f"  {ADDRESS}  (user {USER}, password {password})"))


def _print_summary(records: list[dict], console: Console) -> None:  # type: ignore[type-arg]
    table = Table(title="What the examples say", box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    for name in ("document", "agency", "year", "forms", "cells", "review", "findings"):
        left = name in ("document", "agency")
        table.add_column(name, justify="left" if left else "right", overflow="fold", no_wrap=name == "document")
    for record in records:
        name = Path(record["source"]).name
        if "error" in record:
            table.add_row(name, record["error"]["message"], "", "", "", "", "")
            continue
        table.add_row(
            name,
            Text(record["organization"] or "?"),
            str(record["year"] or "?"),
            str(len(record["tables"])),
            str(len(record["cells"])),
            str(sum(cell["review"] for cell in record["cells"])),
            str(len(record["findings"])),
        )
    console.print(table)


if __name__ == "__main__":
    main()
