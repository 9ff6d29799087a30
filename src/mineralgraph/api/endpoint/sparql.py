"""``/sparql``: the SPARQL 1.1 Protocol's query operation.

``SparqlEndpoint.answer`` is the endpoint: look into the cache, decode, choose a format, run,
answer. It knows neither sockets nor frameworks, because requests reach it in two ways: most
straight from the connection (``front.py``), all others as a raw ASGI application.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from mineralgraph.api import answers, marking, permalinks, points
from mineralgraph.api.endpoint import asked, hints
from mineralgraph.api.endpoint.asked import DIRECT, FORM, Asked, Incoming
from mineralgraph.api.endpoint.description import service_description
from mineralgraph.api.http import body, exchange, negotiation
from mineralgraph.api.http.cache import Kept
from mineralgraph.api.http.finished import Finished, Headers
from mineralgraph.api.http.negotiation import Chosen, Offer
from mineralgraph.api.presentation.documents import write
from mineralgraph.api.service import Service
from mineralgraph.errors import MineralgraphError
from mineralgraph.execution.base import Request as Query
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.query_text import QueryText

__all__ = ["DIRECT", "FORM", "GRAPHS", "METHODS", "PATH", "RESULTS", "SparqlEndpoint"]

PATH: Final = "/sparql"
METHODS: Final = ("GET", "POST")
MAX_QUERY_BYTES: Final = 1024 * 1024
RESULTS: Final = negotiation.result_offers()
GRAPHS: Final = negotiation.graph_offers(json=True)
EXPLAINED: Final[tuple[Offer[ResultFormat | GraphFormat], ...]] = (
    *(offer for offer in RESULTS if offer.what is not formats.XML),
    *negotiation.graph_offers(),
)
_CACHE_CONTROL: Final = (b"cache-control", answers.CACHE_CONTROL.encode())
_NO_STORE: Final = (b"cache-control", b"no-store")


class Made(NamedTuple):
    """An answer.

    Attributes:
        lasting: it stays true until the dataset changes.
        more: further headers.
    """

    body: bytes | AsyncIterator[bytes]
    content_type: str
    version: str
    lasting: bool
    more: tuple[tuple[bytes, bytes], ...] = ()


class SparqlEndpoint:
    """The endpoint; ``path`` is its name in metrics."""

    path = PATH

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request as an ASGI application."""
        scope["route"] = self
        method: str = scope["method"]
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        data = b""
        if method == "POST":
            data = await body.read(receive, MAX_QUERY_BYTES, headers.get(b"content-length"))
        current = exchange.of(scope)
        incoming = Incoming(
            method, scope["query_string"], headers.get(b"content-type"), headers.get(b"accept"),
            headers.get(b"host", "localhost"), scope["scheme"], current.suffix, data,
        )  # fmt: skip
        work = self.answer(incoming, current, headers.get(b"if-none-match"))
        finished = await answers.while_connected(receive, work)
        await finished.as_response()(scope, receive, send)

    async def answer(
        self, incoming: Incoming, current: exchange.Exchange, if_none_match: str | None
    ) -> Finished:
        """Answer one request; cancelling stops the work.

        Raises:
            MineralgraphError: what the problem document will say.
        """
        current.query = "sparql"
        current.version = version = await self._service.runner.version()
        kept = self._service.cache.find(version, incoming)
        if kept is not None:
            current.known = True
            finished = Finished(200, list(kept.headers), kept.body)
        else:
            made = await self._make(incoming, version)
            current.version = made.version
            finished = self._finished(incoming, made, version)
        if if_none_match is None:
            return finished
        tag = next((v.decode() for n, v in finished.headers if n == b"etag"), None)
        matched = answers.matching(if_none_match, tag) if tag else None
        if not matched:
            return finished
        return Finished(304, [(b"etag", matched.encode()), _CACHE_CONTROL], b"")

    def _finished(self, incoming: Incoming, made: Made, version: str) -> Finished:
        """Return an answer with its headers, and keep it if it lasts as long as ``version``."""
        headers: Headers = [(b"content-type", made.content_type.encode()), *made.more]
        if not (made.lasting and self._service.runner.cacheable):
            return Finished(200, [*headers, _NO_STORE], made.body)
        tag = _etag(made.version, incoming)
        headers += (_CACHE_CONTROL, (b"etag", tag))
        if isinstance(made.body, bytes) and made.version == version:
            self._service.cache.keep(version, incoming, Kept(tuple(headers), made.body))
        return Finished(200, headers, made.body)

    async def _make(self, incoming: Incoming, version: str) -> Made:
        request = asked.read(incoming)
        name = request.format or incoming.suffix
        if request.query is None:
            graph = negotiation.choose(GRAPHS, incoming.accept, name)
            triples = service_description(f"{incoming.scheme}://{incoming.host}")
            return Made(write(triples, graph.what), graph.content_type, version, True)
        text = QueryText(request.query)
        form = choose_form(text.form, incoming.accept, name, sources=request.sources)
        service = self._service
        if request.point is not points.NEWEST:
            service = await points.seen(service, request.point)
        seconds = service.settings.query_timeout
        day = request.point.clock.valid_on is not None
        held = day and text.form in ("SELECT", "ASK")
        query = Query(
            request.query, form.what, request.dataset, seconds, "sparql", request.sources, held=held
        )
        try:
            served = await service.runner.run(query)
        except MineralgraphError as error:
            raise hints.explain(error, text) from error
        lasting = not text.non_deterministic
        more: Headers = []
        note = hints.lint(text)
        if note:
            more.append((b"mineralgraph-note", note.encode()))
        if lasting and not text.left_open:
            more.append((b"link", _permalink(incoming, request, served.version)))
        if held and served.body is not None and isinstance(form.what, ResultFormat):
            undated = marking.undated_rows(served.body, form.what)
            more.append((marking.UNDATED_ROWS.lower().encode(), b"%d" % undated))
        elif day:
            undated = await marking.undated_claims(service)
            more.append((marking.UNDATED_CLAIMS.lower().encode(), b"%d" % undated))
        return Made(
            answers.body_of(served), form.content_type, served.version, lasting, tuple(more)
        )


