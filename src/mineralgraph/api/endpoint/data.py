"""``/data``: the whole dataset, or one graph by the Graph Store Protocol; reading only."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, operations
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.http import negotiation
from mineralgraph.api.service import Service
from mineralgraph.errors import InputError, NotFound
from mineralgraph.execution.base import Request as Query
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import CURRENT_VIEW
from mineralgraph.store.base import Dataset

DATASETS: Final = negotiation.graph_offers(
    (formats.TRIG, formats.NQUADS, formats.JSONLD), json=True
)
GRAPHS: Final = negotiation.graph_offers(json=True)


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    app.add_api_route(
        "/data",
        _handler(service),
        methods=["GET"],
        response_class=Response,
        tags=["Data"],
        summary="The whole dataset, or one graph of it",
        description="Without parameters the whole dataset. With default, the current view; with "
        "graph, the graph of that name (SPARQL 1.1 Graph Store HTTP Protocol).",
        operation_id="data",
        responses=operations.responses(
            {
                **{offer.media_type: operations.TEXT for offer in GRAPHS},
                "application/ld+json": operations.ANY,
                "application/json": operations.ANY,
            },
            304, 400, 404, 406, 422, 504,
        ),
        openapi_extra={
            "parameters": [
                {
                    "name": "default", "in": "query", "required": False,
                    "description": "The default graph: the current view.",
                    "schema": {"type": "string", "enum": [""]}, "allowEmptyValue": True,
                },
                operations.query_parameter("graph", "IRI of a graph.", CURRENT_VIEW.value),
                operations.formats_of(GRAPHS),
            ]
        },
    )  # fmt: skip


def _handler(service: Service) -> Handler:
    async def read(request: Request) -> Response:
        given = operations.known_only(request, ("default", "graph", "format"))
        graph = graph_of(given)
        chosen = operations.chosen(request, given, DATASETS if graph is None else GRAPHS)

        async def make() -> Made:
            if graph is None:
                return await _dataset(service, chosen.what)
            return await _graph(service, graph, chosen.what)

        return await answers.respond(service, request, chosen.content_type, make)

    return read


def graph_of(given: dict[str, str]) -> NamedNode | None:
    """Return the graph that the parameters name, None for the whole dataset.

    Raises:
        InputError: when both forms are used, or the name is no IRI.
    """
    if "default" in given and "graph" in given:
        raise InputError("default and graph exclude each other", hint="Give one of them.")
    if "default" in given:
        return CURRENT_VIEW
    if "graph" not in given:
        return None
    try:
        return NamedNode(given["graph"])
    except ValueError as error:
        raise InputError(
            f"graph: {error}", hint="Give an absolute IRI.", parameter="graph"
        ) from None


async def _graph(service: Service, graph: NamedNode, form: GraphFormat) -> Made:
    only, timeout = Dataset(default=(graph,)), service.settings.query_timeout
    if graph != CURRENT_VIEW:
        there = await service.runner.run(
            Query("ASK { ?s ?p ?o }", formats.JSON, only, timeout, "data:exists")
        )
        if b"true" not in await answers.whole(there):
            raise NotFound(
                f"there is no graph {graph.value}",
                hint="Ask /sparql for the names: SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
            )
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    served = await service.runner.run(Query(text, form, only, timeout, "data:graph"))
    return Made(answers.body_of(served), served.version)


async def _dataset(service: Service, form: GraphFormat) -> Made:
    timeout = service.settings.query_timeout
    served = await service.runner.run(
        Query("", form, timeout=timeout, name="data:dataset", everything=True)
    )
    return Made(answers.body_of(served), served.version)
