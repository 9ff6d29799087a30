"""RDF documents that the API writes itself: descriptions of things, of the service, of the data."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.rdf import writing
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import XSD


def write(statements: Iterable[Triple | Quad], form: GraphFormat) -> bytes:
    """Serialise statements, each once and in a fixed order; triples stand in the default graph.

    The same statements always give the same bytes, as a strong ETag promises.
    """
    quads = {
        s if isinstance(s, Quad) else Quad(s.subject, s.predicate, s.object, DefaultGraph())
        for s in statements
    }
    ordered = sorted(quads, key=lambda q: (str(q.graph_name), str(q)))
    if form.datasets:
        return writing.write(ordered, form)
    return writing.write([quad.triple for quad in ordered], form)


def integer(number: int) -> Literal:
    """Return an ``xsd:integer``."""
    return Literal(str(number), datatype=XSD.integer)


def english(text: str) -> Literal:
    """Return a text in English."""
    return Literal(text, language="en")


def node(iri: str) -> NamedNode:
    """Return an IRI as a term."""
    return NamedNode(iri)


def plain_text(text: str) -> Literal:
    """Return a text without a language."""
    return Literal(text)
