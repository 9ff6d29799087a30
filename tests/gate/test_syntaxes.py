"""One claim, one article's claims, and a reference file, in each of the six syntaxes."""

from __future__ import annotations

from functools import cache

import pytest
from pyoxigraph import Literal, NamedNode, Quad, serialize

from mineralgraph.errors import AuthoringError
from mineralgraph.gate.report import Report
from mineralgraph.intake import document as documents
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import ontology_quads
from mineralgraph.intake.expand import expand
from mineralgraph.intake.placing import UNNAMED, place_descriptions
from mineralgraph.pipeline import judge
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG, RDF, RDFS, prefixes
from mineralgraph.store.embedded import EmbeddedStore
from tests.malformed.test_malformed import BASE

REFERENCE = NamedNode(GRAPH_BASE + "invented")
KINDS = ("reference", "article", "claim")
SYNTAXES = pytest.mark.parametrize("form", formats.GRAPH_FORMATS, ids=lambda f: f.name)
TRIPLES = pytest.mark.parametrize(
    "form", [f for f in formats.GRAPH_FORMATS if not f.datasets], ids=lambda f: f.name
)
HEAD = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in prefixes().items())


@cache
def whole() -> tuple[Quad, ...]:
    document = documents.read(BASE.encode(), "trig")
    return tuple(place_descriptions(document, expand(document)))


def is_claim(quad: Quad, slug: str) -> bool:
    return mint("claim", slug) in (quad.subject, quad.graph_name)


def of(kind: str) -> list[Quad]:
    """The quads of one kind of document; one of an article has its claims in it."""
    if kind == "reference":
        return [q for q in whole() if q.graph_name == REFERENCE]
    rest = [q for q in whole() if q.graph_name != REFERENCE]
    if kind == "article":
        return rest
    own = [q for q in rest if is_claim(q, "tin-held")]
    for _ in range(2):  # evidence, and its selector
        own += [q for q in rest if q.subject in {o.object for o in own} and q not in own]
    return [q for q in own if q.subject != mint("article", "tin-day")]


def store_around(kind: str) -> EmbeddedStore:
    """What is known already: the ontology, for claims reference data, for one claim its article."""
    known = [] if kind == "reference" else of("reference")
    known += [q for q in of("article") if kind == "claim" and not is_claim(q, "tin-held")]
    store = EmbeddedStore()
    store.load([*ontology_quads(), *known])
    return store


def written(kind: str, form: GraphFormat, quads: list[Quad]) -> bytes:
    """A document in a syntax; without graphs, ``mg:asserts`` says what claims assert."""
    if form.datasets:
        return serialize(quads, format=form.engine) or b""
    triples = [q.triple for q in quads]
    if kind == "article":
        triples += [
            Quad(q.graph_name, MG.asserts, q.subject).triple  # type: ignore[arg-type]
            for q in quads
            if q.graph_name in (mint("claim", "tin-held"), mint("claim", "tin-loan"))
            and q.predicate == RDF.type
        ]
    return serialize(list(dict.fromkeys(triples)), format=form.engine) or b""


def judged(kind: str, form: GraphFormat, quads: list[Quad]) -> tuple[set[Quad], Report]:
    document = documents.read(written(kind, form, quads), form.name)
    found = judge(document, store_around(kind), Corpus(None))
    return set(found.quads), found.report


@SYNTAXES
@pytest.mark.parametrize("kind", KINDS)
def test_a_good_document_conforms_and_means_the_same(kind: str, form: GraphFormat) -> None:
    quads, report = judged(kind, form, of(kind))
    assert report.as_text().startswith("conforms"), report.as_text()
    assert quads == judged(kind, formats.NQUADS, of(kind))[0]
    assert report.checked["claims"] == {"reference": 0, "article": 2, "claim": 1}[kind]


@SYNTAXES
@pytest.mark.parametrize(
    ("kind", "missing", "rule"),
    [
        ("reference", RDFS.label, "mgs:label-english"),
        ("article", MG.role, "mgs:participation-role"),
        ("claim", MG.gist, "mgs:claim-gist"),
    ],
)
def test_a_bad_document_gets_the_same_findings(
    kind: str, missing: NamedNode, rule: str, form: GraphFormat
) -> None:
    bad = [q for q in of(kind) if q.predicate != missing]
    found, expected = (judged(kind, f, bad)[1] for f in (form, formats.NQUADS))
    assert rule in {f.rule for f in found.findings}

    def said(report: Report) -> set[tuple[str | None, ...]]:
        return {(f.claim, f.focus, f.path, f.value, f.rule) for f in report.findings}

    assert said(found) == said(expected)
    if form in (formats.TURTLE, formats.NTRIPLES):
        assert all(f.line for f in found.findings)


@TRIPLES
def test_entities_without_a_set_are_judged_in_a_graph_that_the_report_names(
    form: GraphFormat,
) -> None:
    quads = [q for q in of("reference") if q.subject != REFERENCE]
    placed, report = judged("reference", form, quads)
    assert {q.graph_name for q in placed} == {UNNAMED}
    assert report.conforms
    assert UNNAMED.value in " ".join(report.notes)
    unlabelled = [q for q in quads if q.predicate != RDFS.label]
    assert not judged("reference", form, unlabelled)[1].conforms


def test_a_lone_claim_may_come_with_a_new_entity_where_asserts_tells_them_apart() -> None:
    text = (
        HEAD
        + "claim:n a mg:Claim ; prov:wasDerivedFrom article:tin-day ; mg:asserts part:n .\n"
        + "part:n a mg:Participation ; mg:when [ mg:edtf '2031'^^edtf:EDTF ] .\n"
        + "person:new a schema:Person ; rdfs:label 'New'@en .\n"
    )
    document = documents.read(text.encode(), "turtle")
    placed = place_descriptions(document, expand(document), reference=UNNAMED)
    homes = {q.subject: q.graph_name for q in placed}
    assert homes[mint("participation", "n")] == mint("claim", "n")
    assert homes[mint("date", "2031")] == mint("claim", "n")
    assert homes[mint("person", "new")] == UNNAMED
    assert homes[mint("claim", "n")] == NamedNode(GRAPH_BASE + "article--tin-day")
    assert MG.asserts not in {q.predicate for q in placed}
    with pytest.raises(AuthoringError, match="no article"):
        place_descriptions(document, expand(document))


def test_what_two_claims_assert_alike_stands_in_both() -> None:
    text = HEAD + "".join(
        f"claim:{c} a mg:Claim ; prov:wasDerivedFrom article:a ; mg:asserts event:e .\n"
        for c in "xy"
    )
    document = documents.read((text + "event:e a mg:Event .").encode(), "turtle")
    placed = place_descriptions(document, expand(document))
    homes = {q.graph_name for q in placed if q.subject == mint("event", "e")}
    assert homes == {mint("claim", "x"), mint("claim", "y")}


def test_a_turtle_file_is_a_reference_set_where_it_describes_one() -> None:
    text = HEAD + "ref:mine a mg:ReferenceSet . person:p rdfs:label 'P'@en ."
    document = documents.read(text.encode(), "turtle")
    placed = place_descriptions(document, expand(document))
    mine = NamedNode(GRAPH_BASE + "mine")
    assert {q.graph_name for q in placed} == {mine}
    assert Literal("P", language="en") in {q.object for q in placed}
