"""Promises kept under pressure: deadlines, memory, fairness, and answers that never look whole."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.errors import DeadlineExceeded, Overloaded, QuerySyntaxError, StoreError
from mineralgraph.execution import pool as pools
from mineralgraph.execution.base import COMPLETE_BYTES, Request
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import GRAPH_BASE
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

GRAPH = NamedNode(GRAPH_BASE + "people")
P = NamedNode("https://example.org/p")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://example.org/p> ?o }"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LONGER = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f "
    "FILTER(?c < 750 && STRLEN(SHA512(CONCAT(STR(?c), STR(?f)))) > 0) }"
)
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
SIZE = 1500


def quad(number: int) -> Quad:
    return Quad(NamedNode(f"https://example.org/{number}"), P, Literal(number), GRAPH)


@asynccontextmanager
async def running(folder: Path | None, **options: int) -> AsyncIterator[ProcessPool]:
    store = EmbeddedStore(folder)
    store.load([quad(n) for n in range(SIZE)])
    pool = ProcessPool(store, 2, **options)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


@pytest.fixture(params=["memory", "folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "memory" else tmp_path / "store" / "db"


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))  # type: ignore[arg-type]


def request(text: str, timeout: float = 20) -> Request:
    return Request(text, formats.JSON, timeout=timeout)


def number(body: bytes | None) -> int:
    assert body is not None
    return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])


def busy(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return False
    return fields[0] != "Z"


def children() -> list[int]:
    """The processes that the templates of this test run have forked."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = int(stat.parent.name), stat.read_text().rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[pid] = int(rest.split()[1])
    templates = {pid for pid, parent in parents.items() if parent == os.getpid()}
    return [pid for pid, parent in parents.items() if parent in templates]


