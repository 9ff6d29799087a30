"""What a remote engine may do wrong, and that none of it passes for an answer."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.errors import (
    DeadlineExceeded,
    MineralgraphError,
    QueryRefused,
    QuerySyntaxError,
    SettingsError,
    StoreBusy,
    StoreError,
    StoreUnreachable,
)
from mineralgraph.execution.base import Request, Served
from mineralgraph.execution.remote import RemoteRunner
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import GRAPH_BASE
from mineralgraph.settings import StoreAuth
from mineralgraph.store.base import Change
from mineralgraph.store.remote import RemoteStore
from mineralgraph.store.remote_http import Call
from mineralgraph.store.remote_wire import Credentials, Endpoints, endpoints
from mineralgraph.store.results import Boolean, Rows, Triples

from .faults import ROWS, Fault, Service, serving

QUERY = "SELECT ?o { ?s ?p ?o }"
HTML = "text/html"
A = NamedNode(GRAPH_BASE + "people")


def ask(service: Service, text: str = QUERY, timeout: float = 5) -> list[object]:
    """Read a whole answer."""
    with contextlib.closing(RemoteStore(service.url, timeout=timeout)) as store:
        answer = store.query(text)
        if isinstance(answer, Boolean):
            return [answer.value]
        assert isinstance(answer, Rows | Triples)
        return list(answer)


@contextlib.contextmanager
def opened(service: Service, credentials: Credentials | None = None) -> Iterator[RemoteStore]:
    with contextlib.closing(RemoteStore(service.url, credentials=credentials)) as store:
        yield store


def test_a_whole_answer_passes():
    with serving() as service:
        assert ask(service) == [(Literal("one"),), (Literal("two"),)]


CUTS = {
    "announced longer": Fault(body=ROWS[:-20], announced=len(ROWS)),
    "whole JSON, announced longer": Fault(announced=len(ROWS) + 5),
    "JSON cut, length right": Fault(body=ROWS[:-2]),
    "between rows": Fault(body=ROWS[: ROWS.index(b',{"o"')]),
    "before the first row": Fault(body=ROWS[:40]),
    "nothing at all": Fault(body=b""),
    "without the last chunk": Fault(chunked=True, cut=True),
    "to the end of the connection": Fault(body=ROWS[:-1], unframed=True),
    "error text after rows": Fault(body=ROWS[:-2] + b"java.lang.OutOfMemoryError"),
    "error text after the end": Fault(body=ROWS + b"\nERROR: out of memory"),
    "error page with status 200": Fault(body=b"<html>Internal error</html>", kind=HTML),
    "error text said to be JSON": Fault(body=b"Query evaluation error"),
    "a boolean": Fault(body=b'{"head":{},"boolean":true}'),
    "rows cut at a limit": Fault(headers={"X-SPARQL-MaxRows": "2"}),
}  # fmt: skip


@pytest.mark.parametrize("fault", CUTS.values(), ids=CUTS.keys())
def test_a_cut_or_false_answer_is_a_failure(fault: Fault):
    with serving(fault) as service, pytest.raises(StoreError):
        ask(service)


def run(service: Service, form: formats.ResultFormat = formats.CSV) -> Served:
    """Ask through the runner, as the service does."""

    async def asked() -> Served:
        runner = RemoteRunner(RemoteStore(service.url), 1, exclusive=True)
        runner._version = "v1"
        try:
            served = await runner.run(Request(QUERY, form, timeout=5))
            if served.stream is not None:
                pieces = [piece async for piece in served.stream]
                served = Served(b"".join(pieces), served.version, served.stream)
            return served
        finally:
            await runner.stop()

    return asyncio.run(asked())


@pytest.mark.parametrize("engine", ["Virtuoso/07", "Oxigraph/0.5"])
def test_the_runner_serialises_a_whole_answer(engine: str):
    with serving(Fault(headers={"Server": engine})) as service:
        served = run(service)
    assert (served.body, served.version) == (b"o\r\none\r\ntwo\r\n", "v1")


@pytest.mark.parametrize("engine", ["Virtuoso/07", "Oxigraph/0.5"])
@pytest.mark.parametrize("fault", CUTS.values(), ids=CUTS.keys())
def test_the_runner_fails_on_a_cut_or_false_answer(fault: Fault, engine: str):
    told = replace(fault, headers={**fault.headers, "Server": engine})
    with serving(told) as service, pytest.raises(StoreError) as caught:
        run(service)
    assert "attribute" not in caught.value.detail


LARGE = b'{"head":{"vars":["o"]},"results":{"bindings":[' + b",".join(
    [b'{"o":{"type":"literal","value":"' + b"x" * 1000 + b'"}}'] * 12_000
)


def test_the_runner_streams_what_is_large():
    with serving(Fault(body=LARGE + b"]}}")) as service:
        served = run(service)
    assert served.stream is not None
    assert served.body is not None
    assert served.body.count(b"\r\n") == 12_001


def test_a_stream_that_is_cut_breaks_off():
    with serving(Fault(body=LARGE)) as service, pytest.raises(StoreError):
        run(service)


TRIPLE = b"<urn:a> <urn:b> <urn:c> .\n"
GRAPHS = {
    "announced longer": Fault(body=TRIPLE, kind="application/n-triples", announced=500),
    "without the last chunk": Fault(
        body=TRIPLE, kind="application/n-triples", chunked=True, cut=True
    ),
    "no length, where a cut would not show": Fault(
        body=TRIPLE, kind="application/n-triples", unframed=True
    ),
    "error text": Fault(body=TRIPLE + b"Out of memory", kind="application/n-triples"),
}


@pytest.mark.parametrize("fault", GRAPHS.values(), ids=GRAPHS.keys())
def test_a_graph_cut_between_triples_is_a_failure(fault: Fault):
    with serving(fault) as service, pytest.raises(StoreError):
        ask(service, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")


def test_a_false_boolean_is_a_failure():
    with serving(Fault(body=b'{"head":{},"boolean":tr')) as service, pytest.raises(StoreError):
        ask(service, "ASK { ?s ?p ?o }")
    with serving(Fault()) as service, pytest.raises(StoreError, match="rows"):
        ask(service, "ASK { ?s ?p ?o }")


LATE = {
    "silence": Fault(wait=10),
    "a byte now and then": Fault(trickle=0.05),
    "its own limit, in a cut answer": Fault(body=ROWS[:-3] + b"The operation has been cancelled"),
    "its own limit, in words": Fault(503, b"Query timed out", "text/plain"),
    "Virtuoso's limit": Fault(500, b"Virtuoso S1T00 Error SR171: Transaction timed out", HTML),
    "a part at Virtuoso's limit": Fault(headers={"X-SQL-State": "S1TAT"}),
}


@pytest.mark.parametrize("fault", LATE.values(), ids=LATE.keys())
def test_a_late_answer_is_an_exceeded_deadline(fault: Fault):
    began = time.monotonic()
    with serving(fault) as service, pytest.raises(DeadlineExceeded):
        ask(service, timeout=0.5)
    assert time.monotonic() - began < 1.5


STATUSES = {
    400: QueryRefused, 401: StoreError, 403: StoreError, 404: StoreError, 302: StoreError,
    500: StoreError, 502: StoreUnreachable, 503: StoreUnreachable,
}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_an_error_status_is_an_error(status: int, kind: type[MineralgraphError]):
    with serving(Fault(status, b"so it goes", "text/plain")) as service:
        with pytest.raises(kind) as caught:
            ask(service)
        assert type(caught.value) is kind
        assert str(status) in caught.value.detail


class TestRetries:
    def test_a_read_is_sent_again_after_a_broken_connection(self):
        with serving(Fault(0), Fault(503), Fault()) as service:
            assert len(ask(service)) == 2
            assert len(service.asked) == 3

    def test_but_not_for_ever(self):
        with serving(Fault(0)) as service:
            with pytest.raises(StoreUnreachable):
                ask(service)
            assert len(service.asked) == 3

    def test_and_not_after_an_answer_that_stands(self):
        with serving(Fault(500)) as service:
            with pytest.raises(StoreError):
                ask(service)
            assert len(service.asked) == 1

    def test_a_write_is_never_sent_twice(self):
        with serving(Fault(0)) as service:
            store = RemoteStore(service.url)
            with pytest.raises(StoreError):
                store._client.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }", Call(5))
            assert len(service.asked) == 1

    def test_nobody_there(self):
        with serving() as service:
            url = service.url
        with pytest.raises(StoreUnreachable):
            list(RemoteStore(url, timeout=2).quads())


def rows(*values: str) -> Fault:
    found = ",".join(f'{{"o":{{"type":"literal","value":"{v}"}}}}' for v in values)
    return Fault(body=f'{{"head":{{"vars":["o"]}},"results":{{"bindings":[{found}]}}}}'.encode())


NOTHING = Fault(body=b'{"head":{"vars":["s","p","o","g"]},"results":{"bindings":[]}}')
ADD = Change(frozenset({Quad(A, A, A, A)}))


class TestWrites:
    def apply(self, *answers: Fault) -> tuple[str, str]:
        """Apply a change; return the update that was sent, and the version it ended in."""
        with serving(rows("old"), NOTHING, NOTHING, *answers) as service:
            try:
                with opened(service) as store:
                    version = store.apply(ADD).version
            finally:
                self.update = parse_qs(service.asked[3][2])["update"][0]
        return self.update, version

    def test_a_version_that_somebody_else_changed_is_no_success(self):
        with pytest.raises(StoreBusy):
            self.apply(Fault(204, b""), rows("theirs"))
        condition = self.update.partition("WHERE")[2]
        assert "dataset" in condition
        assert '"old"' in condition

    def test_a_lost_confirmation_is_asked_after(self):
        with pytest.raises(StoreError, match="not made"):
            self.apply(Fault(0), rows("old"))
        inserted = self.update.partition("INSERT")[2]
        version = inserted.partition('version> "')[2].partition('"')[0]
        assert self.apply(Fault(0), rows(version))[1] == version

    def test_an_update_that_fails_is_an_error(self):
        with pytest.raises(StoreError, match="500"):
            self.apply(Fault(500), rows("old"))

    @pytest.mark.parametrize("graph", ["urn:elsewhere", "http://localhost:8890/DAV/"])
    def test_other_peoples_graphs_are_not_written(self, graph: str):
        change = Change(frozenset({Quad(A, A, A, NamedNode(graph))}))
        with serving() as service, opened(service) as store:
            with pytest.raises(StoreError, match="no graph of the dataset"):
                store.apply(change)
            assert service.asked == []


class TestRequests:
    def test_connections_are_used_again(self):
        with serving() as service, contextlib.closing(RemoteStore(service.url)) as store:
            for _ in range(5):
                assert len(list(store.query(QUERY))) == 2  # type: ignore[arg-type]
            assert len(service.connections) == 1

    @pytest.mark.parametrize("fault", [Fault(), Fault(unframed=True), Fault(chunked=True)])
    def test_an_answer_that_nobody_reads_gives_its_connection_up(self, fault: Fault):
        before = set(threading.enumerate())
        with serving(replace(fault, headers={"Server": "x"})) as service, opened(service) as store:
            with warnings.catch_warnings(record=True) as unclosed:
                warnings.simplefilter("always", ResourceWarning)
                for _ in range(3):
                    assert isinstance(store.query(QUERY), Rows)
                gc.collect()
            assert unclosed == []
            begun = set(threading.enumerate()) - before
            clocks = [thread for thread in begun if isinstance(thread, threading.Timer)]
            assert all(clock.finished.is_set() for clock in clocks), "none holds its socket"
            assert len(service.connections) == 3, "one that is half read is not used again"

    def test_a_connection_is_not_used_again_after_a_failure(self):
        with serving(CUTS["announced longer"], Fault()) as service, opened(service) as store:
            with pytest.raises(StoreError):
                list(store.query(QUERY))  # type: ignore[arg-type]
            assert len(list(store.query(QUERY))) == 2  # type: ignore[arg-type]
            assert len(service.connections) == 2

    def test_nothing_leaves_for_a_query_that_is_refused(self):
        with serving() as service:
            for text in (
                "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
                "LOAD <http://127.0.0.1:9/>",
                "SELECT * { ?s <bif:contains> 'x' }",
                "PREFIX b: <bi> SELECT (b:f\\:http_get('x') AS ?x) {}",
            ):
                with pytest.raises((QueryRefused, QuerySyntaxError)):
                    ask(service, text)
            assert service.asked == []

    def test_what_is_asked_for(self):
        with serving() as service:
            ask(service)
            path, headers, body = service.asked[0]
        assert path == "/sparql"
        assert headers["accept"] == "application/sparql-results+json"
        assert set(parse_qs(body)) == {"query"}

    @pytest.mark.parametrize(
        ("known", "header"),
        [
            (Credentials(StoreAuth.BASIC, "us:er", "påss"), "Basic dXM6ZXI6cMOlc3M="),
            (Credentials(StoreAuth.BEARER, "", "t0ken"), "Bearer t0ken"),
        ],
    )
    def test_credentials_are_sent(self, known: Credentials, header: str):
        with serving() as service:
            with opened(service, known) as store:
                list(store.query(QUERY))  # type: ignore[arg-type]
            assert service.asked[0][1]["authorization"] == header
        assert known.password not in repr(known)

    def test_digest_answers_the_challenge_and_counts(self):
        challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n1", qop="auth"'}
        with serving(Fault(401, b"", HTML, challenge), Fault()) as service:
            known = Credentials(StoreAuth.DIGEST, "dba", "secret")
            with opened(service, known) as store:
                for _ in range(2):
                    list(store.query(QUERY))  # type: ignore[arg-type]
            sent = [headers.get("authorization", "") for _, headers, _ in service.asked]
        assert [s[:6] for s in sent] == ["", "Digest", "Digest"]
        assert ["nc=00000001" in sent[1], "nc=00000002" in sent[2]] == [True, True]
        assert "secret" not in "".join(sent)

    def test_a_wrong_password_is_tried_once(self):
        challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n1", qop="auth"'}
        with serving(Fault(401, b"", HTML, challenge)) as service:
            known = Credentials(StoreAuth.DIGEST, "a", "b")
            with opened(service, known) as store, pytest.raises(StoreError, match="401"):
                store.query(QUERY)
            assert len(service.asked) == 2


H = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("url", "query", "update"),
    [
        (H, "/query", "/update"),
        (f"{H}/query", "/query", "/update"),
        (f"{H}/ds/query", "/ds/query", "/ds/update"),
        (f"{H}/ds/sparql", "/ds/sparql", "/ds/update"),
        (f"{H}/ds", "/ds", "/ds"),
        (f"{H}/sparql", "/sparql", "/sparql"),
        (f"{H}/repositories/mg", "/repositories/mg", "/repositories/mg/statements"),
    ],
)
def test_addresses_are_told_from_one(url: str, query: str, update: str):
    assert endpoints(url) == Endpoints(H + query, H + update)
    assert endpoints(url, f"{H}/other").update == f"{H}/other"


@pytest.mark.parametrize("url", ["ftp://h/x", "http://", "http://u:p@h/sparql", "http://h:99999/"])
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(SettingsError):
        RemoteStore(url)
