"""``/`` and ``/static``: a start page with counts, search, queries and articles."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, facts, operations, points, things
from mineralgraph.api.answers import Made
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.terms import plain
from mineralgraph.api.routes.articles import articles
from mineralgraph.api.service import Service

NEWEST: Final = 8
"""How many articles the start page shows."""


def register(app: FastAPI, present: Service) -> None:
    """Add the routes."""
    files = pages.static_files()

    async def home(request: Request) -> Response:
        given = operations.filled(request, points.NAMES)
        service = await points.seen(present, points.read(given))
        frame = pages.Frame.of(request.url.path, given)
        return await answers.respond(
            service, request, "text/html; charset=utf-8", lambda: _home(service, frame)
        )

    async def static(request: Request) -> Response:
        found = files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        content, content_type = found
        tag = answers.etag("", hashlib.sha256(content).hexdigest())
        headers = {"ETag": tag, "Cache-Control": "public, max-age=3600"}
        if answers.matching(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(content, headers={**headers, "Content-Type": content_type})

    app.add_api_route(
        "/",
        home,
        methods=["GET"],
        response_class=Response,
        tags=["Service"],
        summary="Start page",
        operation_id="home",
        responses=operations.responses({"text/html": operations.TEXT}, 304, 410, 422, 504),
        openapi_extra={"parameters": points.openapi()},
    )
    app.add_api_route("/static/{name:path}", static, methods=["GET"], include_in_schema=False)


async def _home(service: Service, frame: pages.Frame) -> Made:
    """Write the page from questions that ask for no more than it shows."""
    counts = await ask.table(service, "counts")
    labels = await service.labels.at(counts.version)
    found, _ = await articles(service)
    newest = things.claims(await ask.table(service, "newest-claims"), labels)
    differences = await ask.table(service, "differences")
    shown: dict[str, Any] = {name: plain(cell) for row in counts for name, cell in row.items()}
    html = service.pages.render(
        "home.html",
        frame,
        counts={**shown, "entities": len(labels.entities)},
        kinds=labels.kinds(),
        articles=found[-NEWEST:],
        newest=newest,
        contested=facts.differing(differences, labels),
        themes=service.catalog.by_theme(),
        version=counts.version,
    )
    return Made(html, counts.version, pages.HEADERS)
