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
from pyshacl import shape as pyshacl_shape
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib.namespace import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Node

from mineralgraph.errors import MineralgraphError
from mineralgraph.gate import shapes

_DESCRIPTION = "make_v_result_description"
_prepared = cache(prepareQuery)
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


class QueryOnceGraph(rdflib.Graph):
    """A graph that parses each SPARQL constraint once.

    pySHACL hands over the constraint's text again for every focus node, and parsing it takes
    rdflib longer (30 ms) than answering it.
    """

    def query(self, query_object: str | Query, *args: Any, **more: Any) -> Result:
        """See ``rdflib.Graph.query``."""
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **more)


@cache
def _loaded(names: tuple[str, ...]) -> Any:
    """Return pySHACL's own form of the shapes; building it takes longer than using it."""
    # pySHACL looks each property of a shape up in a list of 36 names, a third of its time.
    names_of_parameters = frozenset(ALL_CONSTRAINT_PARAMETERS)
    vars(pyshacl_shape)["CONSTRAINT_PARAMS"] = (names_of_parameters, CONSTRAINT_PARAMETERS_MAP)
    # It writes each result out for a log that nobody reads, a tenth of its time.
    setattr(ConstraintComponent, _DESCRIPTION, lambda *_, **__: "")
    empty = DataGraph.from_rdflib(rdflib.Graph())
    validator = Validator(empty, shacl_graph=shapes.load(names), options=dict(OPTIONS))
    _ = validator.shacl_graph.shapes
    return validator.shacl_graph


def _validator(graph: DataGraph, names: tuple[str, ...]) -> Any:
    validator = Validator(graph, shacl_graph=rdflib.Graph(), options=dict(OPTIONS))
    validator.shacl_graph = _loaded(names)
    return validator


def warm(names: tuple[str, ...] = ()) -> None:
    """Load the shapes now rather than with the first document."""
    _loaded(names)


def run(
    data: rdflib.Graph, asked: Mapping[Node, Iterable[Node]], names: tuple[str, ...] = ()
) -> Iterator[Fields]:
    """Ask shapes about focus nodes.

    Args:
        data: the graph to look at.
        asked: shape → its focus nodes.
        names: which shapes there are (``gate.shapes.load``).

    Yields:
        The properties of each validation result; what a nested shape found is not among them.
    """
    graph = DataGraph.from_rdflib(data)
    validator = _validator(graph, names)
    executor = validator.make_executor()
    for node, focus in asked.items():
        shape = validator.shacl_graph.lookup_shape_from_node(node)
        _, found = shape.validate(executor, graph, focus=list(focus))
        for _, result, triples in found:
            yield _fields(result, triples)


def _fields(result: Node, triples: Iterable[tuple[Node, Node, Any]]) -> Fields:
    fields: Fields = {}
    for subject, predicate, value in triples:
        if subject == result and predicate != SH.detail:
            # pySHACL names the graph along with a term that it has not copied yet.
            term = value[1] if isinstance(value, tuple) else value
            fields.setdefault(predicate, []).append(term)
    return fields


def whole(data: rdflib.Graph, names: tuple[str, ...] = ()) -> Iterator[Fields]:
    """Validate a whole graph as pySHACL does by itself; yields as ``run`` does.

    Raises:
        MineralgraphError: when pySHACL could not run.
    """
    validator = _validator(DataGraph.from_rdflib(data), names)
    _, report, text = validator.run()
    if not isinstance(report, rdflib.Graph):
        raise MineralgraphError(f"pySHACL could not run: {text}", hint="Check the shapes.")
    for node in report.objects(None, SH.result):
        fields: Fields = {}
        for predicate, value in report.predicate_objects(node):
            fields.setdefault(predicate, []).append(value)
        yield fields
