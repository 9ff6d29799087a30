"""Looking up triples: which are there, who holds them, and what is known of a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, MG, OA, PROV, RDF, SCHEMA
from mineralgraph.store.base import Dataset, Store, Term
from mineralgraph.store.clock import on_a_day, verdict
from mineralgraph.store.view import TRUE

VIEW = DefaultGraph()
_CLAIM, _CURRENT, _GIST, _EVIDENCE = MG.Claim, MG.current, MG.gist, MG.evidence
_HASSELECTOR, _START, _END = OA.hasSelector, OA.start, OA.end
_WASDERIVEDFROM, _URL, _TYPE = PROV.wasDerivedFrom, SCHEMA.url, RDF.type


@dataclass(frozen=True)
class Span:
    """A stretch of an article's text, in code points; ``end`` is excluded."""

    start: int
    end: int


@dataclass(frozen=True)
class ClaimNote:
    """What an answer says of a claim.

    Attributes:
        gist: the claim in one sentence of ours.
        article: the article's IRI.
        url: where the article is published.
        spans: where the article says it.
        current: whether the claim counts for the current view.
        validity: whether it held on the day that is looked at; None where no day is.
        contested: whether another claim contradicts it.
    """

    gist: str | None
    article: str | None
    url: str | None
    spans: tuple[Span, ...]
    current: bool
    validity: str | None = None
    contested: bool = False


class Holders:
    """The triples of a dataset and who holds them; remembers what it looked up."""

    def __init__(self, store: Store, dataset: Dataset) -> None:
        self._store = store
        self._default: tuple[NamedNode | DefaultGraph, ...] = (
            (VIEW,)
            if dataset.whole
            else tuple(VIEW if g == CURRENT_VIEW else g for g in dataset.default)
        )
        self._current: dict[Term, bool] = {}
        self._claims: dict[NamedNode, bool] = {}
        self._urls: dict[Term | None, str | None] = {}
        self._graphs: dict[tuple[Term, ...], list[NamedNode]] = {}
        self._said: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._dated = True

    def fetch(self, triples: Iterable[Triple], graphs: Iterable[NamedNode]) -> None:
        """Look up at once who holds some triples, and what is said of them and of some graphs."""
        self._dated = on_a_day(self._store.quads)
        asked = list(dict.fromkeys(triples))
        held = self._store.held_in(asked)
        for triple, names in zip(asked, held, strict=True):
            self._graphs[tuple(triple)] = [name for name in names if isinstance(name, NamedNode)]
        named = {name for names in self._graphs.values() for name in names} | set(graphs)
        claims = {name for name in named if not name.value.startswith(GRAPH_BASE)}
        self._learn(claims)
        counted = [claim for claim in claims if self._counts(claim) or claim in graphs]
        self._learn(self._values(counted, _WASDERIVEDFROM) | self._values(counted, _EVIDENCE))
        self._learn(self._values(self._values(counted, _EVIDENCE), _HASSELECTOR))

    def _learn(self, subjects: Iterable[Term]) -> None:
        new = {subject: dict[NamedNode, list[Term]]() for subject in subjects}
        for quad in self._store.about(new):
            subject, value = quad.subject, quad.object
            if not (isinstance(subject, Triple) or isinstance(value, Triple)):
                new[subject].setdefault(quad.predicate, []).append(value)
        self._said |= new

    def _values(self, subjects: Iterable[Term], name: NamedNode) -> set[Term]:
        return {value for s in subjects for value in self._properties(s).get(name, ())}

    def find(
        self,
        subject: Term | None,
        predicate: NamedNode | None,
        target: Term | None,
        graph: NamedNode | None,
    ) -> Iterator[Quad]:
        """Yield the matches in a named graph, or in the dataset's default graph (None)."""
        if isinstance(subject, Literal):
            return
        for place in (graph,) if graph is not None else self._default:
            yield from self._store.quads(subject, predicate, target, place)

    def holders(
        self, subject: Term, predicate: NamedNode, target: Term, graph: NamedNode | None
    ) -> tuple[NamedNode, ...]:
        """Return the claims, and then the reference sets, that hold a triple.

        In a named graph that graph alone holds it. In the current view every graph under
        ``id/graph/`` does, and every current claim (``store.view``).
        """
        if graph is not None:
            return (graph,)
        if isinstance(subject, Literal):
            return ()
        known = self._graphs.get((subject, predicate, target))
        if known is None:
            quads = self._store.quads(subject, predicate, target, None)
            known = [q.graph_name for q in quads if isinstance(q.graph_name, NamedNode)]
        found = {name: None for name in known if self._counts(name)}
        return tuple(sorted(found, key=lambda g: (not self.is_claim(g), g.value)))

    def _counts(self, graph: NamedNode) -> bool:
        if graph in self._default:
            return True
        if VIEW not in self._default or graph == CURRENT_VIEW:
            return False
        return graph.value.startswith(GRAPH_BASE) or self.is_current(graph)

    def is_current(self, claim: Term) -> bool:
        """Whether a claim counts for the current view."""
        known = self._current.get(claim)
        if known is None and claim in self._said:
            known = self._current[claim] = TRUE in self._said[claim].get(_CURRENT, ())
        if known is None:
            found = self._store.quads(claim, _CURRENT, TRUE, None)
            known = any(isinstance(quad.graph_name, NamedNode) for quad in found)
            self._current[claim] = known
        return known

    def is_claim(self, graph: NamedNode) -> bool:
        """Whether a graph is a claim's."""
        known = self._claims.get(graph)
        if known is None:
            known = not graph.value.startswith(GRAPH_BASE) and (
                _CLAIM in self._said[graph].get(_TYPE, ())
                if graph in self._said
                else any(True for _ in self._store.quads(graph, _TYPE, _CLAIM, VIEW))
            )
            self._claims[graph] = known
        return known

    def describe(self, claim: NamedNode) -> ClaimNote:
        """Return what an answer says of a claim."""
        known = self._properties(claim)
        article = next(iter(known.get(_WASDERIVEDFROM, ())), None)
        if article not in self._urls:
            found = self._properties(article) if article is not None else {}
            self._urls[article] = _text(next(iter(found.get(_URL, ())), None)) or None
        spans: set[tuple[int, int]] = set()
        for evidence in known.get(_EVIDENCE, ()):
            for selector in self._properties(evidence).get(_HASSELECTOR, ()):
                ends = self._properties(selector)
                for start in ends.get(_START, ()):
                    spans.update((int(_text(start)), int(_text(end))) for end in ends.get(_END, ()))
        return ClaimNote(
            gist=_text(next(iter(known.get(_GIST, ())), None)) or None,
            article=_text(article) or None,
            url=self._urls[article],
            spans=tuple(Span(*pair) for pair in sorted(spans)),
            current=self.is_current(claim),
            validity=verdict(self._store.quads, claim) if self._dated else None,
        )

    def _properties(self, subject: Term) -> dict[NamedNode, list[Term]]:
        if subject in self._said:
            return self._said[subject]
        found: dict[NamedNode, list[Term]] = {}
        for quad in self._store.quads(subject, None, None, VIEW):
            if not isinstance(quad.object, Triple):
                found.setdefault(quad.predicate, []).append(quad.object)
        return found


def _text(term: Term | None) -> str:
    return "" if term is None else term.value
