"""Any query has the rows on a remote engine that it has on the embedded one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import engines as servers
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.errors import NotOffered
from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, ID_BASE, MG, RDFS
from mineralgraph.store.base import Dataset
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore
from mineralgraph.store.remote_http import Call
from mineralgraph.store.view import TRUE

from .comparing import found
from .conftest import Start, remote
from .deviations import QUERY_DEVIATIONS, expect

ARTICLE = NamedNode(GRAPH_BASE + "article--a")
PEOPLE = NamedNode(GRAPH_BASE + "people")
FOREIGN = "urn:somebody-elses"
A, B, C, P = (NamedNode(f"{ID_BASE}person/{n}") for n in "abcp")
C1, C2, C3 = (NamedNode(f"{ID_BASE}claim/{n}") for n in (1, 2, 3))
FALSE = Literal("false", datatype=TRUE.datatype)
XSD = "http://www.w3.org/2001/XMLSchema#"
DATA = [
    Quad(C1, MG.current, TRUE, ARTICLE),
    Quad(C2, MG.current, TRUE, ARTICLE),
    Quad(C3, MG.current, FALSE, ARTICLE),
    Quad(A, P, B, C1),
    Quad(B, P, C, C1),
    Quad(A, P, B, C2),
    Quad(A, P, C, C3),
    Quad(A, RDFS.label, Literal("Aye", language="en"), PEOPLE),
    Quad(A, RDFS.label, Literal("Ай", language="kk"), PEOPLE),
    Quad(B, RDFS.label, Literal('say "B"\n'), PEOPLE),
    Quad(C, RDFS.label, Literal("3", datatype=NamedNode(XSD + "integer")), PEOPLE),
    Quad(C, RDFS.label, Literal("2026-02-04", datatype=NamedNode(XSD + "date")), PEOPLE),
]
QUERIES = {
    "plain": f"SELECT * {{ ?s {P} ?o }}",
    "where the word is written": f"SELECT ?s WHERE {{ ?s {P} ?o }}",
    "count once": f"SELECT (COUNT(*) AS ?n) {{ ?s {P} ?o }}",
    "who says so": f"SELECT ?s ?o ?c {{ ?s {P} ?o . GRAPH ?c {{ ?s {P} ?o }} ?c mg:current true }}",
    "graphs": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } FILTER(?g != ref:dataset) }",
    "graph by name": f"SELECT * {{ GRAPH {C3} {{ ?s ?p ?o }} }}",
    "graph by prefixed name": "SELECT ?s { GRAPH ref:people { ?s ?p ?o } }",
    "graph by relative name": (
        f"BASE <{ID_BASE}> SELECT ?s {{ GRAPH <graph/people> {{ ?s ?p ?o }} }}"
    ),
    "the view is no named graph": f"SELECT * {{ GRAPH {CURRENT_VIEW} {{ ?s ?p ?o }} }}",
    "nobody else's graph": f"SELECT * {{ GRAPH <{FOREIGN}> {{ ?s ?p ?o }} }}",
    "nobody else's graph by code points": (
        r"SELECT * { GRAPH <urn:somebody\u002Delses> { ?s ?p ?o } "
        r"}"
    ),
    "nobody else's FROM": f"SELECT * FROM <{FOREIGN}> {{ ?s ?p ?o }}",
    "optional": f"SELECT * {{ ?s {P} ?o OPTIONAL {{ ?o {P} ?z }} }}",
    "optional graph": f"SELECT * {{ ?s {P} ?o OPTIONAL {{ GRAPH ?g {{ ?o {P} ?z }} }} }}",
    "union": f"SELECT * {{ {{ ?s {P} ?o }} UNION {{ ?o {P} ?s }} }}",
    "minus": f"SELECT * {{ ?s {P} ?o MINUS {{ ?o {P} ?z }} }}",
    "not exists": f"SELECT * {{ ?s {P} ?o FILTER NOT EXISTS {{ ?o {P} ?z }} }}",
    "exists graph": (
        f"SELECT * {{ ?s {P} ?o FILTER EXISTS {{ GRAPH ?g {{ ?s {P} ?o . ?x {P} {C} }} }} }}"
    ),
    "exists in the projection": f"SELECT ?s (EXISTS {{ ?s {P} {C} }} AS ?e) WHERE {{ ?s {P} ?o }}",
    "exists in having": f"SELECT ?s {{ ?s {P} ?o }} GROUP BY ?s HAVING (EXISTS {{ ?s {P} {C} }})",
    "bound exists": f"SELECT ?o ?e {{ ?s {P} ?o BIND(EXISTS {{ ?o {P} ?z }} AS ?e) }}",
    "path with a start": f"SELECT ?o {{ {A} {P}+ ?o }}",
    "path with an end": f"SELECT ?s {{ ?s {P}* {C} }}",
    "path with both ends free": f"SELECT * {{ ?s {P}+ ?o }}",
    "sequence": f"SELECT * {{ ?s {P}/{P} ?o }}",
    "inverse": f"SELECT * {{ ?s ^{P} ?o }}",
    "subquery": (
        f"SELECT * {{ ?s {P} ?o {{ SELECT ?o (COUNT(?z) AS ?n) {{ ?z {P} ?o }} GROUP BY ?o }} }}"
    ),
    "a subquery alone": f"SELECT * {{ SELECT ?s (COUNT(?o) AS ?n) {{ ?s {P} ?o }} GROUP BY ?s }}",
    "graphs in a subquery": (
        f"SELECT * {{ {{ SELECT ?s (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s "
        f"{P} ?o }} }} GROUP BY ?s }} }}"
    ),
    "values": f"SELECT * {{ VALUES ?s {{ {A} {C} }} ?s {P} ?o }}",
    "values at the end": f"SELECT * {{ ?s {P} ?o }} VALUES ?s {{ {B} }}",
    "order and limit": f"SELECT ?s ?o {{ ?s {P} ?o }} ORDER BY ?s ?o LIMIT 1 OFFSET 1",
    "a comment that ends a group": f"SELECT * {{ ?s {P} ?o # }}\n }}",
    "a comment with code points": (
        f"SELECT * {{ ?s {P} ?o # \\u000A }} GRAPH <{FOREIGN}> {{ ?a ?b ?c\n }}"
    ),
    "a string with code points": 'SELECT * { ?s rdfs:label "say \\u0022B\\u0022\\n" }',
    "a string with braces": 'SELECT * { ?s rdfs:label ?l FILTER(?l != "} GRAPH ?g {") }',
    "language": 'SELECT ?l { ?s rdfs:label ?l FILTER(LANG(?l) = "kk") }',
    "typed": "SELECT * { ?s rdfs:label 3 }",
    "compared": f'SELECT * {{ ?s rdfs:label ?d FILTER(?d = "2026-02-04"^^<{XSD}date>) }}',
    "computed boolean": "SELECT (1 = 1 AS ?b) {}",
    "computed decimal": "SELECT (1.5 * 2 AS ?d) {}",
    "computed string": 'SELECT (CONCAT("a", STR(2)) AS ?c) {}',
    "ask": f"ASK {{ {A} {P} {C} }}",
    "ask of the view": f"ASK {{ {A} {P} {B} }}",
    "construct": f"CONSTRUCT {{ ?o {P} ?s }} WHERE {{ ?s {P} ?o }}",
    "construct, short": f"CONSTRUCT WHERE {{ ?s {P} ?o }}",
    "construct, short, from": f"CONSTRUCT FROM {C3} WHERE {{ ?s {P} ?o }}",
    "construct labels": "CONSTRUCT { ?s rdfs:label ?l } { ?s rdfs:label ?l }",
    "describe": f"DESCRIBE {A} {B}",
    "describe found": f"DESCRIBE ?s WHERE {{ ?s {P} {C} }}",
    "describe all found": f"DESCRIBE * {{ ?s {P} ?o }} ORDER BY ?s LIMIT 1",
    "describe from": f"DESCRIBE {A} FROM {C3}",
    "from": f"SELECT * FROM {C3} {{ ?s ?p ?o }}",
    "from the view": f"SELECT * FROM {CURRENT_VIEW} {{ ?s {P} ?o }}",
    "from named": f"SELECT * FROM NAMED {C1} FROM NAMED {C3} {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "merge counts once": f"SELECT (COUNT(*) AS ?n) FROM {C1} FROM {C2} {{ ?s ?p ?o }}",
    "merge with the view": (
        f"SELECT (COUNT(*) AS ?n) FROM {CURRENT_VIEW} FROM {C1} FROM {C3} {{ ?s {P} ?o }}"
    ),
    "merge joins": f"SELECT * FROM {C1} FROM {C2} FROM {C3} {{ ?s {P}/{P} ?o }}",
    "one graph twice": f"SELECT (COUNT(*) AS ?n) FROM {C1} FROM {C1} {{ ?s ?p ?o }}",
    "merge and named": (
        f"SELECT ?g (COUNT(*) AS ?n) FROM {C1} FROM {C2} FROM NAMED {C1} "
        f"{{ ?s ?p ?o GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
    ),
    "from and from named": (
        f"SELECT * FROM ref:people FROM NAMED {C3} {{ {{ ?s ?p ?o }} UNION {{ "
        f"GRAPH ?g {{ ?s ?p ?o }} }} }}"
    ),
}
DATASETS = {
    "default": Dataset(default=(C3,)),
    "view": Dataset(default=(CURRENT_VIEW,)),
    "named": Dataset(named=(C1, C3)),
    "both": Dataset(default=(PEOPLE,), named=(C3,)),
}


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.load(DATA)
        yield store


@pytest.fixture(scope="module", params=list(servers.ENGINES))
def engine(request: pytest.FixtureRequest, start: Start) -> Iterator[tuple[str, RemoteStore]]:
    """An engine that holds the data, and somebody else's beside it."""
    server = start(request.param)
    with remote(server) as store:
        store._client.update(f"INSERT DATA {{ GRAPH <{FOREIGN}> {{ {A} {P} {C} }} }}", Call(30))
        store.load(DATA)
        yield request.param, store


