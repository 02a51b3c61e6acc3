"""Gouji itself, as a peer among others: whole records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LIBRARIES: tuple[str, ...] = ("pypdfium2", "camelot-py", "rapidocr", "onnxruntime", "selectolax", "lxml")
KINDS = ("text", "html", "docx", "pdf", "scan")


class Peer:
    """Reads a document to its record."""

    def __init__(self) -> None:
        from extraction.pipeline import load_reader

        self._reader = load_reader(facts=False)

    def read(self, path: Path) -> dict[str, Any]:
        """The record; raises `DocumentError`."""
        from extraction.pipeline import extract
        from extraction.readers.source import read_source
        from models.record import dump_record, make_record

        report = extract(read_source(str(path)), reader=self._reader)
        return {"record": json.loads(dump_record(make_record(report)))}
