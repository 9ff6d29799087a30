"""Raw writes: only on a scratch store, which no gate has ever vouched for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from pyoxigraph import DefaultGraph, Triple, parse

from mineralgraph.errors import Forbidden, NotFound, RdfSyntaxError
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.store.base import Graph, Store
from mineralgraph.store.scratch import ScratchStore
from mineralgraph.submissions.requests import Asking
from mineralgraph.submissions.tokens import Scope
from mineralgraph.submissions.writer import require


async def _nobody() -> None:
    """Tell nobody: readers look at the store itself."""


class RawWriter:
    """Makes raw writes, one after another, and lets readers see each whole."""

    def __init__(self, store: Store, refresh: Callable[[], Awaitable[None]] = _nobody) -> None:
        """Take the store.

        Args:
            store: the store that is being served.
            refresh: lets readers see the present state.

        Raises:
            Forbidden: when it is no scratch store.
        """
        if not isinstance(store, ScratchStore):
            raise Forbidden("raw writes need a scratch store")
        self._store = store
        self._refresh = refresh
        self._lock = asyncio.Lock()

    async def update(
        self, asking: Asking, text: str, using: Sequence[str], named: Sequence[str]
    ) -> None:
        """Run SPARQL Update; see ``ScratchStore.update``.

        Raises:
            Forbidden: when the token is not an admin's.
        """
        require(asking, Scope.ADMIN)
        await self._do(partial(self._store.update, text, using, named), asking)

    async def put(
        self, asking: Asking, graph: Graph, triples: Sequence[Triple], *, replace: bool
    ) -> bool:
        """Write a graph; returns whether it is new."""
        require(asking, Scope.ADMIN)
        new = not self._store.holds(graph)
        await self._do(partial(self._store.put, graph, triples, replace=replace), asking)
        return new

    async def drop(self, asking: Asking, graph: Graph) -> None:
        """Remove a graph.

        Raises:
            NotFound: when there is no such graph.
        """
        require(asking, Scope.ADMIN)
        if not self._store.holds(graph):
            raise NotFound(f"there is no graph {graph}", hint="GET /data gives all graphs.")
        await self._do(partial(self._store.drop, graph), asking)

    async def _do(self, write: Callable[[], None], asking: Asking) -> None:
        await asyncio.shield(asyncio.ensure_future(self._in_turn(write, asking)))

    async def _in_turn(self, write: Callable[[], None], asking: Asking) -> None:
        async with self._lock:
            asking.require_version(self._store.version())
            await asyncio.to_thread(write)
            await self._refresh()


def triples_of(data: bytes, form: GraphFormat) -> list[Triple]:
    """Parse the triples of a graph; blank nodes get labels that nothing else has.

    Raises:
        RdfSyntaxError: when it does not parse, or holds named graphs.
    """
    try:
        quads = list(parse(data, format=form.engine, rename_blank_nodes=True))
    except SyntaxError as error:
        raise RdfSyntaxError(str(error.msg), line=error.lineno, column=error.offset) from error
    except ValueError as error:
        raise RdfSyntaxError(str(error)) from error
    if any(not isinstance(quad.graph_name, DefaultGraph) for quad in quads):
        raise RdfSyntaxError("the body holds named graphs, and one graph is written here")
    return [quad.triple for quad in quads]
