"""One log line and one count for each request that was answered."""

from __future__ import annotations

import json
import logging
import time
from functools import lru_cache
from typing import NamedTuple

from mineralgraph.api.http import logs
from mineralgraph.api.http.metrics import Metrics

_log = logging.getLogger("mineralgraph.api.requests")


class Line(NamedTuple):
    """What is told about a request.

    Attributes:
        path: without the query string.
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
        if _log.isEnabledFor(logging.INFO):
            text = (
                f'{{"time": "{logs.stamp(time.time())}", "ms": {seconds * 1000:.2f}, '
                f'"request_id": "{request_id}", {_fixed(line)}'
            )
            _log.handle(logs.Prepared(_log.name, text))


@lru_cache(maxsize=1024)
def _fixed(line: Line) -> str:
    """Return the members that repeated requests have in common."""
    members = {
        "level": "info", "logger": _log.name,
        "message": f"{line.method} {line.path} {line.status}",
        "method": line.method, "path": line.path, "route": line.route, "status": line.status,
        "bytes": line.size, "query": line.query, "version": line.version,
    }  # fmt: skip
    return json.dumps(members)[1:]
