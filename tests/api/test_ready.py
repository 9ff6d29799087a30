"""Slow answers are there again after a write, before anybody asks, and in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.api import create_app, ready
from mineralgraph.api.ready import Ready
from mineralgraph.errors import NotFound
from mineralgraph.execution.base import IDLE, Request, Runner, Served
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.rdf.namespaces import GRAPH_BASE, RDFS
from mineralgraph.settings import Settings
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

LISTING = "/queries/persons-and-posts"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "SETTLED", 0.05)
    monkeypatch.setattr(ready, "LOOK", 0.02)


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 90))  # type: ignore[arg-type]


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


class Told(Runner):
    """A runner that only has a version."""

    lowers = True

    def __init__(self, version: str = "one") -> None:
        self.now = version

    async def run(self, request: Request) -> Served:
        raise AssertionError("nothing is asked here")

    async def version(self) -> str:
        return self.now

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Again:
    """An answer that is made again: notes on which versions, and for how long at the most."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self._seconds, self._error = seconds, error

    async def __call__(self, version: str) -> bool:
        assert IDLE.get()
        self.began.append(version)
        await asyncio.sleep(self._seconds)
        if self._error is not None:
            raise self._error
        self.ended.append(version)
        return True


@asynccontextmanager
async def working(runner: Told, seconds: float = 60, **answers: Again) -> AsyncIterator[Ready]:
    kept = Ready(runner, seconds)
    kept.always(answers.items())
    kept.start()
    try:
        yield kept
    finally:
        await kept.stop()


def test_every_version_has_its_answers_once() -> None:
    async def work() -> None:
        runner, answer = Told(), Again()
        async with working(runner, a=answer) as kept:
            await until(lambda: answer.ended == ["one"])
            await asyncio.sleep(0.2)
            assert answer.ended == ["one"]
            runner.now = "two"
            await until(lambda: answer.ended == ["one", "two"])
            assert (kept.made, kept.given_up) == (2, 0)
        assert not IDLE.get()

    run(work)


def test_a_newer_version_stops_the_work_on_the_former_one() -> None:
    async def work() -> None:
        runner, slow, last = Told(), Again(seconds=30), Again()
        async with working(runner, a=slow, b=last) as kept:
            await until(lambda: slow.began == ["one"])
            runner.now = "two"
            await until(lambda: slow.began == ["one", "two"])
            assert (slow.ended, last.began, kept.given_up) == ([], [], 1)

    run(work)


def test_the_work_is_bounded_in_time() -> None:
    async def work() -> None:
        slow, last = Again(seconds=30), Again()
        async with working(Told(), 0.2, a=slow, b=last) as kept:
            await until(lambda: kept.given_up == 1)
            await asyncio.sleep(0.2)
            assert (slow.began, slow.ended, last.began) == (["one"], [], [])

    run(work)


def test_an_answer_that_fails_does_not_keep_the_others_waiting() -> None:
    async def work() -> None:
        runner, gone, last = Told(), Again(error=NotFound("gone")), Again()
        async with working(runner, b=last) as kept:
            kept.note(runner, "a", gone, ready.SLOW)
            await until(lambda: last.ended == ["one"])
            assert gone.began == ["one"]
            runner.now = "two"
            await until(lambda: last.ended == ["one", "two"])
            assert gone.began == ["one"]  # and it is forgotten

    run(work)


def test_the_slow_answers_asked_for_last_are_remembered() -> None:
    runner = Told()
    kept = Ready(runner, 60)
    kept.note(runner, "quick", Again(), ready.SLOW / 2)
    kept.note(Told(), "by another runner", Again(), 5)
    assert len(kept) == 0
    for number in range(ready.MOST + 5):
        kept.note(runner, number, Again(), ready.SLOW)
    assert len(kept) == ready.MOST


@pytest.mark.parametrize("why", ["switched off", "others write", "no low priority"])
def test_it_is_off_where_it_would_do_harm(why: str) -> None:
    async def work() -> None:
        runner, answer = Told(), Again()
        runner.cacheable, runner.lowers = why != "others write", why != "no low priority"
        async with working(runner, 0 if why == "switched off" else 60, a=answer) as kept:
            kept.note(runner, "b", answer, 5)
            await asyncio.sleep(0.2)
            assert (answer.began, len(kept)) == ([], 1)

    run(work)


def said(quad: Quad) -> str:
    return str(getattr(quad.object, "value", ""))


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client,
    ):
        yield client


async def counted(client: httpx.AsyncClient, name: str) -> int:
    lines = (await client.get("/metrics")).text.splitlines()
    return int(next(line for line in lines if line.startswith(name + " ")).split()[1])


async def ready_of(client: httpx.AsyncClient, least: int) -> int:
    while (made := await counted(client, "mineralgraph_ready_made_total")) < least:
        await asyncio.sleep(0.05)
    return made


def test_after_a_write_the_answer_is_fresh_and_comes_from_the_cache(
    quads: list[Quad],
) -> None:
    async def work() -> None:
        store = EmbeddedStore()
        store.load(quads)
        pool = ProcessPool(store, 2)
        app = create_app(Settings(data="none"), pool)
        async with serving(app) as client:
            listings = await counted(client, "mineralgraph_ready_answers")
            assert listings > 20
            await ready_of(client, listings)
            before = await client.get(LISTING)
            name, new = before.json()["rows"][0]["personLabel"], "Somebody Else"
            (label,) = {q for q in quads if q.predicate == RDFS.label and said(q) == name}
            renamed = Quad(label.subject, RDFS.label, Literal(new, language="en"), label.graph_name)
            await pool.publish(store.apply(Change(frozenset({renamed}), frozenset({label}))))
            await ready_of(client, 2 * listings)
            hits, misses = [
                await counted(client, f"mineralgraph_cache_{name}_total")
                for name in ("hits", "misses")
            ]
            after = await client.get(LISTING)
            assert after.headers["etag"] != before.headers["etag"]
            assert new in {row["personLabel"] for row in after.json()["rows"]}
            assert await counted(client, "mineralgraph_cache_hits_total") == hits + 1
            assert await counted(client, "mineralgraph_cache_misses_total") == misses
            assert await counted(client, "mineralgraph_ready_made_total") == 2 * listings

    run(work)


def test_what_was_asked_and_slow_is_made_again_too(
    quads: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "SLOW", 0.0)

    async def work() -> None:
        store = EmbeddedStore()
        store.load(quads)
        pool = ProcessPool(store, 2)
        app = create_app(Settings(data="none"), pool)
        async with serving(app) as client:
            listings = await counted(client, "mineralgraph_ready_answers")
            made = await ready_of(client, listings)
            asked = f"{LISTING}?limit=3"
            await client.get(asked)
            assert await counted(client, "mineralgraph_ready_answers") == listings + 1
            extra = Quad(
                NamedNode(GRAPH_BASE + "x"), RDFS.label, Literal("x"), NamedNode(GRAPH_BASE + "x")
            )
            await pool.publish(store.apply(Change(frozenset({extra}), frozenset())))
            await ready_of(client, made + listings + 1)
            hits = await counted(client, "mineralgraph_cache_hits_total")
            answer = await client.get(asked)
            assert answer.headers["mineralgraph-dataset-version"] == store.version()
            assert await counted(client, "mineralgraph_cache_hits_total") == hits + 1

    run(work)
