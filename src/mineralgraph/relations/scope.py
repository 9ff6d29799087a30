"""What a change touches, and what the rules must see to judge that.

A *thing* is what claims can be compared about: every subject of a claim's triples, and the
objects of ``THING_AS_OBJECT``. A rule says of a thing only what follows from the claims that have
it for a thing (and of things linked to it), from reference data and from source families. So a
change touches the things of the claims that it alters, and nothing else has to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from pyoxigraph import NamedNode, Quad

from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import (
    AUDIT_GRAPH,
    CURRENT_VIEW,
    GRAPH_BASE,
    MG,
    ONTOLOGY_GRAPH,
    ORG,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SERVICE_GRAPH,
    SKOS,
)
from mineralgraph.relations.terms import DERIVED, LINKS, REVIEWS, THING_AS_OBJECT
from mineralgraph.store.base import Change
from mineralgraph.store.view import After, Find

ASIDE = DERIVED | {AUDIT_GRAPH, SERVICE_GRAPH, CURRENT_VIEW}
"""Graphs from which no relation follows."""
_UPWARD = frozenset(
    {
        ORG.subOrganizationOf,
        ORG.unitOf,
        ORG.postIn,
        MG.governs,
        MG.editionOf,
        SCHEMA.containedInPlace,
        SKOS.broader,
    }
)
_OF_A_CLAIM = frozenset({"evidence", "selector", "withdrawal", "graph", "relation"})


def claim_graph(quad: Quad) -> NamedNode | None:
    """Return the claim in whose graph a quad stands, None for reference data and the view."""
    graph = quad.graph_name
    if isinstance(graph, NamedNode) and not graph.value.startswith(GRAPH_BASE):
        return graph
    return None


def things_of(quads: Iterable[Quad]) -> set[NamedNode]:
    """Return the things that the triples of claims speak of."""
    found: set[NamedNode] = set()
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            found.add(quad.subject)
        if quad.predicate in THING_AS_OBJECT and isinstance(quad.object, NamedNode):
            found.add(quad.object)
    return found


def claims_about(find: Find, thing: NamedNode) -> set[NamedNode]:
    """Return the claims that have something for a thing."""
    found = {claim_graph(q) for q in find(thing)}
    for predicate in THING_AS_OBJECT:
        found |= {claim_graph(q) for q in find(None, predicate, thing)}
    return {claim for claim in found if claim is not None}


def linked(find: Find, things: Set[NamedNode]) -> set[NamedNode]:
    """Return things with all that claims link to them, however many links away."""
    found, waiting = set(things), list(things)
    while waiting:
        thing = waiting.pop()
        for predicate in LINKS:
            quads = [*find(thing, predicate), *find(None, predicate, thing)]
            for quad in quads:
                for node in (quad.subject, quad.object):
                    if claim_graph(quad) and isinstance(node, NamedNode) and node not in found:
                        found.add(node)
                        waiting.append(node)
    return found


def touched(find: Find, change: Change, moved: Set[NamedNode]) -> set[NamedNode] | None:
    """Return the things that a change touches; None where it may touch any.

    Args:
        find: the store's ``quads`` before the change.
        change: the change, without quads of derived graphs.
        moved: articles and sources whose family is another after the change.
    """
    after = After(find, change).quads
    claims: set[NamedNode] = set()
    things: set[NamedNode] = set()
    origins = set(moved)
    for quad in change.added | change.removed:
        graph, node = quad.graph_name, quad.subject
        claim = claim_graph(quad)
        if claim is not None:
            claims.add(claim)
            things |= things_of([quad])
        elif graph in ASIDE or not isinstance(node, NamedNode):
            continue
        elif graph == ONTOLOGY_GRAPH:
            return None
        elif graph == REVIEWS:
            things |= _reviewed(quad, find) | _reviewed(quad, after)
        elif (kind := (split(node) or ("", ""))[0]) == "claim":
            claims.add(node)
        elif kind in ("article", "source"):
            origins.add(node)
        elif kind not in _OF_A_CLAIM and _known_before(find, node):
            return None  # an entity that rules may know from the far end of a path
    for look in (find, after):
        for origin in origins:
            for predicate in (PROV.wasDerivedFrom, PROV.wasQuotedFrom):
                found = look(None, predicate, origin)
                claims |= {q.subject for q in found if isinstance(q.subject, NamedNode)}
        for claim in claims:
            things |= things_of(look(None, None, None, claim))
    return linked(find, things) | linked(after, things)


def _reviewed(quad: Quad, look: Find) -> set[NamedNode]:
    found = {q.object for q in look(quad.subject, MG.comparedThing)}
    return {thing for thing in found if isinstance(thing, NamedNode)}


def _known_before(find: Find, node: NamedNode) -> bool:
    return any(True for q in find(node)) or any(True for q in find(None, None, node))


def surroundings(find: Find, things: Set[NamedNode]) -> Iterator[Quad]:
    """Yield what the rules must see of a dataset to judge some things."""
    yield from find(None, MG.statesFact, None, ONTOLOGY_GRAPH)
    claims: set[NamedNode] = set()
    for thing in linked(find, things):
        claims |= claims_about(find, thing)
    seen: set[NamedNode] = set()
    waiting: list[NamedNode] = list(claims)
    for claim in claims:
        asserted = list(find(None, None, None, claim))
        yield from asserted
        waiting += [n for q in asserted for n in (q.subject, q.object) if isinstance(n, NamedNode)]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for quad in find(node):
            if not _describes(quad):
                continue
            yield quad
            follows = quad.predicate in _UPWARD or node in claims
            if follows and quad.predicate != MG.about and isinstance(quad.object, NamedNode):
                waiting.append(quad.object)


def _describes(quad: Quad) -> bool:
    graph = quad.graph_name
    return isinstance(graph, NamedNode) and claim_graph(quad) is None and graph not in ASIDE


def label(find: Find, node: NamedNode) -> str:
    """Return the English label of a thing or property, else the last part of its IRI."""
    found = sorted(
        str(getattr(q.object, "value", ""))
        for q in find(node, RDFS.label)
        if _describes(q) and str(getattr(q.object, "language", "")).startswith("en")
    )
    if found:
        return found[0]
    return node.value.rstrip("/").rpartition("#")[2].rpartition("/")[2]


def is_claim(find: Find, node: NamedNode) -> bool:
    """Tell whether a dataset describes a node as a claim."""
    return any(True for _ in find(node, RDF.type, MG.Claim))
