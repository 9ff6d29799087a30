"""Shapes made ready find what pySHACL as it comes finds, with the same words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib.namespace import RDF, RDFS, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from mineralgraph.gate import engine, shapes
from mineralgraph.gate.ready import IndexedGraph

PROLOGUE = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = (
    PROLOGUE
    + """
ex:every a sh:NodeShape ; sh:targetClass ex:A ;
  sh:property ex:p , ex:warned ; sh:node ex:inner ;
  sh:or ( [ sh:class ex:B ] [ sh:path ex:q ; sh:maxCount 1 ] ) ;
  sh:not [ sh:path ex:q ; sh:hasValue ex:n1 ] ;
  sh:xone ( [ sh:path ex:p ; sh:minCount 2 ] [ sh:path ex:q ; sh:minCount 1 ] ) .
ex:p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:maxCount 2 ; sh:property ex:deeper ;
  sh:message "two at most" .
ex:deeper a sh:PropertyShape ; sh:path ( ex:q [ sh:inversePath ex:p ] ) ; sh:maxCount 1 ;
  sh:nodeKind sh:IRI .
ex:warned a sh:PropertyShape ; sh:path [ sh:zeroOrMorePath ex:q ] ; sh:severity sh:Warning ;
  sh:disjoint ex:p ; sh:class ex:A .
ex:inner a sh:NodeShape ; sh:property [ sh:path ex:v ; sh:datatype xsd:integer ; sh:minInclusive 3 ;
    sh:lessThan ex:w ] ;
  sh:property [ sh:path ex:p ; sh:severity sh:Info ;
    sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMinCount 1 ] .
ex:closed a sh:NodeShape ; sh:targetObjectsOf ex:q ; sh:closed true ;
  sh:ignoredProperties ( rdfs:label <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ;
  sh:property [ sh:path ex:p ] ; sh:pattern "n[0-3]$" ; sh:in ( ex:n0 ex:n1 ex:n2 ) .
ex:asked a sh:NodeShape ; sh:targetSubjectsOf ex:v ; sh:sparql [ sh:message "{?value} is {$this}" ;
  sh:select "SELECT $this ?value WHERE { $this <http://example.org/p> ?value . ?value a ?any }" ] .
"""
)
EX = rdflib.Namespace("http://example.org/")
TARGETS = {
    "every": lambda g: g.subjects(RDF.type, EX.A),
    "closed": lambda g: g.objects(None, EX.q),
    "asked": lambda g: g.subjects(EX.v),
}
Told = Counter[tuple[str, ...]]


def graph_of(draw: random.Random) -> list[tuple[Node, Node, Node]]:
    """Random triples over a few nodes, so that every constraint holds sometimes only."""
    nodes = [EX[f"n{number}"] for number in range(6)]
    literals = [rdflib.Literal(n) for n in range(1, 5)] + [rdflib.Literal("x")]
    triples: list[tuple[Node, Node, Node]] = []
    for _ in range(draw.randrange(3, 30)):
        predicate = draw.choice([RDF.type, EX.p, EX.q, EX.v, EX.w, RDFS.label])
        value: Node = draw.choice(nodes)
        if predicate == RDF.type:
            value = draw.choice([EX.A, EX.A, EX.B])
        elif predicate in (EX.v, EX.w, RDFS.label):
            value = draw.choice(literals)
        triples.append((draw.choice(nodes), predicate, value))
    return triples


def told(fields: Iterable[engine.Fields]) -> Told:
    wanted = (SH.focusNode, SH.value, SH.sourceConstraintComponent, SH.resultSeverity,
              SH.resultMessage)  # fmt: skip
    return Counter(
        tuple(" ".join(sorted(map(str, each.get(p, ())))) for p in wanted) for each in fields
    )


def as_it_comes(triples: list[tuple[Node, Node, Node]], graph: rdflib.Graph) -> Told:
    data = rdflib.Graph()
    for triple in triples:
        data.add(triple)
    options = dict(engine.OPTIONS)
    validator = Validator(DataGraph.from_rdflib(data), shacl_graph=graph, options=options)
    _, report, _ = validator.run()
    assert isinstance(report, rdflib.Graph)
    results = report.objects(None, SH.result)
    return told({p: list(report.objects(r, p)) for p in set(report.predicates(r))} for r in results)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> Iterable[rdflib.Graph]:
    graph = rdflib.Graph().parse(data=SHAPES, format="turtle")
    monkeypatch.setattr(shapes, "load", lambda names=(): graph)
    engine._loaded.cache_clear()
    yield graph
    engine._loaded.cache_clear()


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(choice=st.integers(0, 10**9))
def test_ready_shapes_find_what_pyshacl_finds(invented: rdflib.Graph, choice: int) -> None:
    triples = graph_of(random.Random(choice))
    data = IndexedGraph(triples)
    asked = {EX[name]: list(dict.fromkeys(find(data))) for name, find in TARGETS.items()}
    assert set(told(engine.run(data, asked))) == set(as_it_comes(triples, invented))


def test_the_random_graphs_make_every_constraint_fire_and_hold(invented: rdflib.Graph) -> None:
    fired: Told = Counter()
    clean = 0
    for choice in range(60):
        found = as_it_comes(graph_of(random.Random(choice)), invented)
        fired.update(row[2].rpartition("#")[2].removesuffix("ConstraintComponent") for row in found)  # type: ignore[arg-type]
        clean += not found
    assert set(fired) >= {
        "Class", "Closed", "Disjoint", "In", "MaxCount", "MinCount", "Node", "Not", "Or",
        "Pattern", "SPARQL", "Xone",
    }  # fmt: skip
    assert clean


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_an_indexed_graph_answers_like_another(choice: int) -> None:
    draw = random.Random(choice)
    triples = graph_of(draw)
    mine, other = IndexedGraph(triples), rdflib.Graph()
    for triple in triples:
        other.add(triple)
    assert len(mine) == len(other)
    for triple in [*draw.sample(triples, 2), (EX.n0, EX.p, EX.n1)]:
        for hidden in range(8):
            pattern = tuple(None if hidden >> n & 1 else term for n, term in enumerate(triple))
            assert set(mine.triples(pattern)) == set(other.triples(pattern))
            assert (pattern in mine) == (pattern in other)
        subject, predicate, value = triple
        assert set(mine.objects(subject, predicate)) == set(other.objects(subject, predicate))
        assert set(mine.subjects(predicate, value)) == set(other.subjects(predicate, value))
    text = "SELECT ?a ?b { ?a <http://example.org/p>/<http://example.org/q>* ?b }"
    assert set(mine.query(text)) == set(other.query(prepareQuery(text)))
