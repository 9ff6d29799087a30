"""The SPARQL 1.1 Protocol's query operation at /sparql."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import httpx
import pytest
from fastapi import FastAPI
from pyoxigraph import RdfFormat, parse

from mineralgraph.api.endpoint.hints import explain
from mineralgraph.errors import DeadlineExceeded
from mineralgraph.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat, ResultFormat
from mineralgraph.rdf.query_text import QueryText
from tests.api.conftest import client_of
from tests.serving import served

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
CURRENT = "https://w3id.org/mineralgraph/id/graph/current"
PEOPLE = "SELECT ?p WHERE { ?p a schema:Person } ORDER BY ?p"
HARD = "100% + a&b=c;d \"quoted\" 'single' #hash \\ tab\t Қазақстан ærøskøbing 日本 \U0001f30d"


@pytest.fixture(scope="module", params=["in this process", "over a connection"])
def client(request: pytest.FixtureRequest, app: FastAPI) -> Iterator[httpx.Client]:
    """The routes alone, and the server with its short way for plain requests (``front.py``)."""
    if request.param == "in this process":
        with client_of(app) as made:
            yield made
        return
    with served(app, lifespan="off") as port:
        address = f"http://127.0.0.1:{port}"
        headers = {"Accept-Encoding": "identity", "Accept": "*/*"}
        with httpx.Client(base_url=address, headers=headers, timeout=30) as made:
            yield made


def bindings(answer: httpx.Response) -> list[dict[str, dict[str, str]]]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"]["bindings"])


def send(client: httpx.Client, way: str, query: str) -> httpx.Response:
    """Send a query in one of the protocol's ways."""
    if way == "get":
        return client.get("/sparql", params={"query": query})
    if way == "get percent":
        return client.get("/sparql?query=" + quote(query, safe=""))
    if way == "form":
        return client.post("/sparql", data={"query": query})
    if way == "form charset":
        content = urlencode({"query": query}).encode()
        return client.post(
            "/sparql", content=content, headers={"Content-Type": FORM + "; charset=UTF-8"}
        )
    return client.post("/sparql", content=query.encode(), headers={"Content-Type": DIRECT})


WAYS = ["get", "get percent", "form", "form charset", "direct"]


@pytest.mark.parametrize("way", WAYS)
def test_every_character_survives_every_way_in(client: httpx.Client, way: str) -> None:
    text = HARD.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    found = bindings(send(client, way, f'SELECT ("{text}" AS ?x)\nWHERE {{}}'))
    assert found[0]["x"]["value"] == HARD


@pytest.mark.parametrize("way", WAYS)
def test_line_breaks_survive_every_way_in(client: httpx.Client, way: str) -> None:
    query = 'SELECT ("""one\ntwo""" AS ?x) # a comment ends at the line\r\nWHERE {}'
    assert bindings(send(client, way, query))[0]["x"]["value"] == "one\ntwo"


@pytest.mark.parametrize("form", RESULT_FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("query", [PEOPLE, "ASK {}"])
def test_every_result_format(client: httpx.Client, form: ResultFormat, query: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": form.media_type})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(form.media_type)
    assert answer.content
    by_name = client.get("/sparql", params={"query": query, "format": form.name})
    assert by_name.content == answer.content


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda f: f.name)
def test_every_graph_format(client: httpx.Client, form: GraphFormat) -> None:
    query = "CONSTRUCT { ?p a schema:Person } WHERE { ?p a schema:Person }"
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": form.media_type})
    assert answer.headers["content-type"].startswith(form.media_type)
    expected = {row["p"]["value"] for row in bindings(send(client, "get", PEOPLE))}
    assert {q.subject.value for q in parse(answer.content, format=form.engine)} == expected
    assert expected


def test_describe_gives_a_graph(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "DESCRIBE person:rassendyll"})
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert list(parse(answer.content, format=RdfFormat.TURTLE))


