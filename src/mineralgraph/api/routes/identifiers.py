"""``/id/{kind}/{slug}``: from the name of a thing to the page about it (HTTP 303)."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import ask, operations, things
from mineralgraph.api.presentation.terms import page_of
from mineralgraph.api.routes import moved
from mineralgraph.api.service import Service
from mineralgraph.errors import NotFound
from mineralgraph.rdf.namespaces import DATASET


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""

    async def see_other(request: Request) -> Response:
        operations.known_only(request, ())
        kind, slug = request.path_params["kind"], request.path_params["slug"]
        iri = things.thing_iri(kind, slug)
        page = "/.well-known/void" if iri == DATASET.value else page_of(iri)
        if page is None or not await ask.truth(service, "is-known", thing=iri):
            raise NotFound(f"nothing is known of {kind}/{slug}")
        stands_in = await moved.to(service, iri)
        page = page_of(stands_in) or page if stands_in else page
        return Response(
            status_code=303,
            headers={"Location": quote(page, safe="/?=:."), "Cache-Control": "public, no-cache"},
        )

    app.add_api_route(
        "/id/{kind}/{slug}",
        see_other,
        methods=["GET"],
        response_class=Response,
        status_code=303,
        tags=["Things"],
        summary="The page about a thing, by the path of its IRI",
        operation_id="identifier",
        responses=operations.responses({}, 404, 422, 504, ok=303),
        openapi_extra={
            "parameters": [
                operations.path_parameter("kind", "The kind, as in the IRI.", "person"),
                operations.path_parameter("slug", "The last part of the IRI.", "kosherbayev"),
            ]
        },
    )