@pytest.mark.parametrize("name", QUERIES)
def test_rows_are_equal(
    request: pytest.FixtureRequest,
    engine: tuple[str, RemoteStore],
    embedded: EmbeddedStore,
    name: str,
) -> None:
    expect(request, QUERY_DEVIATIONS, engine[0], name)
    assert found(engine[1], QUERIES[name]) == found(embedded, QUERIES[name])


@pytest.mark.parametrize("name", DATASETS)
def test_rows_are_equal_on_a_dataset(
    engine: tuple[str, RemoteStore], embedded: EmbeddedStore, name: str
) -> None:
    text = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } FILTER(?p != schema:version) }"
    expected = found(embedded, text, DATASETS[name])
    assert expected
    assert found(engine[1], text, DATASETS[name]) == expected


@pytest.mark.parametrize(
    ("name", "number"),
    [("merge counts once", 2), ("merge with the view", 3), ("one graph twice", 2)],
)
def test_a_merge_of_graphs_is_a_set(embedded: EmbeddedStore, name: str, number: int) -> None:
    """SPARQL 1.1, section 13.1: the default graph is the RDF merge, in which none is twice."""
    (row,) = found(embedded, QUERIES[name])
    assert row == (("n", Literal(number)),)


def test_a_merge_that_an_engine_counts_twice_is_refused(
    engine: tuple[str, RemoteStore], embedded: EmbeddedStore
) -> None:
    """No wrong answer that looks right: right rows, or a refusal that says why."""
    for name in ("merge counts once", "merge with the view", "merge joins", "merge and named"):
        with contextlib.suppress(NotOffered):
            assert found(engine[1], QUERIES[name]) == found(embedded, QUERIES[name])


def test_the_queries_have_answers(embedded: EmbeddedStore) -> None:
    """Most of the queries above match something, or they would prove nothing."""
    empty = {name for name, text in QUERIES.items() if not found(embedded, text)}
    assert empty == {
        "the view is no named graph",
        "nobody else's graph",
        "nobody else's graph by code points",
        "nobody else's FROM",
    }
