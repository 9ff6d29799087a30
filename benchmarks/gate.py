"""How long the gate takes for one article, against validating everything, in the same run.

Graphs of growing size are generated (``generator.py``), and articles judged in each in turn.
Medians: the time from an article's quads to the verdict (``pipeline.judge_change``: shapes, rules
over the dataset, structure and evidence), and that of the shapes alone; beside them the first
article, which finds nothing looked up yet. Full validation is plain pySHACL on every claim unit,
and on the reference data with the descriptions. It is measured whole in graphs of up to
``--full`` triples. In larger ones it is an estimate, and marked so: the claims from a sample of
their units, the background from the largest graph in which that was measured.

Times are of one processor, so that other work on the machine does not count; ``clock`` is what a
submitter waits.

    python -m benchmarks.gate [--sizes 10000,100000,1000000] [--full 10000] [--bulk 100]
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Quad

from benchmarks import generator
from mineralgraph import pipeline
from mineralgraph.gate import engine, rule_cases, shacl
from mineralgraph.gate.context import Context
from mineralgraph.gate.incremental import Incremental
from mineralgraph.gate.overlay import is_description
from mineralgraph.gate.units import background, claim_unit
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.namespaces import MG, RDF
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

CLAIMS = 13
PER_ARTICLE = 302
SAMPLE = 300


@dataclass(frozen=True)
class Taken:
    """What some work took, in seconds: of one processor, and by the clock."""

    processor: float
    clock: float

    def __str__(self) -> str:
        return f"{self.processor * 1000:.0f} ms ({self.clock * 1000:.0f} ms)"


@dataclass(frozen=True)
class Full:
    """Full validation, in seconds of one processor: of the claims' units, and the background."""

    claims: float
    background: float
    estimated: bool

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.claims + self.background


@dataclass(frozen=True)
class Row:
    """One graph's measurements."""

    triples: int
    first: Taken
    article: Taken
    fastest: Taken
    slowest: Taken
    shapes: Taken
    full: Full

    def __str__(self) -> str:
        whole, alone = (self.full.seconds / t.processor for t in (self.article, self.shapes))
        mark = " (estimated)" if self.full.estimated else ""
        return (
            f"| {self.triples:,} | {self.article} | {self.fastest} | {self.slowest} "
            f"| {self.shapes} | {self.first} | {self.full.seconds:,.0f} s{mark} "
            f"| {whole:,.0f} | {alone:,.0f} |"
        )


def timed(work: Callable[[], object]) -> Taken:
    """Return what some work took."""
    started = time.process_time(), time.perf_counter()
    work()
    return Taken(time.process_time() - started[0], time.perf_counter() - started[1])


def median(taken: list[Taken]) -> Taken:
    """Return the medians."""
    return Taken(
        statistics.median(t.processor for t in taken), statistics.median(t.clock for t in taken)
    )


def built(triples: int) -> tuple[EmbeddedStore, generator.Size]:
    articles = max(1, triples // PER_ARTICLE)
    store = EmbeddedStore()
    store.load(generator.dataset(articles, 0, CLAIMS))
    return store, generator.Size(articles)


def judged(store: EmbeddedStore, quads: list[Quad]) -> Taken:
    """Judge an article as a submission is judged."""
    reports = []
    change = Change(frozenset(quads))
    taken = timed(lambda: reports.append(pipeline.judge_change(store, change, Corpus(None))))
    assert reports[0].conforms, reports[0].findings[:3]
    return taken


def by_shapes(store: EmbeddedStore, quads: list[Quad]) -> Taken:
    """Judge an article by the shapes alone."""
    job = Incremental(store.quads, quads, (), described=store.described)
    results: list[object] = []
    taken = timed(lambda: results.extend(job.results()))
    assert not results, results[:3]
    return taken


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

    return timed(work).processor


def background_seconds(store: EmbeddedStore) -> float:
    """Return the time of plain pySHACL on all reference data and descriptions."""
    described = [q for q in store.quads() if is_description(q)]
    context = context_of(store, [])
    return timed(lambda: list(shacl.plainly([background(described, context)], context))).processor


def full(store: EmbeddedStore, total: int, limit: int, former: Row | None) -> Full:
    """Return the time of full validation, measured or estimated; see the module."""
    claims = claims_of(store)
    if former is None or total <= limit * 1.5:
        return Full(units_seconds(store, claims), background_seconds(store), estimated=False)
    sample = claims[:: max(1, len(claims) // SAMPLE)]
    units = units_seconds(store, sample) * len(claims) / len(sample)
    return Full(units, former.full.background * total / former.triples, estimated=True)


@dataclass
class Graph:
    """A generated graph, and what was measured on it."""

    store: EmbeddedStore
    size: generator.Size
    whole: list[Taken] = field(default_factory=list)
    alone: list[Taken] = field(default_factory=list)

    @property
    def triples(self) -> int:
        """The quads of its named graphs."""
        return sum(1 for q in self.store.quads() if isinstance(q.graph_name, NamedNode))


def rounds(graphs: list[Graph], count: int) -> None:
    """Judge articles in all graphs in turn, so that other work on the machine meets all alike."""
    given = [articles(graph.size, 2 * count + 1) for graph in graphs]
    for number in range(2 * count + 1):
        for graph, quads in zip(graphs, given, strict=True):
            if number <= count:
                graph.whole.append(judged(graph.store, quads[number]))
            else:
                graph.alone.append(by_shapes(graph.store, quads[number]))


def row(graph: Graph, limit: int, former: Row | None) -> Row:
    """Return a graph's measurements, with full validation."""
    first, *whole = graph.whole
    total = graph.triples
    return Row(
        total,
        first,
        median(whole),
        min(whole, key=lambda taken: taken.processor),
        max(whole, key=lambda taken: taken.processor),
        median(graph.alone),
        full(graph.store, total, limit, former),
    )


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

    return timed(work).processor, count * claims


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000,1000000")
    options.add_argument("--full", type=int, default=10_000, help="largest graph validated whole")
    options.add_argument("--articles", type=int, default=9)
    options.add_argument("--bulk", type=int, default=100, help="articles to accept in bulk")
    chosen = options.parse_args()
    engine.warm()
    rule_cases.load()
    judged((small := Graph(*built(3_000))).store, articles(small.size, 1)[0])  # loads what stays
    graphs = [Graph(*built(triples)) for triples in map(int, chosen.sizes.split(","))]
    load = os.getloadavg()[0]
    rounds(graphs, chosen.articles)
    print(
        "| triples | one article (clock) | fastest | slowest | shapes alone | first article "
        "| full pySHACL | ratio | ratio of the shapes alone |\n" + "|---:" * 9 + "|",
        flush=True,
    )
    rows: list[Row] = []
    for graph in graphs:
        rows.append(row(graph, chosen.full, rows[-1] if rows else None))
        print(rows[-1], flush=True)
    for small_row, large in itertools.combinations(rows, 2):
        grown = [
            after.processor / before.processor
            for before, after in (
                (small_row.article, large.article),
                (small_row.shapes, large.shapes),
            )
        ]
        print(
            f"\n{small_row.triples:,} to {large.triples:,}: x{grown[0]:.2f}, "
            f"shapes alone x{grown[1]:.2f}"
        )
    print(f"\nload {load:.1f}, {os.getloadavg()[0]:.1f}")
    if chosen.bulk:
        seconds, claims = bulk(chosen.bulk)
        print(f"bulk: {claims} claims in {seconds:.1f} s, {claims / seconds:.0f} a second")


if __name__ == "__main__":
    main()
