"""``/entities``: search, lists by kind, and one thing with its claims and their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import (
    answers,
    ask,
    drawing,
    facts,
    lines,
    marking,
    operations,
    points,
    quotes,
    things,
)
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.labelling import read_labels
from mineralgraph.api.one_thing import Kind, handler
from mineralgraph.api.points import Point
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.labels import Hit, Labels, Named
from mineralgraph.api.presentation.terms import page_of
from mineralgraph.api.routes import moved, network, timeline
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.rdf.identifiers import split

COLUMNS: Final = ("iri", "kind", "slug", "label", "types", "page")
MAX_QUERY: Final = 200
BARS: Final = 8
NEIGHBOURS: Final = 12
"""How much of the timeline and of the network a thing's page shows."""


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    app.add_api_route(
        "/entities",
        _listing(service),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="Search for things, or list them by kind",
        operation_id="entities",
        responses=operations.responses(
            {"application/json": operations.ROWS, "text/html": operations.TEXT},
            304, 406, 410, 422, 504, headers=operations.PAGED,
        ),
        openapi_extra={"parameters": [
            operations.query_parameter("q", "Words to look for in labels and variants, in any "
                                       "script, without regard to case and diacritics.", "vance",
                                       max_length=MAX_QUERY),
            operations.query_parameter("kind", "Only things of this kind, such as person.",
                                       "person"),
            operations.formats_of(things.LIST_OFFERS), *operations.WINDOW, *points.openapi(),
        ]},
    )  # fmt: skip
    app.add_api_route(
        "/entities/{kind}/{slug}",
        moved.followed(service, KIND.iri, handler(service, KIND)),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="One thing: what is said of it, and who says so",
        operation_id="entity",
        responses=operations.thing_responses(),
        openapi_extra={"parameters": [
            operations.path_parameter("kind", "The kind, as in its IRI.", "person"),
            operations.path_parameter("slug", "The last part of its IRI.", "kosherbayev"),
            {"name": "block", "in": "query", "required": False, "description": "On the page, only "
             "this group of facts, whole.", "schema": {"type": "string", "enum": [*facts.NAMES]}},
            operations.formats_of(things.THING_OFFERS), *points.openapi(),
        ]},
    )  # fmt: skip


def _listing(present: Service) -> Handler:
    async def listing(request: Request) -> Response:
        given = operations.filled(
            request, ("q", "kind", "limit", "offset", "format", *points.NAMES)
        )
        operations.at_most(given.get("q"), "q", MAX_QUERY)
        shown = operations.window_of(given)
        point = points.read(given)
        service = await points.seen(present, point)
        chosen = operations.chosen(request, given, things.LIST_OFFERS)

        async def make() -> Made:
            version = await service.runner.version()
            labels = await _labels(service, point, version)
            searching = bool(given.get("q", "").strip())
            found = _found(labels, given)
            columns = (*COLUMNS, "match", "language", "fit") if searching else COLUMNS
            page = found[shown.offset : shown.offset + shown.limit]
            about = await marking.mark_things(service, point, page)
            made = operations.listed(request, columns, found, shown, version, about=about)
            if chosen.what == "json":
                return made
            html = service.pages.render(
                "entities.html",
                pages.Frame.of(request.url.path, given),
                q=given.get("q", ""),
                kind=given.get("kind", ""),
                kinds=labels.kinds(),
                total=len(found),
                version=version,
                **_decoded(made),
            )
            return Made(html, version, {**pages.HEADERS, **made.headers})

        return await answers.respond(service, request, chosen.content_type, make)

    return listing


async def _labels(service: Service, point: Point, version: str) -> Labels:
    """Return what things are called, as seen from a point; those of the present are at hand."""
    if point.clock:
        return (await read_labels(service))[0]
    return await service.labels.at(version)


def _decoded(made: Made) -> Json:
    assert isinstance(made.body, bytes)  # noqa: S101  (lists are made whole)
    document = json.loads(made.body)
    return {name: document[name] for name in ("rows", "links", "truncated")}


def _found(labels: Labels, given: dict[str, str]) -> list[Json]:
    kind = given.get("kind") or None
    query = given.get("q", "").strip()
    if query:
        return [_hit(hit, labels) for hit in labels.search(query, kind)]
    return [_row(entity, labels) for entity in labels.of_kind(kind)]


def _row(entity: Named, labels: Labels) -> Json:
    kind, slug = split(entity.iri) or ("", "")
    return {
        "iri": entity.iri,
        "kind": kind,
        "slug": slug,
        "label": entity.label,
        "types": [labels.label(t) for t in entity.types],
        "page": page_of(entity.iri),
    }


def _hit(hit: Hit, labels: Labels) -> Json:
    return {
        **_row(hit.thing, labels),
        "match": hit.label.text,
        "language": hit.label.language,
        "fit": hit.match.name.lower(),
    }


async def entity(service: Service, iri: str) -> tuple[Json, str]:
    """Return one thing as JSON data: its statements, and its claims by standing."""
    labels = await things.labels_now(service)
    said = await ask.table(service, "statements", thing=iri)
    found = things.claims(await ask.table(service, "claims-about", thing=iri), labels)
    said_of = await ask.canned(service, "entity-facts", thing=iri)
    independent = await ask.canned(service, "corroboration", about=iri)
    differences = await ask.canned(service, "claim-relations", thing=iri)
    spans = await ask.table(service, "evidence-about", thing=iri)
    held, others = things.by_standing(found)
    thing = labels.find(iri)
    kind, slug = split(iri) or ("", "")
    document = {
        **things.named(iri, labels),
        "kind": kind,
        "slug": slug,
        "labels": [
            {"value": x.text, "language": x.language or None, "preferred": x.preferred}
            for x in (thing.labels if thing else [])
        ],
        "statements": things.statements(said, labels),
        "facts": held,
        "not_facts": others,
        "groups": facts.groups(iri, said_of, independent, labels),
        "contested": facts.differing(differences, labels),
        "evidence": quotes.by_claim(service.corpus, spans),
        "links": things.format_links(page_of(iri) or ""),
        "version": said.version,
    }
    return document, said.version


async def _beside(service: Service, document: Json, given: Mapping[str, str]) -> Json:
    """Return what stands on a thing's page beside its document."""
    iri, block = document["iri"], given.get("block")
    labels = await things.labels_now(service)
    blocks = lines.blocks(document["groups"], block)
    if block:
        return {"blocks": blocks, "block": block, "competing": [], "chart": None, "star": None}
    differing = await ask.canned(service, "competing-values", thing=iri)
    near, _ = await network.rows(service, {"about": iri}, labels)
    when, _ = await timeline.rows(service, {"about": iri}, labels)
    bars = [bar for bar in drawing.bars(when) if bar["from"] is not None]
    return {
        "blocks": blocks,
        "block": None,
        "competing": lines.competing(differing, labels),
        "chart": drawing.chart(bars[-BARS:], drawing.NARROW),
        "star": drawing.star(drawing.neighbours(near, iri, labels)[:NEIGHBOURS]),
    }


KIND: Final = Kind(
    name="entity",
    iri=lambda r: things.thing_iri(r.path_params["kind"], r.path_params["slug"]),
    document=entity,
    parameter="thing",
    exists="is-mentioned",
    describe="describe-entity",
    asserted="asserted-of-entity",
    graphs="graphs-about",
    options={"block": facts.NAMES},
    more=_beside,
)
