"""A runner without processes: runs each query in a thread of this process.

It cannot stop a query and therefore serves only tests and the command line, which has Ctrl-C.
"""

from __future__ import annotations

import asyncio
import io

from mineralgraph.execution.base import Request, Runner, Served
from mineralgraph.execution.serialise import respond
from mineralgraph.store.base import Store


class InlineRunner(Runner):
    """Runs queries on a store of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self, request: Request) -> Served:
        """See ``Runner.run``; the deadline is not kept."""
        return await asyncio.to_thread(self._run, request)

    def _run(self, request: Request) -> Served:
        version = self._store.version()
        sink = io.BytesIO()
        respond(self._store, request, sink)
        return Served(sink.getvalue(), version)

    async def version(self) -> str:
        """See ``Runner.version``."""
        return self._store.version()

    async def start(self) -> None:
        """Nothing to make ready."""

    async def stop(self) -> None:
        """Close the store."""
        self._store.close()
