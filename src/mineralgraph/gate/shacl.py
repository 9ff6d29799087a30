"""SHACL over units: each focus node once for each different set of triples that it reads.

The verdict on a focus node follows from what its shapes read (``reading``). A country that is
in thirty claim units reads the same in all of them and is asked about once.

Units are validated many at a time. In a batch every instance IRI of a unit gets the unit's
number as a suffix (``?unit=7``), and the results lose it again: units cannot touch each other,
because they share no node but the ontology's, literals and foreign IRIs. A focus node among
those is taken into the batch only if it reads nothing of a unit's own. The tests compare this
with plain pySHACL on every unit alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib.namespace import SH
from rdflib.term import Node

from mineralgraph.errors import MineralgraphError
from mineralgraph.gate import engine, reading
from mineralgraph.gate.context import Context
from mineralgraph.gate.paths import Term, TripleIndex
from mineralgraph.gate.reading import Reading, ShapeReads
from mineralgraph.gate.ready import IndexedGraph
from mineralgraph.gate.report import Severity
from mineralgraph.gate.units import Unit
from mineralgraph.rdf.namespaces import ID_BASE
from mineralgraph.rdf.terms import to_rdflib

BATCH_TRIPLES = 5_000
"""Triples in one run of the engine: a SPARQL constraint may look through all of them each time."""

_SUFFIX = re.compile(r"\?unit=\d+")
_SEVERITIES = {str(SH.Violation): Severity.VIOLATION, str(SH.Warning): Severity.WARNING}


@dataclass(frozen=True)
class ShapeResult:
    """One SHACL validation result (SHACL section 3.6.2), with the unit that it is of."""

    claim: NamedNode | None
    focus: Node
    path: Node | None
    value: Node | None
    shape: Node
    component: str
    severity: Severity
    message: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What "the same result" means: focus node, path, component, severity."""
        path = "-" if isinstance(self.path, rdflib.BNode) else str(self.path)
        return (str(self.focus), path, self.component, self.severity)


@dataclass(frozen=True)
class Look:
    """A focus node of a unit, the shapes that ask about it, and what they read."""

    claim: NamedNode | None
    focus: Term
    shapes: tuple[ShapeReads, ...]
    reads: frozenset[Triple]

    @property
    def key(self) -> tuple[Term, frozenset[Triple]]:
        """Looks with the same key have the same results."""
        return (self.focus, self.reads)


def looks(unit: Unit, read: Reading, only: frozenset[Term] | None = None) -> Iterator[Look]:
    """Yield what is to be looked at in a unit.

    Args:
        unit: the unit.
        read: the shapes.
        only: the focus nodes that matter; all of them when None.
    """
    index = TripleIndex(unit.triples)
    yield from looks_at(index.nodes() if only is None else only, index, unit, read)


def looks_at(
    nodes: Iterable[Term], index: TripleIndex, unit: Unit, read: Reading
) -> Iterator[Look]:
    """Yield what is to be looked at of some nodes.

    Args:
        nodes: the focus nodes that matter.
        index: the triples of the unit, found by one end.
        unit: the unit.
        read: the shapes.
    """
    for node in nodes:
        targeting = tuple(read.targeting(index, node))
        if not targeting:
            continue
        if any(shape.unread for shape in targeting):
            reads = unit.triples
        else:
            starts = [(shape.start, node) for shape in targeting]
            reads = frozenset(read.automaton.reads(index, starts))
        yield Look(unit.claim, node, targeting, reads)


def validate(
    units: Iterable[Unit], context: Context, names: tuple[str, ...] = ()
) -> Iterator[ShapeResult]:
    """Validate units and yield their results.

    Args:
        units: what to validate.
        context: tells which nodes are the ontology's and therefore shared.
        names: which shapes (``gate.shapes.load``).
    """
    read = reading.load(names)
    yield from judge((look for unit in units for look in looks(unit, read)), context, names)


def judge(
    wanted: Iterable[Look], context: Context, names: tuple[str, ...] = ()
) -> Iterator[ShapeResult]:
    """Ask the shapes about focus nodes; the same focus node with the same reads once."""
    alike: dict[tuple[Term, frozenset[Triple]], list[Look]] = {}
    for look in wanted:
        alike.setdefault(look.key, []).append(look)
    batch = _Batch(context, names)
    for same in alike.values():
        if not batch.takes(same[0]):
            yield from _spread(batch, alike)
            batch = _Batch(context, names)
        batch.add(same[0])
    yield from _spread(batch, alike)


def _spread(
    batch: _Batch, alike: dict[tuple[Term, frozenset[Triple]], list[Look]]
) -> Iterator[ShapeResult]:
    """Yield a batch's results for every unit in which the same was to be looked at."""
    for first, result in batch.run():
        for look in alike[first.key]:
            yield replace(result, claim=look.claim)


