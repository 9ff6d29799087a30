"""What single constructs rest on, on a dataset small enough to read."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad

from mineralgraph.errors import NotAcceptable, QuerySyntaxError
from mineralgraph.provenance import Explained, explain, trace
from mineralgraph.provenance.how import All, Any
from mineralgraph.rdf.namespaces import CURRENT_VIEW
from mineralgraph.store.base import Dataset
from mineralgraph.store.embedded import EmbeddedStore
from tests.provenance import worlds

C0, C1, PLANNED = worlds.CLAIMS
REF = worlds.REFERENCE


def node(name: str) -> NamedNode:
    return NamedNode(f"urn:{name}")


def quad(text: str, graph: NamedNode) -> Quad:
    return Quad(*map(node, text.split()), graph)


@pytest.fixture
def store() -> EmbeddedStore:
    return worlds.store_of(
        [
            quad("minister attends conference", C0),
            quad("minister attends conference", C1),
            quad("minister attends forum", PLANNED),
            quad("minister holds office", REF),
            quad("office part ministry", REF),
            quad("ministry part government", REF),
            quad("government part state", REF),
            quad("envoy attends conference", C1),
        ]
    )


def said(answer: Explained) -> list[list[set[NamedNode]]]:
    return [[set(holders) for holders in entries] for _, entries in answer.witnesses()]


def ask(store: EmbeddedStore, query: str) -> list[list[set[NamedNode]]]:
    return said(explain(store, query))


def features(answer: Explained) -> list[str]:
    return [note.feature for note in answer.untraceable]


def test_alternative_holders_of_one_triple_are_one_entry(store: EmbeddedStore) -> None:
    assert ask(store, "SELECT * { <urn:minister> <urn:attends> ?what }") == [[{C0, C1}]]


def test_joint_triples_are_an_entry_each(store: EmbeddedStore) -> None:
    query = "SELECT ?o { ?x <urn:attends> <urn:conference> ; <urn:holds> ?o }"
    assert ask(store, query) == [[{C0, C1}, {REF}]]


def test_in_graph_the_holder_is_that_graph_current_or_not(store: EmbeddedStore) -> None:
    query = "SELECT ?g { GRAPH ?g { <urn:minister> <urn:attends> ?what } } ORDER BY ?g"
    assert ask(store, query) == [[{C0}], [{C1}], [{PLANNED}]]


def test_an_optional_part_counts_where_it_matched(store: EmbeddedStore) -> None:
    query = """SELECT ?who ?o { ?who <urn:attends> <urn:conference>
        OPTIONAL { ?who <urn:holds> ?o } } ORDER BY ?who"""
    assert ask(store, query) == [[{C1}], [{C0, C1}, {REF}]]


def test_union_rests_on_the_branch_that_matched(store: EmbeddedStore) -> None:
    query = """SELECT ?x { { ?x <urn:holds> ?o } UNION { ?x <urn:attends> <urn:conference> } }
        ORDER BY ?x"""
    found = explain(store, query)
    assert sorted(map(len, said(found))) == [1, 1, 1]
    assert said(found)[0] == [{C1}]
    assert {frozenset(e[0]) for e in said(found)[1:]} == {frozenset({REF}), frozenset({C0, C1})}


def test_distinct_makes_duplicates_alternatives(store: EmbeddedStore) -> None:
    answer = explain(store, "SELECT DISTINCT ?what { ?who <urn:attends> ?what }")
    assert len(answer.rows) == 1
    assert isinstance(answer.hows[0], Any)
    assert len(answer.entries(0)) == 2


def test_a_group_rests_on_all_its_members(store: EmbeddedStore) -> None:
    query = "SELECT ?what (COUNT(?who) AS ?n) { ?who <urn:attends> ?what } GROUP BY ?what"
    answer = explain(store, query)
    assert isinstance(answer.hows[0], All)
    assert said(answer) == [[{C0, C1}, {C1}]] or said(answer) == [[{C1}, {C0, C1}]]


def test_groups_that_look_alike_keep_their_own_members(store: EmbeddedStore) -> None:
    query = "SELECT (COUNT(?what) AS ?n) { ?who <urn:part> ?what } GROUP BY ?who"
    answer = explain(store, query)
    assert len(answer.rows) == 3
    assert len({triple for row in range(3) for triple in answer.entries(row)}) == 3


def test_a_nested_query_brings_its_own_entries(store: EmbeddedStore) -> None:
    query = """SELECT ?who ?n { ?who <urn:holds> ?o
        { SELECT ?e (COUNT(*) AS ?n) { ?any <urn:attends> ?e } GROUP BY ?e } }"""
    assert sorted(map(len, ask(store, query)[0])) == [1, 1, 2]


def test_exists_brings_a_match(store: EmbeddedStore) -> None:
    query = """SELECT ?who { ?who <urn:attends> <urn:conference>
        FILTER EXISTS { ?who <urn:holds> ?o } }"""
    assert ask(store, query) == [[{C0, C1}, {REF}]]


def test_exists_that_was_not_needed_brings_nothing(store: EmbeddedStore) -> None:
    query = """SELECT ?who {{ ?who <urn:attends> <urn:conference>
        FILTER({} || EXISTS {{ ?who <urn:holds> ?o }}) FILTER(?who = <urn:minister>) }}"""
    assert ask(store, query.format("?who = <urn:minister>")) == [[{C0, C1}]]
    assert ask(store, query.format("?who = <urn:envoy>")) == [[{C0, C1}, {REF}]]


@pytest.mark.parametrize(
    ("part", "feature"),
    [
        ("FILTER NOT EXISTS { ?who <urn:holds> ?o }", "NOT EXISTS"),
        ("FILTER(!EXISTS { ?who <urn:holds> ?o })", "NOT EXISTS"),
        ("MINUS { ?who <urn:holds> ?o }", "MINUS"),
    ],
)
def test_absence_is_named_and_the_positive_part_cited(
    store: EmbeddedStore, part: str, feature: str
) -> None:
    answer = explain(store, f"SELECT ?who {{ ?who <urn:attends> <urn:conference> {part} }}")
    assert said(answer) == [[{C1}]]
    assert features(answer) == [feature]


def test_a_closure_gives_the_edges_of_a_way_and_says_so(store: EmbeddedStore) -> None:
    answer = explain(store, "SELECT ?x { <urn:office> <urn:part>+ <urn:state> }")
    assert len(answer.entries(0)) == 3
    assert features(answer) == ["property path with * or +"]


def test_alternatives_of_a_path_are_told_apart(store: EmbeddedStore) -> None:
    store.patch(
        [], [quad("a p m", REF), quad("a q n", REF), quad("m r b", REF), quad("n r b", REF)]
    )
    query = "SELECT DISTINCT ?g { GRAPH ?g { <urn:a> (<urn:p>|<urn:q>)/<urn:r> <urn:b> } }"
    answer = explain(store, query)
    assert isinstance(answer.hows[0], Any)
    assert len(answer.entries(0)) == 4


def test_ask_gives_one_match(store: EmbeddedStore) -> None:
    yes = explain(store, "ASK { ?x <urn:holds> ?o }")
    assert yes.boolean is True
    assert said(yes) == [[{REF}]]
    no = explain(store, "ASK { ?x <urn:holds> <urn:nothing> }")
    assert (no.boolean, said(no)) == (False, [])
    assert "absence" in no.untraceable[0].why


def test_from_limits_who_holds_a_triple(store: EmbeddedStore) -> None:
    query = f"SELECT * FROM {C1} {{ <urn:minister> <urn:attends> ?what }}"
    assert ask(store, query) == [[{C1}]]
    given = explain(store, query, Dataset(default=(CURRENT_VIEW,)))
    assert said(given) == [[{C0, C1}]]


def test_a_limit_cuts_rows_not_their_sources(store: EmbeddedStore) -> None:
    query = "SELECT DISTINCT ?e { ?who <urn:attends> ?e } ORDER BY ?e LIMIT 1"
    assert len(explain(store, query).entries(0)) == 2


def test_exists_in_bind_brings_its_match_or_names_the_absence(store: EmbeddedStore) -> None:
    query = """SELECT ?who ?e {{ ?who <urn:attends> <urn:conference>
        BIND({} {{ ?who <urn:holds> ?o }} AS ?e) }} ORDER BY ?who"""
    for spelling in ("EXISTS", "NOT EXISTS", "!EXISTS"):
        answer = explain(store, query.format(spelling))
        assert said(answer) == [[{C1}], [{C0, C1}, {REF}]]
        assert features(answer) == ["EXISTS without a match"]


def test_exists_in_bind_sees_what_stands_before_it(store: EmbeddedStore) -> None:
    query = """SELECT ?e ?o { <urn:minister> <urn:attends> <urn:conference>
        BIND(EXISTS { ?o <urn:part> ?p } AS ?e) <urn:minister> <urn:holds> ?o }"""
    assert len(ask(store, query)[0]) == 2 + 3  # any of three parts would do


@pytest.mark.parametrize("condition", ["?n > 0 && EXISTS {}", "EXISTS {} && ?n > 0"])
def test_exists_in_having_is_asked_for_the_group(store: EmbeddedStore, condition: str) -> None:
    condition = condition.replace("{}", "{ ?who <urn:holds> ?any }").replace("?n", "COUNT(*)")
    query = f"""SELECT ?who (COUNT(*) AS ?n) {{ ?who <urn:attends> ?what }}
        GROUP BY ?who HAVING({condition})"""
    answer = explain(store, query)
    assert (said(answer), features(answer)) == ([[{C0, C1}, {REF}]], [])
    hidden = query.replace("(COUNT(*) AS ?n)", "(COUNT(*) AS ?n)", 1).replace("?who (", "(", 1)
    assert said(explain(store, hidden)) == [[{C0, C1}, {REF}]]


def test_exists_counts_for_a_group_of_nothing(store: EmbeddedStore) -> None:
    query = "SELECT (COUNT(?x) AS ?n) { ?x <urn:not> ?y } HAVING(EXISTS { ?a <urn:holds> ?b })"
    assert ask(store, query) == [[{REF}]]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (EXISTS { ?x <urn:holds> ?y } AS ?e) { ?x <urn:attends> <urn:conference> } "
        "ORDER BY DESC(EXISTS { ?x <urn:holds> ?z }) LIMIT 1",
        "SELECT (EXISTS { ?x <urn:holds> ?y } AS ?e) ?x { ?x <urn:attends> ?z } GROUP BY ?x "
        "HAVING(?x = <urn:minister>)",
        "SELECT ?e { ?x <urn:attends> ?z FILTER(?x = <urn:minister>) } "
        "GROUP BY (EXISTS { ?x <urn:holds> ?y } AS ?e)",
    ],
)
def test_exists_in_an_expression_of_the_row(store: EmbeddedStore, query: str) -> None:
    answer = explain(store, query)
    assert [{REF} in entries for entries in said(answer)] == [True]
    assert features(answer) == []


def test_exists_inside_a_larger_expression_is_said_to_be_perhaps_needless(
    store: EmbeddedStore,
) -> None:
    query = """SELECT ?who { ?who <urn:attends> <urn:conference>
        FILTER(IF(EXISTS { ?who <urn:holds> ?o }, true, false)) }"""
    answer = explain(store, query)
    assert said(answer) == [[{C0, C1}, {REF}]]
    assert features(answer) == ["EXISTS inside an expression"]
    assert "IF(EXISTS" in answer.untraceable[0].why


def test_an_exists_inside_another_sees_the_row(store: EmbeddedStore) -> None:
    query = """SELECT ?who { ?who <urn:attends> <urn:conference>
        FILTER EXISTS { <urn:office> <urn:part> ?m FILTER EXISTS { ?who <urn:attends> ?o } } }
        ORDER BY ?who"""
    assert ask(store, query) == [[{C1}, {REF}], [{C0, C1}, {REF}]]


@pytest.mark.parametrize(
    "inner",
    [
        "?who <urn:holds> ?o MINUS { ?o <urn:part> <urn:state> }",
        "?who <urn:holds> ?o BIND(STR(?o) AS ?text)",
        "{ SELECT ?who { ?who <urn:holds> ?o } }",
        "{ SELECT DISTINCT ?who ?o { ?who <urn:holds> ?o } }",
    ],
)
def test_exists_with_more_than_patterns_inside(store: EmbeddedStore, inner: str) -> None:
    query = f"SELECT ?who {{ ?who <urn:attends> <urn:conference> FILTER EXISTS {{ {inner} }} }}"
    answer = explain(store, query)
    assert said(answer) == [[{C0, C1}, {REF}]]
    assert set(features(answer)) <= {"MINUS"}


def test_an_exists_that_cannot_be_asked_for_is_named(store: EmbeddedStore) -> None:
    query = """SELECT ?who { ?who <urn:attends> <urn:conference>
        FILTER EXISTS { SELECT ?who { ?who <urn:holds> ?o } LIMIT 1 } }"""
    answer = explain(store, query)
    assert said(answer) == [[{C0, C1}]]
    assert features(answer) == ["EXISTS with a sub-SELECT that counts or cuts"]


def test_a_nested_query_in_any_graph(store: EmbeddedStore) -> None:
    query = "SELECT ?a { GRAPH ?g { { SELECT ?a { ?a <urn:holds> ?b } } } }"
    answer = explain(store, query)
    assert (said(answer), features(answer)) == ([[{REF}]], [])
    counted = "SELECT * { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?a <urn:holds> ?b } } }"
    assert ask(store, counted) == [[{REF}]]


def test_a_nested_query_in_a_graph_that_the_engine_binds_is_named(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "PROBE", "SELECT ?g { GRAPH ?g { ?s ?p ?o } } LIMIT 1")
    answer = explain(store, "SELECT ?a { GRAPH ?g { { SELECT ?a { ?a <urn:holds> ?b } } } }")
    assert (said(answer), features(answer)) == ([[]], ["sub-SELECT in GRAPH with a variable"])


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (STRUUID() AS ?id) ?y { <urn:office> <urn:part> ?y }",
        "SELECT ?y ?id { <urn:office> <urn:part> ?y BIND(STRUUID() AS ?id) }",
        "SELECT * { <urn:office> <urn:part> ?y BIND(RAND() AS ?id) }",
        "SELECT ?y { <urn:office> <urn:part> ?y BIND(RAND() AS ?id) }",
    ],
)
def test_a_column_of_chance_is_no_obstacle(store: EmbeddedStore, query: str) -> None:
    answer = explain(store, query)
    assert (said(answer), features(answer)) == ([[{REF}]], [])


def test_rows_that_are_not_found_again_are_not_guessed(store: EmbeddedStore) -> None:
    query = """SELECT ?y ?id ?text { <urn:office> <urn:part> ?y BIND(STRUUID() AS ?id)
        BIND(STR(?id) AS ?text) }"""
    answer = explain(store, query)
    assert (said(answer), features(answer)) == ([[]], ["rows"])


def test_a_query_nested_too_deeply_still_has_its_rows(store: EmbeddedStore) -> None:
    answer = explain(store, f"SELECT * {'{' * 400} ?x <urn:holds> ?o {'}' * 400}")
    assert (len(answer.rows), features(answer)) == (1, ["the query"])


def test_only_rows_have_sources(store: EmbeddedStore) -> None:
    with pytest.raises(NotAcceptable):
        explain(store, "CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(QuerySyntaxError):
        explain(store, "SELECT ?x { ")


@pytest.mark.parametrize(
    "query",
    [
        "BASE <urn:x> PREFIX u: <urn:> SELECT ?x { ?x a* u:office . # a comment }\n }",
        "SELECT ?x { ?x <urn:holds> [ <urn:part> [ <urn:part> ?y ] ] }",
        "SELECT ?x { [] <urn:holds> _:o . _:o <urn:part> ?x . }",
        "SELECT ?x { (1 2) <urn:holds> ?x }",
        'SELECT ?x { ?x <urn:holds> "EXISTS { }"@en , -1 , 2.5e3 , true, "a"^^<urn:t> ; ; . }',
        "SELECT ?x ('}' AS ?y) { ?x ^<urn:part>/!(<urn:a>|^<urn:b>) <urn:office> } GROUP BY ?x",
        "SELECT ?x WHERE { ?x ?p ?o } GROUP BY ?x HAVING(COUNT(*) > 1) ORDER BY DESC(?x) OFFSET 0",
        "SELECT * { ?x <urn:holds> ?o } VALUES (?x ?o) { (<urn:minister> UNDEF) }",
    ],
)
def test_every_spelling_is_read(store: EmbeddedStore, query: str) -> None:
    answer = explain(store, query)
    assert not [f for f in features(answer) if "syntax" in f or f == "rows"], answer.untraceable
