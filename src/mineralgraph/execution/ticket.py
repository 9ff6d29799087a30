"""One query on its way through the lanes of the pool."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from mineralgraph.errors import DeadlineExceeded, MineralgraphError, StoreError
from mineralgraph.execution import frames
from mineralgraph.execution.base import Request, Served
from mineralgraph.execution.process import Process

if TYPE_CHECKING:
    from mineralgraph.execution.pool import ProcessPool

FAST_SECONDS = 0.5
"""Seconds of the processor that a query may have in the fast lane while nobody waits for it."""

PATIENCE = 4
"""How many times as long it may take for them where other programs use the processor too."""

GLANCE_SECONDS = 0.03
"""How long it may stay in any case, and how often to look."""


class Ticket:
    """One query on its way through the lanes.

    The pool begins it as soon as there are a place and a process, and the process answers to it
    (``link.Listener``), both without a task switch; ``run`` only waits for the outcome.

    Attributes:
        due: when to look at it next, at the latest at its deadline (``rounds.Timed``).
    """

    _began = 0.0
    _used: float | None = None  # what its process had had at the first look
    _task: asyncio.Task[object] | None = None
    _cancelling = 0
    _expired = False
    _frame = b""
    _process: Process | None = None
    _fast = False
    _heavy = False
    _held = b""

    def __init__(self, pool: ProcessPool, request: Request, own: Process | None = None) -> None:
        """Prepare; with a process of its own, the ticket goes beside the lanes."""
        self._pool = pool
        self._own = own
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._deadline = self.due = self._loop.time() + request.timeout
        self._outcome: asyncio.Future[Served] = self._loop.create_future()

    async def run(self) -> Served:
        """Run the query; an answer that does not fit the shared area becomes a stream.

        Raises:
            Overloaded: when too much work waits already.
        """
        if self._own is None:
            self._pool.take_in()
        ended = True
        try:
            self._frame = self.command()
            self._begin_watch()
            if self._own is None:
                self._pool.enqueue(self)
            else:
                self._ask(self._own)
            served = await self._outcome
            ended = served.stream is None
            return served
        except asyncio.CancelledError:
            if self._was_expiry():
                self._abandon("deadline")
                raise DeadlineExceeded(
                    f"the query was stopped after {self._request.timeout:g} s",
                    timeout=self._request.timeout,
                ) from None
            self._abandon("left")
            raise
        except ConnectionError as error:
            raise await self._died() from error
        finally:
            self._pool.rounds.forget(self)
            if ended and self._own is None:
                self._pool.counts.running -= 1

    def command(self) -> bytes:
        """Return the frame that asks for the work."""
        return frames.pack(frames.COMMAND, frames.encode_request(self._request))

    def begin(self, process: Process) -> None:
        """Ask a process for the work; a place in the fast lane is this ticket's now."""
        self._fast = True
        self._began = self._loop.time()
        self.due = min(self._deadline, self._began + GLANCE_SECONDS)
        self._ask(process)

    def _ask(self, process: Process) -> None:
        self._process = process
        process.link.listener = self
        process.link.send(self._frame)

    def fail(self, error: BaseException) -> None:
        """Let the error be the outcome."""
        if not self._outcome.done():
            self._outcome.set_exception(error)

    def on_frame(self, kind: bytes, payload: bytes) -> None:
        """Take a part of the answer; see ``frames`` for the order."""
        process = self._process
        assert process is not None  # noqa: S101  (it listens only to a process of its own)
        if kind == frames.WHOLE:
            self._answer(process, payload)
        elif kind == frames.HELD:
            self._held = process.link.held(payload)
        elif kind == frames.END:
            self._answer(process, self._held)
        elif kind == frames.ERROR:
            self._finish(process)
            self.fail(frames.decode_error(payload))
        else:
            self._held += payload
            self._become_stream(process)

    def on_lost(self) -> None:
        """Hear that the process has ended before its answer did."""
        self.fail(ConnectionResetError("the query process has ended"))

    def _answer(self, process: Process, body: bytes) -> None:
        self._finish(process)
        if not self._outcome.done():
            self._outcome.set_result(Served(body, process.version))

    def _become_stream(self, process: Process) -> None:
        process.link.listener = None
        self.due = self._deadline
        if not self._heavy and self._own is None:  # however quick it was, its reader may be slow
            self._become_heavy(process)
        if not self._outcome.done():
            self._outcome.set_result(Served(None, process.version, self._stream(process)))

    def on_due(self) -> None:
        """Look whether to leave the fast lane, or stop at the deadline (``rounds.Timed``)."""
        now = self._loop.time()
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
        if self._process is None or self._heavy:
            return
        took, used = now - self._began, self._process.used()
        if self._used is None:
            self._used = used - took  # to ask at the start would burden every small query
        share = FAST_SECONDS / (1 + self._pool.counts.waiting)
        if used - self._used < share and took < PATIENCE * share:
            self.due = min(self._deadline, now + GLANCE_SECONDS)
        else:
            self._become_heavy(self._process)

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

    def _become_heavy(self, process: Process) -> None:
        """Leave the fast lane for the heavy one, where the process may be halted at times."""
        self._leave(process)
        self._heavy = True
        self._pool.heavy.enter(process)

    def _leave(self, process: Process | None) -> None:
        """Give up the place in either lane."""
        if self._fast:
            self._fast = False
            self._pool.leave_fast()
        if process is not None:
            self._pool.heavy.leave(process)

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
                    raise frames.decode_error(payload)
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
            self._pool.counts.running -= self._own is None
            if not finished:
                self._abandon("left")

    def _finish(self, process: Process) -> None:
        """Give the process and the place back."""
        self._process = process.link.listener = None
        self.due = self._deadline
        if self._heavy or self._own is not None:
            self._pool.later(self._pool.end(process))  # it keeps its low priority: not reused
        else:
            self._pool.give_back(process)
        self._leave(process)

    def _abandon(self, reason: str) -> None:
        process, self._process = self._process, None
        self._pool.dequeue(self)
        self._leave(process)
        if process is not None:
            process.link.listener = None
            self._pool.kill(process, reason)

    async def _died(self) -> MineralgraphError:
        process, self._process = self._process, None
        self._leave(process)
        status = await self._pool.kill(process, "memory") if process else None
        return StoreError(
            f"the query's process ended by itself ({_reason(status)})",
            hint="It probably needed more memory than one query may use: narrow it, or page.",
        )


def _reason(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
