"""From a handler's bytes to a response: validators, caching headers, 304, and who has left."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive

from mineralgraph.api.http import exchange as exchanges
from mineralgraph.api.http.cache import Kept
from mineralgraph.api.http.envelope import ClientGone
from mineralgraph.api.http.finished import Finished
from mineralgraph.api.service import Service
from mineralgraph.errors import StoreError
from mineralgraph.execution.base import Served

T = TypeVar("T")

WATCH_AFTER: Final = 0.05
"""Seconds of work after which a client's leaving is looked out for."""

CACHE_CONTROL: Final = "public, no-cache"
"""Anyone may keep an answer, and asks with If-None-Match before using it again."""


@dataclass(frozen=True)
class Made:
    """What a handler made: the body, or a stream of it, and the version it was made on."""

    body: bytes | AsyncIterator[bytes]
    version: str
    headers: Mapping[str, str] = field(default_factory=dict)


Maker = Callable[[], Coroutine[Any, Any, Made]]
"""Makes an answer on the present dataset version."""

Key = tuple[str, bytes, str, *tuple[str, ...]]
"""What an answer is known by: path, query string, Content-Type, and what else it depends on."""


async def respond(
    service: Service,
    request: Request,
    content_type: str,
    make: Maker,
    *extra: str,
) -> Response:
    """Answer a read: 304 where the client has it, from the cache, or made now.

    Args:
        service: the parts of the service.
        request: the request; its whole path and query string go into the ETag.
        content_type: the negotiated Content-Type.
        make: makes the body; stopped when the client leaves. It must be good for later
            versions, too.
        extra: what else the answer depends on, such as the host where it is named.
    """
    version = await service.runner.version()
    key = (request.url.path, request.scope.get("query_string", b""), content_type, *extra)
    tag = etag(version, *map(str, key))
    exchanges.of(request.scope).version = version
    lasting = service.runner.cacheable
    asked = request.headers.get("if-none-match") if lasting else None
    matched = matching(asked, tag) if asked else None
    if matched:
        headers = {"ETag": matched, "Cache-Control": CACHE_CONTROL}
        return Response(status_code=304, headers=headers)
    kept = service.cache.find(version, key)
    if kept is not None:
        return Finished(200, list(kept.headers), kept.body).as_response()
    began = time.perf_counter()
    made = await while_connected(request.receive, make())
    taken = time.perf_counter() - began
    exchanges.of(request.scope).version = made.version
    headers = await _kept(service, key, made, version)
    if isinstance(made.body, bytes):
        service.ready.note(service.runner, key, partial(remake, service, key, make), taken)
        return Response(made.body, headers=headers)
    return StreamingResponse(made.body, headers=headers)


async def _kept(service: Service, key: Key, made: Made, version: str) -> dict[str, str]:
    """Return the headers of an answer, having kept it if it lasts as long as a version."""
    lasting = service.runner.cacheable
    control = CACHE_CONTROL if lasting else "no-store"
    headers = {"Content-Type": key[2], "Cache-Control": control, **made.headers}
    if lasting and await service.runner.version() == made.version == version:
        # Several queries may stand behind one answer; only if no write came between is the
        # tag true of all of it.
        headers["ETag"] = etag(version, *map(str, key))
        if isinstance(made.body, bytes):
            raw = tuple((n.lower().encode(), v.encode("latin-1")) for n, v in headers.items())
            service.cache.keep(version, key, Kept(raw, made.body))
    return headers


async def remake(service: Service, key: Key, make: Maker, version: str) -> bool:
    """Make an answer that nobody waits for, unless it is kept already (``ready.Again``)."""
    if service.cache.holds(version, key):
        return False
    return "ETag" in await _kept(service, key, await make(), version)


async def whole(served: Served, limit: int = 256 * 1024 * 1024) -> bytes:
    """Return the whole body of an answer that must be read before it is passed on.

    Raises:
        StoreError: when it is larger than ``limit``.
    """
    if served.body is not None:
        return served.body
    pieces, size = [], 0
    async for piece in served.stream or _nothing():
        size += len(piece)
        if size > limit:
            raise StoreError("the answer is too large", hint="Ask for less at a time.")
        pieces.append(piece)
    return b"".join(pieces)


def body_of(served: Served) -> bytes | AsyncIterator[bytes]:
    """Return the body of an answer, or its stream where it is too large to be held."""
    return served.body if served.body is not None else (served.stream or _nothing())


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""  # makes this an asynchronous generator


async def while_connected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Do the work unless the client leaves first; then the work is cancelled.

    The request's body must have been read.

    Raises:
        ClientGone: when the client left.
    """
    watch = _Watch(receive)
    timer = asyncio.get_running_loop().call_later(WATCH_AFTER, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.gone and watch.asker.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        timer.cancel()
        watch.end()


class _Watch:
    """Cancels the task that made it when its client leaves."""

    def __init__(self, receive: Receive) -> None:
        asker = asyncio.current_task()
        assert asker is not None  # noqa: S101  (only a task can await)
        self.asker = asker
        self.gone = False
        self._receive = receive
        self._watching: asyncio.Future[None] | None = None

    def begin(self) -> None:
        """Watch from now on; most work is done before, and a watch costs as much as a query."""
        self._watching = asyncio.ensure_future(self._watch())

    def end(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self.asker.cancel()


def etag(version: str, *parts: str) -> str:
    """Return a strong ETag over the dataset version, our own code, and what was asked."""
    return etag_of("\x1f".join((version, code_version(), *parts)).encode())


def etag_of(everything: bytes) -> str:
    """Return a strong ETag over all that an answer depends on, dataset version and code too."""
    return f'"{hashlib.blake2b(everything, digest_size=12).hexdigest()}"'


def package() -> str:
    """Return the version of this package."""
    return package_version("mineralgraph")


@cache
def code_version() -> str:
    """Return what changes when we would write other bytes from the same data."""
    hasher = hashlib.sha256(package().encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".html", ".rq", ".css", ".js", ".toml"):
            hasher.update(path.read_bytes())
    return hasher.hexdigest()[:12]


def matching(header: str, tag: str) -> str | None:
    """Return the entity tag of an If-None-Match header that names this answer, or None.

    The tag of the compressed answer differs (see ``envelope``) and matches too: it comes back
    as the client gave it.
    """
    zipped = tag[:-1] + '-gzip"'
    for part in header.split(","):
        candidate = part.strip().removeprefix("W/")
        if candidate in (tag, zipped):
            return candidate
        if candidate == "*":
            return tag
    return None


Handler = Callable[[Request], Awaitable[Response]]
