"""What the rules find on the invented papers: every relation, and no other."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import relations, resources
from mineralgraph.errors import QueryFileError
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import MG, prefixes
from mineralgraph.relations import rules

from . import worlds

RULES = relations.load()


def test_exactly_these_relations_are_found(invented: list[Quad]) -> None:
    """``relations.json`` was read line by line against the papers."""
    wanted = json.loads((worlds.HERE / "relations.json").read_text(encoding="utf-8"))
    assert worlds.found(invented) == [worlds.Found(*row) for row in wanted]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_finds_something(rule: rules.Rule, invented: list[Quad]) -> None:
    assert rule.name in {relation.rule for relation in worlds.found(invented)}


def test_every_type_of_relation_is_found(invented: list[Quad]) -> None:
    assert {relation.type for relation in worlds.found(invented)} == set(rules.TYPES)


def test_a_withdrawn_claim_stands_in_no_relation(invented: list[Quad]) -> None:
    claims = {q.object for q in invented if q.graph_name == relations.RELATIONS}
    assert NamedNode("https://w3id.org/mineralgraph/id/claim/nw-withdrawn") not in claims


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_keeps_to_the_rules_of_query_files(rule: rules.Rule) -> None:
    tokens = sparql.tokenize(rule.text)
    assert sparql.query_form(tokens) == "SELECT"
    assert not sparql.after_optional(tokens)
    assert not [t for t in tokens if t.type == sparql.ERROR]
    for declared in sparql.prefix_declarations(tokens):
        assert prefixes()[declared.name] == declared.iri
    assert not re.search(r"\b(article|claim|person|org_|place|event|mineral):", rule.text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_reason_leaves_no_gap(rule: rules.Rule, invented: list[Quad]) -> None:
    reasons = {q.subject: q.object for q in invented if q.predicate == MG.reason}
    nodes = {
        q.subject for q in invented if q.predicate == MG.rule and q.object == Literal(rule.name)
    }
    assert nodes
    for node in nodes:
        reason = reasons[node]
        assert isinstance(reason, Literal)
        assert reason.language == "en"
        fixed = [part for part in relations.rules.PLACE.split(rule.reason)[::3] if part]
        places = [reason.value.find(part) for part in fixed]
        assert all(place >= 0 for place in places)
        assert all(a < b for a, b in pairwise(places))
        assert not re.search(r"[{}]|\?|  |: ?[,;.]", reason.value), reason.value


def test_facts_are_the_same_facts_everywhere(invented: list[Quad]) -> None:
    """Which properties state no fact stands in the ontology, and in no query."""
    listed = re.compile(r"NOT IN \([^)]*rdf:type|NOT IN \([^)]*mg:edtf")
    texts = [path.read_text() for path in resources.folder("queries").rglob("*.rq")]
    assert not any(listed.search(text) for text in texts)
    assert sum("mg:statesFact false" in text for text in texts) >= 5
    no, yes = Literal(False), Literal(True)
    silent = {q.subject for q in invented if q.predicate == MG.statesFact and q.object == no}
    identifying = {q.subject for q in invented if q.predicate == MG.identifies and q.object == yes}
    assert len(silent) > len(identifying) > 10
    assert identifying < silent


def test_a_property_that_states_no_fact_makes_no_relation(invented: list[Quad]) -> None:
    """The rules read the mark: without it, more is compared."""
    unmarked = [q for q in invented if q.predicate != MG.statesFact]
    assert len(worlds.found(relations.complete(unmarked))) > len(worlds.found(invented))


def test_families_are_those_of_the_query(
    store: worlds.EmbeddedStore, article_store: worlds.EmbeddedStore
) -> None:
    text = Path(__file__).with_name("families.rq").read_text(encoding="utf-8")
    for filled in (store, article_store):
        asked = {(str(row[0]), str(row[1])) for row in filled.query(text)}  # type: ignore[union-attr]
        told = {
            (str(q.subject), str(q.object))
            for q in filled.quads(None, MG.sourceFamily, None, relations.FAMILIES)
        }
        assert asked == told
        assert told


def test_a_group_grows_by_one_statement_for_each_claim(invented: list[Quad]) -> None:
    """Ten times as many papers that say one thing make ten times as many statements, not 100."""

    def cost(copies: int) -> int:
        more = []
        for number in range(copies):
            more += list(_copy_of_a_paper(number))
        quads = relations.complete(worlds.invented() + more)
        return sum(q.graph_name == relations.RELATIONS for q in quads)

    base, ten, twenty = cost(0), cost(10), cost(20)
    assert ten - base == twenty - ten == 10 * 1


def _copy_of_a_paper(number: int) -> list[Quad]:
    """Return one more paper with one claim: that Mira attended."""
    old = "st-attended"
    quads = []
    for quad in worlds.invented():
        ours = old in str(quad.subject) or old in str(quad.graph_name)
        paper = "article/summit-times" in str(quad.subject)
        if ours or paper:
            line = (
                str(quad).replace(old, f"copy-{number}").replace("summit-times", f"paper-{number}")
            )
            quads += worlds.parsed(line + " .")
    return quads


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("# title: T\n", "has no"),
        ("# title: T\n# title: U\n", "twice"),
        ("# nonsense: T\n", "no header key"),
        ("# title: T\nSELECT", "has no"),
        ("#no\n", "is indented by three"),
        ("# title: T\n# description: D\n# relation: likes\n# key: thing\n# reason: R\n", "likes"),
        (
            "# title: T\n# description: D\n# relation: repeats\n# key: claim\n# reason: R\n",
            "no thing",
        ),
    ],
)
def test_a_broken_header_is_refused(tmp_path: worlds.Path, header: str, message: str) -> None:
    path = tmp_path / "rule.rq"
    path.write_text(header)
    with pytest.raises(QueryFileError, match=message):
        rules.read(path)
