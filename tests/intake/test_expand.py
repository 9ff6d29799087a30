"""Sugar becomes IRIs made from content; anything else without an IRI is refused."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Quad

from mineralgraph.errors import AuthoringError
from mineralgraph.intake.document import read
from mineralgraph.intake.expand import expand
from mineralgraph.rdf.namespaces import ID_BASE, prefixes

HEAD = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in prefixes().items())
DIGEST = "sha256:" + "0" * 64


def expanded(text: str) -> list[Quad]:
    return expand(read((HEAD + text).encode(), "trig", "case.trig"))


def objects(quads: list[Quad], predicate: str) -> set[str]:
    return {getattr(q.object, "value", "") for q in quads if q.predicate.value.endswith(predicate)}


def test_evidence_gets_article_span_and_selector() -> None:
    quads = expanded(
        "claim:c a mg:Claim ; prov:wasDerivedFrom article:a ;"
        f' mg:evidence [ oa:start 5 ; oa:end 9 ; mg:spanDigest "{DIGEST}" ] .'
    )
    assert objects(quads, "#evidence") == {f"{ID_BASE}evidence/a--5-9"}
    assert objects(quads, "hasSelector") == {f"{ID_BASE}selector/5-9"}
    assert objects(quads, "hasSource") == {f"{ID_BASE}article/a"}
    assert not any(isinstance(t, BlankNode) for q in quads for t in (q.subject, q.object))


def test_the_long_form_of_evidence_gives_the_same_nodes() -> None:
    short = expanded(
        "claim:c a mg:Claim ; prov:wasDerivedFrom article:a ;"
        f' mg:evidence [ oa:start 5 ; oa:end 9 ; mg:spanDigest "{DIGEST}" ] .'
    )
    long = expanded(
        "claim:c a mg:Claim ; prov:wasDerivedFrom article:a ; mg:evidence"
        " [ a oa:SpecificResource ; oa:hasSource article:a ; oa:hasSelector"
        " [ a oa:TextPositionSelector ; oa:start 5 ; oa:end 9 ] ;"
        f' mg:spanDigest "{DIGEST}" ] .'
    )
    assert set(short) == set(long)


def test_a_date_gets_the_bounds_that_its_value_implies() -> None:
    quads = expanded('event:e mg:when [ mg:edtf "2025-11"^^edtf:EDTF ] .')
    assert objects(quads, "#when") == {f"{ID_BASE}date/2025-11"}
    assert objects(quads, "firstDay") == {"2025-11-01"}
    assert objects(quads, "lastDay") == {"2025-11-30"}


def test_an_interval_is_named_by_its_ends() -> None:
    quads = expanded('mem:m org:memberDuring [ mg:begins [ mg:edtf "2025-09"^^edtf:EDTF ] ] .')
    assert objects(quads, "memberDuring") == {f"{ID_BASE}interval/2025-09--open"}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ('schema:currency "USD" ; schema:maxValue 900000000', "usd-max-900000000"),
        ('schema:currency "EUR" ; schema:value 5', "eur-exact-5"),
        ('schema:currency "KZT" ; mg:exclusiveMinValue 7', "kzt-over-7"),
    ],
)
def test_an_amount_is_named_by_what_it_says(text: str, slug: str) -> None:
    assert objects(expanded(f"offer:o mg:amount [ {text} ] ."), "#amount") == {
        f"{ID_BASE}amount/{slug}"
    }


def test_two_claims_that_say_the_same_hold_the_same_triples() -> None:
    text = 'event:e mg:when [ mg:edtf "2026-02-03/2026-02-04"^^edtf:EDTF ] .'
    both = expanded(f"claim:a {{ {text} }} claim:b {{ {text} }}")
    graphs = {q.graph_name for q in both}
    first, second = ({q.triple for q in both if q.graph_name == g} for g in graphs)
    assert first == second


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("person:p schema:knows [ a schema:Person ] .", "blank node"),
        ('event:e mg:when [ mg:edtf "4 February"^^edtf:EDTF ] .', "not an EDTF date"),
        ('event:e mg:when [ mg:edtf "2026-02-04" ] .', "EDTF literal"),
        ('event:e mg:when [ mg:edtf "2026-13"^^edtf:EDTF ] .', "month"),
    ],
)
def test_what_cannot_be_expanded_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(AuthoringError, match=says) as caught:
        expanded(text)
    assert caught.value.extra["line"] == HEAD.count("\n") + 1
