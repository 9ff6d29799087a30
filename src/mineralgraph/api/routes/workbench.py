"""``/workbench`` and ``/check``: pages for writing SPARQL and for trying documents on the gate.

Both work on the public API alone: the first on ``/sparql``, the second on ``/validate`` and
``/submissions``. Their scripts load on these two pages only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, marking, operations, points
from mineralgraph.api.answers import Made
from mineralgraph.api.presentation import pages
from mineralgraph.api.service import Service
from mineralgraph.queries import Catalog, load_catalog
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import ID_BASE, prefixes

MAX_SPARQL: Final = 20_000
VIEWS: Final = ("table", "chart", "graph")
EXAMPLES: Final = {
    "latest-claims": "table",
    "claims-by-type-of-event": "chart",
    "who-took-part": "graph",
}
"""The examples of ``examples/``, in the order of their tabs, each with the view that shows it."""
_SHOWN: Final = ("view", "sources", "chart", "graph", *points.NAMES)
"""Parameters that say how a query is shown, and are none of its own."""
_FOLDER: Final = Path(__file__).parents[1] / "examples"


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    examples = load_catalog(_FOLDER)

    async def workbench(request: Request) -> Response:
        given = {name: value for name, value in operations.fields(request) if value}
        points.read(given)
        operations.one_of(given.get("view"), "view", VIEWS)
        frame = pages.Frame.of(request.url.path, given)
        sparql = opened(service, examples, given)

        async def make() -> Made:
            version = await service.runner.version()
            html = service.pages.render(
                "workbench.html",
                frame,
                sparql=sparql,
                given="query" in given or "sparql" in given,
                open=given.get("query"),
                view=given.get("view") or EXAMPLES.get(given.get("query", ""), VIEWS[0]),
                sources=marking.wanted(given),
                examples=[
                    {"name": q.name, "title": q.title, "sparql": q.bind({}), "view": view}
                    for q, view in ((examples.find(name), view) for name, view in EXAMPLES.items())
                ],
                themes=service.catalog.by_theme(),
                base=ID_BASE,
                prefixes=prefixes(),
                timeout=f"{service.settings.query_timeout:g}",
                version=version,
            )
            return Made(html, version, pages.HEADERS)

        return await answers.respond(service, request, "text/html; charset=utf-8", make)

    async def check(request: Request) -> Response:
        given = operations.filled(request, pages.DAYS)
        points.read(given)
        frame = pages.Frame.of(request.url.path, given)

        async def make() -> Made:
            version = await service.runner.version()
            syntaxes = [
                {"name": f.name, "media_type": f.media_type, "endings": f.suffixes}
                for f in (formats.TRIG, formats.NQUADS, formats.JSONLD, formats.TURTLE)
            ]
            html = service.pages.render("check.html", frame, syntaxes=syntaxes, version=version)
            return Made(html, version, pages.HEADERS)

        return await answers.respond(service, request, "text/html; charset=utf-8", make)

    for path, handler in (("/workbench", workbench), ("/check", check)):
        app.add_api_route(path, handler, methods=["GET"], include_in_schema=False)


def opened(service: Service, examples: Catalog, given: Mapping[str, str]) -> str:
    """Return the SPARQL text that a link opens.

    Either the text stands in ``sparql``, or ``query`` names an example or a canned query,
    ``question`` one that the pages ask, and the other parameters are its own, bound as its route
    binds them. Without any, the first example.

    Raises:
        NotFound: when there is no such query.
        BadParameter: when a value does not fit.
    """
    if "sparql" in given:
        operations.at_most(given["sparql"], "sparql", MAX_SPARQL)
        return given["sparql"]
    name = given.get("query", next(iter(EXAMPLES)))
    query = (examples if name in EXAMPLES else service.catalog).find(name)
    if "question" in given:
        query = service.questions.find(given["question"])
    shown = ("query", "question", *_SHOWN)
    values = {n: value for n, value in given.items() if n not in shown}
    return query.bind({**query.example, **values}).replace(" # param", "")
