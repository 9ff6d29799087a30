"""Claims as nanopublications: assertion, provenance and publication information.

A nanopublication never changes, so what may change of a claim (its review state, whether it is
current, what is derived from others) stays out. A withdrawal is a nanopublication of its own
that retracts the claim's. Both bear a trusty URI, computed from their content; the claim's own
IRI stands in the provenance. ``rdf.nanopubs`` reads them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import NotFound
from mineralgraph.rdf import nanopubs, trusty
from mineralgraph.rdf.namespaces import DATASET, DCTERMS, MG, OA, PROV, RDF
from mineralgraph.store.view import Find

LICENSE: Final = NamedNode("https://creativecommons.org/licenses/by/4.0/")
NPX: Final = "http://purl.org/nanopub/x/"
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
    target = nanopubs.name(of_claim(claim, find))
    asserted: Triples = {(agent, NamedNode(NPX + "retracts"), target)}
    return _made(asserted, said, lambda part: {(part, PROV.wasGeneratedBy, node)})


def claims_of(find: Find) -> list[NamedNode]:
    """Return every claim, in order."""
    found = {q.subject for q in find(None, RDF.type, MG.Claim)}
    return sorted((c for c in found if isinstance(c, NamedNode)), key=str)


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


def _made(
    asserted: Triples, described: Triples, about: Callable[[NamedNode], Triples]
) -> list[Quad]:
    """Put the four graphs together under a name that carries their digest."""
    draft = nanopubs.BASE + _UNKNOWN
    head, assertion, provenance, pubinfo = nanopubs.graphs(draft)
    node = NamedNode(draft)
    heads = {(node, RDF.type, NamedNode(nanopubs.NP + "Nanopublication"))} | {
        (node, NamedNode(nanopubs.NP + has), part)
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
        if isinstance(term, NamedNode) and term.value.startswith(nanopubs.BASE + _UNKNOWN):
            return NamedNode(term.value.replace(_UNKNOWN, code))
        return term

    parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    return Quad(*map(new, parts))  # type: ignore[arg-type]
