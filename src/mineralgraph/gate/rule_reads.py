"""Which rows of a rule a change can bring about, and what the rule reads to make them.

A row that is there after a change and was not there before has a reason in the change: a quad
that came matches one of its patterns, or a quad that went was all that a NOT EXISTS found. So
from every quad that came or went the walk goes out along shared variables, and ends at the
*anchors*: the values of the variables that matter to a row. Whatever the rule reads for an
anchor is collected, whole where it counts, and one witness where it only asks whether there is
one. A quad that repeats in another graph what some graph says already moves nothing, unless
the rule asks for the graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Variable

from mineralgraph.gate.rule_cases import Rule
from mineralgraph.gate.rule_parts import VIEW, Below, Case, Pattern, Place, Term

Binding = Mapping[Variable, Term]
Anchor = frozenset[tuple[Variable, Term]]
Match = tuple[Binding, tuple[Quad, ...]]
Signs = frozenset[bool]
Anchors = dict[Anchor, tuple[Quad, ...]]
"""Where a row may be, and quads that its patterns match, where these are known."""
_BOTH: Signs = frozenset({True, False})


class Look(Protocol):
    """A state of the graph."""

    def quads(
        self,
        subject: Term | None,
        predicate: NamedNode | None,
        object: Term | None,
        graph: NamedNode | DefaultGraph | None,
        /,
    ) -> Iterable[Quad]:
        """Return the quads that match; None matches anything, as a graph any but the view."""

    def described(self, node: NamedNode, /) -> Iterable[Quad]:
        """Return the quads about a node in graphs of descriptions (``GRAPH_BASE``)."""


class Delta:
    """What a change brings and takes, the current view's quads included."""

    def __init__(
        self, added: Iterable[Quad], removed: Iterable[Quad], before: Look, after: Look
    ) -> None:
        """Index a change.

        Args:
            added: quads that come and were not there.
            removed: quads that go and were there.
            before: the graph before the change.
            after: the graph after it.
        """
        self._quads: dict[tuple[bool, NamedNode | None], list[Quad]] = defaultdict(list)
        self._other_state = {True: before, False: after}
        self._alone: dict[tuple[bool, Quad], bool] = {}
        self._gone = frozenset(removed)
        for sign, quads in ((True, added), (False, self._gone)):
            for quad in quads:
                self._quads[sign, quad.predicate].append(quad)
                self._quads[sign, None].append(quad)

    def of(self, sign: bool, predicate: NamedNode | None) -> list[Quad]:
        """Return the quads that come (True) or go, with a property unless None."""
        return self._quads.get((sign, predicate), [])

    def takes_any(self, quads: Iterable[Quad]) -> bool:
        """Tell whether one of some quads goes."""
        return bool(self._gone) and not self._gone.isdisjoint(quads)

    def moves(self, sign: bool, quad: Quad) -> bool:
        """Tell whether a triple comes with a quad, or goes with it: no other graph holds it."""
        found = self._alone.get((sign, quad))
        if found is None:
            look = self._other_state[sign]
            parts = (quad.subject, quad.predicate, quad.object)
            found = not any(True for _ in look.quads(*parts, None))  # type: ignore[arg-type]
            self._alone[sign, quad] = found
        return found


@dataclass(frozen=True)
class Entry:
    """A pattern of a case as a way in for a changed quad.

    Attributes:
        pattern: the pattern.
        rest: what must match besides it, constraints included.
        signs: whether quads that come matter (True), or that go (False).
        any_graph: whether the rule does not ask in which graph the quad stands.
    """

    pattern: Pattern
    rest: Case
    signs: Signs
    any_graph: bool


@cache
def entries(rule: Rule) -> tuple[tuple[Case, tuple[Entry, ...]], ...]:
    """Return the ways in of each case of a rule."""
    return tuple((case, tuple(_entries(case, frozenset({True}), ()))) for case in rule.cases)


def _entries(case: Case, signs: Signs, above: tuple[Case, ...]) -> Iterator[Entry]:
    if case.key is not None:
        signs = _BOTH  # a count can be wrong by what goes too
    chain = (*above, case)
    whole = case
    for outer in above:
        whole = whole.joined(outer)
    for pattern in case.patterns:
        others = tuple(p for p in whole.patterns if p is not pattern)
        rest = Case(others, among=whole.among, starts=whole.starts)
        yield Entry(pattern, rest, signs, _any_graph(pattern, chain))
    for group in case.below:
        inner_signs = {True: signs, False: frozenset(not s for s in signs), None: _BOTH}[group.sign]
        for inner in group.cases:
            yield from _entries(inner, inner_signs, chain)


