"""The connection to a query process: frames whole and in order, however they come."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from mmap import mmap

import pytest

from mineralgraph.execution import frames, link, rounds
from mineralgraph.execution.link import Link
from mineralgraph.execution.worker import AT_ONCE, AnswerSink, Connection


class Heard:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.frames: list[tuple[bytes, bytes]] = []
        self.lost = False

    def on_frame(self, kind: bytes, payload: bytes) -> None:
        self.frames.append((kind, payload))

    def on_lost(self) -> None:
        self.lost = True


def opened() -> tuple[Link, Connection]:
    made = Link()
    with made.handing_over() as (end, area):
        theirs, shared = socket.socket(fileno=os.dup(end)), mmap(area, 0)
    return made, Connection(theirs, shared)


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 30))  # type: ignore[arg-type]


def test_frames_come_whole_however_they_are_cut() -> None:
    async def work() -> None:
        near, far = opened()
        near.listener = heard = Heard()
        sent = [(frames.DATA, b"a" * n) for n in (0, 1, 70_000, 5)] + [(frames.END, b"")]
        data = b"".join(frames.pack(*frame) for frame in sent)
        for start in range(0, len(data), 9_001):
            far.sock.sendall(data[start : start + 9_001])
            await asyncio.sleep(0.001)
        far.sock.close()
        while not heard.lost:
            await asyncio.sleep(0.001)
        assert heard.frames == sent
        assert near.closed
        near.close()

    run(work)


def test_what_nobody_takes_is_not_read_without_end() -> None:
    async def work() -> None:
        near, far = opened()
        far.sock.setblocking(False)
        frame = frames.pack(frames.DATA, b"x" * frames.PIECE)
        queue, sent = b"", 0
        for _ in range(400):
            await asyncio.sleep(0)
            queue = queue or frame
            try:
                done = far.sock.send(queue)
            except BlockingIOError:
                continue
            queue, sent = queue[done:], sent + done
        assert sent < link.AHEAD + 1024 * 1024, "the other side has to wait"
        assert await near.next() == (frames.DATA, b"x" * frames.PIECE)
        near.close()
        far.sock.close()

    run(work)


def test_a_long_command_is_sent_as_there_is_room() -> None:
    async def work() -> None:
        near, far = opened()
        payload = os.urandom(3_000_000)
        near.send(frames.pack(frames.COMMAND, payload))
        assert await asyncio.to_thread(frames.receive, far.sock) == (frames.COMMAND, payload)
        near.close()
        far.sock.close()

    run(work)


def test_whoever_waits_hears_of_the_end() -> None:
    async def work() -> None:
        near, far = opened()
        waiting = asyncio.ensure_future(near.next())
        await asyncio.sleep(0)
        far.sock.close()
        with pytest.raises(ConnectionResetError):
            await waiting
        with pytest.raises(ConnectionResetError):
            await near.next()
        near.close()

    run(work)


@pytest.mark.parametrize("size", [0, 10, AT_ONCE, AT_ONCE + 1, 3_000_000])
def test_an_answer_comes_by_the_way_that_fits_it(size: int) -> None:
    async def work() -> None:
        near, far = opened()
        sink, body = AnswerSink(far), os.urandom(size)
        for start in range(0, size, 8_000):
            sink.write(body[start : start + 8_000])
        sink.finish()
        kind, payload = await near.next()
        if size <= AT_ONCE:
            assert (kind, payload) == (frames.WHOLE, body)
        else:
            assert kind == frames.HELD
            assert near.held(payload) == body
            assert await near.next() == (frames.END, b"")
        near.close()
        far.sock.close()

    run(work)


class Timed:
    def __init__(self, due: float) -> None:
        self.due = due
        self.called: list[float] = []

    def on_due(self) -> None:
        self.called.append(time.monotonic())
        self.due += 1000


def test_one_timer_serves_all() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        clock = rounds.Rounds()
        soon, later, never = (Timed(loop.time() + seconds) for seconds in (0.05, 0.15, 0.1))
        for timed in (soon, later, never):
            clock.watch(timed)
        clock.forget(never)
        began = time.monotonic()
        while not later.called:
            await asyncio.sleep(0.01)
        assert 0.04 < soon.called[0] - began < later.called[0] - began
        assert not never.called
        clock.forget(soon)
        clock.forget(later)
        await asyncio.sleep(3 * rounds.EVERY)
        assert clock._next is None, "nothing to watch, nothing to do"

    run(work)
