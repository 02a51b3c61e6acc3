"""MLflow: runs of training, evaluation and audits, and the registry of model sets with champion and challenger.

The only file that imports mlflow, which takes seconds. The store is a SQLite file unless another URI is set; of a model
set the registry holds the folder as `gouji train` writes it, so that a version is read like the models that ship.
"""

from __future__ import annotations

import json
import logging
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SETTING = "GOUJI_TRACKING"
OFF = "off"
DEFAULT_URI = "sqlite:///out/mlflow/store.db"
EXPERIMENT = "gouji"
MODEL = "gouji"
CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY = "champions"  # tag of the registered model: its champions in order, the last one is it now
MODELS_PATH = "models"  # of a run's files
MAX_METRICS, MAX_PARAMS, MAX_TEXT = 1000, 100, 500  # of one call; characters of a parameter
# MLflow tells its makers of its use unless it is told not to, and writes progress and notices over those of others.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # or its server starts seven processes of 250 MB that wait for jobs
}
_UNFIT = re.compile(r"[^\w./ -]")


class TrackingError(RuntimeError):
    """The store cannot be used, or has no such version."""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """What a run has to say; `files` are texts by their path in the run, or files on disk to be copied there.

    `measures` may be nested: their numbers become metrics named by their path.
    """

    kind: str
    name: str
    parameters: Mapping[str, Any]
    measures: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str | Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A registered model set; `versions` are those of its models, as records name them."""

    number: int
    run_id: str
    aliases: tuple[str, ...]
    created: float
    description: str
    versions: Mapping[str, str]
    tags: Mapping[str, str]


def find_uri() -> str | None:
    """The URI of the store by the setting `GOUJI_TRACKING`; `None` where it is `off`."""
    uri = os.environ.get(SETTING) or DEFAULT_URI
    return None if uri.lower() == OFF else uri


def flatten_measures(measures: Mapping[str, Any], *, prefix: str = "") -> dict[str, float]:
    """The numbers of nested measures by their path; texts, lists and unknown values are left out.

    >>> flatten_measures({"accuracy": 0.5, "by_form": {"requests@2021": {"cells": 2, "auroc": None}}})
    {'accuracy': 0.5, 'by_form/requests-2021/cells': 2.0}
    """
    flat: dict[str, float] = {}
    for name, value in measures.items():
        path = prefix + _UNFIT.sub("-", str(name) or "none")
        if isinstance(value, Mapping):
            flat |= flatten_measures(value, prefix=f"{path}/")
        elif isinstance(value, (int, float)) and not math.isnan(value):
            flat[path] = float(value)
    return flat


class Tracker:
    """A store, opened: it is made where there is none. Raises `TrackingError` where it cannot be."""

    def __init__(self, uri: str) -> None:
        os.environ.update(QUIET)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries that mlflow imports
            try:
                import mlflow
            except ModuleNotFoundError as error:
                raise TrackingError("MLflow is not installed: pip install 'gouji[training]' brings it") from error
            from mlflow.exceptions import MlflowException
            from sqlalchemy.exc import SQLAlchemyError  # mlflow lets those of its store through
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)

        self._failures = (MlflowException, SQLAlchemyError, OSError)
        self.uri = _place_store(uri)
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        with self._telling("open the store"):
            self._client = mlflow.MlflowClient(self.uri, self.uri)
            self._experiment = self._find_experiment()

    def log_run(self, entry: RunEntry) -> str:
        """Write a run that is over; its id."""
        from mlflow.entities import Metric, Param

        with self._telling("write the run"):
            tags = {"kind": entry.kind, **entry.tags}
            run_id: str = self._client.create_run(self._experiment, run_name=entry.name, tags=tags).info.run_id
            now = int(time.time() * 1000)
            metrics = [Metric(name, value, now, 0) for name, value in flatten_measures(entry.measures).items()]
            params = [Param(name, str(value)[:MAX_TEXT]) for name, value in entry.parameters.items()]
            for start in range(0, len(metrics), MAX_METRICS):
                self._client.log_batch(run_id, metrics=metrics[start : start + MAX_METRICS])
            for start in range(0, len(params), MAX_PARAMS):
                self._client.log_batch(run_id, params=params[start : start + MAX_PARAMS])
            for path, content in entry.files.items():
                self._log_file(run_id, path, content)
            self._client.set_terminated(run_id)
            return run_id

    def _log_file(self, run_id: str, path: str, content: str | Path) -> None:
        if isinstance(content, str):
            self._client.log_text(run_id, content, path)
        elif content.is_dir():
            self._client.log_artifacts(run_id, str(content), path)
        else:
            self._client.log_artifact(run_id, str(content), path.rpartition("/")[0] or None)

    def register_models(self, folder: Path, run_id: str, *, description: str, versions: Mapping[str, str]) -> int:
        """Keep the models of a folder with a run, as the next version; it becomes the challenger.

        The first version of all becomes the champion too, as there is none to be worse than.
        """
        with self._telling("register the models"):
            self._client.log_artifacts(run_id, str(folder), MODELS_PATH)
            if not self._client.search_registered_models(f"name='{MODEL}'"):
                self._client.create_registered_model(MODEL, description="A model set that reads annual reports.")
            tags = {f"version.{name}": version for name, version in versions.items()}
            made = self._client.create_model_version(
                MODEL, source=f"runs:/{run_id}/{MODELS_PATH}", run_id=run_id, description=description, tags=tags
            )
            number = int(made.version)
            self._client.set_registered_model_alias(MODEL, CHALLENGER, str(number))
            if not self._read_history():
                self._write_history([number])
            return number

    def list_versions(self) -> list[ModelVersion]:
        """Every registered version, the newest first."""
        with self._telling("list the versions"):
            found = self._client.search_model_versions(f"name='{MODEL}'")
            return sorted((self._read_version(version.version) for version in found), key=lambda v: -v.number)

    def find_version(self, name: str) -> ModelVersion:
        """A version by its number or alias: `3`, `v3`, `champion`, `gouji@champion`, `gouji/3`."""
        plain = name.removeprefix(f"{MODEL}@").removeprefix(f"{MODEL}/")
        number = plain.removeprefix("v")
        with self._telling(f"find the models {name!r}"):
            if not number.isdecimal():
                number = str(self._client.get_model_version_by_alias(MODEL, plain).version)
            return self._read_version(number)

    def fetch_models(self, name: str, cache: Path) -> Path:
        """The folder of a registered version, fetched into `cache` where it is not there yet."""
        import mlflow.artifacts

        version = self.find_version(name)
        folder = cache / version.run_id
        if folder.is_dir():
            return folder
        cache.mkdir(parents=True, exist_ok=True)
        with self._telling(f"fetch the models {name!r}"), tempfile.TemporaryDirectory(dir=cache) as loading:
            got = mlflow.artifacts.download_artifacts(
                run_id=version.run_id, artifact_path=MODELS_PATH, dst_path=loading, tracking_uri=self.uri
            )
            shutil.move(got, folder)
        return folder

    def promote(self, number: int) -> None:
        """Make a version the champion; the one before is kept in the history."""
        with self._telling("promote"):
            self._read_version(str(number))
            history = self._read_history()
            if history[-1:] != [number]:
                self._write_history([*history, number])

    def roll_back(self) -> tuple[int, int]:
        """Make the champion before this one champion again: (the one that was, the one that is)."""
        with self._telling("roll back"):
            *history, last = self._read_history() or [0]
            if not history:
                raise TrackingError("there was no champion before this one")
            self._write_history(history)
            return last, history[-1]

    def tag_version(self, number: int, tags: Mapping[str, str]) -> None:
        """Say more of a version."""
        with self._telling("tag the version"):
            for key, value in tags.items():
                self._client.set_model_version_tag(MODEL, str(number), key, value)

    def _find_experiment(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(EXPERIMENT, artifact_location=_place_files(self.uri)))

    def _read_version(self, number: str) -> ModelVersion:
        version = self._client.get_model_version(MODEL, number)
        aliases = self._client.get_registered_model(MODEL).aliases
        own = tuple(sorted(alias for alias, at in aliases.items() if int(at) == int(number)))
        tags = dict(version.tags)
        versions = {k.removeprefix("version."): v for k, v in sorted(tags.items()) if k.startswith("version.")}
        created = float(version.creation_timestamp or 0) / 1000
        return ModelVersion(int(number), str(version.run_id), own, created, version.description or "", versions, tags)

    def _read_history(self) -> list[int]:
        return [int(number) for number in json.loads(self._client.get_registered_model(MODEL).tags.get(HISTORY, "[]"))]

    def _write_history(self, history: Sequence[int]) -> None:
        self._client.set_registered_model_alias(MODEL, CHAMPION, str(history[-1]))
        self._client.set_registered_model_tag(MODEL, HISTORY, json.dumps(list(history)))

    def _telling(self, what: str) -> _Telling:
        return _Telling(what, self._failures)


class _Telling:
    """Turns errors of mlflow into `TrackingError`."""

    def __init__(self, what: str, failures: tuple[type[BaseException], ...]) -> None:
        self._what = what
        self._failures = failures

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._failures):
            lines = str(error).strip().splitlines()
            raise TrackingError(f"cannot {self._what}: {lines[0] if lines else type(error).__name__}") from error


def open_tracker() -> Tracker | None:
    """The store of the setting; `None` where tracking is off."""
    uri = find_uri()
    return None if uri is None else Tracker(uri)


def make_server_command(uri: str, *, port: int) -> list[str]:
    """What starts MLflow's pages on a store, for this machine only."""
    placed = _place_store(uri)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", placed]
    files = _place_files(placed)
    if files is not None:
        command += ["--default-artifact-root", files]
    return [*command, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]


def serve_pages(uri: str, *, port: int) -> int:
    """Run MLflow's server until it is stopped; its exit status."""
    return subprocess.run(make_server_command(uri, port=port), env={**os.environ, **QUIET}, check=False).returncode


def iterate_cards(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, card) of every model in a folder."""
    for path in sorted(folder.glob("*/card.json")):
        yield path.parent.name, json.loads(path.read_text("utf-8"))


def _place_store(uri: str) -> str:
    """The URI with the path of a SQLite file made absolute, and its folder made."""
    scheme = "sqlite:///"
    if not uri.startswith(scheme):
        return uri
    path = Path(uri.removeprefix(scheme)).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"{scheme}{path}"


def _place_files(uri: str) -> str | None:
    """Where the files of runs go: beside a SQLite store, else where its server says."""
    scheme = "sqlite:///"
    return (Path(uri.removeprefix(scheme)).parent / "files").as_uri() if uri.startswith(scheme) else None
