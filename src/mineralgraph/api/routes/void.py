"""``/.well-known/void``: what the dataset holds and how to get it, in VoID and DCAT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI
from pyoxigraph import NamedNode, Quad, Triple
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, operations
from mineralgraph.api.answers import Made
from mineralgraph.api.ask import Table
from mineralgraph.api.http import negotiation
from mineralgraph.api.presentation import documents
from mineralgraph.api.presentation.documents import english, integer, node
from mineralgraph.api.presentation.terms import plain
from mineralgraph.api.service import Service
from mineralgraph.rdf.formats import GRAPH_FORMATS, GraphFormat
from mineralgraph.rdf.namespaces import DATASET, DCTERMS, ID_BASE, RDF, Namespace, prefixes

OFFERS: Final = negotiation.graph_offers(json=True)
_VOID: Final = Namespace("void")
_DCAT: Final = Namespace("dcat")
_FOAF: Final = Namespace("foaf")
_LICENSE: Final = NamedNode("https://creativecommons.org/licenses/by/4.0/")
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""

    async def describe(request: Request) -> Response:
        given = operations.known_only(request, ("format",))
        chosen = operations.chosen(request, given, OFFERS)
        base = str(request.base_url).rstrip("/")

        async def make() -> Made:
            return await _document(service, base, chosen.what)

        return await answers.respond(service, request, chosen.content_type, make, base)

    app.add_api_route(
        "/.well-known/void",
        describe,
        methods=["GET"],
        response_class=Response,
        tags=["Service"],
        summary="VoID and DCAT description of the dataset",
        operation_id="void",
        responses=operations.responses(
            {
                **{offer.media_type: operations.TEXT for offer in OFFERS},
                "application/ld+json": operations.ANY,
                "application/json": operations.ANY,
            },
            304, 406, 422, 504,
        ),
        openapi_extra={"parameters": [operations.formats_of(OFFERS)]},
    )  # fmt: skip


async def _document(service: Service, base: str, form: GraphFormat) -> Made:
    counts = await ask.table(service, "counts")
    nodes = await ask.table(service, "node-counts")
    classes = await ask.table(service, "class-partition")
    properties = await ask.table(service, "property-partition")
    here = f"{base}/.well-known/void"
    statements: list[Triple | Quad] = [
        *_dataset(base, here, counts.version),
        *_sizes(counts, nodes),
        *_classes(here, classes),
        *_properties(here, properties),
    ]
    return Made(documents.write(statements, form), counts.version)


def _dataset(base: str, here: str, version: str) -> Iterator[Triple]:
    service = node(f"{base}/sparql#service")
    yield Triple(node(here), RDF.type, _VOID.DatasetDescription)
    yield Triple(node(here), _FOAF.primaryTopic, DATASET)
    yield Triple(DATASET, RDF.type, _VOID.Dataset)
    yield Triple(DATASET, RDF.type, _DCAT.Dataset)
    yield Triple(DATASET, DCTERMS.title, english("Mineralgraph: critical-minerals diplomacy"))
    yield Triple(
        DATASET,
        DCTERMS.description,
        english(
            "What news articles say about critical-minerals diplomacy. Every claim is a named "
            "graph that points at the words which say it."
        ),
    )
    yield Triple(DATASET, DCTERMS.license, _LICENSE)
    yield Triple(DATASET, DCTERMS.hasVersion, documents.plain_text(version))
    yield Triple(DATASET, _VOID.uriSpace, documents.plain_text(ID_BASE))
    yield Triple(DATASET, _VOID.sparqlEndpoint, node(f"{base}/sparql"))
    yield Triple(DATASET, _VOID.exampleResource, NamedNode(ID_BASE + "person/kosherbayev"))
    for prefix in ("mg", "schema", "org", "prov", "oa", "skos"):
        yield Triple(DATASET, _VOID.vocabulary, NamedNode(prefixes()[prefix]))
    for format_ in GRAPH_FORMATS:
        if format_.datasets:
            yield from _distribution(base, here, format_)
    yield Triple(service, RDF.type, _DCAT.DataService)
    yield Triple(service, _DCAT.endpointURL, node(f"{base}/sparql"))
    yield Triple(service, _DCAT.servesDataset, DATASET)


def _distribution(base: str, here: str, format_: GraphFormat) -> Iterator[Triple]:
    dump = node(f"{base}/data?format={format_.name}")
    distribution = node(f"{here}#{format_.name}")
    yield Triple(DATASET, _VOID.dataDump, dump)
    yield Triple(DATASET, _VOID.feature, NamedNode(format_.engine.iri))
    yield Triple(DATASET, _DCAT.distribution, distribution)
    yield Triple(distribution, RDF.type, _DCAT.Distribution)
    yield Triple(distribution, _DCAT.downloadURL, dump)
    yield Triple(distribution, _DCAT.mediaType, NamedNode(_MEDIA_TYPES + format_.media_type))


def _sizes(counts: Table, nodes: Table) -> Iterator[Triple]:
    for row in counts:
        yield Triple(DATASET, _VOID.triples, integer(_number(row["triples"])))
    for row in nodes:
        yield Triple(DATASET, _VOID.distinctSubjects, integer(_number(row["subjects"])))
        yield Triple(DATASET, _VOID.distinctObjects, integer(_number(row["objects"])))


def _classes(here: str, found: Table) -> Iterator[Triple]:
    yield Triple(DATASET, _VOID.classes, integer(len(found)))
    for number, row in enumerate(found, 1):
        class_ = row["class"]
        part = node(f"{here}#class-{number}")
        if isinstance(class_, NamedNode):
            entities = _number(row["entities"])
            yield Triple(DATASET, _VOID.classPartition, part)
            yield Triple(part, _VOID["class"], class_)
            yield Triple(part, _VOID.entities, integer(entities))


def _properties(here: str, found: Table) -> Iterator[Triple]:
    yield Triple(DATASET, _VOID.properties, integer(len(found)))
    for number, row in enumerate(found, 1):
        property_ = row["property"]
        part = node(f"{here}#property-{number}")
        if isinstance(property_, NamedNode):
            yield Triple(DATASET, _VOID.propertyPartition, part)
            yield Triple(part, _VOID.property, property_)
            yield Triple(part, _VOID.triples, integer(_number(row["triples"])))
            yield Triple(part, _VOID.distinctSubjects, integer(_number(row["subjects"])))
            yield Triple(part, _VOID.distinctObjects, integer(_number(row["objects"])))


def _number(cell: object) -> int:
    found = plain(cell)  # type: ignore[arg-type]
    return found if isinstance(found, int) else 0
