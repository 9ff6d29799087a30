"""RDF documents that the API writes itself: descriptions of things, of the service, of the data."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyoxigraph
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.rdf.formats import TRIG, TURTLE, GraphFormat
from mineralgraph.rdf.namespaces import XSD, prefixes


def write(statements: Iterable[Triple | Quad], form: GraphFormat) -> bytes:
    """Serialise statements, each once and in a fixed order; triples stand in the default graph.

    The same statements always give the same bytes, as a strong ETag promises.
    """
    quads = {
        s if isinstance(s, Quad) else Quad(s.subject, s.predicate, s.object, DefaultGraph())
        for s in statements
    }
    ordered = sorted(quads, key=lambda q: (str(q.graph_name), str(q)))
    sink = io.BytesIO()
    if form.datasets:
        pyoxigraph.serialize(ordered, sink, form.engine, prefixes=_used(ordered))
    else:
        triples = [quad.triple for quad in ordered]
        pyoxigraph.serialize(triples, sink, form.engine, prefixes=_used(ordered))
    return _fixed_prefixes(sink.getvalue(), form)


def _used(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the prefixes of the table that some quads can use."""
    spaces = {space: prefix for prefix, space in prefixes().items()}
    found = {}
    for quad in quads:
        datatype = getattr(quad.object, "datatype", None)
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name, datatype):
            if isinstance(term, NamedNode):
                iri = term.value
                space = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
                if space in spaces:
                    found[spaces[space]] = space
    return found


def _fixed_prefixes(content: bytes, form: GraphFormat) -> bytes:
    """Sort the prefix lines: the engine writes them in another order each time."""
    if form not in (TURTLE, TRIG):
        return content
    lines = content.splitlines(keepends=True)
    count = next((i for i, line in enumerate(lines) if not line.startswith(b"@prefix")), len(lines))
    return b"".join([*sorted(lines[:count]), *lines[count:]])


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
