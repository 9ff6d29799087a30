"""Queries by a clock: each day that is asked for has query processes of its own.

What a clock shows is selected once, in a process forked from the template, so that the service
goes on answering meanwhile; from then on such a query costs what any other does. As many days
are kept ready as ``KEPT`` says, the ones asked for last; so memory is bounded by ``KEPT``
copies of the data.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import OrderedDict
from dataclasses import replace

from mineralgraph.execution.base import Request, Served
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.store.base import Applied
from mineralgraph.store.clock import NOW, Clock

KEPT = 2


class DerivedPool(ProcessPool):
    """The query processes of one day of one dataset version."""

    def __init__(self, base: ProcessPool, clock: Clock) -> None:
        """Prepare; ``start`` selects what the clock shows."""
        super().__init__(base.store, workers=1)
        self._base = base
        self._clock = clock
        self._pid = 0
        self.users = 0

    async def start(self) -> None:
        """Fork a template from the base's, and the first query process from that."""
        ours, theirs = socket.socketpair()
        ours.settimeout(120)
        self._socket = ours
        with theirs:
            self._version, self._pid = await self._base.derive(theirs, self._clock)
        await asyncio.to_thread(self._receive_reply)
        await self._renew()

    async def publish(self, applied: Applied) -> None:
        """Stay as it is: what a clock showed of a version never changes."""

    async def stop(self) -> None:
        """End the processes of this day."""
        for process in self.idle:
            process.writer.close()
        self.idle = []
        if self._socket is not None:
            self._socket.close()  # the forked template ends, and its children with it
        if self._pid:
            await self._base.reap(self._pid)
        self._folder.cleanup()


class ClockedPool(ProcessPool):
    """A pool that also answers by a clock."""

    _days: OrderedDict[tuple[str, Clock], asyncio.Task[DerivedPool]]

    async def start(self) -> None:
        """See ``Runner.start``."""
        self._days = OrderedDict()
        await super().start()

    async def run(self, request: Request) -> Served:
        """See ``Runner.run``."""
        if not request.clock:
            return await super().run(request)
        day = await self._day(request.clock)
        day.users += 1
        try:
            return await day.run(replace(request, clock=NOW))
        finally:
            day.users -= 1

    async def _day(self, clock: Clock) -> DerivedPool:
        """Return the pool of a day, making it where it is not there."""
        key = (self._version, clock)
        if key not in self._days:
            self._days[key] = asyncio.ensure_future(self._made(clock))
            self._forget()
        self._days.move_to_end(key)
        try:
            return await asyncio.shield(self._days[key])
        except Exception:
            self._days.pop(key, None)
            raise

    async def _made(self, clock: Clock) -> DerivedPool:
        pool = DerivedPool(self, clock)
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


async def _end(task: asyncio.Task[DerivedPool]) -> None:
    with contextlib.suppress(Exception):
        pool = await task
        while pool.users:
            await asyncio.sleep(0.05)
        await pool.stop()
