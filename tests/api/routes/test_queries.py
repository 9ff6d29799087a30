"""Canned queries over HTTP: list, parameters, formats, pages."""

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from mineralgraph.queries import load_catalog
from tests.api.conftest import Serve

CATALOG = load_catalog()
PINNED = {"columns", "rows", "truncated", "links", "version"}
PAGED = "/queries/single-source-claims"
GRAPH = next(q for q in CATALOG.values() if q.rows == "graph")


def listed(client: httpx.Client) -> list[dict[str, object]]:
    return list(client.get("/queries").json()["queries"])


def test_the_list_says_everything_about_each_query(client: httpx.Client) -> None:
    found = listed(client)
    assert [q["name"] for q in found] == sorted(CATALOG)
    assert found
    for query in found:
        assert query["title"]
        assert query["description"]
        assert str(query["example"]).startswith(f"/queries/{query['name']}")


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_every_example_answers(client: httpx.Client, name: str) -> None:
    query = CATALOG[name]
    answer = client.get(f"/queries/{name}?{urlencode(query.example)}")
    assert answer.status_code == 200, answer.text
    if query.rows == "graph":
        assert answer.headers["content-type"].startswith("text/turtle")
    else:
        assert set(answer.json()) == {*PINNED, "total"}
        assert answer.json()["columns"] == list(query.columns)


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_every_query_is_its_own_operation(client: httpx.Client, name: str) -> None:
    operation = client.get("/openapi.json").json()["paths"][f"/queries/{name}"]["get"]
    declared = {p["name"]: p for p in operation["parameters"]}
    for parameter in CATALOG[name].parameters:
        assert declared[parameter.name]["required"] is parameter.required
        assert declared[parameter.name]["schema"]["type"] in ("string", "integer", "boolean")
    assert "format" in declared


def test_rows_are_plain_json(client: httpx.Client) -> None:
    shares = client.get("/queries/list-shares").json()["rows"]
    assert shares
    row = shares[0]
    assert isinstance(row["numerator"], int)
    assert str(row["claim"]).startswith("https://")


def test_an_unbound_cell_is_null(client: httpx.Client) -> None:
    rows = client.get("/queries/undertakings").json()["rows"]
    assert any(None in row.values() for row in rows)


def test_csv_tsv_json_and_xml_hold_the_same_rows(client: httpx.Client) -> None:
    plain = client.get(PAGED).json()
    table = list(csv.DictReader(io.StringIO(client.get(PAGED, params={"format": "csv"}).text)))
    assert [row["claim"] for row in table] == [row["claim"] for row in plain["rows"]]
    for name, form in (
        ("sparql-json", QueryResultsFormat.JSON),
        ("sparql-xml", QueryResultsFormat.XML),
        ("tsv", QueryResultsFormat.TSV),
    ):
        content = client.get(PAGED, params={"format": name}).content
        solutions = parse_query_results(content, form)
        assert [s["claim"].value for s in solutions] == [row["claim"] for row in plain["rows"]]  # type: ignore[index,union-attr]


def test_accept_and_suffix_choose_too(client: httpx.Client) -> None:
    by_accept = client.get(PAGED, headers={"Accept": "text/csv"})
    assert by_accept.headers["content-type"] == "text/csv; charset=utf-8"
    assert client.get(PAGED + ".csv").content == by_accept.content
    assert client.get(PAGED, headers={"Accept": "image/png"}).status_code == 406
    assert client.get(PAGED, params={"format": "turtle"}).status_code == 406


def test_a_construct_query_gives_rdf(client: httpx.Client) -> None:
    path = f"/queries/{GRAPH.name}?{urlencode(GRAPH.example)}"
    turtle = set(map(str, parse(client.get(path).content, format=RdfFormat.TURTLE)))
    jsonld = client.get(path, headers={"Accept": "application/ld+json"})
    assert set(map(str, parse(jsonld.content, format=RdfFormat.JSON_LD))) == turtle
    assert turtle
    refused = client.get(f"/queries/{GRAPH.name}", params={**GRAPH.example, "limit": "1"})
    assert refused.status_code == 422
    assert refused.json()["parameter"] == "limit"


