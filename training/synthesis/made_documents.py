"""Documents that were made, as bytes with their truth, and as files: `write_document(file, content, truth)`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document as bytes with its truth."""

    content: bytes
    suffix: str
    truth: dict[str, Any]


def write_document(file: Path, content: bytes, truth: Mapping[str, Any]) -> None:
    """Write a document, and its truth beside it as NAME.truth.json."""
    file.write_bytes(content)
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    file.with_suffix(".truth.json").write_text(f"{text}\n", "utf-8")


def write_documents(folder: Path, documents: Iterable[MadeDocument], count: int) -> list[str]:
    """Write documents under the index that is the `source` of their truth; gives those below `count` that none has."""
    folder.mkdir(parents=True, exist_ok=True)
    lost = [f"{index:05d}" for index in range(count)]
    for document in documents:
        file = folder / document.truth["source"]
        write_document(file, document.content, document.truth)
        lost.remove(file.stem)
    return lost
