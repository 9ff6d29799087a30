"""What the gate is told of the graph around a document or a change.

The gate looks into no store; these functions look for it. Their work follows the size of the
change and of what it touches, not of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import NamedNode, Quad

from mineralgraph.gate import checks
from mineralgraph.gate.context import Lookup
from mineralgraph.gate.report import Finding
from mineralgraph.gate.units import claims_of
from mineralgraph.intake.dataset import Labels, is_reference_graph, ontology_quads
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import (
    AUDIT_GRAPH,
    MG,
    ONTOLOGY_GRAPH,
    PROV,
    RDFS,
    SERVICE_GRAPH,
    SKOS,
)
from mineralgraph.store.base import Change, Source, Store
from mineralgraph.store.results import Cell, Rows
from mineralgraph.store.view import After, Find

OF_THE_SERVICE = frozenset({AUDIT_GRAPH, SERVICE_GRAPH})
"""Graphs that the service writes about itself; no rule about data holds for them."""
_OWN_TO_A_CLAIM = frozenset({"claim", "evidence", "selector"})


def is_description(quad: Quad) -> bool:
    """Tell whether a quad stands in reference data, a description or the ontology."""
    graph = quad.graph_name
    return isinstance(graph, NamedNode) and is_reference_graph(graph)


def around(graph: Source) -> Lookup:
    """Return the gate's lookup into a graph.

    The ontology of the running code stands in for a store that was never given one.
    """
    filled = any(True for _ in graph.quads(None, None, None, ONTOLOGY_GRAPH))
    own = {} if filled else ontology_index()

    def lookup(node: NamedNode) -> Iterator[Quad]:
        yield from own.get(node, ())
        yield from graph.described(node)

    return lookup


def ontology_index() -> dict[NamedNode, list[Quad]]:
    """Return the ontology's quads by subject."""
    index: dict[NamedNode, list[Quad]] = {}
    for quad in ontology_quads():
        if isinstance(quad.subject, NamedNode):
            index.setdefault(quad.subject, []).append(quad)
    return index


def known_labels(store: Source, quads: Iterable[Quad]) -> Labels:
    """Return the labelled entities and the actual modalities among what some quads mention."""
    look = around(store)
    entities, actual = set(), set()
    nodes = {n for q in quads for n in (q.subject, q.object) if isinstance(n, NamedNode)}
    for node in nodes:
        for quad in look(node):
            named = quad.predicate in (RDFS.label, SKOS.prefLabel)
            if named and quad.graph_name != ONTOLOGY_GRAPH:
                entities.add(node)
            elif quad.predicate == MG.actual and getattr(quad.object, "value", "") == "true":
                actual.add(node)
    return Labels(frozenset(entities), frozenset(actual))


def units_of(find: Find, change: Change, given: Iterable[Quad]) -> list[Quad]:
    """Return what must be judged where a change is made: everything that it can make wrong.

    That is the document itself, whole descriptions of the things that it describes in part,
    and the claims that rest on a description which it changes.

    Args:
        find: the store's ``quads`` before the change.
        change: the change.
        given: the document's own quads, where it has more than it changes.
    """
    after = After(find, change)
    quads = set(given) | change.added
    for node in _described(change):
        quads |= {q for q in after.quads(node) if is_description(q)}
    claims = set(claims_of(quads)) | _resting(find, change)
    claims |= {q.graph_name for q in quads if not is_description(q)}  # type: ignore[misc]
    for claim in claims:
        quads |= set(after.quads(None, None, None, claim))
        quads |= {q for q in after.quads(claim) if is_description(q)}
    return [q for q in quads if q.graph_name not in OF_THE_SERVICE]


def _described(change: Change) -> set[NamedNode]:
    changed = change.added | change.removed
    return {q.subject for q in changed if is_description(q) and isinstance(q.subject, NamedNode)}


def _resting(find: Find, change: Change) -> set[NamedNode]:
    """Return the claims that rest on a known thing whose description the change alters."""
    found: set[NamedNode] = set()
    for node in _described(change):
        kind = (split(node) or ("", ""))[0]
        if kind in _OWN_TO_A_CLAIM or not any(is_description(q) for q in find(node)):
            continue
        for predicate in (MG.about, PROV.wasDerivedFrom, MG.speaker):
            found |= {
                q.subject
                for q in find(None, predicate, node)
                if is_description(q) and isinstance(q.subject, NamedNode)
            }
    return {claim for claim in found if any(True for _ in find(None, None, None, claim))}


def run_checks(store: Store) -> Iterator[Finding]:
    """Run ``queries/checks/*-violation.rq`` on a whole dataset; every row is a finding."""
    for rule in checks.load():
        yield from rule.findings(in_words(row) for row in rows_of(store, rule.text))


def rows_of(store: Store, text: str) -> Iterator[dict[str, Cell]]:
    """Yield the rows of a rule: column to value, without the columns that are not bound."""
    answer = store.query_accepted(text)
    if not isinstance(answer, Rows):
        raise TypeError("a check is a SELECT query")
    columns = answer.columns
    for row in answer:
        yield {c: v for c, v in zip(columns, row, strict=True) if v is not None}


def in_words(row: Mapping[str, Cell]) -> dict[str, str]:
    """Return a row as text, for a message."""
    return {name: str(getattr(value, "value", value)) for name, value in row.items()}


def touched(change: Change) -> frozenset[NamedNode]:
    """Return the claims, articles and things of a change; not evidence, nor value nodes."""
    found = set()
    for quad in change.added | change.removed:
        node = quad.subject if is_description(quad) else quad.graph_name
        if quad.graph_name in OF_THE_SERVICE or not isinstance(node, NamedNode):
            continue
        kind = (split(node) or ("",))[0]
        if kind not in {"", "evidence", "selector", "date", "interval", "amount", "quantity"}:
            found.add(node)
    return frozenset(found)
