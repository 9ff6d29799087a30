"""Merged things: ``merge`` and ``split`` of an entity, and the way on from old names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import ask, operations, things
from mineralgraph.api.answers import CACHE_CONTROL, Handler
from mineralgraph.api.operations import Json
from mineralgraph.api.presentation.terms import page_of, text
from mineralgraph.api.routes import submissions
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import ID_BASE
from mineralgraph.submissions.requests import Asking, Outcome
from mineralgraph.submissions.writer import Writer

_REASON: Final = {"type": "string", "maxLength": submissions.MAX_REASON}


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    for path, decide, name, summary, members in (
        ("merge", _merge, "merge", "Let another thing stand for this one",
         {"into": {"type": "string"}, "reason": _REASON}),
        ("split", _split, "split", "Take a merge of this thing back", {"reason": _REASON}),
    ):  # fmt: skip
        schema: dict[str, Any] = {
            "type": "object", "required": sorted(members), "properties": members
        }  # fmt: skip
        app.add_api_route(
            f"/entities/{{kind}}/{{slug}}/{path}",
            submissions.decision(service, decide),
            methods=["POST"],
            response_class=Response,
            status_code=201,
            tags=["Writes"],
            summary=summary,
            operation_id=name,
            responses=operations.responses(
                {"application/json": submissions.RECEIPT}, 404, *submissions.STATUSES,
                headers=submissions.LOCATION, ok=201,
            ),
            openapi_extra={
                "parameters": [
                    operations.path_parameter("kind", "The kind, as in its IRI.", "person"),
                    operations.path_parameter("slug", "The last part of its IRI.", "kosherbayev"),
                    *submissions.CONDITIONS,
                ],
                "requestBody": {
                    "required": True, "content": {"application/json": {"schema": schema}}
                },
                **submissions.SECURED,
            },
        )  # fmt: skip


async def _merge(writer: Writer, request: Request, asking: Asking, said: Json) -> Outcome:
    new, reason = _into(said.get("into")), submissions.reason_of(said)
    return await writer.merge(asking, _thing(request), new, reason)


async def _split(writer: Writer, request: Request, asking: Asking, said: Json) -> Outcome:
    return await writer.split(asking, _thing(request), submissions.reason_of(said))


def _thing(request: Request) -> NamedNode:
    return NamedNode(things.thing_iri(request.path_params["kind"], request.path_params["slug"]))


def _into(said: object) -> NamedNode:
    """Read the name of the thing that stays: its IRI, or KIND/SLUG.

    Raises:
        BadParameter: when it is neither.
    """
    iri = said if isinstance(said, str) and said.startswith(ID_BASE) else f"{ID_BASE}{said}"
    try:
        if split(iri):
            return NamedNode(iri)
    except ValueError:
        pass
    raise BadParameter("into names no thing", hint="Give its IRI, or KIND/SLUG.", parameter="into")


async def to(service: Service, iri: str) -> str | None:
    """Return the IRI of what a thing was merged into, None where it stands for itself."""
    rows = list(await ask.table(service, "moved-to", thing=iri))
    return text(rows[0]["new"]) if rows else None


def followed(service: Service, iri_of: Callable[[Request], str], handler: Handler) -> Handler:
    """Return a handler that sends on who asks for a merged thing, and answers everybody else."""

    async def follow(request: Request) -> Response:
        new = await to(service, iri_of(request))
        page = page_of(new) if new else None
        if page is None:
            return await handler(request)
        query = request.url.query
        target = quote(page, safe="/?=:.") + (f"?{query}" if query else "")
        headers = {"Location": target, "Cache-Control": CACHE_CONTROL}
        return Response(status_code=307, headers=headers)

    return follow
