"""Stored descriptions of what people see of a document, kept for a minute: many questions are about one document."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from review.originals import Folder, read_view

VIEW_NAMES = ("pages.json", "source.json")
KEPT_SECONDS = 60.0  # a document that is read anew gets new views
MOST_KEPT = 64
LARGEST_KEPT = 2**21  # bytes


@dataclass(slots=True)
class KeptViews:
    """Views by document and name; those that are not there are looked for each time. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[str, str, str], tuple[float, bytes]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, folder: Folder, sha256: str, name: str) -> bytes | None:
        """A view; raises `ValueError` as `read_view` does."""
        key = (folder.root, sha256, name)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and self.clock() - kept[0] <= KEPT_SECONDS:
                self._kept.move_to_end(key)
                return kept[1]
        content = read_view(folder, sha256, name)
        if content is not None and len(content) <= LARGEST_KEPT:
            with self._lock:
                self._kept[key] = (self.clock(), content)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return content


_views = KeptViews()


def load_views(folder: Folder, sha256: str | None) -> dict[str, bytes | None]:
    """The descriptions of a document: `pages.json` where it has pages, else `source.json`."""
    if sha256 is None:
        return dict.fromkeys(VIEW_NAMES)
    pages, source = VIEW_NAMES
    found = _views.load(folder, sha256, pages)
    return {pages: found, source: _views.load(folder, sha256, source) if found is None else None}