class _Batch:
    """Looks that are answered in one run of the engine."""

    def __init__(self, context: Context, names: tuple[str, ...]) -> None:
        self._context = context
        self._names = names
        self._data = IndexedGraph()
        self._size = 0
        self._numbers: dict[NamedNode | None, int] = {}
        self._terms: dict[tuple[int, object], Node] = {}
        self._looks: dict[Node, Look] = {}
        self._asked: dict[Node, list[Node]] = {}
        self._alone = False

    def takes(self, look: Look) -> bool:
        """Tell whether there is room for a look, and nothing in it that it would disturb."""
        if not self._size:
            return True
        if self._alone or self._mixes(look):
            return False
        fits = self._size + len(look.reads) <= BATCH_TRIPLES
        return fits and self._name(look) not in self._looks

    def _mixes(self, look: Look) -> bool:
        """A node that units share, but that reads what is not shared, needs its own batch."""
        if self._is_own(look.focus):
            return False
        ends = (end for triple in look.reads for end in (triple.subject, triple.object))
        return any(self._is_own(end) for end in ends)

    def _is_own(self, term: object) -> bool:
        if not isinstance(term, NamedNode) or not term.value.startswith(ID_BASE):
            return False
        return not self._context.is_concept(term)

    def _name(self, look: Look) -> Node:
        return self._term(look.focus, self._number(look.claim))

    def _number(self, claim: NamedNode | None) -> int:
        return self._numbers.setdefault(claim, len(self._numbers))

    def add(self, look: Look) -> None:
        """Add one look."""
        number = self._number(look.claim)
        self._alone = self._alone or self._mixes(look)
        for triple in look.reads:
            self._data.add(
                (
                    self._term(triple.subject, number),
                    to_rdflib(triple.predicate),
                    self._term(triple.object, number),
                )
            )
        self._size += len(look.reads)
        name = self._name(look)
        self._looks[name] = look
        for shape in look.shapes:
            self._asked.setdefault(shape.node, []).append(name)

    def _term(self, term: object, number: int) -> Node:
        key = (number, term)
        found = self._terms.get(key)
        if found is None:
            if isinstance(term, NamedNode) and self._is_own(term):
                found = rdflib.URIRef(f"{term.value}?unit={number}")
            elif isinstance(term, NamedNode | BlankNode | Literal):
                found = to_rdflib(term)
            else:
                raise TypeError("the dataset holds no triple terms")
            self._terms[key] = found
        return found

    def run(self) -> Iterator[tuple[Look, ShapeResult]]:
        """Yield each result with the look that it answers."""
        for fields in engine.run(self._data, self._asked, self._names):
            result = _result(fields)
            yield self._looks[result.focus], _plain(result)


def _result(fields: engine.Fields) -> ShapeResult:
    def one(predicate: Node) -> Node | None:
        return next(iter(fields.get(predicate, ())), None)

    focus, shape = one(SH.focusNode), one(SH.sourceShape)
    if focus is None or shape is None:
        raise MineralgraphError("pySHACL gave a result without focus node or shape")
    return ShapeResult(
        None,
        focus,
        one(SH.resultPath),
        one(SH.value),
        shape,
        str(one(SH.sourceConstraintComponent)),
        _SEVERITIES.get(str(one(SH.resultSeverity)), Severity.INFO),
        " ".join(sorted(str(m) for m in fields.get(SH.resultMessage, ()))),
    )


def _plain(result: ShapeResult) -> ShapeResult:
    def plain(node: Node | None) -> Node | None:
        return rdflib.URIRef(_SUFFIX.sub("", node)) if isinstance(node, rdflib.URIRef) else node

    return replace(
        result,
        focus=plain(result.focus) or result.focus,
        value=plain(result.value),
        message=_SUFFIX.sub("", result.message),
    )


def plainly(
    units: Sequence[Unit], context: Context, names: tuple[str, ...] = ()
) -> Iterator[ShapeResult]:
    """Validate every node of every unit, one unit after another: the measure of ``validate``.

    It asks pySHACL about whole units, as ``pyshacl.validate`` does, without regard to what
    shapes read; tests and benchmarks compare with it.
    """
    del context
    for unit in units:
        data = rdflib.Graph()
        for triple in unit.triples:
            data.add((_rdflib(triple.subject), _rdflib(triple.predicate), _rdflib(triple.object)))
        for fields in engine.whole(data, names):
            yield replace(_result(fields), claim=unit.claim)


def _rdflib(term: object) -> Node:
    return to_rdflib(term)  # type: ignore[arg-type]
