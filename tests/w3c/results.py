"""Comparing answers with what the suites expect: multisets of rows up to blank-node names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryResultsFormat, Triple
from rdflib import RDF, Graph, Namespace
from rdflib.term import Node

from mineralgraph.rdf.terms import from_rdflib
from tests.w3c.endpoints import load
from tests.w3c.manifests import path

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
Row = frozenset[tuple[str, object]]


def normal(term: object) -> object:
    """Return a term as the engine stores it (literals are normalised on insertion)."""
    if not isinstance(term, Literal):
        return term
    store = pyoxigraph.Store()
    node = NamedNode("urn:x")
    store.add(Quad(node, node, term))
    return next(iter(store)).object


def rows_of(answer: bytes, form: QueryResultsFormat) -> list[Row] | bool:
    """Read a result document of SELECT or ASK."""
    found = pyoxigraph.parse_query_results(answer, format=form)
    if isinstance(found, pyoxigraph.QueryBoolean):
        return bool(found)
    names = [v.value for v in found.variables]
    return [
        frozenset((n, normal(t)) for n, t in zip(names, row, strict=True) if t is not None)
        for row in found
    ]


def expected_rows(file: str) -> list[Row] | bool | None:
    """Read what a test expects; None when it is a graph (a CONSTRUCT result)."""
    source = path(file)
    forms = {".srx": QueryResultsFormat.XML, ".srj": QueryResultsFormat.JSON}
    if source.suffix in forms:
        return rows_of(source.read_bytes(), forms[source.suffix])
    graph = Graph().parse(source, publicID=file)
    result = graph.value(predicate=RDF.type, object=RS.ResultSet)
    if result is None:
        return None
    truth = graph.value(result, RS.boolean)
    if truth is not None:
        return str(truth) == "true"
    return [_row(graph, solution) for solution in graph.objects(result, RS.solution)]


def _row(graph: Graph, solution: Node) -> Row:
    cells = []
    for binding in graph.objects(solution, RS.binding):
        name, value = graph.value(binding, RS.variable), graph.value(binding, RS.value)
        assert value is not None
        cells.append((str(name), normal(from_rdflib(value))))
    return frozenset(cells)


def same_rows(found: list[Row], expected: list[Row]) -> bool:
    """Compare multisets of rows; blank nodes may be renamed consistently."""
    return same_quads(_as_quads(found), _as_quads(expected))


def _as_quads(rows: Iterable[Row]) -> list[Quad]:
    quads = []
    for number, row in enumerate(rows):
        node = BlankNode(f"row{number}")
        quads.append(Quad(node, NamedNode("urn:row"), NamedNode("urn:row")))
        quads += [Quad(node, NamedNode(f"urn:var:{name}"), _renamed(term)) for name, term in row]
    return quads


def _renamed(term: object) -> NamedNode | BlankNode | Literal:
    if isinstance(term, BlankNode):
        return BlankNode(f"cell{term.value}")
    assert isinstance(term, NamedNode | Literal)
    return term


def same_quads(found: Iterable[Quad], expected: Iterable[Quad]) -> bool:
    """Compare datasets up to blank-node names (RDF Dataset isomorphism)."""
    datasets = []
    for quads in (found, expected):
        dataset = pyoxigraph.Dataset(
            Quad(_normal_subject(q), q.predicate, normal(q.object), q.graph_name) for q in quads
        )
        dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
        datasets.append(dataset)
    return datasets[0] == datasets[1]


def _normal_subject(quad: Quad) -> NamedNode | BlankNode:
    assert not isinstance(quad.subject, Triple)
    return quad.subject


def same_triples(found: bytes, expected: str) -> bool:
    """Compare a CONSTRUCT answer in N-Triples with a file."""
    ours = pyoxigraph.parse(found, format=pyoxigraph.RdfFormat.N_TRIPLES)
    theirs = (Quad(t.subject, t.predicate, t.object) for t in load(expected))
    return same_quads(ours, theirs)


def same_csv(found: bytes, expected: str) -> bool:
    """Compare CSV results: the columns by name, the rows as a multiset.

    ``SELECT *`` sets no order of columns. CSV drops what a term is; blank nodes are compared
    as such, not by name.
    """
    tables = []
    for data in (found, path(expected).read_bytes()):
        rows = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
        cells = [sorted((name, _cell(text)) for name, text in row.items()) for row in rows]
        tables.append((sorted(rows.fieldnames or ()), sorted(cells)))
    return tables[0] == tables[1]


def _cell(text: str) -> str:
    return "_:" if text.startswith("_:") else _number(text)


def _number(text: str) -> str:
    """Return a number in one spelling: the engine stores values, not spellings."""
    try:
        return repr(float(text))
    except ValueError:
        return text
