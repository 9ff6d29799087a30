"""Reading a nanopublication: is it whole, does its name verify, which claim of ours does it hold.

A document may hold several. Their making is ``store.nanopubs``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import InputError
from mineralgraph.rdf import trusty
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import GRAPH_BASE, ID_BASE, PROV, RDF

BASE: Final = ID_BASE + "nanopub/"
NP: Final = "http://www.nanopub.org/nschema#"
_PARTS: Final = ("Head", "assertion", "provenance", "pubinfo")
_KIND: Final = NamedNode(NP + "Nanopublication")


def unwrapped(quads: list[Quad]) -> list[Quad]:
    """Return a document with each nanopublication in it replaced by its claim; see ``read``.

    A document without any is returned as it is.
    """
    heads = {q.subject.value for q in quads if q.predicate == RDF.type and q.object == _KIND
             and isinstance(q.subject, NamedNode)}  # fmt: skip
    if not heads:
        return quads
    parts: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        parts[graph.rpartition("#")[0]].append(quad)
    if parts.keys() != heads:
        raise InputError(
            "the document holds other statements beside its nanopublications",
            hint="Send nanopublications alone, or claims in the dataset's own form.",
        )
    return [quad for part in parts.values() for quad in read(part)]


def name(quads: Iterable[Quad]) -> NamedNode:
    """Return the IRI of the nanopublication that some quads are.

    Raises:
        InputError: when they are not exactly one.
    """
    found = {q.subject for q in quads if q.predicate == RDF.type and q.object == _KIND}
    node = next(iter(found), None)
    if len(found) != 1 or not isinstance(node, NamedNode):
        raise InputError(f"there are {len(found)} nanopublications in this document, not one")
    return node


def verify(quads: Iterable[Quad]) -> NamedNode:
    """Return the IRI of a nanopublication whose trusty URI is right.

    Raises:
        InputError: when the content is not what the IRI says, or not in its four graphs.
    """
    quads = list(quads)
    node = name(quads)
    code = trusty.code_of(node.value)
    if code is None:
        raise InputError(f"{node.value} is no trusty URI")
    if {q.graph_name for q in quads} != set(graphs(node.value)):
        raise InputError(f"the graphs are not the four of {node.value}")
    right = trusty.code(quads, code)
    if right != code:
        raise InputError(
            f"the content of {node.value} has the code {right}: it was changed",
            hint="Take the nanopublication from its source again.",
        )
    return node


def read(quads: Iterable[Quad]) -> list[Quad]:
    """Return the claim of a nanopublication in the dataset's form, ready for the gate.

    Its review state and what is derived are not there; a submission fills them in.

    Raises:
        InputError: when the trusty URI is wrong, or it is not the nanopublication of a claim.
    """
    quads = list(quads)
    _, assertion, provenance, _ = graphs(verify(quads).value)
    link = [
        q.object
        for q in quads
        if q.graph_name == provenance
        and q.subject == assertion
        and q.predicate == PROV.specializationOf
    ]
    article = [q.object for q in quads if q.subject in link and q.predicate == PROV.wasDerivedFrom]
    if len(link) != 1 or len(article) != 1 or not isinstance(link[0], NamedNode):
        raise InputError(
            "this nanopublication holds no claim of ours",
            hint="A retraction is told to /claims/{slug}/withdrawal.",
        )
    home = _home(article[0])
    return [
        *(Quad(q.subject, q.predicate, q.object, link[0]) for q in quads
          if q.graph_name == assertion),
        *(Quad(q.subject, q.predicate, q.object, home) for q in quads
          if q.graph_name == provenance and q.subject != assertion),
    ]  # fmt: skip


def _home(article: object) -> NamedNode:
    parts = split(article.value) if isinstance(article, NamedNode) else None
    if parts is None:
        raise InputError("the claim's article is none of ours")
    return NamedNode(f"{GRAPH_BASE}article--{parts[1]}")


def graphs(node: str) -> list[NamedNode]:
    """Return the four graphs of a nanopublication: head, assertion, provenance, information."""
    return [NamedNode(f"{node}#{part}") for part in _PARTS]
