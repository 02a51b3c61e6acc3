"""`gouji report`: the accuracy report made anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

DOCS = Path(__file__).parent.parent / "docs"
REPORTS = Path(__file__).parent.parent.parent / "shared" / "reports"


def report(
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Where accuracy.md and images/ go.")] = DOCS,
    work: Annotated[Path, typer.Option("--work", file_okay=False, help="Where generated documents are kept.")] = Path(
        "out", "report"
    ),
    reports: Annotated[Path, typer.Option("--reports", help="Real documents with their truth.")] = REPORTS,
    share: Annotated[float, typer.Option(min=0.01, max=10, help="Of the usual numbers of documents.")] = 1.0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")] = os.cpu_count() or 1,
) -> None:
    """Measure everything anew and write docs/accuracy.md with its pictures."""
    from service.accuracy_report import COUNTS, Plan, write_report
    from training.synthesis.converting import ConversionError

    counts = {kind: max(2, round(count * share)) for kind, count in COUNTS.items()}
    plan = Plan(out, work, counts, reports, workers=workers)
    try:
        page = write_report(plan, lambda line: typer.echo(line, err=True))
    except ConversionError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"written: {page}")


COMMANDS = (report,)
