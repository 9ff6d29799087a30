"""A submitted document as a change to the store: what comes, what it replaces, who may.

A thing that the document describes in a graph is replaced there by its new description, whole;
so is a claim with the same IRI. What the document does not speak of stays, save that
``replace=article`` also takes out the article's claims that the document does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph
from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import Conflict, Forbidden, GateRefused
from mineralgraph.gate import placement
from mineralgraph.gate.report import Report, ordered
from mineralgraph.gate.units import claims_of
from mineralgraph.intake.dataset import complete
from mineralgraph.intake.document import Document
from mineralgraph.intake.expand import expand
from mineralgraph.intake.placing import place_descriptions
from mineralgraph.pipeline.surroundings import is_description, known_labels, touched
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import MG, PROV, RDF, short
from mineralgraph.store.base import Change, Store
from mineralgraph.submissions import claims
from mineralgraph.submissions.claims import ACCEPTED, SUBMITTED, WITHDRAWN, Known
from mineralgraph.submissions.tokens import Scope, Token
from mineralgraph.submissions.withdrawal import Withdrawal

REPLACED = "The article's claims were submitted anew, and this one is not among them."
_REVIEWED_ALONE = frozenset({"relation"})
_OWN = frozenset({"claim", "evidence", "selector"})


@dataclass(frozen=True)
class Plan:
    """What a submission will do.

    Attributes:
        change: the change.
        given: the whole document in the dataset's own form, changed or not.
        touches: the claims, articles and things whose statements change.
        claims: the claims of the document, changed or not.
    """

    change: Change
    given: tuple[Quad, ...]
    touches: frozenset[NamedNode]
    claims: frozenset[NamedNode]


def plan(
    document: Document, store: Store, token: Token, *, replacing: bool, withdrawal: Withdrawal
) -> Plan:
    """Turn a document into a change.

    Args:
        document: RDF in the authoring form or in the dataset's own form.
        store: the graph as it is.
        token: whose submission it is; its scopes set the review state.
        replacing: whether the article's other claims go.
        withdrawal: how an accepted claim that goes is withdrawn.

    Raises:
        AuthoringError: when the document breaks the authoring form.
        GateRefused: when it writes where no submission may write.
        Forbidden: when the token may not replace what the document replaces.
        Conflict: when it replaces a claim that was withdrawn.
    """
    placed = normalised(place_descriptions(document, expand(document)))
    wrong = ordered(placement.findings(placed, store.quads))
    if wrong:
        report = Report(wrong, {"quads": len(placed)})
        raise GateRefused("the document writes where it may not", report=report.as_json())
    work = _Work(placed, store, token)
    work.claims()
    given = work.completed()
    added, removed = work.difference(given)
    if replacing:
        gone = work.others(withdrawal)
        added, removed = added | gone.added, removed | gone.removed
    removed |= claims.loose_evidence(store, removed, added) - added
    work.authorise(added, removed)
    change = Change(frozenset(added), frozenset(removed - added))
    return Plan(change, tuple(given), touched(change), frozenset(work.names))


class _Work:
    """One submission on its way to a change."""

    def __init__(self, placed: set[Quad], store: Store, token: Token) -> None:
        self.store = store
        self.token = token
        self.state = ACCEPTED if token.may(Scope.ADMIN) else SUBMITTED
        self.quads = {q for q in placed if not _is_state(q)}
        named = {q.graph_name for q in placed if not is_description(q)}
        self.names = set(claims_of(placed)) | {g for g in named if isinstance(g, NamedNode)}
        self.known: dict[NamedNode, Known] = {}

    def claims(self) -> None:
        """Complete every claim by what the document leaves out, and set its review state."""
        for claim in sorted(self.names, key=str):
            known = claims.find(self.store, claim)
            if known is None:
                self._set_state(claim, self.state)
                continue
            self.known[claim] = known
            described = {q for q in self.quads if q.subject == claim and is_description(q)}
            asserted = {q for q in self.quads if q.graph_name == claim}
            if not described:
                described = set(claims.authored(known.description))
            if not asserted:
                asserted = set(known.graph)
            self.quads |= described | asserted
            same = claims.authored(described) == claims.authored(known.description)
            if same and asserted == known.graph:
                self._set_state(claim, known.state)
            else:
                self._may_replace(known)
                self._set_state(claim, self.state)

    def _set_state(self, claim: NamedNode, state: NamedNode) -> None:
        homes = {
            q.graph_name
            for q in self.quads
            if q.subject == claim and q.predicate == RDF.type and q.object == MG.Claim
        }
        self.quads |= {Quad(claim, MG.reviewState, state, home) for home in homes}

    def _may_replace(self, known: Known) -> None:
        if known.state == WITHDRAWN:
            raise Conflict(
                f"the claim {known.slug} was withdrawn, and stays as it was when it was cited",
                hint="Submit a claim with another name and prov:wasRevisionOf this one.",
                claim=known.claim.value,
            )
        if known.state == ACCEPTED and not self.token.may(Scope.WITHDRAW):
            raise Forbidden(
                f"the claim {known.slug} is accepted; replacing it takes it out of the view",
                hint="Submit a claim with another name and prov:wasRevisionOf this one, or use a "
                "token with the scope withdraw.",
                claim=known.claim.value,
            )

    def completed(self) -> list[Quad]:
        """Return the document with derived statements; reference sets get a review state."""
        for graph in {q.graph_name for q in self.quads if q.object == MG.ReferenceSet}:
            if not isinstance(graph, NamedNode):
                continue
            states = {q.object for q in self.store.quads(graph, MG.reviewState, None, graph)}
            for state in states or {self.state}:
                self.quads.add(Quad(graph, MG.reviewState, state, graph))
        labels = known_labels(self.store, self.quads)
        return sorted(normalised(complete(self.quads, self.state, labels)), key=str)

    def difference(self, given: list[Quad]) -> tuple[set[Quad], set[Quad]]:
        """Return what comes and what goes where the things described are replaced whole."""
        wanted, old = set(given), set()
        for subject, graph in {(q.subject, q.graph_name) for q in given if is_description(q)}:
            old |= set(self.store.quads(subject, None, None, graph))  # type: ignore[arg-type]
        for known in self.known.values():
            old |= known.description | known.graph
        return wanted - old, old - wanted

    def others(self, withdrawal: Withdrawal) -> Change:
        """Return how the claims go that the document's articles have and the document has not.

        What was never accepted goes without a trace; what was is withdrawn, and can be cited.
        """
        articles = {q.object for q in self.quads if q.predicate == PROV.wasDerivedFrom}
        articles |= {q.subject for q in self.quads if q.predicate == MG.textDigest}
        added: set[Quad] = set()
        removed: set[Quad] = set()
        for article in sorted((a for a in articles if isinstance(a, NamedNode)), key=str):
            for known in claims.of_article(self.store, article):
                if known.claim in self.names or known.state == WITHDRAWN:
                    continue
                self._may_replace(known)
                if known.state == ACCEPTED:
                    change = withdrawal.change(known)
                    added |= change.added
                    removed |= change.removed
                else:
                    removed |= known.description | known.graph
        return Change(frozenset(added), frozenset(removed))

    def authorise(self, added: set[Quad], removed: set[Quad]) -> None:
        """Refuse changes to what is known already, unless an admin makes them.

        New reference entities are anybody's: they say who or what is meant, and claims need
        them. To change what others rest on is a reviewer's decision.
        """
        if self.token.may(Scope.ADMIN):
            return
        for node in sorted({q.subject for q in added | removed if is_description(q)}, key=str):
            kind = (split(node) or ("",))[0] if isinstance(node, NamedNode) else ""
            if not isinstance(node, NamedNode) or kind in {"claim", "withdrawal"}:
                continue
            known = any(is_description(q) for q in self.store.quads(node))
            if kind in _OWN and not any(q.subject == node for q in added):
                continue  # evidence that goes with its claim
            if known or kind in _REVIEWED_ALONE:
                what = "is known already" if known else "is a relation between claims"
                raise Forbidden(
                    f"{short(node.value)} {what}, and this token may not change it",
                    hint="Leave it out or give it as it is; a token with the scope admin may "
                    "change it.",
                    node=node.value,
                )


def _is_state(quad: Quad) -> bool:
    """Tell whether a quad claims a review state; a submitter's word for that counts nothing."""
    return quad.predicate in (MG.reviewState, MG.current)


def normalised(quads: Iterable[Quad]) -> set[Quad]:
    """Return quads with their terms as the engine keeps them (``1.0`` and ``1``; model.md 2).

    What a store gives back can then be compared with what is about to go in.
    """
    store = pyoxigraph.Store()
    store.extend(quads)
    return set(store)
