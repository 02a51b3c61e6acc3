"""The commands `gouji store …`: load records, export cells and corrections, see how far the work is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from review.store.database import Store

app = typer.Typer(name="store", help="Records and corrections in a database.", no_args_is_help=True)
AT_ONCE = 20  # records in one transaction
Url = Annotated[
    str,
    typer.Option("--store", envvar="GOUJI_STORE", help="sqlite:///FILE or postgresql://…", show_default=False),
]
Files = Annotated[
    str | None,
    typer.Option(
        "--files", envvar="GOUJI_FILES", help="Folder or bucket of originals and pictures.", show_default=False
    ),
]


@app.command()
def load(
    records: Annotated[
        Path, typer.Argument(help="Records as `gouji extract` writes them.", exists=True, dir_okay=False)
    ],
    store: Url,
    originals: Annotated[
        Path | None, typer.Option(help="Folder that the sources of the records are in: keep their bytes.")
    ] = None,
    files: Files = None,
) -> None:
    """Add records to a store; those that it has already are not added again."""
    from review.store.adding import add_records

    opened = open_named_store(store, files)
    added = known = kept = 0
    with records.open(encoding="utf-8") as lines:
        entries = _parse(lines, records)
        while batch := list(islice(entries, AT_ONCE)):
            try:
                results = add_records(opened, batch)
            except ValueError as error:
                raise typer.BadParameter(str(error), param_hint="RECORDS") from error
            added += sum(result.new for result in results)
            known += sum(not result.new for result in results)
            kept += sum(_keep_original(opened, originals, record) for record in batch) if originals else 0
    typer.echo(f"{added} records added, {known} known before, {kept} originals kept")


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A .csv, .xlsx, .parquet or .jsonl file.", show_default=False)],
    store: Url,
    wide: Annotated[bool, typer.Option("--wide", help="A line a report, a table a form.")] = False,  # noqa: FBT002
    everything: Annotated[  # noqa: FBT002
        bool, typer.Option("--all", help="Cells that nobody has accepted too, with accepted_by empty.")
    ] = False,
    form: Annotated[str | None, typer.Option("--form", help="Only this form, as requests@2021.")] = None,
) -> None:
    """Write the accepted values of a store, with a data dictionary beside them."""
    from review.exports import write_export

    if wide and everything:
        raise typer.BadParameter("a wide table has accepted values only", param_hint="--all")
    try:
        paths = write_export(open_named_store(store), target, wide=wide, accepted_only=not everything, form=form)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="TARGET") from error
    for path in paths:
        typer.echo(str(path))


@app.command()
def corrections(
    target: Annotated[Path, typer.Argument(help="A .jsonl file.", dir_okay=False, show_default=False)],
    store: Url,
    everything: Annotated[  # noqa: FBT002
        bool, typer.Option("--all", help="Answers that were taken back too.")
    ] = False,
) -> None:
    """Write what people answered, for training to learn from."""
    from review.corrections import write_corrections

    typer.echo(f"{write_corrections(open_named_store(store), target, everything=everything)} corrections")


@app.command()
def audit(
    target: Annotated[Path, typer.Argument(help="A .jsonl file.", dir_okay=False, show_default=False)], store: Url
) -> None:
    """Write the audit questions with their answers, for `gouji audit estimate`."""
    from review.corrections import write_audit

    typer.echo(f"{write_audit(open_named_store(store), target)} audit questions")


@app.command()
def status(store: Url) -> None:
    """Print how much was read, accepted and asked, how people agree, and how often accepted cells are wrong."""
    from review.store.progress import measure_progress

    progress = measure_progress(open_named_store(store))
    total, queue, audit = progress.total, progress.queue, progress.total.audit
    accepted = total.accepted_machine + total.accepted_person + total.accepted_audit
    lines = {
        "documents": f"{total.documents:,} ({total.errors:,} could not be read)",
        "cells": f"{total.cells:,}, accepted {accepted:,}: {total.accepted_machine:,} by the machine,"
        f" {total.accepted_person:,} by people, {total.accepted_audit:,} by audit",
        "queue": f"{queue.open:,} open ({queue.leased:,} with people), {queue.disputed:,} disputed,"
        f" {queue.unsure:,} unsure",
        "answers": f"{total.answers:,}"
        + (f", median {progress.seconds:.1f} s" if progress.seconds is not None else ""),
        "agreement": _show_share(progress.agreement),
        "audited error": _show_share(audit),
    }
    for name, text in lines.items():
        typer.echo(f"{name + ':':<15}{text}")


def open_named_store(url: str, files: str | None = None) -> Store:
    """Open the store that a command was given; what cannot be opened is a wrong use of `--store`."""
    from review.store.database import StoreAway, open_store

    try:
        return open_store(url, files=files)
    except (ValueError, StoreAway) as error:
        raise typer.BadParameter(str(error), param_hint="--store") from error


def _parse(lines: Iterable[str], path: Path) -> Iterator[dict[str, Any]]:
    from review.record_cells import parse_record

    for number, line in enumerate(lines, start=1):
        try:
            yield parse_record(line)
        except ValueError as error:
            raise typer.BadParameter(f"{path}, line {number}: {error}", param_hint="RECORDS") from error


def _keep_original(store: Store, folder: Path, record: dict[str, Any]) -> bool:
    """Keep the bytes of a source where they are still those that were read."""
    import hashlib

    from review.originals import save_original

    for path in _find_places(folder, record["source"]):
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == record.get("sha256"):
            save_original(store.files, content)
            return True
    return False


def _find_places(folder: Path, source: str) -> Iterator[Path]:
    """Files of the folder that the source may be: by its whole path, and by ever shorter ends of it; none outside."""
    parts = [part for part in Path(source).parts if part not in ("/", "..") and "\0" not in part]
    for first in range(len(parts)):
        path = folder.joinpath(*parts[first:])
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            yield path


def _show_share(share: Any) -> str:
    if share.share is None:
        return "nothing seen yet"
    return f"{share.share:.3%} ({share.low:.3%} to {share.high:.3%}; {share.hits:,} of {share.count:,})"
