"""Running the rules, and keeping relations in step with a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.rdf.identifiers import content_slug, mint
from mineralgraph.rdf.namespaces import MG, RDF
from mineralgraph.relations import families, scope
from mineralgraph.relations.rules import PLACE, Rule, load
from mineralgraph.relations.terms import DERIVED, FAMILIES, REJECTED, RELATIONS, REVIEWS
from mineralgraph.store.base import Change, Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Cell, Rows
from mineralgraph.store.view import After, Find, effective

_SHOWN = 5
"""So many values are named in a reason; of the others only the number."""
_DIRECTIONS = {"from": MG.fromClaim, "to": MG.toClaim, "": MG.relates}
_COMPARED = {
    "thing": MG.comparedThing,
    "property": MG.comparedProperty,
    "value": MG.comparedValue,
}


@dataclass
class _Found:
    """One relation while its rows come in."""

    rule: Rule
    relation: str
    key: tuple[str, ...]
    thing: NamedNode
    claims: set[tuple[str, NamedNode]] = field(default_factory=set)
    said: dict[tuple[str, str], set[Cell]] = field(default_factory=lambda: defaultdict(set))

    @property
    def iri(self) -> NamedNode:
        """The IRI: rule, type and key; not the claims, so that a review stays with it."""
        parts = [self.rule.name, self.relation, *(f"{n}\x1e{t}" for n, t in self.named_key())]
        return mint("relation", content_slug(parts))

    def named_key(self) -> Iterator[tuple[str, str]]:
        """Yield name and value of every part of the key."""
        yield from zip(self.rule.key, self.key, strict=True)

    def note(self, row: dict[str, Cell]) -> None:
        """Take one row in."""
        direction = getattr(row.get("direction"), "value", "")
        claim = row["claim"]
        if not isinstance(claim, NamedNode):
            raise TypeError(f"{self.rule.name}: a claim is an IRI")
        self.claims.add((direction, claim))
        for column, value in row.items():
            if value is not None:
                self.said["", column].add(value)
                self.said[direction, column].add(value)

    def settle(self) -> bool:
        """Take out of ``to`` what stands in ``from``; tell whether a relation is left.

        A claim that tells both of a plan and of its outcome neither supersedes nor is superseded
        by itself.
        """
        ahead = {claim for direction, claim in self.claims if direction == "from"}
        self.claims -= {("to", claim) for claim in ahead}
        sides = {direction for direction, _ in self.claims}
        return len(self.claims) > 1 and sides in ({""}, {"from", "to"})

    def quads(self, find: Find) -> Iterator[Quad]:
        """Yield the relation as it is stored."""
        node = self.iri
        yield Quad(node, RDF.type, MG.ClaimRelation, RELATIONS)
        yield Quad(node, MG.relationType, mint("relation-type", self.relation), RELATIONS)
        yield Quad(node, MG.rule, Literal(self.rule.name), RELATIONS)
        yield Quad(node, MG.reason, Literal(self.reason(find), language="en"), RELATIONS)
        for column, predicate in _COMPARED.items():
            values = self.said.get(("", column), set())
            if column in self.rule.key or (column == "property" and len(values) == 1):
                for value in values:
                    yield Quad(node, predicate, value, RELATIONS)  # type: ignore[arg-type]
        for direction, claim in self.claims:
            yield Quad(node, _DIRECTIONS[direction], claim, RELATIONS)

    def reason(self, find: Find) -> str:
        """Return the rule's sentence about this relation."""

        def shown(column: str, side: str) -> str:
            values = self.said.get((side, column), set())
            words = sorted({_in_words(find, value) for value in values})
            more = len(words) - _SHOWN
            return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

        return PLACE.sub(lambda m: shown(m["column"], m["side"] or ""), self.rule.reason)


def _in_words(find: Find, value: Cell) -> str:
    if isinstance(value, NamedNode):
        return scope.label(find, value)
    return str(getattr(value, "value", value))


def derive(store: Store, affected: Set[NamedNode] | None = None) -> frozenset[Quad]:
    """Return the relations that the rules find in a store, as quads of ``RELATIONS``.

    Args:
        store: the dataset; nothing is written to it.
        affected: only relations about these things; all when None.
    """
    known = families.families(store.quads)
    return _derive(store.quads, affected, families.as_quads(known))


