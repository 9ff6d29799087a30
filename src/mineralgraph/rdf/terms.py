"""The one place where pyoxigraph's terms become rdflib's, for pySHACL, and back."""

from __future__ import annotations

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib.term import Node

Plain = NamedNode | BlankNode | Literal
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def to_rdflib(term: NamedNode | BlankNode | Literal | Triple) -> Node:
    """Return the same term as rdflib writes it; the lexical form is kept as it is.

    Raises:
        ValueError: for an RDF 1.2 triple term, which rdflib does not have.
    """
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        if term.datatype.value == _STRING:
            return rdflib.Literal(term.value)  # rdflib's "x" and "x"^^xsd:string are not equal
        return rdflib.Literal(
            term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False
        )
    raise ValueError("rdflib has no triple terms")


def from_rdflib(node: Node) -> Plain:
    """Return an rdflib term as pyoxigraph's.

    Raises:
        ValueError: for a term that RDF 1.1 does not have (a variable, a graph).
    """
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(node.datatype) if node.datatype else None)
    raise ValueError(f"{node!r} is no RDF term")
