"""Choosing a format by Accept or by name."""

import pytest

from mineralgraph.api.http.negotiation import (
    Offer,
    accepts_gzip,
    choose,
    graph_offers,
    result_offers,
)
from mineralgraph.errors import NotAcceptable

RESULTS = result_offers()
GRAPHS = graph_offers(json=True)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("text/*", "csv"),
        ("text/csv;q=0.5, text/tab-separated-values", "tsv"),
        ("text/csv;q=0.5, */*;q=0.1", "csv"),
        ("application/sparql-results+json;q=0, */*", "xml"),
        ("application/json", "json"),
        ("TEXT/CSV", "csv"),
        ("text/csv; header=present; q=1.0", "csv"),
        ("nonsense, text/csv", "csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "json"),
    ],
)
def test_accept(accept: str | None, expected: str) -> None:
    assert choose(RESULTS, accept).name == expected


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/html;q=0.5", "*/*;q=0", "x"])
def test_nothing_fits(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        choose(RESULTS, accept)
    assert "text/csv" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("turtle", "turtle"), ("ttl", "turtle"), ("text/turtle", "turtle"), ("n3", "turtle"),
        ("rdf+xml", "rdfxml"), ("application/rdf xml", "rdfxml"), ("json-ld", "jsonld"),
        ("json", "jsonld"), ("TriG", "trig"), ("nq", "nquads"),
    ],
)  # fmt: skip
def test_names_that_clients_send(name: str, expected: str) -> None:
    assert choose(GRAPHS, "text/csv", name).name == expected


def test_an_unknown_name_is_not_acceptable() -> None:
    with pytest.raises(NotAcceptable):
        choose(GRAPHS, "*/*", "docx")


def test_the_answer_bears_the_media_type_asked_for() -> None:
    assert choose(RESULTS, "application/json").media_type == "application/json"
    assert choose(RESULTS, "*/*").media_type == "application/sparql-results+json"


def test_text_says_its_charset_and_json_does_not() -> None:
    offers = [Offer("a", "text/csv", 1), Offer("b", "application/json", 2)]
    assert choose(offers, "text/csv").content_type == "text/csv; charset=utf-8"
    assert choose(offers, "application/json").content_type == "application/json"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False),
        ("gzip;q=0, *", False), ("br", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_gzip(header: str | None, expected: bool) -> None:
    assert accepts_gzip(header) is expected
