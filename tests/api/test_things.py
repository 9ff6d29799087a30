"""Entities, articles and claims: lists, pages, and RDF that never flattens a plan into a fact."""

import json
import re
from collections.abc import Iterable

import httpx
import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from mineralgraph.api.presentation.terms import fallback_label
from mineralgraph.rdf.formats import GRAPH_FORMATS, NQUADS, TRIG, GraphFormat

from .conftest import ID

PLANNED = ID + "claim/td-attend-planned"
PATHS = ["/entities/person/rassendyll", "/articles/tarlenheim-digest", "/claims/sp-attended"]


def rdf(client: httpx.Client, path: str, form: GraphFormat = TRIG) -> set[Quad]:
    answer = client.get(path, headers={"Accept": form.media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(form.media_type)
    return set(parse(answer.content, format=form.engine))


def asserted_only_in(quads: Iterable[Quad], claim: str, others: Iterable[Quad]) -> set[str]:
    """The triples of a claim that no other graph of ``others`` holds."""
    mine = {str(q.triple) for q in quads if q.graph_name == NamedNode(claim)}
    theirs = {str(q.triple) for q in others if q.graph_name != NamedNode(claim)}
    return mine - theirs


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda f: f.name)
def test_every_rdf_format(client: httpx.Client, path: str, form: GraphFormat) -> None:
    assert rdf(client, path, form)


@pytest.mark.parametrize("path", PATHS)
def test_the_default_is_json_and_a_browser_gets_a_page(client: httpx.Client, path: str) -> None:
    assert client.get(path).headers["content-type"] == "application/json"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = client.get(path, headers={"Accept": browser})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_plan_is_no_fact_in_a_format_for_triples(client: httpx.Client, quads: list[Quad]) -> None:
    slug = PLANNED.rpartition("/")[2]
    graph = {str(q.triple) for q in quads if q.graph_name == NamedNode(PLANNED)}
    whole = {str(q.triple) for q in rdf(client, f"/claims/{slug}", TRIG)}
    for form in GRAPH_FORMATS:
        if not form.datasets:
            shown = {str(q.triple) for q in rdf(client, f"/claims/{slug}", form)}
            assert shown
            assert not graph & shown
    assert graph <= whole


def test_a_plan_stays_in_its_graph_in_a_format_for_datasets(
    client: httpx.Client, quads: list[Quad]
) -> None:
    found = rdf(client, "/articles/tarlenheim-digest", NQUADS)
    graph = {q for q in quads if q.graph_name == NamedNode(PLANNED)}
    assert graph <= found
    in_default = {str(q.triple) for q in found if isinstance(q.graph_name, DefaultGraph)}
    assert not {str(q.triple) for q in graph} & in_default


@pytest.mark.parametrize("slug", ["hn-submitted", "td-smelter", "td-opinion"])
def test_turtle_of_everything_holds_no_triple_that_only_such_a_claim_holds(
    client: httpx.Client, quads: list[Quad], slug: str
) -> None:
    claim = ID + "claim/" + slug
    secret = asserted_only_in(quads, claim, quads)
    assert secret
    article = next(
        q.object.value  # type: ignore[union-attr]
        for q in quads
        if q.subject == NamedNode(claim) and str(q.predicate).endswith("wasDerivedFrom>")
    )
    path = "/articles/" + article.rpartition("/")[2]
    shown = {str(q.triple) for q in parse(client.get(path + ".ttl").content, RdfFormat.TURTLE)}
    assert shown
    assert not secret & shown


def test_a_claim_as_trig_can_be_judged_as_it_is(client: httpx.Client) -> None:
    trig = client.get("/claims/sp-attended.trig").content
    graphs = {str(q.graph_name) for q in parse(trig, format=RdfFormat.TRIG)}
    assert graphs == {"DEFAULT", f"<{ID}claim/sp-attended>"}
    answer = client.post("/validate", content=trig, headers={"Content-Type": "application/trig"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["checked"]


def test_an_entity_lists_facts_with_their_sources_and_the_rest_apart(
    client: httpx.Client,
) -> None:
    flavia = client.get("/entities/person/flavia").json()
    assert {label["value"] for label in flavia["labels"]} >= {"Флавия Эльфберг", "Flavia"}
    assert flavia["facts"]
    for fact in flavia["facts"]:
        assert fact["current"] is True
        assert fact["gist"]
        assert fact["article"]["url"].startswith("https://")
    apart = {c["claim"] for group in flavia["not_facts"] for c in group["claims"]}
    assert not apart & {f["claim"] for f in flavia["facts"]}


def test_the_standing_of_what_is_no_fact_is_named(client: httpx.Client) -> None:
    found = client.get("/articles/tarlenheim-digest").json()["not_facts"]
    assert {group["standing"] for group in found} >= {"planned", "opinion"}
    page = client.get("/articles/tarlenheim-digest.html").text
    assert "Not a fact: planned" in page
    withdrawn = client.get("/articles/hentzau-notes").json()["not_facts"]
    assert {group["standing"] for group in withdrawn} >= {"submitted", "withdrawn"}


def test_a_thing_that_only_a_plan_speaks_of_has_a_page_without_facts(
    client: httpx.Client, quads: list[Quad]
) -> None:
    graph = NamedNode(PLANNED)
    node = next(q.subject.value for q in quads if q.graph_name == graph)  # type: ignore[union-attr]
    document = client.get(node.replace(ID, "/entities/")).json()
    groups = [g["standing"] for g in document["not_facts"]]
    assert "planned" in groups


def test_pages_escape_what_the_data_says(client: httpx.Client) -> None:
    page = client.get("/entities", params={"q": "<script>x</script>", "format": "html"}).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/entities?format=html", "/articles.html", "/claims.html",
             *[p + ".html" for p in PATHS]],
)  # fmt: skip
def test_a_page_needs_nothing_from_outside(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    loaded = re.findall(r'<(?:link|script|img|iframe)[^>]*(?:href|src)="([^"]*)"', page.text)
    assert loaded
    assert all(url.startswith("/static/") for url in loaded)
    data = r" type=\"application/json\" id="  # texts for a script; no browser runs them
    loose = rf"<script(?! type=\"module\" src=\"/static/dist/|{data})| style=|onclick"
    assert not re.search(loose, page.text)
    for url in loaded:
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/entities.html", *[p + ".html" for p in PATHS]])
def test_every_link_of_a_page_leads_somewhere(client: httpx.Client, path: str) -> None:
    links = set(re.findall(r'<a [^>]*href="(/[^"#]*)', client.get(path).text))
    assert links
    for link in sorted(links):
        url = link.replace("&amp;", "&")
        if not re.search(r"kosherbayev|astanatimes|at-took-part|mou-critical|2026", url):
            answer = client.get(url)
            assert answer.status_code in (200, 303), url


@pytest.mark.parametrize(
    ("query", "expected", "fit"),
    [
        ("flavia elphberg", "Flavia Elphberg", "exact"),
        ("FLAVIA", "Flavia Elphberg", "exact"),
        ("флавия", "Flavia Elphberg", "prefix"),
        ("Эльфберг", "Flavia Elphberg", "word"),
        ("elphberg fl", "Flavia Elphberg", "word"),
        ("lavia elph", "Flavia Elphberg", "substring"),
        ("Flávìa", "Flavia Elphberg", "exact"),
    ],
)
def test_search(client: httpx.Client, query: str, expected: str, fit: str) -> None:
    rows = client.get("/entities", params={"q": query}).json()["rows"]
    assert rows[0]["label"] == expected
    assert rows[0]["fit"] == fit


def test_search_ranks_the_better_match_first(client: httpx.Client) -> None:
    rows = client.get("/entities", params={"q": "zendite"}).json()["rows"]
    found = list(dict.fromkeys(r["label"] for r in rows))
    assert found[:2] == ["zendite", "zendite oxide"]
    order = ["exact", "prefix", "word", "substring"]
    fits = [order.index(r["fit"]) for r in client.get("/entities?q=s").json()["rows"]]
    assert fits == sorted(fits)
    assert len(set(fits)) > 1


@pytest.mark.parametrize("query", ["%", "\\", '" . ?s ?p ?o', "}", "???", "'", " "])
def test_search_takes_any_text(client: httpx.Client, query: str) -> None:
    assert client.get("/entities", params={"q": query}).status_code == 200


def test_entities_by_kind_are_paged(client: httpx.Client) -> None:
    every = client.get("/entities?kind=person").json()
    assert {row["kind"] for row in every["rows"]} == {"person"}
    first = client.get("/entities?kind=person&limit=2").json()
    second = client.get(first["links"]["next"]).json()
    assert [*first["rows"], *second["rows"]] == every["rows"][:4]
    assert client.get("/entities?kind=nothing").json()["rows"] == []


def test_code_lists_and_articles_are_no_entities(client: httpx.Client) -> None:
    kinds = {row["kind"] for row in client.get("/entities?limit=10000").json()["rows"]}
    assert kinds & {"person", "event"}
    assert not kinds & {"modality", "article", "claim", "graph"}


def test_claims_of_an_article(client: httpx.Client) -> None:
    for name in ("strelsau-post", "article:strelsau-post", ID + "article/strelsau-post"):
        rows = client.get("/claims", params={"article": name}).json()["rows"]
        assert rows
        assert {row["article"] for row in rows} == {ID + "article/strelsau-post"}
    assert client.get("/claims?article=no-such-article").status_code == 404
    assert client.get("/claims?article=%7B").status_code == 422


def test_articles_count_their_claims(client: httpx.Client, quads: list[Quad]) -> None:
    rows = client.get("/articles").json()["rows"]
    derived = [q for q in quads if str(q.predicate).endswith("wasDerivedFrom>")]
    assert sum(row["claims"] for row in rows) == len({q.subject for q in derived})


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/person/rassendyll", "/entities/person/rassendyll"),
        ("/id/article/strelsau-post", "/articles/strelsau-post"),
        ("/id/claim/sp-attended", "/claims/sp-attended"),
        ("/id/modality/held", "/entities/modality/held"),
        ("/id/graph/invented", f"/data?graph={ID}graph/invented"),
    ],
)
def test_an_identifier_leads_to_its_page(client: httpx.Client, path: str, location: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == location
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/id/person/nobody", "/entities/person/nobody", "/entities/nothing/at-all",
     "/articles/none", "/claims/none", "/entities/person/%3Cx%3E", "/entities/Person/x",
     "/claims/none.ttl"],
)  # fmt: skip
def test_what_is_unknown_is_a_404(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_json_ld_is_json(client: httpx.Client) -> None:
    document = json.loads(client.get("/claims/sp-attended.jsonld").content)
    assert document


def test_claims_stand_in_the_order_of_publication(client: httpx.Client) -> None:
    """By the first possible day, not by the text of the EDTF value."""
    rows = client.get("/articles").json()["rows"]
    known = [row["published"].strip("[]")[:10] for row in rows if row["published"]]
    assert known == sorted(known)
    order = [row["iri"] for row in rows]
    found = [order.index(row["article"]) for row in client.get("/claims").json()["rows"]]
    assert found == sorted(found)
    assert len(set(found)) > 2


@pytest.mark.parametrize(
    ("iri", "label"),
    [
        (ID + "date/2026-02-04", "2026-02-04"),
        (ID + "interval/2025-09--open", "from 2025-09 on"),
        (ID + "participation/congress--rassendyll--host", "congress – rassendyll – host"),
        ("https://schema.org/Person", "schema:Person"),
        ("https://example.org/x", "https://example.org/x"),
    ],
)
def test_what_has_no_label_is_called_something(iri: str, label: str) -> None:
    assert fallback_label(iri) == label


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("/entities/place/ruritania", {"contradicts", "differs-in-scope"}),
        ("/entities/person/flavia", set()),
        ("/entities/mineral/strelsium", set()),
    ],
)
def test_a_page_shows_differences_about_the_thing_only(
    client: httpx.Client, path: str, types: set[str]
) -> None:
    """Flavia told a share, and a mineral is counted in one: they differ about Ruritania."""
    shown = client.get(path).json()
    assert {d["type"]["iri"].rpartition("/")[2] for d in shown["contested"]} == types
    told = [claim["claim"] for claim in shown["facts"]]
    assert ID + "claim/zh-share" in told or ID + "claim/ec-share" in told
