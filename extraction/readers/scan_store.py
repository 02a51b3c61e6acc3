"""The pages of a document that were read by their pixels, those with tables kept for the reading of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extraction.readers.page_blocks import PageParts
from extraction.tables.page_table import PageTable
from models.document import Problem
from models.page import Page
from models.picture import ScannedPage

if TYPE_CHECKING:
    from extraction.readers.picture_reading import SeenPage

MAX_KEPT = 256 * 2**20  # bytes of packed pixels; a page takes 0.2 to 2 MB


class ScanStore:
    """Pages wait in it, few at a time, until it is known whether they hold a table."""

    def __init__(self) -> None:
        self._waiting: dict[int, ScannedPage] = {}
        self._kept: list[ScannedPage] = []
        self._size = 0

    @property
    def pages(self) -> tuple[ScannedPage, ...]:
        """The pages with tables, in order, as many as there is room for."""
        return tuple(self._kept)

    def keep(self, seen: SeenPage | Problem) -> Page | Problem:
        """Take in a page that was read; gives it back as other pages are."""
        if isinstance(seen, Problem):
            return seen
        self._waiting[seen.scan.number] = seen.scan
        return seen.page

    def settle(self, parts: PageParts) -> None:
        """Keep the pixels of a page where it has tables."""
        scan = self._waiting.pop(parts.page.number, None)
        if scan is None or not any(isinstance(part, PageTable) for part in parts.parts):
            return
        self._size += len(scan.packed) + len(scan.stamped)
        if self._size <= MAX_KEPT:
            self._kept.append(scan)
