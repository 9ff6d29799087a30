"""What is told of a query without its tokens is what its tokens tell."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import prefixes, prefixes_in
from mineralgraph.rdf.query_text import QueryText

PIECES = st.lists(
    st.sampled_from(
        ["SELECT", "select", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "prefix a: <b>", "BASE <x>",
         "PREFIX : <urn:x>", " ", "\n", "# c\n", "*", "{", "}", "?x", "SERVICE", "service", "LOAD",
         "SERVICE:x", "<urn:service>", '"SERVICE"', "\\u0053ERVICE", "OPTIONAL", "{ ?s ?p ?o }",
         "now()",
         "NOW", "(", "BNODE(", "'rand('", ":", "mg:x", "1a:", "a-b:", "<", ">", "INSERT",
         "\u017fervice", "."]
    ),
    max_size=14,
)  # fmt: skip


@settings(deadline=None)
@given(PIECES, st.sampled_from(["", " "]))
@example(["PREFIX", " 1a: <b> ", "SELECT", "*"], "")
@example(["SELECT", ":x {}"], "")
@example(["<<#>", "\n", "LIMIT 4"], "")
@example(["<", "<#>", "}LIMIT 4"], "")
@example(["?x", "<", "<#>", "limit 4"], " ")
@example(["NOW", "# c\n", "("], "")
def test_every_answer_is_that_of_the_tokens(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    query, tokens = QueryText(text), sparql.tokenize(text)
    assert query.tokens == tokens
    assert query.form == sparql.query_form(tokens)
    assert query.non_deterministic == bool(sparql.non_deterministic(tokens))
    assert query.left_open == (sparql.left_open(tokens) is not None)
    assert query.after_optional() == sparql.after_optional(tokens)
    assert query.outside_call() == sparql.calls_outside(text)


@pytest.mark.parametrize(
    "text",
    ["SELECT * {}", "ask{}", "\n PREFIX a: <b> prefix :<c>\nCONSTRUCT WHERE {}", "DESCRIBE<x>",
     "SELECT * { ?brand ?known <#x> } LIMIT 4 # 'c'"],
)  # fmt: skip
def test_usual_texts_are_told_without_tokens(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sparql, "tokenize")
    query = QueryText(text)
    assert query.form in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
    assert not query.non_deterministic
    assert query.left_open == ("LIMIT" in text)
    assert query.outside_call() is None
    assert query.after_optional() == []


@settings(deadline=None)
@given(st.lists(st.sampled_from([*prefixes(), ":", " ", "mg:a", "x", "<http://a", "-", "o"])))
def test_prefixes_are_those_whose_name_stands_before_a_colon(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = {name: iri for name, iri in prefixes().items() if f"{name}:" in text}
    assert prefixes_in(text) == expected
