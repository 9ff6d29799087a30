"""Queries by a clock, or on a former version: each has query processes of its own.

What a clock shows of a version is selected once, in a process forked from the template, so that
the service goes on answering meanwhile; from then on such a query costs what any other does. As
many are kept ready as ``KEPT`` says, the ones asked for last; so memory is bounded by ``KEPT``
copies of the data.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from mineralgraph.execution.base import Request, Served
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.store.base import Applied
from mineralgraph.store.clock import NOW, Clock

KEPT = 2


class DerivedPool(ProcessPool):
    """The query processes of one day of one dataset version."""

    def __init__(self, base: ProcessPool, clock: Clock, version: str) -> None:
        """Prepare; ``start`` selects what the clock shows."""
        super().__init__(base.store, workers=1)
        self._base = base
        self._clock = clock
        self._version = version
        self._pid = 0
        self.users = 0

    async def start(self) -> None:
        """Fork a template from the base's, and the first query process from that."""
        ours, theirs = socket.socketpair()
        ours.settimeout(120)
        self._socket = ours
        with theirs:
            self._pid = await self._base.derive(theirs, self._clock, self._version)
        await asyncio.to_thread(self._receive_reply)
        await self._renew()

    async def publish(self, applied: Applied) -> None:
        """Stay as it is: what a clock showed of a version never changes."""

    async def stop(self) -> None:
        """End the processes of this day."""
        for process in self.idle:
            process.link.close()
        self.idle = []
        if self._socket is not None:
            self._socket.close()  # the forked template ends, and its children with it
        if self._pid:
            await self._base.reap(self._pid)
        self._folder.cleanup()


class ClockedPool(ProcessPool):
    """A pool that also answers by a clock, and on the former versions that are kept."""

    _days: OrderedDict[tuple[str, Clock], asyncio.Task[DerivedPool]]

    async def start(self) -> None:
        """See ``Runner.start``."""
        self._days = OrderedDict()
        await super().start()

    def run(self, request: Request) -> Coroutine[Any, Any, Served]:
        """See ``Runner.run``."""
        version = request.version or self._version
        if (request.clock is NOW or not request.clock) and version == self._version:
            return super().run(request)
        return self._run_on_a_day(request, version)

    async def _run_on_a_day(self, request: Request, version: str) -> Served:
        day = await self._day(version, request.clock)
        day.users += 1
        served = None
        try:
            served = await day.run(request._replace(clock=NOW, version=""))
        finally:
            if served is None or served.stream is None:
                day.users -= 1
        return served._replace(stream=_held(day, served.stream)) if served.stream else served

    async def require(self, version: str) -> None:
        """See ``Runner.require``."""
        self._patches(version)

    async def _day(self, version: str, clock: Clock) -> DerivedPool:
        """Return the pool of a day, making it where it is not there."""
        key = (version, clock)
        if key not in self._days:
            self._patches(version)  # what is gone must not push out what is ready
            self._days[key] = asyncio.ensure_future(self._made(clock, version))
            self._forget()
        self._days.move_to_end(key)
        try:
            return await asyncio.shield(self._days[key])
        except Exception:
            self._days.pop(key, None)
            raise

    async def _made(self, clock: Clock, version: str) -> DerivedPool:
        pool = DerivedPool(self, clock, version)
        await pool.start()
        return pool

    def _forget(self) -> None:
        """End the days that were not asked for lately, beyond those that are kept."""
        while len(self._days) > KEPT:
            _, task = self._days.popitem(last=False)
            self.later(_end(task))

    async def stop(self) -> None:
        """See ``Runner.stop``."""
        while self._days:
            _, task = self._days.popitem()
            await _end(task)
        await super().stop()


async def _held(day: DerivedPool, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass an answer on; its day stays until the last piece."""
    try:
        async for piece in stream:
            yield piece
    finally:
        day.users -= 1


async def _end(task: asyncio.Task[DerivedPool]) -> None:
    with contextlib.suppress(Exception):
        pool = await task
        while pool.users:
            await asyncio.sleep(0.05)
        await pool.stop()
