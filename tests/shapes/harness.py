"""Run one case file through pySHACL and read what its header expects.

The rules are data (``shapes/``), and so are the cases (``cases/SHAPE/{pass,fail}-NNN.ttl``); this
module only joins the two. It uses pySHACL directly, not the gate, so that a mistake in the gate
cannot hide one in the shapes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyshacl.graph_abstraction import DataGraph
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import RDF, Graph
from rdflib.collection import Collection
from rdflib.namespace import SH, NamespaceManager
from rdflib.term import BNode, Node, URIRef

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT / "shapes"
ONTOLOGY = ROOT / "ontology"
CASES = Path(__file__).parent / "cases"
MGS = "https://w3id.org/mineralgraph/shapes#"

_EXPECT = re.compile(r"^# expect: (?P<shape>\S+) \| (?P<focus>\S+) \| (?P<path>\S+)$", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Finding:
    """Which shape reported which node, by which path (``-`` when the whole node is meant)."""

    shape: str
    focus: str
    path: str


@cache
def shapes_graph() -> Graph:
    """All shapes, with the prefix declarations that their SPARQL constraints point at."""
    graph = Graph()
    graph.parse(ONTOLOGY / "prefixes.ttl")
    for file in sorted(SHAPES.rglob("*.ttl")):
        graph.parse(file)
    return graph


@cache
def context() -> Graph:
    """What stands around every case: the code lists and ``context.ttl``."""
    graph = Graph()
    for file in sorted((ONTOLOGY / "codelists").glob("*.ttl")):
        graph.parse(file)
    graph.parse(CASES.parent / "context.ttl")
    return graph


@cache
def names() -> NamespaceManager:
    """The prefixes of the one table, for showing IRIs as curators write them."""
    graph = Graph(bind_namespaces="none")
    table = Graph().parse(ONTOLOGY / "prefixes.ttl")
    for node in table.subjects(RDF.type, SH.PrefixDeclaration):
        prefix, namespace = table.value(node, SH.prefix), table.value(node, SH.namespace)
        graph.bind(str(prefix), str(namespace))
    return graph.namespace_manager


def expected(file: Path) -> set[Finding]:
    """The findings that the ``# expect:`` lines of a case announce."""
    return {Finding(**m.groupdict()) for m in _EXPECT.finditer(file.read_text("utf-8"))}


@cache
def _loaded() -> ShapesGraph:
    """pySHACL's own form of the shapes, kept because making it takes longer than using it."""
    return Validator(DataGraph.from_rdflib(Graph()), shacl_graph=shapes_graph()).shacl_graph


def findings(data: Graph) -> set[Finding]:
    """Validate a graph against all shapes and return what they report."""
    target = DataGraph.from_rdflib(data)
    validator = Validator(target, shacl_graph=Graph(), options={"inplace": True})
    validator.shacl_graph = _loaded()
    _, report, _ = validator.run()
    assert isinstance(report, Graph)
    return {
        Finding(
            shape=str(report.value(result, SH.sourceShape)).removeprefix(MGS),
            focus=_show(report, report.value(result, SH.focusNode)),
            path=_path(report, report.value(result, SH.resultPath)),
        )
        # not every sh:ValidationResult: what failed inside sh:node hangs on its result as a detail
        for result in report.objects(None, SH.result)
    }


def case(file: Path) -> Graph:
    """A case together with its context."""
    return context() + Graph().parse(file)


def _show(report: Graph, node: Node | None) -> str:
    return names().curie(node, generate=False) if isinstance(node, URIRef) else str(node)


def _path(report: Graph, path: Node | None) -> str:
    """Write a property path the way SPARQL does."""
    if path is None:
        return "-"
    if not isinstance(path, BNode):
        return _show(report, path)
    if report.value(path, RDF.first):
        return "/".join(_path(report, step) for step in Collection(report, path))
    if inverse := report.value(path, SH.inversePath):
        return f"^{_path(report, inverse)}"
    if alternatives := report.value(path, SH.alternativePath):
        return "|".join(_path(report, step) for step in Collection(report, alternatives))
    raise ValueError(f"a result path of an unknown form: {path}")
