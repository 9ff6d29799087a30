"""How long the gate takes for one article, against validating everything, in the same run.

Graphs of growing size are generated (``generator.py``). For each: the time from an article's
quads to the verdict, by the incremental way, median of several articles; and the time of full
validation by plain pySHACL (every claim unit, and the reference data with the descriptions).
Beside it stands the time of the rules over the whole dataset (``queries/checks/``) on the
neighbourhood of the article.
Full validation of a large graph is estimated from a sample of its claim units and from the
background of a smaller graph, and marked so. Last, how many claims pass in bulk each second.
Times are seconds of one processor, so that other work on the machine does not count.

    python -m benchmarks.gate [--sizes 10000,100000,1000000] [--full 100000] [--bulk 100]
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from benchmarks import generator
from mineralgraph.gate import engine, shacl
from mineralgraph.gate.context import Context
from mineralgraph.gate.incremental import Incremental
from mineralgraph.gate.overlay import is_description
from mineralgraph.gate.units import background, claim_unit
from mineralgraph.pipeline.consequences import new_findings
from mineralgraph.rdf.namespaces import MG, RDF
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

CLAIMS = 13
PER_ARTICLE = 302
SAMPLE = 200


@dataclass(frozen=True)
class Row:
    """One graph's measurements, in seconds."""

    triples: int
    article: float
    worst: float
    checks: float
    quads: int
    looks: int
    full: float
    estimated: bool


def timed(work: Callable[[], object]) -> float:
    """Return the processor time of some work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def built(triples: int) -> tuple[EmbeddedStore, generator.Size]:
    articles = max(1, triples // PER_ARTICLE)
    store = EmbeddedStore()
    store.load(generator.dataset(articles, 0, CLAIMS))
    return store, generator.Size(articles)


def judged(store: EmbeddedStore, quads: list[Quad]) -> None:
    results = list(Incremental(store.quads, quads, (), described=store.described).results())
    assert not results, results[:3]


def checked(store: EmbeddedStore, quads: list[Quad]) -> None:
    """Run the rules over the dataset on the neighbourhood of a change."""
    new_findings(store, Change(frozenset(quads)))


def articles(size: generator.Size, count: int, first: int = 10_000_000) -> list[list[Quad]]:
    known = generator.known_labels(size)
    return [
        generator.compiled(generator.article(first + n, size, 0, CLAIMS), known)
        for n in range(count)
    ]


def claims_of(store: EmbeddedStore) -> list[NamedNode]:
    found = {q.subject for q in store.quads(None, RDF.type, MG.Claim) if is_description(q)}
    return sorted((c for c in found if isinstance(c, NamedNode)), key=str)


def context_of(store: EmbeddedStore, claims: list[NamedNode]) -> Context:
    asserted = [q for claim in claims for q in store.quads(None, None, None, claim)]
    return Context(asserted, lambda node: (q for q in store.quads(node) if is_description(q)))


def units_seconds(store: EmbeddedStore, claims: list[NamedNode]) -> float:
    """Return the time of plain pySHACL on claim units, one after another."""
    context = context_of(store, claims)

    def work() -> None:
        for claim in claims:
            assert not list(shacl.plainly([claim_unit(claim, context)], context))

    return timed(work)


def background_seconds(store: EmbeddedStore) -> float:
    """Return the time of plain pySHACL on all reference data and descriptions."""
    described = [q for q in store.quads() if is_description(q)]
    context = context_of(store, [])
    return timed(lambda: list(shacl.plainly([background(described, context)], context)))


def measured(triples: int, limit: int, former: Row | None, count: int) -> Row:
    store, size = built(triples)
    total = sum(1 for q in store.quads() if isinstance(q.graph_name, NamedNode))
    given = articles(size, count + 1)
    judged(store, given[0])  # the first one loads the shapes
    times = [timed(lambda quads=quads: judged(store, quads)) for quads in given[1:]]  # type: ignore[misc]
    checks = [
        timed(lambda quads=quads: checked(store, quads))  # type: ignore[misc]
        for quads in given[1:]
    ]
    job = Incremental(store.quads, given[1], (), described=store.described)
    affected = job.affected()
    claims = claims_of(store)
    estimated = total > limit * 1.5
    if estimated and former is not None:
        full = former.full * total / former.triples
    else:
        step = max(1, len(claims) // SAMPLE)
        sample = claims[::step]
        full = units_seconds(store, sample) * len(claims) / len(sample)
        full += background_seconds(store)
    looks = len(affected.claims) + len(affected.nodes)
    return Row(
        total, statistics.median(times), max(times), statistics.median(checks), len(given[1]),
        looks, full, estimated,
    )  # fmt: skip


def bulk(count: int, claims: int = 30) -> tuple[float, int]:
    """Return seconds and claims of accepting articles one after another into a growing graph."""
    store, size = built(10_000)
    known = generator.known_labels(size)
    texts = [generator.article(20_000_000 + n, size, 0, claims) for n in range(count)]

    def work() -> None:
        for text in texts:
            quads = generator.compiled(text, known)
            judged(store, quads)
            store.apply(Change(frozenset(quads)))

    return timed(work), count * claims


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000,1000000")
    options.add_argument("--full", type=int, default=100_000, help="largest graph validated whole")
    options.add_argument("--articles", type=int, default=9)
    options.add_argument("--bulk", type=int, default=100, help="articles to accept in bulk")
    chosen = options.parse_args()
    engine.warm()
    print(
        "| triples | one article | slowest | rules over the dataset | quads | units and nodes "
        "| full pySHACL | ratio |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    rows: list[Row] = []
    for triples in map(int, chosen.sizes.split(",")):
        row = measured(triples, chosen.full, rows[-1] if rows else None, chosen.articles)
        rows.append(row)
        mark = " (estimated)" if row.estimated else ""
        print(
            f"| {row.triples:,} | {row.article * 1000:.0f} ms | {row.worst * 1000:.0f} ms "
            f"| {row.checks * 1000:.0f} ms "
            f"| {row.quads} | {row.looks} | {row.full:.0f} s{mark} "
            f"| {row.full / row.article:,.0f} |",
            flush=True,
        )
    for small, large in itertools.pairwise(rows):
        print(f"\n{small.triples:,} to {large.triples:,}: x{large.article / small.article:.2f}")
    if chosen.bulk:
        seconds, claims = bulk(chosen.bulk)
        print(f"\nbulk: {claims} claims in {seconds:.1f} s, {claims / seconds:.0f} a second")


if __name__ == "__main__":
    main()
