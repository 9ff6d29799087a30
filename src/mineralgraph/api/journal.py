"""One log line and one count for each request that was answered."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from mineralgraph.api import logs
from mineralgraph.api.metrics import Metrics

_log = logging.getLogger("mineralgraph.api.requests")


@dataclass(frozen=True, slots=True)
class Line:
    """What is told about a request.

    Attributes:
        route: template of the path, for metrics.
        query: name of the query that was run; empty when none was.
        size: bytes of the body.
        version: dataset version of the answer.
    """

    method: str
    path: str
    route: str
    status: int
    query: str
    size: int
    version: str


class Journal:
    """Notes requests in the metrics and in the log."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def note(self, line: Line, seconds: float, request_id: str) -> None:
        """Note one answered request."""
        self._metrics.request(line.method, line.route, line.status, seconds, line.query)
        if not _log.isEnabledFor(logging.INFO):
            return
        token = logs.request_id.set(request_id)
        _log.info(
            "%s %s %d", line.method, line.path, line.status,
            extra={
                "method": line.method, "path": line.path, "route": line.route,
                "status": line.status, "ms": round(seconds * 1000, 2), "bytes": line.size,
                "query": line.query, "version": line.version,
            },
        )  # fmt: skip
        logs.request_id.reset(token)
