"""``/articles``: the articles, and one article with its claims and what it rests on."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, operations, points, reading, things
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.ask import Row
from mineralgraph.api.one_thing import Kind, handler
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import plain, text
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.errors import NotFound
from mineralgraph.rdf.identifiers import split

COLUMNS: Final = (
    "iri", "slug", "label", "url", "publisher", "published", "language", "claims", "page"
)  # fmt: skip


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    app.add_api_route(
        "/articles",
        _listing(service),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="All articles, with the number of their claims",
        operation_id="articles",
        responses=operations.responses(
            {"application/json": operations.ROWS, "text/html": operations.TEXT},
            304, 406, 410, 422, 504, headers=operations.PAGED,
        ),
        openapi_extra={"parameters": [
            operations.formats_of(things.LIST_OFFERS), *operations.WINDOW, *points.openapi(),
        ]},
    )  # fmt: skip
    app.add_api_route(
        "/articles/{slug}",
        handler(service, KIND),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="One article: what it says, and what it rests on",
        operation_id="article",
        responses=operations.thing_responses(),
        openapi_extra={"parameters": [
            operations.path_parameter("slug", "The last part of its IRI.", "astanatimes"),
            operations.formats_of(things.THING_OFFERS), *points.openapi(),
        ]},
    )  # fmt: skip


def _listing(present: Service) -> Handler:
    async def listing(request: Request) -> Response:
        given = operations.filled(request, ("limit", "offset", "format", *points.NAMES))
        shown = operations.window_of(given)
        point = points.read(given)
        service = await points.seen(present, point)
        chosen = operations.chosen(request, given, things.LIST_OFFERS)

        async def make() -> Made:
            found, version = await articles(service)
            made = operations.listed(request, COLUMNS, found, shown, version)
            if chosen.what == "json":
                return made
            html = service.pages.render(
                "articles.html",
                pages.Frame.of(request.url.path, given),
                articles=found[shown.offset : shown.offset + shown.limit],
                total=len(found),
                links=operations.links_of(request, len(found), shown, version),
                version=version,
            )
            return Made(html, version, {**pages.HEADERS, **made.headers})

        return await answers.respond(service, request, chosen.content_type, make)

    return listing


async def articles(service: Service) -> tuple[list[Json], str]:
    """Return all articles as rows, by day of publication."""
    labels = await things.labels_now(service)
    found = await ask.table(service, "articles")
    # An article with labels in two languages has two rows.
    rows = {text(row["article"]): _row(row, labels) for row in found}
    return list(rows.values()), found.version


def _row(row: Row, labels: Labels) -> Json:
    article = things.named(text(row["article"]), labels)
    return {
        **article,
        "slug": (split(article["iri"]) or ("", ""))[1],
        "url": text(row["url"]) or None,
        "publisher": labels.label(text(row["publisher"])) if row["publisher"] else None,
        "published": text(row["published"]) or None,
        "language": text(row["language"]) or None,
        "claims": plain(row["claims"]),
    }


async def article(service: Service, iri: str) -> tuple[Json, str]:
    """Return one article as JSON data.

    Raises:
        NotFound: when there is no such article.
    """
    labels = await things.labels_now(service)
    found = await ask.table(service, "articles", article=iri)
    if not found.rows:
        raise NotFound(f"there is no article {iri}", hint="/articles lists all of them.")
    said = await ask.table(service, "statements", thing=iri)
    claims = things.claims(await ask.table(service, "claims", article=iri), labels)
    spans = await ask.table(service, "evidence-of-article", article=iri)
    facts, others = things.by_standing(claims)
    document = {
        **_row(found.rows[0], labels),
        "statements": things.statements(said, labels),
        "facts": facts,
        "not_facts": others,
        "reading": reading.of(service.corpus, spans, claims, text(found.rows[0]["language"])),
        "links": things.format_links(f"/articles/{(split(iri) or ('', ''))[1]}"),
        "version": found.version,
    }
    document["claims_of"] = f"/claims?article={document['slug']}"
    return document, found.version


KIND: Final = Kind(
    name="article",
    iri=lambda r: things.thing_iri("article", r.path_params["slug"]),
    document=article,
    parameter="article",
    exists="is-article",
    describe="describe-article",
    asserted="asserted-by-article",
    graphs="graphs-of-article",
)
