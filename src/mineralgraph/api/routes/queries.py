"""``/queries``: the canned queries, a route and an OpenAPI operation for each in the catalog."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, marking, operations, permalinks, points
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.http import exchange, negotiation, paging
from mineralgraph.api.http.negotiation import Chosen, Offer
from mineralgraph.api.http.paging import DEFAULT_LIMIT, Window
from mineralgraph.api.points import Point
from mineralgraph.api.ready import Again
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter
from mineralgraph.execution.base import Request as Query
from mineralgraph.queries import Catalog, Parameter
from mineralgraph.queries import Query as Canned
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.values import plain_binding

_PLAIN: Final = Offer[ResultFormat | None]("json", "application/json", None)
ROWS: Final[tuple[Offer[ResultFormat | None], ...]] = (
    _PLAIN,
    Offer("csv", "text/csv", formats.CSV),
    Offer("tsv", "text/tab-separated-values", formats.TSV),
    Offer("sparql-json", "application/sparql-results+json", formats.JSON, (), ("srj",)),
    Offer("sparql-xml", "application/sparql-results+xml", formats.XML, (), ("srx", "xml")),
)
GRAPHS: Final = negotiation.graph_offers(json=True)
LIST: Final = (Offer("json", "application/json", None),)


@dataclass(frozen=True)
class Call:
    """The parameters of one call of a canned query."""

    values: Mapping[str, str]
    window: Window
    format: str | None
    point: Point
    sources: bool
    given: Sequence[tuple[str, str]]


def register(app: FastAPI, service: Service) -> None:
    """Add the list, and a route for each query of the catalog."""
    app.add_api_route(
        "/queries",
        _listing(service),
        methods=["GET"],
        response_class=Response,
        tags=["Canned queries"],
        summary="All canned queries",
        operation_id="queries",
        responses=operations.responses({"application/json": operations.OBJECT}, 406, 422),
        openapi_extra={"parameters": [operations.formats_of(LIST)]},
    )
    for query in service.catalog.values():
        app.add_api_route(
            f"/queries/{query.name}",
            _handler(service, query),
            methods=["GET"],
            response_class=Response,
            tags=["Canned queries"],
            name=query.name,
            summary=query.title,
            description=query.description,
            operation_id=f"query-{query.name}",
            responses=_responses(query),
            openapi_extra={"parameters": list(_parameters(query))},
        )

    async def unknown(request: Request) -> Response:
        service.catalog.find(request.path_params["name"])
        raise AssertionError("a query of the catalog has no route")  # pragma: no cover

    app.add_api_route("/queries/{name}", unknown, methods=["GET"], include_in_schema=False)


def _listing(service: Service) -> Handler:
    catalog = service.catalog
    text = json.dumps({"queries": describe(catalog)}, ensure_ascii=False).encode()

    async def listing(request: Request) -> Response:
        given = operations.known_only(request, ("format",))
        chosen = operations.chosen(request, given, LIST)

        async def make() -> Made:
            return Made(text, await service.runner.version())

        return await answers.respond(service, request, chosen.content_type, make)

    return listing


def describe(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the list of canned queries as JSON data."""
    return [
        {
            "name": query.name,
            "title": query.title,
            "description": query.description,
            "rows": query.rows,
            "theme": query.theme,
            "columns": list(query.columns),
            "parameters": [
                {
                    "name": p.name,
                    "type": str(p.type),
                    "accepts": p.type.accepts,
                    "required": p.required,
                    "default": p.default,
                    "example": p.example,
                    "help": p.help,
                }
                for p in query.parameters
            ],
            "example": example_url(query),
            "links": {"run": f"/queries/{query.name}", "documentation": f"/docs#{query.name}"},
        }
        for query in catalog.values()
    ]


def example_url(query: Canned) -> str:
    """Return a call that works on our data."""
    encoded = urlencode(query.example)
    return f"/queries/{query.name}" + (f"?{encoded}" if encoded else "")


