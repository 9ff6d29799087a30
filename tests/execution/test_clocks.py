"""Days have processes of their own, few are kept, and none outlives the pool."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from mineralgraph.errors import Gone
from mineralgraph.execution import clocks
from mineralgraph.execution.base import Request
from mineralgraph.execution.clocks import ClockedPool
from mineralgraph.rdf import formats
from mineralgraph.store.base import Change
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.history import History
from tests.store.test_clock import EARLY, LATE, SAID, claim

CLAIMS = "SELECT ?c { ?c a mg:Claim }"
JANUARY = Clock(as_of=date(2030, 1, 31))


@pytest.fixture(params=["memory", "folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "memory" else tmp_path / "store" / "db"


@asynccontextmanager
async def running(folder: Path | None) -> AsyncIterator[ClockedPool]:
    store = EmbeddedStore(folder)
    store.load([*EARLY, *LATE, *claim("a", "early", SAID), *claim("b", "late", SAID)])
    pool = ClockedPool(store, 2)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


async def count(pool: ClockedPool, clock: Clock, version: str = "") -> int:
    served = await pool.run(Request(CLAIMS, formats.JSON, clock=clock, version=version))
    assert served.body is not None
    return len(json.loads(served.body)["results"]["bindings"])


def test_a_clock_shows_its_day_and_no_clock_everything(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            assert await count(pool, Clock()) == 2
            assert await count(pool, JANUARY) == 1
            assert await count(pool, Clock(as_of=date(2029, 1, 1))) == 0

    asyncio.run(asyncio.wait_for(work(), 60))


def test_many_who_ask_for_one_day_share_its_processes() -> None:
    async def work() -> None:
        async with running(None) as pool:
            found = await asyncio.gather(*(count(pool, JANUARY) for _ in range(8)))
            assert set(found) == {1}
            assert len(pool._days) == 1

    asyncio.run(asyncio.wait_for(work(), 60))


def test_only_so_many_days_are_kept_ready() -> None:
    async def work() -> None:
        async with running(None) as pool:
            for month in range(1, 6):
                await count(pool, Clock(as_of=date(2030, month, 1)))
            assert len(pool._days) == clocks.KEPT

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_change_is_seen_by_the_same_day_afterwards(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            assert await count(pool, JANUARY) == 1
            more = frozenset(claim("c", "early", SAID))
            await pool.publish(pool.store.apply(Change(more)))
            assert await count(pool, JANUARY) == 2

    asyncio.run(asyncio.wait_for(work(), 60))


def test_former_versions_answer_as_they_did(folder: Path | None, tmp_path: Path) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            pool.store.history = History(tmp_path / "history", 2)
            versions = [await pool.version()]
            for name in "cde":
                applied = pool.store.apply(Change(frozenset(claim(name, "early", SAID))))
                await pool.publish(applied)
                versions.append(applied.version)
            for number, version in list(enumerate(versions))[1:]:
                assert await count(pool, Clock(), version) == number + 2
                assert await count(pool, JANUARY, version) == number + 1
            with pytest.raises(Gone):
                await count(pool, Clock(), versions[0])

    asyncio.run(asyncio.wait_for(work(), 60))
