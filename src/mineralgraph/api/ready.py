"""Slow answers made again when the dataset has changed, before anybody asks for them.

Some questions must read the whole graph (how many sources say each fact), and a write makes
every kept answer worthless. So once a new dataset version has stood for ``SETTLED`` seconds, and
after the start, what was slow to answer lately is answered again, and so is the first page of
every canned query that needs no parameter; the answers go into the cache, where the next request
finds them. The work is done one answer at a time in processes that get the processor only when
nobody else wants it (``Runner.beside``), is given up when a newer version comes, and takes no
longer than ``MINERALGRAPH_READY_SECONDS`` for a version.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Final

from mineralgraph.execution.base import Runner

SLOW: Final = 0.05
"""Seconds from which an answer is worth being made again."""

MOST: Final = 64
"""How many slow answers are remembered, those that were asked for last."""

SETTLED: Final = 1.0
"""Seconds that a dataset version must stand before work on it begins: writes come in rows."""

LOOK: Final = 0.2
"""Seconds between two looks whether the version is still the same."""

Again = Callable[[str], Awaitable[bool]]
"""Makes an answer on a dataset version and keeps it; tells whether it is kept now."""


class Ready:
    """What is made again on every dataset version, and the work on it."""

    def __init__(self, runner: Runner, seconds: float) -> None:
        """Prepare; nothing runs before ``start``.

        Args:
            runner: what the answers are made with; only its own answers are remembered.
            seconds: bound on the work for one dataset version; 0 turns everything off.
        """
        self._runner = runner
        self._seconds = seconds if runner.cacheable and runner.lowers else 0.0
        self._always: dict[Hashable, Again] = {}
        self._slow: OrderedDict[Hashable, Again] = OrderedDict()
        self._task: asyncio.Task[None] | None = None
        self.made = 0
        self.given_up = 0

    def __len__(self) -> int:
        return len(self._always.keys() | self._slow.keys())

    def always(self, answers: Iterable[tuple[Hashable, Again]]) -> None:
        """Make these answers on every version."""
        self._always.update(answers)

    def note(self, runner: Runner, key: Hashable, again: Again, seconds: float) -> None:
        """Hear that an answer has been made; if it was slow, make it again later on.

        An answer by a clock, or on a former version, has a runner of its own and lasts anyway.
        """
        if runner is not self._runner or not self._seconds:
            return
        if key in self._slow or seconds >= SLOW:
            self._slow[key] = again
            self._slow.move_to_end(key)
            while len(self._slow) > MOST:
                self._slow.popitem(last=False)

    def start(self) -> None:
        """Begin to watch the version."""
        if self._seconds:
            self._task = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """End all work."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        done = ""
        while True:
            version = await self._settled()
            if version != done:
                done = version
                work = asyncio.ensure_future(self._make_all(version))
                try:
                    await self._while_newest(version, work)
                finally:
                    work.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await work

    async def _settled(self) -> str:
        """Return the version that has been the newest for long enough."""
        while True:
            version = await self._runner.version()
            await asyncio.sleep(SETTLED)
            if await self._runner.version() == version:
                return version

    async def _while_newest(self, version: str, work: asyncio.Future[None]) -> None:
        ends = time.monotonic() + self._seconds
        while not work.done() and time.monotonic() < ends:
            await asyncio.wait([work], timeout=LOOK)
            if await self._runner.version() != version:
                break
        if not work.done():
            self.given_up += 1

    async def _make_all(self, version: str) -> None:
        """Make every answer, the ones that somebody waited for first."""
        with self._runner.beside():
            for key, again in ({**dict(reversed(self._slow.items())), **self._always}).items():
                if await self._runner.version() != version:
                    return
                try:
                    self.made += await again(version)
                except Exception:  # noqa: BLE001  (nobody waits; who asks next will hear of it)
                    self._slow.pop(key, None)
