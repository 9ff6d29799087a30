"""``/healthz``, ``/readyz``, ``/metrics``: for whoever keeps the service running."""

from __future__ import annotations

import json

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import operations
from mineralgraph.api.http import metrics
from mineralgraph.api.service import Service
from mineralgraph.errors import MineralgraphError, StoreUnreachable
from mineralgraph.execution.base import Request as Query
from mineralgraph.rdf import formats

_NEVER_KEPT = {"Cache-Control": "no-store"}


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    async def healthz(request: Request) -> Response:
        """Say that the process answers; asks nothing of the store."""
        operations.known_only(request, ())
        return _json({"status": "ok"})

    async def readyz(request: Request) -> Response:
        """Say whether queries are answered, by running one."""
        operations.known_only(request, ())
        try:
            served = await service.runner.run(
                Query("ASK {}", formats.JSON, timeout=5.0, name="readyz")
            )
        except MineralgraphError as error:
            raise StoreUnreachable(f"no query is answered: {error.detail}") from error
        return _json({"status": "ready", "version": served.version})

    async def exposition(request: Request) -> Response:
        """Give the numbers in Prometheus' text format."""
        operations.known_only(request, ())
        text = service.metrics.text(await service.runner.version())
        return Response(text, headers={"Content-Type": metrics.MEDIA_TYPE, **_NEVER_KEPT})

    json_answer = operations.responses({"application/json": operations.OBJECT}, 422)
    text_answer = operations.responses({"text/plain": operations.TEXT}, 422)
    for path, handler, summary, answer in (
        ("/healthz", healthz, "Whether the process lives", json_answer),
        ("/readyz", readyz, "Whether queries are answered", json_answer),
        ("/metrics", exposition, "Counts and durations for Prometheus", text_answer),
    ):
        app.add_api_route(
            path,
            handler,
            methods=["GET"],
            response_class=Response,
            tags=["Service"],
            summary=summary,
            operation_id=path[1:],
            responses=answer,
        )


def _json(content: dict[str, str]) -> Response:
    return Response(json.dumps(content), media_type="application/json", headers=_NEVER_KEPT)
