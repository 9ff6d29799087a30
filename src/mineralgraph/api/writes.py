"""Raw writes (SPARQL Update, Graph Store writes): refused, because no write goes round the gate."""

from __future__ import annotations

import hmac
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import operations
from mineralgraph.api.answers import Handler
from mineralgraph.api.service import Service
from mineralgraph.errors import Forbidden, NotOffered, Unauthorized
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
        authorise(service, request)
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


def authorise(service: Service, request: Request) -> None:
    """Let a request pass that bears the service's token.

    Raises:
        Forbidden: when the service has no token at all, so that writes are off.
        Unauthorized: when the request bears no token or a wrong one.
    """
    secret = service.settings.token
    if secret is None and service.settings.token_file is None:
        raise Forbidden(
            "writes are off, because no token is configured",
            hint="Start the service with MINERALGRAPH_TOKEN.",
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise Unauthorized("this needs a bearer token")
    wanted = secret.get_secret_value() if secret else ""
    if not wanted or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
        raise Unauthorized("the token is not known")
