"""From the authoring form to the dataset's own form: sugar gets IRIs, derived values are added.

A curator may write ``[ ... ]`` for evidence, selectors, dates, intervals, amounts and
quantities. Each gets a deterministic IRI made from its content (model.md section 2), so that
two claims which say the same hold the same triples. A blank node of any other kind is refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, NoReturn, overload

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.errors import AuthoringError
from mineralgraph.intake.document import Document
from mineralgraph.rdf import edtf
from mineralgraph.rdf.identifiers import content_slug, mint, slug_of
from mineralgraph.rdf.namespaces import EDTF, MG, OA, PROV, RDF, SCHEMA, TIME, XSD, short

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

NESTING = 20
_AMOUNTS = {"value": "exact", "maxValue": "max", "minValue": "min"}
_NUMBERS = (SCHEMA.value, SCHEMA.maxValue, SCHEMA.minValue, MG.exclusiveMinValue)
_PLAIN = re.compile(r"[\w.+-]*")


class Statement(NamedTuple):
    """A quad of RDF 1.1 terms."""

    subject: Node
    predicate: NamedNode
    object: Term
    graph_name: NamedNode | BlankNode | DefaultGraph


class _Expander:
    """Expands one document. Holds the triples by subject, and the IRIs given so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.about: dict[Node, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self.parents: dict[BlankNode, tuple[Node, NamedNode]] = {}
        self.named: dict[BlankNode, NamedNode] = {}
        self.depth = 0
        self.given = [self.plain(quad) for quad in document.quads]
        for quad in self.given:
            self.about[quad.subject][quad.predicate].append(quad.object)
            if isinstance(quad.object, BlankNode):
                self.parents.setdefault(quad.object, (quad.subject, quad.predicate))

    def plain(self, quad: Quad) -> Statement:
        """Return the quad with RDF 1.1 terms, or refuse a triple term."""
        if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple):
            self.refuse("a triple term (RDF 1.2) is not part of the model", quad.predicate)
        return Statement(quad.subject, quad.predicate, quad.object, quad.graph_name)

    def refuse(self, what: str, *nodes: object) -> NoReturn:
        """Raise an AuthoringError that names file and line."""
        iris = [n for n in nodes if isinstance(n, NamedNode)]
        line = self.document.line_of(*iris)
        where = f"{self.document.name}:{line}" if line else self.document.name
        raise AuthoringError(f"{where}: {what}", line=line, document=self.document.name)

    def owner(self, node: Node) -> Node:
        """Return the nearest ancestor that has an IRI."""
        for _ in range(NESTING):
            if not isinstance(node, BlankNode) or node not in self.parents:
                return node
            node = self.parents[node][0]
        self.too_deep()

    def one(self, node: Node, predicate: NamedNode) -> Term | None:
        """Return the first value of a property, ``None`` where it has none."""
        values = self.about[node].get(predicate) if node in self.about else None
        return values[0] if values else None

    def text(self, node: Node, predicate: NamedNode) -> str:
        """Return a literal's text, or the empty string."""
        value = self.one(node, predicate)
        return value.value if isinstance(value, Literal | NamedNode) else ""

    def word(self, node: Node, predicate: NamedNode) -> str:
        """Return a literal's text as a part of a name, or refuse one that cannot be that."""
        text = self.text(node, predicate)
        if not _PLAIN.fullmatch(text):
            self.refuse(
                f"{text!r} is no value of {short(predicate.value)}: write a number in digits, "
                "without blanks or words (900000000), and a currency by its ISO 4217 code (USD)",
                self.owner(node),
            )
        return text

    @overload
    def iri(self, node: Node) -> NamedNode: ...
    @overload
    def iri(self, node: Term) -> NamedNode | Literal: ...
    def iri(self, node: Term) -> NamedNode | Literal:
        """Return the IRI of a blank node, minting it; any other term as it is."""
        if not isinstance(node, BlankNode):
            return node
        if node not in self.named:
            self.depth += 1  # a blank node may be made from others, and these in a circle
            if self.depth > NESTING:
                self.too_deep()
            self.named[node] = self.mint(node)
            self.depth -= 1
        return self.named[node]

    def too_deep(self) -> NoReturn:
        """Refuse blank nodes in a circle, or in a chain that no curator writes."""
        self.refuse(f"blank nodes are nested deeper than {NESTING} levels, or in a circle")

    def mint(self, node: BlankNode) -> NamedNode:
        """Choose the IRI of a blank node by what it says."""
        has = self.about[node]
        if OA.start in has and MG.spanDigest in has:
            return mint("evidence", self.evidence_slug(node, node))
        if OA.hasSelector in has:
            selector = has[OA.hasSelector][0]
            if isinstance(selector, BlankNode | NamedNode):
                return mint("evidence", self.evidence_slug(node, selector))
        if OA.start in has:
            if self.parents.get(node, (None, None))[1] == MG.evidence:
                self.refuse(
                    "the evidence has no mg:spanDigest: run `mineralgraph cite ARTICLE "
                    '"passage"` and paste the line it prints',
                    self.owner(node),
                )
            return mint("selector", self.selector_slug(node))
        if MG.edtf in has:
            return self.date(node)
        if MG.begins in has or MG.ends in has:
            return mint("interval", self.interval_slug(node))
        if SCHEMA.currency in has:
            return mint("amount", self.amount_slug(node))
        if MG.bound in has:
            said = [f"{p} {self.iri(o)}" for p, objects in has.items() for o in objects]
            return mint("quantity", content_slug(said))
        self.refuse(self.what_is_missing(node), self.owner(node))

    def what_is_missing(self, node: BlankNode) -> str:
        """Return why nothing can be made of brackets that somebody wrote."""
        has = self.about[node]
        kinds = [short(o.value) for o in has.get(RDF.type, ()) if isinstance(o, NamedNode)]
        if SCHEMA.MonetaryAmount in has.get(RDF.type, ()) or any(p in has for p in _NUMBERS):
            return 'the amount has no currency: add schema:currency "USD" (ISO 4217)'
        if MG.spanDigest in has or OA.end in has:
            return "the evidence has no oa:start: paste the line that `mineralgraph cite` prints"
        if MG.count in has or MG.Count in has.get(RDF.type, ()):
            return "the count has no mg:bound, such as bound:exactly or bound:more-than"
        if kinds:
            return (
                f"a {' and '.join(kinds)} stands in brackets (a blank node), which only "
                "evidence, dates, intervals, amounts and quantities may; give it a name (IRI) and "
                "describe it"
            )
        return (
            "what stands in brackets (a blank node) is neither evidence (oa:start, oa:end, "
            "mg:spanDigest), date (mg:edtf), interval (mg:begins, mg:ends), amount "
            "(schema:currency) nor quantity (mg:bound); complete it, or give it an IRI"
        )

    def selector_slug(self, node: Node) -> str:
        """START-END."""
        return f"{self.word(node, OA.start)}-{self.word(node, OA.end)}"

    def date(self, node: BlankNode) -> NamedNode:
        """Return the IRI of a date, once its value is known to be one."""
        value = self.text(node, MG.edtf)
        try:
            edtf.bounds(value)
        except ValueError as error:
            self.refuse(str(error), self.owner(node))
        return mint("date", edtf.slug(value))

    def evidence_slug(self, node: Node, selector: Node) -> str:
        """ARTICLE--START-END; the article is the source named, or the owner's article."""
        owner = self.owner(node)
        article = self.one(node, OA.hasSource) or self.one(owner, PROV.wasDerivedFrom)
        if article is None and MG.Claim in self.about[owner].get(RDF.type, ()):
            self.refuse(
                "the claim names no article, so its evidence belongs to none; add "
                "prov:wasDerivedFrom and the article",
                owner,
            )
        if article is None and isinstance(owner, NamedNode):
            article = owner  # a set-aside stands on the article itself
        if not isinstance(article, NamedNode):
            self.refuse("this evidence belongs to no article", owner)
        return f"{slug_of(article)}--{self.selector_slug(selector)}"

    def interval_slug(self, node: BlankNode) -> str:
        """BEGIN--END, either of them ``open``."""
        ends = []
        for predicate in (MG.begins, MG.ends):
            value = self.one(node, predicate)
            named = self.iri(value) if value is not None else None
            ends.append(slug_of(named) if isinstance(named, NamedNode) else "open")
        return "--".join(ends)

    def amount_slug(self, node: BlankNode) -> str:
        """CURRENCY-BOUND-NUMBER, such as ``usd-max-900000000``."""
        parts = [self.word(node, SCHEMA.currency).lower()]
        for local, word in _AMOUNTS.items():
            if SCHEMA[local] in self.about[node]:
                parts += [word, self.word(node, SCHEMA[local])]
        if MG.exclusiveMinValue in self.about[node]:
            parts += ["over", self.word(node, MG.exclusiveMinValue)]
        return "-".join(parts)

    def quads(self) -> Iterable[Quad]:
        """Yield the expanded quads of the document."""
        for quad in self.given:
            subject, predicate = quad.subject, quad.predicate
            sugar = isinstance(subject, BlankNode) and MG.spanDigest in self.about[subject]
            if sugar and predicate in (OA.start, OA.end):
                yield from self.selector(quad)
                continue
            yield Quad(self.iri(subject), predicate, self.iri(quad.object), quad.graph_name)
            if predicate == MG.edtf:
                yield from self.date_bounds(quad)
            elif predicate == MG.publishedEdtf:
                yield from self.published_bounds(quad)
        yield from self.types()

    def selector(self, quad: Statement) -> Iterable[Quad]:
        """Turn ``oa:start``/``oa:end`` written on the evidence itself into a selector node."""
        node, graph = quad.subject, quad.graph_name
        evidence = self.iri(node)
        selector = mint("selector", self.selector_slug(node))
        yield Quad(selector, quad.predicate, quad.object, graph)
        if quad.predicate == OA.start:
            yield Quad(evidence, OA.hasSelector, selector, graph)
            yield Quad(selector, RDF.type, OA.TextPositionSelector, graph)
            if OA.hasSource not in self.about[node]:
                slug = self.evidence_slug(node, node).rpartition("--")[0]
                yield Quad(evidence, OA.hasSource, mint("article", slug), graph)

    def types(self) -> Iterable[Quad]:
        """Type the value nodes that the author left untyped."""
        kinds = (
            (MG.spanDigest, OA.SpecificResource),
            (MG.edtf, MG.Date),
            (MG.begins, TIME.Interval),
            (MG.ends, TIME.Interval),
            (SCHEMA.currency, SCHEMA.MonetaryAmount),
            (MG.numerator, MG.ShareOfList),
        )
        by_predicate = dict(kinds)
        for quad in self.given:
            wanted = by_predicate.get(quad.predicate)
            if wanted is not None and RDF.type not in self.about[quad.subject]:
                yield Quad(self.iri(quad.subject), RDF.type, wanted, quad.graph_name)

    def bounds(self, quad: Statement) -> edtf.Bounds:
        """Return the bounds of an EDTF literal, or refuse it with its line."""
        value = quad.object
        if not isinstance(value, Literal) or value.datatype != EDTF.EDTF:
            self.refuse(
                f'{value} is not an EDTF literal (write "..."^^edtf:EDTF)', self.owner(quad.subject)
            )
        try:
            return edtf.bounds(value.value)
        except ValueError as error:
            self.refuse(str(error), quad.subject, self.owner(quad.subject))

    def date_bounds(self, quad: Statement) -> Iterable[Quad]:
        """Add ``mg:firstDay`` and ``mg:lastDay`` where the author left them out."""
        yield from self._bounds_as(quad, MG.firstDay, MG.lastDay)

    def published_bounds(self, quad: Statement) -> Iterable[Quad]:
        """Add ``mg:publishedFirst`` and ``mg:publishedLast`` likewise."""
        yield from self._bounds_as(quad, MG.publishedFirst, MG.publishedLast)

    def _bounds_as(self, quad: Statement, first: NamedNode, last: NamedNode) -> Iterable[Quad]:
        limits = self.bounds(quad)
        subject = self.iri(quad.subject)
        for predicate, day in ((first, limits.first), (last, limits.last)):
            if day is not None and predicate not in self.about[quad.subject]:
                value = Literal(day.isoformat(), datatype=XSD.date)
                yield Quad(subject, predicate, value, quad.graph_name)


def expand(document: Document) -> list[Quad]:
    """Return the quads of a document in the dataset's own form, each once, in document order.

    Raises:
        AuthoringError: for a blank node of no known kind, a triple term, or a bad date;
            names file and line.
    """
    return list(dict.fromkeys(_Expander(document).quads()))
