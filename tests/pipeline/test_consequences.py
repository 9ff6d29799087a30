"""What is found because of a change is what the rules find on everything after it, and not before.

The measure is the rules as they are written, run on the whole dataset in both states.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from benchmarks import generator
from mineralgraph.gate.overlay import is_description
from mineralgraph.gate.report import Finding
from mineralgraph.pipeline.consequences import new_findings
from mineralgraph.pipeline.surroundings import run_checks
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import DCTERMS, MG, ONTOLOGY_GRAPH, RDF, RDFS, SCHEMA, SKOS
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.view import After
from tests.checks import harness

ARTICLES, CLAIMS = 4, 10
TYPES = (MG.Mineral, MG.Claim, SCHEMA.Person, MG.Commitment, SCHEMA.NewsArticle, MG.ListEdition)
LINKS = (
    MG.participant, MG.withdraws, MG.setAside, MG.edition, MG.evidence, MG.about,
    SCHEMA.containedInPlace, SCHEMA.superEvent, SKOS.broader, DCTERMS.hasPart, MG.relates,
)  # fmt: skip
VALUES = (
    (RDFS.label, Literal("Another name", language="en")),
    (RDFS.label, Literal("Person 1", language="en")),
    (MG.edtf, Literal("2031-01-01")),
    (MG.textDigest, Literal("sha256:0")),
    (MG.current, Literal(False)),
    (MG.current, Literal(True)),
    (MG.entryCount, Literal(2)),
)


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    filled = EmbeddedStore()
    filled.load(generator.dataset(ARTICLES, 0, CLAIMS))
    return filled


def own(store: EmbeddedStore) -> list[Quad]:
    named = (q for q in store.quads() if isinstance(q.graph_name, NamedNode))
    return sorted((q for q in named if q.graph_name != ONTOLOGY_GRAPH), key=str)


def changed(quads: list[Quad], draw: random.Random) -> Change:
    """A random change: claims are emptied, things retyped, renamed, linked, moved, forgotten."""
    told = [q for q in quads if not is_description(q)]
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for _ in range(draw.randrange(1, 5)):
        quad, other = draw.choice(quads), draw.choice(told)
        act = draw.randrange(9)
        if act == 0:
            removed |= {q for q in quads if q.graph_name == other.graph_name}
        elif act == 1:
            added.add(Quad(other.subject, RDF.type, draw.choice(TYPES), quad.graph_name))
        elif act == 2:
            predicate, value = draw.choice(VALUES)
            added.add(Quad(quad.subject, predicate, value, quad.graph_name))
        elif act == 3:
            removed |= {q for q in quads if q.subject == quad.subject}
        elif act == 4:
            nobody = mint("person", "nobody")
            added.add(Quad(other.subject, draw.choice(LINKS), nobody, other.graph_name))
        elif act == 5:
            ends = draw.choice((quad.subject, other.subject)), draw.choice((quad, other)).subject
            added.add(Quad(ends[0], draw.choice(LINKS), ends[1], quad.graph_name))
        elif act == 6:  # a second holder, in the reference data or in a claim
            added.add(Quad(quad.subject, quad.predicate, quad.object, other.graph_name))
        elif act == 7:
            removed.add(quad)
        else:
            size = generator.Size(ARTICLES)
            text = generator.article(draw.randrange(50, 60), size, 0, 3)
            added |= set(generator.compiled(text, generator.known_labels(size)))
    return Change(frozenset(added - removed), frozenset(removed))


def everything(quads: Iterable[Quad]) -> set[Finding]:
    """Return what the rules find on a whole dataset."""
    with EmbeddedStore.holding(set(quads)) as whole:
        return set(run_checks(whole))


def compared(store: EmbeddedStore, change: Change) -> tuple[set[Finding], set[Finding]]:
    """Return what is found because of a change, by the change and by looking at everything."""
    named = {q for q in store.quads() if isinstance(q.graph_name, NamedNode)}
    after = set(After(store.quads, change).quads())
    return set(new_findings(store, change)), everything(after) - everything(named)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(choice=st.integers(0, 10**9))
def test_the_rules_find_because_of_a_change_what_they_find_on_everything(
    store: EmbeddedStore, choice: int
) -> None:
    found, expected = compared(store, changed(own(store), random.Random(choice)))
    assert found == expected


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(choice=st.integers(0, 10**9))
def test_so_they_do_on_a_graph_that_breaks_rules_already(store: EmbeddedStore, choice: int) -> None:
    draw = random.Random(choice)
    earlier = changed(own(store), draw)
    with EmbeddedStore.holding(set(After(store.quads, earlier).quads())) as broken:
        found, expected = compared(broken, changed(own(broken), draw))
    assert found == expected


def test_the_random_changes_break_many_rules_and_some_none(store: EmbeddedStore) -> None:
    quads = own(store)
    found = [new_findings(store, changed(quads, random.Random(n))) for n in range(60)]
    assert not all(found)
    assert len({finding.rule for some in found for finding in some}) >= 10


FAILS = sorted(harness.CASES.glob("*/fail-*.trig"))


@pytest.mark.parametrize("fails", FAILS, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("mended", [False, True], ids=["broken", "mended"])
def test_every_rule_fires_by_the_change_that_breaks_it(fails: Path, mended: bool) -> None:
    passes = fails.with_name(fails.name.replace("fail", "pass"))
    states = [
        {
            q
            for q in harness.store(harness.CASES.parent / "context.trig", file)
            if isinstance(q.graph_name, NamedNode)
        }
        for file in (passes, fails)
    ]
    before, after = states[::-1] if mended else states
    change = Change(frozenset(after - before), frozenset(before - after))
    with EmbeddedStore.holding(before) as store:
        found, expected = compared(store, change)
    assert found == expected
    assert bool(found) != mended
    if not mended:
        assert {(f.rule or "").split("/")[-1].removesuffix("-violation") for f in found} == {
            fails.parent.name
        }


def test_a_good_article_in_a_large_crowd_is_judged_by_what_it_brings(
    store: EmbeddedStore,
) -> None:
    size = generator.Size(ARTICLES)
    quads = generator.compiled(generator.article(70, size, 0, CLAIMS), generator.known_labels(size))
    looked: list[Quad] = []

    class Watched(EmbeddedStore):
        def quads(self, *pattern: Any) -> Iterator[Quad]:
            for quad in super().quads(*pattern):
                looked.append(quad)
                yield quad

    with Watched() as crowd:
        crowd.load(own(store) + list(store.quads(graph=ONTOLOGY_GRAPH)))
        looked.clear()
        assert new_findings(crowd, Change(frozenset(quads))) == []
    assert len(looked) < 40 * len(quads)
