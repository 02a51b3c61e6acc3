"""Which models to read with: those that ship, a folder, or a version of the registry by number or alias."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

CACHE = Path("out") / "models"
SETTING = "GOUJI_MODELS"
Choice = str | None


class ModelError(ValueError):
    """There are no such models, or they do not fit the code, or their arrays are not those of their cards."""


def find_models(choice: Choice) -> Path | None:
    """The folder of the models chosen, checked; `None` for those that ship.

    `choice` is a folder, or a registered version: `champion`, `challenger`, `3`. Without one the setting
    `GOUJI_MODELS` counts. Raises `ModelError`.
    """
    name = choice or os.environ.get(SETTING)
    if not name:
        return None
    folder = Path(name) if Path(name).is_dir() else _fetch(name)
    check_models(folder)
    return folder


def check_models(folder: Path) -> dict[str, str]:
    """The version of each model of a folder; raises `ModelError` where one is missing, damaged or of other code."""
    from extraction.pipeline import MODELS, make_reader
    from models.trained import hash_arrays, load_trained

    try:
        models = {name: load_trained(name, folder=folder) for name in MODELS}
        changed = [name for name, model in models.items() if hash_arrays(model.arrays) != model.version]
        versions = make_reader(models).versions
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder} holds no models that this code can read with: {error}") from error
    if changed:
        raise ModelError(f"the arrays of {', '.join(changed)} in {folder} are not those of their cards")
    return versions


def _fetch(name: str) -> Path:
    from training.tracking import TrackingError, open_tracker

    try:
        tracker = open_tracker()
        if tracker is None:
            raise ModelError(f"{name} is no folder, and there is no registry: GOUJI_TRACKING is off")
        return tracker.fetch_models(name, CACHE)
    except TrackingError as error:
        raise ModelError(f"{name} is no folder, and no registered models: {error}") from error
