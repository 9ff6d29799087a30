"""Who asks for a write: the bearer token of a request, and the conditions that it sets."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request

from mineralgraph.api.service import Service
from mineralgraph.errors import Forbidden, InputError, Unauthorized
from mineralgraph.rdf.identifiers import digest
from mineralgraph.submissions.requests import Asking
from mineralgraph.submissions.tokens import Token
from mineralgraph.submissions.writer import Writer

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_TAG: Final = re.compile(r'\s*(?:(W/)?"([^"]*)"|(\*))\s*')


def authorise(service: Service, request: Request) -> Token:
    """Return the token that a request bears.

    Raises:
        Forbidden: when the service has no token at all, so that writes are off.
        Unauthorized: when the request bears no token or a wrong one.
    """
    if not service.tokens:
        raise Forbidden(
            "writes are off, because no token is configured",
            hint="Start the service with MINERALGRAPH_TOKEN or MINERALGRAPH_TOKEN_FILE.",
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise Unauthorized("this needs a bearer token")
    token = service.tokens.find(given.strip())
    if token is None:
        raise Unauthorized("the token is not known")
    return token


def writer_of(service: Service) -> Writer:
    """Return the writer.

    Raises:
        Forbidden: when this service only reads.
    """
    if service.raw is not None:
        raise Forbidden(
            "the gate is off, so nothing can go through it",
            hint="On a scratch store, write with /update or /data.",
        )
    if service.writer is None:
        raise Forbidden("this service only reads", hint="Ask the service that owns the store.")
    return service.writer


def asking(token: Token, request: Request, data: bytes, *, dry: bool = False) -> Asking:
    """Return what a request to write asks, besides its content.

    Raises:
        InputError: when a condition is malformed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise InputError(
            "the Idempotency-Key is not 1 to 255 visible ASCII characters",
            hint="Use a UUID, for example.",
        )
    parts = (
        request.method, request.url.path, request.scope.get("query_string", b"").decode("latin-1"),
        request.headers.get("content-type", ""),
    )  # fmt: skip
    said = digest("\0".join(parts).encode() + b"\0" + data)
    return Asking(token, _versions(request.headers.get("if-match")), key, said, dry)


def _versions(header: str | None) -> frozenset[str] | None:
    """Read If-Match (RFC 9110 section 13.1.1); weak tags never match.

    Raises:
        InputError: when it is malformed.
    """
    if header is None:
        return None
    found, position = set(), 0
    while position < len(header):
        match = _TAG.match(header, position)
        if match is None:
            raise InputError(
                "If-Match is malformed",
                hint='Send the Mineralgraph-Dataset-Version in quotes, such as If-Match: "0a1b".',
            )
        if not match[1]:
            found.add(match[3] or match[2])
        position = match.end()
        position += header[position : position + 1] == ","
    return frozenset(found)
