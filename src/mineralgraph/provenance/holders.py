"""Looking up triples: which are there, who holds them, and what is known of a claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, MG, OA, PROV, RDF, SCHEMA
from mineralgraph.store.base import Dataset, Store, Term
from mineralgraph.store.view import TRUE

VIEW = DefaultGraph()


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
    """

    gist: str | None
    article: str | None
    url: str | None
    spans: tuple[Span, ...]
    current: bool


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
        found: dict[NamedNode, None] = {}
        for quad in self._store.quads(subject, predicate, target, None):
            name = quad.graph_name
            if isinstance(name, NamedNode) and self._counts(name):
                found[name] = None
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
        if known is None:
            found = self._store.quads(claim, MG.current, TRUE, None)
            known = any(isinstance(quad.graph_name, NamedNode) for quad in found)
            self._current[claim] = known
        return known

    def is_claim(self, graph: NamedNode) -> bool:
        """Whether a graph is a claim's."""
        known = self._claims.get(graph)
        if known is None:
            known = not graph.value.startswith(GRAPH_BASE) and any(
                True for _ in self._store.quads(graph, RDF.type, MG.Claim, VIEW)
            )
            self._claims[graph] = known
        return known

    def describe(self, claim: NamedNode) -> ClaimNote:
        """Return what an answer says of a claim."""
        article = next(self._objects(claim, PROV.wasDerivedFrom), None)
        url = None if article is None else next(self._objects(article, SCHEMA.url), None)
        spans = sorted(
            {
                (int(_text(start)), int(_text(end)))
                for evidence in self._objects(claim, MG.evidence)
                for selector in self._objects(evidence, OA.hasSelector)
                for start in self._objects(selector, OA.start)
                for end in self._objects(selector, OA.end)
            }
        )
        return ClaimNote(
            gist=_text(next(self._objects(claim, MG.gist), None)) or None,
            article=_text(article) or None,
            url=_text(url) or None,
            spans=tuple(Span(*pair) for pair in spans),
            current=self.is_current(claim),
        )

    def _objects(self, subject: Term, predicate: NamedNode) -> Iterator[Term]:
        for quad in self._store.quads(subject, predicate, None, VIEW):
            if isinstance(quad.object, NamedNode | BlankNode | Literal):
                yield quad.object


def _text(term: Term | None) -> str:
    return "" if term is None else term.value
