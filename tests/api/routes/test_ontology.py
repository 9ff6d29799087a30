"""Terms and rules: on one address as rows, as a page and as RDF, and the same in all of them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from mineralgraph.gate import rules
from mineralgraph.rdf.namespaces import MG, OWL, RDF, SH

BROWSER = {"Accept": "text/html"}


def rows(client: httpx.Client, path: str, **given: str) -> list[dict[str, Any]]:
    answer = client.get(path, params=given)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def document(client: httpx.Client, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_class_of_the_ontology_is_a_row(client: httpx.Client) -> None:
    turtle = client.get("/ontology", headers={"Accept": "text/turtle"})
    stated = {
        q.subject
        for q in parse(turtle.content, format=RdfFormat.TURTLE)
        if q.predicate == RDF.type and q.object == OWL.Class
    }
    listed = {NamedNode(row["term"]) for row in rows(client, "/ontology", kind="class")}
    assert MG.Participation in stated
    assert stated <= listed


def test_every_term_has_its_entry_at_the_fragment_of_its_iri(client: httpx.Client) -> None:
    page = client.get("/ontology", headers=BROWSER).text
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    own = [row["term"] for row in rows(client, "/ontology") if row["name"].startswith("mg:")]
    assert len(own) > 100
    assert {iri.partition("#")[2] for iri in own} <= set(ids)


def test_terms_are_found_by_their_words(client: httpx.Client) -> None:
    found = rows(client, "/ontology", q="takes part", kind="class")
    assert [row["name"] for row in found] == ["mg:Participation"]
    assert rows(client, "/ontology", q="no such words") == []
    assert client.get("/ontology", params={"kind": "verb"}).status_code == 422


def test_uses_and_claims_are_counted_from_the_data(client: httpx.Client) -> None:
    found = {row["name"]: row for row in rows(client, "/ontology")}
    asked = "SELECT (COUNT(*) AS ?n) { ?x a mg:Participation }"
    answer = client.get("/sparql", params={"query": asked, "format": "csv"}).text
    assert found["mg:Participation"]["uses"] == int(answer.split()[1]) > 0
    asked = """SELECT (COUNT(DISTINCT ?g) AS ?n) { ?g a mg:Claim
        { GRAPH ?g { ?x ?p mg:Participation } } UNION { GRAPH ?g { ?x mg:Participation ?y } } }"""
    answer = client.get("/sparql", params={"query": asked, "format": "csv"}).text
    assert found["mg:Participation"]["claims"] == int(answer.split()[1]) > 0
    assert found["mg:Source"]["uses"] >= 0


def test_a_term_says_what_names_and_uses_it(client: httpx.Client) -> None:
    found = document(client, "/ontology/mg:Participation")
    related = {r["how"]: {t["name"] for t in r["terms"]} for r in found["related"]}
    assert {"mg:inEvent", "mg:participant", "mg:role"} <= related["^rdfs:domain"]
    assert "participation-role" in {r["name"] for r in found["rules"]}
    named = document(client, "/ontology/mg:inEvent")["queries"]
    assert "did-attend" in {q["name"] for q in named}
    assert len(found["some_claims"]) == min(8, found["claims"])
    assert all(s["value"]["iri"] == MG.Participation.value for s in found["statements"])
    asked = client.get("/sparql", params={"query": found["sparql"]})
    assert asked.json()["results"]["bindings"]


@pytest.mark.parametrize("name", ["mod:held", "schema:Person", "scheme:modality", "xsd:date"])
def test_codes_and_borrowed_terms_have_pages(client: httpx.Client, name: str) -> None:
    assert document(client, f"/ontology/{name}")["name"] == name
    page = client.get(f"/ontology/{name}", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    turtle = client.get(f"/ontology/{name}.ttl")
    subjects = {q.subject for q in parse(turtle.content, format=RdfFormat.TURTLE)}
    assert len(subjects) == 1


@pytest.mark.parametrize("path", ["/ontology/mg:Nothing", "/shapes/nothing", "/ontology/Nothing"])
def test_what_is_not_there_says_where_to_look(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "lists the" in answer.json()["hint"]


def test_our_terms_lead_to_their_pages_from_everywhere(client: httpx.Client) -> None:
    page = client.get("/articles/tarlenheim-digest", headers=BROWSER).text
    linked = re.findall(r'href="(/ontology/mg:[^"]+)"', page)
    assert linked
    for path in set(linked):
        assert client.get(path).status_code == 200, path


def test_every_link_of_these_pages_leads_somewhere(client: httpx.Client) -> None:
    """No dead link on the lists, on a few terms, and on every rule."""
    seen: set[str] = set()
    starts = ["/ontology", "/shapes", "/ontology/mg:Claim", "/ontology/mod:held"]
    starts += [row["page"] for row in rows(client, "/shapes")]
    for path in starts:
        page = client.get(path, headers=BROWSER).text
        seen |= set(re.findall(r'href="(/(?:ontology|shapes)[^"#?]*)"', page))
    assert len(seen) > 500
    anchors = set(re.findall(r' id="([^"]+)"', client.get("/ontology", headers=BROWSER).text))
    terms = {row["page"] for row in rows(client, "/ontology")}
    for path in sorted(terms)[::25]:
        page = client.get(path, headers=BROWSER).text
        homes = re.findall(r'href="/ontology#([^"]+)"', page)
        assert homes
        assert set(homes) <= anchors
    shapes = {f"/shapes/{name}" for name in rules.rules()}
    lists = re.compile(
        r"/(?:ontology|shapes)(?:\.\w+)?|/(?:ontology|shapes)/.+\.(?:json|ttl|trig|jsonld|html)"
    )
    dead = {p for p in seen - terms - shapes if not lists.fullmatch(p)}
    assert not dead


def test_a_rule_is_said_in_words_with_examples(client: httpx.Client) -> None:
    found = document(client, "/shapes/claim-gist")
    assert [s["text"] for s in found["looks_at"]] == ["every mg:Claim"]
    assert "mg:gist: exactly one value" in [s["text"] for s in found["asks"]]
    assert {t["name"] for t in found["terms"]} == {"mg:Claim", "mg:gist"}
    assert found["severity"] == "violation"
    assert found["mend"]
    for example in found["examples"]:
        assert example["fails"] != example["passes"]


def test_rules_are_chosen_by_severity(client: httpx.Client) -> None:
    warnings = rows(client, "/shapes", severity="warning")
    assert {row["file"] for row in warnings} == {"shapes/should/style.ttl"}
    every = rows(client, "/shapes")
    assert len(every) == sum(1 for rule in rules.rules().values() if rule.message)


def test_shapes_in_turtle_are_shapes(client: httpx.Client) -> None:
    every = client.get("/shapes", headers={"Accept": "text/turtle"})
    again = client.get("/shapes.ttl")
    assert every.content == again.content
    one = client.get("/shapes/claim-gist.ttl")
    quads = list(parse(one.content, format=RdfFormat.TURTLE))
    assert {q.object for q in quads if q.predicate == SH.path} == {MG.gist}
    assert any(q.predicate == SH.targetClass for q in quads)


def test_a_day_goes_along(client: httpx.Client) -> None:
    page = client.get("/ontology", params={"as-of": "2031-04-03"}, headers=BROWSER).text
    assert 'href="/ontology/mg:Event?as-of=2031-04-03"' in page
    before = client.get("/ontology/mg:Participation", params={"as-of": "2001-01-01"}).json()
    assert before["some_claims"] == []


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("event", "/ontology#module-event"),
        ("event?as-of=2031-04-01", "/ontology?as-of=2031-04-01#module-event"),
        ("Event", "/ontology/mg:Event"),
    ],
)
def test_the_iri_of_a_module_and_a_bare_name_lead_to_what_they_mean(
    client: httpx.Client, name: str, location: str
) -> None:
    answer = client.get(f"/ontology/{name}", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == location
    page = client.get(location, headers=BROWSER)
    assert page.status_code == 200
    assert 'id="module-event"' in page.text or "mg:Event" in page.text
    graph = client.get(
        f"/ontology/{name}", headers={"Accept": "text/turtle"}, follow_redirects=True
    )
    assert b"mg:Event" in graph.content or b"ontology#Event" in graph.content


def test_every_module_has_an_address(client: httpx.Client) -> None:
    rows = client.get("/ontology", params={"limit": 1000}).json()["rows"]
    modules = {row["module"] for row in rows if row["module"].startswith(MG.base.replace("#", "/"))}
    assert len(modules) > 8
    for module in modules:
        answer = client.get("/ontology/" + module.rpartition("/")[2])
        assert answer.status_code == 303, module


@pytest.mark.parametrize("path", ["/shapes", "/check", "/docs"])
def test_a_page_that_is_the_same_on_every_day_says_so(client: httpx.Client, path: str) -> None:
    page = client.get(path, params={"as-of": "2031-04-01"}, headers=BROWSER).text
    assert "the same on every day" in page
    assert "not at the present state" not in page
