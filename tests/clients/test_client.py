"""``mineralgraph.client`` against a running service."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

import pytest
from pyoxigraph import NamedNode

from mineralgraph import errors
from mineralgraph.client import Client, Rows
from mineralgraph.client.wire import problem
from mineralgraph.rdf.namespaces import ID_BASE


def test_a_canned_query_gives_rows_with_their_claims(graph: Client) -> None:
    rows = graph.canned("persons-and-posts", person="kosherbayev")
    first = rows.first()
    assert first is not None
    assert {"claim", "article"} <= set(rows.columns)
    assert str(first["claim"]).startswith(ID_BASE + "claim/")
    assert rows.version


def test_pages_follow_by_themselves(graph: Client) -> None:
    whole = graph.canned("minerals-by-country").all()
    paged = graph.canned("minerals-by-country", limit=7)
    assert "+" in repr(paged)
    assert paged.total is None, "only the last page tells"
    assert paged.all() == whole
    assert paged.total == len(whole)
    assert len(whole) > 14
    assert paged.all() == whole, "a second walk gives the same rows"
    assert "+" not in repr(paged)


def test_parameters_are_written_by_type(graph: Client) -> None:
    named = graph.canned("events-on-day", day=date(2026, 2, 4)).all()
    assert named == graph.canned("events-on-day", day="2026-02-04", modality=None).all()
    assert named


def test_every_canned_query_is_listed_and_runs_on_its_example(graph: Client) -> None:
    for query in graph.queries():
        needed = {p["name"]: p["example"] for p in query["parameters"] if p["required"]}
        if query["columns"]:
            assert graph.canned(query["name"], **needed).columns == tuple(query["columns"])
        else:
            assert graph.canned_graph(query["name"], **needed)
            with pytest.raises(errors.InputError, match="graph"):
                graph.canned(query["name"], **needed)


def test_sparql_answers_by_form(graph: Client) -> None:
    rows = graph.sparql("SELECT (1 AS ?n) (2.5 AS ?x) (true AS ?b) ?none {}")
    assert isinstance(rows, Rows)
    assert rows.all() == [{"n": 1, "x": 2.5, "b": True, "none": None}]
    assert graph.sparql("ASK { ?claim a mg:Claim }") is True
    triples = graph.sparql("CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s rdfs:label ?l } LIMIT 3")
    assert isinstance(triples, list)
    assert {t.predicate for t in triples} == {
        NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    }
    assert graph.sparql("DESCRIBE person:tokayev")
    with pytest.raises(errors.InputError):
        graph.select("ASK {}")


def test_text_survives_the_way_there_and_back(graph: Client) -> None:
    text = "Қазақстан & 100 % + \"quotes\" 'n' \\ ; line\nbreak \U0001f30d"
    written = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    assert graph.select(f'SELECT ("{written}" AS ?t) {{}}').all() == [{"t": text}]


def test_errors_are_the_ones_that_the_service_names(graph: Client) -> None:
    with pytest.raises(errors.QuerySyntaxError) as syntax:
        graph.sparql("SELECT * {\n ?s ?p }")
    assert syntax.value.extra["line"] == 2
    assert syntax.value.hint
    with pytest.raises(errors.QueryRefused):
        graph.sparql("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(errors.NotFound):
        graph.canned("no-such-query")
    with pytest.raises(errors.BadParameter):
        graph.canned("persons-and-posts", colour="red")
    with pytest.raises(errors.NotFound):
        graph.entity("person/nobody-of-that-name")
    with pytest.raises(errors.InputError):
        Client("ftp://127.0.0.1")
    with pytest.raises(errors.StoreUnreachable):
        Client("http://127.0.0.1:9", timeout=2).queries()


def test_things_claims_and_their_sources(graph: Client) -> None:
    found = graph.search("Tokayev").first()
    assert found is not None
    assert graph.entity("person/tokayev") == graph.entity(ID_BASE + "person/tokayev")
    slugs = list(graph.articles())
    assert len(slugs) == 5
    claims = graph.claims("kt").all()
    assert claims
    row = graph.canned("persons-and-posts", person="kosherbayev").first()
    assert row is not None
    sources = graph.sources(row)
    assert [source["claim"] for source in sources] == [row["claim"]]
    assert sources[0]["article"]["iri"] == row["article"]
    assert graph.article(str(row["article"]))["label"] == sources[0]["article"]["label"]


def test_looking_from_another_day(graph: Client) -> None:
    then = graph.at(as_of=date(2026, 2, 5))
    assert 0 < len(then.claims("minexforum").all()) == len(graph.claims("minexforum").all())
    with pytest.raises(errors.NotFound):
        then.article("astanatimes")
    asked = "SELECT ?c { ?c a mg:Claim }"
    assert len(then.select(asked).all()) < len(graph.select(asked).all())
    by_first = graph.at(as_of="2026-02-04", by_first=True)
    assert len(by_first.articles().all()) > len(graph.at(as_of="2026-02-04").articles().all())
    with pytest.raises(errors.Gone):
        graph.at(version="never").canned("persons-and-posts")


def test_on_a_day_rows_and_claims_say_whether_they_held(graph: Client) -> None:
    then = graph.at(valid_on=date(2026, 2, 4))
    rows = then.canned("persons-and-posts")
    assert {row["validity"] for row in rows} <= {"certain", "possible", "undated"}
    assert rows.about["undated"] == sum(row["validity"] == "undated" for row in rows)
    assert then.claim("at-conference-date")["validity"] == "certain"
    found = then.select("SELECT ?e ?w { ?e mg:when ?w }")
    assert [row["validity"] for row in found].count("undated") == found.about["undated"]


def test_rows_with_their_sources(graph: Client) -> None:
    canned = graph.canned("persons-and-posts", sources=True)
    found = graph.select("SELECT ?p { ?p a schema:Person }", sources=True)
    for rows in (canned, found):
        for row in rows:
            named = {name for names in row["sources"] for name in names}  # type: ignore[union-attr]
            assert named
            assert {n for n in named if n.startswith(ID_BASE + "claim/")} <= set(
                rows.about["claims"]
            )


def test_a_permalink_gives_the_same_rows_and_a_citation(graph: Client) -> None:
    then = graph.at(as_of="2026-02-05")
    rows = then.canned("persons-and-posts", person="kosherbayev")
    assert rows.permalink
    assert rows.version in rows.permalink
    assert rows.version in graph.cite(rows.permalink)
    assert graph.cite(rows.permalink, bibtex=True).startswith("@misc{")
    with urllib.request.urlopen(rows.permalink) as answer:
        assert json.loads(answer.read())["rows"] == rows.all()
    assert graph.select("SELECT ?c { ?c a mg:Claim }").permalink
    assert graph.select("SELECT (NOW() AS ?n) {}").permalink is None


def test_differences_changes_and_nanopublications(graph: Client) -> None:
    found = graph.diff("2026-02-05", date(2026, 2, 6))
    assert found["counts"]["became_known"] == len(found["became_known"]) > 0
    assert set(graph.diff("2026-02-03", "2026-02-04", clock="valid")["counts"]) == {
        "began", "ended", "happened"
    }  # fmt: skip
    assert graph.changes().columns[0] == "seq"
    assert b"np:" in graph.nanopublication("mx-exim") or b"nanopub" in graph.nanopublication(
        "mx-exim"
    )


def test_a_data_frame(graph: Client) -> None:
    pandas = pytest.importorskip("pandas")
    rows = graph.canned("minerals-by-country", country="kazakhstan")
    frame = rows.frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == list(rows.columns)
    assert len(frame) == len(rows.all())
    empty = graph.select("SELECT ?a ?b { FILTER(false) }").frame()
    assert list(empty.columns) == ["a", "b"]


class Broken(http.server.BaseHTTPRequestHandler):
    """Answers with what the test puts here."""

    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def broken() -> Iterator[Client]:
    with http.server.HTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Client(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()


def test_an_answer_cut_in_the_middle_is_an_error(
    broken: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broken, "body", b'{"head":{"vars":["s"]},"results":{"bindings":[{')
    with pytest.raises(errors.StoreError):
        broken.sparql("SELECT * { ?s ?p ?o }")
    monkeypatch.setattr(Broken, "status", 500)
    monkeypatch.setattr(Broken, "body", b"<html>proxy</html>")
    with pytest.raises(errors.StoreError, match="500"):
        broken.sparql("SELECT * { ?s ?p ?o }")


def test_a_problem_of_an_unknown_type_is_still_an_error() -> None:
    body = b'{"type": "https://example.org/new", "status": 418, "detail": "tea", "hint": "drink"}'
    error = problem(418, body)
    assert (type(error), error.detail, error.hint) == (errors.StoreError, "tea", "drink")
