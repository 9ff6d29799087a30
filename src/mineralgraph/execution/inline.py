"""A runner without processes: runs each query in a thread of this process.

It cannot stop a query and therefore serves only tests and the command line, which has Ctrl-C.
"""

from __future__ import annotations

import asyncio
import io

from mineralgraph.errors import Gone, NotOffered
from mineralgraph.execution.base import Request, Runner, Served
from mineralgraph.execution.serialise import respond
from mineralgraph.store.base import Store
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.history import read_patch


class InlineRunner(Runner):
    """Runs queries on a store of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shown: tuple[tuple[str, Clock], Store] | None = None

    async def run(self, request: Request) -> Served:
        """See ``Runner.run``; the deadline is not kept."""
        return await asyncio.to_thread(self._run, request)

    def _run(self, request: Request) -> Served:
        store = self._seen(request.version or self._store.version(), request.clock)
        version = store.version()
        sink = io.BytesIO()
        respond(store, request, sink)
        return Served(sink.getvalue(), version)

    def _seen(self, version: str, clock: Clock) -> Store:
        """Return the store as it was at a version, or what a clock shows; the last is kept."""
        present = self._store.version()
        if version == present and not clock:
            return self._store
        if self._shown is not None and self._shown[0] == (version, clock):
            return self._shown[1]
        if not isinstance(self._store, EmbeddedStore):
            raise NotOffered("only the embedded engine has clocks and former versions")
        store = self._store
        if version != present:
            if store.history is None:
                raise Gone(f"the dataset version {version[:40]} is not kept", version=present)
            store = store.before(map(read_patch, store.history.since(version, present)))
        if clock:
            store = store.seen_by(clock)
        self._shown = ((version, clock), store)
        return store

    async def version(self) -> str:
        """See ``Runner.version``."""
        return self._store.version()

    async def require(self, version: str) -> None:
        """See ``Runner.require``."""
        history = self._store.history if isinstance(self._store, EmbeddedStore) else None
        if history is None:
            await super().require(version)
        else:
            history.since(version, self._store.version())

    async def start(self) -> None:
        """Nothing to make ready."""

    async def stop(self) -> None:
        """Close the store."""
        self._store.close()