def _any_graph(pattern: Pattern, chain: tuple[Case, ...]) -> bool:
    graph = pattern.graph
    if not isinstance(graph, Variable):
        return False
    scope = next(case for case in chain if graph in case.variables | case.used)
    return _mentions(graph, scope) == 1


def _mentions(variable: Variable, case: Case) -> int:
    """Return how often a case and what is below it look at a variable."""
    found = (variable in case.used) + sum(
        (p.subject, *p.predicates, p.object, p.graph).count(variable) for p in case.patterns
    )
    return found + sum(_mentions(variable, c) for c in case.inner())


def anchors(case: Case, ways: Iterable[Entry], delta: Delta, look: Look) -> Anchors:
    """Return where a change may bring about a row.

    Args:
        case: a case of a rule.
        ways: its ways in (``entries``).
        delta: the change.
        look: the graph with what was there before and what is there after.

    Returns:
        The anchors; with each the quads that the case's patterns match there after the change,
        where they are known already.
    """
    wanted = case.matter if case.key is None else case.key
    found: Anchors = {}
    for way in ways:
        if way.pattern.circle:
            found.update(dict.fromkeys(_circles(way, delta, look), ()))
            continue
        useful = way.rest.variables | wanted
        own = case.key is None and way.pattern in case.patterns
        for start, quad in _starts(way, useful, delta).items():
            for full, quads in _walk(way.rest, way.rest.patterns, dict(start), look, wanted):
                anchor = frozenset((v, full[v]) for v in wanted if v in full)
                if not found.get(anchor):
                    matched = (quad, *quads)
                    found[anchor] = matched if own and not delta.takes_any(matched) else ()
    return found


def _starts(way: Entry, useful: frozenset[Variable], delta: Delta) -> dict[Anchor, Quad]:
    """Return what changed quads say of the useful variables, and a quad that says it."""
    pattern, limited = way.pattern, way.rest.limited
    names = [variable for _, variable in pattern.open]
    telling = [n for n, v in pattern.open if v in useful or v in limited or names.count(v) > 1]
    starts: dict[Anchor, Quad] = {}
    seen: set[tuple[object, ...]] = set()
    for quad in _arrivals(way, delta):
        parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        key = tuple([parts[n] for n in telling])
        if key in seen or not _fits(pattern, parts):
            continue
        seen.add(key)
        binding = _bound(pattern, quad, {}, way.rest)
        if binding is not None:
            start = frozenset((v, t) for v, t in binding.items() if v in useful)
            starts.setdefault(start, quad)
    return starts


def _circles(way: Entry, delta: Delta, look: Look) -> Iterator[Anchor]:
    """Yield the nodes above a step that closes a circle."""
    variable = way.pattern.subject
    for quad in _arrivals(way, delta):
        nodes, _ = _upward(way.pattern, quad.object, look)  # type: ignore[arg-type]
        if quad.subject in nodes:
            yield from (frozenset({(variable, node)}) for node in nodes)  # type: ignore[misc]


def _arrivals(way: Entry, delta: Delta) -> Iterator[Quad]:
    """Yield the changed quads that may match a pattern, each once."""
    pattern = way.pattern
    predicates: list[NamedNode | None] = []
    for place in pattern.predicates:
        allowed = way.rest.among.get(place) if isinstance(place, Variable) else frozenset({place})
        if allowed is None:
            predicates = [None]
            break
        predicates += [p for p in allowed if isinstance(p, NamedNode)]
    for sign in way.signs:
        for predicate in predicates:
            for quad in delta.of(sign, predicate):
                in_view = isinstance(quad.graph_name, DefaultGraph)
                if in_view == (pattern.graph == VIEW) and (
                    not way.any_graph or delta.moves(sign, quad)
                ):
                    yield quad


