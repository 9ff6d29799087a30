"""Taking a claim back, and reviewing one: its review state changes, and everything else stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.errors import BadParameter, Conflict
from mineralgraph.pipeline import audit
from mineralgraph.rdf.identifiers import mint, split
from mineralgraph.rdf.namespaces import MG, PROV, RDF, XSD
from mineralgraph.store.base import Change, Store
from mineralgraph.submissions.claims import ACCEPTED, REJECTED, SUBMITTED, WITHDRAWN, Known

BASES = ("curation-error", "source-retraction")
DECISIONS = {"accept": ACCEPTED, "reject": REJECTED}
_DAY = len("2026-02-04")
_FALSE = Literal("false", datatype=XSD.boolean)
_TRUE = Literal("true", datatype=XSD.boolean)


@dataclass(frozen=True)
class Withdrawal:
    """The withdrawal of a claim: on what ground, why, when, by whom.

    Attributes:
        basis: a concept of the code list ``withdrawal-basis``.
        reason: why, in one sentence.
        at: when we took it back.
        agent: name of the token that was used.
        retracted: the day on which the source took it back, where that is known.
    """

    basis: NamedNode
    reason: str
    at: datetime
    agent: str
    retracted: date | None = None

    def record(self, known: Known) -> frozenset[Quad]:
        """Return the withdrawal's own statements, in the graph of the claim's description."""
        node = mint("withdrawal", known.slug)
        who = audit.agent(self.agent)
        said = (
            (RDF.type, MG.Withdrawal),
            (MG.withdraws, known.claim),
            (MG.basis, self.basis),
            (MG.reason, Literal(self.reason, language="en")),
            (PROV.endedAtTime, audit.moment(self.at)),
            (PROV.wasAssociatedWith, who),
        )
        quads = {Quad(node, predicate, value, known.home) for predicate, value in said}
        if self.retracted is not None:
            day = Literal(self.retracted.isoformat(), datatype=XSD.date)
            quads.add(Quad(node, MG.retractedOn, day, known.home))
        return frozenset(quads | {Quad(who, RDF.type, PROV.Agent, known.home)})

    def change(self, known: Known) -> Change:
        """Return the change that withdraws a claim.

        Raises:
            Conflict: when it is withdrawn already.
        """
        if known.state == WITHDRAWN:
            raise Conflict(
                f"the claim {known.slug} is withdrawn already",
                hint=f"/claims/{known.slug} says when and why.",
                claim=known.claim.value,
            )
        change = with_state(known, WITHDRAWN, current=False)
        return Change(change.added | self.record(known), change.removed)


def basis_of(text: object) -> NamedNode:
    """Read a basis: a code of the list, or its IRI.

    Raises:
        BadParameter: for anything else.
    """
    if isinstance(text, str):
        kind, slug = split(text) or ("withdrawal-basis", text)
        if kind == "withdrawal-basis" and slug in BASES:
            return mint(kind, slug)
    raise BadParameter(
        "basis is missing or not in its code list",
        hint=f"Give one of: {', '.join(BASES)}.",
        parameter="basis",
    )


def retraction_day(text: object, basis: NamedNode, at: datetime) -> date | None:
    """Read the day on which a source took back what it had said; None where none is given.

    Args:
        text: what the request says, YYYY-MM-DD.
        basis: the basis; an error of curation has no such day.
        at: the present, which no such day lies after.

    Raises:
        BadParameter: for anything else.
    """
    if text is None:
        return None
    if basis != mint("withdrawal-basis", "source-retraction"):
        raise BadParameter(
            "only a retraction by the source has a day of its own",
            hint="Leave `retracted_on` out, or give the basis source-retraction.",
            parameter="retracted_on",
        )
    try:
        day = date.fromisoformat(text) if isinstance(text, str) and len(text) == _DAY else None
    except ValueError:
        day = None
    if day is None or day > at.date():
        raise BadParameter(
            f"retracted_on is {text!r}, and no day up to today",
            hint="Give the day of the source's retraction as YYYY-MM-DD.",
            parameter="retracted_on",
        )
    return day


def with_state(known: Known, state: NamedNode, *, current: bool) -> Change:
    """Return the change that gives a claim a review state and the flag that follows from it."""
    flags = (MG.reviewState, MG.current)
    removed = frozenset(q for q in known.description if q.predicate in flags)
    added = frozenset(
        {
            Quad(known.claim, MG.reviewState, state, known.home),
            Quad(known.claim, MG.current, _TRUE if current else _FALSE, known.home),
        }
    )
    return Change(added - removed, removed - added)


def decide(store: Store, known: Known, decision: str) -> Change:
    """Return the change that a reviewer's decision makes.

    Raises:
        BadParameter: when there is no such decision.
        Conflict: when the claim waits for none.
    """
    if decision not in DECISIONS:
        raise BadParameter(
            f"decision is {decision!r}",
            hint=f"Give one of: {', '.join(DECISIONS)}.",
            parameter="decision",
        )
    state = DECISIONS[decision]
    waiting = {SUBMITTED, REJECTED} if state == ACCEPTED else {SUBMITTED}
    if known.state not in waiting:
        now = (split(known.state) or ("", "decided"))[1]
        raise Conflict(
            f"the claim {known.slug} is {now}, and waits for no such decision",
            hint="An accepted claim is taken back by a withdrawal, and a withdrawn one stays so; "
            "a new claim may be prov:wasRevisionOf it.",
            claim=known.claim.value,
        )
    modality = [q.object for q in known.description if q.predicate == MG.modality]
    actual = bool(modality) and all(
        isinstance(m, NamedNode) and any(True for _ in store.quads(m, MG.actual, _TRUE))
        for m in modality
    )
    return with_state(known, state, current=state == ACCEPTED and actual)
