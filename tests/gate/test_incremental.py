"""The incremental verdict is that of full validation: the law of issue "gate", section 3.

Random changes to random generated graphs, good ones and bad ones. Full validation is plain
pySHACL on every claim unit, and once on the reference data with the descriptions.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache

import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from benchmarks import generator
from mineralgraph.gate import incremental, reading, shacl, shapes
from mineralgraph.gate.context import Context
from mineralgraph.gate.incremental import Incremental
from mineralgraph.gate.overlay import Overlay, is_description
from mineralgraph.gate.shacl import ShapeResult
from mineralgraph.gate.units import background, claim_unit
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG, ONTOLOGY_GRAPH, RDF, RDFS, SKOS
from mineralgraph.store.embedded import EmbeddedStore

ARTICLES, CLAIMS = 2, 4
Tagged = tuple[str | None, tuple[str, str, str, str]]


@cache
def quads_of(seed: int) -> tuple[Quad, ...]:
    return tuple(dict.fromkeys(generator.dataset(ARTICLES, seed, CLAIMS)))


def store_of(quads: Iterable[Quad]) -> EmbeddedStore:
    store = EmbeddedStore()
    store.load(quads)
    return store


def tagged(results: Iterable[ShapeResult]) -> set[Tagged]:
    return {(r.claim.value if r.claim else None, r.key) for r in results}


def claims_in(quads: Iterable[Quad]) -> list[NamedNode]:
    found = {
        q.subject
        for q in quads
        if q.predicate == RDF.type and q.object == MG.Claim and is_description(q)
    }
    return sorted((c for c in found if isinstance(c, NamedNode)), key=str)


def fully(quads: list[Quad]) -> set[Tagged]:
    """Full validation by plain pySHACL (model.md section 9)."""
    described = [q for q in quads if is_description(q)]
    by_subject: dict[object, list[Quad]] = {}
    for quad in described:
        by_subject.setdefault(quad.subject, []).append(quad)
    asserted = [q for q in quads if not is_description(q)]
    context = Context(asserted, lambda node: by_subject.get(node, ()))
    units = [claim_unit(claim, context) for claim in claims_in(quads)]
    return tagged(shacl.plainly([*units, background(described, context)], context))


@cache
def before(seed: int) -> frozenset[Tagged]:
    return frozenset(fully(list(quads_of(seed))))


def change(seed: int, draw: random.Random) -> tuple[set[Quad], set[Quad]]:
    """A random change: quads go, come altered, move to other graphs; an article comes or goes."""
    own = [q for q in quads_of(seed) if q.graph_name != ONTOLOGY_GRAPH]
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for _ in range(draw.randrange(1, 7)):
        quad, other = draw.choice(own), draw.choice(own)
        act = draw.randrange(8)
        if act in (0, 1):
            removed.add(quad)
        elif act == 2:
            added.add(Quad(quad.subject, quad.predicate, other.object, quad.graph_name))
        elif act == 3:
            removed.add(quad)
            added.add(Quad(quad.subject, quad.predicate, Literal("oops"), quad.graph_name))
        elif act == 4:
            added.add(Quad(quad.subject, other.predicate, other.object, quad.graph_name))
        elif act == 5:  # a second holder, in the reference data or in a claim
            added.add(Quad(quad.subject, quad.predicate, quad.object, other.graph_name))
        elif act == 6:
            removed |= {q for q in own if q.subject == quad.subject}
        else:
            known = generator.known_labels(generator.Size(ARTICLES), seed)
            text = generator.article(draw.randrange(50, 60), generator.Size(ARTICLES), seed, 2)
            added |= set(generator.compiled(text, known))
    return added - removed, removed


def compare(seed: int, added: set[Quad], removed: set[Quad]) -> None:
    store = store_of(quads_of(seed))
    job = Incremental(store.quads, added, removed)
    affected = job.affected()
    found = tagged(job.results())
    after = list(dict.fromkeys(Overlay(store.quads, added, removed).quads()))
    expected = fully(after)
    claims = {claim.value for claim in affected.claims}
    nodes = {getattr(node, "value", str(node)) for node in affected.nodes}
    gone = {c.value for c in claims_in(quads_of(seed))} - {c.value for c in claims_in(after)}

    def looked_at(result: Tagged) -> bool:
        claim, (focus, *_) = result
        return (claim in claims or claim in gone) if claim else focus in nodes

    assert found == {r for r in expected if looked_at(r)}
    assert {r for r in expected if not looked_at(r)} == {
        r for r in before(seed) if not looked_at(r)
    }


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1), st.integers(0, 10**9))
def test_the_incremental_verdict_is_that_of_full_validation(seed: int, choice: int) -> None:
    added, removed = change(seed, random.Random(choice))
    compare(seed, added, removed)


def entity(kind: str, slug: str) -> NamedNode:
    return NamedNode(f"https://w3id.org/mineralgraph/id/{kind}/{slug}")


REFERENCE = NamedNode(GRAPH_BASE + "generated")


def test_a_changed_entity_affects_every_claim_that_includes_it_and_no_other() -> None:
    quads = quads_of(0)
    (name,) = {
        q for q in quads if q.subject == entity("person", "who0") and q.predicate == RDFS.label
    }
    added = {Quad(name.subject, RDFS.label, Literal("Somebody", language="en"), name.graph_name)}
    affected = Incremental(store_of(quads).quads, added, {name}).affected()
    speaking = {
        q.graph_name
        for q in quads
        if not is_description(q) and name.subject in (q.subject, q.object)
    }
    speaking |= {q.subject for q in quads if q.predicate == MG.speaker and q.object == name.subject}
    assert affected.claims == speaking
    assert speaking
    assert affected.nodes == {name.subject}
    assert affected.notes == ()


def test_a_new_article_affects_its_own_claims_and_what_it_describes() -> None:
    size = generator.Size(ARTICLES)
    text = generator.article(77, size, 0, 3)
    added = set(generator.compiled(text, generator.known_labels(size)))
    store = store_of(quads_of(0))
    affected = Incremental(store.quads, added, set()).affected()
    assert affected.claims == set(claims_in(added))
    known = {q.subject for q in quads_of(0)}
    assert not {n for n in affected.nodes if n in known} - {entity("selector", "0-1")}


def test_a_second_holder_changes_nothing() -> None:
    quad = next(q for q in quads_of(0) if q.predicate == SKOS.altLabel and is_description(q))
    elsewhere = NamedNode(GRAPH_BASE + "elsewhere")
    copy = Quad(quad.subject, quad.predicate, quad.object, elsewhere)
    affected = Incremental(store_of(quads_of(0)).quads, {copy}, set()).affected()
    assert (affected.claims, affected.nodes) == (frozenset(), frozenset())


def test_a_change_of_the_ontology_is_said_to_validate_everything() -> None:
    added = {Quad(MG.Claim, RDFS.seeAlso, MG.Claim, ONTOLOGY_GRAPH)}
    job = Incremental(store_of(quads_of(0)).quads, added, set())
    assert job.affected().everything
    assert "everything was validated" in job.affected().notes[0]
    assert tagged(job.results()) == before(0)


UNREAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix mgs: <https://w3id.org/mineralgraph/shapes#> .
@prefix schema: <https://schema.org/> .
mgs:unread a sh:NodeShape ; sh:targetClass schema:City ; sh:severity sh:Violation ; sh:name "n"@en ;
  sh:description "d"@en ; sh:sparql [ a sh:SPARQLConstraint ; sh:message "m"@en ; sh:select
  '''SELECT $this WHERE { OPTIONAL { $this <https://schema.org/containedInPlace> ?x }
     FILTER(!BOUND(?x)) }''' ] .
"""


def test_a_shape_that_cannot_be_read_is_asked_about_all_its_targets(monkeypatch) -> None:
    graph = rdflib.Graph().parse(data=UNREAD, format="turtle")
    monkeypatch.setattr(shapes, "load", lambda names=(): graph)
    monkeypatch.setattr(incremental.reading, "load", lambda names=(): reading.read(graph))
    shacl.engine._loaded.cache_clear()
    try:
        quads = list(quads_of(0))
        place = entity("place", "town1")
        inside = next(q for q in quads if q.subject == place and "containedIn" in str(q.predicate))
        unrelated = next(q for q in quads if q.subject == entity("person", "who1"))
        job = Incremental(store_of(q for q in quads if q != inside).quads, set(), {unrelated})
        assert [n for n in job.affected().notes if "full target set" in n and "unread" in n]
        assert {r.focus for r in job.results()} == {rdflib.URIRef(place.value)}
    finally:
        shacl.engine._loaded.cache_clear()
