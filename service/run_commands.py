"""`gouji run`, `gouji status` and `gouji retry`: bulk runs into a store."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.run_limits import MEMORY_LIMIT, TIME_LIMIT
from service.store_commands import Files, Url, open_named_store

if TYPE_CHECKING:
    from review.store.database import Store
    from review.store.runs import Run
    from service.running import RunEnd, RunPlan

CORES = os.cpu_count() or 1
Workers = Annotated[int, typer.Option("--workers", min=1, help="Worker processes of a local cluster.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster", envvar="GOUJI_CLUSTER", help="A running Dask scheduler: tcp://HOST:8786.", show_default=False
    ),
]
InProcess = Annotated[
    bool, typer.Option("--in-process", help="Workers as threads of this process (documents in children all the same).")
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        min=1,
        help="Seconds a document may take, less those it waits for a processor; short texts a tenth, but 2 at least.",
    ),
]
MemoryLimit = Annotated[float, typer.Option("--memory-limit", min=0.5, help="GB of address space a document may take.")]
Models = Annotated[
    str | None, typer.Option("--models", help="Folder or registered version of models; without it those that ship.")
]
Password = Annotated[
    str | None,
    typer.Option("--password", envvar="GOUJI_PASSWORD", help="Opens encrypted documents.", show_default=False),
]


def run(  # noqa: PLR0913, PLR0917
    sources: Annotated[
        list[str],
        typer.Argument(help="Files, folders, patterns, archives, URLs, or @FILE with a list of them."),
    ],
    store: Url,
    files: Files = None,
    workers: Workers = CORES,
    cluster: Cluster = None,
    in_process: InProcess = False,  # noqa: FBT002
    time_limit: TimeLimit = TIME_LIMIT,
    memory_limit: MemoryLimit = MEMORY_LIMIT / 2**30,
    facts: Annotated[bool, typer.Option("--facts/--no-facts", help="Read the facts of sentences too.")] = True,  # noqa: FBT002
    tables_only: Annotated[bool, typer.Option("--tables-only", help="Of scans, only pages with tables.")] = False,  # noqa: FBT002
    originals: Annotated[  # noqa: FBT002
        bool, typer.Option("--originals", help="Keep the bytes of documents beside the store.")
    ] = False,
    link: Annotated[bool, typer.Option("--link/--no-link", help="Afterwards link agencies, copies and years.")] = True,  # noqa: FBT002
    password: Password = None,
    models: Models = None,
) -> None:
    """Read all documents of the sources into a store; started again, it goes on where it was stopped."""
    from service.reading import ReadOptions
    from service.running import run_sources

    _stop_on_signals()
    opened = open_named_store(store, files)
    reading = ReadOptions(password=password, models=_find_models(models), facts=facts, tables_only=tables_only)
    plan = _make_plan(
        store, reading, _Limits(time_limit, memory_limit), _Engine(workers, cluster, in_process), originals=originals
    )
    _finish(opened, run_sources(opened, sources, plan), link=link)


def retry(  # noqa: PLR0913, PLR0917
    store: Url,
    run_id: Annotated[
        int | None, typer.Option("--run", help="The run; without it the newest.", show_default=False)
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", help="Of failed documents only these; `all` for every one.", show_default=False),
    ] = None,
    files: Files = None,
    workers: Workers = CORES,
    cluster: Cluster = None,
    in_process: InProcess = False,  # noqa: FBT002
    time_limit: TimeLimit = TIME_LIMIT,
    memory_limit: MemoryLimit = MEMORY_LIMIT / 2**30,
    password: Password = None,
    models: Models = None,
) -> None:
    """Read again what failed for a reason that may pass, and what still waits."""
    from service.reading import ReadOptions
    from service.running import PASSING, resume_run

    _stop_on_signals()
    opened = open_named_store(store, files)
    chosen = _find_run(opened, run_id)
    options = chosen.options
    reading = ReadOptions(password, _find_models(models), options.get("facts", True), options.get("tables_only", False))
    plan = _make_plan(
        store,
        reading,
        _Limits(time_limit, memory_limit),
        _Engine(workers, cluster, in_process),
        originals=bool(options.get("originals")),
    )
    codes = PASSING if code is None else None if "all" in code else code
    try:
        end = resume_run(opened, chosen, plan, codes=codes)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--run") from error
    _finish(opened, end, link=True)


def status(
    store: Url,
    run_id: Annotated[
        int | None, typer.Option("--run", help="The run; without it the newest.", show_default=False)
    ] = None,
    failed: Annotated[int, typer.Option("--failed", min=0, help="How many failed documents to list.")] = 10,
) -> None:
    """Print how far a run is, and what failed."""
    from review.store.runs import count_inputs, list_failed

    opened = open_named_store(store)
    chosen = _find_run(opened, run_id)
    counts = count_inputs(opened, chosen)
    by_status = {name: sum(n for (s, _), n in counts.items() if s == name) for name in ("done", "failed", "waiting")}
    typer.echo(f"run {chosen.run_id}: {_describe_status(opened, chosen)}, started {chosen.started_at:%Y-%m-%d %H:%M}")
    typer.echo(f"sources:   {' '.join(chosen.sources)}")
    typer.echo("documents: " + ", ".join(f"{count:,} {name}" for name, count in by_status.items()))
    _show_figures(chosen.figures or {})
    for place, code, message in list_failed(opened, chosen, limit=failed):
        typer.echo(f"  {code}: {place}: {message}")


class _Limits:
    def __init__(self, seconds: float, gigabytes: float) -> None:
        self.seconds, self.bytes = seconds, int(gigabytes * 2**30)


class _Engine:
    def __init__(self, workers: int, cluster: str | None, in_process: bool) -> None:  # noqa: FBT001
        self.workers, self.cluster, self.in_process = workers, cluster, in_process


def _make_plan(store: str, reading: Any, limits: _Limits, engine: _Engine, *, originals: bool) -> RunPlan:
    from service.run_child import ChildOptions
    from service.run_engine import EngineOptions
    from service.running import RunPlan

    if engine.cluster is not None and engine.in_process:
        raise typer.BadParameter("a cluster is not in this process", param_hint="--in-process")
    return RunPlan(
        _make_absolute(store),
        ChildOptions(reading, limits.seconds, limits.bytes),
        EngineOptions(engine.workers, engine.cluster, engine.in_process),
        originals,
    )


def _make_absolute(url: str) -> str:
    """The URL of a store as a worker in another folder opens it."""
    path = url.removeprefix("sqlite:///")
    return url if "://" in path else f"sqlite:///{Path(path).absolute()}"


def _finish(store: Store, end: RunEnd, *, link: bool) -> None:
    """The summary of a run, its tracking, and what is found over all reports."""
    from review.store.runs import change_run
    from service.tracked_runs import log_entry
    from training.tracking import RunEntry

    typer.echo(f"run {end.run.run_id}: {end.status}" + (f" ({end.reason})" if end.reason else ""))
    _show_figures(end.figures)
    entry = RunEntry("bulk", f"run {end.run.run_id}", dict(end.run.options), end.figures, {"reader": end.run.reader})
    tracked = log_entry(entry)
    if tracked is not None:
        change_run(store, end.run, tracked=tracked)
    if link and end.status == "done":
        from service.link_commands import link_and_tell

        link_and_tell(store)
    if end.status != "done":
        raise typer.Exit(130 if end.reason.startswith("interrupted") else 3)
    raise typer.Exit(1 if end.figures["failed"] or end.figures["failed_before"] else 0)


def _show_figures(figures: Mapping[str, Any]) -> None:
    if not figures:
        return
    from service.run_tally import show_seconds

    review = figures.get("review_rate")
    lines = {
        "ended": f"{figures['done']:,} read ({figures['known']:,} of them known before), {figures['failed']:,} failed,"
        f" {figures['before']:,} done by earlier runs ({figures['failed_before']:,} of them failed),"
        f" {figures['left']:,} left, {figures['retried']:,} attempts again",
        "kinds": ", ".join(f"{count:,} {kind}" for kind, count in figures["kinds"].items()) or "none",
        "errors": ", ".join(f"{count:,} {code}" for code, count in figures["codes"].items()) or "none",
        "cells": f"{figures['cells']:,}" + (f", {review:.2%} for review" if review is not None else ""),
        "time": f"{show_seconds(figures['seconds'])}, {figures['rate']:.2f} documents a second",
    }
    for name, text in lines.items():
        typer.echo(f"{name + ':':<10} {text}")


def _describe_status(store: Store, run: Run) -> str:
    """The status of a run; one that gives no sign of life was killed."""
    if run.status in ("listing", "reading") and (store.clock() - run.seen_at).total_seconds() > 60:
        return (
            f"{run.status}, without a sign of life since {run.seen_at:%Y-%m-%d %H:%M:%S} UTC: start it again to go on"
        )
    return run.status


def _find_run(store: Store, run_id: int | None) -> Run:
    from review.store.runs import find_run

    found = find_run(store, run_id)
    if found is None:
        raise typer.BadParameter("the store has no such run", param_hint="--run")
    return found


def _find_models(models: str | None) -> Path | None:
    from service.model_choice import ModelError, find_models

    try:
        folder = find_models(models)
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--models") from error
    return None if folder is None else folder.absolute()


def _stop_on_signals() -> None:
    """SLURM and Kubernetes end a run by SIGTERM: it stops as with Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


COMMANDS = (run, retry, status)
