"""Raw writes (SPARQL Update, Graph Store writes): refused, because no write goes round the gate."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import authority, operations
from mineralgraph.api.answers import Handler
from mineralgraph.api.service import Service
from mineralgraph.errors import Forbidden, NotOffered
from mineralgraph.settings import Gate

ROUTES: Final = (
    ("/update", "POST", "SPARQL Update", "update"),
    ("/data", "PUT", "Replace a graph", "data-put"),
    ("/data", "POST", "Add to a graph", "data-post"),
    ("/data", "DELETE", "Delete a graph", "data-delete"),
)


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    for path, method, summary, name in ROUTES:
        app.add_api_route(
            path,
            _refusing(service),
            methods=[method],
            response_class=Response,
            status_code=403,
            tags=["Raw writes"],
            summary=f"{summary}: refused while the gate is on",
            operation_id=name,
            responses=operations.responses({}, 401, 403, 422, ok=403),
            openapi_extra={"security": [{"token": []}]},
        )


def _refusing(service: Service) -> Handler:
    async def refuse(request: Request) -> Response:
        authority.authorise(service, request)
        if service.settings.gate is not Gate.OFF:
            raise Forbidden(
                "raw writes are refused while the gate is on, for they would go round it",
                hint="POST claims to /submissions. Raw writes need MINERALGRAPH_GATE=off, on a "
                "store that was never gated.",
            )
        raise NotOffered(
            "raw writes are not built yet", hint="Load files with MINERALGRAPH_DATA instead."
        )

    return refuse
