"""The service over the invented dataset of tests/queries, in this process.

One application for all tests of this folder: it only reads, and its dataset never changes. A
test that needs other settings, another runner or a changing store makes its own with ``serve``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pyoxigraph import Quad

from mineralgraph import pipeline, relations
from mineralgraph.api import create_app
from mineralgraph.execution.base import Runner
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.intake.document import read
from mineralgraph.settings import Settings
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore

INVENTED = Path(__file__).parent.parent / "queries" / "invented"
ID = "https://w3id.org/mineralgraph/id/"

Client = httpx.Client
Serve = Callable[..., httpx.Client]


class Keeper:
    """The gate, in this thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def validate(self, data: bytes, format: str, shapes: tuple[str, ...] = ()) -> Report:
        document = read(data, format)
        return pipeline.judge(document, self._store, Corpus(None), shapes=shapes).report


class KeptOpen(InlineRunner):
    """A runner whose store outlives the application: each fixture closes its own."""

    async def stop(self) -> None:
        """Leave the store open."""


class InProcess(httpx.BaseTransport):
    """Carries requests of a plain client to an application, without a network."""

    def __init__(self, app: FastAPI) -> None:
        self._loop = asyncio.new_event_loop()
        self._inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._exchange(request))

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        headers = [(n, v) for n, v in answer.headers.raw if n.lower() != b"content-encoding"]
        if "content-encoding" in answer.headers:  # aread has undone it
            headers.append((b"x-was-encoded", answer.headers["content-encoding"].encode()))
        return httpx.Response(answer.status_code, headers=headers, content=content)

    def close(self) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


def client_of(app: FastAPI) -> httpx.Client:
    """Return a client that follows no redirect and asks for no compression."""
    return httpx.Client(
        transport=InProcess(app),
        base_url="http://testserver",
        headers={"Accept-Encoding": "identity", "Accept": "*/*"},
    )


@pytest.fixture(scope="session")
def quads() -> list[Quad]:
    """The invented dataset as a store is filled with it."""
    return relations.complete(compile_dataset(INVENTED).quads)


@pytest.fixture(scope="session")
def store(quads: list[Quad]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as filled:
        filled.load(quads)
        yield filled


@pytest.fixture(scope="session")
def app(store: EmbeddedStore) -> FastAPI:
    return create_app(Settings(), KeptOpen(store), validator=Keeper(store))


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with client_of(app) as made:
        yield made


@pytest.fixture
def serve(store: EmbeddedStore) -> Iterator[Serve]:
    """Make a client of a service with other settings, or over another runner."""
    made: list[httpx.Client] = []

    def make(runner: Runner | None = None, parts: dict[str, Any] | None = None,
             **settings: Any) -> httpx.Client:  # fmt: skip
        app = create_app(Settings(**settings), runner or KeptOpen(store), **(parts or {}))
        made.append(client_of(app))
        return made[-1]

    yield make
    for client in made:
        client.close()
