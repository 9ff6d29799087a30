"""One query on its way through the lanes of the pool."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from mineralgraph import errors
from mineralgraph.errors import DeadlineExceeded, MineralgraphError, StoreError
from mineralgraph.execution import frames
from mineralgraph.execution.base import COMPLETE_BYTES, Request, Served
from mineralgraph.execution.process import Process

if TYPE_CHECKING:
    from mineralgraph.execution.pool import ProcessPool

FAST_SECONDS = 0.5
"""How long a query may stay in the fast lane while nobody waits for it."""

GLANCE_SECONDS = 0.03
"""How long in any case, and how often to look who waits."""


class Ticket:
    """One query on its way through the lanes."""

    def __init__(self, pool: ProcessPool, request: Request) -> None:
        self._pool = pool
        self._request = request
        self._deadline = time.monotonic() + request.timeout
        self._process: Process | None = None
        self._lane: asyncio.Semaphore | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._slowing: asyncio.Future[None] | None = None
        self._glance: asyncio.TimerHandle | None = None

    async def run(self) -> Served:
        """Run the query; past ``COMPLETE_BYTES`` hand over a stream."""
        try:
            async with asyncio.timeout_at(self._loop_deadline()):
                await self._begin()
                self._process = await self._pool.take()
                return await self._answer(self._process)
        except TimeoutError as error:
            await self._abandon("deadline")
            raise DeadlineExceeded(
                f"the query was stopped after {self._request.timeout:g} s",
                timeout=self._request.timeout,
            ) from error
        except asyncio.CancelledError:
            await asyncio.shield(self._abandon("left"))
            raise
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await self._died() from error

    def command(self) -> bytes:
        """Return the frame that asks for the work."""
        return frames.pack(frames.COMMAND, frames.encode_request(self._request))

    def _loop_deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._deadline - time.monotonic()

    async def _begin(self) -> None:
        self._pool.counts.waiting += 1
        try:
            await self._enter(self._pool.fast)
        finally:
            self._pool.counts.waiting -= 1

    async def _enter(self, lane: asyncio.Semaphore) -> None:
        await lane.acquire()
        self._lane = lane

    def _leave(self) -> None:
        if self._lane is not None:
            self._lane.release()
            self._lane = None

    async def _answer(self, process: Process) -> Served:
        process.writer.write(self.command())
        self._look_later(process, time.monotonic())
        try:
            complete = await self._collect(process)
            if self._slowing is not None and not complete:
                await self._slowing  # a stream needs its place; a whole answer is just given
        finally:
            if self._glance is not None:
                self._glance.cancel()
            if self._slowing is not None:
                self._slowing.cancel()
        if not complete:
            return Served(None, process.version, self._stream(process))
        self._finish(process)
        return Served(b"".join(self._pieces), process.version)

    def _look_later(self, process: Process, began: float) -> None:
        loop = asyncio.get_running_loop()
        self._glance = loop.call_later(GLANCE_SECONDS, self._slow_down, process, began)

    def _slow_down(self, process: Process, began: float) -> None:
        """Leave the fast lane when its share of it is over: the more wait, the smaller it is.

        So sixty heavy queries before a small one cost it a second, and not a quarter of a minute.
        """
        share = FAST_SECONDS / (1 + self._pool.counts.waiting)
        if time.monotonic() - began < share:
            self._look_later(process, began)
        else:
            self._slowing = asyncio.ensure_future(self._become_heavy(process))

    async def _become_heavy(self, process: Process) -> None:
        """Leave the fast lane; halt the process while the heavy lane is full."""
        self._leave()
        if self._pool.heavy.locked():
            process.send_signal(signal.SIGSTOP)
            self._pool.counts.halted += 1
            try:
                await self._enter(self._pool.heavy)
            finally:  # also when the whole answer was just on its way, which cancels this
                self._pool.counts.halted -= 1
                process.send_signal(signal.SIGCONT)
        else:
            await self._enter(self._pool.heavy)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)

    async def _collect(self, process: Process) -> bool:
        """Read the answer; False when it is larger than what is held complete."""
        while True:
            kind, payload = await frames.read(process.reader)
            if kind == frames.END:
                return True
            if kind == frames.ERROR:
                self._finish(process)
                raise _error(payload)
            self._pieces.append(payload)
            self._size += len(payload)
            if self._size > COMPLETE_BYTES:
                return False

    async def _stream(self, process: Process) -> AsyncIterator[bytes]:
        """Yield what was collected and then the rest as it comes; raise where it breaks off."""
        finished = False
        try:
            async with asyncio.timeout_at(self._loop_deadline()):
                for piece in self._pieces:
                    yield piece
                while True:
                    kind, payload = await frames.read(process.reader)
                    if kind == frames.END:
                        break
                    if kind == frames.ERROR:
                        raise _error(payload)
                    yield payload
            finished = True
            self._finish(process)
        except TimeoutError as error:
            raise DeadlineExceeded("the answer was broken off at the deadline") from error
        finally:
            self._pool.counts.running -= 1
            if not finished:
                await asyncio.shield(self._abandon("left"))

    def _finish(self, process: Process) -> None:
        self._process = None
        lane = self._lane
        self._leave()
        if lane is self._pool.heavy:
            self._pool.later(self._pool.end(process))  # it keeps its low priority: not reused
        else:
            self._pool.give_back(process)

    async def _abandon(self, reason: str) -> None:
        process, self._process = self._process, None
        self._leave()
        if process is not None:
            await self._pool.kill(process, reason)

    async def _died(self) -> MineralgraphError:
        process, self._process = self._process, None
        self._leave()
        status = await self._pool.kill(process, "memory") if process else None
        return StoreError(
            f"the query's process ended by itself ({_reason(status)})",
            hint="It probably needed more memory than one query may use: narrow it, or page.",
        )


def _reason(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"


def _error(payload: bytes) -> MineralgraphError:
    fields = json.loads(payload)
    kind = getattr(errors, fields["class"], StoreError)
    error: MineralgraphError = kind(fields["detail"], hint=fields["hint"], **fields["extra"])
    return error
