"""What ``/ontology`` and ``/shapes`` share: a list of entries, and each entry on a page of its own.

Both are JSON rows, a page, and RDF on one address.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from pyoxigraph import Triple
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, operations, permalinks, points, things
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.http import exchange
from mineralgraph.api.http.paging import DEFAULT_LIMIT
from mineralgraph.api.presentation import documents, pages
from mineralgraph.api.presentation.labels import fold
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.rdf.formats import GraphFormat

MAX_WORDS: Final = 100


@dataclass(frozen=True)
class Part:
    """One of the two lists.

    Attributes:
        path: of the list; an entry is at ``path/{name}``.
        entry: names an entry's operation and template.
        summaries: of the list and of an entry, for the API's documentation.
        columns: of the list's rows.
        choice: a column that can be chosen by, with its values.
        examples: a word to look for, and the name of an entry.
        rows: makes all rows.
        about: further members of the list's JSON document.
        shown: what the page needs beside the rows, made from those that fit.
        document: makes an entry's JSON document, or raises ``NotFound``.
        triples: the list as RDF, or the entry of that name.
        elsewhere: where that lies which is asked for by a name of no entry.
    """

    path: str
    entry: str
    summaries: tuple[str, str]
    columns: Sequence[str]
    choice: tuple[str, Sequence[str]]
    examples: tuple[str, str]
    rows: Callable[[Service], Awaitable[list[Json]]]
    about: Callable[[], Json]
    shown: Callable[[Service, list[Json]], Awaitable[Json]]
    document: Callable[[Service, str], Awaitable[Json]]
    triples: Callable[[Service, str | None], Awaitable[Sequence[Triple]]]
    elsewhere: Callable[[Service, str], Awaitable[str | None]] | None = None


def register(app: FastAPI, service: Service, part: Part) -> None:
    """Add the routes of a list."""
    forms = {offer.media_type: operations.TEXT for offer in things.THING_OFFERS}
    forms |= {"application/ld+json": operations.ANY, "application/json": operations.ROWS}
    choice, choices = part.choice
    word, name = part.examples
    parameters = [
        operations.query_parameter("q", "Only entries with these words.", word,
                                   max_length=MAX_WORDS),
        {**operations.query_parameter(choice, f"Only entries of this {choice}.", choices[0]),
         "schema": {"type": "string", "enum": list(choices)}},
        operations.formats_of(things.THING_OFFERS), *operations.WINDOW, *points.openapi(),
    ]  # fmt: skip
    app.add_api_route(
        part.path,
        _listing(service, part),
        methods=["GET"],
        response_class=Response,
        tags=["Ontology"],
        summary=part.summaries[0],
        operation_id=part.path[1:],
        responses=operations.responses(
            forms, 304, 406, 410, 422, 504, headers=operations.PAGED
        ),
        openapi_extra={"parameters": parameters},
    )  # fmt: skip
    app.add_api_route(
        f"{part.path}/{{name}}",
        _one(service, part),
        methods=["GET"],
        response_class=Response,
        tags=["Ontology"],
        summary=part.summaries[1],
        operation_id=part.entry,
        responses={
            **operations.thing_responses(),
            **({303: {"description": "It lies elsewhere."}} if part.elsewhere else {}),
        },
        openapi_extra={"parameters": [
            operations.path_parameter("name", "Its name.", name),
            operations.formats_of(things.THING_OFFERS), *points.openapi(),
        ]},
    )  # fmt: skip


def _listing(present: Service, part: Part) -> Handler:
    choice, choices = part.choice

    async def listing(request: Request) -> Response:
        exchange.of(request.scope).query = f"page:{part.path[1:]}"
        given = operations.filled(
            request, ("q", choice, "limit", "offset", "format", *points.NAMES)
        )
        operations.at_most(given.get("q"), "q", MAX_WORDS)
        operations.one_of(given.get(choice), choice, choices)
        window = operations.window_of(given, DEFAULT_LIMIT)
        service = await points.seen(present, points.read(given))
        chosen = operations.chosen(request, given, things.THING_OFFERS)

        async def make() -> Made:
            version = await service.runner.version()
            if isinstance(chosen.what, GraphFormat):
                return Made(
                    documents.write(await part.triples(service, None), chosen.what), version
                )
            rows = [row for row in await part.rows(service) if _fits(row, choice, given)]
            made = operations.listed(
                request, part.columns, rows, window, version, about=part.about()
            )
            if chosen.what == "json":
                return made
            html = service.pages.render(
                f"{part.path[1:]}.html",
                pages.Frame.of(request.url.path, given),
                total=len(rows),
                words=given.get("q", ""),
                chosen=given.get(choice, ""),
                choices=choices,
                links=operations.links_of(request, len(rows), window, version),
                version=version,
                **await part.shown(service, rows[window.offset : window.offset + window.limit]),
            )
            return Made(html, version, {**pages.HEADERS, **made.headers})

        return await answers.respond(service, request, chosen.content_type, make)

    return listing


def _fits(row: Mapping[str, Any], choice: str, given: Mapping[str, str]) -> bool:
    text = fold(" ".join(value for value in row.values() if isinstance(value, str)))
    words = fold(given.get("q", "")).split()
    return given.get(choice) in (None, row[choice]) and all(word in text for word in words)


def _one(present: Service, part: Part) -> Handler:
    async def one(request: Request) -> Response:
        exchange.of(request.scope).query = f"page:{part.entry}"
        given = operations.filled(request, ("format", *points.NAMES))
        name = request.path_params["name"]
        service = await points.seen(present, points.read(given))
        chosen = operations.chosen(request, given, things.THING_OFFERS)
        other = await part.elsewhere(service, name) if part.elsewhere else None
        if other is not None:
            path, mark, fragment = other.partition("#")
            kept = f"?{request.url.query}" if request.url.query else ""
            return Response(
                status_code=303,
                headers={"Location": f"{path}{kept}{mark}{fragment}",
                         "Cache-Control": "public, no-cache"},
            )  # fmt: skip

        async def make() -> Made:
            document = await part.document(service, name)
            version = document["version"]
            link = permalinks.header(request.url.path, operations.fields(request), version)
            headers = {"Link": link}
            if isinstance(chosen.what, GraphFormat):
                body = documents.write(await part.triples(service, name), chosen.what)
            elif chosen.what == "json":
                body = json.dumps(document, ensure_ascii=False).encode()
            else:
                frame = pages.Frame.of(request.url.path, given)
                body = service.pages.render(
                    f"{part.entry}.html", frame, thing=document, version=version
                )
                headers |= pages.HEADERS
            return Made(body, version, headers)

        return await answers.respond(service, request, chosen.content_type, make)

    return one
