"""The HTTP server's protocol, with two shortcuts between the socket and the answer.

uvicorn's own protocol does all the work for most routes. This one looks first at the bytes that
have just arrived: are they, whole and alone, a request whose answer is kept (``repeats.py``), or
a plain request to the SPARQL endpoint (``plain.py``)? Anything else (a request in two pieces,
two in one piece) goes the usual way.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mineralgraph.api.endpoint.front import Front
from mineralgraph.api.endpoint.plain import Plain, recognise
from mineralgraph.api.http.finished import Headers
from mineralgraph.api.http.repeats import WIRE, Repeat, suitable

JOINED_BYTES: Final = 64 * 1024
"""Up to this size pieces are sent as one; copying more costs more than a further call."""


def protocol(shared: Front) -> type[HttpToolsProtocol]:
    """Return the protocol class over a front, for uvicorn's ``http=``."""

    class WithShortcuts(ShortcutProtocol):
        front = shared

    return WithShortcuts


class ShortcutProtocol(HttpToolsProtocol):
    """One connection (``front.Connection``)."""

    front: Front
    scheme: Any

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._between = True  # the last request has been read to its end
        self._begun_by: bytes | None = None  # the piece that began a request, if it began in one
        self._last = 0.0
        self._worker: asyncio.Task[None] | None = None  # works for the front
        self._asked: tuple[Plain, bytes] | None = None  # what it works at
        self._turn: asyncio.Future[None]
        self._behind: list[bytes] = []  # what came meanwhile
        self._ending = False

    @property
    def further(self) -> Headers:
        """Headers that the server adds, such as Date."""
        return self.server_state.default_headers

    def data_received(self, data: bytes) -> None:
        """Answer at once, hand over to the front, or let the parser have the bytes."""
        if self._asked is not None:
            self._behind.append(data)
            self.flow.pause_reading()
            return
        if self._between and self._at_rest():
            repeat = self.front.repeats.find(data)
            if repeat is not None:
                self._repeat(repeat)
                return
            plain = recognise(data) if self.limit_concurrency is None else None
            if plain is not None:
                self._begin(plain, data)
                return
        self._begun_by = data if self._between else None
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Remember a request's bytes with it, when they may be learned."""
        super().on_message_begin()
        self._between = False
        begun_by, self._begun_by = self._begun_by, None
        if begun_by is not None and suitable(begun_by):
            self.scope[WIRE] = begun_by  # type: ignore[typeddict-unknown-key]

    def on_message_complete(self) -> None:
        """See the base class."""
        self._between = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop what is at work for a client that has left."""
        if self._worker is not None:
            self._worker.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close, after the answer that is under way."""
        if self._asked is None:
            super().shutdown()
        else:
            self._ending = True

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection when nothing came, by whichever way, for the time configured."""
        rest = self._last + self.timeout_keep_alive - self.loop.time()
        if self._asked is not None:
            rest = self.timeout_keep_alive
        if rest > 0:
            self._wait(rest)
        else:
            super().timeout_keep_alive_handler()

    def send(self, *pieces: bytes) -> None:
        """See ``front.Connection``."""
        if sum(map(len, pieces)) <= JOINED_BYTES:
            self.transport.write(b"".join(pieces))
        else:
            self.transport.writelines(pieces)

    async def drain(self) -> None:
        """See ``front.Connection``."""
        await self.flow.drain()

    def abort(self) -> None:
        """See ``front.Connection``."""
        self.transport.close()

    def _at_rest(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not (self.flow.write_paused or self.transport.is_closing())

    def _repeat(self, repeat: Repeat) -> None:
        self.transport.write(self.front.repeats.render(repeat, self.further))
        self._answered()

    def _begin(self, plain: Plain, data: bytes) -> None:
        self._asked = (plain, data)
        if self._worker is None:
            self._worker = self.loop.create_task(self._work())
            self._worker.add_done_callback(self.tasks.discard)
        else:
            self._turn.set_result(None)
        self.tasks.add(self._worker)

    async def _work(self) -> None:
        """Answer one plain request after another: a task of its own for each would cost more."""
        while True:
            assert self._asked is not None  # noqa: S101  (its turn comes with a request)
            await self.front.serve(*self._asked, self)
            self._turn = self.loop.create_future()
            self._finish()
            if self._asked is None:
                await self._turn

    def _finish(self) -> None:
        """Go on with what came meanwhile."""
        self._asked = None
        self.tasks.discard(self._worker)
        if self.transport.is_closing():
            return
        if self._ending:
            self.transport.close()
            return
        self._answered()
        if self._behind:
            behind = b"".join(self._behind)
            self._behind.clear()
            self.flow.resume_reading()
            self.data_received(behind)

    def _answered(self) -> None:
        self.server_state.total_requests += 1
        self._last = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait(self.timeout_keep_alive)

    def _wait(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )
