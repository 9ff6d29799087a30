"""What a clock costs: queries as of a day against plain ones, once warm; and warming.

    python -m benchmarks.clocks [QUADS ...]

Both stores are in memory and both queries take the same way through the service, so what is
compared is the engine's work, in processor time. Two days are taken: one in the middle of the
dates of publication, when about half of the claims are shown, and the last one, when as-of and
plain have the same rows and the ratio is the price of the clock alone.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks.dataset import prepared
from mineralgraph.execution.serialise import serialise
from mineralgraph.queries import load_catalog
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import MG
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore

NAMES = ("persons-and-posts", "quantities", "organizations-mentioned", "article-claims", "opinions",
         "minerals-by-country")  # fmt: skip
PLAIN = (
    "SELECT (COUNT(*) AS ?n) { ?c a mg:Claim ; mg:current true }",
    "SELECT ?t (COUNT(?e) AS ?n) { ?e mg:eventType ?t } GROUP BY ?t",
)
TURNS = 5


def texts() -> Iterator[tuple[str, str]]:
    """Yield names and texts of what is asked."""
    catalog = load_catalog()
    for name in NAMES:
        query = catalog.find(name)
        yield name, query.bind(dict(query.example))
    for number, text in enumerate(PLAIN):
        yield f"sparql-{number + 1}", text


def seconds(store: EmbeddedStore, text: str) -> float:
    """Return the median processor time of one query, its answer written."""
    found = []
    for _ in range(TURNS):
        began = time.process_time()
        serialise(store.query(text), formats.JSON, io.BytesIO())
        found.append(time.process_time() - began)
    return statistics.median(found)


def resident() -> int:
    """Return the megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024**2


def measure(store: EmbeddedStore, day: date) -> None:
    """Print warming, memory and ratios for one day."""
    before, began = resident(), time.process_time()
    shown = store.seen_by(Clock(as_of=day))
    print(
        f"as of {day}: warm after {time.process_time() - began:.1f} s of processor time, "
        f"{resident() - before} MB more"
    )
    ratios = []
    for name, text in texts():
        plain, clocked = seconds(store, text), seconds(shown, text)
        ratios.append(clocked / plain)
        print(f"  {name:26} {plain * 1e3:9.2f} ms {clocked * 1e3:9.2f} ms  x{clocked / plain:.2f}")
    print(f"  ratio: median {statistics.median(ratios):.2f}, largest {max(ratios):.2f}")


def run(quads: int) -> None:
    """Measure at one size."""
    made = prepared(quads)
    store = EmbeddedStore.from_file(made.dump)
    days = sorted(
        {str(getattr(q.object, "value", "")) for q in store.quads(None, MG.publishedLast)}
    )
    print(f"{made.quads:,} quads, {resident()} MB, published {days[0]} to {days[-1]}")
    for day in (days[len(days) // 2], days[-1]):
        measure(store, date.fromisoformat(day))


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ["100000"]):
        run(size)
