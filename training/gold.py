"""The frozen gold set: documents with truth, and a list of their hashes that says when one of them has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from training.evaluation import find_truths

MANIFEST = "gold.json"


class GoldError(ValueError):
    """A gold set is missing, empty, or no longer what was frozen."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold set; `version` is the hash of all that it holds."""

    folder: Path
    version: str
    documents: int


def freeze_gold(folder: Path) -> Gold:
    """Write `gold.json` with the hash of every document and truth below a folder; raises `GoldError` without any."""
    files = _hash_files(folder)
    if not files:
        raise GoldError(f"{folder} holds no document with a truth file beside it")
    version = _hash_manifest(files)
    manifest = {"version": version, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return Gold(folder, version, len(files) // 2)


def read_gold(folder: Path) -> Gold:
    """The gold set of a folder; raises `GoldError` where it was not frozen, or a file is other, missing or new."""
    path = folder / MANIFEST
    if not path.is_file():
        raise GoldError(f"{folder} was not frozen: there is no {MANIFEST}")
    try:
        manifest = json.loads(path.read_text("utf-8"))
        frozen, version = dict(manifest["files"]), str(manifest["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise GoldError(f"{path} is no list of a gold set: {error}") from error
    files = _hash_files(folder)
    changed = sorted(name for name in frozen.keys() | files.keys() if frozen.get(name) != files.get(name))
    if changed or version != _hash_manifest(frozen):
        raise GoldError(f"the gold set of {folder} has changed since it was frozen: {', '.join(changed[:5]) or path}")
    return Gold(folder, version, len(files) // 2)


def hash_documents(folder: Path) -> str:
    """The hash of all documents with truth below a folder, frozen or not."""
    return _hash_manifest(_hash_files(folder))


def _hash_files(folder: Path) -> dict[str, str]:
    paths = sorted(path for pair in find_truths(folder) for path in pair)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _hash_manifest(files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()[:12]
