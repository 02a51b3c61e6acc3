"""What is promised of accepted cells: target, certainty, and the threshold that keeps them, for each kind of source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.trained import TRAINED_FOLDER, load_settings, save_settings

POLICY_FILE = "policy.json"
# Text, markup and Word files; pages of born-digital PDFs; pages read by their pixels.
DIGITAL, PAGES, SCAN = "digital", "pages", "scan"
NEVER = 2.0  # a threshold that no confidence reaches: cells of scans without a judge of their own go to a person


@dataclass(frozen=True, slots=True)
class Promise:
    """At most `target` of the accepted cells of a kind of source are wrong, with `certainty`; from what it was fitted.

    `threshold`: of the confidence, 1 where nothing can be promised (`certified` false). `bound`: upper limit of the
    share, by `method` (`training/risk.py`) on `units` (agencies) with `accepted` cells, `wrong` of them wrong;
    `largest` is what one further unit was thought to bring. `models`: versions it holds for. `data`: what it was
    fitted on.
    """

    kind: str
    target: float
    certainty: float
    threshold: float
    bound: float
    method: str
    units: int
    accepted: int
    wrong: int
    largest: float
    certified: bool
    models: dict[str, str]
    data: dict[str, Any]

    def fits(self, versions: Mapping[str, str]) -> bool:
        """Whether it was fitted for these versions of the models."""
        return self.certified and all(versions.get(name) == version for name, version in self.models.items())


def load_promises(*, folder: Path = TRAINED_FOLDER) -> dict[str, Promise]:
    """The promises by kind of source; none where no policy was fitted."""
    if not (folder / POLICY_FILE).exists():
        return {}
    entries = load_settings(POLICY_FILE, folder=folder)["promises"]
    return {entry["kind"]: Promise(**entry) for entry in entries}


def save_promise(promise: Promise, *, folder: Path = TRAINED_FOLDER) -> None:
    """Write a promise beside those of other kinds of source, in place of an older one of its own kind."""
    promises = load_promises(folder=folder) | {promise.kind: promise}
    entries = [asdict(promises[kind]) for kind in sorted(promises)]
    save_settings(POLICY_FILE, {"promises": entries}, folder=folder)


def choose_thresholds(cells: float, scans: float | None, promises: Mapping[str, Promise]) -> dict[str, float]:
    """From which confidence on cells are accepted, by kind of source: as promised, else as the judge's card says.

    `cells` and `scans` are the thresholds of the cards; without a judge of scans no cell of a scan is accepted.
    """
    fitted = {DIGITAL: cells, PAGES: cells, SCAN: NEVER if scans is None else scans}
    return fitted | {kind: promise.threshold for kind, promise in promises.items() if fitted[kind] < NEVER}


def make_policy_entry(promise: Promise | None, threshold: float) -> dict[str, Any]:
    """What a record says of the policy it was read under; without a promise just the threshold of the model."""
    if promise is None:
        return {"threshold": threshold, "target": None}
    return {
        "threshold": threshold,
        "target": promise.target,
        "certainty": promise.certainty,
        "method": promise.method,
        "models": promise.models,
    }
