"""HTTP to a remote engine: one deadline over everything, connections used again, no silent cut.

A deadline of ``socket`` or ``urllib`` runs anew with every piece, so a server that trickles
never meets it. Here a ``Call`` ends the connection itself when its time is over, whoever waits.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mineralgraph.errors import (
    DeadlineExceeded,
    MineralgraphError,
    SettingsError,
    StoreError,
    StoreUnreachable,
)

IDLE_SECONDS = 4.0  # below the keep-alive of every engine tried (Virtuoso's is 10)
IDLE_CONNECTIONS = 8
_TAIL = 512


class Call:
    """Exchanges with the engine, one after another, under one deadline; any thread may end it."""

    def __init__(self, timeout: float) -> None:
        """Start the clock; ``timeout`` is in seconds."""
        self.timeout = timeout
        self.reason: str | None = None
        self._ends = time.monotonic() + timeout
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def remaining(self) -> float:
        """Return the seconds left.

        Raises:
            DeadlineExceeded: when there are none, or the caller has left.
        """
        left = self._ends - time.monotonic()
        if self.reason is None and left > 0:
            return left
        raise self.expired()

    def expired(self) -> DeadlineExceeded:
        """Return the error of a call that was ended."""
        if self.reason == "left":
            return DeadlineExceeded("the query was given up because its caller left")
        return DeadlineExceeded(
            f"the engine had not answered after {self.timeout:g} s", timeout=self.timeout
        )

    def hold(self, sock: socket.socket) -> None:
        """Take a connection, to end it when the call ends."""
        timer = threading.Timer(max(0, self._ends - time.monotonic()), self.end, ("deadline",))
        timer.daemon = True
        with self._lock:
            former, self._timer, self._sock = self._timer, timer, sock
        if former is not None:
            former.cancel()
        timer.start()
        if self.reason is not None:
            self._shut()

    def end(self, reason: str) -> None:
        """End the call now; whoever reads from its connection wakes up."""
        if self.reason is None:
            self.reason = reason
        self._shut()

    def finish(self) -> None:
        """Let the connection go: the exchange is complete, it is somebody else's now."""
        with self._lock:
            timer, self._timer, self._sock = self._timer, None, None
        if timer is not None:
            timer.cancel()

    def _shut(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._sock is not None:
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)

    def failure(self, error: Exception, doing: str) -> MineralgraphError:
        """Return our error for one of the connection's."""
        if self.reason is not None or isinstance(error, TimeoutError):
            return self.expired()
        return StoreError(f"{doing}: {str(error) or type(error).__name__}")


class Reply:
    """An answer as it arrives: readable, and an error where it breaks off."""

    def __init__(
        self, response: http.client.HTTPResponse, connection: http.client.HTTPConnection,
        pool: Pool, call: Call,
    ) -> None:  # fmt: skip
        self._done = False
        self.status = response.status
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in response.getheaders()}
        self.call = call
        self.tail = b""
        self.failure: MineralgraphError | None = None
        self._response = response
        self._connection = connection
        self._pool = pool
        self._left = response.length  # None where the answer has no stated length

    def __del__(self) -> None:
        self.close()  # nobody has read it to its end

    @property
    def framed(self) -> bool:
        """Whether HTTP itself tells a whole body from one cut in the middle."""
        return bool(getattr(self._response, "chunked", False)) or "content-length" in self.headers

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self, size: int = -1) -> bytes:
        """Read a piece; empty at the end of a whole body only.

        Raises:
            DeadlineExceeded: when the time is over.
            StoreError: when the connection breaks off before the body is whole.
        """
        if self._done:
            return b""
        try:
            piece = self._response.read(size) if size >= 0 else self._response.read()
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._fail(self.call.failure(error, "the answer broke off")) from error
        if self._left is not None:
            self._left -= len(piece)
        self.tail = (self.tail + piece)[-_TAIL:]
        if not piece and size:
            self._end()
        return piece

    def _end(self) -> None:
        if self.call.reason is not None:
            raise self._fail(self.call.expired())
        if self._left:
            raise self._fail(StoreError(f"the answer broke off {self._left} bytes before its end"))
        self._done = True
        self.call.finish()
        if self._response.will_close:
            self._connection.close()
        else:
            self._pool.give_back(self._connection)

    def _fail(self, error: MineralgraphError) -> MineralgraphError:
        self.failure = error
        self.close()
        return error

    def text(self, limit: int = 64 * 1024) -> str:
        """Read the rest, at most ``limit`` bytes of it, and close."""
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < limit and (piece := self.read(8192)):
            pieces.append(piece)
        self.close()
        return b"".join(pieces).decode("utf-8", "replace")

    def close(self) -> None:
        """Give the connection up, unless the whole body was read."""
        if not self._done:
            self._done = True
            self.call.finish()
            self._response.close()  # it owns the socket where the engine closes the connection
            self._connection.close()