class Reader:
    """Collects what a rule reads in one state of the graph."""

    def __init__(self, look: Look) -> None:
        """Read through a look-up."""
        self._look = look
        self.quads: set[Quad] = set()
        self._done: set[tuple[int, Anchor]] = set()

    def read(self, case: Case, start: Binding, matched: tuple[Quad, ...] = ()) -> None:
        """Read what a case reads where some variables have given values.

        That is every quad that its patterns match together, and what makes its (NOT) EXISTS
        true. Nothing where the patterns do not match.

        Args:
            case: the case.
            start: the values.
            matched: what the patterns match, where every variable that matters has a value and
                it is known already.
        """
        if any(p.circle for p in case.patterns):
            circle = case.patterns[0]
            self.quads |= _upward(circle, start[circle.subject], self._look)[1]  # type: ignore[index]
            return
        walk = _walk(case, case.patterns, start, self._look, case.matter)
        for full, quads in [(start, matched)] if matched else walk:
            self.quads.update(quads)
            for group in case.below:
                self._witness(group, full, case.made)

    def _witness(self, group: Below, outer: Binding, made: frozenset[Variable]) -> None:
        """Read what makes a group of (NOT) EXISTS true: one witness where one will do."""
        for inner in group.cases:
            known = {v: t for v, t in outer.items() if v in inner.seen}
            key = (id(inner), frozenset(known.items()))
            if key in self._done:
                continue
            self._done.add(key)
            made = made | inner.made
            unknown = made & inner.seen - known.keys()
            one_will_do = not (inner.filtered or inner.below or unknown)
            wanted = inner.matter | unknown
            for full, quads in _walk(inner, inner.patterns, known, self._look, wanted):
                self.quads.update(quads)
                if one_will_do:
                    break
                for deeper in inner.below:
                    self._witness(deeper, {**outer, **full}, made)


def _walk(
    case: Case, patterns: tuple[Pattern, ...], binding: Binding, look: Look,
    wanted: frozenset[Variable],
) -> Iterator[Match]:  # fmt: skip
    """Yield the ways in which patterns match together, one for each value of what is wanted."""
    if not patterns:
        yield binding, ()
        return
    best, others = patterns[0], patterns[1:]
    if others:
        best = max(patterns, key=lambda p: _known(p, binding))
        others = tuple(p for p in patterns if p is not best)
    needed = best.variables - binding.keys()
    if needed:
        needed &= wanted.union(*(p.variables for p in others)) if others else wanted
    seen: set[Anchor] = set()
    for quad in _matching(best, binding, look, case):
        more = _bound(best, quad, binding, case)
        if more is None:
            continue
        if needed:
            key = frozenset((v, more[v]) for v in needed)
            if key in seen:
                continue
            seen.add(key)
        for full, quads in _walk(case, others, more, look, wanted):
            yield full, (quad, *quads)
        if not needed:
            return  # another quad would lead to the same


def _known(pattern: Pattern, binding: Binding) -> tuple[bool, int]:
    """Return how well a pattern can be looked up: first where what is known leads to it."""
    led = sum(variable in binding for _, variable in pattern.open)
    return (led > 0, led * 2 + len(pattern.fixed))


def _matching(pattern: Pattern, binding: Binding, look: Look, case: Case) -> Iterator[Quad]:
    def value(place: Place | DefaultGraph) -> Term | DefaultGraph | None:
        return binding.get(place) if isinstance(place, Variable) else place

    subject, obj, graph = value(pattern.subject), value(pattern.object), value(pattern.graph)
    if isinstance(subject, Literal) or not isinstance(graph, NamedNode | DefaultGraph | None):
        return
    if graph is None and isinstance(subject, NamedNode) and case.describes(pattern.graph):
        yield from look.described(subject)
        return
    for place in pattern.predicates:
        predicate = value(place)
        if isinstance(predicate, NamedNode | None):
            yield from look.quads(subject, predicate, obj, graph)  # type: ignore[arg-type]


def _bound(pattern: Pattern, quad: Quad, binding: Binding, case: Case) -> Binding | None:
    """Return a binding with what a quad binds; None where it does not fit."""
    parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    if not _fits(pattern, parts):
        return None
    more = dict(binding)
    for n, variable in pattern.open:
        term: Term = parts[n]  # type: ignore[assignment]
        known = more.get(variable)
        if known is None:
            if not case.allows(variable, term):
                return None
            more[variable] = term
        elif known != term:
            return None
    return more


def _fits(pattern: Pattern, parts: tuple[object, ...]) -> bool:
    """Tell whether the terms of a pattern are those of a quad."""
    for n, term in pattern.fixed:
        if parts[n] != term:
            return False
    return len(pattern.predicates) == 1 or parts[1] in pattern.predicates


def _upward(pattern: Pattern, start: Term, look: Look) -> tuple[set[Term], set[Quad]]:
    """Return what a circle's properties lead to from a node, and along which quads."""
    waiting, nodes, quads = [start], {start}, set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Literal):
            continue
        for predicate in pattern.predicates:
            for quad in look.quads(node, predicate, None, VIEW):  # type: ignore[arg-type]
                quads.add(quad)
                if quad.object not in nodes:
                    nodes.add(quad.object)  # type: ignore[arg-type]
                    waiting.append(quad.object)  # type: ignore[arg-type]
    return nodes, quads
