"""A store for the demo: the examples with what people see of them, and the cells least sure of in the queue."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from extraction.readers.source import read_source
from review.originals import save_original, save_view
from review.store.adding import add_record
from review.store.database import Settings, Store, open_store
from service.api_account_pages import add_user
from service.api_views import make_views

USER = "demo"
SHARE = 0.04  # of the cells of a document that are put into the queue


def fill_demo_store(path: Path, lines: Iterable[str]) -> tuple[Store, str]:
    """Make a new store of records (lines of JSON) whose sources can be read; also the password of its user `demo`.

    The password is made anew each time. The examples are read so well that the queue would be empty: the least
    confident cells of each are put into it, as a stricter policy would.
    """
    for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        old.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(f"{path.name}.files"), ignore_errors=True)
    store = open_store(str(path), settings=Settings(double_share=0.0))
    for line in lines:
        add_document(store, doubt_cells(json.loads(line), SHARE))
    password = secrets.token_urlsafe(9)
    if problem := add_user(store, USER, password, "admin"):
        raise ValueError(problem)
    return store, password


def add_document(store: Store, record: dict[str, Any]) -> int:
    """Keep a record, under the bare name of its file, with its original and its views; the number of its document."""
    if "error" not in record:
        source = read_source(record["source"])
        save_original(store.files, source.content)
        for name, content in make_views(source, record):
            save_view(store.files, source.sha256, name, content)
    return add_record(store, record | {"source": Path(record["source"]).name}).document_id


def doubt_cells(record: dict[str, Any], share: float) -> dict[str, Any]:
    """The record with this share of its cells under review, the least confident."""
    doubted = deepcopy(record)
    cells = sorted(doubted.get("cells", []), key=lambda cell: cell["confidence"])
    for cell in cells[: round(share * len(cells))]:
        cell["review"] = True
        cell["reasons"] = cell["reasons"] or ["low_confidence"]
    return doubted
