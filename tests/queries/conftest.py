"""Two datasets to ask: our own, and an invented one of which no query can know anything."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from mineralgraph import resources
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG
from mineralgraph.relations import complete

HERE = Path(__file__).parent


def store_of(quads: Iterable[Quad]) -> Store:
    """Load a dataset with its current view as the default graph (model.md section 2)."""
    quads = list(quads)
    current = {
        quad.subject
        for quad in quads
        if quad.predicate == MG["current"] and quad.object == Literal(True)
    }
    store = Store()
    store.bulk_extend(quads)
    store.bulk_extend(
        Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())
        for quad in quads
        if isinstance(quad.graph_name, NamedNode)
        and (quad.graph_name.value.startswith(GRAPH_BASE) or quad.graph_name in current)
    )
    return store


@pytest.fixture(scope="session")
def invented() -> Store:
    return store_of(complete(compile_dataset(HERE / "invented").quads))


@pytest.fixture(scope="session")
def articles() -> Store:
    return store_of(complete(compile_dataset(resources.folder("data")).quads))
