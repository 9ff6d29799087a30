"""What answers rest on is the same on a remote engine, and found in few requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import engines as servers
import pytest
from pyoxigraph import Quad

from mineralgraph import opening
from mineralgraph.provenance import Explained, explain
from mineralgraph.queries.catalog import load_catalog
from mineralgraph.settings import Settings
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore
from mineralgraph.store.remote_http import Call
from mineralgraph.store.results import Answer

from .conftest import Start, remote

CATALOG = load_catalog()
QUERIES = {
    "canned": CATALOG["did-attend"].text,
    "view": "SELECT ?who { ?p mg:participant ?who ; mg:inEvent event:ministerial-2026 }",
    "value": 'SELECT ?x { ?x rdfs:label "Kazakhstan"@en ; a ?type }',
    "exists": """SELECT ?who { ?p mg:participant ?who ; mg:inEvent event:ministerial-2026
        FILTER EXISTS { ?m org:member ?who } }""",
    "having": """SELECT ?who (COUNT(*) AS ?n) { ?p mg:participant ?who } GROUP BY ?who
        HAVING(EXISTS { ?m org:member ?who })""",
}


class Counted(RemoteStore):
    """A remote store that counts what it sends."""

    sent = 0

    def _send(self, text: str, form: str, call: Call) -> Answer:
        self.sent += 1
        return super()._send(text, form, call)


@pytest.fixture(scope="module")
def published() -> list[Quad]:
    return list(opening.compiled(Settings()).quads)


@pytest.fixture(scope="module")
def embedded(published: list[Quad]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.load(published)
        yield store


@pytest.fixture(scope="module", params=list(servers.ENGINES))
def counted(
    request: pytest.FixtureRequest, start: Start, published: list[Quad]
) -> Iterator[Counted]:
    server = start(request.param)
    with remote(server) as store:
        store.load(published)
        with Counted(server.query, update=server.update) as again:
            yield again


def told(answer: Explained) -> Counter[object]:
    """Return the rows with the holders of each of their triples, in any order of rows."""
    return Counter((row, frozenset(entries)) for row, entries in answer.witnesses())


def ask(store: Store, text: str) -> Explained:
    return explain(store, text, contested=True)


@pytest.mark.parametrize("name", QUERIES)
def test_rows_rest_on_the_same(counted: Counted, embedded: EmbeddedStore, name: str) -> None:
    near = ask(embedded, QUERIES[name])
    before = counted.sent
    far = ask(counted, QUERIES[name])
    requests = counted.sent - before
    assert near.rows
    assert any(near.entries(number) for number in range(len(near.rows)))
    assert told(far) == told(near)
    assert far.claims == near.claims
    assert {n.feature for n in far.untraceable} == {n.feature for n in near.untraceable}
    assert requests <= 12 + len(near.triples) // 50
