"""How often a login may fail before one has to wait: by name and by address, in the memory of the server."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MAX_KEYS = 10_000  # names and addresses remembered; the oldest are forgotten


@dataclass(slots=True)
class RateLimit:
    """At most `count` failures in `seconds` for each key; `clock` gives seconds."""

    count: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_to_wait(self, keys: Iterable[str]) -> float:
        """How long until another try is allowed; 0 where it is allowed now."""
        with self._lock:
            return max((self._wait(key) for key in keys), default=0.0)

    def add_failure(self, keys: Iterable[str]) -> None:
        """Remember that a try failed."""
        with self._lock:
            now = self.clock()
            for key in keys:
                self._failures.setdefault(key, deque(maxlen=self.count)).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > MAX_KEYS:
                self._failures.popitem(last=False)

    def forget(self, key: str) -> None:
        """A try succeeded: its failures no longer count."""
        with self._lock:
            self._failures.pop(key, None)

    def _wait(self, key: str) -> float:
        failures = self._failures.get(key)
        if failures is None or len(failures) < self.count:
            return 0.0
        return max(0.0, failures[0] + self.seconds - self.clock())
