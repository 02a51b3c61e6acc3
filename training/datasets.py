"""Data to learn from, kept by the hash of its content, each set with a card that says what is in it."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.trained import hash_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

CARD = "card.json"
SHOWN_LAYOUTS = 40


@dataclass(frozen=True, slots=True)
class Origin:
    """A document that examples are from; `digest` is the hash of its bytes and its truth."""

    agency: str
    layout: str
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class Portion:
    """The examples of one split as arrays, and the documents they are from; `classes` counts what they are of."""

    arrays: Mapping[str, NDArray[Any]]
    examples: int
    origins: Sequence[Origin] = ()
    classes: Mapping[str, int] = field(default_factory=dict)


def make_origin(content: bytes, truth: Mapping[str, Any], *, kind: str) -> Origin:
    """The origin of examples out of a document with its truth."""
    digest = hashlib.sha256(content)
    digest.update(json.dumps(truth, ensure_ascii=True, sort_keys=True, default=str).encode())
    agency, layout = str(truth.get("organization") or ""), str(truth.get("layout") or "")
    return Origin(agency, layout, kind, digest.hexdigest()[:16])


def make_card(name: str, portions: Mapping[str, Portion], *, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What is in a dataset: how it was made, and by split its examples, documents, agencies, layouts and classes.

    `version` is the hash of all arrays and documents. `shared_agencies` lists those that stand in several splits,
    which makes held-out measures look better than they are.
    """
    digest = hashlib.sha256(name.encode())
    for split, portion in sorted(portions.items()):
        digest.update(f"{split}/{hash_arrays(portion.arrays)}".encode())
        digest.update("".join(origin.digest for origin in portion.origins).encode())
    agencies = [{o.agency for o in portion.origins if o.agency} for portion in portions.values()]
    seen = Counter(agency for names in agencies for agency in names)
    return {
        "name": name,
        "version": digest.hexdigest()[:12],
        "recipe": dict(recipe),
        "splits": {split: _describe(portion) for split, portion in portions.items()},
        "shared_agencies": sorted(agency for agency, count in seen.items() if count > 1)[:SHOWN_LAYOUTS],
    }


def _describe(portion: Portion) -> dict[str, Any]:
    layouts = Counter(origin.layout for origin in portion.origins if origin.layout)
    return {
        "examples": portion.examples,
        "documents": len(portion.origins),
        "agencies": len({origin.agency for origin in portion.origins if origin.agency}),
        "kinds": dict(sorted(Counter(origin.kind for origin in portion.origins).items())),
        "layouts": dict(layouts.most_common(SHOWN_LAYOUTS)),
        "classes": dict(portion.classes),
    }


def save_dataset(card: Mapping[str, Any], portions: Mapping[str, Portion], *, folder: Path) -> Path:
    """Write a dataset to `folder/NAME/VERSION/`, each split as `SPLIT.npz`; what is there already is left as it is."""
    target = folder / str(card["name"]) / str(card["version"])
    if (target / CARD).is_file():
        return target
    target.mkdir(parents=True, exist_ok=True)
    for split, portion in portions.items():
        save_arrays(target / f"{split}.npz", portion.arrays)
    text = json.dumps(card, ensure_ascii=False, indent=2, sort_keys=True)
    (target / CARD).write_text(text + "\n", "utf-8")
    return target


def load_dataset(name: str, version: str, *, folder: Path) -> dict[str, dict[str, NDArray[Any]]]:
    """The arrays of a dataset by split; raises `FileNotFoundError`, or `ValueError` where a file is damaged."""
    target = folder / name / version
    card = json.loads((target / CARD).read_text("utf-8"))
    found = {split: load_arrays(target / f"{split}.npz") for split in card["splits"]}
    if any(arrays is None for arrays in found.values()):
        raise ValueError(f"{target} is damaged")
    return {split: arrays for split, arrays in found.items() if arrays is not None}


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays so that a file is whole or not there, whenever the process is killed."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    unfinished.replace(path)


def load_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of a file; `None` where there is none or it is damaged."""
    import zipfile
    import zlib

    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def pack_text(rows: Iterable[Any]) -> NDArray[Any]:
    """Rows of plain data as an array of bytes: lines of JSON in UTF-8."""
    import numpy as np

    text = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
    return np.frombuffer(text.encode(), dtype=np.uint8)


def unpack_text(array: NDArray[Any]) -> list[Any]:
    """The rows of `pack_text`."""
    return [json.loads(line) for line in array.tobytes().decode().splitlines()]
