"""The service's end of the connection to a query process: frames as they come, none twice.

A plain socket and callbacks. asyncio's streams cost a task switch and several copies for every
frame, more than a small query takes. What nobody waits for yet is kept, up to ``AHEAD`` bytes;
then the socket is left alone, and the process waits in its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Iterator
from mmap import mmap
from typing import Final, Protocol

from mineralgraph.execution import frames
from mineralgraph.execution.base import COMPLETE_BYTES

AHEAD: Final = 512 * 1024

Frame = tuple[bytes, bytes]


class Listener(Protocol):
    """Who hears what comes over a link."""

    def on_frame(self, kind: bytes, payload: bytes) -> None:
        """Take a frame."""

    def on_lost(self) -> None:
        """Hear that no more will come."""


class Link:
    """One connection; used from one event loop.

    Attributes:
        listener: gets every frame as it comes; without one they wait for ``next``.
        closed: whether the connection has ended.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock, self._theirs = socket.socketpair()
        self._descriptor = os.memfd_create("answer")
        os.ftruncate(self._descriptor, COMPLETE_BYTES)
        self._area = mmap(self._descriptor, COMPLETE_BYTES)
        self._space = memoryview(bytearray(frames.PIECE + frames.HEAD.size))
        self._begun = bytearray()  # a frame that has not wholly come
        self._frames: deque[Frame] = deque()
        self._waiting = 0  # bytes in ``_frames``
        self._reading = False
        self._unsent = memoryview(b"")
        self.closed = False
        self.listener: Listener | None = None
        self._waiter: asyncio.Future[Frame] | None = None

    @contextlib.contextmanager
    def handing_over(self) -> Iterator[tuple[int, int]]:
        """Give away the other side's ends: a socket and the area; then begin to read."""
        try:
            yield self._theirs.fileno(), self._descriptor
        except BaseException:
            self.close()
            raise
        finally:
            self._theirs.close()
            os.close(self._descriptor)
        self._sock.setblocking(False)
        self._read_on()

    def held(self, payload: bytes) -> bytes:
        """Return what a ``HELD`` frame says lies in the area."""
        return self._area[: int.from_bytes(payload, "big")]

    def send(self, frame: bytes) -> None:
        """Send a frame, now or as soon as the other side has room; a failure ends the link."""
        try:
            sent = self._sock.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._end()
            return
        if sent < len(frame):
            self._unsent = memoryview(frame)[sent:]
            self._loop.add_writer(self._sock, self._send_on)

    def _send_on(self) -> None:
        try:
            sent = self._sock.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            self._end()
            return
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._loop.remove_writer(self._sock)

    async def next(self) -> Frame:
        """Return the next frame.

        Raises:
            ConnectionError: when the other side has closed.
        """
        if self._frames:
            frame = self._frames.popleft()
            self._waiting -= len(frame[1])
            if not (self._reading or self.closed) and self._waiting < AHEAD:
                self._read_on()
            return frame
        if self.closed:
            raise ConnectionResetError("the query process has ended")
        self._waiter = self._loop.create_future()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Close the connection; whoever waits is told."""
        if not self.closed:
            self._end()
        self._sock.close()
        self._area.close()

    def _read_on(self) -> None:
        self._reading = True
        self._loop.add_reader(self._sock, self._readable)

    def _pause(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._sock)

    def _readable(self) -> None:
        try:
            size = self._sock.recv_into(self._space)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            self._end()
            return
        if not self._begun:
            kind, length = frames.HEAD.unpack_from(self._space)
            if size == frames.HEAD.size + length:  # most answers are one frame, whole
                self._arrived((kind, bytes(self._space[frames.HEAD.size : size])))
                return
        self._begun += self._space[:size]
        self._take_apart()

    def _take_apart(self) -> None:
        start = 0
        while len(self._begun) - start >= frames.HEAD.size:
            kind, length = frames.HEAD.unpack_from(self._begun, start)
            end = start + frames.HEAD.size + length
            if end > len(self._begun):
                break
            self._arrived((kind, bytes(self._begun[start + frames.HEAD.size : end])))
            start = end
        del self._begun[:start]

    def _arrived(self, frame: Frame) -> None:
        if self.listener is not None:
            self.listener.on_frame(*frame)
            return
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(frame)
            return
        self._frames.append(frame)
        self._waiting += len(frame[1])
        if self._waiting >= AHEAD:
            self._pause()

    def _end(self) -> None:
        self._pause()
        if self._unsent:
            self._loop.remove_writer(self._sock)
        self.closed = True
        if self.listener is not None:
            listener, self.listener = self.listener, None
            listener.on_lost()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError("the query process has ended"))
