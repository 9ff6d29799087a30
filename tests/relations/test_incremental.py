"""Relations kept in step with changes equal those of a full run, whatever changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import relations
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG, ORG, PROV, RDF, RDFS, SCHEMA, XSD
from mineralgraph.relations import deriving, families
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

from . import worlds

BASE = relations.complete(worlds.invented())
CLAIMS = sorted(
    {q.subject for q in BASE if q.predicate == RDF.type and q.object == MG.Claim}, key=str
)
ARTICLES = sorted(
    {q.subject for q in BASE if q.predicate == RDF.type and q.object == SCHEMA.NewsArticle}, key=str
)
RELEASE = mint("source", "port-release")
Move = tuple[str, int, int]


def derived(quads: object) -> set[Quad]:
    return {q for q in quads if q.graph_name in relations.DERIVED}  # type: ignore[attr-defined]


def in_full(store: EmbeddedStore) -> set[Quad]:
    known = families.as_quads(families.families(store.quads))
    return set(known | relations.derive(store))


def home(store: EmbeddedStore, node: NamedNode) -> NamedNode:
    return next(
        q.graph_name
        for q in store.quads(node, RDF.type)
        if isinstance(q.graph_name, NamedNode) and "/graph/article--" in q.graph_name.value
    )


def replaced(
    store: EmbeddedStore, node: NamedNode, predicate: NamedNode, *values: object
) -> Change:
    """Return the change that gives a described node other values of a property."""
    graph = home(store, node)
    former = set(store.quads(node, predicate, None, graph))
    wanted = {Quad(node, predicate, value, graph) for value in values}  # type: ignore[arg-type]
    return Change(frozenset(wanted - former), frozenset(former - wanted))


def joined(*changes: Change) -> Change:
    return Change(
        frozenset().union(*(c.added for c in changes)),
        frozenset().union(*(c.removed for c in changes)),
    )


def flip(store: EmbeddedStore, a: int, _: int) -> Change:
    """Withdraw an accepted claim, or accept a withdrawn one."""
    claim = CLAIMS[a % len(CLAIMS)]
    current = any(True for _ in store.quads(claim, MG.current, Literal(True)))
    state = mint("review-state", "withdrawn" if current else "accepted")
    return joined(
        replaced(store, claim, MG.reviewState, state),
        replaced(store, claim, MG.current, Literal(not current)),
    )


def copy(store: EmbeddedStore, a: int, b: int) -> Change:
    """Let another article claim the same."""
    claim, article = CLAIMS[a % len(CLAIMS)], ARTICLES[b % len(ARTICLES)]
    new = mint("claim", f"copy-{a}-{b}")
    graph = mint("graph", "article--copies")
    said = [
        Quad(new, q.predicate, q.object, graph)
        for q in store.quads(claim)
        if q.graph_name == home(store, claim) and q.predicate != PROV.wasDerivedFrom
    ]
    said.append(Quad(new, PROV.wasDerivedFrom, article, graph))
    asserted = [
        Quad(q.subject, q.predicate, q.object, new) for q in store.quads(None, None, None, claim)
    ]
    return Change(frozenset(said + asserted))


def delete(store: EmbeddedStore, a: int, _: int) -> Change:
    """Take a claim out altogether."""
    claim = CLAIMS[a % len(CLAIMS)]
    quads = (
        [q for q in store.quads(claim) if q.graph_name == home(store, claim)]
        if any(True for _ in store.quads(claim, RDF.type))
        else []
    )
    return Change(removed=frozenset([*quads, *store.quads(None, None, None, claim)]))


def draw_on(store: EmbeddedStore, a: int, b: int) -> Change:
    """Let an article rest on the release, or no longer."""
    article = ARTICLES[a % len(ARTICLES)]
    return replaced(store, article, MG.upstream, *([RELEASE] if b % 2 else []))


def quote(store: EmbeddedStore, a: int, b: int) -> Change:
    """Let a claim name the release as its own source, or no longer."""
    claim = CLAIMS[a % len(CLAIMS)]
    if not any(True for _ in store.quads(claim, RDF.type)):
        return Change()
    return replaced(store, claim, PROV.wasQuotedFrom, *([RELEASE] if b % 2 else []))


def publish(store: EmbeddedStore, a: int, b: int) -> Change:
    """Let a paper publish the release, which joins them; or give an article another day."""
    if a % 2:
        return replaced(store, RELEASE, SCHEMA.publisher, mint("organization", "night-wire"))
    article = ARTICLES[b % len(ARTICLES)]
    day = Literal(f"2040-0{1 + b % 9}-15", datatype=XSD.date)
    return joined(
        replaced(store, article, MG.publishedLast, day),
        replaced(store, article, MG.publishedFirst, day),
    )


def reword(store: EmbeddedStore, a: int, b: int) -> Change:
    """Give a known thing another name, or an office another body above it."""
    graph = mint("graph", "invented-relations")
    if a % 3 == 0:
        body = mint("organization", "port-ministry-norvane")
        former = set(store.quads(body, ORG.subOrganizationOf, None, graph))
        new = Quad(
            body,
            ORG.subOrganizationOf,
            mint("organization", "government-sillarch" if b % 2 else "government-norvane"),
            graph,
        )
        return Change(frozenset({new} - former), frozenset(former - {new}))
    thing = mint("person", ["mira", "bram", "cass"][b % 3])
    former = set(store.quads(thing, RDFS.label, None, graph))
    return Change(
        frozenset({Quad(thing, RDFS.label, Literal(f"Name {a}", language="en"), graph)}),
        frozenset(former),
    )


MOVES: dict[str, Callable[[EmbeddedStore, int, int], Change]] = {
    f.__name__: f for f in (flip, copy, delete, draw_on, quote, publish, reword)
}
PLANS = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.integers(0, 200), st.integers(0, 50)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(PLANS)
def test_a_series_of_changes_ends_where_a_full_run_does(plan: list[Move]) -> None:
    with EmbeddedStore() as store:
        store.load(BASE)
        for name, a, b in plan:
            store.apply(relations.extended(store, MOVES[name](store, a, b)))
            assert derived(store.quads()) - {
                q for q in store.quads() if not isinstance(q.graph_name, NamedNode)
            } == in_full(store), name


@pytest.mark.parametrize("name", sorted(MOVES))
@pytest.mark.parametrize("seed", [0, 1, 4])
def test_each_kind_of_change(name: str, seed: int) -> None:
    with EmbeddedStore() as store:
        store.load(BASE)
        for step in (seed, seed + 1):
            store.apply(relations.extended(store, MOVES[name](store, 7 * step, step)))
            assert derived(store.quads()) == in_full(store)


def test_only_what_a_change_touches_is_looked_at(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    inner = deriving._derive

    def spy(find, things, kin):  # type: ignore[no-untyped-def]
        seen.append({str(t) for t in things})
        return inner(find, things, kin)

    monkeypatch.setattr(deriving, "_derive", spy)
    relations.extended(store, flip(store, CLAIMS.index(mint("claim", "hg-ministers")), 0))
    [things] = seen
    assert len(things) == 2
    assert any("quay-conference" in t for t in things)


def test_a_store_without_relations_gets_them() -> None:
    with EmbeddedStore() as store:
        store.load(worlds.invented())
        store.apply(relations.renewed(store))
        assert derived(store.quads()) == derived(BASE)
        assert not relations.renewed(store)


def test_nobody_writes_relations_by_hand(store: EmbeddedStore) -> None:
    own = Quad(mint("relation", "x"), MG.rule, Literal("mine"), relations.RELATIONS)
    gone = next(iter(store.quads(None, None, None, relations.RELATIONS)))
    assert not relations.extended(store, Change(frozenset({own}), frozenset({gone})))


def test_the_same_data_give_the_same_relations() -> None:
    again = relations.complete(reversed(worlds.invented()))
    assert again == BASE
    assert relations.complete(BASE) == BASE
