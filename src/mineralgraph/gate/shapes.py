"""The shapes: SHACL files of ``shapes/``, loaded once, with the one prefix table."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import rdflib
from rdflib.namespace import SH

from mineralgraph import resources
from mineralgraph.errors import BadParameter


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
