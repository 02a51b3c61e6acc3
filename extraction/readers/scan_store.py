"""The pages of a document that were read by their pixels, those with tables kept for the reading of cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extraction.readers.page_blocks import PageParts
from extraction.tables.page_table import PageTable
from models.document import Problem
from models.page import Page
from models.picture import ScannedPage

if TYPE_CHECKING:
    from extraction.pictures.seen_pages import SeenPage

MAX_KEPT = 256 * 2**20  # bytes of packed pixels; a page takes 0.2 to 2 MB


class ScanStore:
    """Pages wait in it, few at a time, until it is known whether they hold a table."""

    def __init__(self) -> None:
        self._waiting: dict[int, ScannedPage] = {}
        self._kept: list[ScannedPage] = []
        self._size = 0

    @property
    def pages(self) -> tuple[ScannedPage, ...]:
        """Every page read by its pixels, in order."""
        return tuple(self._kept)

    def keep(self, seen: SeenPage | Problem) -> Page | Problem:
        """Take in a page that was read; gives it back as other pages are."""
        if isinstance(seen, Problem):
            return seen
        self._waiting[seen.scan.number] = seen.scan
        return seen.page

    def settle(self, parts: PageParts) -> None:
        """Keep the pixels of a page where it has tables and there is room; of another only that it is a scan."""
        scan = self._waiting.pop(parts.page.number, None)
        if scan is None:
            return
        size = len(scan.packed) + len(scan.stamped)
        tables = any(isinstance(part, PageTable) for part in parts.parts)
        if tables and self._size + size <= MAX_KEPT:
            self._size += size
        else:
            scan = replace(scan, packed=b"", stamped=b"", characters=())
        self._kept.append(scan)
