"""pySHACL on chosen focus nodes: shapes loaded once, each asked about the nodes it is given.

pySHACL's own ``focus_nodes`` option also filters the value nodes inside nested shapes and so
loses results. Here the nodes are handed to each shape with a target, as pySHACL does itself
once it has found them; nested shapes see all their value nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import rdflib
from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib.namespace import SH
from rdflib.term import Node

from mineralgraph.errors import MineralgraphError
from mineralgraph.gate import shapes
from mineralgraph.gate.ready import IndexedGraph, ready

OPTIONS: Mapping[str, Any] = {
    "inplace": True,
    "inference": "none",
    "advanced": False,
    "use_js": False,
    "allow_warnings": True,
    "allow_infos": True,
}
Fields = dict[Node, list[Node]]
"""Property of a validation result → its values."""


@cache
def _loaded(names: tuple[str, ...]) -> Any:
    """Return pySHACL's own form of the shapes, ready; making it takes longer than using it."""
    return ready(_plain(shapes.load(names)).shacl_graph)


def _plain(graph: rdflib.Graph, data: rdflib.Graph | None = None) -> Any:
    """Return pySHACL's validator, as it comes."""
    data_graph = DataGraph.from_rdflib(rdflib.Graph() if data is None else data)
    return Validator(data_graph, shacl_graph=graph, options=dict(OPTIONS))


def warm(names: tuple[str, ...] = ()) -> None:
    """Load the shapes now rather than with the first document."""
    _loaded(names)


def run(
    data: IndexedGraph, asked: Mapping[Node, Iterable[Node]], names: tuple[str, ...] = ()
) -> Iterator[Fields]:
    """Ask shapes about focus nodes.

    Args:
        data: the graph to look at.
        asked: shape → its focus nodes.
        names: which shapes there are (``gate.shapes.load``).

    Yields:
        The properties of each validation result; what a nested shape found is not among them.
    """
    loaded = _loaded(names)
    executor = _executor()
    for node, focus in asked.items():
        shape = loaded.lookup_shape_from_node(node)
        _, found = shape.validate(executor, data, focus=list(focus))
        for _, result, triples in found:
            yield _fields(result, triples)


@cache
def _executor() -> Any:
    return _plain(rdflib.Graph()).make_executor()


def _fields(result: Node, triples: Iterable[tuple[Node, Node, Any]]) -> Fields:
    fields: Fields = {}
    for subject, predicate, value in triples:
        if subject == result and predicate != SH.detail:
            # pySHACL names the graph along with a term that it has not copied yet.
            term = value[1] if isinstance(value, tuple) else value
            fields.setdefault(predicate, []).append(term)
    return fields


def whole(data: rdflib.Graph, names: tuple[str, ...] = ()) -> Iterator[Fields]:
    """Validate a whole graph by pySHACL as it comes, to compare with; yields as ``run`` does.

    Raises:
        MineralgraphError: when pySHACL could not run.
    """
    _, report, text = _plain(shapes.load(names), data).run()
    if not isinstance(report, rdflib.Graph):
        raise MineralgraphError(f"pySHACL could not run: {text}", hint="Check the shapes.")
    for node in report.objects(None, SH.result):
        fields: Fields = {}
        for predicate, value in report.predicate_objects(node):
            fields.setdefault(predicate, []).append(value)
        yield fields
