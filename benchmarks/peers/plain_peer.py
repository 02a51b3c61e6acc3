"""pandas for HTML and python-docx for Word documents: what most scripts take."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

LIBRARIES = ("pandas", "lxml", "python-docx")
KINDS = ("html", "docx")


class Peer:
    """Reads the tables of a page or a Word document."""

    def __init__(self) -> None:
        import docx
        import pandas as pd

        self._read_html = pd.read_html
        self._open_word = docx.Document

    def read(self, path: Path) -> dict[str, Any]:
        """Tables in order; a merged cell has its text in each of its places. A page without tables has none."""
        if path.suffix == ".docx":
            tables = self._open_word(str(path)).tables
            return {"grids": [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]}
        try:
            frames = self._read_html(io.BytesIO(path.read_bytes()), header=None, keep_default_na=False, flavor="lxml")
        except ValueError:  # no tables found
            return {"grids": []}
        return {"grids": [_list_rows(frame) for frame in frames]}


def _list_rows(frame: Any) -> list[list[str]]:
    """The rows of a frame, its headings among them where the page marks them as such."""
    named = not all(isinstance(name, int) for name in frame.columns)
    heads = [list(level) for level in zip(*map(_as_levels, frame.columns), strict=True)] if named else []
    return [[str(text) for text in row] for row in [*heads, *frame.to_numpy().tolist()]]


def _as_levels(name: object) -> tuple[object, ...]:
    return name if isinstance(name, tuple) else (name,)
