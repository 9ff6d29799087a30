"""What is kept of the descriptions of a node is what a look at the whole store would find."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, MG, RDF, RDFS, SCHEMA
from mineralgraph.store.base import Change
from mineralgraph.store.descriptions import Descriptions, describes
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.scratch import ScratchStore
from mineralgraph.store.view import After

NODES = [mint("person", name) for name in ("one", "other")]
GRAPHS = [mint("graph", "people"), mint("graph", "places"), mint("claim", "c1"), AUDIT_GRAPH]
QUADS = st.builds(
    Quad,
    st.sampled_from(NODES),
    st.sampled_from([RDFS.label, SCHEMA.name]),
    st.sampled_from([Literal("a"), Literal("b")]),
    st.sampled_from(GRAPHS),
)
SETS = st.frozensets(QUADS, max_size=4)


def found(store: EmbeddedStore) -> dict[NamedNode, set[Quad]]:
    return {node: set(store.described(node)) for node in NODES}


def looked_up(store: EmbeddedStore) -> dict[NamedNode, set[Quad]]:
    return {node: {q for q in store.quads(node) if describes(q)} for node in NODES}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SETS, SETS), min_size=1, max_size=4))
def test_they_follow_every_write(changes: list[tuple[frozenset[Quad], frozenset[Quad]]]) -> None:
    with EmbeddedStore() as store:
        for added, removed in changes:
            change = Change(added - removed, removed)
            after = After(store.quads, change, store.described)
            expected = {node: set(after.described(node)) for node in NODES}
            store.apply(change)
            assert found(store) == looked_up(store) == expected


def test_they_follow_patches_raw_writes_and_another_start(tmp_path: Path) -> None:
    quad = Quad(NODES[0], RDF.type, MG.Mineral, GRAPHS[0])
    with EmbeddedStore(tmp_path / "store") as store:
        assert found(store)[NODES[0]] == set()
        store.patch(iter([]), iter([quad]))
        assert found(store)[NODES[0]] == {quad}
    with EmbeddedStore(tmp_path / "store") as again:
        assert found(again)[NODES[0]] == {quad}
    with ScratchStore() as scratch:
        assert found(scratch)[NODES[0]] == set()
        scratch.put(GRAPHS[0], [quad.triple], replace=False)
        assert found(scratch)[NODES[0]] == {quad}


def test_a_node_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[NamedNode] = []

    def find(node: NamedNode) -> list[Quad]:
        asked.append(node)
        return [Quad(node, RDF.type, MG.Mineral, graph) for graph in GRAPHS]

    known = Descriptions(find)
    first = known.of(NODES[0])
    assert known.of(NODES[0]) is first
    assert {q.graph_name for q in first} == set(GRAPHS[:2])
    assert asked == NODES[:1]
    monkeypatch.setattr("mineralgraph.store.descriptions._KEPT", 1)
    known.of(NODES[1])
    known.of(NODES[0])
    assert asked == [*NODES, NODES[0]]
