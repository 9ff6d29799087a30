"""From text to terms: what is accepted, what is refused and how, and that nobody breaks out."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from mineralgraph.errors import BadParameter
from mineralgraph.queries import load_catalog
from mineralgraph.queries.parameters import ParameterType, read_parameter
from mineralgraph.rdf import sparql

ID = "https://w3id.org/mineralgraph/id/"
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("declared", "text", "term"),
    [
        ("iri(person)", "kosherbayev", NamedNode(ID + "person/kosherbayev")),
        ("iri(person)", "person:kosherbayev", NamedNode(ID + "person/kosherbayev")),
        ("iri(person)", "person/kosherbayev", NamedNode(ID + "person/kosherbayev")),
        ("iri(person)", ID + "person/kosherbayev", NamedNode(ID + "person/kosherbayev")),
        ("iri(organization)", "org_:usgs", NamedNode(ID + "organization/usgs")),
        ("iri(person, organization)", "organization/usgs", NamedNode(ID + "organization/usgs")),
        ("iri", "urn:x", NamedNode("urn:x")),
        ("iri", "https://example.org/ж?a=b&c", NamedNode("https://example.org/ж?a=b&c")),
        (
            "iri",
            "mg:beneficiary",
            NamedNode("https://w3id.org/mineralgraph/ontology#beneficiary"),
        ),
        ("concept(modality)", "planned", NamedNode(ID + "modality/planned")),
        ("concept(modality)", "mod:planned", NamedNode(ID + "modality/planned")),
        ("string", ' a "b"\n', Literal(' a "b"\n')),
        ("integer", "-7", Literal(-7)),
        ("date", "2026-02-04", Literal("2026-02-04", datatype=NamedNode(XSD + "date"))),
        ("boolean", "TRUE", Literal(True)),
        ("boolean", "0", Literal(False)),
        ("language", "zh-Hant", Literal("zh-hant")),
    ],
)
def test_accepted(declared: str, text: str, term: NamedNode | Literal) -> None:
    assert ParameterType.declared(declared).read(text) == term


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("iri(person)", "place:kazakhstan"),
        ("iri(person)", "https://example.org/kosherbayev"),
        ("iri(person)", ID + "person/"),
        ("iri(person)", ""),
        ("iri(person)", "two words"),
        ("iri(person)", "person:a> } SERVICE <http://x/"),
        ("iri(person, organization)", "usgs"),
        ("iri", "kosherbayev"),
        ("iri", "nosuchprefix"),
        ("iri", "http://example.org/a b"),
        ("iri", "http://example.org/a>b"),
        ("iri", "http://example.org/\\u003E"),
        ("iri", "http://example.org/\nx"),
        ("concept(modality)", "role:host"),
        ("integer", "1.0"),
        ("integer", "1e3"),
        ("integer", "१२"),
        ("integer", "9" * 30),
        ("date", "2026-02-30"),
        ("date", "2026-2-4"),
        ("date", "20260204"),
        ("date", "2026-02-04T00:00:00"),
        ("boolean", "yes"),
        ("language", "en us"),
        ("string", "x" * 3000),
        ("string", "\ud800"),
    ],
)
def test_refused_with_the_parameter_named_and_what_is_accepted(declared: str, text: str) -> None:
    type_ = ParameterType.declared(declared)
    with pytest.raises(BadParameter) as raised:
        read_parameter("thing", type_, text)
    assert "'thing'" in raised.value.detail
    assert type_.accepts in raised.value.hint
    assert raised.value.problem()["parameter"] == "thing"
    assert raised.value.problem()["status"] == 422


@pytest.mark.parametrize(
    "declared", ["text", "iri(", "iri(nosuchkind)", "date(x)", "concept", "concept(role, step)", ""]
)
def test_unknown_declarations(declared: str) -> None:
    with pytest.raises(ValueError, match=r"type|kind|concept"):
        ParameterType.declared(declared)


def test_a_declaration_prints_as_it_is_written() -> None:
    for text in ("iri(person, organization)", "concept(role)", "date"):
        assert str(ParameterType.declared(text)) == text


@given(st.text())
def test_a_string_comes_back_from_the_engine_as_it_went_in(text: str) -> None:
    """Quotes, braces, newlines, comments and escapes stay inside their literal."""
    try:
        term = ParameterType.declared("string").read(text)
    except ValueError:
        return
    answer = Store().query(f"SELECT * {{ VALUES ?x {{ {term} }} # param\n }}")
    assert isinstance(answer, QuerySolutions)
    assert [solution["x"] for solution in answer] == [term]


@given(st.text(alphabet=st.sampled_from("ab:/<>{}\"'\\ \n#?;|^`%u0041")))
def test_an_iri_never_leaves_its_brackets(text: str) -> None:
    try:
        term = ParameterType.declared("iri").read("urn:" + text)
    except ValueError:
        return
    answer = Store().query(f"SELECT * {{ VALUES ?x {{ {term} }} # param\n }}")
    assert isinstance(answer, QuerySolutions)
    assert [solution["x"] for solution in answer] == [term]


BREAK_OUT = [
    "x } SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } #",
    '" } . ?s ?p ?o . { "',
    "'''\n}} UNION { ?s ?p ?o } #",
    "\\u0022 } #",
    "${jndi:x}",
    "\\g<name>\\1",
    "\u2028 } ?s ?p ?o #",
]


@pytest.mark.parametrize("text", BREAK_OUT)
def test_no_parameter_of_any_query_lets_text_out(text: str) -> None:
    """A value is refused, or the query keeps its shape: the same tokens but for one term."""
    tried = 0
    for query in load_catalog().values():
        for parameter in query.parameters:
            usual = query.bind({**query.example, parameter.name: parameter.example})
            shape = [t.type for t in sparql.tokenize(usual)]
            try:
                bound = query.bind({**query.example, parameter.name: text})
            except BadParameter:
                tried += 1
                continue
            assert [t.type for t in sparql.tokenize(bound)] == shape
            pyoxigraph.Store().query(bound)
            tried += 1
    assert tried > 50
