"""camelot as it comes: its `lattice` flavour, its own grid and its own text, all pages of a PDF."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

LIBRARIES = ("camelot-py", "playa-pdf", "pypdfium2")
KINDS = ("pdf",)


class Peer:
    """Reads the tables of a PDF."""

    def __init__(self) -> None:
        import camelot

        self._read = camelot.read_pdf

    def read(self, path: Path) -> dict[str, Any]:
        """Tables page by page; a merged cell has its text in its first place."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of pages without tables
            tables = self._read(str(path), pages="all")
        return {"grids": [table.df.to_numpy().tolist() for table in tables]}
