"""Which triples a property path walks between two nodes that it is known to connect.

Alternatives and sequences give every way; a repetition (``*``, ``+``) gives one shortest way, as
there can be exponentially many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode

from mineralgraph.provenance.holders import Holders
from mineralgraph.provenance.how import NOTHING, How, all_of, any_of
from mineralgraph.provenance.syntax import (
    Alternative,
    Inverse,
    Link,
    Negated,
    Path,
    Repeat,
    Steps,
)
from mineralgraph.store.base import Term

Leaf = Callable[[Term, NamedNode, Term], How]


@dataclass(frozen=True)
class _Step:
    """One step from a path's node, and in which direction."""

    path: Path
    forward: bool


class Walker:
    """Finds the ways of paths in one graph.

    Args:
        holders: where triples are looked up.
        graph: the named graph, or None for the default graph.
        constants: the terms that the paths' predicates stand for.
        leaf: makes a leaf of a triple.
        shortest: called when one shortest way stands for possibly many.
        empty: called when a path of length zero was walked.
    """

    def __init__(
        self,
        holders: Holders,
        graph: NamedNode | None,
        constants: Mapping[str, Term],
        leaf: Leaf,
        shortest: Callable[[], None],
        empty: Callable[[], None],
    ) -> None:
        self._holders = holders
        self._graph = graph
        self._constants = constants
        self._leaf = leaf
        self._shortest = shortest
        self._empty = empty
        self._ends: dict[tuple[Path, Term, bool], dict[Term, None]] = {}
        self._ways: dict[tuple[Path, Term, Term], How | None] = {}

    def way(self, path: Path, start: Term, end: Term) -> How | None:
        """Return the triples that lead from start to end; None where none do."""
        key = (path, start, end)
        if key not in self._ways:
            self._ways[key] = self._way(path, start, end)
        return self._ways[key]

    def _way(self, path: Path, start: Term, end: Term) -> How | None:
        match path:
            case Link(predicate):
                name = self._constants[predicate.text]
                return self._edge(start, name, end)
            case Inverse(inner):
                return self.way(inner, end, start)
            case Alternative(parts):
                return _any(self.way(part, start, end) for part in parts)
            case Steps(parts):
                return self._sequence(parts, start, end)
            case Negated():
                return self._negated(path, start, end)
            case Repeat(inner, mark):
                return self._repeated(inner, mark, start, end)

    def _edge(self, start: Term, name: Term, end: Term) -> How | None:
        if not isinstance(name, NamedNode):
            return None
        found = next(self._holders.find(start, name, end, self._graph), None)
        return None if found is None else self._leaf(start, name, end)

    def _negated(self, path: Negated, start: Term, end: Term) -> How | None:
        ways: list[How | None] = []
        if path.forward or not path.both:
            ways += [self._edge(start, p, end) for p in self._others(path.forward, start, end)]
        if path.both:
            ways += [self._edge(end, p, start) for p in self._others(path.backward, end, start)]
        return _any(ways)

    def _others(
        self, refused: Iterable[object], start: Term | None, end: Term | None
    ) -> list[NamedNode]:
        names = {self._constants[getattr(constant, "text", "")] for constant in refused}
        found = self._holders.find(start, None, end, self._graph)
        return sorted({q.predicate for q in found if q.predicate not in names}, key=str)

    def _sequence(self, parts: tuple[Path, ...], start: Term, end: Term) -> How | None:
        if len(parts) == 1:
            return self.way(parts[0], start, end)
        if len(parts) == 2:
            first, rest = parts
        else:
            first, rest = parts[0], Steps(parts[1:])
        ways: list[How | None] = []
        before, after = self.ends(first, start), self.ends(rest, end, forward=False)
        for middle in before:
            if middle in after:
                left, right = self.way(first, start, middle), self.way(rest, middle, end)
                if left is not None and right is not None:
                    ways.append(all_of((left, right)))
        return _any(ways)

    def _repeated(self, inner: Path, mark: str, start: Term, end: Term) -> How | None:
        if mark != "+" and start == end:
            self._empty()
            return NOTHING
        if mark == "?":
            return self.way(inner, start, end)
        chain = self._chain(inner, start, end)
        if chain is None:
            return None
        if len(chain) > 1:
            self._shortest()
        ways = [self.way(inner, a, b) for a, b in chain]
        return all_of(way for way in ways if way is not None)

    def _chain(self, inner: Path, start: Term, end: Term) -> list[tuple[Term, Term]] | None:
        """Return the hops of a shortest way of at least one hop (breadth first)."""
        came: dict[Term, Term] = {}
        rim = [start]
        while rim and end not in came:
            following: list[Term] = []
            for node in rim:
                for other in self.ends(inner, node):
                    if other not in came:
                        came[other] = node
                        following.append(other)
            rim = following
        if end not in came:
            return None
        hops = [(came[end], end)]
        while hops[0][0] != start:
            node = hops[0][0]
            hops.insert(0, (came[node], node))
        return hops

    def ends(self, path: Path, node: Term, *, forward: bool = True) -> dict[Term, None]:
        """Return the nodes that a path leads to from a node, or from which it leads there."""
        key = (path, node, forward)
        if key not in self._ends:
            self._ends[key] = dict.fromkeys(self._find_ends(path, node, forward))
        return self._ends[key]

    def _find_ends(self, path: Path, node: Term, forward: bool) -> Iterable[Term]:
        match path:
            case Link(predicate):
                return self._neighbours(self._constants[predicate.text], node, forward)
            case Inverse(inner):
                return self.ends(inner, node, forward=not forward)
            case Alternative(parts):
                return [n for part in parts for n in self.ends(part, node, forward=forward)]
            case Steps(parts):
                found: Iterable[Term] = [node]
                for part in parts if forward else reversed(parts):
                    found = {n: None for f in found for n in self.ends(part, f, forward=forward)}
                return found
            case Repeat(inner, mark):
                return self._closure(inner, mark, node, forward)
            case Negated():
                return self._negated_ends(path, node, forward)

    def _neighbours(self, name: Term, node: Term, forward: bool) -> list[Term]:
        if not isinstance(name, NamedNode):
            return []
        if forward:
            found = self._holders.find(node, name, None, self._graph)
            return [q.object for q in found if isinstance(q.object, _TERMS)]
        found = self._holders.find(None, name, node, self._graph)
        return [q.subject for q in found if isinstance(q.subject, _TERMS)]

    def _negated_ends(self, path: Negated, node: Term, forward: bool) -> list[Term]:
        found: list[Term] = []
        for names, ahead in ((path.forward, forward), (path.backward, not forward)):
            if names or (not path.both and ahead == forward):
                others = (
                    self._others(names, node, None) if ahead else self._others(names, None, node)
                )
                found += [n for name in others for n in self._neighbours(name, node, ahead)]
        return found

    def _closure(self, inner: Path, mark: str, node: Term, forward: bool) -> dict[Term, None]:
        if mark == "?":
            return dict.fromkeys([node, *self.ends(inner, node, forward=forward)])
        found = {node: None} if mark == "*" else {}
        waiting = [node]
        while waiting:
            for other in self.ends(inner, waiting.pop(), forward=forward):
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return found


_TERMS = (NamedNode, BlankNode, Literal)


def _any(ways: Iterable[How | None]) -> How | None:
    found = [way for way in ways if way is not None]
    return any_of(found) if found else None
