"""Marks on what is shown: contested, and on a day certain, possible or undated, in each format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import pyoxigraph
import pytest
from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions

from mineralgraph.api import create_app
from mineralgraph.queries import load_catalog
from mineralgraph.settings import Settings
from tests.api.conftest import ID, KeptOpen, client_of
from tests.relations import worlds

CATALOG = load_catalog()
MARKED = sorted(name for name, query in CATALOG.items() if query.marked)
CONTRADICTED = {"hg-dinner", "st-dinner"}
"""Claims of two invented papers that put one dinner at two places."""
DAY = "2040-05-02"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A service over the invented papers that relations are tried on."""
    with (
        worlds.store_of(worlds.invented()) as store,
        client_of(create_app(Settings(), KeptOpen(store))) as made,
    ):
        yield made


def ask(client: httpx.Client, path: str, **parameters: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    answer = client.get(path, params=named)
    assert answer.status_code == 200, answer.text
    return answer


def disputed(client: httpx.Client) -> set[str]:
    """Return the claims that stand in a contradiction, asked in another way."""
    query = "SELECT DISTINCT ?c { ?r mg:relationType relt:contradicts ; mg:relates ?c }"
    query = f"PREFIX relt: <{ID}relation-type/> {query}"
    found = ask(client, "/sparql", query=query).json()["results"]["bindings"]
    return {row["c"]["value"] for row in found}


@pytest.mark.parametrize("name", MARKED)
def test_each_canned_query_marks_contested_rows_in_each_format(
    client: httpx.Client, name: str
) -> None:
    path, example = f"/queries/{name}", CATALOG[name].example
    against = disputed(client)
    rows = ask(client, path, **example).json()["rows"]
    marks = [row["contested"] for row in rows]
    named = [[v for v in row.values() if isinstance(v, str) and "/id/claim/" in v] for row in rows]
    assert marks == [any(c in against for c in claims) if claims else None for claims in named]
    assert "contested" not in CATALOG[name].columns
    words = ["" if mark is None else str(mark).lower() for mark in marks]
    json_ = ask(client, path, format="sparql-json", **example).json()
    assert json_["contested"] == marks
    assert "contested" not in json_["head"]["vars"]
    table = csv.DictReader(io.StringIO(ask(client, path, format="csv", **example).text))
    assert [row["contested"] for row in table] == words
    for form in (QueryResultsFormat.TSV, QueryResultsFormat.XML):
        body = ask(client, path, format=form.file_extension, **example).content
        read = pyoxigraph.parse_query_results(body, form)
        assert isinstance(read, QuerySolutions)
        found = [solution["contested"] for solution in read]
        assert found == [None if mark is None else Literal(mark) for mark in marks]


def test_some_rows_are_contested(client: httpx.Client) -> None:
    rows = ask(client, "/queries/article-claims", article="article:harbour-gazette").json()["rows"]
    assert {row["contested"] for row in rows} == {True, False}


def test_things_and_claims_mark_what_is_contested(client: httpx.Client) -> None:
    against = disputed(client)
    assert {f"{ID}claim/{slug}" for slug in CONTRADICTED} <= against
    for row in ask(client, "/claims", limit="1000").json()["rows"]:
        assert row["contested"] == (row["claim"] in against)
    for slug in CONTRADICTED:
        assert ask(client, f"/claims/{slug}").json()["contested"] is True
    dinner = ask(client, "/entities/event/ore-dinner").json()
    lines = [line for group in dinner["groups"] for line in group["lines"]]
    assert {line["contested"] for line in lines} >= {True}
    for line in lines:
        assert line["contested"] == bool(against & set(line["claims"]))
    for fact in dinner["facts"]:
        assert fact["contested"] == (fact["claim"] in against)


def test_sources_say_which_claims_are_contested(client: httpx.Client) -> None:
    query = "SELECT ?e ?p { ?e schema:location ?p }"
    found = ask(client, "/sparql", query=query, sources="true").json()
    against = disputed(client)
    assert {claim["contested"] for claim in found["claims"].values()} == {True, False}
    for iri, claim in found["claims"].items():
        assert claim["contested"] == (iri in against)
    turtle = ask(client, "/sparql", query=query, sources="true", format="turtle").content
    graph = pyoxigraph.Store()
    graph.load(turtle, pyoxigraph.RdfFormat.TURTLE)
    marked = graph.query("SELECT ?c { ?c <https://w3id.org/mineralgraph/ontology#contested> true }")
    assert isinstance(marked, QuerySolutions)
    assert {row["c"].value for row in marked} == against & set(found["claims"])


@pytest.mark.parametrize(
    "name", ["article-claims", "ladder-totals", "corroboration", "event-names"]
)
def test_on_a_day_each_format_marks_rows_and_counts_the_undated(
    client: httpx.Client, name: str
) -> None:
    path, given = f"/queries/{name}", CATALOG[name].example | {"valid_on": DAY}
    given |= {"article": "article:harbour-gazette"} if name == "article-claims" else {}
    given |= {"event": "event:quay-conference"} if name == "event-names" else {}
    answer = ask(client, path, **given).json()
    marks = [row["validity"] for row in answer["rows"]]
    assert marks
    assert answer["undated"] == marks.count("undated")
    check_formats(client, path, given, marks)


def test_on_a_day_plain_sparql_marks_rows_in_each_format(client: httpx.Client) -> None:
    given = {"query": "SELECT ?e ?w { ?e mg:when ?w } ORDER BY ?e ?w", "valid_on": DAY}
    found = ask(client, "/sparql", **given).json()
    assert set(found["validity"]) <= {"certain", "possible", "undated"}
    assert len(found["validity"]) == len(found["results"]["bindings"]) > 0
    assert "sources" not in found
    check_formats(client, "/sparql", given, found["validity"])
    truth = ask(client, "/sparql", query="ASK { ?e mg:when ?w }", valid_on=DAY).json()
    assert truth["boolean"] is True
    assert truth["validity"][0] in ("certain", "possible")
    graph = client.get("/sparql", params={"query": "CONSTRUCT WHERE { ?e mg:when ?w }",
                                          "valid-on": DAY})  # fmt: skip
    assert int(graph.headers["Mineralgraph-Undated-Claims"]) > 0


def check_formats(
    client: httpx.Client, path: str, given: dict[str, str], marks: list[str | None]
) -> None:
    words, undated = [mark or "" for mark in marks], str(marks.count("undated"))
    found: dict[str, list[Any]] = {}
    for form in ("csv", "tsv", "xml"):
        answer = ask(client, path, format=form, **given)
        assert answer.headers["Mineralgraph-Undated-Rows"] == undated
        if form == "xml":
            space = "{http://www.w3.org/2005/sparql-results#}"
            results = ElementTree.fromstring(answer.content).iter(f"{space}result")
            found[form] = [
                next((b[0].text for b in result if b.get("name") == "validity"), "")
                for result in results
            ]
        else:
            table = csv.DictReader(
                io.StringIO(answer.text), delimiter="\t" if form == "tsv" else ",",
                quoting=csv.QUOTE_NONE if form == "tsv" else csv.QUOTE_MINIMAL,
            )  # fmt: skip
            column = "?validity" if form == "tsv" else "validity"
            found[form] = [row[column].strip('"') for row in table]
    assert list(found.values()) == [words] * 3


def test_a_claim_shows_how_others_stand_to_it_whatever_the_direction(client: httpx.Client) -> None:
    rows = ask(client, "/queries/relations-of-claim", about="claim:st-talks").json()["rows"]
    shown = ask(client, "/claims/st-talks").json()["relations"]
    assert {(r["relation"], r["claim"]["iri"], r["role"] or "") for r in shown} == {
        (row["relation"], row["claim"], row["role"]) for row in rows
    }
    assert ("from", f"{ID}relation-type/refines") in {(r["role"], r["type"]["iri"]) for r in shown}
