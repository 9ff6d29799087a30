"""A claim as the store has it: description, graph, review state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import NotFound
from mineralgraph.pipeline.surroundings import OF_THE_SERVICE, is_description
from mineralgraph.rdf.identifiers import mint, slug_of
from mineralgraph.rdf.namespaces import MG, OA, PROV, RDF
from mineralgraph.store.base import Store

SUBMITTED = mint("review-state", "submitted")
ACCEPTED = mint("review-state", "accepted")
REJECTED = mint("review-state", "rejected")
WITHDRAWN = mint("review-state", "withdrawn")
_DERIVED = frozenset({MG.reviewState, MG.current, MG.about, MG.asserts})


@dataclass(frozen=True)
class Known:
    """A claim that the store knows.

    Attributes:
        home: the graph of its description.
        state: its review state.
        description: its statements in the description graph.
        graph: what it asserts.
    """

    claim: NamedNode
    home: NamedNode
    state: NamedNode
    description: frozenset[Quad]
    graph: frozenset[Quad]

    @property
    def slug(self) -> str:
        """The last part of its IRI."""
        return slug_of(self.claim)


def find(store: Store, claim: NamedNode) -> Known | None:
    """Return a claim, None where the store has no such."""
    described = {
        q for q in store.quads(claim) if is_description(q) and q.graph_name not in OF_THE_SERVICE
    }
    homes = {
        q.graph_name
        for q in described
        if q.predicate == RDF.type and q.object == MG.Claim and isinstance(q.graph_name, NamedNode)
    }
    if not homes:
        return None
    home = min(homes, key=str)
    states = [q.object for q in described if q.predicate == MG.reviewState]
    state = next((s for s in states if isinstance(s, NamedNode)), SUBMITTED)
    graph = frozenset(store.quads(graph=claim))
    return Known(claim, home, state, frozenset(described), graph)


def get(store: Store, slug: str) -> Known:
    """Return a claim by the last part of its IRI.

    Raises:
        NotFound: when there is none.
    """
    try:
        known = find(store, mint("claim", slug))
    except ValueError:  # the slug makes no IRI
        known = None
    if known is None:
        raise NotFound(f"there is no claim {slug}", hint="/claims lists them.")
    return known


def of_article(store: Store, article: NamedNode) -> list[Known]:
    """Return the claims that are derived from an article, by IRI."""
    found = {
        q.subject
        for q in store.quads(None, PROV.wasDerivedFrom, article)
        if is_description(q) and isinstance(q.subject, NamedNode)
    }
    known = (find(store, claim) for claim in sorted(found, key=str))
    return [k for k in known if k is not None]


def authored(quads: Iterable[Quad]) -> frozenset[Quad]:
    """Return the statements of a description that its author writes; the rest is derived."""
    return frozenset(
        q
        for q in quads
        if q.predicate not in _DERIVED and not (q.predicate == RDF.type and q.object == PROV.Entity)
    )


def loose_evidence(store: Store, removed: Iterable[Quad], added: Iterable[Quad]) -> set[Quad]:
    """Return the quads of evidence and selectors that nothing will point at any more.

    Args:
        store: the graph before the change.
        removed: what the change takes away.
        added: what it adds.
    """
    gone, come = set(removed), set(added)
    loose: set[Quad] = set()
    for predicate in (MG.evidence, OA.hasSelector):
        for quad in [q for q in gone | loose if q.predicate == predicate]:
            node, graph = quad.object, quad.graph_name
            if not isinstance(node, NamedNode) or not isinstance(graph, NamedNode):
                continue
            pointing = {q for q in come if q.object == node and q.graph_name == graph}
            pointing |= set(store.quads(None, None, node, graph)) - gone - loose
            if not pointing:
                loose |= set(store.quads(node, None, None, graph))
    return loose - come
