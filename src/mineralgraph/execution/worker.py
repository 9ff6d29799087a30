"""A query process: answers one query after another until it is killed.

It is forked from the template (``template.py``), so it starts in milliseconds and shares the
memory of an in-memory store. Whatever a query does here, killing the process ends it.
"""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Mapping
from mmap import mmap
from pathlib import Path
from typing import Final

from mineralgraph.errors import MineralgraphError
from mineralgraph.execution import frames
from mineralgraph.execution.serialise import respond
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import engine_error

AT_ONCE: Final = 64 * 1024
"""Up to this size an answer goes through the socket in one piece."""


class Connection:
    """A query process's end of the connection to the service.

    Attributes:
        area: memory that both sides see, where an answer is put together; the service reads it
            between ``HELD`` and the next command.
    """

    def __init__(self, sock: socket.socket, area: mmap) -> None:
        self.sock = sock
        self.area = area

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        """Send one frame; returns when the system has taken all of it."""
        self.sock.sendall(frames.pack(kind, payload))


class AnswerSink:
    """Takes what an engine writes: into the area while it fits, from then on as a stream."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._area = connection.area
        self._used = 0
        self._overflow: bytearray | None = None

    def write(self, piece: bytes) -> int:
        """Take one piece of the serialisation."""
        end = self._used + len(piece)
        if self._overflow is None and end <= len(self._area):
            self._area[self._used : end] = piece
            self._used = end
        else:
            self._stream(piece)
        return len(piece)

    def _stream(self, piece: bytes) -> None:
        if self._overflow is None:
            self._overflow = bytearray()
            self._hand_over()
        self._overflow += piece
        if len(self._overflow) >= frames.PIECE:
            self._connection.send(frames.DATA, bytes(self._overflow))
            self._overflow.clear()

    def _hand_over(self) -> None:
        self._connection.send(frames.HELD, self._used.to_bytes(4, "big"))

    def flush(self) -> None:
        """Do nothing: ``finish`` sends what is left, when the answer is known to be whole."""

    def finish(self) -> None:
        """Say that the answer is whole."""
        if self._overflow is None and self._used <= AT_ONCE:
            self._connection.send(frames.WHOLE, self._area[: self._used])
            return
        if self._overflow is None:
            self._hand_over()
        elif self._overflow:
            self._connection.send(frames.DATA, bytes(self._overflow))
        self._connection.send(frames.END)


Answer = Callable[[Connection, Store, bytes], None]
"""Does what a frame asks: on this connection, of this store, with this payload."""


def serve(
    connection: Connection, store: Store, memory: int, answers: Mapping[bytes, Answer] | None = None
) -> None:
    """Answer queries from a connection until it closes.

    Args:
        connection: the connection to the service.
        store: what to query.
        memory: how many bytes the process may allocate beyond what it has now.
        answers: kind of frame → what answers it, besides queries.
    """
    limit_memory(memory)
    known = {frames.COMMAND: answer, **(answers or {})}
    while (frame := frames.receive(connection.sock)) is not None:
        known[frame[0]](connection, store, frame[1])


def answer(connection: Connection, store: Store, payload: bytes) -> None:
    """Run one query and send its answer, or the error in its place."""
    sink = AnswerSink(connection)
    try:
        respond(store, frames.decode_request(payload), sink)
        sink.finish()
    except MineralgraphError as error:
        send_error(connection, error)
    except (BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except (OSError, RuntimeError, SyntaxError, ValueError, MemoryError) as error:
        send_error(connection, engine_error(error))


def send_error(connection: Connection, error: MineralgraphError) -> None:
    """Send an error in the place of an answer."""
    connection.send(frames.ERROR, frames.encode_error(error))


def limit_memory(extra: int) -> None:
    """Bound the address space, so that a query that outgrows it ends this process alone."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
