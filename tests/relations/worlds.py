"""The datasets that relations are tried on, and relations as short readable tuples.

``invented/`` holds papers, people and loans that do not exist; each of its claims is there for a
rule, or for a rule to leave alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from mineralgraph import relations
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.rdf.identifiers import slug_of
from mineralgraph.rdf.namespaces import MG, curie
from mineralgraph.store.embedded import EmbeddedStore

HERE = Path(__file__).parent


def invented() -> list[Quad]:
    """Return the invented dataset, without relations."""
    return compile_dataset(HERE / "invented").quads


def store_of(quads: Iterable[Quad]) -> EmbeddedStore:
    """Return a store with a dataset and its relations."""
    store = EmbeddedStore()
    store.load(relations.complete(quads))
    return store


class Found(NamedTuple):
    """A relation in short: slugs, each list in order and joined by blanks."""

    type: str
    rule: str
    thing: str
    ahead: str
    behind: str
    group: str


def found(quads: Iterable[Quad]) -> list[Found]:
    """Return the relations among some quads."""
    by_node: dict[object, list[Quad]] = {}
    for quad in quads:
        if quad.graph_name == relations.RELATIONS:
            by_node.setdefault(quad.subject, []).append(quad)
    return sorted(_short(list(quads)) for quads in by_node.values())


def _short(quads: list[Quad]) -> Found:
    def objects(predicate: NamedNode) -> list[str]:
        values = [q.object for q in quads if q.predicate == predicate]
        return sorted(slug_of(v) if isinstance(v, NamedNode) else v.value for v in values)  # type: ignore[union-attr]

    things = [q.object for q in quads if q.predicate == MG.comparedThing]
    assert len(things) == 1
    assert isinstance(things[0], NamedNode)
    claims = [" ".join(objects(p)) for p in (MG.fromClaim, MG.toClaim, MG.relates)]
    [kind], [rule] = objects(MG.relationType), objects(MG.rule)
    return Found(kind, rule, curie(things[0].value), *claims)


def parsed(nquads: str) -> list[Quad]:
    """Read N-Quads."""
    return list(parse(nquads, format=RdfFormat.N_QUADS))
