"""What each shape reads: its targets, its paths, and those of its SPARQL constraints.

The verdict on a focus node follows from the triples that its shapes read, and from nothing
else. So the same node with the same reads needs no second look, and a change can only affect
the nodes that read it. A shape with a construct that is not understood here is *unread*: it is
taken to read everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import rdflib
from pyoxigraph import NamedNode
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from mineralgraph.gate import patterns, shapes
from mineralgraph.gate.paths import Automaton, Graph, Term

_TYPE = NamedNode(str(RDF.type))
_SUB_CLASS = NamedNode(str(RDFS.subClassOf))
_NESTED = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_LISTS = (SH["and"], SH["or"], SH.xone)
_COMPARED = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_LOCAL_NAMES = """path targetClass targetNode targetSubjectsOf targetObjectsOf datatype nodeKind
    minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength maxLength
    pattern flags languageIn uniqueLang in hasValue qualifiedMinCount qualifiedMaxCount
    ignoredProperties name message description severity deactivated order group defaultValue"""
_LOCAL = frozenset(SH[name] for name in _LOCAL_NAMES.split())
_UNREADABLE_PATH = "a path of an unknown form"


@dataclass
class ShapeReads:
    """One shape with targets, and where its reading begins in the automaton.

    Attributes:
        node: the shape.
        start: the state in which a focus node is.
        classes: ``sh:targetClass``, and the shape itself where it is a class.
        subjects_of: ``sh:targetSubjectsOf``.
        objects_of: ``sh:targetObjectsOf``.
        nodes: ``sh:targetNode``.
        unread: why the shape is taken to read everything; empty where it is understood.
    """

    node: Node
    start: int
    classes: frozenset[NamedNode] = frozenset()
    subjects_of: frozenset[NamedNode] = frozenset()
    objects_of: frozenset[NamedNode] = frozenset()
    nodes: frozenset[NamedNode] = frozenset()
    unread: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """All shapes, read into one automaton."""

    automaton: Automaton
    shapes: list[ShapeReads]
    by_start: dict[int, ShapeReads]

    @property
    def unread(self) -> list[ShapeReads]:
        """The shapes that are taken to read everything."""
        return [shape for shape in self.shapes if shape.unread]

    def targeting(self, graph: Graph, node: Term) -> list[ShapeReads]:
        """Return the shapes that a node is a focus node of, in a fixed order."""
        found = {s.start: s for c in _classes(graph, node) for s in self._of_class.get(c, ())}
        for predicate in graph.leaving(node):
            found.update((s.start, s) for s in self._of_subjects.get(predicate, ()))
        for predicate in graph.arriving(node, self._of_objects.keys()):
            found.update((s.start, s) for s in self._of_objects[predicate])
        found.update((s.start, s) for s in self._of_node.get(node, ()))
        return [found[start] for start in sorted(found)]

    def __post_init__(self) -> None:
        self._of_class: dict[Term, list[ShapeReads]] = {}
        self._of_subjects: dict[NamedNode, list[ShapeReads]] = {}
        self._of_objects: dict[NamedNode, list[ShapeReads]] = {}
        self._of_node: dict[Term, list[ShapeReads]] = {}
        for shape in self.shapes:
            for kind in shape.classes:
                self._of_class.setdefault(kind, []).append(shape)
            for predicate in shape.subjects_of:
                self._of_subjects.setdefault(predicate, []).append(shape)
            for predicate in shape.objects_of:
                self._of_objects.setdefault(predicate, []).append(shape)
            for node in shape.nodes:
                self._of_node.setdefault(node, []).append(shape)


def _classes(graph: Graph, node: Term) -> set[Term]:
    waiting = [t.object for t in graph.forward(node, _TYPE)]
    seen: set[Term] = set()
    while waiting:
        found = waiting.pop()
        if isinstance(found, NamedNode) and found not in seen:
            seen.add(found)
            waiting += [t.object for t in graph.forward(found, _SUB_CLASS)]
    return seen


@cache
def load(names: tuple[str, ...] = ()) -> Reading:
    """Read the shapes (``gate.shapes.load``)."""
    return read(shapes.load(names))


def read(graph: rdflib.Graph) -> Reading:
    """Read a shapes graph."""
    reader = _Reader(graph)
    found = [reader.shape(node) for node in _with_targets(graph)]
    return Reading(reader.automaton, found, {shape.start: shape for shape in found})


def _with_targets(graph: rdflib.Graph) -> list[Node]:
    found = {
        node
        for predicate in (
            SH.targetClass,
            SH.targetSubjectsOf,
            SH.targetObjectsOf,
            SH.targetNode,
            SH.target,
        )
        for node in graph.subjects(predicate)
    }
    for kind in (SH.NodeShape, SH.PropertyShape):
        found |= {n for n in graph.subjects(RDF.type, kind) if (n, RDF.type, RDFS.Class) in graph}
    return sorted(found, key=str)


class _Reader:
    def __init__(self, graph: rdflib.Graph) -> None:
        self.graph = graph
        self.automaton = Automaton()
        self._unread: list[str] = []

    def shape(self, node: Node) -> ShapeReads:
        """Read one shape that has targets."""
        start = self.automaton.state()
        self._unread = []
        shape = ShapeReads(
            node,
            start,
            self._terms(node, SH.targetClass),
            self._terms(node, SH.targetSubjectsOf),
            self._terms(node, SH.targetObjectsOf),
            self._terms(node, SH.targetNode),
            self._unread,
        )
        if (node, RDF.type, RDFS.Class) in self.graph:
            shape.classes |= {NamedNode(str(node))}
        if (node, SH.target, None) in self.graph:
            self._unread.append("a target of SHACL Advanced Features")
        self._targets(shape)
        self._constraints(node, start, ())
        return shape

    def _terms(self, node: Node, predicate: Node) -> frozenset[NamedNode]:
        found = self.graph.objects(node, predicate)
        return frozenset(NamedNode(str(o)) for o in found if isinstance(o, rdflib.URIRef))

    def _targets(self, shape: ShapeReads) -> None:
        """Being a focus node is read from the graph too."""
        if shape.classes:
            self._class(shape.start)
        for predicate in sorted(shape.subjects_of, key=str):
            self.automaton.step(shape.start, predicate)
        for predicate in sorted(shape.objects_of, key=str):
            self.automaton.step(shape.start, predicate, forward=False)

    def _class(self, start: int) -> None:
        chain = self.automaton.step(start, _TYPE)
        self.automaton.join(self.automaton.step(chain, _SUB_CLASS), chain)

    def _constraints(self, node: Node, start: int, above: tuple[Node, ...]) -> None:
        """Read the constraints of a shape whose focus node is at ``start``."""
        if node in above:
            self._unread.append("a shape that refers to itself")
            return
        path = self.graph.value(node, SH.path)
        values = start if path is None else self._path(path, start)
        for predicate, value in self.graph.predicate_objects(node):
            if predicate in _LOCAL or not str(predicate).startswith(str(SH)):
                continue
            if predicate in _NESTED:
                self._constraints(value, values, (*above, node))
            elif predicate in _LISTS:
                for part in Collection(self.graph, value):
                    self._constraints(part, values, (*above, node))
            elif predicate in _COMPARED:
                self.automaton.step(start, NamedNode(str(value)))
            elif predicate == SH["class"]:
                self._class(values)
            elif predicate == SH.closed:
                self.automaton.step(values, None)
            elif predicate == SH.sparql and path is None:
                self._sparql(value, start)
            else:
                self._unread.append(f"{predicate} is not understood")
        self._custom(node)

    def _custom(self, node: Node) -> None:
        """A constraint component of the shapes' own may read anything."""
        for parameter in self.graph.objects(None, SH.parameter):
            for path in self.graph.objects(parameter, SH.path):
                if (node, path, None) in self.graph:
                    self._unread.append("a constraint component of its own")

    def _sparql(self, constraint: Node, start: int) -> None:
        text = self.graph.value(constraint, SH.select)
        if text is None:
            self._unread.append("a SPARQL constraint without SELECT")
            return
        try:
            patterns.add(self.automaton, start, str(text), dict(self._declared(constraint)))
        except patterns.Unreadable as why:
            self._unread.append(f"SPARQL: {why}")

    def _declared(self, constraint: Node) -> Iterator[tuple[str, str]]:
        for owner in self.graph.objects(constraint, SH.prefixes):
            for declaration in self.graph.objects(owner, SH.declare):
                prefix = self.graph.value(declaration, SH.prefix)
                yield str(prefix), str(self.graph.value(declaration, SH.namespace))

    def _path(self, path: Node, start: int, *, forward: bool = True) -> int:
        """Add a SHACL property path; returns the state at its end."""
        if isinstance(path, rdflib.URIRef):
            return self.automaton.step(start, NamedNode(str(path)), forward=forward)
        inverse = self.graph.value(path, SH.inversePath)
        if inverse is not None:
            return self._path(inverse, start, forward=not forward)
        either = self.graph.value(path, SH.alternativePath)
        if either is not None:
            end = self.automaton.state()
            for part in Collection(self.graph, either):
                self.automaton.join(self._path(part, start, forward=forward), end)
            return end
        for predicate, least, many in (
            (SH.zeroOrMorePath, 0, True),
            (SH.oneOrMorePath, 1, True),
            (SH.zeroOrOnePath, 0, False),
        ):
            inner = self.graph.value(path, predicate)
            if inner is not None:
                return self._repeated(inner, start, least, many, forward=forward)
        if (path, RDF.first, None) not in self.graph:
            self._unread.append(_UNREADABLE_PATH)
            return start
        parts = list(Collection(self.graph, path))
        for part in parts if forward else reversed(parts):
            start = self._path(part, start, forward=forward)
        return start

    def _repeated(self, inner: Node, start: int, least: int, many: bool, *, forward: bool) -> int:
        first = start
        if least:
            first = self._path(inner, start, forward=forward)
        loop = self.automaton.state()
        self.automaton.join(first, loop)
        end = self._path(inner, loop, forward=forward)
        if many:
            self.automaton.join(end, loop)
            return loop
        self.automaton.join(loop, end)
        return end
