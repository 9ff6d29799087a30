"""The heavy lane: a few queries run, the others are halted, and all have their turn.

Those run that have had the least time so far; whoever comes counts as having had its fair part
since the beginning (the virtual time of fair queueing). So one that needs two seconds does not
wait for those that need half a minute, and none is starved by others that keep coming. The kernel
could share the processor as fairly, but not memory and caches: a handful of queries at once is
quicker than sixty, and leaves room for small ones.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Final

from mineralgraph.execution.base import Counts
from mineralgraph.execution.process import Process
from mineralgraph.execution.rounds import Rounds

SLICE: Final = 0.25
"""Seconds for which a query runs before another one may have its place."""

NICE: Final = 10
"""Priority of those that run, behind everything else of the service."""


class HeavyLane:
    """Queries that have left the fast lane.

    Attributes:
        due: when the next turn begins (``rounds.Timed``).
    """

    def __init__(self, places: int, rounds: Rounds, counts: Counts) -> None:
        """Make an empty lane.

        Args:
            places: how many run at once.
            rounds: what calls the lane at its turns.
            counts: where it says how many are halted.
        """
        self.due = 0.0
        self._places = places
        self._rounds = rounds
        self._counts = counts
        self._had: dict[Process, float] = {}  # seconds, those included that it is given at first
        self._running: set[Process] = set()
        self._fair = 0.0  # seconds that one would have had that has been here all the time
        self._since = 0.0

    def enter(self, process: Process) -> None:
        """Take a process in: it runs on if a place is free, and else is halted until its turn."""
        process.lower_priority(NICE)
        self._credit()
        self._had[process] = self._fair
        self._running.add(process)
        self._choose()

    def leave(self, process: Process) -> None:
        """Forget a process, which its caller ends; the next one has its place at once."""
        if process in self._had:
            self._credit()
            del self._had[process]
            self._running.discard(process)
            self._choose()

    def on_due(self) -> None:
        """Begin the next turn."""
        self._credit()
        self._choose()

    def _credit(self) -> None:
        """Write down what those that run have had since the last time."""
        now = asyncio.get_running_loop().time()
        for process in self._running:
            self._had[process] += now - self._since
            self._fair += (now - self._since) / len(self._had)
        self._since = now

    def _choose(self) -> None:
        """Let those run that have had the least; of two that had the same, the one that runs."""
        order = sorted(self._had, key=lambda p: (self._had[p], p not in self._running))
        chosen = set(order[: self._places])
        for process in self._running - chosen:
            process.send_signal(signal.SIGSTOP)
        for process in chosen - self._running:
            process.send_signal(signal.SIGCONT)
        self._running = chosen
        self._counts.halted = len(self._had) - len(chosen)
        self.due = self._since + SLICE
        if self._counts.halted:
            self._rounds.watch(self)
        else:
            self._rounds.forget(self)
