"""The graph before and after a change that is not made yet, as the gate reads it.

Only descriptions count here: reference data, descriptions of articles and claims, and the
ontology. What the service writes about itself is under no rule about data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from mineralgraph.gate.context import Lookup, is_reference
from mineralgraph.gate.paths import Term
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, CURRENT_VIEW, GRAPH_BASE, SERVICE_GRAPH

OF_THE_SERVICE = frozenset({AUDIT_GRAPH, SERVICE_GRAPH, CURRENT_VIEW})


class Find(Protocol):
    """Looks quads up by a pattern; None matches anything (``Store.quads``)."""

    def __call__(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: NamedNode | None = None,
        /,
    ) -> Iterable[Quad]:
        """Return the quads that match."""


def is_description(quad: Quad) -> bool:
    """Tell whether a quad describes something: neither asserted by a claim nor the service's."""
    graph = quad.graph_name
    return isinstance(graph, NamedNode) and is_reference(graph) and graph not in OF_THE_SERVICE


class Overlay:
    """A graph with quads added and removed, found by pattern (``Find``)."""

    def __init__(
        self,
        find: Find,
        added: Iterable[Quad] = (),
        removed: Iterable[Quad] = (),
        below: Overlay | None = None,
        described: Lookup | None = None,
    ) -> None:
        """Lay a change over a graph.

        Args:
            find: looks the graph up.
            added: quads that come.
            removed: quads that go.
            below: the same graph without the change, where there is one.
            described: the descriptions of a node, where they are known otherwise.
        """
        self._find = find
        self._known = described
        self._below = below
        self._about: dict[Term, list[Quad]] = {}
        self._removed = frozenset(removed)
        self._by_subject: dict[object, list[Quad]] = defaultdict(list)
        self._by_object: dict[object, list[Quad]] = defaultdict(list)
        self._by_graph: dict[object, list[Quad]] = defaultdict(list)
        self._added = frozenset(added)
        for quad in self._added:
            self._by_subject[quad.subject].append(quad)
            self._by_object[quad.object].append(quad)
            self._by_graph[quad.graph_name].append(quad)

    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match a pattern, each once."""
        for quad in self._find(subject, predicate, object, graph):
            named = isinstance(quad.graph_name, NamedNode)
            if named and quad not in self._removed and quad not in self._added:
                yield quad
        for quad in self._candidates(subject, object, graph):
            if (
                (subject is None or quad.subject == subject)
                and (predicate is None or quad.predicate == predicate)
                and (object is None or quad.object == object)
                and (graph is None or quad.graph_name == graph)
            ):
                yield quad

    def about(self, node: Term) -> list[Quad]:
        """Return the descriptions of a node, looked up once.

        A popular event is the subject of thousands of claims' quads, so they are passed over
        with as little work as can be.
        """
        found = self._about.get(node)
        if found is None:
            found = [q for q in self._described(node) if q not in self._removed]
            known = set(found)
            found += [
                q for q in self._by_subject.get(node, ()) if q not in known and is_description(q)
            ]
            self._about[node] = found
        return found

    def _described(self, node: Term) -> list[Quad]:
        if self._below is not None:
            return self._below.about(node)
        if isinstance(node, Literal):
            return []
        if self._known is not None and isinstance(node, NamedNode):
            return list(self._known(node))
        return [
            q
            for q in self._find(node)
            if isinstance(q.graph_name, NamedNode)
            and q.graph_name.value.startswith(GRAPH_BASE)
            and q.graph_name not in OF_THE_SERVICE
        ]

    def is_pointed_at(self, node: Term) -> bool:
        """Tell whether anything, the current view included, has a node as its object."""
        return any(True for _ in self._find(None, None, node))

    def _candidates(
        self, subject: Term | None, obj: Term | None, graph: NamedNode | None
    ) -> Iterable[Quad]:
        if subject is not None:
            return self._by_subject.get(subject, ())
        if obj is not None:
            return self._by_object.get(obj, ())
        return self._by_graph.get(graph, ()) if graph is not None else self._added


class Descriptions:
    """The descriptions of a graph as triples, each once (``paths.Graph``)."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self._forward: dict[Term, dict[NamedNode, list[Triple]]] = {}
        self._backward: dict[tuple[Term, NamedNode | None], list[Triple]] = {}

    def _about(self, node: Term) -> dict[NamedNode, list[Triple]]:
        found = self._forward.get(node)
        if found is None:
            found = {}
            for triple in dict.fromkeys(q.triple for q in self._overlay.about(node)):
                found.setdefault(triple.predicate, []).append(triple)
            self._forward[node] = found
        return found

    def forward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """See ``paths.Graph``."""
        about = self._about(node)
        if predicate is not None:
            return about.get(predicate, ())
        return [triple for triples in about.values() for triple in triples]

    def backward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """See ``paths.Graph``."""
        key = (node, predicate)
        found = self._backward.get(key)
        if found is None:
            quads = self._overlay.quads(None, predicate, node)
            found = list(dict.fromkeys(q.triple for q in quads if is_description(q)))
            self._backward[key] = found
        return found

    def leaving(self, node: Term) -> Iterable[NamedNode]:
        """See ``paths.Graph``."""
        return self._about(node).keys()

    def arriving(self, node: Term, wanted: Iterable[NamedNode]) -> Iterable[NamedNode]:
        """See ``paths.Graph``; one look for each predicate, since a hub has many arrivals."""
        return [
            p for p in wanted if any(is_description(q) for q in self._overlay.quads(None, p, node))
        ]

    def holds(self, triple: Triple) -> bool:
        """Tell whether a triple is among the descriptions."""
        subject = triple.subject
        if not isinstance(subject, NamedNode | BlankNode):
            return False
        return triple in self.forward(subject, triple.predicate)


class Both:
    """The triples of two graphs: every way that there is before or after a change."""

    def __init__(self, before: Descriptions, after: Descriptions, fresh: frozenset[Term]) -> None:
        """Join two graphs; ``fresh`` are the nodes at which nothing points before."""
        self._before = before
        self._after = after
        self._fresh = fresh

    def forward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """See ``paths.Graph``."""
        return {*self._before.forward(node, predicate), *self._after.forward(node, predicate)}

    def backward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """See ``paths.Graph``."""
        if node not in self._fresh:
            return {*self._before.backward(node, predicate), *self._after.backward(node, predicate)}
        arriving = self._after.backward(node, None)  # a handful, looked up once
        return [t for t in arriving if predicate is None or t.predicate == predicate]

    def leaving(self, node: Term) -> Iterable[NamedNode]:
        """See ``paths.Graph``."""
        return {*self._before.leaving(node), *self._after.leaving(node)}

    def arriving(self, node: Term, wanted: Iterable[NamedNode]) -> Iterable[NamedNode]:
        """See ``paths.Graph``."""
        wanted = list(wanted)
        return {*self._before.arriving(node, wanted), *self._after.arriving(node, wanted)}
