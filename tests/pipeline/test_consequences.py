"""A sample of the neighbourhood raises the findings that the whole of it raises."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import Literal, Quad

from benchmarks import generator
from mineralgraph.gate.overlay import is_description
from mineralgraph.pipeline import consequences
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG, ONTOLOGY_GRAPH, RDF, RDFS
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.view import After

ARTICLES, CLAIMS = 8, 10


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    filled = EmbeddedStore()
    filled.load(generator.dataset(ARTICLES, 0, CLAIMS))
    return filled


def changed(store: EmbeddedStore, draw: random.Random) -> Change:
    own = sorted((q for q in store.quads() if _counts(q)), key=str)
    told = [q for q in own if not is_description(q)]
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for _ in range(draw.randrange(1, 4)):
        quad, other = draw.choice(own), draw.choice(told)
        act = draw.randrange(6)
        if act == 0:
            removed |= {q for q in own if q.graph_name == other.graph_name}  # a claim is emptied
        elif act == 1:
            added.add(Quad(other.subject, RDF.type, MG.Mineral, other.graph_name))
        elif act == 2:
            name = Literal("Another name", language="en")
            added.add(Quad(quad.subject, RDFS.label, name, quad.graph_name))
        elif act == 3:
            removed |= {q for q in own if q.subject == quad.subject}
        elif act == 4:
            nobody = mint("person", "nobody")
            added.add(Quad(other.subject, MG.participant, nobody, other.graph_name))
        else:
            day = Literal("2031-01-01")
            added.add(Quad(other.subject, MG.edtf, day, other.graph_name))
    return Change(frozenset(added - removed), frozenset(removed))


def _counts(quad: Quad) -> bool:
    return quad.graph_name != ONTOLOGY_GRAPH and hasattr(quad.graph_name, "value")


@pytest.mark.parametrize("seed", range(12))
def test_a_sample_raises_what_the_whole_raises(
    store: EmbeddedStore, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consequences, "_POINTING", 1)  # as scarce as in a large graph
    change = changed(store, random.Random(seed))
    after = After(store.quads, change).quads
    seeds = consequences._seeds(store.quads, change)
    ring = consequences._ring(store.quads, seeds) | consequences._ring(after, seeds)
    whole = consequences._compared(
        consequences._neighbourhood(store.quads, seeds, ring),
        consequences._neighbourhood(after, seeds, ring),
    )
    assert set(consequences.new_findings(store.quads, change)) == set(whole)


def test_the_random_changes_raise_findings_and_raise_none(store: EmbeddedStore) -> None:
    found = [
        consequences.new_findings(store.quads, changed(store, random.Random(seed)))
        for seed in range(12)
    ]
    assert any(found)
    assert not all(found)
    assert len({finding.rule for some in found for finding in some}) >= 3


def test_a_good_article_is_looked_at_in_a_sample_only(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consequences, "_neighbourhood", lambda *_: pytest.fail("the whole"))
    size = generator.Size(ARTICLES)
    text = generator.article(70, size, 0, CLAIMS)
    quads = generator.compiled(text, generator.known_labels(size))
    assert consequences.new_findings(store.quads, Change(frozenset(quads))) == []
