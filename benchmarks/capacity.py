"""What a service of one million quads takes: start-up, memory, and the canned queries' times.

    python -m benchmarks.capacity [--quads 1000000] [--repeats 3] [--json FILE] [--realtime]

Memory is the sum of PSS over all processes of the service, with its two query processes. Canned
queries are asked one after another by one client, about things that 3 % of the claims speak of, and
with no optional parameter, which lists everything; each time with a new page size, so that no
answer comes from a cache. Then the engine alone, by processor time.
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
from urllib.error import HTTPError

import pyoxigraph

from benchmarks import load, questions, subjects
from benchmarks.dataset import prepared
from benchmarks.questions import Call
from benchmarks.subjects import ROOT, Subject

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Timing:
    """Milliseconds of the calls of one canned query."""

    rows: int
    taken: list[float]


def canned_times(service: Subject, calls: list[Call], repeats: int) -> dict[str, Timing]:
    """Return what each call of a canned query takes over HTTP; the deadline where it is met.

    A first call of each, which is not counted, lets the query processes meet the data.
    """
    base = service.url.removesuffix("/sparql")
    found: dict[str, Timing] = {}
    for call in calls:
        taken: list[float] = []
        rows = 0
        while len(taken) <= repeats and sum(taken) < LONG:
            # Another page size each time, so that no answer comes from a cache.
            page = f"&limit={1000 - len(taken)}" if call.query.form == "SELECT" else ""
            path = f"{base}{call.path}{page}".replace("?&", "?")
            began = time.perf_counter()
            try:
                body = load.seconds_of(path, "application/json")[1]
                rows = len(json.loads(body)["rows"]) if page else body.count(b"\n")
            except HTTPError as error:
                if error.code != 504:
                    raise RuntimeError(f"{path}: {error.read().decode()}") from error
            taken.append((time.perf_counter() - began) * 1000)
            if not page and len(taken) > 1:
                break  # it has no pages: the third answer would come from the cache
        found[call.name] = Timing(rows, taken[1:] or taken)
    return found


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


def measured(name: str, source: Path, repeats: int) -> dict[str, object]:
    """Measure one way to keep the data."""
    with subjects.ours(source, name) as service:
        narrow = canned_times(service, questions.canned(5, narrowed=True), repeats)
        listing = canned_times(service, questions.canned(5), repeats)
        for query in questions.GROWING.values():
            load.median_seconds(service, query, 2)
        time.sleep(1)
        return {
            "way": name,
            "start_seconds": round(service.ready, 2),
            "memory_megabytes": round(subjects.memory(service.pid) / MEGABYTE),
            "processes": len(subjects.descendants(service.pid)),
            "about_a_thing": table(f"{name}, over HTTP, asked about a thing", narrow),
            "listing": table(f"{name}, over HTTP, listing everything", listing),
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
        measured("memory", data.dump, chosen.repeats),
        measured("folder", data.folder, chosen.repeats),
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
