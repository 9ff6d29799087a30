"""``/sparql``: the SPARQL 1.1 Protocol's query operation, as a raw ASGI endpoint.

Raw, because the router's own request handling costs more than a small query (engines.md 4.1).
The steps: read the request, look into the cache, choose a format, run, answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mineralgraph.api import (
    answers,
    body,
    exchange,
    hints,
    marking,
    negotiation,
    permalinks,
    points,
)
from mineralgraph.api.cache import Kept
from mineralgraph.api.description import service_description
from mineralgraph.api.documents import write
from mineralgraph.api.negotiation import Chosen, Offer
from mineralgraph.api.points import Point
from mineralgraph.api.service import Service
from mineralgraph.errors import (
    InputError,
    MineralgraphError,
    QueryRefused,
    UnsupportedMediaType,
)
from mineralgraph.execution.base import Request as Query
from mineralgraph.rdf import formats, sparql
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.store.base import Dataset

PATH: Final = "/sparql"
METHODS: Final = ("GET", "POST")
MAX_QUERY_BYTES: Final = 1024 * 1024
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
RESULTS: Final = negotiation.result_offers()
GRAPHS: Final = negotiation.graph_offers(json=True)
EXPLAINED: Final[tuple[Offer[ResultFormat | GraphFormat], ...]] = (
    *(offer for offer in RESULTS if offer.what is not formats.XML),
    *negotiation.graph_offers(),
)


@dataclass(frozen=True)
class Incoming:
    """A request as it came; equal ones have equal answers on one dataset version."""

    method: str
    query_string: bytes
    content_type: str | None
    accept: str | None
    host: str
    scheme: str
    suffix: str | None
    data: bytes


@dataclass(frozen=True)
class Asked:
    """One protocol request, decoded.

    Attributes:
        query: None asks for the service description.
        format: what ``format=`` says.
        point: from which day, and on which version.
        sources: whether each row also carries what it rests on.
    """

    query: str | None
    dataset: Dataset
    format: str | None
    point: Point
    sources: bool


@dataclass(frozen=True)
class Made:
    """An answer.

    Attributes:
        lasting: it stays true until the dataset changes.
        note: what would make the query faster.
        more: further headers.
    """

    body: bytes | AsyncIterator[bytes]
    content_type: str
    version: str
    lasting: bool
    note: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


class SparqlEndpoint:
    """The endpoint; ``path`` is its name in metrics."""

    path = PATH

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["route"] = self
        method: str = scope["method"]
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        data = b""
        if method == "POST":
            data = await body.read(receive, MAX_QUERY_BYTES, headers.get(b"content-length"))
        current = exchange.of(scope)
        current.query = "sparql"
        incoming = Incoming(
            method, scope["query_string"], headers.get(b"content-type"), headers.get(b"accept"),
            headers.get(b"host", "localhost"), scope["scheme"], current.suffix, data,
        )  # fmt: skip
        current.version = version = await self._service.runner.version()
        kept = self._service.cache.find(version, incoming)
        if kept is None:
            answer = await self._answer(incoming, receive, version, current)
        else:
            answer = Response(kept.body, headers=dict(kept.headers))
        asked = headers.get(b"if-none-match")
        tag = answer.headers.get("etag")
        matched = answers.matching(asked, tag) if asked and tag else None
        if matched:
            answer = Response(
                status_code=304,
                headers={"ETag": matched, "Cache-Control": answers.CACHE_CONTROL},
            )
        await answer(scope, receive, send)

    async def _answer(
        self, incoming: Incoming, receive: Receive, version: str, current: exchange.Exchange
    ) -> Response:
        made = await self._make(incoming, receive, version)
        current.version = made.version
        headers = {"Content-Type": made.content_type, "Cache-Control": "no-store"}
        if made.note:
            headers["Mineralgraph-Note"] = made.note
        headers |= made.more
        if made.lasting:
            headers["Cache-Control"] = answers.CACHE_CONTROL
            headers["ETag"] = answers.etag(made.version, repr(incoming))
        if not isinstance(made.body, bytes):
            return StreamingResponse(made.body, headers=headers)
        if made.lasting and made.version == version:
            kept = Kept(tuple(headers.items()), made.body)
            self._service.cache.keep(made.version, incoming, kept)
        return Response(made.body, headers=headers)

    async def _make(self, incoming: Incoming, receive: Receive, version: str) -> Made:
        asked = read(incoming)
        name = asked.format or incoming.suffix
        if asked.query is None:
            graph = negotiation.choose(GRAPHS, incoming.accept, name)
            triples = service_description(f"{incoming.scheme}://{incoming.host}")
            return Made(write(triples, graph.what), graph.content_type, version, True)
        tokens = sparql.tokenize(asked.query)
        form = choose_form(tokens, incoming.accept, name, sources=asked.sources)
        service = await points.seen(self._service, asked.point)
        seconds = service.settings.query_timeout
        day = asked.point.clock.valid_on is not None
        held = day and sparql.query_form(tokens) in ("SELECT", "ASK")
        query = Query(
            asked.query, form.what, asked.dataset, seconds, "sparql", asked.sources, held=held
        )
        try:
            served = await answers.while_connected(receive, service.runner.run(query))
        except MineralgraphError as error:
            raise hints.explain(error, tokens) from error
        lasting = not sparql.non_deterministic(tokens)
        more = {}
        if lasting:
            more["Link"] = permalinks.header(PATH, _fields(incoming, asked.query), served.version)
        if held and served.body is not None and isinstance(form.what, ResultFormat):
            more[marking.UNDATED_ROWS] = str(marking.undated_rows(served.body, form.what))
        elif day:
            more[marking.UNDATED_CLAIMS] = str(await marking.undated_claims(service))
        body_, note = answers.body_of(served), hints.lint(tokens)
        return Made(body_, form.content_type, served.version, lasting, note, more)


def choose_form(
    tokens: Sequence[sparql.Token], accept: str | None, name: str | None, *, sources: bool = False
) -> Chosen[GraphFormat] | Chosen[ResultFormat] | Chosen[ResultFormat | GraphFormat]:
    """Choose the format by the form of the query: rows and booleans, or triples."""
    if sparql.query_form(tokens) in ("CONSTRUCT", "DESCRIBE"):
        return negotiation.choose(GRAPHS, accept, name)
    if sources:  # RDF has a place for them, too
        return negotiation.choose(EXPLAINED, accept, name)
    return negotiation.choose(RESULTS, accept, name)


def _fields(incoming: Incoming, query: str) -> body.Fields:
    """Return the fields of a request as those of the GET request that is equal to it."""
    given = body.fields(incoming.query_string)
    if incoming.method == "POST" and body.media_type(incoming.content_type) == FORM:
        given = [*body.fields(incoming.data), *given]
    return [("query", query), *(field_ for field_ in given if field_[0] != "query")]


def read(incoming: Incoming) -> Asked:
    """Decode a protocol request (SPARQL 1.1 Protocol, section 2.1), each way in once.

    Raises:
        InputError: when it is not UTF-8, has no query in a POST, or several.
        QueryRefused: when it is an update.
        UnsupportedMediaType: when the body is neither a form nor a query.
    """
    in_url = body.fields(incoming.query_string)
    if incoming.method == "GET":
        return _asked(in_url, body.one(in_url, "query"))
    kind = body.media_type(incoming.content_type)
    if kind == FORM:
        given = body.fields(incoming.data)
        query = body.one(given, "query")
        if query is None:
            _refuse_update(given)
            raise InputError("the form has no field 'query'", hint="Send query=... in the form.")
        return _asked([*given, *(f for f in in_url if f[0] != "query")], query)
    if kind == DIRECT:
        return _asked(in_url, body.text(incoming.data))
    if kind == "application/sparql-update":
        _refuse_update([("update", "")])
    raise UnsupportedMediaType(
        f"the body is {kind or 'without a media type'}", hint=f"Send {FORM} or {DIRECT}."
    )


def _refuse_update(given: body.Fields) -> None:
    if any(name == "update" for name, _ in given):
        raise QueryRefused(
            "this is an update, and this endpoint only reads",
            hint="New claims go through the gate: POST them to /submissions.",
        )


def _asked(given: body.Fields, query: str | None) -> Asked:
    if query is None:
        _refuse_update(given)
    dataset = Dataset(_graphs(given, "default-graph-uri"), _graphs(given, "named-graph-uri"))
    named = {name: body.one(given, name) for name in (*points.NAMES, marking.SOURCES)}
    known = {name: value for name, value in named.items() if value is not None}
    point, sources = points.read(known), marking.wanted(known)
    return Asked(query, dataset, body.one(given, "format"), point, sources)


def _graphs(given: body.Fields, name: str) -> tuple[NamedNode, ...]:
    try:
        return tuple(NamedNode(value) for key, value in given if key == name)
    except ValueError as error:
        raise InputError(f"{name}: {error}", hint="Give an absolute IRI.", parameter=name) from None
