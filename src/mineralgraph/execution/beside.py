"""Queries that nobody waits for: beside the lanes, each in a process of its own.

The system gives it the processor only while nobody else wants it, so it takes no place from
anybody; what it costs is memory. Deadline and memory bound are those of any query.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from mineralgraph.errors import StoreError
from mineralgraph.execution.base import Request, Served
from mineralgraph.execution.process import Process
from mineralgraph.execution.ticket import Ticket

if TYPE_CHECKING:
    from mineralgraph.execution.pool import ProcessPool


async def run(pool: ProcessPool, request: Request) -> Served:
    """Run a query of a pool's; cancelling stops the work."""
    forking = asyncio.ensure_future(pool.fork())
    try:
        process = await asyncio.shield(forking)
    except asyncio.CancelledError:
        pool.later(_end_forked(pool, forking))
        raise
    process.lower()
    return await Ticket(pool, request, own=process).run()


async def _end_forked(pool: ProcessPool, forking: asyncio.Future[Process]) -> None:
    """End a process that is not wanted any more, as soon as it is there."""
    with contextlib.suppress(OSError, StoreError):  # the service may stop meanwhile
        await pool.end(await forking)
