"""A query process: answers one query after another until it is killed.

It is forked from the template (``template.py``), so it starts in milliseconds and shares the
memory of an in-memory store. Whatever a query does here, killing the process ends it.
"""

from __future__ import annotations

import json
import os
import resource
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from mineralgraph.errors import MineralgraphError
from mineralgraph.execution import frames
from mineralgraph.execution.serialise import respond
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import engine_error


class FrameSink:
    """Collects what an engine writes and sends it on in pieces of one frame."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()

    def write(self, piece: bytes) -> int:
        """Take one piece of the serialisation."""
        self._buffer += piece
        if len(self._buffer) >= frames.PIECE:
            self.flush()
        return len(piece)

    def flush(self, then: bytes = b"") -> None:
        """Send what is waiting, and ``then`` after it: one message where both are short."""
        waiting = frames.pack(frames.DATA, bytes(self._buffer)) if self._buffer else b""
        self._sock.sendall(waiting + then)
        self._buffer.clear()


Answer = Callable[[socket.socket, Store, bytes], None]
"""Does what a frame asks: on this connection, of this store, with this payload."""


def serve(
    sock: socket.socket, store: Store, memory: int, answers: Mapping[bytes, Answer] | None = None
) -> None:
    """Answer queries from a socket until it closes.

    Args:
        sock: the connection to the service.
        store: what to query.
        memory: how many bytes the process may allocate beyond what it has now.
        answers: kind of frame → what answers it, besides queries.
    """
    limit_memory(memory)
    known = {frames.COMMAND: answer, **(answers or {})}
    while (frame := frames.receive(sock)) is not None:
        known[frame[0]](sock, store, frame[1])


def answer(sock: socket.socket, store: Store, payload: bytes) -> None:
    """Run one query and send its answer, or the error in its place."""
    sink = FrameSink(sock)
    try:
        request = frames.decode_request(payload)
        respond(store, request, sink)
        sink.flush(then=frames.pack(frames.END))
    except MineralgraphError as error:
        send_error(sock, error)
    except (BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except (OSError, RuntimeError, SyntaxError, ValueError, MemoryError) as error:
        send_error(sock, engine_error(error))


def send_error(sock: socket.socket, error: MineralgraphError) -> None:
    """Send an error by the name of its class, to be raised again on the other side."""
    fields = {"class": type(error).__name__, "detail": error.detail, "hint": error.hint}
    payload = json.dumps(fields | {"extra": dict(error.extra)}).encode()
    sock.sendall(frames.pack(frames.ERROR, payload))


def limit_memory(extra: int) -> None:
    """Bound the address space, so that a query that outgrows it ends this process alone."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
