"""One thing in every form: JSON, a page, or RDF. Entities, articles and claims share this."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import Quad, Triple
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, marking, operations, permalinks, points
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.http import exchange
from mineralgraph.api.points import Point
from mineralgraph.api.presentation import documents, pages
from mineralgraph.api.presentation.terms import page_of
from mineralgraph.api.service import Service
from mineralgraph.api.things import THING_OFFERS, Json
from mineralgraph.errors import NotFound
from mineralgraph.rdf.formats import GraphFormat


@dataclass(frozen=True)
class Kind:
    """How one kind of thing is answered.

    Attributes:
        name: names the template, and the request in metrics.
        iri: the IRI behind a request's path.
        document: makes the thing's JSON document.
        parameter: what the questions below call the thing.
        exists: question (ASK): is there such a thing?
        describe: question (CONSTRUCT): its description.
        asserted: question (CONSTRUCT): the triples that current claims hold.
        graphs: question (SELECT): the quads of the named graphs of all its claims.
        options: parameters of the page, and the values that they take.
        more: makes what the page shows beside the document; all of it can be had by other routes.
    """

    name: str
    iri: Callable[[Request], str]
    document: Callable[[Service, str], Awaitable[tuple[Json, str]]]
    parameter: str
    exists: str
    describe: str
    asserted: str
    graphs: str
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    more: Callable[[Service, Json, Mapping[str, str]], Awaitable[Json]] | None = None


def handler(present: Service, kind: Kind) -> Handler:
    """Return the route's handler."""

    async def one(request: Request) -> Response:
        exchange.of(request.scope).query = f"page:{kind.name}"
        given = operations.filled(request, ("format", *kind.options, *points.NAMES))
        iri = kind.iri(request)
        for name, values in kind.options.items():
            operations.one_of(given.get(name), name, values)
        point = points.read(given)
        service = await points.seen(present, point)
        chosen = operations.chosen(request, given, THING_OFFERS)

        async def make() -> Made:
            if not await ask.truth(service, kind.exists, **{kind.parameter: iri}):
                raise NotFound(f"nothing is known of {iri}")
            if isinstance(chosen.what, GraphFormat):
                made = await rdf(service, kind, iri, chosen.what)
            else:
                on_page = given if chosen.what != "json" else None
                made = await document(service, kind, iri, point, on_page)
            link = permalinks.header(request.url.path, operations.fields(request), made.version)
            return replace(made, headers={**made.headers, "Link": link})

        return await answers.respond(service, request, chosen.content_type, make)

    return one


async def document(
    service: Service, kind: Kind, iri: str, point: Point, on_page: Mapping[str, str] | None
) -> Made:
    """Write a thing as JSON or, with the parameters of a page, as a page.

    Each claim says whether it is contested, and on a day whether it held.
    """
    made, version = await kind.document(service, iri)
    if point.clock:
        made["clock"] = points.described(point)
    made |= await marking.mark_claims(service, point, made)
    if on_page is not None:
        more = await kind.more(service, made, on_page) if kind.more else {}
        frame = pages.Frame.of(page_of(iri) or "", on_page)
        name = f"{kind.name}.html"
        page = service.pages.render(name, frame, thing=made, version=version, **more)
        return Made(page, version, pages.HEADERS)
    return Made(json.dumps(made, ensure_ascii=False).encode(), version)


async def rdf(service: Service, kind: Kind, iri: str, form: GraphFormat) -> Made:
    """Write a thing as RDF.

    A format for datasets keeps each claim's triples in the claim's named graph, so that a plan
    stays a plan. A format for triples has no place for that and takes what current claims hold.
    """
    named = {kind.parameter: iri}
    description, version = await ask.triples(service, kind.describe, **named)
    if form.datasets:
        more: Iterable[Quad | Triple] = quads(await ask.table(service, kind.graphs, **named))
    else:
        more, _ = await ask.triples(service, kind.asserted, **named)
    return Made(documents.write([*description, *more], form), version)


def quads(table: ask.Table) -> list[Quad]:
    """Return the rows of a question with subject, property, value and graph as quads."""
    return [
        Quad(row["subject"], row["property"], row["value"], row["graph"])  # type: ignore[arg-type]
        for row in table
    ]