def test_an_answer_names_its_version(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            served = await pool.run(request(COUNT))
            assert number(served.body) == SIZE
            assert served.version == await pool.version() != "empty"

    run(work)


def test_a_published_change_is_seen_by_the_next_query(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            before = await pool.run(request(COUNT))
            applied = pool.store.apply(Change(frozenset({quad(SIZE)}), frozenset({quad(0)})))
            applied2 = pool.store.apply(Change(frozenset({quad(SIZE + 1)})))
            await pool.publish(applied)
            await pool.publish(applied2)
            after = await pool.run(request(COUNT))
            assert (number(before.body), number(after.body)) == (SIZE, SIZE + 1)
            assert after.version == applied2.version != before.version

    run(work)


def test_the_deadline_stops_the_work_and_frees_the_processor(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            victims = [p.pid for p in pool.idle]
            started = time.monotonic()
            with pytest.raises(DeadlineExceeded):
                await pool.run(request(HEAVY, timeout=1))
            assert time.monotonic() - started < 2
            while sum(busy(pid) for pid in victims) != len(victims) - 1:
                await asyncio.sleep(0.01)
                assert time.monotonic() - started < 2, "the processor is free within a second"
            assert number((await pool.run(request(COUNT))).body) == SIZE

    run(work)


def test_a_client_that_leaves_stops_its_query() -> None:
    async def work() -> None:
        async with running(None) as pool:
            task = asyncio.create_task(pool.run(request(HEAVY)))
            await asyncio.sleep(0.8)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert pool.counts.killed["left"] == 1
            assert pool.counts.running == 0

    run(work)


def test_a_query_that_outgrows_its_memory_dies_alone() -> None:
    async def work() -> None:
        async with running(None, memory=128 * 1024 * 1024) as pool:
            sort = asyncio.create_task(pool.run(request(SORT)))
            beside = await pool.run(request(COUNT))
            assert number(beside.body) == SIZE
            with pytest.raises(StoreError, match="ended by itself"):
                await sort
            assert number((await pool.run(request(COUNT))).body) == SIZE

    run(work)


def test_small_queries_are_not_starved_by_heavy_ones() -> None:
    async def work() -> None:
        async with running(None) as pool:
            heavy = [asyncio.create_task(pool.run(request(HEAVY, timeout=9))) for _ in range(6)]
            while pool.counts.halted < 4:  # all six leave the fast lane
                await asyncio.sleep(0.02)
            assert pool.counts.running == 6
            for _ in range(5):
                served = await asyncio.wait_for(pool.run(request(COUNT)), 2)
                assert number(served.body) == SIZE
            assert pool.counts.halted == 4, "only as many heavy queries run as there are places"
            results = await asyncio.gather(*heavy, return_exceptions=True)
            assert {type(r) for r in results} == {DeadlineExceeded}

    run(work)


def test_a_longer_query_has_its_turn_among_endless_ones() -> None:
    """It need not wait until those that came first have met their deadlines."""

    async def work() -> None:
        async with running(None) as pool:
            heavy = [asyncio.create_task(pool.run(request(HEAVY, timeout=30))) for _ in range(6)]
            while pool.counts.halted < 4:
                await asyncio.sleep(0.02)
            longer = asyncio.create_task(pool.run(request(LONGER, timeout=30)))
            while pool.counts.halted == 4 and not longer.done():
                await asyncio.sleep(0.02)
            assert not longer.done(), "it has left the fast lane"
            assert number((await longer).body) >= 750 * SIZE
            assert not any(task.done() for task in heavy)
            for task in heavy:
                task.cancel()
            await asyncio.gather(*heavy, return_exceptions=True)

    run(work)


def test_sixty_deadlines_at_once_are_kept() -> None:
    """Nobody's answer waits until the processes of all others are collected and replaced."""

    async def work() -> None:
        async with running(None) as pool:
            heavy = [asyncio.create_task(pool.run(request(HEAVY, timeout=4))) for _ in range(60)]
            began = time.monotonic()
            results = await asyncio.gather(*heavy, return_exceptions=True)
            assert {type(r) for r in results} == {DeadlineExceeded}
            assert time.monotonic() - began < 6
            assert number((await pool.run(request(COUNT))).body) == SIZE
            for _ in range(100):
                if len(pool.idle) == 2 and pool.counts.running == 0:
                    break
                await asyncio.sleep(0.1)
            assert len(pool.idle) == 2, "as many successors as there are workers, and no more"

    run(work)


def test_a_process_that_was_forked_for_nothing_is_ended() -> None:
    """The ticket that it was forked for may have met its deadline while it came."""

    async def work() -> None:
        async with running(None) as pool:
            whole = len(pool.idle)
            pool._forking += 1
            await pool._supply()
            assert len(pool.idle) == whole
            assert number((await pool.run(request(COUNT))).body) == SIZE

    run(work)


def test_a_small_query_behind_many_heavy_ones_has_its_turn_soon() -> None:
    async def work() -> None:
        async with running(None) as pool:
            heavy = [asyncio.create_task(pool.run(request(HEAVY, timeout=8))) for _ in range(40)]
            await asyncio.sleep(0.1)
            assert pool.counts.waiting > 30
            served = await pool.run(request(COUNT, timeout=5))  # 10 s, had each half a second
            assert number(served.body) == SIZE
            for task in heavy:
                task.cancel()
            await asyncio.gather(*heavy, return_exceptions=True)
            assert (pool.counts.waiting, pool.counts.running, pool.counts.halted) == (0, 0, 0)

    run(work)


def test_too_many_queries_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAITING", 2)

    async def work() -> None:
        async with running(None) as pool:
            tasks = [asyncio.create_task(pool.run(request(HEAVY, timeout=2))) for _ in range(2)]
            await asyncio.sleep(0.1)
            with pytest.raises(Overloaded) as caught:
                await pool.run(request(COUNT))
            assert caught.value.extra["retry_after"] >= 1
            await asyncio.gather(*tasks, return_exceptions=True)

    run(work)


LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000"


def test_a_large_answer_streams_whole() -> None:
    async def work() -> None:
        async with running(None) as pool:
            served = await pool.run(request(LARGE))
            assert served.body is None
            assert served.stream is not None
            body = b"".join([piece async for piece in served.stream])
            assert len(body) > COMPLETE_BYTES
            assert len(json.loads(body)["results"]["bindings"]) == 60000
            assert pool.counts.running == 0

    run(work)


def test_a_stream_that_meets_its_deadline_breaks_off() -> None:
    async def work() -> None:
        async with running(None) as pool:
            text = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
            served = await pool.run(request(text, timeout=3))
            assert served.stream is not None
            with pytest.raises(DeadlineExceeded):
                async for _ in served.stream:
                    pass
            assert pool.counts.running == 0

    run(work)


def test_errors_cross_the_process_boundary_whole() -> None:
    async def work() -> None:
        async with running(None) as pool:
            with pytest.raises(QuerySyntaxError) as caught:
                await pool.run(request("SELECT *\n{ ?s ?p }"))
            assert caught.value.extra["line"] == 2
            assert caught.value.hint

    run(work)


@pytest.mark.parametrize("chosen", [None, "glibc.malloc.tcache_count=9"])
def test_query_processes_keep_small_memory_at_hand_unless_told_otherwise(
    chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if chosen:
        monkeypatch.setenv("GLIBC_TUNABLES", chosen)

    async def work() -> None:
        async with running(None) as pool:
            environment = Path(f"/proc/{pool.idle[0].pid}/environ").read_text().split("\0")
            assert f"GLIBC_TUNABLES={chosen or pools.MALLOC}" in environment

    run(work)


def test_query_processes_have_no_network() -> None:
    async def work() -> None:
        async with running(None) as pool:
            if not pool.isolated:
                pytest.skip("this system does not let a process leave the network")
            ours = Path("/proc/self/ns/net").readlink()
            assert all(Path(f"/proc/{p.pid}/ns/net").readlink() != ours for p in pool.idle)

    run(work)


def test_nothing_is_left_running_after_stop() -> None:
    async def work() -> None:
        async with running(None) as pool:
            pids = [p.pid for p in pool.idle]
        assert pids
        for _ in range(50):
            if not any(busy(pid) for pid in pids):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("query processes outlive the pool")

    run(work)


def test_what_nobody_waits_for_is_in_nobodys_way(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            with pool.beside():
                unhurried = [asyncio.ensure_future(pool.run(request(HEAVY))) for _ in range(3)]
            await asyncio.sleep(0.3)
            assert not any(task.done() for task in unhurried)
            assert (pool.counts.running, pool.counts.halted) == (0, 0)
            own = [pid for pid in children() if os.sched_getscheduler(pid) == os.SCHED_IDLE]
            assert len(own) == 3
            began = time.monotonic()
            for _ in range(20):
                assert number((await pool.run(request(COUNT))).body) == SIZE
            assert time.monotonic() - began < 5
            for task in unhurried:
                task.cancel()
            await asyncio.wait(unhurried)
            await asyncio.sleep(0.3)
            assert not any(busy(pid) for pid in own)

    run(work)


def test_what_nobody_waits_for_has_a_deadline_too(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            with pool.beside():
                assert number((await pool.run(request(COUNT))).body) == SIZE
                with pytest.raises(DeadlineExceeded):
                    await pool.run(request(HEAVY, 0.3))
            assert number((await pool.run(request(COUNT))).body) == SIZE

    run(work)


def test_a_query_beside_that_is_given_up_at_once_leaves_nothing(folder: Path | None) -> None:
    async def work() -> None:
        async with running(folder) as pool:
            before = set(children())
            with pool.beside():
                for _ in range(5):
                    task = asyncio.ensure_future(pool.run(request(HEAVY)))
                    await asyncio.sleep(0)
                    task.cancel()
                    await asyncio.wait([task])
            assert number((await pool.run(request(COUNT))).body) == SIZE
            await asyncio.sleep(0.5)
            assert not any(busy(pid) for pid in set(children()) - before)

    run(work)
