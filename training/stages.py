"""What of the training is done already: a part is kept while its code, its data and its settings are the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.form import FORMS_FOLDER, OWN_FORMS, load_forms, load_shipped_forms
from models.trained import TRAINED_FOLDER, hash_arrays, load_trained

ROOT = FORMS_FOLDER.parent.parent
READING = ("models", "extraction")
SYNTHESIS = ("training/synthesis", "training/degradation")
# The code that decides what each part becomes; a change elsewhere fits nothing anew.
CODE = {
    "lines": (*READING, *SYNTHESIS, "training/line_fitting.py"),
    "labels": (*READING, "training/synthesis", "training/label_fitting.py"),
    "facts": (*READING, "training/synthesis", "training/fact_fitting.py", "training/fact_spans.py"),
    "forms": (*READING, *SYNTHESIS, "training/judging.py", "training/fitting.py"),
    "scans": (*READING, *SYNTHESIS, "training/judging.py", "training/fitting.py"),
}
SUFFIXES = (".py", ".yaml")


def hash_code(places: Iterable[str] = (*READING, "training")) -> str:
    """A hash of code and data files below these places of the project."""
    digest = hashlib.sha256()
    for place in places:
        path = ROOT / place
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES)
        for file in files:
            digest.update(file.relative_to(ROOT).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def find_key(part: str, **settings: Any) -> str:
    """What a part is made from: a hash of its code and of what it is told; equal keys make equal models."""
    text = json.dumps([part, hash_code(CODE.get(part, (*READING, "training"))), settings], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def list_own_forms() -> list[str]:
    """The ids of the forms in use beside those that ship."""
    return [form_id for form_id in load_forms() if form_id not in load_shipped_forms()]


def hash_own_forms() -> dict[str, str]:
    """What own forms and their kinds of reports add to the settings of a part; nothing where there are none."""
    if not list_own_forms():
        return {}
    folder = Path(os.environ[OWN_FORMS])
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return {"own_forms": digest.hexdigest()[:12]}


def fill_folder(folder: Path) -> bool:
    """Copy the models that ship into a folder that is not there yet, so that it holds the parts not fitted too."""
    if folder.exists():
        return False
    shutil.copytree(TRAINED_FOLDER, folder)
    return True


def is_fitted(names: Iterable[str], key: str, *, folder: Path) -> bool:
    """Whether models of these names stand in a folder, whole, and were fitted under the key."""
    try:
        models = [load_trained(name, folder=folder) for name in names]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return False
    return all(model.card.get("stage") == key and hash_arrays(model.arrays) == model.version for model in models)
