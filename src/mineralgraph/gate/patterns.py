"""What a SPARQL constraint reads: the triple patterns that hang together with ``$this``.

Every pattern is reached from ``$this`` by walking from pattern to pattern through shared
variables, so a triple that matches one can be walked back to the focus node. This holds for
joins, filters and (NOT) EXISTS. OPTIONAL, UNION, MINUS, subqueries, VALUES, GRAPH and patterns
that hang on nothing are not read: the shape then counts as reading everything.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import rdflib
from pyoxigraph import NamedNode
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, URIRef, Variable

from mineralgraph.gate.paths import Automaton

Pattern = tuple[Node, Node | Path, Node]
_THIS = Variable("this")
_INNER = frozenset(
    {"Join", "BGP", "Filter", "Extend", "Project", "Distinct", "SelectQuery", "OrderBy", "Reduced"}
)
_EXISTS = frozenset({"Builtin_EXISTS", "Builtin_NOTEXISTS"})


class Unreadable(Exception):
    """A construct whose reads cannot be told."""


def add(automaton: Automaton, start: int, select: str, prefixes: dict[str, str]) -> None:
    """Add the reads of a ``sh:select`` query to an automaton.

    Raises:
        Unreadable: when they cannot be told; the automaton may hold some of them already.
    """
    if "$PATH" in select:
        raise Unreadable("$PATH")
    query = prepareQuery(select, initNs={p: rdflib.Namespace(ns) for p, ns in prefixes.items()})
    _add_group(automaton, query.algebra, {_THIS: start})


def _add_group(automaton: Automaton, group: CompValue, reached: dict[Node, int]) -> None:
    """Add a group's patterns, then those of its EXISTS filters, which see its variables."""
    waiting = list(dict.fromkeys(_patterns(group)))
    while waiting:
        known = next((p for p in waiting if p[0] in reached or p[2] in reached), None)
        if known is None:
            raise Unreadable("a pattern that does not hang together with $this")
        waiting.remove(known)
        subject, path, value = known
        near, far, forward = (
            (subject, value, True) if subject in reached else (value, subject, False)
        )
        end = _follow(automaton, reached[near], path, forward=forward)
        if isinstance(far, Variable | rdflib.BNode):
            reached.setdefault(far, end)
    for inner in _inner_groups(group):
        _add_group(automaton, inner, dict(reached))


def _in(part: CompValue, key: str) -> object:
    """Return a member of a part, None where it has none; ``CompValue.get`` means other things."""
    return OrderedDict.get(part, key)


def _patterns(part: object) -> Iterator[Pattern]:
    """Yield the triple patterns of a group, without those of its EXISTS filters."""
    if not isinstance(part, CompValue):
        return
    if part.name not in _INNER or _in(part, "datasetClause"):
        raise Unreadable(part.name)
    if part.name == "BGP":
        yield from part.triples
    for key in ("p", "p1", "p2"):
        yield from _patterns(_in(part, key))


def _inner_groups(part: object) -> Iterator[CompValue]:
    """Yield the groups of the EXISTS filters of a group."""
    if isinstance(part, CompValue):
        yield from _exists(_in(part, "expr"))
        for key in ("p", "p1", "p2"):
            yield from _inner_groups(_in(part, key))


def _exists(expression: object) -> Iterator[CompValue]:
    if isinstance(expression, CompValue):
        if expression.name in _EXISTS:
            yield expression.graph
            return
        for value in expression.values():
            yield from _exists(value)
    elif isinstance(expression, list | tuple):
        for value in expression:
            yield from _exists(value)


def _follow(automaton: Automaton, start: int, path: Node | Path, *, forward: bool) -> int:
    """Add a SPARQL property path; returns the state at its end."""
    if isinstance(path, URIRef):
        return automaton.step(start, NamedNode(str(path)), forward=forward)
    if isinstance(path, Variable):
        return automaton.step(start, None, forward=forward)
    if isinstance(path, InvPath):
        return _follow(automaton, start, path.arg, forward=not forward)
    if isinstance(path, SequencePath):
        for part in path.args if forward else reversed(path.args):
            start = _follow(automaton, start, part, forward=forward)
        return start
    if isinstance(path, AlternativePath):
        end = automaton.state()
        for part in path.args:
            automaton.join(_follow(automaton, start, part, forward=forward), end)
        return end
    if isinstance(path, MulPath):
        loop = automaton.state()
        first = start if path.zero else _follow(automaton, start, path.path, forward=forward)
        automaton.join(first, loop)
        end = _follow(automaton, loop, path.path, forward=forward)
        automaton.join(*((end, loop) if path.more else (loop, end)))
        return loop if path.more else end
    raise Unreadable(type(path).__name__)
