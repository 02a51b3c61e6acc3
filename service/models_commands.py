"""`gouji models` and `gouji mlflow`: the registry of model sets, with champion and challenger."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from service.progress import track_lines

if TYPE_CHECKING:
    from service.evaluating import Measured
    from training.comparing import Comparison
    from training.gold import Gold
    from training.tracking import Tracker

models_app = typer.Typer(help="Registered models: list, compare, promote, roll back.", no_args_is_help=True)
GOLD_SETTING = "GOUJI_GOLD"
CORES = os.cpu_count() or 1
GoldFolder = Annotated[
    Path, typer.Option("--gold", envvar=GOLD_SETTING, help="The frozen gold set.", exists=True, file_okay=False)
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")]
Certainty = Annotated[float, typer.Option(min=0.5, max=0.9999, help="Of the bounds, as 0.95.")]


@models_app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> None:
    """The registered versions, the newest first."""
    versions = _open().list_versions()
    if as_json:
        rows = [
            {
                "version": v.number, "aliases": list(v.aliases), "created": v.created, "description": v.description,
                "models": dict(v.versions), "tags": dict(v.tags), "run": v.run_id,
            }
            for v in versions
        ]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not versions:
        typer.echo("no models are registered yet: `gouji models register`, or `gouji train all`")
    for version in versions:
        day = time.strftime("%Y-%m-%d %H:%M", time.gmtime(version.created))
        models = " ".join(f"{name}={text}" for name, text in version.versions.items())
        typer.echo(f"{version.number:>4}  {','.join(version.aliases) or '-':20}  {day}  {version.description}")
        typer.echo(f"      {models}")


@models_app.command("register")
def register(
    folder: Annotated[
        Path | None, typer.Argument(help="Models; without it those that ship.", exists=True, file_okay=False)
    ] = None,
    description: Annotated[str, typer.Option(help="What they are.")] = "",
) -> None:
    """Register the models of a folder: the next version, and the challenger."""
    from models.trained import TRAINED_FOLDER
    from service.model_choice import ModelError
    from service.tracked_runs import measure_cards, register_folder
    from training.tracking import RunEntry, TrackingError, iterate_cards

    chosen, tracker = folder or TRAINED_FOLDER, _open()
    cards = dict(iterate_cards(chosen))
    text = description or ("models that ship" if folder is None else folder.name)
    try:
        run_id = tracker.log_run(RunEntry("register", f"register {text}", {"models": text}, measure_cards(cards)))
        number = register_folder(tracker, chosen, run_id, description=text)
    except (ModelError, TrackingError) as error:
        _fail(str(error))
    typer.echo(f"version {number}")


@models_app.command("freeze")
def freeze(
    folder: Annotated[Path, typer.Argument(help="Documents with their truth.", exists=True, file_okay=False)],
) -> None:
    """Freeze a gold set: from now on a change of its documents or truths is found out."""
    from training.gold import GoldError, freeze_gold

    try:
        gold = freeze_gold(folder)
    except GoldError as error:
        _fail(str(error))
    typer.echo(f"{gold.documents} documents frozen as {gold.version}")


@models_app.command("compare")
def compare(
    first: Annotated[str, typer.Argument(help="A version, an alias or a folder.")],
    second: Annotated[str, typer.Argument(help="The same.")],
    gold: GoldFolder,
    certainty: Certainty = 0.95,
    workers: Workers = CORES,
) -> None:
    """Compare two models on the frozen gold set: differences with intervals by paired bootstrap of documents."""
    from service.terminal import print_comparison

    comparison, _, _ = _compare(first, second, gold, certainty=certainty, workers=workers)
    print_comparison(comparison, first=first, second=second)


@models_app.command("promote")
def promote(  # noqa: PLR0913, PLR0917
    gold: GoldFolder,
    challenger: Annotated[str, typer.Argument(help="A version or an alias.")] = "challenger",
    certainty: Certainty = 0.95,
    margin: Annotated[
        float, typer.Option(min=0, help="How much worse the error rate of all cells may be, as a share.")
    ] = 0.0005,
    silent_margin: Annotated[float, typer.Option(min=0, help="The same of silent errors.")] = 0.0002,
    review_margin: Annotated[float, typer.Option(min=0, help="The same of the review rate.")] = 0.01,
    fewest: Annotated[int, typer.Option(min=2, help="Documents that the gold set must have.")] = 100,
    workers: Workers = CORES,
) -> None:
    """Make the challenger the champion, where it is no worse on the frozen gold set with the certainty asked for."""
    from service.terminal import print_comparison
    from training.comparing import find_chance_of_worse, judge_challenger
    from training.tracking import CHAMPION, TrackingError

    tracker = _open()
    try:
        version = tracker.find_version(challenger)
        if CHAMPION in version.aliases:
            typer.echo(f"version {version.number} is the champion already")
            return
        comparison, _, frozen = _compare(
            CHAMPION, str(version.number), gold, certainty=certainty, workers=workers, kind="promote"
        )
        print_comparison(comparison, first=CHAMPION, second=f"version {version.number}")
        margins = {"error_rate": margin, "silent_error_rate": silent_margin, "review_rate": review_margin}
        verdict = judge_challenger(comparison, margins=margins, fewest=fewest)
        if not verdict.promoted:
            _fail(f"version {version.number} is not promoted: {'; '.join(verdict.reasons)}")
        tracker.promote(version.number)
        tracker.tag_version(version.number, {"promoted.gold": frozen.version, "promoted.certainty": f"{certainty:g}"})
    except TrackingError as error:
        _fail(str(error))
    unseen = find_chance_of_worse(comparison.documents, certainty=certainty)
    typer.echo(
        f"version {version.number} is the champion. What no document of the gold set shows may still be worse on up to"
        f" {unseen:.1%} of documents like them."
    )


@models_app.command("rollback")
def roll_back() -> None:
    """Make the champion before this one champion again."""
    from training.tracking import TrackingError

    try:
        last, now = _open().roll_back()
    except TrackingError as error:
        _fail(str(error))
    typer.echo(f"version {now} is the champion again, instead of version {last}")


def mlflow(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 5000,
) -> None:
    """Open MLflow's pages on the tracking store, for this machine only (127.0.0.1)."""
    from training.tracking import find_uri, serve_pages

    uri = find_uri()
    if uri is None:
        _fail("tracking is off: GOUJI_TRACKING says so")
    if uri.startswith(("http://", "https://")):
        typer.echo(f"the store is a server of its own: {uri}")
        return
    typer.echo(f"MLflow on http://127.0.0.1:{port} (ready in about ten seconds; Ctrl-C stops it)", err=True)
    raise typer.Exit(serve_pages(uri, port=port))


