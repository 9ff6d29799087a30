"""``/diff``: what changed between two days, in people's words and as RDF.

By report time: what became known, and what was taken back. By valid time: what began, what
ended, and what happened wholly in between. Both compare what ``as-of`` and ``valid-on`` show.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, Triple
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, operations, permalinks, points, things
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.points import Point
from mineralgraph.api.presentation import documents
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.errors import BadParameter
from mineralgraph.queries.parameters import ParameterType, read_parameter
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import MG, PROV, RDF, RDFS, XSD
from mineralgraph.store.clock import Clock

OFFERS: Final = tuple(offer for offer in things.THING_OFFERS if offer.what != things.HTML)
CLOCKS: Final = ("report", "valid")
_DAY: Final = ParameterType("date")
_SAYS: Final = {
    "became_known": "{publisher} reported ({published}): {gist}",
    "retracted": "{publisher} took back: {gist}",
    "began": "From then on: {gist}",
    "ended": "No longer: {gist}",
    "happened": "In between: {gist}",
}
_PROPERTIES: Final = {
    "became_known": PROV.wasGeneratedBy,
    "began": PROV.wasGeneratedBy,
    "retracted": PROV.wasInvalidatedBy,
    "ended": PROV.wasInvalidatedBy,
    "happened": PROV.wasInfluencedBy,
}


@dataclass(frozen=True)
class Asked:
    """Two days, and the clock that they are compared by."""

    first: date
    last: date
    clock: str
    by_first: bool

    def at(self, day: date) -> Clock:
        """Return the clock of one of the two days."""
        if self.clock == "valid":
            return Clock(valid_on=day)
        return Clock(as_of=day, by_first=self.by_first)


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    content = {offer.media_type: operations.TEXT for offer in OFFERS}
    content["application/json"] = operations.OBJECT
    content["application/ld+json"] = operations.ANY
    day = {"type": "string", "format": "date"}
    app.add_api_route(
        "/diff",
        _handler(service),
        methods=["GET"],
        response_class=Response,
        tags=["Things"],
        summary="What changed between two days",
        description="By report time (the default) what became known and what was retracted, by "
        "valid time what began, ended, and happened in between.",
        operation_id="diff",
        responses=operations.responses(content, 304, 406, 410, 422, 501, 504),
        openapi_extra={"parameters": [
            _needed("from", "The first day.", day, "2026-02-04"),
            _needed("to", "The second day, not before the first.", day, "2026-02-06"),
            {"name": "clock", "in": "query", "required": False,
             "description": "Compare what was reported by the days, or what held on them.",
             "schema": {"type": "string", "enum": list(CLOCKS), "default": "report"}},
            *(p for p in points.openapi() if p["name"] in (points.BASIS, points.VERSION)),
            operations.formats_of(OFFERS),
        ]},
    )  # fmt: skip


def _needed(name: str, description: str, schema: Json, example: str) -> Json:
    return {
        "name": name, "in": "query", "required": True, "description": description,
        "schema": schema, "example": example,
    }  # fmt: skip


def read(given: Mapping[str, str]) -> Asked:
    """Read what is asked.

    Raises:
        BadParameter: when a day is missing or wrong, they are the wrong way round, or there is
            no such clock.
    """
    days = []
    for name in ("from", "to"):
        if name not in given:
            raise BadParameter(f"the parameter {name!r} is missing", parameter=name)
        days.append(date.fromisoformat(read_parameter(name, _DAY, given[name]).value))
    clock = given.get("clock", "report")
    if clock not in CLOCKS:
        raise BadParameter(
            f"parameter 'clock': {clock[:60]!r} is neither report nor valid",
            hint="Say report for what was known, valid for what held.",
            parameter="clock",
        )
    if days[0] > days[1]:
        raise BadParameter(
            "the day 'from' lies after the day 'to'", hint="Exchange them.", parameter="from"
        )
    basis = {name: given[name] for name in (points.BASIS,) if name in given}
    by_first = points.read({points.AS_OF: str(days[0]), **basis}).clock.by_first
    return Asked(days[0], days[1], clock, by_first)


def _handler(present: Service) -> Handler:
    async def run(request: Request) -> Response:
        names = ("from", "to", "clock", "format", points.BASIS, points.VERSION)
        given = operations.known_only(request, names)
        asked = read(given)
        version = given.get(points.VERSION) or await present.runner.version()
        chosen = operations.chosen(request, given, OFFERS)
        link = permalinks.of("/diff", operations.fields(request), version)
        pinned = await points.seen(present, Point(version=version))

        async def make() -> Made:
            found = await changes(present, asked, version)
            made = written(found, asked, version, link, chosen.what)
            return Made(made, version, {"Link": f'<{link}>; rel="canonical"'})

        return await answers.respond(pinned, request, chosen.content_type, make)

    return run


async def changes(service: Service, asked: Asked, version: str) -> dict[str, list[Json]]:
    """Return the claims that a difference consists of, grouped by what happened to them."""
    one = await points.seen(service, Point(asked.at(asked.first), version))
    two = await points.seen(service, Point(asked.at(asked.last), version))
    labels = await things.labels_now(service)
    former, latter = await _claims(one, labels), await _claims(two, labels)
    new = [claim for iri, claim in latter.items() if iri not in former]
    if asked.clock == "report":
        gone = [
            claim
            for iri, claim in latter.items()
            if iri in former and former[iri]["review"] != claim["review"]
        ]
        return _told({"became_known": new, "retracted": gone})
    ended = [claim for iri, claim in former.items() if iri not in latter]
    everything = await points.seen(service, Point(version=version))
    days = {"after": str(asked.first), "before": str(asked.last)}
    table = await ask.table(everything, "claims-within", **days)
    within = {str(getattr(row["claim"], "value", "")) for row in table}
    known = await _claims(everything, labels)
    happened = [
        claim
        for iri, claim in known.items()
        if iri in within and iri not in former and iri not in latter
    ]
    return _told({"began": new, "ended": ended, "happened": happened})


async def _claims(service: Service, labels: Labels) -> dict[str, Json]:
    found = things.claims(await ask.table(service, "claims"), labels)
    return {claim["claim"]: claim for claim in found}


def _told(found: dict[str, list[Json]]) -> dict[str, list[Json]]:
    for kind, claims in found.items():
        for claim in claims:
            article = claim["article"]
            publisher = article["publisher"]["label"] if article["publisher"] else article["label"]
            claim["sentence"] = _SAYS[kind].format(
                publisher=publisher,
                published=article["published"] or "no date",
                gist=claim["gist"],
            )
    return found


def written(
    found: Mapping[str, list[Json]],
    asked: Asked,
    version: str,
    link: str,
    form: GraphFormat | str,
) -> bytes:
    """Return a difference as RDF, or as JSON for any other format."""
    if isinstance(form, GraphFormat):
        return documents.write(_triples(found, asked, link), form)
    document: dict[str, Any] = {
        "from": str(asked.first),
        "to": str(asked.last),
        "clock": asked.clock,
        **found,
        "counts": {kind: len(claims) for kind, claims in found.items()},
        "links": {"permalink": link},
        "version": version,
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _triples(found: Mapping[str, list[Json]], asked: Asked, link: str) -> Iterator[Triple]:
    """Describe the difference as a PROV activity that generated and invalidated claims."""
    node = NamedNode(f"https://w3id.org/mineralgraph{link}")
    yield Triple(node, RDF.type, PROV.Activity)
    for name, day in ((PROV.startedAtTime, asked.first), (PROV.endedAtTime, asked.last)):
        yield Triple(node, name, Literal(f"{day}T23:59:59Z", datatype=XSD.dateTime))
    label = f"What changed from {asked.first} to {asked.last} by {asked.clock} time"
    yield Triple(node, RDFS.label, documents.english(label))
    for kind, claims in found.items():
        for claim in claims:
            iri = NamedNode(claim["claim"])
            yield Triple(iri, _PROPERTIES[kind], node)
            yield Triple(iri, RDF.type, MG.Claim)
            yield Triple(iri, MG.gist, documents.english(claim["gist"]))
            yield Triple(iri, PROV.wasDerivedFrom, NamedNode(claim["article"]["iri"]))
