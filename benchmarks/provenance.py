"""What sources cost: each canned query plain, and with what its rows rest on.

Run it with ``.venv/bin/python benchmarks/provenance.py [rounds]``. Both sides are whole answers,
serialised to SPARQL JSON, on the project's own data in memory. A cost is processor time of the
thread that asks, which other work on the machine disturbs least; of all rounds the least counts.
The plan of a query is kept by its text (as in a query process): ``ratio`` is with the plan at hand,
``new`` with the plan made. The goal: a median ratio of at most 5.
"""

from __future__ import annotations

import io
import statistics
import sys
import time

from mineralgraph.execution.serialise import serialise
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.provenance import explain, write_explained
from mineralgraph.provenance.rewrite import plan
from mineralgraph.queries import load_catalog
from mineralgraph.rdf.formats import JSON
from mineralgraph.store.embedded import EmbeddedStore

GOAL = 5.0


def plain(store: EmbeddedStore, text: str) -> float:
    begin = time.thread_time()
    serialise(store.query(text), JSON, io.BytesIO())
    return time.thread_time() - begin


def with_sources(store: EmbeddedStore, text: str, *, new: bool = False) -> float:
    if new:
        plan.cache_clear()
    begin = time.thread_time()
    write_explained(explain(store, text), io.BytesIO(), JSON)
    return time.thread_time() - begin


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    store = EmbeddedStore()
    store.load(compile_dataset().quads)
    texts = {n: q.text for n, q in load_catalog().items() if q.form == "SELECT"}
    costs: dict[str, list[tuple[float, ...]]] = {name: [] for name in texts}
    for _ in range(rounds):
        for name, text in texts.items():
            new = with_sources(store, text, new=True)
            costs[name].append((plain(store, text), with_sources(store, text), new))
    print(f"{'query':28} {'plain ms':>9} {'sources ms':>11} {'ratio':>6} {'new':>6}")
    ratios, firsts = [], []
    for name, measured in costs.items():
        base, cost, new = (min(column) for column in zip(*measured, strict=True))
        ratios.append(cost / base)
        firsts.append(new / base)
        print(f"{name:28} {base * 1e3:9.2f} {cost * 1e3:11.2f} {ratios[-1]:6.1f} {firsts[-1]:6.1f}")
    median = statistics.median(ratios)
    print(f"median ratio {median:.2f} (goal: at most {GOAL:g}), worst {max(ratios):.1f}")
    print(f"median ratio for a query that is new: {statistics.median(firsts):.2f}")
    return 0 if median <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
