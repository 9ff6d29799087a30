"""The Service Description suite: returns RDF, names its endpoint, uses the vocabulary."""

from __future__ import annotations

from rdflib import RDF, Graph, Namespace, URIRef

from tests.w3c.endpoints import Endpoint

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


def description(ours: Endpoint) -> Graph:
    answer = ours.client.get(ours.query, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/turtle")
    return Graph().parse(data=answer.text, format="turtle", publicID=ours.query)


def test_returns_rdf(ours: Endpoint) -> None:
    assert len(description(ours))


def test_has_endpoint_triple(ours: Endpoint) -> None:
    assert (None, SD.endpoint, URIRef(ours.query)) in description(ours)


def test_conforms_to_schema(ours: Endpoint) -> None:
    graph = description(ours)
    service = graph.value(predicate=RDF.type, object=SD.Service)
    assert service is not None
    assert len(list(graph.objects(service, SD.endpoint))) == 1
    languages = set(graph.objects(service, SD.supportedLanguage))
    assert URIRef(SD.SPARQL11Query) in languages
    for predicate in set(graph.predicates()):
        if str(predicate).startswith(str(SD)):
            assert str(predicate).removeprefix(str(SD)) in KNOWN


KNOWN = {
    "endpoint", "feature", "defaultEntailmentRegime", "entailmentRegime", "extensionFunction",
    "extensionAggregate", "languageExtension", "supportedLanguage", "propertyFeature",
    "defaultDataset", "availableGraphs", "resultFormat", "inputFormat", "defaultGraph",
    "namedGraph", "name", "graph", "supportedEntailmentProfile",
    "defaultSupportedEntailmentProfile",
}  # fmt: skip
