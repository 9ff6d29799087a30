"""A service that takes writes, over the invented lesson of data/README.md.

The store begins with the lesson's reference entities; the tests submit its article. Time is a
clock that moves one second with each look, so that records can be compared.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pyoxigraph import DefaultGraph, Quad

from mineralgraph import resources
from mineralgraph.api import create_app
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import compile_sources
from mineralgraph.rdf.namespaces import prefixes
from mineralgraph.settings import Settings
from mineralgraph.store import view
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.submissions import tokens
from mineralgraph.submissions.tokens import Scope
from mineralgraph.submissions.writer import Writer

_BLOCK = re.compile(
    r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)
HEAD = "".join(f"PREFIX {p}: <{ns}>\n" for p, ns in prefixes().items())
TRIG = "application/trig"


class Clock:
    """A clock that moves one second with each look."""

    def __init__(self) -> None:
        self.at = datetime(2031, 5, 10, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


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
        return httpx.Response(answer.status_code, headers=headers, content=content)

    def close(self) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


def write_lesson(folder: Path) -> Path:
    """Write the lesson's files into a folder."""
    readme = (resources.folder("data") / "README.md").read_text(encoding="utf-8")
    for block in _BLOCK.finditer(readme):
        path = folder / block["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"], encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lesson(tmp_path_factory.mktemp("lesson"))


@pytest.fixture(scope="session")
def article(lesson: Path) -> str:
    """The lesson's article in the authoring form."""
    return (lesson / "data" / "articles" / "lesson.trig").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def base(lesson: Path) -> list[Quad]:
    """Ontology and the lesson's reference entities."""
    return compile_sources([lesson / "data" / "reference" / "lesson.trig"]).quads


@dataclass
class World:
    """A service with four tokens, and ways to ask it."""

    client: httpx.Client
    store: EmbeddedStore
    writer: Writer
    secrets: dict[str, str]
    corpus: Corpus = field(default_factory=lambda: Corpus(None))

    def headers(self, who: str | None, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return named if who is None else {"Authorization": f"Bearer {self.secrets[who]}", **named}

    def submit(self, text: str, who: str | None = "admin", query: str = "", **headers: str) -> Any:
        sent = {"content_type": TRIG, **headers}
        body = text if "PREFIX" in text or "content_type" in headers else HEAD + text
        return self.client.post(
            "/submissions" + query, content=body.encode(), headers=self.headers(who, **sent)
        )

    def withdraw(self, slug: str, who: str | None = "admin", **body: Any) -> Any:
        said = {"reason": "The span was misread.", "basis": "curation-error", **body}
        return self.client.post(f"/claims/{slug}/withdrawal", json=said, headers=self.headers(who))

    def review(self, slug: str, decision: str, who: str | None = "admin") -> Any:
        return self.client.post(
            f"/claims/{slug}/review",
            json={"decision": decision, "reason": "Read against the text."},
            headers=self.headers(who),
        )

    def claim(self, slug: str) -> Any:
        return self.client.get(f"/claims/{slug}", headers={"Accept": "application/json"}).json()

    def dump(self) -> set[Quad]:
        return set(self.store.quads())

    def ask(self, where: str) -> bool:
        answer = self.client.post(
            "/sparql",
            data={"query": f"ASK {{ {where} }}"},
            headers={"Accept": "application/sparql-results+json"},
        )
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["boolean"])


@pytest.fixture
def world_of(tmp_path: Path, base: list[Quad], lesson: Path) -> Iterator[Callable[..., World]]:
    """Make worlds with other settings; each checks at its end that the view is right."""
    made: list[World] = []

    def make(quads: list[Quad] | None = None, folder: Path | None = None, **settings: Any) -> World:
        file = tmp_path / f"tokens-{len(made)}.json"
        scopes = {"submitter": [Scope.SUBMIT], "editor": [Scope.SUBMIT, Scope.WITHDRAW],
                  "withdrawer": [Scope.WITHDRAW], "admin": [Scope.ADMIN]}  # fmt: skip
        secrets = {name: tokens.make(file, name, given) for name, given in scopes.items()}
        chosen = Settings(**{"token_file": file, **settings})
        store = EmbeddedStore(folder)
        store.load(base if quads is None else quads)
        corpus = Corpus(lesson / "corpus")
        writer = Writer(store, corpus, chosen.gate, clock=Clock())
        app = create_app(chosen, InlineRunner(store), corpus=corpus, writer=writer)
        client = httpx.Client(transport=InProcess(app), base_url="http://testserver")
        world = World(client, store, writer, secrets, corpus)
        made.append(world)
        return world

    yield make
    for world in made:
        world.client.close()
        kept = {q.triple for q in world.store.quads(graph=DefaultGraph())}
        assert kept == view.derive(world.store.quads())
        world.store.close()


@pytest.fixture
def world(world_of: Callable[..., World]) -> World:
    return world_of()


@pytest.fixture
def filled(world: World, article: str) -> World:
    """The world after an admin submitted the lesson's article."""
    answer = world.submit(article)
    assert answer.status_code == 201, answer.text
    return world


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 60))
