"""Queries on a remote engine under a deadline: threads that wait, and a body that is whole.

The engine does the work, so nothing needs to be killed here: at the deadline, or when the
client leaves, the connection is closed. Whether the engine then stops too is its own affair;
``docs/reference/engines.md`` has a table.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from mineralgraph.errors import (
    DeadlineExceeded,
    MineralgraphError,
    NotOffered,
    Overloaded,
    StoreError,
)
from mineralgraph.execution.base import COMPLETE_BYTES, Request, Runner, Served
from mineralgraph.execution.pool import WAITING, ProcessPool
from mineralgraph.execution.serialise import respond
from mineralgraph.store.base import Applied
from mineralgraph.store.remote import RemoteStore
from mineralgraph.store.remote_http import Call

PIECE = 64 * 1024
_AHEAD = 8  # pieces that a slow reader lets wait; 512 KiB
_VERSION_SECONDS = 5.0
_Item = bytes | None | BaseException


class RemoteRunner(Runner):
    """Runs queries on a remote engine.

    Attributes:
        cacheable: only where the operator says that nobody else writes to the engine.
        processes: for work of ours that must be stoppable, where there is some.
    """

    def __init__(
        self,
        store: RemoteStore,
        workers: int,
        *,
        exclusive: bool = False,
        processes: ProcessPool | None = None,
    ) -> None:
        """Prepare a runner.

        Args:
            store: the remote store.
            workers: how many queries the engine is given at once.
            exclusive: whether nobody else writes to the engine.
            processes: see the class; started and stopped with the runner.
        """
        self.processes = processes
        self.store = store
        self.cacheable = exclusive
        self._places = asyncio.Semaphore(workers)
        self._threads = ThreadPoolExecutor(workers + 2, thread_name_prefix="engine")
        self._version: str | None = None

    async def start(self) -> None:
        """See ``Runner.start``: ask the engine for its dataset version.

        Raises:
            StoreUnreachable: when the engine does not answer.
        """
        self._version = None
        await self.version()
        if self.processes is not None:
            await self.processes.start()

    async def stop(self) -> None:
        """Close the connections; queries that still run end at their deadline."""
        if self.processes is not None:
            await self.processes.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.store.close()

    async def version(self) -> str:
        """See ``Runner.version``: asked anew each time unless nobody else writes."""
        if self.cacheable and self._version is not None:
            return self._version
        loop = asyncio.get_running_loop()
        self._version = await loop.run_in_executor(self._threads, self.store.version)
        return self._version

    def known_version(self) -> str | None:
        """See ``Runner.known_version``: only where nobody else writes."""
        return self._version if self.cacheable else None

    async def publish(self, applied: Applied) -> None:
        """Let the queries that start from now on be told the version after a change."""
        self._version = applied.version

    async def run(self, request: Request) -> Served:
        """See ``Runner.run``."""
        if request.clock:
            raise NotOffered(
                "this service asks a remote engine, which cannot look from another day",
                hint="Leave as-of and valid-on out, or serve the data from the embedded engine.",
            )
        if request.version:
            await self.require(request.version)
        if self.counts.running >= WAITING:
            self.counts.refused += 1
            raise Overloaded(
                f"{self.counts.running} queries are running and waiting already", retry_after=1
            )
        self.counts.running += 1
        ends = asyncio.get_running_loop().time() + request.timeout
        served: Served | None = None
        try:
            await self._enter(ends, request)
            try:
                left = max(0.001, ends - asyncio.get_running_loop().time())
                served = await self._served(request._replace(timeout=left), request.timeout)
            finally:
                if served is None or served.stream is None:
                    self._places.release()
        finally:
            if served is None or served.stream is None:
                self.counts.running -= 1
        return served

    async def _enter(self, ends: float, request: Request) -> None:
        self.counts.waiting += 1
        try:
            async with asyncio.timeout_at(ends):
                await self._places.acquire()
        except TimeoutError as error:
            self.counts.killed["deadline"] += 1
            raise DeadlineExceeded(
                f"the query waited {request.timeout:g} s for its turn", timeout=request.timeout
            ) from error
        finally:
            self.counts.waiting -= 1

    async def _served(self, request: Request, promised: float) -> Served:
        """Collect the answer; past ``COMPLETE_BYTES`` hand over a stream."""
        version = await self.version()
        work = _Work(self.store, request, asyncio.get_running_loop())
        work.future = asyncio.get_running_loop().run_in_executor(self._threads, work.run)
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(request.timeout + 0.2):  # the call's own clock comes first
                while (piece := await work.next()) is not None:
                    pieces.append(piece)
                    size += len(piece)
                    if size > COMPLETE_BYTES:
                        return Served(None, version, self._stream(work, pieces))
        except (TimeoutError, DeadlineExceeded) as error:
            work.call.end("deadline")
            self.counts.killed["deadline"] += 1
            if isinstance(error, DeadlineExceeded):
                raise
            raise DeadlineExceeded(
                f"the query was given up after {promised:g} s", timeout=promised
            ) from error
        except BaseException:
            work.call.end("left")
            self.counts.killed["left"] += 1
            raise
        return Served(b"".join(pieces), version)

    async def _stream(self, work: _Work, pieces: list[bytes]) -> AsyncIterator[bytes]:
        """Yield what was collected and then the rest; raise where it breaks off."""
        finished = False
        try:
            for piece in pieces:
                yield piece
            while (more := await work.next()) is not None:
                yield more
            finished = True
        finally:
            self._places.release()
            self.counts.running -= 1
            if not finished:
                work.call.end("left")


class _Work:
    """One query in a thread, and the pieces of its answer on their way to the event loop."""

    def __init__(
        self, store: RemoteStore, request: Request, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.call = Call(request.timeout)
        self.future: asyncio.Future[None] | None = None
        self._store = store
        self._request = request
        self._loop = loop
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(_AHEAD)
        self._buffer = bytearray()

    def run(self) -> None:
        """Run the query; called in a thread."""
        try:
            respond(self._store.within(self.call), self._request, self)
            self.call.remaining()
            if self._buffer:
                self._put(bytes(self._buffer))
            self._put(None)
        except MineralgraphError as error:
            self._give_up(error)
        except Exception as error:  # noqa: BLE001 - whatever it is must reach the caller
            self._give_up(StoreError(f"the query failed: {error}"))
        finally:
            self.call.finish()

    def write(self, piece: bytes, /) -> int:
        """Take a piece of the serialisation (``store.results.Sink``)."""
        self._buffer += piece
        if len(self._buffer) >= PIECE:
            self._put(bytes(self._buffer))
            self._buffer.clear()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what is left goes out when the answer is known to be whole."""

    def _put(self, item: _Item) -> None:
        left = self.call.remaining()
        moved = asyncio.run_coroutine_threadsafe(self._queue.put(item), self._loop)
        try:
            moved.result(left)
        except TimeoutError as error:
            moved.cancel()
            raise self.call.expired() from error

    def _give_up(self, error: BaseException) -> None:
        """Let the error be the last thing that is read; a full queue is one nobody reads.

        Without its traceback, which holds answers of Oxigraph's that only this thread may drop.
        """
        error.__cause__ = error.__context__ = None
        error.with_traceback(None)
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            self._loop.call_soon_threadsafe(self._replace, error)

    def _replace(self, error: BaseException) -> None:
        while self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(error)

    async def next(self) -> bytes | None:
        """Return the next piece, or None at the end of a whole answer.

        Raises:
            MineralgraphError: where the answer breaks off.
        """
        item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item
