"""Where the cells of a real PDF stand, for truth that a person wrote without boxes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extraction.pipeline import extract, load_reader
from extraction.readers.source import read_source
from models.record import make_record

AROUND = 2.5  # points from the ink that a record tells to the walls of a narrow cell


def place_cells(file: Path, truth: Mapping[str, Any]) -> dict[str, Any]:
    """The truth with a box for each cell that our reader of PDFs reads as the truth says; with its own boxes if any.

    Boxes only say where to look, and whether a person could read the cell after scanning; values stay the truth's.
    Raises `DocumentError` where the file cannot be read.
    """
    cells = truth.get("cells", {})
    if any("evidence" in cell for cell in cells.values()):
        return dict(truth)
    record = make_record(extract(read_source(str(file)), reader=load_reader()))
    placed = {key: dict(cell) for key, cell in cells.items()}
    for cell in record["cells"]:
        known, evidence = placed.get(cell["id"]), cell.get("evidence") or {}
        agrees = known is not None and (known["state"], known["value"]) == (cell["state"], cell["value"])
        if known is not None and agrees and "bbox" in evidence:
            left, top, right, bottom = evidence["bbox"]
            box = [left - AROUND, top - AROUND, right + AROUND, bottom + AROUND]
            known["evidence"] = {"page": evidence["page"], "bbox": box}
    return dict(truth) | {"cells": placed}
