"""What the gate knows of the rest of the graph, handed to it as data.

A document is judged in the context of the graph: a claim may speak of a person who is
already known. What the document itself describes replaces what the context says of it, so
that a corrected file is judged as corrected.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from pyoxigraph import NamedNode, Quad, Triple

from mineralgraph.rdf.namespaces import GRAPH_BASE, ONTOLOGY_GRAPH

Lookup = Callable[[NamedNode], Iterable[Quad]]
"""Subject → quads of the graph around the document, in any named graph."""


def nothing(_: NamedNode) -> Iterable[Quad]:
    """Know nothing: the context of an empty store."""
    return ()


class Context:
    """Reference data, descriptions and ontology around a document, and the document on top."""

    def __init__(self, quads: Iterable[Quad], around: Lookup = nothing) -> None:
        """Index a document's quads; ``around`` finds what the graph says of a subject."""
        self._around = around
        self.graphs: dict[NamedNode, list[Triple]] = defaultdict(list)
        self._own: dict[NamedNode, list[Quad]] = defaultdict(list)
        for quad in quads:
            if not isinstance(quad.graph_name, NamedNode):
                continue
            if not is_reference(quad.graph_name):
                self.graphs[quad.graph_name].append(quad.triple)
            elif isinstance(quad.subject, NamedNode):
                self._own[quad.subject].append(quad)
        self._cache: dict[NamedNode, list[Quad]] = {}

    def described(self) -> Iterable[NamedNode]:
        """Return the subjects that the document itself describes outside claim graphs."""
        return self._own.keys()

    def about(self, node: NamedNode) -> list[Quad]:
        """Return the description of a node: reference data, descriptions, ontology."""
        found = self._cache.get(node)
        if found is None:
            found = self._own.get(node) or [
                q
                for q in self._around(node)
                if isinstance(q.graph_name, NamedNode) and is_reference(q.graph_name)
            ]
            self._cache[node] = found
        return found

    def is_known(self, node: NamedNode) -> bool:
        """Tell whether anything outside claim graphs describes a node."""
        return bool(self.about(node))

    def is_concept(self, node: NamedNode) -> bool:
        """Tell whether a node belongs to the ontology: a term or a code-list concept."""
        return any(q.graph_name == ONTOLOGY_GRAPH for q in self.about(node))


def is_reference(graph: NamedNode) -> bool:
    """Tell whether a graph holds reference data, descriptions or the ontology."""
    return graph.value.startswith(GRAPH_BASE)
