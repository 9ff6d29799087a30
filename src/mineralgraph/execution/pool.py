"""Query processes under a deadline (the promises of architecture.md section 6).

One query, one process, forked from the template in milliseconds. What must stop is killed:
at the deadline, when the client leaves, when memory runs out. So a query can only hurt itself.

Two lanes keep small queries quick beside heavy ones. A query starts in the *fast lane*; when
it has had its share of the processor it leaves that lane (``ticket``). Of those that have left
it only a few run at once and the others are halted (SIGSTOP), each in its turn (``heavy``).

What nobody waits for (``Runner.beside``) takes no place in a lane: it gets a process of its own,
to which the system gives the processor only while nobody else wants it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from mineralgraph.errors import Gone, Overloaded, StoreError
from mineralgraph.execution import beside, frames
from mineralgraph.execution.base import IDLE, Request, Runner, Served
from mineralgraph.execution.heavy import HeavyLane
from mineralgraph.execution.link import Link
from mineralgraph.execution.process import Process
from mineralgraph.execution.rounds import Rounds
from mineralgraph.execution.ticket import Ticket
from mineralgraph.store.base import Applied
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore

WAITING = 64
TEMPLATE = "mineralgraph.execution.template"
MEMORY = 1024 * 1024 * 1024
SETTLING = 2.0
"""Seconds for which a stop waits for the processes that are being forked and collected."""

T = TypeVar("T")
MALLOC = "glibc.malloc.tcache_count=200"
"""The engine makes and frees thousands of small pieces for a query. The C library keeps 7 of each
size at hand unless told otherwise; with 200 a small query takes a quarter less, a large one a
tenth.
"""


class ProcessPool(Runner):
    """Runs queries in killable processes over an embedded store."""

    lowers = True

    def __init__(
        self,
        store: EmbeddedStore,
        workers: int,
        *,
        memory: int = MEMORY,
        program: str = TEMPLATE,
    ) -> None:
        """Prepare a pool; nothing runs before ``start``.

        Args:
            store: the store whose newest published state is queried.
            workers: how many queries run at once in each lane.
            memory: bytes that one query may use beyond what its process starts with.
            program: module that the template process runs; another one can answer more.
        """
        self.rounds = Rounds()
        self.isolated = False
        self.store = store
        self._memory = memory
        self._program = program
        self._workers = workers
        self._places = workers  # free ones in the fast lane
        self._queue: deque[Ticket] = deque()
        self._forking = 0
        self.heavy = HeavyLane(workers, self.rounds, self.counts)
        self.idle: list[Process] = []
        self._version = ""
        self._snapshot: Path | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="mineralgraph-", dir=_beside(store))
        self._number = 0
        self._coming = 0  # successors that are being forked
        self._template: asyncio.subprocess.Process | None = None
        self._commands = asyncio.Lock()
        self._socket: socket.socket | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Start the template, give it the data, and fork the first processes."""
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._template = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._program,
            str(theirs.fileno()),
            pass_fds=(theirs.fileno(),),
            env={"GLIBC_TUNABLES": MALLOC, **os.environ},
        )
        theirs.close()
        ours.settimeout(120)
        hello = await asyncio.to_thread(self._receive_reply)
        self.isolated = bool(hello["isolated"])
        await self._publish_whole()
        if self._program != TEMPLATE:
            self.later(self._warm_up())

    async def _warm_up(self) -> None:
        """Let the template load what its further answers need, beside the first queries."""
        with contextlib.suppress(OSError, StoreError):  # the service may stop meanwhile
            while not (await self._command({"op": "warm"}))["warm"]:
                pass  # other commands come in between
            await self._renew()

    async def _publish_whole(self) -> None:
        """Give the template everything: a snapshot of a folder, or a dump of memory."""
        self._number += 1
        target = Path(self._folder.name) / str(self._number)
        if self.store.folder is not None:
            await asyncio.to_thread(self.store.snapshot, target)
            former, self._snapshot = self._snapshot, target
            self._version = self.store.version()
            if former is not None:  # processes that have it open keep what they need
                shutil.rmtree(former, ignore_errors=True)
        else:
            await asyncio.to_thread(self.store.dump, target)
            await self._command({"op": "load", "file": str(target)})
            self._version = self.store.version()
            target.unlink()
        await self._renew()

    async def publish(self, applied: Applied) -> None:
        """Let the queries that start from now on see a change."""
        if self.store.folder is not None:
            return await self._publish_whole()
        lines = {"removed": _lines(applied.removed), "added": _lines(applied.added)}
        await self._command({"op": "apply", **lines})
        self._version = applied.version
        await self._renew()

    async def refresh(self) -> None:
        """Let the queries that start from now on see the store as it is; for raw writes."""
        await self._publish_whole()

    async def _renew(self) -> None:
        """Replace the idle processes by ones that see the present state."""
        stale, self.idle = self.idle, []
        for process in stale:
            await self.end(process)
        for _ in range(self._workers):
            self.idle.append(await self.fork())

    async def version(self) -> str:
        """See ``Runner.version``."""
        return self._version

    def known_version(self) -> str | None:
        """See ``Runner.known_version``."""
        return self._version

    async def stop(self) -> None:
        """Kill every process and release the folder."""
        await self._settle()
        for process in self.idle:
            process.send_signal(signal.SIGKILL)
            process.link.close()
        self.idle = []
        self.rounds.stop()
        if self._socket is not None:
            self._socket.close()
        if self._template is not None:
            with contextlib.suppress(ProcessLookupError):
                self._template.terminate()
            await self._template.wait()
        self._folder.cleanup()
        self.store.close()

    async def _settle(self) -> None:
        """Let what is under way come to its end: it ends processes, or brings new ones."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SETTLING)
        for task in (left := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def run(self, request: Request) -> Coroutine[Any, Any, Served]:
        """See ``Runner.run``."""
        if IDLE.get():
            return beside.run(self, request)
        return Ticket(self, request).run()

    def take_in(self) -> None:
        """Count a further ticket; whoever answers it counts it off.

        Raises:
            Overloaded: when too much work waits already.
        """
        if self.counts.running >= WAITING:
            self.counts.refused += 1
            raise Overloaded(
                f"{self.counts.running} queries are running and waiting already", retry_after=1
            )
        self.counts.running += 1

    def enqueue(self, ticket: Ticket) -> None:
        """Let a ticket wait for its turn in the fast lane, which may come at once."""
        self._queue.append(ticket)
        self.counts.waiting += 1
        self._begin_waiting()

    def dequeue(self, ticket: Ticket) -> None:
        """Let a ticket wait no more, if it does."""
        with contextlib.suppress(ValueError):
            self._queue.remove(ticket)
            self.counts.waiting -= 1

    def leave_fast(self) -> None:
        """Free a place in the fast lane."""
        self._places += 1
        self._begin_waiting()

    def _begin_waiting(self) -> None:
        """Begin what waits, as far as there are places and processes."""
        while self._queue and self._places:
            process = self._ready()
            if process is None:
                for _ in range(min(len(self._queue), self._places) - self._forking):
                    self._forking += 1
                    self.later(self._supply())
                return
            self._places -= 1
            self.counts.waiting -= 1
            self._queue.popleft().begin(process)

    def _ready(self) -> Process | None:
        """Return an idle process that sees the newest published state, if there is one."""
        while self.idle:
            process = self.idle.pop()
            if process.version == self._version and not process.link.closed:
                return process
            self.later(self.end(process))
        return None

    async def _supply(self) -> None:
        """Fork a process for what waits."""
        try:
            process = await self.fork()
        except Exception as error:  # noqa: BLE001  (whoever waits must hear of it)
            self._forking -= 1
            if self._queue:
                self.counts.waiting -= 1
                self._queue.popleft().fail(error)
            return
        self._forking -= 1
        self._add(process)

    def _add(self, process: Process) -> None:
        """Let a new process take what waits; keep it idle only if there are not enough.

        Whatever it was forked for may have been taken over, or have met its deadline, meanwhile.
        """
        self.idle.append(process)
        self._begin_waiting()
        while len(self.idle) > self._workers:
            self.later(self.end(self.idle.pop(0)))

    def give_back(self, process: Process) -> None:
        """Take a process back after a whole answer."""
        if process.version == self._version and len(self.idle) < self._workers:
            self.idle.append(process)
        else:
            self.later(self.end(process))

    def later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do something without letting anybody wait for it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def kill(self, process: Process, reason: str) -> asyncio.Task[int | None]:
        """End a process at once; its exit status, and its successor, come in their own time.

        Whoever waits for an answer need not wait for them: sixty take their turn.
        """
        process.send_signal(signal.SIGKILL)
        self.counts.killed[reason] += 1
        ending = self.later(self.end(process))
        self.later(self._succeed(ending))
        return ending

    async def _succeed(self, ending: asyncio.Task[int | None]) -> None:
        """Fork a successor for a process that was killed, if one is needed."""
        with contextlib.suppress(OSError, StoreError):  # the service may stop meanwhile
            await asyncio.wait([ending])
            ending.exception()
            if len(self.idle) + self._coming < self._workers:
                self._coming += 1
                try:
                    process = await self.fork()
                finally:
                    self._coming -= 1
                self._add(process)
            else:
                self._begin_waiting()

    async def end(self, process: Process) -> int | None:
        """End a process and collect it; returns its exit status."""
        process.link.close()
        process.send_signal(signal.SIGKILL)
        reply = await self._command({"op": "reap", "pid": process.pid})
        status = reply["reaped"]
        return status if isinstance(status, int) else None

    async def fork(self) -> Process:
        """Fork a query process that sees the newest published state."""
        version = self._version
        command = {
            "op": "fork",
            "snapshot": str(self._snapshot) if self._snapshot else None,
            "memory": self._memory,
        }
        link = Link()
        with link.handing_over() as descriptors:
            reply = await self._command(command, *descriptors)
        return Process(reply["pid"], link, version)

    async def derive(self, theirs: socket.socket, clock: Clock, version: str) -> int:
        """Let the template fork one of its own for what a clock shows of a dataset version.

        Returns:
            The process id of the new template.

        Raises:
            Gone: when that version is not kept.
        """
        async with self._commands:  # no change may come between the patches and the fork
            command = {
                "op": "derive",
                "snapshot": str(self._snapshot) if self._snapshot else None,
                "clock": clock.as_json(),
                "undo": [str(path) for path in self._patches(version)],
                "version": version,
            }
            reply = await asyncio.to_thread(self._exchange, command, [theirs.fileno()])
        return int(reply["pid"])

    def _patches(self, version: str) -> list[Path]:
        """Return what must be undone to come to a former version."""
        if version == self._version:
            return []
        if self.store.history is None:
            raise Gone(f"the dataset version {version[:40]} is not kept", version=self._version)
        return self.store.history.since(version, self._version)

    async def reap(self, pid: int) -> None:
        """Collect a process that the template forked, when it has ended."""
        await self._command({"op": "reap", "pid": pid})

    async def _command(self, command: dict[str, Any], *passed: int) -> dict[str, Any]:
        async with self._commands:
            return await asyncio.to_thread(self._exchange, command, passed)

    def _exchange(self, command: dict[str, Any], passed: Sequence[int]) -> dict[str, Any]:
        if self._socket is None:
            raise StoreError("the query processes are not running")
        frame = frames.pack(frames.COMMAND, json.dumps(command).encode())
        if passed:
            socket.send_fds(self._socket, [frame[:1]], list(passed))
            frame = frame[1:]
        self._socket.sendall(frame)
        return self._receive_reply()

    def _receive_reply(self) -> dict[str, Any]:
        frame = frames.receive(self._socket) if self._socket else None
        if frame is None:
            raise StoreError("the query processes have ended", hint="Restart the service.")
        reply: dict[str, Any] = json.loads(frame[1])
        return reply


def _lines(quads: tuple[Any, ...]) -> str:
    return "".join(f"{quad} .\n" for quad in quads)


def _beside(store: EmbeddedStore) -> Path | None:
    """Return the folder for snapshots: on the store's own file system, for hard links."""
    return store.folder.parent if store.folder is not None else None
