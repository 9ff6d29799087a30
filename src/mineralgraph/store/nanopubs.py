"""Claims as nanopublications: assertion, provenance and publication information, and back.

A nanopublication never changes, so what may change of a claim (its review state, whether it is
current, what is derived from others) stays out. A withdrawal is a nanopublication of its own
that retracts the claim's. Both bear a trusty URI, computed from their content; the claim's own
IRI stands in the provenance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import InputError, NotFound
from mineralgraph.rdf import trusty
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import (
    DATASET,
    DCTERMS,
    GRAPH_BASE,
    ID_BASE,
    MG,
    OA,
    PROV,
    RDF,
)
from mineralgraph.store.view import Find

BASE: Final = ID_BASE + "nanopub/"
LICENSE: Final = NamedNode("https://creativecommons.org/licenses/by/4.0/")
NP: Final = "http://www.nanopub.org/nschema#"
NPX: Final = "http://purl.org/nanopub/x/"
_PARTS: Final = ("Head", "assertion", "provenance", "pubinfo")
_HAS: Final = ("hasAssertion", "hasProvenance", "hasPublicationInfo")
_MUTABLE: Final = frozenset({MG.reviewState, MG.current, MG.about, MG.validity})
_ENTITY: Final = PROV.Entity

_UNKNOWN: Final = "RA-unknown-"
"""Stands for the code until it is computed; a blank, as in the digest, is not valid in an IRI."""

Triples = set[tuple[object, NamedNode, object]]


def of_claim(claim: NamedNode, find: Find) -> list[Quad]:
    """Return the nanopublication of a claim.

    Raises:
        NotFound: when the claim asserts nothing, or is not described.
    """
    asserted: Triples = {_triple(q) for q in find(None, None, None, claim)}
    described: Triples = set()
    for node in _described(claim, find):
        described |= {_triple(q) for q in find(node) if _lasting(q, claim)}
    if not asserted or not described:
        raise NotFound(f"the claim {claim.value} is not described, or asserts nothing")
    return _made(asserted, described, lambda part: {(part, PROV.specializationOf, claim)})


def of_withdrawal(claim: NamedNode, find: Find) -> list[Quad]:
    """Return the nanopublication that retracts a withdrawn claim's.

    Raises:
        NotFound: when the claim is not withdrawn.
    """
    node = next((q.subject for q in find(None, MG.withdraws, claim)), None)
    if node is None:
        raise NotFound(f"the claim {claim.value} is not withdrawn")
    said: Triples = {_triple(q) for q in find(node)}
    agent = next((o for _, p, o in said if p == PROV.wasAssociatedWith), DATASET)
    target = name(of_claim(claim, find))
    asserted: Triples = {(agent, NamedNode(NPX + "retracts"), target)}
    return _made(asserted, said, lambda part: {(part, PROV.wasGeneratedBy, node)})


def name(quads: Iterable[Quad]) -> NamedNode:
    """Return the IRI of the nanopublication that some quads are.

    Raises:
        InputError: when they are not exactly one.
    """
    kind = NamedNode(NP + "Nanopublication")
    found = {q.subject for q in quads if q.predicate == RDF.type and q.object == kind}
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
    if {q.graph_name for q in quads} != set(_graphs(node.value)):
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
    _, assertion, provenance, _ = _graphs(verify(quads).value)
    link = [
        q.object
        for q in quads
        if q.graph_name == provenance
        and q.subject == assertion
        and q.predicate == PROV.specializationOf
    ]
    article = [q.object for q in quads if q.subject in link and q.predicate == PROV.wasDerivedFrom]
    if len(link) != 1 or len(article) != 1 or not isinstance(link[0], NamedNode):
        raise InputError("this nanopublication is not one of a claim of ours")
    home = _home(article[0])
    return [
        *(Quad(q.subject, q.predicate, q.object, link[0]) for q in quads
          if q.graph_name == assertion),
        *(Quad(q.subject, q.predicate, q.object, home) for q in quads
          if q.graph_name == provenance and q.subject != assertion),
    ]  # fmt: skip


def claims_of(find: Find) -> list[NamedNode]:
    """Return every claim, in order."""
    found = {q.subject for q in find(None, RDF.type, MG.Claim)}
    return sorted((c for c in found if isinstance(c, NamedNode)), key=str)


def _home(article: object) -> NamedNode:
    parts = split(article.value) if isinstance(article, NamedNode) else None
    if parts is None:
        raise InputError("the claim's article is none of ours")
    return NamedNode(f"{GRAPH_BASE}article--{parts[1]}")


def _described(claim: NamedNode, find: Find) -> Iterator[object]:
    """Yield the nodes that describe a claim: itself, its evidence, and the selectors."""
    yield claim
    for evidence in {q.object for q in find(claim, MG.evidence)}:
        yield evidence
        yield from {q.object for q in find(evidence, OA.hasSelector)}


def _lasting(quad: Quad, claim: NamedNode) -> bool:
    if quad.subject != claim:
        return True
    return quad.predicate not in _MUTABLE and quad.object != _ENTITY


def _triple(quad: Quad) -> tuple[object, NamedNode, object]:
    return quad.subject, quad.predicate, quad.object


def _graphs(node: str) -> list[NamedNode]:
    return [NamedNode(f"{node}#{part}") for part in _PARTS]


def _made(
    asserted: Triples, described: Triples, about: Callable[[NamedNode], Triples]
) -> list[Quad]:
    """Put the four graphs together under a name that carries their digest."""
    draft = BASE + _UNKNOWN
    head, assertion, provenance, pubinfo = _graphs(draft)
    node = NamedNode(draft)
    heads = {(node, RDF.type, NamedNode(NP + "Nanopublication"))} | {
        (node, NamedNode(NP + has), part)
        for has, part in zip(_HAS, (assertion, provenance, pubinfo), strict=True)
    }
    information = {
        (node, DCTERMS.license, LICENSE),
        (node, DCTERMS.isPartOf, DATASET),
        (node, PROV.wasAttributedTo, DATASET),
    }
    parts: tuple[tuple[NamedNode, Triples], ...] = (
        (head, set(heads)),
        (assertion, asserted),
        (provenance, described | about(assertion)),
        (pubinfo, set(information)),
    )
    quads = [Quad(s, p, o, graph) for graph, triples in parts for s, p, o in triples]  # type: ignore[arg-type]
    code = trusty.code(quads, _UNKNOWN)
    return [_renamed(quad, code) for quad in quads]


def _renamed(quad: Quad, code: str) -> Quad:
    def new(term: object) -> object:
        if isinstance(term, NamedNode) and term.value.startswith(BASE + _UNKNOWN):
            return NamedNode(term.value.replace(_UNKNOWN, code))
        return term

    parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    return Quad(*map(new, parts))  # type: ignore[arg-type]