@pytest.mark.parametrize("form", ["json", "csv", "tsv", "sparql-json", "sparql-xml"])
def test_a_walk_through_the_pages_meets_every_row_once(client: httpx.Client, form: str) -> None:
    every = [row["claim"] for row in client.get(PAGED).json()["rows"]]
    assert len(every) > 4
    seen, url, pages = 0, f"{PAGED}?limit=4&format={form}", 0
    while url:
        answer = client.get(url)
        assert answer.status_code == 200
        size = min(4, len(every) - seen)
        shown = answer.text
        assert all(claim in shown for claim in every[seen : seen + size])
        seen += size
        pages += 1
        following = answer.links.get("next")
        if form == "json":
            assert answer.json()["links"]["next"] == (following or {}).get("url")
            assert answer.json()["truncated"] is (following is not None)
            assert answer.json().get("total") == (None if following else len(every))
        else:
            total = None if following else str(len(every))
            assert answer.headers.get("mineralgraph-total") == total
            assert answer.headers["mineralgraph-truncated"] == ("true" if following else "false")
        url = following["url"] if following else ""
    assert seen == len(every)
    assert pages == -(-len(every) // 4)


def test_a_page_behind_the_end_tells_no_total(client: httpx.Client) -> None:
    beyond = f"{PAGED}?limit=4&offset=1000"
    assert "total" not in client.get(beyond).json()
    assert "mineralgraph-total" not in client.get(f"{beyond}&format=csv").headers
    empty = client.get("/queries/event-participants?event=no-such&limit=4").json()
    assert (empty["rows"], empty["total"]) == ([], 0)


def test_links_lead_back_and_pin_the_version(client: httpx.Client) -> None:
    first = client.get(f"{PAGED}?limit=2").json()
    second = client.get(first["links"]["next"]).json()
    assert first["links"]["prev"] is None
    assert client.get(second["links"]["prev"]).json()["rows"] == first["rows"]
    assert f"version={first['version']}" in first["links"]["next"]
    gone = client.get(PAGED, params={"version": "another"})
    assert gone.status_code == 410
    assert gone.json()["version"] == first["version"]


def test_a_window_lies_within_the_querys_own_limit(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "three.rq").write_text(
        "# title: Three classes\n# description: At most three, after the first.\n# rows: summary\n"
        "PREFIX owl: <http://www.w3.org/2002/07/owl#>\n"
        "SELECT DISTINCT ?class WHERE { ?class a owl:Class }\nORDER BY ?class\nLIMIT 3 OFFSET 1\n"
    )
    client = serve(parts={"catalog": load_catalog(tmp_path)})
    whole = client.get("/queries/three").json()
    assert len(whole["rows"]) == 3
    assert whole["truncated"] is False
    first = client.get("/queries/three?limit=2").json()
    assert first["truncated"] is True
    rest = client.get(first["links"]["next"]).json()
    assert first["rows"] + rest["rows"] == whole["rows"]
    assert rest["links"]["next"] is None


def test_an_ask_query_gives_one_row(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "any.rq").write_text(
        "# title: Anything\n# description: Whether there is anything.\n# rows: summary\n"
        "ASK { ?s ?p ?o }\n"
    )
    client = serve(parts={"catalog": load_catalog(tmp_path)})
    answer = client.get("/queries/any").json()
    assert (answer["columns"], answer["rows"]) == (["answer"], [{"answer": True}])
    assert client.get("/queries/any", params={"format": "sparql-json"}).json()["boolean"] is True


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        ("/queries/who-met-whom", 422, "person"),
        ("/queries/who-met-whom?person=a&nonsense=1", 422, "nonsense"),
        ("/queries/who-met-whom?person=a&person=b", 422, "person"),
        ("/queries/who-met-whom?person=%3E%20%7D", 422, "person"),
        ("/queries/events-on-day?day=2026-02-30", 422, "day"),
        (PAGED + "?limit=0", 422, "limit"),
        (PAGED + "?limit=10001", 422, "limit"),
        (PAGED + "?limit=x", 422, "limit"),
        (PAGED + "?offset=-1", 422, "offset"),
        (PAGED + "?as-of=2026-02-30", 422, "as-of"),
        (PAGED + "?as-of=", 422, "as-of"),
        (PAGED + "?as-of=2026-01-01&as-of-basis=middle", 422, "as-of-basis"),
        (PAGED + "?as-of-basis=first", 422, "as-of-basis"),
        (PAGED + "?valid-on=20260101", 422, "valid-on"),
        (PAGED + "?sources=a", 422, "sources"),
    ],
)
def test_a_bad_parameter_is_named(
    client: httpx.Client, path: str, status: int, parameter: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.json()["parameter"] == parameter
    assert answer.json()["hint"]


def test_an_unknown_query_is_a_404(client: httpx.Client) -> None:
    answer = client.get("/queries/no-such-query")
    assert answer.status_code == 404
    assert "/queries" in answer.json()["hint"]


@pytest.mark.parametrize(
    "value",
    [
        'x" } } UNION { ?s ?p ?o } #',
        "person:a> } SERVICE <http://localhost/> {",
        "https://example.org/a b",
        "rassendyll }",
    ],
)
def test_a_value_cannot_break_out(client: httpx.Client, value: str) -> None:
    answer = client.get("/queries/who-met-whom", params={"person": value})
    assert answer.status_code == 422 or answer.json()["rows"] == []


def test_a_new_file_is_a_new_route_without_code(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "labels-in.rq").write_text(
        "# title: Labels in a language\n# description: All of them.\n# rows: summary\n"
        "# param: tag | language | default=ru | ru | The language\n"
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "SELECT ?label WHERE {\n"
        '  VALUES ?tag { "ru" } # param\n'
        "  ?thing rdfs:label ?label . FILTER(LANG(?label) = ?tag)\n}\nORDER BY ?label\n"
    )
    client = serve(parts={"catalog": load_catalog(tmp_path)})
    assert client.get("/queries/labels-in").json()["rows"] == [{"label": "Руритания"}]
    assert "/queries/labels-in" in json.dumps(client.get("/openapi.json").json()["paths"])
    assert "labels-in" in client.get("/docs").text


@pytest.mark.parametrize(
    "path",
    [
        "/queries/single-source-claims.csv?limit=2", "/articles.json?limit=1",
        "/claims.json?limit=1", "/entities.json?limit=1", "/entities/person/flavia.trig",
        "/sparql.tsv?query=ASK{}", "/sparql.csv?query=ASK{}&default-graph-uri=urn:x",
    ],
)  # fmt: skip
def test_links_keep_the_format_that_a_suffix_chose(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    links = dict(re.findall(r'<([^>]*)>; rel="(next|canonical)"', first.headers["link"]))
    assert links
    for link in links:
        there = client.get(link)
        assert there.status_code == 200
        assert there.headers["content-type"] == first.headers["content-type"], link
