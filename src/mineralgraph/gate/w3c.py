"""The report as a SHACL validation report in RDF (SHACL section 3.6).

A finding of a shape becomes the result that the shape gave. A finding of another check
(evidence, graph names, vocabulary, dates, rules over the dataset) becomes a result whose
constraint component is the rule's IRI under ``https://w3id.org/mineralgraph/rules#``.
``sh:conforms`` follows the report: warnings stand in it and do not make it false.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from mineralgraph.gate.report import Finding, Report, Severity, Terms
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import RDF, SH, XSD, prefixes

RULES = "https://w3id.org/mineralgraph/rules#"
_SEVERITIES = {
    Severity.VIOLATION: "Violation",
    Severity.WARNING: "Warning",
    Severity.INFO: "Info",
}
Term = NamedNode | BlankNode | Literal


def to_triples(report: Report) -> list[Triple]:
    """Return a report as the triples of one ``sh:ValidationReport``."""
    root = BlankNode("report")
    conforms = Literal("true" if report.conforms else "false", datatype=XSD.boolean)
    triples = [
        Triple(root, RDF.type, SH.ValidationReport),
        Triple(root, SH.conforms, conforms),
    ]
    for number, finding in enumerate(report.findings, 1):
        result = BlankNode(f"result{number}")
        triples.append(Triple(root, SH.result, result))
        triples += _result(result, finding)
    return triples


def write(report: Report, form: GraphFormat) -> bytes:
    """Serialise a report in an RDF syntax."""
    return pyoxigraph.serialize(to_triples(report), format=form.engine, prefixes=prefixes()) or b""


def _result(node: BlankNode, finding: Finding) -> Iterator[Triple]:
    terms = finding.raw
    yield Triple(node, RDF.type, SH.ValidationResult)
    focus = _term(terms.focus)
    yield Triple(node, SH.focusNode, focus if focus is not None else BlankNode())
    yield from _path(node, terms)
    if terms.value is not None and (value := _term(terms.value)) is not None:
        yield Triple(node, SH.value, value)
    yield Triple(node, SH.resultSeverity, SH[_SEVERITIES[finding.severity]])
    component = finding.component or rule_iri(finding.rule)
    yield Triple(node, SH.sourceConstraintComponent, NamedNode(component))
    if terms.shape is not None and (shape := _term(terms.shape)) is not None:
        yield Triple(node, SH.sourceShape, shape)
    yield Triple(node, SH.resultMessage, Literal(finding.message, language="en"))


def rule_iri(rule: str) -> str:
    """Return the IRI of a rule that is no shape."""
    return RULES + quote(rule.rpartition("/")[2], safe="")


def _term(text: str) -> Term | None:
    """Read a term in N-Triples syntax; ``None`` for the empty text."""
    if not text:
        return None
    line = f"<urn:x> <urn:x> {text} ."
    found = next(iter(parse(line, format=RdfFormat.N_TRIPLES, rename_blank_nodes=False))).object
    return None if isinstance(found, Triple) else found


def _path(node: BlankNode, terms: Terms) -> Iterator[Triple]:
    """Yield the path of a result: one property, or a copy of the shape's path."""
    if terms.path is not None:
        found = _term(terms.path)
        if found is not None:
            yield Triple(node, SH.resultPath, found)
        return
    shape = _term(terms.shape) if terms.shape else None
    if not isinstance(shape, NamedNode):
        return
    # The shapes come with rdflib, which takes long to import; most reports need neither.
    from mineralgraph.gate import shapes  # noqa: PLC0415

    found, triples = shapes.path_of(shape, f"{node.value}path")
    if found is not None:
        yield Triple(node, SH.resultPath, found)
        yield from triples
