"""The heavy lane: who runs, who is halted, and that the least served has the next turn."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import cast

from mineralgraph.execution import heavy
from mineralgraph.execution.base import Counts
from mineralgraph.execution.heavy import HeavyLane
from mineralgraph.execution.process import Process
from mineralgraph.execution.rounds import Rounds


class Worker:
    """Stands for a query process; knows whether it was told to stop."""

    def __init__(self) -> None:
        self.halted = False
        self.nice = 0

    def send_signal(self, number: int) -> None:
        self.halted = {signal.SIGSTOP: True, signal.SIGCONT: False}[signal.Signals(number)]

    def lower_priority(self, nice: int) -> None:
        self.nice = nice


def enter(lane: HeavyLane) -> Worker:
    worker = Worker()
    lane.enter(cast("Process", worker))
    return worker


def leave(lane: HeavyLane, worker: Worker) -> None:
    lane.leave(cast("Process", worker))


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 20))  # type: ignore[arg-type]


def test_whoever_comes_runs_while_there_are_places() -> None:
    async def work() -> None:
        counts = Counts()
        lane = HeavyLane(2, Rounds(), counts)
        first, second = enter(lane), enter(lane)
        assert (first.halted, second.halted, counts.halted) == (False, False, 0)
        await asyncio.sleep(0.01)
        third = enter(lane)
        assert [first.halted, second.halted, third.halted].count(True) == counts.halted == 1
        assert third.nice > 0

    run(work)


def test_none_is_starved_by_those_that_keep_coming() -> None:
    async def work() -> None:
        lane = HeavyLane(1, Rounds(), Counts())
        first, present, had = enter(lane), list[Worker](), 0
        for _ in range(40):
            present.append(enter(lane))
            await asyncio.sleep(heavy.SLICE / 5)
            had += not first.halted
            if len(present) > 3:
                leave(lane, present.pop(0))
        assert had > 40 / 5 / 3, "a fair part would be a fifth of the time"

    run(work)


def test_a_place_that_is_left_is_taken_at_once() -> None:
    async def work() -> None:
        counts = Counts()
        lane = HeavyLane(1, Rounds(), counts)
        first, second = enter(lane), enter(lane)
        assert (first.halted, second.halted, counts.halted) == (False, True, 1)
        leave(lane, first)
        assert (second.halted, counts.halted) == (False, 0)
        leave(lane, first)
        leave(lane, second)
        assert counts.halted == 0

    run(work)


def test_each_has_its_turn_and_nobody_is_halted_for_good() -> None:
    async def work() -> None:
        rounds = Rounds()
        lane = HeavyLane(2, rounds, Counts())
        workers = [enter(lane) for _ in range(5)]
        ran = {id(w): 0 for w in workers}
        for _ in range(60):
            await asyncio.sleep(heavy.SLICE / 5)
            running = [w for w in workers if not w.halted]
            assert len(running) == 2
            for worker in running:
                ran[id(worker)] += 1
        assert min(ran.values()) > 60 * 2 / 5 / 3
        for worker in workers:
            leave(lane, worker)
        await asyncio.sleep(0.1)
        assert rounds._next is None, "nobody is left, so no timer goes round"

    run(work)
