"""``/workbench`` and ``/check``: pages for writing SPARQL and for trying documents on the gate.

Both work on the public API alone: the first on ``/sparql``, the second on ``/validate`` and
``/submissions``. Their scripts load on these two pages only.
"""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, operations, pages, points
from mineralgraph.api.answers import Made
from mineralgraph.api.service import Service
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import ID_BASE

MAX_SPARQL: Final = 20_000
_BEGIN: Final = """PREFIX mg: <https://w3id.org/mineralgraph/ontology#>
SELECT ?claim ?gist WHERE {
  ?claim a mg:Claim ; mg:gist ?gist .
}
ORDER BY ?claim
LIMIT 20
"""


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    async def workbench(request: Request) -> Response:
        given = {name: value for name, value in operations.fields(request) if value}
        points.read(given)
        frame = pages.Frame.of(request.url.path, given)
        sparql = opened(service, given)

        async def make() -> Made:
            version = await service.runner.version()
            html = service.pages.render(
                "workbench.html",
                frame,
                sparql=sparql,
                open=given.get("query"),
                queries=[
                    {"name": q.name, "title": q.title, "call": {"query": q.name, **q.example}}
                    for q in service.catalog.values()
                ],
                base=ID_BASE,
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


def opened(service: Service, given: dict[str, str]) -> str:
    """Return the SPARQL text that a link opens.

    Either the text stands in ``sparql``, or ``query`` names a canned query and the other parameters
    are its own, bound as its route binds them.

    Raises:
        NotFound: when there is no such canned query.
        BadParameter: when a value does not fit.
    """
    if "query" in given:
        query = service.catalog.find(given["query"])
        others = ("query", *pages.DAYS)
        values = {name: value for name, value in given.items() if name not in others}
        return query.bind({**query.example, **values}).replace(" # param", "")
    if "sparql" in given:
        operations.at_most(given["sparql"], "sparql", MAX_SPARQL)
        return given["sparql"]
    return _BEGIN
