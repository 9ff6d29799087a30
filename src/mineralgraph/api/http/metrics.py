"""Counts and durations for Prometheus, in its text format 0.0.4.

Route templates and query names are the only labels: a label per path or per query text would
grow without bound.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)

Gauge = Callable[[], float]


@dataclass
class _Histogram:
    """How many observations fell into each bucket, and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def lines(self, name: str, labels: Mapping[str, str]) -> Iterator[str]:
        running = 0
        for limit, count in zip((*map(str, BUCKETS), "+Inf"), self.counts, strict=True):
            running += count
            yield f"{name}_bucket{_labels({**labels, 'le': limit})} {running}"
        yield f"{name}_sum{_labels(labels)} {self.total:.6f}"
        yield f"{name}_count{_labels(labels)} {running}"


@dataclass
class _Gauge:
    """Numbers of one name that others keep, by their labels."""

    help: str
    kind: str
    series: dict[str, Gauge]


class Metrics:
    """The service's numbers; one object for one app."""

    def __init__(self) -> None:
        self._started = time.time()
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._durations: defaultdict[str, _Histogram] = defaultdict(_Histogram)
        self._queries: defaultdict[str, _Histogram] = defaultdict(_Histogram)
        self._gauges: dict[str, _Gauge] = {}
        self._version = ""
        self._version_since = self._started

    def request(self, method: str, route: str, status: int, seconds: float, query: str) -> None:
        """Count one answered request; ``query`` names the query it ran, if any."""
        self._requests[method, route, status] += 1
        self._durations[route].observe(seconds)
        if query:
            self._queries[query].observe(seconds)

    def gauge(self, name: str, help_: str, read: Gauge, kind: str = "gauge", **labels: str) -> None:
        """Show a number that another part keeps."""
        series = self._gauges.setdefault(name, _Gauge(help_, kind, {})).series
        series[_labels(labels) if labels else ""] = read

    def text(self, version: str) -> str:
        """Return everything in the exposition format."""
        if version != self._version:
            self._version, self._version_since = version, time.time()
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from _head("mineralgraph_requests_total", "Requests answered.", "counter")
        for (method, route, status), count in sorted(self._requests.items()):
            labels = {"method": method, "route": route, "status": str(status)}
            yield f"mineralgraph_requests_total{_labels(labels)} {count}"
        name = "mineralgraph_request_seconds"
        yield from _head(name, "Time to answer, by route.", "histogram")
        for route, histogram in sorted(self._durations.items()):
            yield from histogram.lines(name, {"route": route})
        name = "mineralgraph_query_seconds"
        yield from _head(name, "Time to answer, by name of the query.", "histogram")
        for query, histogram in sorted(self._queries.items()):
            yield from histogram.lines(name, {"query": query})
        yield from _head("mineralgraph_dataset_info", "The dataset version served.", "gauge")
        yield f"mineralgraph_dataset_info{_labels({'version': self._version})} 1"
        yield from _head(
            "mineralgraph_dataset_version_seen_timestamp_seconds",
            "When this dataset version was first seen here.",
            "gauge",
        )
        yield f"mineralgraph_dataset_version_seen_timestamp_seconds {self._version_since:.3f}"
        yield from _head("mineralgraph_start_time_seconds", "When the service started.", "gauge")
        yield f"mineralgraph_start_time_seconds {self._started:.3f}"
        for name, gauge in sorted(self._gauges.items()):
            yield from _head(name, gauge.help, gauge.kind)
            for labelled, read in gauge.series.items():
                yield f"{name}{labelled} {read():g}"


def _head(name: str, help_: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} {kind}"


def _labels(labels: Mapping[str, str]) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

    return "{" + ",".join(f'{k}="{escaped(v)}"' for k, v in labels.items()) + "}"
