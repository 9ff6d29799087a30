"""One shape for every error: RFC 9457 problem documents with a hint, never a stack trace."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mineralgraph.api.http import negotiation
from mineralgraph.api.http.logs import request_id
from mineralgraph.api.http.methods import methods_at
from mineralgraph.api.http.negotiation import Offer
from mineralgraph.api.presentation.pages import HEADERS as PAGE_HEADERS
from mineralgraph.api.presentation.pages import Frame, Pages
from mineralgraph.errors import (
    PROBLEM_BASE,
    BadParameter,
    MineralgraphError,
    NotAcceptable,
    NotFound,
    Overloaded,
    Unauthorized,
)

MEDIA_TYPE: Final = "application/problem+json"

_OFFERS: Final = (
    Offer("json", MEDIA_TYPE, "document", ("application/json",)),
    Offer("html", "text/html", "page"),
)
_NO_PAGES: Final = frozenset({"/sparql"})
"""Paths that are answered at the connection too, where everybody gets the document."""
_HINTS: Final = {
    404: "See /docs for the paths that there are.",
    405: "The Allow header names the methods that this path answers to.",
    413: "Send it in smaller parts.",
}


def answer(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as a response; nothing may keep it."""
    body = dict(document)
    if request_id.get():
        body["request_id"] = request_id.get()
    return Response(
        json.dumps(body, ensure_ascii=False, default=str),
        status_code=int(document["status"]),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def as_page(made: Response, rendered: Pages) -> Response:
    """Return a problem document as a page that says the same."""
    problem = {"request_id": None, **json.loads(bytes(made.body))}
    headers = {n: v for n, v in made.headers.items() if not n.startswith("content-")}
    html = rendered.render("problem.html", Frame.of("", {}), problem=problem)
    return HTMLResponse(html, made.status_code, headers={**headers, **PAGE_HEADERS})


def wants_page(request: Request) -> bool:
    """Whether a browser asks for something to look at; programs get the document."""
    if request.method != "GET" or request.url.path in _NO_PAGES:
        return False
    try:
        return negotiation.choose(_OFFERS, request.headers.get("accept")).what == "page"
    except NotAcceptable:
        return False


def of_error(error: MineralgraphError) -> Response:
    """Return the problem of one of our own errors."""
    headers = {}
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(error.extra.get("retry_after", 1))
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="mineralgraph"'
    return answer(error.problem(), headers)


def unexpected() -> Response:
    """Return the problem for a fault of ours; what it was stands in the log only."""
    return of_error(MineralgraphError("The request could not be answered."))


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the problem of a bare HTTP status, such as the router's 405."""
    if status == 404:
        error = NotFound("nothing is served at this path", hint=_HINTS[404])
        return answer(error.problem(), headers)
    phrase = HTTPStatus(status).phrase
    document = {
        "type": PROBLEM_BASE + phrase.lower().replace(" ", "-"),
        "title": phrase,
        "status": status,
        "detail": f"This request was answered with {status} {phrase}.",
        "hint": _HINTS.get(status, "Correct the request and send it again."),
    }
    return answer(document, headers)


def of_validation(errors: Sequence[Mapping[str, Any]]) -> MineralgraphError:
    """Turn FastAPI's findings about parameters into our error, which names the first."""
    first = errors[0]
    where = [str(part) for part in first.get("loc", ())]
    name = where[-1] if where else "request"
    return BadParameter(
        f"{name}: {first.get('msg', 'is not right')}",
        hint="See /docs for the parameters of this path and their types.",
        parameter=name,
        errors=[
            {"parameter": ".".join(map(str, e.get("loc", ())[1:])), "message": e.get("msg", "")}
            for e in errors
        ],
    )


def register(app: FastAPI, rendered: Pages) -> None:
    """Make the app answer every error with a problem document, and a browser with a page."""

    def given(request: Request, made: Response) -> Response:
        return as_page(made, rendered) if wants_page(request) else made

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, MineralgraphError)  # noqa: S101  (registered for it)
        return given(request, of_error(error))

    async def starlettes(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code == 405:
            # The router names the methods of the first route that fits, not of all of them.
            allowed = ", ".join(methods_at(app.routes, request.scope))
            return of_status(405, {"Allow": allowed})
        return given(request, of_status(error.status_code, error.headers))

    async def fastapis(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return given(request, of_error(of_validation(error.errors())))

    app.add_exception_handler(MineralgraphError, ours)
    app.add_exception_handler(HTTPException, starlettes)
    app.add_exception_handler(RequestValidationError, fastapis)
