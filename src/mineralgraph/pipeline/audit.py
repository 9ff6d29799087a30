"""The record of writes: PROV activities in ``ref:audit``, numbered from 1 without gaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, DCTERMS, MG, PROV, RDF, XSD
from mineralgraph.store.base import Store

Clock = Callable[[], datetime]
Term = NamedNode | Literal


def now() -> datetime:
    """Return the time, for programs; tests hand over clocks of their own."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Written:
    """A write that was made.

    Attributes:
        number: its place among all writes of the store.
        before: the dataset version that it found.
        after: the dataset version that it left.
    """

    number: int
    before: str
    after: str

    @property
    def iri(self) -> NamedNode:
        """The IRI of the activity."""
        return iri_of(self.number)


@dataclass(frozen=True)
class Record:
    """What is to be recorded of a write.

    Attributes:
        kind: a concept of the code list ``write-kind``, by its last part.
        agent: name of the token that was used.
        at: when.
        touches: claims, articles and things whose statements change.
        reason: why, in the agent's words.
        more: further statements about the activity.
        answer: makes the answer that a repeated request shall get.
    """

    kind: str
    agent: str
    at: datetime
    touches: frozenset[NamedNode] = frozenset()
    reason: str | None = None
    more: tuple[tuple[NamedNode, Term], ...] = ()
    answer: Callable[[Written], str] | None = None

    def quads(self, written: Written) -> frozenset[Quad]:
        """Return the record as quads of the audit graph."""
        who = agent(self.agent)
        said: list[tuple[NamedNode, Term]] = [
            (RDF.type, MG.Write),
            (RDF.type, PROV.Activity),
            (MG.writeKind, mint("write-kind", self.kind)),
            (MG.sequenceNumber, Literal(written.number)),
            (PROV.wasAssociatedWith, who),
            (PROV.endedAtTime, moment(self.at)),
            (MG.versionBefore, Literal(written.before)),
            (MG.versionAfter, Literal(written.after)),
            *((MG.touches, node) for node in self.touches),
            *self.more,
        ]
        if self.reason is not None:
            said.append((MG.reason, Literal(self.reason, language="en")))
        if self.answer is not None:
            said.append((MG.answer, Literal(self.answer(written))))
        quads = {Quad(written.iri, predicate, value, AUDIT_GRAPH) for predicate, value in said}
        quads.add(Quad(who, RDF.type, PROV.Agent, AUDIT_GRAPH))
        quads.add(Quad(who, DCTERMS.identifier, Literal(self.agent), AUDIT_GRAPH))
        return frozenset(quads)


def agent(name: str) -> NamedNode:
    """Return the IRI of whoever holds a token."""
    return mint("agent", name)


def iri_of(number: int) -> NamedNode:
    """Return the IRI of a write; the number is padded so that IRIs sort like numbers."""
    return mint("write", f"{number:06}")


def moment(at: datetime) -> Literal:
    """Return a time as ``xsd:dateTime`` in UTC, to the second."""
    text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Literal(text, datatype=XSD.dateTime)


def count(store: Store) -> int:
    """Return how many writes the store has seen.

    The numbers have no gaps, so a few look-ups find the last one however many there are.
    """

    def exists(number: int) -> bool:
        found = store.quads(iri_of(number), MG.sequenceNumber, None, AUDIT_GRAPH)
        return any(True for _ in found)

    low, high = 0, 1
    while exists(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if exists(middle) else (low, middle)
    return low
