"""Many writers and readers at the same time, over the query processes that a service has.

Readers never see a write in part, writers with a condition exclude each other, and the record of
writes is one chain.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import DefaultGraph, Quad

from mineralgraph.api import create_app
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.intake.corpus import Corpus
from mineralgraph.settings import Settings
from mineralgraph.store import view
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.submissions.writer import Writer

from .conftest import HEAD, TRIG, Clock
from .test_submissions import claim

ROUNDS = 7
PAIR = """SELECT ?one ?two ?shown {
  claim:lesson-one mg:gist ?one . claim:lesson-two mg:gist ?two .
  GRAPH claim:lesson-one { ?m mg:attestedAt ?day }
  { SELECT (COUNT(*) AS ?shown) { ?m mg:attestedAt ?day } } }"""


@pytest.fixture(params=["memory", "folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "memory" else tmp_path / "store" / "db"


class Served:
    """A service, asked by many at once."""

    def __init__(self, client: httpx.AsyncClient, store: EmbeddedStore) -> None:
        self.client = client
        self.store = store

    async def submit(self, text: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(
            "/submissions",
            content=(HEAD + text).encode(),
            headers={"Content-Type": TRIG, "Authorization": "Bearer all", **named},
        )

    async def ask(self, text: str) -> list[dict[str, str]]:
        answer = await self.client.get(
            "/sparql", params={"query": text}, headers={"Accept": "application/sparql-results+json"}
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in found]

    async def changes(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        address: str | None = "/changes?limit=5"
        while address is not None:
            page = (await self.client.get(address)).json()
            rows += page["rows"]
            address = page["links"].get("next")
        return rows


@asynccontextmanager
async def serving(base: list[Quad], folder: Path | None) -> AsyncIterator[Served]:
    store = EmbeddedStore(folder)
    store.load(base)
    pool = ProcessPool(store, 2)
    settings = Settings(token="all")
    writer = Writer(store, Corpus(None), settings.gate, publish=pool.publish, clock=Clock())
    app = create_app(settings, pool, writer=writer)
    await pool.start()
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://testserver", timeout=60
        ) as client:
            yield Served(client, store)
        kept = {q.triple for q in store.quads(graph=DefaultGraph())}
        assert kept == view.derive(store.quads())
    finally:
        await pool.stop()


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 120))  # type: ignore[arg-type]


def pair(number: int) -> str:
    """Two claims that belong together: each write changes both of them."""
    gist, day = f"Norden holds office number {number}.", f"2031-05-{number % 9 + 1:02}"
    return claim("one", gist, day) + claim("two", gist, day)


def test_readers_see_each_write_whole(base, article, folder):
    async def work() -> None:
        async with serving(base, folder) as service:
            assert (await service.submit(article[article.index("article:lesson a") :])).is_success
            assert (await service.submit(pair(0))).is_success
            seen: set[str] = set()
            done = asyncio.Event()

            async def read(name: str) -> None:
                for number in count():
                    if done.is_set():
                        return
                    # Each time another text, or the answer would come from what is kept.
                    (row,) = await service.ask(f"{PAIR} # {name} {number}")
                    assert row["one"] == row["two"]
                    # two days are attested: that of the article's own claim, and the pair's
                    assert row["shown"] in {"1", "2"}
                    seen.add(row["one"])

            readers = [asyncio.ensure_future(read(name)) for name in "abc"]
            for number in range(1, ROUNDS):
                answer = await service.submit(pair(number))
                assert answer.status_code == 201, answer.text
            done.set()
            await asyncio.gather(*readers)
            assert len(seen) > 2, "nobody read between two writes"

    run(work)


def test_of_many_that_have_seen_one_version_one_writes(base, article, folder):
    async def work() -> None:
        async with serving(base, folder) as service:
            assert (await service.submit(article[article.index("article:lesson a") :])).is_success
            version = service.store.version()
            answers = await asyncio.gather(
                *(service.submit(claim(f"n{n}"), If_Match=f'"{version}"') for n in range(6))
            )
            assert sorted(a.status_code for a in answers) == [201, *[412] * 5]
            assert len(await service.changes()) == 2

    run(work)


def test_one_key_sent_many_times_at_once_writes_once(base, article, folder):
    async def work() -> None:
        async with serving(base, folder) as service:
            assert (await service.submit(article[article.index("article:lesson a") :])).is_success
            answers = await asyncio.gather(
                *(service.submit(claim("same"), Idempotency_Key="k") for _ in range(6))
            )
            assert {a.status_code for a in answers} == {201}
            assert all(a.json() == answers[0].json() for a in answers)
            assert [a.headers.get("idempotency-replayed") for a in answers].count(None) == 1
            assert len(await service.changes()) == 2
            others = await asyncio.gather(
                *(service.submit(claim(f"x{n}"), Idempotency_Key="new") for n in range(4))
            )
            assert sorted(a.status_code for a in others) == [201, 422, 422, 422]
            assert len(await service.changes()) == 3

    run(work)


def test_the_record_of_many_writers_is_one_chain(base, article, folder):
    async def work() -> None:
        async with serving(base, folder) as service:
            assert (await service.submit(article[article.index("article:lesson a") :])).is_success
            answers = await asyncio.gather(
                *(
                    service.submit(claim(f"n{n}", f"Norden holds the office, {n}."))
                    for n in range(8)
                )
            )
            assert {a.status_code for a in answers} == {201}
            rows = await service.changes()
            assert [row["seq"] for row in rows] == list(range(1, 10))
            for former, row in pairwise(rows):
                assert row["version_before"] == former["version"]
            assert rows[-1]["version"] == service.store.version()
            assert {a.json()["write"] for a in answers} == set(range(2, 10))

    run(work)
