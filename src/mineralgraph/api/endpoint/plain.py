"""Recognising a plain request to ``/sparql`` in the bytes that a connection has received.

This is no HTTP parser: it knows a small part of what HTTP/1.1 allows (RFC 9112), the part that
nearly every client sends, and knows it strictly. What it recognises means the same to every
parser; all else it leaves to the server's own (a request in pieces, several at once, encodings
of the message, upgrades, expectations, odd characters).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_HEAD: Final = re.compile(
    rb"(GET|POST) /sparql(?:\?([A-Za-z0-9%&=+._~!$'()*,;:@/?-]*+))? HTTP/1\.1\r\n"
    rb"((?:[A-Za-z][A-Za-z0-9-]*+: [!-~](?:[ -~]*[!-~])?\r\n)*+)\r\n"
)
_FIELD: Final = re.compile(rb"([^:]++): ([^\r]++)\r\n")
_KEPT_BYTES: Final = 1024
# With these a message is more than its head and a body of known length, or a proxy speaks.
_NOT_PLAIN: Final = frozenset(
    (
        b"expect", b"forwarded", b"te", b"trailer", b"transfer-encoding", b"upgrade",
        b"http2-settings", b"x-forwarded-for", b"x-forwarded-proto",
    )
)  # fmt: skip


class Plain(NamedTuple):
    """A request, whole.

    Attributes:
        headers: by name in lower case; the last one of a name, as everywhere in the service.
        learnable: whether the same bytes may get the same answer again, from anybody.
    """

    method: str
    query_string: bytes
    headers: Mapping[bytes, str]
    body: bytes
    learnable: bool


def recognise(data: bytes) -> Plain | None:
    """Return the plain request that these bytes are; None where they are more, less, or odd."""
    head = _HEAD.match(data)
    if head is None:
        return None
    method, query_string, block = head.groups(b"")
    headers = _kept_headers(block) if len(block) <= _KEPT_BYTES else _headers(block)
    if headers is None:
        return None
    body = data[head.end() :]
    if method == b"GET":
        if body or b"content-length" in headers:
            return None
        learnable = b"authorization" not in headers and b"x-request-id" not in headers
        return Plain("GET", query_string, headers, b"", learnable)
    length = headers.get(b"content-length", "")
    if not (length.isdigit() and len(length) < 10 and int(length) == len(body)):
        return None
    return Plain("POST", query_string, headers, body, False)


def _headers(block: bytes) -> Mapping[bytes, str] | None:
    """Return the header fields of a plain request; None where it is none."""
    headers = {}
    for name, value in _FIELD.findall(block):
        name = name.lower()  # noqa: PLW2901
        if name in _NOT_PLAIN or (name == b"content-length" and name in headers):
            return None
        headers[name] = value.decode("ascii")
    plain = headers.get(b"connection", "keep-alive").lower() == "keep-alive"
    return headers if plain else None


_kept_headers = lru_cache(256)(_headers)
"""A client sends the same header with most of its requests."""
