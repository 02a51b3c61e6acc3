"""docling's readers of HTML and DOCX, which need no models; its models for PDFs and scans are not at hand here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LIBRARIES = ("docling-slim", "docling-core", "beautifulsoup4", "python-docx")
KINDS = ("html", "docx")


class Peer:
    """Reads the tables of a page or a Word document."""

    def __init__(self) -> None:
        from docling.backend.html_backend import HTMLDocumentBackend
        from docling.backend.msword_backend import MsWordDocumentBackend
        from docling.datamodel.base_models import InputFormat
        from docling.datamodel.document import InputDocument

        self._open = InputDocument
        self._html = (InputFormat.HTML, HTMLDocumentBackend)
        self._word = (InputFormat.DOCX, MsWordDocumentBackend)

    def read(self, path: Path) -> dict[str, Any]:
        """Tables in order; a merged cell has its text in each of its places."""
        kind, backend = self._word if path.suffix == ".docx" else self._html
        opened = self._open(path_or_stream=path, format=kind, backend=backend, filename=path.name)
        tables = opened._backend.convert().tables
        return {"grids": [[[cell.text for cell in row] for row in table.data.grid] for table in tables]}
