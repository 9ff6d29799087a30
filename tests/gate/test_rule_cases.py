"""Rules over the dataset are taken apart whole, or not loaded at all."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Variable

from mineralgraph.errors import QueryFileError
from mineralgraph.gate import rule_cases, rule_reads
from mineralgraph.gate.rule_cases import Rule

EX = "PREFIX : <https://example.org/> "


def test_every_rule_of_ours_is_understood() -> None:
    rules = rule_cases.load()
    assert len(rules) > 20
    for rule in rules:
        for case, ways in rule_reads.entries(rule):
            assert case.patterns, rule.check.name
            assert ways, rule.check.name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT ?focus { GRAPH ?g { ?focus a :C } OPTIONAL { ?focus :p ?o } }", "LeftJoin"),
        ("SELECT ?focus { GRAPH ?g { ?focus a :C } MINUS { ?focus :p ?o } }", "Minus"),
        ("SELECT ?focus { GRAPH ?g { ?focus :p/:q* ?o } }", "path"),
        ("SELECT ?focus { GRAPH ?g { ?focus :p+ ?o } }", "circle"),
        ("SELECT ?focus { ?focus :p+ ?focus . ?focus a :C }", "alone"),
        ("SELECT ?focus { GRAPH ?g { ?focus a :C } } LIMIT 1", "Slice"),
        ("SELECT ?focus { VALUES (?focus ?x) { (:a UNDEF) } GRAPH ?g { ?focus a ?x } }", "UNDEF"),
        (
            "SELECT ?focus (COUNT(?o) AS ?n) { GRAPH ?g { ?focus :p ?o } } GROUP BY ?focus",
            "DISTINCT",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused_and_not_guessed(text: str, why: str) -> None:
    with pytest.raises(QueryFileError, match=why) as refused:
        rule_cases.read(EX + text, "some-rule")
    assert "queries/checks/README.md" in refused.value.hint


def test_a_union_makes_cases_and_values_limit_them() -> None:
    found = rule_cases.read(
        EX + "SELECT ?focus ?kind { VALUES ?kind { :A :B } "
        "{ GRAPH ?g { ?focus a ?kind } } UNION { GRAPH ?g { ?focus :is ?kind } } }"
    )
    ends = frozenset(NamedNode(f"https://example.org/{name}") for name in "AB")
    assert [case.among for case in found] == [{Variable("kind"): ends}] * 2
    assert len({case.patterns for case in found}) == 2


def test_names_hidden_in_a_subselect_are_not_those_outside() -> None:
    (case,) = rule_cases.read(
        EX + "SELECT ?focus { GRAPH ?g { ?focus :p ?x } "
        "{ SELECT DISTINCT ?focus { GRAPH ?g { ?focus :q ?x } } } }"
    )
    one, other = case.patterns
    assert one.variables & other.variables == {Variable("focus")}


def test_the_graph_counts_only_where_the_rule_asks_for_it() -> None:
    text = EX + "SELECT ?focus ?claim { GRAPH ?claim { ?focus :p ?x } GRAPH ?any { ?focus :q ?y } }"
    rule = Rule(rule_cases.load()[0].check, rule_cases.read(text))
    ((_, ways),) = rule_reads.entries(rule)
    assert [way.any_graph for way in ways] == [False, True]
