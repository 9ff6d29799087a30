"""What the operations of the API have in common: parameters, answers, and their OpenAPI form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request

from mineralgraph.api.answers import Made
from mineralgraph.api.http import body, exchange, negotiation, paging
from mineralgraph.api.http.negotiation import Chosen, Offer, T
from mineralgraph.api.http.paging import DEFAULT_LIMIT, MAX_LIMIT, Window
from mineralgraph.api.things import THING_OFFERS
from mineralgraph.errors import BadParameter

Json = dict[str, Any]

TEXT: Final[Json] = {"schema": {"type": "string"}}
OBJECT: Final[Json] = {"schema": {"type": "object"}}
ANY: Final[Json] = {"schema": {}}
ROWS: Final[Json] = {"schema": {"$ref": "#/components/schemas/Rows"}}
SCHEMAS: Final[Json] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457 problem details; further members depend on the type.",
        "required": ["type", "title", "status", "detail", "hint"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "hint": {"type": "string", "description": "What to do next."},
            "request_id": {"type": "string"},
            "line": {"type": ["integer", "null"]},
            "column": {"type": ["integer", "null"]},
            "parameter": {"type": "string"},
        },
    },
    "Rows": {
        "type": "object",
        "required": ["columns", "rows", "truncated", "links", "version"],
        "properties": {
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": {"type": "object"}},
            "truncated": {"type": "boolean", "description": "Whether more rows follow."},
            "total": {
                "type": "integer",
                "description": "The number of rows on all pages. Only where it is known without "
                "further work: on the last page, and so where one page holds them all.",
            },
            "links": {
                "type": "object",
                "properties": {
                    rel: {"type": ["string", "null"]}
                    for rel in ("self", "permalink", "first", "prev", "next")
                },
            },
            "version": {"type": "string", "description": "The dataset version."},
        },
    },
    "Report": {
        "type": "object",
        "required": ["conforms", "checked", "findings"],
        "properties": {
            "conforms": {"type": "boolean"},
            "checked": {"type": "object"},
            "findings": {"type": "array", "items": {"type": "object"}},
        },
    },
}
FORMAT: Final[Json] = {
    "name": "format",
    "in": "query",
    "required": False,
    "description": "Name of the format; wins over the Accept header.",
    "schema": {"type": "string"},
}
VERSION: Final[Json] = {
    "name": "version",
    "in": "query",
    "required": False,
    "description": "Answer on this dataset version; 410 when it is no longer kept.",
    "schema": {"type": "string"},
}
WINDOW: Final[list[Json]] = [
    {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "Rows to a page.",
        "schema": {
            "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT
        },
    },
    {
        "name": "offset",
        "in": "query",
        "required": False,
        "description": "Rows to pass over.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 10**9, "default": 0},
    },
]  # fmt: skip
PAGED: Final[Json] = {
    "Link": {
        "description": "RFC 8288 links: self, canonical (the permalink), first, prev, next.",
        "schema": {"type": "string"},
    },
    "Mineralgraph-Truncated": {
        "description": "Whether more rows follow; not with application/json, which says it inside.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    "Mineralgraph-Total": {
        "description": "The number of rows on all pages, where it is known, as for total in JSON.",
        "schema": {"type": "integer"},
    },
}


def responses(
    content: Mapping[str, Json], *statuses: int, headers: Json | None = None, ok: int = 200
) -> dict[int | str, Json]:
    """Return the declared answers of an operation.

    Args:
        content: media type → schema of the good answer.
        statuses: the other statuses; those from 400 on are problem documents.
        headers: further headers of the good answer.
        ok: status of the good answer.
    """
    good: Json = {"description": HTTPStatus(ok).phrase}
    if content:
        good["content"] = dict(content)
    if headers:
        good["headers"] = headers
    found: dict[int | str, Json] = {ok: good}
    for status in sorted({*statuses, 500, 503}):
        answer: Json = {"description": HTTPStatus(status).phrase}
        if status >= 400:
            reference = {"$ref": "#/components/schemas/Problem"}
            answer["content"] = {"application/problem+json": {"schema": reference}}
        found[status] = answer
    return found


def typed(schema: Json, text: str) -> str | int | bool:
    """Return an example or default in the JSON type that its schema names."""
    if schema.get("type") == "integer":
        return int(text)
    return text in ("true", "1") if schema.get("type") == "boolean" else text


def fields(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of a request, each name once; a file suffix is its ``format``.

    So the links to other pages keep the format that the address of this one names.

    Raises:
        BadParameter: when a name is given twice.
        InputError: when they are not UTF-8.
    """
    given = body.fields(request.scope.get("query_string", b""))
    names = [name for name, _ in given]
    for name in names:
        if names.count(name) > 1:
            raise BadParameter(
                f"the parameter {name!r} is given {names.count(name)} times",
                hint="Give it once.",
                parameter=name,
            )
    suffix = exchange.of(request.scope).suffix
    if suffix is not None and "format" not in names:
        given.append(("format", suffix))
    return given


