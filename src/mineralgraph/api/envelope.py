"""What every answer carries, whatever route made it: one middleware around the whole app.

Request id, dataset version, CORS, Vary, compression; HEAD as GET without a body; OPTIONS; the
problem document for a fault of ours; one log line and one count for each request.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
import time
import zlib
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mineralgraph.api import exchange as exchanges
from mineralgraph.api import logs, problems
from mineralgraph.api.exchange import Exchange
from mineralgraph.api.journal import Journal, Line
from mineralgraph.api.methods import is_read, methods_at
from mineralgraph.api.negotiation import accepts_gzip
from mineralgraph.api.repeats import Repeats
from mineralgraph.execution.base import Runner
from mineralgraph.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS

MIN_GZIP_BYTES: Final = 1024
_INLINE_GZIP_BYTES: Final = 256 * 1024
_GZIP_LEVEL: Final = 5
_CLIENT_GONE: Final = 499
_COMPRESSIBLE: Final = re.compile(rb"text/|.*(json|xml|trig|n-quads|n-triples)")
_SUFFIXED: Final = re.compile(
    r"(?P<path>/(?:sparql|data|queries(?:/[^/]+)?|entities(?:/[^/]+/[^/]+)?|articles(?:/[^/]+)?"
    r"|claims(?:/[^/]+)?|\.well-known/void))\.(?P<suffix>[a-z]+)"
)
_SUFFIXES: Final = {s for f in (*GRAPH_FORMATS, *RESULT_FORMATS) for s in f.suffixes} | {"html"}
_COMMON: Final = (
    (b"vary", b"Accept, Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_CORS: Final = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Location, Mineralgraph-Dataset-Version, Mineralgraph-Note, "
        b"Mineralgraph-Truncated, Retry-After, X-Request-Id",
    ),
)

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
        sender = _Sender(
            send,
            exchange,
            self._runner,
            head=method == "HEAD",
            zipped=accepts_gzip(headers.get(b"accept-encoding", b"").decode("latin-1")),
            shared=is_read(method, inner["path"]),
        )
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
            sender.status = _CLIENT_GONE
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
        if sender.whole is not None:
            self._repeats.learn(scope, *sender.whole, line)


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

    def __init__(
        self,
        send: Send,
        exchange: Exchange,
        runner: Runner,
        *,
        head: bool,
        zipped: bool,
        shared: bool,
    ) -> None:
        self._send = send
        self._exchange = exchange
        self._runner = runner
        self._head = head
        self._zipped = zipped
        self._shared = shared
        self._start: Message | None = None
        self._zip: Any = None
        self.begun = False
        self.status = 0
        self.size = 0
        self.whole: tuple[list[tuple[bytes, bytes]], bytes] | None = None

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
        elif self._zip is not None:
            body = self._zip.compress(body)
            body += b"" if more else self._zip.flush()
        self.size += len(body)
        if self._head:
            body = b""
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _begin(self, start: Message, body: bytes, *, more: bool) -> bytes:
        headers: list[tuple[bytes, bytes]] = [(n.lower(), v) for n, v in start["headers"]]
        if self._zipped and _worth_zipping(start["status"], headers, body, more=more):
            headers, body = await self._compress(headers, body, more=more)
        if not self._exchange.version:
            self._exchange.version = await _version(self._runner)
        headers += _COMMON
        if self._shared:
            headers += _CORS
        headers.append((b"x-request-id", self._exchange.id.encode("latin-1")))
        headers.append((b"mineralgraph-dataset-version", self._exchange.version.encode()))
        self.begun = True
        if not (more or self._head):
            self.whole = headers, body
        await self._send({**start, "headers": headers})
        return body

    async def _compress(
        self, headers: list[tuple[bytes, bytes]], body: bytes, *, more: bool
    ) -> tuple[list[tuple[bytes, bytes]], bytes]:
        if more:
            self._zip = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
            body = self._zip.compress(body)
        elif len(body) < _INLINE_GZIP_BYTES:
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        else:
            body = await asyncio.to_thread(gzip.compress, body, _GZIP_LEVEL, mtime=0)
        kept = [(n, v) for n, v in headers if n not in (b"content-length", b"etag")]
        # A strong ETag names exact bytes (RFC 9110 section 8.8.3), so the coding is part of it.
        kept += [(n, v[:-1] + b'-gzip"') for n, v in headers if n == b"etag"]
        kept.append((b"content-encoding", b"gzip"))
        if not more:
            kept.append((b"content-length", str(len(body)).encode()))
        return kept, body


def _worth_zipping(
    status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, more: bool
) -> bool:
    if status in (204, 304) or (not more and len(body) < MIN_GZIP_BYTES):
        return False
    named = dict(headers)
    kind = named.get(b"content-type", b"")
    return b"content-encoding" not in named and _COMPRESSIBLE.match(kind) is not None


async def _version(runner: Runner) -> str:
    """Return the dataset version; an answer about a store that is down says ``unknown``."""
    try:
        return await runner.version()
    except Exception:  # noqa: BLE001  (the answer under way says what is wrong, if anything is)
        return "unknown"