def _compare(
    first: str, second: str, folder: Path, *, certainty: float, workers: int, kind: str = "compare"
) -> tuple[Comparison, list[Measured], Gold]:
    """Both models on the gold set, the comparison written as a run."""
    from service.evaluating import find_pairs, measure_documents
    from service.model_choice import ModelError, find_models
    from service.tracked_runs import log_entry
    from training.comparing import compare_models
    from training.gold import GoldError, read_gold
    from training.tracking import RunEntry

    try:
        gold = read_gold(folder)
        chosen = [find_models(name) for name in (first, second)]
    except (GoldError, ModelError) as error:
        _fail(str(error))
    pairs = find_pairs(folder)
    measured = [measure_documents(pairs, workers=workers, models=path, track=track_lines) for path in chosen]
    comparison = compare_models(*(m.evaluation.documents for m in measured), certainty=certainty)
    data: dict[str, Any] = comparison.as_data()
    log_entry(
        RunEntry(
            kind=kind,
            name=f"{kind} {first} and {second}",
            parameters={"first": first, "second": second, "certainty": certainty, "documents": gold.documents},
            measures=data["measures"] | {name: data[name] for name in ("fixed", "broken", "better", "worse")},
            tags={"gold": gold.version},
            files={"comparison.json": json.dumps(data, ensure_ascii=False, indent=2)},
        )
    )
    return comparison, measured, gold


def _open() -> Tracker:
    from training.tracking import TrackingError, open_tracker

    try:
        tracker = open_tracker()
    except TrackingError as error:
        _fail(str(error))
    if tracker is None:
        _fail("tracking is off: GOUJI_TRACKING says so")
    return tracker


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


COMMANDS = (mlflow,)
