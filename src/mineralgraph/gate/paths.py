"""Paths that shapes read, as an automaton that can be walked forwards and backwards.

A shape looks at the graph along paths from its focus node. Here all these paths are the
transitions of one automaton: walked from a focus node it gives every triple that the shape can
see (``reads``); walked back from a triple it gives every focus node that can see that triple
(``readers``). Both follow SHACL section 2.3.1 and SPARQL 1.1 section 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

Term = NamedNode | BlankNode | Literal
Edge = tuple[bool, NamedNode | None, int]
"""Forward (subject to object) or not; the predicate, None for any; the state it leads to."""


class Graph(Protocol):
    """Triples, found by one end."""

    def forward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """Return the triples with this subject, and this predicate unless None."""

    def backward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """Return the triples with this object, and this predicate unless None."""

    def leaving(self, node: Term) -> Iterable[NamedNode]:
        """Return the predicates that a node is subject of."""

    def arriving(self, node: Term, wanted: Iterable[NamedNode]) -> Iterable[NamedNode]:
        """Return which of some predicates a node is object of."""


class Automaton:
    """States and transitions. A state stands for "here a shape, or a part of it, looks on"."""

    def __init__(self) -> None:
        self.out: list[list[Edge]] = []
        self.back: list[list[Edge]] = []
        self._free: list[list[int]] = []
        self._free_back: list[list[int]] = []
        self._by_predicate: dict[NamedNode | None, list[tuple[int, bool]]] = defaultdict(list)

    def state(self) -> int:
        """Return a new state."""
        for table in (self.out, self.back):
            table.append([])
        for free in (self._free, self._free_back):
            free.append([])
        return len(self.out) - 1

    def step(self, start: int, predicate: NamedNode | None, *, forward: bool = True) -> int:
        """Add a transition along one property; returns the state that it leads to."""
        end = self.state()
        self.out[start].append((forward, predicate, end))
        self.back[end].append((forward, predicate, start))
        self._by_predicate[predicate].append((start, forward))
        return end

    def join(self, start: int, end: int) -> None:
        """Let ``start`` stand for ``end`` too."""
        self._free[start].append(end)
        self._free_back[end].append(start)

    @property
    def predicates(self) -> frozenset[NamedNode | None]:
        """The properties that are looked at; None among them means any."""
        return frozenset(self._by_predicate)

    def of_any(self) -> list[tuple[int, bool]]:
        """Return the states from which any property is followed, and whether forwards."""
        return self._by_predicate.get(None, [])

    def reads(self, graph: Graph, starts: Iterable[tuple[int, Term]]) -> set[Triple]:
        """Return every triple that is seen from some states and nodes."""
        seen: set[Triple] = set()
        for state, node in _spread(self._free, starts, self._forward(graph, seen)):
            del state, node
        return seen

    def _forward(self, graph: Graph, seen: set[Triple]) -> _Follow:
        def follow(state: int, node: Term) -> Iterator[tuple[int, Term]]:
            for forward, predicate, end in self.out[state]:
                found = (graph.forward if forward else graph.backward)(node, predicate)
                for triple in found:
                    seen.add(triple)
                    yield end, _far(triple, forward)

        return follow

    def readers(self, graph: Graph, triple: Triple) -> set[tuple[int, Term]]:
        """Return the start states and nodes from which a triple can be seen.

        Args:
            graph: where to walk back; it holds the triples before and after a change.
            triple: the triple that came or went.
        """
        ends = [
            (state, _far(triple, not forward))
            for predicate in (triple.predicate, None)
            for state, forward in self._by_predicate.get(predicate, ())
        ]

        def follow(state: int, node: Term) -> Iterator[tuple[int, Term]]:
            for forward, predicate, start in self.back[state]:
                found = (graph.backward if forward else graph.forward)(node, predicate)
                for each in found:
                    yield start, _far(each, not forward)

        return set(_spread(self._free_back, ends, follow))


class _Follow(Protocol):
    def __call__(self, state: int, node: Term) -> Iterator[tuple[int, Term]]: ...


def _far(triple: Triple, forward: bool) -> Term:
    end = triple.object if forward else triple.subject
    if isinstance(end, Triple):
        raise TypeError("the dataset holds no triple terms")
    return end


def _spread(
    free: list[list[int]], starts: Iterable[tuple[int, Term]], follow: _Follow
) -> Iterator[tuple[int, Term]]:
    """Yield every pair of state and node that is reached, each once."""
    waiting = list(dict.fromkeys(starts))
    seen = set(waiting)
    while waiting:
        state, node = waiting.pop()
        yield state, node
        for pair in (*((other, node) for other in free[state]), *follow(state, node)):
            if pair not in seen:
                seen.add(pair)
                waiting.append(pair)


class TripleIndex:
    """A graph in memory (``paths.Graph``)."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._forward: dict[Term, dict[NamedNode, list[Triple]]] = {}
        self._backward: dict[Term, dict[NamedNode, list[Triple]]] = {}
        for triple in triples:
            for table, end in (
                (self._forward, triple.subject),
                (self._backward, triple.object),
            ):
                if not isinstance(end, Triple):
                    table.setdefault(end, {}).setdefault(triple.predicate, []).append(triple)

    def forward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """See ``Graph``."""
        by_predicate = self._forward.get(node)
        return () if by_predicate is None else _of(by_predicate, predicate)

    def backward(self, node: Term, predicate: NamedNode | None) -> Iterable[Triple]:
        """See ``Graph``."""
        by_predicate = self._backward.get(node)
        return () if by_predicate is None else _of(by_predicate, predicate)

    def leaving(self, node: Term) -> Iterable[NamedNode]:
        """See ``Graph``."""
        return self._forward.get(node, {}).keys()

    def arriving(self, node: Term, wanted: Iterable[NamedNode]) -> Iterable[NamedNode]:
        """See ``Graph``."""
        found = self._backward.get(node)
        return [p for p in wanted if p in found] if found else ()

    def nodes(self) -> Iterable[Term]:
        """Return every subject and object."""
        return self._forward.keys() | self._backward.keys()


def _of(
    by_predicate: dict[NamedNode, list[Triple]], predicate: NamedNode | None
) -> Iterable[Triple]:
    if predicate is not None:
        return by_predicate.get(predicate, ())
    return [triple for triples in by_predicate.values() for triple in triples]
