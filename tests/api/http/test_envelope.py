"""What every answer carries: ids, version, CORS, compression, HEAD, OPTIONS, logs, metrics."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.errors import DeadlineExceeded, Overloaded, StoreError
from mineralgraph.execution.base import Request, Runner, Served
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.rdf.namespaces import GRAPH_BASE, RDFS
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from tests.api.conftest import Serve

READS = [
    "/", "/docs", "/openapi.json", "/queries", "/queries/single-source-claims", "/entities",
    "/entities/person/flavia", "/articles", "/claims", "/data", "/.well-known/void", "/sparql",
    "/sparql?query=ASK%7B%7D", "/static/style.css",
]  # fmt: skip


class Scripted(Runner):
    """A runner that fails, hangs or streams as told."""

    def __init__(self, outcome: Exception | Served | None = None) -> None:
        self.outcome = outcome
        self.cancelled = False

    async def run(self, request: Request) -> Served:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if self.outcome is not None:
            return self.outcome
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError("nobody stopped the query")

    async def version(self) -> str:
        return "v1"

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""


@pytest.mark.parametrize("path", READS)
def test_every_read(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    for name in ("mineralgraph-dataset-version", "x-request-id", "etag", "cache-control"):
        assert answer.headers[name], name
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    same = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    assert same.content == b""
    assert same.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("path", READS)
def test_head_is_get_without_a_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length", "cache-control", "vary"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", READS)
def test_compression_when_asked(client: httpx.Client, path: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.content == plain.content
    if len(plain.content) < 1024:
        assert "x-was-encoded" not in packed.headers
        return
    assert packed.headers["x-was-encoded"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    same = client.get(
        path, headers={"If-None-Match": packed.headers["etag"], "Accept-Encoding": "gzip"}
    )
    assert same.status_code == 304


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sparql", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/queries/single-source-claims", {"GET", "HEAD", "OPTIONS"}),
        ("/data", {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"}),
        ("/validate", {"POST", "OPTIONS"}),
        ("/entities/person/flavia", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options(client: httpx.Client, path: str, methods: set[str]) -> None:
    answer = client.options(path)
    assert answer.status_code == 204
    assert set(answer.headers["allow"].split(", ")) == methods
    refused = client.request("PATCH", path)
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == methods


def test_a_preflight_allows_reads_and_no_writes(client: httpx.Client) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = client.options("/data", headers=headers)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    posting = client.options("/sparql", headers=headers)
    assert "POST" in posting.headers["access-control-allow-methods"]
    assert "access-control-allow-origin" not in client.put("/data").headers


def test_a_request_keeps_its_id_and_a_bad_one_is_replaced(client: httpx.Client) -> None:
    kept = client.get("/healthz", headers={"X-Request-Id": "abc-1"})
    assert kept.headers["x-request-id"] == "abc-1"
    bad = client.get("/healthz", headers={"X-Request-Id": "a b\tc"})
    assert bad.headers["x-request-id"] not in ("", "a b\tc")
    problem = client.get("/nix", headers={"X-Request-Id": "abc-2"})
    assert problem.json()["request_id"] == "abc-2"


def test_a_write_changes_version_etag_and_answer(serve: Serve) -> None:
    with EmbeddedStore() as store:
        graph = NamedNode(GRAPH_BASE + "small")
        node = NamedNode("https://w3id.org/mineralgraph/id/person/a")
        store.load([Quad(node, RDFS.label, Literal("Ann", language="en"), graph)])
        client = serve(InlineRunner(store))
        url = "/sparql?query=SELECT%20%3Fl%20%7B%20%3Fs%20rdfs:label%20%3Fl%20%7D"
        before = client.get(url)
        assert client.get(url).headers["etag"] == before.headers["etag"]
        page = client.get("/entities/person/a")
        added = Quad(node, RDFS.label, Literal("Anna", language="hu"), graph)
        store.apply(Change(added=frozenset({added})))
        after = client.get(url, headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        assert "Anna" in after.text
        assert "Anna" not in before.text
        assert after.headers["etag"] != before.headers["etag"]
        version = "mineralgraph-dataset-version"
        assert after.headers[version] != before.headers[version]
        assert "Anna" in client.get("/entities/person/a").text
        assert "Anna" not in page.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DeadlineExceeded("stopped"), 504),
        (Overloaded("full", retry_after=7), 503),
        (StoreError("broken"), 502),
        (RuntimeError("secret detail /etc/passwd"), 500),
    ],
)
@pytest.mark.parametrize(
    "path", ["/sparql?query=ASK%7B%7D", "/queries/single-source-claims", "/articles", "/", "/data"]
)
def test_a_failing_query_is_a_problem(
    serve: Serve, error: Exception, status: int, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = serve(Scripted(error)).get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) >= {"type", "title", "status", "detail", "hint", "request_id"}
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    if status == 503:
        assert answer.headers["retry-after"] == "7"
    if status == 500:
        assert "secret detail" in caplog.text


async def _pieces(broken: bool) -> AsyncIterator[bytes]:
    for number in range(3):
        yield b"%d" % number * 5000
    if broken:
        raise StoreError("the engine died")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_stream_arrives_whole(serve: Serve, encoding: str) -> None:
    client = serve(Scripted(Served(None, "v1", _pieces(broken=False))))
    answer = client.get("/sparql?query=ASK%7B%7D&format=csv", headers={"Accept-Encoding": encoding})
    assert answer.content == b"0" * 5000 + b"1" * 5000 + b"2" * 5000


def test_a_stream_that_breaks_off_never_looks_whole(serve: Serve) -> None:
    client = serve(Scripted(Served(None, "v1", _pieces(broken=True))))
    with pytest.raises((StoreError, RuntimeError)):  # the server drops the connection
        client.get("/sparql?query=ASK%7B%7D")


@pytest.mark.parametrize("path", ["/sparql", "/queries/single-source-claims"])
def test_a_client_that_leaves_stops_its_query(app: FastAPI, serve: Serve, path: str) -> None:
    runner = Scripted()
    client = serve(runner)
    inner = client._transport._inner.app  # type: ignore[attr-defined]
    sent: list[dict[str, object]] = []
    messages = iter([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, object]:
        if path != "/sparql" and not sent and runner.outcome is None:
            await asyncio.sleep(0)
        return dict(next(messages, {"type": "http.disconnect"}))

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"query=ASK{}" if path == "/sparql" else b"", "scheme": "http",
        "headers": [(b"host", b"x")], "server": ("x", 80), "client": ("y", 1), "root_path": "",
        "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(inner(scope, receive, send), 5))
    assert runner.cancelled
    assert sent == []


def test_metrics_tell_of_the_queue_and_of_kills(serve: Serve) -> None:
    runner = Scripted()
    client = serve(runner)
    counts = runner.counts
    counts.running, counts.waiting, counts.halted, counts.refused = 7, 3, 2, 11
    counts.killed.update(deadline=5, left=4, memory=1)
    text = client.get("/metrics").text
    for line in (
        "mineralgraph_queries_taken 7",
        "mineralgraph_queries_waiting 3",
        "mineralgraph_queries_halted 2",
        "mineralgraph_queries_refused_total 11",
        'mineralgraph_queries_killed_total{reason="deadline"} 5',
        'mineralgraph_queries_killed_total{reason="left"} 4',
        'mineralgraph_queries_killed_total{reason="memory"} 1',
    ):
        assert f"\n{line}\n" in text
    assert text.count("# TYPE mineralgraph_queries_killed_total counter") == 1


def test_metrics_count_by_route_and_query(serve: Serve) -> None:
    client = serve()
    for _ in range(3):
        client.get("/queries/single-source-claims")
        client.get("/sparql?query=ASK%7B%7D")
    client.get("/entities/person/flavia")
    client.get("/no/such/path")
    text = client.get("/metrics").text
    numbers = dict(
        line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")
    )
    requests = "mineralgraph_requests_total"
    assert (
        numbers[requests + '{method="GET",route="/queries/single-source-claims",status="200"}']
        == "3"
    )
    assert numbers[requests + '{method="GET",route="/sparql",status="200"}'] == "3"
    assert numbers[requests + '{method="GET",route="/entities/{kind}/{slug}",status="200"}'] == "1"
    assert numbers[requests + '{method="GET",route="(none)",status="404"}'] == "1"
    assert numbers['mineralgraph_query_seconds_count{query="single-source-claims"}'] == "3"
    name = 'mineralgraph_query_seconds_bucket{query="sparql"'
    buckets = [int(number) for series, number in numbers.items() if series.startswith(name)]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 3
    version = client.get("/healthz").headers["mineralgraph-dataset-version"]
    assert numbers[f'mineralgraph_dataset_info{{version="{version}"}}'] == "1"
    assert float(numbers["mineralgraph_cache_hits_total"]) >= 4
