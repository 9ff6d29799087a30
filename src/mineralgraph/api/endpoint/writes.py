"""Raw writes: SPARQL Update and the Graph Store Protocol; refused while the gate is on.

The gate is off only on a scratch store (``opening``); there whoever holds an admin token may write
what he likes. Everywhere else these routes say why not, before they look at anything.
"""

from __future__ import annotations

import uuid
from typing import Final

from fastapi import FastAPI
from pyoxigraph import DefaultGraph, NamedNode, Triple
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import authority, operations
from mineralgraph.api.answers import Handler
from mineralgraph.api.http import body
from mineralgraph.api.http import exchange as exchanges
from mineralgraph.api.service import Service
from mineralgraph.errors import Forbidden, InputError, UnsupportedMediaType
from mineralgraph.rdf import formats
from mineralgraph.store.base import Graph
from mineralgraph.submissions.raw import RawWriter, triples_of
from mineralgraph.submissions.requests import Asking

MAX_BYTES: Final = 64 * 1024 * 1024
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-update"
FILES: Final = "multipart/form-data"
SYNTAXES: Final = (*(f for f in formats.GRAPH_FORMATS if not f.datasets), formats.JSONLD)


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    for path, method, handler, summary, name in (
        ("/update", "POST", _update, "SPARQL Update", "update"),
        ("/data", "PUT", _put, "Replace a graph", "data-put"),
        ("/data", "POST", _post, "Add to a graph", "data-post"),
        ("/data", "DELETE", _delete, "Delete a graph", "data-delete"),
    ):
        app.add_api_route(
            path,
            handler(service),
            methods=[method],
            response_class=Response,
            status_code=204,
            tags=["Raw writes"],
            summary=f"{summary}: only on a scratch store, where the gate is off",
            operation_id=name,
            responses=operations.responses({}, 201, 400, 401, 403, 404, 412, 413, 415, 422, ok=204),
            openapi_extra={"security": [{"token": []}]},
        )


async def _admitted(service: Service, request: Request) -> tuple[RawWriter, Asking]:
    """Return the writer, and who asks.

    Raises:
        Forbidden: while the gate is on, or where no token is configured.
        Unauthorized: without a token that is known.
    """
    if service.raw is None:
        raise Forbidden(
            "raw writes are refused while the gate is on, for they would go round it",
            hint="POST claims to /submissions. Raw writes need MINERALGRAPH_GATE=off, on a "
            "store that was never gated.",
        )
    return service.raw, authority.asking(authority.authorise(service, request), request, b"")


def _update(service: Service) -> Handler:
    async def update(request: Request) -> Response:
        raw, asking = await _admitted(service, request)
        kind = body.media_type(request.headers.get("content-type"))
        given = body.fields(request.scope.get("query_string", b""))
        declared = request.headers.get("content-length")
        data = await body.read(request.receive, MAX_BYTES, declared)
        if kind == FORM:
            given = [*given, *body.fields(data)]
            text = body.one(given, "update")
        elif kind == DIRECT:
            text = body.text(data)
            if body.one(given, "update") is not None:
                raise InputError("there are two updates", hint="Send one, in the body.")
        else:
            raise UnsupportedMediaType(
                f"the body is {kind or 'without a media type'}", hint=f"Send {DIRECT} or {FORM}."
            )
        if text is None:
            raise InputError("there is no update", hint="Send the field update=...")
        await raw.update(
            asking, text, _iris(given, "using-graph-uri"), _iris(given, "using-named-graph-uri")
        )
        return await _done(service, request, 204)

    return update


def _put(service: Service) -> Handler:
    async def put(request: Request) -> Response:
        raw, asking = await _admitted(service, request)
        graph = _named(request)
        triples = await _triples(request)
        new = await raw.put(asking, graph, triples, replace=True)
        return await _done(service, request, 201 if new else 204)

    return put


def _post(service: Service) -> Handler:
    async def post(request: Request) -> Response:
        raw, asking = await _admitted(service, request)
        graph = _graph(request)
        triples = await _triples(request)
        if graph is None:  # a new graph, which the service names (Graph Store Protocol, 5.5)
            graph = NamedNode(f"urn:uuid:{uuid.uuid4()}")
            await raw.put(asking, graph, triples, replace=False)
            answer = await _done(service, request, 201)
            answer.headers["Location"] = f"/data?graph={graph.value}"
            return answer
        new = await raw.put(asking, graph, triples, replace=False)
        return await _done(service, request, 201 if new else 204)

    return post


def _delete(service: Service) -> Handler:
    async def delete(request: Request) -> Response:
        raw, asking = await _admitted(service, request)
        graph = _named(request)
        await raw.drop(asking, graph)
        return await _done(service, request, 204)

    return delete


async def _done(service: Service, request: Request, status: int) -> Response:
    exchanges.of(request.scope).version = await service.runner.version()
    return Response(status_code=status, headers={"Cache-Control": "no-store"})


def _named(request: Request) -> Graph:
    """Return the graph that a request must name."""
    graph = _graph(request)
    if graph is None:
        raise InputError("no graph is named", hint="Use ?default or ?graph=IRI.")
    return graph


def _graph(request: Request) -> Graph | None:
    """Return the graph that a request names; None where it names none.

    Raises:
        InputError: when it names two, or one that is no IRI.
    """
    given = operations.known_only(request, ("default", "graph"))
    if len(given) > 1:
        raise InputError("default and graph exclude each other", hint="Give one of them.")
    if "default" in given:
        return DefaultGraph()
    names = _iris(list(given.items()), "graph")
    return NamedNode(names[0]) if names else None


def _iris(given: body.Fields, name: str) -> list[str]:
    try:
        return [NamedNode(value).value for key, value in given if key == name]
    except ValueError as error:
        raise InputError(f"{name}: {error}", hint="Give an absolute IRI.", parameter=name) from None


async def _triples(request: Request) -> list[Triple]:
    """Read the graph in the body, or the graphs of an upload form together.

    Raises:
        UnsupportedMediaType: when a part is in no syntax that carries one graph.
        RdfSyntaxError: when one does not parse.
    """
    declared = request.headers.get("content-type", "")
    if declared.partition(";")[0].strip().lower() == FILES:
        triples = []
        async with request.form(max_files=100) as form:
            for part in form.values():
                if isinstance(part, UploadFile):
                    triples += triples_of(
                        await part.read(), body.syntax(part.content_type, SYNTAXES)
                    )
        return triples
    length = request.headers.get("content-length")
    data = await body.read(request.receive, MAX_BYTES, length)
    if not data:
        return []
    return triples_of(data, body.syntax(declared, SYNTAXES))
