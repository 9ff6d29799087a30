"""The service description (SPARQL 1.1 Service Description), made from what the service does."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Triple

from mineralgraph.api.presentation.documents import english, node
from mineralgraph.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS
from mineralgraph.rdf.namespaces import (
    CURRENT_VIEW,
    DATASET,
    DCTERMS,
    RDF,
    RDFS,
    Namespace,
)

_SD = Namespace("sd")


def service_description(base: str) -> Iterator[Triple]:
    """Yield the description of the endpoint at ``base``.

    What is not named is not done: no federation, no dereferencing of graph names, no union
    default graph, no updates.
    """
    service, dataset = node(f"{base}/sparql#service"), node(f"{base}/sparql#dataset")
    view = node(f"{base}/sparql#default-graph")
    yield Triple(service, RDF.type, _SD.Service)
    yield Triple(service, RDFS.label, english("SPARQL endpoint of mineralgraph"))
    yield Triple(service, _SD.endpoint, node(f"{base}/sparql"))
    yield Triple(service, _SD.supportedLanguage, _SD.SPARQL11Query)
    for format_ in (*RESULT_FORMATS, *GRAPH_FORMATS):
        yield Triple(service, _SD.resultFormat, NamedNode(format_.engine.iri))
    yield Triple(service, _SD.defaultDataset, dataset)
    yield Triple(dataset, RDF.type, _SD.Dataset)
    yield Triple(dataset, _SD.defaultGraph, view)
    yield Triple(dataset, DCTERMS.isVersionOf, DATASET)
    yield Triple(dataset, RDFS.seeAlso, node(f"{base}/.well-known/void"))
    yield Triple(view, RDF.type, _SD.Graph)
    yield Triple(view, DCTERMS.isVersionOf, CURRENT_VIEW)
    yield Triple(
        view,
        DCTERMS.description,
        english(
            "The current view: reference data, ontology, descriptions of claims and articles, "
            "and what accepted claims assert as actual. Each claim has a named graph of its own."
        ),
    )
