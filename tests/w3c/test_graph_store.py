"""The Graph Store Protocol suite, in the order of its prose: each step a test."""

from __future__ import annotations

import uuid

import httpx
import pyoxigraph
import pytest

from tests.w3c.endpoints import Endpoint
from tests.w3c.results import same_quads

PERSON = (
    "<http://example.org/person/1> a <http://xmlns.com/foaf/0.1/Person> ;"
    ' <urn:name> [ <urn:fn> "{}" ] .'
)
TURTLE = "text/turtle"


@pytest.fixture
def graph(ours: Endpoint) -> str:
    """The name of a graph that is not there yet."""
    ours.change("CLEAR ALL").raise_for_status()
    return f"http://example.org/{uuid.uuid4()}"


def send(
    http: Endpoint, method: str, body: str | None = None, kind: str = TURTLE, **graph: str
) -> httpx.Response:
    headers = {**http.headers, **({"Content-Type": kind} if body is not None else {})}
    return http.client.request(method, http.graphs, params=graph, content=body, headers=headers)


def read(http: Endpoint, **graph: str) -> list[pyoxigraph.Quad]:
    answer = http.client.get(http.graphs, params=graph, headers={"Accept": TURTLE})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(TURTLE)
    return list(pyoxigraph.parse(answer.content, format=pyoxigraph.RdfFormat.TURTLE))


def parsed(*names: str) -> list[pyoxigraph.Quad]:
    text = "\n".join(PERSON.format(name) for name in names)
    return list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE))


def test_put_makes_a_graph(ours: Endpoint, graph: str) -> None:
    assert send(ours, "PUT", PERSON.format("John"), graph=graph).status_code == 201
    assert same_quads(read(ours, graph=graph), parsed("John"))


def test_put_replaces_a_graph(ours: Endpoint, graph: str) -> None:
    send(ours, "PUT", PERSON.format("John"), graph=graph)
    assert send(ours, "PUT", PERSON.format("Jane"), graph=graph).status_code in (200, 204)
    assert same_quads(read(ours, graph=graph), parsed("Jane"))


def test_put_of_the_default_graph(ours: Endpoint, graph: str) -> None:
    assert send(ours, "PUT", PERSON.format("Alice"), default="").is_success
    assert same_quads(read(ours, default=""), parsed("Alice"))


def test_put_with_a_body_that_does_not_fit_its_type(ours: Endpoint, graph: str) -> None:
    assert send(ours, "PUT", "<not turtle", graph=graph).status_code == 400
    answer = ours.client.get(ours.graphs, params={"graph": graph})
    assert answer.status_code == 404


def test_put_of_an_empty_graph(ours: Endpoint, graph: str) -> None:
    send(ours, "PUT", PERSON.format("John"), graph=graph)
    assert send(ours, "PUT", "", graph=graph).is_success
    answer = ours.client.get(ours.graphs, params={"graph": graph}, headers={"Accept": TURTLE})
    assert answer.status_code in (200, 404)


def test_delete(ours: Endpoint, graph: str) -> None:
    send(ours, "PUT", PERSON.format("John"), graph=graph)
    assert send(ours, "DELETE", graph=graph).is_success
    assert ours.client.get(ours.graphs, params={"graph": graph}).status_code == 404


def test_delete_of_a_graph_that_is_not_there(ours: Endpoint, graph: str) -> None:
    assert send(ours, "DELETE", graph=graph).status_code == 404


def test_post_adds_to_a_graph(ours: Endpoint, graph: str) -> None:
    send(ours, "PUT", PERSON.format("John"), graph=graph)
    assert send(ours, "POST", PERSON.format("Jane"), graph=graph).is_success
    assert same_quads(read(ours, graph=graph), [*parsed("John", "Jane")])


def test_post_makes_a_graph(ours: Endpoint, graph: str) -> None:
    assert send(ours, "POST", PERSON.format("John"), graph=graph).status_code in (200, 201, 204)
    assert same_quads(read(ours, graph=graph), parsed("John"))


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_head_and_get_of_a_graph(ours: Endpoint, graph: str, method: str) -> None:
    send(ours, "PUT", PERSON.format("John"), graph=graph)
    answer = ours.client.request(method, ours.graphs, params={"graph": graph})
    assert answer.status_code == 200
    assert bool(answer.content) is (method == "GET")


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_head_and_get_of_a_graph_that_is_not_there(ours: Endpoint, graph: str, method: str) -> None:
    answer = ours.client.request(method, ours.graphs, params={"graph": graph})
    assert answer.status_code == 404
