"""The SPARQL endpoint straight at the connection, for plain requests (``plain.py``).

Between a socket and the endpoint a framework puts a dozen layers, which take several times as
long as a small query. What they do for other routes, the same functions do here: the endpoint
itself, problem documents, ``Dressing``, the journal, and the memory for repeated requests.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Final, Protocol

from mineralgraph.api.endpoint.asked import Incoming
from mineralgraph.api.endpoint.plain import Plain
from mineralgraph.api.endpoint.sparql import MAX_QUERY_BYTES, PATH, SparqlEndpoint
from mineralgraph.api.http import exchange as exchanges
from mineralgraph.api.http import logs, problems
from mineralgraph.api.http.body import too_large
from mineralgraph.api.http.dressing import Dressing
from mineralgraph.api.http.envelope import CLIENT_GONE
from mineralgraph.api.http.exchange import Exchange
from mineralgraph.api.http.finished import Finished, Headers
from mineralgraph.api.http.journal import Journal, Line
from mineralgraph.api.http.negotiation import accepts_gzip
from mineralgraph.api.http.repeats import Repeat, Repeats, head_of, opening
from mineralgraph.errors import MineralgraphError
from mineralgraph.execution.base import Runner

_log = logging.getLogger("mineralgraph.api.requests")
_CHUNKED: Final = (b"transfer-encoding", b"chunked")


class Connection(Protocol):
    """What the front needs of a connection."""

    scheme: str

    @property
    def further(self) -> Headers:
        """Headers that the server adds, such as Date."""

    def send(self, *pieces: bytes) -> None:
        """Send pieces, or keep them until they can go out."""

    async def drain(self) -> None:
        """Wait until the client has taken enough of what was sent."""

    def abort(self) -> None:
        """Close the connection, so that a part of an answer never looks whole."""


class Front:
    """Serves plain requests."""

    def __init__(
        self, endpoint: SparqlEndpoint, runner: Runner, journal: Journal, repeats: Repeats
    ) -> None:
        self._endpoint = endpoint
        self._runner = runner
        self._journal = journal
        self.repeats = repeats

    async def serve(self, plain: Plain, data: bytes, connection: Connection) -> None:
        """Answer one request; cancelling means that the client has left.

        Args:
            plain: the request.
            data: its bytes.
            connection: where the answer goes.
        """
        work = _Work(self._runner, plain, connection)
        logs.request_id.set(work.exchange.id)
        try:
            finished = await self._finished(plain, connection.scheme, work.exchange)
            head, body = await work.send(finished)
            # What was never asked before is seldom asked again, and keeping it would cost as
            # much as finding the answer the second time does.
            if work.exchange.known and plain.learnable and work.line is not None:
                self.repeats.learn(data, Repeat(head, body, work.line))
        except asyncio.CancelledError:
            work.status = CLIENT_GONE
            raise
        except Exception:  # noqa: BLE001  (a part was sent, or nothing can be)
            _log.exception("unexpected error")
            connection.abort()
        finally:
            self._journal.note(
                work.line or work.made_line(), time.perf_counter() - work.began, work.exchange.id
            )

    async def _finished(self, plain: Plain, scheme: str, exchange: Exchange) -> Finished:
        """Return the answer, or the problem in its place; of a stream, the beginning is there."""
        headers = plain.headers
        incoming = Incoming(
            plain.method, plain.query_string, headers.get(b"content-type"), headers.get(b"accept"),
            headers.get(b"host", "localhost"), scheme, None, plain.body,
        )  # fmt: skip
        try:
            if len(plain.body) > MAX_QUERY_BYTES:
                raise too_large(MAX_QUERY_BYTES)
            finished = await self._endpoint.answer(
                incoming, exchange, headers.get(b"if-none-match")
            )
            if not isinstance(finished.body, bytes):
                first = await anext(finished.body, b"")
                finished.body = _with_first(first, finished.body)
        except MineralgraphError as error:
            return Finished.of(problems.of_error(error))
        except Exception:  # noqa: BLE001  (as in the envelope: the log says what it was)
            _log.exception("unexpected error")
            return Finished.of(problems.unexpected())
        return finished


class _Work:
    """One answer on its way out."""

    __slots__ = (
        "_connection", "_dressing", "_method", "_size", "began", "exchange", "line", "status",
    )  # fmt: skip

    def __init__(self, runner: Runner, plain: Plain, connection: Connection) -> None:
        self.began = time.perf_counter()
        headers = plain.headers
        self.exchange = exchanges.start(headers.get(b"x-request-id"))
        self.status = 0
        self.line: Line | None = None
        self._size = 0
        self._method = plain.method
        self._connection = connection
        self._dressing = Dressing(
            self.exchange,
            runner,
            zipped=b"accept-encoding" in headers and accepts_gzip(headers[b"accept-encoding"]),
            shared=True,
        )

    async def send(self, finished: Finished) -> tuple[bytes, bytes]:
        """Send an answer; returns its head (``head_of``) and body, both empty for a stream.

        ``line`` is there as soon as a whole answer has been sent.
        """
        self.status = finished.status
        body = finished.body
        if not isinstance(body, bytes):
            await self._send_stream(finished, body)
            return b"", b""
        if finished.status != 304:
            finished.headers.append((b"content-length", b"%d" % len(body)))
        headers, body = await self._dressing.begin(
            finished.status, finished.headers, body, more=False
        )
        self._size = len(body)
        self.line = self.made_line()
        head = head_of(finished.status, headers, self._dressing.common)
        self._connection.send(opening(head, self.exchange.id, self._connection.further), body)
        return head, body

    async def _send_stream(self, finished: Finished, body: AsyncIterator[bytes]) -> None:
        piece = await anext(body)
        headers, piece = await self._dressing.begin(
            finished.status, finished.headers, piece, more=True
        )
        head = head_of(finished.status, [*headers, _CHUNKED], self._dressing.common)
        self._connection.send(opening(head, self.exchange.id, self._connection.further))
        self._send_chunk(piece)
        async for piece in body:
            await self._connection.drain()
            self._send_chunk(self._dressing.go_on(piece, more=True))
        self._send_chunk(self._dressing.go_on(b"", more=False))
        self._connection.send(b"0\r\n\r\n")

    def _send_chunk(self, piece: bytes) -> None:
        if piece:  # an empty one would end the answer
            self._size += len(piece)
            self._connection.send(b"%x\r\n" % len(piece), piece, b"\r\n")

    def made_line(self) -> Line:
        """Return what the journal notes."""
        return Line(
            self._method, PATH, PATH, self.status, self.exchange.query, self._size,
            self.exchange.version,
        )  # fmt: skip


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
