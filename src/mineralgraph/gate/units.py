"""Claim units: what a shape sees (model.md section 9).

A unit is a claim's graph, its description, and the reference entities that it needs, merged;
never the union of several claims, in which values of one would mask or multiply those of
another. The *background* is one more unit: all reference data and descriptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad, Triple

from mineralgraph.gate.context import Context
from mineralgraph.rdf.namespaces import ID_BASE, MG, ONTOLOGY_GRAPH, RDF, RDFS, SKOS


@dataclass(frozen=True)
class Unit:
    """Triples to validate together; ``claim`` is None for the background."""

    claim: NamedNode | None
    triples: frozenset[Triple]


def claims_of(quads: Iterable[Quad]) -> list[NamedNode]:
    """Return the claims described in some quads, in the order of their IRIs."""
    found = {q.subject for q in quads if q.predicate == RDF.type and q.object == MG.Claim}
    return sorted((c for c in found if isinstance(c, NamedNode)), key=str)


def claim_unit(claim: NamedNode, context: Context) -> Unit:
    """Return the unit of one claim.

    ``mg:asserts`` leads from the claim to every subject of its graph, so that a shape on the
    claim can walk to what it says. It stands in units only and is never stored.
    """
    asserted = context.graphs.get(claim, [])
    start = {claim, *(node for triple in asserted for node in _nodes(triple))}
    triples = set(asserted)
    for subject in {triple.subject for triple in asserted}:
        triples.add(Triple(claim, MG.asserts, subject))
    for quad in _closure(start, context):
        triples.add(quad.triple)
    return Unit(claim, frozenset(triples))


def _nodes(triple: Triple) -> Iterator[NamedNode]:
    for node in (triple.subject, triple.object):
        if isinstance(node, NamedNode):
            yield node


def _closure(start: set[NamedNode], context: Context) -> Iterator[Quad]:
    """Yield the descriptions of nodes and of what these point at, until nothing is new."""
    waiting, seen = sorted(start, key=str), set(start)
    while waiting:
        for quad in context.about(waiting.pop()):
            if quad.predicate == MG.setAside:
                continue  # spans that yield no claim belong to the background only
            yield quad
            target = quad.object
            if isinstance(target, NamedNode) and target not in seen and leads_on(quad):
                seen.add(target)
                waiting.append(target)


def leads_on(quad: Quad) -> bool:
    """Tell whether a description needs what it points at.

    From a class its superclasses are followed, from a code-list concept only its scheme and
    broader concepts: a scheme points at all its concepts, and the whole list would come along.
    """
    if quad.graph_name == ONTOLOGY_GRAPH:
        return quad.predicate in (RDFS.subClassOf, SKOS.inScheme, SKOS.broader)
    return quad.predicate != MG.about and isinstance(quad.object, NamedNode)


def background(quads: Iterable[Quad], context: Context) -> Unit:
    """Return the unit of all reference data and descriptions among some quads.

    What they point at is taken from the context, so that a reference file may point at
    entities that are already known.
    """
    own = {q.subject for q in quads if _is_background(q)}
    start = {node for node in own if isinstance(node, NamedNode)}
    triples = {q.triple for q in quads if _is_background(q)}
    triples |= {q.triple for q in _closure(start, context)}
    return Unit(None, frozenset(triples))


def _is_background(quad: Quad) -> bool:
    graph = quad.graph_name
    return (
        isinstance(graph, NamedNode)
        and graph.value.startswith(ID_BASE + "graph/")
        and graph != ONTOLOGY_GRAPH
    )
