"""What every answer carries, whatever route made it: one middleware around the whole app.

Request id, dataset version, CORS, Vary, compression; HEAD as GET without a body; OPTIONS; the
problem document for a fault of ours; one log line and one count for each request.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mineralgraph.api.http import exchange as exchanges
from mineralgraph.api.http import logs, problems
from mineralgraph.api.http.dressing import Dressing
from mineralgraph.api.http.exchange import Exchange
from mineralgraph.api.http.finished import Headers
from mineralgraph.api.http.journal import Journal, Line
from mineralgraph.api.http.methods import is_read, methods_at
from mineralgraph.api.http.negotiation import accepts_gzip
from mineralgraph.api.http.repeats import WIRE, Repeat, Repeats, head_of
from mineralgraph.execution.base import Runner
from mineralgraph.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS

CLIENT_GONE: Final = 499
_SUFFIXED: Final = re.compile(
    r"(?P<path>/(?:sparql|data|queries(?:/[^/]+)?|entities(?:/[^/]+/[^/]+)?|articles(?:/[^/]+)?"
    r"|claims(?:/[^/]+)?|ontology(?:/[^/]+)?|shapes(?:/[^/]+)?|\.well-known/void))"
    r"\.(?P<suffix>[a-z]+)"
)
_SUFFIXES: Final = {s for f in (*GRAPH_FORMATS, *RESULT_FORMATS) for s in f.suffixes} | {"html"}

_log = logging.getLogger("mineralgraph.api.requests")


class ClientGone(Exception):
    """The client closed the connection before its answer was ready."""


class Envelope:
    """The middleware; see the module."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: list[BaseRoute],
        runner: Runner,
        journal: Journal,
        repeats: Repeats,
    ) -> None:
        self._app = app
        self._routes = routes
        self._runner = runner
        self._journal = journal
        self._repeats = repeats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = dict(scope["headers"])
        asked_id = headers.get(b"x-request-id")
        method = scope["method"]
        inner = dict(scope, method="GET" if method == "HEAD" else method)
        exchange = exchanges.begin(inner, asked_id.decode("latin-1") if asked_id else None)
        _take_suffix(inner, exchange)
        logs.request_id.set(exchange.id)  # never reset: the server logs after us, in this task
        dressing = Dressing(
            exchange,
            self._runner,
            zipped=accepts_gzip(headers.get(b"accept-encoding", b"").decode("latin-1")),
            shared=is_read(method, inner["path"]),
        )
        sender = _Sender(send, exchange, dressing, head=method == "HEAD")
        try:
            await self._guarded(inner, receive, sender, headers)
        finally:
            self._note(scope, inner, exchange, sender, time.perf_counter() - began)

    async def _guarded(
        self, scope: Scope, receive: Receive, sender: _Sender, headers: dict[bytes, bytes]
    ) -> None:
        try:
            if scope["method"] == "OPTIONS":
                await self._options(scope, receive, sender, headers)
            else:
                await self._app(scope, receive, sender)
        except ClientGone:
            sender.status = CLIENT_GONE
        except Exception:
            _log.exception("unexpected error")
            if sender.begun:
                raise  # the server closes the connection, so that a part never looks whole
            await problems.unexpected()(scope, receive, sender)

    async def _options(
        self, scope: Scope, receive: Receive, sender: _Sender, headers: dict[bytes, bytes]
    ) -> None:
        allowed = methods_at(self._routes, scope)
        if not allowed:
            await problems.of_status(404)(scope, receive, sender)
            return
        answer = Response(status_code=204, headers={"Allow": ", ".join(allowed)})
        if b"access-control-request-method" in headers:
            reads = [m for m in allowed if is_read(m, scope["path"])]
            answer.headers["Access-Control-Allow-Methods"] = ", ".join(reads)
            answer.headers["Access-Control-Allow-Headers"] = (
                "Accept, Content-Type, If-None-Match, X-Request-Id"
            )
            answer.headers["Access-Control-Max-Age"] = "86400"
        await answer(scope, receive, sender)

    def _note(
        self, scope: Scope, inner: Scope, exchange: Exchange, sender: _Sender, seconds: float
    ) -> None:
        route = getattr(inner.get("route"), "path", None) or "(none)"
        line = Line(
            scope["method"], scope["path"], route, sender.status, exchange.query, sender.size,
            exchange.version,
        )  # fmt: skip
        self._journal.note(line, seconds, exchange.id)
        request: bytes | None = scope.get(WIRE)
        if request is not None and sender.whole is not None:
            headers, body = sender.whole
            head = head_of(sender.status, headers, sender.dressing.common)
            self._repeats.learn(request, Repeat(head, body, line))


def _take_suffix(scope: MutableMapping[str, Any], exchange: Exchange) -> None:
    """Serve ``/queries/x.csv`` as ``/queries/x`` in CSV, for people who type addresses."""
    match = _SUFFIXED.fullmatch(scope["path"])
    if match and match["suffix"] in _SUFFIXES:
        scope["path"] = match["path"]
        exchange.suffix = match["suffix"]


class _Sender:
    """Finishes the head of an answer when its first body piece is there, then passes pieces on.

    Holding the head back until then means that an error before the first byte still becomes a
    proper problem document.
    """

    def __init__(self, send: Send, exchange: Exchange, dressing: Dressing, *, head: bool) -> None:
        self._send = send
        self._exchange = exchange
        self.dressing = dressing
        self._head = head
        self._start: Message | None = None
        self.begun = False
        self.status = 0
        self.size = 0
        self.whole: tuple[Headers, bytes] | None = None  # without the common headers

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            await self._body(message.get("body", b""), more=message.get("more_body", False))
        else:
            await self._send(message)

    async def _body(self, body: bytes, *, more: bool) -> None:
        if self._start is not None:
            start, self._start = self._start, None
            body = await self._begin(start, body, more=more)
        else:
            body = self.dressing.go_on(body, more=more)
        self.size += len(body)
        if self._head:
            body = b""
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _begin(self, start: Message, body: bytes, *, more: bool) -> bytes:
        own: Headers = [(name.lower(), value) for name, value in start["headers"]]
        headers, body = await self.dressing.begin(start["status"], own, body, more=more)
        self.begun = True
        if not (more or self._head):
            self.whole = headers, body
        named = (b"x-request-id", self._exchange.id.encode("latin-1"))
        await self._send({**start, "headers": [*headers, *self.dressing.common, named]})
        return body
