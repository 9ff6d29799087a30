"""The shortcut for repeated requests, over real connections: same bytes in, same answer out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.api.http.repeats import MAX_ANSWER_BYTES, suitable
from mineralgraph.rdf.namespaces import RDFS
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from tests.api.conftest import ID
from tests.api.connections import CHANGING, Running, ask, get, read, serving

ASK = "/sparql?query=" + quote("ASK { ?s a mg:Claim }")
LABELS = "/sparql?query=" + quote(f"SELECT ?l {{ <{ID}person/new> rdfs:label ?l }}")


@pytest.fixture
def changing(quads: list[Quad]) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.load(quads)
        yield store


@pytest.fixture
def running(changing: EmbeddedStore) -> Iterator[Running]:
    with serving(changing) as running:
        yield running


def test_a_repeated_request_has_the_same_answer_under_a_new_id(running: Running) -> None:
    with running.connect() as connection:
        first, _, second, third = (ask(connection, get(ASK)) for _ in range(4))
    assert running.hits == 2, "kept when it comes the second time"
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sorted(CHANGING.sub(b"", first).split(b"\r\n")) == sorted(
        CHANGING.sub(b"", second).split(b"\r\n")
    )
    ids = {re.search(rb"x-request-id: (\w+)", answer)[1] for answer in (first, second, third)}  # type: ignore[index]
    assert len(ids) == 3
    assert b"date: " in second


def test_every_write_ends_what_was_kept(running: Running, changing: EmbeddedStore) -> None:
    new = Quad(
        NamedNode(ID + "person/new"), RDFS.label, Literal("New"), NamedNode(ID + "graph/people")
    )
    with running.connect() as connection:
        before = [ask(connection, get(LABELS)) for _ in range(3)]
        assert running.hits == 1
        changing.apply(Change(frozenset({new})))
        after = [ask(connection, get(LABELS)) for _ in range(3)]
    assert all(b'"bindings":[]' in answer for answer in before)
    assert all(b'"New"' in answer for answer in after)
    assert running.hits == 2


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_changes_from_run_to_run_is_not_kept(running: Running, call: str) -> None:
    request = get("/sparql?query=" + quote(f"SELECT ({call} AS ?x) {{}}"))
    with running.connect() as connection:
        answers = {CHANGING.sub(b"", ask(connection, request)) for _ in range(3)}
    assert running.hits == 0
    assert len(answers) == 3 or call == "BNODE()", "blank nodes may be called the same"


def test_errors_and_named_requests_are_not_kept(running: Running) -> None:
    wrong = get("/sparql?query=SELECT")
    named = get(ASK, "X-Request-Id: mine")
    with running.connect() as connection:
        for _ in range(3):
            assert ask(connection, wrong).startswith(b"HTTP/1.1 400")
            assert b"x-request-id: mine\r\n" in ask(connection, named)
    assert running.hits == 0


def test_not_modified_is_kept_too(running: Running) -> None:
    with running.connect() as connection:
        tag = re.search(rb'etag: ("[^"]+")', ask(connection, get(ASK)))[1].decode()  # type: ignore[index]
        request = get(ASK, f"If-None-Match: {tag}")
        answers = [ask(connection, request) for _ in range(3)]
    assert all(a.startswith(b"HTTP/1.1 304") and a.endswith(b"\r\n\r\n") for a in answers)
    assert running.hits == 2


def test_requests_in_pieces_and_in_pairs_go_the_usual_way(running: Running) -> None:
    request = get(ASK)
    with running.connect() as connection:
        whole = CHANGING.sub(b"", ask(connection, request))
        connection.sendall(request[:20])
        time.sleep(0.1)
        connection.sendall(request[20:])
        in_pieces = read(connection)
        connection.sendall(request + get("/healthz"))
        pair = b""
        while pair.count(b"HTTP/1.1 200 OK") < 2 or not pair.endswith(b"}"):
            piece = connection.recv(65536)
            assert piece, pair
            pair += piece
    assert running.hits == 0
    assert sorted(CHANGING.sub(b"", in_pieces).split(b"\r\n")) == sorted(whole.split(b"\r\n"))
    assert pair.count(b"HTTP/1.1 200 OK") == 2


def test_a_body_that_looks_like_a_kept_request_is_a_body(running: Running) -> None:
    request = get(ASK)
    post = (
        "POST /sparql HTTP/1.1\r\nHost: here\r\nContent-Type: application/sparql-query\r\n"
        f"Content-Length: {len(request)}\r\n\r\n"
    ).encode()
    with running.connect() as connection:
        ask(connection, request)
        connection.sendall(post)
        time.sleep(0.1)
        answer = ask(connection, request)
    assert answer.startswith(b"HTTP/1.1 400"), "the request line is no SPARQL query"
    assert running.hits == 0


def test_a_quiet_connection_is_closed_and_a_busy_one_is_not(running: Running) -> None:
    with running.connect() as connection:
        for _ in range(8):
            assert ask(connection, get(ASK)).startswith(b"HTTP/1.1 200")
            time.sleep(0.5)  # eight times: longer than the keep-alive time of three seconds
        assert running.hits == 6
        began = time.monotonic()
        assert connection.recv(1) == b""
        assert time.monotonic() - began < 10


def test_repeats_are_counted_like_other_requests(running: Running) -> None:
    with running.connect() as connection:
        for _ in range(3):
            ask(connection, get(ASK))
        text = ask(connection, get("/metrics")).decode()
    assert 'mineralgraph_requests_total{method="GET",route="/sparql",status="200"} 3' in text
    assert "mineralgraph_repeats_total 1" in text


def test_large_answers_are_not_kept(running: Running) -> None:
    request = get("/sparql?query=" + quote("SELECT * { ?s ?p ?o . ?s2 rdf:type ?o2 } LIMIT 2000"))
    with running.connect() as connection:
        assert len(ask(connection, request)) > MAX_ANSWER_BYTES
        ask(connection, request)
    assert running.hits == 0


@pytest.mark.parametrize(
    "data",
    [
        b"POST /sparql HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.0\r\n\r\n",
        b"GET /x HTTP/1.1\r\nContent-Length: 3\r\n\r\n",
        b"GET /x HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /x HTTP/1.1\r\nAuthorization: Bearer t\r\n\r\n",
        b"GET /x HTTP/1.1\r\n",
        b"GET /x HTTP/1.1\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_suitable(data: bytes) -> None:
    assert not suitable(data)
    assert suitable(b"GET /x HTTP/1.1\r\nHost: here\r\n\r\n")