def _responses(query: Canned) -> dict[int | str, dict[str, Any]]:
    if query.rows == "graph":
        content = {offer.media_type: operations.TEXT for offer in GRAPHS}
        content["application/json"] = content["application/ld+json"] = operations.ANY
    else:
        content = {offer.media_type: operations.TEXT for offer in ROWS}
        content["application/sparql-results+json"] = operations.OBJECT
        content["application/json"] = operations.ROWS
    return operations.responses(content, 304, 406, 410, 422, 503, 504, headers=operations.PAGED)


def _parameters(query: Canned) -> list[dict[str, Any]]:
    own = [_parameter(p) for p in query.parameters]
    offers = GRAPHS if query.rows == "graph" else ROWS
    common = [operations.formats_of(offers), *points.openapi()]
    if query.rows != "graph":
        common += [*operations.WINDOW, marking.PARAMETER]
    return own + common


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(parameter.type.json_schema)
    if parameter.default is not None:
        schema["default"] = operations.typed(schema, parameter.default)
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": f"{parameter.help} Give {parameter.type.accepts}.",
        "schema": schema,
        "example": operations.typed(schema, parameter.example),
    }


def read_call(query: Canned, request: Request) -> Call:
    """Sort the parameters of a call into the query's own and the reserved ones.

    Raises:
        BadParameter: when one is given twice, or a reserved one is wrong.
    """
    given = operations.fields(request)
    values = dict(given)
    point, sources = points.read(values), marking.wanted(values)
    for name in points.NAMES:
        values.pop(name, None)
    window = Window()
    if query.rows != "graph":
        window = operations.window_of(values, DEFAULT_LIMIT)
        values.pop("limit", None)
        values.pop("offset", None)
        values.pop(marking.SOURCES, None)
    elif "limit" in values or "offset" in values:
        raise BadParameter(
            "a query that constructs a graph has no rows to page",
            hint="Leave limit and offset out.",
            parameter="limit" if "limit" in values else "offset",
        )
    format_name = values.pop("format", None) or exchange.of(request.scope).suffix
    return Call(values, window, format_name, point, sources, given)


def _handler(present: Service, query: Canned) -> Handler:
    async def run(request: Request) -> Response:
        exchange.of(request.scope).query = query.name
        call = read_call(query, request)
        text = query.bind(call.values)
        service = await points.seen(present, call.point)
        content_type, make = _maker(service, query, text, call, request.headers.get("accept"))
        return await answers.respond(service, request, content_type, make)

    return run


def _maker(
    service: Service, query: Canned, text: str, call: Call, accept: str | None
) -> tuple[str, answers.Maker]:
    """Return the Content-Type of the answer, and what makes it."""
    if query.rows == "graph":
        graph = negotiation.choose(GRAPHS, accept, call.format)
        return graph.content_type, partial(_graph, service, query, text, call, graph)
    chosen = negotiation.choose(ROWS, accept, call.format)
    return chosen.content_type, partial(_rows, service, query, text, call, chosen)


def listings(service: Service) -> Iterator[tuple[answers.Key, Again]]:
    """Yield the first page of every canned query that needs no parameter."""
    for query in service.catalog.values():
        if not any(parameter.required for parameter in query.parameters):
            call = Call({}, Window(DEFAULT_LIMIT), None, points.NEWEST, sources=False, given=())
            content_type, make = _maker(service, query, query.bind({}), call, None)
            key = (f"/queries/{query.name}", b"", content_type)
            yield key, partial(answers.remake, service, key, make)


def _query(
    service: Service,
    query: Canned,
    text: str,
    form: GraphFormat | ResultFormat,
    call: Call | None = None,
) -> Query:
    """Return the request; with a call, its rows carry their marks, and sources if it asks so."""
    made = Query(text, form, timeout=service.settings.query_timeout, name=query.name)
    if call is None:
        return made
    held = call.point.clock.valid_on is not None
    return made._replace(sources=call.sources, contested=query.marked, held=held)


async def _graph(
    service: Service, query: Canned, text: str, call: Call, chosen: Chosen[GraphFormat]
) -> Made:
    served = await service.runner.run(_query(service, query, text, chosen.what))
    headers = {"Link": permalinks.header(f"/queries/{query.name}", call.given, served.version)}
    if call.point.clock.valid_on:
        headers[marking.UNDATED_CLAIMS] = str(await marking.undated_claims(service))
    return Made(answers.body_of(served), served.version, headers)


