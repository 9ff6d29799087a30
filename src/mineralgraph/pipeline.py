"""Read me first: how anything gets into the graph.

::

    documents ─► intake (expand, complete) ─► gate (evidence, structure, shapes, checks) ─► store

``judge`` runs the first two steps and changes nothing; ``build`` does so for the whole of
``data/``; ``fill`` puts a judged dataset into a store. There is no other way in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import GateRefused
from mineralgraph.gate import checks
from mineralgraph.gate.check import check
from mineralgraph.gate.context import Lookup
from mineralgraph.gate.evidence import SpanCheck, check_spans
from mineralgraph.gate.report import Finding, Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import (
    ACCEPTED,
    Compiled,
    Labels,
    compile_dataset,
    complete,
    is_reference_graph,
    ontology_quads,
    place_descriptions,
)
from mineralgraph.intake.document import Document
from mineralgraph.intake.expand import expand
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG, ONTOLOGY_GRAPH, RDFS
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Rows

SUBMITTED = mint("review-state", "submitted")


@dataclass(frozen=True)
class Judged:
    """A dataset and the gate's verdict on it."""

    quads: list[Quad]
    report: Report


def build(compiled: Compiled, corpus: Corpus) -> Judged:
    """Judge a whole dataset: evidence, structure, shapes, and the checks over everything.

    Args:
        compiled: what ``intake.dataset.compile_dataset`` gave.
        corpus: the texts at hand.
    """
    with EmbeddedStore() as store:
        store.load(compiled.quads)
        extra = list(run_checks(store))
    report = check(compiled.quads, corpus=corpus, place=compiled.place, extra=extra)
    return Judged(compiled.quads, report)


def build_files(data: Path | None, corpus: Corpus) -> Judged:
    """Compile and judge a data folder (the project's own when None).

    Raises:
        RdfSyntaxError: when a file does not parse.
        AuthoringError: when a file breaks the authoring form.
    """
    return build(compile_dataset(data), corpus)


def require(report: Report) -> None:
    """Raise ``GateRefused`` unless the report conforms."""
    if not report.conforms:
        raise GateRefused(
            f"{sum(f.severity == 'violation' for f in report.findings)} violation(s)",
            report=report.as_json(),
        )


def judge(
    document: Document,
    store: Store,
    corpus: Corpus,
    *,
    shapes: tuple[str, ...] = (),
    default_review: NamedNode = SUBMITTED,
) -> Judged:
    """Judge one document in the context of a store, without touching it.

    Args:
        document: parsed RDF in the authoring form or the dataset's own form.
        store: the graph around it.
        corpus: the texts at hand.
        shapes: which shapes to use; all when empty.
        default_review: review state of claims that name none.

    Raises:
        AuthoringError: when the document breaks the authoring form.
    """
    placed = place_descriptions(document, expand(document))
    quads = complete(placed, default_review, known_labels(store, placed))
    report = check(
        quads,
        around=around(store),
        corpus=corpus,
        shapes=shapes,
        place=lambda node: _in_document(document, node),
    )
    return Judged(quads, report)


def _in_document(document: Document, node: NamedNode) -> tuple[str, int] | None:
    line = document.line_of(node)
    return (document.name, line) if line else None


def around(store: Store) -> Lookup:
    """Return the gate's lookup into a store.

    The ontology of the running code stands in for a store that was never given one.
    """
    own = ontology_index() if not any(True for _ in store.quads(graph=ONTOLOGY_GRAPH)) else {}

    def lookup(node: NamedNode) -> Iterator[Quad]:
        yield from own.get(node, ())
        yield from (q for q in store.quads(node) if _is_description(q))

    return lookup


def _is_description(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and is_reference_graph(quad.graph_name)


def ontology_index() -> dict[NamedNode, list[Quad]]:
    """Return the ontology's quads by subject."""
    index: dict[NamedNode, list[Quad]] = {}
    for quad in ontology_quads():
        if isinstance(quad.subject, NamedNode):
            index.setdefault(quad.subject, []).append(quad)
    return index


def known_labels(store: Store, quads: Iterable[Quad]) -> Labels:
    """Return the labelled entities and the actual modalities among what some quads mention."""
    look = around(store)
    entities, actual = set(), set()
    nodes = {n for q in quads for n in (q.subject, q.object) if isinstance(n, NamedNode)}
    for node in nodes:
        for quad in look(node):
            if quad.predicate == RDFS.label and quad.graph_name != ONTOLOGY_GRAPH:
                entities.add(node)
            elif quad.predicate == MG.actual and getattr(quad.object, "value", "") == "true":
                actual.add(node)
    return Labels(frozenset(entities), frozenset(actual))


def run_checks(store: Store) -> Iterator[Finding]:
    """Run ``queries/checks/*-violation.rq`` on a whole dataset; every row is a finding."""

    def select(text: str) -> Iterator[dict[str, str]]:
        answer = store.query(text)
        if not isinstance(answer, Rows):
            raise TypeError("a check is a SELECT query")
        columns = answer.columns
        for row in answer:
            cells = zip(columns, row, strict=True)
            yield {c: str(getattr(v, "value", v)) for c, v in cells if v is not None}

    for rule in checks.load():
        yield from rule.findings(select(rule.text))


def evidence(compiled: Compiled, corpus: Corpus) -> list[SpanCheck]:
    """Compare every span of a dataset with the texts at hand."""
    return list(check_spans(compiled.quads, corpus))


def fill(store: Store, judged: Judged) -> str:
    """Put a judged dataset into an empty store; returns the dataset version.

    Raises:
        GateRefused: when the verdict is not good; the store stays empty.
    """
    require(judged.report)
    return store.load(judged.quads)


__all__ = [
    "ACCEPTED",
    "SUBMITTED",
    "Judged",
    "around",
    "build",
    "build_files",
    "evidence",
    "fill",
    "judge",
    "known_labels",
    "require",
    "run_checks",
]