@dataclass(frozen=True)
class Outgoing:
    """A POST request as it goes out."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class Pool:
    """Connections to one engine, used again while they are fresh."""

    def __init__(self) -> None:
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        self._lock = threading.Lock()

    def send(self, request: Outgoing, call: Call, *, again: bool) -> Reply:
        """Send a request and return once the status line is there.

        Args:
            request: what to send.
            call: its deadline.
            again: whether it may be sent twice (it only reads). A write takes a new connection:
                on a used one nobody could tell whether it arrived.

        Raises:
            DeadlineExceeded: when the time is over.
            StoreUnreachable: when nobody answers.
        """
        if again and (used := self._take(request.url)) is not None:
            try:
                return self._exchange(used, request, call)
            except (OSError, http.client.HTTPException):
                used.close()
            except MineralgraphError:  # its time was over before it was sent
                used.close()
                raise
            call.remaining()
        fresh = connect(request.url, call.remaining())
        try:
            return self._exchange(fresh, request, call)
        except (OSError, http.client.HTTPException) as error:
            fresh.close()
            failure = call.failure(error, f"{_host(request.url)} does not answer")
            raise (
                failure
                if isinstance(failure, DeadlineExceeded)
                else StoreUnreachable(failure.detail)
            ) from error

    def _exchange(
        self, connection: http.client.HTTPConnection, request: Outgoing, call: Call
    ) -> Reply:
        left = call.remaining()
        if connection.sock is None:
            connection.connect()
        sock: socket.socket = connection.sock  # http.client sets TCP_NODELAY itself
        sock.settimeout(left)
        call.hold(sock)
        parts = urlsplit(request.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, request.body, dict(request.headers))
        return Reply(connection.getresponse(), connection, self, call)

    def _take(self, url: str) -> http.client.HTTPConnection | None:
        parts = urlsplit(url)
        address = (parts.hostname, parts.port or _default_port(parts.scheme))
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                fresh = time.monotonic() - since < IDLE_SECONDS
                if fresh and (connection.host, connection.port) == address:
                    return connection
                connection.close()
        return None

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        """Keep a connection whose answer was read whole."""
        with self._lock:
            if len(self._idle) < IDLE_CONNECTIONS:
                self._idle.append((time.monotonic(), connection))
                return
        connection.close()

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            while self._idle:
                self._idle.pop()[1].close()


def connect(url: str, timeout: float) -> http.client.HTTPConnection:
    """Return a connection to the host of a URL, not yet opened."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=timeout, context=context
        )
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)


def checked_url(url: str) -> str:
    """Return the URL of a service, as it may be called.

    Raises:
        SettingsError: when it is no HTTP address, or carries a password.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"{url} is not the http(s) address of a SPARQL service")
    if "@" in parts.netloc:
        raise SettingsError(
            "the address of the store carries a user name",
            hint="Use MINERALGRAPH_STORE_USER and MINERALGRAPH_STORE_PASSWORD.",
        )
    return url


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _host(url: str) -> str:
    return urlsplit(url).netloc
