"""Curators' verdicts on relations: confirm one, or reject it so that it does not come back."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from mineralgraph.errors import NotFound
from mineralgraph.rdf.identifiers import mint, slug_of
from mineralgraph.rdf.namespaces import MG, PROV, RDF, XSD
from mineralgraph.relations.deriving import extended
from mineralgraph.relations.terms import ACCEPTED, REJECTED, RELATIONS, REVIEWS
from mineralgraph.store.base import Change, Store


class Verdict(StrEnum):
    """What a curator says of a relation."""

    CONFIRM = "confirm"
    REJECT = "reject"


_STATES = {Verdict.CONFIRM: ACCEPTED, Verdict.REJECT: REJECTED}
_CLAIMS = (MG.relates, MG.fromClaim, MG.toClaim)


def review(
    store: Store,
    relation: NamedNode,
    verdict: Verdict,
    *,
    reason: str,
    agent: NamedNode,
    at: datetime,
) -> Change:
    """Return the change that records a verdict, and takes or gives the relation accordingly.

    A later verdict takes the place of an earlier one.

    Args:
        store: the graph as it is.
        relation: a relation that is there, or one that was rejected.
        verdict: what the curator says.
        reason: why, in one sentence.
        agent: who says so.
        at: when.

    Raises:
        NotFound: when there is no such relation, rejected or not.
    """
    node = mint("relation", f"{slug_of(relation)}--review")
    former = set(store.quads(node, None, None, REVIEWS))
    known = list(store.quads(relation, None, None, RELATIONS))
    if not known and not former:
        raise NotFound(f"there is no relation {slug_of(relation)!r} between claims")
    carried = [q for q in former if q.predicate in (MG.judgedClaim, MG.comparedThing)]
    told = known or carried
    things = {q.object for q in told if q.predicate == MG.comparedThing}
    claims = {q.object for q in told if q.predicate in (*_CLAIMS, MG.judgedClaim)}
    moment = Literal(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=XSD.dateTime)
    said: list[tuple[NamedNode, NamedNode | Literal | BlankNode | Triple]] = [
        (RDF.type, MG.RelationReview),
        (MG.reviews, relation),
        (MG.reviewState, _STATES[verdict]),
        (MG.reason, Literal(reason, language="en")),
        (PROV.endedAtTime, moment),
        (PROV.wasAssociatedWith, agent),
        *((MG.comparedThing, thing) for thing in things),
        *((MG.judgedClaim, claim) for claim in claims),
    ]
    wanted = {Quad(node, predicate, value, REVIEWS) for predicate, value in said}
    wanted.add(Quad(agent, RDF.type, PROV.Agent, REVIEWS))
    return extended(store, Change(frozenset(wanted - former), frozenset(former - wanted)))
