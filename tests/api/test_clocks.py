"""Looking from another day, over HTTP: canned queries, plain SPARQL, and the pages of things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mineralgraph.errors import NotOffered
from mineralgraph.execution.remote import RemoteRunner
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.queries import load_catalog
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore
from tests.api.conftest import ID, KeptOpen, Serve

NEVER, ALWAYS = "1900-01-01", "2999-01-01"
CATALOG = load_catalog()
ARTICLES = "SELECT ?a ?d { ?a mg:publishedLast ?d } ORDER BY ?d"
CLAIMS = "SELECT ?c { ?c a mg:Claim ; mg:current true } ORDER BY ?c"


def ask(client: httpx.Client, path: str, **parameters: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    answer = client.get(path, params=named)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(client: httpx.Client, query: str, **parameters: str) -> list[dict[str, str]]:
    found = ask(client, "/sparql", query=query, **parameters)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in found]


def claims_in(value: Any) -> Iterator[dict[str, Any]]:
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and isinstance(value.get("claim"), str):
        yield value
    for part in parts if isinstance(value, dict | list) else ():
        yield from claims_in(part)


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_each_canned_query_knows_nothing_before_and_everything_after(
    client: httpx.Client, name: str
) -> None:
    query = CATALOG.find(name)
    path = f"/queries/{name}"
    form = {"format": "ntriples"} if query.rows == "graph" else {}
    plain = client.get(path, params={**query.example, **form})
    after = client.get(path, params={**query.example, **form, "as-of": ALWAYS})
    before = client.get(path, params={**query.example, "as-of": NEVER})
    assert {a.status_code for a in (plain, after, before)} == {200}
    if query.rows == "graph":
        assert sorted(after.text.splitlines()) == sorted(plain.text.splitlines())
        return
    assert after.json()["rows"] == plain.json()["rows"]
    if "claim" in query.columns:
        assert [row for row in before.json()["rows"] if row["claim"]] == []


def test_only_what_was_published_by_the_day_is_known(client: httpx.Client) -> None:
    days = [row["d"] for row in rows(client, ARTICLES)]
    assert len(set(days)) > 1
    for day in days:
        shown = [row["d"] for row in rows(client, ARTICLES, as_of=day)]
        assert shown == [d for d in days if d <= day]


def test_the_basis_decides_for_an_article_of_an_uncertain_day(client: httpx.Client) -> None:
    uncertain = rows(
        client,
        "SELECT ?a ?first { ?a mg:publishedFirst ?first ; mg:publishedLast ?last "
        "FILTER(?first != ?last) }",
    )
    assert uncertain
    day = uncertain[0]["first"]
    by_last = {row["a"] for row in rows(client, ARTICLES, as_of=day)}
    by_first = {row["a"] for row in rows(client, ARTICLES, as_of=day, as_of_basis="first")}
    assert uncertain[0]["a"] in by_first - by_last


def test_each_row_says_whether_it_held(client: httpx.Client) -> None:
    given = ask(client, "/queries/single-source-claims", valid_on="2026-02-04")
    assert given["rows"]
    marks = [row["validity"] for row in given["rows"]]
    assert set(marks) <= {"certain", "possible", "undated"}
    assert given["undated"] == marks.count("undated")
    assert given["clock"] == {"valid-on": "2026-02-04"}
    held = {
        (row["c"], row["v"])
        for row in rows(client, "SELECT ?c ?v { ?c mg:validity ?v }", valid_on="2026-02-04")
    }
    assert {(row["claim"], row["validity"]) for row in given["rows"]} <= held
    assert rows(client, "SELECT ?c ?v { ?c mg:validity ?v }") == []


def test_plain_sparql_counts_the_undated_and_marks_rows_by_their_sources(
    client: httpx.Client,
) -> None:
    asked = {"query": "SELECT ?e ?n { ?e mg:eventType ?n }", "valid-on": "2026-02-04"}
    plain = client.get("/sparql", params=asked)
    traced = client.get("/sparql", params={**asked, "sources": "true"}).json()
    for name in ("results", "validity", "undated"):
        assert traced[name] == plain.json()[name]
    assert int(plain.headers["Mineralgraph-Undated-Rows"]) == traced["undated"]
    assert len(traced["validity"]) == len(traced["results"]["bindings"]) > 0
    assert traced["undated"] == traced["validity"].count("undated")
    for mark, entries in zip(traced["validity"], traced["sources"], strict=True):
        words = {
            traced["claims"].get(name, {}).get("validity") for names in entries for name in names
        }
        assert mark in words or mark is None


def test_a_clock_is_part_of_the_entity_tag(client: httpx.Client) -> None:
    tags = [
        client.get("/sparql", params={"query": CLAIMS, **more}).headers["etag"]
        for more in ({}, {"as-of": ALWAYS}, {"as-of": NEVER}, {"valid-on": ALWAYS})
    ]
    assert len(set(tags)) == 4


def test_things_are_shown_as_of_a_day(client: httpx.Client) -> None:
    claim = rows(client, CLAIMS)[0]["c"].removeprefix(ID)
    path = "/claims/" + claim.partition("/")[2]
    assert ask(client, path, as_of=ALWAYS)["clock"] == {"as-of": ALWAYS, "as-of-basis": "last"}
    assert client.get(path, params={"as-of": NEVER}).status_code == 404
    assert client.get(path, params={"as-of": "x"}).status_code == 422
    person = "/entities/person/rassendyll"
    assert ask(client, person)["facts"]
    assert ask(client, person, as_of=ALWAYS)["facts"] == ask(client, person)["facts"]
    hidden = client.get(person, params={"as-of": NEVER})
    assert hidden.status_code == 404 or hidden.json()["facts"] == []


def test_lists_of_things_are_shown_as_of_a_day(serve: Serve) -> None:
    editions = {"kind": "list-edition", "limit": "1000"}
    with EmbeddedStore() as store:
        store.load(compile_dataset().quads)
        client = serve(KeptOpen(store))
        everything = ask(client, "/entities", **editions)["rows"]
        assert ask(client, "/entities", as_of=ALWAYS, **editions)["rows"] == everything
        assert ask(client, "/entities", as_of=NEVER, **editions)["rows"] == []
        known = {
            r["slug"] for r in ask(client, "/entities", as_of="2025-11-06", **editions)["rows"]
        }
        assert {r["slug"] for r in everything} - known == {"us-2025"}


def test_lists_of_things_say_what_held(client: httpx.Client) -> None:
    on_a_day = ask(client, "/entities", valid_on="2026-02-04", limit="1000")
    marks = [row["validity"] for row in on_a_day["rows"]]
    assert {"undated", None} <= set(marks) <= {"certain", "possible", "undated", None}
    assert on_a_day["undated"] == marks.count("undated")
    assert client.get("/entities", params={"q": "rudolf", "valid-on": "1"}).status_code == 422


def test_the_record_of_writes_has_no_clock(client: httpx.Client) -> None:
    for name in ("as-of", "valid-on", "as-of-basis"):
        refused = client.get("/changes", params={name: "2026-02-04"})
        assert refused.status_code == 422
        assert "/diff" in refused.json()["hint"]


def test_the_claims_of_a_page_say_whether_they_held(client: httpx.Client) -> None:
    shown = ask(client, "/entities/person/rassendyll", valid_on="2026-02-04")
    listed = list(claims_in(shown))
    assert listed
    assert {claim["validity"] for claim in listed} <= {"certain", "possible", "undated"}
    undated = {claim["claim"] for claim in listed if claim["validity"] == "undated"}
    assert shown["undated"] == len(undated)


def test_sources_on_every_row(client: httpx.Client) -> None:
    given = ask(client, "/queries/single-source-claims", sources="true")
    plain = ask(client, "/queries/single-source-claims")
    assert given["rows"]
    for row, bare in zip(given["rows"], plain["rows"], strict=True):
        named = {name for names in row["sources"] for name in names}
        assert row["claim"] in named
        assert {name: value for name, value in row.items() if name != "sources"} == bare
        assert named & given["claims"].keys()


@pytest.mark.parametrize("name", sorted(n for n in CATALOG if CATALOG.find(n).rows != "graph"))
def test_sources_leave_the_rows_of_each_canned_query_alone(client: httpx.Client, name: str) -> None:
    example = dict(CATALOG.find(name).example)
    plain = ask(client, f"/queries/{name}", **example)["rows"]
    given = ask(client, f"/queries/{name}", **example, sources="true")["rows"]
    assert [{k: v for k, v in row.items() if k != "sources"} for row in given] == plain


def test_sources_in_other_formats(client: httpx.Client) -> None:
    asked = {"query": "SELECT ?e { ?e mg:eventType ?t }", "sources": "true"}
    assert client.get("/sparql", params={**asked, "format": "csv"}).text.startswith("e,sources")
    turtle = client.get("/sparql", params=asked, headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "prov:wasDerivedFrom" in turtle.text
    assert client.get("/sparql", params={**asked, "format": "xml"}).status_code == 406
    assert client.get("/sparql", params={**asked, "sources": "yes"}).status_code == 422


def test_posting_takes_the_same_parameters(client: httpx.Client) -> None:
    form = client.post("/sparql", data={"query": CLAIMS, "as-of": NEVER})
    assert form.json()["results"]["bindings"] == []
    direct = client.post(
        "/sparql",
        params={"as-of": NEVER},
        content=CLAIMS,
        headers={"Content-Type": "application/sparql-query"},
    )
    assert direct.json()["results"]["bindings"] == []


def test_an_engine_without_clocks_says_so(serve: Serve) -> None:
    store = RemoteStore("http://127.0.0.1:9/sparql")

    class Known(RemoteRunner):
        async def version(self) -> str:
            return "v"

    client = serve(Known(store, 1))
    answer = client.get("/sparql", params={"query": CLAIMS, "as-of": ALWAYS})
    assert answer.status_code == NotOffered.status
    gone = client.get("/sparql", params={"query": CLAIMS, "version": "older"})
    assert gone.status_code == 410
