"""What a request to ``/sparql`` asks (SPARQL 1.1 Protocol, section 2.1), decoded once."""

from __future__ import annotations

from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from mineralgraph.api import marking, points
from mineralgraph.api.http import body
from mineralgraph.api.points import Point
from mineralgraph.errors import InputError, QueryRefused, UnsupportedMediaType
from mineralgraph.store.base import WHOLE, Dataset

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
_ONCE: Final = (*points.NAMES, marking.SOURCES)


class Incoming(NamedTuple):
    """A request as it came; equal ones have equal answers on one dataset version."""

    method: str
    query_string: bytes
    content_type: str | None
    accept: str | None
    host: str
    scheme: str
    suffix: str | None
    data: bytes


class Asked(NamedTuple):
    """One protocol request, decoded.

    Attributes:
        query: None asks for the service description.
        format: what ``format=`` says.
        point: from which day, and on which version.
        sources: whether each row also carries what it rests on.
        fields: the fields of the GET request that is equal to it.
    """

    query: str | None
    dataset: Dataset
    format: str | None
    point: Point
    sources: bool
    fields: body.Fields


def read(incoming: Incoming) -> Asked:
    """Decode a protocol request, each way in once.

    Raises:
        InputError: when it is not UTF-8, has no query in a POST, or several.
        QueryRefused: when it is an update.
        UnsupportedMediaType: when the body is neither a form nor a query.
    """
    if incoming.method == "GET":
        query = body.only(incoming.query_string, b"query=")
        if query is not None:  # as in most requests
            return Asked(query, WHOLE, None, points.NEWEST, False, [("query", query)])
    in_url = body.fields(incoming.query_string)
    if incoming.method == "GET":
        return _asked(in_url, body.one(in_url, "query"))
    kind = body.media_type(incoming.content_type)
    if kind == FORM:
        given = body.fields(incoming.data)
        query = body.one(given, "query")
        if query is None:
            _refuse_update(given)
            raise InputError("the form has no field 'query'", hint="Send query=... in the form.")
        return _asked([*given, *(f for f in in_url if f[0] != "query")], query)
    if kind == DIRECT:
        return _asked(in_url, body.text(incoming.data))
    if kind == "application/sparql-update":
        _refuse_update([("update", "")])
    raise UnsupportedMediaType(
        f"the body is {kind or 'without a media type'}", hint=f"Send {FORM} or {DIRECT}."
    )


def _refuse_update(given: body.Fields) -> None:
    if any(name == "update" for name, _ in given):
        raise QueryRefused(
            "this is an update, and this endpoint only reads",
            hint="New claims go through the gate: POST them to /submissions.",
        )


def _asked(given: body.Fields, query: str | None) -> Asked:
    if query is None:
        _refuse_update(given)
    others = [field for field in given if field[0] != "query"]
    fields = [("query", query or ""), *others]
    if not others:
        return Asked(query, WHOLE, None, points.NEWEST, False, fields)
    dataset = Dataset(_graphs(given, "default-graph-uri"), _graphs(given, "named-graph-uri"))
    named = {name: body.one(given, name) for name in _ONCE}
    known = {name: value for name, value in named.items() if value is not None}
    point, sources = points.read(known), marking.wanted(known)
    return Asked(query, dataset, body.one(given, "format"), point, sources, fields)


def _graphs(given: body.Fields, name: str) -> tuple[NamedNode, ...]:
    try:
        return tuple(NamedNode(value) for key, value in given if key == name)
    except ValueError as error:
        raise InputError(f"{name}: {error}", hint="Give an absolute IRI.", parameter=name) from None
