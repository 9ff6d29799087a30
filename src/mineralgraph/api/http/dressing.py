"""What every answer carries besides its own: common headers, CORS, dataset version, compression."""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib
from typing import Any, Final

from mineralgraph.api.http.exchange import Exchange
from mineralgraph.api.http.finished import Headers
from mineralgraph.execution.base import Runner

MIN_GZIP_BYTES: Final = 1024
_INLINE_GZIP_BYTES: Final = 256 * 1024
_GZIP_LEVEL: Final = 5
_COMPRESSIBLE: Final = re.compile(rb"text/|.*(json|xml|trig|n-quads|n-triples)")
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
        b"Mineralgraph-Truncated, Mineralgraph-Total, Retry-After, X-Request-Id",
    ),
)


class Dressing:
    """Dresses one answer: ``begin`` with its head and first piece, then every further piece.

    Attributes:
        common: the headers that all answers of a kind have; ``begin`` leaves them out.
    """

    __slots__ = ("_exchange", "_runner", "_zip", "_zipped", "common")

    def __init__(self, exchange: Exchange, runner: Runner, *, zipped: bool, shared: bool) -> None:
        """Prepare.

        Args:
            exchange: the request; it learns the dataset version if nobody has told it.
            runner: tells that version.
            zipped: whether the client takes gzip.
            shared: whether pages of other origins may read the answer.
        """
        self._exchange = exchange
        self._runner = runner
        self._zipped = zipped
        self.common = _COMMON + _CORS if shared else _COMMON
        self._zip: Any = None

    async def begin(
        self, status: int, headers: Headers, body: bytes, *, more: bool
    ) -> tuple[Headers, bytes]:
        """Return the head, but for ``common`` and the request's id, and the first piece.

        Args:
            status: the HTTP status.
            headers: the answer's own; names in lower case.
            body: the first piece.
            more: whether it is not the last one.
        """
        if self._zipped and _worth_zipping(status, headers, body, more=more):
            headers, body = await self._compress(headers, body, more=more)
        if not self._exchange.version:
            self._exchange.version = await _version(self._runner)
        headers.append((b"mineralgraph-dataset-version", self._exchange.version.encode()))
        return headers, body

    def go_on(self, body: bytes, *, more: bool) -> bytes:
        """Return a further piece as it goes out."""
        if self._zip is None:
            return body
        body = self._zip.compress(body)
        return body if more else body + self._zip.flush()

    async def _compress(
        self, headers: Headers, body: bytes, *, more: bool
    ) -> tuple[Headers, bytes]:
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


def _worth_zipping(status: int, headers: Headers, body: bytes, *, more: bool) -> bool:
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
