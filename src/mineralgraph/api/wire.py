"""The HTTP server's protocol, with a shortcut for requests that come again byte for byte.

uvicorn's own protocol does all the work; this one looks first whether the bytes that have just
arrived are, whole and alone, a request whose answer is kept (``repeats.py``). Anything else
(a request in two pieces, two in one piece, one behind another that is still being answered)
goes the usual way.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mineralgraph.api.repeats import WIRE, Repeat, Repeats, suitable


def protocol(repeats: Repeats) -> type[HttpToolsProtocol]:
    """Return the protocol class over a collection of answers, for uvicorn's ``http=``."""

    class WithShortcut(ShortcutProtocol):
        kept = repeats

    return WithShortcut


class ShortcutProtocol(HttpToolsProtocol):
    """One connection."""

    kept: Repeats

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

    def data_received(self, data: bytes) -> None:
        """Answer at once, or let the parser have the bytes."""
        if self._between and self._at_rest():
            repeat = self.kept.find(data)
            if repeat is not None:
                self._answer(repeat)
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

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection when nothing came, by whichever way, for the time configured."""
        rest = self._last + self.timeout_keep_alive - self.loop.time()
        if rest > 0:
            self._wait(rest)
        else:
            super().timeout_keep_alive_handler()

    def _at_rest(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not (self.flow.write_paused or self.transport.is_closing())

    def _answer(self, repeat: Repeat) -> None:
        self.server_state.total_requests += 1
        self._last = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait(self.timeout_keep_alive)
        self.transport.write(self.kept.render(repeat, self.server_state.default_headers))

    def _wait(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )
