"""Requests answered at the connection get what the framework's way gives, whatever comes."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad

from mineralgraph.api.endpoint.plain import recognise
from mineralgraph.errors import Overloaded, StoreError
from mineralgraph.execution.base import Request, Runner, Served
from mineralgraph.store.embedded import EmbeddedStore
from tests.api.connections import CHANGING, Running, ask, get, read, read_all, serving

ELSEWHERE = "TE: trailers"  # means nothing to anybody, and is not plain
ASK = "ASK { ?s a mg:Claim }"
ROWS = "SELECT ?l { ?s rdfs:label ?l } ORDER BY ?l LIMIT 40"
QUERIES = (
    ASK, ROWS, "CONSTRUCT WHERE { ?s a mg:Claim }", "DESCRIBE <urn:x>", "SELECT", "",
    "ASK { nix:a ?p ?o }",
    'SELECT ("a+b & c=d %41 ä" AS ?x) {}', "SELECT (NOW() AS ?n) {}",
    "INSERT DATA { <a:a> <a:b> 1 }",
    "SELECT * { SERVICE <http://x> {} }",
    "SELECT * { ?s a ?t OPTIONAL { ?s ?p ?o } ?s ?q ?r } LIMIT 1",
)  # fmt: skip


@pytest.fixture(scope="module")
def running(quads: list[Quad]) -> Iterator[Running]:
    with EmbeddedStore() as store:
        store.load(quads)
        with serving(store) as running:
            yield running


def request(method: str, target: str, headers: list[str], body: bytes = b"") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: here", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def parts(answer: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Return status line, sorted headers, and body, without what differs each time."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *headers = CHANGING.sub(b"", head + b"\r\n").split(b"\r\n")
    return first, sorted(headers), re.sub(rb'"request_id": "\w+"', b"", body)


def both(running: Running, plain: bytes) -> tuple[bytes, bytes]:
    """Send a request by the short way and by the long one."""
    head, _, body = plain.partition(b"\r\n\r\n")
    usual = head + b"\r\n" + ELSEWHERE.encode() + b"\r\n\r\n" + body
    assert recognise(plain) is not None
    assert recognise(usual) is None
    with running.connect() as connection:
        return ask(connection, plain), ask(connection, usual)


def spelled(text: str, way: int) -> str:
    return (quote(text, safe=""), quote_plus(text), quote(text, safe="").lower())[way]


PARAMETERS = st.sampled_from(
    [
        "", "&format=csv", "&format=nonsense", "&default-graph-uri=urn%3Ax", "&named-graph-uri=%20",
        "&as-of=2030-01-01", "&version=none", "&sources=true", "&query=ASK%7B%7D", "&x=%zz",
        "&x=%ff",
        "&update=x", "&&", "&format=csv&format=csv",
    ]
)  # fmt: skip
HEADERS = st.lists(
    st.sampled_from(
        [
            "Accept: text/csv", "Accept: application/json;q=0.5, text/turtle", "Accept: image/png",
            "Accept-Encoding: gzip", "If-None-Match: *", "X-Request-Id: mine", "X-Request-Id: no/t",
            "Authorization: Bearer x", "Connection: keep-alive", "Origin: http://there",
        ]
    ),
    max_size=3,
    unique_by=lambda header: header.partition(":")[0],
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    query=st.sampled_from(QUERIES), way=st.integers(0, 2), more=PARAMETERS, headers=HEADERS,
    kind=st.sampled_from(["get", "none", "form", "direct", "other"]),
)  # fmt: skip
def test_both_ways_answer_alike(
    running: Running, query: str, way: int, more: str, headers: list[str], kind: str
) -> None:
    given_in_url = f"/sparql?{more[1:]}" if more else "/sparql"
    if kind == "get":
        plain = request("GET", f"/sparql?query={spelled(query, way)}{more}", headers)
    elif kind == "none":
        plain = request("GET", given_in_url, headers)
    else:
        body = query.encode() if kind != "form" else f"query={spelled(query, way)}{more}".encode()
        types = {"form": "application/x-www-form-urlencoded", "direct": "application/sparql-query"}
        typed = [*headers, f"Content-Type: {types.get(kind, 'text/plain')}"]
        plain = request("POST", given_in_url, [*typed, f"Content-Length: {len(body)}"], body)
    short, long = both(running, plain)
    if "NOW" in query:
        moment = rb"T\d\d:[^\"<]*|(?<=content-length: )\d+"  # its fractions differ in length
        short, long = (re.sub(moment, b"", answer) for answer in (short, long))
    assert parts(short) == parts(long)
    assert b"X-Request-Id: mine" not in plain or b"x-request-id: mine\r\n" in short


def test_every_odd_way_in_has_the_same_answer(running: Running) -> None:
    plain = get("/sparql?" + urlencode({"query": ROWS}))
    body = ROWS.encode()
    direct = ["Accept: application/json", "Content-Type: application/sparql-query"]
    posted = request("POST", "/sparql", [*direct, f"Content-Length: {len(body)}"], body)
    chunked = request(
        "POST", "/sparql", [*direct, "Transfer-Encoding: chunked"],
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
    )  # fmt: skip
    with running.connect() as connection:
        expected = parts(ask(connection, plain))[2]
        assert b"bindings" in expected
        for usual in (posted, chunked, plain):
            assert parts(ask(connection, usual))[2] == expected
        for cut in (5, 40, len(posted) - 3):
            connection.sendall(posted[:cut])
            time.sleep(0.05)
            assert parts(ask(connection, posted[cut:]))[2] == expected
        expecting = posted.replace(b"Host", b"Expect: 100-continue\r\nHost")
        connection.sendall(expecting.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        assert read(connection).startswith(b"HTTP/1.1 100 Continue")
        assert parts(ask(connection, body))[2] == expected
    for last in (
        plain.replace(b"HTTP/1.1", b"HTTP/1.0"),
        plain.replace(b"Host", b"Connection: close\r\nHost"),
    ):
        with running.connect() as connection:
            connection.sendall(last)
            assert read_all(connection).endswith(expected)
    with running.connect() as connection:
        connection.sendall(plain.replace(b"GET", b"HEAD") + plain)
        data = b""
        while not data.endswith(expected):
            data += connection.recv(65536)
        assert data.count(b"HTTP/1.1 200") == 2


def test_requests_behind_one_another_are_answered_in_order(running: Running) -> None:
    texts = [f"SELECT ({n} AS ?n) {{}}" for n in range(12)]
    plain = [get("/sparql?" + urlencode({"query": text})) for text in texts]
    with running.connect() as connection:
        connection.sendall(plain[0])
        connection.sendall(b"".join(plain[1:6]))
        for one in plain[6:]:
            connection.sendall(one)
        data = b""
        while data.count(b"HTTP/1.1 200") < 12 or not data.endswith(b"}"):
            data += connection.recv(65536)
    assert re.findall(rb'"value":"(\d+)"', data) == [str(n).encode() for n in range(12)]


class Scripted(Runner):
    """Answers as it is told to; a query that says WAIT never ends."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.failing = False

    async def run(self, request: Request) -> Served:
        if "WAIT" in request.text:
            try:
                await asyncio.sleep(60)
            finally:
                self.ended.append(request.text)
        if "BUSY" in request.text:
            raise Overloaded("too much", retry_after=7)
        if "FAULT" in request.text:
            raise RuntimeError("a fault of ours")
        if "STREAM" in request.text:
            return Served(None, "v", self.stream(request.text))
        return Served(b"x" * 300_000, "v")

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        if "EARLY" in text:
            raise StoreError("broken before it began")
        for _ in range(30):
            yield b"piece " * 20_000
        if "BREAK" in text:
            raise StoreError("broken off")

    async def version(self) -> str:
        return "v"

    def known_version(self) -> str:
        return "v"

    async def start(self) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""


@pytest.fixture
def runner() -> Scripted:
    return Scripted()


@pytest.fixture
def scripted(runner: Scripted) -> Iterator[Running]:
    with serving(runner) as running:
        yield running


def query(text: str, *headers: str) -> bytes:
    return get("/sparql?" + urlencode({"query": f"ASK {{ # {text}\n}}"}), *headers)


def until(end: bytes, running: Running, asked: bytes) -> bytes:
    with running.connect() as connection:
        connection.sendall(asked)
        data = b""
        while not data.endswith(end):
            piece = connection.recv(1 << 20)
            if not piece:
                break
            data += piece
        return data


def unchunked(body: bytes) -> bytes:
    pieces = []
    while body:
        size, _, body = body.partition(b"\r\n")
        pieces.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    return b"".join(pieces)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_large_answer_streams(scripted: Running, zipped: bool) -> None:
    asked = query("STREAM", *(["Accept-Encoding: gzip"] if zipped else []))
    answer = until(b"\r\n0\r\n\r\n", scripted, asked)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert (b"content-encoding: gzip" in head) == zipped
    whole = unchunked(body)
    assert (gzip.decompress(whole) if zipped else whole) == b"piece " * 600_000


def test_a_stream_that_breaks_off_never_looks_whole(scripted: Running) -> None:
    answer = until(b"\r\n0\r\n\r\n", scripted, query("STREAM BREAK"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert not answer.endswith(b"0\r\n\r\n")
    early = until(b"}", scripted, query("STREAM EARLY"))
    assert early.startswith(b"HTTP/1.1 502")
    assert b"application/problem+json" in early


def test_failures_are_problems(scripted: Running) -> None:
    with scripted.connect() as connection:
        busy, fault = ask(connection, query("BUSY")), ask(connection, query("FAULT"))
        assert ask(connection, query("well")).startswith(b"HTTP/1.1 200")
    assert busy.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 7\r\n" in busy
    assert fault.startswith(b"HTTP/1.1 500")
    assert b"problem+json" in fault
    assert b"a fault of ours" not in fault


def test_a_client_that_leaves_ends_its_query(scripted: Running, runner: Scripted) -> None:
    with scripted.connect() as connection:
        connection.sendall(query("WAIT"))
        time.sleep(0.2)
        assert not runner.ended
    deadline = time.monotonic() + 5
    while not runner.ended and time.monotonic() < deadline:
        time.sleep(0.02)
    assert runner.ended
    with scripted.connect() as connection:
        text = ask(connection, get("/metrics")).decode()
    assert 'mineralgraph_requests_total{method="GET",route="/sparql",status="499"} 1' in text


def test_a_body_beyond_the_limit_is_refused(scripted: Running) -> None:
    body = b"#" * (1024 * 1024 + 1)
    headers = ["Content-Type: application/sparql-query", f"Content-Length: {len(body)}"]
    with scripted.connect() as connection:
        answer = ask(connection, request("POST", "/sparql", headers, body))
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_reader_who_takes_his_time_gets_everything(scripted: Running) -> None:
    with scripted.connect() as connection:
        connection.sendall(query("a") + query("b"))
        time.sleep(0.3)
        data = b""
        while data.count(b"x" * 300_000) < 2:
            piece = connection.recv(65536)
            assert piece, len(data)
            data += piece
