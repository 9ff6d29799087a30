"""pySHACL over claim units: many at a time, each as if it were alone.

Loading the shapes costs more than validating a unit, so units are validated in batches. In a
batch every instance IRI of a unit gets the unit's number as a suffix (``?unit=7``), and the
results lose it again: units cannot touch each other, because they share no node but the
ontology's. ``tests/gate/test_shacl.py`` compares batches with single runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyshacl
import rdflib
from pyoxigraph import NamedNode, Triple
from rdflib.namespace import SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Node

from mineralgraph.errors import MineralgraphError
from mineralgraph.gate import shapes
from mineralgraph.gate.context import Context
from mineralgraph.gate.report import Severity
from mineralgraph.gate.units import Unit
from mineralgraph.rdf.namespaces import ID_BASE
from mineralgraph.rdf.terms import to_rdflib

_prepared = cache(prepareQuery)


class _DataGraph(rdflib.Graph):
    """A graph that parses each SPARQL constraint once.

    pySHACL hands over the constraint's text again for every focus node, and parsing it takes
    rdflib longer (30 ms) than answering it.
    """

    def query(self, query_object: str | Query, *args: Any, **more: Any) -> Result:
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **more)


BATCH_TRIPLES = 20_000
_SUFFIX = re.compile(r"\?unit=\d+\Z")
_SEVERITIES = {str(SH.Violation): Severity.VIOLATION, str(SH.Warning): Severity.WARNING}


@dataclass(frozen=True)
class ShapeResult:
    """One SHACL validation result (SHACL section 3.6.2), with the unit that it is of."""

    claim: NamedNode | None
    focus: Node
    path: Node | None
    value: Node | None
    shape: Node
    component: str
    severity: Severity
    message: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What "the same result" means: focus node, path, component, severity."""
        return (str(self.focus), str(self.path), self.component, self.severity)


def validate(
    units: Sequence[Unit], context: Context, names: tuple[str, ...] = ()
) -> Iterator[ShapeResult]:
    """Validate units and yield their results.

    Args:
        units: what to validate.
        context: tells which nodes are the ontology's and therefore shared.
        names: which shapes (``gate.shapes.load``).
    """
    batch: list[Unit] = []
    size = 0
    for unit in units:
        if batch and size + len(unit.triples) > BATCH_TRIPLES:
            yield from _validate_batch(batch, context, names)
            batch, size = [], 0
        batch.append(unit)
        size += len(unit.triples)
    if batch:
        yield from _validate_batch(batch, context, names)


def _validate_batch(
    units: Sequence[Unit], context: Context, names: tuple[str, ...]
) -> Iterator[ShapeResult]:
    data = _DataGraph()
    for number, unit in enumerate(units):
        for triple in unit.triples:
            data.add(_numbered(triple, number, context))
    for result in _run(data, names):
        of_unit = _number(result.focus)
        claim = units[of_unit].claim if of_unit is not None else None
        yield _restored(result, claim)


def _numbered(triple: Triple, number: int, context: Context) -> tuple[Node, Node, Node]:
    return (
        _number_term(triple.subject, number, context),
        to_rdflib(triple.predicate),
        _number_term(triple.object, number, context),
    )


def _number_term(term: object, number: int, context: Context) -> Node:
    instance = isinstance(term, NamedNode) and term.value.startswith(ID_BASE)
    if isinstance(term, NamedNode) and instance and not context.is_concept(term):
        return rdflib.URIRef(f"{term.value}?unit={number}")
    return to_rdflib(term)  # type: ignore[arg-type]


def _number(node: Node) -> int | None:
    match = _SUFFIX.search(str(node))
    return int(match.group().removeprefix("?unit=")) if match else None


def _restored(result: ShapeResult, claim: NamedNode | None) -> ShapeResult:
    def plain(node: Node | None) -> Node | None:
        return rdflib.URIRef(_SUFFIX.sub("", node)) if isinstance(node, rdflib.URIRef) else node

    return ShapeResult(
        claim,
        plain(result.focus) or result.focus,
        result.path,
        plain(result.value),
        result.shape,
        result.component,
        result.severity,
        re.sub(r"\?unit=\d+", "", result.message),
    )


def _run(data: rdflib.Graph, names: tuple[str, ...]) -> Iterator[ShapeResult]:
    _, report, text = pyshacl.validate(
        data,
        shacl_graph=shapes.load(names),
        inference="none",
        advanced=False,
        js=False,
        allow_warnings=True,
        allow_infos=True,
    )
    if not isinstance(report, rdflib.Graph):
        raise MineralgraphError(f"pySHACL could not run: {text}", hint="Check the shapes.")
    # Only results of the report itself: what a nested shape found is their sh:detail.
    for node in report.objects(None, SH.result):
        focus = report.value(node, SH.focusNode)
        shape = report.value(node, SH.sourceShape)
        if focus is None or shape is None:
            raise MineralgraphError("pySHACL gave a result without focus node or shape")
        yield ShapeResult(
            None,
            focus,
            report.value(node, SH.resultPath),
            report.value(node, SH.value),
            shape,
            str(report.value(node, SH.sourceConstraintComponent)),
            _SEVERITIES.get(str(report.value(node, SH.resultSeverity)), Severity.INFO),
            _message(report, node),
        )


def _message(report: rdflib.Graph, node: Node) -> str:
    messages = sorted(str(m) for m in report.objects(node, SH.resultMessage))
    return " ".join(messages)
