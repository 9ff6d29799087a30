"""W3C test manifests, read into cases (``mf:`` and ``qt:``/``ut:`` vocabularies)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, RDFS, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.w3c import suites

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
DAWGT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#")

LEFT_OUT = ("entailment", "service", "syntax-fed", "protocol", "service-description")
"""Other entailment regimes and federation, which this service does not offer, and suites that
have a module of their own."""


@dataclass(frozen=True)
class State:
    """A dataset: files for the default graph, and (name, file) for the named ones."""

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """One test of a manifest; IRIs are absolute, files are found with ``path``."""

    id: str
    kind: str
    action: str
    before: State = State()
    result: str | None = None
    after: State = State()

    def __str__(self) -> str:
        return self.id


def path(iri: str) -> Path:
    """Return the file behind an IRI of the suites."""
    return suites.folder() / iri.removeprefix(suites.BASE)


def read() -> Iterator[Case]:
    """Yield the approved cases of every suite but those left out."""
    for file in sorted(suites.folder().glob("*/manifest.ttl")):
        name = file.parent.name
        if name not in LEFT_OUT:
            graph = Graph().parse(file, publicID=f"{suites.BASE}{name}/manifest.ttl")
            yield from _cases(graph, name)


def _cases(graph: Graph, suite: str) -> Iterator[Case]:
    for manifest in graph.subjects(RDF.type, MF.Manifest):
        entries = graph.value(manifest, MF.entries)
        if entries is None:
            continue
        for entry in Collection(graph, entries):
            if (entry, DAWGT.approval, DAWGT.Withdrawn) not in graph:
                yield _case(graph, entry, suite)


def _case(graph: Graph, entry: Node, suite: str) -> Case:
    kind = str(graph.value(entry, RDF.type)).rpartition("#")[2]
    action = graph.value(entry, MF.action)
    result = graph.value(entry, MF.result)
    name = f"{suite}/{str(entry).rpartition('#')[2]}"
    if isinstance(action, URIRef):
        return Case(name, kind, str(action), result=str(result) if result else None)
    assert action is not None
    if graph.value(action, UT.request) is not None:
        text = str(graph.value(action, UT.request))
        after = _state(graph, result, UT) if result is not None else State()
        return Case(name, kind, text, _state(graph, action, UT), None, after)
    text = str(graph.value(action, QT.query))
    return Case(name, kind, text, _state(graph, action, QT), str(result) if result else None)


def _state(graph: Graph, node: Node, space: Namespace) -> State:
    default = tuple(str(o) for o in graph.objects(node, space.data))
    named = []
    for item in graph.objects(node, space.graphData):
        file = graph.value(item, space.graph) or graph.value(item, QT.graph)
        label = graph.value(item, RDFS.label)
        named.append((str(label or item), str(file or item)))
    return State(default, tuple(sorted(named)))
