"""What reference data, descriptions and the ontology say of a node, apart from what claims say.

Thousands of claims may speak of one event, and an engine finds their quads together with the few
that describe it. So what was once found is kept, and forgotten when a write changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from pyoxigraph import NamedNode, Quad

from mineralgraph.rdf.namespaces import AUDIT_GRAPH, CURRENT_VIEW, GRAPH_BASE, SERVICE_GRAPH

_ASIDE: Final = frozenset({AUDIT_GRAPH, SERVICE_GRAPH, CURRENT_VIEW})
_KEPT: Final = 100_000
"""So many nodes are kept; a node of news takes some 2 KB."""


def describes(quad: Quad) -> bool:
    """Tell whether a quad describes something: neither asserted by a claim nor the service's."""
    graph = quad.graph_name
    return (
        isinstance(graph, NamedNode) and graph.value.startswith(GRAPH_BASE) and graph not in _ASIDE
    )


class Descriptions:
    """The descriptions of nodes in one store, each looked up once between changes to it."""

    def __init__(self, find: Callable[[NamedNode], Iterable[Quad]]) -> None:
        """Look up through a store's ``quads``."""
        self._find = find
        self._known: dict[NamedNode, tuple[Quad, ...]] = {}

    def of(self, node: NamedNode) -> tuple[Quad, ...]:
        """Return the quads that describe a node."""
        found = self._known.get(node)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[node] = tuple(filter(describes, self._find(node)))
        return found

    def forget(self, changed: Iterable[Quad]) -> None:
        """Look up again what is said of the subjects of some quads that came or went."""
        for quad in changed:
            if isinstance(quad.subject, NamedNode) and describes(quad):
                self._known.pop(quad.subject, None)
