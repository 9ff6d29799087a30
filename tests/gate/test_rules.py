"""Rules in words: what the pages say is what the shapes ask."""

from __future__ import annotations

import re

import pytest

from mineralgraph import resources
from mineralgraph.gate import rules

RULES = rules.rules()


def words(name: str) -> list[str]:
    return [rules.plain(sentence) for sentence in RULES[name].asks]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("claim-gist", "mg:gist: exactly one value"),
        ("claim-evidence", "mg:evidence: at least one value"),
        ("membership-during", "org:memberDuring: at most one value"),
        ("post-single-seat", "mg:singleSeat: each value is of the type xsd:boolean"),
        ("claim-article", "prov:wasDerivedFrom: each value is of the class schema:NewsArticle"),
        ("claim-about", "mg:about: each value is an IRI, not a text"),
        ("share-order", "mg:numerator: no value comes after that of mg:denominator"),
        ("claim-speaker", "mg:speaker: each value fits mgs:Actor"),
        ("government-is-no-territory", "never: each value fits mgs:Place"),
        (
            "claim-evidence-source",
            "mg:evidence: no value; or prov:wasDerivedFrom: no value; or "
            "mg:evidence/oa:hasSource: the values are those of prov:wasDerivedFrom",
        ),
        ("gist-one-sentence", "mg:gist: the greatest number of characters is 200"),
        ("single-seat-held-once", "the query below finds nothing"),
    ],
)
def test_a_constraint_is_said(name: str, said: str) -> None:
    assert said in words(name)


def test_targets_come_from_the_shapes_that_use_a_property() -> None:
    assert [rules.plain(t) for t in RULES["claim-gist"].targets] == ["every mg:Claim"]
    assert [rules.plain(t) for t in RULES["modality-listed"].targets] == [
        "everything that has mg:modality"
    ]


@pytest.mark.parametrize("name", [n for n, r in RULES.items() if r.message])
def test_every_rule_looks_at_something_and_asks_for_something(name: str) -> None:
    rule = RULES[name]
    assert rule.targets
    assert rule.asks
    assert rule.terms
    assert rule.severity in ("violation", "warning")
    assert (rule.severity == "warning") == rule.file.startswith("shapes/should/")
    assert "_:" not in " ".join(words(name))


def test_every_constraint_of_the_shapes_has_words() -> None:
    """A component that nobody has words for would be left out of the page without a trace."""
    text = "".join(p.read_text(encoding="utf-8") for p in resources.files("shapes", "*.ttl"))
    used = set(re.findall(r"\bsh:([a-z]\w+)", text))
    silent = {
        "name", "message", "description", "severity", "property", "path", "select", "prefixes",
        "declare", "prefix", "namespace", "inversePath", "alternativePath", "minCount", "maxCount",
        "qualifiedMinCount", "qualifiedMaxCount", "uniqueLang",
    }  # fmt: skip
    known = silent | set(rules._EACH) | set(rules._TARGETS) | set(rules._GROUPS)
    known |= {"nodeKind", "node", "not", "qualifiedValueShape", "sparql"}
    assert used <= known


@pytest.mark.parametrize("name", [n for n, r in RULES.items() if r.message])
def test_every_rule_has_examples(name: str) -> None:
    found = rules.examples(name)
    assert found
    for example in found:
        assert example.about
        assert example.fails.strip()
        assert "@prefix" not in example.fails


def test_blank_nodes_have_the_same_names_each_time() -> None:
    first = list(map(str, rules.statements()))
    rules.statements.cache_clear()
    assert list(map(str, rules.statements())) == first
