"""What a service of one million quads takes: start-up, memory, and the canned queries' times.

    python -m benchmarks.capacity [--quads 1000000] [--repeats 3] [--json FILE] [--realtime]

Memory is the sum of PSS over all processes of the service, with its two query processes. Canned
queries are asked one after another by one client about the entities that the generated articles
speak of most, each time with a new page size, so that no answer comes from a cache.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError

from benchmarks import load, questions, subjects
from benchmarks.dataset import prepared
from benchmarks.subjects import ROOT, Subject

MEGABYTE = 1024 * 1024


def canned_times(service: Subject, repeats: int, entity: int) -> dict[str, float]:
    """Return the median milliseconds of each canned query; its deadline where that is met."""
    base = service.url.removesuffix("/sparql")
    found: dict[str, float] = {}
    for name, path in questions.canned(entity).items():
        taken: list[float] = []
        while len(taken) < repeats and sum(taken) < LONG:
            page = f"&limit={1000 - len(taken)}" if name not in GRAPHS else ""
            began = time.perf_counter()
            try:
                load.seconds_of(f"{base}{path}{page}", "application/json")
            except HTTPError as error:
                if error.code == 422 and page:
                    GRAPHS.add(name)  # it makes a graph, which has no pages
                    continue
                if error.code != 504:
                    raise RuntimeError(f"{path}: {error.read().decode()}") from error
            taken.append((time.perf_counter() - began) * 1000)
        found[name] = statistics.median(taken)
    return found


GRAPHS: set[str] = set()
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
        times = canned_times(service, repeats, 5)
        most = canned_times(service, 1, 0)
        for query in questions.GROWING.values():
            load.median_seconds(service, query, 2)
        time.sleep(1)
        slowest = sorted(times.items(), key=lambda item: -item[1])[:5]
        return {
            "way": name,
            "start_seconds": round(service.ready, 2),
            "memory_megabytes": round(subjects.memory(service.pid) / MEGABYTE),
            "processes": len(subjects.descendants(service.pid)),
            "canned_queries": len(times),
            "canned_p50_ms": round(statistics.median(times.values()), 1),
            "canned_p95_ms": round(percentile(list(times.values()), 0.95), 1),
            "slowest_ms": {query: round(ms) for query, ms in slowest},
            "canned_p95_ms_most_mentioned": round(percentile(list(most.values()), 0.95), 1),
            "slowest_ms_most_mentioned": {
                query: round(ms)
                for query, ms in sorted(most.items(), key=lambda item: -item[1])[:8]
            },
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
