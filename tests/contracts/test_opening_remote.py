"""``MINERALGRAPH_STORE=URL``: the settings reach the engine, and its runner answers."""

from __future__ import annotations

import asyncio
import contextlib

import engines as servers
import pytest
from pydantic import SecretStr
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.errors import SettingsError, StoreError, StoreUnreachable
from mineralgraph.execution.base import Request
from mineralgraph.execution.remote import RemoteRunner
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, RDFS
from mineralgraph.settings import Settings, StoreAuth
from mineralgraph.store.base import Change
from mineralgraph.store.remote import RemoteStore
from mineralgraph.store.remote_http import Call
from tests.api.conftest import client_of

from .conftest import Start, remote
from .faults import serving

PEOPLE = NamedNode(GRAPH_BASE + "people")
LABEL = Quad(PEOPLE, RDFS.label, Literal("people"), PEOPLE)


def scratch(**given: object) -> Settings:
    return Settings(**{"data": "none", "gate": "warn", **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", servers.ENGINES)
def test_a_store_is_opened_and_asked_by_its_address(start: Start, name: str) -> None:
    server = start(name)
    with remote(server):
        pass
    settings = scratch(store=server.query.removesuffix("/query"))
    if name == "fuseki":
        settings = scratch(store=server.query)
    opened = opening.open_to_serve(settings, Corpus(None))
    assert isinstance(opened.store, RemoteStore)
    applied = opened.store.apply(Change(frozenset({LABEL})))
    runner = opening.runner(opened.store, settings)
    assert isinstance(runner, RemoteRunner)

    async def ask() -> tuple[bytes | None, str]:
        await runner.start()
        try:
            served = await runner.run(Request("ASK { ?g rdfs:label 'people' }", formats.JSON))
        finally:
            await runner.stop()
        return served.body, served.version

    body, version = asyncio.run(ask())
    assert b"true" in (body or b"")
    assert version == applied.version


@pytest.mark.parametrize("exclusive", [False, True])
def test_answers_are_kept_only_where_nobody_else_writes(start: Start, exclusive: bool) -> None:
    paths = ("/sparql?query=SELECT+*{?s+rdfs:label+?l}", f"/data?graph={PEOPLE.value}")
    theirs = f'INSERT DATA {{ GRAPH {CURRENT_VIEW} {{ {PEOPLE} rdfs:label "new" }} '
    theirs += f'GRAPH {PEOPLE} {{ {PEOPLE} rdfs:label "new" }} }}'
    with remote(start("oxigraph")) as store:
        store.load([LABEL])
        runner = RemoteRunner(store, 2, exclusive=exclusive)
        app = create_app(scratch(store=store.url), runner)
        with client_of(app) as client:
            before = [client.get(path) for path in paths]
            declared = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
            store._client.update(declared + theirs, Call(10))
            for path, first in zip(paths, before, strict=True):
                assert ("etag" in first.headers) is exclusive
                tag = first.headers.get("etag", "*")
                again = client.get(path, headers={"If-None-Match": tag})
                assert again.status_code == (304 if exclusive else 200)
                assert ("new" in client.get(path).text) is not exclusive
                if not exclusive:
                    assert first.headers["cache-control"] == "no-store"
        runner._threads.shutdown()


def test_a_remote_store_is_never_without_the_gate() -> None:
    settings = scratch(store="http://127.0.0.1:9/sparql", gate="off")
    with pytest.raises(SettingsError, match="GATE"):
        opening.open_to_serve(settings, Corpus(None))


def test_digest_authentication_opens_virtuoso(start: Start) -> None:
    server = start("virtuoso")
    with remote(server):
        pass
    known = {"store": f"{server.query}-auth", "store_auth": StoreAuth.DIGEST, "store_user": "dba"}
    with (
        contextlib.closing(
            opening.remote(scratch(**known, store_password=SecretStr("wrong")))
        ) as store,
        pytest.raises(StoreError, match="401"),
    ):
        store.version()
    with contextlib.closing(
        opening.remote(scratch(**known, store_password=SecretStr("dba")))
    ) as store:
        version = store.apply(Change(frozenset({LABEL}))).version
        assert store.version() == version


def test_an_engine_that_is_not_there_stops_the_start() -> None:
    with serving() as service:
        url = service.url
    with pytest.raises(StoreUnreachable):
        opening.open_to_serve(scratch(store=url), Corpus(None))
