"""Two things that are one are merged, and taken apart again if that was wrong.

A merge rewrites every statement about the one thing into one about the other, in the graph where
it stands, and with it the identity nodes whose names are made from its name (model.md section 3).
The record keeps the statements as they were, so that a split restores exactly those; what was
said of the other thing before or since stays with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from mineralgraph.errors import BadParameter, Conflict, NotFound
from mineralgraph.pipeline.surroundings import OF_THE_SERVICE
from mineralgraph.rdf.identifiers import mint, slug_of, split
from mineralgraph.rdf.namespaces import (
    AUDIT_GRAPH,
    DCTERMS,
    GRAPH_BASE,
    MG,
    ONTOLOGY_GRAPH,
    OWL,
    RDFS,
    SKOS,
)
from mineralgraph.store.base import Change, Store

_NAMED_AFTER = frozenset(
    {"membership", "participation", "partnership", "status-step", "supply-link"}
)
_NEVER = frozenset({"article", "claim", "evidence", "graph", "selector", "withdrawal", "write"})
Mapping = dict[NamedNode, NamedNode]


@dataclass(frozen=True)
class Rewriting:
    """A merge or a split as a change, with what its record keeps."""

    change: Change
    record: tuple[tuple[NamedNode, NamedNode | Literal], ...]
    touches: frozenset[NamedNode]


def merge(store: Store, old: NamedNode, new: NamedNode) -> Rewriting:
    """Return the change by which ``new`` stands for both.

    Raises:
        BadParameter: when the two are not things of one kind that reference data describes.
        NotFound: when one of them is not known.
        Conflict: when one of them has been merged already.
    """
    _fit(store, old, new)
    mapping = names(store, old, new)
    former = {q for node in mapping for q in _about(store, node)}
    after = {rewritten(q, mapping) for q in former}
    former |= {q for q in after if _holds(store, q)}  # so that a split leaves these alone
    redirect = {
        Quad(old, DCTERMS.isReplacedBy, new, AUDIT_GRAPH),
        Quad(old, OWL.sameAs, new, AUDIT_GRAPH),
    }
    record = (
        (MG.merged, old),
        (MG.mergedInto, new),
        (MG.formerStatements, Literal(_written(former))),
    )
    change = Change(frozenset(after | redirect), frozenset(former - after))
    return Rewriting(change, record, frozenset({old, new} | _claims(former)))


def undo(store: Store, old: NamedNode) -> Rewriting:
    """Return the change that takes a merge back.

    Raises:
        NotFound: when the thing is not merged into another.
        Conflict: when that other one has been merged into a third since.
    """
    new = replaced_by(store, old)
    if new is None:
        raise NotFound(f"{slug_of(old)} is not merged into anything", hint="See /changes.")
    if replaced_by(store, new) is not None:
        raise Conflict(f"{slug_of(new)} was merged too", hint="Split that one first.")
    done, former = _merge_of(store, old)
    mapping = _mapping({q for q in former if old in (q.subject, q.object)}, old, new)
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for quad in former:
        now = rewritten(quad, mapping)
        if now == quad:
            continue
        if _holds(store, now) or quad.subject == old:
            added.add(quad)
            if now not in former:
                removed.add(now)
    removed |= set(store.quads(old, DCTERMS.isReplacedBy, new, AUDIT_GRAPH))
    removed |= set(store.quads(old, OWL.sameAs, new, AUDIT_GRAPH))
    record = ((MG.merged, old), (MG.mergedInto, new), (MG.undoes, done))
    touches = frozenset({old, new} | _claims(added))
    return Rewriting(Change(frozenset(added), frozenset(removed - added)), record, touches)


def replaced_by(store: Store, thing: NamedNode) -> NamedNode | None:
    """Return what a thing was merged into, None where it stands for itself."""
    for quad in store.quads(thing, DCTERMS.isReplacedBy, None, AUDIT_GRAPH):
        if isinstance(quad.object, NamedNode):
            return quad.object
    return None


def names(store: Store, old: NamedNode, new: NamedNode) -> Mapping:
    """Return the new names: of the thing, and of every identity node that is named after it."""
    return _mapping(store.quads(None, None, old), old, new)


def _mapping(pointing: Iterable[Quad], old: NamedNode, new: NamedNode) -> Mapping:
    mapping = {old: new}
    for quad in pointing:
        node = quad.subject
        if not isinstance(node, NamedNode):
            continue
        kind, slug = split(node) or ("", "")
        parts = f"--{slug}--".split(f"--{slug_of(old)}--")
        if kind in _NAMED_AFTER and len(parts) > 1:
            mapping[node] = mint(kind, f"--{slug_of(new)}--".join(parts)[2:-2])
    return mapping


def rewritten(quad: Quad, mapping: Mapping) -> Quad:
    """Return a statement under the new names; a former label becomes a variant."""
    subject, predicate, value = quad.subject, quad.predicate, quad.object
    if isinstance(subject, NamedNode) and subject in mapping:
        if predicate in (RDFS.label, SKOS.prefLabel) and _in_reference(quad):
            predicate = SKOS.altLabel
        subject = mapping[subject]
    if isinstance(value, NamedNode):
        value = mapping.get(value, value)
    return Quad(subject, predicate, value, quad.graph_name)


def _fit(store: Store, old: NamedNode, new: NamedNode) -> None:
    kinds = {(split(node) or ("",))[0] for node in (old, new)}
    if old == new or len(kinds) > 1 or kinds & (_NEVER | _NAMED_AFTER | {""}):
        raise BadParameter(
            "only two different things of one kind can be merged",
            hint="Name the thing that stays in `into`, such as person/kosherbayev.",
            parameter="into",
        )
    for node in (old, new):
        if replaced_by(store, node) is not None:
            raise Conflict(f"{slug_of(node)} has been merged already", hint="See /changes.")
        if not any(_in_reference(q) for q in store.quads(node)):
            raise NotFound(f"no reference data describes {node.value}")


def _about(store: Store, node: NamedNode) -> set[Quad]:
    found = {*store.quads(node), *store.quads(None, None, node)}
    own = OF_THE_SERVICE | {ONTOLOGY_GRAPH}
    return {q for q in found if isinstance(q.graph_name, NamedNode) and q.graph_name not in own}


def _in_reference(quad: Quad) -> bool:
    graph = quad.graph_name
    return (
        isinstance(graph, NamedNode)
        and graph.value.startswith(GRAPH_BASE)
        and not graph.value.startswith(f"{GRAPH_BASE}article--")
        and graph not in OF_THE_SERVICE | {ONTOLOGY_GRAPH}
    )


def _holds(store: Store, quad: Quad) -> bool:
    found = store.quads(quad.subject, quad.predicate, quad.object, quad.graph_name)  # type: ignore[arg-type]
    return any(True for _ in found)


def _claims(quads: Iterable[Quad]) -> set[NamedNode]:
    """Return the claims whose graphs some quads stand in."""
    named = {q.graph_name for q in quads}
    return {g for g in named if isinstance(g, NamedNode) and (split(g) or ("",))[0] == "claim"}


def _merge_of(store: Store, old: NamedNode) -> tuple[NamedNode, set[Quad]]:
    """Return the write that merged a thing and was not undone, and the statements it kept."""
    for quad in store.quads(None, MG.merged, old, AUDIT_GRAPH):
        write = quad.subject
        if not isinstance(write, NamedNode):
            continue
        if any(True for _ in store.quads(None, MG.undoes, write)):
            continue
        for kept in store.quads(write, MG.formerStatements, None, AUDIT_GRAPH):
            if isinstance(kept.object, Literal):
                return write, set(parse(kept.object.value, format=RdfFormat.N_QUADS))
    raise NotFound(f"the record of the merge of {slug_of(old)} is missing")


def _written(quads: Iterable[Quad]) -> str:
    text = serialize(sorted(quads, key=str), format=RdfFormat.N_QUADS)
    return (text or b"").decode()
