"""Nanopublications as submissions: the gate judges the claim in them, which is the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.rdf import nanopubs
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, MG, OA, PROV, RDF, SERVICE_GRAPH
from mineralgraph.relations import complete
from mineralgraph.store import nanopubs as making
from mineralgraph.store.embedded import EmbeddedStore
from tests.submissions.conftest import World


def written(quads: list[Quad]) -> str:
    return (serialize(quads, format=RdfFormat.TRIG) or b"").decode()


def named(store: EmbeddedStore) -> set[Quad]:
    """Return what is in a store, without the view and the record of writes."""
    own = (AUDIT_GRAPH, SERVICE_GRAPH)
    return {
        q for q in store.quads() if isinstance(q.graph_name, NamedNode) and q.graph_name not in own
    }


def without(quads: list[Quad], claims: set[NamedNode]) -> list[Quad]:
    """Return a dataset without some claims and the evidence that is theirs alone."""
    theirs, others = (
        {q.object for q in quads if q.predicate == MG.evidence and (q.subject in claims) is own}
        for own in (True, False)
    )
    gone = {*claims, *(theirs - others)}
    kept = [q for q in quads if q.subject not in gone and q.graph_name not in claims]
    used = {(q.object, q.graph_name) for q in kept if q.predicate == OA.hasSelector}
    return [
        q for q in kept
        if "/id/selector/" not in str(q.subject) or (q.subject, q.graph_name) in used
    ]  # fmt: skip


def test_every_claim_of_the_articles_comes_back_the_same(world_of: Callable[..., World]) -> None:
    """All are sent at once to a graph that has the articles and no claim."""
    quads = complete(compile_dataset().quads)
    with EmbeddedStore() as whole:
        whole.load(quads)
        claims = making.claims_of(whole.quads)
        document = [q for c in claims for q in making.of_claim(c, whole.quads)]
        rest = without(quads, set(claims))
        world = world_of(quads=complete(rest), gate="enforce")
        answer = world.submit(written(document), content_type="application/trig")
        assert answer.status_code == 201, answer.text
        assert len(claims) > 200
        assert named(world.store) == named(whole)


def test_a_withdrawn_claim_does_not_come_back(filled: World) -> None:
    [claim, *_] = making.claims_of(filled.store.quads)
    slug, made = claim.value.rpartition("/")[2], making.of_claim(claim, filled.store.quads)
    assert filled.withdraw(slug).status_code == 201
    filled.submit(written(made), content_type="application/trig")
    assert filled.claim(slug)["review"]["label"] == "withdrawn"
    assert filled.claim(slug)["current"] is False


@pytest.mark.parametrize("change", ["cut", "added", "other"])
def test_what_was_changed_is_refused(filled: World, change: str) -> None:
    [claim, *_] = making.claims_of(filled.store.quads)
    made = making.of_claim(claim, filled.store.quads)
    if change == "cut":
        made = made[1:]
    elif change == "added":
        made.append(Quad(claim, MG.about, claim, made[0].graph_name))
    else:
        made.append(Quad(claim, RDF.type, PROV.Entity, MG.elsewhere))
    before = named(filled.store)
    answer: Any = filled.submit(written(made), content_type="application/trig")
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["hint"]
    assert named(filled.store) == before


def test_a_retraction_is_no_claim(filled: World) -> None:
    [claim, *_] = making.claims_of(filled.store.quads)
    assert filled.withdraw(claim.value.rpartition("/")[2]).status_code == 201
    made = making.of_withdrawal(claim, filled.store.quads)
    assert nanopubs.verify(made)
    answer = filled.submit(written(made), content_type="application/trig")
    assert answer.status_code in (400, 422)
    assert "no claim" in answer.json()["detail"] + answer.json()["hint"]
