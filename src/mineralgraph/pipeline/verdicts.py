"""What the gate says of a dataset, a document, a change, and a record.

Imported when something is judged for the first time (``pipeline/__init__.py``): behind the gate
stand pySHACL and rdflib, which take longer to import than the rest of a query process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import NamedNode, Quad

from mineralgraph import relations
from mineralgraph.gate import bulk, checks, engine, placement, reading, structure
from mineralgraph.gate.check import Place, check
from mineralgraph.gate.incremental import Incremental
from mineralgraph.gate.report import Finding, Report, ordered
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import Compiled, complete
from mineralgraph.intake.document import Document
from mineralgraph.intake.expand import expand
from mineralgraph.intake.placing import UNNAMED, place_descriptions
from mineralgraph.pipeline import Judged
from mineralgraph.pipeline.consequences import new_findings
from mineralgraph.pipeline.surroundings import (
    around,
    is_description,
    known_labels,
    run_checks,
    units_of,
)
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import ONTOLOGY_GRAPH
from mineralgraph.store import view
from mineralgraph.store.base import Change, Source, Store
from mineralgraph.store.embedded import EmbeddedStore

SUBMITTED = mint("review-state", "submitted")


_UNNAMED = (
    "what stands in no named graph and describes no article or claim was judged as reference data "
    f"in {UNNAMED.value}"
)


def build(compiled: Compiled, corpus: Corpus, *, progress: bulk.Progress | None = None) -> Judged:
    """Judge a whole dataset: evidence, structure, shapes, and the checks over everything.

    All processors that this process may use take part where there are many claims.

    Args:
        compiled: what ``intake.dataset.compile_dataset`` gave.
        corpus: the texts at hand.
        progress: told how many claims are judged, of how many.
    """
    with bulk.undisturbed():
        quads = relations.complete(compiled.quads)
        with EmbeddedStore.holding(quads) as store:
            extra = list(run_checks(store))
        report = check(
            quads,
            corpus=corpus,
            place=compiled.place,
            extra=extra,
            processes=bulk.cores(),
            progress=progress,
        )
    return Judged(quads, report)


def judge(
    document: Document,
    store: Source,
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
        shapes: which shapes to use; all when empty, and only then the rules over the dataset too.
        default_review: review state of claims that name none.

    Raises:
        AuthoringError: when the document breaks the authoring form.
    """
    placed = place_descriptions(document, expand(document), reference=UNNAMED)
    quads = complete(placed, default_review, known_labels(store, placed))
    extra = list(placement.findings(set(quads), store.quads))
    if not shapes:
        extra += _by_the_rules(quads, store)
    report = check(
        quads,
        around=around(store),
        corpus=corpus,
        shapes=shapes,
        place=lambda node: _in_document(document, node),
        extra=extra,
    )
    report = replace(report, findings=_first_things_first(report.findings))
    if any(q.graph_name == UNNAMED for q in placed):
        report = replace(report, notes=(*report.notes, _UNNAMED))
    return Judged(quads, report)


def _first_things_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Leave out what the rules over the dataset say of nodes at fault by themselves.

    Whoever has misspelt a person shall not be told to rename what is named after that person.
    """
    rules = {check.rule for check in checks.load()}
    at_fault = {f.focus for f in findings if f.rule not in rules}
    return tuple(f for f in findings if f.rule not in rules or f.focus not in at_fault)


def _by_the_rules(quads: list[Quad], store: Source) -> Iterator[Finding]:
    """Yield what the rules over the dataset find because of a document, new or known already.

    The graph without what the document speaks of is compared with the graph that the document
    would make of it. Rules that later documents may meet are left out.
    """
    asked = {check.rule for check in checks.load() if check.of_document}
    without = view.Without(store, _former(quads, store))
    for finding in new_findings(without, Change(frozenset(quads))):
        if finding.rule in asked:
            yield finding


def _former(quads: list[Quad], store: Source) -> frozenset[Quad]:
    """Return what the graph holds in the place of a document: its claims, its descriptions."""
    graphs = {q.graph_name for q in quads if not is_description(q)}
    former = {q for g in graphs for q in store.quads(None, None, None, g)}  # type: ignore[arg-type]
    for subject, graph in {(q.subject, q.graph_name) for q in quads if is_description(q)}:
        former |= set(store.quads(subject, None, None, graph))  # type: ignore[arg-type]
    return frozenset(former)


def _in_document(document: Document, node: NamedNode) -> tuple[str, int] | None:
    line = document.line_of(node)
    return (document.name, line) if line else None


def judge_change(
    store: Store,
    change: Change,
    corpus: Corpus,
    *,
    given: Iterable[Quad] = (),
    place: Place | None = None,
) -> Report:
    """Judge a change to a store before it is made: all that it can make wrong, and only that.

    Args:
        store: the graph as it is.
        change: the change.
        corpus: the texts at hand.
        given: the document behind the change, where it says more than it changes.
        place: where a node is written, for pointing at lines.
    """
    # A store that was never given the ontology borrows ours, which a lookup by pattern cannot.
    filled = any(True for _ in store.quads(graph=ONTOLOGY_GRAPH))
    exact = (
        Incremental(store.quads, change.added, change.removed, described=store.described)
        if filled
        else None
    )
    return check(
        units_of(store.quads, change, given),
        around=around(view.After(store.quads, change, store.described)),
        corpus=corpus,
        place=place,
        extra=new_findings(store, change),
        change=exact,
    )


def judge_record(store: Store, change: Change, record: Iterable[Quad]) -> Report:
    """Judge a change that only takes something back: the record of it, not what is taken back.

    A claim that the rules of today would refuse can be withdrawn all the same.
    """
    said = list(record)
    own = {getattr(quad.subject, "value", "") for quad in said}
    lookup = around(view.After(store.quads, change, store.described))
    report = check(said, around=lookup)
    kept = [finding for finding in report.findings if finding.focus in own]
    return replace(report, findings=ordered([*kept, *new_findings(store, change)]))


def warm() -> Iterator[None]:
    """Load the shapes and what they read, once for all processes forked later, step by step."""
    for load in (engine.warm, reading.load, structure.known_terms):
        load()
        yield
