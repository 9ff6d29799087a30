"""What a change to the graph can make wrong, and the verdict on just that.

Full validation is every claim unit, and one run over the reference data and descriptions (the
background). A change can alter the verdict

- on a claim unit when it touches the claim's graph, or a description that the unit includes;
- on a background node when it touches a triple that the node's shapes read (``reading``):
  these nodes are found by walking the shapes' paths back from the triple.

Everything else keeps its verdict. A shape whose reads are not understood is asked about its
full target set, and the verdict says so; so is every shape where the ontology itself changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode, Quad, Triple

from mineralgraph.gate import reading, shacl
from mineralgraph.gate.context import Context, Lookup
from mineralgraph.gate.overlay import Both, Descriptions, Find, Overlay, is_description
from mineralgraph.gate.paths import Term
from mineralgraph.gate.reading import Reading
from mineralgraph.gate.shacl import Look, ShapeResult
from mineralgraph.gate.units import Unit, background, claim_unit, leads_on
from mineralgraph.rdf.namespaces import MG, ONTOLOGY_GRAPH, RDF, short

_NO_WAY_IN = frozenset({MG.about, MG.setAside})


@dataclass(frozen=True)
class Affected:
    """What must be looked at again.

    Attributes:
        claims: claims whose units are affected.
        nodes: focus nodes of the background that are affected.
        notes: which shapes are asked about their full target set, and why.
        everything: whether the whole graph must be looked at.
    """

    claims: frozenset[NamedNode]
    nodes: frozenset[Term]
    notes: tuple[str, ...] = ()
    everything: bool = False


class Incremental:
    """One change, seen from before and after."""

    def __init__(
        self,
        find: Find,
        added: Iterable[Quad],
        removed: Iterable[Quad],
        names: tuple[str, ...] = (),
        *,
        described: Lookup | None = None,
    ) -> None:
        """Prepare the judgement of a change.

        Args:
            find: looks up the graph before the change.
            added: quads that come.
            removed: quads that go.
            names: which shapes (``gate.shapes.load``).
            described: the descriptions of a node, where they are known otherwise.
        """
        self._names = names
        self._read: Reading = reading.load(names)
        self._quads = {*added, *removed}
        self._old = Overlay(find, described=described)
        self._new = Overlay(find, added, removed, self._old)
        self._before = Descriptions(self._old)
        self._after = Descriptions(self._new)
        self._changed = self._changed_triples()
        self._affected: Affected | None = None

    def _changed_triples(self) -> list[Triple]:
        """Return the described triples whose presence differs; a second holder is no change."""
        triples = dict.fromkeys(q.triple for q in self._quads if is_description(q))
        return [t for t in triples if self._before.holds(t) != self._after.holds(t)]

    def affected(self) -> Affected:
        """Tell what must be looked at again."""
        if self._affected is None:
            self._affected = self._find_affected()
        return self._affected

    def _find_affected(self) -> Affected:
        if any(q.graph_name == ONTOLOGY_GRAPH for q in self._quads):
            note = "the ontology changes: everything was validated"
            return Affected(frozenset(self._all_claims()), frozenset(), (note,), True)
        notes = tuple(
            f"{short(str(shape.node))} was asked about its full target set: {shape.unread[0]}"
            for shape in self._read.unread
        )
        claims = {q.graph_name for q in self._quads if not is_description(q)}
        claims |= self._including({t.subject for t in self._changed if self._matters(t)})
        described = frozenset(
            c for c in claims if isinstance(c, NamedNode) and self._is_claim(self._after, c)
        )
        return Affected(described, frozenset(self._readers()), notes)

    def _is_claim(self, graph: Descriptions, node: NamedNode) -> bool:
        return any(t.object == MG.Claim for t in graph.forward(node, RDF.type))

    def _all_claims(self) -> Iterator[NamedNode]:
        for quad in self._new.quads(None, RDF.type, MG.Claim):
            if is_description(quad) and isinstance(quad.subject, NamedNode):
                yield quad.subject

    def _readers(self) -> Iterator[Term]:
        """Yield the background nodes that can see a changed triple, before or after."""
        ends = {end for t in self._changed for end in (t.subject, t.object)}
        fresh = frozenset(
            end for end in ends if isinstance(end, NamedNode) and not self._old.is_pointed_at(end)
        )
        graph = Both(self._before, self._after, fresh)
        for triple in self._changed:
            for state, node in self._read.automaton.readers(graph, triple):
                if state in self._read.by_start:
                    yield node

    def _matters(self, triple: Triple) -> bool:
        """Tell whether a changed description can alter a claim unit that includes its subject."""
        if self._read.unread or triple.predicate in self._read.automaton.predicates:
            return True
        target = triple.object
        if isinstance(target, NamedNode) and triple.predicate not in _NO_WAY_IN:
            known = (graph.leaving(target) for graph in (self._before, self._after))
            if any(True for predicates in known for _ in predicates):
                return True  # what it points at comes into the unit, or leaves it
        return self._is_read_by_any(triple.subject)

    def _is_read_by_any(self, node: object) -> bool:
        """Tell whether a shape may read whatever stands on a node."""
        for state, _ in self._read.automaton.of_any():
            shape = self._read.by_start.get(state)
            if shape is None or shape.classes or shape.objects_of or shape.nodes:
                return True
            for predicate in shape.subjects_of:
                for overlay in (self._old, self._new):
                    if isinstance(node, NamedNode) and any(overlay.quads(node, predicate)):
                        return True
        return False

    def _including(self, nodes: Iterable[object]) -> set[NamedNode]:
        """Return the claims whose units include the description of one of some nodes."""
        waiting = [n for n in nodes if isinstance(n, NamedNode)]
        seen, claims = set(waiting), set()
        while waiting:
            node = waiting.pop()
            claims.add(node)  # kept only if it is a claim
            for quad in self._around(node):
                if not is_description(quad):
                    if isinstance(quad.graph_name, NamedNode):
                        claims.add(quad.graph_name)
                elif quad.object == node and quad.predicate != MG.setAside and leads_on(quad):
                    subject = quad.subject
                    if isinstance(subject, NamedNode) and subject not in seen:
                        seen.add(subject)
                        waiting.append(subject)
        return claims

    def _around(self, node: NamedNode) -> Iterator[Quad]:
        """Yield the quads that lead to a node, and what claims say of it, before and after."""
        for overlay in (self._old, self._new):
            yield from overlay.quads(None, None, node)
            yield from (q for q in overlay.quads(node) if not is_description(q))

    def results(self) -> Iterator[ShapeResult]:
        """Yield the validation results after the change for all that it affects."""
        affected = self.affected()
        context = self._context(affected.claims)
        yield from shacl.judge(self._looks(affected, context), context, self._names)

    def _context(self, claims: Iterable[NamedNode]) -> Context:
        asserted = [q for claim in claims for q in self._new.quads(None, None, None, claim)]

        return Context(asserted, self._new.about)

    def _looks(self, affected: Affected, context: Context) -> Iterator[Look]:
        for claim in sorted(affected.claims, key=str):
            yield from shacl.looks(claim_unit(claim, context), self._read)
        if affected.everything:
            yield from shacl.looks(self._whole(context), self._read)
            return
        for node in affected.nodes:
            look = self._look(node)
            if look is not None:
                yield look
        if self._read.unread:
            for look in shacl.looks(self._whole(context), self._read):
                unread = tuple(shape for shape in look.shapes if shape.unread)
                if unread:
                    yield replace(look, shapes=unread)

    def _whole(self, context: Context) -> Unit:
        return background([q for q in self._new.quads() if is_description(q)], context)

    def _look(self, node: Term) -> Look | None:
        targeting = tuple(s for s in self._read.targeting(self._after, node) if not s.unread)
        if not targeting:
            return None
        starts = [(shape.start, node) for shape in targeting]
        reads = self._read.automaton.reads(self._after, starts)
        return Look(None, node, targeting, frozenset(reads))
