"""``/openapi.json`` and ``/docs``: OpenAPI 3.1, and a page made from it, with no other host."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, marking, operations, points
from mineralgraph.api.answers import Made
from mineralgraph.api.endpoint import sparql
from mineralgraph.api.presentation import pages
from mineralgraph.api.service import Service

Json = dict[str, Any]

_METHODS: Final = ("get", "post", "put", "delete")


def register(app: FastAPI, service: Service, openapi: Callable[[], Json]) -> None:
    """Add the routes."""

    async def description(request: Request) -> Response:
        operations.known_only(request, ())

        async def make() -> Made:
            return Made(json.dumps(openapi()).encode(), await service.runner.version())

        return await answers.respond(service, request, "application/json", make)

    async def page(request: Request) -> Response:
        given = operations.filled(request, pages.DAYS)
        points.read(given)
        frame = pages.Frame.of(request.url.path, given)

        async def make() -> Made:
            version = await service.runner.version()
            html = service.pages.render(
                "docs.html", frame, sections=sections(openapi()), version=version
            )
            return Made(html, version, pages.HEADERS)

        return await answers.respond(service, request, "text/html; charset=utf-8", make)

    days = [p for p in points.openapi() if p["name"] in pages.DAYS]
    for path, handler, media_type, summary, parameters in (
        ("/openapi.json", description, "application/json", "This description, for programs", []),
        ("/docs", page, "text/html", "This description, for people", days),
    ):
        app.add_api_route(
            path,
            handler,
            methods=["GET"],
            response_class=Response,
            tags=["Service"],
            summary=summary,
            operation_id=path[1:].replace(".", "-"),
            responses=operations.responses(
                {media_type: operations.ANY if "json" in media_type else operations.TEXT}, 304, 422
            ),
            openapi_extra={"parameters": parameters},
        )


def complete(document: Json) -> Json:
    """Add to FastAPI's description what it cannot know: shared schemas and the raw endpoint."""
    components = document.setdefault("components", {})
    components["schemas"] = dict(operations.SCHEMAS)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["paths"] = dict(sorted({**document["paths"], sparql.PATH: sparql_path()}.items()))
    return document


def sparql_path() -> Json:
    """Return the OpenAPI form of ``/sparql``, which the router does not know."""
    names = [*(o.media_type for o in sparql.RESULTS), *(o.media_type for o in sparql.GRAPHS)]
    content: Json = dict.fromkeys(names, operations.TEXT)
    content["application/sparql-results+json"] = operations.OBJECT
    for media_type in ("application/json", "application/ld+json"):
        content[media_type] = operations.ANY
    for media_type in ("application/xml", "text/xml"):
        content[media_type] = operations.TEXT
    common = {
        "tags": ["SPARQL"],
        "responses": {
            str(status): answer
            for status, answer in operations.responses(
                content, 304, 400, 406, 410, 413, 415, 422, 501, 504
            ).items()
        },
    }
    query = {"type": "string", "examples": ["SELECT * WHERE { ?s ?p ?o } LIMIT 10"]}
    graphs = [
        _graph("default-graph-uri", "Graphs merged to the default graph."),
        _graph("named-graph-uri", "Graphs that GRAPH can see."),
    ]
    named = {"name": "query", "in": "query", "required": False, "schema": query,
             "description": "The query; without it the service description is answered.",
             "example": "SELECT * WHERE { ?s ?p ?o } LIMIT 10"}  # fmt: skip
    further = [operations.FORMAT, marking.PARAMETER, *points.openapi()]
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": query,
            "default-graph-uri": {"type": "array", "items": {"type": "string"}},
            "named-graph-uri": {"type": "array", "items": {"type": "string"}},
            **{p["name"]: p["schema"] for p in further},
        },
    }
    return {
        "get": {
            **common,
            "operationId": "sparql-get",
            "summary": "Run a SPARQL 1.1 query",
            "description": "Our prefixes are predeclared.",
            "parameters": [named, *graphs, *further],
        },
        "post": {
            **common,
            "operationId": "sparql-post",
            "summary": "Run a SPARQL 1.1 query, sent in the body",
            "parameters": graphs,
            "requestBody": {
                "required": True,
                "content": {sparql.FORM: {"schema": form}, sparql.DIRECT: {"schema": query}},
            },
        },
    }


def _graph(name: str, description: str) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{description} May be repeated.",
        "schema": {"type": "array", "items": {"type": "string", "format": "iri"}},
        "style": "form",
        "explode": True,
    }


def sections(document: Mapping[str, Any]) -> list[Json]:
    """Return the operations by tag, as the page shows them."""
    found: dict[str, list[Json]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                tag = operation.get("tags", ["Other"])[0]
                found.setdefault(tag, []).append(_shown(path, method, operation))
    return [{"name": tag, "operations": shown} for tag, shown in sorted(found.items())]


def _shown(path: str, method: str, operation: Mapping[str, Any]) -> Json:
    parameters = [
        {
            "name": p["name"],
            "where": p["in"],
            "required": p.get("required", False),
            "about": p.get("description", ""),
            "type": _type(p.get("schema", {})),
            "example": p.get("example", ""),
        }
        for p in operation.get("parameters", ())
    ]
    answers_ = [
        {
            "status": status,
            "about": answer.get("description", ""),
            "types": list(answer.get("content", {})),
        }
        for status, answer in operation.get("responses", {}).items()
    ]
    tried = method == "get" and "security" not in operation  # a link carries no token
    return {
        "id": path.rsplit("/", 1)[-1] if path.startswith("/queries/") else operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "about": operation.get("description", ""),
        "parameters": parameters,
        "body": list(operation.get("requestBody", {}).get("content", {})),
        "answers": answers_,
        "example": _example(path, parameters) if tried else "",
    }


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("format") or schema.get("type") or "any"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(kind)


def _example(path: str, parameters: list[Json]) -> str:
    """Return a call that can be followed: path parameters filled in, required ones given."""
    for p in parameters:
        if p["where"] == "path":
            path = path.replace("{" + p["name"] + "}", str(p["example"]))
    given = [(p["name"], p["example"]) for p in parameters if p["where"] == "query"
             and (p["required"] or p["name"] in ("q", "query"))]  # fmt: skip
    return path + (f"?{urlencode(given)}" if given else "")
