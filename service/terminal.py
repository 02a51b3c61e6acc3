"""Records and measures as tables in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from models.form import Block, Form, load_forms
from training.comparing import Comparison
from training.evaluation import DocumentVerdict

# Colour of a cell by what its confidence is at least.
COLOURS = ((0.999, "green"), (0.99, "yellow"), (0.0, "red"))
LABEL_WIDTH = 24  # so that the labels stay readable in a terminal of 80 columns
MARKS = {"blank": "·", "missing": "✗", "unreadable": "?"}


def print_record(record: Mapping[str, Any], *, form_id: str | None = None, console: Console | None = None) -> None:
    """Print what was read of one document."""
    console = console or Console()
    if "error" in record:
        console.print(Text(f"{record['source']}: {record['error']['code']}: {record['error']['message']}", style="red"))
        return
    console.print(Text(record["title"] or record["source"], style="bold"))
    console.print(Text(f"{record['organization'] or '?'}  {record['year'] or '?'}  {record['media_type']}"))
    sections = "  ".join(f"{section['id']}: {section['title']}" for section in record["sections"])
    console.print(Text(sections or "no sections found", style="dim"))
    cells = {cell["id"]: cell for cell in record["cells"]}
    forms = load_forms()
    for table in record["tables"]:
        if form_id in (None, table["form"]):
            _print_form(forms[table["form"]], cells, table["confidence"], console)
    if not record["tables"]:
        console.print(Text("no statutory form found", style="yellow"))
    for finding in record["findings"]:
        console.print(Text(_describe_finding(finding), style="magenta"))
    for problem in record["problems"]:
        console.print(Text(f"{problem['code']}: {problem['message']}", style="yellow"))
    reviewed = sum(cell["review"] for cell in record["cells"])
    console.print(Text(f"{len(cells)} cells, {reviewed} for review"), Text(_legend(), style="dim"))


def _print_form(form: Form, cells: Mapping[str, Any], confidence: float, console: Console) -> None:
    console.print(Text(f"\n{form.form_id}  {form.title}  (form {confidence:.4f})", style="bold cyan"))
    for block in form.blocks:
        console.print(_make_grid(block, cells))


def _make_grid(block: Block, cells: Mapping[str, Any]) -> Table:
    """A block as a table; a block of one row stands on its side."""
    if len(block.rows) == 1 and len(block.columns) > 7:
        grid = Table(title=block.title or None, show_header=False)
        for column, field in zip(block.columns, block.fields[0], strict=True):
            grid.add_row(escape(" / ".join(column.path)), _make_text(cells[field.field_id]))
        return grid
    grid = Table(title=block.title or None)
    grid.add_column(escape(block.corner), min_width=LABEL_WIDTH, overflow="fold")
    texts = [[_make_text(cells[field.field_id]) for field in fields] for fields in block.fields]
    for index, column in enumerate(block.columns):
        widest = max(row[index].cell_len for row in texts)
        width = max(widest, 4) if len(block.columns) > 4 else None  # headings wrap, numbers never do
        grid.add_column(escape(column.leaf), justify="right", overflow="fold", max_width=width)
    for row, values in zip(block.rows, texts, strict=True):
        grid.add_row(escape(row.leaf), *values)
    return grid


def _make_text(cell: Mapping[str, Any]) -> Text:
    value = cell["raw"] if cell["state"] == "mark" else MARKS.get(cell["state"], str(cell["value"]))
    colour = next(colour for bound, colour in COLOURS if cell["confidence"] >= bound)
    return Text(str(value), style=f"{colour} reverse" if cell["review"] else colour)


def _describe_finding(finding: Mapping[str, Any]) -> str:
    if not finding["cells"]:
        return f"{finding['kind']}: {finding['identity']}: {finding.get('note', '')}"
    relation = "≠" if finding.get("relation", "=") == "=" else ">"
    return f"{finding['kind']}: {finding['identity']}: {finding['left']} {relation} {finding['right']}"


def _legend() -> str:
    colours = "green: confidence 0.999 or more; yellow: 0.99; red: less; reversed: for review"
    return f"({colours}; · blank, ✗ missing, ? unreadable)"


def print_evaluation(
    measures: Mapping[str, Any], documents: Sequence[DocumentVerdict], *, console: Console | None = None
) -> None:
    """Print the measures of an evaluation, and the documents with cells that are wrong or placed elsewhere."""
    console = console or Console()
    kind = f"{measures['synthetic_documents']} synthetic" if measures["synthetic_documents"] else "none synthetic"
    console.print(Text(f"{measures['documents']} documents ({kind}), {measures['errors']} not read", style="bold"))
    total = Table(title="all")
    total.add_column("measure")
    total.add_column("value", justify="right")
    for name, value in measures.items():
        if not isinstance(value, (dict, list)):
            total.add_row(name, _format(value))
    console.print(total)
    for title in ("by_form", "by_kind", "by_source", "by_level", "by_layout"):
        console.print(_make_groups(title.replace("_", " "), measures[title]))
    caught = ", ".join(f"{float(share):.0%}: {value:.1%}" for share, value in measures["errors_caught"].items())
    console.print(Text(f"wrong cells seen by reviewing the least confident cells: {caught or 'none is wrong'}"))
    if measures.get("facts"):
        for title, group in (("facts by item", "by_item"), ("facts by layout", "by_layout")):
            rows = {"all": measures["facts"]["all"]} | measures["facts"][group]
            console.print(_make_groups(title, rows, ("facts", "precision", "recall")))
    wrong = [d for d in documents if any(not c.right or c.placed is False for c in d.cells)]
    for document in wrong[:20]:
        silent = [c.field_id for c in document.cells if not c.right and c.accepted]
        count = sum(not c.right for c in document.cells)
        elsewhere = sum(c.placed is False for c in document.cells)
        named = f" ({', '.join(silent[:3])}{', …' if len(silent) > 3 else ''})" if silent else ""
        boxes = f", {elsewhere} boxes elsewhere" if elsewhere else ""
        console.print(Text(f"{document.name} ({document.layout}): {count} wrong, {len(silent)} silent{named}{boxes}"))


def print_comparison(comparison: Comparison, *, first: str, second: str, console: Console | None = None) -> None:
    """Print how a second model differs from a first on the same documents."""
    console = console or Console()
    table = Table(title=f"{escape(second)} against {escape(first)}, {comparison.documents} documents")
    table.add_column("measure")
    for name in (first, second, "difference", f"{comparison.certainty:.0%} interval", "at most worse by"):
        table.add_column(escape(name), justify="right")
    for row in comparison.differences:
        interval = f"{row.low:+.5f} to {row.high:+.5f}"
        values = (f"{row.first:.5f}", f"{row.second:.5f}", f"{row.difference:+.5f}", interval, f"{row.bound:+.5f}")
        table.add_row(row.measure.replace("_", " "), *values)
    console.print(table)
    console.print(
        Text(
            f"cells that only {second} reads right: {comparison.fixed}, only {first}: {comparison.broken};"
            f" documents better: {comparison.better}, worse: {comparison.worse}"
        )
    )


CELL_MEASURES = ("cells", "accuracy", "non_zero_accuracy", "silent_errors", "review_rate")


def _make_groups(title: str, groups: Mapping[str, Mapping[str, Any]], names: Sequence[str] = CELL_MEASURES) -> Table:
    table = Table(title=title)
    table.add_column("", no_wrap=True, overflow="fold")
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for group, measures in groups.items():
        table.add_row(escape(group), *(_format(measures[name]) for name in names))
    return table


def _format(value: object) -> str:
    return f"{value:.5f}" if isinstance(value, float) else str(value)
