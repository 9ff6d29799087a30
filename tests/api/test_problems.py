"""One shape for every error, on every route and method that there is."""

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
