"""What a service of one million quads takes: start-up, memory, and the canned queries' times.

    python -m benchmarks.capacity [--quads 1000000] [--repeats 3] [--json FILE] [--realtime]

First the engine alone, by processor time: every canned query about things that 3 % of the claims
speak of, and with no optional parameter, which lists everything; nothing comes from a cache. Then
the same queries as users see them: sixteen clients at once on a service that has been up for a
minute, each asking all of them three times over, about things of its own (``visitors.py``).
Memory is the sum of PSS over all processes of the service, with its two query processes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph

from benchmarks import questions, subjects, visitors
from benchmarks.dataset import prepared
from benchmarks.questions import Call
from benchmarks.subjects import ROOT
from benchmarks.visitors import Visit

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Timing:
    """Milliseconds of the calls of one canned query."""

    rows: int
    taken: list[float]


def engine_times(dump: Path, calls: list[Call], repeats: int) -> dict[str, Timing]:
    """Return the processor time that the engine alone takes for each call, in memory."""
    store = pyoxigraph.Store()
    store.bulk_load(path=dump, format=pyoxigraph.RdfFormat.N_QUADS)
    found: dict[str, Timing] = {}
    for call in calls:
        taken: list[float] = []
        rows = 0
        rdf = call.query.form == "CONSTRUCT"
        form = pyoxigraph.RdfFormat.N_TRIPLES if rdf else pyoxigraph.QueryResultsFormat.TSV
        while len(taken) <= repeats and sum(taken) < LONG:
            began = time.process_time()
            answer: Any = store.query(call.text)
            body: bytes = answer.serialize(format=form)
            taken.append((time.process_time() - began) * 1000)
            rows = body.count(b"\n") - (not rdf)
        found[call.name] = Timing(rows, taken[1:] or taken)
    return found


def table(title: str, times: dict[str, Timing]) -> dict[str, object]:
    """Print a table of times, slowest first; return its figures."""
    print(f"\n{title}\n\n| query | rows | median ms | p95 ms |\n|---|---:|---:|---:|")
    slowest = sorted(times.items(), key=lambda item: -statistics.median(item[1].taken))
    for name, timing in slowest:
        median, late = statistics.median(timing.taken), percentile(timing.taken, 0.95)
        print(f"| `{name}` | {timing.rows} | {median:.1f} | {late:.1f} |", flush=True)
    medians = [statistics.median(timing.taken) for timing in times.values()]
    p50, p95 = percentile(medians, 0.5), percentile(medians, 0.95)
    print(f"\n{len(medians)} calls: p50 {p50:.1f} ms, p95 {p95:.1f} ms", flush=True)
    shown = {name: round(statistics.median(timing.taken)) for name, timing in slowest[:8]}
    return {
        "calls": len(medians),
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "slowest_ms": shown,
    }


LONG = 3000  # milliseconds after which a query is not asked again


def percentile(values: list[float], share: float) -> float:
    """Return the value below which so large a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def visitors_table(title: str, visits: list[Visit]) -> dict[str, object]:
    """Print what visitors saw, first requests and repeated ones apart; return the figures."""
    print(
        f"\n{title}\n\n| requests | number | p50 ms | p95 ms | p99 ms |\n|---|---:|---:|---:|---:|"
    )
    found: dict[str, object] = {}
    for name, chosen in (
        ("all", visits),
        ("asked for the first time", [v for v in visits if v.first and "?" in v.path]),
        ("listings, first time", [v for v in visits if v.first and "?" not in v.path]),
        ("repeated", [v for v in visits if not v.first]),
    ):
        if not chosen:  # every listing was ready
            continue
        late = [round(percentile([v.taken for v in chosen], s), 1) for s in (0.5, 0.95, 0.99)]
        print(f"| {name} | {len(chosen)} | {late[0]} | {late[1]} | {late[2]} |", flush=True)
        found[name] = {"number": len(chosen), "p50_p95_p99_ms": late}
    refused = sum(visit.refused for visit in visits)
    print(f"\nRefused or stopped at the deadline: {refused}", flush=True)
    return {**found, "refused": refused}


def own_data() -> float:
    """Return the seconds of ``mineralgraph serve`` to its first answer, on a folder it built."""
    store = ROOT / "var" / "benchmarks" / "own"
    port = subjects.free_port()
    command = [sys.executable, "-m", "mineralgraph", "serve", "--store", str(store)]
    taken = []
    for _ in range(4):  # the first one builds
        began = time.perf_counter()
        with subjects.run("mineralgraph", [*command, "--port", str(port)], port) as subject:
            taken.append(subject.ready)
        time.sleep(max(0.0, 0.5 - (time.perf_counter() - began)))
    return statistics.median(taken[1:])


def measured(name: str, source: Path) -> dict[str, object]:
    """Measure one way to keep the data."""
    with subjects.ours(source, name) as service:
        idle = round(subjects.memory(service.pid) / MEGABYTE)
        time.sleep(visitors.UP_SECONDS)
        seen = visitors_table(f"{name}, 16 clients at once", visitors.visits(service, 16, 3))
        time.sleep(1)
        return {
            "way": name,
            "start_seconds": round(service.ready, 2),
            "memory_megabytes_at_start": idle,
            "memory_megabytes": round(subjects.memory(service.pid) / MEGABYTE),
            "processes": len(subjects.descendants(service.pid)),
            "visitors": seen,
        }


def main() -> int:
    """Measure both ways, print a table, write the JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quads", type=int, default=1_000_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--json", type=Path)
    options.add_argument("--realtime", action="store_true", help=subjects.realtime.__doc__)
    options.add_argument("--own", action="store_true", help="also the start on our own data")
    chosen = options.parse_args()
    if chosen.realtime:
        subjects.realtime()
    data = prepared(chosen.quads)
    print(f"{data.quads:,} quads, the current view among them")
    for title, narrowed in (("about a thing", True), ("listing everything", False)):
        calls = questions.canned(5, narrowed=narrowed)
        table(f"engine alone, {title}", engine_times(data.dump, calls, chosen.repeats))
    rows = [
        measured("memory", data.dump),
        measured("folder", data.folder),
    ]
    for row in rows:
        print(json.dumps(row), flush=True)
    own = own_data() if chosen.own else None
    if own is not None:
        print(f"start on our own data, from a built folder: {own:.2f} s")
    if chosen.json:
        found = {"quads": data.quads, "ways": rows, "own_start_seconds": own}
        chosen.json.write_text(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(str(error))
