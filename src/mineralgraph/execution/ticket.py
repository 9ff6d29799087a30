"""One query on its way through the lanes of the pool."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from mineralgraph import errors
from mineralgraph.errors import DeadlineExceeded, MineralgraphError, StoreError
from mineralgraph.execution import frames
from mineralgraph.execution.base import Request, Served
from mineralgraph.execution.process import Process

if TYPE_CHECKING:
    from mineralgraph.execution.pool import ProcessPool

FAST_SECONDS = 0.5
"""How long a query may stay in the fast lane while nobody waits for it."""

GLANCE_SECONDS = 0.03
"""How long in any case, and how often to look who waits."""


class Ticket:
    """One query on its way through the lanes.

    Attributes:
        due: when its time in the fast lane is over, and after that its deadline (``rounds``).
    """

    def __init__(self, pool: ProcessPool, request: Request) -> None:
        self._pool = pool
        self._request = request
        self._deadline = self.due = asyncio.get_running_loop().time() + request.timeout
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._expired = False
        self._process: Process | None = None
        self._lane: asyncio.Semaphore | None = None
        self._held = b""
        self._slowing: asyncio.Future[None] | None = None
        self._began = 0.0

    async def run(self) -> Served:
        """Run the query; an answer that does not fit the shared area becomes a stream."""
        self._begin_watch()
        try:
            await self._begin()
            self._process = await self._pool.take()
            return await self._answer(self._process)
        except asyncio.CancelledError:
            if self._was_expiry():
                await self._abandon("deadline")
                raise DeadlineExceeded(
                    f"the query was stopped after {self._request.timeout:g} s",
                    timeout=self._request.timeout,
                ) from None
            await asyncio.shield(self._abandon("left"))
            raise
        except ConnectionError as error:
            raise await self._died() from error
        finally:
            self._pool.rounds.forget(self)

    def command(self) -> bytes:
        """Return the frame that asks for the work."""
        return frames.pack(frames.COMMAND, frames.encode_request(self._request))

    def on_due(self) -> None:
        """Look whether to leave the fast lane, or stop at the deadline (``rounds.Timed``)."""
        now = asyncio.get_running_loop().time()
        if now < self._deadline:
            self._look(now)
        elif self._task is not None:
            self._pool.rounds.forget(self)
            self._expired = True
            self._task.cancel()

    def _look(self, now: float) -> None:
        """Leave the fast lane when its share of it is over: the more wait, the smaller it is.

        So sixty heavy queries before a small one cost it a second, and not a quarter of a minute.
        """
        self.due = self._deadline
        if self._process is None:
            return
        if now - self._began < FAST_SECONDS / (1 + self._pool.counts.waiting):
            self.due = min(self._deadline, now + GLANCE_SECONDS)
        else:
            self._slowing = asyncio.ensure_future(self._become_heavy(self._process))

    def _begin_watch(self) -> None:
        """Let the deadline cancel the current task; ``_was_expiry`` tells that from others."""
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task is not None else 0
        self._pool.rounds.watch(self)

    def _was_expiry(self) -> bool:
        """Whether nobody but the deadline has cancelled the task; then it may go on."""
        if not self._expired or self._task is None:
            return False
        return self._task.uncancel() <= self._cancelling

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
        await process.link.send(self.command())
        self._began = asyncio.get_running_loop().time()
        self.due = min(self._deadline, self._began + GLANCE_SECONDS)
        try:
            body = await self._collect(process)
            if self._slowing is not None and body is None:
                await self._slowing  # a stream needs its place; a whole answer is just given
        finally:
            self.due = self._deadline
            if self._slowing is not None:
                self._slowing.cancel()
        if body is None:
            return Served(None, process.version, self._stream(process))
        self._finish(process)
        return Served(body, process.version)

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

    async def _collect(self, process: Process) -> bytes | None:
        """Read the answer; None when it is larger than what is held complete."""
        kind, payload = await process.link.next()
        if kind == frames.WHOLE:
            return payload
        if kind == frames.HELD:
            self._held = process.link.held(payload)
            kind, payload = await process.link.next()
        if kind == frames.END:
            return self._held
        if kind == frames.ERROR:
            self._finish(process)
            raise _error(payload)
        self._held += payload
        return None

    async def _stream(self, process: Process) -> AsyncIterator[bytes]:
        """Yield what was collected and then the rest as it comes; raise where it breaks off."""
        finished = False
        self._begin_watch()
        try:
            held, self._held = self._held, b""
            yield held
            while True:
                kind, payload = await process.link.next()
                if kind == frames.END:
                    break
                if kind == frames.ERROR:
                    raise _error(payload)
                yield payload
            finished = True
            self._finish(process)
        except asyncio.CancelledError:
            if self._was_expiry():
                raise DeadlineExceeded("the answer was broken off at the deadline") from None
            raise
        except ConnectionError as error:
            raise StoreError("the query's process ended before its answer did") from error
        finally:
            self._pool.rounds.forget(self)
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
