"""A claim as a nanopublication, at the claim's own address.

``format=nanopub``, or ``Accept: application/trig;profile="http://www.nanopub.org/nschema"``;
``format=retraction`` gives what retracts it once the claim is withdrawn.
"""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode, Quad
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, one_thing, operations, points
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.http import exchange
from mineralgraph.api.service import Service
from mineralgraph.api.things import thing_iri
from mineralgraph.errors import NotFound
from mineralgraph.rdf import formats, nanopubs, writing
from mineralgraph.rdf.namespaces import SERVICE_GRAPH
from mineralgraph.store import nanopubs as making
from mineralgraph.store.view import Find

PROFILE: Final = "http://www.nanopub.org/nschema"
NAMES: Final = ("nanopub", "retraction")
_CONTENT_TYPE: Final = f'application/trig; profile="{PROFILE}"'


def beside(present: Service, otherwise: Handler) -> Handler:
    """Return a handler that answers with nanopublications where they are asked for."""

    async def one(request: Request) -> Response:
        wanted = _wanted(request)
        if wanted is None:
            return await otherwise(request)
        exchange.of(request.scope).query = "page:nanopub"
        given = operations.known_only(request, ("format", points.VERSION))
        service = await points.seen(present, points.read(given))
        claim = NamedNode(thing_iri("claim", request.path_params["slug"]))

        async def make() -> Made:
            if not await ask.truth(service, "is-claim", claim=claim.value):
                raise NotFound(f"nothing is known of {claim.value}")
            find, version = await _known(service, claim)
            make_it = making.of_claim if wanted == "nanopub" else making.of_withdrawal
            quads = make_it(claim, find)
            ordered = sorted(quads, key=lambda q: (str(q.graph_name), str(q)))
            link = f'<{nanopubs.name(quads).value}>; rel="canonical"'
            return Made(writing.write(ordered, formats.TRIG), version, {"Link": link})

        return await answers.respond(service, request, _CONTENT_TYPE, make)

    return one


def _wanted(request: Request) -> str | None:
    named = dict(operations.fields(request)).get("format")
    if named is not None:
        return named if named in NAMES else None
    accept = request.headers.get("accept", "").replace('"', "").replace(" ", "")
    return "nanopub" if f"application/trig;profile={PROFILE}" in accept else None


async def _known(service: Service, claim: NamedNode) -> tuple[Find, str]:
    """Return a look-up over what a nanopublication of a claim is made from."""
    description, version = await ask.triples(service, "describe-claim", claim=claim.value)
    quads = one_thing.quads(await ask.table(service, "graph-of-claim", claim=claim.value))
    quads += [Quad(t.subject, t.predicate, t.object, SERVICE_GRAPH) for t in description]

    def find(
        subject: object = None,
        predicate: object = None,
        target: object = None,
        graph: object = None,
    ) -> list[Quad]:
        wanted = (subject, predicate, target, graph)
        return [
            quad
            for quad in quads
            if all(
                part is None or part == own
                for part, own in zip(
                    wanted,
                    (quad.subject, quad.predicate, quad.object, quad.graph_name),
                    strict=True,
                )
            )
        ]

    return find, version
