"""One shape for every error, on every route and method that there is."""

import html
import json

import httpx
import pytest
from fastapi import FastAPI

from mineralgraph.errors import PROBLEM_BASE, MineralgraphError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
NEEDED = {"type", "title", "status", "detail", "hint", "request_id"}


def check(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = json.loads(answer.content)
    assert set(problem) >= NEEDED
    assert problem["type"].startswith(PROBLEM_BASE)
    assert problem["status"] == answer.status_code
    assert all(problem[name] for name in NEEDED)
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert answer.headers["mineralgraph-dataset-version"]


def paths(app: FastAPI) -> list[str]:
    found = sorted({str(getattr(route, "path", "")) for route in app.routes})
    assert len(found) > 50
    return [path.replace("{", "").replace("}", "") for path in found]


@pytest.mark.parametrize("method", METHODS)
def test_every_route_refuses_a_parameter_or_method_in_one_shape(
    app: FastAPI, client: httpx.Client, method: str
) -> None:
    for path in paths(app):
        answer = client.request(method, path + "?no-such-parameter=1&query=nonsense")
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code)
        check(answer)


def test_every_route_refuses_a_format_that_it_has_not(app: FastAPI, client: httpx.Client) -> None:
    seen = 0
    for path in paths(app):
        for headers, query in (({"Accept": "image/png"}, ""), ({}, "?format=docx")):
            answer = client.get(path + query, headers=headers)
            if answer.status_code == 406:
                seen += 1
            if answer.status_code >= 400:
                check(answer)
    assert seen > 50


@pytest.mark.parametrize("path", ["/nix", "/queries/", "/entities/person", "/id", "/static/x"])
def test_what_is_not_there(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    check(answer)
    assert client.options(path).status_code in (404, 204)


def test_every_error_class_makes_its_own_problem() -> None:
    todo, seen = [MineralgraphError], set()
    while todo:
        class_ = todo.pop()
        todo += class_.__subclasses__()
        problem = class_("what").problem()
        assert problem["status"] == class_.status
        assert problem["hint"]
        assert problem["type"] not in seen
        seen.add(problem["type"])
    assert len(seen) > 15


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/entities/person/nobody", 404),
        ("/nix", 404),
        ("/ontology/mg:Nothing", 404),
        ("/timeline?as-of=yesterday", 422),
        ("/entities?version=bygone", 410),
        ("/claims?nonsense=<script>alert(1)</script>", 422),
        ("/diff?from=2031-04-01&to=2031-04-02", 406),
    ],
)
def test_a_browser_is_shown_a_page_that_says_the_same(
    client: httpx.Client, path: str, status: int
) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = client.get(path, headers={"Accept": "text/html" if status == 406 else accept})
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    document = client.get(path, headers={"Accept": "image/png"} if status == 406 else {}).json()
    assert document["status"] == status
    said = html.unescape(page.text)
    assert all(document[name] in said for name in ("title", "hint"))
    assert page.headers["x-request-id"] in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
def test_a_program_gets_the_document(client: httpx.Client, accept: str) -> None:
    check(client.get("/entities/person/nobody", headers={"Accept": accept}))


def test_sparql_answers_everybody_alike(client: httpx.Client) -> None:
    """Some of its requests are answered at the connection, where there are no pages."""
    answer = client.get("/sparql", params={"query": "SELECT"}, headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "application/problem+json"
    for method in ("POST", "DELETE"):
        check(client.request(method, "/nix", headers={"Accept": "text/html"}))
