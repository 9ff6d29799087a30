"""Datasets with their relations, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyoxigraph import Quad

from mineralgraph import relations
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.store.embedded import EmbeddedStore

from . import worlds


@pytest.fixture(scope="session")
def invented() -> list[Quad]:
    return relations.complete(worlds.invented())


@pytest.fixture(scope="session")
def articles() -> list[Quad]:
    return relations.complete(compile_dataset().quads)


@pytest.fixture
def store(invented: list[Quad]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.load(invented)
        yield store


@pytest.fixture(scope="session")
def article_store(articles: list[Quad]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.load(articles)
        yield store
