"""A curator's verdict on a relation between claims, as a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyoxigraph import NamedNode

from mineralgraph import relations
from mineralgraph.errors import BadParameter, NotFound
from mineralgraph.pipeline import audit
from mineralgraph.rdf.identifiers import mint, split
from mineralgraph.relations import Verdict
from mineralgraph.store.base import Change, Store

_KINDS = {Verdict.CONFIRM: "relation-confirmation", Verdict.REJECT: "relation-rejection"}


@dataclass(frozen=True)
class Reviewed:
    """A verdict as a change, with what its record says."""

    change: Change
    kind: str
    touches: frozenset[NamedNode]


def review(
    store: Store, slug: str, verdict: str, reason: str, agent: str, at: datetime
) -> Reviewed:
    """Return what a verdict on a relation changes.

    Args:
        store: the graph as it is.
        slug: the last part of the relation's IRI.
        verdict: ``confirm`` or ``reject``.
        reason: why, in one sentence.
        agent: name of the token that was used.
        at: when.

    Raises:
        BadParameter: when there is no such verdict.
        NotFound: when there is no such relation, rejected or not.
    """
    if verdict not in list(Verdict):
        raise BadParameter(
            f"verdict is {verdict!r}",
            hint=f"Give one of: {', '.join(Verdict)}.",
            parameter="verdict",
        )
    try:
        relation = mint("relation", slug)
    except ValueError:  # the slug makes no IRI
        hint = "The claims' pages name the relations between them."
        raise NotFound(f"there is no relation {slug}", hint=hint) from None
    said = Verdict(verdict)
    who = audit.agent(agent)
    change = relations.review(store, relation, said, reason=reason, agent=who, at=at)
    ends = {q.object for q in change.added if isinstance(q.object, NamedNode)}
    claims = {n for n in ends if isinstance(n, NamedNode) and (split(n) or ("",))[0] == "claim"}
    return Reviewed(change, _KINDS[said], frozenset({relation, *claims}))
