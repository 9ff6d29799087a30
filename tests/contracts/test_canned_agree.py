"""Every canned query has the same rows on a remote engine, on the data that we publish."""

from __future__ import annotations

from collections.abc import Iterator

import engines as servers
import pytest
from pyoxigraph import Quad

from mineralgraph import opening, relations
from mineralgraph.queries.catalog import load_catalog
from mineralgraph.settings import Settings
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore

from .comparing import found
from .conftest import Start, remote
from .deviations import CANNED_DEVIATIONS, expect

CATALOG = load_catalog()


@pytest.fixture(scope="module")
def published() -> list[Quad]:
    return list(relations.complete(opening.compiled(Settings()).quads))


@pytest.fixture(scope="module")
def embedded(published: list[Quad]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.load(published)
        yield store


@pytest.fixture(scope="module", params=list(servers.ENGINES))
def engine(
    request: pytest.FixtureRequest, start: Start, published: list[Quad]
) -> Iterator[tuple[str, RemoteStore]]:
    with remote(start(request.param)) as store:
        store.load(published)
        yield request.param, store


@pytest.mark.parametrize("name", CATALOG)
def test_a_canned_query_has_the_same_rows(
    request: pytest.FixtureRequest,
    engine: tuple[str, RemoteStore],
    embedded: EmbeddedStore,
    name: str,
) -> None:
    expect(request, CANNED_DEVIATIONS, engine[0], name)
    query = CATALOG[name]
    everything = {p.name: p.example for p in query.parameters}
    for values in (query.example, everything):
        text = query.bind(values)
        assert found(engine[1], text) == found(embedded, text)


def test_the_pages_tell_how_many_deviate() -> None:
    number = len(CANNED_DEVIATIONS)
    for page, words in (
        ("how-to/grow-past-one-machine.md", f"{number} canned queries deviate"),
        ("reference/engines.md", f"{number} deviate: see below"),
        ("reference/engines.md", f"it answers {number} of them differently"),
    ):
        assert words in (servers.ROOT / "docs" / page).read_text(encoding="utf-8"), page


def test_the_whole_dataset_comes_back(
    engine: tuple[str, RemoteStore], embedded: EmbeddedStore
) -> None:
    assert engine[1].version() == embedded.version()
    assert set(engine[1].quads()) == set(embedded.quads())
