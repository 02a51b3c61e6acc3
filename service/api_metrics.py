"""Measures for Prometheus and lines of log: what was asked, how it ended, how long it took; never what was in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


class Measures:
    """Counts of one server; `counts` gives what is measured when it is asked for."""

    def __init__(self, counts: Callable[[], dict[str, float]]) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram
        from prometheus_client.core import GaugeMetricFamily

        self.registry: CollectorRegistry = CollectorRegistry()
        self._requests = Counter(
            "gouji_requests", "Requests by route and status.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "gouji_request_seconds", "Seconds a request took.", ("method", "route"), registry=self.registry
        )
        self._uploads = Counter(
            "gouji_uploads_read", "Uploads read, by how they ended.", ("end",), registry=self.registry
        )

        class Counts:
            def collect(self) -> Any:
                for name, value in counts().items():
                    yield GaugeMetricFamily(f"gouji_{name}", name.replace("_", " "), value=value)

        self.registry.register(Counts())

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request by the pattern of its route."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def count_upload(self, end: str) -> None:
        """Count one upload that was read; `end` is `done` or the code of its error."""
        self._uploads.labels(end).inc()

    def print_text(self) -> bytes:
        """All measures in the text format of Prometheus."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


def make_logger(*, level: str = "info") -> Any:
    """A logger that writes one JSON object a line to standard error."""
    import structlog

    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
