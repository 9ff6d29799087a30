"""What the rules over the whole dataset find because of a change.

Each rule is asked only about what the change can bring about: ``gate/rule_reads.py`` tells where,
and what the rule reads there. Those quads go into a small store, where the rule runs as it is
written. What it finds there is looked at once more, with all that it reads for that row, after
the change and before it; a row that was there before is no consequence. So the findings are
those of the rules over the whole dataset after the change, less those before it, and the work
follows the size of the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from pyoxigraph import DefaultGraph, NamedNode, Quad, Variable

from mineralgraph.gate import rule_cases, rule_reads
from mineralgraph.gate.report import Finding
from mineralgraph.gate.rule_cases import Rule
from mineralgraph.gate.rule_parts import VIEW, Term
from mineralgraph.gate.rule_reads import Anchors, Delta, Reader
from mineralgraph.intake.dataset import ontology_quads
from mineralgraph.pipeline.surroundings import OF_THE_SERVICE, in_words, rows_of
from mineralgraph.rdf.namespaces import MG, ONTOLOGY_GRAPH
from mineralgraph.store import view
from mineralgraph.store.base import Change, Source
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Cell
from mineralgraph.store.view import After, Find

Row = frozenset[tuple[str, Cell]]


def new_findings(store: Source, change: Change) -> list[Finding]:
    """Return what the rules over the dataset find after a change and did not find before it.

    Args:
        store: the graph before the change.
        change: the change.
    """
    states = _States.of(store, change)
    return [finding for rule in rule_cases.load() for finding in _new(rule, states)]


def _new(rule: Rule, states: _States) -> Iterator[Finding]:
    """Yield the findings of one rule."""
    starts = {
        number: rule_reads.anchors(case, ways, states.delta, states.either)
        for number, (case, ways) in enumerate(rule_reads.entries(rule))
    }
    found = _rows(rule, starts, states.after)
    if not found:
        return
    # Rows that come of quads read for different anchors may lack what the rule reads for them.
    again = _starts_of(rule, found)
    found &= _rows(rule, again, states.after)
    found -= _rows(rule, again, states.before)
    yield from rule.check.findings(sorted((in_words(dict(row)) for row in found), key=str))


def _rows(rule: Rule, starts: dict[int, Anchors], state: _State) -> set[Row]:
    """Return the rows of a rule on what it reads for some anchors."""
    reader = Reader(state)
    for number, anchors in starts.items():
        for anchor, matched in anchors.items():
            reader.read(rule.cases[number], dict(anchor), matched)
    if not reader.quads:
        return set()
    with EmbeddedStore.of(reader.quads) as store:
        return {frozenset(row.items()) for row in rows_of(store, rule.check.text)}


def _starts_of(rule: Rule, rows: Iterable[Row]) -> dict[int, Anchors]:
    """Return the anchors of rows: what their cells say of the variables of each case."""
    return {
        number: {
            frozenset((Variable(n), v) for n, v in row if Variable(n) in case.variables): ()  # type: ignore[misc]
            for row in rows
        }
        for number, case in enumerate(rule.cases)
    }


class _State:
    """The data of a graph: its named graphs, save those of the service, and the current view."""

    def __init__(self, named: Source, shown: Find) -> None:
        self._named = named
        self._shown = shown
        filled = any(True for _ in named.quads(None, None, None, ONTOLOGY_GRAPH))
        self._borrowed = None if filled else _ontology()
        self._found: dict[tuple[object, ...], list[Quad]] = {}

    def quads(
        self,
        subject: Term | None,
        predicate: NamedNode | None,
        obj: Term | None,
        graph: NamedNode | DefaultGraph | None,
        /,
    ) -> Iterator[Quad]:
        """See ``rule_reads.Look``."""
        pattern = (subject, predicate, obj, graph)
        if pattern in self._found:
            yield from self._found[pattern]
            return
        found: list[Quad] = []
        for quad in self._all(*pattern):
            found.append(quad)
            yield quad
        self._found[pattern] = found

    def _all(
        self, subject: Term | None, predicate: NamedNode | None, obj: Term | None,
        graph: NamedNode | DefaultGraph | None,
    ) -> Iterator[Quad]:  # fmt: skip
        if graph == VIEW:
            yield from self._shown(subject, predicate, obj)
            return
        for holder in (self._named, self._borrowed):
            if holder is None:
                continue
            for quad in holder.quads(subject, predicate, obj, graph):
                name = quad.graph_name
                if isinstance(name, NamedNode) and name not in OF_THE_SERVICE:
                    yield quad

    def described(self, node: NamedNode, /) -> Iterator[Quad]:
        """See ``rule_reads.Look``."""
        yield from self._named.described(node)
        if self._borrowed is not None:
            yield from self._borrowed.described(node)


@dataclass(frozen=True)
class _States:
    """A graph before a change, after it, and with what is there in either."""

    before: _State
    after: _State
    either: _State
    delta: Delta

    @classmethod
    def of(cls, store: Source, change: Change) -> _States:
        """Lay a change over a graph."""
        change = view.effective(store.quads, change)
        came = {q for q in change.added if q.graph_name not in OF_THE_SERVICE}
        went = {q for q in change.removed if q.graph_name not in OF_THE_SERVICE}
        came_in_view, left_view = _view_change(store.quads, change)

        def shown(subject: object, predicate: object, obj: object) -> Iterable[Quad]:
            return store.quads(subject, predicate, obj, VIEW)  # type: ignore[arg-type]

        def laid(change: Change, left: set[Quad]) -> _State:
            named = After(store.quads, change, store.described)
            return _State(named, _changed(shown, came_in_view, left))

        before = _State(store, shown)
        after = laid(change, left_view)
        either = laid(Change(change.added), set()) if change.removed else after
        delta = Delta(came | came_in_view, went | left_view, before, after)
        return cls(before, after, either, delta)


def _changed(find: Find, added: set[Quad], removed: set[Quad]) -> Find:
    """Return the look-up of a graph to which quads come and from which quads go."""

    def look(subject: object, predicate: object, obj: object) -> Iterator[Quad]:
        yield from (q for q in find(subject, predicate, obj) if q not in removed)
        wanted = (subject, predicate, obj)
        for quad in added:
            parts = (quad.subject, quad.predicate, quad.object)
            if all(w is None or w == part for w, part in zip(wanted, parts, strict=True)):
                yield quad

    return look


def _view_change(find: Find, change: Change) -> tuple[set[Quad], set[Quad]]:
    """Return what comes into the current view and leaves it, of what rules look at there."""
    wanted = _looked_at_in_view()

    def bears(quad: Quad) -> bool:
        return quad.predicate in wanted or quad.predicate == MG.current

    some = Change(frozenset(filter(bears, change.added)), frozenset(filter(bears, change.removed)))
    effect = view.effect(find, some)
    came = {view.shown(t) for t in effect.added if t.predicate in wanted}
    left = {view.shown(t) for t in effect.removed if t.predicate in wanted}
    return came, left


@cache
def _looked_at_in_view() -> frozenset[NamedNode]:
    """Return the properties that rules follow in the current view."""
    patterns = (p for rule in rule_cases.load() for case in rule.cases for p in case.patterns)
    found = {place for p in patterns if p.graph == VIEW for place in p.predicates}
    return frozenset(place for place in found if isinstance(place, NamedNode))


@cache
def _ontology() -> EmbeddedStore:
    """Return the ontology of the running code, for a store that was never given one."""
    return EmbeddedStore.holding(list(ontology_quads()))
