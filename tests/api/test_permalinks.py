"""A permalink gives the same rows after later writes, or 410; citations and differences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.rdf.namespaces import GRAPH_BASE, MG
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.history import History
from tests.api.conftest import ID, KeptOpen, Serve

GISTS = "SELECT ?c ?g { ?c mg:gist ?g } ORDER BY ?c ?g"
CLAIMS = "SELECT ?c { ?c a mg:Claim ; mg:current true } ORDER BY ?c"
WRITTEN = NamedNode(GRAPH_BASE + "later")


@pytest.fixture
def changing(quads: list[Quad], tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.history = History(tmp_path, 2)
        store.load(quads)
        yield store


@pytest.fixture
def client(changing: EmbeddedStore, serve: Serve) -> httpx.Client:
    return serve(KeptOpen(changing))


def write(store: EmbeddedStore, number: int) -> str:
    """Give a claim one gist more."""
    claim = next(q.subject for q in store.quads(None, MG.gist))
    gist = Quad(claim, MG.gist, Literal(f"Later {number}.", language="en"), WRITTEN)
    return store.apply(Change(frozenset([gist]))).version


def lines(answer: httpx.Response) -> list[str]:
    """Return the lines of an answer; those of a set of triples have no order."""
    found = answer.text.splitlines()
    return sorted(found) if "n-triples" in answer.headers["content-type"] else found


def canonical(answer: httpx.Response) -> str:
    links = [part.strip() for part in answer.headers["link"].split(", <")]
    found = next(part for part in links if 'rel="canonical"' in part)
    return found.partition(">")[0].lstrip("<")


@pytest.mark.parametrize(
    "path",
    [
        "/queries/single-source-claims",
        "/queries/single-source-claims?format=csv",
        "/queries/quantities?sources=true&valid-on=2026-02-04&as-of=2026-06-01",
        "/queries/co-participation?format=ntriples",
        f"/sparql?query={GISTS}",
        f"/sparql?query={GISTS}&as-of=2999-01-01&as-of-basis=first",
        "/claims?limit=3",
        "/articles",
    ],
)
def test_a_permalink_gives_the_same_answer_after_writes(
    client: httpx.Client, changing: EmbeddedStore, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    link = canonical(answer)
    pinned = client.get(link)
    before = changing.version()
    for number in (1, 2):
        write(changing, number)
        again = client.get(link)
        assert again.status_code == 200, again.text
        assert lines(again) == lines(pinned)
        assert again.headers["Mineralgraph-Dataset-Version"] == before
    write(changing, 3)
    assert client.get(link).status_code == 410
    assert client.get(link, headers={"If-None-Match": "*"}).status_code == 410


def test_the_plain_answer_goes_on_changing(client: httpx.Client, changing: EmbeddedStore) -> None:
    former = client.get("/sparql", params={"query": GISTS})
    write(changing, 1)
    client.get(canonical(former))
    present = client.get("/sparql", params={"query": GISTS})
    assert len(present.json()["results"]["bindings"]) == 1 + len(
        former.json()["results"]["bindings"]
    )


def test_things_have_permalinks(client: httpx.Client, changing: EmbeddedStore) -> None:
    first = client.get("/sparql", params={"query": CLAIMS}).json()["results"]["bindings"][0]
    path = "/claims/" + first["c"]["value"].removeprefix(ID + "claim/")
    answer = client.get(path)
    write(changing, 1)
    assert client.get(canonical(answer)).json() == answer.json()


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_differs_from_run_to_run_has_no_permalink(client: httpx.Client, call: str) -> None:
    query = f"SELECT ?x {{ BIND({call} AS ?x) }}"
    assert "link" not in client.get("/sparql", params={"query": query}).headers
    refused = client.get(
        "/cite", params={"url": str(httpx.URL("/sparql", params={"query": query}))}
    )
    assert refused.status_code == 422
    assert "permalink" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("query", "open_"),
    [
        ("SELECT ?c { ?c a mg:Claim } LIMIT 2", True),
        ("SELECT ?c { ?c a mg:Claim } OFFSET 2", True),
        ("SELECT ?c { ?c a mg:Claim } ORDER BY ?c LIMIT 2", False),
        ("SELECT ?c { { SELECT ?c { ?c a mg:Claim } LIMIT 2 } } ORDER BY ?c", True),
        ("SELECT ?c { { SELECT ?c { ?c a mg:Claim } ORDER BY ?c LIMIT 2 } }", False),
        ("SELECT (SAMPLE(?c) AS ?one) { ?c a mg:Claim }", True),
        ("SELECT (GROUP_CONCAT(STR(?c)) AS ?all) { ?c a mg:Claim }", True),
        ('SELECT ("LIMIT 2" AS ?l) { }', False),
    ],
)
def test_what_leaves_the_choice_to_the_engine_has_no_permalink(
    client: httpx.Client, query: str, open_: bool
) -> None:
    """Another engine, or a restart, may choose other rows of the same data."""
    assert ("link" not in client.get("/sparql", params={"query": query}).headers) is open_
    url = str(httpx.URL("/sparql", params={"query": query}))
    assert client.get("/cite", params={"url": url}).status_code == (422 if open_ else 200)


def test_a_posted_query_has_a_permalink_to_get(client: httpx.Client) -> None:
    answer = client.post("/sparql", data={"query": CLAIMS, "as-of": "2999-01-01"})
    assert client.get(canonical(answer)).json() == answer.json()


def test_a_citation_names_version_and_days(client: httpx.Client, changing: EmbeddedStore) -> None:
    url = "/queries/quantities?as-of=2026-06-01&valid-on=2026-02-04"
    cited = client.get("/cite", params={"url": url, "format": "json"}).json()
    version = changing.version()
    for part in ("2026-06-01", "2026-02-04", version):
        assert part in cited["text"]
        assert part in cited["bibtex"]
    assert parse_qs(urlsplit(cited["permalink"]).query)["version"] == [version]
    assert cited["bibtex"].startswith("@misc{mineralgraph-")
    assert client.get("/cite", params={"url": cited["permalink"]}).text.strip() == cited["text"]
    assert client.get("/cite", params={"url": "/healthz"}).status_code == 404
    assert client.get("/cite", params={"url": url + "&version=0000"}).status_code == 410


def test_the_difference_by_report_time(client: httpx.Client) -> None:
    asked = {"from": "1900-01-01", "to": "2999-01-01"}
    found = client.get("/diff", params=asked).json()
    everything = client.get("/claims", params={"limit": 10000}).json()["rows"]
    assert {c["claim"] for c in found["became_known"]} == {r["claim"] for r in everything}
    assert found["counts"]["became_known"] == len(everything)
    assert all(c["gist"] in c["sentence"] for c in found["became_known"])
    none = client.get("/diff", params={"from": "2999-01-01", "to": "2999-01-01"}).json()
    assert none["became_known"] == none["retracted"] == []
    for wrong in ({"from": "2999-01-01", "to": "1900-01-01"}, {"from": "x"}, {"clock": "x"}):
        assert client.get("/diff", params={**asked, **wrong}).status_code == 422


def test_the_difference_by_valid_time_adds_up(client: httpx.Client) -> None:
    def shown(day: str) -> set[str]:
        rows = client.get("/claims", params={"valid-on": day, "limit": 10000}).json()["rows"]
        return {row["claim"] for row in rows}

    query = "SELECT ?f { GRAPH ?c { ?x mg:when ?d . ?d mg:firstDay ?f } } ORDER BY ?f"
    days = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    year = int(days[len(days) // 2]["f"]["value"][:4])
    first, last = f"{year}-01-01", f"{year + 1}-12-31"
    found = client.get("/diff", params={"from": first, "to": last, "clock": "valid"}).json()
    began, ended = ({c["claim"] for c in found[name]} for name in ("began", "ended"))
    happened = {c["claim"] for c in found["happened"]}
    assert began == shown(last) - shown(first)
    assert ended == shown(first) - shown(last)
    assert happened
    assert not happened & (shown(first) | shown(last))


def test_the_difference_as_rdf(client: httpx.Client) -> None:
    asked = {"from": "1900-01-01", "to": "2999-01-01"}
    found = client.get("/diff", params=asked).json()["became_known"]
    triples = client.get("/diff", params={**asked, "format": "ntriples"}).text
    assert triples.count("prov#wasGeneratedBy") == len(found)
    assert client.get("/diff", params=asked, headers={"Accept": "text/html"}).status_code == 406
