"""The data keeps to the domains and ranges of our own properties.

A domain that the data has to break does not hold and must go, so this tests the ontology as much
as the data. Blank nodes of the authoring form have no type yet and are left to the shapes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import ontology_terms as terms
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

ONTOLOGY = [q for path in terms.rdf_files("ontology") for q in terms.read(path)]
DATA = [q for path in terms.rdf_files("data") for q in terms.read(path)]


def _relation(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for quad in ONTOLOGY:
        if quad.predicate.value == terms.RDFS + name and isinstance(quad.subject, NamedNode):
            found[quad.subject.value].add(quad.object.value)
    return found


ABOVE = _relation("subClassOf")
PROPERTIES = {term for term in terms.own_terms() if term.removeprefix(terms.MG)[0].islower()}


def _types() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for quad in [*ONTOLOGY, *DATA]:
        if quad.predicate == terms.TYPE and isinstance(quad.subject, NamedNode):
            ahead = [quad.object.value]
            while ahead:
                kind = ahead.pop()
                if kind not in found[quad.subject.value]:
                    found[quad.subject.value].add(kind)
                    ahead += ABOVE[kind]
    return found


TYPES = _types()
# What the ontology's own types say in RDF's words, for properties that point at properties.
SAME = {terms.OWL + "ObjectProperty": terms.RDF + "Property"}


def _fits(node: NamedNode | Literal, kind: str) -> bool:
    if isinstance(node, Literal):
        datatype = node.datatype.value
        return datatype == kind or (kind.endswith("#decimal") and datatype.endswith("#integer"))
    types = TYPES[node.value]
    return kind in types | {SAME[t] for t in types if t in SAME}


def _misfits(quads: list[Quad], side: str) -> Iterator[str]:
    wanted = _relation(side)
    for quad in quads:
        node = quad.subject if side == "domain" else quad.object
        name = quad.predicate.value
        if name in PROPERTIES and isinstance(node, NamedNode | Literal):
            for kind in wanted[name]:
                if not _fits(node, kind):
                    yield f"{terms.shorten(name)}: {node} is no {terms.shorten(kind)}"


@pytest.mark.parametrize("side", ["domain", "range"])
def test_data_keeps_to_what_the_ontology_says(side: str) -> None:
    own = [q for q in DATA if q.predicate.value in PROPERTIES]
    assert len([q for q in own if not isinstance(q.object, BlankNode)]) > 500
    assert sorted(set(_misfits(DATA, side))) == []


@pytest.mark.parametrize(
    ("side", "quad"),
    [
        ("domain", Quad(NamedNode(terms.MG), NamedNode(terms.MG + "numerator"), Literal(20))),
        ("range", Quad(NamedNode(terms.MG), NamedNode(terms.MG + "numerator"), Literal("20"))),
    ],
)
def test_a_misfit_is_found(side: str, quad: Quad) -> None:
    assert list(_misfits([quad], side))
