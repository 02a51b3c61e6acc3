"""Runs of the command written to the tracking store; a store that fails is told, and costs no result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from training.tracking import RunEntry, Tracker, TrackingError, iterate_cards, open_tracker

if TYPE_CHECKING:
    from training.fitting import Order
    from training.learning import Lesson


def find_tracker() -> Tracker | None:
    """The tracking store; `None` where tracking is off or there is none to be opened, which is told."""
    try:
        return open_tracker()
    except TrackingError as error:
        _tell(error)
        return None


def log_entry(entry: RunEntry, *, tracker: Tracker | None = None) -> str | None:
    """Write a run, to the store of the setting without another; its id, or `None` where that fails, which is told."""
    tracker = tracker or find_tracker()
    try:
        return None if tracker is None else tracker.log_run(entry)
    except TrackingError as error:
        _tell(error)
        return None


def _tell(error: TrackingError) -> None:
    typer.echo(f"not tracked: {error}", err=True)


def log_training(order: Order, made: Sequence[str]) -> int | None:
    """Write the run of a training with cards and data; the number of the version, where the set of models is whole."""
    cards = dict(iterate_cards(order.folder))
    entry = RunEntry(
        kind="train",
        name=f"train {' '.join(made)}",
        parameters={"seed": order.seed, "documents": order.count, "models": " ".join(made)},
        measures=measure_cards({name: cards[name] for name in made}),
        tags=_tag_data(cards),
        files=_list_cards(order, cards),
    )
    return _log_models(entry, order.folder, description=f"trained: {', '.join(made)}; seed {order.seed}")


def log_learning(order: Order, lesson: Lesson) -> int | None:
    """Write the run of learning from corrections; the new models become the challenger."""
    cards = dict(iterate_cards(lesson.folder))
    entry = RunEntry(
        kind="corrections",
        name=f"learn {lesson.name}",
        parameters={"seed": order.seed, "corrections": lesson.corrections, "documents": lesson.documents},
        measures={"before": lesson.before, "after": lesson.after, "learned": len(lesson.learned)},
        tags=_tag_data(cards) | {"corrections": lesson.data},
        files=_list_cards(order, cards) | {"lesson.json": json.dumps(lesson.as_data(), ensure_ascii=False, indent=2)},
    )
    return _log_models(entry, lesson.folder, description=f"learned from {lesson.name}")


def measure_cards(cards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The measures of cards, synthetic and real apart."""
    kinds = ("synthetic", "real")
    return {name: {kind: card[kind] for kind in kinds if kind in card} for name, card in cards.items()}


def _tag_data(cards: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    tags = {f"data.{name}": str(card["data"].get("hash", "unknown")) for name, card in cards.items()}
    return tags | {f"code.{name}": str(card["data"].get("code", "unknown")) for name, card in cards.items()}


def _list_cards(order: Order, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, str | Path]:
    files: dict[str, str | Path] = {
        f"cards/{name}.json": json.dumps(card, ensure_ascii=False, indent=2) for name, card in cards.items()
    }
    for name, card in cards.items():
        path = order.work / "datasets" / name / str(card["data"].get("hash")) / "card.json"
        if path.is_file():
            files[f"data/{name}.json"] = path.read_text("utf-8")
    return files


def _log_models(entry: RunEntry, folder: Path, *, description: str) -> int | None:
    from service.model_choice import ModelError

    tracker = find_tracker()
    if tracker is None:
        return None
    try:
        run_id = tracker.log_run(entry)
        number = register_folder(tracker, folder, run_id, description=description)
    except TrackingError as error:
        _tell(error)
        return None
    except ModelError as error:
        typer.echo(f"not registered, as the set of models is not whole: {error}", err=True)
        return None
    typer.echo(f"registered as version {number}, the challenger", err=True)
    return number


def register_folder(tracker: Tracker, folder: Path, run_id: str, *, description: str) -> int:
    """Register the models of a folder after checking them; raises `ModelError`, `TrackingError`."""
    from service.model_choice import check_models

    versions = check_models(folder)
    return tracker.register_models(folder, run_id, description=description, versions=versions)