def test_a_graph_format_cannot_carry_rows(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": PEOPLE}, headers={"Accept": "text/turtle"})
    assert answer.status_code == 406
    assert "application/sparql-results+json" in answer.json()["hint"]


@pytest.mark.parametrize("path", ["/sparql.csv", "/sparql.xml", "/sparql.ttl"])
def test_a_file_suffix_chooses_the_format(client: httpx.Client, path: str) -> None:
    query = "CONSTRUCT WHERE { ?p a schema:Person }" if path.endswith("ttl") else PEOPLE
    answer = client.get(path, params={"query": query})
    assert answer.status_code == 200
    wanted = {"csv": "text/csv", "xml": "application/sparql-results+xml", "ttl": "text/turtle"}
    assert answer.headers["content-type"].startswith(wanted[path.rpartition(".")[2]])


def test_a_plain_query_sees_the_current_view(client: httpx.Client) -> None:
    plain = bindings(send(client, "get", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"))
    named = client.get(
        "/sparql",
        params={
            "query": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
            "default-graph-uri": CURRENT,
        },
    )
    assert bindings(named) == plain
    assert int(plain[0]["n"]["value"]) > 100


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_dataset_parameters_may_be_repeated(client: httpx.Client, way: str) -> None:
    graphs = [f"https://w3id.org/mineralgraph/id/claim/{c}" for c in ("sp-attended", "ec-attended")]
    query = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?g) AS ?m) WHERE { GRAPH ?g { ?s ?p ?o } }"
    fields = [("named-graph-uri", g) for g in graphs]
    if way == "get":
        answer = client.get("/sparql", params=[("query", query), *fields])
    elif way == "form":
        content = urlencode([("query", query), *fields])
        answer = client.post("/sparql", content=content, headers={"Content-Type": FORM})
    else:
        answer = client.post(
            "/sparql", params=fields, content=query, headers={"Content-Type": DIRECT}
        )
    assert bindings(answer)[0]["m"]["value"] == "2"
    merged = client.get(
        "/sparql",
        params=[("query", "ASK { ?s a mg:Participation }")]
        + [("default-graph-uri", g) for g in graphs],
    )
    assert merged.json()["boolean"] is True


def test_the_protocol_dataset_wins_over_from(client: httpx.Client) -> None:
    query = f"SELECT ?s FROM <{CURRENT}> WHERE {{ ?s a schema:Person }}"
    answer = client.get(
        "/sparql", params={"query": query, "default-graph-uri": "http://example.org/empty"}
    )
    assert bindings(answer) == []


def test_a_syntax_error_names_line_and_column(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT ?x\nWHERE {{ ?x }"})
    problem = answer.json()
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["line"] == 2
    assert problem["column"] > 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { SERVICE <http://localhost:1/x> { ?s ?p ?o } }",
        "SELECT * WHERE { SERVICE SILENT <http://localhost:1/x> { ?s ?p ?o } }",
        "INSERT DATA { <a:a> <b:b> <c:c> }",
        "LOAD <http://localhost:1/x>",
        "DROP ALL",
    ],
)
def test_what_calls_outside_or_writes_is_refused(client: httpx.Client, query: str) -> None:
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("query-refused")


@pytest.mark.parametrize(
    ("method", "path", "content_type", "content", "status"),
    [
        ("POST", "/sparql", "text/plain", b"ASK {}", 415),
        ("POST", "/sparql", None, b"ASK {}", 415),
        ("POST", "/sparql", "application/sparql-query; charset=utf-16", b"ASK {}", 415),
        ("POST", "/sparql", DIRECT, "ASK { ?s ?p 'é' }".encode("latin-1"), 400),
        ("POST", "/sparql", FORM, b"update=DROP+ALL", 400),
        ("POST", "/sparql", "application/sparql-update", b"DROP ALL", 400),
        ("POST", "/sparql", FORM, b"nothing=here", 400),
        ("POST", "/sparql", FORM, b"query=ASK{}&query=ASK{}", 400),
        ("GET", "/sparql?query=ASK{}&query=ASK{}", None, b"", 400),
        ("GET", "/sparql?query=%FF", None, b"", 400),
        ("GET", "/sparql?query=ASK{}&default-graph-uri=not+an+iri", None, b"", 400),
        ("GET", "/sparql?query=", None, b"", 400),
        ("PUT", "/sparql", DIRECT, b"ASK {}", 405),
        ("DELETE", "/sparql", None, b"", 405),
        ("POST", "/sparql", DIRECT, b"#" * (1024 * 1024 + 1), 413),
    ],
)
def test_what_is_not_the_protocol_is_refused(
    client: httpx.Client,
    method: str,
    path: str,
    content_type: str | None,
    content: bytes,
    status: int,
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.request(method, path, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["hint"]


def test_unknown_parameters_of_other_clients_are_passed_over(client: httpx.Client) -> None:
    """SPARQLWrapper sends output= and results= beside format=."""
    answer = client.get(
        "/sparql", params={"query": "ASK {}", "output": "json", "results": "json", "format": "json"}
    )
    assert answer.json()["boolean"] is True


def test_head_has_the_headers_of_get_and_no_body(client: httpx.Client) -> None:
    got = client.get("/sparql", params={"query": PEOPLE})
    head = client.head("/sparql", params={"query": PEOPLE})
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "etag", "content-length", "mineralgraph-dataset-version"):
        assert head.headers[name] == got.headers[name]


def test_what_changes_from_run_to_run_is_never_kept(client: httpx.Client) -> None:
    query = "SELECT (STRUUID() AS ?x) WHERE {}"
    first, second = (client.get("/sparql", params={"query": query}) for _ in range(2))
    assert first.content != second.content
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers


def test_an_answer_that_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    got = client.get("/sparql", params={"query": PEOPLE})
    again = client.get(
        "/sparql", params={"query": PEOPLE}, headers={"If-None-Match": got.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == got.headers["etag"]
    other = client.get(
        "/sparql",
        params={"query": PEOPLE, "format": "csv"},
        headers={"If-None-Match": got.headers["etag"]},
    )
    assert other.status_code == 200


def test_json_results_keep_datatypes_and_languages(client: httpx.Client) -> None:
    query = 'SELECT ("x"@kk AS ?a) ("2026-02-04"^^xsd:date AS ?b) ("" AS ?c) ?d WHERE {}'
    row = bindings(client.get("/sparql", params={"query": query}))[0]
    assert row["a"]["xml:lang"] == "kk"
    assert row["b"]["datatype"].endswith("#date")
    assert row["c"]["value"] == ""
    assert "d" not in row


def test_json_is_json(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": PEOPLE}, headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["head"]["vars"] == ["p"]


@pytest.mark.parametrize(
    ("query", "line", "column", "meant"),
    [
        ("SELECT * {\n ?s schma:name ?o }", 2, 5, "schema:"),
        ("SELECT * { ?s persn:x ?o }", 1, 15, "person:"),
        ("SELECT * { ?s zzzzzz:x ?o }", 1, 15, "PREFIX zzzzzz:"),
    ],
)
def test_an_unknown_prefix_is_named_with_what_may_be_meant(
    client: httpx.Client, query: str, line: int, column: int, meant: str
) -> None:
    problem = client.get("/sparql", params={"query": query}).json()
    assert (problem["line"], problem["column"]) == (line, column)
    assert "is not declared" in problem["detail"]
    assert meant in problem["hint"]


def test_a_name_in_a_string_is_no_unknown_prefix(client: httpx.Client) -> None:
    problem = client.get("/sparql", params={"query": 'SELECT * { ?s ?p "zz:top" '}).json()
    assert "prefix" not in problem["detail"]
    assert len(problem["detail"]) < 400


LATE = "SELECT * { ?s a schema:Person\nOPTIONAL { ?s rdfs:label ?l }\n?s ?p ?o } LIMIT 1"


def test_a_pattern_after_an_optional_gets_a_note(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": LATE})
    assert answer.status_code == 200
    assert "line 3 column 1" in answer.headers["mineralgraph-note"]
    early = client.get("/sparql", params={"query": PEOPLE})
    assert "mineralgraph-note" not in early.headers


def test_a_deadline_says_what_to_change() -> None:
    stopped = DeadlineExceeded("stopped after 30 s")
    assert "line 3" in str(explain(stopped, QueryText(LATE)).hint)
    assert explain(stopped, QueryText(PEOPLE)) is stopped
