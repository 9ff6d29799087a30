"""Two clocks: what could be known by a day, and what held on a day (model.md section 11).

*Report time* (``as_of``): an article published after the day is not known, with all it brings:
its description, its claims and their graphs, and what is said about those. A list edition is
known from its date of issue. A retraction by the source counts from its own day; an error of
curation never was knowledge.

*Valid time* (``valid_on``): a claim stays unless each of its dated statements certainly lies on
other days. What stays is ``certain``, ``possible`` or ``undated``, and says so by
``mg:validity`` in the graph ``ref:clock``.

Both are filters over the named graphs; the current view is derived from what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import DCTERMS, GRAPH_BASE, MG, PROV
from mineralgraph.store.validity import Validity, validity_of
from mineralgraph.store.view import TRUE, Find

CLOCK_GRAPH: Final = NamedNode(GRAPH_BASE + "clock")
_ACCEPTED: Final = mint("review-state", "accepted")
_RETRACTION: Final = mint("withdrawal-basis", "source-retraction")


@dataclass(frozen=True)
class Clock:
    """A day to look from, by either clock or both.

    Attributes:
        as_of: what could be known by the end of this day.
        by_first: take an article as known from its first possible day; else from its last.
        valid_on: what held, or may have held, on this day.
    """

    as_of: date | None = None
    by_first: bool = False
    valid_on: date | None = None

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Clock:
        """Read back what ``as_json`` wrote."""
        as_of, valid_on = fields["as_of"], fields["valid_on"]
        return cls(
            date.fromisoformat(as_of) if as_of else None,
            fields["by_first"],
            date.fromisoformat(valid_on) if valid_on else None,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the clock as JSON data."""
        days = {"as_of": self.as_of, "valid_on": self.valid_on}
        written = {name: day.isoformat() if day else None for name, day in days.items()}
        return {**written, "by_first": self.by_first}

    def __bool__(self) -> bool:
        return self.as_of is not None or self.valid_on is not None


NOW: Final = Clock()
"""No day given: everything that is known, whenever it held."""


class Selection:
    """Which part of a dataset a clock shows.

    Attributes:
        hidden: named graphs that are not shown at all.
        removed: quads of shown graphs that are not shown.
        added: what is shown in their place, and the verdicts of valid time.
    """

    def __init__(self, find: Find, clock: Clock) -> None:
        """Read what the clock needs, by property; the rest of the data is never looked at."""
        self.hidden: set[NamedNode] = set()
        self.removed: set[Quad] = set()
        self.added: set[Quad] = set()
        self._find = find
        if clock.as_of is not None:
            self._known_by(clock.as_of, MG.publishedFirst if clock.by_first else MG.publishedLast)
        if clock.valid_on is not None:
            self._valid_on(clock.valid_on)

    def _known_by(self, day: date, published: NamedNode) -> None:
        for quad in self._find(None, published):
            if _later(quad.object, day):
                self._hide_article(quad.subject, quad.graph_name)
        for quad in self._find(None, DCTERMS.issued):
            if _later(quad.object, day):
                entries = [q.subject for q in self._find(None, MG.edition, quad.subject)]
                for node in (quad.subject, *entries):
                    self.removed |= set(self._find(node))
        for quad in self._find(None, MG.withdraws):
            self._undo_retraction(quad, day)

    def _hide_article(self, article: object, home: object) -> None:
        if isinstance(home, NamedNode):
            self.hidden.add(home)
        for quad in self._find(None, PROV.wasDerivedFrom, article):
            self._hide_claim(quad.subject)

    def _hide_claim(self, claim: object) -> None:
        """Hide a claim: its graph, its description, and what is said about it."""
        if not isinstance(claim, NamedNode):
            return
        self.hidden.add(claim)
        self.removed |= set(self._find(claim))
        for quad in self._find(None, None, claim):
            self.removed.add(quad)
            if quad.predicate in _MEMBERS:
                self._thin_relation(quad.subject)

    def _thin_relation(self, relation: object) -> None:
        """A relation that has lost claims goes with them unless two are left."""
        members = {(q.predicate, q.object) for p in _MEMBERS for q in self._find(relation, p)}
        lost = {(q.predicate, q.object) for q in self.removed if q.subject == relation}
        if len(members - lost) < 2:
            self.removed |= set(self._find(relation))

    def _undo_retraction(self, withdrawal: Quad, day: date) -> None:
        """Show as accepted what the source took back only after the day."""
        node, claim = withdrawal.subject, withdrawal.object
        days = list(self._find(node, MG.retractedOn)) or self._find(node, PROV.endedAtTime)
        told = any(_later(q.object, day) for q in days)
        if not told or not list(self._find(node, MG.basis, _RETRACTION)):
            return
        self.removed |= set(self._find(node))
        for predicate, value in ((MG.current, TRUE), (MG.reviewState, _ACCEPTED)):
            for quad in list(self._find(claim, predicate)):
                self.removed.add(quad)
                self.added.add(Quad(quad.subject, predicate, value, quad.graph_name))

    def _valid_on(self, day: date) -> None:
        for claim, verdict in validity_of(self._find, day).items():
            if verdict is Validity.EXCLUDED:
                self._hide_claim(claim)
            else:
                said = Literal(verdict.value)
                self.added.add(Quad(claim, MG.validity, said, CLOCK_GRAPH))


def on_a_day(find: Find) -> bool:
    """Tell whether what is looked at is what held on a day."""
    return any(True for _ in find(None, MG.validity, None, CLOCK_GRAPH))


def verdict(find: Find, claim: NamedNode) -> str | None:
    """Return whether a claim held on the day that is looked at; None where no day is."""
    found = find(claim, MG.validity, None, CLOCK_GRAPH)
    return next((quad.object.value for quad in found if isinstance(quad.object, Literal)), None)


def _later(value: object, day: date) -> bool:
    """Tell whether a date or date-time literal lies after a day."""
    try:
        return isinstance(value, Literal) and date.fromisoformat(value.value[:10]) > day
    except ValueError:
        return False


_MEMBERS: Final = (MG.relates, MG.fromClaim, MG.toClaim)