def complete(quads: Iterable[Quad]) -> list[Quad]:
    """Return a whole dataset with its source families and relations, sorted."""
    given = [q for q in quads if q.graph_name not in DERIVED]
    with EmbeddedStore.holding(given) as store:
        found = families.as_quads(families.families(store.quads))
        relations = _derive(store.quads, None, found)
    return sorted({*given, *found, *relations}, key=str)


def extended(store: Store, change: Change, *, whole: bool = False) -> Change:
    """Return a change with what it does to families and relations, for one atomic write.

    Whatever the change itself says of the derived graphs is left out.

    Args:
        store: the graph before the change, in step with itself.
        change: the change.
        whole: look at everything, because the rules may be others than those that made the
            store's relations.
    """
    plain = effective(
        store.quads,
        Change(
            frozenset(q for q in change.added if q.graph_name not in DERIVED),
            frozenset(q for q in change.removed if q.graph_name not in DERIVED),
        ),
    )
    after = After(store.quads, plain).quads
    if whole:
        return _with(store, plain, after, families.families(after), None)
    known = before = families.stored(store.quads)
    if any(map(families.bears_on_families, plain.added | plain.removed)):
        known = families.families(after)
    things = scope.touched(store.quads, plain, families.moved(before, known))
    return _with(store, plain, after, known, things)


def renewed(store: Store) -> Change:
    """Return the change that brings families and relations of a whole store in step."""
    return _with(store, Change(), store.quads, families.families(store.quads), None)


def _with(
    store: Store,
    change: Change,
    after: Find,
    known: dict[NamedNode, NamedNode],
    things: Set[NamedNode] | None,
) -> Change:
    kin = families.as_quads(known)
    former = set(store.quads(None, None, None, FAMILIES))
    former |= set(_stored(store.quads, things))
    wanted = kin | _derive(after, things, kin)
    return Change(change.added | (wanted - former), change.removed | (former - wanted))


def _stored(find: Find, things: Set[NamedNode] | None) -> Iterator[Quad]:
    """Yield the stored relations about some things; all when None."""
    if things is None:
        yield from find(None, None, None, RELATIONS)
        return
    for thing in things:
        for pointer in list(find(None, MG.comparedThing, thing, RELATIONS)):
            yield from find(pointer.subject, None, None, RELATIONS)


def _derive(find: Find, things: Set[NamedNode] | None, kin: Iterable[Quad]) -> frozenset[Quad]:
    if things is not None and not things:
        return frozenset()
    given = (
        {q for q in find() if isinstance(q.graph_name, NamedNode) and q.graph_name not in DERIVED}
        if things is None
        else set(scope.surroundings(find, things))
    )
    origins = {q.object for q in given} | {q.subject for q in given}
    rejected = _rejected(find)
    with EmbeddedStore.holding(given | {q for q in kin if q.subject in origins}) as store:
        found = [relation for rule in load() for relation in _apply(rule, store)]
    return frozenset(
        quad
        for relation in found
        if (things is None or relation.thing in things) and relation.iri not in rejected
        for quad in relation.quads(find)
    )


def _rejected(find: Find) -> set[object]:
    reviews = {q.subject for q in find(None, MG.reviewState, REJECTED, REVIEWS)}
    return {q.object for review in reviews for q in find(review, MG.reviews, None, REVIEWS)}


def _apply(rule: Rule, store: Store) -> list[_Found]:
    """Return the relations that a rule finds, each with its claims."""
    answer = store.query(rule.text)
    if not isinstance(answer, Rows):
        raise TypeError(f"{rule.name} is no SELECT query")
    found: dict[tuple[str, ...], _Found] = {}
    for cells in answer:
        row = dict(zip(answer.columns, cells, strict=True))
        relation = rule.relations[0]
        if len(rule.relations) > 1:
            relation = str(getattr(row["relation"], "value", ""))
        key = tuple(str(row[name]) for name in rule.key)
        thing = row["thing"]
        if not isinstance(thing, NamedNode) or relation not in rule.relations:
            raise TypeError(f"{rule.name}: a row without a thing, or of another relation")
        one = found.setdefault((relation, *key), _Found(rule, relation, key, thing))
        one.note(row)
    return [one for one in found.values() if one.settle()]
