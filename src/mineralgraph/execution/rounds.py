"""One timer for all that runs: it goes round and calls whatever is due.

A timer of its own for every query's deadline costs more than the few queries that meet theirs.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

EVERY: Final = 0.02
"""Seconds between two rounds, and so the most that anything is called late."""


class Timed(Protocol):
    """Something that wants to be called at a time.

    Attributes:
        due: when, by the event loop's clock.
    """

    due: float

    def on_due(self) -> None:
        """Do what is due, and set ``due`` to the next time."""


class Rounds:
    """Goes round while there is anything to watch."""

    def __init__(self) -> None:
        self._watched: set[Timed] = set()
        self._next: asyncio.TimerHandle | None = None

    def watch(self, timed: Timed) -> None:
        """Call it when it is due, from now on."""
        self._watched.add(timed)
        if self._next is None:
            self._next = asyncio.get_running_loop().call_later(EVERY, self._go_round)

    def forget(self, timed: Timed) -> None:
        """Call it no more."""
        self._watched.discard(timed)

    def stop(self) -> None:
        """Call nothing any more."""
        self._watched.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _go_round(self) -> None:
        self._next = None
        if not self._watched:
            return
        loop = asyncio.get_running_loop()
        self._next = loop.call_later(EVERY, self._go_round)
        now = loop.time()
        for timed in [timed for timed in self._watched if timed.due <= now]:
            timed.on_due()