def known_only(request: Request, names: Sequence[str]) -> dict[str, str]:
    """Return the parameters of a request that takes only ``names``.

    Raises:
        BadParameter: for any other.
    """
    given = dict(fields(request))
    for name in given:
        if name not in names:
            accepted = ", ".join(names) or "none"
            raise BadParameter(
                f"there is no parameter {name!r} here",
                hint=f"It takes: {accepted}.",
                parameter=name,
            )
    return given


def filled(request: Request, names: Sequence[str]) -> dict[str, str]:
    """Return the parameters like ``known_only``, without those that a form left empty."""
    return {name: value for name, value in known_only(request, names).items() if value}


def format_of(request: Request, given: Mapping[str, str]) -> str | None:
    """Return the format asked for by ``format=`` or by a file suffix."""
    return given.get("format") or exchange.of(request.scope).suffix


def chosen(request: Request, given: Mapping[str, str], offers: Sequence[Offer[T]]) -> Chosen[T]:
    """Choose what to answer with: by ``format=`` or a file suffix, else by ``Accept``.

    Raises:
        NotAcceptable: when nothing that is offered is wanted.
    """
    accept = request.headers.get("accept")
    return negotiation.choose(offers, accept, format_of(request, given))


def whole_number(text: str | None, name: str, default: int, least: int, most: int) -> int:
    """Read a number parameter.

    Raises:
        BadParameter: when it is no whole number between ``least`` and ``most``.
    """
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
        return int(text)
    raise BadParameter(
        f"parameter {name!r}: {text[:60]!r} is not a whole number from {least} to {most}",
        hint=f"Give a number from {least} to {most}.",
        parameter=name,
    )


def window_of(given: Mapping[str, str], default: int = 100) -> Window:
    """Return the window that ``limit`` and ``offset`` ask for."""
    return Window(
        whole_number(given.get("limit"), "limit", default, 1, MAX_LIMIT),
        whole_number(given.get("offset"), "offset", 0, 0, 10**9),
    )


def rows(
    columns: Sequence[str],
    found: Sequence[Mapping[str, Any]],
    links: dict[str, str | None],
    version: str,
    *,
    more: bool,
    total: int | None = None,
    about: Mapping[str, Any] | None = None,
) -> Made:
    """Return rows in the pinned JSON form, with the Link header.

    ``total`` is the number of rows on all pages, where it is known; ``about`` has further
    members of the document.
    """
    document = {
        "columns": list(columns),
        "rows": list(found),
        "truncated": more,
        **({} if total is None else {"total": total}),
        "links": links,
        "version": version,
        **(about or {}),
    }
    content = json.dumps(document, ensure_ascii=False).encode()
    return Made(content, version, {"Link": paging.link_header(links)})


def listed(
    request: Request,
    columns: Sequence[str],
    found: Sequence[Json],
    shown: Window,
    version: str,
    *,
    about: Mapping[str, Any] | None = None,
) -> Made:
    """Return one page of a list that is at hand as a whole, in the pinned JSON form."""
    page = found[shown.offset : shown.offset + shown.limit]
    links = links_of(request, len(found), shown, version)
    more = links["next"] is not None
    return rows(columns, page, links, version, more=more, total=len(found), about=about)


def links_of(request: Request, total: int, shown: Window, version: str) -> dict[str, str | None]:
    """Return the links of one page of a list of ``total`` rows."""
    more = total > shown.offset + shown.limit
    return paging.links(request.url.path, fields(request), shown, version, more=more)


def at_most(text: str | None, name: str, length: int) -> None:
    """Refuse a text parameter that is too long.

    Raises:
        BadParameter: when it is longer than ``length``.
    """
    if text is not None and len(text) > length:
        raise BadParameter(
            f"parameter {name!r} is longer than {length} characters",
            hint="Shorten it.",
            parameter=name,
        )


def one_of(text: str | None, name: str, choices: Sequence[str]) -> None:
    """Refuse a parameter that is none of its choices.

    Raises:
        BadParameter: when it is given and not among them.
    """
    if text is not None and text not in choices:
        raise BadParameter(
            f"parameter {name!r}: {text[:60]!r} is not one of {', '.join(choices)}",
            hint="Give one of these, or leave it out.",
            parameter=name,
        )


def query_parameter(name: str, description: str, example: str, *, max_length: int = 2000) -> Json:
    """Return an optional text parameter for OpenAPI."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string", "maxLength": max_length},
        "example": example,
    }


def path_parameter(name: str, description: str, example: str) -> Json:
    """Return a path parameter for OpenAPI."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def formats_of(offers: Sequence[Offer[Any]]) -> Json:
    """Return the ``format`` parameter for OpenAPI, with the names that are offered."""
    return {**FORMAT, "schema": {"type": "string", "enum": [offer.name for offer in offers]}}


def thing_responses() -> dict[int | str, Json]:
    """Return the declared answers of a route about one thing."""
    content = {offer.media_type: TEXT for offer in THING_OFFERS}
    content["application/json"] = OBJECT
    content["application/ld+json"] = ANY
    return responses(content, 304, 404, 406, 410, 422, 504)
