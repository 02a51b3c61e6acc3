"""Trained models on disk: plain arrays beside a card, no pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TRAINED_FOLDER = Path(__file__).parent / "trained"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The arrays of a fitted model and its card (data hash, metrics, versions)."""

    name: str
    arrays: dict[str, np.ndarray]
    card: dict[str, Any]

    @property
    def version(self) -> str:
        return str(self.card["version"])


def load_trained(name: str, *, folder: Path = TRAINED_FOLDER) -> TrainedModel:
    """Load `folder/name/{weights.npz,card.json}`; raises `FileNotFoundError` where there is none."""
    import numpy as np  # 0.3 s to import: not for `gouji --help`

    path = folder / name / "weights.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    card = json.loads((folder / name / "card.json").read_text("utf-8"))
    return TrainedModel(name, arrays, card)


def is_trained(name: str, *, folder: Path = TRAINED_FOLDER) -> bool:
    """Whether there is a model of this name."""
    return (folder / name / "card.json").is_file()


def save_trained(model: TrainedModel, *, folder: Path = TRAINED_FOLDER) -> None:
    """Write a model so that the same arrays give the same bytes of card and the same arrays again."""
    import numpy as np

    target = folder / model.name
    target.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(target / "weights.npz", **model.arrays)  # type: ignore[arg-type]
    card = json.dumps(model.card, ensure_ascii=False, indent=2, sort_keys=True)
    (target / "card.json").write_text(card + "\n", "utf-8")


def load_settings(name: str, *, folder: Path = TRAINED_FOLDER) -> dict[str, Any]:
    """Load fitted numbers too few for arrays from `folder/name`; raises `FileNotFoundError` where there is none."""
    settings: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return settings


def save_settings(name: str, settings: dict[str, Any], *, folder: Path = TRAINED_FOLDER) -> None:
    """Write fitted numbers as JSON: the same numbers give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(settings, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")


def hash_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """The version of a model: a hash of the names and bytes of its arrays."""
    import numpy as np

    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:12]
