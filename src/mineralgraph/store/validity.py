"""Whether what a claim says held on a day: certainly, possibly, or nobody says when.

Dates come from the claim's own graph. A date that is one unknown day among several
(``[A..B]``, ``2025-11``) makes a day possible; an interval ``A/B`` lasts, so the days between
its inner bounds are certain. A term of office with no stated end is certain only until the
article's first possible day. An attestation makes its day certain and leaves other days
possible, since it neither begins nor ends anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from enum import Enum

from pyoxigraph import Literal, NamedNode

from mineralgraph.rdf import edtf
from mineralgraph.rdf.namespaces import MG, ORG, PROV
from mineralgraph.store.view import Find


class Validity(Enum):
    """What is known of a claim on a day."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    UNDATED = "undated"
    EXCLUDED = "excluded"


class _Facts:
    """The dated statements of every claim, and the values of their dates."""

    def __init__(self, find: Find) -> None:
        self.statements: dict[object, list[tuple[NamedNode, object]]] = defaultdict(list)
        for predicate in (MG.when, MG.attestedAt, ORG.memberDuring):
            for quad in find(None, predicate):
                self.statements[quad.graph_name].append((predicate, quad.object))
        self.values: dict[tuple[object, object], str] = {
            (q.graph_name, q.subject): q.object.value
            for q in find(None, MG.edtf)
            if isinstance(q.object, Literal)
        }
        self.ends: dict[tuple[object, object, NamedNode], object] = {
            (q.graph_name, q.subject, predicate): q.object
            for predicate in (MG.begins, MG.ends)
            for q in find(None, predicate)
        }
        self.published: dict[object, date] = {
            q.subject: date.fromisoformat(q.object.value)
            for q in find(None, MG.publishedFirst)
            if isinstance(q.object, Literal)
        }
        self.article = {
            q.subject: q.object
            for q in find(None, PROV.wasDerivedFrom)
            if isinstance(q.subject, NamedNode)
        }

    def bounds(self, claim: NamedNode, node: object) -> tuple[str, edtf.Bounds] | None:
        """Return value and bounds of a date of a claim."""
        value = self.values.get((claim, node))
        return (value, edtf.bounds(value)) if value is not None else None


def validity_of(find: Find, day: date) -> dict[NamedNode, Validity]:
    """Return what is known of every claim on a day.

    The dates of the current view are looked up too; only those of claim graphs are used.
    """
    facts = _Facts(find)
    return {
        claim: _together(
            _statement(facts, claim, predicate, node, day)
            for predicate, node in facts.statements.get(claim, ())
        )
        for claim in facts.article
    }


def _together(verdicts: Iterable[Validity]) -> Validity:
    """Join the verdicts on a claim's statements: the claim goes only if all of them exclude."""
    found = [v for v in verdicts if v is not Validity.UNDATED]
    for verdict in (Validity.CERTAIN, Validity.POSSIBLE, Validity.EXCLUDED):
        if verdict in found:
            return verdict
    return Validity.UNDATED


def _statement(
    facts: _Facts, claim: NamedNode, predicate: NamedNode, node: object, day: date
) -> Validity:
    if predicate == ORG.memberDuring:
        return _term(facts, claim, node, day)
    found = facts.bounds(claim, node)
    if found is None:
        return Validity.UNDATED
    value, limits = found
    if predicate == MG.attestedAt:
        exact = limits.first == limits.last == day
        return Validity.CERTAIN if exact else Validity.POSSIBLE
    if _outside(limits, day):
        return Validity.EXCLUDED
    lasting = "/" in value and _inner(value, day)
    return Validity.CERTAIN if lasting or limits.first == limits.last else Validity.POSSIBLE


def _outside(limits: edtf.Bounds, day: date) -> bool:
    before = limits.first is not None and day < limits.first
    return before or (limits.last is not None and day > limits.last)


def _inner(value: str, day: date) -> bool:
    """Tell whether a day lies between the last beginning and the first end of ``A/B``."""
    begin, _, end = value.partition("/")
    latest = edtf.bounds(begin).last if begin not in ("", "..") else None
    earliest = edtf.bounds(end).first if end not in ("", "..") else None
    return latest is not None and earliest is not None and latest <= day <= earliest


def _term(facts: _Facts, claim: NamedNode, interval: object, day: date) -> Validity:
    begin = facts.bounds(claim, facts.ends.get((claim, interval, MG.begins)))
    end = facts.bounds(claim, facts.ends.get((claim, interval, MG.ends)))
    if begin is None and end is None:
        return Validity.UNDATED
    first, latest = (begin[1].first, begin[1].last) if begin else (None, None)
    earliest, last = (end[1].first, end[1].last) if end else (None, None)
    if _outside(edtf.Bounds(first, last), day):
        return Validity.EXCLUDED
    until = earliest if end else facts.published.get(facts.article.get(claim))
    certain = latest is not None and until is not None and latest <= day <= until
    return Validity.CERTAIN if certain else Validity.POSSIBLE
