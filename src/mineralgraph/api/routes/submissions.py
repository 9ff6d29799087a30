"""``/submissions``, withdrawals and reviews of claims and relations: writes, through the gate."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import authority, operations
from mineralgraph.api.answers import Handler
from mineralgraph.api.http import body
from mineralgraph.api.http import exchange as exchanges
from mineralgraph.api.operations import Json
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter, InputError, UnsupportedMediaType
from mineralgraph.rdf import formats
from mineralgraph.submissions.requests import Asking, Outcome
from mineralgraph.submissions.writer import Writer

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_DECISION_BYTES: Final = 64 * 1024
MAX_REASON: Final = 2000
SYNTAXES: Final = (formats.TRIG, formats.NQUADS, formats.JSONLD)
SECURED: Final[dict[str, Any]] = {"security": [{"token": []}]}
STATUSES: Final = (400, 401, 403, 409, 412, 413, 415, 422)
CONDITIONS: Final = [
    {
        "name": "If-Match", "in": "header", "required": False,
        "description": "The quoted Mineralgraph-Dataset-Version that the sender has seen; 412 "
        "when the dataset has changed since.",
        "schema": {"type": "string"}, "example": "*",
    },
    {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "description": "Makes it safe to send the same request again: it is done once, and "
        "answered alike each time.",
        "schema": {"type": "string", "maxLength": 255},
    },
]  # fmt: skip
RECEIPT: Final = {
    "schema": {
        "type": "object",
        "required": ["report", "version"],
        "properties": {
            "report": {"$ref": "#/components/schemas/Report"},
            "write": {"type": "integer", "description": "Number of the write, as in /changes."},
            "kind": {"type": "string"},
            "version": {"type": "string", "description": "The dataset version now."},
            "version_before": {"type": "string"},
            "touches": {"type": "array", "items": {"type": "string", "format": "uri"}},
            "location": {"type": "string"},
            "dry_run": {"type": "boolean"},
        },
    }
}


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    app.add_api_route(
        "/submissions",
        _submit(service),
        methods=["POST"],
        response_class=Response,
        status_code=201,
        tags=["Writes"],
        summary="Submit claims, articles and reference entities",
        description="A claim or thing that is known already is replaced by its new description; "
        "replace=article also takes out the article's claims that the document does not hold. "
        "The review state is set by the token's scope: submit gives submitted, admin accepted.",
        operation_id="submit",
        responses=operations.responses(
            {"application/json": RECEIPT}, 200, *STATUSES, headers=LOCATION, ok=201
        ),
        openapi_extra={
            "parameters": [
                {**operations.query_parameter("replace", "The claims to replace.", "article"),
                 "schema": {"type": "string", "enum": ["article"]}},
                {**operations.query_parameter("dry-run", "Only say what would happen.", "true"),
                 "schema": {"type": "string", "enum": ["true", "false"], "default": "false"}},
                *CONDITIONS,
            ],
            "requestBody": {
                "required": True,
                "content": {form.media_type: dict(operations.TEXT) for form in SYNTAXES},
            },
            **SECURED,
        },
    )  # fmt: skip
    _route(
        app, "/claims/{slug}/withdrawal", decision(service, _withdraw), "withdraw",
        "Take a claim back",
        {"reason": {"type": "string", "maxLength": MAX_REASON},
         "basis": {"type": "string", "enum": ["curation-error", "source-retraction"]},
         "retracted_on": {"type": "string", "format": "date", "description": "The day on which "
                          "the source took it back; with source-retraction only."}},
        ("basis", "reason"),
    )  # fmt: skip
    _route(
        app, "/claims/{slug}/review", decision(service, _review), "review",
        "Accept or reject a claim",
        {"reason": {"type": "string", "maxLength": MAX_REASON},
         "decision": {"type": "string", "enum": ["accept", "reject"]}},
    )  # fmt: skip
    _route(
        app, "/relations/{slug}/review", decision(service, _review_relation), "review-relation",
        "Confirm or reject a relation between claims",
        {"reason": {"type": "string", "maxLength": MAX_REASON},
         "verdict": {"type": "string", "enum": ["confirm", "reject"]}},
        example="0123456789abcdef",
    )  # fmt: skip


LOCATION: Final = {
    "Location": {"description": "Path of what was written.", "schema": {"type": "string"}}
}


def _route(
    app: FastAPI,
    path: str,
    handler: Handler,
    name: str,
    summary: str,
    members: dict[str, dict[str, Any]],
    required: Sequence[str] = (),
    example: str = "at-took-part",
) -> None:
    """Add a route that takes a decision as JSON; every member is required unless some are named."""
    wanted = sorted(required or members)
    schema = {"type": "object", "required": wanted, "properties": members}
    app.add_api_route(
        path,
        handler,
        methods=["POST"],
        response_class=Response,
        status_code=201,
        tags=["Writes"],
        summary=summary,
        operation_id=name,
        responses=operations.responses(
            {"application/json": RECEIPT}, 404, *STATUSES, headers=LOCATION, ok=201
        ),
        openapi_extra={
            "parameters": [
                operations.path_parameter("slug", "The last part of its IRI.", example),
                *CONDITIONS,
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            **SECURED,
        },
    )


def _submit(service: Service) -> Handler:
    async def submit(request: Request) -> Response:
        token = authority.authorise(service, request)
        writer = authority.writer_of(service)
        given = operations.known_only(request, ("replace", "dry-run"))
        replacing = _one_of(given, "replace", {None: False, "article": True})
        dry = _one_of(given, "dry-run", {None: False, "false": False, "true": True})
        form = body.syntax(request.headers.get("content-type"), SYNTAXES)
        declared = request.headers.get("content-length")
        data = await body.read(request.receive, MAX_BYTES, declared)
        asking = authority.asking(token, request, data, dry=dry)
        outcome = await writer.submit(asking, data, form.name, replacing=replacing)
        return answer(request, outcome)

    return submit


Decide = Callable[[Writer, Request, Asking, Json], Awaitable[Outcome]]
"""Makes a decision: with this writer, on what the request's path names, as the body says."""


