"""Several children, each with a document at a time; one that is gone is replaced."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from service.run_child import DIED, Child, ChildOptions, ChildRead
from service.run_faults import ChildFault, ChildGone

MOST_DEATHS = 2  # children that a document is given to, where each is gone afterwards


class Children:
    """So many children, and a thread for each that hands it documents."""

    def __init__(self, number: int, options: ChildOptions) -> None:
        self._options = options
        self._closed = False
        self._changing = threading.Lock()
        self._all = {Child(options) for _ in range(number)}
        self._free: SimpleQueue[Child] = SimpleQueue()
        for child in self._all:
            self._free.put(child)
        self._threads = ThreadPoolExecutor(number)

    def submit(self, path: str) -> Future[ChildRead]:
        """What comes of a file, as soon as a child is free; it raises `ChildFault` where none gets ready."""
        return self._threads.submit(self._read, path)

    def close(self) -> None:
        """Stop all of them, whatever they are doing."""
        with self._changing:
            self._closed = True
            left = list(self._all)
        for child in left:
            child.close()
        self._threads.shutdown(cancel_futures=True)

    def _read(self, path: str) -> ChildRead:
        child = self._free.get()
        try:
            for _ in range(MOST_DEATHS):
                try:
                    return child.read([path])[0]
                except ChildFault:
                    raise
                except ChildGone:
                    child = self._replace(child)
        finally:
            self._free.put(child)
        return ChildRead(None, "crashed", DIED, 0.0)

    def _replace(self, child: Child) -> Child:
        """Another child in place of one that is gone; raises `ChildGone` when all are being stopped."""
        with self._changing:
            if self._closed:
                raise ChildGone("the children were stopped")
            self._all.remove(child)
            fresh = Child(self._options)
            self._all.add(fresh)
        child.close()
        return fresh