async def _rows(
    service: Service, query: Canned, text: str, call: Call, chosen: Chosen[ResultFormat | None]
) -> Made:
    if query.form == "ASK":
        return await _truth(service, query, text, call, chosen)
    if chosen.what is None:
        return await _plain_rows(service, query, text, call)
    return await _standard_rows(service, query, text, call, chosen.what)


async def _plain_rows(service: Service, query: Canned, text: str, call: Call) -> Made:
    """Run for one row more than the page holds, which tells whether more follow."""
    asked = Window(call.window.limit + 1, call.window.offset)
    paged = paging.window(text, query.columns, asked)
    wanted = _query(service, query, paged, formats.JSON, call)
    served = await service.runner.run(wanted)
    result = json.loads(await answers.whole(served))
    columns: list[str] = result["head"]["vars"]
    bindings = result["results"]["bindings"]
    more = len(bindings) > call.window.limit
    rows: list[dict[str, Any]] = [
        {column: plain_binding(binding.get(column)) for column in columns}
        for binding in bindings[: call.window.limit]
    ]
    about = _marks(call, rows, result)
    return _page(query, call, columns, rows, served.version, more=more, about=about)


def _marks(call: Call, rows: Sequence[dict[str, Any]], result: Mapping[str, Any]) -> dict[str, Any]:
    """Add to each row what it carries beside the columns; returns what explains it."""
    about = marking.add_sources(rows, result) if call.sources else {}
    return about | marking.add_marks(call.point, rows, result)


def _page(
    query: Canned,
    call: Call,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    version: str,
    *,
    more: bool,
    about: Mapping[str, Any],
) -> Made:
    found = paging.links(f"/queries/{query.name}", call.given, call.window, version, more=more)
    total = paging.total(call.window, len(rows), more=more)
    return operations.rows(columns, rows, found, version, more=more, total=total, about=about)


async def _truth(
    service: Service, query: Canned, text: str, call: Call, chosen: Chosen[ResultFormat | None]
) -> Made:
    form = chosen.what or formats.JSON
    served = await service.runner.run(_query(service, query, text, form, call))
    content = await answers.whole(served)
    if chosen.what is not None:
        return Made(content, served.version)
    result = json.loads(content)
    answer = {"answer": result["boolean"]}
    about = _marks(call, [answer], result)
    return _page(query, call, ["answer"], [answer], served.version, more=False, about=about)


async def _standard_rows(
    service: Service, query: Canned, text: str, call: Call, form: ResultFormat
) -> Made:
    """Run for exactly one page; only behind a full page a second query asks if rows follow."""
    paged = paging.window(text, query.columns, call.window)
    served = await service.runner.run(_query(service, query, paged, form, call))
    content = await answers.whole(served)
    more = False
    rows = count_rows(content, form)
    if rows >= call.window.limit:
        after = Window(1, call.window.offset + call.window.limit)
        probe = paging.window(text, query.columns, after)
        following = await service.runner.run(_query(service, query, probe, formats.TSV))
        more = count_rows(await answers.whole(following), formats.TSV) > 0
    found = paging.links(
        f"/queries/{query.name}", call.given, call.window, served.version, more=more
    )
    headers = {
        "Link": paging.link_header(found),
        "Mineralgraph-Truncated": "true" if more else "false",
    }
    total = paging.total(call.window, rows, more=more)
    if total is not None:
        headers["Mineralgraph-Total"] = str(total)
    if call.point.clock.valid_on:
        headers[marking.UNDATED_ROWS] = str(marking.undated_rows(content, form))
    return Made(content, served.version, headers)


def count_rows(content: bytes, form: ResultFormat) -> int:
    """Return the number of rows in a serialised result."""
    if form is formats.JSON:
        return len(json.loads(content)["results"]["bindings"])
    if form is formats.XML:
        return content.count(b"<result>")
    if form is formats.TSV:  # one line for each row: line breaks inside values are escaped
        return max(0, content.count(b"\n") - 1)
    return sum(1 for _ in csv.reader(io.StringIO(content.decode(), newline=""))) - 1
