"""What people call a node, a path or a value, for messages."""

from __future__ import annotations

import rdflib
from pyoxigraph import Literal, NamedNode, Quad
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH, XSD
from rdflib.term import Node

from mineralgraph.gate import shapes
from mineralgraph.gate.context import Context
from mineralgraph.rdf.namespaces import MG, RDFS, SKOS, is_iri, short
from mineralgraph.rdf.terms import from_rdflib

_BARE = (XSD.integer, XSD.decimal, XSD.double, XSD.boolean)
_NAMES = (RDFS.label, SKOS.prefLabel, MG.gist)


def label(node: str, context: Context) -> str:
    """Return the English label of a node, or its short name."""
    quads = context.about(NamedNode(node)) if is_iri(node) else []
    named = [_text(q) for p in _NAMES for q in quads if q.predicate == p]
    return next((text for text in named if text), short(node))


def _text(quad: Quad) -> str:
    value = quad.object
    wanted = isinstance(value, Literal) and value.language in (None, "en")
    return value.value if wanted and isinstance(value, Literal) else ""


def path(node: Node | None, context: Context) -> str | None:
    """Return a SHACL property path in words: ``evidence / selector``, ``is member of``."""
    if node is None:
        return None
    graph = shapes.load()
    if isinstance(node, rdflib.URIRef):
        return label(str(node), context)
    inverse = graph.value(node, SH.inversePath)
    if inverse is not None:
        return f"is {path(inverse, context)} of"
    for predicate, mark in ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+")):
        inner = graph.value(node, predicate)
        if inner is not None:
            return f"({path(inner, context)}){mark}"
    either = graph.value(node, SH.alternativePath)
    if either is not None:
        return " or ".join(path(part, context) or "" for part in Collection(graph, either))
    if (node, RDF.first, None) in graph:
        return " / ".join(path(part, context) or "" for part in Collection(graph, node))
    return None


def term(node: Node | None) -> str | None:
    """Return a term in N-Triples syntax; ``None`` for none."""
    return None if node is None else str(from_rdflib(node))


def value(node: Node | None) -> str | None:
    """Return a value as people write it."""
    if node is None:
        return None
    if isinstance(node, rdflib.URIRef):
        return short(str(node))
    return _written(node) if isinstance(node, rdflib.Literal) else str(node)


def _written(literal: rdflib.Literal) -> str:
    """Return a literal as it stands in Turtle: what is wrong may be its type or its tag."""
    if literal.datatype in _BARE:
        return str(literal)
    if literal.language:
        return f'"{literal}"@{literal.language}'
    kind = literal.datatype
    return f'"{literal}"' + (f"^^{short(str(kind))}" if kind not in (None, XSD.string) else "")