def _etag(version: str, incoming: Incoming) -> bytes:
    method, query_string, kind, accept, host, scheme, suffix, data = incoming
    besides = _besides(version, method, kind, accept, host, scheme, suffix)
    everything = b"%b%d %b%b" % (besides, len(query_string), query_string, data)
    return answers.etag_of(everything).encode()


@lru_cache(256)
def _besides(version: str, *parts: str | None) -> bytes:
    """Return what an answer depends on besides what is asked."""
    return repr((version, answers.code_version(), parts)).encode()


@lru_cache(256)
def choose_form(
    form: str | None, accept: str | None, name: str | None, *, sources: bool = False
) -> Chosen[GraphFormat] | Chosen[ResultFormat] | Chosen[ResultFormat | GraphFormat]:
    """Choose the format by the form of the query: rows and booleans, or triples.

    Raises:
        NotAcceptable: when nothing that is offered is wanted.
    """
    if form in ("CONSTRUCT", "DESCRIBE"):
        return negotiation.choose(GRAPHS, accept, name)
    if sources:  # RDF has a place for them, too
        return negotiation.choose(EXPLAINED, accept, name)
    return negotiation.choose(RESULTS, accept, name)


def _permalink(incoming: Incoming, request: Asked, version: str) -> bytes:
    if incoming.method == "GET" and len(request.fields) == 1 and incoming.suffix is None:
        spelled = permalinks.spelled(incoming.query_string)
        if spelled is not None:
            return permalinks.spelled_header(PATH, spelled, version).encode()
    fields = list(request.fields)
    if incoming.suffix is not None and request.format is None:
        fields.append(("format", incoming.suffix))
    return permalinks.header(PATH, fields, version).encode()
