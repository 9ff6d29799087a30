"""``/claims``: the claims, and one claim with its evidence, its triples and its relations."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, fate, marking, operations, points, quotes, things
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.ask import Row, Table
from mineralgraph.api.one_thing import Kind, handler
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import text
from mineralgraph.api.routes import nanopublications
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.errors import NotFound
from mineralgraph.queries.parameters import ParameterType, read_parameter
from mineralgraph.rdf.identifiers import split

COLUMNS: Final = (
    "claim", "gist", "modality", "review", "current", "article", "published", "speaker", "page"
)  # fmt: skip
_FORMATS: Final = operations.formats_of(things.THING_OFFERS)
_FORMATS["schema"]["enum"] += nanopublications.NAMES
_ARTICLE: Final = ParameterType("iri", ("article",))
_THING: Final = ParameterType("iri")


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    app.add_api_route(
        "/claims",
        _listing(service),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="All claims, or those of one article or about one thing",
        operation_id="claims",
        responses=operations.responses(
            {"application/json": operations.ROWS, "text/html": operations.TEXT},
            304, 404, 406, 410, 422, 504, headers=operations.PAGED,
        ),
        openapi_extra={"parameters": [
            operations.query_parameter("article", "The slug or IRI of an article.", "astanatimes"),
            operations.query_parameter("about", "Only claims that speak of this thing.",
                                       "person:tokayev"),
            {"name": "current", "in": "query", "required": False, "description": "Only claims that "
             "are part of the current view, or only others.", "schema": {"type": "boolean"}},
            operations.formats_of(things.LIST_OFFERS), *operations.WINDOW, *points.openapi(),
        ]},
    )  # fmt: skip
    app.add_api_route(
        "/claims/{slug}",
        nanopublications.beside(service, handler(service, KIND)),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="One claim: what it asserts, and where the article says so",
        operation_id="claim",
        responses=operations.thing_responses(),
        openapi_extra={"parameters": [
            operations.path_parameter("slug", "The last part of its IRI.", "at-took-part"),
            _FORMATS, *points.openapi(),
        ]},
    )  # fmt: skip


def _listing(present: Service) -> Handler:
    async def listing(request: Request) -> Response:
        given = operations.filled(
            request, ("article", "about", "current", "limit", "offset", "format", *points.NAMES)
        )
        shown = operations.window_of(given)
        article = _article_iri(given.get("article"))
        about = _about_iri(given.get("about"))
        operations.one_of(given.get("current"), "current", ("true", "false"))
        point = points.read(given)
        service = await points.seen(present, point)
        chosen = operations.chosen(request, given, things.LIST_OFFERS)

        async def make() -> Made:
            if article and not await ask.truth(service, "is-article", article=article):
                raise NotFound(f"there is no article {article}", hint="/articles lists them.")
            labels = await things.labels_now(service)
            values = {"article": article} if article else {}
            table = await _table(service, about, values)
            found = things.claims(table, labels)
            if about and article:
                found = [claim for claim in found if claim["article"]["iri"] == article]
            if "current" in given:
                found = [c for c in found if c["current"] == (given["current"] == "true")]
            rows = [things.claim_row(claim) for claim in found]
            more = await marking.mark_rows(service, point, rows)
            made = operations.listed(request, COLUMNS, rows, shown, table.version, about=more)
            if chosen.what == "json":
                return made
            html = service.pages.render(
                "claims.html",
                pages.Frame.of(request.url.path, given),
                claims=found[shown.offset : shown.offset + shown.limit],
                total=len(found),
                article=things.named(article, labels) if article else None,
                about=things.named(about, labels) if about else None,
                links=operations.links_of(request, len(found), shown, table.version),
                version=table.version,
            )
            return Made(html, table.version, {**pages.HEADERS, **made.headers})

        return await answers.respond(service, request, chosen.content_type, make)

    return listing


def _article_iri(given: str | None) -> str | None:
    return text(read_parameter("article", _ARTICLE, given)) if given is not None else None


def _about_iri(given: str | None) -> str | None:
    return text(read_parameter("about", _THING, given)) if given is not None else None


async def _table(service: Service, about: str | None, values: dict[str, str]) -> Table:
    if about is None:
        return await ask.table(service, "claims", **values)
    return await ask.table(service, "claims-about", thing=about)


async def claim(service: Service, iri: str) -> tuple[Json, str]:
    """Return one claim as JSON data.

    Raises:
        NotFound: when its description is not complete enough to show.
    """
    labels = await things.labels_now(service)
    table = await ask.table(service, "claim", claim=iri)
    found = things.claims(table, labels)
    if not found:
        raise NotFound(f"the claim {iri} is not described")
    spans = await ask.table(service, "evidence", claim=iri)
    asserted = await ask.table(service, "assertion", claim=iri)
    relations = await ask.canned(service, "relations-of-claim", about=iri)
    slug = (split(iri) or ("", ""))[1]
    document = {
        **found[0],
        "iri": iri,
        "slug": slug,
        "label": found[0]["gist"],
        "evidence": [quotes.of(service.corpus, row) for row in spans],
        "asserts": [_triple(row, labels) for row in asserted],
        "relations": _relations(relations, labels),
        "fate": await fate.of(service, iri),
        "links": things.format_links(f"/claims/{slug}"),
        "version": table.version,
    }
    return document, table.version


def _triple(row: Row, labels: Labels) -> Json:
    return {
        "subject": things.value(row["subject"], labels),
        "property": things.named(text(row["property"]), labels),
        "value": things.value(row["value"], labels),
    }


def _relations(table: Table, labels: Labels) -> list[Json]:
    """Return how other claims stand to this one; ``role`` is from where this one refines them."""
    return [
        {
            "relation": text(row["relation"]),
            "type": things.named(text(row["type"]), labels),
            "role": text(row["role"]) or None,
            "claim": {**things.named(text(row["claim"]), labels), "gist": text(row["gist"])},
            "reason": text(row["reason"]) or None,
            "review": things.named(text(row["review"]), labels) if row["review"] else None,
        }
        for row in table
    ]


KIND: Final = Kind(
    name="claim",
    iri=lambda r: things.thing_iri("claim", r.path_params["slug"]),
    document=claim,
    parameter="claim",
    exists="is-claim",
    describe="describe-claim",
    asserted="asserted-by-claim",
    graphs="graph-of-claim",
)
