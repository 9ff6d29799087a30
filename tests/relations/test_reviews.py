"""Curators' verdicts outlive every recomputation, and what was rejected does not come back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import relations
from mineralgraph.errors import NotFound
from mineralgraph.queries import load_catalog
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG
from mineralgraph.relations import Verdict
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

from . import worlds

AT = datetime(2041, 1, 2, 3, 4, 5, tzinfo=UTC)
AGENT = mint("agent", "invented-curator")


def relation(store: EmbeddedStore, rule: str) -> NamedNode:
    nodes = {q.subject for q in store.quads(None, MG.rule, Literal(rule), relations.RELATIONS)}
    [node] = nodes
    assert isinstance(node, NamedNode)
    return node


def give(store: EmbeddedStore, node: NamedNode, verdict: Verdict) -> None:
    change = relations.review(store, node, verdict, reason="Read again.", agent=AGENT, at=AT)
    store.apply(change)


def rules_found(store: EmbeddedStore) -> set[str]:
    return {found.rule for found in worlds.found(store.quads())}


def touch(store: EmbeddedStore) -> None:
    """Let a third paper say one of the two things, which looks at the relation again."""
    node, home = mint("claim", "nw-ministers"), mint("graph", "article--night-wire")
    old = mint("claim", "hg-ministers")
    said = {
        Quad(node, q.predicate, q.object, home)
        for q in store.quads(old)
        if "article--" in str(q.graph_name)
    }
    told = {
        Quad(q.subject, q.predicate, q.object, node) for q in store.quads(None, None, None, old)
    }
    store.apply(relations.extended(store, Change(frozenset(said | told))))


def test_a_rejected_relation_goes_and_does_not_come_back(store: EmbeddedStore) -> None:
    before = worlds.found(store.quads())
    give(store, relation(store, "counts-apart"), Verdict.REJECT)
    assert rules_found(store) == {found.rule for found in before} - {"counts-apart"}
    touch(store)
    assert "counts-apart" not in rules_found(store)
    store.apply(relations.renewed(store))
    assert "counts-apart" not in rules_found(store)
    assert "counts-apart" not in {f.rule for f in worlds.found(relations.derive(store))}


def test_a_confirmed_relation_stays_confirmed(store: EmbeddedStore) -> None:
    node = relation(store, "counts-apart")
    give(store, node, Verdict.CONFIRM)
    touch(store)
    store.apply(relations.renewed(store))
    assert relation(store, "counts-apart") == node
    claims = {q.object for q in store.quads(node, MG.relates, None, relations.RELATIONS)}
    judged = {q.object for q in store.quads(None, MG.judgedClaim, None, relations.REVIEWS)}
    assert claims - judged == {mint("claim", "nw-ministers")}
    text = load_catalog()["contested-facts"].bind({"thing": "event:quay-conference"})
    verdicts = {str(row[-3]) for row in store.query(text)}  # type: ignore[union-attr]
    assert verdicts == {str(mint("review-state", "accepted"))}


def test_a_verdict_can_be_changed(store: EmbeddedStore) -> None:
    before = worlds.found(store.quads())
    node = relation(store, "two-signatories-for-one-side")
    give(store, node, Verdict.REJECT)
    give(store, node, Verdict.CONFIRM)
    assert worlds.found(store.quads()) == before
    states = list(store.quads(None, MG.reviewState, None, relations.REVIEWS))
    assert [q.object for q in states] == [mint("review-state", "accepted")]


def test_a_verdict_needs_a_relation(store: EmbeddedStore) -> None:
    with pytest.raises(NotFound):
        relations.review(
            store, mint("relation", "none"), Verdict.REJECT, reason="x", agent=AGENT, at=AT
        )
