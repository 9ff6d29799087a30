"""Rules about graphs and vocabulary, which a merged unit cannot show (model.md section 9).

A claim graph without a description triggers no shape at all, so graph names are looked at
here; so is every class and property, since only the ontology and its listed borrowed terms
may be used.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from mineralgraph import resources
from mineralgraph.gate.context import Context, is_reference
from mineralgraph.gate.report import Finding, Severity
from mineralgraph.gate.units import claims_of
from mineralgraph.rdf import edtf
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import MG, RDF, short


def _finding(
    rule: str,
    focus: str,
    message: str,
    fix: str,
    claim: str | None = None,
    value: str | None = None,
) -> Finding:
    return Finding(
        severity=Severity.VIOLATION,
        focus=focus,
        message=message,
        fix=fix,
        rule=rule,
        claim=claim,
        value=value,
    )


def check(quads: list[Quad], context: Context) -> Iterator[Finding]:
    """Yield the violations of the rules of this module in some quads."""
    yield from check_graphs(quads, context)
    yield from check_mentions(context)
    yield from check_vocabulary(quads)
    yield from check_dates(quads)


def check_graphs(quads: list[Quad], context: Context) -> Iterator[Finding]:
    """A claim has a description and a non-empty graph of the same name; nodes have IRIs."""
    described = set(claims_of(quads))
    for claim in sorted(described, key=str):
        if not context.graphs.get(claim):
            yield _finding(
                "claim-graph",
                claim.value,
                "The claim asserts nothing: its graph is missing or empty.",
                f"Write `{short(claim.value)} {{ ... }}` with the triples that it asserts.",
                claim=claim.value,
            )
    for graph in sorted(context.graphs, key=str):
        if graph not in described and not _is_described_claim(graph, context):
            yield _finding(
                "claim-description",
                graph.value,
                "This named graph is no claim: nothing outside it describes it as one.",
                "Describe it (`a mg:Claim ; prov:wasDerivedFrom ...`), or use a graph under "
                "https://w3id.org/mineralgraph/id/graph/ for reference data.",
            )
    for quad in quads:
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            yield _finding(
                "blank-node",
                str(quad.subject),
                "A blank node would enter the graph.",
                "Give the node an IRI.",
            )


def _is_described_claim(graph: NamedNode, context: Context) -> bool:
    return any(q.predicate == RDF.type and q.object == MG.Claim for q in context.about(graph))


def check_mentions(context: Context) -> Iterator[Finding]:
    """A claim graph speaks only of described things, and of no description."""
    for claim, triples in sorted(context.graphs.items(), key=lambda item: str(item[0])):
        typed = {t.subject for t in triples if t.predicate == RDF.type}
        valued = {t.subject for t in triples}
        for node in sorted({n for t in triples for n in _ours(t)}, key=str):
            if node in typed or context.is_known(node):
                continue
            known_value = node in valued and _kind(node) in _VALUE_KINDS
            if not known_value:
                yield _finding(
                    "undescribed",
                    node.value,
                    f"The claim speaks of {short(node.value)}, which nothing describes.",
                    "Describe it in data/reference/ (type and label), or type it in the claim; "
                    "or correct the spelling.",
                    claim=claim.value,
                )
        for subject in sorted(valued, key=str):
            if isinstance(subject, NamedNode) and _kind(subject) in _DESCRIPTION_KINDS:
                yield _finding(
                    "self-description",
                    subject.value,
                    "A claim graph describes an article, a claim or evidence.",
                    "Move these triples out of the claim's braces, to its description.",
                    claim=claim.value,
                )


_VALUE_KINDS = frozenset({"date", "interval", "amount", "quantity"})
_DESCRIPTION_KINDS = frozenset({"article", "claim", "evidence", "selector", "source", "graph"})


def _kind(node: NamedNode) -> str:
    parts = split(node)
    return parts[0] if parts else ""


def _ours(triple: Triple) -> Iterator[NamedNode]:
    for node in (triple.subject, triple.object):
        if isinstance(node, NamedNode) and split(node):
            yield node


@cache
def known_terms() -> frozenset[str]:
    """Return the classes and properties that data may use: ours, and the listed borrowed ones."""
    terms = set()
    for path in resources.files("ontology", "*.ttl"):
        for quad in parse(path=path, format=RdfFormat.TURTLE):
            if isinstance(quad.subject, NamedNode) and quad.predicate == RDF.type:
                terms.add(quad.subject.value)
    return frozenset(terms)


def check_vocabulary(quads: Iterable[Quad]) -> Iterator[Finding]:
    """Data uses no class or property outside the ontology and its listed borrowed terms."""
    seen = set()
    for quad in quads:
        used = [(quad.predicate, "property")]
        if quad.predicate == RDF.type and isinstance(quad.object, NamedNode):
            used.append((quad.object, "class"))
        for term, kind in used:
            key = (term, quad.subject, quad.graph_name)
            if term.value not in known_terms() and key not in seen:
                seen.add(key)
                yield _unknown_term(quad, term, kind)


def _unknown_term(quad: Quad, term: NamedNode, kind: str) -> Finding:
    graph = quad.graph_name
    in_claim = isinstance(graph, NamedNode) and not is_reference(graph)
    return _finding(
        "vocabulary",
        getattr(quad.subject, "value", str(quad.subject)),
        f"The {kind} {short(term.value)} is not in the ontology, nor among its borrowed terms.",
        _advice(term.value),
        claim=getattr(graph, "value", None) if in_claim else None,
        value=short(term.value),
    )


@lru_cache(1000)
def _advice(term: str) -> str:
    """Return how to mend an unknown term: a known one that is like it, where there is one."""
    other = term.replace("http:", "https:", 1) if term.startswith("http:") else term
    if other == term and term.startswith("https:"):
        other = term.replace("https:", "http:", 1)
    if other in known_terms():
        return f"Correct the namespace: {short(other)} is <{other}>; look at the PREFIX line."
    names = {short(known): known for known in known_terms()}
    near = difflib.get_close_matches(short(term), names, 1, 0.8)
    meant = f" (perhaps {near[0]} is meant)" if near else ""
    return (
        f"Correct the spelling{meant}, use a term of docs/reference/ontology.html, or propose a "
        "new one (ontology/README.md)."
    )


_DATED = (
    (MG.edtf, MG.firstDay, MG.lastDay),
    (MG.publishedEdtf, MG.publishedFirst, MG.publishedLast),
)


def check_dates(quads: Iterable[Quad]) -> Iterator[Finding]:
    """An EDTF value parses, and the bounds beside it are the ones that it implies."""
    wanted = {p for group in _DATED for p in group}
    values: dict[tuple[object, NamedNode], set[str]] = {}
    subjects = {}
    for quad in quads:
        if quad.predicate in wanted and isinstance(quad.object, Literal):
            values.setdefault((quad.subject, quad.predicate), set()).add(quad.object.value)
            subjects[quad.subject] = quad
    for subject, quad in subjects.items():
        for value, first, last in _DATED:
            for text in sorted(values.get((subject, value), ())):
                found = (values.get((subject, first), set()), values.get((subject, last), set()))
                yield from _check_bounds(quad, text, found)


def _check_bounds(quad: Quad, text: str, found: tuple[set[str], set[str]]) -> Iterator[Finding]:
    subject = getattr(quad.subject, "value", str(quad.subject))
    fix = "Leave the days out: they are derived from the EDTF value; or correct the value."
    try:
        bounds = edtf.bounds(text)
    except ValueError as error:
        yield _finding("edtf", subject, f"{error}.", fix, value=text)
        return
    for day, given, name in ((bounds.first, found[0], "first"), (bounds.last, found[1], "last")):
        implied = {day.isoformat()} if day else set()
        if given != implied:
            said = ", ".join(sorted(given)) or "none"
            right = ", ".join(implied) or "none (the bound is open)"
            yield _finding(
                "edtf-bounds",
                subject,
                f"The {name} day of {text} is {right}, but the data says {said}.",
                fix,
                value=said,
            )
