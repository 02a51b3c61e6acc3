"""pdfplumber as it comes: `extract_tables` of all pages of a PDF."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

LIBRARIES = ("pdfplumber", "pdfminer.six")
KINDS = ("pdf",)


class Peer:
    """Reads the tables of a PDF."""

    def __init__(self) -> None:
        import pdfplumber

        logging.getLogger("pdfminer").setLevel(logging.ERROR)  # a line a character of some fonts
        self._open = pdfplumber.open

    def read(self, path: Path) -> dict[str, Any]:
        """Tables page by page; a merged cell has its text in its first place."""
        with self._open(path) as document:
            grids = [table for page in document.pages for table in page.extract_tables()]
        return {"grids": [[[text or "" for text in row] for row in grid] for grid in grids]}
