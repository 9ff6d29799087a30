"""The runner contract: one query in, one serialised answer out, within its limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mineralgraph.errors import Gone
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.store.base import WHOLE, Dataset
from mineralgraph.store.clock import NOW, Clock

COMPLETE_BYTES = 8 * 1024 * 1024
"""Up to this size an answer is complete before its status line goes out."""


IDLE: ContextVar[bool] = ContextVar("idle", default=False)
"""Whether what is asked now may only use time that nobody else wants (``Runner.beside``)."""


@contextmanager
def at_once() -> Iterator[None]:
    """Let the queries of the current task stand behind no others: somebody may wait for them."""
    token = IDLE.set(False)
    try:
        yield
    finally:
        IDLE.reset(token)


class Request(NamedTuple):
    """A query to run.

    Attributes:
        text: SPARQL 1.1 query; our prefixes are predeclared.
        dataset: the protocol's dataset parameters.
        form: how to serialise the answer; must fit the query's form (see ``form_of``).
        timeout: seconds until the work is stopped.
        name: what to call the query in logs and metrics.
        clock: the day to look from; runners without clocks refuse one.
        version: the dataset version to answer on; the newest one when empty.
        sources: whether each row also carries what it rests on (``mineralgraph.provenance``).
        contested: whether each row also says if a claim that it names is contested.
        held: whether each row also says if it held on the day that is looked at.
        everything: the whole dataset is asked for, and no query; ``text`` is empty.
    """

    text: str
    form: GraphFormat | ResultFormat
    dataset: Dataset = WHOLE
    timeout: float = 30.0
    name: str = "sparql"
    sources: bool = False
    contested: bool = False
    held: bool = False
    everything: bool = False
    clock: Clock = NOW
    version: str = ""


class Served(NamedTuple):
    """A serialised answer.

    Attributes:
        body: the whole answer, or None where it was too large to be held complete.
        stream: the answer in pieces where ``body`` is None; raises if it breaks off.
        version: the dataset version that it was computed on.
    """

    body: bytes | None
    version: str
    stream: AsyncIterator[bytes] | None = None


@dataclass
class Counts:
    """What a runner does and has done, for ``/metrics``.

    Attributes:
        running: queries taken in and not yet answered, those that wait included.
        waiting: those of them that have not begun.
        halted: those that have begun, and wait for a place among the heavy ones.
        refused: how many found the queue full.
        killed: how many were ended, by what did it.
    """

    running: int = 0
    waiting: int = 0
    halted: int = 0
    refused: int = 0
    killed: dict[str, int] = field(default_factory=lambda: {"deadline": 0, "left": 0, "memory": 0})


class Runner(ABC):
    """Runs queries on the newest published state of a store.

    Attributes:
        cacheable: whether the dataset version tells of every write, so that answers may be kept
            by it; not so where others write to the engine.
        lowers: whether it can run queries in time that nobody else wants.
    """

    cacheable: bool = True
    lowers: bool = False

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Let the queries of the current task stand behind all others, where ``lowers``."""
        token = IDLE.set(self.lowers)
        try:
            yield
        finally:
            IDLE.reset(token)

    @cached_property
    def counts(self) -> Counts:
        """What this runner does and has done."""
        return Counts()

    @abstractmethod
    async def run(self, request: Request) -> Served:
        """Run one query.

        Cancelling the caller's task stops the work.

        Raises:
            QuerySyntaxError: when the query does not parse.
            QueryRefused: when it would call outside, or is an update.
            DeadlineExceeded: when it took longer than ``request.timeout``; the work is stopped.
            Overloaded: when too many queries wait already.
            Gone: when ``request.version`` is not kept.
            NotOffered: when the runner has no clocks.
            StoreError: when the engine fails, or the query outgrows its memory.
        """

    @abstractmethod
    async def version(self) -> str:
        """Return the dataset version that queries are answered on now."""

    async def require(self, version: str) -> None:
        """Refuse a dataset version that cannot be answered on.

        Raises:
            Gone: when it is neither the newest nor kept.
        """
        now = await self.version()
        if version != now:
            raise Gone(f"the dataset version {version[:40]} is not kept", version=now)

    def known_version(self) -> str | None:
        """Return the dataset version where this process knows it; None where it must ask."""
        return None

    @abstractmethod
    async def start(self) -> None:
        """Make ready; called once before the first query."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop all work and release everything."""