def decision(service: Service, decide: Decide) -> Handler:
    """Return a handler of decisions that come as a JSON object, from whom a token lets."""

    async def handle(request: Request) -> Response:
        token = authority.authorise(service, request)
        writer = authority.writer_of(service)
        operations.known_only(request, ())
        data, said = await read_json(request)
        asking = authority.asking(token, request, data)
        return answer(request, await decide(writer, request, asking, said))

    return handle


async def _withdraw(writer: Writer, request: Request, asking: Asking, said: Json) -> Outcome:
    slug, reason = request.path_params["slug"], reason_of(said)
    return await writer.withdraw(asking, slug, reason, said.get("basis"), said.get("retracted_on"))


async def _review(writer: Writer, request: Request, asking: Asking, said: Json) -> Outcome:
    slug, verdict = request.path_params["slug"], str(said.get("decision"))
    return await writer.review(asking, slug, verdict, reason_of(said))


async def _review_relation(writer: Writer, request: Request, asking: Asking, said: Json) -> Outcome:
    slug, verdict = request.path_params["slug"], str(said.get("verdict"))
    return await writer.review_relation(asking, slug, verdict, reason_of(said))


def answer(request: Request, outcome: Outcome) -> Response:
    """Return the answer to a write."""
    exchanges.of(request.scope).version = str(outcome.body.get("version", ""))
    headers = {"Cache-Control": "no-store"}
    if outcome.location is not None:
        headers["Location"] = outcome.location
    if outcome.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(
        json.dumps(outcome.body, ensure_ascii=False),
        outcome.status,
        headers,
        media_type="application/json",
    )


async def read_json(request: Request) -> tuple[bytes, dict[str, Any]]:
    """Read a JSON object from the body; returns its bytes too.

    Raises:
        InputError: when it is no JSON object.
        UnsupportedMediaType: when it says that it is something else.
    """
    kind = body.media_type(request.headers.get("content-type"))
    if kind != "application/json":
        raise UnsupportedMediaType(
            f"the body is {kind or 'without a media type'}", hint="Send application/json."
        )
    declared = request.headers.get("content-length")
    data = await body.read(request.receive, MAX_DECISION_BYTES, declared)
    try:
        said = json.loads(body.text(data))
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is no JSON: {error}", hint="Send a JSON object.") from None
    if not isinstance(said, dict):
        raise InputError("the body is no JSON object", hint='Send {"reason": "..."}.')
    return data, said


def reason_of(said: Mapping[str, Any]) -> str:
    """Return the reason that a decision gives.

    Raises:
        BadParameter: when it gives none, or a very long one.
    """
    reason = said.get("reason")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > MAX_REASON:
        raise BadParameter(
            f"reason is missing, empty, or longer than {MAX_REASON} characters",
            hint="Say in one sentence why.",
            parameter="reason",
        )
    return reason.strip()


def _one_of(given: Mapping[str, str], name: str, meanings: Mapping[str | None, bool]) -> bool:
    text = given.get(name)
    if text not in meanings:
        known = ", ".join(m for m in meanings if m)
        raise BadParameter(f"{name} is {text!r}", hint=f"Give one of: {known}.", parameter=name)
    return meanings[text]
