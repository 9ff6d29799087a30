"""Source families: articles and sources that are not independent of each other.

Two of them are of one family when one is the other's upstream or its revision, and when a source
that somebody draws on has the publisher of an article, which it may reprint. The same
definition stands as a query in ``tests/relations/families.rq``; a test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode, Quad

from mineralgraph.rdf.namespaces import MG, PROV, RDF, SCHEMA
from mineralgraph.relations.terms import FAMILIES
from mineralgraph.store.view import Find

BEARING = frozenset(
    {MG.upstream, PROV.wasQuotedFrom, PROV.wasRevisionOf, PROV.wasDerivedFrom, SCHEMA.publisher}
)
"""Properties from which families follow, besides the types of articles and sources."""
_KINDS = (SCHEMA.NewsArticle, MG.Source)


class _Sets:
    """Disjoint sets of nodes, joined one pair at a time."""

    def __init__(self) -> None:
        self._above: dict[NamedNode, NamedNode] = {}

    def top(self, node: NamedNode) -> NamedNode:
        path = []
        while (above := self._above.get(node, node)) != node:
            path.append(node)
            node = above
        for passed in path:
            self._above[passed] = node
        return node

    def join(self, one: NamedNode, other: NamedNode) -> None:
        first, second = sorted((self.top(one), self.top(other)), key=str)
        if first != second:
            self._above[second] = first  # the smallest IRI stands for the set


def families(find: Find) -> dict[NamedNode, NamedNode]:
    """Return, for every article and source, the member that stands for its family."""
    articles = _nodes(q.subject for q in find(None, RDF.type, SCHEMA.NewsArticle) if _named(q))
    sources = _nodes(q.subject for q in find(None, RDF.type, MG.Source) if _named(q))
    known = articles | sources
    sets = _Sets()
    drawn_on: set[NamedNode] = set()
    for article in articles:
        for predicate in (MG.upstream, PROV.wasDerivedFrom, PROV.wasRevisionOf):
            for upstream in _nodes(q.object for q in find(article, predicate) if _named(q)):
                if upstream in known:
                    sets.join(article, upstream)
                if predicate == MG.upstream:
                    drawn_on.add(upstream)
    drawn_on |= _nodes(q.object for q in find(None, PROV.wasQuotedFrom) if _named(q))
    by_publisher = defaultdict(set)
    for article in articles:
        for publisher in _publishers(find, article):
            by_publisher[publisher].add(article)
    for source in drawn_on & known:
        for publisher in _publishers(find, source):
            for article in by_publisher.get(publisher, ()):
                sets.join(source, article)
    return {origin: sets.top(origin) for origin in known}


def as_quads(found: Mapping[NamedNode, NamedNode]) -> frozenset[Quad]:
    """Return families as they are stored."""
    return frozenset(Quad(o, MG.sourceFamily, f, FAMILIES) for o, f in found.items())


def stored(find: Find) -> dict[NamedNode, NamedNode]:
    """Return the families as a store has them."""
    return {
        q.subject: q.object
        for q in find(None, MG.sourceFamily, None, FAMILIES)
        if isinstance(q.subject, NamedNode) and isinstance(q.object, NamedNode)
    }


def bears_on_families(quad: Quad) -> bool:
    """Tell whether families may differ with and without a quad."""
    return quad.predicate in BEARING or (quad.predicate == RDF.type and quad.object in _KINDS)


def moved(
    before: Mapping[NamedNode, NamedNode], after: Mapping[NamedNode, NamedNode]
) -> set[NamedNode]:
    """Return the articles and sources that came to stand with others than before.

    Where families join or split, the largest part counts as unmoved: whatever the others' claims
    shared with it is found from their side.
    """
    parts: dict[tuple[NamedNode, NamedNode], set[NamedNode]] = defaultdict(set)
    for origin in before.keys() & after.keys():
        parts[before[origin], after[origin]].add(origin)
    found: set[NamedNode] = set()
    for side in (0, 1):
        by_family = defaultdict(list)
        for key, members in parts.items():
            by_family[key[side]].append(members)
        for groups in by_family.values():
            for members in sorted(groups, key=lambda m: (len(m), min(map(str, m))))[:-1]:
                found |= members
    return found | (before.keys() ^ after.keys())


def _publishers(find: Find, node: NamedNode) -> set[NamedNode]:
    return _nodes(q.object for q in find(node, SCHEMA.publisher) if _named(q))


def _named(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode)


def _nodes(terms: Iterable[object]) -> set[NamedNode]:
    return {term for term in terms if isinstance(term, NamedNode)}
