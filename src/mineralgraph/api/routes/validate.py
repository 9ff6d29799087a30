"""``/validate``: any RDF against the shapes, in the context of the graph; nothing is written."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, operations
from mineralgraph.api.http import body, negotiation
from mineralgraph.api.http.negotiation import Offer
from mineralgraph.api.service import Service
from mineralgraph.errors import NotOffered, UnsupportedMediaType
from mineralgraph.gate import w3c
from mineralgraph.gate.report import Report
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat

MAX_BYTES: Final = 10 * 1024 * 1024
OFFERS: Final[tuple[Offer[GraphFormat | str], ...]] = (
    Offer("json", "application/json", "json"),
    Offer("text", "text/plain", "text", (), ("txt",)),
    *negotiation.graph_offers(),
)


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""

    async def validate(request: Request) -> Response:
        given = operations.known_only(request, ("format", "shapes"))
        chosen = operations.chosen(request, given, OFFERS)
        form = _syntax(request.headers.get("content-type"))
        if service.validator is None:
            raise NotOffered(
                "this service has no gate to ask", hint="Use `mineralgraph validate FILE`."
            )
        declared = request.headers.get("content-length")
        data = await body.read(request.receive, MAX_BYTES, declared)
        shapes = tuple(s.strip() for s in given.get("shapes", "").split(",") if s.strip())
        work = service.validator.validate(data, form.name, shapes)
        report = await answers.while_connected(request.receive, work)
        return Response(
            _written(report, chosen.what),
            headers={"Content-Type": chosen.content_type, "Cache-Control": "no-store"},
        )

    app.add_api_route(
        "/validate",
        validate,
        methods=["POST"],
        response_class=Response,
        tags=["Data"],
        summary="Check RDF against the shapes, in the context of the graph",
        operation_id="validate",
        responses=operations.responses(
            {
                **{offer.media_type: operations.TEXT for offer in OFFERS},
                "application/json": {"schema": {"$ref": "#/components/schemas/Report"}},
                "application/ld+json": operations.ANY,
            },
            400, 406, 413, 415, 422, 504,
        ),
        openapi_extra={
            "parameters": [
                operations.formats_of(OFFERS),
                operations.query_parameter(
                    "shapes", "Names of the shapes files to use, separated by commas; all of "
                    "them when left out.", "claim",
                ),
            ],
            "requestBody": _request_body(),
        },
    )  # fmt: skip


def _request_body() -> dict[str, Any]:
    content = {f.media_type: dict(operations.TEXT) for f in formats.GRAPH_FORMATS}
    content["text/turtle"]["example"] = (
        "PREFIX person: <https://w3id.org/mineralgraph/id/person/>\n"
        "PREFIX schema: <https://schema.org/>\n"
        "person:jane-doe a schema:Person .\n"
    )
    return {"required": True, "content": content}


def _syntax(content_type: str | None) -> formats.GraphFormat:
    kind = body.media_type(content_type)
    found = next((f for f in formats.GRAPH_FORMATS if kind in (f.media_type, *f.aliases)), None)
    if found is None:
        known = ", ".join(f.media_type for f in formats.GRAPH_FORMATS)
        raise UnsupportedMediaType(
            f"{kind or 'a body without a media type'} is not an RDF syntax that is read here",
            hint=f"Send one of: {known}.",
        )
    return found


def _written(report: Report, form: GraphFormat | str) -> bytes:
    if isinstance(form, GraphFormat):
        return w3c.write(report, form)
    if form == "text":
        return report.as_text().encode()
    return json.dumps(report.as_json(), ensure_ascii=False).encode()
