"""The SPARQL 1.1 Protocol suite: its entries by name, each as the requests that it describes.

The suite's manifest gives names and prose; the requests here follow the prose. A test compares
the names with the manifest, so that none is forgotten.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from rdflib import Graph
from rdflib.collection import Collection

from tests.w3c import suites
from tests.w3c.endpoints import Endpoint
from tests.w3c.manifests import MF

G1, G2, G3 = (f"http://example.org/g{n}" for n in (1, 2, 3))
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
ASK_ALL = f"ASK {{ GRAPH <{G1}> {{ ?s ?p 1 }} GRAPH <{G2}> {{ ?s ?p 2 }} }}"
ASK_DEFAULT = "ASK { ?a ?b 1 . ?c ?d 2 }"
INSERT = "INSERT DATA { <http://example.org/s> <http://example.org/p> 7 }"

Parameters = list[tuple[str, str]]


@pytest.fixture
def http(ours: Endpoint) -> Endpoint:
    """The service with one triple in each of three graphs."""
    ours.change("CLEAR ALL").raise_for_status()
    for number, graph in enumerate((G1, G2, G3), 1):
        triple = f"<http://example.org/s> <http://example.org/p> {number}"
        text = f"INSERT DATA {{ GRAPH <{graph}> {{ {triple} }} }}"
        ours.change(text).raise_for_status()
    return ours


def get(http: Endpoint, parameters: Parameters, **headers: str) -> httpx.Response:
    return http.client.get(http.query, params=parameters, headers=headers)


def form(
    http: Endpoint, parameters: Parameters, address: str = "", **headers: str
) -> httpx.Response:
    body = str(httpx.QueryParams(parameters))
    sent = {"Content-Type": FORM, **http.headers, **headers}
    return http.client.post(address or http.query, content=body, headers=sent)


def direct(
    http: Endpoint, text: str | bytes, parameters: Parameters | None = None
) -> httpx.Response:
    return http.client.post(
        http.query, params=parameters or [], content=text, headers={"Content-Type": QUERY}
    )


def update(
    http: Endpoint, text: str | bytes, parameters: Parameters | None = None, kind: str = UPDATE
) -> httpx.Response:
    headers = {"Content-Type": kind, **http.headers} if kind else http.headers
    return http.client.post(http.update, params=parameters or [], content=text, headers=headers)


def true(answer: httpx.Response) -> bool:
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["boolean"])


def asked(http: Endpoint, text: str) -> bool:
    return true(get(http, [("query", text)]))


class TestQuery:
    def test_query_get(self, http: Endpoint) -> None:
        assert true(get(http, [("query", "ASK {}")]))

    def test_query_post_form(self, http: Endpoint) -> None:
        assert true(form(http, [("query", "ASK {}")]))

    def test_query_post_direct(self, http: Endpoint) -> None:
        assert true(direct(http, "ASK {}"))

    def test_query_dataset_default_graphs_get(self, http: Endpoint) -> None:
        graphs = [("default-graph-uri", G1), ("default-graph-uri", G2)]
        assert true(get(http, [("query", ASK_DEFAULT), *graphs]))
        assert not true(get(http, [("query", ASK_DEFAULT), graphs[0]]))

    def test_query_dataset_default_graphs_post(self, http: Endpoint) -> None:
        graphs = [("default-graph-uri", G1), ("default-graph-uri", G2)]
        assert true(direct(http, ASK_DEFAULT, graphs))
        assert true(form(http, [("query", ASK_DEFAULT), *graphs]))

    def test_query_dataset_named_graphs_get(self, http: Endpoint) -> None:
        graphs = [("named-graph-uri", G1), ("named-graph-uri", G2)]
        assert true(get(http, [("query", ASK_ALL), *graphs]))
        assert not true(get(http, [("query", ASK_ALL), graphs[0]]))

    def test_query_dataset_named_graphs_post(self, http: Endpoint) -> None:
        assert true(direct(http, ASK_ALL, [("named-graph-uri", G1), ("named-graph-uri", G2)]))

    def test_query_dataset_full(self, http: Endpoint) -> None:
        text = f"ASK {{ ?s ?p 3 GRAPH <{G1}> {{ ?s ?p 1 }} }}"
        parameters = [("default-graph-uri", G3), ("named-graph-uri", G1)]
        assert true(get(http, [("query", text), *parameters]))

    def test_query_multiple_dataset(self, http: Endpoint) -> None:
        """What the protocol says wins over what the query says."""
        text = f"ASK FROM <{G1}> {{ ?s ?p 2 }}"
        assert true(get(http, [("query", text), ("default-graph-uri", G2)]))

    @pytest.mark.parametrize("text", ["SELECT (1 AS ?x) {}", "ASK {}"], ids=["select", "ask"])
    @pytest.mark.parametrize("kind", ["json", "xml", "csv", "tsv"])
    def test_query_content_type_select_ask(self, http: Endpoint, text: str, kind: str) -> None:
        media = {
            "json": "application/sparql-results+json", "xml": "application/sparql-results+xml",
            "csv": "text/csv", "tsv": "text/tab-separated-values",
        }[kind]  # fmt: skip
        answer = get(http, [("query", text)], Accept=media)
        assert answer.headers["content-type"].startswith(media)

    @pytest.mark.parametrize("text", [f"DESCRIBE <{G1}>", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"])
    @pytest.mark.parametrize(
        "media",
        ["text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"],
    )
    def test_query_content_type_describe_construct(
        self, http: Endpoint, text: str, media: str
    ) -> None:
        answer = get(http, [("query", text)], Accept=media)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media)


class TestUpdate:
    def test_update_post_form(self, http: Endpoint) -> None:
        assert form(http, [("update", INSERT)], http.update).status_code < 300
        assert asked(http, "ASK { ?s ?p 7 }")

    def test_update_post_direct(self, http: Endpoint) -> None:
        assert update(http, INSERT).status_code < 300
        assert asked(http, "ASK { ?s ?p 7 }")

    def test_update_dataset_default_graph(self, http: Endpoint) -> None:
        text = "DELETE { ?s ?p ?o } INSERT { ?s ?p 9 } WHERE { ?s ?p ?o }"
        assert update(http, text, [("using-graph-uri", G1)]).status_code < 300
        assert asked(http, "ASK { ?s ?p 9 }")

    def test_update_dataset_default_graphs(self, http: Endpoint) -> None:
        text = "INSERT { ?s ?p 9 } WHERE { ?a ?b 1 . ?s ?p 2 }"
        assert update(http, text, [("using-graph-uri", G1), ("using-graph-uri", G2)]).is_success
        assert asked(http, "ASK { ?s ?p 9 }")

    def test_update_dataset_named_graphs(self, http: Endpoint) -> None:
        text = "INSERT { ?s ?p ?g } WHERE { GRAPH ?g { ?s ?p ?o } }"
        named = [("using-named-graph-uri", G1), ("using-named-graph-uri", G2)]
        assert update(http, text, named).status_code < 300
        assert asked(http, f"ASK {{ ?s ?p <{G1}>, <{G2}> }}")
        assert not asked(http, f"ASK {{ ?s ?p <{G3}> }}")

    def test_update_dataset_full(self, http: Endpoint) -> None:
        text = "INSERT { ?s ?p ?g } WHERE { ?s ?p 1 GRAPH ?g { ?s ?p 2 } }"
        dataset = [("using-graph-uri", G1), ("using-named-graph-uri", G2)]
        assert update(http, text, dataset).status_code < 300
        assert asked(http, f"ASK {{ ?s ?p <{G2}> }}")

    def test_update_base_uri(self, http: Endpoint) -> None:
        text = "BASE <http://example.org/base/> INSERT DATA { <here> <p> <o> }"
        assert update(http, text).status_code < 300
        assert asked(http, "ASK { <http://example.org/base/here> ?p ?o }")


class TestBadRequests:
    def test_bad_query_method(self, http: Endpoint) -> None:
        answer = http.client.put(http.query, params=[("query", "ASK {}")])
        assert answer.status_code in (400, 405)

    def test_bad_multiple_queries(self, http: Endpoint) -> None:
        assert get(http, [("query", "ASK {}"), ("query", "SELECT * {}")]).status_code == 400

    def test_bad_query_wrong_media_type(self, http: Endpoint) -> None:
        answer = http.client.post(
            http.query, content="ASK {}", headers={"Content-Type": "text/plain"}
        )
        assert answer.status_code in (400, 415)

    def test_bad_query_missing_form_type(self, http: Endpoint) -> None:
        assert http.client.post(http.query, content=b"query=ASK%20%7B%7D").status_code in (400, 415)

    def test_bad_query_missing_direct_type(self, http: Endpoint) -> None:
        assert http.client.post(http.query, content=b"ASK {}").status_code in (400, 415)

    def test_bad_query_non_utf8(self, http: Endpoint) -> None:
        assert direct(http, "ASK { ?s ?p 'é' }".encode("utf-16")).status_code == 400

    def test_bad_query_syntax(self, http: Endpoint) -> None:
        assert get(http, [("query", "ASK {")]).status_code == 400

    def test_bad_update_get(self, http: Endpoint) -> None:
        answer = http.client.get(http.update, params=[("update", INSERT)], headers=http.headers)
        assert answer.status_code in (400, 405)

    def test_bad_multiple_updates(self, http: Endpoint) -> None:
        assert form(http, [("update", INSERT), ("update", INSERT)], http.update).status_code == 400

    def test_bad_update_wrong_media_type(self, http: Endpoint) -> None:
        assert update(http, INSERT, kind="text/plain").status_code in (400, 415)

    def test_bad_update_missing_form_type(self, http: Endpoint) -> None:
        body = str(httpx.QueryParams([("update", INSERT)]))
        assert update(http, body, kind="").status_code in (400, 415)

    def test_bad_update_non_utf8(self, http: Endpoint) -> None:
        assert update(http, INSERT.replace("7", "'é'").encode("utf-16")).status_code == 400

    def test_bad_update_syntax(self, http: Endpoint) -> None:
        assert update(http, "INSERT DATA {").status_code == 400

    def test_bad_update_dataset_conflict(self, http: Endpoint) -> None:
        text = f"INSERT {{ ?s ?p 9 }} USING <{G1}> WHERE {{ ?s ?p ?o }}"
        assert update(http, text, [("using-graph-uri", G2)]).status_code == 400


def test_every_entry_of_the_suite_has_its_test() -> None:
    file = suites.folder() / "protocol" / "manifest.ttl"
    graph = Graph().parse(file)
    node: Any = graph.value(predicate=MF.entries)
    head = graph.value(next(graph.subjects(MF.entries, None)), MF.entries) if node is None else node
    assert head is not None
    entries = {str(e).rpartition("#")[2] for e in Collection(graph, head)}
    ours = {n for c in (TestQuery, TestUpdate, TestBadRequests) for n in vars(c)}
    split = {
        "query_content_type_select": "query_content_type_select_ask",
        "query_content_type_ask": "query_content_type_select_ask",
        "query_content_type_describe": "query_content_type_describe_construct",
        "query_content_type_construct": "query_content_type_describe_construct",
    }
    assert entries
    assert not {e for e in entries if f"test_{split.get(e, e)}" not in ours}
