"""The report as RDF is a SHACL validation report: one result for each finding, raw terms kept."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import BlankNode
from rdflib.namespace import RDF, SH

from mineralgraph.gate import w3c
from mineralgraph.gate.check import check
from mineralgraph.gate.report import EvidenceCounts, Finding, Report, Severity, Terms
from mineralgraph.intake import document as documents
from mineralgraph.intake.dataset import ACCEPTED, complete, ontology_quads
from mineralgraph.intake.expand import expand
from mineralgraph.intake.placing import place_descriptions
from mineralgraph.rdf import formats

BASE = (Path(__file__).parents[1] / "malformed" / "base.trig").read_text(encoding="utf-8")
MGS = "https://w3id.org/mineralgraph/shapes#"


def judged(*swaps: tuple[str, str]) -> Report:
    text = BASE
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    document = documents.read(text.encode(), "trig")
    quads = [*ontology_quads(), *place_descriptions(document, expand(document))]
    return check(complete(quads, ACCEPTED))


def as_graph(report: Report) -> rdflib.Graph:
    return rdflib.Graph().parse(data=w3c.write(report, formats.TURTLE), format="turtle")


def results(graph: rdflib.Graph) -> list[rdflib.term.Node]:
    (root,) = graph.subjects(RDF.type, SH.ValidationReport)
    return list(graph.objects(root, SH.result))


def test_a_conforming_report_has_no_results() -> None:
    report = judged()
    assert report.conforms, report.as_text()
    graph = as_graph(report)
    assert results(graph) == []
    assert [bool(o) for o in graph.objects(None, SH.conforms)] == [True]


def test_a_missing_property_has_path_shape_component_and_no_value() -> None:
    graph = as_graph(
        judged(("mg:modality mod:held ;\n  mg:evidence [ oa:start 93", "mg:evidence [ oa:start 93"))
    )
    (node,) = [
        r
        for r in results(graph)
        if graph.value(r, SH.sourceShape) == rdflib.URIRef(MGS + "claim-modality")
    ]
    assert str(graph.value(node, SH.focusNode)).endswith("/claim/tin-held")
    assert str(graph.value(node, SH.resultPath)).endswith("#modality")
    assert graph.value(node, SH.value) is None
    assert graph.value(node, SH.sourceConstraintComponent) == SH.MinCountConstraintComponent
    assert graph.value(node, SH.resultSeverity) == SH.Violation
    assert graph.value(node, SH.resultMessage)
    assert [bool(o) for o in graph.objects(None, SH.conforms)] == [False]


def test_a_value_keeps_its_datatype() -> None:
    graph = as_graph(judged(("oa:start 93 ", "oa:start 93.5 ")))
    values = {graph.value(r, SH.value) for r in results(graph)}
    assert rdflib.Literal("93.5", datatype=rdflib.XSD.decimal) in values


def test_a_path_of_several_steps_is_copied_from_the_shape() -> None:
    graph = as_graph(judged(("oa:end 133", "oa:end 99999")))
    (node,) = [
        r
        for r in results(graph)
        if graph.value(r, SH.sourceShape) == rdflib.URIRef(MGS + "evidence-within-text")
    ]
    path = graph.value(node, SH.resultPath)
    assert isinstance(path, rdflib.BNode)
    steps = list(graph.items(path))
    assert len(steps) == 3
    assert graph.value(steps[0], SH.inversePath) == rdflib.URIRef(
        "http://www.w3.org/ns/oa#hasSource"
    )


def test_a_finding_of_another_check_names_its_rule() -> None:
    graph = as_graph(judged(("mg:role role:speaker", "mg:role role:speaker ; mg:roel role:host")))
    components = {str(graph.value(r, SH.sourceConstraintComponent)) for r in results(graph)}
    assert w3c.RULES + "vocabulary" in components


def test_warnings_are_results_and_the_report_conforms() -> None:
    report = judged(('"Tarn spoke on Tin Day in Vell."@en', '"Tarn spoke"@en'))
    assert report.conforms
    assert report.count(Severity.WARNING) == 1
    assert report.as_json()["warnings"] == 1
    assert "1 warning(s)" in report.as_text()
    graph = as_graph(report)
    assert [graph.value(r, SH.resultSeverity) for r in results(graph)] == [SH.Warning]
    assert [bool(o) for o in graph.objects(None, SH.conforms)] == [True]


def test_spans_without_their_text_are_not_checked_and_never_right() -> None:
    report = judged()
    assert report.evidence == EvidenceCounts(right=0, wrong=0, not_checked=2)
    assert "2 not checked" in report.as_text()
    assert "right" not in report.as_text()


@pytest.mark.parametrize(
    "term",
    [
        '"a \\"quoted\\"\\ntext"@en',
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
        "_:b0",
        "<https://example.org/x>",
    ],
)
def test_any_term_can_be_focus_and_value(term: str) -> None:
    finding = Finding(
        Severity.VIOLATION, "x", "m", "f", "rule", terms=Terms(focus=term, value=term)
    )
    text = pyoxigraph.serialize(
        w3c.to_triples(Report((finding,))), format=pyoxigraph.RdfFormat.N_TRIPLES
    )
    assert text is not None
    found = [t.object for t in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES)]
    if not term.startswith("_:"):
        assert sum(str(o) == term for o in found) == 2
    assert sum(isinstance(o, BlankNode) for o in found) >= 1


def test_a_report_survives_json() -> None:
    report = judged(("oa:start 93 ", "oa:start -93 "))
    assert Report.from_json(report.as_json()) == report
