"""The shapes: SHACL files of ``shapes/``, loaded once, with the one prefix table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import rdflib
from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib.namespace import SH

from mineralgraph import resources
from mineralgraph.errors import BadParameter
from mineralgraph.rdf.terms import Plain, from_rdflib


@cache
def load(names: tuple[str, ...] = ()) -> rdflib.Graph:
    """Return the shapes graph.

    Args:
        names: folders (``must``), files (``must/money``) or stems (``money``) to pick; all
            shapes when empty.

    Raises:
        BadParameter: when a name picks nothing; tells what there is.
    """
    graph = rdflib.Graph()
    graph.parse(resources.folder("ontology") / "prefixes.ttl")
    chosen = [p for p in resources.files("shapes", "*.ttl") if not names or _picked(p, names)]
    for path in chosen:
        graph.parse(path)
    for name in names:
        if not any(_picked(p, (name,)) for p in chosen):
            raise BadParameter(
                f"no shapes are called {name!r}",
                hint=f"There are: {', '.join(sorted(set(_all_names())))}.",
                parameter="shapes",
            )
    return graph


def _key(path: Path) -> str:
    return str(path.relative_to(resources.folder("shapes")).with_suffix(""))


def _picked(path: Path, names: tuple[str, ...]) -> bool:
    key = _key(path)
    return any(name in (key, path.stem, key.partition("/")[0]) for name in names)


def _all_names() -> list[str]:
    return [n for p in resources.files("shapes", "*.ttl") for n in (_key(p), _key(p).split("/")[0])]


def text_of(shape: rdflib.term.Node, names: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return name and repair advice (``sh:name``, ``sh:description``) of a shape."""
    graph = load(names)
    return str(graph.value(shape, SH.name) or ""), str(graph.value(shape, SH.description) or "")


def path_of(shape: NamedNode, label: str) -> tuple[Plain | None, list[Triple]]:
    """Return the property path of a shape, and the triples that it is made of.

    Args:
        shape: a shape that is no part of another.
        label: what the labels of the path's blank nodes begin with here.
    """
    graph = load()
    path = graph.value(rdflib.URIRef(shape.value), SH.path)
    return (None, []) if path is None else (_named(path, label), list(_copied(graph, path, label)))


def _named(node: rdflib.term.Node, label: str) -> Plain:
    return BlankNode(label + str(node)) if isinstance(node, rdflib.BNode) else from_rdflib(node)


def _copied(graph: rdflib.Graph, node: rdflib.term.Node, label: str) -> Iterator[Triple]:
    name = _named(node, label)
    if not isinstance(name, BlankNode):
        return
    for predicate, value in graph.predicate_objects(node):
        yield Triple(name, NamedNode(str(predicate)), _named(value, label))
        yield from _copied(graph, value, label)
