"""The `gouji` command. Heavy rooms are imported by the command that needs them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from service import (
    audit_commands,
    models_commands,
    report_commands,
    run_commands,
    serve_commands,
    training_commands,
)
from service.decoding_commands import add_commands as add_decoding_commands
from service.link_commands import add_commands as add_link_commands
from service.progress import track_lines
from service.run_faults import ChildFault
from service.run_limits import TIME_LIMIT
from service.settings_commands import add_commands as add_settings_commands
from service.store_commands import app as store_app
from service.training_commands import Models

app = typer.Typer(
    name="gouji",
    help="Read annual reports on government information disclosure into the cells of their statutory tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_decoding_commands(app)
add_link_commands(store_app)
app.add_typer(store_app)
CORES = os.cpu_count() or 1
Paths = Annotated[list[str], typer.Argument(help="Files, or folders to search for documents.", show_default=False)]
Password = Annotated[
    str | None,
    typer.Option("--password", envvar="GOUJI_PASSWORD", help="Opens encrypted documents.", show_default=False),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")]


@app.command()
def extract(  # noqa: PLR0913, PLR0917
    paths: Paths,
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Write records here, not to standard output.")
    ] = None,
    workers: Workers = CORES,
    resume: Annotated[  # noqa: FBT002
        bool, typer.Option("--resume", help="Go on with --out: skip the documents it has.")
    ] = False,
    time_limit: Annotated[
        float,
        typer.Option("--time-limit", min=1, help="Seconds a document may take, less those it waits for a processor."),
    ] = TIME_LIMIT,
    facts: Annotated[  # noqa: FBT002
        bool, typer.Option("--facts/--no-facts", help="Read the counted facts of the sentences too.")
    ] = True,
    tables_only: Annotated[  # noqa: FBT002
        bool, typer.Option("--tables-only", help="Of scans, read only the pages that have tables.")
    ] = False,
    password: Password = None,
    models: Models = None,
) -> None:
    """Read documents; one record (JSON) a line, in the order of the inputs."""
    from extraction.readers.source import find_sources
    from service.bulk import read_records
    from service.model_choice import ModelError, find_models
    from service.reading import ReadOptions

    if resume and out is None:
        raise typer.BadParameter("--resume needs --out", param_hint="--resume")
    done = _read_done(out) if resume and out is not None else {}
    sources = [path for path in find_sources(paths) if path not in done]
    if not sources and not done:
        typer.echo("no documents found", err=True)
    failed = sum(done.values())
    workers = min(workers, len(sources) or 1)
    try:
        folder = find_models(models)
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--models") from error
    options = ReadOptions(password=password, models=folder, facts=facts, tables_only=tables_only)
    lines = read_records(sources, workers=workers, time_limit=time_limit, options=options)
    with _open_out(out, append=resume) as file:
        for line in track_lines(lines, sources):
            file.write(line + "\n")
            file.flush()
            failed += '"error":{' in line and "error" in json.loads(line)
    raise typer.Exit(1 if failed else 0)


@app.command()
def show(
    file: Annotated[str, typer.Argument(help="One document.", show_default=False)],
    form: Annotated[str | None, typer.Option("--form", help="Only this form, as requests@2021.")] = None,
    page: Annotated[
        str | None, typer.Option("--page", help="Draw this page with its evidence, or all pages, as PNG.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="The picture; without it NAME-page-N.png here.")
    ] = None,
    dpi: Annotated[float, typer.Option("--dpi", min=30, max=600, help="Dots an inch of the picture.")] = 110,
    password: Password = None,
) -> None:
    """Print the forms of one document as tables, coloured by confidence, with the findings; or draw its pages."""
    from service.bulk import read_records
    from service.reading import ReadOptions
    from service.terminal import print_record

    if page is None and out is not None:
        raise typer.BadParameter("--out needs --page", param_hint="--out")
    if page is not None:
        raise typer.Exit(0 if _draw(file, page, out, dpi=dpi, form_id=form, password=password) else 1)
    record = json.loads(next(read_records([file], workers=1, options=ReadOptions(password=password))))
    print_record(record, form_id=form)
    raise typer.Exit(1 if "error" in record else 0)


@app.command()
def export(
    records: Annotated[
        str, typer.Argument(help="Records as `gouji extract` writes them, or the URL of a store.", show_default=False)
    ],
    target: Annotated[
        Path, typer.Argument(help="A .xlsx or .csv file (of a store .parquet and .jsonl too).", show_default=False)
    ],
) -> None:
    """Write records as a spreadsheet: a line a cell, and for .xlsx a sheet a form with a line a report.

    Of a store the accepted values, as `gouji store export` does.
    """
    from service.spreadsheet import WRITERS

    if "://" in records:
        from service.store_commands import export as export_store

        export_store(target, records)
        return
    if not Path(records).is_file():
        raise typer.BadParameter(f"there is no file {records}", param_hint="RECORDS")
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise typer.BadParameter(f"known are {', '.join(WRITERS)}", param_hint="TARGET")
    try:
        writer(Path(records), target)
    except ValueError as error:
        raise typer.BadParameter(f"{records} holds other lines than records: {error}", param_hint="RECORDS") from error


@app.command()
def synthesize(  # noqa: PLR0913, PLR0917
    folder: Annotated[Path, typer.Argument(help="Where to write documents and their truth.")],
    count: Annotated[int, typer.Option(min=1, help="Documents.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    split: Annotated[
        str, typer.Option(help="train, calibrate or test: agencies and mixtures of each are its own.")
    ] = "test",
    difficulty: Annotated[str, typer.Option(help="clean, mixed or hard.")] = "mixed",
    kind: Annotated[str, typer.Option(help="text, docx, pdf (by LibreOffice and Chromium), mixed or scan.")] = "text",
    level: Annotated[str, typer.Option(help="Of scans: light, medium, heavy or mixed.")] = "mixed",
    report: Annotated[
        str | None, typer.Option("--report", envvar="GOUJI_REPORTS", help="Only this kind of report with own forms.")
    ] = None,
) -> None:
    """Write synthetic reports with their truth; PDFs and scans carry the box of every cell."""
    from training.degradation.recipes import LEVELS
    from training.degradation.scans_corpus import write_scans_corpus
    from training.synthesis.chances import SPLIT_SHARES
    from training.synthesis.converting import ConversionError
    from training.synthesis.pages_corpus import KINDS, write_pages_corpus
    from training.synthesis.variations import CHANCES

    choices = (
        (split, SPLIT_SHARES, "--split"),
        (difficulty, CHANCES, "--difficulty"),
        (kind, (*KINDS, "scan"), "--kind"),
        (level, (*LEVELS, "mixed"), "--level"),
    )
    for value, known, name in choices:
        if value not in known:
            raise typer.BadParameter(f"known are {', '.join(known)}", param_hint=name)
    if report is not None:
        _make_only(report)
    try:
        if kind == "scan":
            lost = write_scans_corpus(folder, count=count, seed=seed, split=split, level=level, difficulty=difficulty)
        else:
            lost = write_pages_corpus(folder, count=count, seed=seed, split=split, kinds=kind, difficulty=difficulty)
    except ConversionError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if lost:
        typer.echo(f"left out, for the converter failed on them: {', '.join(lost)}", err=True)


for command in (
    *training_commands.COMMANDS,
    *models_commands.COMMANDS,
    *report_commands.COMMANDS,
    *run_commands.COMMANDS,
):
    app.command()(command)
app.add_typer(models_commands.models_app, name="models")
app.add_typer(audit_commands.audit_app, name="audit")
app.command()(serve_commands.serve)
app.command()(serve_commands.work)
app.command()(serve_commands.views)
app.add_typer(serve_commands.users)
add_settings_commands(app)


def _make_only(report: str) -> None:
    """Tell the generator, in worker processes too, which kind of report with own forms to make."""
    from training.synthesis.report_kinds import ONLY, load_report_kinds

    os.environ[ONLY] = report
    try:
        load_report_kinds()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--report") from error


def _draw(file: str, page: str, out: Path | None, **options: Any) -> bool:
    """Draw pages of a document; whether all of them could be."""
    from service.page_overlay import draw_document

    done = True
    try:
        for text, drawn in draw_document(file, page, out, **options):
            typer.echo(text, err=not drawn)
            done = done and drawn
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return done


def _open_out(out: Path | None, *, append: bool) -> Any:
    if out is None:
        return os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.open("a" if append else "w", encoding="utf-8")


def _read_done(out: Path) -> dict[str, bool]:
    """The sources of complete lines, and whether each is an error; a line cut off by a kill is taken away."""
    if not out.exists():
        return {}
    *lines, _ = out.read_bytes().split(b"\n")
    try:
        done = {record["source"]: "error" in record for record in map(json.loads, lines)}
    except (ValueError, TypeError, KeyError) as error:
        raise typer.BadParameter(f"{out} holds other lines than records", param_hint="--out") from error
    os.truncate(out, sum(len(line) + 1 for line in lines))
    return done


def main() -> None:
    """Entry point of the `gouji` script."""
    # Matrices are small and workers many: threads of the linear algebra library only wait for one another.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    try:
        app()
    except ModuleNotFoundError as error:
        from service.doctor_packages import explain_missing

        if (told := explain_missing(error)) is None:
            raise
        typer.echo(told, err=True)
        sys.exit(1)
    except ChildFault as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:  # a place that cannot be written, a full disk
        typer.echo(f"{error.filename}: {error.strerror}" if error.filename else str(error), err=True)
        sys.exit(1)
