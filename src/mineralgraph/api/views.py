"""What ``/timeline``, ``/commitments`` and ``/network`` share: rows as JSON, and a page of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, operations, points, things
from mineralgraph.api.answers import Made
from mineralgraph.api.http import exchange
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import text
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.queries.parameters import ParameterType, read_parameter

DEFAULT_LIMIT: Final = 500
"""Rows that a view shows at once; the page says so when there are more."""
_THING: Final = ParameterType("iri")


@dataclass(frozen=True)
class View:
    """One view of the graph.

    Attributes:
        name: names the path, the template and the question.
        summary: what it shows, for the API's documentation.
        columns: the columns of its rows.
        filters: parameter → (description, example).
        rows: makes its rows, and names the dataset version.
        shown: what the page needs beside the rows, made from them.
    """

    name: str
    summary: str
    columns: Sequence[str]
    filters: Mapping[str, tuple[str, str]]
    rows: Callable[[Service, Mapping[str, str], Labels], Awaitable[tuple[list[Json], str]]]
    shown: Callable[[Service, list[Json], Labels], Awaitable[Json]]


def register(app: FastAPI, present: Service, view: View) -> None:
    """Add the route of a view."""

    async def handler(request: Request) -> Response:
        exchange.of(request.scope).query = f"page:{view.name}"
        given = operations.filled(
            request, (*view.filters, "limit", "offset", "format", *points.NAMES)
        )
        point = points.read(given)
        service = await points.seen(present, point)
        filters = {name: given[name] for name in view.filters if given.get(name)}
        window = operations.window_of(given, DEFAULT_LIMIT)
        chosen = operations.chosen(request, given, things.LIST_OFFERS)

        async def make() -> Made:
            labels = await things.labels_now(service)
            rows, version = await view.rows(service, filters, labels)
            made = operations.listed(request, view.columns, rows, window, version)
            if chosen.what == "json":
                return made
            page = rows[window.offset : window.offset + window.limit]
            html = service.pages.render(
                f"{view.name}.html",
                pages.Frame.of(request.url.path, given),
                rows=page,
                total=len(rows),
                given=filters,
                about=_about(filters, labels),
                choices=choices(labels),
                links=operations.links_of(request, len(rows), window, version),
                version=version,
                **await view.shown(service, page, labels),
            )
            return Made(html, version, {**pages.HEADERS, **made.headers})

        return await answers.respond(service, request, chosen.content_type, make)

    app.add_api_route(
        f"/{view.name}",
        handler,
        methods=["GET"],
        response_class=Response,
        tags=["Views"],
        summary=view.summary,
        operation_id=view.name,
        responses=operations.responses(
            {"application/json": operations.ROWS, "text/html": operations.TEXT},
            304, 406, 410, 422, 504, headers=operations.PAGED,
        ),
        openapi_extra={"parameters": [
            *(operations.query_parameter(n, about, sample)
              for n, (about, sample) in view.filters.items()),
            operations.formats_of(things.LIST_OFFERS), *operations.WINDOW, *points.openapi(),
        ]},
    )  # fmt: skip


def choices(labels: Labels) -> dict[str, list[Json]]:
    """Return what the filters of a page offer, by kind."""
    kinds = (
        "person", "organization", "place", "mineral", "event", "instrument", "offer", "commitment"
    )  # fmt: skip
    found = {kind: labels.of_kind(kind) for kind in kinds}
    found |= {kind: labels.concepts(kind) for kind in ("modality", "step")}
    return {
        kind: [{"iri": n.iri, "label": n.label} for n in named] for kind, named in found.items()
    }


def _about(filters: Mapping[str, str], labels: Labels) -> Json | None:
    """Return what a page is about, with its name."""
    if "about" not in filters:
        return None
    return things.named(text(read_parameter("about", _THING, filters["about"])), labels)


async def asked(service: Service, question: str, filters: Mapping[str, Any]) -> ask.Table:
    """Return the rows of a view's question; an empty filter is none."""
    return await ask.table(service, question, **filters)
