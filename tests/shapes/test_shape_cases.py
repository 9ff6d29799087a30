"""Each shape has a case that it lets pass and one that fails for its reason alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import RDF, Graph
from rdflib.namespace import SH
from rdflib.term import Node, URIRef

from . import harness

FILES = sorted(harness.CASES.rglob("*.ttl"))

#: Triples of a shape that are no constraint: without any other, the shape reports nothing itself.
SILENT = {
    RDF.type,
    SH.name,
    SH.message,
    SH.description,
    SH.severity,
    SH.property,
    SH.path,
    SH.targetClass,
    SH.targetSubjectsOf,
    SH.targetObjectsOf,
}
SEVERITY = {"must": SH.Violation, "codelists": SH.Violation, "should": SH.Warning}


def reporting(graph: Graph) -> set[URIRef]:
    """The shapes that can stand in a report: those with a constraint that a target reaches."""
    targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
    reached: set[Node] = {s for p in targets for s in graph.subjects(p)}
    reached |= {o for s in set(reached) for o in graph.objects(s, SH.property)}
    assert all(isinstance(shape, URIRef) for shape in reached), "a reporting shape needs an IRI"
    return {s for s in reached if isinstance(s, URIRef) and set(graph.predicates(s)) - SILENT}


def local(shape: URIRef) -> str:
    assert shape.startswith(harness.MGS)
    return shape.removeprefix(harness.MGS)


REPORTING = sorted(reporting(harness.shapes_graph()))


def test_there_are_cases_and_shapes() -> None:
    assert FILES
    assert REPORTING


def test_the_context_alone_is_in_order() -> None:
    assert harness.findings(harness.context()) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_case(file: Path) -> None:
    expected = harness.expected(file)
    assert file.stem.startswith("fail-") == bool(expected), "only fail files expect findings"
    assert {f.shape for f in expected} <= {file.parent.name}
    assert harness.findings(harness.case(file)) == expected


@pytest.mark.parametrize("kind", ["pass", "fail"])
def test_every_shape_has_a_case(kind: str) -> None:
    have = {f.parent.name for f in FILES if f.stem.startswith(f"{kind}-")}
    assert have == {local(shape) for shape in REPORTING}


@pytest.mark.parametrize("file", sorted(harness.SHAPES.rglob("*.ttl")), ids=lambda f: f.stem)
def test_shapes_speak_to_the_curator(file: Path) -> None:
    graph = Graph().parse(file)
    for shape in set(REPORTING) & set(graph.subjects()):
        for term in (SH.name, SH.message, SH.description):
            texts = list(graph.objects(shape, term))
            assert len(texts) == 1, f"{local(shape)} needs one {term}"
            assert texts[0].language == "en", f"{local(shape)}: {term} needs @en"
            assert len(texts[0]) >= (10 if term == SH.name else 24), f"{local(shape)}: {term}"
        assert graph.value(shape, SH.severity) == SEVERITY[file.parent.name], local(shape)


def test_every_shape_has_a_name() -> None:
    graph = harness.shapes_graph()
    for kind in (SH.NodeShape, SH.PropertyShape):
        for shape in graph.subjects(RDF.type, kind):
            assert isinstance(shape, URIRef)
            assert graph.value(shape, SH.name), shape
