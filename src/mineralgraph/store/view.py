"""The current view: which triples stand in the default graph, and what a change does to that.

A triple of the view has *holders* (model.md section 2): every graph under ``id/graph/`` holds
its triples, and a claim's graph holds its own while the claim is current. A triple goes from
the view when its last holder goes. So a change needs a look at the triples that it touches,
and at those of claims whose ``mg:current`` it flips; nothing else can differ.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.rdf.namespaces import (
    AUDIT_GRAPH,
    CURRENT_VIEW,
    DATASET,
    GRAPH_BASE,
    MG,
    SCHEMA,
    SERVICE_GRAPH,
    XSD,
)
from mineralgraph.store.base import Change, Graph, Source, Term
from mineralgraph.store.descriptions import describes

TRUE = Literal("true", datatype=XSD.boolean)
_OF_THE_SERVICE = (AUDIT_GRAPH, SERVICE_GRAPH)
Find = Callable[..., Iterable[Quad]]
Describe = Callable[[NamedNode], Iterable[Quad]]


def derive(quads: Iterable[Quad]) -> set[Triple]:
    """Return the current view of a whole dataset, from its named graphs alone."""
    given = [q for q in quads if isinstance(q.graph_name, NamedNode)]
    current = {q.subject for q in given if q.predicate == MG.current and q.object == TRUE}
    return {q.triple for q in given if _always_holds(q.graph_name) or q.graph_name in current}


def _always_holds(graph: object) -> bool:
    return (
        isinstance(graph, NamedNode)
        and graph.value.startswith(GRAPH_BASE)
        and graph != CURRENT_VIEW
    )


def shown(triple: Triple) -> Quad:
    """Return a triple of the current view as a quad of the default graph."""
    return Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())


@dataclass(frozen=True)
class ViewChange:
    """What a change adds to the view and takes from it."""

    added: frozenset[Triple]
    removed: frozenset[Triple]


class After:
    """The named graphs as they will be after a change that is not made yet."""

    def __init__(self, find: Find, change: Change, described: Describe | None = None) -> None:
        """Lay a change over a graph.

        Args:
            find: the store's ``quads``.
            change: the change.
            described: the store's ``described``, where it is looked at.
        """
        self._find = find
        self._change = change
        self._described = described or (lambda node: filter(describes, find(node)))
        self._added: dict[tuple[int, object], list[Quad]] = defaultdict(list)
        for quad in change.added:
            for place, part in enumerate((quad.subject, quad.predicate, quad.object)):
                self._added[place, part].append(quad)
            self._added[3, quad.graph_name].append(quad)

    def quads(
        self,
        subject: object = None,
        predicate: object = None,
        obj: object = None,
        graph: object = None,
    ) -> Iterator[Quad]:
        """Yield the quads of the named graphs that will match."""
        for quad in self._find(subject, predicate, obj, graph):
            if isinstance(quad.graph_name, NamedNode) and quad not in self._change.removed:
                yield quad
        wanted = (subject, predicate, obj, graph)
        # The rarest part of the pattern leads; a large change must not be read for each look-up.
        lists = [self._added.get((n, w), []) for n, w in enumerate(wanted) if w is not None]
        for quad in min(lists, key=len) if lists else self._change.added:
            parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
            if all(w is None or w == part for w, part in zip(wanted, parts, strict=True)):
                yield quad

    def described(self, node: NamedNode) -> Iterator[Quad]:
        """Yield what reference data, descriptions and the ontology will say of a node."""
        for quad in self._described(node):
            if quad not in self._change.removed and quad not in self._change.added:
                yield quad
        yield from filter(describes, self._added.get((0, node), ()))

    def is_current(self, claim: object) -> bool:
        """Tell whether a claim will be flagged current."""
        return any(True for _ in self.quads(claim, MG.current, TRUE))

    def holds(self, triple: Triple) -> bool:
        """Tell whether some holder of a triple will be there."""
        return any(
            _always_holds(q.graph_name) or self.is_current(q.graph_name)
            for q in self.quads(triple.subject, triple.predicate, triple.object)
        )


class Without:
    """A graph, its current view included, as it would be without some quads of named graphs."""

    def __init__(self, source: Source, quads: frozenset[Quad]) -> None:
        change = Change(removed=quads)
        self._source = source
        self._named = After(source.quads, change, source.described)
        self._left = {shown(triple) for triple in effect(source.quads, change).removed}

    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        obj: Term | None = None,
        graph: Graph | None = None,
        /,
    ) -> Iterator[Quad]:
        """See ``Store.quads``."""
        if not isinstance(graph, DefaultGraph):
            yield from self._named.quads(subject, predicate, obj, graph)
        if graph is None or isinstance(graph, DefaultGraph):
            for quad in self._source.quads(subject, predicate, obj, DefaultGraph()):
                if quad not in self._left:
                    yield quad

    def described(self, node: NamedNode, /) -> Iterator[Quad]:
        """See ``Store.described``."""
        return self._named.described(node)


def effect(find: Find, change: Change) -> ViewChange:
    """Return what a change does to the current view.

    Args:
        find: the store's ``quads`` (pattern → quads) *before* the change.
        change: the change to the named graphs.
    """
    after = After(find, change)
    touched = {q.triple for q in change.removed | change.added}
    for claim in {q.subject for q in change.removed | change.added if q.predicate == MG.current}:
        if isinstance(claim, NamedNode):
            touched |= {q.triple for q in find(None, None, None, claim)}
    added, removed = set(), set()
    for triple in touched:
        shown = any(
            True for _ in find(triple.subject, triple.predicate, triple.object, DefaultGraph())
        )
        holds = after.holds(triple)
        if holds and not shown:
            added.add(triple)
        elif shown and not holds:
            removed.add(triple)
    return ViewChange(frozenset(added), frozenset(removed))


def effective(find: Find, change: Change) -> Change:
    """Return what a change really does: nothing is added twice, and nothing else removed."""

    def present(quad: Quad) -> bool:
        parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        return any(True for _ in find(*parts))

    return Change(
        frozenset(q for q in change.added if not present(q)),
        frozenset(q for q in change.removed if q not in change.added and present(q)),
    )


def version_quad(version: str) -> Quad:
    """Return the statement that carries the dataset version."""
    return Quad(DATASET, SCHEMA.version, Literal(version), SERVICE_GRAPH)


def version_of(find: Find) -> str:
    """Read the dataset version; an empty store has the version ``empty``."""
    for quad in find(DATASET, SCHEMA.version, None, SERVICE_GRAPH):
        return str(getattr(quad.object, "value", ""))
    return "empty"


def stamp(find: Find, change: Change) -> tuple[Change, str]:
    """Extend a change with the next dataset version.

    The version is a digest over the former version and the change, so that equal histories
    have equal versions, and no clock is read. What the service says of itself is left out of
    the digest: the record of writes names the versions itself.
    """
    former = version_of(find)
    hasher = hashlib.sha256(former.encode())
    for sign, quads in (("-", change.removed), ("+", change.added)):
        for line in sorted(str(q) for q in quads if q.graph_name not in _OF_THE_SERVICE):
            hasher.update(f"{sign}{line}\n".encode())
    version = hasher.hexdigest()[:16]
    old = frozenset(find(DATASET, SCHEMA.version, None, SERVICE_GRAPH))
    stamped = Change(change.added | {version_quad(version)}, change.removed | old)
    return stamped, version
