"""`gouji train` and `gouji evaluate`: fitting models and measuring them, each a run in the tracking store."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.progress import track_lines

if TYPE_CHECKING:
    from service.evaluating import Measured
    from training.comparing import Comparison

CORES = os.cpu_count() or 1
Models = Annotated[
    str | None,
    typer.Option("--models", help="Read with these: a folder, or registered ones (champion, challenger, 3)."),
]
Tracked = Annotated[bool, typer.Option("--track/--no-track", help="Write a run to the tracking store.")]


def evaluate(  # noqa: PLR0913, PLR0917
    folder: Annotated[
        Path, typer.Argument(help="Documents with NAME.truth.json beside them.", exists=True, file_okay=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,  # noqa: FBT002
    workers: Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")] = CORES,
    plots: Annotated[Path | None, typer.Option("--plots", file_okay=False, help="Write pictures (PNG) here.")] = None,
    models: Models = None,
    against: Annotated[
        str | None, typer.Option("--against", help="Compare with these models on the same documents.")
    ] = None,
    track: Tracked = True,  # noqa: FBT002
) -> None:
    """Read documents and compare them with their truth: accuracy, silent errors, review, calibration, by group."""
    from service.evaluating import find_pairs, measure_documents
    from service.model_choice import ModelError, find_models
    from service.terminal import print_comparison, print_evaluation
    from training.comparing import compare_models

    try:
        pairs = find_pairs(folder)
        chosen = [find_models(models), *([find_models(against)] if against else [])]
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--models") from error
    except ValueError as error:
        raise typer.BadParameter("no document with a truth file beside it", param_hint="FOLDER") from error
    measured = [measure_documents(pairs, workers=workers, models=path, track=track_lines) for path in chosen]
    first, compared = measured[0], None
    if against:
        compared = compare_models(measured[1].evaluation.documents, first.evaluation.documents)
    if as_json:
        more = {"comparison": compared.as_data()} if compared else {}
        typer.echo(json.dumps(first.measures | more, ensure_ascii=False, indent=2))
    else:
        print_evaluation(first.measures, first.evaluation.documents)
        if compared:
            print_comparison(compared, first=str(against), second=models or "these models")
    if plots is not None or track:
        _keep_evaluation(folder, first, compared, plots=plots, track=track)


def _keep_evaluation(
    folder: Path, measured: Measured, compared: Comparison | None, *, plots: Path | None, track: bool
) -> None:
    """Draw the pictures, and write the run with them."""
    from service.tracked_runs import find_tracker, log_entry
    from training.comparing import MARGINS
    from training.gold import hash_documents
    from training.plots import draw_comparison, plot_evaluation, save_figure
    from training.tracking import RunEntry

    tracker = find_tracker() if track else None
    if plots is None and tracker is None:
        return
    with tempfile.TemporaryDirectory() as drawing:
        target = plots or Path(drawing)
        paths = plot_evaluation(measured.evaluation, target)
        if compared is not None:
            paths.append(save_figure(draw_comparison(compared, MARGINS), target / "comparison.png"))
        if tracker is not None:
            measures: dict[str, Any] = dict(measured.measures)
            if compared is not None:
                measures["comparison"] = compared.as_data()["measures"]
            entry = RunEntry(
                kind="evaluate",
                name=f"evaluate {folder.name}",
                parameters={"folder": folder.name, "documents": measures["documents"]},
                measures=measures,
                tags={"data": hash_documents(folder), **{f"model.{k}": v for k, v in measured.versions.items()}},
                files={f"plots/{path.name}": path for path in paths}
                | {"measures.json": json.dumps(measures, ensure_ascii=False, indent=2)},
            )
            log_entry(entry, tracker=tracker)


def train(  # noqa: PLR0913, PLR0917
    part: Annotated[str, typer.Argument(help="lines, labels, facts, forms (with cells), scans, or all.")] = "all",
    seed: Annotated[int, typer.Option(help="Seed of data and models.")] = 1,
    count: Annotated[
        int, typer.Option(min=20, help="Documents to learn from: twice as many texts, a share of Word files and PDFs.")
    ] = 5000,
    reports: Annotated[
        Path | None, typer.Option(help="Folder of real documents with their truth, measured for the cards.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Where the models go; without it those that ship.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option("--work", file_okay=False, help="Where the data and what is done so far are kept.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Fit anew what is fitted already.")] = False,  # noqa: FBT002
    corrections: Annotated[
        Path | None, typer.Option("--with-corrections", dir_okay=False, help="Learn from these corrections (JSONL).")
    ] = None,
    documents: Annotated[
        Path | None, typer.Option("--documents", file_okay=False, help="Where the corrected documents are.")
    ] = None,
    track: Tracked = True,  # noqa: FBT002
) -> None:
    """Fit the models on synthetic documents, or learn from corrections; what is fitted already is kept.

    The same seed gives the same models. A run that was stopped goes on where it was.
    """
    from training.fitting import PARTS, WORK_FOLDER, Order, fit_parts
    from training.synthesis.converting import ConversionError

    if part not in (*PARTS, "all"):
        raise typer.BadParameter(f"known are {', '.join(PARTS)} and all", param_hint="PART")
    options: dict[str, Any] = {} if out is None else {"folder": out}
    order = Order(
        seed=seed,
        count=count,
        echo=functools.partial(typer.echo, err=True),
        work=work or WORK_FOLDER,
        reports=reports,
        **options,
    )
    if corrections is not None:
        _learn(corrections, documents, order, track=track)
        return
    try:
        made = fit_parts(list(PARTS) if part == "all" else [part], order, fresh=fresh)
    except ConversionError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if track and made:
        from service.tracked_runs import log_training

        log_training(order, made)


def _learn(corrections: Path, documents: Path | None, order: Any, *, track: bool) -> None:
    """Learn from corrections and say what it gained."""
    from service.tracked_runs import log_learning
    from training.corrections import CorrectionError
    from training.learning import learn_corrections
    from training.learning_text import describe_gain

    try:
        lesson = learn_corrections(corrections, order, documents=documents)
    except CorrectionError as error:
        raise typer.BadParameter(str(error), param_hint="--with-corrections") from error
    typer.echo(describe_gain(lesson))
    if track:
        log_learning(order, lesson)


COMMANDS = (evaluate, train)
